"""Marks on real layouts: at their legal place, as on the reference images, covering nothing but what is planned."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import pdfa
from PIL import Image

from signing.pades import Box, PersonMark, ReservedSeal, SealMark, TextMark, find_signer_block, mark_preview
from signing.pades.covering import MAX_OBJECTS, Surroundings
from signing.pades.geometry import POINTS_PER_MM
from signing.pades.pages import ShownPage, opened_pages, signature_widgets
from signing.pades.refusals import MarkHasNoPlace
from signing.pades.widget import place_mark
from tests.fakes import mark_layouts as layouts
from tests.fakes.marked_pages import cut, marked, packed, part, shown

REFERENCES = Path(__file__).parents[2] / "vectors" / "marks"
A4 = '#set page(paper: "a4", margin: 2cm)\n#set text(font: "Tinos", size: 13pt)\n'
BLOCK = "#align(right, block(width: 9cm, align(center)[*CHỦ TỊCH* #v(2.4cm) *Nguyễn Thị Ánh*]))\n"


def boxes(pdf: bytes) -> dict[str, Box]:
    return {widget.field_name: widget.box for widget in signature_widgets(pdf)}


def seals_place(pdf: bytes, picture: bytes, **changes: Any) -> Any:
    """Where the seal goes beside a signature in the one block of the page."""
    block = find_signer_block(pdf)
    return place_mark(pdf, SealMark(picture=picture, block=block, **changes))


@pytest.fixture(scope="module")
def pictures(signature_picture: bytes, seal_picture: bytes) -> tuple[bytes, bytes]:
    return signature_picture, seal_picture


@pytest.mark.parametrize("layout", sorted(layouts.LAYOUTS))
def test_marks_look_as_on_the_reference_image(
    layout: str, sign: Any, pki: Any, pictures: tuple[bytes, bytes], font: bytes
) -> None:
    pdf = marked(sign, pki, layout, pictures, font)
    # model §5, I15: the geometry, in coordinates of the page as it is shown
    where = boxes(pdf)
    a, b, e = (where[name] for name in ("Person", "Seal", "Copy"))
    assert a.page == b.page == layouts.LAYOUTS[layout].page
    assert 18 <= a.height <= 45.01
    assert b.width == pytest.approx(36 * POINTS_PER_MM, abs=0.01)
    assert b.height == pytest.approx(b.width, abs=0.01)
    assert b.right == pytest.approx(a.left + a.width / 3, abs=0.01)
    with opened_pages(pdf) as document:
        frame = ShownPage(document, e.page).frame
    assert (frame.width - e.right, frame.height - e.top) == (pytest.approx(8, abs=0.01), pytest.approx(8, abs=0.01))
    # the looks
    mine = np.asarray(Image.open(io.BytesIO(packed(cut(pdf)))).convert("RGB"), dtype=int)
    reference = np.asarray(Image.open(REFERENCES / f"{layout}.png").convert("RGB"), dtype=int)
    assert mine.shape == reference.shape
    difference = np.abs(mine - reference).max(axis=2)
    assert (difference > 60).mean() < 0.01, "if this is meant: tests/vectors/marks/README.md"


def test_a_moved_mark_does_not_pass_for_the_reference_image() -> None:
    reference = np.asarray(Image.open(REFERENCES / "a4.png").convert("RGB"), dtype=int)
    moved = np.roll(reference, 2, axis=1)  # a third of a millimetre
    assert (np.abs(moved - reference).max(axis=2) > 60).mean() > 0.01


def test_of_two_signers_the_named_one_gets_the_mark_however_the_name_is_typed() -> None:
    pdf = layouts.LAYOUTS["two-signers-left"].make()
    left, right = (find_signer_block(pdf, name=name) for name in ("TRẦN VĂN BÌNH", "Lê Thị Hoà"))
    assert left.right < right.left
    assert find_signer_block(pdf, name="lê thị hòa", title="GIÁM ĐỐC") == right
    assert find_signer_block(pdf) == right
    assert find_signer_block(pdf, title="kế toán trưởng") == left


@pytest.mark.parametrize(
    "wanted", [{"signer_name": "Phạm Thị Hoa"}, {"signer_name": "Lê Thị Hoà", "signer_title": "CHỦ TỊCH"}]
)
def test_nobody_signs_in_the_block_of_somebody_else(wanted: dict[str, str], signature_picture: bytes) -> None:
    pdf = layouts.LAYOUTS["two-signers-left"].make()
    with pytest.raises(MarkHasNoPlace) as caught:
        place_mark(pdf, PersonMark(picture=signature_picture, **wanted))
    assert caught.value.code == "MARK_PLACE"
    assert "họ tên" in caught.value.detail_vi


def test_a_seal_that_would_cover_the_neighbour_says_so(sign: Any, pki: Any, pictures: tuple[bytes, bytes]) -> None:
    pdf = layouts.table("(auto, auto)")
    mark = PersonMark(picture=pictures[0], signer_name="Lê Thị Hòa An")
    signed = sign(pdf, level="B-B", field_name="Person", mark=mark).pdf
    with pytest.raises(MarkHasNoPlace) as caught:
        sign(signed, level="B-B", credential=pki.seal(), field_name="Seal", mark=SealMark(picture=pictures[1]))
    assert "dòng chữ" in caught.value.detail_vi
    assert "a line or drawing" in caught.value.detail_en
    assert "Trần" not in caught.value.detail_vi  # what is written there is not repeated
    # who reserves the seal's place learns it before the person signs
    with pytest.raises(MarkHasNoPlace):
        sign(pdf, level="B-B", mark=mark, certify=True, reserved=ReservedSeal(field_name="Seal"))


def test_a_signature_gets_smaller_before_it_covers_a_neighbour(sample_pdf: Any, signature_picture: bytes) -> None:
    beside = "#place(dx: 9.2cm, dy: 1.2cm)[nơi nhận]\n"
    pdf = sample_pdf.page(body=A4 + beside + BLOCK)
    placed = place_mark(pdf, PersonMark(picture=signature_picture)).box
    assert 18 <= placed.height < 45
    free = place_mark(sample_pdf.page(body=A4 + BLOCK), PersonMark(picture=signature_picture)).box
    assert free.height == pytest.approx(45)


def test_a_signature_that_would_cover_something_even_when_small_is_refused(
    sample_pdf: Any, signature_picture: bytes
) -> None:
    pdf = sample_pdf.page(body=A4 + "#place(dx: 11.8cm, dy: 1.9cm, rect(width: 2cm, height: 4mm))\n" + BLOCK)
    with pytest.raises(MarkHasNoPlace) as caught:
        place_mark(pdf, PersonMark(picture=signature_picture))
    assert "A" in caught.value.detail_vi
    assert "mm" in caught.value.detail_en


def test_a_block_at_the_edge_leaves_no_room_for_a_wide_signature(sample_pdf: Any, signature_picture: bytes) -> None:
    block = Box(page=0, left=585, bottom=100, right=595, top=160)
    with pytest.raises(MarkHasNoPlace) as caught:
        place_mark(sample_pdf.page(), PersonMark(picture=signature_picture, block=block))
    assert "trang" in caught.value.detail_vi


def test_only_the_ink_of_a_frame_counts_not_what_it_encloses(sample_pdf: Any, seal_picture: bytes, font: bytes) -> None:
    frame = "#set page(background: rect(width: 190mm, height: 277mm, stroke: 2pt))\n"
    pdf = sample_pdf.page(body=A4 + frame + "#v(3cm)\n" + BLOCK)
    assert seals_place(pdf, seal_picture).box.width > 100
    mark = TextMark(lines=("x",), font=font)
    box = place_mark(pdf, mark).box
    inner = 10 * POINTS_PER_MM + 1  # the frame's line is 10 mm from the edge: the text goes inside
    assert box.right < 595.3 - inner
    assert box.top < 841.9 - inner


def test_a_text_mark_on_a_scan_avoids_what_is_printed_there(font: bytes) -> None:
    def write(document: Any) -> None:
        # ink of the scan at the top right, without any text layer
        document.pages[0].contents_add(b"\nq 0 g 450 810 100 20 re f Q")

    plain = place_mark(layouts.scanned(), TextMark(lines=("x",), font=font)).box
    pdf = layouts.sample_pdf.changed(layouts.scanned(), write)
    assert place_mark(pdf, TextMark(lines=("x",), font=font)).box.top < plain.top - 15


def test_a_dark_photograph_of_a_page_has_no_free_paper(font: bytes) -> None:
    def darken(document: Any) -> None:
        document.pages[0].contents_add(b"q 0.3 g 0 0 595 842 re f Q\n", prepend=True)

    pdf = layouts.sample_pdf.changed(layouts.sample_pdf.page(body=A4 + "x"), darken)
    with pytest.raises(MarkHasNoPlace):
        place_mark(pdf, TextMark(lines=("x",), font=font))


@pytest.mark.parametrize(
    ("entries", "counts"),
    [
        ({"Subtype": "/Link"}, False),
        ({"Subtype": "/Square", "F": 2}, False),
        ({"Subtype": "/Square", "F": 4}, True),
        ({"Subtype": "/Widget", "FT": "/Sig", "T": "Kept"}, False),
        ({"Subtype": "/Widget", "FT": "/Tx", "T": "Text"}, True),
    ],
)
def test_what_is_seen_of_annotations_counts(sample_pdf: Any, font: bytes, entries: dict[str, Any], counts: Any) -> None:
    def annotate(document: Any) -> None:
        values = {
            name: pikepdf.Name(value) if isinstance(value, str) and value.startswith("/") else value
            for name, value in entries.items()
        }
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[500, 800, 560, 830], **values)
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])
        fields = [document.pages[0].Annots[0]] if "FT" in entries else []
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields))

    pdf = sample_pdf.changed(sample_pdf.page(body=A4 + "#v(4cm) x"), annotate)
    box = place_mark(pdf, TextMark(lines=("x",), font=font)).box
    assert (box.top < 810) is counts


def test_a_page_of_countless_lines_is_not_searched_for_ever(sample_pdf: Any, font: bytes) -> None:
    def scribble(document: Any) -> None:
        document.pages[0].Contents = document.make_stream(b"0 0 m 1 1 l S\n" * (MAX_OBJECTS + 10))

    pdf = sample_pdf.changed(sample_pdf.page(body=A4 + "x"), scribble)
    with pytest.raises(MarkHasNoPlace):
        place_mark(pdf, TextMark(lines=("x",), font=font))


def test_a_seal_of_another_size_does_not_go_into_the_reserved_field(
    sign: Any, pki: Any, sample_pdf: Any, pictures: tuple[bytes, bytes]
) -> None:
    person = PersonMark(picture=pictures[0])
    reserved = ReservedSeal(field_name="Seal", diameter_mm=36)
    signed = sign(sample_pdf.page(), level="B-B", field_name="Person", mark=person, certify=True, reserved=reserved).pdf
    with pytest.raises(MarkHasNoPlace) as caught:
        sign(
            signed, level="B-B", credential=pki.seal(), field_name="Seal",
            mark=SealMark(picture=pictures[1], diameter_mm=38),
        )  # fmt: skip
    assert "giữ chỗ" in caught.value.detail_vi
    mark = SealMark(picture=pictures[1], diameter_mm=36)
    assert boxes(sign(signed, level="B-B", credential=pki.seal(), field_name="Seal", mark=mark).pdf)["Seal"].width > 100


def test_a_page_with_a_unit_of_its_own_would_change_the_seals_real_size(
    sign: Any, sample_pdf: Any, font: bytes
) -> None:
    def enlarge(document: Any) -> None:
        document.pages[0].UserUnit = 2

    with pytest.raises(MarkHasNoPlace) as caught:
        sign(
            sample_pdf.changed(sample_pdf.page(top="4cm"), enlarge), level="B-B", mark=TextMark(lines=("x",), font=font)
        )
    assert "UserUnit" in caught.value.detail_vi


def test_the_seal_finds_its_signature_where_a_widget_does_not_say_its_page(
    sign: Any, sample_pdf: Any, signed_page: Any, seal_picture: bytes
) -> None:
    def forget(document: Any) -> None:
        for field in document.Root.AcroForm.Fields:
            del field["/P"]

    pdf = sample_pdf.changed(signed_page.pdf, forget)
    assert place_mark(pdf, SealMark(picture=seal_picture)).box.page == 0
    with pytest.raises(MarkHasNoPlace) as caught:
        place_mark(sample_pdf.page(), SealMark(picture=seal_picture))
    assert "chữ ký" in caught.value.detail_vi


def as_pdfa(pdf: bytes, flavour: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        spaces = document.pages[0].Resources.ColorSpace
        for name in list(spaces.keys()):  # the typesetter's profiles are newer than PDF/A-1
            spaces[name] = pikepdf.Name.DeviceGray if spaces[name][1].N == 1 else pikepdf.Name.DeviceRGB
        pdfa.save(document, out, flavour)
    return out.getvalue()


@pytest.mark.parametrize("flavour", ["1b", "2b"])
def test_a_mark_keeps_the_part_of_pdfa_that_the_document_claims(
    flavour: str, sign: Any, pki: Any, pictures: tuple[bytes, bytes], font: bytes
) -> None:
    pdf = as_pdfa(layouts.sample_pdf.page(top="3cm"), flavour)
    signed = sign(pdf, level="B-B", field_name="Person", mark=PersonMark(picture=pictures[0])).pdf
    signed = sign(signed, level="B-B", field_name="Seal", credential=pki.seal(), mark=SealMark(picture=pictures[1])).pdf
    signed = sign(signed, level="B-B", field_name="Copy", mark=TextMark(lines=("SAO Y; UBND phường",), font=font)).pdf
    with pikepdf.open(io.BytesIO(signed)) as document:
        assert not pdfa.check(document, flavour).violations
        images = [
            item for item in document.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]
        masked = [item for item in images if "/Mask" in item]
        soft = [item for item in images if "/SMask" in item]
        glyph_lists = [item for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/CIDSet" in item]
    if flavour == "1b":
        assert (len(masked), len(soft)) == (2, 0)
        assert glyph_lists
    else:
        assert (len(masked), len(soft)) == (0, 2)
    # and it still looks like a signature with a seal
    looks = np.asarray(cut(signed).convert("RGB"), dtype=int)
    assert (looks[..., 2] > looks[..., 0] + 60).sum() > 200
    assert (looks[..., 0] > looks[..., 2] + 60).sum() > 1000


def test_colours_are_calibrated_where_the_document_has_no_rgb_intent(
    sign: Any, sample_pdf: Any, signature_picture: bytes, font: bytes
) -> None:
    def strip(document: Any) -> None:
        del document.Root["/OutputIntents"]

    pdf = sample_pdf.changed(sample_pdf.page(top="3cm"), strip)
    signed = sign(pdf, level="B-B", field_name="Person", mark=PersonMark(picture=signature_picture)).pdf
    signed = sign(signed, level="B-B", field_name="Copy", mark=TextMark(lines=("x",), font=font)).pdf
    assert b"/CalRGB" in signed
    assert b"/CalGray" in signed
    look = np.asarray(cut_one(signed, "Person"), dtype=int)
    assert (look[..., 2] > look[..., 0] + 60).sum() > 200


def cut_one(pdf: bytes, name: str) -> Image.Image:

    box = boxes(pdf)[name]
    return part(shown(pdf, box.page), box)


@pytest.mark.parametrize("layout", ["a4", "rotated-90", "two-signers-left"])
def test_the_preview_shows_what_is_signed_afterwards(layout: str, sign: Any, signature_picture: bytes) -> None:
    wanted = layouts.LAYOUTS[layout]
    mark = PersonMark(picture=signature_picture, signer_name=wanted.signer_name)
    pdf = wanted.make()
    before = np.asarray(Image.open(io.BytesIO(mark_preview(pdf, mark, dpi=150))), dtype=int)

    after = np.asarray(shown(sign(pdf, level="B-B", mark=mark).pdf, 0), dtype=int)
    assert before.shape == after.shape
    assert (np.abs(before - after).max(axis=2) > 30).mean() < 0.0005


def test_a_preview_is_bounded_however_large_the_page_is(sample_pdf: Any, font: bytes) -> None:
    def enlarge(document: Any) -> None:
        document.pages[0].MediaBox = [0, 0, 14400, 14400]

    pdf = sample_pdf.changed(sample_pdf.page(body=A4 + "x"), enlarge)
    image = Image.open(io.BytesIO(mark_preview(pdf, TextMark(lines=("x",), font=font), dpi=300)))
    assert image.width * image.height <= 20_100_000


def test_surroundings_name_things_by_kind_and_place(sample_pdf: Any) -> None:
    with opened_pages(sample_pdf.page()) as document:
        things = Surroundings(ShownPage(document, 0)).under(Box(page=0, left=0, bottom=0, right=595, top=842))
    assert len(things) == 6
    assert {thing.place_en.partition(" mm")[0].rpartition(" ")[0] for thing in things} == {"a line of text"}
