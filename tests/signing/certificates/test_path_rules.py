"""check_path decides single rules of RFC 5280 as they are written."""

import pytest

from signing.validation.path import check_path
from tests.signing.certificates.path_cases import Case, all_cases
from tests.signing.certificates.path_name_cases import name_cases

CASES = [*all_cases(), *name_cases()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_the_one_of_the_rule(case: Case) -> None:
    outcome = check_path(
        case.leaf.der, [c.der for c in case.others], [c.der for c in case.roots], [one.der for one in case.lists],
        case.at, params=case.params or None, revocation=case.status,
    )  # fmt: skip
    assert outcome.ok is case.good, outcome.reason
    assert bool(outcome.reason) is not case.good


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
