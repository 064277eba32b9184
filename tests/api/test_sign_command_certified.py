"""`anso sign --copy`: certified copies of documents sealed by the clerk's token, which stay in the service."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.callers import Role
from api.cli.sign import app
from tests.api import token_commands
from tests.api.counter import counter, reading
from tests.api.live_service import serving
from tests.api.test_own_token_certified_copies import TokenCopyDesk, desk
from tests.api.token_commands import lines_of

__all__ = ["counter", "desk", "reading"]  # fixtures


@pytest.fixture(scope="module")
def url(installation: Any, desk: TokenCopyDesk) -> Iterator[str]:
    assert desk.installation is installation
    with serving(installation.app) as address:
        yield address


def sign(desk: TokenCopyDesk, url: str, *arguments: object, role: Role = Role.CLERK) -> Any:
    return token_commands.sign(replace(desk.seal, role=role), url, *arguments, "-o", "jsonl")


def test_a_copy_is_sealed_with_the_pin_and_says_where_its_number_stands(desk: TokenCopyDesk, url: str) -> None:
    done = sign(desk, url, "--copy", desk.paper, "--form", "sao_y", "--dossier", desk.dossier)
    assert done.exit_code == 0, done.stdout
    (one,) = lines_of(done)
    assert (one["state"], one["level"], one["document_id"]) == ("signed", "B-LT", desk.paper)
    copy = desk.copy(one)
    assert (copy["state"], copy["form"]) == ("stored", "sao_y")
    assert desk.verdict(desk.file(copy["document_id"]))["verdict"] == "valid"


def test_a_list_names_copies_of_one_document_in_several_forms_and_what_is_done_is_not_done_again(
    desk: TokenCopyDesk, url: str, tmp_path: Path
) -> None:
    rows = (
        "document_id,dossier_id,form,pages",
        f"{desk.paper},{desk.dossier},sao_y,",
        f'{desk.paper},{desk.dossier},trich_sao,"1, 7"',
        f"{desk.paper},{desk.dossier},trich_sao,1",
    )
    (tmp_path / "sao.csv").write_text("\n".join(rows), encoding="utf-8")
    by = ("--batch", tmp_path / "sao.csv", "--continue-on-error", "--resume")
    done = sign(desk, url, *by)
    found = lines_of(done)
    assert (done.exit_code, [one["state"] for one in found]) == (6, ["signed", "failed", "signed"])
    assert [one["input"] for one in found] == [
        f"{desk.paper} {how}" for how in ("sao_y", "trich_sao 1,7", "trich_sao 1")
    ]
    assert found[1]["error"]["code"] == "COPY_IMPOSSIBLE"
    numbers = desk.numbers()
    assert [one["state"] for one in lines_of(sign(desk, url, *by))] == ["skipped", "skipped", "failed"]
    assert desk.numbers() == numbers


def test_a_login_that_is_no_clerks_ends_the_run(desk: TokenCopyDesk, url: str) -> None:
    by = ("--copy", desk.paper, "--form", "sao_y", "--dossier", desk.dossier)
    done = sign(desk, url, *by, role=Role.APPRAISER)
    assert (done.exit_code, lines_of(done)[0]["error"]["code"]) == (7, "ROLE_MISSING")


_COPY = ("--copy", "doc_1", "--form", "sao_y", "--dossier", "dos_1")
_SERVICE = ("--url", "https://x", "--pkcs11", "x.so")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (_COPY, "--url"),
        ((*_COPY, "--url", "https://x"), "/copies"),
        ((*_COPY[:4], *_SERVICE), "dossier"),
        ((*_COPY[:2], "--dossier", "dos_1", *_SERVICE), "form"),
        ((*_COPY[:2], "--dossier", "dos_1", "--form", "sao", *_SERVICE), "sao_luc"),
        ((*_COPY, "--pages", "1,0", *_SERVICE), "pages"),
        ((*_COPY, "--pages", "1-3", *_SERVICE), "pages"),
        ((*_COPY, "--pages", "1,²", *_SERVICE), "pages"),
        ((*_COPY, "--pages", "1," + "9" * 5000, *_SERVICE), "pages"),
        ((*_COPY, "--mark-box", "1,20,30,140,150", *_SERVICE), "person"),
        ((*_COPY, "--copy", "doc_1", *_SERVICE), "named twice"),
        (("--result", "res_1", "--form", "sao_y", *_SERVICE), "--copy"),
    ],
)
def test_what_a_copy_does_not_have_is_told_before_anything_is_opened(arguments: tuple[str, ...], word: str) -> None:
    done = CliRunner().invoke(app, list(arguments), env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert word in done.stderr


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("doc_1,,dos_1,sao_y,,", ""),
        ("doc_1,,,sao_y,,", "dossier"),
        ("doc_1,,dos_1,sao_y,x,", "pages"),
        (",res_1,dos_1,,,", "document_id"),
        ("doc_1,,dos_1,sao_y,,text", ""),
    ],
)
def test_a_line_of_a_list_is_a_whole_copy_or_is_told_by_its_number(tmp_path: Path, row: str, word: str) -> None:
    (tmp_path / "sao.csv").write_text(f"document_id,result_id,dossier_id,form,pages,mark\n{row}\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["--batch", str(tmp_path / "sao.csv"), *_SERVICE], env={"ANSO_TOKEN": "x"})
    if word:
        assert (done.exit_code, done.stdout) == (2, "")
        assert "dòng / line 2" in done.stderr
        assert word in done.stderr
    else:
        assert done.exit_code != 2  # the library of the token is what is missing
