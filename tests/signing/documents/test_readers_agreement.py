"""Two readers must see the same objects; what one of them had to repair is doubted."""

import io
import re
import zlib
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic

from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.document import OpenedDocument, open_document
from signing.validation.primary_reader import PrimaryReader
from signing.validation.reader_agreement import Agreement
from signing.validation.second_reader import second_reader
from tests.fakes import sample_pdf
from tests.fakes.hostile_pdf import CATALOGUE, CONTENT, PAGE, PAGES, object_stream, plain, stream, with_xref_stream


def doubt(pdf: bytes) -> str | None:
    document = open_document(pdf)
    return document.disagreement or ("repaired" if document.repaired else None)


def form_stream(length: bytes) -> bytes:
    return sample_pdf.assembled([CATALOGUE, PAGES, PAGE, b"<< /Length %s >>\nstream\n0 g q\nendstream" % length])


ARRAY = b"[1 2.50 -.5 +3 true null /N#61me (a\\)b) <48> << /A [/B] >> 3 0 R 99 0 R]"


@pytest.mark.parametrize(
    "pdf",
    [
        sample_pdf.small(),
        plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /X %s /Y 99 0 R /Z null >>" % ARRAY),
        plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /S (line\r\nline\rline) /U <FEFF1EA5> /L <FFFEA51E> >>"),
        plain(catalogue=b"<< /Pages 2 0 R /D (\\344 \\222 \\1) /B <00FF10> /W (\xef\xbb\xbf\xe1\xba\xa5) >>"),
        plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /N /Caf#e9 /M /caf\xc3\xa9 /Caf#e9 1 >>"),
        plain(b"(a)", b"7", b"/N", b"[5 0 R]", page=PAGE.replace(b"<< >>", b"<< /X [5 0 R 6 0 R 7 0 R 8 0 R] >>")),
        plain(page=PAGE.replace(b"/Resources << >>", b"/Resources << /Font << /F /Gen\xe9ral >> >>")),
        sample_pdf.changed(sample_pdf.small(), lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        sample_pdf.changed(sample_pdf.small(), lambda _: None, linearize=True),
        sample_pdf.hybrid(),
        form_stream(b"5"),
        sample_pdf.small().replace(b"endobj\n2 0", b"endobk\n2 0"),
    ],
    ids=[
        "small", "values", "strings", "text", "octets in names", "plain references", "octets in a resource", "streams",
        "linear", "hybrid", "length", "no endobj",
    ],
)  # fmt: skip
def test_readers_agree_on_what_good_files_of_all_kinds_say(pdf: bytes):
    assert doubt(pdf) is None


def duplicated(entry: bytes, body: bytes) -> bytes:
    return body.replace(b">>", entry + b" >>") if body.count(b">>") == 1 else body[:-2] + entry + b" >>"


@pytest.mark.parametrize(
    "pdf",
    [
        plain(catalogue=duplicated(b"/Pages 5 0 R", CATALOGUE)),
        plain(page=duplicated(b"/Contents 5 0 R", PAGE)),
        plain(page=duplicated(b"/MediaBox [0 0 10 10]", PAGE)),
        plain(page=duplicated(b"/Type 4 0 R", PAGE)),
        form_stream(b"5 /Length 2"),
        form_stream(b"2"),
        form_stream(b"9"),
        sample_pdf.small().replace(b"0000000064 00000 n", b"0000000065 00000 n"),
        sample_pdf.small().replace(b"0000000064 00000 n", b"0000000121 00000 n"),
        sample_pdf.small().replace(b"startxref\n306", b"startxref\n316"),
        sample_pdf.small().replace(b"startxref\n306", b"startxref\n300"),
    ],
)
def test_what_readers_take_differently_or_have_to_repair_is_doubted(pdf: bytes):
    assert with_doubt(pdf)


def test_the_body_of_a_hidden_update_shows_in_a_reader_that_repairs(pki: Any, small_signed: bytes):
    """Incremental saving attack with an empty cross-reference section: only a repairing reader sees object 4 anew."""
    body = b"4 0 obj\n<< /Length 9 >>\nstream\n1 0 0 rg q\nendstream\nendobj\n"
    pdf = (
        small_signed
        + body
        + b"xref\n0 0\ntrailer\n<< /Root 1 0 R /Size 9 /Prev 0 >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(small_signed) + len(body))
    )
    report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert report.verdict in {Verdict.INVALID, Verdict.INDETERMINATE}
    assert report.file_fault is Reason.DOCUMENT_DAMAGED or report.signatures


def test_a_hybrid_file_whose_parts_contradict_each_other_is_doubted():
    """ISO 32000-2 §7.5.8.4: an object of the table is not in the stream beside it; readers prefer either."""
    base = plain(CONTENT.replace(b"0 g q", b"1 g q"))
    other = base.index(b"5 0 obj")
    start = int(base.rsplit(b"startxref\n", 1)[1].split()[0])
    row = b"\x01" + other.to_bytes(2, "big") + b"\x00"
    hidden = b"6 0 obj\n" + stream(row, b"/Type /XRef /Size 7 /W [1 2 1] /Index [4 1]") + b"\nendobj\n"
    table = base[start:].replace(b"/Size 6 ", b"/Size 7 /XRefStm %d " % start).rsplit(b"startxref", 1)[0]
    pdf = base[:start] + hidden + table + b"startxref\n%d\n%%%%EOF\n" % (start + len(hidden))
    assert doubt(pdf) == "place of object 4"
    same = pdf.replace(row, b"\x01" + base.index(b"4 0 obj").to_bytes(2, "big") + b"\x00")
    assert doubt(same) is None


def test_an_object_in_a_stream_that_readers_unpack_differently_is_doubted():
    packed = {1: (2, 5, 0), 2: (2, 5, 1)}
    good = with_xref_stream({3: PAGE, 4: CONTENT, 5: object_stream({1: CATALOGUE, 2: PAGES})}, packed)
    assert doubt(good) is None
    head = b"1 0 2 %d 2 %d " % (len(CATALOGUE) + 1, len(CATALOGUE) + 1 + len(PAGES) + 1)
    data = zlib.compress(head + CATALOGUE + b" " + PAGES + b" " + PAGES.replace(b"/Count 1", b"/Count 9"))
    twice = stream(data, b"/Type /ObjStm /N 3 /First %d /Filter /FlateDecode" % len(head))
    assert with_doubt(with_xref_stream({3: PAGE, 4: CONTENT, 5: twice}, packed))
    typed = object_stream({1: CATALOGUE, 2: PAGES}, b"/Type /Other")
    assert with_doubt(with_xref_stream({3: PAGE, 4: CONTENT, 5: typed}, packed))


def with_doubt(pdf: bytes) -> bool:
    try:
        return doubt(pdf) is not None
    except ValueError:  # refused as damaged: no less of an answer
        return True


def appended(pdf: bytes, number: int, body: bytes) -> bytes:
    last = int(pdf[pdf.rfind(b"startxref") + 9 :].split()[0])
    added = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rest = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\n" % (number, len(pdf), last)
    return pdf + added + rest + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(added))


