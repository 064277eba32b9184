"""Electronic copies under the agency's seal: SAO Y, SAO LỤC, TRÍCH SAO (I11; Decree 30/2020 Art. 25)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from api.callers import Role
from api.records.copies import CertifiedCopies, CopyState
from api.records.demonstration import PEOPLE, SCHOOL, WARD
from api.records.numbers import NumberRegister, NumberState
from api.usecases.copy_numbers import SERIES, short_name
from api.usecases.keep_copy import LATE_SEALED_COPY, complete_sealed_copy
from api.usecases.pending_stamps import pending_of
from api.worker import BODIES
from signing.ca import TIMESTAMP, service_credential
from signing.identity import CertificateClass
from signing.pades.pages import opened_pages
from signing.registry_sql import RegistrySql
from tests.api.away_units import no_time_unit
from tests.api.counter import Counter, code_of, counter, officers_copy, reading
from tests.api.office import Office, open_office
from tests.api.strict_status import imported_row, refusing_unknown_status
from tests.api.vault_story import Story
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.foreign_verifiers import openssl_faults, pdfsig_faults, pyhanko_faults
from tests.fakes.sample_pdf import small
from tests.fakes.small_pki import SmallPki
from vault.catalogue_sql import NewState
from vault.model import DocumentState, Grade, Origin

__all__ = ["counter", "reading"]  # fixtures


@dataclass
class CopyDesk:
    """The ward's desk with both seals: an officer's copy of a paper and an issued result to copy from."""

    counter: Counter
    office: Office
    paper: str
    """Document id of the officer's copy (grade C)."""
    result: str
    """Document id of the issued result (grade A)."""

    @property
    def installation(self) -> Any:
        return self.counter.installation

    def dossier(self) -> str:
        return self.counter.dossier()

    def copy(self, document: str, form: str = "sao_y", figure: str = "clerk", **more: Any) -> Any:
        body = {
            "form": form,
            "dossier_id": more.pop("dossier_id", None) or self.dossier(),
            "certificate_id": self.office.certificates[more.pop("certificate", "seal_secondary")],
        } | more
        return self.office.send(Role.CLERK, figure, f"/v1/documents/{document}/copies", body)

    def read(self, document: str, part: str = "") -> Any:
        path = f"/v1/documents/{document}{part}"
        return self.office.fetch(Role.CLERK, "clerk", f"{path}{'&' if '?' in path else '?'}dossier_id={self.dossier()}")

    def file(self, document: str, role: str = "signed") -> bytes:
        got = self.read(document, f"/content?role={role}")
        assert got.status_code == 200, got.text
        return bytes(got.content)

    def verdict(self, pdf: bytes) -> dict[str, Any]:
        form = {"file": ("a.pdf", pdf, "application/pdf")}
        return dict(self.installation.client.post("/v1/verifications", files=form).json())


def issued(office: Office) -> str:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    done = office.send_issue(result)
    assert done.status_code == 201, done.text
    return str(done.json()["document_id"])


@pytest.fixture(scope="module")
def desk(counter: Counter) -> CopyDesk:
    office = open_office(counter.installation)
    return CopyDesk(counter, office, officers_copy(counter, "91/2020"), issued(office))


def test_a_true_copy_is_sealed_by_the_clerk_alone_and_kept_beside_its_source(desk: CopyDesk) -> None:
    source = desk.read(desk.paper).json()
    done = desk.copy(desk.paper)
    assert done.status_code == 201, done.text
    copy = done.json()
    assert (copy["form"], copy["state"], copy["source_document_id"]) == ("sao_y", "stored", desk.paper)
    assert copy["number"].endswith("/SY-UBND")

    stored = desk.read(copy["document_id"]).json()
    assert (stored["grade"], stored["origin"]) == ("b_certified_copy", "converted_from_paper")
    assert stored["document_number"] == copy["number"]
    assert stored["fields"]["copy_of_sha256"] == copy["source_sha256"]
    assert stored["fields"]["copy_of_number"] == source["document_number"]
    pdf = desk.file(copy["document_id"])
    report = desk.verdict(pdf)
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    (signature,) = [one for one in report["signatures"] if one["kind"] == "signature"]
    assert (signature["certificate"]["class"], signature["covers_whole_file"]) == ("org_seal", False)
    assert desk.verdict(desk.file(desk.paper))["verdict"] == "valid"  # the source is as it was
    with opened_pages(pdf) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "CHUYỂN ĐỔI TỪ BẢN GIẤY" in text  # I23 goes with the pages


