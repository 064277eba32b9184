"""`anso sign --mark`, `--mark-box`: which mark a file gets and where mark A stands, as the API takes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.callers import Role
from api.cli.sign import app
from api.errors import MarkPictureMissing
from api.records.demonstration import PEOPLE, WARD
from signing.pades.pages import signed_places
from tests.api.command_clock import follow_clock
from tests.api.live_service import serving
from tests.api.token_holders import Holder, holder_of
from tests.fakes import sample_pdf

BOX = "1,150,120,290,170"
"""Free room on the small page, which has no signer's block."""


@pytest.fixture(scope="module")
def holder(installation: Any, softhsm: Any) -> Holder:
    """A mother with a public certificate in a token."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def url(installation: Any) -> Iterator[str]:
    with serving(installation.app) as address:
        yield address


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch, installation: Any) -> None:
    follow_clock(monkeypatch, installation)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(sample_pdf.small())
    return tmp_path


def sign(holder: Holder, *arguments: object) -> Any:
    """The command's end: the holder's token and login."""
    by = ("--pkcs11", holder.token.library, "--token-label", holder.token.label)
    known = {"ANSO_TOKEN": holder.installation.token(holder.role, holder.figure), "ANSO_PIN": holder.token.pin}
    result = CliRunner().invoke(app, [*map(str, (*arguments, *by))], env={"ANSO_DATA": "/none", **known})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def code(done: Any) -> tuple[int, str]:
    (told,) = json.loads(done.stdout) if done.stdout.startswith("[") else [json.loads(done.stdout)]
    return done.exit_code, told.get("error", {}).get("code", "")


def require_inside(path: Path, box: str = BOX) -> None:
    (place,) = [one.rectangle for one in signed_places(path.read_bytes())]
    _, left, bottom, right, top = (float(part) for part in box.split(","))
    assert left <= place[0] < place[2] <= right
    assert bottom <= place[1] < place[3] <= top


@pytest.mark.parametrize("way", ["url", "data"])
def test_where_the_page_does_not_say_it_mark_a_stands_in_the_box_of_the_option(
    way: str, holder: Holder, url: str, papers: Path
) -> None:
    through = ("--url", url) if way == "url" else ("--data", holder.installation.services.settings.data)
    by = (papers / "a.pdf", *through, "--mark", "person", "-o", "json")
    assert code(sign(holder, *by)) == (10, "MARK_PLACE")
    done = sign(holder, *by, "--mark-box", BOX)
    assert done.exit_code == 0, (done.stdout, done.stderr)
    require_inside(papers / "a.signed.pdf")
    covers = sign(holder, papers / "b.pdf", *by[1:], "--mark-box", "1,20,20,120,70")  # the blue field is there
    assert code(covers) == (10, "MARK_PLACE")
    assert not (papers / "b.signed.pdf").exists()


def test_a_list_has_a_box_of_its_own_for_each_file(holder: Holder, url: str, papers: Path) -> None:
    other, path = "1,150,125,290,170", papers / "ky.csv"
    lines = ("file,mark,mark_box", f'a.pdf,person,"{BOX}"', "b.pdf,,", "c.pdf,none,")
    (papers / "c.pdf").write_bytes(sample_pdf.small())
    path.write_text("\n".join(lines), encoding="utf-8")
    by = ("--batch", path, "--url", url, "--mark", "person", "--mark-box", other, "-o", "jsonl")
    done = sign(holder, *by)
    assert done.exit_code == 0, (done.stdout, done.stderr)
    require_inside(papers / "a.signed.pdf")
    require_inside(papers / "b.signed.pdf", other)  # of the option: the list names none
    assert [one.rectangle for one in signed_places((papers / "c.signed.pdf").read_bytes())] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mark", "person", "--mark-box", "0,150,120,290,170"),
        ("--mark", "person", "--mark-box", "1,290,120,150,170"),
        ("--mark", "person", "--mark-box", "1,150,170,290,120"),
        ("--mark", "person", "--mark-box", "1,150,120,290"),
        ("--mark", "person", "--mark-box", "1,-5,120,290,170"),
        ("--mark", "person", "--mark-box", "1,1e3,120,290,170"),
        ("--mark", "person", "--mark-box", ""),
        ("--mark", "text", "--mark-box", BOX),
        ("--mark-box", BOX),
    ],
)
def test_a_box_that_is_none_or_in_which_no_mark_stands_is_told_before_anything_is_opened(
    arguments: tuple[str, ...], papers: Path
) -> None:
    by = ("--url", "https://anso.example.vn", "--pkcs11", str(papers / "none.so"))
    done = CliRunner().invoke(app, [str(papers / "a.pdf"), *by, *arguments], env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "INPUT_INVALID" in done.stderr


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        (f'a.pdf,,"{BOX}",', "none"),
        (f'a.pdf,text,"{BOX}",', "person"),
        ('a.pdf,person,"1,2,3",', "none"),
        (f'a.pdf,person,"{BOX}2e",', "none"),
        ("a.pdf,stamp,,", "none"),
        (f',,"{BOX}",res_1', "person"),
    ],
)
def test_a_line_with_a_mark_or_a_box_that_cannot_be_is_told_before_anything_is_opened(
    line: str, mark: str, papers: Path
) -> None:
    path = papers / "ky.csv"
    path.write_text(f"file,mark,mark_box,result_id\n{line}\n", encoding="utf-8")
    by = ("--url", "https://anso.example.vn", "--pkcs11", str(papers / "none.so"), "--mark", mark)
    done = CliRunner().invoke(app, ["--batch", str(path), *by], env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "INPUT_INVALID" in done.stderr


def test_a_box_for_files_that_all_have_their_own_is_refused(papers: Path) -> None:
    (papers / "ky.csv").write_text(f'file,mark,mark_box\na.pdf,person,"{BOX}"\n', encoding="utf-8")
    by = ("--url", "https://anso.example.vn", "--pkcs11", str(papers / "none.so"), "--mark-box", BOX)
    done = CliRunner().invoke(app, ["--batch", str(papers / "ky.csv"), *by], env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, "INPUT_INVALID" in done.stderr) == (2, True)


def test_with_a_key_in_the_service_there_is_no_picture_and_no_box(papers: Path) -> None:
    by = ("--url", "https://anso.example.vn", "--mark", "person", "--mark-box", BOX)
    done = CliRunner().invoke(app, [str(papers / "a.pdf"), *by], env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, "--pkcs11" in done.stderr) == (2, True)


def test_here_a_picture_needs_the_data_folder_that_knows_the_holder(
    holder: Holder, installation: Any, softhsm: Any, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, data = ("--mark", "person", "--mark-box", BOX), ("--data", installation.services.settings.data)
    nowhere = sign(holder, papers / "a.pdf", *person, "--level", "b-b")
    assert (nowhere.exit_code, "--data" in nowhere.stderr) == (2, True)
    primary = {"certificate_class": "org_seal", "org_code": WARD, "ordinal": 1}
    primary["subject_id"] = PEOPLE["ward_clerk"].subject_id
    clerk = holder_of(installation, softhsm, Role.CLERK, "ward_clerk", primary)
    seal = sign(clerk, papers / "a.pdf", *person, *data, "--level", "b-b")
    assert (seal.exit_code, "--mark person" in seal.stderr) == (7, True)
    monkeypatch.setattr("api.usecases.signing_certificate.known_certificate_id", lambda *_: None)
    stranger = sign(holder, papers / "a.pdf", *person, *data, "--level", "b-b")
    assert (stranger.exit_code, "--mark person" in stranger.stderr) == (7, True)
    assert sorted(one.name for one in papers.glob("*.pdf")) == ["a.pdf", "b.pdf"]


def test_a_holder_without_a_picture_is_told_so_and_nothing_is_signed(
    holder: Holder, installation: Any, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise MarkPictureMissing

    monkeypatch.setattr("api.usecases.marks.person_mark", missing)
    by = ("--data", installation.services.settings.data, "--mark", "person", "--level", "b-b")
    done = sign(holder, papers / "a.pdf", *by)
    assert (done.exit_code, "MARK_PICTURE_MISSING" in done.stderr) == (7, True)


def test_the_help_says_how_a_box_is_written() -> None:
    said = CliRunner().invoke(app, ["--help"]).stdout
    for word in ("--mark-box", "1,320,140,520,230", "trang", "góc dưới trái", "lower left corner", "mark_box"):
        assert word in said
