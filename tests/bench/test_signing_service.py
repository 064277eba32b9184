"""What the service holds in memory for a file of 300 MB that a citizen signs with a token: sent, completed, fetched.

The whole of `anso serve`: its own process, and the worker that opens the file for it.
"""

import base64
import io
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from api.callers import Role
from api.clock import now
from api.records.demonstration import PEOPLE
from tests.api.conftest import install
from tests.api.token_holders import PATH, issue_for_key
from tests.bench.conftest import Board
from tests.fakes import sample_pdf

pytestmark = pytest.mark.bench
ROOT = Path(__file__).resolve().parents[2]
LARGE = 300 * 1024 * 1024
MIB = 1024 * 1024


@dataclass
class Sender:
    """A citizen with a key of the own, and the installation's folder."""

    data: Path
    key: ec.EllipticCurvePrivateKey
    certificate_id: str
    headers: dict[str, str]

    def keyed(self) -> dict[str, str]:
        return {**self.headers, "Idempotency-Key": secrets.token_hex(8)}


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Sender:
    made, key = install(tmp_path_factory.mktemp("service")), ec.generate_private_key(ec.SECP256R1())
    made.clock.at = now()
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    certificate_id = issue_for_key(made, body, key)
    made.services.close()
    return Sender(made.services.settings.data, key, certificate_id, made.headers(Role.CITIZEN, "mother"))


@contextmanager
def serving(data: Path) -> Iterator[tuple[int, str]]:
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, process.stdout.readline().rsplit(" ", 1)[1].strip()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def largest_mb(pid: int) -> float:
    """VmHWM: the most that the process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def readers_of(service: int) -> list[int]:
    """The processes that read files for it."""
    below = Path(f"/proc/{service}/task").glob("*/children")
    found = [int(pid) for one in below for pid in one.read_text(encoding="ascii").split()]
    return [pid for pid in found if b"signing.isolation.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_large_file_is_signed_through_the_service(sender: Sender, board: Board) -> None:
    large = io.BytesIO()
    with pikepdf.open(io.BytesIO(sample_pdf.page())) as document:
        document.Root.Noise = document.make_stream(bytes(LARGE))
        document.save(large, compress_streams=False)
    with serving(sender.data) as (service, url), httpx2.Client(base_url=url, timeout=120) as client:
        idle = largest_mb(service)
        sent = {"file": ("large.pdf", large.getvalue())}
        made = client.post(PATH, files=sent, data={"certificate_id": sender.certificate_id}, headers=sender.keyed())
        assert made.status_code == 201, made.text
        prepared = made.json()["items"][0]["preparation"]
        value = sender.key.sign(base64.b64decode(prepared["to_be_signed"]), ec.ECDSA(hashes.SHA256()))
        body = {"value": base64.b64encode(value).decode()}
        done = client.post(f"{PATH}/{prepared['id']}/completion", json=body, headers=sender.keyed())
        assert done.status_code == 201, done.text
        with client.stream("GET", done.json()["file"], headers=sender.headers) as answer:
            assert sum(map(len, answer.iter_bytes())) > LARGE
        most = largest_mb(service)
        workers = [largest_mb(pid) for pid in readers_of(service)]
    aim = 2 * len(large.getvalue()) / MIB + 150
    board.add("sign through the service: a file of 300 MB, for it", most - idle, "MB", aim=f"<= {aim:.0f}")
    board.add("sign through the service: the serving process, idle", idle, "MB", aim="reported")
    board.add("sign through the service: the worker that reads it", max(workers), "MB", aim=f"<= {aim:.0f}")
    assert max(most - idle, *workers) <= aim
