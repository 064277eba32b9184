"""Which status evidence a certificate says can be had, and where: read off the certificate, nothing fetched.

Runs where hostile bytes may be read (a limited worker); what comes out are plain values. Whether an address may be
asked is decided by `fetch` alone. Must not know networks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

MAX_CERTIFICATES: Final = 16
MAX_ADDRESSES: Final = 4  # of one kind in one certificate
MAX_ADDRESS_LENGTH: Final = 1_024


class EvidenceKind(StrEnum):
    """What is asked for."""

    CRL = "crl"
    OCSP = "ocsp"
    ISSUER = "issuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One piece of evidence that would help."""

    kind: EvidenceKind
    address: str
    """From a certificate of a stranger: never asked unless its host is on the list."""

    issuer: bytes
    """Name (DER) of whom a list has to come from, or of the certificate that is looked for."""

    request: bytes = field(default=b"", repr=False)
    """OCSPRequest to be posted."""


def wants_of(certificates: Sequence[bytes]) -> tuple[Want, ...]:
    """Everything that the certificates point to; what cannot be read points to nothing.

    Args:
        certificates: DER, untrusted; issuers among them are used for OCSP requests.
    """
    parsed = [c for c in map(_parsed, dict.fromkeys(certificates[:MAX_CERTIFICATES])) if c is not None]
    by_subject = {c.subject.public_bytes(): c for c in parsed}
    wants: list[Want] = []
    for certificate in parsed:
        issuer = certificate.issuer.public_bytes()
        if certificate.subject.public_bytes() == issuer:
            continue  # a root has no status
        try:
            wants += _wants(certificate, issuer, by_subject.get(issuer))
        except (ValueError, TypeError, x509.DuplicateExtension):
            continue
    return tuple(dict.fromkeys(wants))


def _wants(certificate: x509.Certificate, issuer: bytes, above: x509.Certificate | None) -> list[Want]:
    lists, answers, issuers = _addresses(certificate)
    wants = [Want(kind=EvidenceKind.CRL, address=one, issuer=issuer) for one in lists]
    if above is None:
        wants += [Want(kind=EvidenceKind.ISSUER, address=one, issuer=issuer) for one in issuers]
    elif answers:
        # RFC 5019 §2.1.1 asks with SHA-1 of names and keys; no signature depends on it.
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, above, hashes.SHA1())  # noqa: S303 - see above
        request = asked.build().public_bytes(Encoding.DER)
        wants += [Want(kind=EvidenceKind.OCSP, address=one, issuer=issuer, request=request) for one in answers]
    return wants


def _addresses(certificate: x509.Certificate) -> tuple[list[str], list[str], list[str]]:
    lists: list[str] = []
    described: dict[x509.ObjectIdentifier, list[str]] = {}
    for extension in certificate.extensions:
        if extension.oid == ExtensionOID.CRL_DISTRIBUTION_POINTS:
            points: x509.CRLDistributionPoints = extension.value
            lists += _texts(name for point in points for name in point.full_name or ())
        elif extension.oid == ExtensionOID.AUTHORITY_INFORMATION_ACCESS:
            access: x509.AuthorityInformationAccess = extension.value
            for one in access:
                described.setdefault(one.access_method, []).extend(_texts([one.access_location]))
    answers = described.get(AuthorityInformationAccessOID.OCSP, [])
    issuers = described.get(AuthorityInformationAccessOID.CA_ISSUERS, [])
    return lists[:MAX_ADDRESSES], answers[:MAX_ADDRESSES], issuers[:MAX_ADDRESSES]


def _texts(names: Iterable[x509.GeneralName]) -> list[str]:
    found = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [text for text in found if len(text) <= MAX_ADDRESS_LENGTH]


def _parsed(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None
