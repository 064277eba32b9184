"""Annexes of a result: separate files, mark C, sealed in the same act, kept together (Decree 30/2020 annex I; I11)."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from api.bootstrap import build_authenticator
from api.callers import Caller, Role
from api.errors import AnnexesUnsealed
from api.main import create_app
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.usecases.annex_sealing import LATE_ANNEX, complete_annex
from api.usecases.late_timestamp import add_late_timestamp
from api.usecases.seal_result import SealResult, plan_seal
from api.worker import BODIES
from signing.ca import TIMESTAMP, service_credential
from signing.pades.pages import opened_pages
from signing.registry_sql import RegistrySql
from tests.api.counter import code_of
from tests.api.office import Office, open_office
from tests.fakes import cff_fonts, sample_pdf
from tests.fakes.cff_fonts import Font
from tests.fakes.failing_keys import FailingKeys


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def add(office: Office, result: str, content: bytes, figure: str = "appraiser") -> Any:
    headers = office.installation.headers(Role.APPRAISER, figure)
    files = {"file": ("phu-luc.pdf", content, "application/pdf")}
    return office.installation.client.post(f"/v1/results/{result}/annexes", files=files, headers=headers)


def drafted(office: Office, *annexes: bytes) -> str:
    result = str(office.draft().json()["id"])
    for content in annexes:
        added = add(office, result, content)
        assert added.status_code == 201, added.text
    return result


def signed(office: Office, *annexes: bytes) -> str:
    result = drafted(office, *annexes)
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
    assert office.sign(result).status_code == 201
    return result


def annexes_of(office: Office, result: str) -> list[dict[str, Any]]:
    return list(office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/annexes").json())


def file_of(office: Office, result: str, no: int) -> bytes:
    annex = annexes_of(office, result)[no - 1]["id"]
    got = office.fetch(Role.CLERK, "clerk", f"/v1/annexes/{annex}/content")
    assert got.status_code == 200, got.text
    return bytes(got.content)


def verdict(office: Office, pdf: bytes) -> dict[str, Any]:
    form = {"file": ("a.pdf", pdf, "application/pdf")}
    return dict(office.installation.client.post("/v1/verifications", files=form).json())


def test_annexes_are_sealed_with_the_result_and_stored_beside_it(office: Office) -> None:
    result = signed(office, sample_pdf.page(), sample_pdf.page(landscape=True))
    sealed = office.seal(result)
    assert sealed.status_code == 201, sealed.text
    number = sealed.json()["document_number"]
    first, second = annexes_of(office, result)
    assert (first["no"], second["no"], first["signature_level"]) == (1, 2, "B-LT")
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text
    for annex in annexes_of(office, result):
        dossier = office.send(Role.RECEPTION_OFFICER, "reception_officer", "/v1/dossiers", _dossier_body()).json()["id"]
        stored = office.fetch(Role.CLERK, "clerk", f"/v1/documents/{annex['document_id']}?dossier_id={dossier}").json()
        assert stored["fields"]["annex_of_document"] == issued.json()["document_id"]
        assert stored["document_number"] == f"{number}/PL{annex['no']:02d}"
        report = verdict(office, file_of(office, result, annex["no"]))
        assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
        assert report["document_status"]["vault_match"] == "identical"


def test_the_clerk_sees_the_seal_on_the_main_file_before_it_is_sealed_with_its_annexes(office: Office) -> None:
    result = signed(office, sample_pdf.page())
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    shown = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/mark-preview", seal)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    looked_at = shown.headers["anso-file-sha256"]
    assert (
        office.send(Role.CLERK, "clerk", f"/v1/results/{result}/seal", seal | {"file_sha256": looked_at}).status_code
        == 201
    )


def _dossier_body() -> dict[str, str]:
    return {
        "procedure_code": BIRTH_EXTRACT,
        "applicant_subject_id": PEOPLE["mother"].subject_id,
        "org_code": WARD,
        "channel": "counter",
    }


def test_mark_c_carries_the_number_of_the_main_document_and_the_time(office: Office) -> None:
    result = signed(office, sample_pdf.page())
    number = office.seal(result).json()["document_number"]
    with pikepdf.open(io.BytesIO(file_of(office, result, 1))) as document:
        (field,) = document.Root.AcroForm.Fields
        assert number in str(field.V.Reason)
        page = document.pages[0]
        assert float(page.mediabox[2]) - float(field.Rect[2]) == pytest.approx(8, abs=0.5)
        document.flatten_annotations("all")
        flat = io.BytesIO()
        document.save(flat)
    with opened_pages(flat.getvalue()) as shown:
        text = shown[0].get_textpage().get_text_bounded()
    assert number in text
    assert "2026-11-23T09:00:00+07:00" in text


def test_an_annex_belongs_to_a_draft_and_is_fixed_with_its_appraisal(office: Office) -> None:
    result = drafted(office, sample_pdf.page())
    office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal")
    assert code_of(add(office, result, sample_pdf.page())) == (409, "CONTENT_FROZEN")


def locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sample_pdf.small())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def without_its_font() -> bytes:
    out, font = io.BytesIO(), pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1)
    font.BaseFont = pikepdf.Name.Helvetica
    with pikepdf.open(io.BytesIO(sample_pdf.small())) as document:
        page = document.pages[0]
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
        page.Contents = document.make_stream(b"BT /F1 12 Tf 72 700 Td (Phu luc) Tj ET")
        document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "reason"), [(locked, "Tệp có mật khẩu."), (without_its_font, "Có phông chữ chưa nhúng trong tệp.")]
)
def test_why_no_annex_can_be_made_of_a_file_is_told_with_the_cure(
    office: Office, make: Callable[[], bytes], reason: str
) -> None:
    answer = add(office, drafted(office), make()).json()
    assert (answer["code"], answer["detail"]) == ("COPY_IMPOSSIBLE", reason)
    assert "nhúng phông chữ" in answer["title"]


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "FILE_EMPTY"), (b"PK\x03\x04 zip", "FILE_NOT_PDF"), (b"%PDF-1.7\n%", "COPY_IMPOSSIBLE")]
)
def test_a_file_that_is_no_document_is_no_annex(office: Office, content: bytes, code: str) -> None:
    result = drafted(office)
    assert add(office, result, content).json()["code"] == code


def test_an_annex_with_a_font_of_cids_is_sealed_and_shows_what_was_handed_in(office: Office) -> None:
    handed_in = cff_fonts.document(cff_fonts.program(Font(above=cff_fonts.USUAL, own=cff_fonts.NONE)))
    result = drafted(office, handed_in)
    drawn = file_of(office, result, 1)
    assert pdfa.validate_written(io.BytesIO(drawn), "2b").passed
    for file in (handed_in, drawn):
        with opened_pages(file) as pages:
            assert pages[0].get_textpage().get_text_bounded() == cff_fonts.TEXT
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
    assert office.sign(result).status_code == 201
    sealed = office.seal(result)
    assert sealed.status_code == 201, sealed.text
    assert verdict(office, file_of(office, result, 1))["verdict"] == "valid"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda: cff_fonts.document(cff_fonts.program(Font()), says=[width + 2 for width in cff_fonts.widths()]),
            "Độ rộng chữ ghi trong tệp khác với phông chữ nhúng.",
        ),
        (
            lambda: cff_fonts.document(cff_fonts.program(Font()), codes=[500]),
            "Phông chữ nhúng trong tệp thiếu chữ có trên trang.",
        ),
        (lambda: cff_fonts.document(cff_fonts.program(Font())[:200]), "Phông chữ nhúng trong tệp bị hỏng."),
    ],
    ids=["widths", "letter", "damaged"],
)
def test_what_is_wrong_with_a_font_is_told(office: Office, make: Callable[[], bytes], reason: str) -> None:
    answer = add(office, drafted(office), make())
    assert code_of(answer) == (422, "COPY_IMPOSSIBLE")
    assert answer.json()["detail"] == reason


def test_what_is_active_in_an_upload_does_not_come_along(office: Office) -> None:
    result = drafted(office, sample_pdf.with_script(sample_pdf.page()))
    with pikepdf.open(io.BytesIO(file_of(office, result, 1))) as document:
        assert "/OpenAction" not in document.Root


def words(answer: Any) -> dict[str, Any]:
    """What a refusal says, whatever was asked for."""
    return {name: value for name, value in answer.json().items() if name not in {"instance", "request_id"}}


def test_an_agency_of_its_own_sees_annexes_and_others_do_not(office: Office) -> None:
    result = drafted(office, sample_pdf.page())
    (annex,) = (one["id"] for one in office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/annexes").json())
    headers = office.installation.headers(Role.CLERK, "school_officer")
    for path, missing in (
        (f"/v1/results/{result}/annexes", "/v1/results/res_01arz3ndektsv4rrffq69g5fav/annexes"),
        (f"/v1/annexes/{annex}/content", "/v1/annexes/anx_01arz3ndektsv4rrffq69g5fav/content"),
    ):
        of_others, none = (office.installation.client.get(one, headers=headers) for one in (path, missing))
        assert code_of(of_others) == code_of(none) == (404, "NOT_FOUND")
        assert words(of_others) == words(none)


def test_a_batch_does_not_seal_the_main_file_without_its_annexes(office: Office) -> None:
    result = signed(office, sample_pdf.page())
    installation = office.installation
    clerk = Caller(account_id="acc_x", subject_id=PEOPLE["clerk"].subject_id, role=Role.CLERK, org_code=WARD)
    order = SealResult(result_id=result, certificate_id=office.certificates["seal_secondary"])
    with pytest.raises(AnnexesUnsealed):
        plan_seal(order, installation.services, clerk, installation.clock.at, asks_factor=False)


# --- later, and under an authorisation ---------------------------------------------------------------


@pytest.fixture
def without_time(office: Office) -> Iterator[FailingKeys]:
    installation = office.installation
    services = installation.services
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    before = installation.app
    installation.app = create_app(replace(services, keys=keys), build_authenticator(services.settings, services.db))
    yield keys
    installation.app = before


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_an_annex_without_time_stamp_is_not_issued_before_it_has_one(office: Office, without_time: FailingKeys) -> None:
    services = office.installation.app.state.services
    result = signed(office, sample_pdf.page())
    assert office.seal(result).status_code == 201
    (annex,) = annexes_of(office, result)
    assert annex["signature_level"] == "B-B"
    without_time.refuses = lambda _key_id: False
    add_late_timestamp(services, {"result_id": result}, progress)
    assert code_of(office.send_issue(result)) == (409, "SIG_TSA_PENDING")
    assert LATE_ANNEX in BODIES
    complete_annex(services, {"annex_id": annex["id"]}, progress)
    complete_annex(services, {"annex_id": annex["id"]}, progress)
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text


def test_one_agreement_covers_the_result_and_its_annexes(office: Office) -> None:
    result = signed(office, sample_pdf.page(), sample_pdf.page(landscape=True))
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    asked = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/seal-preparation", seal)
    assert asked.status_code == 201, asked.text
    assert (len(asked.json()["digests"]), asked.json()["purpose"]) == (3, "seal_result")
    under = seal | {"authorisation_id": asked.json()["id"]}
    path = f"/v1/results/{result}/seal"
    assert code_of(office.send(Role.CLERK, "clerk", path, under)) == (403, "AUTHORISATION_REQUIRED")
    confirmation = f"/v1/signature-authorisations/{asked.json()['id']}/confirmation"
    assert office.send(Role.CLERK, "clerk", confirmation).status_code == 201
    sealed = office.send(Role.CLERK, "clerk", path, under)
    assert sealed.status_code == 201, sealed.text
    assert [one["signature_level"] for one in annexes_of(office, result)] == ["B-LT", "B-LT"]
    assert code_of(office.send(Role.CLERK, "clerk", path, under)) == (409, "CONTENT_FROZEN")


def test_an_agreement_to_another_result_seals_nothing(office: Office) -> None:
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    one, other = signed(office, sample_pdf.page()), signed(office)
    asked = office.send(Role.CLERK, "clerk", f"/v1/results/{one}/seal-preparation", seal).json()
    office.send(Role.CLERK, "clerk", f"/v1/signature-authorisations/{asked['id']}/confirmation")
    under = seal | {"authorisation_id": asked["id"]}
    assert code_of(office.send(Role.CLERK, "clerk", f"/v1/results/{other}/seal", under)) == (409, "SIG_NOT_PREPARED")
