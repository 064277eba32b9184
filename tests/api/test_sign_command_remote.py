"""`anso sign --url`: the client of officials' and citizens' tokens, against a service on loopback, with SoftHSM."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from typer.testing import CliRunner

from api.callers import Role
from api.cli.holder_keys import HolderKey
from api.cli.sign import app
from api.cli.sign_items import Item
from api.cli.sign_remote import RemoteSigning, sign_through
from api.records.demonstration import PEOPLE
from signing.keys import Credential, SignatureAlgorithm
from signing.pades.cms import signed_attributes
from tests.api.live_service import serving
from tests.api.token_holders import Holder, TokenOffice, holder_of, open_token_office
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def url(installation: Any) -> Iterator[str]:
    with serving(installation.app) as address:
        yield address


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def ward(installation: Any, softhsm: Any) -> TokenOffice:
    return open_token_office(installation, softhsm)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(sample_pdf.small())
    return tmp_path


def sign(holder: Holder, url: str, *arguments: object, **variables: str) -> Any:
    """The command's end: the holder's token and login."""
    token = holder.installation.token(holder.role, holder.figure)
    by = ("--url", url, "--pkcs11", holder.token.library, "--token-label", holder.token.label)
    known = {"ANSO_TOKEN": token, "ANSO_PIN": holder.token.pin, **variables}
    result = CliRunner().invoke(app, [*map(str, (*arguments, *by))], env=known)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(result: Any) -> Any:
    assert result.exit_code == 0, (result.stdout, result.stderr)
    return json.loads(result.stdout)


def verdict(holder: Holder, path: Path) -> str:
    files = {"file": ("a.pdf", path.read_bytes())}
    return str(holder.installation.client.post("/v1/verifications", files=files).json()["verdict"])


def test_a_citizen_signs_files_through_the_service_with_one_pin(citizen: Holder, url: str, papers: Path) -> None:
    out = papers / "da-ky"
    found = told(sign(citizen, url, papers, "--out", out, "-o", "json"))
    assert [(one["state"], one["level"]) for one in found] == [("signed", "B-LT")] * 3
    for number in range(3):
        signed = out / f"{number}.pdf"
        assert signed.read_bytes().startswith((papers / f"{number}.pdf").read_bytes())
        assert verdict(citizen, signed) == "valid"


def test_a_leader_signs_results_and_a_clerk_seals_them(ward: TokenOffice, url: str, tmp_path: Path) -> None:
    results = [ward.office.numbered() for _ in range(2)]
    named = [part for one in results for part in ("--result", one)]
    signed = told(sign(ward.leader, url, *named, "--capacity", "kt", "-o", "json"))
    assert [(one["result_id"], one["level"]) for one in signed] == [(one, "B-LT") for one in results]
    sealed = told(sign(ward.seal, url, *named, "--seal", "--out", tmp_path, "-o", "json"))
    assert [one["state"] for one in sealed] == ["signed", "signed"]
    assert verdict(ward.seal, tmp_path / f"{results[0]}.pdf") == "valid"


def codes(result: Any) -> list[str]:
    return [json.loads(line).get("error", {}).get("code", "") for line in result.stdout.splitlines()]


def test_a_bad_file_and_a_result_of_others_fail_alone(citizen: Holder, url: str, papers: Path) -> None:
    (papers / "1.pdf").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="x"))
    done = sign(citizen, url, papers, "--out", papers / "out", "--continue-on-error", "-o", "jsonl")
    assert (done.exit_code, codes(done)) == (6, ["", "DOCUMENT_ENCRYPTED", ""])
    alone = sign(citizen, url, papers / "1.pdf", "-o", "jsonl")
    assert (alone.exit_code, codes(alone)) == (10, ["DOCUMENT_ENCRYPTED"])
    foreign = sign(citizen, url, "--result", f"res_{'0' * 26}", "--capacity", "kt", "-o", "jsonl")
    assert (foreign.exit_code, codes(foreign)) == (7, ["ROLE_MISSING"])


def test_a_run_goes_on_without_signing_again(citizen: Holder, url: str, papers: Path) -> None:
    out = papers / "out"
    assert sign(citizen, url, papers / "0.pdf", "--out", out).exit_code == 0
    again = told(sign(citizen, url, papers / "[0-2].pdf", "--out", out, "--resume", "-o", "json"))
    assert [one["state"] for one in again] == ["skipped", "signed", "signed"]


def test_a_login_or_a_service_that_is_not_there_ends_the_run(citizen: Holder, url: str, papers: Path) -> None:
    refused = sign(citizen, url, papers, "--out", papers / "out", "-o", "jsonl", ANSO_TOKEN="x.y.z")
    assert (refused.exit_code, codes(refused)[0]) == (7, "TOKEN_INVALID")
    away = sign(citizen, "http://127.0.0.1:9", papers, "--out", papers / "out", "-o", "jsonl")
    assert (away.exit_code, codes(away)[0]) == (8, "SERVICE_AWAY")
    assert not [path for path in (papers / "out").rglob("*") if path.suffix in {".pdf", ".part"}]


class _Odd:
    """A service that does not do what it should."""

    def __init__(self, key: Any, file: bytes = b"", **changes: Any) -> None:
        self._key, self._file, self._changes = key, file, changes

    def prepare_files(self, paths: list[Path], _fields: object) -> list[dict[str, Any]]:
        return [{"preparation": {"id": "prep_1", **self._changes}, "error": None} for _ in paths]

    def complete(self, values: dict[str, bytes]) -> list[dict[str, Any]]:
        done = {"file": "/x", "file_sha256": hashlib.sha256(self._file).hexdigest(), "level": "B-LT"}
        return [{"preparation": {"id": one, "document_sha256": "", **done}, "error": None} for one in values]

    def file(self, _path: str) -> Iterator[bytes]:
        yield self._file


def attributes(certificate: bytes, digest: bytes) -> bytes:
    credential = Credential(key_id="", certificate=certificate, chain=(), algorithm=SignatureAlgorithm.ECDSA_SHA256)
    return signed_attributes(credential, digest)


def signing_through(service: Any, certificate: bytes, used: list[bytes]) -> RemoteSigning:
    def use(data: bytes) -> bytes:
        used.append(data)
        return b"value"

    key = HolderKey(certificate=certificate, chain=(), algorithm=SignatureAlgorithm.ECDSA_SHA256, sign=use)
    return RemoteSigning(key=key, service=service)


def test_the_client_signs_nothing_but_attributes_that_name_its_own_certificate(
    citizen: Holder, ward: TokenOffice, papers: Path
) -> None:
    own, digest = citizen.token.certificate, hashlib.sha256(b"x").digest()
    asked = {
        "another certificate": attributes(ward.leader.token.certificate, digest),
        "a certificate to be": x509.load_der_x509_certificate(own).tbs_certificate_bytes,
        "anything": b"sign this",
        "another digest": attributes(own, hashlib.sha256(b"y").digest()),
    }
    for what, data in asked.items():
        used: list[bytes] = []
        sent = base64.b64encode(data).decode()
        service = _Odd(own, to_be_signed=sent, digest=digest.hex())
        item = Item(name="0.pdf", source=papers / "0.pdf", target=papers / "out.pdf")
        (done,) = sign_through([item], lambda _: None, signing_through(service, own, used))
        assert done.failure is not None, what
        assert (done.failure.code, used) == ("KEY_USE_REFUSED", []), what


def test_what_does_not_continue_the_sent_file_is_not_kept(citizen: Holder, papers: Path) -> None:
    own, digest = citizen.token.certificate, hashlib.sha256(b"x").digest()
    sent, pdf = base64.b64encode(attributes(own, digest)).decode(), (papers / "0.pdf").read_bytes()
    for given in (b"", pdf, pdf.replace(b"%PDF", b"%PDX") + b"more", b"something else entirely" * 1000):
        service = _Odd(own, file=given, to_be_signed=sent, digest=digest.hex())
        item = Item(name="0.pdf", source=papers / "0.pdf", target=papers / "out.pdf")
        (done,) = sign_through([item], lambda _: None, signing_through(service, own, []))
        assert done.failure is not None
        assert done.failure.code == "SIGNED_FILE_FOREIGN"
        assert sorted(path.name for path in papers.iterdir()) == ["0.pdf", "1.pdf", "2.pdf"]
