"""A result on its way: scenario S01-S04, S16, S18; invariants I10-I14."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    seal = {"certificate_class": "org_seal", "org_code": WARD}
    certificates = {name: issue_certificate(installation, official(name)) for name in ("leader", "chairman")}
    certificates["seal_primary"] = issue_certificate(
        installation, {**seal, "ordinal": 1, "subject_id": PEOPLE["ward_clerk"].subject_id}
    )
    certificates["seal_secondary"] = issue_certificate(
        installation,
        {
            **seal,
            "ordinal": 2,
            "subject_id": PEOPLE["clerk"].subject_id,
            "primary_certificate_id": certificates["seal_primary"],
            "scope": {"places": [CENTRE], "procedures": [BIRTH_EXTRACT], "document_types": []},
        },
    )
    return Office(installation=installation, certificates=certificates)


def test_signature_then_seal_grow_the_file_and_leave_every_earlier_byte(office: Office) -> None:
    result = office.numbered()
    page = office.content(result)
    assert office.sign(result).status_code == 201
    signed = office.content(result)
    sealed_answer = office.seal(result)
    assert sealed_answer.status_code == 201, sealed_answer.text
    sealed = office.content(result)
    assert signed.startswith(page)
    assert sealed.startswith(signed)
    view = sealed_answer.json()
    assert (view["state"], view["signature_level"]) == ("sealed", "B-LT")
    assert view["sha256"] == hashlib.sha256(sealed).hexdigest()


def test_a_seal_before_the_signature_is_refused_logged_and_writes_nothing(office: Office) -> None:
    result = office.numbered()
    before = office.content(result)
    refused = office.seal(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_BEFORE_SIGNATURE")
    assert office.content(result) == before
    events = office.installation.client.get(
        "/v1/audit-events?limit=20", headers=office.installation.headers(Role.AUDITOR)
    ).json()["items"]
    assert any(e["action"] == "seal_result" and e["reason_code"] == "SEAL_BEFORE_SIGNATURE" for e in events)


def test_no_number_can_be_taken_after_the_signature(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    refused = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONTENT_FROZEN")


def test_numbering_twice_gives_the_same_number_and_the_same_page(office: Office) -> None:
    result = office.numbered()
    page = office.content(result)
    again = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number")
    assert again.status_code == 201
    assert office.content(result) == page


def test_a_voided_result_gives_its_number_up_and_the_next_one_follows(office: Office) -> None:
    first = office.numbered()
    path = f"/v1/results/{first}/voiding"
    voided = office.send(Role.AUTHORISED_SIGNER, "leader", path, {"reason": "sai họ tên"})
    assert voided.json()["state"] == "voided"
    number = int(voided.json()["document_number"].split("/")[0])
    second = office.fetch(Role.CLERK, "clerk", f"/v1/results/{office.numbered()}").json()
    assert int(second["document_number"].split("/")[0]) == number + 1
    refused = office.sign(first)
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_CONFLICT")


def test_only_the_printed_signer_signs_also_when_another_may_sign_everything(office: Office) -> None:
    result = office.numbered()
    refused = office.sign(result, figure="chairman", certificate="chairman", capacity="head")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


def test_nobody_signs_with_another_persons_certificate(office: Office) -> None:
    result = office.numbered()
    refused = office.sign(result, certificate="chairman")
    assert (refused.status_code, refused.json()["code"]) == (403, "SIG_CERT_HOLDER")


def test_the_primary_seal_does_not_stand_in_for_the_second_one(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    refused = office.seal(result, figure="ward_clerk", certificate="seal_primary")
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_KIND")


def test_a_result_is_signed_on_its_printed_day_only(office: Office) -> None:
    result = office.numbered()
    clock = office.installation.clock
    begun = clock.at
    clock.forward(hours=24)
    try:
        refused = office.sign(result)
    finally:
        clock.at = begun
    assert (refused.status_code, refused.json()["code"]) == (409, "DOCUMENT_DATE_PASSED")


def test_a_sealed_result_is_issued_into_the_owners_vault_as_the_original(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    sealed = office.content(result)
    issued = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")
    assert issued.status_code == 201, issued.text
    document = issued.json()["document_id"]
    stored = office.fetch(Role.CITIZEN, "mother", f"/v1/documents/{document}/content?role=master")
    assert stored.status_code == 200, stored.text
    assert stored.content == sealed


def test_an_unsealed_result_is_not_issued(office: Office) -> None:
    result = office.numbered()
    refused = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_CONFLICT")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"result_type": "khong_co"}, 422, "INPUT_INVALID"),
        ({"owner_subject_id": PEOPLE["clerk"].subject_id}, 422, "INPUT_INVALID"),
        ({"org_code": CENTRE}, 403, "FORBIDDEN"),
        (
            {"signer": {"employment_id": PEOPLE["appraiser"].employment_id, "capacity": "kt"}},
            403,
            "SIGNING_RIGHT_MISSING",
        ),
        (
            {"signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "tuq"}},
            403,
            "SIGNING_RIGHT_MISSING",
        ),
        ({"content": {"place": "X", "body": BODY | {"full_name": "A\u202eB"}}}, 422, "CONTENT_NOT_PRINTABLE"),
        ({"dossier_id": "dos_../../etc/passwd"}, 422, "ID_INVALID"),
    ],
)
def test_a_draft_that_could_never_be_printed_or_signed_is_refused(
    office: Office, changes: dict[str, object], status: int, code: str
) -> None:
    refused = office.draft(**changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_two_signatures_at_once_leave_exactly_one(office: Office, run_together: Callable[..., list[Any]]) -> None:
    result = office.numbered()
    answers = run_together(*(lambda: office.sign(result) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert office.content(result).count(b"/ByteRange") == 1


@pytest.fixture
def run_together() -> Callable[..., list[Any]]:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - used by this fixture only

    def run(*actions: Callable[[], Any]) -> list[Any]:
        with ThreadPoolExecutor(len(actions)) as pool:
            return [future.result() for future in [pool.submit(action) for action in actions]]

    return run
