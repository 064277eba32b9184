"""Do the unsigned parts of a container hang together?

A CMS signature does not protect the list of digest algorithms, parameters of algorithms, versions, the name that the
signer is found by or the certificates beside the signer's. Damage there would otherwise go unnoticed; a container that
contradicts itself is at best INDETERMINATE.

What cannot be seen here makes nothing better: an unsigned attribute whose name was changed counts as taken away, and a
certificate that no path needs, without its issuer beside it, as any other stranger.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from signing.keys.der import NULL, SEQUENCE, DerError
from signing.validation.ber import Element, only_element, read_element
from signing.validation.certificate_parts import CertificateParts, issuer_key, read_parts
from signing.validation.container import Container
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import Content, dotted
from signing.validation.outline import NameKey, name_key, read_outline
from signing.validation.public_keys import read_public_key
from signing.validation.schemes import read_algorithm, read_scheme
from signing.validation.signature_values import value_holds
from signing.validation.signed_data import SignedData, SignerPart

MAX_CERTIFICATES_COMPARED = 32
MAX_CERTIFICATES_ELSEWHERE: Final = 500
MAX_ISSUERS_ELSEWHERE: Final = 8
_PARAMETERS_ARE_READ: Final = frozenset(
    {"1.2.840.113549.1.1.10", "2.16.840.1.101.3.4.2.17", "2.16.840.1.101.3.4.2.18", "1.2.840.10045.4.3"}
)
"""RSASSA-PSS, SHAKE with a length and ECDSA with a digest beside it: theirs count when the value is checked."""
_ATTRIBUTE_V1, _ATTRIBUTE_V2, _OTHER = 0xA1, 0xA2, 0xA3
_LIST: Final = 0x30
_WRITTEN_ANEW: Final = frozenset({0x0C, 0x13, 0x1E})
"""UTF8String, PrintableString and BMPString: what writers choose between when they write a name again."""


def incoherence(container: Container, others: Iterable[bytes] = ()) -> str | None:
    """What does not fit inside the container, or None.

    Args:
        container: the signature.
        others: DER certificates from elsewhere: an issuer may lie there, and one of its name in the container.
    """
    parts, signer = container.parts, container.part
    if parts is None or signer is None:
        return None  # a bare value has nothing beside it
    unfit = _algorithms_fault(parts, signer)
    if unfit:
        return unfit
    if not _names_its_signer(signer, container):
        return "the issuer is spelled differently in the signer's certificate"
    if signer.version != _signer_version(signer):
        return "the version of the signature is not that of its form"
    if parts.version not in _container_versions(parts, signer):
        return "the version of the container is not that of its content"
    return _digests_differ(container) or _certificates_fault(container.certificates[:MAX_CERTIFICATES_COMPARED], others)


def _algorithms_fault(parts: SignedData, signer: SignerPart) -> str | None:
    """RFC 5652 §5.1: the list of digests is for whoever reads the content once; it has to hold the signer's."""
    try:
        named = [read_algorithm(one)[0] for one in parts.digest_algorithms]
        if read_algorithm(signer.digest_algorithm)[0] not in named:
            return "the digest algorithm is not among those of the container"
        identifiers = (*parts.digest_algorithms, signer.digest_algorithm, signer.signature_algorithm)
        if any(_has_odd_parameters(one) for one in identifiers):
            return "an algorithm has parameters that it does not take"
    except DerError:  # beside the signer's own, which was read before, the list may hold anything
        return "the list of digest algorithms holds something else"
    return None


def _has_odd_parameters(identifier: bytes) -> bool:
    """RFC 5754 §2 and §3: absent or NULL; everybody takes both, and nobody reads them, so nothing else may stand there.

    Those of RSASSA-PSS and SHAKE are read when the signature is checked.
    """
    number, *parameters = only_element(identifier, SEQUENCE).children()
    if dotted(number.content) in _PARAMETERS_ARE_READ:
        return False
    return any(one.tag != NULL or one.content for one in parameters)


def _digests_differ(container: Container) -> str | None:
    """RFC 5652 §5.4 and RFC 4056 §3: one digest for content and attributes."""
    scheme = container.scheme
    if scheme is None or scheme.digest == container.digest:  # which is also that of schemes without one
        return None
    return "the signature algorithm names another digest than the signature"


