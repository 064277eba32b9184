"""The reception desk for tests of receipt slips: a dossier, what was counted, the slip drawn and signed, over HTTP."""

import subprocess
from dataclasses import dataclass, field
from typing import Any

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from tests.api.office import issue_certificate, official

ONE_FORM: Any = [{"type_code": "don", "originals": 1}]


@dataclass
class SlipDesk:
    """The ward's officer at the centre, with a personal certificate."""

    installation: Any
    certificate: str
    figure: str = "reception_officer"
    org: str | None = None
    others: dict[str, str] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        return dict(self.installation.headers(Role.RECEPTION_OFFICER, self.figure, self.org))

    def post(self, path: str, body: object | None = None, headers: dict[str, str] | None = None) -> Any:
        return self.installation.client.post(path, json=body or {}, headers=headers or self.headers())

    def get(self, path: str, role: Role = Role.RECEPTION_OFFICER, figure: str | None = None) -> Any:
        headers = self.headers() if figure is None else self.installation.headers(role, figure)
        return self.installation.client.get(path, headers=headers)

    def dossier(self, procedure: str = BIRTH_EXTRACT, applicant: str = "mother", **changes: str) -> dict[str, Any]:
        body = {
            "procedure_code": procedure,
            "applicant_subject_id": PEOPLE[applicant].subject_id,
            "org_code": WARD,
            "channel": "counter",
        } | changes
        answer = self.post("/v1/dossiers", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send_draft(self, dossier: str, components: Any = None, **more: object) -> Any:
        body = {"components": ONE_FORM if components is None else components} | more
        return self.post(f"/v1/dossiers/{dossier}/receipt-slips", body)

    def draft(self, dossier: str | None = None, components: Any = None, **more: object) -> dict[str, Any]:
        answer = self.send_draft(dossier or self.dossier()["id"], components, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def preview(self, slip: str, **more: object) -> Any:
        return self.post(f"/v1/receipt-slips/{slip}/mark-preview", {"certificate_id": self.certificate} | more)

    def sign(self, slip: str, **more: object) -> Any:
        return self.post(f"/v1/receipt-slips/{slip}/signature", {"certificate_id": self.certificate} | more)

    def signed(self, dossier: str | None = None, **more: object) -> dict[str, Any]:
        answer = self.sign(self.draft(dossier, **more)["id"])
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def file(self, slip: str) -> bytes:
        got = self.get(f"/v1/receipt-slips/{slip}/content")
        assert got.status_code == 200, got.text
        return bytes(got.content)


def open_slip_desk(installation: Any) -> SlipDesk:
    return SlipDesk(installation, issue_certificate(installation, official("reception_officer")))


def said(pdf: bytes, *, page: int | None = None) -> str:
    """The words of a file as poppler reads them, in one line."""
    pages = [] if page is None else ["-f", str(page), "-l", str(page)]
    read = subprocess.run(["pdftotext", "-layout", *pages, "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
