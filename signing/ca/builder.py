"""From a template to the certificate as it would be signed: names, extensions and pointers of its profile.

Knows X.509 and the profiles. Touches no key: what comes out is the to-be-signed part, byte for byte what the real key
will sign. What all certificates of one kind share is put together once and kept; the rest is written into it as DER
(ADR 0013). A general library writes the same bytes ten times slower; the tests compare both.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from signing.ca.subject import subject_name
from signing.identity import Scope, Subject, encode_scope, encode_secondary
from signing.keys import Credential, SignatureAlgorithm
from signing.keys.der import (
    ALGORITHM_IDENTIFIER,
    BIT_STRING,
    OCTET_STRING,
    SEQUENCE,
    DerReader,
    generalized_time,
    integer,
    oid,
    time,
    tlv,
)
from signing.profiles import (
    EXTENSION_OIDS,
    AuthorityName,
    ExtensionRule,
    Profile,
    Site,
    granted_policies,
    statements_of,
)
from signing.revocation.shards import shard_for

_VERSION_3: Final = bytes.fromhex("a003020102")
_EXTENSIONS: Final = 0xA3
_CRITICAL: Final = b"\x01\x01\xff"
_P256_SPKI: Final = (91, 26)
"""Size of a SubjectPublicKeyInfo of P-256, and where its point begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority that issues: its name in the hierarchy and the credential it signs with."""

    name: AuthorityName
    credential: Credential

    @property
    def certificate(self) -> x509.Certificate:
        """The authority's own certificate."""
        return x509.load_der_x509_certificate(self.credential.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateTemplate:
    """Everything that is decided before a certificate is built. Names come from the registration record."""

    profile: Profile
    subject: Subject
    public_key: bytes
    """SubjectPublicKeyInfo, DER; the store that holds the private key made it, or a checked request proves it."""
    serial: int
    not_before: datetime
    not_after: datetime
    ordinal: int = 1
    primary_sha256: str | None = None
    scope: Scope = Scope()  # noqa: RUF009 - a frozen value
    authority: AuthorityName | None = None
    """Which authority the certificate makes, if it makes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What a form depends on."""

    profile: Profile
    site: Site
    issuer: AuthorityName
    """Of a root: itself."""
    certificate: bytes | None
    """The issuer's, DER; None for a root."""
    algorithm: SignatureAlgorithm
    authority: AuthorityName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What all certificates of one kind under one issuer share."""

    head: bytes
    """Algorithm identifier and the issuer's name; of a root the identifier alone."""
    extensions: tuple[bytes | ExtensionRule, ...]
    """Extensions as elements; those whose value is another in every certificate as their rule."""


def build_certificate(
    template: CertificateTemplate, site: Site, issuer: Authority | None, algorithm: SignatureAlgorithm
) -> bytes:
    """Return the to-be-signed part (TBSCertificate, DER).

    Args:
        template: what it says.
        site: where its pointers lead.
        issuer: who issues it; None for a root, which names itself.
        algorithm: the issuer's.

    Raises:
        NameInvalid: a name cannot stand in a certificate.
        DerError: the public key is not the DER of one.
    """
    kind = _Kind(
        profile=template.profile,
        site=site,
        issuer=issuer.name if issuer is not None else AuthorityName.ROOT,
        certificate=issuer.credential.certificate if issuer is not None else None,
        algorithm=algorithm,
        authority=template.authority,
    )
    form = _form(kind)
    subject = subject_name(template.subject)
    extensions = [part if isinstance(part, bytes) else _varying(part, template, kind) for part in form.extensions]
    return tlv(
        SEQUENCE,
        _VERSION_3,
        integer(template.serial),
        form.head if issuer is not None else form.head + subject,
        tlv(SEQUENCE, _time(template.not_before), _time(template.not_after)),
        subject,
        template.public_key,
        tlv(_EXTENSIONS, tlv(SEQUENCE, *extensions)),
    )


_time = lru_cache(maxsize=256)(time)


def _varying(rule: ExtensionRule, template: CertificateTemplate, kind: _Kind) -> bytes:
    """Return an extension whose value is another in every certificate; nothing where an optional one does not apply."""
    name = rule.name
    if name == "subject_key_identifier":
        # RFC 5280 §4.2.1.2 method 1
        digest = hashlib.sha1(_key_octets(template.public_key), usedforsecurity=False).digest()
        return _extension(rule, EXTENSION_OIDS[name], tlv(OCTET_STRING, digest))
    if name == "crl_distribution_points":
        return _extension(rule, EXTENSION_OIDS[name], _list_pointer(template.serial, kind))
    if name == "private_key_usage_period":
        last = template.not_before + (template.profile.key_use or timedelta(0))
        period = (b"\x80" + generalized_time(template.not_before)[1:], b"\x81" + generalized_time(last)[1:])
        return _extension(rule, EXTENSION_OIDS[name], tlv(SEQUENCE, *period))
    if name == "scope":
        if template.scope.is_unlimited:
            return b""
        return _extension(rule, kind.site.arc.scope_extension, encode_scope(template.scope))
    value = encode_secondary(template.ordinal, template.primary_sha256 or "")
    return _extension(rule, kind.site.arc.secondary_extension, value)


def _list_pointer(serial: int, kind: _Kind) -> bytes:
    authority = kind.issuer.value
    address = kind.site.crl_url(authority, shard_for(authority, serial, kind.site.crl_shards))
    names = tlv(0xA0, tlv(0xA0, tlv(0x86, address.encode())))  # DistributionPoint [0], fullName [0], URI [6]
    return tlv(SEQUENCE, tlv(SEQUENCE, names))


def _key_octets(spki: bytes) -> bytes:
    size, begin = _P256_SPKI
    if len(spki) == size:
        return spki[begin:]
    reader = DerReader(spki).inside(SEQUENCE)
    reader.element(SEQUENCE)
    return reader.content(BIT_STRING)[1:]


@lru_cache(maxsize=256)
def _form(kind: _Kind) -> _Form:
    above = x509.load_der_x509_certificate(kind.certificate) if kind.certificate is not None else None
    parts: list[bytes | ExtensionRule] = []
    for rule in kind.profile.extensions:
        if rule.name in _VARYING and not (rule.name == "crl_distribution_points" and _has_one_list(kind)):
            parts.append(rule)
        else:
            parts.append(_extension(rule, EXTENSION_OIDS[rule.name], _shared(rule.name, kind, above)))
    name = above.subject.public_bytes() if above is not None else b""
    return _Form(head=ALGORITHM_IDENTIFIER[kind.algorithm] + name, extensions=tuple(parts))


_VARYING: Final = (
    "subject_key_identifier",
    "crl_distribution_points",
    "private_key_usage_period",
    "scope",
    "secondary",
)


def _has_one_list(kind: _Kind) -> bool:
    return shard_for(kind.issuer.value, 0, kind.site.crl_shards) is None


def _shared(name: str, kind: _Kind, above: x509.Certificate | None) -> bytes:
    """Return the value (DER) of an extension that is the same in every certificate of the form."""
    if name == "crl_distribution_points":
        return _list_pointer(0, kind)
    if name == "qc_statements":
        return statements_of(kind.profile, kind.site)
    return _standard(name, kind, above).public_bytes()


def _standard(name: str, kind: _Kind, above: x509.Certificate | None) -> x509.ExtensionType:
    profile = kind.profile
    match name:
        case "authority_key_identifier" if above is not None:
            own = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
        case "key_usage":
            return _key_usage(profile.key_usage)
        case "basic_constraints":
            return x509.BasicConstraints(ca=True, path_length=profile.path_length)
        case "certificate_policies":
            place = kind.site.cps_url if profile.certificate_class is not None else None
            return x509.CertificatePolicies(
                [
                    # the first is our own, and its statement is ours
                    x509.PolicyInformation(x509.ObjectIdentifier(policy), [place] if place and not number else None)
                    for number, policy in enumerate(_policies(kind))
                ]
            )
        case "extended_key_usage" if profile.extended_key_usage is not None:
            return x509.ExtendedKeyUsage([x509.ObjectIdentifier(profile.extended_key_usage)])
        case "ocsp_no_check":
            return x509.OCSPNoCheck()
        case "authority_information_access":
            with_status = not profile.is_authority and profile.key_use is None
            return _access(kind.site, kind.issuer, with_status=with_status)
        case _:
            message = f"profile {profile.name.value} has no value for {name}"
            raise ValueError(message)


def _policies(kind: _Kind) -> tuple[str, ...]:
    arc, development = kind.site.arc, kind.site.development
    if kind.authority is not None:
        return granted_policies(kind.authority, arc, development=development)
    return kind.profile.policies(arc, development=development)


def _access(site: Site, issuer: AuthorityName, *, with_status: bool) -> x509.AuthorityInformationAccess:
    places = [(AuthorityInformationAccessOID.CA_ISSUERS, site.certificate_url(issuer.value))]
    if with_status:
        # the root is kept offline and answers with CRLs only
        places.insert(0, (AuthorityInformationAccessOID.OCSP, site.ocsp_url(issuer.value)))
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(place)) for method, place in places]
    )


def _key_usage(bits: tuple[str, ...]) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in bits for name in names})


def _extension(rule: ExtensionRule, dotted: str, value: bytes) -> bytes:
    # X.690 §11.5: a criticality of FALSE is left out
    return tlv(SEQUENCE, _oid(dotted), _CRITICAL if rule.critical else b"", tlv(OCTET_STRING, value))


_oid = lru_cache(maxsize=64)(oid)