def test_mark_e_names_form_agency_and_time_at_the_top_right(desk: CopyDesk) -> None:
    pdf = desk.file(desk.copy(desk.paper).json()["document_id"])
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (field,) = document.Root.AcroForm.Fields
        left, _, right, top = (float(side) for side in field.Rect)
        box = [float(side) for side in document.pages[0].cropbox]
        assert 0 <= box[2] - right <= 9
        assert top > (box[1] + box[3]) / 2
        assert right - left == pytest.approx(170, abs=0.1)
        assert "SAO Y" in str(field.V.Reason)
        document.flatten_annotations("all")
        flat = io.BytesIO()
        document.save(flat)
    with opened_pages(flat.getvalue()) as shown:
        text = shown[0].get_textpage().get_text_bounded()
    assert "SAO Y;" in text
    assert "+07:00" in text


def test_the_page_that_is_sealed_is_pdf_a_and_holds_nothing_of_the_sources_form(desk: CopyDesk) -> None:
    pdf = desk.file(desk.copy(desk.result, "trich_sao", pages=[1]).json()["document_id"])
    before = pdf[: pdf.rindex(b"%%EOF", 0, pdf.index(b"/ByteRange")) + 6]
    with pikepdf.open(io.BytesIO(before)) as document:
        assert not pdfa.check(document, "2b").violations
        assert "/AcroForm" not in document.Root
        assert "/DSS" not in document.Root
        assert "/Annots" not in document.pages[0]


@pytest.mark.service
def test_verifiers_that_are_not_ours_find_no_fault_in_copies(desk: CopyDesk, tmp_path: Path) -> None:
    extract = desk.copy(desk.result, "trich_sao", pages=[1]).json()["document_id"]
    certified = desk.copy(desk.paper).json()["document_id"]
    for document in (desk.paper, certified, extract):
        pdf = desk.file(document)
        for verifier in (pdfsig_faults, openssl_faults, pyhanko_faults):
            assert verifier(pdf, tmp_path) == [], (document, verifier)


def test_numbers_of_all_forms_are_one_series_without_a_gap(desk: CopyDesk) -> None:
    first = desk.copy(desk.paper).json()["number"]
    second = desk.copy(desk.result, "trich_sao", pages=[1]).json()["number"]
    assert int(second.split("/")[0]) == int(first.split("/")[0]) + 1
    assert second.endswith("/TrS-UBND")
    with desk.installation.services.db.reading() as tx:
        entries = NumberRegister(tx).entries(WARD, 2026, SERIES)
    assert [one.number for one in entries] == list(range(1, len(entries) + 1))
    assert {one.state for one in entries} == {NumberState.USED}


def test_the_abbreviation_of_an_agency_comes_from_its_name() -> None:
    assert short_name("Ủy ban nhân dân phường Yên Giang") == "UBND"
    assert short_name("Sở Tư pháp") == "STP"


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "form", "pages"),
    [
        ("result", "sao_y", []),  # what was born digital is passed on itself
        ("result", "sao_luc", []),
        ("paper", "sao_y", [1]),
        ("result", "trich_sao", []),
        ("result", "trich_sao", [2]),
        ("result", "trich_sao", [1, 1]),
    ],
)
def test_a_form_that_the_decree_does_not_know_is_refused(
    desk: CopyDesk, source: str, form: str, pages: list[int]
) -> None:
    assert code_of(desk.copy(getattr(desk, source), form, pages=pages)) == (409, "COPY_FORM")


def test_a_copy_of_a_copy_is_made_of_a_copy(desk: CopyDesk) -> None:
    copy = desk.copy(desk.paper).json()["document_id"]
    assert code_of(desk.copy(copy)) == (409, "COPY_FORM")
    again = desk.copy(copy, "sao_luc")
    assert again.status_code == 201, again.text
    fields = desk.read(again.json()["document_id"]).json()["fields"]
    assert (fields["copy_form"], fields["copy_of_document"]) == ("SAO LỤC", copy)


def test_a_page_that_is_not_there_is_not_extracted(desk: CopyDesk) -> None:
    assert code_of(desk.copy(desk.result, "trich_sao", pages=[1, 7])) == (422, "COPY_IMPOSSIBLE")


