"""Files as they come: of other programs, with forms of every make, damaged, huge. Signed well, or refused by code."""

import io
import time
from typing import Any

import pikepdf
import pytest
from PIL import Image

from signing.errors import DocumentNotSignable, MalformedDocument, SigningError
from signing.pades import Box, PersonMark, SigningRequest, prepare_signature, sign_pdf
from signing.pades.refusals import (
    DocumentDamaged,
    FieldTaken,
    FieldWithoutWidget,
    NewFieldAfterCertification,
    PageMissing,
)
from signing.validation import VN_TT15_2025, verify_pdf
from tests.fakes import sample_pdf as documents
from tests.fakes.foreign_verifiers import pyhanko_faults
from tests.fakes.producers import producer_files

KNOWN = {"DOCUMENT_CLOSED", "DOCUMENT_DAMAGED", "DOCUMENT_ENCRYPTED", "DOCUMENT_HYBRID_XREF", "DOCUMENT_MALFORMED"}


def prepared(pki: Any, pdf: bytes, **over: Any) -> Any:
    request = SigningRequest(credential=pki.credential(), field_name=over.pop("field_name", "Ours"), **over)
    return prepare_signature(pdf, request, with_stamp=False, at=pki.at)


@pytest.mark.parametrize("name", sorted(name for name in producer_files() if name.endswith(".pdf"))[1::3])
def test_files_of_other_producers_take_our_signature_or_say_why_not(pki: Any, strangers: Any, name: str) -> None:
    pdf = producer_files()[name]
    strangers.broken_on_purpose(pdf)  # some of their own signatures were
    request = SigningRequest(credential=pki.credential(), field_name="Ours")
    try:
        signed = sign_pdf(pdf, request, keys=pki.keys, stamp=None, evidence=None, at=pki.at).pdf
    except SigningError as err:
        assert err.code in KNOWN  # noqa: PT017 - one of two outcomes
        return
    assert signed.startswith(pdf)
    assert not pyhanko_faults(signed, only="Ours")
    report = verify_pdf(signed, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, compare_pages=False)
    own = next(one for one in report.signatures if one.field == "Ours")
    assert (own.intact, own.covers_whole_file, own.changes_after.value) == (True, True, "none")


def form_with(*fields: bytes, page_extra: bytes = b"") -> bytes:
    """A page and a form; the fields are objects 5, 6, …, of which the form names the first."""
    return documents.assembled([
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> %s >>" % page_extra,
        b"<< /Length 30 >>\nstream\n0 0 1 rg 20 20 100 50 re f     \nendstream",
        *fields,
    ])  # fmt: skip


WITHOUT_WIDGET = form_with(b"<< /FT /Sig /T (Bare) >>")
NESTED = form_with(
    b"<< /T (Form) /Kids [6 0 R 7 0 R] >>",
    b"<< /FT /Sig /T (Officer) /Parent 5 0 R /Subtype /Widget /Rect [10 10 90 40] /F 4 /P 3 0 R >>",
    b"<< /FT /Tx /T (Name) /Parent 5 0 R /V (x) /Subtype /Widget /Rect [10 90 90 120] /F 4 /P 3 0 R >>",
    page_extra=b"/Annots [6 0 R 7 0 R]",
)
SEPARATE = form_with(
    b"<< /FT /Sig /T (Apart) /Kids [6 0 R] >>",
    b"<< /Parent 5 0 R /Subtype /Widget /Rect [150 10 290 60] /F 4 /P 3 0 R >>", page_extra=b"/Annots [6 0 R]",
)  # fmt: skip


def mark(signature_picture: bytes) -> PersonMark:
    return PersonMark(picture=signature_picture, block=Box(page=0, left=160, right=280, bottom=100, top=150))


def test_a_field_without_a_widget_is_signed_and_shows_nothing(pki: Any, sign: Any, signature_picture: bytes) -> None:
    assert sign(WITHOUT_WIDGET, level="B-B", field_name="Bare").pdf.startswith(WITHOUT_WIDGET)
    with pytest.raises(FieldWithoutWidget) as caught:
        prepared(pki, WITHOUT_WIDGET, field_name="Bare", mark=mark(signature_picture))
    assert caught.value.code == "SIGNATURE_FIELD_WITHOUT_WIDGET"


def test_fields_in_a_hierarchy_are_signed_by_their_full_name(pki: Any, sign: Any) -> None:
    signed = sign(NESTED, level="B-B", field_name="Form.Officer").pdf
    report = verify_pdf(signed, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert [one.field for one in report.signatures] == ["Form.Officer"]
    assert sign(NESTED, level="B-B", field_name="New").pdf.startswith(NESTED)
    for name in ("Form.Name", "Form.Other", "Form"):
        with pytest.raises(FieldTaken):
            prepared(pki, NESTED, field_name=name)


def test_a_field_whose_widget_is_an_object_of_its_own_is_signed(sign: Any) -> None:
    assert sign(SEPARATE, level="B-B", field_name="Apart").pdf.startswith(SEPARATE)


def test_a_certified_document_takes_a_visible_signature_in_a_reserved_field_only(
    pki: Any, sign: Any, signature_picture: bytes
) -> None:
    certified = sign(documents.small(), level="B-B", certify=True).pdf
    assert sign(certified, level="B-B", field_name="Unseen").pdf.startswith(certified)
    with pytest.raises(NewFieldAfterCertification) as caught:
        prepared(pki, certified, mark=mark(signature_picture))
    assert caught.value.code == "SIGNATURE_FIELD_NOT_RESERVED"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (b"<< /Fields 5 >>", "DOCUMENT_FORM_MALFORMED"),
        (b"<< /Fields [<< /T (direct) >>] >>", None),
        (b"<< /Fields [99 0 R] >>", "DOCUMENT_FORM_MALFORMED"),
        (b"(text)", None),
    ],
)
def test_a_form_that_is_none_is_refused_with_its_code(pki: Any, form: bytes, code: str | None) -> None:
    pdf = documents.small().replace(b"/Pages 2 0 R >>", b"/Pages 2 0 R /AcroForm %s >>" % form)
    pdf = documents.changed(pdf, lambda _: None)
    with pytest.raises((MalformedDocument, DocumentNotSignable)) as caught:
        prepared(pki, pdf)
    assert code is None or caught.value.code == code


