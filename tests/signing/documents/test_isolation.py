"""Isolated work: killed in time, limited in memory, and never believed."""

import importlib
import io
import pickle
import sys
import threading
import time
from pathlib import Path
from typing import Any, Never

import pytest

from api.errors import ContentNotPrintable
from signing.isolation import Isolation, Limits, WorkCrashed, WorkersBusy, WorkTimedOut, child, messages, process
from signing.isolation.messages import CarefulUnpickler
from signing.validation import Entitlement, Verdict

FAKES = Path(__file__).parents[2] / "fakes"


@pytest.fixture(scope="module", autouse=True)
def _importable() -> Any:
    sys.path.append(str(FAKES))
    yield
    sys.path.remove(str(FAKES))


@pytest.fixture(scope="module")
def pool() -> Any:
    limits = Limits(cpu_s=1, memory_mb=1500)
    with Isolation(workers=1, limits=limits, packages=("misbehaviour",), wait_s=0.2) as made:
        made.warm()
        yield made


def run(pool: Any, name: Any, *args: Any, timeout_s: Any = 20.0) -> Any:
    return pool.call(f"misbehaviour:{name}", *args, timeout_s=timeout_s)


def test_values_of_our_classes_go_there_and_come_back(pool: Any) -> None:
    misbehaviour = importlib.import_module("misbehaviour")

    assert run(pool, "double", misbehaviour.Value(21)) == misbehaviour.Value(42)


def test_a_large_argument_passes_the_pipe(pool: Any) -> None:
    assert run(pool, "echo", bytes(5_000_000)) == 5_000_000


def test_a_file_that_was_worked_on_is_not_held_when_the_next_one_comes(pool: Any) -> None:
    """300 MB each: two of them at a time are more than a worker may have."""
    before = run(pool, "held_mib")
    for _ in range(3):
        run(pool, "keep_in_a_circle", bytes(100 * 1024**2))
    assert run(pool, "held_mib") < before + 50


def test_our_own_errors_come_back_as_they_are(pool: Any) -> None:
    misbehaviour = importlib.import_module("misbehaviour")

    with pytest.raises(misbehaviour.OwnError, match="told"):
        run(pool, "own_error")


@pytest.mark.parametrize("name", ["foreign_error", "stubborn"])
def test_foreign_errors_come_back_as_a_crash_without_their_text(pool: Any, name: Any) -> None:
    with pytest.raises(WorkCrashed) as caught:
        run(pool, name)
    assert caught.value.code == "WORK_CRASHED"
    assert "022190000001" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "args", "timeout_s", "error"),
    [
        ("sleep", (60,), 0.3, WorkTimedOut),
        ("burn", (), 20.0, WorkTimedOut),
        ("eat", (), 20.0, WorkCrashed),
        ("die", (), 20.0, WorkCrashed),
        ("grab", (), 20.0, WorkCrashed),
    ],
)
def test_misbehaviour_is_a_typed_error_and_the_next_call_works(
    pool: Any, name: Any, args: Any, timeout_s: Any, error: Any
) -> None:
    begin = time.monotonic()
    with pytest.raises(error):
        run(pool, name, *args, timeout_s=timeout_s)
    assert time.monotonic() - begin < 10
    assert run(pool, "echo", b"12345") == 5
    assert not Path("anso-taken-over").exists()


def test_what_a_library_prints_does_not_disturb_the_answers(pool: Any) -> None:
    assert run(pool, "chatter") == 7


