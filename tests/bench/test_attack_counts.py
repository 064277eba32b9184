"""The counts that a closing note quotes: attacks refused and named, clean files valid, the share left undecided."""

import time
from collections.abc import Iterable
from typing import Any

import pytest

from signing.validation import Report, Verdict
from tests.attacks.cases import Attack, Clean, pdf_of
from tests.attacks.catalogue import ATTACKS, CLEAN
from tests.attacks.workshop import Workshop
from tests.fakes.small_pki import SmallPki

pytestmark = pytest.mark.bench


def _answers(shop: Workshop, cases: Iterable[Attack | Clean]) -> tuple[list[tuple[Any, Report]], float]:
    """What is said about each file, and the most CPU seconds that one took."""
    found, slowest = [], 0.0
    for case in cases:
        pdf = pdf_of(case.build(shop))
        password = {"password": case.password} if isinstance(case, Clean) and case.password else {}
        start = time.process_time()
        found.append((case, shop.check(pdf, **password)))
        slowest = max(slowest, time.process_time() - start)
    return found, slowest


def test_attacks_and_clean_files_are_counted(board: Any) -> None:
    shop = Workshop(SmallPki())
    (attacks, slow_attack), (clean, slow_clean) = _answers(shop, ATTACKS), _answers(shop, CLEAN)
    refused = sum(report.acceptance != "accept" and report.verdict is not Verdict.VALID for _, report in attacks)
    named = sum(report.reasons[0] in case.named for case, report in attacks)
    valid = sum(report.verdict is Verdict.VALID for _, report in clean)
    undecided = [sum(report.verdict is Verdict.INDETERMINATE for _, report in one) for one in (attacks, clean)]
    board.add("attacks refused", refused, "files", aim=f"{len(ATTACKS)} of {len(ATTACKS)}")
    board.add("attacks called by their name", named, "files", aim=f"{len(ATTACKS)} of {len(ATTACKS)}")
    board.add("attacks left undecided", 100 * undecided[0] / len(ATTACKS), "%", aim="<= 10")
    board.add("clean files valid", valid, "files", aim=f"{len(CLEAN)} of {len(CLEAN)}")
    board.add("clean files left undecided", 100 * undecided[1] / len(CLEAN), "%", aim="0")
    board.add("slowest of them", max(slow_attack, slow_clean), "s", aim="< 3 CPU s")
    assert (refused, named, valid) == (len(ATTACKS), len(ATTACKS), len(CLEAN))
