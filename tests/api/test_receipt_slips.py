"""Receipt slips: what the applicant is given when a dossier is received (model.md §4 step 1)."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import pdfa

from api.bootstrap import build_authenticator
from api.callers import Caller, Role
from api.errors import Forbidden, ReceiptAlreadyGiven, VersionConflict
from api.ids import new_id
from api.main import create_app
from api.records.days_off import DaysOff
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, SINCE, WARD
from api.records.digitisations import Digitisation, Digitisations, DigitisationState
from api.records.employments import Employment, Employments
from api.records.organisations import Organisations
from api.records.plan_steps import StepObject
from api.records.procedures import Component, Procedure, Procedures
from api.records.receipt_slips import PAGE_SLOT, RECEIPT_SLIPS, ReceiptSlips, SlipState
from api.records.second_factors import STEP_S, code_at
from api.records.signing_plans import PlanKind, PlanScope, SigningPlans
from api.records.tables import ORGANISATIONS
from api.records.tables import PEOPLE as PEOPLE_TABLE
from api.usecases.completing import sign_as_far
from api.usecases.keep_receipt_slip import LATE_RECEIPT, complete_receipt, keep_receipt
from api.usecases.planned_receipt import SlipToSign, planned_receipt
from api.usecases.receipt_desk import receipt_desk
from api.usecases.receipt_paper import CountedPapers, ReceiptOrder, fee_text
from api.worker import BODIES
from signing.ca import TIMESTAMP, service_credential
from signing.errors import TimestampUnavailable
from signing.identity import CertificateClass
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.pages import opened_pages
from signing.pades.refusals import DocumentClosed
from signing.registry_sql import RegistrySql
from tests.api.office import issue_certificate, issue_seals, official
from tests.api.slip_desk import ONE_FORM, SlipDesk, code_of, open_slip_desk, said
from tests.api.strict_status import imported_row, refusing_unknown_status
from tests.api.token_holders import issue_for_key
from tests.api.vault_story import Story
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.foreign_verifiers import openssl_faults, pdfsig_faults, pyhanko_faults
from tests.fakes.small_pki import SmallPki
from tests.journeys.issued_result import landed
from vault.catalogue_sql import Reuses
from vault.model import CitizenId, ReuseEvent, ReuseOutcome

MOTHER = PEOPLE["mother"]
OFFICER = PEOPLE["reception_officer"]


@pytest.fixture(scope="module")
def desk(installation: Any) -> SlipDesk:
    return open_slip_desk(installation)


@pytest.fixture(scope="module")
def handed(desk: SlipDesk) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """A dossier, its signed slip and the file."""
    dossier = desk.dossier()
    papers = [*ONE_FORM, {"type_code": "cccd", "copies": 2}, {"type_code": "quyet_dinh", "electronic": 3}]
    slip = desk.signed(dossier["id"], components=papers, fee_vnd=8000)
    return dossier, slip, desk.file(slip["id"])


# --- what stands on it -------------------------------------------------------------------------------


def test_the_slip_says_what_the_records_say(desk: SlipDesk, handed: tuple[Any, Any, bytes]) -> None:
    dossier, slip, pdf = handed
    text = said(pdf)
    with desk.installation.services.db.reading() as tx:
        procedure = Procedures(tx).version(BIRTH_EXTRACT, 1)
        centre = Organisations(tx).get(CENTRE).name
    for line in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {dossier['code']}",
        f"Tiếp nhận hồ sơ của: {MOTHER.name}",
        f"Nội dung yêu cầu giải quyết: {procedure.name}",
        f"1 {procedure.components[0].name} 1 0 0 0",
        f"2 {procedure.components[2].name} 0 2 0 0",
        f"3 {procedure.components[3].name} 0 0 3 0",
        "Cộng 1 2 3 0",
        "Phí, lệ phí: 8.000 đồng",
        f"{procedure.deadline_days} ngày làm việc",
        "Thời gian nhận hồ sơ: 09 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "Thời gian trả kết quả giải quyết hồ sơ: ngày 26 tháng 11 năm 2026, trong giờ làm việc",
        OFFICER.name,
        OFFICER.title,
        slip["verification_url"],
    ):
        assert line in text, line
    assert dossier["due_at"].startswith("2026-11-26")
    assert all(word.upper() in text for word in centre.split())
    assert procedure.components[1].name not in text  # optional, and nobody brought it


def test_the_slip_tells_nothing_of_the_applicant_but_the_name(handed: tuple[Any, Any, bytes]) -> None:
    text = said(handed[2])
    for private in (MOTHER.personal_id, MOTHER.subject_id, MOTHER.date_of_birth, "08/03/1993"):
        assert private is not None
        assert private not in text


def mark_of(pdf: bytes) -> tuple[float, ...]:
    """Left, bottom, right and top of the mark, and the height of its page."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (field,) = document.Root.AcroForm.Fields
        assert "/XObject" not in field.AP.N.get("/Resources", {})  # no picture
        _, page_bottom, page_right, page_top = (float(side) for side in document.pages[0].MediaBox)
        left, bottom, right, top = (float(side) for side in field.Rect)
    assert page_right - right == pytest.approx(8, abs=0.1)
    return left, bottom - page_bottom, right, top - page_bottom, page_top - page_bottom


def drawn(pdf: bytes) -> tuple[Any, Any]:
    """The first page without and with its mark, two pixels for a point."""
    with opened_pages(pdf) as shown:
        shown.init_forms()
        bare = shown[0].render(scale=2, draw_annots=False, may_draw_forms=False).to_pil().convert("L")
        marked = shown[0].render(scale=2, may_draw_forms=True).to_pil().convert("L")
    return bare, marked


