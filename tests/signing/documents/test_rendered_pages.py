"""Pages of the signed version and of the current file are drawn and compared; objects are not looked at here at all."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.pades import Box, PersonMark, SealMark
from signing.validation.drawing import DrawingFailedError, draw, opened
from signing.validation.overlays import Area
from signing.validation.rendered import RenderBudget, compare_pages, hides_ink
from tests.fakes.sample_pdf import assembled, changed, cropped, encrypted, page, rotated, with_xfa

name, number = generic.pdf_name, generic.NumberObject

_TEXT = b"BT /F1 24 Tf 40 120 Td (5.000.000 dong) Tj ET /OC /Layer BDC 0.2 0.6 0.2 rg 40 60 60 20 re f EMC "
_OBJECTS = [
    (
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [9 0 R] /DR << /Font << /F1 5 0 R >> >> >>"
        b" /OCProperties << /OCGs [7 0 R] /D << /ON [7 0 R] /Order [7 0 R] >> >> >>"
    ),
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [9 0 R]"
        b" /Resources << /Font << /F1 5 0 R >> /XObject << /Im 8 0 R >> /Properties << /Layer 7 0 R >> >> >>"
    ),
    b"<< /Length %d >>\nstream\n%s\nendstream"
    % (len(_TEXT + b"q 80 0 0 20 200 160 cm /Im Do Q"), _TEXT + b"q 80 0 0 20 200 160 cm /Im Do Q"),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding 6 0 R >>",
    b"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [32 /space] >>",
    b"<< /Type /OCG /Name (Lop) >>",
    (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1"
        b" >>\nstream\n\xd0\nendstream"
    ),
    (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (so) /V (12) /F 4 /Rect [200 20 280 50] /P 3 0 R"
        b" /DA (/F1 12 Tf 0 g) /AP << /N 10 0 R >> >>"
    ),
    (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 80 30] /Resources << /Font << /F1 5 0 R >> >> /Length 38 >>\n"
        b"stream\nBT /F1 12 Tf 4 10 Td (12) Tj ET        \nendstream"
    ),
]


def later(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def replaced(pdf: bytes, obj: int, value: Any) -> bytes:
    return later(pdf, lambda writer: writer.add_object(value, obj_stream=None, idnum=obj))


def revised(pdf: bytes, obj: int, edit: Callable[[Any], None]) -> bytes:
    """The file with a changed dictionary or stream in a new revision."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        found = writer.get_object(generic.Reference(obj, 0, writer))
        edit(found)
        writer.mark_update(generic.Reference(obj, 0, writer))

    return later(pdf, change)


def content_of(text: bytes) -> Callable[[Any], None]:
    def edit(stream: Any) -> None:
        stream._data, stream._encoded_data = text, None

    return edit


@pytest.fixture(scope="module")
def rich(sign: Any) -> bytes:
    """A signed page with text, a layer, a picture and a form field."""
    return sign(assembled(_OBJECTS), level="B-B").pdf


def _font(encoding: Any) -> None:
    encoding["/Differences"] = generic.ArrayObject([number(53), name("/nine")])


def _layer_off(catalogue: Any) -> None:
    settings_ = catalogue["/OCProperties"]["/D"]
    settings_["/OFF"], settings_["/ON"] = settings_["/ON"], generic.ArrayObject()


def _stamp(writer: IncrementalPdfFileWriter) -> None:
    form = generic.StreamObject(
        {
            name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"),
            name("/BBox"): generic.ArrayObject(map(number, (0, 0, 90, 30))),
        },
        stream_data=b"1 g 0 0 90 30 re f",
    )  # fmt: skip
    annotation = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"), name("/Subtype"): name("/Stamp"), name("/F"): number(4),
            name("/Rect"): generic.ArrayObject(map(number, (40, 115, 130, 145))),
            name("/AP"): generic.DictionaryObject({name("/N"): writer.add_object(form)}),
        }
    )  # fmt: skip
    target = writer.root["/Pages"]["/Kids"][0]
    target["/Annots"].append(writer.add_object(annotation))
    writer.update_container(target["/Annots"])


