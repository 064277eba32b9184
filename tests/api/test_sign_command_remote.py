"""`anso sign --url`: the client of officials' and citizens' tokens, against a service on loopback, with SoftHSM."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.callers import Role
from api.cli.sign import app
from api.records.demonstration import PEOPLE
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