def test_the_mark_is_text_at_the_top_right_without_a_picture_and_covers_nothing(handed: tuple[Any, Any, bytes]) -> None:
    left, bottom, right, top, height = mark_of(handed[2])
    assert height == pytest.approx(842, abs=1)
    assert height - top == pytest.approx(8, abs=0.1)
    assert right - left == pytest.approx(170, abs=0.1)
    bare, marked = drawn(handed[2])
    box = tuple(round(2 * side) for side in (left, height - top, right, height - bottom))
    assert bare.crop(box).getextrema() == (255, 255)  # the page is white where the mark goes
    assert marked.crop(box).getextrema()[0] < 100
    outside = marked.copy()
    outside.paste(255, box)
    assert outside.tobytes() == bare.tobytes()  # and the mark is nowhere else


def test_a_page_without_room_for_a_long_mark_grows_at_the_top(desk: SlipDesk) -> None:
    services = desk.installation.services
    long, full = "Ủy ban nhân dân phường " * 11, "Cấp bản sao trích lục khai sinh " * 7
    with services.db.transaction() as tx:
        short = Organisations(tx).get(WARD).name
        Organisations(tx).add(replace(Organisations(tx).get(WARD), org_code="H49.61.09", name="Sở A"))
    code = with_procedure(desk, "9.100004", full)
    ward = ORGANISATIONS.c.org_code == WARD

    def rename(name: str) -> None:
        with services.db.transaction() as tx:
            tx.execute(ORGANISATIONS.update().where(ward).values(name=name))

    rename(long.strip())
    try:
        slip = desk.signed(desk.dossier(code, org_code="H49.61.09")["id"], components=[])
    finally:
        rename(short)
    left, bottom, right, top, height = mark_of(desk.file(slip["id"]))
    assert height > 850  # A4 is 842 points high
    assert (right - left, height - top) == (pytest.approx(170, abs=0.1), pytest.approx(8, abs=0.1))
    bare, _ = drawn(desk.file(slip["id"]))
    box = tuple(round(2 * side) for side in (left, height - top, right, height - bottom))
    assert bare.crop(box).getextrema() == (255, 255)


def test_the_mark_names_the_agency_and_the_moment(handed: tuple[Any, Any, bytes]) -> None:
    with pikepdf.open(io.BytesIO(handed[2])) as document:
        document.flatten_annotations("all")
        flat = io.BytesIO()
        document.save(flat)
    with opened_pages(flat.getvalue()) as shown:
        text = " ".join(shown[0].get_textpage().get_text_bounded().split())
    assert "TIẾP NHẬN HỒ SƠ; Ủy ban nhân dân phường Yên Giang" in text
    assert "2026-11-23T09:00:00+07:00" in text


@pytest.mark.service
def test_verifiers_that_are_not_ours_find_no_fault_in_a_slip(handed: tuple[Any, Any, bytes], tmp_path: Path) -> None:
    for verifier in (pdfsig_faults, openssl_faults, pyhanko_faults):
        assert verifier(handed[2], tmp_path) == [], verifier


def test_a_slip_is_signed_by_the_officers_personal_certificate_and_closed(
    desk: SlipDesk, handed: tuple[Any, Any, bytes]
) -> None:
    _, slip, pdf = handed
    assert (slip["state"], slip["ordinal"], slip["signature_level"]) == ("signed", 1, "B-LT")
    form = {"file": ("a.pdf", pdf, "application/pdf")}
    report = desk.installation.client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    assert report["document_status"] == {"state": "active", "vault_match": "identical"}
    (signature,) = [one for one in report["signatures"] if one["kind"] == "signature"]
    assert (signature["field"], signature["certificate"]["class"]) == ("Receipt", "personal")
    assert signature["signer"]["common_name"] == OFFICER.name
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (field,) = document.Root.AcroForm.Fields
        # the first and the last signature of the file: ISO 32000-2 §12.8.2.2, no change but proof is permitted
        assert int(document.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1
        assert (str(field.Lock.Action), int(field.Lock.P)) == ("/All", 1)  # nobody signs it again
    with pytest.raises(DocumentClosed):
        require_open_field(open_for_signing(pdf), "Another", certify=False)


def test_a_slip_that_another_officer_signed_is_not_called_entitled(desk: SlipDesk) -> None:
    slip = desk.signed()["id"]
    columns = RECEIPT_SLIPS.c
    with desk.installation.services.db.transaction() as tx:
        other = PEOPLE["appraiser"].subject_id
        tx.execute(RECEIPT_SLIPS.update().where(columns.slip_id == slip).values(drafted_by=other))
    form = {"file": ("a.pdf", desk.file(slip), "application/pdf")}
    report = desk.installation.client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "unknown")


def test_the_page_that_is_signed_is_pdf_a(handed: tuple[Any, Any, bytes]) -> None:
    pdf = handed[2]
    before = pdf[: pdf.rindex(b"%%EOF", 0, pdf.index(b"/ByteRange")) + 6]
    with pikepdf.open(io.BytesIO(before)) as document:
        assert not pdfa.check(document, "2b").violations


def test_a_fee_that_is_not_known_is_not_printed_and_none_is_said(desk: SlipDesk) -> None:
    assert "Phí, lệ phí" not in said(desk.file(desk.draft()["id"]))
    assert "Phí, lệ phí: Không thu" in said(desk.file(desk.draft(fee_vnd=0)["id"]))


