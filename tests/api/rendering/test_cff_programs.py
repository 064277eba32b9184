"""What our reader finds in a CFF program is what the font library finds, and the steps it counts are the library's."""

import io
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet, encodeNumber
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import SimpleT2Decompiler, T2CharString
from fontTools.pens.t2CharStringPen import T2CharStringPen
from hypothesis import given
from hypothesis import strategies as st

from api.rendering import cff_form
from api.rendering.cff_effort import steps_to_draw
from api.rendering.cff_form import opentype_program, plain_form
from api.rendering.cff_reader import CffProgram, ProgramDamaged, ProgramTooLarge, read_program
from tests.fakes import cff_fonts
from tests.fakes.cff_fonts import CALL, ENDCHAR, FONT_MATRIX, Font, program, short

HINTED = [  # TN 5177 §4.3: stems, a mask with stems before it that are not named, a second mask, and a path
    b"\x8b\x8c\x12" + b"\x8b\x8c\x8d\x8e\x13\xe0" + b"\x13\x10" + short(100) + b"\x16" + ENDCHAR,
    b"\x8b\x8c\x01" + b"\x8d\x8e\x03" + b"\xf7\x00\xfb\x00\x05" + ENDCHAR,
    b"\xff\x00\x01\x80\x00" + b"\x8b\x15" + short(6) + short(2) + b"\x0c\x0c" + b"\x06" + ENDCHAR,
    b"\x8b" * 13 + b"\x0c\x23" + ENDCHAR,
    b"\x8b" * 2 + b"\x17" + b"\x8b\x8b\x14\x80" + ENDCHAR,
    b"\x8b" * 8 + b"\x12\x13\xf0" + b"\x8b" * 10 + b"\x13\x10" + b"\x8b\x16" + ENDCHAR,  # stems are counted once
]


def found_by_the_library(data: bytes) -> Any:
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(data), otFont=None)
    return fonts[0]


def steps_of_the_library(data: bytes) -> int:
    """How often the library takes a number or an operator from a letter or a routine."""
    top, count = found_by_the_library(data), 0

    class Counted(SimpleT2Decompiler):
        def execute(self, charString: T2CharString, **more: Any) -> None:  # noqa: N803 - the library's name
            nonlocal count
            taken = charString.getToken

            def counted(index: int) -> Any:
                nonlocal count
                token = taken(index)
                count += token[0] is not None
                return token

            charString.getToken = counted
            super().execute(charString, **more)
            charString.getToken = taken

        def op_div(self, _index: int) -> None:
            self.push(self.pop() / self.pop())

    for name in top.charset:
        letter = top.CharStrings[name]
        Counted(getattr(letter.private, "Subrs", []), top.GlobalSubrs, letter.private).execute(letter)
    return count


def built_by_the_library() -> bytes:
    builder = FontBuilder(1000, isTTF=False)
    names = [".notdef", *(f"u{number:04X}" for number in range(0x1E00, 0x1E60))]
    builder.setupGlyphOrder(names)
    letters = {}
    for number, name in enumerate(names):
        pen = T2CharStringPen(500 + number, None)
        pen.moveTo((0, 0))
        pen.lineTo((number, 2000))
        pen.curveTo((1, 2), (30, 400), (-500, -6000))
        pen.closePath()
        letters[name] = pen.getCharString()
    builder.setupCFF("Anso", {"FullName": "Anso"}, letters, {"BlueScale": 0.0375, "BlueValues": [-10, 0]})
    out = io.BytesIO()
    builder.font["CFF "].cff.compile(out, builder.font)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        program(Font()),
        program(Font(forms=HINTED, fonts=2)),
        program(Font(forms=[short(-107) + CALL] * 5, routines=[HINTED[0]], fonts=2)),
        program(Font(forms=[short(-107) + cff_fonts.CALL_GLOBAL] * 5, shared=[HINTED[1]] * 2000)),
        built_by_the_library(),
    ],
)
def test_reader_and_library_find_the_same_letters_and_take_the_same_steps(data: bytes) -> None:
    forms = [data, *filter(None, (plain_form(read_program(data), by_cid=True),))]
    assert len(forms) == 2
    for form in forms:
        top, read = found_by_the_library(form), read_program(form)
        assert [form[start:end] for start, end in read.charstrings] == [
            top.CharStrings[name].bytecode for name in top.charset
        ]
        if read.is_cid_keyed:
            assert [f"cid{cid:05}" for cid in read.charset[1:]] == top.charset[1:]
            assert list(read.font_of) == [top.FDSelect[number] for number in range(len(read.charset))]
        taken = steps_of_the_library(form)
        assert steps_to_draw(read, at_most=10**6) == taken
        assert steps_to_draw(read, at_most=taken) == taken
        with pytest.raises(ProgramTooLarge):
            steps_to_draw(read, at_most=taken - 1)


