"""Holders hear in time that a certificate ends, each notice once."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from api.callers import SYSTEM_CALLER, Role
from api.settings import Settings
from api.usecases import renewal_schedule
from api.usecases.notify_expiry import Notified, notify_expiry
from api.usecases.renewal_schedule import DEFAULT_WINDOW, notice_day
from api.vietnam_time import VIETNAM, vietnam_day
from signing.registry_sql import RegistrySql
from tests.api.office import issue_certificate, official


def run(installation: Any) -> Notified:
    return notify_expiry(installation.services, SYSTEM_CALLER, installation.clock.at)


def told(installation: Any, role: Role, figure: str) -> list[tuple[str, str]]:
    items = installation.client.get("/v1/notices", headers=installation.headers(role, figure)).json()["items"]
    found = [item for item in items if item["type"] == "certificate_expires"]
    return [(item["payload"]["certificate_id"], item["payload"]["kind"]) for item in found]


@pytest.fixture
def installation(fresh_install: Any) -> Any:
    return fresh_install()


def test_a_holder_is_told_to_renew_on_the_certificates_own_day_and_again_in_the_last_week(installation: Any) -> None:
    installation.token(Role.AUTHORISED_SIGNER, "leader", "H49.61.07")
    certificate = issue_certificate(installation, official("leader"))
    with installation.services.db.reading() as tx:
        end = RegistrySql(tx).get(certificate).not_after
    day = notice_day(certificate, end)
    assert run(installation) == Notified(renew=0, last=0)
    installation.clock.at = end.astimezone(VIETNAM).replace(
        year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
    )
    installation.clock.at -= timedelta(seconds=1)
    assert run(installation) == Notified(renew=0, last=0)
    installation.clock.at += timedelta(seconds=1)
    assert run(installation) == Notified(renew=1, last=0)
    assert run(installation) == Notified(renew=0, last=0)
    installation.clock.at = end - timedelta(days=6)
    assert run(installation) == Notified(renew=0, last=1)
    assert run(installation) == Notified(renew=0, last=0)
    notices = told(installation, Role.AUTHORISED_SIGNER, "leader")
    assert sorted(notices) == [(certificate, "last"), (certificate, "renew")]
    assert told(installation, Role.RA_OFFICER, "ra_officer") == [(certificate, "last")]


def test_nobody_hears_of_a_revoked_or_an_expired_certificate(installation: Any) -> None:
    first, second = (issue_certificate(installation, official(who)) for who in ("leader", "chairman"))
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    path = f"/v1/certificates/{first}/revocation"
    assert installation.client.post(path, json={"reason": "superseded"}, headers=headers).status_code == 201
    with installation.services.db.reading() as tx:
        end = RegistrySql(tx).get(second).not_after
    installation.clock.at = end + timedelta(seconds=1)
    assert run(installation) == Notified(renew=0, last=0)


def test_the_windows_first_day_begins_at_its_midnight(installation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = issue_certificate(installation, official("leader"))
    with installation.services.db.reading() as tx:
        end = RegistrySql(tx).get(certificate).not_after
    first = vietnam_day(end) - DEFAULT_WINDOW.first
    monkeypatch.setattr(renewal_schedule, "notice_day", lambda *_: first)  # one of 56 ids has it
    installation.clock.at = datetime.combine(first, time.min, VIETNAM)
    assert run(installation) == Notified(renew=1, last=0)


def test_the_window_leaves_time_to_renew_and_who_is_told_may() -> None:
    assert DEFAULT_WINDOW.last > timedelta(weeks=2)
    assert timedelta(days=Settings().renewal_window_days) >= DEFAULT_WINDOW.first + timedelta(days=1)
