"""Copies of papers and documents: what waits, was prepared or is printed is looked at again (I11, I17)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Caller, Role
from api.db import to_micros
from api.errors import Forbidden, SecondFactorRequired
from api.records.copies import CertifiedCopies, CopyState
from api.records.demonstration import CENTRE, PEOPLE, WARD
from api.records.tables import EMPLOYMENTS
from api.usecases import accept_digitisation, copy_source, keep_copy, late_copy
from api.usecases.convert_to_paper import PRINT_SLOT
from api.usecases.pending_stamps import pending_of
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf
from tests.api.away_units import no_time_unit
from tests.api.counter import Counter, code_of, confirmed, counter, officers_copy, reading, seen
from tests.api.office import issue_certificate, official, open_office
from tests.api.test_certified_copies import CopyDesk, issued
from tests.api.vault_story import Story
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.sample_pdf import small
from vault.errors import AccessDenied, IntegrityMismatch
from vault.model import CitizenId, Grade, Origin

__all__ = ["counter", "reading"]  # fixtures

OFFICER = "reception_officer"


@pytest.fixture(scope="module")
def desk(counter: Counter) -> CopyDesk:
    office = open_office(counter.installation)
    return CopyDesk(counter, office, officers_copy(counter, "191/2020"), issued(office))


@pytest.fixture
def without_time(desk: CopyDesk) -> Iterator[FailingKeys]:
    """The desk while the time-stamp unit is away."""
    with no_time_unit(desk.installation) as keys:
        yield keys


def exchange(desk: CopyDesk, record_id: str, slot: str, content: bytes) -> None:
    """Another file in a work slot, as an intruder in store and database could."""
    services, at = desk.installation.app.state.services, desk.installation.clock.at
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(PEOPLE["child"].subject_id), at)
    staged = services.vault.work.stage(
        key, record_id=record_id, slot=slot, media_type="application/pdf", content=content, at=at
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def without_evidence(pdf: bytes, **_given: Any) -> SignedPdf:
    """A completion that completes nothing."""
    return SignedPdf(pdf=pdf, sha256="0" * 64, level="B-T", field_name="")


def test_an_officers_copy_is_certified_before_it_is_converted_to_paper(desk: CopyDesk) -> None:
    body = {"dossier_id": desk.dossier()}
    refused = desk.office.send(Role.CLERK, "clerk", f"/v1/documents/{desk.paper}/paper-conversions", body)
    assert code_of(refused) == (409, "COPY_FORM")


def deposited(desk: CopyDesk, content: bytes, **changes: object) -> str:
    values: dict[str, object] = {"grade": Grade.C_OFFICER_COPY, "origin": Origin.CONVERTED_FROM_PAPER}
    story = Story(desk.installation.services, desk.installation.clock.at)
    return str(story.deposit(content=content, **(values | changes)).document_id)


def test_a_source_is_in_force_certified_and_a_pdf(desk: CopyDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    content, at = desk.file(desk.paper), desk.installation.clock.at
    expired = desk.copy(deposited(desk, content, valid_to=at - timedelta(seconds=1)))
    assert code_of(expired) == (409, "COPY_SOURCE_UNFIT")
    uploaded = desk.copy(deposited(desk, content, grade=Grade.D_UNVERIFIED))
    assert code_of(uploaded)[1] in {"COPY_FORM", "COPY_SOURCE_UNFIT"}
    good = deposited(desk, content, valid_to=at + timedelta(days=1))
    with monkeypatch.context() as patched:
        patched.setattr(copy_source, "_PDF", "image/png")
        assert code_of(desk.copy(good)) == (409, "COPY_SOURCE_UNFIT")
    assert desk.copy(good).status_code == 201


def test_who_has_no_post_in_the_agency_or_acts_for_another_copies_nothing(desk: CopyDesk) -> None:
    services, at = desk.installation.services, desk.installation.clock.at
    clerk = Caller(account_id="acc_x", subject_id=PEOPLE["clerk"].subject_id, role=Role.CLERK, org_code=WARD)
    given = (desk.paper, desk.dossier(), services)
    assert copy_source.copy_source(*given, clerk, at).agency.org_code == WARD
    for stranger in (
        replace(clerk, subject_id=PEOPLE["school_officer"].subject_id),
        replace(clerk, subject_id=None),
    ):
        with pytest.raises(Forbidden):
            copy_source.copy_source(*given, stranger, at)
    with pytest.raises((Forbidden, AccessDenied)):
        copy_source.copy_source(*given, replace(clerk, org_code=CENTRE), at)


def test_pages_that_are_not_the_ones_that_were_made_are_not_printed(desk: CopyDesk) -> None:
    body = {"dossier_id": desk.dossier()}
    made = desk.office.send(Role.CLERK, "clerk", f"/v1/documents/{desk.result}/paper-conversions", body)
    assert made.status_code == 201, made.text
    path = f"/v1/paper-conversions/{made.json()['id']}/content"
    assert desk.office.fetch(Role.CLERK, "clerk", path).status_code == 200
    headers = desk.installation.headers(Role.AUDITOR)
    events = desk.installation.client.get(f"/v1/audit-events?object_id={desk.result}", headers=headers).json()["items"]
    assert {"convert_to_paper", "read_conversion"} <= {one["action"] for one in events if one["outcome"] == "allowed"}
    exchange(desk, made.json()["id"], PRINT_SLOT, small())
    read = desk.office.fetch(Role.CLERK, "clerk", path)
    assert code_of(read) == (500, "INTEGRITY_MISMATCH")


def test_a_waiting_copy_is_stored_complete_and_as_it_was_sealed_or_not_at_all(
    desk: CopyDesk, without_time: FailingKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = desk.installation.app.state.services
    copy = desk.copy(desk.paper).json()["id"]
    without_time.refuses = lambda _key_id: False
    with monkeypatch.context() as patched:
        patched.setattr(keep_copy, "augment_pdf", without_evidence)
        with pytest.raises(EvidenceUnavailable):
            keep_copy.complete_sealed_copy(services, {"copy_id": copy}, progress)
    exchange(desk, copy, keep_copy.SIGNED_SLOT, small())
    with pytest.raises(IntegrityMismatch):
        keep_copy.complete_sealed_copy(services, {"copy_id": copy}, progress)
    with services.db.reading() as tx:
        assert CertifiedCopies(tx).get(copy).state is CopyState.SEALED


def test_an_officers_copy_is_stored_complete_or_not_at_all(
    desk: CopyDesk, without_time: FailingKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = desk.counter
    services = desk.installation.app.state.services
    digitisation = confirmed(counter, "192/2020")
    assert counter.accept(digitisation).status_code == 202
    assert pending_of(digitisation, services) is not None
    headers = desk.installation.headers(Role.AUDITOR)
    path = f"/v1/audit-events?object_id={digitisation}"
    events = desk.installation.client.get(path, headers=headers).json()["items"]
    assert ("accept_digitisation", "allowed") in {(one["action"], one["outcome"]) for one in events}
    without_time.refuses = lambda _key_id: False
    with monkeypatch.context() as patched:
        patched.setattr(late_copy, "augment_pdf", without_evidence)
        with pytest.raises(EvidenceUnavailable):
            late_copy.complete_copy(services, {"digitisation_id": digitisation}, progress)
    assert seen(counter, digitisation)["state"] == "signed"


def test_what_was_prepared_with_one_certificate_is_not_accepted_with_another(desk: CopyDesk) -> None:
    counter = desk.counter
    digitisation = confirmed(counter, "193/2020")
    second = issue_certificate(
        desk.installation, official(OFFICER) | {"ordinal": 2, "primary_certificate_id": counter.certificate}
    )
    path = f"/v1/digitisations/{digitisation}"
    asked = counter.post(f"{path}/signature-preparation", json={"certificate_id": counter.certificate})
    assert asked.status_code == 201, asked.text
    under = {"authorisation_id": asked.json()["id"]}
    confirmation = f"/v1/signature-authorisations/{under['authorisation_id']}/confirmation"
    assert counter.post(confirmation, json={}).status_code == 201
    other = counter.post(f"{path}/acceptance", json=under | {"certificate_id": second})
    assert code_of(other) == (409, "SIG_NOT_PREPARED")
    assert counter.post(f"{path}/acceptance", json=under | {"certificate_id": counter.certificate}).status_code == 201


def test_a_paper_is_accepted_with_the_second_factor_of_its_officer(
    desk: CopyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    digitisation = confirmed(desk.counter, "195/2020")

    def required(*_args: object) -> None:
        raise SecondFactorRequired

    monkeypatch.setattr(accept_digitisation, "require_second_factor", required)
    assert desk.counter.accept(digitisation).json()["code"] == "SECOND_FACTOR_REQUIRED"
    assert seen(desk.counter, digitisation)["state"] == "confirmed"


def test_an_officer_who_left_the_agency_signs_no_copy_for_it(desk: CopyDesk) -> None:
    counter, services = desk.counter, desk.installation.services
    digitisation = confirmed(counter, "194/2020")
    mine = EMPLOYMENTS.c.employment_id == PEOPLE[OFFICER].employment_id
    with services.db.transaction() as tx:
        tx.execute(sa.update(EMPLOYMENTS).where(mine).values(valid_to=to_micros(desk.installation.clock.at)))
    try:
        refused = counter.accept(digitisation)
    finally:
        with services.db.transaction() as tx:
            tx.execute(sa.update(EMPLOYMENTS).where(mine).values(valid_to=None))
    assert code_of(refused) == (404, "NOT_FOUND")  # as one that is not there
