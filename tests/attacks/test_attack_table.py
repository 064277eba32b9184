"""Every attack is refused and called by its name, whatever its details."""

from collections import Counter
from typing import Any

import pytest

from signing.validation import Verdict
from tests.attacks.cases import Attack
from tests.attacks.catalogue import ATTACKS

MAX_CPU_S = 3.0
MAX_UNDECIDED = 0.10
"""The share of attacks about which the service may say "not decided" instead of "refused"."""


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
    undecided = [a.name for a in ATTACKS if answers.about(a).report.verdict is Verdict.INDETERMINATE]
    assert set(undecided) <= {a.name for a in ATTACKS if Verdict.INDETERMINATE in a.verdicts}
    assert len(undecided) / len(ATTACKS) <= MAX_UNDECIDED, undecided
