"""`anso sign` that ends early, by Ctrl-C or by a failure: everything that was done by then is told, in its form."""

import hashlib
import json
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.cli.exits import Exit
from api.cli.holder_keys import HolderKey
from api.cli.output import Format
from api.cli.sign_failures import of_problem
from api.cli.sign_items import Done, Failure, Item, Note
from api.cli.sign_lanes import in_lanes
from api.cli.sign_remote import RemoteSigning, _group
from api.cli.sign_run import RunOptions, run
from api.cli.sign_service import ServiceAway
from signing.keys import SignatureAlgorithm

ITEMS = [Item(name=str(number)) for number in range(6)]
REFUSED = Failure(code="REFUSED", vi="không", en="no")
OPTIONS = RunOptions(output=Format.JSONL, continue_on_error=False, resume=False, journal=None, label="", is_list=True)


def told(captured: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    found = [json.loads(line) for line in captured.readouterr().out.splitlines()]
    return [(one["input"], one["state"]) for one in found]


class Lanes:
    """Two lanes: the first item is under way until the two after it are done, or until nobody asks any more."""

    def __init__(self, *, ctrl_c: bool) -> None:
        self.stopped, self._others_done, self._ctrl_c = threading.Event(), threading.Event(), ctrl_c

    def _each(self, item: Item, note: Note) -> Done:
        if item.name == "0":
            assert (self.stopped if self._ctrl_c else self._others_done).wait(20)
            return Done(item=item, state="failed", failure=REFUSED)
        done = Done(item=item)
        note(done)
        if item.name == "2":
            self._others_done.set()
            if self._ctrl_c:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return done

    def work(self, items: Sequence[Item], note: Note) -> Generator[Done]:
        def each(group: list[Item]) -> Iterator[Done]:
            yield from (self._each(item, note) for item in group)

        return in_lanes(([one] for one in items), each, 2, self.stopped)


def test_after_ctrl_c_what_the_other_lanes_did_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(ITEMS, Lanes(ctrl_c=True).work, OPTIONS)
    assert ended.value.code == Exit.INTERRUPTED
    assert told(capsys)[:2] == [("1", "signed"), ("2", "signed")]


def test_a_failure_that_ends_the_run_hides_nothing_that_the_other_lanes_did(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(ITEMS, Lanes(ctrl_c=False).work, OPTIONS)
    assert ended.value.code == Exit.SOME_FAILED
    assert told(capsys)[:3] == [("0", "failed"), ("1", "signed"), ("2", "signed")]


def test_ctrl_c_waits_until_a_line_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(documents: Sequence[dict[str, Any]], _: Format) -> None:
        signal.raise_signal(signal.SIGINT)
        sys.stdout.write(json.dumps(documents[0]) + "\n")

    def work(items: Sequence[Item], note: Note) -> Generator[Done]:
        for item in items:
            note(Done(item=item))
            yield Done(item=item)

    monkeypatch.setattr("api.cli.sign_run.write_items", written)
    with pytest.raises(SystemExit) as ended:
        run(ITEMS, work, OPTIONS)
    assert ended.value.code == Exit.INTERRUPTED
    assert told(capsys) == [("0", "signed")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_was_noted_and_never_got_its_name_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.pdf").write_bytes(b"of an earlier run")
    (tmp_path / "new.pdf").write_bytes(b"new")
    items = [Item(name=name, target=tmp_path / f"{name}.pdf") for name in ("none", "old", "new")]

    def work(given: Sequence[Item], note: Note) -> Generator[Done]:
        for item in given:
            note(Done(item=item, sha256=hashlib.sha256(b"new").hexdigest()))
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(SystemExit):
        run(items, work, OPTIONS)
    assert told(capsys) == [("new", "signed")]


class _Service:
    """Results that lie there: the second may not be signed, the third has annexes and the service goes away."""

    def prepare_results(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        codes = {"1": "SIG_CERT_SCOPE", "2": "ANNEXES_UNSEALED"}
        return [
            {"preparation": {"id": one}, "error": {"code": codes[one], "title": "", "detail": ""}}
            if one in codes
            else {"preparation": {"id": one}, "error": None}
            for one in body["result_ids"]
        ]

    def complete(self, values: dict[str, bytes]) -> list[dict[str, Any]]:
        done = {"level": "B-LT", "file_sha256": "", "document_sha256": ""}
        return [{"preparation": {"id": one, **done}, "error": None} for one in values]

    def prepare_seals(self, *_: object) -> Any:
        raise ServiceAway(Failure(code="SERVICE_AWAY", vi="", en=""))


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Item], RemoteSigning]:
    def value(one: dict[str, Any], _: object) -> bytes | Failure:
        return of_problem(one["error"]) if one["error"] else b"value"

    monkeypatch.setattr("api.cli.sign_remote._value", value)
    key = HolderKey(certificate=b"", chain=(), algorithm=SignatureAlgorithm.ECDSA_SHA256, sign=lambda _: b"")
    service: Any = _Service()
    signing = RemoteSigning(key=key, service=service, kind="seal")
    return [Item(name=str(number), result_id=str(number)) for number in range(5)], signing


def test_results_that_the_service_signed_after_the_one_that_failed_are_told(
    results: tuple[list[Item], RemoteSigning], capsys: pytest.CaptureFixture[str]
) -> None:
    items, signing = results

    def work(found: Sequence[Item], note: Note) -> Generator[Done]:
        yield from _group(found, note, signing)

    with pytest.raises(SystemExit):
        run(items, work, OPTIONS)
    assert told(capsys) == [("0", "signed"), ("1", "failed"), ("3", "signed"), ("4", "signed")]


def test_a_service_that_goes_away_fails_what_it_left_and_not_what_it_did(
    results: tuple[list[Item], RemoteSigning],
) -> None:
    items, signing = results
    found = [(one.item.name, one.failure and one.failure.code) for one in _group(items, lambda _: None, signing)]
    assert found == [("0", None), ("1", "SIG_CERT_SCOPE"), ("2", "SERVICE_AWAY"), ("3", None), ("4", None)]