def test_a_page_that_is_not_in_the_tree_is_refused_with_its_code(pki: Any) -> None:
    pdf = documents.assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])
    with pytest.raises(PageMissing) as caught:
        prepared(pki, pdf)
    assert caught.value.code == "DOCUMENT_PAGES_MALFORMED"


@pytest.mark.parametrize("what", ["before", "behind", "half", "offset"])
def test_damage_is_refused_and_never_repaired(pki: Any, what: str) -> None:
    pdf = documents.small()
    start = pdf.rindex(b"startxref\n") + len(b"startxref\n")
    damaged = {
        "before": b"\n\nmail header\n" + pdf, "behind": pdf + b"\0" * 4096, "half": pdf[: len(pdf) - 60],
        "offset": pdf[:start] + b"17\n%%EOF\n"
    }[what]  # fmt: skip
    with pytest.raises(MalformedDocument):
        prepared(pki, damaged)


def test_a_scan_that_pillow_wrote_is_refused_with_the_cure_and_signed_after_it(pki: Any, sign: Any) -> None:
    """ISO 32000-2 §7.5.4: no generation is above 65,535; Pillow writes 65,536 and strict readers stop at it."""
    scan = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(scan, "PDF")
    with pytest.raises(DocumentDamaged):
        prepared(pki, scan.getvalue())
    assert sign(documents.changed(scan.getvalue(), lambda _: None)).level == "B-LT"


def test_a_broken_page_of_a_short_document_is_seen(pki: Any) -> None:
    pdf = documents.small().replace(b"/Parent 2 0 R /MediaBox", b"/Parent 2 0 R >> MediaBox", 1)
    with pytest.raises((DocumentDamaged, MalformedDocument)):
        prepared(pki, pdf)


@pytest.mark.parametrize("rows", [b"0 90000000\n", b"0 5\n" + b"0000000000 00000 f \n" * 300_000], ids=["lie", "many"])
def test_huge_cross_references_cost_little(pki: Any, rows: bytes) -> None:
    base = documents.small()
    pdf = base[: base.index(b"xref\n")] + b"xref\n" + rows + base[base.index(b"trailer") :]
    begun = time.process_time()
    with pytest.raises(MalformedDocument):
        prepared(pki, pdf)
    assert time.process_time() - begun < 5


def test_entries_that_need_no_octets_are_not_counted_one_by_one(pki: Any) -> None:
    base = documents.small()
    body = base[: base.index(b"xref\n0 5")]
    entries = b"/Type /XRef /Size 999999999 /Root 1 0 R /W [0 0 0] /Index [0 999999999] /Length 0"
    pdf = body + b"5 0 obj\n<< %s >>\nstream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (entries, len(body))
    begun = time.process_time()
    with pytest.raises(MalformedDocument):
        prepared(pki, pdf)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("flat", [True, False])
def test_a_file_of_five_thousand_pages_is_signed(pki: Any, sign: Any, flat: bool) -> None:  # noqa: FBT001 - a table
    count = 5_000
    groups = [
        range(start, min(start + (count if flat else 50), count)) for start in range(0, count, count if flat else 50)
    ]
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    tops = []
    for group in groups:
        node = 2 if flat else len(objects) + 1
        if not flat:
            objects.append(b"")
            tops.append(b"%d 0 R" % node)
        first = len(objects) + 1
        objects += [b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 300 200] >>" % node for _ in group]
        kids = b" ".join(b"%d 0 R" % number for number in range(first, len(objects) + 1))
        objects[node - 1] = b"<< /Type /Pages /Kids [%s] /Count %d %s >>" % (
            kids,
            len(group),
            b"" if flat else b"/Parent 2 0 R",
        )
    if not flat:
        objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(tops), count)
    pdf = documents.assembled(objects)
    assert sign(pdf, level="B-B").pdf.startswith(pdf)


def test_a_document_that_does_not_end_with_a_line_gets_one_first(sign: Any) -> None:
    pdf = documents.small().rstrip(b"\n")
    signed = sign(pdf, level="B-B").pdf
    assert signed[len(pdf) : len(pdf) + 1] == b"\n"


@pytest.mark.parametrize("version", ["1.3", "2.0"])
def test_the_version_of_a_document_stays_its_own(sign: Any, version: str) -> None:
    pdf = documents.small().replace(b"%PDF-1.7", f"%PDF-{version}".encode())
    signed = sign(pdf).pdf
    assert b"/Version" not in signed[len(pdf) :]
    with pikepdf.open(io.BytesIO(signed)) as document:
        assert document.pdf_version == version
