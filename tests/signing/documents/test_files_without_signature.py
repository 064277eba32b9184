"""A scan, a picture of a seal, a plain text and a photograph each get their own answer, and none of them is signed."""

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from signing.pades import drawn_seal, drawn_signature
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.unsigned import is_picture
from tests.fakes.sample_pdf import changed, encrypted, page, rotated

_LOOKS = {Reason.PRINT_ONLY, Reason.PICTURE_OF_SEAL}


def check(pki: Any, content: bytes, *, password: str | None = None) -> Any:
    return verify_pdf(
        content, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5), evidence=Evidence(),
        password=password,
    )  # fmt: skip


def with_picture(pdf: bytes, image: Any, box: tuple[float, float, float, float]) -> bytes:
    """The document with a picture (Pillow image) at a place: left, bottom, width, height in points."""
    rgb = image.convert("RGB")

    def place(document: Any) -> None:
        stream = document.make_stream(
            rgb.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=rgb.width, Height=rgb.height,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        )  # fmt: skip
        target = document.pages[0]
        name = target.add_resource(stream, pikepdf.Name.XObject)
        left, bottom, width, height = box
        content = f"q {width} 0 0 {height} {left} {bottom} cm {name} Do Q".encode()
        target.contents_add(document.make_stream(content))

    return changed(pdf, place)


def picture(name: str, color: tuple[int, int, int]) -> Any:
    image = Image.new("RGB", (300, 300), "white")
    pen = ImageDraw.Draw(image)
    if name == "ring":
        pen.ellipse((6, 6, 294, 294), outline=color, width=14)
        pen.ellipse((60, 60, 240, 240), outline=color, width=6)
        pen.text((90, 130), "UBND PHUONG", fill=color)
    elif name == "scribble":
        pen.line([(10, 200), (60, 80), (90, 240), (140, 60), (180, 220), (290, 120)], fill=color, width=9)
    else:
        pen.rectangle((0, 0, 300, 300), fill=color)
    return image


@pytest.fixture(scope="module")
def empty_page() -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def scan(empty_page: bytes) -> bytes:
    return with_picture(empty_page, Image.effect_noise((200, 280), 60), (0, 0, 595, 842))


def test_a_page_that_is_one_picture_is_a_print(pki: Any, scan: bytes) -> None:
    report = check(pki, scan)
    assert (report.verdict, report.reasons) == (Verdict.NO_SIGNATURE, (Reason.NO_SIGNATURE, Reason.PRINT_ONLY))


def test_a_scan_in_strips_is_a_print(pki: Any, empty_page: bytes) -> None:
    strips = empty_page
    for number in range(4):
        strips = with_picture(strips, Image.effect_noise((200, 70), 60), (0, number * 210.5, 595, 210.5))
    assert Reason.PRINT_ONLY in check(pki, strips).reasons


def test_a_scan_with_a_hidden_text_layer_is_still_a_print(pki: Any, scan: bytes) -> None:
    def recognised(document: Any) -> None:
        document.pages[0].Resources.Font = pikepdf.Dictionary(
            F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        text = b"BT /F 12 Tf 3 Tr 72 700 Td (UBND) Tj ET"
        document.pages[0].contents_add(document.make_stream(text))

    assert Reason.PRINT_ONLY in check(pki, changed(scan, recognised)).reasons


def test_a_text_over_a_picture_of_paper_is_no_scan(pki: Any, scan: bytes) -> None:
    def printed(document: Any) -> None:
        document.pages[0].Resources.Font = pikepdf.Dictionary(
            F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        document.pages[0].contents_add(document.make_stream(b"BT /F 12 Tf 72 700 Td (UBND) Tj ET"))

    assert not _LOOKS & set(check(pki, changed(scan, printed)).reasons)


@pytest.mark.parametrize(
    ("name", "color", "size"),
    [("ring", (210, 20, 30), (105, 105)), ("scribble", (20, 40, 200), (120, 50)), ("ring", (200, 0, 0), (80, 85))],
)
def test_a_red_circle_or_a_blue_line_on_a_text_is_a_picture_of_a_seal(
    pki: Any, name: str, color: tuple[int, int, int], size: tuple[int, int]
) -> None:
    report = check(pki, with_picture(page(), picture(name, color), (320, 480, *size)))
    assert (report.verdict, report.reasons) == (Verdict.NO_SIGNATURE, (Reason.NO_SIGNATURE, Reason.PICTURE_OF_SEAL))


@pytest.mark.parametrize(
    ("name", "color", "size"),
    [
        ("ring", (10, 10, 10), (105, 105)),  # an emblem in black
        ("block", (20, 40, 200), (100, 60)),  # a logo in blue
        ("block", (210, 20, 30), (300, 40)),  # a red banner
        ("ring", (210, 20, 30), (20, 20)),  # a bullet
    ],
)
def test_other_pictures_on_a_text_are_no_seals(
    pki: Any, name: str, color: tuple[int, int, int], size: tuple[int, int]
) -> None:
    report = check(pki, with_picture(page(), picture(name, color), (320, 480, *size)))
    assert report.reasons == (Reason.NO_SIGNATURE,)


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_our_own_drawings_without_a_signature_are_pictures_on_a_turned_page_too(
    pki: Any, font: bytes, angle: int
) -> None:
    seal = Image.open(io.BytesIO(drawn_seal("UBND phường Yên Giang", font))).convert("RGBA")
    hand = Image.open(io.BytesIO(drawn_signature("Nguyễn Thị Ánh", font))).convert("RGBA")
    for drawing, size in ((seal, (100, 100)), (hand, (130, 50))):
        flat = Image.new("RGBA", drawing.size, "white")
        flat.alpha_composite(drawing)
        report = check(pki, rotated(with_picture(page(), flat, (320, 480, *size)), angle))
        assert Reason.PICTURE_OF_SEAL in report.reasons


def test_a_red_circle_drawn_with_lines_is_a_picture_too(pki: Any) -> None:
    def circle(document: Any) -> None:
        ring = b"q 0.9 0 0 RG 4 w 400 500 m 430 500 430 560 400 560 c 330 560 330 500 400 500 c S Q"
        wide = ring.replace(b"430", b"470").replace(b"330", b"330").replace(b"560", b"600")
        document.pages[0].contents_add(document.make_stream(wide))

    assert Reason.PICTURE_OF_SEAL in check(pki, changed(page(), circle)).reasons


def test_a_plain_text_is_only_unsigned(pki: Any) -> None:
    assert check(pki, page()).reasons == (Reason.NO_SIGNATURE,)


def test_an_unsigned_form_says_that_its_field_is_empty(pki: Any) -> None:
    def add(document: Any) -> None:
        field = document.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Sig, T="Nguoi ky", Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget,
                Rect=pikepdf.Array([300, 300, 400, 350]),
            )
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))

    report = check(pki, changed(page(), add))
    assert report.reasons == (Reason.NO_SIGNATURE, Reason.SIGNATURE_FIELD_EMPTY)


