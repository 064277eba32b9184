"""Papers at the counter's door and in the reader's hands: S06, S37; I31, I33. What is refused leaves nothing."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pikepdf
import pytest

from api.callers import Role
from api.jobs.queue import _Attempts
from api.records.demonstration import PEOPLE
from api.records.digitisations import Digitisations
from api.usecases.digitise_paper import MAX_ATTEMPTS, give_up_digitisation
from digitize.errors import ActiveContent, DamagedInput, DigitizeError, SecretPaper, TimedOut
from tests.api.counter import PHOTO, TRUTH, Counter, code_of, counter, reading, seen

__all__ = ["counter", "reading"]  # fixtures


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


def test_a_paper_whose_job_failed_for_good_does_not_wait_for_ever(counter: Counter) -> None:
    digitisation, services = started(counter), counter.installation.services
    attempts = _Attempts(services.db, {}, services.clock, {"digitise_paper": partial(give_up_digitisation, services)})
    with services.db.reading() as tx:
        job_id = Digitisations(tx).get(digitisation).job_id
    attempts.make(job_id)  # this worker has no body for the kind: the job fails
    found = seen(counter, digitisation)
    assert (found["state"], found["error_code"]) == ("failed", "JOB_KIND_UNKNOWN")
    with services.db.reading() as tx:
        assert services.vault.work.slots(tx, digitisation) == ()
    give_up_digitisation(services, {"digitisation_id": digitisation}, "X")  # told twice: nothing changes
    assert seen(counter, digitisation)["error_code"] == "JOB_KIND_UNKNOWN"


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
