"""What `anso sign` and `anso augment` need for a file of 300 MB: the command and its worker, added up."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from api.records.demonstration import PEOPLE
from signing.registry_sql import RegistrySql
from tests.api.conftest import install
from tests.api.token_holders import issue_for_key
from tests.fakes import sample_pdf

pytestmark = pytest.mark.bench
ROOT = Path(__file__).resolve().parents[2]
LARGE = 300 * 1024 * 1024

_CHILD = """
import pathlib, resource, sys
from datetime import datetime
import api.bootstrap, api.clock
at = datetime.fromisoformat(sys.argv.pop(1))
api.clock.now = lambda: at
api.bootstrap.build_services.__kwdefaults__ = {"clock": api.clock.now}
from api.cli.app import main
try:
    main()
finally:
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(own / 1024, children.ru_maxrss / 1024, children.ru_utime + used.ru_utime, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, a citizen's key with a certificate from it, and the large file."""
    folder = tmp_path_factory.mktemp("local")
    made, key = install(folder / "data"), ec.generate_private_key(ec.SECP256R1())
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    certificate_id = issue_for_key(made, body, key)
    with made.services.db.reading() as tx:
        der = RegistrySql(tx).get(certificate_id).der or b""
    made.services.close()
    (folder / "at").write_text(made.clock.at.isoformat())
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    with pikepdf.open(io.BytesIO(sample_pdf.page())) as document:
        document.Root.Noise = document.make_stream(bytes(LARGE))
        document.save(folder / "large.pdf", compress_streams=False)
    return folder


def test_a_large_file_lies_in_memory_once_whatever_is_done_with_it(board: Any, place: Path) -> None:
    bare = place / "bare" / "large.pdf"
    by = ("--key", place / "key.pem", "--cert", place / "cert.pem")
    for name, level, arguments in (
        ("sign to b-b", "B-B", ("sign", place / "large.pdf", *by, "--level", "b-b", "--out", place / "bare")),
        ("sign to b-lta", "B-LTA", ("sign", place / "large.pdf", *by, "--level", "b-lta", "--out", place / "whole")),
        ("augment to b-lt", "B-LT", ("augment", bare, "--out", place / "later")),
        ("augment to b-lta", "B-LTA", ("augment", bare, "--level", "b-lta", "--out", place / "archive")),
    ):
        command = [sys.executable, "-c", _CHILD, (place / "at").read_text(), *arguments, "--data", place / "data"]
        done = subprocess.run(
            [*map(str, command), "-o", "json"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=300
        )
        assert json.loads(done.stdout)["level"] == level
        own, worker, used = map(float, done.stderr.split()[-3:])
        aim = 2 * LARGE / 1024 / 1024 + 150
        board.add(f"anso {name}: a file of 300 MB, memory", own + worker, "MB", aim=f"<= {aim:.0f}")
        board.add(f"anso {name}: a file of 300 MB", used, "CPU s", aim="-")
        assert own + worker <= aim