@given(
    values=st.lists(
        st.one_of(st.integers(-(2**31), 2**31 - 1), st.floats(-1000, 1000, allow_nan=False)), min_size=6, max_size=6
    )
)
def test_numbers_are_read_as_the_library_writes_them(values: list[float]) -> None:
    data = program(Font(more=b"".join(map(encodeNumber, values)) + FONT_MATRIX))
    assert read_program(data).matrix == pytest.approx(tuple(values), rel=1e-6, abs=1e-8)


def drawn(*forms: bytes, **more: Any) -> CffProgram:
    return read_program(program(Font(forms=[ENDCHAR, *forms], **more)))


@pytest.mark.parametrize(
    "form",
    [
        CALL,  # calls nothing
        short(-108) + CALL,  # before the first routine
        short(-106) + CALL,  # behind the last
        b"\xff\xff\x95\x80\x00" + CALL,  # half a routine
        b"\x8b" * 49,  # more numbers than there is room for
        b"\x0c\x0a",  # arithmetic
        b"\x8b\x8b\x0c\x0c",  # by nothing
    ],
)
def test_a_letter_that_cannot_be_drawn_is_damage(form: bytes) -> None:
    with pytest.raises(ProgramDamaged):
        steps_to_draw(drawn(form, routines=[b"\x0b"]), at_most=1000)


def test_a_number_that_ends_behind_the_program_is_damage() -> None:
    data = cff_fonts.index([ENDCHAR, b"\x0c"])
    whole = CffProgram(
        data=data,
        is_cid_keyed=False,
        matrix=None,
        charstrings=((len(data) - 1, len(data)),),
        charset=(0,),
        global_subrs=(),
        fonts=drawn().fonts,
        font_of=b"\0",
    )
    with pytest.raises(ProgramDamaged):
        steps_to_draw(whole, at_most=1000)


@pytest.mark.parametrize(
    "more",
    [
        b"\x16",  # a reserved octet where a number or an operator stands
        cff_fonts.entry(cff_fonts.FONT_MATRIX, 1, 0, 0),  # half a matrix
        cff_fonts.entry(cff_fonts.CHARSET, 1),  # an entry twice
        b"\x1e\xd0\xff\x05",  # a digit that there is none of
        b"\x1e\xa1" + b"\x11" * 80 + b"\xff\x05",  # a number without end
        b"\x1e\x99\xb9\x9f\x05",  # a number beyond all
    ],
)
def test_a_dictionary_that_says_nothing_sensible_is_damage(more: bytes) -> None:
    with pytest.raises(ProgramDamaged):
        read_program(program(Font(more=more)))


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) == 1
    assert len(old) == len(new)
    return data.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x01\x00\x04\x04\x00\x01\x04\x00\x00\x00\x01", b"\x02\x00\x04\x04\x00\x01\x04\x00\x00\x00\x01"),  # CFF2
        (b"\x00\x01\x04\x00\x00\x00\x01\x00\x00\x00\x05Anso", b"\x00\x01\x05\x00\x00\x00\x01\x00\x00\x00\x05Anso"),
        (b"\x00\x00\x00\x01\x00\x00\x00\x05Anso", b"\x00\x00\x00\x01\x00\xff\x00\x05Anso"),  # ends outside
        (b"\x00\x01\x04\x00\x00\x00\x01\x00\x00\x00\x05Anso", b"\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00\x05Anso"),
        (b"\x00\x01\x04\x00\x00\x00\x01\x00\x00\x00\x05Anso", b"\x00\x00" + bytes(9) + b"Anso"),  # no name
        (b"\x00\x01\x02" + b"\x00\x01\x02" * 0, b"\x00\x07\x02"),  # which font: the eighth of three
    ],
)
def test_a_table_that_is_none_is_damage(old: bytes, new: bytes) -> None:
    with pytest.raises(ProgramDamaged):
        read_program(replaced(program(Font(forms=HINTED[:3], fonts=3, charset=b"\x00\x00\x11\x00\x12")), old, new))


