"""What one certificate says in its standard fields, as plain values for reports; nothing of it is checked here.

Works on hostile bytes: what cannot be read stays empty. The holder's identity number is left out on purpose (I30).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, SignatureAlgorithmOID

_MAX_TEXT = 300
_MAX_URLS = 8
_SUBJECT_PARTS = {
    "common_name": NameOID.COMMON_NAME,
    "surname": NameOID.SURNAME,
    "given_name": NameOID.GIVEN_NAME,
    "organisation": NameOID.ORGANIZATION_NAME,
    "unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "title": NameOID.TITLE,
    "country": NameOID.COUNTRY_NAME,
}
_ALGORITHMS: Final = {
    oid: name.lower().removeprefix("_") for name, oid in vars(SignatureAlgorithmOID).items() if name.isupper()
}
_KEY_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip
_Value = TypeVar("_Value", bound=x509.ExtensionType)
_UNREADABLE = (ValueError, TypeError, KeyError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDescription:
    """The standard fields of a certificate; empty where it has none or they cannot be read."""

    sha256: str
    size: int
    subject: tuple[tuple[str, str], ...] = ()
    """Parts of the name by our own words; never the identity number."""
    issuer: str = ""
    serial: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    is_authority: bool = False
    key_kind: str = ""
    key_bits: int = 0
    signature_algorithm: str = ""
    key_usage: tuple[str, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    """Dotted object identifiers."""
    policies: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    """Where the issuer's certificate is said to be; never fetched from."""

    def part(self, name: str) -> str:
        """One part of the subject's name; empty when it has none."""
        return dict(self.subject).get(name, "")


def describe_certificate(der: bytes) -> CertificateDescription:
    """The description of a certificate (DER); of bytes that are none, digest and size alone."""
    digest = sha256(der).hexdigest()
    try:
        certificate = x509.load_der_x509_certificate(der)
        kind, bits = _key(certificate)
        return CertificateDescription(
            sha256=digest, size=len(der), subject=tuple(_subject(certificate)), issuer=_issuer(certificate),
            serial=f"{certificate.serial_number:x}", not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc, is_authority=_is_authority(certificate), key_kind=kind,
            key_bits=bits, signature_algorithm=_algorithm(certificate), key_usage=_key_usage(certificate),
            extended_key_usage=_extended(certificate), policies=_policies(certificate),
            ocsp_urls=_access(certificate, AuthorityInformationAccessOID.OCSP), crl_urls=_crl_urls(certificate),
            issuer_urls=_access(certificate, AuthorityInformationAccessOID.CA_ISSUERS),
        )  # fmt: skip
    except Exception:  # noqa: BLE001 - hostile bytes: cryptography raises ValueError, its own errors and Rust panics
        return CertificateDescription(sha256=digest, size=len(der))


def _subject(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    for name, oid in _SUBJECT_PARTS.items():
        values = certificate.subject.get_attributes_for_oid(oid)
        if values:
            yield name, str(values[0].value)[:_MAX_TEXT]


def _issuer(certificate: x509.Certificate) -> str:
    return certificate.issuer.rfc4514_string()[:_MAX_TEXT]


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    try:
        key = certificate.public_key()
    except Exception:  # noqa: BLE001 - as above: an unknown or broken key is told as such, the rest is still shown
        return "unsupported", 0
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return ("rsa" if isinstance(key, rsa.RSAPublicKey) else "dsa"), key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ec_{key.curve.name}", key.curve.key_size
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return ("ed25519", 256) if isinstance(key, ed25519.Ed25519PublicKey) else ("ed448", 456)
    if isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey):
        return type(key).__name__.removesuffix("PublicKey").lower(), 0
    return "unsupported", 0


def _algorithm(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid
    return _ALGORITHMS.get(oid, oid.dotted_string)


def _extension(certificate: x509.Certificate, kind: type[_Value]) -> _Value | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _key_usage(certificate: x509.Certificate) -> tuple[str, ...]:
    usage = _extension(certificate, x509.KeyUsage)
    return () if usage is None else tuple(name for name in _KEY_USES if getattr(usage, name))


def _extended(certificate: x509.Certificate) -> tuple[str, ...]:
    uses = _extension(certificate, x509.ExtendedKeyUsage)
    return () if uses is None else tuple(use.dotted_string for use in uses)


def _policies(certificate: x509.Certificate) -> tuple[str, ...]:
    policies = _extension(certificate, x509.CertificatePolicies)
    return () if policies is None else tuple(p.policy_identifier.dotted_string for p in policies)


def _access(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> tuple[str, ...]:
    places = _extension(certificate, x509.AuthorityInformationAccess)
    return () if places is None else _urls(p.access_location for p in places if p.access_method == method)


def _crl_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    points = _extension(certificate, x509.CRLDistributionPoints)
    return () if points is None else _urls(name for point in points for name in point.full_name or ())


def _urls(names: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    found = (str(name.value)[:_MAX_TEXT] for name in names if isinstance(name, x509.UniformResourceIdentifier))
    return tuple(islice(found, _MAX_URLS))
