"""The table from findings to answers (EN 319 102-1 §5.1.3 and table 6), row by row."""

from typing import Any

import pytest

from signing.validation import Reason, Verdict
from signing.validation.chains import ChainAnswer
from signing.validation.changes import ChangeLevel, Changes
from signing.validation.judgement import of_chain, of_changes, of_geometry, of_path, of_stamp
from signing.validation.path_outcome import PathFailure, PathOutcome
from signing.validation.stamps import StampAnswer


def told(judgement: Any) -> tuple[Any, ...] | None:
    if judgement is None:
        return None
    return judgement.verdict.value, judgement.indication.value, judgement.sub_indication, judgement.reason


def stamp(*, intact: bool = True, trusted: bool = False, failure: PathFailure | None = None) -> StampAnswer:
    return StampAnswer(stamped_time=None, intact=intact, trusted=trusted, failure=failure)


@pytest.mark.parametrize(
    ("answer", "verdict", "sub_indication"),
    [
        (stamp(trusted=True), Verdict.VALID, None),
        (stamp(intact=False), Verdict.INVALID, "HASH_FAILURE"),
        (stamp(), Verdict.INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND"),
        (stamp(failure=PathFailure.STATUS_UNKNOWN), Verdict.INDETERMINATE, "TRY_LATER"),
        (stamp(failure=PathFailure.REVOKED), Verdict.INDETERMINATE, "REVOKED_NO_POE"),
        (stamp(failure=PathFailure.ON_HOLD), Verdict.INDETERMINATE, "REVOKED_NO_POE"),
        (stamp(failure=PathFailure.EXPIRED), Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE"),
        (stamp(failure=PathFailure.NOT_YET_VALID), Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE"),
    ],
)
def test_a_document_time_stamp(answer: StampAnswer, verdict: Verdict, sub_indication: str | None) -> None:
    found = of_stamp(answer)
    assert (found.verdict, found.sub_indication) == (verdict, sub_indication)


def chain(failure: PathFailure, *, leaf: bool = True, **more: Any) -> ChainAnswer:
    outcome = PathOutcome(ok=False, reason="", failure=failure, failed_leaf=leaf)
    return ChainAnswer(outcome=outcome, **({"proven_time": None} | more))


OPEN, OUT, FINAL = ("indeterminate", "INDETERMINATE"), ("invalid", "INDETERMINATE"), ("invalid", "TOTAL-FAILED")
F = PathFailure


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (chain(F.REVOKED), (*OPEN, "REVOKED_NO_POE", Reason.CERT_REVOKED)),
        (chain(F.ON_HOLD), (*OPEN, "REVOKED_NO_POE", Reason.CERT_ON_HOLD)),
        (chain(F.REVOKED, leaf=False), (*OPEN, "REVOKED_CA_NO_POE", Reason.CA_REVOKED)),
        (chain(F.REVOKED, made_after_end=True), (*FINAL, "REVOKED", Reason.CERT_REVOKED_AT_SIGNING)),
        (chain(F.ON_HOLD, made_after_end=True), (*FINAL, "REVOKED", Reason.CERT_ON_HOLD_AT_SIGNING)),
        (chain(F.EXPIRED), (*OPEN, "OUT_OF_BOUNDS_NO_POE", Reason.CERT_EXPIRED)),
        (chain(F.EXPIRED, made_after_end=True), (*FINAL, "EXPIRED", Reason.CERT_NOT_VALID_AT_SIGNING)),
        (chain(F.EXPIRED, stood_to_its_end=True), (*OPEN, "OUT_OF_BOUNDS_NOT_REVOKED", Reason.CERT_EXPIRED)),
        (chain(F.NOT_YET_VALID), (*FINAL, "NOT_YET_VALID", Reason.CERT_NOT_VALID_AT_SIGNING)),
        (chain(F.NO_CHAIN), (*OUT, "NO_CERTIFICATE_CHAIN_FOUND", Reason.UNTRUSTED_ROOT)),
        (chain(F.STATUS_UNKNOWN), (*OPEN, "TRY_LATER", Reason.STATUS_UNKNOWN)),
        (chain(F.BUDGET), (*OPEN, "CERTIFICATE_CHAIN_GENERAL_FAILURE", Reason.CHECK_TOO_COSTLY)),
        (chain(F.MALFORMED), (*OUT, "CERTIFICATE_CHAIN_GENERAL_FAILURE", Reason.CERT_CHAIN_BROKEN)),
        (chain(F.BAD_SIGNATURE), (*OUT, "CHAIN_CONSTRAINTS_FAILURE", Reason.CERT_CHAIN_BROKEN)),
        (chain(F.CONSTRAINTS), (*OUT, "CHAIN_CONSTRAINTS_FAILURE", Reason.CERT_CHAIN_BROKEN)),
    ],
)
def test_a_chain_that_is_not_good(answer: ChainAnswer, expected: tuple[Any, ...]) -> None:
    assert told(of_chain(answer)) == expected


def test_a_proven_time_behind_the_end_refuses_and_none_leaves_open() -> None:
    for failure in (F.REVOKED, F.ON_HOLD, F.EXPIRED):
        assert of_path(failure, proven=True).verdict is Verdict.INVALID
        assert of_path(failure, proven=False).verdict is Verdict.INDETERMINATE
    assert of_path(None, proven=False).verdict is Verdict.INVALID


def changes(level: ChangeLevel, attack: str | None = None) -> Changes:
    return Changes(level=level, covers_whole_file=False, changes=(), attack=attack)


@pytest.mark.parametrize(
    ("level", "attack", "accept", "expected"),
    [
        (ChangeLevel.NONE, None, False, None),
        (ChangeLevel.PERMITTED, None, False, None),
        (ChangeLevel.FORM_FILL, None, False, None),
        (ChangeLevel.FORM_FILL, "FORM_FILLED_AFTER_SIGNING", True, None),
        (ChangeLevel.FORM_FILL, "FORM_FILLED_AFTER_SIGNING", False, OPEN),
        (ChangeLevel.ANNOTATIONS, None, False, None),
        (ChangeLevel.ANNOTATIONS, "ANNOTATED_AFTER_SIGNING", True, OPEN),
        (ChangeLevel.UNKNOWN, None, True, OPEN),
        (ChangeLevel.FORBIDDEN, None, True, FINAL),
        (ChangeLevel.FORBIDDEN, "SHADOW_HIDE", True, FINAL),
    ],
)
def test_later_changes(
    level: ChangeLevel,
    attack: str | None,
    accept: bool,  # noqa: FBT001 - a column of the table
    expected: tuple[str, str] | None,
) -> None:
    found = of_changes(changes(level, attack), accept_form_fill=accept)
    if found is None or expected is None:
        assert (found, expected) == (None, None)
        return
    assert (found.verdict.value, found.indication.value) == expected
    named = {ChangeLevel.UNKNOWN: Reason.CHANGES_UNKNOWN}.get(level, Reason.DOCUMENT_ALTERED)
    assert found.reason is (Reason(attack) if attack else named)


def test_a_byte_range_that_leaves_something_out_is_final_and_named() -> None:
    assert told(of_geometry("DOCUMENT_ALTERED")) == (*FINAL, "HASH_FAILURE", Reason.DOCUMENT_ALTERED)
    assert told(of_geometry("SIGNATURE_COVERAGE")) == (*FINAL, "FORMAT_FAILURE", Reason.SIGNATURE_COVERAGE)
