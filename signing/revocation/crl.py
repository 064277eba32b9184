"""Certificate revocation lists, assembled from DER entries and signed through a key store.

Linear in the number of entries and about a microsecond for each (the usual builder copies its list with every entry).
Knows RFC 5280 §5; knows no registry: entries, number and times are handed in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final

from cryptography import x509

from signing.keys import Credential, KeyStore
from signing.keys.der import ALGORITHM_IDENTIFIER, ENUMERATED, SEQUENCE, extension, integer, signed, time, tlv

Entry = tuple[int, int, int | None]
"""Serial of at most 20 octets, moment in whole seconds since 1970 UTC, CRLReason; None leaves the reason out."""

_VERSION_2: Final = integer(1)
_EXPLICIT_0: Final = 0xA0
_IMPLICIT_0: Final = 0x80
_URI_NAME: Final = 0x86  # GeneralName [6]
_ONLY_USER_CERTS: Final = b"\x81\x01\xff"  # [1] IMPLICIT BOOLEAN TRUE
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S: Final = 86_400
_TWO_DIGITS: Final = tuple(b"%02d" % number for number in range(60))

OID_CRL_NUMBER: Final = "2.5.29.20"
OID_CRL_REASON: Final = "2.5.29.21"
OID_DELTA_CRL_INDICATOR: Final = "2.5.29.27"
OID_ISSUING_DISTRIBUTION_POINT: Final = "2.5.29.28"
OID_AUTHORITY_KEY_IDENTIFIER: Final = "2.5.29.35"
OID_FRESHEST_CRL: Final = "2.5.29.46"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlContent:
    """What a CRL says, beside who signs it."""

    number: int
    this_update: datetime
    next_update: datetime
    entries: bytes
    """The lines, made by ``encode_entries``."""
    distribution_point: str | None = None
    """URL of the pointer in the certificates that a shard is for; None for a list of everything its issuer issued."""
    base_number: int | None = None
    """Of a delta: the oldest complete list that it continues."""
    freshest: str | None = None
    """Where the deltas of a complete list are fetched."""


def encode_entries(entries: Iterable[Entry]) -> bytes:
    """Return the lines of a list, one behind the other, in the order in which they come."""
    return b"".join(_lines(entries))


def build_crl(content: CrlContent, issuer: Credential, keys: KeyStore) -> bytes:
    """Return the CRL (DER), signed by the issuing authority itself."""
    certificate = x509.load_der_x509_certificate(issuer.certificate)
    algorithm = ALGORITHM_IDENTIFIER[issuer.algorithm]
    tbs = tlv(
        SEQUENCE,
        _VERSION_2,
        algorithm,
        certificate.subject.public_bytes(),
        time(content.this_update),
        time(content.next_update),
        # RFC 5280 §5.1.2.6: an empty list is left out
        tlv(SEQUENCE, content.entries) if content.entries else b"",
        tlv(_EXPLICIT_0, tlv(SEQUENCE, *_extensions(content, certificate))),
    )
    return signed(tbs, issuer.algorithm, keys.sign(issuer.key_id, tbs, issuer.algorithm))


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    two = _TWO_DIGITS
    for serial, moment, reason in entries:
        day, second = divmod(moment, _DAY_S)
        hour, second = divmod(second, 3600)
        minute, second = divmod(second, 60)
        rest = b"%b%b%b%bZ%b" % (_day(day), two[hour], two[minute], two[second], _reason(reason))
        size = serial.bit_length() // 8 + 1
        # short lengths throughout: a serial has at most 20 octets (§4.1.2.2), so a line has at most 54
        yield b"\x30%c\x02%c%b%b" % (2 + size + len(rest), size, serial.to_bytes(size, "big"), rest)


@lru_cache(maxsize=4096)
def _day(number: int) -> bytes:
    """Return a Time up to its day: RFC 5280 §5.1.2.4, UTCTime through 2049, GeneralizedTime after."""
    whole = time(_EPOCH + timedelta(days=number))
    return whole[: -len("000000Z")]


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
    if content.base_number is not None:
        # RFC 5280 §5.2.4: critical, so that nobody takes a delta for the whole
        yield extension(OID_DELTA_CRL_INDICATOR, integer(content.base_number), critical=True)
    if content.distribution_point is not None:
        # RFC 5280 §5.2.5: critical; the name is the one in the certificates' pointers, so that no other shard can be
        # shown in its place. Lists of everything have no such extension: a root's because OpenSSL would find its scope
        # different from that of the root's own certificate, the full one so that it serves certificates of all shards.
        point = tlv(SEQUENCE, tlv(_EXPLICIT_0, _full_name(content.distribution_point)), _ONLY_USER_CERTS)
        yield extension(OID_ISSUING_DISTRIBUTION_POINT, point, critical=True)
    if content.freshest is not None:
        yield extension(OID_FRESHEST_CRL, tlv(SEQUENCE, tlv(SEQUENCE, tlv(_EXPLICIT_0, _full_name(content.freshest)))))


def _full_name(address: str) -> bytes:
    return tlv(_EXPLICIT_0, tlv(_URI_NAME, address.encode()))