def test_a_persons_certificate_or_a_seal_outside_its_scope_seals_no_copy(desk: CopyDesk) -> None:
    assert code_of(desk.copy(desk.paper, certificate="leader")) == (403, "SIG_CERT_HOLDER")
    assert code_of(desk.copy(desk.paper, certificate="seal_primary")) == (403, "SIG_CERT_HOLDER")
    enrolment = desk.office.send(
        Role.RECEPTION_OFFICER,
        "reception_officer",
        "/v1/dossiers",
        {
            "procedure_code": "9.000002",
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": WARD,
            "channel": "counter",
        },
    ).json()
    assert code_of(desk.copy(desk.paper, dossier_id=enrolment["id"])) == (409, "SIG_CERT_SCOPE")


def test_where_status_must_be_known_no_copy_is_sealed_without_it(desk: CopyDesk) -> None:
    installation = desk.installation
    pki = SmallPki()
    seal = pki.credential(certificate_class=CertificateClass.ORG_SEAL)
    desk.office.certificates["unknown"] = imported_row(
        installation,
        seal,
        "clerk",
        certificate_id="cert_" + "0" * 25 + "9",
        certificate_class=CertificateClass.ORG_SEAL,
        key_id="key_nobody_uses",
        org_code=WARD,
    )
    with refusing_unknown_status(installation):
        assert code_of(desk.copy(desk.paper, certificate="unknown")) == (503, "STATUS_UNKNOWN")
    # the policy was all that stood in the way: without it the (missing) key would be used
    assert code_of(desk.copy(desk.paper, certificate="unknown"))[1] != "STATUS_UNKNOWN"


def test_only_the_agency_that_answers_for_the_document_copies_it(desk: CopyDesk) -> None:
    headers = desk.installation.headers(Role.CLERK, "school_officer", SCHOOL)
    body = {
        "form": "sao_y",
        "dossier_id": desk.dossier(),
        "certificate_id": desk.office.certificates["seal_secondary"],
    }
    answer = desk.installation.client.post(f"/v1/documents/{desk.paper}/copies", json=body, headers=headers)
    assert code_of(answer) == (404, "DOCUMENT_NOT_FOUND")
    officer = desk.office.send(Role.RECEPTION_OFFICER, "reception_officer", f"/v1/documents/{desk.paper}/copies", body)
    assert code_of(officer) == (403, "ROLE_MISSING")


def set_state(desk: CopyDesk, document: str, state: DocumentState) -> None:
    services = desk.installation.services
    with services.db.transaction() as tx:
        found = services.vault.describe(tx, document).document
        assert services.vault.change_state(
            tx, NewState(document_id=found.document_id, seen_version=found.version, state=state)
        )


def test_what_is_not_in_force_is_not_copied(desk: CopyDesk) -> None:
    document = officers_copy(desk.counter, "92/2020")
    set_state(desk, document, DocumentState.REVOKED)
    assert code_of(desk.copy(document)) == (409, "COPY_SOURCE_UNFIT")


def deposit(desk: CopyDesk, **changes: object) -> str:
    """A document of the vault past the desk, as grade C of a paper unless said otherwise."""
    services = desk.installation.services
    values: dict[str, object] = {"grade": Grade.C_OFFICER_COPY, "origin": Origin.CONVERTED_FROM_PAPER}
    story = Story(services, desk.installation.clock.at)
    return str(story.deposit(**({"content": small()} | values | changes)).document_id)


def test_what_nobody_signed_is_not_copied(desk: CopyDesk) -> None:
    assert code_of(desk.copy(deposit(desk))) == (409, "COPY_SOURCE_UNFIT")
    own_upload = deposit(desk, grade=Grade.D_UNVERIFIED, content=small() + b"%1")
    refused = desk.copy(own_upload)
    assert (code_of(refused), refused.json()["detail"]) == ((409, "COPY_SOURCE_UNFIT"), "Tệp do công dân tự tải lên.")
    damaged = bytearray(desk.file(desk.paper))
    damaged[2000] ^= 1
    assert code_of(desk.copy(deposit(desk, content=bytes(damaged)))) == (409, "COPY_SOURCE_UNFIT")


def test_a_consent_to_read_is_no_right_to_certify(desk: CopyDesk) -> None:
    document, dossier = deposit(desk, custodian_org=SCHOOL, content=small() + b"%2"), desk.dossier()
    given = {"document_ids": [document], "receiver_dossier_id": dossier, "purpose": "birth_extract"}
    consent = desk.office.send(Role.CITIZEN, "mother", "/v1/consents", given)
    assert consent.status_code == 201, consent.text
    assert code_of(desk.copy(document, dossier_id=dossier)) == (403, "FORBIDDEN")


