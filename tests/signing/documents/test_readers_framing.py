"""What stands in front of a document and behind it, and where its offsets count from."""

import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.coverage import signature_coverage
from signing.validation.document import DocumentFaultError, open_document
from signing.validation.framing import Window, framing
from tests.fakes import sample_pdf


def opened(pdf: bytes) -> Any:
    document = open_document(pdf)
    for field in document.fields:
        signature_coverage(document, field)
    return document


@pytest.mark.parametrize("front", [b"\n", b"\r\n\0 \t", b"\xef\xbb\xbf", b" " * 1000])
def test_blanks_in_front_of_the_header_are_no_part_of_the_document(small_signed: bytes, front: bytes):
    document = opened(front + small_signed)
    assert document.pdf == small_signed
    assert (document.disagreement, document.repaired, len(document.fields)) == (None, False, 1)


@pytest.mark.parametrize("front", [b"x", b"<html>", b"PK\x03\x04", b"GIF89a", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_anything_else_in_front_that_no_signature_covers_makes_the_file_doubtful(small_signed: bytes, front: bytes):
    document = opened(front + small_signed)
    assert document.disagreement == "something stands in front of the document"
    assert len(document.fields) == 1


def shifted(front: bytes) -> bytes:
    """A document whose offsets count from the first byte of the file, with something in front of the header."""
    pdf = sample_pdf.small()
    moved = re.sub(rb"(\d{10}) 00000 n", lambda m: b"%010d 00000 n" % (int(m[1]) + len(front)), pdf)
    last = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    return front + moved.replace(b"startxref\n%d" % last, b"startxref\n%d" % (last + len(front)))


@pytest.mark.parametrize(
    ("front", "doubted"),
    [(b"\n\n", False), (b"Content-Type: application/pdf\r\n\r\n", False), (b"<p>", True), (b"PK\x03\x04", True)],
)
def test_offsets_may_count_from_the_first_byte_of_the_file(front: bytes, doubted: bool):  # noqa: FBT001 - a case
    document = open_document(shifted(front))
    assert document.pdf == shifted(front)
    assert document.repaired is False
    assert bool(document.disagreement) is doubted


@pytest.mark.parametrize("behind", [b"\n", b" \r\n" * 100, b"\0" * 300_000])
def test_blanks_behind_the_end_change_nothing(small_signed: bytes, behind: bytes):
    document = opened(small_signed + behind)
    assert (document.disagreement, document.repaired, len(document.fields)) == (None, False, 1)


def test_data_far_behind_the_end_does_not_hide_the_signatures(small_signed: bytes):
    document = opened(small_signed + b"x" * 10_000)
    assert (document.repaired, len(document.fields)) == (True, 1)
    assert document.pdf.endswith(b"xxx")


def test_a_header_further_inside_than_readers_look_is_none():
    with pytest.raises(DocumentFaultError) as caught:
        open_document(b" " * 1100 + sample_pdf.small())
    assert caught.value.code == "DOCUMENT_DAMAGED"
    assert framing(b"%PDF-x.y") is None
    assert framing(b"%PDF-1.7") is not None


@given(data=st.binary(max_size=60), front=st.binary(max_size=8), tail=st.binary(max_size=9), steps=st.data())
def test_a_window_reads_like_the_bytes_it_shows(data: bytes, front: bytes, tail: bytes, steps: st.DataObject):
    end = steps.draw(st.integers(len(front), max(len(front), len(data))))
    shown = front + data[:end][len(front) :] + tail
    window, plain = Window(data, end, front=front, tail=tail), io.BytesIO(shown)
    assert window.seek(0, io.SEEK_END) == len(shown)
    for _ in range(4):
        place, count = steps.draw(st.integers(0, 70)), steps.draw(st.integers(0, 70))
        assert (window.seek(place), plain.seek(place)) == (place, place)
        assert window.read(count) == plain.read(count)
        assert window.tell() == plain.tell()
    with pytest.raises(ValueError, match="in front"):
        window.seek(-1)
    assert (window.readable(), window.seekable()) == (True, True)


def names_of(pdf: bytes) -> list[str]:
    return [field.name for field in open_document(pdf).fields]


@pytest.mark.parametrize(
    "behind",
    [
        b"4 0 obj\n<< >>\nendobj\nstartxref\n0\n%%EOF\n",
        b"4 0 obj\n<< >>\nendobj\nxref\n0 0\nstartxref\n99999\n%%EOF\n",
        b"trailer\n<< /Root 1 0 R >>\n%%EOF\n%%EOF\n",
        b"startxref\n-5\n%%EOF\n",
    ],
)
def test_what_follows_a_signed_revision_does_not_hide_its_signatures(small_signed: bytes, behind: bytes):
    """Incremental saving attack: only a repairing reader sees the appended objects."""
    document = opened(small_signed + behind)
    assert names_of(small_signed + behind) == ["Signature1"]
    assert document.repaired
    assert document.pdf == small_signed + behind


def test_a_cut_off_signed_revision_is_damage_and_not_a_file_without_signatures(small_signed: bytes):
    for missing in (2, 20, 300, 2_000):
        with pytest.raises(DocumentFaultError) as caught:
            open_document(small_signed[:-missing])
        assert caught.value.code == "DOCUMENT_DAMAGED"


def test_no_more_beginnings_are_tried_than_the_bound(small_signed: bytes):
    assert names_of(small_signed + b"startxref\n0\n%%EOF\n" * 6) == ["Signature1"]
    with pytest.raises(DocumentFaultError):
        open_document(small_signed + b"startxref\n0\n%%EOF\n" * 9)
