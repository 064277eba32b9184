"""PDFs at the door: nothing active, nothing locked, nothing signed; pages as they are."""

import io

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from digitize.errors import (
    ActiveContent,
    AlreadySigned,
    DamagedInput,
    DigitizeError,
    EncryptedInput,
    TooManyPages,
    TooManyPixels,
)
from digitize.intake import Limits
from digitize.intake.door import open_source
from digitize.intake.pdf_pages import jpeg_of_page
from tests.digitize.papers import encoded

LIMITS = Limits(max_pages=3)
TEXT = b"BT /F1 14 Tf 72 700 Td (A page with real text of its own, long enough to be trusted) Tj ET"


def blank(pages: int = 1, size: tuple[float, float] = (595, 842)) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=size)
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type] # pikepdf's own options
    return out.getvalue()


def with_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def with_named_script(pdf: pikepdf.Pdf) -> None:
    action = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))


def with_launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))


def with_form_that_sends(pdf: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.SubmitForm))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["x.exe"] = b"MZ"


def with_xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=String("<xdp/>"))


@pytest.mark.parametrize(
    "arm", [with_script, with_named_script, with_launch, with_form_that_sends, with_attachment, with_xfa]
)
@pytest.mark.parametrize("packed", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_a_pdf_that_acts_by_itself_is_refused(arm: object, packed: pikepdf.ObjectStreamMode) -> None:
    pdf = blank()
    arm(pdf)  # type: ignore[operator] # one of the functions above
    with pytest.raises(ActiveContent) as caught:
        open_source(saved(pdf, object_stream_mode=packed), LIMITS)
    assert caught.value.code == "SCAN_ACTIVE_CONTENT"


def test_a_plain_link_is_no_active_content() -> None:
    pdf = blank()
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("https://a.vn"))
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
    assert open_source(saved(pdf), LIMITS).page_count == 1


@pytest.mark.parametrize("owner_only", [True, False])
def test_a_locked_pdf_is_refused(owner_only: bool) -> None:  # noqa: FBT001 - a parameter of the test
    encryption = pikepdf.Encryption(owner="o", user="" if owner_only else "u")
    with pytest.raises(EncryptedInput) as caught:
        open_source(saved(blank(), encryption=encryption), LIMITS)
    assert caught.value.code == "SCAN_PASSWORD"


def test_a_signed_pdf_keeps_its_bytes_and_is_not_digitised() -> None:
    pdf = blank()
    signature = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=[0, 1, 2, 3], Contents=String("00"))
    field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("s"), V=pdf.make_indirect(signature)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    with pytest.raises(AlreadySigned) as caught:
        open_source(saved(pdf), LIMITS)
    assert caught.value.code == "SCAN_ALREADY_SIGNED"


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + b"\0" * 200, b"%PDF-1.7\n1 0 obj<</A[" + b"[" * 5000])
def test_bytes_that_only_begin_like_a_pdf_are_damaged(data: bytes) -> None:
    with pytest.raises(DamagedInput):
        open_source(data, LIMITS)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_pdf_that_is_cut_off_is_damaged(share: float) -> None:
    data = saved(blank(3))
    with pytest.raises(DamagedInput):
        open_source(data[: int(len(data) * share)], LIMITS)


def test_flipped_bytes_never_end_in_an_error_that_is_not_ours() -> None:
    data = bytearray(saved(blank(2)))
    chance = np.random.default_rng(5)
    for _ in range(60):
        changed = data.copy()
        changed[int(chance.integers(5, len(data)))] ^= int(chance.integers(1, 255))
        try:
            open_source(bytes(changed), LIMITS)
        except DigitizeError:
            continue


def test_deeply_nested_objects_are_refused() -> None:
    pdf = blank()
    nested: pikepdf.Object = Array([])
    for _ in range(80):
        nested = Array([nested])
    pdf.Root.Deep = nested
    with pytest.raises(DamagedInput):
        open_source(saved(pdf), LIMITS)


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(TooManyPages):
        open_source(saved(blank(4)), LIMITS)


def test_a_page_without_pages_is_damaged() -> None:
    with pytest.raises(DamagedInput):
        open_source(saved(pikepdf.new()), LIMITS)


def test_a_wall_sized_page_is_drawn_small_and_an_endless_one_not_at_all() -> None:
    assert max(open_source(saved(blank(size=(4000, 4000))), LIMITS).page(0).image.shape) < 5000
    with pytest.raises(TooManyPixels):
        open_source(saved(blank(size=(14_400, 14_400))), Limits(max_pixels=1_000_000)).page(0)


def scanned(jpeg: bytes, size: tuple[int, int], matrix: str) -> bytes:
    pdf = blank(size=(300, 200))
    image = pikepdf.Stream(pdf, jpeg)
    image.Type, image.Subtype = Name.XObject, Name.Image
    image.Width, image.Height, image.BitsPerComponent = size[0], size[1], 8
    image.ColorSpace, image.Filter = Name.DeviceRGB, Name.DCTDecode
    page = pdf.pages[0].obj
    page.Resources = Dictionary(XObject=Dictionary(I=image))
    page.Contents = pikepdf.Stream(pdf, f"q {matrix} cm /I Do Q".encode())
    return saved(pdf)


def test_a_scanners_jpeg_is_taken_out_as_it_is() -> None:
    jpeg = encoded(Image.new("RGB", (600, 400), (200, 210, 220)), quality=80)
    page = open_source(scanned(jpeg, (600, 400), "300 0 0 200 0 0"), LIMITS).page(0)
    assert page.picture.data == jpeg
    assert page.dpi == 144
    assert page.lines is None


@pytest.mark.parametrize("matrix", ["300 0 0 -200 0 200", "100 0 0 100 0 0", "0 200 -300 0 300 0"])
def test_a_jpeg_that_is_mirrored_turned_or_only_a_part_is_drawn_instead(matrix: str) -> None:
    jpeg = encoded(Image.new("RGB", (600, 400), (200, 210, 220)), quality=80)
    page = open_source(scanned(jpeg, (600, 400), matrix), LIMITS).page(0)
    assert page.picture.data != jpeg
    assert page.image.shape[:2] == (834, 1250) or abs(page.image.shape[0] - 834) <= 1


def test_real_text_of_a_born_digital_page_is_taken_and_not_read_from_a_picture() -> None:
    pdf = blank()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=font))
    pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, TEXT)
    lines = open_source(saved(pdf), LIMITS).page(0).lines
    assert lines is not None
    assert lines[0].text == "A page with real text of its own, long enough to be trusted"
    box = lines[0].box
    assert abs(box.left - 300) < 10
    assert abs(box.bottom - (842 - 700) / 72 * 300) < 20


def test_a_page_picture_is_given_by_number() -> None:
    data = saved(blank(2))
    assert jpeg_of_page(data, 1, longest_side_px=200).startswith(b"\xff\xd8")
    for number in (-1, 2):
        with pytest.raises(DamagedInput):
            jpeg_of_page(data, number, longest_side_px=200)
    with pytest.raises(DamagedInput):
        jpeg_of_page(b"no pdf", 0, longest_side_px=200)
