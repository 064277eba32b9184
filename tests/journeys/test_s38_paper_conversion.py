"""Scenario S38: the clerk makes a paper of a stored original for the post; the QR code says what the paper is."""

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp

from api.callers import Role
from api.records.copies import PaperConversions
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.records.numbers import NumberRegister, NumberState
from api.usecases import convert_to_paper as usecase
from api.usecases.copy_numbers import SERIES
from tests.api.office import Office, open_office
from tests.journeys.issued_result import landed
from vault.catalogue_sql import NewState
from vault.model import DocumentState

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Desk:
    """The ward's clerk with an issued original."""

    office: Office
    document: str

    @property
    def installation(self) -> Any:
        return self.office.installation

    def dossier(self) -> str:
        body = {
            "procedure_code": BIRTH_EXTRACT,
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": WARD,
            "channel": "post",
        }
        made = self.office.send(Role.RECEPTION_OFFICER, "reception_officer", "/v1/dossiers", body)
        return str(made.json()["id"])

    def convert(self, document: str | None = None, role: Role = Role.CLERK, figure: str = "clerk") -> Any:
        path = f"/v1/documents/{document or self.document}/paper-conversions"
        return self.office.send(role, figure, path, {"dossier_id": self.dossier()})

    def pages(self, conversion: dict[str, Any]) -> bytes:
        got = self.office.fetch(Role.CLERK, "clerk", f"/v1/paper-conversions/{conversion['id']}/content")
        assert got.status_code == 200, got.text
        return bytes(got.content)

    def original(self) -> bytes:
        path = f"/v1/documents/{self.document}/content?role=master&dossier_id={self.dossier()}"
        return bytes(self.office.fetch(Role.CLERK, "clerk", path).content)


@pytest.fixture(scope="module")
def desk(installation: Any) -> Desk:
    office = open_office(installation)
    result = office.numbered()
    for answer in (office.sign(result), office.seal(result)):
        assert answer.status_code == 201, answer.text
    return Desk(office, str(office.send_issue(result).json()["document_id"]))


def test_the_paper_has_mark_converter_time_and_code_and_the_original_is_unchanged(desk: Desk) -> None:
    before = desk.original()
    made = desk.convert()
    assert made.status_code == 201, made.text
    conversion = made.json()
    assert (conversion["direction"], conversion["document_id"]) == ("electronic_to_paper", desk.document)
    assert conversion["from_sha256"] == hashlib.sha256(before).hexdigest()
    for part in ("SAO Y", conversion["number"], "Ủy ban nhân dân phường Yên Giang", PEOPLE["clerk"].name, "+07:00"):
        assert part in conversion["mark_text"]

    pdf = desk.pages(conversion)
    assert conversion["to_sha256"] == hashlib.sha256(pdf).hexdigest()
    document = pypdfium2.PdfDocument(pdf)
    text = [page.get_textpage().get_text_bounded() for page in document]
    assert len(text) == 2  # the original's page and the page to be signed in ink
    for page in text:
        for part in (conversion["number"], PEOPLE["clerk"].name, conversion["from_sha256"], "không có giá trị pháp lý"):
            assert part in page
    assert "TRẦN MINH KHÔI" in text[0]
    codes = {one.text for one in zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())}
    document.close()
    assert conversion["verification_url"] in codes
    assert desk.original() == before


def test_the_code_on_the_paper_tells_that_it_is_a_conversion_and_names_nobody(desk: Desk) -> None:
    conversion = desk.convert().json()
    text = landed(desk.installation.client, urlsplit(conversion["verification_url"]).path)
    for expected in (
        "được chuyển đổi từ văn bản điện tử", conversion["number"], "Cơ quan chuyển đổi", conversion["from_sha256"],
        "Đang có hiệu lực", "T*** M*** K***", "Bản in tự nó không có giá trị pháp lý",
    ):  # fmt: skip
        assert expected in text
    for hidden in ("Trần Minh Khôi", PEOPLE["clerk"].name):
        assert hidden not in text
    same = landed(desk.installation.client, urlsplit(conversion["verification_url"]).path, desk.original())
    assert "Trùng khớp hoàn toàn với bản gốc đang lưu." in same


def test_the_print_is_no_signed_file(desk: Desk) -> None:
    form = {"file": ("in.pdf", desk.pages(desk.convert().json()), "application/pdf")}
    report = desk.installation.client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["acceptance"]) == ("no_signature", "refuse")


def test_conversions_stand_in_the_record_and_the_ledger(desk: Desk) -> None:
    conversion = desk.convert().json()
    with desk.installation.services.db.reading() as tx:
        record = PaperConversions(tx).get(conversion["id"])
        entries = NumberRegister(tx).entries(WARD, 2026, SERIES)
    assert (record.converted_by, record.mark_text) == (PEOPLE["clerk"].subject_id, conversion["mark_text"])
    (own,) = [entry for entry in entries if entry.result_id == conversion["id"]]
    assert (own.state, own.number) == (NumberState.USED, entries[-1].number)
    headers = desk.installation.headers(Role.AUDITOR)
    path = f"/v1/audit-events?object_id={desk.document}"
    events = desk.installation.client.get(path, headers=headers).json()["items"]
    assert ("convert_to_paper", "convert_to_paper") in [(one["action"], one["purpose"]) for one in events]


def test_only_a_clerk_of_the_agency_converts_and_reads_the_pages(desk: Desk) -> None:
    refused = desk.convert(role=Role.RECEPTION_OFFICER, figure="reception_officer")
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_MISSING")
    conversion = desk.convert().json()
    path = f"/v1/paper-conversions/{conversion['id']}/content"
    stranger = desk.installation.headers(Role.CLERK, "school_officer")
    answer = desk.installation.client.get(path, headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_page_that_cannot_be_drawn_makes_the_number_void_with_a_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecase, "_DRAWING_LIMIT_S", 0.000001)
    failed = desk.convert()
    assert failed.status_code >= 400, failed.text
    with desk.installation.services.db.reading() as tx:
        last = NumberRegister(tx).entries(WARD, 2026, SERIES)[-1]
    assert (last.state, last.reason) == (NumberState.VOID, "Không dựng được bản in.")


def test_what_is_not_in_force_is_not_converted_and_its_code_says_so(desk: Desk) -> None:
    conversion = desk.convert().json()
    services = desk.installation.services
    with services.db.transaction() as tx:
        found = services.vault.describe(tx, desk.document).document
        services.vault.change_state(
            tx,
            NewState(document_id=found.document_id, seen_version=found.version, state=DocumentState.REVOKED),
        )
    refused = desk.convert()
    assert (refused.status_code, refused.json()["code"]) == (409, "COPY_SOURCE_UNFIT")
    text = landed(desk.installation.client, urlsplit(conversion["verification_url"]).path)
    assert "Đang có hiệu lực" not in text
    with services.db.transaction() as tx:
        found = services.vault.describe(tx, desk.document).document
        services.vault.change_state(
            tx,
            NewState(document_id=found.document_id, seen_version=found.version, state=DocumentState.ACTIVE),
        )
