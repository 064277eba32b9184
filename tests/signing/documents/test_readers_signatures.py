"""Every signature of a file is listed once, whatever is odd about its field, and also when it was taken away."""

import io
import re
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.coverage import signature_coverage
from signing.validation.document import open_document
from signing.validation.geometry import GeometryFaultError
from signing.validation.removed_signatures import MAX_REMOVED
from tests.fakes import sample_pdf

FORM = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%s] >> >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Annots [%s] >>"
VALUE = b"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <%s> >>" % (b"30" * 80)


def form(fields: bytes, *objects: bytes, annots: bytes = b"") -> bytes:
    """A document whose fourth and later objects are given."""
    return sample_pdf.assembled([FORM % fields, PAGES, PAGE % annots, *objects])


def names_of(pdf: bytes) -> list[str]:
    return [field.name for field in open_document(pdf).fields]


@pytest.mark.parametrize(
    ("objects", "names"),
    [
        ((b"<< /FT /Sig /T (a) /V 5 0 R >>", VALUE), ["a"]),
        ((b"<< /FT /Sig /T (a) /V %s >>" % VALUE,), ["a"]),
        ((b"<< /T (g) /Kids [5 0 R] >>", b"<< /FT /Sig /T (a) /V 6 0 R /Parent 4 0 R >>", VALUE), ["g.a"]),
        ((b"<< /FT /Sig /T (g) /Kids [5 0 R] >>", b"<< /T (a) /V 6 0 R /Parent 4 0 R >>", VALUE), ["g.a"]),
        ((b"<< /FT /Sig /T (g) /V 6 0 R /Kids [5 0 R] >>", b"<< /Subtype /Widget /Parent 4 0 R >>", VALUE), ["g"]),
        ((b"<< /T (g) /V 6 0 R /Kids [5 0 R] >>", b"<< /FT /Sig /Subtype /Widget /Parent 4 0 R >>", VALUE), ["g"]),
        ((b"<< /FT /Sig /T (a.b) /V 5 0 R >>", VALUE), ["a.b"]),
        ((b"<< /FT /Sig /T () /V 5 0 R >>", VALUE), ["#1"]),
        ((b"<< /FT /Sig /V 5 0 R >>", VALUE), ["#1"]),
        ((b"<< /FT /Sig /T <FEFF004B00FD> /V 5 0 R >>", VALUE), ["Ký"]),
        ((b"<< /FT /Sig /T (a\\001b) /V 5 0 R >>", VALUE), ["a\N{REPLACEMENT CHARACTER}b"]),
        ((b"<< /FT /Sig /T 7 /V 5 0 R >>", VALUE), ["#1"]),
        ((b"<< /FT /Sig /T (a) /P 0 0 R /V 5 0 R >>", VALUE), ["a"]),
        ((b"<< /FT /Sig /T (a) /Font /K\xfd /V 5 0 R >>", VALUE), ["a"]),
        ((b"<< /FT /Sig /T (a) >>",), []),
        ((b"<< /FT /Sig /T (a) /V null >>",), []),
        ((b"<< /FT /Sig /T (a) /V 99 0 R >>",), []),
        ((b"<< /FT /Tx /T (a) /V (text) >>",), []),
        ((b"<< /FT /Sig /T (a) /V 5 0 R >>", VALUE.replace(b"/Type /Sig ", b"")), ["a"]),
    ],
)
def test_a_filled_signature_field_is_found_wherever_its_parts_are(objects: tuple[bytes, ...], names: list[str]):
    assert names_of(form(b"4 0 R", *objects)) == names


def test_a_signature_that_two_fields_show_counts_once():
    objects = (b"<< /FT /Sig /T (a) /V 6 0 R >>", b"<< /FT /Sig /T (b) /V 6 0 R >>", VALUE)
    assert names_of(form(b"4 0 R 5 0 R", *objects)) == ["a"]


def test_fields_of_one_name_keep_apart_also_when_their_names_are_cut():
    field = b"<< /FT /Sig /T (%s) /V << /Type /Sig >> >>" % (b"n" * 300)
    names = names_of(form(b"4 0 R 5 0 R 6 0 R", field, field, field))
    assert len(set(names)) == 3
    assert all(len(name) < 210 for name in names)


