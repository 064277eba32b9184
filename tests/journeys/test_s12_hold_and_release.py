"""Scenario S12: suspended from 09:00 to 15:00; what was signed inside stays invalid after the release (I6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.signing_parts import credential_of, time_stamper
from signing.pades import SigningRequest, sign_pdf
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, refusal
from tests.fakes.sample_pdf import small

MIDNIGHT = datetime(2027, 8, 4, 17, 0, tzinfo=UTC)  # 5 August 2027, 00:00 +07:00


def clock_of(hours: int, minutes: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=hours, minutes=minutes)


def signed(installation: Any, certificate: str, *, claimed: datetime | None = None, stamped: bool = True) -> bytes:
    """A file signed now with the holder's key, past every guard of the service: the token is in strange hands."""
    services, now = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(certificate))
    return sign_pdf(
        small(),
        SigningRequest(credential=credential, field_name="Person"),
        keys=services.keys,
        stamp=time_stamper(services, now) if stamped else None,
        evidence=None,
        at=claimed or now,
    ).pdf


@pytest.fixture(scope="module")
def certificate(installation: Any) -> str:
    return Desk(installation).issue(official("leader"))


@pytest.fixture(scope="module")
def files(installation: Any, certificate: str) -> dict[str, bytes]:
    """The four signatures; the hold and the release each pass through two officers."""
    desk, clock, made = Desk(installation), installation.clock, {}
    clock.at = clock_of(8, 59)
    made["08:59"] = signed(installation, certificate)
    clock.at = clock_of(9)
    assert desk.carry_out(certificate, "hold", reason="key_in_doubt")["state"] == "done"
    clock.at = clock_of(10)
    # the thief sets the machine's clock to 08:00; the time-stamp knows better
    made["10:00"] = signed(installation, certificate, claimed=clock_of(8))
    made["10:00 without time-stamp"] = signed(installation, certificate, claimed=clock_of(8), stamped=False)
    clock.at = clock_of(15)
    assert desk.carry_out(certificate, "release")["state"] == "done"
    clock.at = clock_of(15, 1)
    made["15:01"] = signed(installation, certificate)
    clock.at = clock_of(24 + 9)
    publish_due_lists(installation.services, clock.at)  # the worker does, every few seconds
    return made


@pytest.mark.journey
@pytest.mark.parametrize(
    ("which", "verdict", "reason"),
    [
        ("08:59", "valid", None),
        ("10:00", "invalid", "CERT_ON_HOLD_AT_SIGNING"),
        ("15:01", "valid", None),
        ("10:00 without time-stamp", "indeterminate", "CERT_ON_HOLD"),
    ],
)
def test_a_suspension_counts_for_ever_by_the_time_that_can_be_proved(
    installation: Any, files: dict[str, bytes], which: str, verdict: str, reason: str | None
) -> None:
    answer = installation.client.post("/v1/verifications", files={"file": ("a.pdf", files[which], "application/pdf")})
    report = answer.json()
    (signature,) = report["signatures"]
    assert (report["verdict"], signature["reason_code"]) == (verdict, reason)
    assert signature["intact"] is True


@pytest.mark.journey
def test_the_interval_stands_in_the_certificates_life(
    installation: Any, certificate: str, files: dict[str, bytes]
) -> None:
    desk = Desk(installation)
    found = desk.read(certificate).json()
    assert found["status"] == "active"
    (hold,) = found["holds"]
    assert (datetime.fromisoformat(hold["begun_at"]), datetime.fromisoformat(hold["ended_at"])) == (
        clock_of(9),
        clock_of(15),
    )
    assert refusal(desk.about(certificate, "release")) == (409, "CERT_STATUS_CHANGE")
