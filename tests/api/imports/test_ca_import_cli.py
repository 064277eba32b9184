"""`anso ca import` and `anso ca batch` at a terminal, for the officer whose token is given."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.callers import Role
from api.cli import main
from tests.api.bulk.applicants import HEADER, a_file, citizen
from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside

Anso = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("cli"), trust=outside.folder)
    yield made
    made.services.close()


@pytest.fixture
def anso(
    house: Installation, outside: Outside, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Anso:
    monkeypatch.setattr("api.clock.now", house.clock)
    monkeypatch.setenv("ANSO_TRUST", str(outside.folder))

    def run(*words: str, role: Role = Role.RA_OFFICER) -> tuple[int, str, str]:
        options = ["--data", str(house.services.settings.data), "--token", house.token(role), "--evidence", "CV 1/2026"]
        with pytest.raises(SystemExit) as ended:
            main([*words, *options])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def test_a_certificate_of_another_authority_is_imported(anso: Anso, outside: Outside, tmp_path: Path) -> None:
    file = tmp_path / "leader.pem"
    file.write_text(outside.pem(outside.official("leader")))
    code, out, _ = anso("ca", "import", str(file), "-o", "json")
    said = json.loads(out)
    assert (code, said["trust_profile"], said["state"], said["is_new"]) == (0, "official", "pending", True)
    code, out, _ = anso("ca", "import", str(file))
    assert code == 0
    assert said["id"] in out


def test_what_does_not_count_says_why(anso: Anso, outside: Outside, tmp_path: Path) -> None:
    file = tmp_path / "other.pem"
    file.write_text(outside.pem(outside.official("leader", title="Khác")))
    code, _, err = anso("ca", "import", str(file))
    assert code == 6
    assert "CERT_TITLE_MISMATCH" in err
    assert anso("ca", "import", str(tmp_path / "missing.pem"))[0] == 10
    assert anso("ca", "import", str(file), role=Role.CLERK)[0] != 0


def test_a_file_of_applicants_is_worked_on_at_once(anso: Anso, tmp_path: Path) -> None:
    content, reasons = a_file(8, 3)
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    code, out, _ = anso("ca", "batch", str(file), "-o", "json")
    said = json.loads(out)
    assert (code, said["counts"]) == (6, {"pending": 0, "created": 8, "refused": 3, "duplicate": 0})
    assert {one["row"]: one["reason_code"] for one in said["refused"]} == reasons
    file.write_text(f"{HEADER}\n{citizen(0)}\n")
    code, out, _ = anso("ca", "batch", str(file))
    assert code == 0
    assert "duplicate 1" in out


def test_a_file_that_cannot_be_read_is_told_apart_from_a_wrong_option(anso: Anso, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\ny\n")
    code, _, err = anso("ca", "batch", str(file))
    assert code == 10
    assert "CSV_HEADER" in err
    assert anso("ca", "batch", str(file), "--kind", "seals")[0] == 2
