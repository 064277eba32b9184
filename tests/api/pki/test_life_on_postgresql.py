"""The life of certificates on PostgreSQL, where writers run side by side: waits, races, and no dead lock."""

import threading
from typing import Any

import pytest

from api.records.demonstration import DEPARTMENT, WARD
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, seal
from tests.api.pki.moves import begin_post

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def desk(postgres_installation: Any) -> Desk:
    return Desk(postgres_installation)


def at_once(*actions: Any) -> list[int]:
    """The status codes of several calls made together, sorted."""
    answers: list[int] = []
    threads = [threading.Thread(target=lambda act=act: answers.append(act().status_code)) for act in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(answers)


@pytest.mark.parametrize("round_", range(3))
def test_of_two_officers_at_once_one_renews(desk: Desk, round_: int) -> None:
    old = desk.issue(official("leader"))
    filed = desk.about(old, "renew", reason="new_key").json()["id"]
    assert at_once(lambda: desk.approve(filed), lambda: desk.approve(filed, "two_accounts")) == [201, 409]
    with desk.installation.services.db.reading() as tx:
        (new,) = RegistrySql(tx).successors(old)
    assert (desk.status(old)[0], desk.status(new.certificate_id)[0]) == ("superseded", "active")
    assert desk.at_once(new.certificate_id, "revocation", "cessation").json()["cascaded"] == [old]


def test_of_two_officers_at_once_one_revokes_with_the_secondaries(desk: Desk) -> None:
    primary = desk.issue(seal())
    second = desk.issue(seal(ordinal=2, primary_certificate_id=primary))
    filed = desk.about(primary, "revoke", reason="cessation").json()["id"]
    assert at_once(lambda: desk.approve(filed), lambda: desk.approve(filed, "two_accounts")) == [201, 409]
    assert desk.status(primary) == desk.status(second) == ("revoked", "cessation")


def test_moves_in_opposite_directions_do_not_wait_for_each_other(desk: Desk) -> None:
    at = desk.installation.clock.at
    # the administrator moves to the ward while the chairman moves to the department
    there = begin_post(desk.installation, "chairman", org_code=DEPARTMENT, title="Giám đốc", at=at)
    back = begin_post(desk.installation, "administrator", org_code=WARD, title="Chủ tịch", at=at)
    one = desk.issue(official("chairman"))
    other = desk.issue(official("administrator"))
    filed = [
        desk.about(certificate, "change", employment_id=post).json()["id"]
        for certificate, post in ((one, there), (other, back))
    ]
    assert at_once(*(lambda request=request: desk.approve(request) for request in filed)) == [201, 201]
    assert desk.status(one) == desk.status(other) == ("revoked", "affiliation_changed")


def test_a_renewal_and_a_revocation_of_the_same_certificate_at_once_leave_a_state_that_is_one_of_both(
    desk: Desk,
) -> None:
    old = desk.issue(official("appraiser"))
    renewal = desk.about(old, "renew", reason="new_key").json()["id"]
    revocation = desk.about(old, "revoke", reason="key_compromise").json()["id"]
    at_once(lambda: desk.approve(renewal), lambda: desk.approve(revocation))
    status, reason = desk.status(old)
    with desk.installation.services.db.reading() as tx:
        made = [one for one in RegistrySql(tx).successors(old) if one.der is not None]
    if made:  # renewed first, then revoked or not
        assert status in ("superseded", "revoked")
    else:
        assert (status, reason) == ("revoked", "key_compromise")
