"""Letters of a CFF program in units of which a thousand are an em, when they were drawn in others.

Many newer fonts are drawn in 2048 or 2000 units. Fractions of a unit are kept to 1/65536 (TN 5177 §3.1); readers that
know whole units only are off by a thousandth of an em at most, a tenth of a dot in print. Routines are put in their
place and hints are left out: they are relative to each other, and of use to coarse screens only. Knows charstrings.
Must not know PDF.
"""

from collections.abc import Iterable
from typing import Final

from fontTools.misc.psCharStrings import encodeFixed, encodeIntT2

from api.rendering.cff_effort import Budget, operations
from api.rendering.cff_reader import CffProgram

_HINTS: Final = frozenset((1, 3, 18, 19, 20, 23))
_MOVES: Final = {4: 1, 21: 2, 22: 1}
"""Numbers that a move takes; one more is the width of the letter (TN 5177 §3.1)."""
_DRAWS: Final = frozenset((*_MOVES, 5, 6, 7, 8, 24, 25, 26, 27, 30, 31))
_CURVES: Final = frozenset((b"\x0c\x22", b"\x0c\x23", b"\x0c\x24", b"\x0c\x25"))
_DOTS: Final = b"\x0c\x00"
"""A hint, too, of the time before CFF."""
_FLEX: Final = b"\x0c\x23"
_END: Final = b"\x0e"
_LARGEST: Final = 32_000.0
_FRACTIONS: Final = 65_536


def scaled_letters(program: CffProgram, factors: tuple[float, ...], budget: Budget) -> tuple[bytes, ...] | None:
    """Each letter by itself in other units; None: one of them cannot be said so.

    Args:
        program: whose work was counted before.
        factors: for each of its fonts, what its units are multiplied by.
        budget: enough for all letters.
    """
    made = []
    for number, font in enumerate(program.font_of):
        letter = _scaled(program, number, factors[font], budget)
        if letter is None:
            return None
        made.append(letter)
    return tuple(made)


def _scaled(program: CffProgram, number: int, factor: float, budget: Budget) -> bytes | None:
    out = bytearray()
    width: list[float] | None = None
    for operator, operands in operations(program, number, budget):
        values = list(operands)
        if width is None:
            width, values = _parted(operator, values)
        if operator[0] in _HINTS or operator == _DOTS:
            continue
        depth = [values.pop()] if operator == _FLEX and values else []  # in hundredths of a dot: of no scale
        numbers = [value * factor for value in (*width, *values)]
        if operator[0] not in _DRAWS and operator not in _CURVES and (operator != _END or values):
            return None  # a letter that is made of two others (TN 5177 appendix C), or what nobody defined
        if any(abs(value) > _LARGEST for value in numbers):
            return None
        out += _encoded((*numbers, *depth)) + operator
        if operator == _END:
            return bytes(out)
        width = []
    return None


def _parted(operator: bytes, values: list[float]) -> tuple[list[float], list[float]]:
    """The width, which stands before the numbers of the first operator, and the rest."""
    if operator[0] in _HINTS:
        has_width = len(values) % 2 == 1
    else:
        has_width = len(values) > _MOVES.get(operator[0], 0 if operator == _END else len(values))
    return (values[:1], values[1:]) if has_width else ([], values)


def _encoded(values: Iterable[float]) -> bytes:
    rounded = (round(value * _FRACTIONS) / _FRACTIONS for value in values)
    return b"".join(encodeIntT2(int(value)) if value == int(value) else encodeFixed(value) for value in rounded)
