"""Where a signed revision ends and what may stand behind it: white space and comments, nothing else."""

import io
from datetime import timedelta
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.changes import MAX_REVISIONS, ChangeAnalysis, ChangeLevel
from signing.validation.coverage import signature_coverage
from signing.validation.document import open_document
from signing.validation.revisions import Boundaries, signed_revision
from tests.fakes.revised_pdf import BASE, document, revised, stream

PLAIN = document()
LATER = revised(PLAIN, {97: b"<< >>"})


def reader(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(pdf), strict=False)


def fault(pdf: bytes) -> str | None:
    return Boundaries(pdf, reader(pdf)).fault(signed=0, signed_end=len(PLAIN))


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n  \0", b"% a comment\n", b"\n%iText-5.5.13\n%another\r"])
def test_white_space_and_comments_between_revisions_mean_nothing(between: bytes) -> None:
    assert fault(revised(PLAIN, {97: b"<< >>"}, between=between)) is None
    assert fault(LATER + between) is None


@pytest.mark.parametrize("between", [b"X", b"%%EOF\n", b"4 0 obj\n<< >>\nendobj\n", b"% 4 0 obj << >> endobj\n"])
def test_anything_else_between_revisions_is_a_fault(between: bytes) -> None:
    assert fault(revised(PLAIN, {97: b"<< >>"}, between=between)) == "bytes_before_revision_2"
    behind = Boundaries(LATER + between, reader(LATER)).fault(signed=0, signed_end=len(PLAIN))
    assert behind == "bytes_behind_last_revision"


def test_a_revision_of_nothing_but_a_table_has_no_fault() -> None:
    assert fault(revised(PLAIN, {})) is None
    assert fault(revised(PLAIN, {4: None})) is None


@pytest.mark.parametrize("place", [b"endobj\n", b"xref\n0 1"])
def test_an_object_that_no_table_names_is_a_fault(place: bytes) -> None:
    at = LATER.rfind(b"xref\n0 1") if place != b"endobj\n" else LATER.rfind(b"endobj\n") + 7
    hidden = b"4 0 obj\n<< /Length 1 >>\nstream\nn\nendstream\nendobj\n"
    later = LATER[:at] + hidden + LATER[at:]
    moved = later.replace(b"startxref\n%d" % LATER.rfind(b"xref\n0 1"), b"startxref\n%d" % later.rfind(b"xref\n0 1"))
    assert fault(moved) == "object_hidden_in_revision_2"


def test_what_looks_like_an_object_inside_a_stream_is_none() -> None:
    assert fault(revised(PLAIN, {97: stream(b"4 0 obj << >> endobj")})) is None


def test_an_object_between_table_and_end_is_a_fault() -> None:
    at = LATER.rfind(b"startxref")
    assert fault(LATER[:at] + b"4 0 obj\n<< >>\nendobj\n" + LATER[at:]) == "end_of_revision_2"


@pytest.mark.parametrize(("end", "expected"), [(0, 0), (-1, 0), (-2, None), (-100, None)])
def test_a_signature_covers_a_revision_to_its_end(end: int, expected: int | None) -> None:
    assert signed_revision(LATER, reader(LATER), len(PLAIN) + end) == expected
    assert signed_revision(LATER, reader(LATER), len(LATER)) == 1


def test_a_start_that_leads_elsewhere_covers_nothing() -> None:
    start = PLAIN.rfind(b"xref\n0")
    other = PLAIN.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start - 20))
    later = other + LATER[len(PLAIN) :]
    assert signed_revision(later, reader(later), len(other)) is None


def check(pki: Any, pdf: bytes) -> Any:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    at = pki.at + timedelta(minutes=5)
    return verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence)


@pytest.fixture(scope="module")
def signed(sign: Any) -> bytes:
    return bytes(sign(document(dict(BASE)), level="B-B").pdf)


def analysed(pdf: bytes) -> Any:
    opened = open_document(pdf)
    return ChangeAnalysis(opened).after(opened.fields[0], signature_coverage(opened, opened.fields[0]))


def test_every_revision_is_told_and_the_signed_one_is_named(signed: bytes) -> None:
    changes = analysed(revised(revised(signed, {97: b"<< >>"}), {98: b"<< >>"}))
    assert changes.level is ChangeLevel.PERMITTED
    assert changes.signed_revision == 2
    assert {c.what for c in changes.changes} == {"rewritten"}
    assert analysed(signed).covers_whole_file


def test_more_revisions_than_are_compared_are_unknown_and_quick(signed: bytes) -> None:
    for _ in range(MAX_REVISIONS + 1):
        signed = revised(signed, {})
    changes = analysed(signed)
    assert (changes.level, changes.changes[0].what) == (ChangeLevel.UNKNOWN, "too_many_revisions")


def test_a_filled_form_is_valid_with_a_warning(pki: Any, sign: Any) -> None:
    pdf = sign(document(), level="B-B").pdf
    filled = revised(pdf, {7: BASE[7].replace(b" /F 4", b" /V (one) /F 4")})
    report = check(pki, filled)
    (signature,) = report.signatures
    assert (report.verdict, signature.changes_after) == (Verdict.VALID, ChangeLevel.FORM_FILL)
    assert Reason.FORM_FILLED_AFTER_SIGNING in signature.warnings


def test_places_of_what_changed_are_told(signed: bytes) -> None:
    changes = analysed(revised(signed, {7: BASE[7].replace(b" /F 4", b" /V (one) /F 4")}))
    assert [(page, area.left, area.top) for page, area in changes.areas] == [(0, 20.0, 40.0)]
