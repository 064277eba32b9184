"""What stands in a row is believed by nobody: before a file is sealed or issued the file itself is looked at (I11,
I17)."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.bootstrap import build_authenticator
from api.callers import Caller, Role
from api.db import DatabaseUnreachable
from api.errors import Forbidden, InputInvalid, VersionConflict
from api.main import create_app
from api.records.annexes import ResultAnnexes
from api.records.demonstration import CENTRE, PEOPLE, WARD
from api.records.employments import SigningCapacity
from api.records.results import Results, ResultState
from api.usecases import add_annex, complete_preparation, end_result, prepare_results, seal_with_annexes
from api.usecases.authorised_signing import values_under, waiting_signatures
from api.usecases.complete_preparation import CompletePreparation, complete_preparations
from api.usecases.pending_stamps import counting_failures
from api.usecases.prepare_results import PrepareResults
from api.usecases.redraft_result import RedraftResult, redraft_result
from api.usecases.result_content import PageDraft
from api.usecases.result_files import store_revision
from api.usecases.result_signing import require_fit_step
from api.usecases.result_turn import require_signature_turn
from api.usecases.signing_parts import credential_of, evidence_source, time_stamper
from api.usecases.token_credential import NamedCertificate
from signing.errors import AuthorisationForeign
from signing.pades import SigningRequest, augment_pdf, sign_pdf
from signing.registry_sql import RegistrySql
from tests.api.counter import code_of
from tests.api.office import BODY, Office, open_office
from tests.fakes import sample_pdf
from tests.fakes.failing_keys import FailingKeys
from vault.model import CitizenId

CLERK = Caller(account_id="acc_x", subject_id=PEOPLE["clerk"].subject_id, role=Role.CLERK, org_code=WARD)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def record_of(office: Office, result: str) -> Any:
    with office.installation.services.db.reading() as tx:
        return Results(tx).get(result)


def exchange(office: Office, result: str, slot: str, content: bytes) -> None:
    """Another file in a work slot of the result, as an intruder in store and database could."""
    services = office.installation.services
    at = office.installation.clock.at
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(PEOPLE["child"].subject_id), at)
    staged = services.vault.work.stage(
        key, record_id=result, slot=slot, media_type="application/pdf", content=content, at=at
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)


def said_to_be_sealed(office: Office, result: str, pdf: bytes) -> None:
    """A row that says that this file is signed, sealed and complete."""
    store_revision(
        record_of(office, result),
        pdf,
        office.installation.services,
        office.installation.clock.at,
        state=ResultState.SEALED,
        signed_by=PEOPLE["leader"].subject_id,
        sealed_by=PEOPLE["clerk"].subject_id,
        file_sha256=sha256(pdf).hexdigest(),
        signature_level="B-LT",
    )


def signed_only(office: Office, result: str) -> bytes:
    assert office.sign(result).status_code == 201
    return office.content(result)


def signed_without_time(office: Office, result: str) -> bytes:
    services, page = office.installation.services, office.content(result)
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(office.certificates["leader"]))
    request = SigningRequest(credential=credential, field_name="Step3")
    return sign_pdf(page, request, keys=services.keys, stamp=None, evidence=None, at=office.installation.clock.at).pdf


@pytest.mark.parametrize(("made", "code"), [(signed_only, "STATE_CONFLICT"), (signed_without_time, "SIG_TSA_PENDING")])
def test_a_file_without_every_planned_signature_each_with_its_time_is_not_issued(
    office: Office, made: Callable[[Office, str], bytes], code: str
) -> None:
    result = office.numbered()
    said_to_be_sealed(office, result, made(office, result))
    assert code_of(office.send_issue(result)) == (409, code)
    assert record_of(office, result).state is ResultState.SEALED


def test_a_file_whose_evidence_is_still_missing_is_not_issued(office: Office) -> None:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    services, at = office.installation.services, office.installation.clock.at
    store_revision(record_of(office, result), office.content(result), services, at, signature_level="B-T")
    assert code_of(office.send_issue(result)) == (409, "SIG_TSA_PENDING")


class Exchanged(FailingKeys):
    """A store that has another key under the id that the register names for a certificate."""

    def public_key(self, key_id: str) -> bytes:
        del key_id
        return (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )


def test_a_key_that_is_not_the_certificates_seals_nothing(office: Office) -> None:
    result, _ = with_annex(office, sealed=False)
    services = office.installation.services
    keys = Exchanged(services.keys, lambda _key_id: False)
    app = create_app(replace(services, keys=keys), build_authenticator(services.settings, services.db))
    other = replace(office, installation=replace(office.installation, app=app))
    for pick in (result, signed_result(office)):  # with annexes, and without
        before = office.content(pick)
        assert code_of(other.seal(pick)) == (500, "KEY_DAMAGED")
        assert office.content(pick) == before


def signed_result(office: Office) -> str:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    return result


def with_annex(office: Office, *, sealed: bool) -> tuple[str, Any]:
    result = str(office.draft().json()["id"])
    headers = office.installation.headers(Role.APPRAISER, "appraiser")
    files = {"file": ("phu-luc.pdf", sample_pdf.page(), "application/pdf")}
    added = office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers)
    assert added.status_code == 201, added.text
    for role, figure, step in ((Role.APPRAISER, "appraiser", "appraisal"), (Role.CLERK, "clerk", "number")):
        assert office.send(role, figure, f"/v1/results/{result}/{step}").status_code == 201
    assert office.sign(result).status_code == 201
    if sealed:
        assert office.seal(result).status_code == 201
    with office.installation.services.db.reading() as tx:
        (annex,) = ResultAnnexes(tx).of_result(result)
    return result, annex


def change(office: Office, annex: Any, **values: object) -> None:
    with office.installation.services.db.transaction() as tx:
        ResultAnnexes(tx).change(annex, at=office.installation.clock.at, **values)


def test_an_annex_that_is_not_sealed_or_not_the_sealed_file_is_not_issued(office: Office) -> None:
    result, annex = with_annex(office, sealed=True)
    change(office, annex, sealed_sha256=None)
    unsealed = office.send_issue(result)
    assert (code_of(unsealed), unsealed.json()["detail"]) == ((409, "STATE_CONFLICT"), "Phụ lục chưa được đóng dấu.")
    change(office, annex, sealed_sha256=annex.sealed_sha256)
    exchange(office, result, annex.sealed_slot, sample_pdf.page())
    assert code_of(office.send_issue(result)) == (500, "INTEGRITY_MISMATCH")
    read = office.fetch(Role.CLERK, "clerk", f"/v1/annexes/{annex.annex_id}/content")
    assert code_of(read) == (500, "INTEGRITY_MISMATCH")
    change(office, annex, sealed_sha256=sha256(sample_pdf.page()).hexdigest())  # the row was changed with it
    broken = office.send_issue(result)
    assert (broken.status_code, broken.json()["detail"]) == (409, "Chữ ký trong phụ lục không còn hợp lệ.")


def test_an_annex_that_is_not_the_appraised_file_is_not_sealed(office: Office) -> None:
    result, annex = with_annex(office, sealed=False)
    exchange(office, result, annex.plain_slot, sample_pdf.page(landscape=True))
    assert code_of(office.seal(result)) == (500, "INTEGRITY_MISMATCH")
    assert record_of(office, result).state is ResultState.APPROVED
    headers = office.installation.headers(Role.AUDITOR)
    events = office.installation.client.get(f"/v1/audit-events?object_id={result}", headers=headers).json()["items"]
    assert any((one["action"], one["reason_code"]) == ("seal_result", "INTEGRITY_MISMATCH") for one in events)


def test_a_result_has_so_many_annexes_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_annex, "MAX_ANNEXES", 1)
    result = str(office.draft().json()["id"])
    codes = []
    for landscape in (False, True):
        headers = office.installation.headers(Role.APPRAISER, "appraiser")
        files = {"file": ("phu-luc.pdf", sample_pdf.page(landscape=landscape), "application/pdf")}
        answer = office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers)
        codes.append((answer.status_code, answer.json().get("code")))
    assert codes == [(201, None), (422, "INPUT_INVALID")]


def prepared_seal(office: Office, result: str) -> dict[str, Any]:
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    asked = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/seal-preparation", seal)
    assert asked.status_code == 201, asked.text
    confirmation = f"/v1/signature-authorisations/{asked.json()['id']}/confirmation"
    assert office.send(Role.CLERK, "clerk", confirmation).status_code == 201
    return seal | {"authorisation_id": asked.json()["id"]}


def test_a_seal_that_was_prepared_is_not_set_on_a_newer_revision(office: Office) -> None:
    result, installation = office.numbered(), office.installation
    assert office.sign(result).status_code == 201
    under = prepared_seal(office, result)
    services, at = installation.services, installation.clock.at
    newer = augment_pdf(
        office.content(result), stamp=time_stamper(services, at), evidence=evidence_source(services, at), at=at
    )
    store_revision(record_of(office, result), newer.pdf, services, at, file_sha256=newer.sha256)
    assert code_of(office.send(Role.CLERK, "clerk", f"/v1/results/{result}/seal", under)) == (409, "SIG_NOT_PREPARED")
    assert office.content(result) == newer.pdf


def test_a_seal_that_was_prepared_is_not_set_when_another_one_was_checked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = signed_result(office)
    under = prepared_seal(office, result)
    services = office.installation.services
    with services.db.reading() as tx:
        other = credential_of(tx, RegistrySql(tx).get(office.certificates["seal_primary"]))
    monkeypatch.setattr(seal_with_annexes, "credential_of", lambda *_: other)
    assert code_of(office.send(Role.CLERK, "clerk", f"/v1/results/{result}/seal", under)) == (409, "SIG_NOT_PREPARED")


def test_an_agreement_makes_no_signature_over_what_it_does_not_name(office: Office) -> None:
    services = office.installation.services
    results = [office.numbered() for _ in range(2)]
    for result in results:
        assert office.sign(result).status_code == 201
    one, other = (prepared_seal(office, result)["authorisation_id"] for result in results)
    with services.db.reading() as tx:
        waiting = waiting_signatures(tx, results[1], other, services)
    with pytest.raises(AuthorisationForeign):
        values_under(one, waiting, services, CLERK)
    assert values_under(other, waiting, services, CLERK)


def test_who_is_not_in_the_plan_of_a_result_takes_no_step_of_it(office: Office) -> None:
    record = replace(record_of(office, office.numbered()), plan=())
    with pytest.raises(Forbidden):
        require_signature_turn(record, Role.CLERK)
    with office.installation.services.db.reading() as tx, pytest.raises(Forbidden):
        require_fit_step(
            tx,
            record,
            role=Role.CLERK,
            certificate_id=office.certificates["seal_secondary"],
            caller=CLERK,
            at=office.installation.clock.at,
        )


def test_a_procedure_gives_the_results_that_it_names_and_no_other(office: Office) -> None:
    refused = office.draft(result_type="quyet_dinh")
    assert (code_of(refused), refused.json()["detail"]) == (
        (422, "INPUT_INVALID"),
        "Thủ tục này không có loại kết quả đó.",
    )


def test_a_new_draft_stays_with_the_agency_of_the_first(office: Office) -> None:
    result = office.draft().json()["id"]
    office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal")
    back = office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/sending-back", {"reason": "sai tên"})
    assert back.status_code == 201
    page = PageDraft(
        org_code=CENTRE,
        signer_employment=PEOPLE["leader"].employment_id or "",
        capacity=SigningCapacity.KT,
        place="Quảng Yên",
        recipients=(),
        body=BODY,
    )
    appraiser = replace(CLERK, subject_id=PEOPLE["appraiser"].subject_id, role=Role.APPRAISER)
    stranger = replace(appraiser, subject_id=PEOPLE["school_officer"].subject_id)
    for drafted, by in ((page, appraiser), (replace(page, org_code=WARD), stranger)):
        with pytest.raises(Forbidden):
            redraft_result(
                RedraftResult(result_id=result, page=drafted),
                office.installation.services,
                by,
                office.installation.clock.at,
            )
    assert record_of(office, result).state is ResultState.SENT_BACK


def test_only_a_replacement_names_a_new_result(office: Office) -> None:
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    assert office.send_issue(result).status_code == 201
    act = {"act_number": "45/QĐ-UBND", "reason": "sai ngày sinh"}
    path = f"/v1/results/{result}"
    refused = office.send(Role.AUTHORISED_SIGNER, "leader", f"{path}/replacement", act)
    assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
    leader = replace(CLERK, subject_id=PEOPLE["leader"].subject_id, role=Role.AUTHORISED_SIGNER)
    for what, new in ((end_result.ResultAct.RECALL, result), (end_result.ResultAct.REPLACEMENT, None)):
        order = end_result.EndResult(result_id=result, act=what, replaced_by=new, **act)
        with pytest.raises(InputInvalid):
            end_result.end_result(order, office.installation.services, leader, office.installation.clock.at)
    assert record_of(office, result).state is ResultState.ISSUED


def test_a_document_that_moved_meanwhile_takes_the_act_upon_its_result_with_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    assert office.send_issue(result).status_code == 201

    class Older(end_result.Documents):
        def get(self, document_id: str) -> Any:
            found = super().get(document_id)
            return replace(found, version=found.version + 1)

    monkeypatch.setattr(end_result, "Documents", Older)
    act = {"act_number": "45/QĐ-UBND", "reason": "sai ngày sinh"}
    refused = office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/recall", act)
    assert code_of(refused) == (409, "VERSION")
    assert record_of(office, result).state is ResultState.ISSUED


def test_a_conflict_of_versions_is_no_failure_of_a_time_stamp_authority(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = office.installation.services
    failed: list[object] = []
    monkeypatch.setattr("api.usecases.pending_stamps.PendingStamps.failed", lambda *args: failed.append(args))
    with (
        pytest.raises(VersionConflict),
        counting_failures("res_x", services, office.installation.clock.at),
    ):
        raise VersionConflict
    assert not failed


def test_a_database_that_is_away_is_nobodys_refusal(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails the request, so that the same request may come again: no item is told that it was refused."""

    def away(*_args: object) -> None:
        raise DatabaseUnreachable

    services, at = office.installation.services, office.installation.clock.at
    monkeypatch.setattr(complete_preparation, "complete_preparation", away)
    with pytest.raises(DatabaseUnreachable):
        list(complete_preparations([CompletePreparation(preparation_id="p", value=b"")], services, CLERK, at))
    monkeypatch.setattr(prepare_results, "planned_result", away)
    order = PrepareResults(
        kind=prepare_results.PreparationKind.SEAL,
        certificate=NamedCertificate(certificate_id=office.certificates["seal_secondary"]),
        result_ids=("res_x",),
    )
    with pytest.raises(DatabaseUnreachable):
        prepare_results.prepare_results(order, services, CLERK, at)
