"""How old lists are and how long a change waits: for who watches the service, by metric and by `anso doctor`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from api.cli import checkup
from api.db import DatabaseUnreachable
from api.settings import Settings
from api.usecases.check_lists import ListAge, check_lists, list_ages
from api.usecases.publish_due_lists import publish_due_lists
from signing.registry import RevocationReason
from tests.api.pki.watched import ENDED, ON_HOLD, Watched


def ages(watched: Watched) -> dict[str, ListAge]:
    return {one.label: one for one in list_ages(watched.services, watched.at)}


def metric(watched: Watched, name: str) -> dict[str, float]:
    lines = [line for line in watched.client.get("/metrics").text.splitlines() if line.startswith(f"{name}{{")]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in lines}


def finding(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> checkup.Finding:
    monkeypatch.setattr(checkup, "now", lambda: watched.at)
    found = checkup.examine(watched.services.settings, audit=False)
    return next(one for one in found if one.name == "crl")


def test_every_list_that_there_should_be_has_an_age(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_due_lists(watched.services, watched.at, everything=True)
    watched.installation.clock.forward(hours=24)
    found = ages(watched)
    assert len(found) == 3 + 2 * 8
    assert all(one.is_good and one.age == timedelta(hours=24) and not one.waiting for one in found.values())
    assert metric(watched, "anso_crl_age_seconds") == dict.fromkeys(found, 86_400.0)
    assert metric(watched, "anso_crl_waiting_seconds") == dict.fromkeys(found, 0.0)
    assert finding(watched, monkeypatch) == checkup.Finding(name="crl", is_good=True, detail="19, oldest 24.0 h")


def test_a_list_that_nobody_replaced_for_a_day_and_an_hour_is_told(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_due_lists(watched.services, watched.at, everything=True)
    watched.installation.clock.forward(hours=25, seconds=1)
    assert not any(one.is_good for one in ages(watched).values())
    told = finding(watched, monkeypatch)
    assert not told.is_good
    assert "personal/3: 25 h old" in told.detail


def test_a_change_that_waits_longer_than_a_minute_is_told_for_its_own_lists(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_due_lists(watched.services, watched.at, everything=True)
    watched.installation.clock.forward(hours=3)
    watched.change(ON_HOLD, RevocationReason.HOLD)
    watched.installation.clock.forward(seconds=60)
    assert all(one.is_good for one in ages(watched).values())
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)  # a later change does not begin the wait anew
    watched.installation.clock.forward(seconds=1)
    late = {label: one.waiting for label, one in ages(watched).items() if not one.is_good}
    assert late == dict.fromkeys(("personal", watched.shard), timedelta(seconds=61))
    assert metric(watched, "anso_crl_waiting_seconds")[watched.shard] == 61
    assert f"{watched.shard}: a change waits for 61 s" in finding(watched, monkeypatch).detail
    publish_due_lists(watched.services, watched.at)
    assert all(one.is_good and not one.waiting for one in ages(watched).values())
    assert finding(watched, monkeypatch).is_good


def test_a_change_dated_before_its_list_waits_as_long_as_it_can_have(watched: Watched) -> None:
    watched.installation.clock.forward(minutes=5)
    publish_due_lists(watched.services, watched.at, everything=True)
    watched.installation.clock.forward(minutes=-1)
    watched.change(ON_HOLD, RevocationReason.HOLD)  # asked for before the list, committed after it
    watched.installation.clock.forward(minutes=3)
    assert ages(watched)[watched.shard].waiting == timedelta(minutes=2)


def test_a_list_that_was_never_published_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched.services.db.reading() as tx:
        found = {one.label: one for one in check_lists(tx, watched.at, shards=9)}
    assert found["personal/8"].age is None
    assert not found["personal/8"].is_good
    publish_due_lists(watched.services, watched.at, everything=True)
    monkeypatch.setattr(checkup, "check_lists", lambda *_, **__: tuple(found.values()))
    assert "personal/8: never published" in finding(watched, monkeypatch).detail


@dataclass
class Away:
    """A database that is gone."""

    def reading(self) -> Any:
        raise DatabaseUnreachable


def test_metrics_are_given_without_a_database_too(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    services = watched.services
    monkeypatch.setattr(type(services.db), "reading", lambda _: Away().reading())
    assert list_ages(services, watched.at) == ()


def test_the_doctor_says_nothing_about_lists_without_tables(tmp_path: Any) -> None:
    settings = Settings(data=tmp_path)
    assert "crl" not in {one.name for one in checkup.examine(settings, audit=False)}
