"""What somebody sends to be checked is afterwards nowhere: not on disk, not in the database, not in the log.

A word that nobody else uses stands in the page, the document's data, the field's name, the file's name and the
password; it is then looked for in every byte that the service wrote, in each way a text may be encoded.
"""

import base64
import builtins
import io
import json
import logging
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest
from starlette.formparsers import MultiPartParser

from api import log
from api.callers import Role
from api.remembered import RememberedReports
from signing.isolation import Isolation, Limits
from tests.api.conftest import install, logging_restored
from tests.api.sealed_files import signature_over
from tests.fakes import sample_pdf

CANARY: Final = f"Canary{secrets.token_hex(8)}"
PASSWORD: Final = f"Matkhau{secrets.token_hex(8)}"
NAME: Final = f"{CANARY}.pdf"
LARGE: Final = 3 * 1024 * 1024  # beyond what a form parser keeps in memory by itself


@contextmanager
def files_written() -> Iterator[list[str]]:
    """Every file that this process opens for writing meanwhile.

    Not by an audit hook: it can never be taken away, and while it runs other threads begin to be traced, where one at
    a time may (CPython 3.11).
    """
    paths: list[str] = []
    usual, lowest = io.open, os.open

    def see(path: Any, *, is_writing: bool) -> None:
        if is_writing and not isinstance(path, int) and str(path) != os.devnull:
            paths.append(str(path))

    def seen(path: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        see(path, is_writing=bool(set(mode) & set("wax+")))
        return usual(path, mode, *args, **more)

    def seen_below(path: Any, flags: int, *args: Any, **more: Any) -> int:
        see(path, is_writing=bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))
        return lowest(path, flags, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", seen)
        patch.setattr(io, "open", seen)
        patch.setattr(os, "open", seen_below)  # also what `tempfile` uses
        yield paths


@pytest.fixture(scope="module")
def stream() -> Iterator[io.StringIO]:
    """What the service logs, all of it."""
    with logging_restored():
        made = io.StringIO()
        log.configure("debug", made)
        logging.getLogger("anso").setLevel(logging.DEBUG)
        yield made


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, stream: io.StringIO) -> Iterator[Any]:
    made = install(tmp_path_factory.mktemp("watched"))
    yield made
    made.services.close()


def spoken(size: int = 1000, *, encrypted: bool = False) -> bytes:
    """A file that says the word everywhere."""

    def say(document: Any) -> None:
        page = document.pages[0]
        page.contents_add(document.make_stream(f"BT /F1 12 Tf ({CANARY}) Tj ET".encode()))
        document.docinfo["/Title"] = CANARY
        document.Root.AcroForm = pikepdf.Dictionary(
            Fields=pikepdf.Array(
                [
                    document.make_indirect(
                        pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=CANARY, V=pikepdf.Dictionary(Contents=b"0"))
                    )
                ]
            )
        )
        document.Root.Rest = document.make_stream(secrets.token_bytes(size))

    lock = pikepdf.Encryption(owner=PASSWORD, user=PASSWORD) if encrypted else None
    found: bytes = sample_pdf.changed(sample_pdf.small(), say, **({"encryption": lock} if lock else {}))
    return found


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def by_every_route(installation: Any) -> list[Any]:
    """The same file, once through each door."""
    client, plain, locked = installation.client, spoken(), spoken(encrypted=True)
    large = spoken(LARGE)
    form = {"file": (NAME, large, "application/pdf")}
    closed = {"file": (NAME, locked, "application/pdf")}
    letter = (CANARY * 1000).encode()
    signature = signature_over(installation, letter)
    item = {
        "name": CANARY,
        "digest_algorithm": "sha256",
        "digest": b64(sha256(letter).digest()),
        "signature": b64(signature),
    }
    siva = {"filename": NAME, "document": b64(plain), "signaturePolicy": "POLv3"}
    dss = {"signedDocument": {"bytes": b64(plain), "name": NAME}}
    return [
        client.post("/v1/verifications", files=form),
        client.post("/v1/verifications", files=form, headers={"Accept": "application/pdf"}),
        client.post("/v1/verifications", files=closed, data={"password": PASSWORD}),
        client.post("/v1/verifications", files=closed, data={"password": PASSWORD[:-1]}),
        client.post("/v1/verifications", json={"document": b64(plain)}),
        client.post("/v1/verifications", json={"document": b64(locked), "password": PASSWORD}),
        client.post("/v1/verifications", json={"document": b64(plain), CANARY: PASSWORD}),
        client.post("/v1/verifications", files={"file": (NAME, letter), "signature": (f"{NAME}.p7s", signature)}),
        client.post("/v1/verifications/hashes", json={"items": [item]}),
        client.post("/v1/verification-batches", files=[("file", (NAME, plain)), ("file", (NAME, letter))]),
        client.post("/compat/siva/validate", json=siva),
        client.post("/compat/dss/validation/validateSignature", json=dss),
        client.post("/kiem-tra", files={"tep": (NAME, large, "application/pdf")}, headers={"Accept": "text/html"}),
        client.post("/v1/verifications", files={"file": (NAME, b"", "application/pdf")}),
        client.post("/v1/verifications", files={"file": (NAME, CANARY.encode())}),
    ]


