"""Scenario S17: an official moves from ward A to department B and later retires (I7).

What she signs for B before her certificate is changed is refused; what she signed for A stays valid.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, DEPARTMENT, PEOPLE
from api.records.employments import ANY_PROCEDURE, SigningCapacity, SigningRight
from tests.api.office import BODY, Office, open_office
from tests.api.pki.desk import Desk, refusal
from tests.api.pki.moves import begin_post, end_post

AUGUST = datetime(2027, 8, 30, 3, 0, tzinfo=UTC)
MOVE = datetime(2027, 8, 31, 17, 0, tzinfo=UTC)  # 1 September 2027, 00:00 +07:00
WORKING_HOURS = datetime(2027, 9, 1, 2, 0, tzinfo=UTC)


@dataclass
class Department:
    """Colleagues at B who prepare a result for the new deputy director."""

    installation: Any

    def send(self, role: Role, figure: str, path: str, body: object | None = None) -> Any:
        org = None if role is Role.CITIZEN else DEPARTMENT
        headers = self.installation.headers(role, figure, org)
        return self.installation.client.post(path, json={} if body is None else body, headers=headers)

    def numbered(self, post: str) -> str:
        dossier = self.send(
            Role.CITIZEN,
            "mother",
            "/v1/dossiers",
            {
                "procedure_code": BIRTH_EXTRACT,
                "applicant_subject_id": PEOPLE["mother"].subject_id,
                "org_code": DEPARTMENT,
                "channel": "online",
            },
        )
        assert dossier.status_code == 201, dossier.text
        draft = self.send(
            Role.APPRAISER,
            "two_accounts",
            "/v1/results",
            {
                "dossier_id": dossier.json()["id"],
                "result_type": "trich_luc_khai_sinh",
                "org_code": DEPARTMENT,
                "owner_subject_id": PEOPLE["child"].subject_id,
                "signer": {"employment_id": post, "capacity": "kt"},
                "content": {"place": "Hạ Long", "recipients": ["Như trên", "Lưu: VT"], "body": BODY},
            },
        )
        assert draft.status_code == 201, draft.text
        result = str(draft.json()["id"])
        assert self.send(Role.APPRAISER, "two_accounts", f"/v1/results/{result}/appraisal").status_code == 201
        assert self.send(Role.CLERK, "administrator", f"/v1/results/{result}/number").status_code == 201
        return result

    def sign(self, result: str, certificate: str) -> Any:
        body = {"certificate_id": certificate, "capacity": "kt"}
        return self.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/signature", body)


def content(installation: Any, role: Role, figure: str, result: str, org: str | None = None) -> bytes:
    headers = installation.headers(role, figure, org)
    answer = installation.client.get(f"/v1/results/{result}/content", headers=headers)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def verdict(installation: Any, pdf: bytes) -> tuple[str, str]:
    report = installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")}).json()
    return report["verdict"], report["entitlement"]["status"]


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    installation.clock.at = AUGUST
    return open_office(installation)


@pytest.mark.journey
def test_a_move_needs_a_change_and_what_was_signed_before_stays_valid(installation: Any, office: Office) -> None:
    desk, department, old = Desk(installation), Department(installation), office.certificates["leader"]

    # August: she signs for the ward, and the centre seals
    paper = office.numbered()
    assert office.sign(paper).status_code == 201
    assert office.seal(paper).status_code == 201
    signed_for_ward = office.content(paper)
    unsigned = office.numbered()

    # 1 September: the records of posts say so first
    installation.clock.at = MOVE
    end_post(installation, "leader", MOVE)
    right = SigningRight(procedure_code=ANY_PROCEDURE, capacity=SigningCapacity.KT, basis="QĐ 99", valid_from=MOVE)
    post = begin_post(installation, "leader", org_code=DEPARTMENT, title="Phó Giám đốc Sở", at=MOVE, rights=(right,))
    installation.clock.at = WORKING_HOURS
    result = department.numbered(post)
    assert refusal(department.sign(result, old)) == (409, "CERT_TITLE_MISMATCH")
    assert refusal(office.sign(unsigned))[0] == 403  # nor for the ward any more

    # the change: two officers, a new certificate, the old one ended
    changed = desk.carry_out(old, "change", employment_id=post)
    new = changed["certificate_id"]
    assert desk.read(new).json()["subject"]["title"] == "Phó Giám đốc Sở"
    assert desk.status(old) == ("revoked", "affiliation_changed")
    assert refusal(department.sign(result, old)) == (409, "SIG_CERT_REVOKED")
    signed = department.sign(result, new)
    assert signed.status_code == 201, signed.text
    signed_for_department = content(installation, Role.CLERK, "administrator", result, DEPARTMENT)
    assert verdict(installation, signed_for_ward) == ("valid", "entitled")

    # she retires
    installation.clock.forward(days=60)
    at = installation.clock.at
    desk.carry_out(new, "revoke", reason="cessation")
    assert desk.status(new) == ("revoked", "cessation")
    assert refusal(department.sign(result, new))[0] in (403, 409)
    installation.clock.forward(days=1)
    assert verdict(installation, signed_for_ward) == ("valid", "entitled")
    assert verdict(installation, signed_for_department)[0] == "valid"
    assert desk.read(new).json()["status_since"] == at.strftime("%Y-%m-%dT%H:%M:%SZ")
