"""An approval that stopped between record and signature: taken up only if every guard still holds, else undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Caller, Purpose, Role
from api.db import to_micros
from api.errors import CertPrimaryUnfit
from api.records.demonstration import PEOPLE
from api.records.tables import EMPLOYMENTS
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from signing.errors import KeyUnavailable
from signing.keys_sql import SIGNING_KEYS
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql, RequestsSql, RequestState
from tests.api.pki.desk import Desk, official, refusal, seal

APPROVER = Caller(
    account_id="acc_" + "0" * 26,
    subject_id=PEOPLE["approver"].subject_id,
    role=Role.APPROVER,
    org_code="H49.13",
    purpose=Purpose.APPROVE_CERTIFICATE,
    request_id="test",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def either_desk(request: pytest.FixtureRequest) -> Desk:
    if request.param == "sqlite":
        return Desk(request.getfixturevalue("fresh_install")())
    return Desk(request.getfixturevalue("postgres_installation"))


def key_count(desk: Desk) -> int:
    with desk.installation.services.db.reading() as tx:
        return len(tx.execute(SIGNING_KEYS.select()).all())


class DoingInstead:
    """Keys whose device does something of its own when it is to sign."""

    def __init__(self, keys: Any, instead: Callable[[], None]) -> None:
        self._keys, self._instead = keys, instead

    def sign(self, key_id: str, *rest: object) -> bytes:
        self._instead()
        return bytes(self._keys.sign(key_id, *rest))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)


def gone() -> None:
    raise KeyUnavailable("key_gone")


def interrupted(desk: Desk, body: dict[str, Any]) -> str:
    """A request that was approved, with the device gone before the signature; its id."""
    filed = str(desk.request(body).json()["id"])
    services = desk.installation.services
    broken = replace(services, keys=DoingInstead(services.keys, gone))
    command = ApproveCertificateRequest(request_id=filed)
    with pytest.raises(KeyUnavailable):
        approve_certificate_request(command, broken, APPROVER, desk.installation.clock.at)
    return filed


def revoke(desk: Desk, certificate_id: str) -> None:
    headers = desk.installation.headers(Role.SECURITY_OFFICER, "security_officer")
    path = f"/v1/certificates/{certificate_id}/revocation"
    assert desk.client.post(path, json={"reason": "cessation"}, headers=headers).status_code == 201


def require_nothing_half_issued(desk: Desk, filed: str, code: str, keys: int) -> None:
    with desk.installation.services.db.reading() as tx:
        request, left = RequestsSql(tx).get(filed), RegistrySql(tx).by_request(filed)
    assert request is not None
    assert left is not None
    assert (request.state, request.rejection, request.certificate_id) == (RequestState.REJECTED, code, None)
    assert (left.status, left.der) == (CertificateStatus.VOIDED, None)
    assert key_count(desk) == keys
    assert refusal(desk.approve(filed)) == (409, "STATE_CONFLICT")


def test_an_interrupted_approval_is_not_taken_up_when_its_primary_has_ended(desk: Desk) -> None:
    primary = desk.issue(seal())
    keys = key_count(desk)
    filed = interrupted(desk, seal(ordinal=2, primary_certificate_id=primary))
    revoke(desk, primary)
    assert refusal(desk.approve(filed)) == (409, "CERT_PRIMARY_UNFIT")
    require_nothing_half_issued(desk, filed, "CERT_PRIMARY_UNFIT", keys)


def test_an_interrupted_approval_is_not_taken_up_when_the_post_has_ended_and_the_way_is_free_again(
    desk: Desk,
) -> None:
    keys = key_count(desk)
    filed = interrupted(desk, official("chairman"))
    post = EMPLOYMENTS.c.employment_id == PEOPLE["chairman"].employment_id
    end = to_micros(desk.installation.clock.at + timedelta(minutes=1))
    with desk.installation.services.db.transaction() as tx:
        tx.execute(EMPLOYMENTS.update().where(post).values(valid_to=end))
    # the post still holds, but it will not as long as the recorded certificate
    assert refusal(desk.approve(filed)) == (409, "CERT_TITLE_MISMATCH")
    require_nothing_half_issued(desk, filed, "CERT_TITLE_MISMATCH", keys)
    assert desk.request(official("chairman")).status_code == 201


def test_a_primary_that_ends_between_record_and_signature_takes_the_secondary_along(desk: Desk) -> None:
    primary = desk.issue(seal())
    filed = desk.request(seal(ordinal=2, primary_certificate_id=primary)).json()["id"]
    services, keys = desk.installation.services, key_count(desk)
    slow = replace(services, keys=DoingInstead(services.keys, lambda: revoke(desk, primary)))
    command = ApproveCertificateRequest(request_id=filed)
    with pytest.raises(CertPrimaryUnfit):
        approve_certificate_request(command, slow, APPROVER, desk.installation.clock.at)
    require_nothing_half_issued(desk, filed, "CERT_PRIMARY_UNFIT", keys)


class AnswerLost:
    """A database that commits, once, without saying so."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self._lost = False

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._db.transaction() as tx:
            yield tx
        if not self._lost:
            self._lost = True
            raise ConnectionError("the server closed the connection")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def test_a_commit_whose_answer_was_lost_keeps_its_key_and_a_retry_issues(either_desk: Desk) -> None:
    filed = either_desk.request(official("leader")).json()["id"]
    services = either_desk.installation.services
    keys = key_count(either_desk)
    deaf = replace(services, db=AnswerLost(services.db))
    with pytest.raises(ConnectionError):
        approve_certificate_request(
            ApproveCertificateRequest(request_id=filed), deaf, APPROVER, either_desk.installation.clock.at
        )
    assert key_count(either_desk) == keys + 1
    assert either_desk.approve(filed).json()["state"] == "active"
    assert key_count(either_desk) == keys + 1
