"""RA officer and approver at their desk, and the requests they file."""

from typing import Any

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD

MERGING = "H49.51.02"


def official(figure: str, **changes: Any) -> dict[str, Any]:
    person = PEOPLE[figure]
    return {
        "type": "new",
        "certificate_class": "personal",
        "ordinal": 1,
        "subject_id": person.subject_id,
        "employment_id": person.employment_id,
        "org_code": person.org_code,
        "evidence": ["QĐ 12/2024"],
        **changes,
    }


def seal(**changes: Any) -> dict[str, Any]:
    return {
        "certificate_class": "org_seal",
        "org_code": WARD,
        "subject_id": PEOPLE["clerk"].subject_id,
        "evidence": ["QĐ 12/2024"],
        **changes,
    }


class Desk:
    """RA officer and approver of one installation."""

    def __init__(self, installation: Any) -> None:
        self.installation = installation
        self.client = installation.client

    def request(self, body: dict[str, Any], figure: str = "ra_officer", **headers: str) -> Any:
        own = self.installation.headers(Role.RA_OFFICER, figure) | headers
        return self.client.post("/v1/certificate-requests", json=body, headers=own)

    def approve(self, request_id: str, figure: str = "approver", **headers: str) -> Any:
        own = self.installation.headers(Role.APPROVER, figure) | headers
        return self.client.post(f"/v1/certificate-requests/{request_id}/approval", json={}, headers=own)

    def issue(self, body: dict[str, Any]) -> str:
        filed = self.request(body)
        assert filed.status_code == 201, filed.text
        approved = self.approve(filed.json()["id"])
        assert approved.status_code == 201, approved.text
        return str(approved.json()["certificate_id"])

    def about(self, certificate_id: str, kind: str, figure: str = "ra_officer", **more: Any) -> Any:
        """File a request about a certificate."""
        body = {"type": kind, "certificate_id": certificate_id, "evidence": ["QĐ 12/2024"], **more}
        return self.request(body, figure)

    def carry_out(self, certificate_id: str, kind: str, **more: Any) -> dict[str, Any]:
        """File and approve a request about a certificate; the request as it ended."""
        filed = self.about(certificate_id, kind, **more)
        assert filed.status_code == 201, filed.text
        approved = self.approve(filed.json()["id"])
        assert approved.status_code == 201, approved.text
        return dict(approved.json())

    def at_once(self, certificate_id: str, what: str, reason: str) -> Any:
        """The security officer's own way: `revocation` or `suspension`."""
        headers = self.installation.headers(Role.SECURITY_OFFICER, "security_officer")
        path = f"/v1/certificates/{certificate_id}/{what}"
        return self.client.post(path, json={"reason": reason}, headers=headers)

    def status(self, certificate_id: str) -> tuple[str, str | None]:
        found = self.read(certificate_id).json()
        return found["status"], found["reason"]

    def refused(self) -> list[tuple[str, str]]:
        """Refusals in the audit ledger, newest first: what was tried, and the code."""
        headers = self.installation.headers(Role.AUDITOR)
        events = self.client.get("/v1/audit-events", params={"limit": 200}, headers=headers).json()["items"]
        return [(one["action"], one["reason_code"]) for one in events if one["outcome"] != "allowed"]

    def read(self, certificate_id: str, **headers: str) -> Any:
        own = self.installation.headers(Role.APPROVER, "approver") | headers
        return self.client.get(f"/v1/certificates/{certificate_id}", headers=own)


def refusal(response: Any) -> tuple[int, str]:
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["title"]
    return response.status_code, body["code"]
