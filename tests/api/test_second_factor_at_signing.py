"""Whose account has a second factor signs, seals and certifies with its code only, and with each code once."""

import base64
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.records.second_factors import STEP_S, code_at
from tests.api.counter import code_of
from tests.api.office import Office, open_office
from tests.fakes import sample_pdf


class Enrolled:
    """The leader and the clerk, each with an app for codes."""

    def __init__(self, office: Office) -> None:
        self.office, self.secrets = office, {}
        for role, figure in ((Role.AUTHORISED_SIGNER, "leader"), (Role.CLERK, "clerk")):
            made = office.send(role, figure, "/v1/second-factors").json()
            secret = made["secret"]
            self.secrets[figure] = base64.b32decode(secret + "=" * (-len(secret) % 8))
            path = f"/v1/second-factors/{made['id']}/confirmation"
            assert office.send(role, figure, path, {"code": self.code(figure)}).status_code == 204

    def code(self, figure: str) -> str:
        """A fresh code; time goes on for it."""
        clock = self.office.installation.clock
        clock.forward(seconds=STEP_S)
        return code_at(self.secrets[figure], int(clock.at.timestamp()) // STEP_S)

    def only_with_code(self, role: Role, figure: str, path: str, body: dict[str, Any]) -> Any:
        """The answer with the code, after it was refused without one and with a wrong one."""
        for wrong, code in (({}, "SECOND_FACTOR_REQUIRED"), ({"second_factor": "000000"}, "SECOND_FACTOR_INVALID")):
            assert code_of(self.office.send(role, figure, path, body | wrong))[1] == code
        done = self.office.send(role, figure, path, body | {"second_factor": self.code(figure)})
        assert done.status_code == 201, done.text
        return done


@pytest.fixture(scope="module")
def enrolled(installation: Any) -> Enrolled:
    return Enrolled(open_office(installation))


def signed(enrolled: Enrolled, *annexes: bytes) -> str:
    office = enrolled.office
    result = str(office.draft().json()["id"])
    for content in annexes:
        headers = office.installation.headers(Role.APPRAISER, "appraiser")
        files = {"file": ("phu-luc.pdf", content, "application/pdf")}
        added = office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers)
        assert added.status_code == 201, added.text
    for role, figure, step in ((Role.APPRAISER, "appraiser", "appraisal"), (Role.CLERK, "clerk", "number")):
        assert office.send(role, figure, f"/v1/results/{result}/{step}").status_code == 201
    body = {"certificate_id": office.certificates["leader"], "capacity": "kt"}
    enrolled.only_with_code(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/signature", body)
    return result


@pytest.mark.parametrize("annexes", [(), (sample_pdf.page(),)], ids=["alone", "with annexes"])
def test_a_result_is_signed_and_sealed_with_the_code_only(enrolled: Enrolled, annexes: tuple[bytes, ...]) -> None:
    result = signed(enrolled, *annexes)
    before = enrolled.office.content(result)
    seal = {"certificate_id": enrolled.office.certificates["seal_secondary"]}
    enrolled.only_with_code(Role.CLERK, "clerk", f"/v1/results/{result}/seal", seal)
    assert enrolled.office.content(result).startswith(before)


def test_a_copy_is_certified_with_the_code_only(enrolled: Enrolled) -> None:
    office, result = enrolled.office, signed(enrolled)
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    enrolled.only_with_code(Role.CLERK, "clerk", f"/v1/results/{result}/seal", seal)
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text
    dossier = office.send(
        Role.RECEPTION_OFFICER,
        "reception_officer",
        "/v1/dossiers",
        {
            "procedure_code": BIRTH_EXTRACT,
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": WARD,
            "channel": "counter",
        },
    ).json()["id"]
    body = seal | {"form": "trich_sao", "pages": [1], "dossier_id": dossier}
    enrolled.only_with_code(Role.CLERK, "clerk", f"/v1/documents/{issued.json()['document_id']}/copies", body)
