"""Do the unsigned parts of a container hang together?

A CMS signature does not protect the list of digest algorithms, parameters of algorithms, versions, the name that the
signer is found by or the certificates beside the signer's. Damage there would otherwise go unnoticed; a container that
contradicts itself is at best INDETERMINATE.

What cannot be seen here makes nothing better: an unsigned attribute whose name was changed counts as taken away, and a
certificate that no path needs, without its issuer beside it, as any other stranger.
"""

from collections.abc import Iterable

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.errors import AlgorithmNotSupported, DSAParametersUnavailable
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from signing.validation.candidates import load_certificate
from signing.validation.container import Container

MAX_CERTIFICATES_COMPARED = 32
_PARAMETERS_ARE_READ = {"rsassa_pss", "shake256_len"}
_NULL = b"\x05\x00"
_ATTRIBUTE_CERTIFICATE_V1, _ATTRIBUTE_CERTIFICATE_V2 = "v1_attr_cert", "v2_attr_cert"
_UNDECODABLE = (ValueError, TypeError, KeyError, AssertionError, AttributeError, OverflowError)


def incoherence(container: Container) -> str | None:
    """What does not fit inside the container, or None."""
    digests = {str(a["algorithm"].native).lower() for a in container.signed["digest_algorithms"]}
    if container.digest not in digests:
        return "the digest algorithm is not among those of the container"
    named = [*container.signed["digest_algorithms"], container.signer["digest_algorithm"]]
    if any(_has_odd_parameters(one) for one in (*named, container.signer["signature_algorithm"])):
        return "an algorithm has parameters that it does not take"
    if not _names_its_signer(container):
        return "the issuer is spelled differently in the signer's certificate"
    if container.signer["version"].native != _signer_version(container.signer):
        return "the version of the signature is not that of its form"
    if container.signed["version"].native != _container_version(container):
        return "the version of the container is not that of its content"
    return _certificates_fault(container.certificates[:MAX_CERTIFICATES_COMPARED])


def _has_odd_parameters(algorithm: core.Sequence) -> bool:
    """RFC 5754 §2 and §3: absent or NULL; everybody takes both, and nobody reads them, so nothing else may stand there.

    Those of RSASSA-PSS and SHAKE are read when the signature is checked.
    """
    oid = algorithm["algorithm"]
    if oid.native in _PARAMETERS_ARE_READ:
        return False
    return algorithm.contents[len(oid.dump()) :] not in {b"", _NULL}


def _names_its_signer(container: Container) -> bool:
    """Letter for letter, though names are matched without case (RFC 5280 §7.1): who writes one copies it.

    The kind of string may differ: some write names anew.
    """
    named = container.signer["sid"]
    if named.name != "issuer_and_serial_number":
        return True
    return _spelled(named.chosen["issuer"]) == _spelled(container.certificate.issuer)


def _spelled(name: asn1_x509.Name) -> list[list[tuple[str, str]]]:
    return [sorted((part["type"].dotted, str(part["value"].native)) for part in parts) for parts in name.chosen]


def _signer_version(signer: cms.SignerInfo) -> str:
    """RFC 5652 §5.3: the way the signer is named fixes the version, since PKCS #7 v1.5 (RFC 2315 §9.2)."""
    return "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"


def _container_version(container: Container) -> str:
    """RFC 5652 §5.1: what the container holds fixes its version, in this order.

    Bouncy Castle, OpenSSL (cms and ts), pyHanko and .NET follow the rule; what writes PKCS #7 (Adobe, iText: 1 always)
    only makes containers for which the rule says 1 too.
    """
    certificates, lists = _forms(container.signed["certificates"]), _forms(container.signed["crls"])
    if "other" in certificates | lists:
        return "v5"
    if _ATTRIBUTE_CERTIFICATE_V2 in certificates:
        return "v4"
    is_plain = container.content_type == "data" and _signer_version(container.signer) == "v1"
    return "v1" if is_plain and _ATTRIBUTE_CERTIFICATE_V1 not in certificates else "v3"


def _forms(choices: Iterable[core.Choice]) -> set[str]:
    return {str(choice.name) for choice in choices}  # a part that is not there has nothing in it


def _certificates_fault(certificates: tuple[bytes, ...]) -> str | None:
    try:
        parsed = [load_certificate(der) for der in certificates]
        subjects: dict[str, list[asn1_x509.Certificate]] = {}
        for certificate in parsed:
            subjects.setdefault(certificate.subject.hashable, []).append(certificate)
        for certificate in parsed:
            issuers = subjects.get(certificate.issuer.hashable, [])
            if issuers and not any(_may_be_signed_by(certificate, issuer) for issuer in issuers):
                return "a certificate of the container is damaged"
    except _UNDECODABLE:
        return "a certificate of the container does not decode"
    return None


def _may_be_signed_by(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    try:
        DefaultSignatureValidator().validate_signature(
            signature=certificate["signature_value"].native,
            signed_data=certificate["tbs_certificate"].dump(),
            public_key_info=issuer.public_key,
            signature_algorithm=certificate["signature_algorithm"],
        )
    except (AlgorithmNotSupported, DSAParametersUnavailable):
        return True
    except InvalidSignature:
        return False
    return True
