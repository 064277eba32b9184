"""Documents, access log, consents, reuse, figures and audit entries over HTTP, on SQLite and PostgreSQL."""

import base64
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from httpx2 import Response

from api.callers import Role
from api.ids import new_id
from api.records.demonstration import PEOPLE
from api.records.outbox import Outbox
from api.usecases.signature_finding import find_signatures
from signing.validation import Verdict
from tests.api.conftest import Install, Installation
from tests.api.vault_story import BIRTH_EXTRACT, CHILD, MOTHER, PDF, SCHOOL, SERVED, WARD, Story
from vault.catalogue_sql import Consents, NewState
from vault.model import DocumentDetails, DocumentState, FileRole, Grade
from vault.reuse import SignatureFinding


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def service(request: pytest.FixtureRequest) -> Installation:
    fixture = "installation" if request.param == "sqlite" else "postgres_installation"
    return request.getfixturevalue(fixture)  # type: ignore[no-any-return] # pytest's own Any


@pytest.fixture
def story(service: Installation) -> Story:
    return Story(services=service.services, at=service.clock.at)


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> Callable[[SignatureFinding], None]:
    """Says what verification finds: the stored bytes of these tests are no real PDFs."""

    def find(found: SignatureFinding) -> None:
        monkeypatch.setattr("api.usecases.reuse_document.find_signatures", lambda *_: found)

    find(SignatureFinding.VALID)
    return find


def audit(service: Installation, **wanted: str) -> list[dict[str, object]]:
    answer = service.client.get("/v1/audit-events", params=wanted, headers=service.headers(Role.AUDITOR))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def as_mother(service: Installation) -> dict[str, str]:
    return service.headers(Role.CITIZEN, "mother")


def as_school(service: Installation) -> dict[str, str]:
    return service.headers(Role.RECEPTION_OFFICER, "school_officer")


def consent_to(service: Installation, document_id: str, dossier_id: str, **changes: object) -> Response:
    body = {"document_ids": [document_id], "receiver_dossier_id": dossier_id, "purpose": "school_enrolment"}
    return service.client.post("/v1/consents", json=body | changes, headers=as_mother(service))


def reuse(
    service: Installation,
    consent_id: str,
    document_id: str,
    dossier_id: str,
    component: str = SERVED.type_code,
    **headers: str,
) -> Response:
    body = {
        "consent_id": consent_id,
        "document_id": document_id,
        "dossier_id": dossier_id,
        "component_type": component,
    }
    return service.client.post("/v1/reuse-events", json=body, headers=as_school(service) | headers)


# --- reading ------------------------------------------------------------------------------------------


def test_the_guardian_lists_and_reads_the_childs_documents_and_every_read_is_in_the_log(
    service: Installation, story: Story
) -> None:
    stored = story.deposit(
        details=DocumentDetails(title="Trích lục khai sinh", document_number=None, fields=(("dob", "2020-06-01"),))
    )
    listed = service.client.get(f"/v1/citizens/{CHILD}/documents", headers=as_mother(service)).json()
    shown = next(item for item in listed["items"] if item["id"] == stored.document_id)
    assert (shown["grade"], shown["state"], shown["fields"]) == ("a_original", "active", {"dob": "2020-06-01"})
    answer = service.client.get(f"/v1/documents/{stored.document_id}/content", headers=as_mother(service))
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["repr-digest"].startswith("sha-256=:")
    log = service.client.get(f"/v1/citizens/{CHILD}/access-log", headers=as_mother(service)).json()["items"]
    read = next(entry for entry in log if entry["object_id"] == stored.document_id)
    assert (read["action"], read["purpose"], read["role"]) == ("read_document_file", "read_document", "citizen")
    assert read["details"]["ground"] == "guardian"
    assert {"list_documents", "read_document_file"} <= {entry["action"] for entry in log}


def test_the_record_alone_can_be_read(service: Installation, story: Story) -> None:
    stored = story.deposit()
    answer = service.client.get(f"/v1/documents/{stored.document_id}", headers=as_mother(service))
    assert answer.status_code == 200
    assert answer.json()["owner_subject_id"] == CHILD
    assert answer.headers["etag"] == '"1"'
    assert "object_name" not in answer.text


