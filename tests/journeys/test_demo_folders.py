"""The demo empties only folders that an earlier run of it left; whatever else it is pointed at stays as it is."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = runpy.run_path(str(ROOT / "demo" / "service.py"))


@pytest.mark.parametrize("option", ["--output", "--data"])
def test_a_folder_of_somebody_elses_is_refused_before_anything_is_emptied(tmp_path: Path, option: str) -> None:
    precious, other = tmp_path / "thesis", tmp_path / "other"
    precious.mkdir()
    (precious / "chapter.txt").write_text("years of work", encoding="utf-8")
    SERVICE["renew"](other)
    (other / "earlier.txt").write_text("of the last run", encoding="utf-8")
    options = {"--output": str(other), "--data": str(other)} | {option: str(precious)}
    command = [sys.executable, "demo/run.py", *(word for pair in options.items() for word in pair)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "thesis" in done.stderr
    assert (precious / "chapter.txt").read_text(encoding="utf-8") == "years of work"
    assert (other / "earlier.txt").exists()


def test_an_empty_new_or_earlier_folder_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "demo"
    for _ in range(2):
        SERVICE["renew"](folder)
        assert [path.name for path in folder.iterdir()] == [SERVICE["MARKER"]]
        (folder / "artefact.pdf").write_bytes(b"%PDF")
    empty = tmp_path / "empty"
    empty.mkdir()
    SERVICE["renew"](empty)
    assert (empty / SERVICE["MARKER"]).is_file()


def test_a_file_or_a_link_is_no_folder_to_empty(tmp_path: Path) -> None:
    target = tmp_path / "target"
    SERVICE["renew"](target)
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name in ("link", "file"):
        with pytest.raises(SERVICE["DemoFailed"]):
            SERVICE["renew"](tmp_path / name)
    assert target.is_dir()
