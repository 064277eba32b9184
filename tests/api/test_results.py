"""A result on its way: scenario S01-S04, S16, S18; invariants I10-I14."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.records.demonstration import CENTRE, PEOPLE
from api.records.numbers import NUMBER_ENTRIES, NumberState
from api.records.results import Results
from api.usecases.confirm_entitlement import KnownFile, confirmed_entitlement
from api.usecases.verify_document import verify_file
from tests.api.office import BODY, Office, open_office
from vault.catalogue_sql.documents import NewState
from vault.model import DocumentState

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


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


def test_a_draft_whose_answer_was_lost_is_found_again_not_drafted_twice(
    office: Office, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    sent: list[dict[str, object]] = []
    send = office.send

    def watched(role: Role, figure: str, path: str, body: dict[str, object]) -> Any:
        sent.append(body)
        return send(role, figure, path, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office, "send", watched)
        assert office.draft().status_code == 201

    def drafts() -> int:
        with office.installation.services.db.reading() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM result").scalar_one())

    before, client = drafts(), office.installation.client
    headers = office.installation.headers(Role.APPRAISER, "appraiser")
    with dies_before_its_answer():
        assert client.post("/v1/results", json=sent[-1], headers=headers).status_code == 500
    office.installation.clock.forward(minutes=16)
    again = client.post("/v1/results", json=sent[-1], headers=headers)
    assert (again.status_code, again.json()["state"]) == (201, "drafted")
    assert drafts() == before + 1


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


def test_a_result_is_sealed_once_and_its_number_is_used_with_the_seal(office: Office) -> None:
    result = office.numbered()
    assert office.sign(result).status_code == 201

    def number() -> str:
        with office.installation.services.db.reading() as tx:
            query = sa.select(NUMBER_ENTRIES.c.state).where(NUMBER_ENTRIES.c.result_id == result)
            return str(tx.execute(query).scalar_one())

    assert number() == NumberState.RESERVED.value
    assert office.seal(result).status_code == 201
    assert number() == NumberState.USED.value
    again = office.seal(result)
    assert (again.status_code, again.json()["code"]) == (409, "CONTENT_FROZEN")


def test_numbering_twice_gives_the_same_number_and_the_same_page(office: Office) -> None:
    result = office.numbered()
    page = office.content(result)
    again = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number")
    assert again.status_code == 201
    assert office.content(result) == page


def test_a_reason_of_two_lines_is_told_to_be_one(office: Office) -> None:
    path = f"/v1/results/{office.numbered()}/voiding"
    for text in ("sai họ tên\nsoạn lại", " ", "\u202esai"):
        refused = office.send(Role.CLERK, "clerk", path, {"reason": text})
        assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
        assert "một dòng" in refused.json()["detail"]
    assert office.send(Role.CLERK, "clerk", path, {"reason": "sai họ tên"}).status_code == 201


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
    for figure, capacity in (("chairman", "head"), ("chairman", "kt"), ("leader", "head")):
        refused = office.sign(result, figure=figure, certificate=figure, capacity=capacity)
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN"), (figure, capacity)


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


def verified(office: Office, pdf: bytes) -> Any:
    files = {"file": ("ket-qua.pdf", pdf, "application/pdf")}
    return office.installation.client.post("/v1/verifications", files=files).json()


def test_only_the_issued_result_is_accepted_by_machines_and_never_after_its_revocation(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    signed = verified(office, office.content(result))
    assert (signed["verdict"], signed["acceptance"]) == ("valid", "ask")
    assert signed["entitlement"] == {"status": "unknown", "reasons": ["SEAL_MISSING"]}
    office.seal(result)
    pdf = office.content(result)
    assert (verified(office, pdf)["document_status"]["state"], verified(office, pdf)["acceptance"]) == (
        "not_issued", "ask",
    )  # fmt: skip
    document = office.send_issue(result).json()["document_id"]
    issued = verified(office, pdf)
    assert (issued["verdict"], issued["acceptance"]) == ("valid", "accept")
    assert issued["entitlement"] == {"status": "entitled", "reasons": []}
    assert issued["document_status"] == {"state": "active", "vault_match": "identical"}
    services = office.installation.services
    with services.db.transaction() as tx:
        change = NewState(document_id=document, seen_version=1, state=DocumentState.REVOKED)
        assert services.vault.change_state(tx, change)
    revoked = verified(office, pdf)
    assert (revoked["verdict"], revoked["acceptance"]) == ("valid", "refuse")


def test_a_signer_without_the_right_to_sign_is_not_entitled_whatever_the_certificate_says(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    pdf = office.content(result)
    report = verify_file(pdf, office.installation.services, office.installation.clock.at)
    with office.installation.services.db.reading() as tx:
        found = Results(tx).get(result)
        assert confirmed_entitlement(report, KnownFile(), tx).status == "entitled"
        of_another = replace(found, signer_subject=PEOPLE["chairman"].subject_id, capacity="head")
        refused = confirmed_entitlement(report, KnownFile(result=of_another), tx)
        assert (refused.status, refused.reasons) == ("not_entitled", ("SIGNING_RIGHT_MISSING",))
        elsewhere = confirmed_entitlement(report, KnownFile(result=replace(found, org_code=CENTRE)), tx)
        assert (elsewhere.status, elsewhere.reasons) == ("not_entitled", ("SEAL_OF_OTHER_AGENCY",))
        early = replace(report, signatures=tuple(replace(s, best_time=LONG_AGO) for s in report.signatures))
        gone = confirmed_entitlement(early, KnownFile(), tx)
        assert (gone.status, gone.reasons) == ("not_entitled", ("POST_NOT_HELD",))
        foreign = replace(report, signatures=tuple(replace(s, certificate_sha256="0" * 64) for s in report.signatures))
        unknown = confirmed_entitlement(foreign, KnownFile(), tx)
        assert (unknown.status, unknown.reasons) == ("unknown", ("CERT_NOT_IN_REGISTER",))


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


def test_a_former_guardian_gets_no_document_for_a_grown_child(office: Office) -> None:
    clock = office.installation.clock
    begun = clock.at
    clock.forward(days=365 * 13)  # the child of the demonstration was born in 2020
    try:
        refused = office.draft()
    finally:
        clock.at = begun
    assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
