"""Certified copies under a seal in the clerk's own token: the same checks as in the service (I10, I11, I13, I17)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Caller, Role
from api.errors import NotFound, RoleMissing
from api.records.copies import CERTIFIED_COPIES, CertifiedCopies, CopyState
from api.records.demonstration import DEPARTMENT, WARD
from api.records.numbers import NumberRegister, NumberState
from api.records.organisations import Organisations, OrgStatus
from api.records.signature_preparations import SIGNATURE_PREPARATIONS, PreparationState, SignaturePreparations
from api.usecases import store_completed
from api.usecases.complete_preparation import CompletePreparation, complete_preparation
from api.usecases.copy_numbers import SERIES
from api.usecases.keep_copy import complete_sealed_copy
from api.usecases.pending_stamps import pending_of
from api.usecases.read_certified_copy import read_certified_copy
from api.usecases.sweep_preparations import sweep_preparations
from signing.pades.pages import opened_pages
from tests.api.away_units import no_time_unit
from tests.api.counter import Counter, code_of, counter, officers_copy, reading
from tests.api.token_holders import PATH, Holder, TokenOffice, open_token_office
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.foreign_verifiers import openssl_faults, pdfsig_faults, pyhanko_faults
from vault.catalogue_sql import NewState
from vault.model import DocumentState

__all__ = ["counter", "reading"]  # fixtures


@dataclass
class TokenCopyDesk:
    """The ward's desk, whose second seal is in the clerk's token, and a paper to copy from."""

    counter: Counter
    ward: TokenOffice
    paper: str
    """Document id of an officer's copy (grade C)."""
    dossier: str

    @property
    def installation(self) -> Any:
        return self.counter.installation

    @property
    def seal(self) -> Holder:
        return self.ward.seal

    def prepare(self, document: str | None = None, figure: str = "clerk", **more: Any) -> Any:
        """The answer to a copy that is to be sealed by the token."""
        body = {"form": "sao_y", "dossier_id": self.dossier, "certificate_id": self.seal.certificate_id} | more
        path = f"/v1/documents/{document or self.paper}/copies/token-preparation"
        return self.ward.office.send(Role.CLERK, figure, path, body)

    def prepared(self, document: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.prepare(document, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def copy(self, waiting: dict[str, Any]) -> dict[str, Any]:
        """What the service says of the copy."""
        got = self.ward.office.fetch(Role.CLERK, "clerk", f"/v1/certified-copies/{waiting['certified_copy_id']}")
        assert got.status_code == 200, got.text
        return dict(got.json())

    def file(self, document: str) -> bytes:
        path = f"/v1/documents/{document}/content?role=signed&dossier_id={self.dossier}"
        got = self.ward.office.fetch(Role.CLERK, "clerk", path)
        assert got.status_code == 200, got.text
        return bytes(got.content)

    def verdict(self, pdf: bytes) -> dict[str, Any]:
        form = {"file": ("a.pdf", pdf, "application/pdf")}
        return dict(self.installation.client.post("/v1/verifications", files=form).json())

    def numbers(self) -> list[int]:
        """The series of copies: never a gap, nothing left reserved."""
        with self.installation.services.db.reading() as tx:
            entries = NumberRegister(tx).entries(WARD, 2026, SERIES)
        assert {one.state for one in entries} <= {NumberState.USED}
        return [one.number for one in entries]


@pytest.fixture(scope="module")
def desk(counter: Counter, softhsm: Any) -> TokenCopyDesk:
    ward = open_token_office(counter.installation, softhsm)
    return TokenCopyDesk(
        counter=counter, ward=ward, paper=officers_copy(counter, "391/2020"), dossier=counter.dossier()
    )


def test_a_copy_is_sealed_by_the_token_and_stored_with_its_number(desk: TokenCopyDesk, tmp_path: Path) -> None:
    before = desk.numbers()
    waiting = desk.prepared()
    assert (waiting["kind"], waiting["state"], waiting["file"]) == ("sealed_copy", "open", None)
    assert (desk.copy(waiting)["state"], desk.copy(waiting)["number"]) == ("prepared", None)
    assert desk.numbers() == before  # nothing is sealed yet
    done = desk.seal.complete(waiting)
    assert done.status_code == 201, done.text
    assert (done.json()["state"], done.json()["level"]) == ("completed", "B-LT")
    copy = desk.copy(waiting)
    assert (copy["state"], copy["source_document_id"]) == ("stored", desk.paper)
    assert copy["file_sha256"] == done.json()["file_sha256"]
    assert desk.numbers() == [*before, len(before) + 1]
    assert copy["number"] == f"{len(before) + 1:02d}/SY-UBND"

    pdf = desk.file(copy["document_id"])
    report = desk.verdict(pdf)
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    (signature,) = [one for one in report["signatures"] if one["kind"] == "signature"]
    assert signature["certificate"]["class"] == "org_seal"
    for verifier in (pdfsig_faults, openssl_faults, pyhanko_faults):
        assert verifier(pdf, tmp_path) == [], verifier
    with opened_pages(pdf) as document:
        assert "CHUYỂN ĐỔI TỪ BẢN GIẤY" in document[0].get_textpage().get_text_bounded()  # I23 goes with the pages
    again = desk.seal.complete(waiting)
    assert (again.status_code, again.json()["file_sha256"]) == (201, done.json()["file_sha256"])
    assert len(desk.numbers()) == len(before) + 1


def test_every_form_and_a_certificate_named_by_its_fingerprint(desk: TokenCopyDesk) -> None:
    shown = desk.ward.office.fetch(Role.CLERK, "clerk", f"/v1/certificates/{desk.seal.certificate_id}").json()
    by_sha256 = {"certificate_id": None, "certificate_sha256": shown["sha256"]}
    first = desk.prepared(**by_sha256)
    assert desk.seal.complete(first).status_code == 201
    copied = desk.copy(first)["document_id"]
    for form, source, pages, symbol in (
        ("sao_luc", copied, [], "SL-UBND"),
        ("trich_sao", desk.paper, [1], "TrS-UBND"),
    ):
        waiting = desk.prepared(source, form=form, pages=pages)
        assert desk.seal.complete(waiting).status_code == 201
        assert desk.copy(waiting)["number"].split("/")[1] == symbol
        assert desk.verdict(desk.file(desk.copy(waiting)["document_id"]))["verdict"] == "valid"
    for body in ({"certificate_sha256": shown["sha256"]}, {"certificate_id": None}):
        assert code_of(desk.prepare(**body)) == (422, "INPUT_INVALID")
    assert code_of(desk.prepare(certificate_id=None, certificate_sha256="0" * 64))[1] == "CERT_UNKNOWN"


def test_a_request_repeated_under_its_key_prepares_once(desk: TokenCopyDesk) -> None:
    headers = desk.seal.headers()
    body = {"form": "sao_y", "dossier_id": desk.dossier, "certificate_id": desk.seal.certificate_id}
    path = f"/v1/documents/{desk.paper}/copies/token-preparation"
    answers = [desk.installation.client.post(path, json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == f"{PATH}/{answers[0].json()['id']}"


def test_what_sealing_in_the_service_refuses_is_refused_to_a_token_too_with_a_line_in_the_ledger(
    desk: TokenCopyDesk,
) -> None:
    before = told(desk, desk.paper, "certify_copy").count(("refused", "COPY_FORM"))
    assert code_of(desk.prepare(pages=[1])) == (409, "COPY_FORM")
    assert told(desk, desk.paper, "certify_copy").count(("refused", "COPY_FORM")) == before + 1
    certificates = desk.ward.office.certificates
    assert code_of(desk.prepare(certificate_id=certificates["leader"])) == (403, "SIG_CERT_HOLDER")
    assert code_of(desk.prepare(certificate_id=certificates["seal_primary"], figure="ward_clerk")) == (
        409,
        "SIG_KEY_ON_SERVER",
    )
    in_service = {"form": "sao_y", "dossier_id": desk.dossier, "certificate_id": desk.seal.certificate_id}
    kept = desk.ward.office.send(Role.CLERK, "clerk", f"/v1/documents/{desk.paper}/copies", in_service)
    assert code_of(kept) == (409, "SIG_KEY_ON_TOKEN")


def told(desk: TokenCopyDesk, subject: str, action: str) -> list[tuple[str, str | None]]:
    query = f"/v1/audit-events?object_id={subject}"
    events = desk.installation.client.get(query, headers=desk.installation.headers(Role.AUDITOR)).json()["items"]
    return [(one["outcome"], one["reason_code"]) for one in events if one["action"] == action]


def test_the_ledger_tells_who_prepared_and_completed_which_copy(desk: TokenCopyDesk) -> None:
    waiting = desk.prepared()
    assert desk.seal.complete(waiting).status_code == 201
    assert told(desk, waiting["id"], "prepare_signature") == [("allowed", None)]
    assert told(desk, waiting["id"], "complete_signature") == [("allowed", None)]
    assert told(desk, desk.copy(waiting)["document_id"], "certify_copy") == [("allowed", None)]


def test_a_wrong_value_seals_nothing_and_leaves_the_preparation_usable(desk: TokenCopyDesk) -> None:
    waiting, other, before = desk.prepared(), desk.prepared(), desk.numbers()
    assert code_of(desk.seal.complete(waiting, desk.seal.value(other))) == (422, "SIGNATURE_VALUE_WRONG")
    assert code_of(desk.seal.complete(waiting, b"\x01" * 64)) == (422, "SIGNATURE_VALUE_WRONG")
    assert (desk.copy(waiting)["state"], desk.numbers()) == ("prepared", before)
    assert desk.seal.complete(waiting).status_code == 201
    assert desk.seal.complete(other).status_code == 201  # two copies of one paper: a number each
    assert desk.copy(waiting)["number"] != desk.copy(other)["number"]


def test_what_expires_or_is_withdrawn_takes_no_number_and_no_value(desk: TokenCopyDesk) -> None:
    services, clock = desk.installation.services, desk.installation.clock
    late, given_up, before = desk.prepared(), desk.prepared(), desk.numbers()
    value = desk.seal.value(late)
    path = f"{PATH}/{given_up['id']}"
    assert desk.installation.client.delete(path, headers=desk.seal.headers()).status_code == 204
    assert code_of(desk.seal.complete(given_up)) == (409, "SIGNATURE_PREPARATION_WITHDRAWN")
    start = clock.at
    clock.forward(minutes=services.settings.preparation_minutes, seconds=1)
    assert code_of(desk.seal.complete(late, value)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert sweep_preparations(services, clock.at)["expired"] >= 1
    assert code_of(desk.seal.complete(late, value)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert desk.numbers() == before
    with services.db.reading() as tx:
        assert [services.vault.work.slots(tx, one["id"]) for one in (late, given_up)] == [(), ()]
    clock.forward(hours=1)
    assert desk.prepare().status_code == 201
    with services.db.reading() as tx:  # and the next one forgets that it was ever begun
        assert [CertifiedCopies(tx).find(one["certified_copy_id"]) for one in (late, given_up)] == [None, None]
    clock.at = start


def test_a_preparation_that_may_wait_two_hours_is_not_forgotten_after_one(desk: TokenCopyDesk) -> None:
    services, clock = desk.installation.app.state.services, desk.installation.clock
    patient = replace(services, settings=services.settings.model_copy(update={"preparation_minutes": 120}))
    desk.installation.app.state.services = patient
    try:
        waiting, start = desk.prepared(), clock.at
        clock.forward(minutes=119)
        desk.prepared()
        assert desk.seal.complete(waiting).status_code == 201
        clock.at = start
    finally:
        desk.installation.app.state.services = services


def test_a_copy_that_is_forgotten_meanwhile_is_prepared_anew(desk: TokenCopyDesk) -> None:
    """The time to wait was shortened by whoever looks after the service, and the copy counts as abandoned."""
    services, waiting = desk.installation.services, desk.prepared()
    with services.db.transaction() as tx:
        CertifiedCopies(tx).drop(CertifiedCopies(tx).get(waiting["certified_copy_id"]))
    assert code_of(desk.seal.complete(waiting)) == (409, "SIGNATURE_PREPARATION_STALE")


def test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it(desk: TokenCopyDesk) -> None:
    waiting, before = desk.prepared(), desk.numbers()
    values = [desk.seal.value(waiting) for _ in range(2)]  # an ECDSA value is another one each time
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda value: desk.seal.complete(waiting, value), values))
    assert [one.status_code for one in answers] == [201, 201], [one.text for one in answers]
    assert len({one.json()["file_sha256"] for one in answers}) == 1
    assert len(desk.numbers()) == len(before) + 1


def test_two_clerks_neither_see_nor_complete_each_others_preparations(desk: TokenCopyDesk) -> None:
    waiting = desk.prepared()
    other = replace(desk.seal, figure="ward_clerk")
    assert code_of(other.complete(waiting)) == (404, "NOT_FOUND")
    assert other.fetch(f"{PATH}/{waiting['id']}").status_code == 404
    assert desk.installation.client.delete(f"{PATH}/{waiting['id']}", headers=other.headers()).status_code == 404
    assert desk.seal.complete(waiting).status_code == 201
    # what became of it concerns the whole agency, and no other one
    path = f"/v1/certified-copies/{waiting['certified_copy_id']}"
    assert desk.ward.office.fetch(Role.CLERK, "ward_clerk", path).json()["number"] == desk.copy(waiting)["number"]
    headers = desk.installation.headers(Role.CLERK, "administrator", DEPARTMENT)
    for one in (path, "/v1/certified-copies/cpy_" + "0" * 26):
        answer = desk.installation.client.get(one, headers=headers)
        assert (code_of(answer), answer.json()["detail"]) == ((404, "NOT_FOUND"), "Không có bản sao này.")


def test_the_seal_is_set_by_a_clerk_only(desk: TokenCopyDesk) -> None:
    """The value comes by a route that citizens and officials of every role have."""
    waiting, services, at = desk.prepared(), desk.installation.services, desk.installation.clock.at
    command = CompletePreparation(preparation_id=waiting["id"], value=desk.seal.value(waiting))
    with services.db.reading() as tx:
        found = SignaturePreparations(tx).get(waiting["id"])
    sitting_at_the_counter = Caller(
        account_id=found.account_id, subject_id=found.subject_id, role=Role.RECEPTION_OFFICER, org_code=WARD
    )
    with pytest.raises(RoleMissing):
        complete_preparation(command, services, sitting_at_the_counter, at)
    assert desk.copy(waiting)["state"] == "prepared"
    clerk = replace(sitting_at_the_counter, role=Role.CLERK)
    assert complete_preparation(command, services, clerk, at).state is PreparationState.COMPLETED


def set_state(desk: TokenCopyDesk, document: str, state: DocumentState) -> None:
    services = desk.installation.services
    with services.db.transaction() as tx:
        found = services.vault.describe(tx, document).document
        assert services.vault.change_state(
            tx, NewState(document_id=found.document_id, seen_version=found.version, state=state)
        )


def test_a_source_that_is_withdrawn_before_the_value_comes_is_not_copied(desk: TokenCopyDesk) -> None:
    document, before = officers_copy(desk.counter, "392/2020"), desk.numbers()
    waiting = desk.prepared(document)
    set_state(desk, document, DocumentState.RECALLED)
    assert code_of(desk.prepare(document)) == (409, "COPY_SOURCE_UNFIT")
    assert code_of(desk.seal.complete(waiting)) == (409, "COPY_SOURCE_UNFIT")
    assert (desk.copy(waiting)["state"], desk.numbers()) == ("prepared", before)
    assert told(desk, waiting["id"], "complete_signature") == [("refused", "COPY_SOURCE_UNFIT")]


@pytest.mark.parametrize("other", ["file", "agency"])
def test_a_source_that_is_another_file_or_another_agencys_by_then_is_prepared_anew(
    desk: TokenCopyDesk, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """The page says of which file it is the copy, by its SHA-256, and mark E which agency made it."""
    waiting, before, plan = desk.prepared(), desk.numbers(), store_completed.plan_copy

    def moved_on(*arguments: Any, **more: Any) -> Any:
        planned = plan(*arguments, **more)
        source, agency = planned.source, planned.source.agency
        changes = {"file": {"sha256": "0" * 64}, "agency": {"agency": replace(agency, org_code=DEPARTMENT)}}
        return replace(planned, source=replace(source, **changes[other]))

    monkeypatch.setattr(store_completed, "plan_copy", moved_on)
    assert code_of(desk.seal.complete(waiting)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert desk.numbers() == before
    monkeypatch.undo()
    assert desk.seal.complete(waiting).status_code == 201


def test_the_sweep_comes_while_a_copy_is_being_sealed(desk: TokenCopyDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparation, number, document and copy move in one transaction: when the one cannot, the others do not."""
    services, now = desk.installation.services, desk.installation.clock.at
    waiting, before, made = desk.prepared(), desk.numbers(), store_completed.complete_step

    def slow(*arguments: Any) -> Any:
        sweep_preparations(services, now + timedelta(minutes=services.settings.preparation_minutes + 1))
        return made(*arguments)

    monkeypatch.setattr(store_completed, "complete_step", slow)
    assert code_of(desk.seal.complete(waiting)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    copy = desk.copy(waiting)
    assert (copy["state"], copy["number"], copy["document_id"]) == ("prepared", None, None)
    assert desk.numbers() == before


@pytest.fixture
def without_time(desk: TokenCopyDesk) -> Iterator[FailingKeys]:
    """The desk while the time-stamp unit is away."""
    with no_time_unit(desk.installation) as keys:
        yield keys


def test_without_a_time_stamp_the_copy_is_sealed_and_stored_when_it_has_one(
    desk: TokenCopyDesk, without_time: FailingKeys
) -> None:
    before, waiting = desk.numbers(), desk.prepared()
    done = desk.seal.complete(waiting)
    assert (done.status_code, done.json()["state"], done.json()["level"]) == (201, "completed", "B-B")
    assert (desk.copy(waiting)["state"], desk.copy(waiting)["number"]) == ("sealed", None)
    assert desk.numbers() == before
    without_time.refuses = lambda _key_id: False
    services = desk.installation.app.state.services
    for _ in range(2):
        complete_sealed_copy(services, {"copy_id": waiting["certified_copy_id"]}, lambda _done, _total, _label: None)
    copy = desk.copy(waiting)
    assert copy["state"] == CopyState.STORED.value
    assert desk.numbers() == [*before, len(before) + 1]
    assert desk.verdict(desk.file(copy["document_id"]))["verdict"] == "valid"


def test_the_sweep_comes_while_a_copy_is_being_sealed_without_time_stamp(
    desk: TokenCopyDesk, without_time: FailingKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, now = desk.installation.services, desk.installation.clock.at
    waiting, made = desk.prepared(), store_completed.complete_step

    def slow(*arguments: Any) -> Any:
        sweep_preparations(services, now + timedelta(minutes=services.settings.preparation_minutes + 1))
        return made(*arguments)

    monkeypatch.setattr(store_completed, "complete_step", slow)
    assert without_time is desk.installation.app.state.services.keys
    assert code_of(desk.seal.complete(waiting)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert desk.copy(waiting)["state"] == "prepared"
    assert pending_of(waiting["certified_copy_id"], services) is None


def test_who_has_as_many_waiting_as_one_may_prepares_no_copy(
    desk: TokenCopyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.usecases.waiting_signatures.MAX_WAITING", 0)
    assert code_of(desk.prepare()) == (409, "SIGNATURE_PREPARATIONS_FULL")


def test_what_cannot_be_kept_is_not_half_prepared(desk: TokenCopyDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy and preparation are recorded together: neither of them waits alone."""
    services = desk.installation.services

    def rows() -> list[int]:
        tables = (CERTIFIED_COPIES, SIGNATURE_PREPARATIONS)
        with services.db.reading() as tx:
            return [tx.execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in tables]

    before = rows()

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(CertifiedCopies, "add", die)
    assert desk.prepare().status_code == 500
    assert rows() == before


def test_the_successor_asks_what_became_of_the_copies_of_an_agency_that_merged(desk: TokenCopyDesk) -> None:
    """I32."""
    waiting, services, at = desk.prepared(), desk.installation.services, desk.installation.clock.at
    with services.db.transaction() as tx:
        ward = Organisations(tx).get(WARD)
        Organisations(tx).add(
            replace(ward, org_code="H99.99", status=OrgStatus.CLOSED, successor_code=WARD, valid_to=at)
        )
        copies = CertifiedCopies(tx)
        copies.change(copies.get(waiting["certified_copy_id"]), at=at, org_code="H99.99")
    assert desk.copy(waiting)["state"] == "prepared"


def test_a_system_is_of_no_agency(desk: TokenCopyDesk) -> None:
    waiting, services, at = desk.prepared(), desk.installation.services, desk.installation.clock.at
    system = Caller(account_id="acc_x", subject_id=None, role=Role.CLERK, org_code=WARD)
    with pytest.raises(NotFound):
        read_certified_copy(waiting["certified_copy_id"], services, system, at)


def test_a_copy_that_is_forgotten_while_it_is_being_sealed_leaves_nothing_behind(
    desk: TokenCopyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, waiting = desk.installation.services, desk.prepared()
    before, made = desk.numbers(), store_completed.complete_step

    def slow(*arguments: Any) -> Any:
        with services.db.transaction() as tx:
            CertifiedCopies(tx).drop(CertifiedCopies(tx).get(waiting["certified_copy_id"]))
        return made(*arguments)

    monkeypatch.setattr(store_completed, "complete_step", slow)
    assert code_of(desk.seal.complete(waiting)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert desk.numbers() == before
    assert desk.seal.fetch(f"{PATH}/{waiting['id']}").json()["state"] == "open"