def test_a_signed_revision_is_compared_as_it_was_signed(sign: Any):
    """The signed page says two things; the update makes it say one, so that only the signed version is doubtful."""
    signed = sign(plain(CONTENT.replace(b"0 g q", b"1 g q")), level="B-B").pdf
    clean = appended(signed, 4, CONTENT)
    assert doubt(clean) is None
    page = re.search(rb"\n3 0 obj\n(<<.*?>>)\nendobj", signed, re.DOTALL | re.MULTILINE)
    assert page is not None
    at = signed.rindex(b"\n3 0 obj\n") + 1
    body = signed[at : signed.index(b"endobj", at)].split(b"obj\n", 1)[1].rstrip()
    twice = body.replace(b"/Resources <<\n>>", b"/F 1 /F 2".ljust(16))
    assert len(twice) == len(body) != twice.count(b"/F 1")
    doubtful = signed[:at] + b"3 0 obj\n" + twice + signed[at + len(body) + 8 :]
    assert doubt(appended(doubtful, 3, body)) == "revision 2: object 3"


def test_a_signed_revision_that_ends_in_damage_is_doubted(small_signed: bytes):
    whole = appended(small_signed, 4, CONTENT)
    assert doubt(whole) is None
    last = small_signed[small_signed.rfind(b"startxref") :].split()[1]
    damaged = whole.replace(b"startxref\n%s" % last, b"startxref\n%d" % (int(last) - 40))
    assert doubt(damaged) == "revision 2: structure"


