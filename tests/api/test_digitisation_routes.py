"""From the counter to the vault: S05, S06, S20, S37; I18-I23, I31, I33. One real photo is read, once."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.usecases.digitise_paper import MAX_ATTEMPTS, digitise_paper
from digitize.errors import ActiveContent, DamagedInput, DigitizeError, SecretPaper, TimedOut
from digitize.intake import Kind
from digitize.pipeline import DigitisedDocument, Digitiser

SAMPLES = Path(__file__).resolve().parents[2] / "demo" / "samples"
PHOTO = SAMPLES / "giay-khai-sinh.jpg"
TRUTH: dict[str, str] = json.loads(PHOTO.with_suffix(".json").read_text(encoding="utf-8"))["fields"]
OFFICER = (Role.RECEPTION_OFFICER, "reception_officer")


@dataclass
class Counter:
    """The ward's desk: an officer with a certificate, and what was read of the sample, once."""

    installation: Any
    certificate: str
    reading: DigitisedDocument

    def headers(self, figure: str = "reception_officer") -> dict[str, str]:
        return dict(self.installation.headers(Role.RECEPTION_OFFICER, figure))

    def post(self, path: str, **request: Any) -> Any:
        return self.installation.client.post(path, headers=self.headers(), **request)

    def get(self, path: str, figure: str = "reception_officer") -> Any:
        return self.installation.client.get(path, headers=self.headers(figure))

    def patch(self, digitisation: str, fields: dict[str, str], **extra: Any) -> Any:
        headers = self.headers() | extra.pop("headers", {})
        body = {"fields": fields} | extra
        return self.installation.client.patch(f"/v1/digitisations/{digitisation}/fields", json=body, headers=headers)

    def dossier(self) -> str:
        body = {
            "procedure_code": BIRTH_EXTRACT,
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": WARD,
            "channel": "counter",
        }
        return str(self.post("/v1/dossiers", json=body).json()["id"])

    def form(self) -> dict[str, str]:
        return {
            "dossier_id": self.dossier(),
            "component_type": "giay_khai_sinh",
            "owner_subject_id": PEOPLE["child"].subject_id,
            "reason": "verify",
        }

    def upload(self, content: bytes, name: str = "anh.jpg", **changes: str) -> Any:
        """Upload for the child's birth certificate; to compare, because other tests may have stored one."""
        form = self.form() | changes
        return self.post("/v1/digitisations", files={"file": (name, content)}, data=form)

    def work(self, digitisation: str, answer: DigitisedDocument | DigitizeError | None = None) -> None:
        """Run the job as the worker would, with a reader that gives this answer."""
        services = replace(self.installation.services, digitiser=Canned(answer or self.reading))
        digitise_paper(services, {"digitisation_id": digitisation}, lambda _done, _total, _label: None)

    def read(self, **changes: str) -> str:
        """A paper that was uploaded and read."""
        started = self.upload(PHOTO.read_bytes(), **changes)
        assert started.status_code == 202, started.text
        self.work(started.json()["id"])
        return str(started.json()["id"])

    def accept(self, digitisation: str, certificate: str | None = None) -> Any:
        body = {"certificate_id": certificate or self.certificate}
        return self.post(f"/v1/digitisations/{digitisation}/acceptance", json=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    answer: DigitisedDocument | DigitizeError


class Canned(Digitiser):
    """A reader that gives what it was told, or fails as it was told."""

    def __init__(self, answer: DigitisedDocument | DigitizeError) -> None:
        super().__init__()
        object.__setattr__(self, "_plain", _Plain(answer=answer))

    def digitise(self, source: bytes, *, at: datetime, progress: Callable[[int, int, str], None]) -> DigitisedDocument:
        del source, at
        progress(1, 1, "reading")
        answer: DigitisedDocument | DigitizeError = self._plain.answer  # type: ignore[attr-defined] # set above
        if isinstance(answer, DigitizeError):
            raise answer
        return answer


class KnowsThePhoto(Digitiser):
    """Looks at every file but the sample, which it has seen often enough."""

    def inspect(self, source: bytes) -> tuple[Kind, int]:
        return (Kind.JPEG, 1) if source == PHOTO.read_bytes() else super().inspect(source)


@pytest.fixture(scope="session")
def reading() -> DigitisedDocument:
    """The sample as the real reader reads it, in a real child process."""
    at = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
    return Digitiser().digitise(PHOTO.read_bytes(), at=at, progress=lambda _done, _total, _label: None)


@pytest.fixture(scope="module")
def counter(installation: Any, reading: DigitisedDocument) -> Counter:
    person = PEOPLE["reception_officer"]
    request = {
        "type": "new",
        "certificate_class": "personal",
        "ordinal": 1,
        "subject_id": person.subject_id,
        "employment_id": person.employment_id,
        "org_code": person.org_code,
        "scope": {"places": [], "procedures": [], "document_types": []},
        "evidence": ["quyet-dinh-bo-nhiem"],
    }
    client = installation.client
    asked = client.post("/v1/certificate-requests", json=request, headers=installation.headers(Role.RA_OFFICER))
    path = f"/v1/certificate-requests/{asked.json()['id']}/approval"
    issued = client.post(path, json={}, headers=installation.headers(Role.APPROVER))
    assert issued.status_code == 201, issued.text
    installation.app.state.services = replace(installation.services, digitiser=KnowsThePhoto())
    return Counter(installation=installation, certificate=issued.json()["certificate_id"], reading=reading)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.service
def test_a_confirmed_photo_becomes_a_signed_copy_in_the_owners_vault(counter: Counter) -> None:
    digitisation = counter.read()
    shown = counter.get(f"/v1/digitisations/{digitisation}").json()
    assert shown["state"] == "extracted"
    for name in ("number", "date", "person_name", "dob", "id_number", "mother", "father", "agency"):
        assert shown["fields"][name]["value"] == TRUTH[name]
    page = counter.get(f"/v1/digitisations/{digitisation}/pages/1")
    assert page.headers["content-type"] == "image/jpeg"
    assert page.content.startswith(b"\xff\xd8")

    confirmed = {name: TRUTH[name] for name in shown["fields"] if name in TRUTH}
    changed = counter.patch(digitisation, confirmed).json()
    assert changed["state"] == "confirmed"
    assert changed["fields"]["number"]["is_confirmed"]

    accepted = counter.accept(digitisation)
    assert accepted.status_code == 201, accepted.text
    dossier = shown["dossier_id"]
    stored = f"/v1/documents/{accepted.json()['document_id']}"
    document = counter.get(f"{stored}?dossier_id={dossier}").json()
    assert document["grade"] == "c_officer_copy"
    assert document["origin"] == "converted_from_paper"
    assert {one["role"] for one in document["files"]} == {"master", "signed"}
    assert document["fields"]["id_number"] == TRUTH["id_number"]
    signed = counter.get(f"{stored}/content?role=signed&dossier_id={dossier}").content
    master = counter.get(f"{stored}/content?role=master&dossier_id={dossier}").content
    assert signed.startswith(counter.reading.pdf)  # the copy is only appended to
    assert master == PHOTO.read_bytes()
    with counter.installation.services.db.reading() as tx:
        assert counter.installation.services.vault.work.slots(tx, digitisation) == ()


# --- at the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"component_type": "so_do"}, (409, "COMP_NOT_REQUIRED")),
        ({"owner_subject_id": PEOPLE["leader"].subject_id}, (409, "FLD_OWNER_NOT_APPLICANT")),
        ({"dossier_id": "dos_0"}, (422, "ID_INVALID")),
        ({"owner_subject_id": "../../etc/passwd"}, (422, "ID_INVALID")),
        ({"component_type": "x" * 5000}, (422, "INPUT_INVALID")),
        ({"component_type": "a\x00b"}, (422, "INPUT_INVALID")),
        ({"reason": "curious"}, (422, "INPUT_INVALID")),
    ],
)
def test_a_paper_that_the_dossier_does_not_ask_for_is_refused(
    counter: Counter, changes: dict[str, str], code: tuple[int, str]
) -> None:
    assert code_of(counter.upload(PHOTO.read_bytes(), **changes)) == code


