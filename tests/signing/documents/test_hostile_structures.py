"""Structures that were made to break or to busy a reader: each gets a typed answer within seconds."""

import time
from datetime import timedelta
from typing import Any

import pytest

from signing.validation import VN_TT15_2025, Verdict, verify_pdf
from signing.validation.document import DocumentFaultError, open_document
from signing.validation.evidence_store import MAX_EVIDENCE_ITEMS
from signing.validation.wanted import wanted_by_pdf
from tests.fakes.hostile_pdf import HOSTILE, fields, many_revisions, plain, store, stream

_DAMAGED = {
    "nothing", "header_only", "header_and_end", "end_only", "startxref_negative", "prev_negative", "prev_is_itself",
    "prev_is_a_name", "xref_loop", "root_missing", "root_is_an_array", "root_is_itself", "pages_null", "pages_missing",
    "nested_dictionaries", "nested_arrays", "huge_integer", "archive", "object_stream_bomb",
    "object_stream_claims_many", "object_stream_in_itself", "object_streams_in_each_other", "xref_bomb", "huge_real",
}  # fmt: skip
_COSTLY = {"fields_100000", "revisions_10000"}
_LOCKED = {"encrypted_by_nobody", "encrypted_badly", "encrypted_by_a_number"}


def expected(name: str) -> str:
    """The code of the refusal, or nothing where the file is read."""
    if name in _DAMAGED:
        return "DOCUMENT_DAMAGED"
    if name in _COSTLY:
        return "CHECK_TOO_COSTLY"
    return "DOCUMENT_ENCRYPTED" if name in _LOCKED else ""


DOUBTED = {"archive_with_plain_document", "web_page", "picture", "data_behind"}


def code_of(pdf: bytes) -> str:
    try:
        open_document(pdf)
    except DocumentFaultError as err:
        return err.code
    return ""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_structure_gets_a_typed_answer_in_bounded_time(name: str):
    pdf = HOSTILE[name]()
    begin = time.process_time()
    code = code_of(pdf)
    assert time.process_time() - begin < 6  # twice what the slowest takes here
    assert code == expected(name)


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - {"fields_100000", "revisions_10000", "pages_deep_loop"}))
def test_the_check_of_a_hostile_structure_is_a_report_and_never_valid(pki: Any, name: str):
    report = verify_pdf(HOSTILE[name](), anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(days=1))
    assert report.verdict is not Verdict.VALID


@pytest.mark.parametrize("name", sorted(DOUBTED))
def test_a_file_that_is_something_else_too_is_doubted(name: str):
    document = open_document(HOSTILE[name]())
    assert document.disagreement or document.repaired


def test_asking_for_evidence_never_raises():
    for name in ("nothing", "root_is_itself", "pages_null", "fields_501", "store_10000", "encrypted_badly"):
        assert wanted_by_pdf(HOSTILE[name]()) == ()


def test_every_field_up_to_the_bound_of_the_check_is_listed():
    for count in (500, 501):
        document = open_document(fields(count, b"/V << /Type /Sig >>"))
        assert len(document.fields) == count
        assert {field.fault_code for field in document.fields} == {"FORGED_SIGNATURE"}
        assert len({field.name for field in document.fields}) == count


def test_a_form_too_large_to_be_looked_through_is_refused_not_cut_short(monkeypatch: Any):
    """A signature might be among the fields that nobody looked at."""
    monkeypatch.setattr("signing.validation.signature_fields.MAX_FIELDS_WALKED", 100)
    assert code_of(fields(101)) == "CHECK_TOO_COSTLY"
    assert not code_of(fields(100))


def test_as_many_revisions_as_are_looked_at_are_read():
    assert open_document(many_revisions(300)).reader.xrefs.total_revisions == 301


def test_the_latest_items_of_an_overfull_store_count():
    evidence = open_document(store(3 * MAX_EVIDENCE_ITEMS)).evidence
    assert len(evidence.certificates) == len(evidence.crls) == MAX_EVIDENCE_ITEMS
    assert evidence.certificates[-1] == b"item %d" % (3 * MAX_EVIDENCE_ITEMS - 1)
    assert evidence.certificates[0] == b"item %d" % (2 * MAX_EVIDENCE_ITEMS)


def test_a_large_list_in_the_store_is_read_and_items_of_single_signatures_too():
    large = bytes(range(256)) * 16_000  # 4 MB, as a list of 100,000 entries
    catalogue = (
        b"<< /Type /Catalog /Pages 2 0 R /DSS << /CRLs [5 0 R 99 0 R 4 null] /OCSPs 7 "
        b"/VRI << /AA << /Cert [6 0 R] /OCSP [6 0 R] >> /BB 9 >> >> >>"
    )
    evidence = open_document(plain(stream(large), stream(b"one"), catalogue=catalogue)).evidence
    assert evidence.crls[0] == large
    assert (evidence.certificates, evidence.ocsps) == ((b"one",), (b"one",))


def test_a_store_of_too_many_bytes_is_cut_at_the_bound(monkeypatch: Any):
    monkeypatch.setattr("signing.validation.evidence_store.MAX_EVIDENCE_BYTES", 20)
    assert open_document(store(10)).evidence.certificates == (b"item 7", b"item 8", b"item 9")
