"""Every attack is refused and called by its name, whatever its details."""

from collections import Counter
from typing import Any

import pytest

from signing.validation import Reason, Verdict
from tests.attacks.cases import Attack
from tests.attacks.catalogue import ATTACKS

MAX_CPU_S = 3.0
MAX_UNDECIDED = 0.10
"""The share of attacks about which the service may say "not decided" instead of "refused"."""

FOR_PEOPLE = frozenset({Reason.METADATA_CHANGED, Reason.FORM_FILLED_AFTER_SIGNING})
"""Never decided by a machine: what is said about a document, and values that were filled in over others."""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_by_name(answers: Any, attack: Attack) -> None:
    answer = answers.about(attack)
    assert answer.report.verdict in attack.verdicts, answer.report.reasons
    assert answer.report.reasons[0] in attack.named
    assert answer.report.acceptance != "accept"
    assert answer.cpu_s < MAX_CPU_S


def test_names_of_attacks_are_unique() -> None:
    assert not [name for name, times in Counter(attack.name for attack in ATTACKS).items() if times > 1]


def test_undecided_is_no_place_to_hide(answers: Any) -> None:
    reports = {a.name: answers.about(a).report for a in ATTACKS}
    open_ = [name for name, report in reports.items() if report.verdict is Verdict.INDETERMINATE]
    undecided = [name for name in open_ if reports[name].reasons[0] not in FOR_PEOPLE]
    assert set(open_) <= {a.name for a in ATTACKS if Verdict.INDETERMINATE in a.verdicts}
    assert len(undecided) / len(ATTACKS) <= MAX_UNDECIDED, undecided