def agreement_of(pdf: bytes) -> Agreement:
    reader = PrimaryReader(io.BytesIO(pdf))
    agreement = Agreement(reader)
    with second_reader(io.BytesIO(pdf)) as second:
        assert agreement.disagreement(second) is None
    return agreement


def test_large_streams_and_tables_are_compared_by_their_place_only():
    large = plain(stream(b"x" * 300_000), page=PAGE.replace(b"4 0 R", b"5 0 R"))
    agreement = agreement_of(large)
    assert not agreement.is_complete
    assert (0, 5) not in agreement.reader.resolved_objects  # never taken into memory
    wide = plain(b"[" + b"500 " * 9_000 + b"]", page=PAGE.replace(b"<< >>", b"<< /W 5 0 R >>"))
    assert not agreement_of(wide).is_complete
    assert agreement_of(sample_pdf.small()).is_complete


def test_the_comparison_of_a_long_document_is_bounded(monkeypatch: Any):
    monkeypatch.setattr("signing.validation.reader_agreement.MAX_VALUES", 10)
    assert not agreement_of(sample_pdf.small()).is_complete
    monkeypatch.setattr("signing.validation.reader_agreement._MAX_POSITIONS", 1)
    assert agreement_of(sample_pdf.small())._values < 40


def test_signed_revisions_are_looked_at_up_to_a_bound(sign: Any, pki: Any, monkeypatch: Any):
    pdf, credential = sample_pdf.small(), pki.credential()
    for number in range(5):
        pdf = sign(pdf, level="B-B", credential=credential, field_name=f"S{number}").pdf
    seen: list[int | None] = []
    true = Agreement.disagreement

    def noted(self: Agreement, second: Any, revision: int | None = None) -> str | None:
        seen.append(revision)
        return true(self, second, revision)

    monkeypatch.setattr(Agreement, "disagreement", noted)
    assert doubt(pdf) is None
    assert seen == [None, 1, 2, 3, 4]
    monkeypatch.setattr("signing.validation.document.MAX_REVISIONS_COMPARED", 2)
    seen.clear()
    assert doubt(pdf) is None
    assert seen == [None, 1, 4]


def opened(pdf: bytes) -> OpenedDocument:
    return open_document(pdf)


def test_a_container_is_read_the_same_whether_at_once_or_digit_by_digit(small_signed: bytes, monkeypatch: Any):
    (quick,) = opened(small_signed).fields
    monkeypatch.setattr(PrimaryReader, "_with_short_container", lambda *_: None)
    (slow,) = opened(small_signed).fields
    assert quick.contents == slow.contents
    assert dict(quick.value).keys() == dict(slow.value).keys()
    assert bytes(quick.value["/Contents"].original_bytes) == bytes(slow.value["/Contents"].original_bytes)


def test_digits_in_a_comment_or_a_text_are_not_taken_for_the_container():
    digits = b"30" * 600
    value = b"<< /Type /Sig /Reason (/Contents <%s>) /ByteRange [0 1 2 3] /Contents <%s> >>" % (digits, b"31" * 40)
    pdf = sample_pdf.assembled([
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>", PAGES, PAGE, CONTENT,
        b"<< /FT /Sig /T (a) /V 6 0 R >>", value,
    ])  # fmt: skip
    (field,) = open_document(pdf).fields
    assert field.contents == b"1" * 40
    assert len(str(field.value["/Reason"])) > 1200


def test_null_stands_for_an_object_that_its_stream_does_not_have():
    packed = with_xref_stream(
        {2: PAGES, 3: PAGE, 4: CONTENT, 5: object_stream({1: CATALOGUE})}, {1: (2, 5, 0), 9: (2, 5, 7)}
    )
    reader = opened(packed).reader
    assert isinstance(reader.get_object(generic.Reference(9, 0, reader)), generic.NullObject)
