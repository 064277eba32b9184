"""The application with pages, whose checks answer with a prepared report."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.errors import NotFound
from api.ui.verification import look_up, verification
from api.usecases.find_verification_code import PublicRecord
from tests.api.ui import reports

CODE = "k3v7q2m9t4x8b6n1c5z0w3y7ra"


@dataclass
class Desk:
    """A client, and what the use-cases behind the pages will answer."""

    client: TestClient
    report: Any = None
    """A report, or an error to raise."""
    record: PublicRecord | None = None
    seen: list[bytes] = field(default_factory=list)
    """The files that reached the use-case."""
    passwords: list[str | None] = field(default_factory=list)

    def verify(self, content: bytes, password: str | None, _call: object) -> Any:
        self.seen.append(content)
        self.passwords.append(password)
        if isinstance(self.report, Exception):
            raise self.report
        return self.report

    def find(self, code: str, _call: object) -> PublicRecord:
        if self.record is None or code != CODE:
            raise NotFound
        return self.record

    def send(self, content: bytes, *, to: str = "/kiem-tra", name: str = "văn bản.pdf", **form: str) -> Any:
        return self.client.post(to, files={"tep": (name, content, "application/pdf")}, data=form)


@pytest.fixture
def desk(installation: Any) -> Iterator[Desk]:
    app: FastAPI = installation.app
    made = Desk(
        client=TestClient(app, raise_server_exceptions=False, headers={"Accept": "text/html"}),
        report=reports.valid(),
        record=issued(),
    )
    app.dependency_overrides = {verification: lambda: made.verify, look_up: lambda: made.find}
    yield made
    app.dependency_overrides = {}


def issued(**changes: Any) -> PublicRecord:
    """Give what the public may know of an issued birth extract."""
    record = PublicRecord(
        code=CODE,
        result_type="Trích lục khai sinh",
        result_type_en="Birth extract",
        document_number="165/TLKS-UBND",
        issuer_name="Ủy ban nhân dân phường Yết Kiêu",
        issued_on=date(2026, 11, 22),
        state="active",
        masked_holder="H*** K*** Q***",
        sha256=reports.SHA256,
    )
    return replace(record, **changes)
