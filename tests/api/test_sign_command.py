"""`anso sign` on this machine: with a key in a file or in a token, alone or many at once."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from api.cli.sign import app
from signing.identity import DEFAULT_ARC, CertificateClass
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki
from tests.servers.own_token import OwnToken, make_token


@pytest.fixture(scope="module")
def own_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, own_key: ec.EllipticCurvePrivateKey) -> Path:
    """A folder with a key and its certificate, and the same key under a password."""
    folder, pki = tmp_path_factory.mktemp("keys"), SmallPki()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Thị Ánh")])
    policy = DEFAULT_ARC.policy(CertificateClass.PERSONAL, secondary=False)
    certificate = pki.certificate(name, own_key.public_key(), pki.ca, policy=policy)
    plain, locked = NoEncryption(), BestAvailableEncryption("mật khẩu".encode())
    (folder / "key.pem").write_bytes(own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, plain))
    (folder / "locked.pem").write_bytes(own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    chain = (certificate, pki.ca.certificate, pki.root.certificate)
    (folder / "cert.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    (folder / "root.pem").write_bytes(pki.root.certificate.public_bytes(Encoding.PEM))
    return folder


@pytest.fixture(scope="module")
def token(softhsm: Any, keys: Path, own_key: ec.EllipticCurvePrivateKey) -> OwnToken:
    der = x509.load_pem_x509_certificate((keys / "cert.pem").read_bytes()).public_bytes(Encoding.DER)
    return make_token(softhsm, own_key, der)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(sample_pdf.small())
    return tmp_path


def sign(*arguments: object, **variables: str) -> Any:
    """The command's end, in this process; nobody is at a terminal."""
    result = CliRunner().invoke(app, [*map(str, arguments)], env={"ANSO_DATA": "/none", **variables})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def by_file(keys: Path) -> tuple[object, ...]:
    return ("--key", keys / "key.pem", "--cert", keys / "cert.pem", "--level", "b-b")


def pdfsig(path: Path) -> str:
    """What poppler says; it has no part of ours."""
    done = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def test_a_file_is_signed_beside_its_source_and_others_verify_it(keys: Path, papers: Path) -> None:
    done = sign(papers / "a.pdf", *by_file(keys), "-o", "json")
    assert done.exit_code == 0, done.stderr
    told, signed = json.loads(done.stdout), papers / "a.signed.pdf"
    assert (told["state"], told["level"], told["output"]) == ("signed", "B-B", str(signed))
    assert told["sha256"] == hashlib.sha256(signed.read_bytes()).hexdigest()
    assert signed.read_bytes().startswith((papers / "a.pdf").read_bytes())
    assert "Signature is Valid" in pdfsig(signed)
    assert sorted(one.name for one in papers.iterdir()) == ["a.pdf", "a.signed.pdf", "b.pdf", "c.pdf"]


def test_many_files_are_signed_with_one_pin_of_a_token(token: OwnToken, papers: Path) -> None:
    out = papers / "out"
    done = sign(
        papers, "--pkcs11", token.library, "--token-label", token.label, "--level", "b-b", "--out", out,
        "--jobs", "2", "--mark", "text", "-o", "jsonl", ANSO_PIN=token.pin,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert [Path(json.loads(line)["output"]).name for line in done.stdout.splitlines()] == ["a.pdf", "b.pdf", "c.pdf"]
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        assert "Signature is Valid" in pdfsig(out / name)