def test_a_dossier_of_another_agency_does_not_exist_for_this_officer(counter: Counter) -> None:
    form = counter.form()
    answer = counter.installation.client.post(
        "/v1/digitisations",
        files={"file": ("a.jpg", PHOTO.read_bytes())},
        data=form,
        headers=counter.headers("school_officer"),
    )
    assert code_of(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.pdf", (422, "SCAN_EMPTY")),
        (b"PK\x03\x04 not a PDF", "a.pdf", (415, "SCAN_UNSUPPORTED")),
        (b"%PDF-1.7 cut off", "a.pdf", (422, "SCAN_DAMAGED")),
        (PHOTO.read_bytes()[:3], "x" * 3000 + ".jpg", (422, "SCAN_DAMAGED")),
        (b"GIF89a", "../../a\x00.jpg", (415, "SCAN_UNSUPPORTED")),
    ],
    ids=["empty", "zip", "pdf", "jpeg", "gif"],
)
def test_a_bad_file_is_refused_with_its_code_and_leaves_only_the_refusal(
    counter: Counter, content: bytes, name: str, code: tuple[int, str]
) -> None:
    before = rows(counter)
    answer = counter.upload(content, name)
    assert code_of(answer) == code
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert rows(counter) == before
    assert refusals(counter)[-1] == code[1]