def _names_its_signer(signer: SignerPart, container: Container) -> bool:
    """Letter for letter, though names are matched without case (RFC 5280 §7.1): who writes one copies it.

    The kind of string may differ: some write names anew.
    """
    if signer.identifier.tag != SEQUENCE:
        return True
    named, certificate = signer.identifier.children()[0], read_parts(container.leaf)
    return named.raw == certificate.issuer or _spelled(named) == _spelled(read_element(certificate.issuer))


def _spelled(name: Element) -> list[list[tuple[bytes, int, str]]]:
    return [sorted(_pair(*pair.children()) for pair in parts.children()) for parts in name.children()]


def _pair(kind: Element, value: Element) -> tuple[bytes, int, str]:
    encoding = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}.get(value.tag, "utf-8")
    return kind.content, 0 if value.tag in _WRITTEN_ANEW else value.tag, value.content.decode(encoding)


def _signer_version(signer: SignerPart) -> int:
    """RFC 5652 §5.3: the way the signer is named fixes the version, since PKCS #7 v1.5 (RFC 2315 §9.2)."""
    return 1 if signer.identifier.tag == SEQUENCE else 3


def _container_versions(parts: SignedData, signer: SignerPart) -> set[int]:
    """RFC 5652 §5.1: what the container holds fixes its version, in this order.

    Bouncy Castle, OpenSSL (cms and ts), pyHanko and .NET follow the rule; what writes PKCS #7 (Adobe, iText: 1 always)
    only makes containers for which the rule says 1 too, except with answers beside the lists.
    """
    is_plain = parts.content_type == "1.2.840.113549.1.7.1" and _signer_version(signer) == 1
    if _OTHER in parts.certificate_forms:
        return {5}
    if any(one.tag != _LIST for one in parts.lists):
        return {5, 1} if is_plain else {5}
    if _ATTRIBUTE_V2 in parts.certificate_forms:
        return {4}
    return {1} if is_plain and _ATTRIBUTE_V1 not in parts.certificate_forms else {3}


def _certificates_fault(certificates: tuple[bytes, ...], others: Iterable[bytes]) -> str | None:
    try:
        parsed = [_parsed(der) for der in certificates]
        subjects = _by_subject(parsed)
        elsewhere: dict[NameKey, list[CertificateParts]] | None = None
        for certificate in parsed:
            if _fits(certificate, subjects.get(name_key(certificate.issuer), [])):
                continue
            if elsewhere is None:
                elsewhere = _by_subject(_readable(others))
            issuers = elsewhere.get(name_key(certificate.issuer), [])[:MAX_ISSUERS_ELSEWHERE]
            if not any(_may_be_signed_by(certificate, issuer) for issuer in issuers):
                return "a certificate of the container is damaged"
    except (ValueError, IndexError):  # DerError too
        return "a certificate of the container does not decode"
    return None


def _by_subject(certificates: Iterable[CertificateParts]) -> dict[NameKey, list[CertificateParts]]:
    found: dict[NameKey, list[CertificateParts]] = {}
    for certificate in certificates:
        found.setdefault(name_key(certificate.subject), []).append(certificate)
    return found


def _readable(others: Iterable[bytes]) -> Iterable[CertificateParts]:
    for der in islice(others, MAX_CERTIFICATES_ELSEWHERE):
        try:
            one = read_parts(der)
            name_key(one.subject)
        except (ValueError, IndexError):  # DerError too
            continue
        yield one


def _fits(certificate: CertificateParts, issuers: list[CertificateParts]) -> bool:
    """Whether one of the authorities of that name beside signed a certificate, or it names another key than theirs.

    An authority that renews its key keeps its name; the certificate tells by an identifier which key is meant (RFC 5280
    §4.2.1.1). One damaged octet of that does not name another key.
    """
    if not issuers or any(_may_be_signed_by(certificate, issuer) for issuer in issuers):
        return True
    wanted = issuer_key(certificate)
    return bool(wanted) and all(_is_other(wanted, issuer.key_identifier) for issuer in issuers)


def _is_other(wanted: bytes, own: bytes) -> bool:
    return bool(own) and (len(own) != len(wanted) or sum(a != b for a, b in zip(own, wanted, strict=True)) > 1)


def _parsed(der: bytes) -> CertificateParts:
    read_outline(der)  # strict DER to the end
    return read_parts(der)


def _may_be_signed_by(certificate: CertificateParts, issuer: CertificateParts) -> bool:
    try:
        scheme, key = read_scheme(certificate.algorithm, ""), read_public_key(issuer.key)
        return value_holds(scheme, key, certificate.value, Content((certificate.tbs,)))
    except UnknownAlgorithmError:
        return True
