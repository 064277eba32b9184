"""How many steps it takes to draw every letter of a CFF program, counted without drawing any.

Adobe Technical Note 5177. A routine may call routines that call routines: thirty of a few octets each are a thousand
million steps. Knows charstrings. Must not know PDF, nor what a letter looks like.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from api.rendering.cff_reader import CffProgram, ProgramDamaged, ProgramTooLarge, Span

_MAX_CALLS: Final = 10  # TN 5177 appendix B: nested calls of subroutines
_MAX_OPERANDS: Final = 48  # the same
_STEMS: Final = frozenset((1, 3, 18, 23))
_MASKS: Final = frozenset((19, 20))
_LOCAL, _RETURN, _GLOBAL, _ESCAPE, _SHORT, _DIVIDE = 10, 11, 29, 12, 28, 12
_FLEXES: Final = frozenset((0, 34, 35, 36, 37))
"""What else may follow an escape; arithmetic has been out of the standard since 2000 and nobody's libraries do it."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """How many steps may still be taken."""

    left: int


def steps_to_draw(program: CffProgram, *, at_most: int) -> int:
    """How many numbers and operators all letters together are.

    Raises:
        ProgramTooLarge: more than that. ProgramDamaged: a letter that cannot be drawn.
    """
    budget = Budget(left=at_most)
    for number in range(len(program.charstrings)):
        for _operation in operations(program, number, budget):
            pass
    return at_most - budget.left


def operations(program: CffProgram, number: int, budget: Budget) -> Iterator[tuple[bytes, list[float]]]:
    """The operators of a letter, those of its routines in their place, each with the numbers that stand before it.

    Whoever wants to keep the numbers copies them. What stands behind the end of the letter comes, too: some libraries
    go on there, so it counts.

    Raises:
        ProgramTooLarge, ProgramDamaged: as for all letters.
    """
    try:
        yield from _operations(program, number, budget)
    except IndexError as err:
        raise ProgramDamaged("a letter that ends too early") from err


def _operations(program: CffProgram, number: int, budget: Budget) -> Iterator[tuple[bytes, list[float]]]:  # noqa: C901 - one loop over the operators: this runs for every octet
    data, (at, end) = program.data, program.charstrings[number]
    local, shared = program.fonts[program.font_of[number]].subrs, program.global_subrs
    waiting: list[Span] = []
    stack: list[float] = []
    stems = mask = 0
    while True:
        if at >= end:
            if not waiting:
                return
            at, end = waiting.pop()
            continue
        budget.left -= 1
        if budget.left < 0:
            raise ProgramTooLarge
        octet = data[at]
        at += 1
        if octet > 31 or octet == _SHORT:  # noqa: PLR2004 - TN 5177 table 1: numbers
            at = _pushed(data, at, octet, stack)
        elif octet in {_LOCAL, _GLOBAL}:
            waiting.append((at, end))
            at, end = _routine(stack, local if octet == _LOCAL else shared, len(waiting))
        elif octet in _MASKS:
            if not mask:  # the first one may have stems before it that are not named
                stems += len(stack) // 2
                mask = (stems + 7) // 8
            yield data[at - 1 : at + mask], stack
            stack.clear()
            at += mask
        elif octet == _ESCAPE:
            at += 1
            if not _is_divided(data[at - 1], stack):
                yield data[at - 2 : at], stack
                stack.clear()
        elif octet != _RETURN:
            stems += len(stack) // 2 if octet in _STEMS else 0
            yield data[at - 1 : at], stack
            stack.clear()


def _pushed(data: bytes, at: int, octet: int, stack: list[float]) -> int:
    if len(stack) >= _MAX_OPERANDS:
        raise ProgramDamaged("more numbers than a letter may hold")
    if octet == _SHORT:
        stack.append(int.from_bytes(data[at : at + 2], signed=True))
        return at + 2
    if octet < 247:  # noqa: PLR2004 - TN 5177 table 1
        stack.append(octet - 139)
        return at
    if octet == 255:  # noqa: PLR2004 - TN 5177 table 1: 16.16
        stack.append(int.from_bytes(data[at : at + 4], signed=True) / 65536)
        return at + 4
    high = octet - 247
    stack.append(high * 256 + data[at] + 108 if high < 4 else (4 - high) * 256 - data[at] - 108)  # noqa: PLR2004 - table 1
    return at + 1


def _routine(stack: list[float], table: tuple[Span, ...], depth: int) -> Span:
    """TN 5177 §4.7: subroutines are counted from a bias."""
    bias = 107 if len(table) < 1240 else 1131 if len(table) < 33900 else 32768  # noqa: PLR2004 - TN 5177 §4.7
    number = (stack.pop() if stack else -1) + bias
    if depth > _MAX_CALLS or not 0 <= number < len(table) or number != int(number):
        raise ProgramDamaged("a call that leads nowhere")
    return table[int(number)]


def _is_divided(operator: int, stack: list[float]) -> bool:
    """Whether it was a division, done now; else it draws."""
    if operator == _DIVIDE and len(stack) > 1 and stack[-1]:
        divisor = stack.pop()
        stack[-1] /= divisor
        return True
    if operator in _FLEXES:
        return False
    raise ProgramDamaged("arithmetic in a letter")