@pytest.mark.parametrize(
    ("role", "figure"),
    [
        (Role.CITIZEN, "child"),
        (Role.RECEPTION_OFFICER, "school_officer"),
        (Role.RELYING_SYSTEM, None),
    ],
)
def test_a_document_of_others_looks_as_if_it_were_not_there(
    service: Installation, story: Story, role: Role, figure: str | None
) -> None:
    stored = story.deposit(MOTHER, type_code="cccd")
    headers = service.headers(role, figure)
    denied = service.client.get(f"/v1/documents/{stored.document_id}/content", headers=headers)
    missing = service.client.get(f"/v1/documents/{new_id('doc', story.at)}/content", headers=headers)
    assert denied.status_code == missing.status_code == 404
    assert denied.json()["code"] == missing.json()["code"] == "DOCUMENT_NOT_FOUND"
    same = ("type", "title", "status", "code", "retryable", "detail")
    assert {name: denied.json().get(name) for name in same} == {name: missing.json().get(name) for name in same}
    refused = audit(service, object_id=stored.document_id)[0]
    assert (refused["outcome"], refused["reason_code"]) == ("refused", "DOCUMENT_NOT_FOUND")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.SECURITY_OFFICER, Role.RA_OFFICER])
def test_no_administrative_role_opens_a_document(service: Installation, story: Story, role: Role) -> None:
    stored = story.deposit()
    for path in (f"/v1/documents/{stored.document_id}/content", f"/v1/citizens/{CHILD}/documents"):
        answer = service.client.get(path, headers=service.headers(role))
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")


def test_a_stranger_sees_neither_documents_nor_log(service: Installation, story: Story) -> None:
    story.deposit(MOTHER, type_code="cccd")
    headers = service.headers(Role.CITIZEN, "child")
    for path in (f"/v1/citizens/{MOTHER}/documents", f"/v1/citizens/{MOTHER}/access-log"):
        answer = service.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "DOCUMENT_NOT_FOUND")


def test_a_guardian_loses_access_on_the_eighteenth_birthday(fresh_install: Install) -> None:
    service = fresh_install()
    stored = Story(services=service.services, at=service.clock.at).deposit()
    path = f"/v1/documents/{stored.document_id}/content"
    service.clock.at = service.clock.at.replace(year=2038, month=5, day=31, hour=16, minute=59)
    assert service.client.get(path, headers=as_mother(service)).status_code == 200
    service.clock.at = service.clock.at + timedelta(minutes=1)
    assert service.client.get(path, headers=as_mother(service)).status_code == 404


def test_the_custodian_agency_reads_for_its_dossier_and_a_restriction_stops_it_at_once(
    service: Installation, story: Story
) -> None:
    stored, dossier = story.deposit(), story.dossier(org=WARD, procedure=BIRTH_EXTRACT)
    path, params = f"/v1/documents/{stored.document_id}/content", {"dossier_id": dossier}
    officer = service.headers(Role.RECEPTION_OFFICER, "reception_officer")
    assert service.client.get(path, params=params, headers=officer).content == PDF
    entry = audit(service, object_id=stored.document_id)[0]
    assert entry["details"] == {"dossier": dossier, "file_role": "signed", "ground": "custodian"}
    with service.services.db.transaction() as tx:
        change = NewState(document_id=stored.document_id, seen_version=1, state=DocumentState.RESTRICTED)
        assert service.services.vault.change_state(tx, change)
    assert service.client.get(path, params=params, headers=officer).status_code == 404
    assert service.client.get(path, headers=as_mother(service)).content == PDF