def prepare(desk: CopyDesk) -> Any:
    body = {
        "form": "sao_y",
        "dossier_id": desk.dossier(),
        "certificate_id": desk.office.certificates["seal_secondary"],
    }
    path = f"/v1/documents/{desk.paper}/copies/signature-preparation"
    return desk.office.send(Role.CLERK, "clerk", path, body)


def test_what_was_prepared_and_never_sealed_is_forgotten(desk: CopyDesk) -> None:
    asked = prepare(desk)
    assert asked.status_code == 201, asked.text
    services, clock = desk.installation.services, desk.installation.clock
    with services.db.reading() as tx:
        first = CertifiedCopies(tx).under(asked.json()["id"])
        assert first is not None
        assert services.vault.work.slots(tx, first.copy_id) != ()
    before = clock.at
    clock.forward(hours=2)
    assert prepare(desk).status_code == 201
    clock.at = before
    with services.db.reading() as tx:
        assert CertifiedCopies(tx).under(asked.json()["id"]) is None
        assert services.vault.work.slots(tx, first.copy_id) == ()


def told_of_copies(desk: CopyDesk, document: str) -> list[tuple[str, str | None]]:
    query = f"/v1/audit-events?object_id={document}"
    events = desk.installation.client.get(query, headers=desk.installation.headers(Role.AUDITOR)).json()["items"]
    return [(one["outcome"], one["reason_code"]) for one in events if one["action"] == "certify_copy"]


def test_a_refused_copy_stands_in_the_ledger_and_so_does_one_refused_when_prepared(desk: CopyDesk) -> None:
    before = told_of_copies(desk, desk.result).count(("refused", "COPY_FORM"))
    assert code_of(desk.copy(desk.result)) == (409, "COPY_FORM")
    body = {"form": "sao_y", "dossier_id": desk.dossier(), "certificate_id": desk.office.certificates["seal_secondary"]}
    path = f"/v1/documents/{desk.result}/copies/signature-preparation"
    assert code_of(desk.office.send(Role.CLERK, "clerk", path, body)) == (409, "COPY_FORM")
    assert told_of_copies(desk, desk.result).count(("refused", "COPY_FORM")) == before + 2


# --- later, and under a passkey ----------------------------------------------------------------------


@pytest.fixture
def without_time(desk: CopyDesk) -> Iterator[FailingKeys]:
    """The desk while the time-stamp unit is away."""
    with no_time_unit(desk.installation) as keys:
        yield keys


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_a_copy_without_time_stamp_waits_and_has_no_number_yet(desk: CopyDesk, without_time: FailingKeys) -> None:
    services = desk.installation.app.state.services
    sealed = desk.copy(desk.paper)
    assert (sealed.status_code, sealed.json()["state"], sealed.json()["number"]) == (202, "sealed", None)
    waiting = pending_of(sealed.json()["id"], services)
    assert waiting is not None
    assert ("allowed", None) in told_of_copies(desk, desk.paper)
    without_time.refuses = lambda _key_id: False
    assert LATE_SEALED_COPY in BODIES
    complete_sealed_copy(services, {"copy_id": sealed.json()["id"]}, progress)
    complete_sealed_copy(services, {"copy_id": sealed.json()["id"]}, progress)
    with services.db.reading() as tx:
        record = CertifiedCopies(tx).get(sealed.json()["id"])
    assert record.state is CopyState.STORED
    assert record.document_id is not None
    assert desk.verdict(desk.file(record.document_id))["verdict"] == "valid"


def test_a_source_that_was_withdrawn_takes_its_waiting_copy_with_it(desk: CopyDesk, without_time: FailingKeys) -> None:
    services = desk.installation.app.state.services
    without_time.refuses = lambda _key_id: False
    document = officers_copy(desk.counter, "93/2020")
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=desk.installation.clock.at).key_id
    without_time.refuses = lambda key_id: key_id == unit
    sealed = desk.copy(document)
    assert sealed.status_code == 202, sealed.text
    set_state(desk, document, DocumentState.RECALLED)
    without_time.refuses = lambda _key_id: False
    complete_sealed_copy(services, {"copy_id": sealed.json()["id"]}, progress)
    with services.db.reading() as tx:
        assert CertifiedCopies(tx).get(sealed.json()["id"]).state is CopyState.WITHDRAWN
    assert pending_of(sealed.json()["id"], services) is None
    assert ("refused", "COPY_SOURCE_UNFIT") in told_of_copies(desk, document)
    with services.db.reading() as tx:
        assert services.vault.work.slots(tx, sealed.json()["id"]) == ()