def test_a_worker_inherits_nothing_from_the_environment(pool: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("ANSO_SECRET_PIN", "1234")
    with pytest.raises(WorkCrashed):
        run(pool, "die")
    assert "ANSO_SECRET_PIN" not in run(pool, "environment")


def test_functions_outside_the_packages_are_not_run(pool: Any) -> None:
    with pytest.raises(WorkCrashed):
        pool.call("os:system", "true", timeout_s=5)


def test_when_all_workers_are_taken_the_caller_is_told_to_come_back(pool: Any) -> None:
    busy = threading.Thread(target=lambda: run(pool, "sleep", 1.0))
    busy.start()
    while not pool._slots.empty():
        time.sleep(0.01)
    with pytest.raises(WorkersBusy) as caught:
        run(pool, "echo", b"")
    assert caught.value.retryable
    busy.join()


def test_a_closed_pool_takes_no_more_work_and_lets_nobody_wait() -> None:
    made = Isolation(workers=2, packages=("misbehaviour",), wait_s=300.0)
    made.warm()
    made.close()
    begun = time.monotonic()
    for _ in range(3):
        with pytest.raises(WorkersBusy):
            made.call("misbehaviour:echo", b"", timeout_s=1)
    assert time.monotonic() - begun < 60


def test_a_worker_that_starts_while_the_pool_stops_is_ended(monkeypatch: Any) -> None:
    made = Isolation(workers=1, packages=("misbehaviour",), wait_s=300.0)
    begin = made._start

    def stopped_meanwhile() -> Any:
        made.stop()
        return begin()

    monkeypatch.setattr(made, "_start", stopped_meanwhile)
    with pytest.raises(WorkersBusy):
        made.call("misbehaviour:sleep", 300.0, timeout_s=300)
    assert not any(one.is_usable() for one in made._started)


def test_a_worn_out_worker_is_replaced(pool: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(process, "CALLS_PER_WORKER", 1)
    assert [run(pool, "echo", b"1") for _ in range(3)] == [1, 1, 1]


def framed(*sent: Any) -> Any:
    stream = io.BytesIO()
    for message in sent:
        messages.send(stream, message)
    stream.seek(0)
    return stream


def answers_to(*sent: Any) -> Any:
    out = io.BytesIO()
    child.serve(framed(*sent), out, packages=("misbehaviour",))
    out.seek(0)
    found = []
    while True:
        try:
            found.append(messages.receive(out, ("misbehaviour",)))
        except EOFError:
            return found


def test_the_side_of_the_worker_answers_each_message_in_order() -> None:
    found = answers_to(
        ("misbehaviour:echo", (b"123",)), ("misbehaviour:foreign_error", ()), ("os:getcwd", ()), "nonsense",
        ("misbehaviour:missing", ()), ("misbehaviour:own_error", ()), ("misbehaviour:stubborn", ()),
    )  # fmt: skip
    assert found[0] == ("value", 3)
    assert [kind for kind, _ in found[1:]] == ["failure", "failure", "failure", "failure", "error", "failure"]


def test_the_side_of_the_worker_reports_lack_of_memory(monkeypatch: Any) -> None:
    misbehaviour = importlib.import_module("misbehaviour")

    def starve() -> Never:
        raise MemoryError

    monkeypatch.setattr(misbehaviour, "burn", starve)
    assert answers_to(("misbehaviour:burn", ())) == [("failure", "out of memory")]


@pytest.mark.parametrize("data", [b"", b"\0" * 4, b"\xff" * 8, b"\0" * 7 + b"\x09abc"])
def test_a_broken_message_ends_the_conversation(data: Any) -> None:
    with pytest.raises(EOFError):
        messages.receive(io.BytesIO(data), ())


@pytest.mark.parametrize("value", [print, pickle.loads, Path("/etc")])
def test_only_plain_values_and_our_classes_are_decoded(value: Any) -> None:
    with pytest.raises(pickle.UnpicklingError):
        CarefulUnpickler(pickle.dumps(value), ("misbehaviour",)).load()


def named(module: str, attribute: str) -> bytes:
    """A message that names something by module and attribute, as a worker that was taken over could write it."""
    return b"\x80\x02c" + module.encode() + b"\n" + attribute.encode() + b"\n."


@pytest.mark.parametrize(
    ("module", "attribute"),
    [
        ("api.bootstrap", "DirectoryStore"),  # its constructor makes folders
        ("api.bootstrap", "Path"),
        ("vault.stores.directory", "DirectoryStore"),
        ("signing.isolation.pool", "Isolation"),  # its constructor starts processes
        ("signing.isolation.process", "Worker"),
        ("signing.isolation.child", "importlib"),
        ("signing.validation.report", "datetime"),
        ("signing.validation.report", "TrustAnchor"),  # a value of ours, but of another module
        ("signing.validation.verify", "verify_pdf"),
        ("signing.keys.software", "SoftwareKeyStore"),
        ("api.errors_of_somebody", "X"),
        ("signing.validation.report", "Report.__class__"),
    ],
)
def test_a_message_names_no_other_thing_that_our_modules_can_reach(module: str, attribute: str) -> None:
    with pytest.raises((pickle.UnpicklingError, AttributeError)):
        CarefulUnpickler(named(module, attribute), messages.OWN_PACKAGES).load()


def test_a_crafted_answer_makes_no_folder_in_the_parent(tmp_path: Path) -> None:
    target = tmp_path / "written-by-unpickler"
    crafted = b"\x80\x02capi.bootstrap\nDirectoryStore\n(capi.bootstrap\nPath\n(V" + str(target).encode() + b"\ntRtR."
    with pytest.raises(pickle.UnpicklingError):
        CarefulUnpickler(crafted, messages.OWN_PACKAGES).load()
    assert not target.exists()


@pytest.mark.parametrize(
    "value", [Verdict.VALID, Entitlement(status="unknown"), WorkersBusy("x"), ContentNotPrintable("a", "b")]
)
def test_values_enumerations_and_errors_of_our_own_are_decoded(value: Any) -> None:
    found = CarefulUnpickler(pickle.dumps(value), messages.OWN_PACKAGES).load()
    assert type(found) is type(value)
    assert str(found) == str(value)


@pytest.mark.parametrize("answer", ["text", ("value",), ("error", "no exception"), ("other", 1)])
def test_an_answer_of_another_shape_is_a_crash(answer: Any) -> None:
    with pytest.raises(WorkCrashed):
        process.opened(answer)
