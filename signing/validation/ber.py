"""Walks over BER without changing a byte, says whether bytes are DER, and writes them as DER.

Signatures count octets: what a general library decodes and encodes again may come out differently (measured: whenever a
length ends in the octet 80). Here every element knows the very bytes that it was read from.
X.690 §8 (BER), §10 and §11 (DER). Knows encodings, no meaning; bounded in depth and in the number of elements.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signing.keys.der import BIT_STRING, OCTET_STRING, SEQUENCE, SET, DerError, tlv

MAX_DEPTH: Final = 40
MAX_ELEMENTS: Final = 200_000
_BOOLEAN: Final = 0x01
_CONSTRUCTED: Final = 0x20
_UNIVERSAL: Final = 0xC0
_MULTI_BYTE_TAG: Final = 0x1F
_INDEFINITE: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4
_MAX_TAG_BYTES: Final = 4
_STRINGS: Final = frozenset((BIT_STRING, OCTET_STRING, *range(0x0C, 0x0D), *range(0x12, 0x1F)))


@dataclass(frozen=True, slots=True)
class Element:
    """One element and where it lies."""

    data: bytes
    """What it was read from."""

    start: int
    body: int
    """First octet of the content."""

    end: int
    """First octet behind the content."""

    stop: int
    """First octet behind the element (behind the end-of-contents octets of an indefinite length)."""

    depth: int

    @property
    def tag(self) -> int:
        """The first identifier octet."""
        return self.data[self.start]

    @property
    def raw(self) -> bytes:
        """The element as it was sent."""
        return self.data[self.start : self.stop]

    @property
    def content(self) -> bytes:
        """Its content as it was sent."""
        return self.data[self.body : self.end]

    @property
    def is_constructed(self) -> bool:
        """Whether it holds elements."""
        return bool(self.tag & _CONSTRUCTED)

    @property
    def is_indefinite(self) -> bool:
        """Whether its end is marked, not counted."""
        return self.stop != self.end

    def children(self) -> "list[Element]":
        """The elements inside.

        Raises:
            DerError: they do not follow one another to the end of the content.
        """
        found, at = [], self.body
        while at < self.end:
            child = _element(self.data, at, self.end, self.depth + 1)
            found.append(child)
            at = child.stop
            if len(found) > MAX_ELEMENTS:
                raise DerError("too many elements")
        return found

    def octets(self) -> bytes:
        """The content of an octet string, put together if it was sent in pieces (X.690 §8.7.3)."""
        if not self.is_constructed:
            return self.content
        return b"".join(child.octets() for child in self.children())


def read_element(data: bytes) -> Element:
    """The first element of some bytes; what follows it is the caller's concern.

    Raises:
        DerError: not BER, or nested too deeply.
    """
    return _element(data, 0, len(data), 0)


def only_element(data: bytes, tag: int) -> Element:
    """The one element of some bytes, with the wanted tag and nothing behind it.

    Raises:
        DerError: something else.
    """
    element = read_element(data)
    if element.tag != tag or element.stop != len(data):
        raise DerError("another element was expected")
    return element


def _element(data: bytes, at: int, limit: int, depth: int) -> Element:
    if depth > MAX_DEPTH:
        raise DerError("elements nested too deeply")
    body = at + _tag_size(data, at, limit)
    if body >= limit:
        raise DerError("an element has no length")
    first = data[body]
    body += 1
    if first == _INDEFINITE:
        end = _marked_end(data, at, body, limit, depth)
        return Element(data, at, body, end, end + 2, depth)
    size = first
    if first > _INDEFINITE:
        digits = first & 0x7F
        size = int.from_bytes(data[body : body + digits], "big")
        if digits > _MAX_LENGTH_BYTES or body + digits > limit:
            raise DerError("a length that lies")
        body += digits
    if body + size > limit:
        raise DerError("an element runs past its end")
    return Element(data, at, body, body + size, body + size, depth)


def _tag_size(data: bytes, at: int, limit: int) -> int:
    if at >= limit:
        raise DerError("an element is missing")
    if data[at] & _MULTI_BYTE_TAG != _MULTI_BYTE_TAG:
        return 1
    for size in range(1, _MAX_TAG_BYTES):
        if at + size < limit and not data[at + size] & 0x80:
            return size + 1
    raise DerError("a tag that is too long")


def _marked_end(data: bytes, start: int, at: int, limit: int, depth: int) -> int:
    """Where the content of an element of indefinite length ends (X.690 §8.1.3.6: constructed only)."""
    if not data[start] & _CONSTRUCTED:
        raise DerError("a primitive element without a length")
    for _ in range(MAX_ELEMENTS):
        if data[at : at + 2] == b"\0\0" and at + 2 <= limit:
            return at
        at = _element(data, at, limit, depth + 1).stop
    raise DerError("too many elements")


def der_fault(element: Element) -> str:
    """Why an element is not DER, or empty. The order inside a SET is ``is_sorted``."""
    for one in _walk(element):
        if one.is_indefinite:
            return "a length that is not counted"
        if one.body - one.start != _tag_size(one.data, one.start, one.stop) + _length_size(one.end - one.body):
            return "a length that is longer than it must be"
        if one.is_constructed and one.tag & ~_CONSTRUCTED in _STRINGS and not one.tag & _UNIVERSAL:
            return "a string in pieces"
        if one.tag == _BOOLEAN and one.content not in (b"\0", b"\xff"):
            return "a boolean that is neither 00 nor FF"
    return ""


def is_sorted(elements: list[Element]) -> bool:
    """Whether the members of a SET OF stand in their order (X.690 §11.6)."""
    keys = [element.raw for element in elements]
    return keys == sorted(keys, key=lambda raw: raw)


def as_der(element: Element) -> bytes:
    """The element in DER: counted lengths, whole strings, sorted sets."""
    tag = element.tag
    if not element.is_constructed:
        content = element.content
        if tag == _BOOLEAN and content not in (b"\0", b"\xff"):
            content = b"\xff"
        return _encoded(element, content)
    if tag & ~_CONSTRUCTED == OCTET_STRING:
        return tlv(OCTET_STRING, element.octets())
    parts = [as_der(child) for child in element.children()]
    return _encoded(element, b"".join(sorted(parts) if tag == SET else parts))


def _walk(element: Element) -> Iterator[Element]:
    stack, seen = [element], 0
    while stack:
        one = stack.pop()
        seen += 1
        if seen > MAX_ELEMENTS:
            raise DerError("too many elements")
        yield one
        if one.is_constructed:
            stack.extend(one.children())


def _length_size(size: int) -> int:
    """Octets of a length in its shortest form (X.690 §10.1)."""
    return 1 if size < _INDEFINITE else 1 + (size.bit_length() + 7) // 8


def _encoded(element: Element, content: bytes) -> bytes:
    tag_bytes = element.data[element.start : element.start + _tag_size(element.data, element.start, element.stop)]
    return tag_bytes + tlv(SEQUENCE, content)[1:]
