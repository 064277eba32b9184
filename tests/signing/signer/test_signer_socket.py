"""The signer's door: frames are bounded, callers are named by the kernel, refusals keep their class."""

import contextlib
import errno
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing import errors
from signing.signer import Limits, Link, RemoteDesk, RemoteKeyStore, Server, answers, client, server, wire

QUICK = Limits(idle_s=0.5, frame_s=0.3, send_s=1.0, connections=4)
Answer = Callable[[wire.Head, bytes], tuple[wire.Head, bytes]]


@pytest.fixture(autouse=True, scope="module")
def _looks_around_often() -> Iterator[None]:
    """A door that is told to close does so at the next look: tests do not wait half a second for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_LOOK_AROUND_S", 0.02)
        yield


@contextmanager
def serving(
    path: Path, answer: Answer, *, allowed: frozenset[int] | None = None, limits: Limits = QUICK
) -> Iterator[list[Any]]:
    told: list[BaseException] = []
    mine = frozenset({os.getuid()}) if allowed is None else allowed
    server = Server(path=path, answer=answer, allowed=mine, on_error=told.append, limits=limits)
    server.open()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield told
    finally:
        server.stop()
        thread.join()
        assert not path.exists()


def echo(head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
    return {"ok": True, "said": head}, body


@contextmanager
def raw(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        yield connection


@contextmanager
def linked(path: Path, **more: Any) -> Iterator[Link]:
    link = Link(path=path, **more)
    try:
        yield link
    finally:
        link.close()


def test_what_is_asked_is_answered_and_the_connection_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo), linked(path) as link:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        body = bytes(1024 * 1024)
        for number in range(3):
            head, back = link.ask({"op": "x", "number": number}, body)
            assert (head["said"]["number"], back) == (number, body)
        assert len(link._idle) == 1
        assert answers(link)


def test_while_it_waits_for_an_answer_a_caller_steps_aside(tmp_path: Path) -> None:
    away = threading.Event()

    @contextmanager
    def aside() -> Iterator[None]:
        away.set()
        yield
        away.clear()

    def late(_: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        return {"ok": True, "away": away.wait(5)}, body

    path = tmp_path / "s.sock"
    with serving(path, late), linked(path, aside=aside) as link:
        assert link.ask({"op": "x"})[0]["away"]
        assert not away.is_set()


def test_another_account_is_shown_the_door(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo, allowed=frozenset({os.getuid() + 1})), linked(path) as link:
        assert stat.S_IMODE(path.stat().st_mode) == 0o666  # the kernel's word decides, not the mode
        with pytest.raises(errors.KeyUnavailable):
            link.ask({"op": "ping"})
        assert not answers(link)


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">II", wire.MAX_HEAD + 1, 0),
        struct.pack(">II", 2, wire.MAX_BODY + 1),
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 3, 0) + b"nop",
        struct.pack(">II", 9000, 0) + b"[" * 9000,
        b"\x00",
    ],
)
def test_what_is_no_frame_or_too_large_ends_the_connection(tmp_path: Path, sent: bytes) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo), raw(path) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        assert time.monotonic() - began < 2
        with linked(path) as link:
            assert answers(link)  # nobody else is held up


def _dripped(connection: socket.socket) -> int:
    """How many bytes could be sent, one at a time, before the other side was gone."""
    for number in range(40):
        try:
            connection.sendall(b" ")
        except OSError:  # broken pipe or reset, as the kernel likes
            return number
        time.sleep(0.05)
    return 40


@pytest.mark.parametrize("sizes", [(wire.MAX_HEAD + 1, 0), (2, wire.MAX_BODY + 1), (2**32 - 1, 2**32 - 1)])
def test_a_frame_that_says_it_is_too_large_is_not_waited_for(tmp_path: Path, sizes: tuple[int, int]) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo, limits=Limits(frame_s=30, connections=4)), raw(path) as caller:
        caller.settimeout(3)
        caller.sendall(struct.pack(">II", *sizes))
        assert caller.recv(1) == b""


def test_a_frame_of_the_largest_size_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo, limits=Limits(connections=4)), linked(path) as link:
        assert len(link.ask({"op": "x"}, bytes(wire.MAX_BODY))[1]) == wire.MAX_BODY
        with pytest.raises(errors.KeyUnavailable):
            link.ask({"op": "x"}, bytes(wire.MAX_BODY + 1))


def test_a_caller_who_drips_or_says_nothing_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo), raw(path) as silent, raw(path) as slow:
        slow.sendall(struct.pack(">II", 100, 0))
        assert _dripped(slow) < 40
        assert silent.recv(1) == b""


def test_more_callers_than_seats_are_told_to_come_back(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    hold = threading.Event()

    def waiting(head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        hold.wait(5)
        return echo(head, body)

    with serving(path, waiting), linked(path) as link:
        threads = [threading.Thread(target=link.ask, args=({"op": "x"},)) for _ in range(QUICK.connections)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        with pytest.raises(errors.KeyUnavailable) as caught:
            link.ask({"op": "x"})
        assert caught.value.retryable
        hold.set()
        for thread in threads:
            thread.join()


def test_a_defect_is_an_answer_that_says_nothing_and_the_next_request_is_served(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"

    def failing(head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        if head["op"] == "fail":
            raise RuntimeError("PIN 1234")
        return echo(head, body)

    with serving(path, failing) as told, linked(path) as link:
        with pytest.raises(errors.KeyUnavailable) as caught:
            link.ask({"op": "fail"})
        assert "1234" not in str(caught.value)
        assert [type(one) for one in told] == [RuntimeError]
        assert answers(link)


def test_a_signer_that_is_away_ends_or_restarts_is_unavailable_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with linked(path) as link:
        assert not answers(link)
        with serving(path, echo):
            assert answers(link)
        assert not answers(link)
        with serving(path, echo):
            assert answers(link)


def test_a_signer_that_stops_finishes_what_it_answers_and_ends_who_asks_nothing(tmp_path: Path) -> None:
    path, asked, done, said = tmp_path / "s.sock", threading.Event(), threading.Event(), []

    def slow(head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        if head["op"] == "slow":
            asked.set()
            time.sleep(0.8)
            done.set()
        return echo(head, body)

    with linked(path) as busy, linked(path) as idle:
        working = threading.Thread(target=lambda: said.append(busy.ask({"op": "slow"}, b"x")[1]))
        with serving(path, slow, limits=Limits(connections=4)):
            assert answers(idle)
            working.start()
            assert asked.wait(5)
            begun = time.monotonic()
        assert done.is_set()  # the process that runs this ends now, and every thread with it
        assert time.monotonic() - begun < 5  # an idle connection holds nothing up
        working.join(5)
        assert said == [b"x"]
        assert not answers(idle)


def test_a_signer_without_descriptors_or_threads_serves_again_when_it_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo) as told, linked(path) as link:
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "accept", refuse_to_accept)
            time.sleep(0.6)
        assert answers(link)
        with linked(path) as another, monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse_to_start)
            assert not answers(another)
        assert answers(link)
        with linked(path) as another:
            assert answers(another)
    assert {type(one) for one in told} == {OSError, RuntimeError}


def refuse_to_accept(_: socket.socket) -> tuple[socket.socket, object]:
    raise OSError(errno.EMFILE, "too many open files")


def refuse_to_start(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_connection_that_was_idle_for_long_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo), linked(path) as link:
        assert answers(link)
        before = link._idle[0][1]
        assert answers(link)
        assert link._idle[0][1] is before
        monkeypatch.setattr(client, "_IDLE_S", 0.0)
        assert answers(link)
        assert link._idle[0][1] is not before
        assert before.fileno() == -1


def test_an_answer_that_does_not_come_in_time_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"

    def slow(head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        time.sleep(0.5)
        return echo(head, body)

    with serving(path, slow), linked(path, answer_s=0.1) as link, pytest.raises(errors.KeyUnavailable):
        link.ask({"op": "x"})


def test_two_signers_do_not_listen_in_one_place_and_a_dead_ones_socket_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, echo), pytest.raises(FileExistsError):
        Server(path=path, answer=echo, allowed=frozenset({0}), on_error=print).open()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with serving(path, echo), linked(path) as link:
        assert answers(link)
    path.write_text("a file of somebody")
    with pytest.raises(OSError, match="in use"):
        Server(path=path, answer=echo, allowed=frozenset({0}), on_error=print).open()
    with pytest.raises(RuntimeError):
        Server(path=path, answer=echo, allowed=frozenset({0}), on_error=print).run()


@pytest.mark.parametrize("code", sorted(wire.ERRORS))
def test_refusals_keep_their_class_on_the_way(tmp_path: Path, code: str) -> None:
    error = wire.error_of({"error": code, "message": "why"})
    assert type(error) is wire.ERRORS[code]
    assert str(error) == "why"


def test_an_error_that_nobody_knows_is_one_that_may_pass() -> None:
    assert type(wire.error_of({"error": "STRANGE"})) is errors.KeyUnavailable
    assert type(wire.error_of({"error": 7})) is errors.KeyUnavailable
    assert wire.error_of({}) is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=60))
def test_no_bytes_of_a_stranger_keep_the_signer_from_answering(shared_signer: Path, sent: bytes) -> None:
    with raw(shared_signer) as connection:
        connection.sendall(sent)
        with contextlib.suppress(ConnectionError):
            connection.shutdown(socket.SHUT_WR)
            connection.recv(64)
    with linked(shared_signer) as link:
        assert answers(link)


@pytest.fixture(scope="module")
def shared_signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("door") / "s.sock"
    with serving(path, echo):
        yield path


def test_an_answer_of_another_form_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with serving(path, lambda *_: ({"strange": 1}, b"")), linked(path) as link:
        desk, keys = RemoteDesk(link=link), RemoteKeyStore(link=link)
        assert keys.public_key("key_1") == b""
        for call in (lambda: desk.get("sad_1"), lambda: desk.passkeys(None), lambda: desk.start_passkey("sub_1", "x")):
            with pytest.raises(errors.KeyUnavailable):
                call()