ATTACKS: dict[str, tuple[Callable[[bytes], bytes], Area]] = {
    # what looks different, and where
    "a font reads differently": (
        lambda pdf: revised(pdf, 6, _font), Area(left=40, bottom=115, right=60, top=142),
    ),
    "a layer is switched off": (
        lambda pdf: revised(pdf, 1, _layer_off), Area(left=40, bottom=60, right=100, top=80),
    ),
    "a field shows something else than its value": (
        lambda pdf: revised(pdf, 10, content_of(b"BT /F1 12 Tf 4 10 Td (72) Tj ET")),
        Area(left=203, bottom=28, right=212, top=42),
    ),
    "a picture is exchanged": (
        lambda pdf: revised(pdf, 8, content_of(b"\x10")), Area(left=200, bottom=160, right=280, top=180),
    ),
    "a text is edited": (
        lambda pdf: revised(pdf, 4, content_of(_TEXT.replace(b"5.000", b"9.000"))),
        Area(left=40, bottom=115, right=60, top=142),
    ),
    "a stamp hides a text": (lambda pdf: later(pdf, _stamp), Area(left=40, bottom=118, right=130, top=140)),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_page_that_looks_different_is_seen_and_the_place_is_told(rich: bytes, attack: str) -> None:
    build, place = ATTACKS[attack]
    manipulated = build(rich)
    answer = compare_pages(manipulated, len(rich), allowed=())
    assert answer.same is False
    assert [difference.page for difference in answer.pages] == [0]
    around = answer.pages[0].areas
    assert any(area.covers(place) for area in around)
    assert sum(area.size for area in around) < 6 * place.size + 2500


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_small_resolution_sees_every_attack_too(rich: bytes, attack: str) -> None:
    manipulated = ATTACKS[attack][0](rich)
    low = RenderBudget(dpi=40.0)
    assert compare_pages(manipulated, len(rich), allowed=(), budget=low).same is False


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_places_are_told_in_the_coordinates_of_a_turned_and_cropped_page(sign: Any, angle: int) -> None:
    def crop(document: Any) -> None:
        document.pages[0].CropBox = pikepdf.Array([20, 30, 290, 190])

    signed = sign(rotated(changed(assembled(_OBJECTS), crop), angle), level="B-B").pdf
    before = later(signed, lambda writer: writer.update_root())

    def mark(writer: IncrementalPdfFileWriter) -> None:
        target = writer.root["/Pages"]["/Kids"][0]
        drawn = generic.StreamObject(stream_data=b"1 0 0 rg 120 90 40 16 re f")
        old = target.raw_get("/Contents")
        target["/Contents"] = generic.ArrayObject([old, writer.add_object(drawn)])
        writer.update_container(target)

    (difference,) = compare_pages(later(before, mark), len(signed), allowed=()).pages
    (area,) = difference.areas
    expected = Area(left=120, bottom=90, right=160, top=106)
    assert (area.left, area.bottom, area.right, area.top) == pytest.approx(
        (expected.left, expected.bottom, expected.right, expected.top), abs=9
    )


def test_another_crop_box_or_rotation_is_a_different_page(rich: bytes) -> None:
    def turned(target: Any) -> None:
        target["/Rotate"] = number(180)

    def cut(target: Any) -> None:
        target["/CropBox"] = generic.ArrayObject(map(number, (0, 0, 150, 200)))

    for edit in (turned, cut):
        assert compare_pages(revised(rich, 3, edit), len(rich), allowed=()).same is False


def test_a_page_more_or_less_is_told(rich: bytes) -> None:
    def more(writer: IncrementalPdfFileWriter) -> None:
        tree = writer.root["/Pages"]
        added = generic.DictionaryObject(
            {
                name("/Type"): name("/Page"), name("/Parent"): writer.root.raw_get("/Pages"),
                name("/MediaBox"): generic.ArrayObject(map(number, (0, 0, 100, 50))),
            }
        )  # fmt: skip
        tree["/Kids"].append(writer.add_object(added))
        tree["/Count"] = number(2)
        writer.update_container(tree)

    two = later(rich, more)
    answer = compare_pages(two, len(rich), allowed=())
    assert answer.same is False
    assert [(d.page, d.areas[0].width, d.areas[0].height) for d in answer.pages] == [(1, 100, 50)]

    def less(tree: Any) -> None:
        tree["/Kids"] = generic.ArrayObject([tree["/Kids"].raw_get(0)])
        tree["/Count"] = number(1)

    one = revised(two, 2, less)
    assert [d.page for d in compare_pages(one, len(two), allowed=()).pages] == [1]


def test_what_is_allowed_may_look_like_anything_but_not_beyond_its_edge(rich: bytes) -> None:
    manipulated = ATTACKS["a picture is exchanged"][0](rich)
    whole, half = Area(left=200, bottom=160, right=280, top=180), Area(left=200, bottom=160, right=240, top=180)
    assert compare_pages(manipulated, len(rich), allowed=[(0, whole)]).same is True
    assert compare_pages(manipulated, len(rich), allowed=[(1, whole)]).same is False
    (difference,) = compare_pages(manipulated, len(rich), allowed=[(0, half)]).pages
    assert all(area.right > half.right for area in difference.areas)


_MIDDLE = Box(page=0, left=220, bottom=130, right=400, top=330)
_BELOW = Box(page=0, left=220, bottom=60, right=330, top=120)
"""Where these pages have room for both marks."""


@pytest.mark.parametrize(
    ("make", "free"),
    [
        (page, _MIDDLE), (lambda: page(landscape=True), _MIDDLE), (lambda: rotated(page(), 90), _MIDDLE),
        (lambda: rotated(page(), 180), _BELOW), (lambda: rotated(page(), 270), _MIDDLE),
        (lambda: cropped(page()), _MIDDLE), (lambda: page(paper="a5"), _BELOW),
    ],
    ids=["a4", "landscape", "turned", "upside down", "turned back", "cropped", "a5"],
)  # fmt: skip
def test_signing_sealing_and_validation_data_raise_no_alarm(  # noqa: PLR0917 - fixtures
    sign: Any, pki: Any, signature_picture: bytes, seal_picture: bytes, make: Callable[[], bytes], free: Box
) -> None:
    first = sign(make(), field_name="Person", mark=PersonMark(picture=signature_picture, block=free)).pdf
    second = sign(first, credential=pki.seal(), field_name="Seal", mark=SealMark(picture=seal_picture)).pdf
    with pikepdf.open(io.BytesIO(second)) as document:
        rectangles = {str(one.get("/T", "")): [float(n) for n in one.Rect] for one in document.pages[0].Annots}
    left, bottom, right, top = rectangles["Seal"]
    seal = Area(left=min(left, right), bottom=min(bottom, top), right=max(left, right), top=max(bottom, top))
    for end in _ends(second):
        assert compare_pages(second, end, allowed=[(0, seal)]).same is True
    assert compare_pages(second, len(first), allowed=()).same is False  # the mark itself is seen


def _ends(pdf: bytes) -> list[int]:
    """Where the revisions of a file end that a signature covers."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        ranges = [[int(n) for n in field.V.ByteRange] for field in document.Root.AcroForm.Fields if "/V" in field]
    return [start + length for _, _, start, length in ranges if start + length < len(pdf)]


def test_a_locked_file_is_compared_with_its_password(sign: Any) -> None:
    locked = encrypted(assembled(_OBJECTS), user="chìa khóa")
    appended = locked + b"\n"
    assert compare_pages(appended, len(locked), allowed=(), password="chìa khóa").same is True
    assert compare_pages(appended, len(locked), allowed=(), password="sai").same is None
    assert compare_pages(appended, len(locked), allowed=()).same is None


def test_what_cannot_be_drawn_is_not_the_same(rich: bytes) -> None:
    assert compare_pages(rich + b"\n", 40, allowed=()).same is None
    assert compare_pages(b"", 0, allowed=()).same is None
    late = RenderBudget(cpu_s=-1.0)
    assert compare_pages(rich + b"\n", len(rich), allowed=(), budget=late).same is None
    few = RenderBudget(pages=0)
    assert compare_pages(rich + b"\n", len(rich), allowed=(), budget=few).same is None


def test_a_form_that_other_viewers_run_is_not_called_the_same() -> None:
    form = with_xfa(page())
    assert compare_pages(form + b"\n", len(form), allowed=()).same is None


def test_a_difference_counts_even_when_other_pages_could_not_be_drawn(rich: bytes) -> None:
    def twice(tree: Any) -> None:
        tree["/Kids"].append(tree["/Kids"].raw_get(0))
        tree["/Count"] = number(2)

    two = revised(rich, 2, twice)
    edited = revised(two, 4, content_of(_TEXT.replace(b"5.000", b"9.000")))
    answer = compare_pages(edited, len(two), allowed=(), budget=RenderBudget(pages=1))
    assert (answer.same, [d.page for d in answer.pages]) == (False, [0])


def test_long_documents_are_drawn_smaller_and_stay_cheap() -> None:
    def more(document: Any) -> None:
        for _ in range(99):
            document.pages.append(document.pages[0])

    long = changed(page(), more)
    answer = compare_pages(long + b"\n", len(long), allowed=(), budget=RenderBudget(cpu_s=30))
    assert answer.same is True


_FIELD = Area(left=200, bottom=20, right=280, top=50)


def _form_over(below: bytes) -> list[bytes]:
    """The page with something of its own below the form field, whose face is empty when it is signed."""
    content = _TEXT + below
    objects = list(_OBJECTS)
    objects[3] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    objects[9] = objects[9].replace(b"(12) Tj", b"( ) Tj ")
    return objects


@pytest.mark.parametrize(
    ("below", "face", "same"),
    [
        (b"BT /F1 12 Tf 204 30 Td (100 VND) Tj ET", b"1 g 0 0 80 30 re f", False),  # text of the page is hidden
        (b"BT /F1 12 Tf 204 30 Td (100 VND) Tj ET", b"0 g 2 2 70 3 re f", True),  # and here it is not
        (b"BT /F1 12 Tf 204 30 Td (............) Tj ET", b"1 g 0 0 80 30 re f", True),  # dots to write on
        (b"200 30 80 1 re f", b"1 g 0 0 80 30 re f", True),  # a rule
    ],
)
def test_a_field_may_be_filled_in_but_hides_no_text_of_the_page(
    sign: Any, below: bytes, face: bytes, *, same: bool
) -> None:
    signed = sign(assembled(_form_over(below)), level="B-B").pdf
    filled = revised(signed, 10, content_of(face))
    assert compare_pages(filled, len(signed), allowed=()).same is False
    assert compare_pages(filled, len(signed), allowed=[(0, _FIELD)]).same is same


def test_the_icon_of_a_note_may_stand_on_a_letter(rich: bytes) -> None:
    manipulated = ATTACKS["a stamp hides a text"][0](rich)
    wide, small = Area(left=40, bottom=115, right=130, top=145), Area(left=60, bottom=118, right=80, top=138)
    assert compare_pages(manipulated, len(rich), allowed=[(0, wide)]).same is False
    drawing = image_bytes(rich)
    assert not hides_ink(drawing, drawing, drawing, small)


def image_bytes(pdf: bytes) -> Any:
    with opened(pdf, len(pdf), None) as document:
        return draw(document, 0, dpi=72)


def test_a_page_that_appears_where_there_was_none_is_different() -> None:
    broken = assembled([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 99 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    ])  # fmt: skip
    start = int(broken.rsplit(b"startxref\n", 1)[1].split()[0])
    page_at = len(broken)
    supplied = broken + b"99 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 50] >>\nendobj\n"
    table = b"xref\n99 1\n%010d 00000 n \ntrailer\n<< /Size 100 /Root 1 0 R /Prev %d >>\n" % (page_at, start)
    supplied += table + b"startxref\n%d\n%%%%EOF\n" % len(supplied)
    answer = compare_pages(supplied, len(broken), allowed=())
    assert (answer.same, [d.page for d in answer.pages]) == (False, [1])


def test_a_page_that_cannot_be_read_is_not_the_same() -> None:
    broken = assembled([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 99 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    ])  # fmt: skip
    assert compare_pages(broken + b"\n", len(broken), allowed=()).same is None


def test_many_small_differences_are_told_as_one_place(rich: bytes) -> None:
    dots = b" ".join(b"%d %d 2 2 re f" % (10 + 40 * x, 10 + 24 * y) for x in range(7) for y in range(8))
    (difference,) = compare_pages(revised(rich, 4, content_of(_TEXT + dots)), len(rich), allowed=()).pages
    (area,) = difference.areas
    assert area.width > 230
    assert area.height > 160


def test_a_page_as_thin_as_a_line_is_not_drawn() -> None:
    def thin(document: Any) -> None:
        document.pages[0].MediaBox = pikepdf.Array([0, 0, 100_000_000, 1])

    line = changed(assembled(_OBJECTS), thin)
    with opened(line, len(line), None) as document, pytest.raises(DrawingFailedError):
        draw(document, 0, dpi=72)
    assert compare_pages(line + b"\n", len(line), allowed=()).same is None


def test_a_page_as_large_as_a_field_is_drawn_within_bounds() -> None:
    def grow(document: Any) -> None:
        document.pages[0].MediaBox = pikepdf.Array([0, 0, 200_000, 200_000])

    huge = changed(page(), grow)
    with opened(huge, len(huge), None) as document:
        width, height = draw(document, 0, dpi=72).size
    assert width * height <= 6_100_000


@settings(max_examples=40, deadline=None)
@given(
    left=st.integers(0, 250), bottom=st.integers(0, 150), width=st.integers(6, 50), height=st.integers(6, 50),
    angle=st.sampled_from([0, 90, 180, 270]),
)  # fmt: skip
def test_a_rectangle_comes_back_from_pixels_as_it_went_in(
    left: int, bottom: int, width: int, height: int, angle: int
) -> None:
    pdf = rotated(assembled(_OBJECTS), angle)
    with opened(pdf, len(pdf), None) as document:
        frame = draw(document, 0, dpi=72).frame
    area = Area(left=left, bottom=bottom, right=min(300, left + width), top=min(200, bottom + height))
    back = frame.area(*frame.box(area))
    assert back.left <= area.left + 1e-6
    assert back.right >= area.right - 1e-6
    assert (back.width, back.height) == pytest.approx((area.width, area.height), abs=2.1)
