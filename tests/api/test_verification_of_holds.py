"""Scenario S12: what was signed while the certificate was on hold stays invalid after the release (I6)."""

from datetime import datetime
from typing import Any

import pytest

from api.callers import Role
from api.usecases.signing_parts import credential_of, time_stamper
from signing.pades import SigningRequest, sign_pdf
from signing.registry_sql import RegistrySql
from tests.api.office import issue_certificate, official
from tests.fakes import sample_pdf


def signed(installation: Any, certificate_id: str, *, stamped: bool = True) -> bytes:
    """A file signed now with the holder's key, past every guard, as the holder of a stolen token could."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(certificate_id))
    stamp = time_stamper(services, at) if stamped else None
    request = SigningRequest(credential=credential, field_name="Person")
    return sign_pdf(sample_pdf.small(), request, keys=services.keys, stamp=stamp, evidence=None, at=at).pdf


@pytest.fixture(scope="module")
def files(installation: Any) -> dict[str, bytes]:
    """Signed before, in and after a suspension that has been lifted."""
    certificate = issue_certificate(installation, official("leader"))
    path = f"/v1/certificates/{certificate}/suspension"
    clock, client = installation.clock, installation.client

    def headers() -> dict[str, str]:
        return installation.headers(Role.SECURITY_OFFICER, "security_officer")

    made = {}
    clock.forward(minutes=59)
    made["before"] = signed(installation, certificate)
    clock.forward(minutes=1)
    assert client.post(path, json={"reason": "key_in_doubt"}, headers=headers()).status_code == 201
    clock.forward(hours=1)
    made["inside"] = signed(installation, certificate)
    made["inside, no time-stamp"] = signed(installation, certificate, stamped=False)
    clock.forward(hours=5)
    assert client.delete(path, headers=headers()).status_code == 200
    clock.forward(minutes=1)
    made["after"] = signed(installation, certificate)
    clock.forward(days=1)
    return made


@pytest.mark.parametrize(
    ("which", "verdict", "reason"),
    [
        ("before", "valid", None),
        ("inside", "invalid", "CERT_ON_HOLD_AT_SIGNING"),
        ("inside, no time-stamp", "indeterminate", "CERT_ON_HOLD"),
        ("after", "valid", None),
    ],
)
def test_a_signature_inside_a_suspension_stays_invalid_after_its_release(
    installation: Any, files: dict[str, bytes], which: str, verdict: str, reason: str | None
) -> None:
    answer = installation.client.post("/v1/verifications", files={"file": ("a.pdf", files[which], "application/pdf")})
    report = answer.json()
    (signature,) = report["signatures"]
    assert (report["verdict"], signature["reason_code"]) == (verdict, reason)
    assert signature["intact"] is True
    if reason is not None:
        assert report["acceptance"] == {"invalid": "refuse", "indeterminate": "ask"}[verdict]
        assert datetime.fromisoformat(signature["claimed_time"]) is not None
