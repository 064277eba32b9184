"""Fonts with CFF programs: what ISO 19005-2 §6.2.11 allows becomes a copy that draws the same; the rest ends."""

import contextlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Name, pdfa

from api.errors import CopyImpossible
from api.rendering import embedded_fonts
from api.rendering.cff_effort import steps_to_draw
from api.rendering.cff_reader import ProgramDamaged, ProgramTooLarge, read_program
from api.rendering.renditions import plain_copy
from signing.pades.pages import opened_pages
from tests.fakes import cff_fonts, sample_pdf
from tests.fakes.cff_fonts import NONE, USUAL, Font, document, program, widths


def seen(pdf: bytes) -> tuple[Any, str]:
    """The page as dots, and its text."""
    with opened_pages(pdf) as pages:
        return pages[0].render(scale=3).to_numpy().copy(), pages[0].get_textpage().get_text_bounded()


def with_routines(font: Font) -> Font:
    """Each letter but the empty ones is drawn by a routine of its font or of all."""
    forms = list(font.forms)
    half = len(forms) // 2
    own = [form + cff_fonts.RETURN for form in forms[:half]]
    shared = [form + cff_fonts.RETURN for form in forms[half:]]
    calls = [cff_fonts.short(number - 107) + cff_fonts.CALL for number in range(half)]
    calls += [cff_fonts.short(number - 107) + cff_fonts.CALL_GLOBAL for number in range(len(forms) - half)]
    return replace(font, forms=calls, routines=own, shared=shared)