@pytest.mark.parametrize("amount", [None, 0, 5, 999, 1000, 123_456_789])
def test_an_amount_is_written_with_points(amount: int | None) -> None:
    text = fee_text(amount)
    assert (text is None) == (amount is None)
    if amount:
        assert text is not None
        assert int(text.removesuffix(" đồng").replace(".", "")) == amount
        assert all(len(part) == 3 for part in text.removesuffix(" đồng").split(".")[1:])


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.text(max_size=9), *[st.integers(0, 999)] * 3), max_size=5),
    fee=st.none() | st.integers(0, 10**11),
    replaces=st.none() | st.text(max_size=30),
)
def test_what_was_counted_is_read_back_as_it_was_kept(rows: Any, fee: int | None, replaces: str | None) -> None:
    order = ReceiptOrder(
        dossier_id="dos_x",
        components=tuple(CountedPapers(type_code=a, originals=b, copies=c, electronic=d) for a, b, c, d in rows),
        fee_vnd=fee,
        replaces=replaces,
    )
    assert ReceiptOrder.from_bytes(order.to_bytes()) == order


# --- which papers ------------------------------------------------------------------------------------


def refused(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["code"], answer.json().get("detail", "")


def test_a_mandatory_paper_that_nobody_brought_is_named_and_no_slip_is_drawn(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    status, code, detail = refused(desk.send_draft(dossier, [{"type_code": "cccd", "originals": 1}]))
    assert (status, code) == (409, "RECEIPT_INCOMPLETE")
    assert "(don)" in detail
    assert desk.get(f"/v1/dossiers/{dossier}/receipt-slips").json() == []


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ([*ONE_FORM, {"type_code": "ho_chieu", "copies": 1}], (409, "COMP_NOT_REQUIRED")),
        ([*ONE_FORM, *ONE_FORM], (422, "INPUT_INVALID")),
        ([{"type_code": "don"}], (422, "INPUT_INVALID")),
        ([{"type_code": "don", "originals": -1}], (422, "INPUT_INVALID")),
        ([{"type_code": "don", "originals": 1000}], (422, "INPUT_INVALID")),
        ([{"type_code": "don", "originals": True}], (422, "INPUT_INVALID")),
        ([{"type_code": "don\u202e", "originals": 1}], (422, "INPUT_INVALID")),
    ],
)
def test_what_cannot_have_been_counted_is_refused(desk: SlipDesk, papers: Any, expected: tuple[int, str]) -> None:
    assert code_of(desk.send_draft(desk.dossier()["id"], papers)) == expected


def scanned(desk: SlipDesk, dossier: str, kind: str, state: DigitisationState) -> None:
    at = desk.installation.clock.at
    record = Digitisation(
        digitisation_id=new_id("dig", at),
        dossier_id=dossier,
        component_type=kind,
        owner_subject=MOTHER.subject_id,
        org_code=WARD,
        received_by="acc_x",
        state=state,
        job_id="job_x",
        media_type="image/jpeg",
        page_count=1,
        created_at=at,
        changed_at=at,
    )
    with desk.installation.services.db.transaction() as tx:
        Digitisations(tx).add(record)


