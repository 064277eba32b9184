"""The little CBOR that a passkey speaks (RFC 8949, CTAP2 canonical form): bounded, strict, values only.

Knows integers, byte and text strings, arrays, maps, true, false and null. Refuses indefinite lengths, tags and
floats, which no key or attestation object contains.
"""

from typing import Final

MAX_BYTES: Final = 16 * 1024
_MAX_DEPTH: Final = 4
_MAX_ITEMS: Final = 256

Cbor = int | bytes | str | bool | list["Cbor"] | dict["int | str", "Cbor"] | None


class CborError(ValueError):
    """The bytes are not the CBOR that was expected here; every caller turns it into its own typed error."""


def read_cbor(data: bytes) -> tuple[Cbor, int]:
    """The first value and how many bytes it takes.

    Raises:
        CborError: not canonical CBOR, too deep, too many items, or cut off.
    """
    if len(data) > MAX_BYTES:
        raise CborError("larger than any key or attestation object")
    reader = _Reader(data)
    value = reader.value(0)
    return value, reader.at


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._items = 0

    def value(self, depth: int) -> Cbor:
        self._items += 1  # so that a list that says it is long ends with what is there
        if depth > _MAX_DEPTH or self._items > _MAX_ITEMS:
            raise CborError("too deep or too many items")
        head = self._take(1)[0]
        major, info = head >> 5, head & 0x1F
        if major == 7:  # noqa: PLR2004 - RFC 8949 §3.1: major types are numbers
            return self._simple(info)
        number = self._argument(info)
        match major:
            case 0:
                return number
            case 1:
                return -1 - number
            case 2:
                return self._take(number)
            case 3:
                return self._text(number)
            case 4:
                return [self.value(depth + 1) for _ in range(number)]
            case 5:
                return self._map(number, depth)
        raise CborError("tags are not used here")

    def _map(self, count: int, depth: int) -> dict[int | str, Cbor]:
        found: dict[int | str, Cbor] = {}
        for _ in range(count):
            key = self.value(depth + 1)
            if isinstance(key, bool) or not isinstance(key, int | str) or key in found:
                raise CborError("a key of a map is repeated or of a wrong kind")
            found[key] = self.value(depth + 1)
        return found

    def _simple(self, info: int) -> bool | None:
        simple = {20: False, 21: True, 22: None}
        if info not in simple:
            raise CborError("floats and other simple values are not used here")
        return simple[info]

    def _argument(self, info: int) -> int:
        direct, longest = 24, 27
        if info < direct:
            return info
        if info > longest:
            raise CborError("an indefinite length")
        size = 1 << (info - direct)
        number = int.from_bytes(self._take(size), "big")
        # RFC 8949 §4.2.1: the shortest form only
        if number < (direct if size == 1 else 1 << (4 * size)):
            raise CborError("a number is longer than it needs to be")
        return number

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode("utf-8")
        except UnicodeDecodeError as err:
            raise CborError("a text is not UTF-8") from err

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self.at:
            raise CborError("a value runs past the end")
        self.at += size
        return self._data[self.at - size : self.at]
