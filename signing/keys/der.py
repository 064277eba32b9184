"""The few DER forms that we write and read ourselves: TLVs, algorithm identifiers, signed envelopes.

Certificates, CRLs, OCSP answers and time-stamps are the same envelope around different contents, and a
key store signs bytes only, so the envelope is put together here. Building from templates costs a few
microseconds where a general ASN.1 library takes milliseconds. Reading is strict: anything that is not
DER, or does not end where it must, is refused.
"""

from datetime import UTC, datetime
from typing import Final

from signing.keys.store import SignatureAlgorithm

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
ENUMERATED: Final = 0x0A
UTF8_STRING: Final = 0x0C
SEQUENCE: Final = 0x30
SET: Final = 0x31

_SHORT_LENGTH = 0x80
_MAX_LENGTH_BYTES = 4
_MULTI_BYTE_TAG = 0x1F

ALGORITHM_IDENTIFIER: Final = {
    # RFC 5758 §3.2: ECDSA identifiers have no parameters
    SignatureAlgorithm.ECDSA_SHA256: bytes.fromhex("300a06082a8648ce3d040302"),
    SignatureAlgorithm.ECDSA_SHA384: bytes.fromhex("300a06082a8648ce3d040303"),
    # RFC 4055 §3.1: SHA-256, MGF1 with SHA-256, salt of 32 octets
    SignatureAlgorithm.RSASSA_PSS_SHA256: bytes.fromhex(
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
        "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"
    ),
    # RFC 9881 §2: id-ml-dsa-65 without parameters
    SignatureAlgorithm.ML_DSA_65: bytes.fromhex("300b0609608648016503040312"),
}
SHA256_IDENTIFIER: Final = bytes.fromhex("300b0609608648016503040201")
"""AlgorithmIdentifier of SHA-256 without parameters (RFC 5754 §2)."""


class DerError(ValueError):
    """The bytes are not the DER that was expected here; every caller turns it into its own typed error."""


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one element: tag, length, and the parts joined as its content."""
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT_LENGTH:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_LENGTH | len(length))) + length + content


def integer(value: int) -> bytes:
    """Return an INTEGER (or, with another tag byte written over it, an ENUMERATED) of any size."""
    bits = (value if value >= 0 else ~value).bit_length()  # -128 fits one octet
    return tlv(INTEGER, value.to_bytes(bits // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = (int(number) for number in dotted.split("."))
    content = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return tlv(OID, bytes(content))


def time(moment: datetime) -> bytes:
    """Return a Time as certificates and CRLs carry it, in whole seconds.

    RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime after.
    """
    utc = moment.astimezone(UTC)
    last_utc_time_year = 2049
    if utc.year <= last_utc_time_year:
        return tlv(0x17, utc.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(utc)


def generalized_time(moment: datetime) -> bytes:
    """Return a GeneralizedTime in whole seconds (as OCSP wants it)."""
    return tlv(0x18, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """Return one X.509 Extension; DER leaves out a criticality of FALSE."""
    flag = tlv(0x01, b"\xff") if critical else b""
    return tlv(SEQUENCE, oid(dotted), flag, tlv(OCTET_STRING, value))


def signed(tbs: bytes, algorithm: SignatureAlgorithm, signature: bytes, *more: bytes) -> bytes:
    """Return the envelope that certificates, CRLs and basic OCSP responses share."""
    return tlv(SEQUENCE, tbs, ALGORITHM_IDENTIFIER[algorithm], tlv(BIT_STRING, b"\x00", signature), *more)


class DerReader:
    """Walks over DER from left to right, never past its end, never into a length that lies.

    Args:
        data: DER of zero or more elements.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        """True when nothing is left."""
        return self._at == len(self._data)

    def peek(self) -> int:
        """Return the tag of the next element, or -1 at the end."""
        return -1 if self.at_end else self._data[self._at]

    def element(self, tag: int) -> bytes:
        """Take the next element whole (tag and length included)."""
        start = self._at
        self.content(tag)
        return self._data[start : self._at]

    def content(self, tag: int) -> bytes:
        """Take the next element and return its content.

        Raises:
            DerError: another tag, a length that is not DER, or more bytes asked for than there are.
        """
        if self.peek() != tag or tag & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
            message = "another element was expected"
            raise DerError(message)
        size, start = self._length(self._at + 1)
        if start + size > len(self._data):
            message = "an element runs past its end"
            raise DerError(message)
        self._at = start + size
        return self._data[start : self._at]

    def inside(self, tag: int) -> "DerReader":
        """Take the next element and return a reader of its content."""
        return DerReader(self.content(tag))

    def integer(self) -> int:
        """Take an INTEGER of at most 64 octets, minimally encoded (X.690 §8.3.2)."""
        content = self.content(INTEGER)
        maximum = 64
        if not 0 < len(content) <= maximum or (
            len(content) > 1 and (content[0], content[1] >> 7) in ((0, 0), (0xFF, 1))
        ):
            message = "not an integer in DER"
            raise DerError(message)
        return int.from_bytes(content, "big", signed=True)

    def boolean(self) -> bool:
        """Take a BOOLEAN; DER knows 00 and FF only (X.690 §11.1)."""
        content = self.content(0x01)
        if content not in (b"\x00", b"\xff"):
            message = "not a boolean in DER"
            raise DerError(message)
        return content == b"\xff"

    def end(self) -> None:
        """Refuse anything that is left over."""
        if not self.at_end:
            message = "more elements than expected"
            raise DerError(message)

    def _length(self, at: int) -> tuple[int, int]:
        if at >= len(self._data):
            message = "an element has no length"
            raise DerError(message)
        first = self._data[at]
        if first < _SHORT_LENGTH:
            return first, at + 1
        count = first & ~_SHORT_LENGTH
        digits = self._data[at + 1 : at + 1 + count]
        size = int.from_bytes(digits, "big")
        # X.690 §10.1: the shortest form only; an indefinite length (count 0) is not DER
        if not 0 < count <= _MAX_LENGTH_BYTES or len(digits) < count or digits[0] == 0 or size < _SHORT_LENGTH:
            message = "a length is not in DER"
            raise DerError(message)
        return size, at + 1 + count