def test_a_file_name_without_end_is_refused_before_the_file(counter: Counter) -> None:
    assert code_of(counter.upload(b"GIF89a", "x" * 9000 + ".jpg")) == (400, "REQUEST_MALFORMED")


def test_a_pdf_with_a_script_and_a_picture_bomb_never_reach_the_reader(counter: Counter) -> None:
    armed = pikepdf.new()
    armed.add_blank_page()
    armed.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    out = io.BytesIO()
    armed.save(out)
    assert code_of(counter.upload(out.getvalue(), "a.pdf")) == (422, "SCAN_ACTIVE_CONTENT")
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b""))
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    assert code_of(counter.upload(bomb, "a.png")) == (422, "SCAN_TOO_MANY_PIXELS")


def rows(counter: Counter) -> tuple[int, int]:
    with counter.installation.services.db.reading() as tx:
        jobs = tx.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()
        return tx.exec_driver_sql("SELECT count(*) FROM digitisations").scalar_one(), jobs


def refusals(counter: Counter) -> list[str]:
    with counter.installation.services.db.reading() as tx:
        found = tx.exec_driver_sql("SELECT reason_code FROM audit_events WHERE outcome = 'refused' ORDER BY sequence")
        return [str(row[0]) for row in found]


def test_only_a_reception_officer_takes_papers_in(counter: Counter) -> None:
    client = counter.installation.client
    headers = counter.installation.headers(Role.CITIZEN, "mother")
    answer = client.post("/v1/digitisations", files={"file": ("a", b"a")}, data={}, headers=headers)
    assert code_of(answer) == (403, "ROLE_MISSING")
    assert code_of(client.post("/v1/digitisations", files={"file": ("a", b"a")})) == (401, "TOKEN_MISSING")


