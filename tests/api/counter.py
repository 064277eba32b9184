"""The ward's desk for the tests of digitisations: uploads, a reader that gives what it was told, confirmations."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.usecases.digitise_paper import digitise_paper
from digitize.errors import DigitizeError
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


@cache
def _the_photo_as_read() -> DigitisedDocument:
    at = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
    return Digitiser().digitise(PHOTO.read_bytes(), at=at, progress=lambda _done, _total, _label: None)


@pytest.fixture(scope="session")
def reading() -> DigitisedDocument:
    """The sample as the real reader reads it, in a real child process: once, whichever modules import this."""
    return _the_photo_as_read()


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


def seen(counter: Counter, digitisation: str) -> dict[str, Any]:
    return dict(counter.get(f"/v1/digitisations/{digitisation}").json())


MANDATORY = ("number", "date", "agency", "person_name", "dob")


def confirmed(counter: Counter, number: str = TRUTH["number"], **changes: str) -> str:
    """A digitised paper of that number, all of whose fields the officer confirmed."""
    digitisation = counter.read()
    values = {name: TRUTH[name] for name in MANDATORY} | {"number": number} | changes
    answer = counter.patch(digitisation, values)
    assert answer.status_code == 200, answer.text
    return digitisation


def officers_copy(counter: Counter, number: str) -> str:
    """The document that the officer made of such a paper."""
    accepted = counter.accept(confirmed(counter, number))
    assert accepted.status_code == 201, accepted.text
    return str(accepted.json()["document_id"])