def test_a_filled_signature_widget_that_only_a_page_shows_is_found():
    widget = b"<< /Subtype /Widget /FT /Sig /T (side) /V 5 0 R >>"
    assert names_of(form(b"", widget, VALUE, annots=b"4 0 R")) == ["side"]
    assert names_of(form(b"4 0 R", widget, VALUE, annots=b"4 0 R")) == ["side"]
    below = (b"<< /Subtype /Widget /Parent 5 0 R >>", b"<< /FT /Sig /T (up) /V 6 0 R >>", VALUE)
    assert names_of(form(b"", *below, annots=b"4 0 R 7")) == ["up"]
    assert names_of(form(b"", widget, b"<< /Type /Sig >>", annots=b"4 0 R")) == []


def test_usage_rights_are_no_signature():
    catalogue = (FORM % b"").replace(b"/AcroForm", b"/Perms << /UR3 4 0 R >> /AcroForm")
    assert names_of(sample_pdf.assembled([catalogue, PAGES, PAGE % b"", VALUE])) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"7", "SIGNATURE_MALFORMED"),
        (b"true", "SIGNATURE_MALFORMED"),
        (b"(text)", "SIGNATURE_MALFORMED"),
        (b"[1 2]", "SIGNATURE_MALFORMED"),
        (b"<< /Type /Sig >>", "FORGED_SIGNATURE"),
        (VALUE.replace(b"[0 1 2 3]", b"null"), "FORGED_SIGNATURE"),
        (VALUE.replace(b"[0 1 2 3]", b"[]"), "FORGED_SIGNATURE"),
        (VALUE.replace(b"[0 1 2 3]", b"7"), "FORGED_SIGNATURE"),
        (VALUE.replace(b"30" * 80, b""), "FORGED_SIGNATURE"),
        (VALUE.replace(b"30" * 80, b"00" * 80), "FORGED_SIGNATURE"),
        (VALUE.replace(b"<%s>" % (b"30" * 80), b"null"), "FORGED_SIGNATURE"),
        (VALUE.replace(b"<%s>" % (b"30" * 80), b"4 0 R"), "FORGED_SIGNATURE"),
        (VALUE.replace(b"[0 1 2 3]", b"[[0 1 2 3]]"), "SIGNATURE_COVERAGE"),
        (VALUE.replace(b"[0 1 2 3]", b"[(0) 1.5 true null]"), "SIGNATURE_COVERAGE"),
        (VALUE, "SIGNATURE_COVERAGE"),
    ],
)
def test_a_broken_signature_is_a_field_with_the_right_reason_and_hides_no_other(value: bytes, code: str):
    document = open_document(
        form(b"4 0 R 5 0 R", b"<< /FT /Sig /T (bad) /V %s >>" % value, b"<< /FT /Sig /T (b) /V %s >>" % VALUE)
    )
    assert [field.name for field in document.fields] == ["bad", "b"]
    with pytest.raises(GeometryFaultError) as caught:
        signature_coverage(document, document.fields[0])
    assert caught.value.code == code


@pytest.mark.parametrize(
    "numbers", [b"[0 1.0 2. 3]", b"[5 0 R 1 2 3]", b"[+0 1 2 003]"], ids=["reals", "indirect", "signs"]
)
def test_whole_numbers_are_whole_however_they_are_written(numbers: bytes):
    value = VALUE.replace(b"[0 1 2 3]", numbers)
    (field,) = open_document(form(b"4 0 R", b"<< /FT /Sig /T (a) /V %s >>" % value, b"0")).fields
    assert field.byte_range == (0, 1, 2, 3)


def appended(pdf: bytes, bodies: dict[int, bytes]) -> bytes:
    """One more revision with a table in the old form."""
    last = int(pdf[pdf.rfind(b"startxref") + 9 :].split()[0])
    out, rows = bytearray(pdf), []
    for number, body in bodies.items():
        rows.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n" + b"".join(rows)
    return bytes(out) + b"trailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (last, start)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
EMPTY = b"<< /FT /Sig /T (Signature1) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R %s >>"


@pytest.mark.parametrize(
    "bodies",
    [
        {1: CATALOGUE, 3: PAGE % b""},
        {7: EMPTY % b""},
        {7: EMPTY % b"/V null"},
        {7: EMPTY % b"/V << /Type /Sig >>"},
        {6: b"<< /Fields [] >>", 3: PAGE % b""},
    ],
    ids=["no form", "no value", "null", "other value", "no field"],
)
def test_a_signature_that_was_taken_away_is_reported_and_invalid(pki: Any, small_signed: bytes, bodies: Any):
    pdf = appended(small_signed, bodies)
    removed = [field for field in open_document(pdf).fields if field.name.startswith("#removed")]
    assert [(field.fault_code, field.sub_filter) for field in removed] == [("DOCUMENT_ALTERED", "/ETSI.CAdES.detached")]
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert report.verdict is Verdict.INVALID
    assert {s.reason for s in report.signatures} & {Reason.DOCUMENT_ALTERED, Reason.SIGNATURE_MALFORMED}