def test_the_same_upload_sent_twice_is_taken_once(counter: Counter) -> None:
    form = counter.form()
    headers = counter.headers()
    send = {"files": {"file": ("a.jpg", PHOTO.read_bytes())}, "data": form, "headers": headers}
    first = counter.installation.client.post("/v1/digitisations", **send)
    again = counter.installation.client.post("/v1/digitisations", **send)
    assert (first.status_code, again.json()) == (202, first.json())
    other = send | {"data": form | {"component_type": "don"}}
    assert code_of(counter.installation.client.post("/v1/digitisations", **other)) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_an_upload_whose_answer_was_lost_is_found_again_not_taken_twice(
    counter: Counter, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    send = {"files": {"file": ("a.jpg", PHOTO.read_bytes())}, "data": counter.form(), "headers": counter.headers()}
    papers, jobs = rows(counter)
    with dies_before_its_answer():
        assert counter.installation.client.post("/v1/digitisations", **send).status_code == 500
    counter.installation.clock.forward(minutes=16)
    again = counter.installation.client.post("/v1/digitisations", **send)
    assert again.status_code == 202
    assert rows(counter) == (papers + 1, jobs + 1)
    assert counter.get(again.headers["location"]).json()["state"] == "received"


# --- the job -----------------------------------------------------------------------------------------


def started(counter: Counter) -> str:
    answer = counter.upload(PHOTO.read_bytes())
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/digitisations/{answer.json()['id']}"
    return str(answer.json()["id"])


def seen(counter: Counter, digitisation: str) -> dict[str, Any]:
    return dict(counter.get(f"/v1/digitisations/{digitisation}").json())


@pytest.mark.parametrize(
    ("error", "state"),
    [(SecretPaper(), "returned"), (ActiveContent(), "quarantined"), (DamagedInput(), "failed")],
)
def test_what_may_not_or_cannot_be_read_is_given_back_and_nothing_of_it_stays(
    counter: Counter, error: DigitizeError, state: str
) -> None:
    digitisation = started(counter)
    objects = counter.installation.services.settings.data / "objects"
    before = {path for path in objects.rglob("*") if path.is_file()}
    counter.work(digitisation, error)
    shown = seen(counter, digitisation)
    assert (shown["state"], shown["error_code"], shown["fields"]) == (state, error.code, {})
    with counter.installation.services.db.reading() as tx:
        assert counter.installation.services.vault.work.slots(tx, digitisation) == ()
    after = {path for path in objects.rglob("*") if path.is_file()}
    assert len(before - after) == 1  # the encrypted source is gone from the disk (S37)
    assert code_of(counter.patch(digitisation, {"number": "1/2020"})) == (409, "STATE_CONFLICT")
    assert code_of(counter.accept(digitisation)) == (409, "STATE_CONFLICT")
    assert code_of(counter.get(f"/v1/digitisations/{digitisation}/pages/1")) == (404, "NOT_FOUND")


def test_a_reader_that_was_killed_is_tried_again_and_then_the_paper_is_given_back(counter: Counter) -> None:
    digitisation = started(counter)
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(TimedOut):
            counter.work(digitisation, TimedOut())
        assert seen(counter, digitisation)["state"] == "received"
    counter.work(digitisation, TimedOut())
    shown = seen(counter, digitisation)
    assert (shown["state"], shown["error_code"]) == ("failed", "OCR_TIMEOUT")


def test_a_job_that_runs_twice_does_its_work_once(counter: Counter) -> None:
    digitisation = counter.read()
    version = seen(counter, digitisation)["version"]
    counter.work(digitisation, SecretPaper())
    shown = seen(counter, digitisation)
    assert (shown["state"], shown["version"]) == ("extracted", version)


def test_no_table_and_no_object_holds_the_papers_words(counter: Counter) -> None:
    digitisation = counter.read()
    counter.patch(digitisation, {"person_name": TRUTH["person_name"], "mother": "Nguyễn Thị Bí Mật"})
    folder = counter.installation.services.settings.data
    with counter.installation.services.db.transaction() as tx:
        tx.exec_driver_sql("SELECT 1")
    words = ["57/2020", "Trần Quang Huy", "Bí Mật", "022220900014", "GIẤY KHAI SINH"]
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for word in words:
                assert word.encode() not in content, (path.name, word)


def test_progress_is_told_as_events_until_the_paper_is_read(counter: Counter) -> None:
    digitisation = counter.read()
    answer = counter.get(f"/v1/digitisations/{digitisation}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [event["state"] for event in events] == ["extracted"]
    assert code_of(counter.get(f"/v1/digitisations/{digitisation}/events", "school_officer")) == (404, "NOT_FOUND")


# --- confirming --------------------------------------------------------------------------------------


def test_before_and_after_of_a_correction_are_kept(counter: Counter) -> None:
    digitisation = counter.read()
    read_value = seen(counter, digitisation)["fields"]["person_name"]["value"]
    changed = counter.patch(digitisation, {"person_name": "Trần Minh Khoa"})
    assert changed.json()["state"] == "extracted"  # other mandatory fields are open
    field = counter.patch(digitisation, {"person_name": TRUTH["person_name"]}).json()["fields"]["person_name"]
    assert [(one["before"], one["after"]) for one in field["history"]] == [
        (read_value, "Trần Minh Khoa"),
        ("Trần Minh Khoa", TRUTH["person_name"]),
    ]
    assert all(one["account_id"].startswith("acc_") for one in field["history"])
    assert field["is_confirmed"]
    assert not field["needs_review"]


def test_a_field_that_the_machine_did_not_find_can_be_added(counter: Counter) -> None:
    digitisation = counter.read()
    field = counter.patch(digitisation, {"remark": "Bản sao"}).json()["fields"]["remark"]
    assert (field["value"], field["raw"], field["box"]) == ("Bản sao", "", [])


def test_a_change_on_an_old_version_is_refused(counter: Counter) -> None:
    digitisation = counter.read()
    version = seen(counter, digitisation)["version"]
    assert counter.patch(digitisation, {"sex": "Nam"}, version=version).status_code == 200
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, version=version)) == (409, "VERSION")
    old = {"If-Match": f'"{version}"'}
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, headers=old)) == (409, "VERSION")
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, headers={"If-Match": "*x"})) == (422, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dob": "31/02/2020"}, "FLD_DATE_IMPOSSIBLE"),
        ({"date": "2020-02-31"}, "FLD_DATE_IMPOSSIBLE"),
        ({"id_number": "0222O0900014"}, "FLD_ID_FORMAT"),
        ({"person_name": "  "}, "INPUT_INVALID"),
        ({"person_name": "x" * 501}, "INPUT_INVALID"),
        ({"Person": "x"}, "INPUT_INVALID"),
        ({}, "INPUT_INVALID"),
        ({f"field_{n}": "x" for n in range(55)}, "INPUT_INVALID"),
    ],
)
def test_a_value_that_cannot_stand_on_a_paper_is_refused(counter: Counter, fields: dict[str, str], code: str) -> None:
    digitisation = counter.read()
    assert code_of(counter.patch(digitisation, fields)) == (422, code)
    assert not any(one["is_confirmed"] for one in seen(counter, digitisation)["fields"].values())


