"""Clause-coded findings on a certificate before it is signed.

Checks a certificate (signed with a throw-away key) against its profile: the fields that outside linters
check too, and what they are blind to: too long periods, names that are not NFC or hide characters, weak
keys, missing policies, qualified claims without statements, a secondary that outlives its primary. A
finding's code is its clause. Knows no registry and asks nobody: what it compares with is handed in.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import SignatureAlgorithmOID

from signing.errors import CertificateMalformed, NameInvalid
from signing.identity import (
    MAX_NAME,
    ProfileName,
    Scope,
    clean_name,
    clean_org_code,
    clean_personal_id,
    decode_scope,
    decode_secondary,
    load_certificate,
)
from signing.keys import KeyKind
from signing.profiles import EXTENSION_OIDS, Profile, Site

_MAX_SERIAL_OCTETS = 20
_MIN_SERIAL_BITS = 64  # CA/Browser Forum BR §7.1, taken as our own rule: unpredictable serials
_ALLOWED_SIGNATURES: Final = frozenset(
    {
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.RSASSA_PSS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is not as its clause wants it. There are no lesser findings: each stops issuance."""

    code: str
    """Clause and what is wrong, e.g. ``rfc5280.4.2.1.3.key_usage_wrong``; stable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """What a secondary is compared with (I2)."""

    sha256: str
    scope: Scope
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LintInput:
    """A certificate and everything it is compared with."""

    certificate: bytes
    """DER."""
    profile: Profile
    site: Site
    issuer: bytes | None
    """The issuer's certificate, DER; None for a root."""
    primary: Primary | None = None


def lint_certificate(subject: LintInput) -> tuple[Finding, ...]:
    """Return what is wrong with a certificate; empty when nothing is."""
    try:
        certificate = load_certificate(subject.certificate)
    except CertificateMalformed:
        return (Finding(code="rfc5280.4.1.certificate_unreadable"),)
    codes = [
        *_frame(certificate),
        *_period(certificate, subject),
        *_names(certificate, subject.profile),
        *_key(certificate, subject.profile),
        *_extensions(certificate, subject),
        *_uses(certificate, subject),
        *_secondary(certificate, subject),
    ]
    return tuple(Finding(code=code) for code in dict.fromkeys(codes))


def _frame(certificate: x509.Certificate) -> Iterator[str]:
    if certificate.version is not x509.Version.v3:
        yield "rfc5280.4.1.2.1.version_not_3"
    serial = certificate.serial_number
    # RFC 5280 §4.1.2.2: positive, at most 20 octets
    if serial <= 0 or serial.bit_length() > 8 * _MAX_SERIAL_OCTETS - 1:
        yield "rfc5280.4.1.2.2.serial_out_of_range"
    elif serial.bit_length() < _MIN_SERIAL_BITS:
        yield "rfc5280.4.1.2.2.serial_too_short"
    if certificate.signature_algorithm_oid not in _ALLOWED_SIGNATURES:
        yield "tt15-2025.annex1.signature_algorithm_forbidden"


def _period(certificate: x509.Certificate, subject: LintInput) -> Iterator[str]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end <= begin:
        yield "rfc5280.4.1.2.5.period_empty"
    if end - begin > subject.profile.max_validity:
        yield f"{subject.profile.validity_clause}.period_too_long"
    if subject.issuer is not None:
        issuer = load_certificate(subject.issuer)
        if begin < issuer.not_valid_before_utc or end > issuer.not_valid_after_utc:
            yield "rfc5280.6.1.period_outside_issuer"
        if certificate.issuer != issuer.subject:
            yield "rfc5280.4.1.2.4.issuer_is_another"


def _names(certificate: x509.Certificate, profile: Profile) -> Iterator[str]:
    rules = {rule.oid: rule for rule in profile.attributes}
    seen: set[str] = set()
    for attribute in certificate.subject:
        dotted = attribute.oid.dotted_string
        rule = rules.get(dotted)
        if rule is None:
            yield f"anso.profile.attribute_not_allowed:{dotted}"
            continue
        if dotted in seen:
            yield f"{rule.clause}.{rule.name}_repeated"
        seen.add(dotted)
        value = str(attribute.value)
        if _value_is_wrong(rule.name, value):
            yield f"{rule.clause}.{rule.name}_malformed"
        if len(value) > MAX_NAME:
            yield f"rfc5280.appendix-a.{rule.name}_too_long"
        if rule.name == "common_name" and len(value.encode()) > MAX_NAME:
            yield "anso.names.common_name_too_many_octets"
        if not unicodedata.is_normalized("NFC", value):
            yield f"anso.names.{rule.name}_not_nfc"
    for rule in profile.attributes:
        if rule.required and rule.oid not in seen:
            yield f"{rule.clause}.{rule.name}_missing"


def _value_is_wrong(name: str, value: str) -> bool:
    try:
        if name == "country":
            return value != "VN"
        if name == "serial_number":
            return not value.startswith("PNOVN-") or not clean_personal_id(value.removeprefix("PNOVN-"))
        if name == "organisation_identifier":
            return not value.startswith("GO:VN-") or not clean_org_code(value.removeprefix("GO:VN-"))
        return clean_name(value) != value
    except NameInvalid:
        return True


