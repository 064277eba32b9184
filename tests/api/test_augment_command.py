"""`anso sign` with a data folder, and `anso augment`: levels up to the archive, and what is missing added later."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate
from typer.testing import CliRunner

from api.callers import Role
from api.cli import augment, sign
from api.records.demonstration import PEOPLE
from signing.errors import DocumentNotSignable, EvidenceUnavailable, TimestampUnavailable
from signing.registry_sql import RegistrySql
from tests.api.command_clock import follow_clock
from tests.api.token_holders import issue_for_key
from tests.fakes import sample_pdf

pytestmark = pytest.mark.usefixtures("kept_workers")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, installation: Any) -> Path:
    """A citizen's key in a file, with the certificate that this installation issued for it."""
    folder, key = tmp_path_factory.mktemp("keys"), ec.generate_private_key(ec.SECP256R1())
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    certificate_id = issue_for_key(installation, body, key)
    with installation.services.db.reading() as tx:
        der = RegistrySql(tx).get(certificate_id).der or b""
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    (folder / "id").write_text(certificate_id)
    return folder


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch, installation: Any) -> None:
    follow_clock(monkeypatch, installation)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "don.pdf"
    path.write_bytes(sample_pdf.small())
    return path


def run(module: Any, *arguments: object) -> Any:
    result = CliRunner().invoke(module.app, [*map(str, arguments), "-o", "json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def signed(installation: Any, keys: Path, paper: Path, level: str) -> Any:
    by = ("--key", keys / "key.pem", "--cert", keys / "cert.pem", "--data", installation.services.settings.data)
    return run(sign, paper, *by, "--level", level, "--out", paper.parent / level)


def report(installation: Any, path: Path) -> dict[str, Any]:
    answer = installation.client.post("/v1/verifications", files={"file": ("a.pdf", path.read_bytes())})
    return dict(answer.json())


@pytest.mark.parametrize("level", ["b-b", "b-t", "b-lt", "b-lta"])
def test_a_file_is_signed_at_the_level_that_is_asked_for(
    level: str, installation: Any, keys: Path, paper: Path
) -> None:
    done = signed(installation, keys, paper, level)
    assert done.exit_code == 0, (done.stdout, done.stderr)
    assert json.loads(done.stdout)["level"] == level.upper()
    found = report(installation, paper.parent / level / "don.pdf")
    assert found["signatures"][0]["level"] == level.upper()
    assert found["signatures"][0]["intact"] is True


def test_what_is_missing_is_added_later_and_every_earlier_byte_stays(
    installation: Any, keys: Path, paper: Path
) -> None:
    data, at = installation.services.settings.data, installation.clock.at
    assert signed(installation, keys, paper, "b-b").exit_code == 0
    first = paper.parent / "b-b" / "don.pdf"
    bare = run(augment, first, "--dry-run")
    assert (bare.exit_code, json.loads(bare.stdout)["state"]) == (0, "told")
    assert "lasts_until" not in json.loads(bare.stdout)
    later = run(augment, first, "--data", data)
    assert json.loads(later.stdout)["level"] == "B-LT", later.stdout
    second = first.with_name("don.augmented.pdf")
    installation.clock.forward(days=1)
    archived = run(augment, second, "--data", data, "--level", "b-lta", "--out", paper.parent / "archive")
    installation.clock.at = at
    assert json.loads(archived.stdout).get("level") == "B-LTA", (archived.stdout, archived.stderr)
    third = paper.parent / "archive" / second.name
    assert third.read_bytes().startswith(second.read_bytes())
    assert second.read_bytes().startswith(first.read_bytes())
    told = json.loads(run(augment, third, "--dry-run").stdout)
    assert datetime.fromisoformat(told["lasts_until"]) > at
    assert sorted(path.name for path in third.parent.iterdir()) == [".anso-sign.jsonl", second.name]


@contextmanager
def no_time_stamps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every time-stamp authority is silent."""
    with monkeypatch.context() as away:
        silent = Mock(side_effect=TimestampUnavailable("silent"))
        away.setattr("api.usecases.signing_parts.time_stamper", lambda *_, **__: silent)
        yield


@pytest.mark.parametrize("level", ["b-lt", "b-lta"])
def test_a_file_that_takes_too_long_to_read_ends_its_worker_and_not_the_run(
    level: str, installation: Any, keys: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed(installation, keys, paper, "b-b").exit_code == 0
    source, out = paper.parent / "b-b" / "don.pdf", paper.parent / "out"
    other = source.with_name("other.pdf")
    other.write_bytes(source.read_bytes())
    monkeypatch.setattr("api.cli.file_augmenting.TIMEOUT_S", 1e-6)
    data = ("--data", installation.services.settings.data)
    done = run(augment, source, other, *data, "--level", level, "--out", out, "--continue-on-error")
    told = json.loads(done.stdout)
    assert [one["error"]["code"] for one in told] == ["WORK_TIMED_OUT"] * 2
    assert all(one["error"]["detail_vi"] and one["error"]["detail_en"] for one in told)
    assert not list(out.iterdir())
    assert run(augment, source, "--dry-run").exit_code != 0  # also what is only looked at


def test_a_file_signed_here_without_a_time_stamp_says_so_and_is_completed_later(
    installation: Any, keys: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_time_stamps(monkeypatch):
        done = signed(installation, keys, paper, "b-lt")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["state"], found["level"]) == (8, "pending", "B-B")
    assert found["pending"]["reason_code"] == "TIMESTAMP_UNAVAILABLE"
    later = run(augment, found["output"], "--data", installation.services.settings.data)
    assert (later.exit_code, json.loads(later.stdout)["level"]) == (0, "B-LT")


def test_a_run_goes_on_with_what_an_earlier_one_left_pending_or_tells_of_it_again(
    installation: Any, keys: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> Any:
        raise EvidenceUnavailable("silent")

    with no_time_stamps(monkeypatch):
        assert signed(installation, keys, paper, "b-lta").exit_code == 8
    output = paper.parent / "b-lta" / "don.pdf"
    first, key = output.read_bytes(), ("--key", keys / "key.pem", "--cert", keys / "cert.pem")
    by, data = (paper, *key, "--out", output.parent, "--resume"), ("--data", installation.services.settings.data)
    monkeypatch.setenv("ANSO_DATA", "/none")
    bare = run(sign, *by, "--level", "b-b")  # nothing here adds time-stamps
    assert (bare.exit_code, json.loads(bare.stdout)["state"]) == (8, "pending")
    with monkeypatch.context() as away:
        away.setattr("api.usecases.signing_parts.evidence_source", lambda *_, **__: missing)
        half = run(sign, *by, *data, "--level", "b-lta")
    assert (half.exit_code, json.loads(half.stdout)["pending"]["reason_code"]) == (8, "EVIDENCE_UNAVAILABLE")
    assert output.read_bytes() == first  # as far as it was asked for, or not at all
    done = run(sign, *by, *data, "--level", "b-lta")
    assert (done.exit_code, json.loads(done.stdout)["level"]) == (0, "B-LTA"), done.stdout
    assert output.read_bytes().startswith(first)
    assert json.loads(run(sign, *by, *data, "--level", "b-lta").stdout)["state"] == "skipped"


def test_a_pending_file_that_cannot_be_continued_is_told_and_stays(
    installation: Any, keys: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_time_stamps(monkeypatch):
        assert signed(installation, keys, paper, "b-lt").exit_code == 8
    output = paper.parent / "b-lt" / "don.pdf"
    first, key = output.read_bytes(), ("--key", keys / "key.pem", "--cert", keys / "cert.pem")
    by = (paper, *key, "--out", output.parent, "--resume", "--data", installation.services.settings.data)
    for error, code, ended in ((DocumentNotSignable("x"), "DOCUMENT_NOT_SIGNABLE", 10), (OSError(28, "full"), "", 1)):
        fails = Mock(side_effect=error)
        with monkeypatch.context() as broken:
            broken.setattr("api.cli.sign_pending.FileAugmenting.augment", fails)
            done = run(sign, *by)
        assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (ended, code or "FILE_NOT_WRITTEN")
        assert output.read_bytes() == first
    with monkeypatch.context() as half_way:
        half_way.setattr("api.cli.sign_pending.FileAugmenting.augment", Mock(return_value="B-T"))
        less = run(sign, *by)
    assert (less.exit_code, json.loads(less.stdout)["state"], json.loads(less.stdout)["level"]) == (8, "pending", "B-B")
    assert output.read_bytes() == first
    assert sorted(one.name for one in output.parent.iterdir()) == [".anso-sign.jsonl", "don.pdf"]


def test_proofs_come_from_one_place_and_a_login_is_wanted_there(installation: Any, paper: Path) -> None:
    data = ("--data", installation.services.settings.data)
    assert run(augment, paper, *data, "--url", "https://anso.example.vn").exit_code == 2
    assert run(augment, paper, "--url", "http://anso.example.vn").exit_code == 2  # no token goes without TLS
    assert run(augment, paper, "--url", "https://anso.example.vn").exit_code == 7


def test_what_cannot_be_augmented_says_why(installation: Any, paper: Path, tmp_path: Path) -> None:
    data = ("--data", installation.services.settings.data)
    unsigned = run(augment, paper, *data)
    assert (unsigned.exit_code, json.loads(unsigned.stdout)["error"]["code"]) == (10, "DOCUMENT_NOT_SIGNABLE")
    missing = run(augment, tmp_path / "none.pdf", *data)
    assert (missing.exit_code, json.loads(missing.stdout)["error"]["code"]) == (10, "FILE_UNREADABLE")
    assert run(augment, paper, "--data", tmp_path / "no installation").exit_code == 2
    assert not (tmp_path / "no installation").exists()
    assert run(augment, paper, *data, "--level", "b-b").exit_code == 2
    assert run(augment, paper, *data, "--resume").exit_code == 2
    assert not list(tmp_path.glob("*.augmented.pdf"))


def test_a_certificate_that_is_held_here_signs_nothing_here(installation: Any, keys: Path, paper: Path) -> None:
    """I10: the data folder knows it, so the key in the file is not used."""
    path = f"/v1/certificates/{(keys / 'id').read_text()}/suspension"
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    held = installation.client.post(path, json={"reason": "key_in_doubt"}, headers=headers)
    assert held.status_code == 201, held.text
    refused = signed(installation, keys, paper, "b-lt")
    assert (refused.exit_code, "SIG_CERT_HOLD" in refused.stderr) == (7, True)
    released = installation.client.delete(path, headers=installation.headers(Role.SECURITY_OFFICER, "security_officer"))
    assert released.status_code == 200, released.text
