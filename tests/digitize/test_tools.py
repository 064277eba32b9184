"""A child process is killed on overrun, answers by code, and leaves nothing behind."""

import os
import time
from pathlib import Path

import pytest

from digitize import tools
from digitize.errors import EngineFailed, OutOfMemory, SecretPaper, TimedOut, UnsupportedInput
from digitize.tools import ToolLimits, answer_call, private_folder, run

HERE = "tests.digitize.misbehaviour"


def call(name: str, source: bytes = b"", **limits: float) -> bytes:
    return run(
        f"{HERE}:{name}",
        source,
        options={"colour": "red"},
        limits=ToolLimits(**limits),  # type: ignore[arg-type] # figures
        progress=lambda _done, _total, _label: None,
    )


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary root of our own, so that what other processes do beside us does not matter."""
    monkeypatch.setattr(tools.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_answer_comes_back_and_nothing_is_left(temporary: Path) -> None:
    assert call("echo", b"paper" * 100_000) == b"red:" + b"paper" * 100_000
    assert list(temporary.iterdir()) == []


def test_progress_is_told_while_the_child_works(temporary: Path) -> None:
    told: list[tuple[int, int, str]] = []
    run(f"{HERE}:steps", b"", options={}, limits=ToolLimits(), progress=lambda *step: told.append(step))
    assert told == [(0, 2, "one"), (1, 2, "two")]
    assert list(temporary.iterdir()) == []


def test_the_child_has_no_environment_of_ours_and_a_private_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSO_S3_SECRET_KEY", "secret")
    answer = call("surroundings").decode().splitlines()
    assert not any(line.startswith("ANSO_") for line in answer)
    assert answer[-1].endswith("700")


def test_a_child_that_sleeps_is_killed_with_what_it_started(temporary: Path) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        call("sleeps", wall_s=1.5)
    assert caught.value.code == "OCR_TIMEOUT"
    assert caught.value.retryable
    assert time.monotonic() - began < 30
    assert list(temporary.iterdir()) == []
    # a killed process is gone when its new parent has collected it, a moment later
    deadline = time.monotonic() + 10
    while any("sleep 987654" in one for one in _commands()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_that_computes_for_ever_is_stopped_by_its_processor_time() -> None:
    with pytest.raises(TimedOut):
        call("computes", cpu_s=1, wall_s=60)


def test_a_child_that_wants_too_much_memory_is_refused_for_good() -> None:
    with pytest.raises(OutOfMemory) as caught:
        call("grows", memory_mib=600)
    assert caught.value.code == "OCR_MEMORY"
    assert not caught.value.retryable


@pytest.mark.parametrize("name", ["exits", "raises", "missing_function"])
def test_a_child_that_dies_without_an_answer_is_a_failed_engine(name: str, temporary: Path) -> None:
    with pytest.raises(EngineFailed) as caught:
        call(name)
    assert caught.value.code == "OCR_ENGINE_FAILED"
    assert list(temporary.iterdir()) == []


def test_a_crash_in_native_code_is_no_answer() -> None:
    with pytest.raises(OutOfMemory):
        call("aborts")


def test_what_a_library_prints_is_not_taken_for_an_answer() -> None:
    assert call("prints") == b"quiet"


def test_an_answer_out_of_turn_is_refused() -> None:
    with pytest.raises(EngineFailed):
        call("lies")


@pytest.mark.parametrize(("name", "error"), [("refuses", UnsupportedInput), ("finds_a_secret", SecretPaper)])
def test_an_error_crosses_by_its_code_only(name: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        call(name)
    assert "text of the paper" not in str(caught.value)


def test_a_folder_whose_owner_was_killed_is_removed_by_the_next(temporary: Path) -> None:
    lost = temporary / "anso-paper-lost"
    lost.mkdir()
    (lost / ".lock").touch()
    (lost / "page.tif").write_bytes(b"a paper")
    with private_folder() as folder:
        assert not lost.exists()
        with private_folder() as other:
            assert folder.exists()  # in use: its lock is held
            assert other != folder
    assert list(temporary.iterdir()) == []


def test_folders_of_others_and_half_made_ones_are_left_alone(temporary: Path) -> None:
    fresh = temporary / "anso-paper-fresh"
    fresh.mkdir()  # no lock yet
    with private_folder():
        assert fresh.exists()


def test_the_childs_side_answers_in_frames() -> None:
    answers: list[tuple[bytes, bytes]] = []

    def answer(kind: bytes, body: bytes) -> None:
        answers.append((kind, body))

    answer_call(f"{HERE}:steps", {}, b"", answer)
    answer_call(f"{HERE}:refuses", {}, b"", answer)
    answer_call(f"{HERE}:has_no_memory", {}, b"", answer)
    assert [kind for kind, _ in answers] == [b"P", b"P", b"R", b"E", b"E"]
    assert [body for kind, body in answers if kind == b"E"] == [b"SCAN_UNSUPPORTED", b"OCR_MEMORY"]


def _commands() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return found