SHAPES = {
    "no scale said": Font(),
    "scale above": Font(above=USUAL),
    "scale below": Font(own=USUAL),
    "scale above, none below": Font(above=USUAL, own=NONE),
    "none above, scale below": Font(above=NONE, own=USUAL),
    "many fonts": Font(above=USUAL, own=NONE, fonts=3),
    "routines": with_routines(Font(above=USUAL, own=NONE, fonts=2)),
    "routines of one table": replace(with_routines(Font(above=USUAL, own=NONE, fonts=3)), one_table=True),
    "by number": Font(by_cid=False),
    "by number with routines": with_routines(Font(by_cid=False, above=USUAL)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_form_of_a_program_becomes_a_copy_that_shows_the_same(shape: str) -> None:
    pdf = document(program(SHAPES[shape]))
    copy = plain_copy(pdf, None)
    assert pdfa.validate_written(io.BytesIO(copy), "2b").passed
    (before, text), (after, same_text) = seen(pdf), seen(copy)
    assert (before < 128).sum() > 1000
    assert np.array_equal(before, after)
    assert text == same_text == cff_fonts.TEXT


def units(count: int) -> tuple[float, ...]:
    return (1 / count, 0, 0, 1 / count, 0, 0)


OTHER_UNITS = {
    "2048 above": Font(forms=cff_fonts.forms(2048), above=units(2048)),
    "2048 below": Font(forms=cff_fonts.forms(2048), own=units(2048), fonts=2),
    "2048 above, none below": Font(forms=cff_fonts.forms(2048), above=units(2048), own=NONE),
    "2000 in two parts": Font(forms=cff_fonts.forms(2000), above=USUAL, own=(0.5, 0, 0, 0.5, 0, 0)),
    "500": Font(forms=cff_fonts.forms(500), above=units(500)),
    "2048 with routines": with_routines(Font(forms=cff_fonts.forms(2048), own=units(2048), fonts=2)),
    "2048 by number": with_routines(Font(forms=cff_fonts.forms(2048), above=units(2048), by_cid=False)),
}


@pytest.mark.parametrize("shape", OTHER_UNITS)
def test_letters_drawn_in_other_units_look_as_they_did(shape: str) -> None:
    pdf = document(program(OTHER_UNITS[shape]))
    copy = plain_copy(pdf, None)
    assert pdfa.validate_written(io.BytesIO(copy), "2b").passed
    (before, text), (after, same_text) = seen(pdf), seen(copy)
    # the reader rounds to whole units: a tenth of a dot at this size, a quarter of a dot's grey on either side
    assert np.abs(before.astype(int) - after.astype(int)).max() < 64
    assert text == same_text == cff_fonts.TEXT


def test_widths_are_compared_in_the_units_of_the_document() -> None:
    pdf = document(program(OTHER_UNITS["2048 above"]), says=[round(width * 2.048) for width in widths()])
    assert "widths" in refusal(pdf)


def test_a_program_inside_an_opentype_file_and_a_font_inside_another_are_found() -> None:
    for font in (Font(), Font(by_cid=False), Font(above=USUAL, own=NONE)):
        pdf = document(cff_fonts.opentype(program(font)), kind=Name.OpenType, inside=True)
        copy = plain_copy(pdf, None)
        assert pdfa.validate_written(io.BytesIO(copy), "2b").passed
        assert np.array_equal(seen(pdf)[0], seen(copy)[0])


@pytest.mark.parametrize("above", [None, USUAL])
def test_a_font_of_names_inside_an_opentype_file_is_taken_out_of_it(above: Any) -> None:
    font = program(Font(by_cid=False, above=above))
    pdf = cff_fonts.simple_document(cff_fonts.opentype(font), kind=Name.OpenType)
    copy = plain_copy(pdf, None)
    assert pdfa.validate_written(io.BytesIO(copy), "2b").passed
    assert np.array_equal(seen(pdf)[0], seen(copy)[0])
    bare = cff_fonts.simple_document(font, kind=Name.Type1C)
    assert np.array_equal(seen(bare)[0], seen(plain_copy(bare, None))[0])


def as_truetype(pdf: bytes, *, kind: Name = Name.CIDFontType2) -> bytes:
    """The document says that its OpenType program is TrueType, as pdf-lib does."""

    def renamed(document: pikepdf.Pdf) -> None:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and "/FontFile3" in item:
                item.FontFile2 = item.FontFile3
                del item["/FontFile3"]
            elif isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == Name.CIDFontType0:
                item.Subtype, item.CIDToGIDMap = kind, Name.Identity

    return sample_pdf.changed(pdf, renamed)


def test_letters_by_number_that_are_called_truetype_are_called_what_they_are() -> None:
    pdf = as_truetype(document(cff_fonts.opentype(program(Font(by_cid=False))), kind=Name.OpenType))
    copy = plain_copy(pdf, None)
    assert pdfa.validate_written(io.BytesIO(copy), "2b").passed
    assert np.array_equal(seen(pdf)[0], seen(copy)[0])


@pytest.mark.parametrize(
    ("by_cid", "kind"),
    [
        (True, Name.CIDFontType2),  # by CID or by number: readers differ
        (False, Name.CIDFontType0),
    ],
)
def test_other_programs_that_are_called_truetype_are_refused(*, by_cid: bool, kind: Name) -> None:
    pdf = document(cff_fonts.opentype(program(Font(by_cid=by_cid))), kind=Name.OpenType)
    assert "damaged" in refusal(as_truetype(pdf, kind=kind))


def test_letters_found_by_a_table_of_the_document_are_not_taken_for_letters_by_number() -> None:
    def mapped(pdf: pikepdf.Pdf) -> None:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/CIDToGIDMap" in item:
                item.CIDToGIDMap = pdf.make_stream(bytes(60))

    pdf = as_truetype(document(cff_fonts.opentype(program(Font(by_cid=False))), kind=Name.OpenType))
    assert "damaged" in refusal(sample_pdf.changed(pdf, mapped))


def test_a_truetype_font_stays_as_it_is() -> None:
    pdf = sample_pdf.page()
    copy = plain_copy(pdf, None)
    assert np.array_equal(seen(pdf)[0], seen(copy)[0])


def test_lists_of_patterns_with_nothing_in_them_do_not_stand_in_the_way() -> None:
    def listed(document: pikepdf.Pdf) -> None:
        for key in ("/Pattern", "/Shading"):
            document.pages[0].Resources[key] = pikepdf.Dictionary()

    def shared(document: pikepdf.Pdf) -> None:
        listed(document)
        document.pages[0].Resources = document.make_indirect(document.pages[0].Resources)

    for change in (listed, shared):
        assert plain_copy(sample_pdf.changed(document(program(Font())), change), None)


def test_a_list_of_what_the_font_holds_that_is_wrong_does_not_come_along() -> None:
    copy = plain_copy(document(program(Font()), cid_set=b"\x01", inside=True), None)
    with pikepdf.open(io.BytesIO(copy)) as made:
        assert not [item for item in made.objects if isinstance(item, pikepdf.Dictionary) and "/CIDSet" in item]


# --- what ISO 19005-2 §6.2.11 does not allow --------------------------------------------------------------------


def refusal(pdf: bytes) -> str:
    with pytest.raises(CopyImpossible) as info:
        plain_copy(pdf, None)
    assert info.value.code == "COPY_IMPOSSIBLE"
    return str(info.value)


@pytest.mark.parametrize("shape", SHAPES)
def test_widths_may_differ_by_a_unit_and_by_no_more(shape: str) -> None:
    near = [width + 1 for width in widths()]
    assert plain_copy(document(program(SHAPES[shape]), says=near), None)
    wide = [*near[:3], near[3] + 1, *near[4:]]
    assert "widths" in refusal(document(program(SHAPES[shape]), says=wide))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_letter_that_the_program_lacks_or_has_no_form_for_is_refused(shape: str) -> None:
    assert "lacks letters" in refusal(document(program(SHAPES[shape]), codes=[1, 2, len(cff_fonts.TEXT) + 1]))
    assert "no form" in refusal(document(program(SHAPES[shape]), codes=[1, 0]))


@pytest.mark.parametrize(
    ("above", "own"),
    [
        ((0.001, 0, 0.0002, 0.001, 0, 0), None),  # slanted
        (USUAL, USUAL),  # readers differ: a millionth, or a thousandth
        (None, (0.001, 0, 0, 0.001, 0, 5)),  # moved
        (None, (0.002, 0, 0, 0.001, 0, 0)),  # wide
    ],
)
def test_a_program_of_another_scale_is_not_taken_for_one_of_the_usual(above: Any, own: Any) -> None:
    assert "does not fit" in refusal(document(program(Font(above=above, own=own))))


def test_an_opentype_file_that_says_another_scale_than_its_program_stays_what_it_is() -> None:
    pdf = document(cff_fonts.opentype(program(Font(by_cid=False)), units=2048), kind=Name.OpenType)
    assert "does not fit" in refusal(pdf)


# --- programs that keep readers busy, or are none -----------------------------------------------------------------


def doubling(depth: int) -> Font:
    """Routines that each call the next one twice: a few octets, 2 to the power of their number steps."""
    steps = [(cff_fonts.short(number + 1 - 107) + cff_fonts.CALL) * 2 + cff_fonts.RETURN for number in range(depth - 1)]
    first = cff_fonts.short(-107) + cff_fonts.CALL + cff_fonts.ENDCHAR
    return Font(forms=[cff_fonts.ENDCHAR] + [first] * len(cff_fonts.TEXT), routines=[*steps, cff_fonts.RETURN])


def wide_calls(fan: int) -> Font:
    """Ten levels, as deep as the standard allows, with many calls on each."""
    steps = [(cff_fonts.short(number + 1 - 107) + cff_fonts.CALL) * fan + cff_fonts.RETURN for number in range(9)]
    first = cff_fonts.short(-107) + cff_fonts.CALL + cff_fonts.ENDCHAR
    return Font(forms=[cff_fonts.ENDCHAR] + [first] * len(cff_fonts.TEXT), routines=[*steps, cff_fonts.RETURN])


def after_the_end() -> Font:
    """What stands behind the end of a letter is skipped by some readers and done by others."""
    font = wide_calls(50)
    return replace(font, forms=[cff_fonts.ENDCHAR + form for form in font.forms])


MANY = 65_000
ONE_NAME = b"\x00" + b"\x00\x01" * (MANY - 1)
HOSTILE = {
    "calls that double": (lambda: program(doubling(60)), "damaged"),
    "many calls on ten levels": (lambda: program(wide_calls(50)), "too large"),
    "calls behind the end": (lambda: program(after_the_end()), "too large"),
    "a routine that calls itself": (
        lambda: program(
            Font(
                forms=[cff_fonts.short(-107) + cff_fonts.CALL] * 21,
                routines=[cff_fonts.short(-107) + cff_fonts.CALL],
            )
        ),
        "damaged",
    ),
    "letters of one name": (
        lambda: program(Font(forms=[cff_fonts.ENDCHAR] * MANY, charset=ONE_NAME)),
        "damaged",
    ),
    "fonts over one table": (
        lambda: program(Font(fonts=250, one_table=True, routines=[b"\x0b" * 60_000] * 5)),
        "too large",
    ),
    "fonts with many empty routines": (
        lambda: program(Font(fonts=250, one_table=True, routines=[b""] * 60_000)),
        "too large",
    ),
    "a long dictionary": (lambda: program(Font(more=cff_fonts.number(1) * 10_000 + b"\x05")), "too large"),
    "a large file": (lambda: program(Font()) + bytes(17 * 1024 * 1024), "too large"),
    "cut off": (lambda: program(Font())[:300], "damaged"),
    "nothing": (lambda: b"", "damaged"),
    "something else": (lambda: b"\x01\x00\x04\x04" + b"\xff" * 4000, "damaged"),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_program_that_keeps_readers_busy_ends_soon_and_with_its_reason(kind: str) -> None:
    make, reason = HOSTILE[kind]
    assert reason in refusal(document(make()))


@pytest.mark.parametrize(
    "packed", [b"", b"OTTO", b"wOFF" + bytes(60), b"OTTO\xff\xff" + bytes(40), b"ttcf" + bytes(60)]
)
def test_an_opentype_file_that_is_none_or_is_packed_is_refused(packed: bytes) -> None:
    assert "damaged" in refusal(document(packed, kind=Name.OpenType))


def test_letters_count_for_every_font_that_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    one = document(program(Font()))
    steps = steps_to_draw(read_program(program(Font())), at_most=10**6)
    monkeypatch.setattr(embedded_fonts, "MAX_STEPS", steps + 1)
    assert plain_copy(one, None)

    def twice(pdf: pikepdf.Pdf) -> None:
        fonts = pdf.pages[0].Resources.Font
        (below,) = fonts.F1.DescendantFonts
        another = pikepdf.Dictionary(fonts.F1)
        another.DescendantFonts = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(below))])
        fonts.F2 = pdf.make_indirect(another)

    assert "too large" in refusal(sample_pdf.changed(one, twice))


@settings(deadline=None, max_examples=120)
@given(at=st.integers(0, 3000), octet=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_damaged_program_ends_typed_or_becomes_a_valid_copy(at: int, octet: int, cut: int) -> None:
    data = bytearray(program(SHAPES["routines"]))
    data[at % len(data)] = octet
    with contextlib.suppress(CopyImpossible):
        copy = plain_copy(document(bytes(data[: len(data) - cut])), None)
        assert pdfa.validate_written(io.BytesIO(copy), "2b").passed


@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"\x01\x00\x04\x01", program(Font())[:60]]))
def test_any_octets_are_a_program_or_damaged(data: bytes, start: bytes) -> None:
    with contextlib.suppress(ProgramDamaged, ProgramTooLarge):
        steps_to_draw(read_program(start + data), at_most=10_000)
