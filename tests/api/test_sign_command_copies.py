"""`anso sign --digitisation`: an officer signs the copies of confirmed papers with the own token, many with one PIN."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.callers import Role
from api.cli.sign import app
from signing.pades.pages import signed_places
from tests.api import token_commands
from tests.api.counter import Counter, code_of, confirmed, reading, seen
from tests.api.live_service import serving
from tests.api.token_commands import lines_of
from tests.api.token_desk import desk, officer
from tests.api.token_holders import Holder

__all__ = ["desk", "officer", "reading"]  # fixtures


@pytest.fixture(scope="module")
def url(installation: Any, desk: Counter) -> Iterator[str]:
    assert desk.installation is installation
    with serving(installation.app) as address:
        yield address


def sign(officer: Holder, url: str, *arguments: object) -> Any:
    return token_commands.sign(officer, url, *arguments, "-o", "jsonl")


def test_copies_of_confirmed_papers_are_signed_with_one_pin_and_stored(
    desk: Counter, officer: Holder, url: str, tmp_path: Path
) -> None:
    papers = [confirmed(desk, f"{number}/2020") for number in (281, 282)]
    open_one = desk.read()
    named = [part for one in (papers[0], open_one, papers[1]) for part in ("--digitisation", one)]
    by = (*named, "--out", tmp_path, "--continue-on-error", "--resume")
    done = sign(officer, url, *by)
    found = lines_of(done)
    assert (done.exit_code, [one["state"] for one in found]) == (6, ["signed", "failed", "signed"])
    assert [one["digitisation_id"] for one in found] == [papers[0], open_one, papers[1]]
    assert (found[0]["level"], found[1]["error"]["code"]) == ("B-LT", "CNF_UNCONFIRMED")
    assert [seen(desk, one)["state"] for one in papers] == ["stored", "stored"]
    files = {"file": ("a.pdf", signed_copy(desk, papers[0]))}
    report = desk.installation.client.post("/v1/verifications", files=files).json()
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    again = sign(officer, url, *by)
    assert [one["state"] for one in lines_of(again)] == ["skipped", "skipped", "failed"]  # what is done is told first
    assert not list(tmp_path.glob("*.pdf"))  # citizens' papers do not come to this machine


def test_a_list_names_copies_too_and_says_what_is_seen_of_the_signature(
    desk: Counter, officer: Holder, url: str, tmp_path: Path
) -> None:
    plain, marked = confirmed(desk, "283/2020"), confirmed(desk, "284/2020")
    (tmp_path / "ky.csv").write_text(f"digitisation_id,mark\n{plain},none\n{marked},\n", encoding="utf-8")
    assert sign(officer, url, "--batch", tmp_path / "ky.csv").exit_code == 0
    assert [len(signed_places(signed_copy(desk, one))) for one in (plain, marked)] == [0, 1]


def signed_copy(desk: Counter, digitisation: str) -> bytes:
    found = seen(desk, digitisation)
    path = f"/v1/documents/{found['document_id']}/content?role=signed&dossier_id={found['dossier_id']}"
    got = desk.get(path)
    assert got.status_code == 200, got.text
    return bytes(got.content)


def test_a_login_that_is_none_ends_the_run(desk: Counter, officer: Holder, url: str) -> None:
    digitisation = confirmed(desk, "285/2020")
    stranger = replace(officer, role=Role.CITIZEN, figure="mother")
    done = sign(stranger, url, "--digitisation", digitisation)
    assert (done.exit_code, lines_of(done)[0]["error"]["code"]) == (7, "ROLE_MISSING")
    assert seen(desk, digitisation)["state"] == "confirmed"


def test_exactly_one_name_of_the_certificate_is_taken(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "286/2020")
    path = f"/v1/digitisations/{digitisation}/token-preparation"
    for body in ({}, {"certificate_id": officer.certificate_id, "certificate_sha256": "0" * 64}):
        assert code_of(desk.post(path, json=body)) == (422, "INPUT_INVALID")
    assert code_of(desk.post(path, json={"certificate_sha256": "0" * 64}))[1] == "CERT_UNKNOWN"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--digitisation", "dig_1"),
        ("--digitisation", "dig_1", "--url", "https://x"),
        ("--digitisation", "dig_1", "--url", "https://x", "--pkcs11", "x.so", "--seal"),
        ("--digitisation", "dig_1", "--url", "https://x", "--pkcs11", "x.so", "--mark", "person"),
        ("--digitisation", "dig_1", "--url", "https://x", "--pkcs11", "x.so", "--mark-box", "1,20,30,140,150"),
        ("--digitisation", "dig_1", "--digitisation", "dig_1", "--url", "https://x", "--pkcs11", "x.so"),
    ],
)
def test_options_that_copies_do_not_have_are_told_before_anything_is_opened(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, list(arguments), env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, done.stdout) == (2, "")