def _key(certificate: x509.Certificate, profile: Profile) -> Iterator[str]:
    try:
        key = certificate.public_key()
    except (ValueError, TypeError):
        yield "rfc5280.4.1.2.7.key_unreadable"
        return
    kind = None
    if isinstance(key, ec.EllipticCurvePublicKey):
        kind = {"secp256r1": KeyKind.EC_P256, "secp384r1": KeyKind.EC_P384}.get(key.curve.name)
    elif isinstance(key, rsa.RSAPublicKey) and key.key_size == 3072:  # noqa: PLR2004 - the kind's own size
        kind = KeyKind.RSA_3072
    if kind not in profile.key_kinds:
        yield "tt15-2025.annex1.key_kind_not_allowed"


def _extensions(certificate: x509.Certificate, subject: LintInput) -> Iterator[str]:
    own = {"scope": subject.site.arc.scope_extension, "secondary": subject.site.arc.secondary_extension}
    rules = {(own | EXTENSION_OIDS)[rule.name]: rule for rule in subject.profile.extensions}
    present = {extension.oid.dotted_string: extension for extension in certificate.extensions}
    for dotted, extension in present.items():
        rule = rules.get(dotted)
        if rule is None:
            yield f"anso.profile.extension_not_allowed:{dotted}"
        elif extension.critical != rule.critical:
            yield f"{rule.clause}.{rule.name}_criticality"
    for dotted, rule in rules.items():
        if rule.required and dotted not in present:
            yield f"{rule.clause}.{rule.name}_missing"


def _uses(certificate: x509.Certificate, subject: LintInput) -> Iterator[str]:
    """Check the values of the extensions that say what the key is for and where to ask."""
    profile, extensions = subject.profile, certificate.extensions
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage) and _set_bits(value) != set(profile.key_usage):
            yield "rfc5280.4.2.1.3.key_usage_wrong"
        elif isinstance(value, x509.BasicConstraints) and (
            (value.ca, value.path_length) != (profile.is_authority, profile.path_length)
        ):
            yield "rfc5280.4.2.1.9.basic_constraints_wrong"
        elif isinstance(value, x509.ExtendedKeyUsage) and (
            [use.dotted_string for use in value] != [profile.extended_key_usage]
        ):
            yield "rfc5280.4.2.1.12.extended_key_usage_wrong"
        elif isinstance(value, x509.SubjectKeyIdentifier) and (
            value != x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
        ):
            yield "rfc5280.4.2.1.2.subject_key_identifier_wrong"
        elif isinstance(value, x509.AuthorityKeyIdentifier) and not _names_issuer(value, subject.issuer):
            yield "rfc5280.4.2.1.1.authority_key_identifier_wrong"
        elif isinstance(value, x509.CertificatePolicies) and not _policies_fit(value, subject):
            yield "en319412-2.4.3.3.policies_wrong"
        elif isinstance(value, x509.CRLDistributionPoints | x509.AuthorityInformationAccess):
            yield from _pointers(value, subject.site)


def _secondary(certificate: x509.Certificate, subject: LintInput) -> Iterator[str]:
    arc = subject.site.arc
    scope = _own_value(certificate, arc.scope_extension)
    link = _own_value(certificate, arc.secondary_extension)
    try:
        own_scope = decode_scope(scope) if scope is not None else Scope()
        linked = decode_secondary(link) if link is not None else None
    except CertificateMalformed:
        yield "anso.I2.extension_malformed"
        return
    if not subject.profile.secondary:
        return
    primary = subject.primary
    if primary is None or linked is None or linked[1] != primary.sha256:
        yield "anso.I2.primary_is_another"
        return
    if certificate.not_valid_after_utc > primary.not_after:
        yield "anso.I2.outlives_primary"
    if not own_scope.lies_within(primary.scope):
        yield "anso.I2.scope_wider_than_primary"


def _set_bits(usage: x509.KeyUsage) -> set[str]:
    bits = {
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    }
    return {bit for bit in bits if getattr(usage, bit)}


def _names_issuer(value: x509.AuthorityKeyIdentifier, issuer: bytes | None) -> bool:
    if issuer is None:
        return False
    own = load_certificate(issuer).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return value.key_identifier == own.digest


def _policies_fit(value: x509.CertificatePolicies, subject: LintInput) -> bool:
    """Compare the set of policies; an issuing authority carries those it may give out."""
    found = [policy.policy_identifier.dotted_string for policy in value]
    if len(set(found)) != len(found):
        return False
    if subject.profile.name is ProfileName.ISSUING_CA:
        return any(policy.startswith(subject.site.arc.root + ".") for policy in found)
    wanted = subject.profile.policies(subject.site.arc, development=subject.site.development)
    return set(found) == set(wanted)


def _pointers(value: x509.CRLDistributionPoints | x509.AuthorityInformationAccess, site: Site) -> Iterator[str]:
    if isinstance(value, x509.CRLDistributionPoints):
        names = [name for point in value for name in point.full_name or ()]
    else:
        names = [description.access_location for description in value]
    # RFC 5280 §8: an https pointer could need this very certificate to be checked
    if not site.base_url.startswith("http://"):
        yield "rfc5280.8.pointer_not_http"
    if not names or not all(str(name.value).startswith(f"{site.base_url}/pki/") for name in names):
        yield "rfc5280.4.2.1.13.pointer_leads_elsewhere"


def _own_value(certificate: x509.Certificate, dotted: str) -> bytes | None:
    for extension in certificate.extensions:
        if extension.oid.dotted_string == dotted and isinstance(extension.value, x509.UnrecognizedExtension):
            return extension.value.value
    return None
