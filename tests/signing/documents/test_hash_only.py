"""Checks by digest alone: everything is told but what nobody saw, and nothing is ever valid by it."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, HashedKind, HashedSignature, Reason, Verdict, hashes, verify_hashes
from signing.validation.isolated import verify_hashes_in_worker
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import Plan

CONTENT = b"it never leaves the house"
DIGEST = hashlib.sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def by(pki: Any) -> Any:
    return cms.signer(pki, "p256")


def item(plan: Plan, **more: Any) -> HashedSignature:
    values = {"cms": cms.container(plan, CONTENT), "digest": DIGEST, "algorithm": "sha256", "name": "a.pdf"} | more
    return HashedSignature(**values)


def check(pki: Any, *items: HashedSignature, evidence: Evidence | None = None) -> Any:
    return verify_hashes(
        items, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5), evidence=evidence
    )


def test_a_right_signature_is_at_best_indeterminate(pki: Any, by: Any) -> None:
    evidence = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    report = check(pki, item(Plan(by=by), kind=HashedKind.PDF), evidence=evidence)
    (found,) = report.signatures
    assert (report.verdict, found.intact, found.reason) == (
        Verdict.INDETERMINATE, True, Reason.CONTENT_NOT_GIVEN,
    )  # fmt: skip
    assert (found.field, found.covers_whole_file, found.changes_after.value) == ("a.pdf", False, "unknown")
    assert report.file_sha256 == DIGEST.hex()
    assert report.document()["acceptance"] != "accept"


def test_that_the_certificate_was_good_then_is_known_without_the_content(pki: Any, by: Any) -> None:
    evidence = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    said = [
        check(pki, item(Plan(by=by)), evidence=given).document()["signatures"][0]["legal_minimum"]
        for given in (evidence, Evidence())
    ]
    assert [one["validity_at_signing_time"] for one in said] == ["valid", "unknown"]


@pytest.mark.parametrize("algorithm", ["sha256", "SHA256"])
def test_another_digest_is_an_altered_document(pki: Any, by: Any, algorithm: str) -> None:
    (found,) = check(pki, item(Plan(by=by), digest=bytes(32), algorithm=algorithm)).signatures
    assert (found.intact, found.verdict, found.reason) == (False, Verdict.INVALID, Reason.DOCUMENT_ALTERED)


def test_a_digest_by_another_algorithm_says_nothing(pki: Any, by: Any) -> None:
    (found,) = check(pki, item(Plan(by=by), digest=bytes(64), algorithm="sha512")).signatures
    assert (found.intact, found.reason) == (None, Reason.CONTENT_MISSING)


def test_each_item_and_each_signer_has_an_answer(pki: Any, by: Any) -> None:
    report = check(pki, item(Plan(by=by, signers=2)), item(Plan(by=by), cms=b"junk"), item(Plan(by=by), name=""))
    assert [s.field for s in report.signatures] == ["a.pdf#1", "a.pdf#2", "a.pdf", "item-3"]
    assert [s.intact for s in report.signatures] == [True, True, None, True]
    assert report.verdict is Verdict.INVALID
    assert report.file_sha256 == ""


def test_the_number_of_items_is_bounded(pki: Any, by: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(hashes, "MAX_ITEMS", 1)
    report = check(pki, item(Plan(by=by)), item(Plan(by=by)))
    assert (len(report.signatures), report.file_fault) == (1, Reason.CHECK_TOO_COSTLY)
    assert report.verdict is Verdict.INDETERMINATE


def test_nothing_at_all_is_no_signature(pki: Any) -> None:
    assert check(pki).verdict is Verdict.NO_SIGNATURE


def test_a_worker_gives_the_same_report(pki: Any, by: Any) -> None:
    items, at = (item(Plan(by=by)),), pki.at + timedelta(minutes=5)
    direct = verify_hashes(items, anchors=pki.anchors(), policy=VN_TT15_2025, at=at)
    assert verify_hashes_in_worker(items, pki.anchors(), VN_TT15_2025, at, Evidence()) == direct
