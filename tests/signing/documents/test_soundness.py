"""A stranger's file is signed only if no check of it will have a doubt: otherwise it is refused before the key."""

from collections.abc import Callable
from typing import Any

import pytest

from signing.errors import MalformedDocument, SigningError
from signing.pades import SigningRequest, prepare_signature, sign_pdf, soundness
from signing.pades.isolated import prepare_in_worker
from signing.pades.refusals import DocumentClosed, DocumentDamaged
from signing.validation import VN_TT15_2025, verify_pdf
from tests.fakes import sample_pdf as documents
from tests.fakes.producers import producer_files


def page_with(
    *, parent: bytes = b"2 0 R", extra: bytes = b"", more: tuple[bytes, ...] = (), catalogue: bytes = b""
) -> bytes:
    return documents.assembled([
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent %s /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> %s >>" % (parent, extra),
        b"<< /Length 30 >>\nstream\n0 0 1 rg 20 20 100 50 re f     \nendstream",
        *more,
    ])  # fmt: skip


def request_of(pki: Any, **over: Any) -> SigningRequest:
    return SigningRequest(**{"credential": pki.credential(), "field_name": "Ours", **over})


def prepared(pki: Any, pdf: bytes, **over: Any) -> Any:
    return prepare_in_worker(pdf, request_of(pki, **over), True, pki.at)


def test_a_plain_page_is_prepared_like_any_other(pki: Any) -> None:
    pdf = page_with()
    plain = prepare_signature(pdf, request_of(pki), with_stamp=True, at=pki.at)
    assert prepared(pki, pdf).base_sha256 == plain.base_sha256


DOUBTED: dict[str, Callable[[], bytes]] = {
    "a key twice": lambda: page_with(extra=b"/Rotate 0 /Rotate 90"),
    "an object that cannot be read": lambda: page_with(extra=b"/PieceInfo 5 0 R", more=(b"<< /A << /B ) >> >>",)),
    "a reference to what only the next revision makes": lambda: page_with(extra=b"/Group 12 0 R"),
    "a reference to what a revision of later years would make": lambda: page_with(extra=b"/Group 900 0 R"),
    "a store of validation data that is none": lambda: page_with(catalogue=b"/DSS << /Certs [7] >>"),
    "a page below the catalogue": lambda: page_with(parent=b"1 0 R"),
    "deep nesting": lambda: page_with(extra=b"/PieceInfo " + b"[" * 80 + b"]" * 80),
}


@pytest.mark.parametrize("case", list(DOUBTED))
def test_what_a_check_would_doubt_is_refused_before_the_key(pki: Any, strangers: Any, case: str) -> None:
    pdf = DOUBTED[case]()
    strangers.broken_on_purpose(pdf)
    with pytest.raises(MalformedDocument) as caught:
        prepared(pki, pdf, closes=True)
    assert caught.value.code in {"DOCUMENT_DAMAGED", "DOCUMENT_MALFORMED"}


def test_without_the_question_such_a_file_is_signed_and_then_refused_by_everybody(pki: Any, strangers: Any) -> None:
    pdf = DOUBTED["a page below the catalogue"]()
    strangers.broken_on_purpose(pdf)
    signed = sign_pdf(
        pdf, request_of(pki, closes=True), keys=pki.keys, stamp=pki.stamp, evidence=pki.evidence, at=pki.at
    ).pdf
    report = verify_pdf(signed, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)
    assert report.verdict.value == "invalid"


def test_a_signature_that_would_break_an_earlier_one_is_refused(pki: Any, sign: Any, strangers: Any) -> None:
    first = sign(page_with(extra=b"/Group 10 0 R"), level="B-B", field_name="First").pdf  # its revision ends with 9
    strangers.broken_on_purpose(first)
    with pytest.raises(DocumentClosed):
        prepared(pki, first)
    assert prepared(pki, sign(page_with(), level="B-B", field_name="First").pdf)


def test_a_reference_to_an_object_that_was_given_up_is_nothing_and_stays_so(pki: Any, strangers: Any) -> None:
    """ISO 32000-2 §7.3.10, §7.5.4: its number is not given out again by a revision that knows it as free."""
    pdf = page_with(extra=b"/PieceInfo << /Ours 5 0 R >>", more=(b"<< /A 1 >>",))
    entries, trailer, rest = pdf.rpartition(b"trailer")
    given_up = entries.rstrip().removesuffix(b"n") + b"f" + entries[len(entries.rstrip()) :] + trailer + rest
    signed = sign_pdf(given_up, request_of(pki), keys=pki.keys, stamp=pki.stamp, evidence=pki.evidence, at=pki.at).pdf
    strangers.broken_on_purpose(given_up)  # pyHanko's strict reader knows no reference to nothing
    assert prepared(pki, given_up)
    assert verify_pdf(signed, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at).verdict.value == "valid"


def test_long_files_are_read_as_they_are(pki: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "LONG_BYTES", 100)
    assert prepared(pki, page_with())
    for kind in (
        "a key twice",
        "a reference to what a revision of later years would make",
        "a store of validation data that is none",
    ):
        with pytest.raises(DocumentDamaged):
            prepared(pki, DOUBTED[kind]())


@pytest.mark.parametrize("name", sorted(name for name in producer_files() if name.endswith(".pdf"))[::4])
def test_no_file_of_another_producer_is_refused_for_it(pki: Any, name: str) -> None:
    pdf = producer_files()[name]
    try:
        plain = prepare_signature(pdf, request_of(pki), with_stamp=True, at=pki.at)
    except SigningError:
        return
    assert prepared(pki, pdf).base_sha256 == plain.base_sha256
