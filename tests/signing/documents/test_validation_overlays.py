"""A signature field that is set later hides nothing of what was signed; the planned seal may lie over mark A."""

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.pades import Box, PersonMark, SealMark, SignedPdf
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.changes import ChangeLevel
from signing.validation.overlays import Area

name = generic.pdf_name


def check(pki: Any, pdf: bytes) -> Any:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    at = pki.at + timedelta(minutes=5)
    return verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence)


def with_field(pdf: bytes, field: str, box: tuple[float, ...]) -> bytes:
    """The file with one more revision that has an empty signature field."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    append_signature_field(writer, SigFieldSpec(field, box=tuple(int(n) for n in box)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def later(sign: Any, pki: Any, pdf: bytes, box: tuple[float, ...]) -> bytes:
    """The file with the visible signature of a later signer at that place."""
    signed: SignedPdf = sign(with_field(pdf, "Later", box), credential=pki.credential("Kẻ Giả Mạo"), field_name="Later")
    return signed.pdf


def mark_of(pdf: bytes, field: str) -> Area:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        widget = next(one for one in document.pages[0].Annots if str(one.get("/T", "")) == field)
        left, bottom, right, top = (float(n) for n in widget.Rect)
    return Area(left=left, bottom=bottom, right=right, top=top)


def first(report: Any) -> Any:
    return report.signatures[0]


def test_a_later_signature_over_the_whole_page_is_invalid_by_name(pki: Any, sign: Any, sealed_page: Any) -> None:
    report = check(pki, later(sign, pki, sealed_page.pdf, (0, 0, 595, 842)))
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.CONTENT_COVERED)
    for signature in report.signatures[:2]:
        assert signature.changes_after is ChangeLevel.FORBIDDEN
        assert signature.intact
        assert "overlay:Later" in [change.what for change in signature.changes]
    assert report.signatures[2].verdict is Verdict.VALID  # told truthfully: the cover itself is signed well
    assert report.acceptance == "refuse"


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((60, 400, 200, 440), Verdict.VALID),  # free room
        ((60, 770, 200, 790), Verdict.INVALID),  # the agency and the number
        ((60, 60, 500, 400), Verdict.INVALID),  # free, but larger than any mark
    ],
)
def test_a_later_signature_may_stand_on_free_room_only(
    pki: Any, sign: Any, signed_page: Any, box: tuple[float, ...], expected: Verdict
) -> None:
    assert first(check(pki, later(sign, pki, signed_page.pdf, box))).verdict is expected


@pytest.mark.parametrize("shift", [(0, 0), (15, 0), (-15, 0), (0, 30)])
def test_the_seal_may_cover_mark_a_only_where_it_is_planned(
    pki: Any, sign: Any, signed_page: Any, shift: tuple[int, int]
) -> None:
    mark = mark_of(signed_page.pdf, "Person")
    right, middle = mark.left + mark.width / 3 + shift[0], (mark.bottom + mark.top) / 2 + shift[1]
    pdf = later(sign, pki, signed_page.pdf, (right - 102, middle - 51, right, middle + 51))
    expected = Verdict.VALID if shift == (0, 0) else Verdict.INVALID
    assert first(check(pki, pdf)).verdict is expected


def test_a_seal_over_other_text_than_the_signers_lines_is_invalid(
    pki: Any, sign: Any, sample_pdf: Any, signature_picture: bytes
) -> None:
    def signed(body: str) -> bytes:
        page = sample_pdf.page(body=body)
        return sign(page, field_name="Person", mark=PersonMark(picture=signature_picture)).pdf

    mark = mark_of(signed(sample_pdf._PAGE), "Person")
    right, middle = mark.left + mark.width / 3, (mark.bottom + mark.top) / 2
    seal = (right - 102, middle - 51, right, middle + 51)
    amount = f"#place(top + left, dx: {right - 160}pt - 2cm, dy: {842 - middle}pt - 2cm)[Số tiền: 9.000.000]"
    assert first(check(pki, later(sign, pki, signed(sample_pdf._PAGE), seal))).verdict is Verdict.VALID
    report = check(pki, later(sign, pki, signed(amount + sample_pdf._PAGE), seal))
    assert (first(report).verdict, first(report).reason) == (Verdict.INVALID, Reason.CONTENT_COVERED)


@pytest.fixture
def pictures(signature_picture: bytes, seal_picture: bytes) -> tuple[bytes, bytes]:
    return signature_picture, seal_picture


@pytest.mark.parametrize("turn", [(90, 250, 300), (180, 300, 420), (270, 500, 300)])
def test_the_planned_seal_is_permitted_on_turned_pages(
    pki: Any, sign: Any, sample_pdf: Any, pictures: tuple[bytes, bytes], turn: tuple[int, int, int]
) -> None:
    angle, left, bottom = turn
    block = Box(page=0, left=left, right=left + 150, bottom=bottom, top=bottom + 60)
    page = sample_pdf.rotated(sample_pdf.page(), angle)
    signed = sign(page, field_name="Person", mark=PersonMark(picture=pictures[0], block=block)).pdf
    sealed = sign(signed, credential=pki.seal(), field_name="Seal", mark=SealMark(picture=pictures[1])).pdf
    assert check(pki, sealed).verdict is Verdict.VALID


def test_a_field_that_the_signer_saw_may_be_filled_wherever_it_stands(pki: Any, sign: Any, sample_pdf: Any) -> None:
    prepared = with_field(sample_pdf.page(), "Later", (60, 700, 500, 800))
    signed = sign(prepared, field_name="Person").pdf
    pdf = sign(signed, credential=pki.credential("Người thứ hai"), field_name="Later").pdf
    assert check(pki, pdf).verdict is Verdict.VALID


def test_a_drawing_is_not_covered_either(pki: Any, sign: Any, sample_pdf: Any) -> None:
    signed = sign(sample_pdf.small()).pdf  # a blue rectangle at 20 20 120 70
    assert first(check(pki, later(sign, pki, signed, (30, 30, 90, 60)))).verdict is Verdict.INVALID
    assert first(check(pki, later(sign, pki, signed, (150, 100, 290, 140)))).verdict is Verdict.VALID


def field_with_kid(writer: Any, *, inherited: bool) -> None:
    """An empty signature field whose widget hangs below it, so that the field itself has no rectangle."""
    page = writer.find_page_for_modification(0)[0]
    kid = generic.DictionaryObject({
        name("/Type"): name("/Annot"), name("/Subtype"): name("/Widget"), name("/F"): generic.NumberObject(4),
        name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (20, 20, 300, 400))),
        name("/P"): generic.IndirectObject(page.idnum, page.generation, writer),
    })  # fmt: skip
    if not inherited:
        kid[name("/FT")] = name("/Sig")
    reference = writer.add_object(kid)
    field = generic.DictionaryObject({
        name("/FT"): name("/Sig"), name("/T"): generic.pdf_string("Cover"),
        name("/Kids"): generic.ArrayObject([reference]),
    })  # fmt: skip
    parent = writer.add_object(field)
    kid[name("/Parent")] = parent
    form = writer.root["/AcroForm"]
    form["/Fields"].append(parent)
    writer.update_container(form["/Fields"])
    writer.update_container(form)
    writer.update_root()
    annotations = page.get_object().get("/Annots", generic.ArrayObject())
    page.get_object()[name("/Annots")] = generic.ArrayObject([*annotations, reference])
    writer.mark_update(page)


@pytest.mark.parametrize("own", [{"inherited": True}, {"inherited": False}])
def test_an_empty_field_whose_widget_hangs_below_it_is_an_overlay_by_name(
    pki: Any, signed_page: Any, own: dict[str, bool]
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed_page.pdf))
    field_with_kid(writer, **own)
    out = io.BytesIO()
    writer.write(out)
    report = check(pki, out.getvalue())
    assert report.verdict is Verdict.INVALID
    assert "overlay:Cover" in [change.what for change in first(report).changes]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270, 360])
def test_a_turned_rectangle_keeps_its_size(rotation: int) -> None:
    area = Area(left=1, bottom=2, right=11, top=5).turned(rotation)
    assert (area.width, area.height) == ((3, 10) if rotation in {90, 270} else (10, 3))