def forms_of(word: str) -> list[bytes]:
    """How a text may lie somewhere."""
    raw = word.encode()
    shifted = [b64(b"\0" * n + raw + b"\0\0")[4 if n else 0 : -4].encode() for n in range(3)]
    return [raw, raw.hex().encode(), word.encode("utf-16-be"), word.encode("utf-16-le"), *shifted]


def traces(folder: Path, since: float = 0.0) -> list[str]:
    """The files below a folder in which the word or the password is found."""
    wanted = [form for word in (CANARY, PASSWORD) for form in forms_of(word)]
    found = []
    # other programs' folders come and go meanwhile; os.walk passes over what is gone
    for path in (Path(parent, name) for parent, _, names in os.walk(folder) for name in names):
        try:
            if not path.is_file() or path.is_symlink() or path.stat().st_mtime < since:
                continue
            content = path.read_bytes()
        except OSError:  # somebody else's, or gone
            continue
        if any(form in content or form in str(path).encode() for form in wanted):
            found.append(str(path))
    return found


def logged(stream: io.StringIO) -> list[str]:
    text = stream.getvalue()
    return [word for word in (CANARY, PASSWORD) if word in text]


def test_what_was_sent_through_any_door_is_nowhere_afterwards(watched: Any, stream: io.StringIO) -> None:
    begun = time.time()
    with files_written() as written:
        answers = by_every_route(watched)
    assert {answer.status_code for answer in answers} <= {200, 422}
    assert sum(answer.status_code == 200 for answer in answers) >= 11
    data = watched.services.settings.data
    assert [path for path in written if not path.startswith(str(data))] == []
    assert traces(data) == []
    assert traces(Path(tempfile.gettempdir()), begun) == []
    assert logged(stream) == []
    assert len(stream.getvalue().splitlines()) >= len(answers)  # the log was there
    assert not any(PASSWORD in answer.text for answer in answers)
    keys = repr(list(watched.services.remembered._kept))
    assert len(watched.services.remembered) > 0
    assert not any(word in keys for word in (CANARY, PASSWORD))


@pytest.mark.parametrize(
    "workers",
    [
        lambda: Isolation(workers=1, limits=Limits(memory_mb=80)),  # dies at once
        lambda: Isolation(workers=1, limits=Limits(cpu_s=1, memory_mb=2048), wait_s=0.1, max_waiting=0),
    ],
    ids=["crash", "limits"],
)
def test_nothing_is_left_when_a_worker_dies_either(watched: Any, stream: io.StringIO, workers: Any) -> None:
    usual = watched.services
    verifier = replace(usual.verifier, timeout_s=0.02)
    nothing = RememberedReports(max_count=0, max_bytes=0)
    begun = time.time()
    watched.app.state.services = replace(usual, workers=workers(), verifier=verifier, remembered=nothing)
    try:
        answers = by_every_route(watched)
    finally:
        watched.app.state.services.workers.close()
        watched.app.state.services = usual
    reports = [a.json() for a in answers if a.headers["content-type"] == "application/json"]
    assert "indeterminate" in {report.get("verdict") for report in reports if isinstance(report, dict)}
    assert traces(usual.settings.data) == []
    assert traces(Path(tempfile.gettempdir()), begun) == []
    assert logged(stream) == []


def test_a_large_upload_to_another_door_is_not_in_a_temporary_file_either(watched: Any) -> None:
    with files_written() as written:
        watched.client.post(
            "/v1/digitisations",
            files={"file": (NAME, spoken(LARGE))},
            data={"dossier_id": "dos_" + "0" * 26, "component_type": "x", "owner_subject_id": "sub_" + "0" * 26},
            headers=watched.headers(Role.RECEPTION_OFFICER),
        )
    data = str(watched.services.settings.data)
    assert [path for path in written if not path.startswith(data)] == []


def test_the_watch_sees_a_temporary_file(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of the guard: with the framework's own bound the same upload is seen on its way to disk."""
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    with files_written() as written:
        watched.client.post("/kiem-tra", files={"tep": (NAME, spoken(LARGE), "application/pdf")})
    assert written


def test_a_report_names_the_field_to_who_sent_the_file_alone(watched: Any) -> None:
    report = watched.client.post("/v1/verifications", files={"file": (NAME, spoken())}).json()
    assert NAME not in json.dumps(report)
