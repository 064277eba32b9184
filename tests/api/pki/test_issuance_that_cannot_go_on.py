"""A decided request that no longer holds ends: it never waits for ever as approved."""

from dataclasses import replace
from typing import Any

from api.bootstrap import build_authenticator
from api.callers import Role
from api.main import create_app
from api.records.demonstration import CENTRE, PEOPLE, WARD
from tests.api.office import issue_certificate
from tests.fakes.failing_keys import FailingKeys


def with_services(installation: Any, **changes: Any) -> Any:
    services = replace(installation.services, **changes)
    app = create_app(services, build_authenticator(services.settings, services.db))
    return replace(installation, services=services, app=app)


def test_a_second_seal_that_is_not_offered_any_more_is_rejected_when_taken_up(fresh_install: Any) -> None:
    installation = fresh_install()
    seal = {"certificate_class": "org_seal", "org_code": WARD}
    primary = issue_certificate(installation, {**seal, "ordinal": 1, "subject_id": PEOPLE["ward_clerk"].subject_id})
    body = {
        **seal,
        "type": "new",
        "ordinal": 2,
        "subject_id": PEOPLE["clerk"].subject_id,
        "primary_certificate_id": primary,
        "scope": {"places": [CENTRE], "procedures": [], "document_types": []},
        "evidence": ["quyet-dinh-giao-dau"],
    }
    asked = installation.client.post(
        "/v1/certificate-requests", json=body, headers=installation.headers(Role.RA_OFFICER)
    )
    path = f"/v1/certificate-requests/{asked.json()['id']}"
    away = with_services(installation, keys=FailingKeys(installation.services.keys, lambda _key: True))
    interrupted = away.client.post(f"{path}/approval", json={}, headers=installation.headers(Role.APPROVER))
    assert interrupted.json()["code"] == "KEY_UNAVAILABLE"
    settings = installation.services.settings.model_copy(update={"secondary_reading": "person"})
    other = with_services(installation, settings=settings)
    refused = other.client.post(f"{path}/approval", json={}, headers=installation.headers(Role.APPROVER))
    assert refused.json()["code"] == "CERT_SECONDARY_NOT_OFFERED"
    view = installation.client.get(path, headers=installation.headers(Role.RA_OFFICER)).json()
    assert (view["state"], view["rejection"]) == ("rejected", "CERT_SECONDARY_NOT_OFFERED")
