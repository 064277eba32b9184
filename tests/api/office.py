"""The ward at work, for tests of results: certificates issued once, results made on demand, all over HTTP."""

from dataclasses import dataclass
from typing import Any

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, WARD

BODY = {
    "full_name": "Trần Minh Khôi",
    "gender": "Nam",
    "date_of_birth": "2020-06-01",
    "ethnicity": "Kinh",
    "nationality": "Việt Nam",
    "place_of_birth": "Trung tâm Y tế thị xã Quảng Yên",
    "native_place": "Phường Yên Giang, thị xã Quảng Yên",
    "registered_at": "Ủy ban nhân dân phường Yên Giang",
    "registered_number": "88/2020",
    "registered_on": "2020-06-10",
}


@dataclass
class Office:
    """The ward at work: certificates issued once, results made on demand."""

    installation: Any
    certificates: dict[str, str]

    def send(self, role: Role, figure: str, path: str, body: object | None = None, *, org: str | None = None) -> Any:
        headers = self.installation.headers(role, figure, org)
        return self.installation.client.post(path, json={} if body is None else body, headers=headers)

    def fetch(self, role: Role, figure: str, path: str) -> Any:
        return self.installation.client.get(path, headers=self.installation.headers(role, figure))

    def draft(self, **changes: object) -> Any:
        dossier = self.send(
            Role.RECEPTION_OFFICER,
            "reception_officer",
            "/v1/dossiers",
            {
                "procedure_code": BIRTH_EXTRACT,
                "applicant_subject_id": PEOPLE["mother"].subject_id,
                "org_code": WARD,
                "channel": "counter",
            },
        ).json()
        body = {
            "dossier_id": dossier["id"],
            "result_type": "trich_luc_khai_sinh",
            "org_code": WARD,
            "owner_subject_id": PEOPLE["child"].subject_id,
            "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
            "content": {"place": "Quảng Yên", "recipients": ["Như trên", "Lưu: VT"], "body": BODY},
        } | changes
        return self.send(Role.APPRAISER, "appraiser", "/v1/results", body)

    def numbered(self) -> str:
        result = self.draft().json()["id"]
        assert self.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
        assert self.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
        return str(result)

    def sign(self, result: str, *, figure: str = "leader", certificate: str = "leader", capacity: str = "kt") -> Any:
        body = {"certificate_id": self.certificates[certificate], "capacity": capacity}
        return self.send(Role.AUTHORISED_SIGNER, figure, f"/v1/results/{result}/signature", body)

    def seal(self, result: str, *, figure: str = "clerk", certificate: str = "seal_secondary") -> Any:
        body = {"certificate_id": self.certificates[certificate]}
        return self.send(Role.CLERK, figure, f"/v1/results/{result}/seal", body)

    def send_issue(self, result: str) -> Any:
        return self.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")

    def content(self, result: str) -> bytes:
        answer = self.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/content")
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)


def issue_certificate(installation: Any, body: dict[str, object]) -> str:
    everything = {
        "type": "new",
        "scope": {"places": [], "procedures": [], "document_types": []},
        "evidence": ["quyet-dinh-bo-nhiem"],
    } | body
    client = installation.client
    asked = client.post("/v1/certificate-requests", json=everything, headers=installation.headers(Role.RA_OFFICER))
    assert asked.status_code == 201, asked.text
    path = f"/v1/certificate-requests/{asked.json()['id']}/approval"
    issued = client.post(path, json={}, headers=installation.headers(Role.APPROVER))
    assert issued.status_code == 201, issued.text
    return str(issued.json()["certificate_id"])


def official(figure: str) -> dict[str, object]:
    person = PEOPLE[figure]
    return {
        "certificate_class": "personal",
        "ordinal": 1,
        "subject_id": person.subject_id,
        "employment_id": person.employment_id,
        "org_code": person.org_code,
    }


def issue_seals(installation: Any) -> dict[str, str]:
    """Issue the certificates of the ward's seals: the agency's own and the one at the centre."""
    seal = {"certificate_class": "org_seal", "org_code": WARD}
    primary = issue_certificate(installation, {**seal, "ordinal": 1, "subject_id": PEOPLE["ward_clerk"].subject_id})
    secondary = issue_certificate(
        installation,
        {
            **seal,
            "ordinal": 2,
            "subject_id": PEOPLE["clerk"].subject_id,
            "primary_certificate_id": primary,
            "scope": {"places": [CENTRE], "procedures": [BIRTH_EXTRACT], "document_types": []},
        },
    )
    return {"seal_primary": primary, "seal_secondary": secondary}


def open_office(installation: Any) -> Office:
    """Issue the certificates of a leader, a chairman and both seals."""
    certificates = {name: issue_certificate(installation, official(name)) for name in ("leader", "chairman")}
    return Office(installation=installation, certificates=certificates | issue_seals(installation))
