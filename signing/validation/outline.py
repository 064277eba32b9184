"""The parts of one certificate as bytes, found with a few steps of strict DER and bounded before anything is decoded.

A heap of thousands of certificates is sorted with this; only what can stand in a path is ever parsed. Knows positions,
encodings and sizes of RFC 5280 §4.1; must not know what an extension means.
"""

import re
import stringprep
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from signing.keys.der import BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE, DerError, DerReader

MAX_CERTIFICATE_BYTES: Final = 64 * 1024  # the largest end certificate seen in practice is below 16 KiB
MAX_NAME_BYTES: Final = 4 * 1024
_NAMES_KEPT: Final = 512  # 2 MiB, whoever sends them
MAX_ELEMENTS: Final = 3_000  # a certificate with 256 alternative names has 700; decoding costs about 10 µs for each
_MAX_SERIAL_OCTETS: Final = 20  # RFC 5280 §4.1.2.2
_V3: Final = 2
_CONSTRUCTED: Final = 0x20
_MULTI_BYTE_TAG: Final = 0x1F
_SHORT: Final = 0x80
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3
# RFC 5280 §4.1.2.5.1 and .2: seconds are there, Z is there, fractions are not
_TIME_FORMS: Final = {_UTC_TIME: re.compile(rb"\d{12}Z"), _GENERALIZED_TIME: re.compile(rb"\d{14}Z")}
_TEXT: Final = {
    0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii",
    0x1C: "utf-32-be", 0x1E: "utf-16-be",
}  # fmt: skip

NameKey = tuple[frozenset[tuple[bytes, str | bytes]], ...]
"""A distinguished name that compares as RFC 5280 §7.1 says: one set of (type, prepared value) for each RDN."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Where the parts of a certificate lie."""

    der: bytes
    tbs: bytes
    issuer: NameKey
    subject: NameKey
    key: bytes
    """SubjectPublicKeyInfo, DER."""

    serial: bytes
    """Content of the INTEGER."""

    fault: str
    """What is wrong with the encoding itself, or empty."""

    @property
    def identity(self) -> tuple[NameKey, bytes]:
        """Subject and key: the same twice in a path is a loop (RFC 4158 §2.4.2)."""
        return self.subject, self.key

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.subject == self.issuer


def read_outline(der: bytes) -> Outline:
    """The outline of a certificate with nothing behind it.

    Raises:
        ValueError: too large, or not the DER of a certificate.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise ValueError(f"certificate larger than {MAX_CERTIFICATE_BYTES} bytes")
    outer = DerReader(der)
    envelope = outer.inside(SEQUENCE)
    outer.end()
    tbs, algorithm = envelope.element(SEQUENCE), envelope.element(SEQUENCE)
    signature = envelope.content(BIT_STRING)
    envelope.end()
    parts = DerReader(tbs).inside(SEQUENCE)
    version = parts.inside(_VERSION).integer() if parts.peek() == _VERSION else 0
    serial, own_algorithm = parts.content(INTEGER), parts.element(SEQUENCE)
    issuer, validity, subject = parts.element(SEQUENCE), parts.inside(SEQUENCE), parts.element(SEQUENCE)
    key = parts.element(SEQUENCE)
    rest = []
    while not parts.at_end:
        rest.append(parts.peek())
        parts.content(parts.peek())
    fault = (
        _form_fault(version, serial, rest)
        or ("the two signature algorithms differ" if algorithm != own_algorithm else "")  # RFC 5280 §4.1.1.2
        or ("a signature that is not whole octets" if signature[:1] != b"\x00" else "")  # else it reads the same twice
        or _time_fault(validity)
        or ("an empty issuer" if len(issuer) == len(b"\x30\x00") else "")  # RFC 5280 §4.1.2.4
    )
    return Outline(der, tbs, name_key(issuer), name_key(subject), key, serial, fault)


def _form_fault(version: int, serial: bytes, rest: list[int]) -> str:
    if version > _V3 or version < 0:
        return "an unknown version"
    if _EXTENSIONS in rest and version != _V3:
        return "extensions outside version 3"  # RFC 5280 §4.1.2.9
    if version == 0 and rest:
        return "unique identifiers in version 1"  # RFC 5280 §4.1.2.8
    if not 0 < len(serial) <= _MAX_SERIAL_OCTETS or serial[0] & 0x80 or not any(serial):
        return "a serial number that is not positive or longer than 20 octets"
    return ""


def _time_fault(validity: DerReader) -> str:
    for _ in range(2):
        form = _TIME_FORMS.get(validity.peek())
        if form is None or not form.fullmatch(validity.content(validity.peek())):
            return "a time that is not in the form of RFC 5280"
    validity.end()
    return ""


@lru_cache(maxsize=_NAMES_KEPT)
def name_key(name: bytes) -> NameKey:
    """A Name (DER) in the form that compares; the names of a few authorities stand in almost every file.

    Raises:
        ValueError: larger than any name, or not a name.
    """
    if len(name) > MAX_NAME_BYTES:
        raise ValueError(f"a name larger than {MAX_NAME_BYTES} bytes")
    outer = DerReader(name)
    relative = outer.inside(SEQUENCE)
    outer.end()
    result = []
    while not relative.at_end:
        attributes = relative.inside(0x31)
        pairs = []
        while not attributes.at_end:
            pair = attributes.inside(SEQUENCE)
            kind, tag = pair.content(0x06), pair.peek()
            pairs.append((kind, _prepared(tag, pair.content(tag))))
            pair.end()
        if not pairs:
            raise DerError("a relative name without an attribute")
        result.append(frozenset(pairs))
    return tuple(result)


def _prepared(tag: int, value: bytes) -> str | bytes:
    """RFC 5280 §7.1, RFC 4518 §2: text of any string type compares without case and without spaces too many."""
    encoding = _TEXT.get(tag)
    if encoding is None:
        return value
    text = value.decode(encoding)
    if not text.isascii():
        text = "".join(c for c in text if not stringprep.in_table_b1(c))
        text = unicodedata.normalize("NFKC", text.casefold())
    return " ".join(text.casefold().split())


def count_elements(data: bytes, limit: int = MAX_ELEMENTS) -> int:
    """How many DER elements there are, looking into constructed ones and into wrapped extension values.

    The measure of what decoding will cost; stops at the limit. Never raises: what does not decode counts as one.
    """
    count, spans = 0, [(0, len(data))]
    while spans and count <= limit:
        at, end = spans.pop()
        while at < end and count <= limit:
            tag = data[at]
            header = _header(data, at, end)
            count += 1
            if header is None or tag & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
                break
            at, body = header
            if tag & _CONSTRUCTED or (tag == OCTET_STRING and at - body > 1 and data[body] & _CONSTRUCTED):
                spans.append((body, at))
    return count


def _header(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """(end, start) of the content of the element at a place, or None when it does not fit."""
    if at + 2 > end:
        return None
    size, body = data[at + 1], at + 2
    if size >= _SHORT:
        digits = size & 0x7F
        if not 0 < digits <= 4 or body + digits > end:  # noqa: PLR2004 - lengths of four bytes: 4 GiB
            return None
        size, body = int.from_bytes(data[body : body + digits], "big"), body + digits
    return None if body + size > end else (body + size, body)
