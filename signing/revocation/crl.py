"""Certificate revocation lists, assembled from DER entries and signed through a key store.

Linear in the number of entries (the usual builder copies its list with every entry). Knows RFC 5280 §5;
knows no registry: entries, number and times are handed in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from cryptography import x509

from signing.keys import Credential, KeyStore
from signing.keys.der import ALGORITHM_IDENTIFIER, ENUMERATED, SEQUENCE, extension, integer, signed, time, tlv

_VERSION_2: Final = integer(1)
_EXPLICIT_0: Final = 0xA0
_IMPLICIT_0: Final = 0x80
_URI_NAME: Final = 0x86  # GeneralName [6]
_ONLY_USER_CERTS: Final = b"\x81\x01\xff"  # [1] IMPLICIT BOOLEAN TRUE

OID_CRL_NUMBER: Final = "2.5.29.20"
OID_CRL_REASON: Final = "2.5.29.21"
OID_ISSUING_DISTRIBUTION_POINT: Final = "2.5.29.28"
OID_AUTHORITY_KEY_IDENTIFIER: Final = "2.5.29.35"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedEntry:
    """One line of a CRL."""

    serial: int
    revoked_at: datetime
    reason: int | None
    """CRLReason (RFC 5280 §5.3.1); None leaves it out, as it must be for "unspecified" (0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlContent:
    """What a CRL says, beside who signs it."""

    number: int
    this_update: datetime
    next_update: datetime
    entries: tuple[RevokedEntry, ...]
    distribution_point: str | None
    """URL of the certificates' CRL pointer; None for a root, whose list covers everything it issued."""


def build_crl(content: CrlContent, issuer: Credential, keys: KeyStore) -> bytes:
    """Return the CRL (DER), signed by the issuing authority itself."""
    certificate = x509.load_der_x509_certificate(issuer.certificate)
    algorithm = ALGORITHM_IDENTIFIER[issuer.algorithm]
    lines = b"".join(_lines(content.entries))
    tbs = tlv(
        SEQUENCE,
        _VERSION_2,
        algorithm,
        certificate.subject.public_bytes(),
        time(content.this_update),
        time(content.next_update),
        # RFC 5280 §5.1.2.6: an empty list is left out
        tlv(SEQUENCE, lines) if lines else b"",
        tlv(_EXPLICIT_0, tlv(SEQUENCE, *_extensions(content, certificate))),
    )
    return signed(tbs, issuer.algorithm, keys.sign(issuer.key_id, tbs, issuer.algorithm))


def _lines(entries: Iterable[RevokedEntry]) -> Iterable[bytes]:
    for entry in entries:
        yield tlv(SEQUENCE, integer(entry.serial), time(entry.revoked_at), _reason(entry.reason))


@cache
def _reason(code: int | None) -> bytes:
    """Return the extensions of an entry; RFC 5280 §5.3.1: non-critical, "unspecified" left out."""
    if not code:
        return b""
    return tlv(SEQUENCE, extension(OID_CRL_REASON, tlv(ENUMERATED, bytes((code,)))))


def _extensions(content: CrlContent, issuer: x509.Certificate) -> Iterable[bytes]:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    yield extension(OID_AUTHORITY_KEY_IDENTIFIER, tlv(SEQUENCE, tlv(_IMPLICIT_0, own.digest)))
    yield extension(OID_CRL_NUMBER, integer(content.number))
    if content.distribution_point is not None:
        # RFC 5280 §5.2.5: critical; the name is the one in the certificates' pointers. A root's list has
        # none: with a name, OpenSSL finds its scope different from that of the root's own certificate.
        full_name = tlv(_EXPLICIT_0, tlv(_URI_NAME, content.distribution_point.encode()))
        point = tlv(SEQUENCE, tlv(_EXPLICIT_0, full_name), _ONLY_USER_CERTS)
        yield extension(OID_ISSUING_DISTRIBUTION_POINT, point, critical=True)