def test_what_a_program_left_over_when_it_wrote_the_file_anew_is_no_signature(small_signed: bytes):
    """The dictionary is still in the file, but its range belongs to the file as it was."""

    def forget(document: Any) -> None:
        document.Root.Kept = document.make_indirect(document.Root.AcroForm.Fields[0].V)
        del document.Root.AcroForm
        del document.pages[0].Annots

    assert names_of(sample_pdf.changed(small_signed, forget)) == []


def test_usage_rights_that_were_dropped_are_no_signature(small_signed: bytes):
    rights = small_signed.replace(b"/M (D", b"/Reference [<< /TransformMethod /UR3 >>] /M (D")
    moved = len(rights) - len(small_signed)
    (numbers,) = re.findall(rb"/ByteRange \[([\d ]+)\] *", rights)
    a, b, c, d = (int(n) for n in numbers.split())
    text = b"/ByteRange [%d %d %d %d]" % (a, b, c, d + moved)
    rights = re.sub(rb"/ByteRange \[[\d ]+\] *", lambda m: text.ljust(len(m[0])), rights)
    at = rights.rindex(b"\nxref\n") + 1
    rights = re.sub(rb"startxref\n\d+\n%%EOF\n\Z", b"startxref\n%d\n%%%%EOF\n" % at, rights)
    assert names_of(appended(rights, {1: CATALOGUE, 3: PAGE % b""})) == []
    assert names_of(appended(rights.replace(b"/UR3", b"/XX3"), {1: CATALOGUE, 3: PAGE % b""})) == ["#removed1"]


def test_no_more_removed_signatures_are_listed_than_the_bound(monkeypatch: Any, small_signed: bytes):
    assert MAX_REMOVED > 1
    monkeypatch.setattr("signing.validation.removed_signatures.MAX_REMOVED", 0)
    assert names_of(appended(small_signed, {1: CATALOGUE, 3: PAGE % b""})) == []


def test_the_container_of_a_found_signature_is_what_stands_in_the_file(small_signed: bytes):
    (field,) = open_document(small_signed).fields
    with pikepdf.open(io.BytesIO(small_signed)) as document:
        assert field.contents == bytes(document.Root.AcroForm.Fields[0].V.Contents)


def cleared(pdf: bytes) -> bytes:
    """The file after one more revision, in which its form and its page lost their fields."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/AcroForm"]["/Fields"] = generic.ArrayObject()
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Annots"] = generic.ArrayObject()
    for changed in (writer.root["/AcroForm"], page):
        writer.update_container(changed)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_signature_that_was_cleared_before_another_was_set_is_not_missed(sign: Any, small_signed: bytes):
    """The signer clears the own signature and signs anew: the later signature covers the file as it is then."""
    assert names_of(cleared(small_signed)) == ["#removed1"]
    anew = sign(cleared(small_signed), level="B-B", field_name="Again").pdf
    assert names_of(anew) == ["Again"]
    assert names_of(cleared(anew)) == ["#removed1", "#removed2"]


def test_a_signature_dictionary_that_stands_directly_in_its_field_is_covered(small_signed: bytes):
    """No reference to follow: the object that holds the field holds the container."""
    (field,) = open_document(small_signed).fields
    at = small_signed.index(b"8 0 obj")
    value = small_signed[at + 8 : small_signed.index(b"endobj", at)].strip()
    body = b"<< /FT /Sig /T (direct) /V " + value + b" >>"
    base = sample_pdf.assembled([FORM % b"4 0 R", PAGES, PAGE % b"", body])
    first = base.index(b"/Contents <") + len(b"/Contents ")
    second = base.index(b">", first) + 1
    text = b"/ByteRange [0 %d %d %d]" % (first, second, len(base) - second)
    pdf = re.sub(rb"/ByteRange \[[\d ]+\] *", lambda match: text.ljust(len(match[0])), base)
    document = open_document(pdf)
    assert [f.name for f in document.fields] == ["direct"]
    assert signature_coverage(document, document.fields[0]).contents == field.contents
