"""Letters of CFF programs in other units draw the same path, larger or smaller, and say their width in those units."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.recordingPen import RecordingPen

from api.rendering.cff_effort import Budget
from api.rendering.cff_form import plain_form
from api.rendering.cff_reader import read_program
from api.rendering.cff_scale import scaled_letters
from tests.fakes import cff_fonts
from tests.fakes.cff_fonts import ENDCHAR, Font, program, short

LETTERS: list[list[Any]] = [
    [
        *(
            33,
            0,
            20,
            "hstemhm",
            0,
            20,
            30,
            40,
            "hintmask",
            b"\xe0",
            100,
            "hmoveto",
            10,
            20,
            30,
            40,
            50,
            60,
            "rrcurveto",
        ),
        *("hintmask", b"\x40", 5, 6, "rlineto", "endchar"),
    ],
    [12, 100, 200, "rmoveto", *range(1, 13), 50, "flex", "endchar"],
    [100, "vmoveto", *range(1, 8), "hflex", *range(1, 10), "hflex1", *range(1, 12), "flex1", "endchar"],
    [9, 100, "vmoveto", 7, -2000, "rlineto", 50, "hmoveto", "endchar"],
    [77, "endchar"],
    ["endchar"],
    [0.5, 0.25, "rmoveto", 3, "hlineto", -20000, "vlineto", "endchar"],
    [5, 40, -21, "vstem", "ignore", -3, 4, "rmoveto", 8, 9, "rlineto", "endchar"],
]


def shown(form: bytes) -> tuple[list[Any], float]:
    """What a letter draws, and its width."""
    pen = RecordingPen()
    letter = T2CharString(bytecode=form, private=SimpleNamespace(defaultWidthX=0, nominalWidthX=0), globalSubrs=[])
    letter.draw(pen)
    return pen.value, float(letter.width)


def compiled(letter: list[Any]) -> bytes:
    form = T2CharString(program=list(letter))
    form.compile()
    return bytes(form.bytecode)


@pytest.mark.parametrize("factor", [1000 / 2048, 0.5, 1.25])
def test_a_letter_in_other_units_draws_the_same_path_larger_or_smaller(factor: float) -> None:
    forms = [compiled(letter) for letter in LETTERS]
    made = scaled_letters(read_program(program(Font(forms=forms, fonts=2))), (factor, factor), Budget(left=10**6))
    assert made is not None
    for form, scaled in zip(forms, made, strict=True):
        (before, width), (after, scaled_width) = shown(form), shown(scaled)
        assert scaled_width == pytest.approx(width * factor, abs=1e-4)
        assert [name for name, _points in after] == [name for name, _points in before]
        for (_name, points), (_same, scaled_points) in zip(before, after, strict=True):
            for (x, y), moved in zip(points, scaled_points, strict=True):
                assert moved == pytest.approx((x * factor, y * factor), abs=1e-3)


def test_fonts_of_a_program_may_have_different_units() -> None:
    forms = [compiled(LETTERS[1])] * 4
    made = scaled_letters(read_program(program(Font(forms=forms, fonts=2))), (0.5, 1), Budget(left=10**6))
    assert made is not None
    assert [shown(form)[1] for form in made] == [6, 12, 6, 12]


@pytest.mark.parametrize(
    "letter",
    [
        [1, 2, 65, 66, "endchar"],  # two other letters
        [100, "hmoveto", 30_000, "hlineto", "endchar"],  # beyond what can be said
        [100, "hmoveto", 3, "hlineto"],  # never ends
    ],
)
def test_a_letter_that_cannot_be_said_in_other_units_is_not(letter: list[Any]) -> None:
    read = read_program(program(Font(forms=[ENDCHAR, compiled(letter)])))
    assert scaled_letters(read, (1.5,), Budget(left=10**6)) is None
    moved = read_program(program(Font(forms=[ENDCHAR, compiled(letter)], above=(0.0015, 0, 0, 0.0015, 0, 0))))
    assert plain_form(moved, by_cid=True) is None


def test_an_operator_that_nobody_defined_is_not_taken_along() -> None:
    read = read_program(program(Font(forms=[ENDCHAR, b"\x8b\x02" + ENDCHAR])))
    assert scaled_letters(read, (1.5,), Budget(left=10**6)) is None


def test_widths_that_letters_do_not_say_are_in_the_other_units_too() -> None:
    forms = [ENDCHAR, short(20) + ENDCHAR, short(-107) + cff_fonts.CALL_GLOBAL]
    private = cff_fonts.entry(b"\x14", 600) + cff_fonts.entry(b"\x15", 400)
    half = (0.0005, 0, 0, 0.0005, 0, 0)
    font = Font(forms=forms, above=half, private=private, shared=[short(60) + ENDCHAR], fonts=2)
    made = plain_form(read_program(program(font)), by_cid=True)
    assert made is not None
    assert read_program(made).global_subrs == ()
    fonts, found = CFFFontSet(), []
    fonts.decompile(io.BytesIO(made), otFont=None)
    top = fonts[0]
    for name in top.charset:
        top.CharStrings[name].draw(RecordingPen())
        found.append(top.CharStrings[name].width)
    assert found == [300, 210, 230]


def test_how_flat_a_curve_may_be_is_of_no_unit() -> None:
    made = scaled_letters(read_program(program(Font(forms=[compiled(LETTERS[1])]))), (0.5,), Budget(left=1000))
    assert made is not None
    letter = T2CharString(bytecode=made[0], private=SimpleNamespace(Subrs=[]), globalSubrs=[])
    letter.decompile()
    assert letter.program[letter.program.index("flex") - 1] == 50