def test_a_paper_that_was_scanned_for_the_dossier_stands_on_the_slip(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    scanned(desk, dossier, "cccd", DigitisationState.RECEIVED)
    status, code, detail = refused(desk.send_draft(dossier))
    assert (status, code) == (409, "RECEIPT_INCOMPLETE")
    assert "(cccd)" in detail
    assert desk.send_draft(dossier, [*ONE_FORM, {"type_code": "cccd", "originals": 1}]).status_code == 201


def test_a_paper_that_was_given_back_is_not_asked_for(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    for state in (DigitisationState.RETURNED, DigitisationState.FAILED, DigitisationState.QUARANTINED):
        scanned(desk, dossier, "cccd", state)
    assert desk.send_draft(dossier).status_code == 201


def reuse(desk: SlipDesk, dossier: str, kind: str, outcome: ReuseOutcome, document: Any) -> None:
    at = desk.installation.clock.at
    event = ReuseEvent(
        reuse_id=new_id("reu", at),
        document_id=document,
        content_tag=None,
        owner=CitizenId(MOTHER.subject_id),
        dossier_id=dossier,
        component_type=kind,
        consent_id="con_x",
        org_code=WARD,
        at=at,
        outcome=outcome,
        refusal_code=None if outcome is ReuseOutcome.ACCEPTED else "REUSE_GRADE",
        counted=False,
    )
    with desk.installation.services.db.transaction() as tx:
        Reuses(tx).add(event)


def test_a_reused_document_counts_as_received_and_once(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    story = Story(desk.installation.services, desk.installation.clock.at)
    form, card = (story.deposit(owner=MOTHER.subject_id).document_id for _ in range(2))
    for outcome in (ReuseOutcome.REFUSED, ReuseOutcome.ACCEPTED, ReuseOutcome.ACCEPTED):
        reuse(desk, dossier, "don", outcome, form)
    reuse(desk, dossier, "cccd", ReuseOutcome.REFUSED, card)
    text = said(desk.file(desk.draft(dossier, components=[])["id"]))
    assert "1 Tờ khai cấp bản sao trích lục 0 0 0 1" in text
    assert "Căn cước công dân" not in text


def with_procedure(desk: SlipDesk, code: str, name: str, *components: Component, deadline: int = 3) -> str:
    procedure = Procedure(
        procedure_code=code,
        version=1,
        name=name,
        valid_from=SINCE,
        deadline_days=deadline,
        components=components,
        result_types=("trich_luc_khai_sinh",),
    )
    with desk.installation.services.db.transaction() as tx:
        Procedures(tx).add(procedure)
    return code


def test_a_dossier_without_papers_gets_a_slip_that_says_so(desk: SlipDesk) -> None:
    code = with_procedure(desk, "9.100001", "Cấp lại mã số", deadline=0)
    dossier = desk.dossier(code)
    slip = desk.signed(dossier["id"], components=[])
    text = said(desk.file(slip["id"]))
    assert "Không có giấy tờ kèm theo." in text
    assert "Trong ngày làm việc" in text


def test_a_substitute_counts_for_the_component_that_it_stands_in_for(desk: SlipDesk) -> None:
    paper = Component(type_code="a", name="Giấy khai sinh gốc", substitute_result_codes=("b",))
    dossier = desk.dossier(with_procedure(desk, "9.100002", "Thủ tục thử", paper))["id"]
    text = said(desk.file(desk.draft(dossier, components=[{"type_code": "b", "copies": 1}])["id"]))
    assert "1 Giấy khai sinh gốc 0 1 0 0" in text
    both = [{"type_code": "a", "originals": 1}, {"type_code": "b", "copies": 1}]
    assert code_of(desk.send_draft(dossier, both)) == (422, "INPUT_INVALID")


# --- when --------------------------------------------------------------------------------------------


@contextmanager
def later(desk: SlipDesk, **duration: float) -> Iterator[None]:
    """The clock of the desk moved, and back."""
    clock = desk.installation.clock
    before = clock.at
    clock.forward(**duration)
    try:
        yield
    finally:
        clock.at = before


def test_weekends_and_listed_holidays_do_not_count_for_the_day_of_return(desk: SlipDesk) -> None:
    holiday = date(2026, 12, 1)
    with desk.installation.services.db.transaction() as tx:
        DaysOff(tx).put(holiday, "Ngày nghỉ bù")
    try:
        with later(desk, days=4):  # Friday 27 November
            dossier = desk.dossier()
            text = said(desk.file(desk.draft(dossier["id"])["id"]))
        assert dossier["due_at"].startswith("2026-12-03")  # Monday, Wednesday, Thursday
        assert "ngày 03 tháng 12 năm 2026, trong giờ làm việc" in text
    finally:
        with desk.installation.services.db.transaction() as tx:
            DaysOff(tx).drop(holiday)


# --- looked at, then signed --------------------------------------------------------------------------


def test_what_is_signed_is_what_was_previewed(desk: SlipDesk) -> None:
    slip = desk.draft()
    page = desk.file(slip["id"])
    preview = desk.preview(slip["id"])
    assert (preview.status_code, preview.headers["content-type"]) == (200, "image/png")
    sha256 = preview.headers["anso-file-sha256"]
    assert sha256 == slip["page_sha256"]
    assert desk.sign(slip["id"], file_sha256=sha256).status_code == 201
    assert desk.file(slip["id"]).startswith(page)  # the signature was appended


def test_another_page_than_the_one_that_was_looked_at_is_not_signed(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    for answer in (desk.sign(slip, file_sha256="0" * 64), desk.preview(slip, file_sha256="0" * 64)):
        assert code_of(answer) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    assert desk.get(f"/v1/receipt-slips/{slip}").json()["state"] == "draft"


@contextmanager
def renamed(desk: SlipDesk, name: str) -> Iterator[None]:
    """The applicant under another name."""

    def write(value: str) -> None:
        with desk.installation.services.db.transaction() as tx:
            mother = PEOPLE_TABLE.c.subject_id == MOTHER.subject_id
            tx.execute(PEOPLE_TABLE.update().where(mother).values(name=value))

    write(name)
    try:
        yield
    finally:
        write(MOTHER.name)


def test_a_record_that_changed_since_the_preview_stops_the_signature(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    assert desk.preview(slip).status_code == 200
    with renamed(desk, "Nguyễn Thị Thu Trang Hạ"):
        assert code_of(desk.sign(slip)) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    assert desk.sign(slip).status_code == 201


def test_a_slip_of_yesterday_is_not_signed_today_and_is_forgotten(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    with later(desk, hours=15):  # the day has changed in Vietnam, not yet in UTC
        assert code_of(desk.sign(slip)) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
        desk.draft()
        assert code_of(desk.get(f"/v1/receipt-slips/{slip}")) == (404, "NOT_FOUND")
        with desk.installation.services.db.reading() as tx:
            assert desk.installation.services.vault.work.slots(tx, slip) == ()


def test_a_name_that_cannot_be_printed_is_refused_with_its_character(desk: SlipDesk) -> None:
    for name, character in (("Nguyễn \u202eAn", "U+202E"), ("Nguyễn\x07An", "U+0007"), ("王明", "U+738B")):
        with renamed(desk, name):
            status, code, detail = refused(desk.send_draft(desk.dossier()["id"]))
        assert (status, code) == (422, "CONTENT_NOT_PRINTABLE")
        assert "applicant" in detail
        assert character in detail
        assert name not in detail


# --- once --------------------------------------------------------------------------------------------


def test_a_repeated_request_draws_and_signs_nothing_twice(desk: SlipDesk) -> None:
    dossier, headers = desk.dossier()["id"], desk.headers()
    path, body = f"/v1/dossiers/{dossier}/receipt-slips", {"components": ONE_FORM}
    first, second = (desk.post(path, body, headers) for _ in range(2))
    assert first.json() == second.json()
    signing = desk.headers()
    path, body = f"/v1/receipt-slips/{first.json()['id']}/signature", {"certificate_id": desk.certificate}
    first, second = (desk.post(path, body, signing) for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert code_of(desk.post(path, body)) == (409, "STATE_CONFLICT")


def test_a_draft_that_was_kept_before_its_answer_died_is_found_again(
    desk: SlipDesk, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    dossier, headers = desk.dossier()["id"], desk.headers()
    path, body = f"/v1/dossiers/{dossier}/receipt-slips", {"components": ONE_FORM}
    with dies_before_its_answer():
        assert desk.post(path, body, headers).status_code == 500
    columns = RECEIPT_SLIPS.c
    with later(desk, minutes=16):
        again = desk.post(path, body, desk.headers() | {"Idempotency-Key": headers["Idempotency-Key"]})
    with desk.installation.services.db.reading() as tx:
        rows = tx.execute(RECEIPT_SLIPS.select().where(columns.dossier_id == dossier)).all()
    assert (again.status_code, [row.slip_id for row in rows]) == (201, [again.json()["id"]])


def test_a_draft_whose_page_went_this_very_moment_is_not_signed(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    with desk.installation.services.db.transaction() as tx:
        desk.installation.services.vault.work.forget(tx, slip)
    assert code_of(desk.sign(slip)) == (409, "STATE_CONFLICT")


def test_of_one_slip_signed_twice_at_once_one_counts(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    slip = desk.draft(dossier)["id"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: desk.sign(slip), range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    (given_one,) = desk.get(f"/v1/dossiers/{dossier}/receipt-slips").json()
    assert desk.file(slip).count(b"/ByteRange") == 1
    assert given_one["file_sha256"] == next(one for one in answers if one.status_code == 201).json()["file_sha256"]


def test_of_two_slips_of_a_dossier_the_second_is_refused(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    first, second = (desk.draft(dossier)["id"] for _ in range(2))
    assert desk.sign(first).status_code == 201
    assert code_of(desk.sign(second)) == (409, "RECEIPT_GIVEN")
    assert code_of(desk.send_draft(dossier)) == (409, "RECEIPT_GIVEN")


def test_two_slips_of_a_dossier_never_take_one_place(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    ids = [desk.draft(dossier)["id"] for _ in range(2)]
    with desk.installation.services.db.transaction() as tx:
        slips = ReceiptSlips(tx)
        first, second = (slips.get(one) for one in ids)
        slips.change(first, ordinal=1, state=SlipState.SIGNED)
        with pytest.raises(VersionConflict):
            slips.change(second, ordinal=1, state=SlipState.SIGNED)
        with pytest.raises(VersionConflict):
            slips.change(first, state=SlipState.REPLACED)  # read before the change
        assert [one.slip_id for one in slips.of_dossier(dossier)] == [ids[0]]


def test_a_later_slip_takes_the_place_of_the_one_that_it_names(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    first = desk.signed(dossier)
    more = [*ONE_FORM, {"type_code": "cccd", "copies": 1}]
    unknown = "slip_" + "0" * 26
    assert code_of(desk.send_draft(dossier, more, replaces=unknown)) == (409, "RECEIPT_GIVEN")
    assert code_of(desk.send_draft(desk.dossier()["id"], replaces=first["id"])) == (404, "NOT_FOUND")
    second = desk.signed(dossier, components=more, replaces=first["id"])
    assert (second["ordinal"], second["replaces"]) == (2, first["id"])
    listed = desk.get(f"/v1/dossiers/{dossier}/receipt-slips").json()
    assert [(one["id"], one["state"]) for one in listed] == [(first["id"], "replaced"), (second["id"], "signed")]
    assert "(Thay cho giấy ký lúc 09 giờ 00 phút, ngày 23 tháng 11 năm 2026)" in said(desk.file(second["id"]))
    client = desk.installation.client
    form = {"file": ("a.pdf", desk.file(first["id"]), "application/pdf")}
    report = client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["document_status"]["state"]) == ("valid", "superseded")
    assert "Đã được thay thế" in landed(client, address(first))
    assert "Đã được thay thế" not in landed(client, address(second))


# --- who ---------------------------------------------------------------------------------------------


def test_the_officer_who_counted_signs(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    colleague = replace(desk, figure="appraiser", org=WARD)
    assert code_of(colleague.sign(slip)) == (409, "RECEIPT_OTHER_OFFICER")
    assert code_of(colleague.preview(slip)) == (409, "RECEIPT_OTHER_OFFICER")
    assert desk.get(f"/v1/receipt-slips/{slip}").json()["state"] == "draft"


def test_only_the_own_personal_certificate_in_scope_signs(desk: SlipDesk) -> None:
    installation = desk.installation
    slip = desk.draft()["id"]
    leader = issue_certificate(installation, official("leader"))
    assert code_of(desk.sign(slip, certificate_id=leader)) == (403, "SIG_CERT_HOLDER")
    seal = issue_seals(installation)["seal_primary"]
    assert code_of(desk.sign(slip, certificate_id=seal)) == (403, "SIG_CERT_HOLDER")
    narrow = official("appraiser") | {
        "scope": {"places": [], "procedures": [], "document_types": ["trich_luc_khai_sinh"]},
    }
    other = replace(desk, figure="appraiser", org=WARD, certificate=issue_certificate(installation, narrow))
    assert code_of(other.sign(other.draft()["id"])) == (409, "SIG_CERT_SCOPE")


def test_a_role_without_a_post_at_the_desk_gives_no_slip(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    assert code_of(replace(desk, figure="school_officer", org=WARD).send_draft(dossier)) == (403, "FORBIDDEN")


def test_an_officer_at_the_centre_gives_slips_for_the_agencies_seated_there_while_they_work(desk: SlipDesk) -> None:
    other = "H49.61.08"
    with desk.installation.services.db.transaction() as tx:
        ward = Organisations(tx).get(WARD)
        Organisations(tx).add(replace(ward, org_code=other, name="Ủy ban nhân dân phường Cộng Hòa"))
    dossier = desk.dossier(org_code=other)["id"]
    slip = desk.draft(dossier)["id"]
    assert "PHƯỜNG CỘNG HÒA" in said(desk.file(slip)).replace("  ", " ")
    with desk.installation.services.db.transaction() as tx:
        Organisations(tx).announce_merger(other, successor=WARD, act="1/NQ", ends_at=desk.installation.clock.at)
    assert code_of(desk.sign(slip)) == (409, "ORG_CLOSED")
    assert code_of(desk.send_draft(dossier)) == (409, "ORG_CLOSED")


def test_an_officer_of_the_centre_itself_gives_slips_at_its_desk(desk: SlipDesk) -> None:
    figure = PEOPLE["two_accounts"]
    post = Employment(
        employment_id="emp_" + "0" * 26,
        subject_id=figure.subject_id,
        org_code=CENTRE,
        title="Chuyên viên",
        place_code=None,
        valid_from=SINCE,
    )
    with desk.installation.services.db.transaction() as tx:
        Employments(tx).add(post)
        centre = Organisations(tx).get(CENTRE).name
    at_centre = replace(desk, figure="two_accounts", org=CENTRE)
    text = said(at_centre.file(at_centre.draft(desk.dossier()["id"])["id"]))
    assert all(word.upper() in text for word in centre.split())
    assert figure.name in text


def officer() -> Caller:
    return Caller(
        account_id="acc_x", subject_id=OFFICER.subject_id, role=Role.RECEPTION_OFFICER, org_code=OFFICER.org_code
    )


def test_the_applicant_gives_no_slip_of_the_own_dossier(desk: SlipDesk) -> None:
    """The routes let no citizen in; the use-case behind them does not either."""
    dossier, services, at = desk.dossier()["id"], desk.installation.services, desk.installation.clock.at
    applicant = replace(officer(), role=Role.CITIZEN, subject_id=MOTHER.subject_id, org_code=None)
    with pytest.raises(Forbidden):
        receipt_desk(dossier, services, applicant, at)


def test_a_slip_that_was_checked_before_another_one_counted_is_not_kept(desk: SlipDesk) -> None:
    """Both passed every check, both keys were used; one row moves."""
    services, at, caller = desk.installation.services, desk.installation.clock.at, officer()
    dossier = desk.dossier()["id"]
    slips = [desk.draft(dossier)["id"] for _ in range(2)]
    planned = [
        planned_receipt(SlipToSign(slip_id=slip, certificate_id=desk.certificate), services, caller, at)
        for slip in slips
    ]
    signed = [sign_as_far(one.page, one.request, services, at) for one in planned]
    assert keep_receipt(planned[0], signed[0], services, caller, at).ordinal == 1
    for again in (0, 1):
        with pytest.raises(ReceiptAlreadyGiven):
            keep_receipt(planned[again], signed[again], services, caller, at)
    assert desk.get(f"/v1/receipt-slips/{slips[1]}").json()["state"] == "draft"
    assert [one["id"] for one in desk.get(f"/v1/dossiers/{dossier}/receipt-slips").json()] == slips[:1]


def test_where_status_must_be_known_no_slip_is_signed_without_it(desk: SlipDesk) -> None:
    slip = desk.draft()["id"]
    unknown = imported_row(
        desk.installation,
        SmallPki().credential(),
        "reception_officer",
        certificate_id="cert_" + "0" * 25 + "7",
        certificate_class=CertificateClass.PERSONAL,
        key_id="key_nobody_uses",
        org_code=WARD,
    )
    with refusing_unknown_status(desk.installation):
        assert code_of(desk.sign(slip, certificate_id=unknown)) == (503, "STATUS_UNKNOWN")
        path = f"/v1/receipt-slips/{slip}/signature-preparation"
        assert code_of(desk.post(path, {"certificate_id": unknown})) == (503, "STATUS_UNKNOWN")
    asked = desk.post(path, {"certificate_id": desk.certificate}).json()
    confirmed = desk.post(f"/v1/signature-authorisations/{asked['id']}/confirmation")
    assert confirmed.status_code == 201, confirmed.text
    # agreed to with one certificate, sent with another
    other = desk.sign(slip, certificate_id=unknown, authorisation_id=asked["id"])
    assert code_of(other) == (409, "SIG_NOT_PREPARED")
    assert desk.sign(slip, authorisation_id=asked["id"]).status_code == 201


def test_a_page_that_is_not_the_one_that_was_noted_is_neither_signed_nor_given_out(desk: SlipDesk) -> None:
    slip, given_out = desk.draft()["id"], desk.signed()["id"]
    columns = RECEIPT_SLIPS.c
    with desk.installation.services.db.transaction() as tx:
        tx.execute(RECEIPT_SLIPS.update().where(columns.slip_id == slip).values(page_sha256="0" * 64))
        tx.execute(RECEIPT_SLIPS.update().where(columns.slip_id == given_out).values(file_sha256="0" * 64))
    assert desk.sign(slip).json()["code"] == "INTEGRITY_MISMATCH"
    for one in (slip, given_out):
        assert desk.get(f"/v1/receipt-slips/{one}/content").json()["code"] == "INTEGRITY_MISMATCH"


def test_an_officer_with_a_second_factor_signs_with_its_code(desk: SlipDesk) -> None:
    colleague = replace(desk, figure="ward_clerk", org=WARD)
    slip = colleague.draft()["id"]
    pending = colleague.post("/v1/second-factors").json()
    secret = base64.b32decode(pending["secret"] + "=" * (-len(pending["secret"]) % 8))
    code = code_at(secret, int(desk.installation.clock.at.timestamp()) // STEP_S)
    path = f"/v1/second-factors/{pending['id']}/confirmation"
    assert colleague.post(path, {"code": code}).status_code == 204
    assert code_of(colleague.sign(slip)) == (403, "SECOND_FACTOR_REQUIRED")


def test_a_certificate_that_is_held_signs_no_slip_and_the_try_is_in_the_ledger(desk: SlipDesk) -> None:
    installation = desk.installation
    slip = desk.draft()["id"]
    security = (Role.SECURITY_OFFICER, "security_officer")
    hold = f"/v1/certificates/{desk.certificate}/suspension"
    body = {"reason": "key_in_doubt"}
    held = installation.client.post(hold, json=body, headers=installation.headers(*security))
    assert held.status_code == 201, held.text
    try:
        for answer in (desk.sign(slip), desk.preview(slip)):
            assert code_of(answer) == (409, "SIG_CERT_HOLD")
    finally:
        released = installation.client.delete(hold, headers=installation.headers(*security))
        assert released.status_code == 200, released.text
    events = installation.client.get(
        f"/v1/audit-events?object_id={slip}", headers=installation.headers(Role.AUDITOR)
    ).json()["items"]
    tries = [(one["action"], one["outcome"], one["reason_code"]) for one in events]
    assert ("sign_receipt_slip", "refused", "SIG_CERT_HOLD") in tries


def test_a_plan_without_a_reception_step_lets_nobody_sign(desk: SlipDesk) -> None:
    code = with_procedure(desk, "9.100003", "Thủ tục không có bước tiếp nhận")
    dossier = desk.dossier(code)["id"]
    with desk.installation.services.db.transaction() as tx:
        plan = SigningPlans(tx).in_force(
            PlanScope(
                kind=PlanKind.ON_THE_SPOT,
                reading=desk.installation.services.settings.secondary_reading,
                procedure_code=code,
            ),
            desk.installation.clock.at,
        )
        steps = tuple(one for one in plan.steps if one.signs is not StepObject.COMPONENTS)
        scope = replace(plan.scope, procedure_code=code)
        SigningPlans(tx).add(replace(plan, plan_id="plan_" + "1" * 26, scope=scope, steps=steps))
    assert code_of(desk.send_draft(dossier, [])) == (403, "FORBIDDEN")


def test_the_applicant_fetches_what_was_signed_and_sees_no_draft(desk: SlipDesk) -> None:
    dossier = desk.dossier()["id"]
    slip = desk.draft(dossier)["id"]
    for part in ("", "/content"):
        answer = desk.get(f"/v1/receipt-slips/{slip}{part}", Role.CITIZEN, "mother")
        assert code_of(answer) == (404, "NOT_FOUND")
    assert desk.get(f"/v1/dossiers/{dossier}/receipt-slips", Role.CITIZEN, "mother").json() == []
    assert desk.sign(slip).status_code == 201
    (listed,) = desk.get(f"/v1/dossiers/{dossier}/receipt-slips", Role.CITIZEN, "mother").json()
    got = desk.get(f"/v1/receipt-slips/{slip}/content", Role.CITIZEN, "mother")
    assert (got.content, got.headers["etag"]) == (desk.file(slip), f'"{listed["file_sha256"]}"')
    for part in ("", "/content"):
        assert code_of(desk.get(f"/v1/receipt-slips/{slip}{part}", Role.CITIZEN, "child")) == (404, "NOT_FOUND")
    assert code_of(desk.get(f"/v1/dossiers/{dossier}/receipt-slips", Role.CITIZEN, "child")) == (404, "NOT_FOUND")


def test_every_look_at_a_slip_is_in_the_ledger(desk: SlipDesk, handed: tuple[Any, Any, bytes]) -> None:
    slip = handed[1]["id"]
    desk.get(f"/v1/receipt-slips/{slip}/content", Role.CITIZEN, "mother")
    headers = desk.installation.headers(Role.AUDITOR)
    path = f"/v1/audit-events?object_id={slip}"
    events = desk.installation.client.get(path, headers=headers).json()["items"]
    roles = [one["role"] for one in events if one["action"] == "read_receipt_slip"]
    assert {"reception_officer", "citizen"} <= set(roles)
    assert MOTHER.name not in json.dumps(events, ensure_ascii=False)


def test_no_word_of_a_slip_is_in_the_table(desk: SlipDesk, handed: tuple[Any, Any, bytes]) -> None:
    with desk.installation.services.db.reading() as tx:
        rows = json.dumps([[str(value) for value in row] for row in tx.execute(RECEIPT_SLIPS.select())])
    assert handed[1]["id"] in rows
    for word in (MOTHER.name, "fee_vnd", "type_code", "quyet_dinh"):
        assert word not in rows


# --- by its QR code ----------------------------------------------------------------------------------


def address(slip: dict[str, Any]) -> str:
    return "/v/" + str(slip["verification_url"]).rpartition("/")[2]


def test_the_qr_page_shows_masked_facts_and_knows_the_file(desk: SlipDesk, handed: tuple[Any, Any, bytes]) -> None:
    dossier, slip, pdf = handed
    client = desk.installation.client
    text = landed(client, address(slip))
    for said_there in (
        "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        dossier["code"],
        "N*** T*** T*** T***",
        "Cấp bản sao trích lục khai sinh",
        "26/11/2026",
        slip["file_sha256"],
        "Ủy ban nhân dân phường Yên Giang",
    ):
        assert said_there in text, said_there
    assert MOTHER.name not in text
    assert OFFICER.name not in text
    assert "Trùng khớp hoàn toàn với bản gốc đang lưu." in landed(client, address(slip), pdf)


def test_the_code_of_a_draft_leads_nowhere(desk: SlipDesk) -> None:
    answer = desk.installation.client.get(address(desk.draft()), headers={"Accept": "text/html"})
    assert answer.status_code == 404


# --- later -------------------------------------------------------------------------------------------


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_a_slip_without_time_stamp_counts_at_once_and_is_completed_behind_its_signature(desk: SlipDesk) -> None:
    installation = desk.installation
    services, app = installation.app.state.services, installation.app
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    slow = replace(services, keys=keys)
    installation.app = create_app(slow, build_authenticator(services.settings, services.db))
    try:
        slip = desk.signed()
    finally:
        installation.app = app
    assert (slip["state"], slip["signature_level"]) == ("signed", "B-B")
    before = desk.file(slip["id"])
    assert LATE_RECEIPT in BODIES
    payload = {"slip_id": slip["id"]}
    with services.db.reading() as tx:
        jobs = [services.jobs.find(tx, job) for job, *_ in services.jobs.waiting(tx, installation.clock.at)]
    assert (LATE_RECEIPT, payload) in [(job.kind, dict(job.payload)) for job in jobs]
    with pytest.raises(TimestampUnavailable):
        complete_receipt(slow, payload, progress)
    complete_receipt(services, payload, progress)
    complete_receipt(services, payload, progress)
    after = desk.get(f"/v1/receipt-slips/{slip['id']}").json()
    assert after["signature_level"] == "B-LT"
    assert desk.file(slip["id"]).startswith(before)
    assert desk.file(slip["id"]) != before
    # who fetched it at the desk holds the same document
    form = {"file": ("a.pdf", before, "application/pdf")}
    report = installation.client.post("/v1/verifications", files=form).json()
    assert report["document_status"] == {"state": "active", "vault_match": "none"}
    assert "bản được trao trước khi bổ sung dấu thời gian" in landed(installation.client, address(slip), before)
    assert "Trùng khớp hoàn toàn" in landed(installation.client, address(slip), desk.file(slip["id"]))
    assert "Khác bản gốc" in landed(installation.client, address(slip), before + b"\n")


# --- with the key in an own token --------------------------------------------------------------------


@dataclass
class Token:
    """An officer whose key the service never had."""

    desk: SlipDesk
    key: ec.EllipticCurvePrivateKey

    def prepare(self, slip: str, **more: object) -> Any:
        body = {"certificate_id": self.desk.certificate} | more
        return self.desk.post(f"/v1/receipt-slips/{slip}/token-preparation", body)

    def complete(self, prepared: dict[str, Any], over: bytes | None = None) -> Any:
        signed = over or base64.b64decode(prepared["to_be_signed"])
        value = base64.b64encode(self.key.sign(signed, ec.ECDSA(SHA256()))).decode()
        return self.desk.post(f"/v1/signature-preparations/{prepared['id']}/completion", {"value": value})


@pytest.fixture(scope="module")
def token(desk: SlipDesk) -> Token:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue_for_key(desk.installation, official("chairman"), key)
    return Token(replace(desk, figure="chairman", org=WARD, certificate=certificate), key)


def test_an_officers_own_token_signs_the_slip_in_two_steps(token: Token, tmp_path: Path) -> None:
    slip = token.desk.draft()["id"]
    sha256 = token.desk.preview(slip).headers["anso-file-sha256"]
    assert code_of(token.desk.sign(slip)) == (409, "SIG_KEY_ON_TOKEN")
    assert code_of(token.prepare(slip, file_sha256="0" * 64)) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    asked = token.prepare(slip, file_sha256=sha256)
    assert (asked.status_code, asked.json()["kind"], asked.json()["receipt_slip_id"]) == (201, "receipt", slip)
    assert code_of(token.complete(asked.json(), b"something else")) == (422, "SIGNATURE_VALUE_WRONG")
    assert token.desk.get(f"/v1/receipt-slips/{slip}").json()["state"] == "draft"
    done = token.complete(asked.json())
    assert (done.status_code, done.json()["file"]) == (201, f"/v1/receipt-slips/{slip}/content"), done.text
    assert token.complete(asked.json()).json() == done.json()
    shown = token.desk.get(f"/v1/receipt-slips/{slip}").json()
    assert (shown["state"], shown["signature_level"], shown["file_sha256"]) == (
        "signed",
        "B-LT",
        done.json()["file_sha256"],
    )
    assert openssl_faults(token.desk.file(slip), tmp_path) == []


def test_a_token_signs_no_slip_that_moved_on(token: Token, desk: SlipDesk) -> None:
    dossier = token.desk.dossier()["id"]
    changed, overtaken = (token.desk.draft(dossier)["id"] for _ in range(2))
    first, second = token.prepare(changed).json(), token.prepare(overtaken).json()
    with renamed(desk, "Nguyễn Thị Thu Trang Hạ"):
        assert code_of(token.complete(first)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert desk.signed(dossier)["state"] == "signed"
    assert code_of(token.complete(second)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert len(desk.get(f"/v1/dossiers/{dossier}/receipt-slips").json()) == 1


def test_a_token_signs_no_other_page_than_the_one_that_was_prepared(token: Token) -> None:
    slip, other = (token.desk.draft()["id"] for _ in range(2))
    prepared = token.prepare(slip).json()
    services, at = token.desk.installation.services, token.desk.installation.clock.at
    with services.db.transaction() as tx:  # the page of another slip in its place, and noted
        page = services.vault.work.read(tx, other, PAGE_SLOT).content
        key = services.vault.open_vault(tx, CitizenId(MOTHER.subject_id), at)
        columns = RECEIPT_SLIPS.c
        sha256 = ReceiptSlips(tx).get(other).page_sha256
        tx.execute(RECEIPT_SLIPS.update().where(columns.slip_id == slip).values(page_sha256=sha256))
    staged = services.vault.work.stage(
        key, record_id=slip, slot=PAGE_SLOT, media_type="application/pdf", content=page, at=at
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)
    assert code_of(token.complete(prepared)) == (409, "SIGNATURE_PREPARATION_STALE")


def test_a_key_that_the_service_keeps_is_not_prepared_for_a_token(desk: SlipDesk) -> None:
    path = f"/v1/receipt-slips/{desk.draft()['id']}/token-preparation"
    assert code_of(desk.post(path, {"certificate_id": desk.certificate})) == (409, "SIG_KEY_ON_SERVER")