# --- signing -----------------------------------------------------------------------------------------


MANDATORY = ("number", "date", "agency", "person_name", "dob")


def confirmed(counter: Counter, **changes: str) -> str:
    digitisation = counter.read()
    values = {name: TRUTH[name] for name in MANDATORY} | changes
    answer = counter.patch(digitisation, values)
    assert answer.status_code == 200, answer.text
    return digitisation


def test_nothing_is_signed_before_every_mandatory_field_is_confirmed(counter: Counter) -> None:
    digitisation = counter.read()
    counter.patch(digitisation, {name: TRUTH[name] for name in MANDATORY[1:]})
    assert code_of(counter.accept(digitisation)) == (409, "CNF_UNCONFIRMED")


def test_a_paper_that_names_somebody_else_is_not_the_owners(counter: Counter) -> None:
    assert code_of(counter.accept(confirmed(counter, id_number="022220900015"))) == (409, "CNF_OWNER_MISMATCH")
    assert code_of(counter.accept(confirmed(counter, person_name="Trần Minh Khoa"))) == (409, "CNF_OWNER_MISMATCH")
    assert code_of(counter.accept(confirmed(counter, dob="2020-06-02"))) == (409, "CNF_OWNER_MISMATCH")


def test_an_expired_paper_is_not_stored(counter: Counter) -> None:
    assert code_of(counter.accept(confirmed(counter, date_expiry="2024-01-01"))) == (409, "CNF_EXPIRED_ALREADY")


def test_another_officer_of_the_agency_may_not_sign_what_this_one_confirmed(counter: Counter) -> None:
    digitisation = confirmed(counter, number="71/2020")
    installation = counter.installation
    other = installation.headers(Role.RECEPTION_OFFICER, "appraiser", WARD)
    body = {"certificate_id": counter.certificate}
    answer = installation.client.post(f"/v1/digitisations/{digitisation}/acceptance", json=body, headers=other)
    assert code_of(answer) == (409, "CNF_OTHER_OFFICER")


def test_a_certificate_that_is_not_there_or_not_the_officers_signs_nothing(counter: Counter) -> None:
    digitisation = confirmed(counter, number="72/2020")
    assert code_of(counter.accept(digitisation, "cert_0"))[1] == "ID_INVALID"
    seal = {"certificate_class": "org_seal", "ordinal": 1, "org_code": WARD, "type": "new", "evidence": ["x"]}
    request = seal | {
        "subject_id": PEOPLE["ward_clerk"].subject_id,
        "scope": {"places": [], "procedures": [], "document_types": []},
    }
    client, installation = counter.installation.client, counter.installation
    asked = client.post("/v1/certificate-requests", json=request, headers=installation.headers(Role.RA_OFFICER)).json()
    path = f"/v1/certificate-requests/{asked['id']}/approval"
    issued = client.post(path, json={}, headers=installation.headers(Role.APPROVER)).json()
    assert code_of(counter.accept(digitisation, issued["certificate_id"]))[1] == "SIG_CERT_HOLDER"
    assert seen(counter, digitisation)["state"] == "confirmed"


def test_a_paper_of_the_same_number_is_stored_once_and_then_not_demanded_again(counter: Counter) -> None:
    first = counter.accept(confirmed(counter, number="73/2020"))
    assert first.status_code == 201, first.text
    form = {name: value for name, value in counter.form().items() if name != "reason"}
    demanded = counter.post("/v1/digitisations", files={"file": ("a.jpg", PHOTO.read_bytes())}, data=form)
    assert code_of(demanded) == (409, "COMP_ALREADY_HELD")  # S06
    again = counter.upload(PHOTO.read_bytes(), reason="verify")
    assert again.status_code == 202
    counter.work(again.json()["id"])
    counter.patch(again.json()["id"], {name: TRUTH[name] for name in MANDATORY} | {"number": "73/2020"})
    assert code_of(counter.accept(again.json()["id"])) == (409, "CNF_DUPLICATE_DOC")  # S33
