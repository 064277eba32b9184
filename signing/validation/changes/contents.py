"""The operators of a small content stream, with their operands: faces of notes and fields are read with it.

Knows the syntax of content (ISO 32000-2 §7.8.2), what colours are light, nothing of what is drawn.
"""

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<<|>>|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\]()%{}]*|%[^\r\n]*|[\[\]]"
    rb"|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)|[A-Za-z'\"*]+[0-9]?",
    re.DOTALL,
)
MAX_OPERATIONS: Final = 20_000
COLOURS: Final = {b"g": 1, b"rg": 3, b"k": 4}
LINE_COLOURS: Final = {b"G": 1, b"RG": 3, b"K": 4}
FILLING: Final = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
STROKING: Final = frozenset({b"S", b"s", b"B", b"B*", b"b", b"b*"})
BUILDING: Final = {b"m": 2, b"l": 2, b"c": 6, b"v": 4, b"y": 4, b"re": 4}
"""Operators that build a path, and how many numbers each takes."""


class OddContentError(ValueError):
    """The content is longer, or more crooked, than that of any face."""


def operations(content: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each operator with the operands in front of it, as they are written.

    Raises:
        OddContentError: too many of them.
    """
    operands: list[bytes] = []
    for count, match in enumerate(_TOKEN.finditer(content)):
        if count > MAX_OPERATIONS:
            raise OddContentError("more operators than a face has")
        token = match[0]
        if token[:1] == b"%":
            continue
        if token[:1].isalpha() or token in {b"'", b'"'}:
            yield token, operands
            operands = []
        else:
            operands.append(token)


def numbers(operands: list[bytes], count: int) -> list[float]:
    """The last operands as numbers.

    Raises:
        OddContentError: they are none, or too few.
    """
    try:
        found = [float(operand) for operand in operands[-count:]]
    except ValueError:
        raise OddContentError("an operator without its numbers") from None
    if len(found) != count:
        raise OddContentError("an operator without its numbers")
    return found


def lightness(colour: list[float]) -> float:
    """How light a colour of one (grey), three (RGB) or four (CMYK) parts is: 0 is black, 1 is white."""
    match colour:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.3 * red + 0.59 * green + 0.11 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (0.3 * (1 - cyan) + 0.59 * (1 - magenta) + 0.11 * (1 - yellow))
        case _:
            return 0.0