def test_parts_that_lie_outside_are_damage() -> None:
    names = program(Font(by_cid=False, forms=HINTED[:1], charset=b"\x00"))
    at = names.index(b"\x12" + b"\x00\x02")  # PRIVATE ends the top dictionary; the strings follow
    for size, start in ((0, -3), (10, len(names) - 4), (0, len(names) + 1)):
        with pytest.raises(ProgramDamaged):
            read_program(names[: at - 10] + cff_fonts.entry(cff_fonts.PRIVATE, size, start) + names[at + 1 :])
    cids = program(Font(forms=HINTED[:3], charset=b"\x00\x00\x11\x00\x12"))
    at = cids.index(cff_fonts.FD_SELECT)
    behind = cids[: at - 5] + cff_fonts.entry(cff_fonts.FD_SELECT, len(cids)) + cids[at + 2 :]
    assert read_program(behind + bytes(4)).font_of == bytes(3)
    with pytest.raises(ProgramDamaged):
        read_program(behind + bytes(3))


def test_letters_that_run_backwards_or_out_of_the_program_are_damage() -> None:
    data = program(Font(forms=HINTED[:3], charset=b"\x00\x00\x11\x00\x12"))
    table = cff_fonts.index(HINTED[:3])[:19]
    for ends in ((1, 30, 20, 40), (1, 2, 3, len(data))):
        wrong = table[:3] + b"".join(end.to_bytes(4) for end in ends)
        with pytest.raises(ProgramDamaged):
            read_program(replaced(data, table, wrong))


def test_a_dictionary_that_ends_within_a_number_is_damage() -> None:
    data = program(Font(forms=HINTED[:1], charset=b"\x00", routines=[b"\x0b"]))
    with pytest.raises(ProgramDamaged):
        read_program(replaced(data, cff_fonts.number(6) + b"\x1d", cff_fonts.number(3) + b"\x1d"))


def test_a_file_of_two_fonts_is_no_program_of_a_document() -> None:
    for names in ([], [b"Anso", b"Anso"]):
        with pytest.raises(ProgramDamaged):
            read_program(program(Font(names=names)))
    with pytest.raises(ProgramTooLarge):
        read_program(program(Font(fonts=300)))


@pytest.mark.parametrize(
    "octets",
    [
        cff_fonts.opentype(program(Font()), signature=b"wOFF"),  # the library would unpack it
        b"OTTO\x00\x02" + bytes(6) + (b"head" + bytes(7) + b"\x2c" + bytes(3) + b"\x20") * 2 + bytes(60),
    ],
    ids=["packed", "a table twice"],
)
def test_a_file_around_a_program_is_opentype_with_each_table_once(octets: bytes) -> None:
    with pytest.raises(ProgramDamaged):
        opentype_program(octets)


def ranged(ranges: bytes) -> bytes:
    """A program whose choice of fonts is by ranges (TN 5176 §19, format 3)."""
    data = program(Font(forms=[ENDCHAR] * 12, fonts=1, charset=b"\x02\x00\x11\x00\x0a"))
    return replaced(data, bytes(13), ranges.ljust(13, b"\0"))


def test_fonts_are_chosen_by_ranges_that_ascend_and_end_with_the_letters() -> None:
    assert read_program(ranged(b"\x03\x00\x02\x00\x00\x00\x00\x05\x00\x00\x0c")).font_of == bytes(12)
    for wrong in (
        b"\x03\x00\x02\x00\x01\x00\x00\x05\x00\x00\x0c",
        b"\x03\x00\x02\x00\x00\x00\x00\x00\x00\x00\x0c",
        b"\x03\x00\x02\x00\x00\x00\x00\x05\x00\x00\x0d",
        b"\x02",
    ):
        with pytest.raises(ProgramDamaged):
            read_program(ranged(wrong))


def test_a_charset_of_no_known_form_is_damage() -> None:
    with pytest.raises(ProgramDamaged):
        read_program(program(Font(charset=b"\x07" + bytes(60))))
    assert len(read_program(program(Font(charset=b"\x01\x00\x11\x05\x00\x40\xff"))).charset) == len(cff_fonts.forms())


def test_what_was_written_is_not_used_if_its_letters_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    read, other = read_program(program(Font(own=cff_fonts.USUAL))), program(Font(forms=HINTED))
    monkeypatch.setattr(cff_form, "_written", lambda *_program, **_how: other)
    assert plain_form(read, by_cid=True) is None
