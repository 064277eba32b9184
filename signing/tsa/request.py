"""Reading time-stamp requests (RFC 3161 §2.4.1), and making them for our own signer.

A request is a stranger's bytes: strict DER, at most 4 KB, digests of the lengths their algorithms have.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from signing.keys.der import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SHA256_IDENTIFIER,
    DerError,
    DerReader,
    integer,
    oid,
    tlv,
)

MAX_REQUEST_BYTES: Final = 4 * 1024
_MAX_NONCE_OCTETS = 64

_DIGEST_SIZES: Final = {
    # Circular 15/2025/TT-BKHCN, annex I: SHA-1 and MD5 are not in the closed list
    oid("2.16.840.1.101.3.4.2.1"): 32,
    oid("2.16.840.1.101.3.4.2.2"): 48,
    oid("2.16.840.1.101.3.4.2.3"): 64,
    oid("2.16.840.1.101.3.4.2.8"): 32,
    oid("2.16.840.1.101.3.4.2.9"): 48,
    oid("2.16.840.1.101.3.4.2.10"): 64,
}


class Failure(IntEnum):
    """PKIFailureInfo: bit numbers (RFC 3161 §2.4.2)."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class Refusal(Exception):
    """A request that can be read but not granted; ends inside the authority."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.name)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRequest:
    """A request that may be granted."""

    imprint: bytes
    """MessageImprint as it came, DER; the token repeats it."""
    policy: bytes | None
    """Wanted policy: OBJECT IDENTIFIER, DER."""
    nonce: bytes | None
    """Content octets of the nonce INTEGER as they came."""
    certificates_wanted: bool


def parse_timestamp_request(data: bytes) -> TimestampRequest:
    """Read a TimeStampReq.

    Raises:
        DerError: not a request in DER.
        Refusal: readable, but it asks for something that we do not give.
    """
    if len(data) > MAX_REQUEST_BYTES:
        message = "request is too large"
        raise DerError(message)
    outer = DerReader(data)
    request = outer.inside(SEQUENCE)
    outer.end()
    version = request.integer()
    imprint = request.element(SEQUENCE)
    policy = request.element(0x06) if request.peek() == 0x06 else None  # noqa: PLR2004 - OBJECT IDENTIFIER
    nonce = _nonce(request) if request.peek() == INTEGER else None
    wanted = request.boolean() if request.peek() == 0x01 else False
    has_extensions = request.peek() == 0xA0  # noqa: PLR2004 - [0]
    if has_extensions:
        request.content(0xA0)
    request.end()
    if version != 1:
        raise Refusal(Failure.BAD_REQUEST)
    if has_extensions:
        # RFC 3161 §2.4.2: an extension that is not understood, critical or not, refuses the request
        raise Refusal(Failure.UNACCEPTED_EXTENSION)
    _check_imprint(imprint)
    return TimestampRequest(imprint=imprint, policy=policy, nonce=nonce, certificates_wanted=wanted)


def build_timestamp_request(digest: bytes, *, nonce: int | None = None) -> bytes:
    """Return the request for a token over a SHA-256 digest, certificates included (DER TimeStampReq)."""
    imprint = tlv(SEQUENCE, SHA256_IDENTIFIER, tlv(OCTET_STRING, digest))
    number = integer(nonce) if nonce is not None else b""
    return tlv(SEQUENCE, integer(1), imprint, number, b"\x01\x01\xff")


def _nonce(request: DerReader) -> bytes:
    start = request.element(INTEGER)
    content = DerReader(start).content(INTEGER)
    if not 0 < len(content) <= _MAX_NONCE_OCTETS:
        message = "a nonce has 1-64 octets"
        raise DerError(message)
    DerReader(start).integer()  # refuses an encoding that is not minimal
    return content


def _check_imprint(imprint: bytes) -> None:
    reader = DerReader(imprint).inside(SEQUENCE)
    algorithm = reader.inside(SEQUENCE)
    size = _DIGEST_SIZES.get(algorithm.element(0x06))
    if not algorithm.at_end:
        is_null = not algorithm.content(0x05)  # NULL parameters
        if not is_null:
            message = "a NULL has no content"
            raise DerError(message)
    algorithm.end()
    digest = reader.content(OCTET_STRING)
    reader.end()
    if size is None:
        raise Refusal(Failure.BAD_ALG)
    if len(digest) != size:
        raise Refusal(Failure.BAD_DATA_FORMAT)
