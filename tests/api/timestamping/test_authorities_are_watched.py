"""Operation sees how the time-stamp authorities stand and what waits: metrics, readiness, doctor, archive report."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.bootstrap import build_authenticator, build_rota, build_services
from api.callers import Role
from api.cli import main
from api.cli.checkup import examine
from api.errors import ConfigurationInvalid
from api.main import create_app
from api.records.pending_stamps import PendingStamps
from api.settings import Settings
from signing.errors import TimestampUnavailable
from signing.tsa import Question
from tests.api.conftest import Installation
from tests.fakes.small_pki import SmallPki
from tests.fakes.tsa_server import TsaServer


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return SmallPki(at=datetime.now(UTC), label="Watched TSA")


@pytest.fixture(scope="module")
def server(pki: SmallPki) -> Iterator[TsaServer]:
    with TsaServer(pki) as running:
        yield running


def asking(installation: Installation, text: str) -> Installation:
    services = installation.services
    settings = services.settings.model_copy(update={"timestamp_authorities": text, "timestamp_budget_s": 10.0})
    fresh = replace(services, settings=settings, timestamps=build_rota(settings, services.db, services.tsa_client))
    return replace(installation, services=fresh, app=create_app(fresh, build_authenticator(settings, fresh.db)))


def stamp(installation: Installation) -> None:
    rota = installation.services.timestamps
    request = Question.over(b"\x01" * 32, "sha256").request()
    rota.stamp(request, own=lambda _request: b"", accept=lambda _token: "")


def metrics(installation: Installation) -> dict[str, float]:
    lines = installation.client.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_calls_are_counted_by_the_name_of_the_authority_and_how_they_ended(
    installation: Installation, server: TsaServer
) -> None:
    made = asking(installation, f"gov={server.url}")
    server.behaves = "good"
    stamp(made)
    server.behaves = "garbage"
    with pytest.raises(TimestampUnavailable):
        stamp(made)
    found = metrics(made)
    assert found['anso_timestamp_seconds_count{authority="gov",outcome="ok"}'] == 1
    assert found['anso_timestamp_seconds_count{authority="gov",outcome="unreadable"}'] == 1
    assert found['anso_timestamp_authority_resting{authority="gov"}'] == 1
    again = metrics(made)
    assert again['anso_timestamp_seconds_count{authority="gov",outcome="ok"}'] == 1  # each call once
    assert str(server.port) not in made.client.get("/metrics").text


def test_without_any_authority_the_service_goes_on_and_readiness_says_so(
    installation: Installation, server: TsaServer
) -> None:
    made = asking(installation, f"gov={server.url}")
    assert made.client.get("/health/ready").json()["checks"]["timestamps"] is True
    server.behaves = "hangs_up"
    with pytest.raises(TimestampUnavailable):
        stamp(made)
    ready = made.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["timestamps"]) == (200, False)


def test_what_waits_is_counted_with_its_age_and_without_names(installation: Installation) -> None:
    services, at = installation.services, installation.clock.at
    with services.db.transaction() as tx:
        PendingStamps(tx).open("res_x", job_kind="k", job_id="job_x", org_code="O", error_code="E", at=at)
        PendingStamps(tx).alarmed(["res_x"], at)
    installation.clock.forward(minutes=5)
    found = metrics(installation)
    assert found["anso_timestamps_pending"] == 1
    assert found["anso_timestamps_pending_seconds"] == 300
    assert found["anso_timestamps_alarmed"] == 1
    assert "res_x" not in installation.client.get("/metrics").text
    with services.db.transaction() as tx:
        PendingStamps(tx).completed("res_x", at)
        PendingStamps(tx).forget(["res_x"])
    assert metrics(installation)["anso_timestamps_pending"] == 0


def test_a_list_of_authorities_that_cannot_be_read_stops_the_start(tmp_path: Any) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        build_services(Settings(data=tmp_path, timestamp_authorities="gov"))
    assert any("ANSO_TIMESTAMP_AUTHORITIES" in line for line in refused.value.missing)


def findings(tmp_path: Any, pki: SmallPki | None, text: str) -> dict[str, tuple[bool, str]]:
    trust = tmp_path / "trust" / "public"
    trust.mkdir(parents=True, exist_ok=True)
    if pki is not None:
        (trust / "root.pem").write_bytes(pki.root.certificate.public_bytes(Encoding.PEM))
    settings = Settings(data=tmp_path / "data", trust=tmp_path / "trust", timestamp_authorities=text)
    return {one.name: (one.is_good, one.detail) for one in examine(settings, audit=False)}


@pytest.mark.parametrize("behaves", ["good", "garbage"])
def test_the_doctor_asks_each_authority_once(tmp_path: Any, pki: SmallPki, server: TsaServer, behaves: str) -> None:
    server.behaves, before = behaves, server.asked
    found = findings(tmp_path, pki, f"own, gov={server.url}")
    good, detail = found["tsa gov"]
    assert good is (behaves == "good"), detail
    assert detail.endswith(", http") if good else detail == "unreadable"
    assert server.asked == before + 1


def test_the_doctor_sees_an_authority_whose_root_is_not_trusted(
    tmp_path: Any, pki: SmallPki, server: TsaServer
) -> None:
    server.behaves = "good"
    stranger = SmallPki(at=pki.at, label="Other")
    good, detail = findings(tmp_path, stranger, f"gov={server.url}")["tsa gov"]
    assert not good
    assert detail.startswith("untrusted")


def test_the_doctor_names_a_list_that_cannot_be_read(tmp_path: Any) -> None:
    assert findings(tmp_path, None, "gov")["tsa"][0] is False


def test_administrators_and_auditors_read_what_would_be_renewed(installation: Installation) -> None:
    for role, status in ((Role.ADMINISTRATOR, 200), (Role.AUDITOR, 200), (Role.CLERK, 403)):
        answer = installation.client.get("/v1/archive/renewals", headers=installation.headers(role))
        assert answer.status_code == status, answer.text
    found = installation.client.get("/v1/archive/renewals", headers=installation.headers(Role.AUDITOR)).json()
    assert (found["due"], found["failing"], found["items"]) == (0, 0, [])
    assert found["before"] > installation.clock.at.isoformat()


@pytest.fixture
def anso(installation: Installation, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, Any]]]:
    before = os.umask(0)
    os.umask(before)

    def run(*words: str) -> tuple[int, Any]:
        data = str(installation.services.settings.data)
        with pytest.raises(SystemExit) as left:
            main(["archive", *words, "--data", data, "-o", "json"])
        return int(left.value.code or 0), json.loads(capsys.readouterr().out)

    yield run
    os.umask(before)


def test_the_command_reports_without_doing_and_does_one_round(anso: Callable[..., tuple[int, Any]]) -> None:
    code, report = anso("--dry-run")
    assert (code, report["due"]) == (0, 0)
    code, done = anso("--limit", "5")
    assert (code, done) == (0, {"examined": 0, "renewed": 0, "failed": 0, "alarmed": 0})