def test_a_stamp_that_hangs_on_the_page_is_a_picture_too(pki: Any) -> None:
    def stamp(document: Any) -> None:
        ring = document.make_stream(
            b"0.9 0 0 RG 5 w 5 50 m 5 75 25 95 50 95 c 75 95 95 75 95 50 c 95 25 75 5 50 5 c 25 5 5 25 5 50 c S",
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 100],
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4, Rect=[320, 480, 420, 580],
                AP=pikepdf.Dictionary(N=ring),
            )
        ])  # fmt: skip

    assert Reason.PICTURE_OF_SEAL in check(pki, changed(page(), stamp)).reasons


def test_a_field_whose_value_is_null_is_empty(pki: Any) -> None:
    def add(document: Any) -> None:
        parent = document.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="A"))
        kid = document.make_indirect(pikepdf.Dictionary(Parent=parent))
        parent.Kids = pikepdf.Array([kid])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([parent]))

    assert Reason.SIGNATURE_FIELD_EMPTY in check(pki, changed(page(), add)).reasons


def test_a_page_that_cannot_be_drawn_is_only_unsigned(pki: Any) -> None:
    def cut(document: Any) -> None:
        document.Root.Pages.Kids.append(document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Other)))
        document.Root.Pages.Count = 2

    assert not _LOOKS & set(check(pki, changed(page(), cut)).reasons)


def test_a_locked_scan_is_recognised_with_its_password(pki: Any, scan: bytes) -> None:
    locked = encrypted(scan, user="mở ra")
    assert Reason.PRINT_ONLY in check(pki, locked, password="mở ra").reasons
    assert check(pki, locked).verdict is Verdict.INDETERMINATE


def test_a_signed_file_hears_nothing_about_pictures(pki: Any, sealed_page: Any) -> None:
    assert not _LOOKS & set(check(pki, sealed_page.pdf).reasons)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_photograph_or_scan_is_a_print_without_signature(pki: Any, kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    report = check(pki, out.getvalue())
    assert (report.verdict, report.reasons) == (Verdict.NO_SIGNATURE, (Reason.NO_SIGNATURE, Reason.PRINT_ONLY))


def test_a_photograph_of_a_telephone_is_a_print(pki: Any) -> None:
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100
    assert check(pki, heic).reasons == (Reason.NO_SIGNATURE, Reason.PRINT_ONLY)


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0", b"RIFF0000WEBP"])
def test_a_picture_without_a_readable_head_is_not_concluded_about(pki: Any, head: bytes) -> None:
    report = check(pki, head + b"\0" * 40)
    assert (report.verdict, report.reasons) == (Verdict.INDETERMINATE, (Reason.DOCUMENT_DAMAGED,))


def test_a_picture_with_more_points_than_any_scan_is_not_read(pki: Any) -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "TIFF", compression="group4")
    assert check(pki, out.getvalue()).verdict is Verdict.INDETERMINATE


def test_a_pdf_that_begins_like_a_picture_is_read_as_pdf(pki: Any) -> None:
    content = b"\xff\xd8\xff\xe0" + page()
    assert not is_picture(content)
    assert Reason.PRINT_ONLY not in check(pki, content).reasons


@settings(max_examples=60, deadline=None)
@given(
    head=st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"\0\0\0\x18ftypheic"]),
    tail=st.binary(max_size=200),
)
def test_no_bytes_behind_the_head_of_a_picture_raise_or_pass(pki: Any, head: bytes, tail: bytes) -> None:
    assert check(pki, head + tail).verdict in {Verdict.NO_SIGNATURE, Verdict.INDETERMINATE}


@pytest.mark.parametrize("password", [None, "wrong"])
def test_of_a_file_that_was_not_opened_it_is_not_said_that_it_has_no_signature(
    sample_pdf: Any, pki: Any, password: str | None
) -> None:
    report = check(pki, encrypted(sample_pdf.small(), user="open"), password=password)
    assert report.file_fault in {Reason.DOCUMENT_ENCRYPTED, Reason.PASSWORD_WRONG}
    assert (report.entitlement.status, report.entitlement.reasons) == ("unknown", ())
