"""Approvals of every type that stop half-way: killed, without device or database. A retry gives one certificate."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import build_authenticator
from api.callers import Caller, Purpose, Role
from api.db import DatabaseUnreachable
from api.main import create_app
from api.records.demonstration import DEPARTMENT, PEOPLE
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from signing.keys_sql import SIGNING_KEYS
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql, RequestsSql, RequestState
from tests.api.pki.desk import Desk, official, refusal
from tests.api.pki.moves import begin_post, end_post
from tests.fakes.failing_keys import FailingKeys

APPROVER = Caller(
    account_id="acc_" + "0" * 26,
    subject_id=PEOPLE["approver"].subject_id,
    role=Role.APPROVER,
    org_code=DEPARTMENT,
    purpose=Purpose.APPROVE_CERTIFICATE,
    request_id="test",
)


def filed_new(desk: Desk) -> tuple[str, str | None]:
    return desk.request(official("chairman")).json()["id"], None


def filed_renewal(desk: Desk) -> tuple[str, str | None]:
    old = desk.issue(official("chairman"))
    return desk.about(old, "renew", reason="new_key").json()["id"], old


def filed_change(desk: Desk) -> tuple[str, str | None]:
    old, at = desk.issue(official("chairman")), desk.installation.clock.at
    end_post(desk.installation, "chairman", at)
    post = begin_post(desk.installation, "chairman", org_code=DEPARTMENT, title="Giám đốc", at=at)
    return desk.about(old, "change", employment_id=post).json()["id"], old


def filed_recovery(desk: Desk) -> tuple[str, str | None]:
    old = desk.issue(official("chairman"))
    return desk.about(old, "recover_device", reason="key_compromise").json()["id"], old


Filed = Callable[[Desk], tuple[str, str | None]]
ISSUING = pytest.mark.parametrize(
    "file", [filed_new, filed_renewal, filed_change, filed_recovery], ids=["new", "renew", "change", "recover"]
)
ENDS = {
    filed_renewal: ("superseded", None),
    filed_change: ("revoked", "affiliation_changed"),
    filed_recovery: ("revoked", "key_compromise"),
}


def certificates_of(desk: Desk, figure: str) -> list[str]:
    """Those ever in force or about to be, with their status."""
    query = {"subject_id": PEOPLE[figure].subject_id}
    headers = desk.installation.headers(Role.AUDITOR)
    found = desk.client.get("/v1/certificates", params=query, headers=headers).json()["items"]
    return sorted(one["status"] for one in found)


def key_count(desk: Desk) -> int:
    with desk.installation.services.db.reading() as tx:
        return len(tx.execute(SIGNING_KEYS.select()).all())


def state_of(desk: Desk, request: str) -> RequestState:
    with desk.installation.services.db.reading() as tx:
        found = RequestsSql(tx).get(request)
    assert found is not None
    return found.state


def recorded(desk: Desk, request: str) -> Any:
    with desk.installation.services.db.reading() as tx:
        return RegistrySql(tx).by_request(request)


def approve(desk: Desk, request: str, **instead: Any) -> Any:
    services = replace(desk.installation.services, **instead)
    command = ApproveCertificateRequest(request_id=request)
    return approve_certificate_request(command, services, APPROVER, desk.installation.clock.at)


def require_one(desk: Desk, file: Filed, request: str, old: str | None, keys: int) -> None:
    """The certificate exists once, the old one stands where its type leaves it."""
    entry = recorded(desk, request)
    assert (entry.status, state_of(desk, request)) == (CertificateStatus.ACTIVE, RequestState.ACTIVE)
    assert entry.der is not None
    assert key_count(desk) == keys + 1
    statuses = certificates_of(desk, "chairman")
    assert statuses.count("active") == 1
    assert len(statuses) == (1 if old is None else 2)
    if old is not None:
        assert desk.status(old) == ENDS[file]
    assert refusal(desk.approve(request)) == (409, "STATE_CONFLICT")


def killed_approval(desk: Desk, request: str, moment: str) -> None:
    services = desk.installation.services
    root = Path(__file__).parents[3]
    arguments = [str(services.settings.data), request, APPROVER.subject_id, desk.installation.clock.at.isoformat()]
    process = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("dying.py")), *arguments, moment],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()


@ISSUING
def test_a_process_killed_between_record_and_signature_leaves_a_record_and_a_retry_gives_one_certificate(
    desk: Desk, file: Filed
) -> None:
    request, old = file(desk)
    keys = key_count(desk)
    killed_approval(desk, request, "sign")
    left = recorded(desk, request)
    assert (left.status, left.der) == (CertificateStatus.RECORDED, None)
    assert state_of(desk, request) is RequestState.APPROVED
    if old is not None:
        assert desk.status(old)[0] == "active"  # nothing was taken out of use yet
    desk.installation.clock.forward(hours=3)
    answer = desk.approve(request)
    assert answer.status_code == 201, answer.text
    assert answer.json()["certificate_id"] == left.certificate_id
    assert recorded(desk, request).tbs == left.tbs
    require_one(desk, file, request, old, keys)


def test_a_process_killed_with_the_signature_in_hand_gives_one_certificate_too(desk: Desk) -> None:
    request, old = filed_renewal(desk)
    keys = key_count(desk)
    killed_approval(desk, request, "signed")
    assert recorded(desk, request).der is None
    assert desk.approve(request).status_code == 201
    require_one(desk, filed_renewal, request, old, keys)


def test_a_process_killed_before_the_record_leaves_nothing_but_an_idle_key(desk: Desk) -> None:
    request, _ = filed_new(desk)
    keys = key_count(desk)
    killed_approval(desk, request, "generate")
    assert recorded(desk, request) is None
    assert state_of(desk, request) is RequestState.VERIFIED
    assert desk.approve(request).status_code == 201
    assert key_count(desk) == keys + 2
    assert certificates_of(desk, "chairman") == ["active"]


@ISSUING
def test_a_device_that_is_away_is_said_so_and_the_request_waits_for_the_retry(desk: Desk, file: Filed) -> None:
    request, old = file(desk)
    services, keys = desk.installation.services, key_count(desk)
    failing = FailingKeys(services.keys, lambda _: True)
    away = replace(services, keys=failing)
    app = create_app(away, build_authenticator(services.settings, services.db))
    broken = Desk(replace(desk.installation, services=away, app=app))
    headers = {"Idempotency-Key": "the-same-approval"}
    answer = broken.approve(request, **headers)
    assert refusal(answer) == (503, "KEY_UNAVAILABLE")
    assert answer.json()["retryable"] is True
    assert state_of(desk, request) is RequestState.APPROVED
    failing.refuses = lambda _: False
    answer = broken.approve(request, **headers)  # the client repeats what it sent
    assert answer.status_code == 201, answer.text
    require_one(desk, file, request, old, keys)
    assert ("approve_certificate_request", "KEY_UNAVAILABLE") in desk.refused()


class BrokenDatabase:
    """A database that goes away at the n-th writing transaction: before it, or with only the answer lost."""

    def __init__(self, db: Any, number: int, *, answer_only: bool) -> None:
        self._db, self._left, self._answer_only = db, number, answer_only

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self._left -= 1
        if self._left <= 0 and not self._answer_only:
            raise DatabaseUnreachable
        with self._db.transaction() as tx:
            yield tx
        if self._left == 0:
            raise DatabaseUnreachable

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@ISSUING
@pytest.mark.parametrize(
    ("number", "lost", "left"),
    [
        (1, "all", RequestState.VERIFIED),
        (1, "answer", RequestState.APPROVED),
        (2, "all", RequestState.APPROVED),
        (2, "answer", RequestState.ACTIVE),
    ],
    ids=["before the record", "record, answer lost", "before the activation", "activation, answer lost"],
)
def test_a_database_that_goes_away_half_way_leaves_one_certificate_after_the_retry(
    desk: Desk, file: Filed, number: int, lost: str, left: RequestState
) -> None:
    request, old = file(desk)
    services, keys = desk.installation.services, key_count(desk)
    with pytest.raises(DatabaseUnreachable) as refused:
        approve(desk, request, db=BrokenDatabase(services.db, number, answer_only=lost == "answer"))
    assert refused.value.retryable
    assert state_of(desk, request) is left
    if left is RequestState.VERIFIED:
        # the key of the first try could not be taken back without a database; no certificate names it
        assert key_count(desk) == keys + 1
        keys += 1
    if left is not RequestState.ACTIVE:
        assert desk.approve(request).status_code == 201
    require_one(desk, file, request, old, keys)


@pytest.mark.parametrize("lost", ["all", "answer"])
def test_a_revocation_whose_database_goes_away_happens_wholly_or_not_at_all(desk: Desk, lost: str) -> None:
    old = desk.issue(official("chairman"))
    request = desk.about(old, "revoke", reason="cessation").json()["id"]
    db = BrokenDatabase(desk.installation.services.db, 1, answer_only=lost == "answer")
    with pytest.raises(DatabaseUnreachable):
        approve(desk, request, db=db)
    done = (RequestState.DONE, "revoked") if lost == "answer" else (RequestState.VERIFIED, "active")
    assert (state_of(desk, request), desk.status(old)[0]) == done


@ISSUING
def test_what_no_longer_holds_when_it_is_taken_up_again_ends_there(desk: Desk, file: Filed) -> None:
    request, old = file(desk)
    services, keys = desk.installation.services, key_count(desk)
    failing = replace(services, keys=FailingKeys(services.keys, lambda _: True))
    with pytest.raises(Exception, match="away"):
        approve(desk, request, keys=failing.keys)
    code = "CERT_TITLE_MISMATCH"
    if old is None:
        end_post(desk.installation, "chairman", desk.installation.clock.at)
    else:
        desk.at_once(old, "revocation", "privilege_withdrawn")
        code = "CERT_STATUS_CHANGE"
    assert refusal(desk.approve(request)) == (409, code)
    entry = recorded(desk, request)
    assert (entry.status, state_of(desk, request)) == (CertificateStatus.VOIDED, RequestState.REJECTED)
    assert key_count(desk) == keys
    assert refusal(desk.approve(request)) == (409, "STATE_CONFLICT")


def test_a_device_that_is_away_does_not_hide_why_an_issuance_ended(desk: Desk) -> None:
    request, _ = filed_new(desk)
    services = desk.installation.services

    class Away(FailingKeys):
        def destroy(self, key_id: str) -> None:
            self.sign(key_id, b"", None)  # type: ignore[arg-type]  # raises before it looks

    away = Away(services.keys, lambda _: True)
    with pytest.raises(Exception, match="away"):
        approve(desk, request, keys=away)
    end_post(desk.installation, "chairman", desk.installation.clock.at)
    with pytest.raises(Exception) as ended:  # noqa: PT011 - its code is asserted
        approve(desk, request, keys=away)
    assert ended.value.code == "CERT_TITLE_MISMATCH"  # type: ignore[attr-defined]  # every error of ours has one
    assert state_of(desk, request) is RequestState.REJECTED