@pytest.mark.parametrize("case", ["none", "unknown", "of another agency", "of another applicant"])
def test_an_officer_without_a_dossier_of_this_citizens_sees_nothing_and_the_try_is_in_the_ledger(
    service: Installation, story: Story, case: str
) -> None:
    stored = story.deposit()
    dossier = {
        "none": None,
        "unknown": new_id("dos", story.at),
        "of another agency": story.dossier(),
        "of another applicant": story.dossier(PEOPLE["auditor"].subject_id, org=WARD, procedure=BIRTH_EXTRACT),
    }[case]
    params = {} if dossier is None else {"dossier_id": dossier}
    officer = service.headers(Role.RECEPTION_OFFICER, "reception_officer")
    for path, object_id in (
        (f"/v1/citizens/{CHILD}/documents", CHILD),
        (f"/v1/documents/{stored.document_id}", stored.document_id),
        (f"/v1/documents/{stored.document_id}/content", stored.document_id),
    ):
        answer = service.client.get(path, params=params, headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (404, "DOCUMENT_NOT_FOUND")
        entry = audit(service, object_id=object_id)[0]
        assert entry["outcome"] == "refused"
        assert entry["details"].get("dossier") == dossier  # type: ignore[attr-defined] # json
    wrong = service.client.get(f"/v1/citizens/{CHILD}/documents", params={"dossier_id": "dos_x"}, headers=officer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ID_INVALID")


def test_an_officers_listing_shows_and_names_only_what_the_officer_may_see(service: Installation, story: Story) -> None:
    mine = [story.deposit(MOTHER, type_code="cccd", content=PDF + b"%d" % n) for n in range(3)]
    hidden = [
        story.deposit(MOTHER, type_code="cccd", content=PDF + b"x%d" % n, custodian_org=SCHOOL, issuing_org=SCHOOL)
        for n in range(3)
    ]
    newest = story.deposit(MOTHER, type_code="cccd", content=PDF + b"last")
    dossier = story.dossier(org=WARD, procedure=BIRTH_EXTRACT)
    officer = service.headers(Role.RECEPTION_OFFICER, "reception_officer")
    seen: list[str] = []
    params: dict[str, str] = {"limit": "2", "dossier_id": dossier}
    while True:
        answer = service.client.get(f"/v1/citizens/{MOTHER}/documents", params=params, headers=officer)
        page = answer.json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 2
        assert f"dossier_id={dossier}&cursor={page['next_cursor']}" in answer.headers["link"]
        assert page["items"][-1]["id"] in base64.urlsafe_b64decode(page["next_cursor"] + "==").decode()
        params["cursor"] = page["next_cursor"]
    assert {newest.document_id, *(each.document_id for each in mine)} <= set(seen)
    assert not {each.document_id for each in hidden} & set(seen)
    assert len(seen) == len(set(seen))


def test_a_file_role_that_the_document_does_not_have_is_not_found(service: Installation, story: Story) -> None:
    stored = story.deposit()
    path = f"/v1/documents/{stored.document_id}/content"
    assert service.client.get(path, params={"role": "access"}, headers=as_mother(service)).status_code == 404
    assert service.client.get(path, params={"role": "other"}, headers=as_mother(service)).status_code == 422


@pytest.mark.parametrize("name", ["doc_x", "cert_" + "0" * 26, "doc_" + "0" * 5000, "doc_%00", "..%2f..%2fsecrets"])
def test_an_id_of_a_wrong_structure_is_refused(service: Installation, name: str) -> None:
    answer = service.client.get(f"/v1/documents/{name}", headers=as_mother(service))
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_documents_come_in_pages(service: Installation, story: Story) -> None:
    made = {story.deposit(content=PDF + bytes([n])).document_id for n in range(3)}
    seen: list[str] = []
    params: dict[str, str] = {"limit": "2"}
    while True:
        page = service.client.get(f"/v1/citizens/{CHILD}/documents", params=params, headers=as_mother(service)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert made <= set(seen)
    assert len(seen) == len(set(seen))
    wrong = service.client.get(
        f"/v1/citizens/{CHILD}/documents", params={"cursor": "nonsense"}, headers=as_mother(service)
    )
    assert wrong.status_code == 422


def test_a_flipped_byte_is_reported_recorded_and_never_served(fresh_install: Install) -> None:
    service = fresh_install()
    stored = Story(services=service.services, at=service.clock.at).deposit()
    victim = service.services.settings.data / "objects" / stored.files[0].object_name
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.chmod(0o600)
    victim.write_bytes(bytes(content))
    path = f"/v1/documents/{stored.document_id}/content"
    for _ in range(2):
        answer = service.client.get(path, headers=as_mother(service))
        assert (answer.status_code, answer.json()["code"]) == (500, "INTEGRITY_MISMATCH")
        assert PDF not in answer.content
    failed = audit(service, object_id=stored.document_id, action="read_document_file")
    assert [entry["outcome"] for entry in failed] == ["failed", "failed"]
    assert [entry["details"]["mismatch"] for entry in failed] == ["quarantined", "segment"]  # type: ignore[index] # json
    record = service.client.get(f"/v1/documents/{stored.document_id}", headers=as_mother(service)).json()
    assert record["files"][0]["is_available"] is False


def test_no_audit_row_no_content(service: Installation, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = story.deposit()

    def failing(*_: object) -> None:
        raise RuntimeError("the ledger is down")

    monkeypatch.setattr("vault.ledger_sql.LedgerSql.append", failing)
    answer = service.client.get(f"/v1/documents/{stored.document_id}/content", headers=as_mother(service))
    assert answer.status_code == 500
    assert PDF not in answer.content


# --- consent ------------------------------------------------------------------------------------------


def test_a_consent_names_what_whom_why_and_until_when(service: Installation, story: Story) -> None:
    stored, dossier = story.deposit(), story.dossier()
    answer = consent_to(service, stored.document_id, dossier)
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert given["document_ids"] == [stored.document_id]
    assert (given["receiver_dossier_id"], given["receiver_org"]) == (dossier, SCHOOL)
    assert (given["owner_subject_id"], given["single_use"]) == (CHILD, True)
    assert answer.headers["location"] == f"/v1/consents/{given['id']}"


def test_the_same_consent_request_twice_is_one_consent(service: Installation, story: Story) -> None:
    stored, dossier = story.deposit(), story.dossier()
    body = {"document_ids": [stored.document_id], "receiver_dossier_id": dossier, "purpose": "school_enrolment"}
    headers = as_mother(service)
    one, two = (service.client.post("/v1/consents", json=body, headers=headers) for _ in range(2))
    assert one.status_code == two.status_code == 201
    assert one.json()["id"] == two.json()["id"]
    headers.pop("Idempotency-Key")
    assert service.client.post("/v1/consents", json=body, headers=headers).json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"


def test_a_consent_whose_answer_was_lost_is_found_again_not_given_twice(
    service: Installation, story: Story, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    body = {"document_ids": [stored.document_id], "receiver_dossier_id": dossier, "purpose": "school_enrolment"}
    headers = as_mother(service)
    with dies_before_its_answer():
        assert service.client.post("/v1/consents", json=body, headers=headers).status_code == 500
    with service.services.db.reading() as tx:
        [first] = Consents(tx).for_reader(stored.document_id, SCHOOL)
    service.clock.forward(minutes=16)
    again = service.client.post("/v1/consents", json=body, headers=headers)
    assert (again.status_code, again.json()["id"]) == (201, first.consent_id)
    with service.services.db.reading() as tx:
        assert Consents(tx).for_reader(stored.document_id, SCHOOL) == (first,)


def test_nobody_consents_for_documents_or_dossiers_of_others(service: Installation, story: Story) -> None:
    mine, dossier = story.deposit(), story.dossier()
    body = {"document_ids": [mine.document_id], "receiver_dossier_id": dossier, "purpose": "x"}
    other = service.client.post(
        "/v1/consents",
        json=body | {"document_ids": [story.deposit(MOTHER, type_code="cccd").document_id]},
        headers=service.headers(Role.CITIZEN, "child"),
    )
    assert (other.status_code, other.json()["code"]) == (404, "DOCUMENT_NOT_FOUND")
    strangers = consent_to(service, story.deposit(MOTHER, type_code="cccd").document_id, story.dossier(applicant=CHILD))
    assert (strangers.status_code, strangers.json()["code"]) == (422, "CONSENT_INVALID")
    missing = consent_to(service, mine.document_id, new_id("dos", story.at))
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_consent_ends_in_the_future_and_within_a_year(service: Installation, story: Story, days: int) -> None:
    expires_at = (service.clock.at + timedelta(days=days)).isoformat()
    answer = consent_to(service, story.deposit().document_id, story.dossier(), expires_at=expires_at)
    assert (answer.status_code, answer.json()["code"]) == (422, "CONSENT_INVALID")


@pytest.mark.parametrize(
    "changes",
    [
        {"document_ids": []},
        {"document_ids": ["doc_x"]},
        {"purpose": "tên người: Nguyễn Văn An"},
        {"purpose": "x" * 5000},
        {"expires_at": "2027-01-01T00:00:00"},
        {"unknown": 1},
    ],
)
def test_a_malformed_consent_is_refused(service: Installation, story: Story, changes: dict[str, object]) -> None:
    assert consent_to(service, story.deposit().document_id, story.dossier(), **changes).status_code == 422


def test_withdrawal_acts_at_once_on_reading_and_on_reuse_and_tells_the_receiver(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier, single_use=False).json()["id"]
    path = f"/v1/documents/{stored.document_id}/content"
    params = {"dossier_id": dossier}
    assert service.client.get(path, params=params, headers=as_school(service)).content == PDF
    assert reuse(service, consent, stored.document_id, dossier).json()["counted"] is True
    withdrawn = service.client.delete(f"/v1/consents/{consent}", headers=as_mother(service))
    assert withdrawn.status_code == 204
    assert service.client.get(path, params=params, headers=as_school(service)).status_code == 404
    assert reuse(service, consent, stored.document_id, dossier).json()["code"] == "REUSE_REFUSED_CONSENT"
    again = service.client.delete(f"/v1/consents/{consent}", headers=as_mother(service))
    assert (again.status_code, again.json()["code"]) == (409, "CONSENT_ENDED")
    with service.services.db.reading() as tx:
        told = Outbox(tx).for_recipient("acc_officer", limit=50)
    assert any(notice.payload["consent_id"] == consent for notice in told)


def test_a_consent_of_others_looks_as_if_it_were_not_there(service: Installation, story: Story) -> None:
    mothers = story.deposit(MOTHER, type_code="cccd").document_id
    consent = consent_to(service, mothers, story.dossier()).json()["id"]
    for wanted in (consent, new_id("con", story.at)):
        answer = service.client.delete(f"/v1/consents/{wanted}", headers=service.headers(Role.CITIZEN, "child"))
        assert (answer.status_code, answer.json()["code"]) == (404, "CONSENT_NOT_FOUND")


def test_documents_of_two_persons_inactive_or_damaged_ones_are_not_shared(service: Installation, story: Story) -> None:
    mine, hers = story.deposit(), story.deposit(MOTHER, type_code="cccd")
    inactive, damaged = story.deposit(), story.deposit()
    with service.services.db.transaction() as tx:
        change = NewState(document_id=inactive.document_id, seen_version=1, state=DocumentState.REVOKED)
        assert service.services.vault.change_state(tx, change)
        assert service.services.vault.quarantine(tx, damaged.document_id, FileRole.SIGNED, "digest", story.at)
    dossier = story.dossier()
    for ids in ([mine.document_id, hers.document_id], [inactive.document_id], [damaged.document_id]):
        answer = consent_to(service, "", dossier, document_ids=ids)
        assert (answer.status_code, answer.json()["code"]) == (422, "CONSENT_INVALID")


def test_a_citizen_sees_the_consents_that_were_given_and_others_do_not(service: Installation, story: Story) -> None:
    dossier = story.dossier()
    made = [consent_to(service, story.deposit().document_id, dossier).json()["id"] for _ in range(3)]
    path, seen = f"/v1/citizens/{CHILD}/consents", list[str]()
    params: dict[str, str] = {"limit": "2"}
    while True:
        page = service.client.get(path, params=params, headers=as_mother(service)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert set(made) <= set(seen)
    assert seen == sorted(set(seen), reverse=True)
    others = service.client.get(f"/v1/citizens/{MOTHER}/consents", headers=service.headers(Role.CITIZEN, "child"))
    assert (others.status_code, others.json()["code"]) == (404, "DOCUMENT_NOT_FOUND")


# --- reuse --------------------------------------------------------------------------------------------


def rates(service: Installation, **params: str) -> dict[str, dict[str, float]]:
    answer = service.client.get("/v1/kpi/reuse", params=params, headers=service.headers(Role.AUDITOR))
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, float]] = answer.json()
    return found


def test_a_consented_document_is_reused_counted_once_and_the_consent_is_spent(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    before = rates(service)
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    answer = reuse(service, consent, stored.document_id, dossier)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["outcome"], answer.json()["counted"]) == ("accepted", True)
    after = rates(service)
    assert after["official"]["numerator"] == before["official"]["numerator"] + 1
    assert after["official"]["denominator"] == before["official"]["denominator"]
    assert after["strict"]["numerator"] <= after["strict"]["denominator"]
    again = reuse(service, consent, stored.document_id, dossier)
    assert (again.status_code, again.json()["code"]) == (409, "REUSE_REFUSED_CONSENT")
    assert rates(service) == after
    entries = audit(service, object_id=stored.document_id, action="reuse_document")
    assert [(entry["outcome"], entry["reason_code"]) for entry in entries] == [
        ("refused", "REUSE_REFUSED_CONSENT"),
        ("allowed", None),
    ]


def test_a_spent_consent_shows_the_document_only_for_the_dossier_that_accepted_it(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    stored, dossier, other = story.deposit(), story.dossier(), story.dossier()
    path = f"/v1/documents/{stored.document_id}/content"

    def read(dossier_id: str, headers: dict[str, str]) -> int:
        return service.client.get(path, params={"dossier_id": dossier_id}, headers=headers).status_code

    system = service.headers(Role.RELYING_SYSTEM, None, SCHOOL)
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    assert [read(dossier, as_school(service)), read(dossier, system)] == [200, 200]
    assert [read(other, as_school(service)), read(other, system)] == [404, 404]
    assert reuse(service, consent, stored.document_id, dossier).status_code == 201
    assert [read(dossier, as_school(service)), read(dossier, system)] == [200, 404]
    assert [read(other, as_school(service)), read(other, system)] == [404, 404]
    assert service.client.get(path, headers=as_school(service)).status_code == 404


def test_two_requests_at_once_with_one_single_use_consent_have_one_winner(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    answers: list[Response] = []
    start = threading.Barrier(6)

    def use() -> None:
        start.wait()
        answers.append(reuse(service, consent, stored.document_id, dossier))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"REUSE_REFUSED_CONSENT"}


def test_a_standing_consent_serves_again_but_the_component_counts_once(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier, single_use=False).json()["id"]
    before = rates(service)["official"]["numerator"]
    answers = [reuse(service, consent, stored.document_id, dossier).json() for _ in range(2)]
    assert [answer["counted"] for answer in answers] == [True, False]
    assert rates(service)["official"]["numerator"] == before + 1


def test_in_its_own_dossier_a_document_is_never_reused_as_far_as_counting_goes(
    service: Installation, story: Story, signatures: Callable[[SignatureFinding], None]
) -> None:
    dossier = story.dossier()
    stored = story.deposit(source_dossier_id=dossier)
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    answer = reuse(service, consent, stored.document_id, dossier).json()
    assert (answer["outcome"], answer["counted"]) == ("accepted", False)


@pytest.mark.parametrize(
    "case",
    [
        ({"grade": Grade.C_OFFICER_COPY}, SERVED.type_code, SignatureFinding.VALID, "REUSE_REFUSED_GRADE"),
        ({"type_code": "ket_hon"}, SERVED.type_code, SignatureFinding.VALID, "REUSE_REFUSED_SCOPE"),
        ({}, "khong_co", SignatureFinding.VALID, "REUSE_REFUSED_SCOPE"),
        ({}, SERVED.type_code, SignatureFinding.INVALID, "REUSE_REFUSED_SIGNATURE"),
        ({}, SERVED.type_code, SignatureFinding.INDETERMINATE, "REUSE_REFUSED_SIGNATURE"),
        ({}, SERVED.type_code, SignatureFinding.NO_SIGNATURE, "REUSE_REFUSED_SIGNATURE"),
    ],
)
def test_a_document_that_does_not_serve_is_refused_with_the_reason(
    service: Installation,
    story: Story,
    signatures: Callable[[SignatureFinding], None],
    case: tuple[dict[str, object], str, SignatureFinding, str],
) -> None:
    document, component, found, code = case
    signatures(found)
    stored, dossier = story.deposit(**document), story.dossier()  # type: ignore[arg-type] # fields of the draft
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    answer = reuse(service, consent, stored.document_id, dossier, component)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["title"] != ""


def test_validity_is_judged_at_the_moment_of_use(
    fresh_install: Install, signatures: Callable[[SignatureFinding], None]
) -> None:
    service = fresh_install()
    story = Story(services=service.services, at=service.clock.at)
    ends = service.clock.at + timedelta(hours=1)
    stored, dossier = story.deposit(valid_to=ends), story.dossier()
    consent = consent_to(service, stored.document_id, dossier, single_use=False).json()["id"]
    service.clock.at = ends - timedelta(seconds=60)
    assert reuse(service, consent, stored.document_id, dossier).status_code == 201
    service.clock.at = ends
    answer = reuse(service, consent, stored.document_id, dossier, **{"Accept-Language": "vi"})
    assert (answer.status_code, answer.json()["code"]) == (409, "REUSE_REFUSED_EXPIRED")
    assert "hết hạn" in answer.json()["title"]
    assert rates(service)["official"]["numerator"] == 1


def test_damage_found_at_reuse_is_refused_and_quarantined(
    fresh_install: Install, signatures: Callable[[SignatureFinding], None]
) -> None:
    service = fresh_install()
    story = Story(services=service.services, at=service.clock.at)
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    victim = service.services.settings.data / "objects" / stored.files[0].object_name
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1])
    answer = reuse(service, consent, stored.document_id, dossier)
    assert (answer.status_code, answer.json()["code"]) == (409, "REUSE_REFUSED_HASH")
    record = service.client.get(f"/v1/documents/{stored.document_id}", headers=as_mother(service)).json()
    assert record["files"][0]["is_available"] is False


def test_a_dossier_of_another_agency_or_person_is_not_ours_to_fill(service: Installation, story: Story) -> None:
    stored, dossier = story.deposit(), story.dossier(org=WARD, procedure=BIRTH_EXTRACT)
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    assert reuse(service, consent, stored.document_id, dossier).json()["code"] == "FORBIDDEN"
    body = {
        "consent_id": consent,
        "document_id": stored.document_id,
        "dossier_id": dossier,
        "component_type": SERVED.type_code,
    }
    answer = service.client.post("/v1/reuse-events", json=body, headers=service.headers(Role.CITIZEN, "child"))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("case", ["dossier of another agency", "unknown dossier", "other dossier", "unknown consent"])
def test_a_use_without_a_ground_opens_nothing_and_is_in_the_ledger(
    service: Installation, story: Story, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    tried, code = {
        "dossier of another agency": (story.dossier(org=WARD, procedure=BIRTH_EXTRACT), "FORBIDDEN"),
        "unknown dossier": (new_id("dos", story.at), "NOT_FOUND"),
        "other dossier": (story.dossier(), "REUSE_REFUSED_CONSENT"),
        "unknown consent": (dossier, "REUSE_REFUSED_CONSENT"),
    }[case]
    consent = new_id("con", story.at) if case == "unknown consent" else consent
    opened: list[object] = []
    monkeypatch.setattr("vault.citizen_vault.CitizenVault.read_file", lambda *args: opened.append(args))
    assert reuse(service, consent, stored.document_id, tried).json()["code"] == code
    assert opened == []
    entry = audit(service, object_id=stored.document_id, action="reuse_document")[0]
    assert (entry["outcome"], entry["reason_code"]) == ("refused", code)
    assert entry["details"]["dossier"] == tried  # type: ignore[index] # json
    log = service.client.get(f"/v1/citizens/{CHILD}/access-log", headers=as_mother(service)).json()["items"]
    assert (log[0]["action"], log[0]["object_id"]) == ("reuse_document", stored.document_id)


def test_an_unknown_document_or_consent_is_refused_like_a_missing_consent(service: Installation, story: Story) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    for consent_id, document_id in (
        (new_id("con", story.at), stored.document_id),
        (consent, new_id("doc", story.at)),
        (consent, story.deposit().document_id),
    ):
        answer = reuse(service, consent_id, document_id, dossier)
        assert (answer.status_code, answer.json()["code"]) == (409, "REUSE_REFUSED_CONSENT")


# --- figures and ledger -------------------------------------------------------------------------------


def test_the_rates_are_those_of_a_period_and_can_be_sliced(
    fresh_install: Install, signatures: Callable[[SignatureFinding], None]
) -> None:
    service = fresh_install()
    story = Story(services=service.services, at=service.clock.at)
    assert rates(service)["official"] == {"numerator": 0, "denominator": 0, "rate": None}
    stored = story.deposit()
    served, missed = story.dossier(), story.dossier()
    story.dossier(applicant=PEOPLE["auditor"].subject_id, org=WARD, procedure=BIRTH_EXTRACT)
    consent = consent_to(service, stored.document_id, served).json()["id"]
    assert reuse(service, consent, stored.document_id, served).status_code == 201
    found = rates(service)
    assert found["official"] == {"numerator": 1, "denominator": 3, "rate": 33.33}
    assert found["strict"] == {"numerator": 1, "denominator": 2, "rate": 50.0}
    assert found["components"] == {"numerator": 1, "denominator": 2, "rate": 50.0}
    groups = {group["key"]: group["official"] for group in rates(service, group_by="unit")["groups"]}  # type: ignore[index] # json
    assert groups[SCHOOL] == {"numerator": 1, "denominator": 2, "rate": 50.0}
    assert groups[WARD] == {"numerator": 0, "denominator": 1, "rate": 0.0}
    for grouping in ("procedure", "month", "channel"):
        parts = rates(service, group_by=grouping)["groups"]
        assert sum(part["official"]["denominator"] for part in parts) == 3  # type: ignore[index] # json
    today = story.at.date().isoformat()
    assert rates(service, **{"from": today, "to": today})["official"]["denominator"] == 3
    assert rates(service, **{"from": "2026-12-01"})["official"]["denominator"] == 0
    assert rates(service, to="2026-01-01")["official"]["denominator"] == 0
    assert missed


def test_figures_are_not_for_the_public_nor_for_citizens(service: Installation) -> None:
    assert service.client.get("/v1/kpi/reuse").status_code == 401
    answer = service.client.get("/v1/kpi/reuse", headers=as_mother(service))
    assert answer.json()["code"] == "ROLE_MISSING"


def test_auditors_page_through_the_ledger_and_are_in_it_themselves(service: Installation, story: Story) -> None:
    stored = story.deposit()
    for _ in range(3):
        service.client.get(f"/v1/documents/{stored.document_id}", headers=as_mother(service))
    headers = service.headers(Role.AUDITOR)
    params: dict[str, str] = {"object_id": stored.document_id, "limit": "2"}
    first = service.client.get("/v1/audit-events", params=params, headers=headers)
    assert len(first.json()["items"]) == 2
    assert 'rel="next"' in first.headers["link"]
    second = service.client.get(
        "/v1/audit-events", params=params | {"cursor": first.json()["next_cursor"]}, headers=headers
    ).json()
    assert len(second["items"]) == 1
    assert second["next_cursor"] is None
    assert audit(service, action="list_audit_events")[0]["role"] == "auditor"
    assert service.client.get("/v1/audit-events", headers=as_mother(service)).status_code == 403
    wrong = service.client.get("/v1/audit-events", params={"cursor": "MTpkb2Nf"}, headers=headers)
    assert wrong.status_code == 422


def test_without_a_stand_in_the_real_verification_judges_the_signatures(service: Installation, story: Story) -> None:
    stored, dossier = story.deposit(), story.dossier()
    consent = consent_to(service, stored.document_id, dossier).json()["id"]
    answer = reuse(service, consent, stored.document_id, dossier)
    assert (answer.status_code, answer.json()["code"]) == (409, "REUSE_REFUSED_SIGNATURE")


def test_every_verdict_of_a_verification_has_its_finding(story: Story) -> None:
    assert {each.value for each in Verdict} == {each.value for each in SignatureFinding}
    assert find_signatures(b"photo", "image/jpeg", story.services, story.at) is SignatureFinding.NO_SIGNATURE
