"""The guard of the clock against real UDP: truthful, lying, broken, silent, flooding servers; a clock that jumps."""

import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import tsp

from api import timekeeping
from api.bootstrap import build_clock_guard
from api.cli.checkup import examine
from api.errors import ConfigurationInvalid
from api.settings import Settings
from api.timekeeping import ClockGuard, Reference, ask_references, kernel_synchronised, parse_references, running_s
from api.timekeeping.guard import AGAIN_S, ROUND_S
from signing.tsa import ClockFault, ClockPolicy, ClockReading, build_timestamp_request
from tests.fakes.jumping_clock import JumpingClock
from tests.fakes.sntp_server import SntpServer


def read() -> ClockReading:
    return ClockReading(wall=datetime.now(UTC), running_s=running_s())


def ask(*servers: SntpServer, timeout_s: float = 1.0) -> Any:
    return ask_references(parse_references(",".join(one.address for one in servers)), read, timeout_s=timeout_s)


def test_a_truthful_server_is_near_and_knows_how_near() -> None:
    with SntpServer() as server:
        (sample,) = ask(server)
    assert abs(sample.offset_s) <= sample.uncertainty_s + 0.05
    assert 0 < sample.uncertainty_s < 0.5
    assert sample.name == server.address


@pytest.mark.parametrize("offset", [-7.5, 3.25, 86_400.0])
def test_an_offset_is_measured_in_either_direction(offset: float) -> None:
    with SntpServer(offset_s=offset) as server:
        (sample,) = ask(server)
    assert sample.offset_s == pytest.approx(offset, abs=0.2)


def test_an_offset_is_measured_across_the_end_of_an_era() -> None:
    at = datetime(2036, 2, 7, 6, 28, 15, tzinfo=UTC)  # one second before 2^32 seconds since 1900
    with SntpServer(now=lambda: at.timestamp() + 3) as server:
        (sample,) = ask_references(
            parse_references(server.address), lambda: ClockReading(wall=at, running_s=running_s()), timeout_s=1
        )
    assert sample.offset_s == pytest.approx(3, abs=0.2)


def replaced(offset: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda datagram: datagram[:offset] + value + datagram[offset + len(value) :]


@pytest.mark.parametrize(
    "fault",
    [
        {"first": 0xE4},  # says itself that it is not synchronised
        {"first": 0x23},  # a client, no server
        {"first": 0x14},  # version 2
        {"stratum": 0},  # kiss of death
        {"stratum": 16},
        {"change": lambda datagram: datagram[:47]},
        {"change": lambda _datagram: b"x"},
        {"change": replaced(24, b"\x00" * 8)},  # not our cookie
        {"change": replaced(32, b"\x00" * 8)},
        {"change": replaced(40, b"\x00" * 8)},
        {"change": replaced(40, struct.pack("!Q", 1 << 60))},  # held it for years
        {"silent": True},
    ],
    ids=lambda fault: ",".join(map(str, fault)),
)
def test_what_is_no_answer_is_no_witness(fault: dict[str, Any]) -> None:
    with SntpServer(**fault) as server, SntpServer() as good:
        begun = time.monotonic()
        samples = ask(server, good, timeout_s=0.6)
        assert time.monotonic() - begun < 10
    assert [sample.name for sample in samples] == [good.address]


def test_guesses_of_strangers_are_passed_over() -> None:
    with SntpServer(guesses=20) as server:
        (sample,) = ask(server)
    assert abs(sample.offset_s) < 0.5


def test_a_flood_of_guesses_ends_with_the_time_that_was_given() -> None:
    with SntpServer(change=replaced(24, b"\x00" * 8), guesses=200) as server:
        begun = time.monotonic()
        assert ask(server, timeout_s=0.3) == ()
        assert time.monotonic() - begun < 10


def test_names_that_hang_or_do_not_exist_and_closed_ports_cost_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        if host == "hangs.example.vn":
            time.sleep(6.0)
        if host.endswith("example.vn"):
            raise socket.gaierror("no such name")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with SntpServer() as good:
        wanted = parse_references(f"hangs.example.vn, none.example.vn, 127.0.0.1:{closed}, {good.address}")
        begun = time.monotonic()
        samples = ask_references(wanted, read, timeout_s=1.0)
        assert time.monotonic() - begun < 5.5
    assert [sample.name for sample in samples] == [good.address]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", []),
        ("ntp1.example.vn, 10.0.0.1:1123 ,", [("ntp1.example.vn", 123), ("10.0.0.1", 1123)]),
        ("[2001:db8::1],[2001:db8::2]:99", [("2001:db8::1", 123), ("2001:db8::2", 99)]),
    ],
)
def test_references_are_read_from_one_line(text: str, hosts: list[tuple[str, int]]) -> None:
    assert [(one.host, one.port) for one in parse_references(text)] == hosts
    assert parse_references(",".join(one.name for one in parse_references(text))) == parse_references(text)


@pytest.mark.parametrize("text", ["a b", "host:0", "host:70000", "host:x", "http://x", "2001:db8::1", "a,a", "a,a:123"])
def test_a_line_that_cannot_be_read_is_a_finding(text: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="ANSO_TIME_REFERENCES"):
        build_clock_guard(Settings(time_references=text), lambda: datetime.now(UTC))


def test_an_address_in_brackets_is_written_back_in_brackets() -> None:
    assert Reference(host="2001:db8::1").name == "[2001:db8::1]:123"


class PassingClock(JumpingClock):
    """Runs like the machine's, so that answers of real servers fit; jumps and skips ahead when told."""

    def __init__(self) -> None:
        self.shift_s, self.passed_s = 0.0, 0.0

    def truth(self) -> float:
        """What an honest server says."""
        return time.time() + self.passed_s

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.truth() + self.shift_s, UTC)

    def running(self) -> float:
        return running_s() + self.passed_s

    def set_by(self, seconds: float) -> None:
        self.shift_s += seconds

    def pass_time(self, seconds: float) -> None:
        self.passed_s += seconds


@contextlib.contextmanager
def servers(*offsets: float, now: Callable[[], float] = time.time) -> Iterator[list[SntpServer]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(SntpServer(offset_s=offset, now=now)) for offset in offsets]


def guard_of(clock: JumpingClock, *addresses: str, **policy: Any) -> ClockGuard:
    kernel = policy.pop("kernel", lambda: None)
    wanted = parse_references(",".join(addresses))
    return ClockGuard(
        ClockPolicy(references=len(wanted), **policy), wanted, clock=clock.now, running=clock.running, kernel=kernel
    )


def test_a_lying_server_alone_stops_the_clock_and_among_three_it_is_outvoted() -> None:
    with servers(5.0) as (liar,):
        assert guard_of(PassingClock(), liar.address).verdict().fault is ClockFault.OFF
    with servers(0.0, 5.0, 0.0) as (one, liar, two):
        verdict = guard_of(PassingClock(), one.address, liar.address, two.address).verdict()
    assert verdict.is_trusted
    assert verdict.dissenters == (liar.address,)


def test_references_are_asked_in_rounds_and_an_untrusted_clock_sooner() -> None:
    clock = PassingClock()
    with servers(0.0, now=clock.truth) as (server,):
        guard = guard_of(clock, server.address)
        assert [guard.verdict().is_trusted for _ in range(5)] == [True] * 5
        assert server.asked == 1
        server.offset_s = 4.0
        clock.pass_time(ROUND_S + 1)
        assert [guard.verdict().fault for _ in range(3)] == [ClockFault.OFF] * 3
        assert server.asked == 2
        server.offset_s = 0.0
        clock.pass_time(AGAIN_S + 1)
        assert guard.verdict().is_trusted
        assert server.asked == 3


def test_servers_that_fall_silent_are_believed_for_five_minutes() -> None:
    clock = PassingClock()
    with servers(0.0, now=clock.truth) as (server,):
        guard = guard_of(clock, server.address)
        assert guard.verdict().is_trusted
        server.silent = True
        clock.pass_time(ROUND_S + 1)
        assert guard.verdict().is_trusted
        clock.pass_time(300)
        assert guard.verdict().fault is ClockFault.TOO_FEW_REFERENCES


def test_after_a_jump_the_references_decide_anew_and_old_samples_do_not() -> None:
    clock = PassingClock()
    with servers(0.0, 0.0, 0.0, now=clock.truth) as three:
        guard = guard_of(clock, *(one.address for one in three))
        assert guard.verdict().is_trusted
        clock.set_by(20)
        assert guard.verdict().fault is ClockFault.JUMPED  # asked a moment ago; soon again
        clock.pass_time(AGAIN_S + 1)
        assert guard.verdict().fault is ClockFault.OFF
        clock.set_by(-20)
        clock.pass_time(AGAIN_S + 1)
        assert guard.verdict().is_trusted
        for one in three:
            one.silent = True
        clock.set_by(20)
        clock.pass_time(AGAIN_S + 1)
        assert guard.verdict().fault is ClockFault.TOO_FEW_REFERENCES


def test_without_references_a_jump_stops_the_clock_until_it_is_set_back() -> None:
    clock = JumpingClock()
    guard = guard_of(clock)
    clock.pass_time(86_400)
    assert guard.verdict().is_trusted
    clock.set_by(-1)
    assert guard.verdict().fault is ClockFault.JUMPED
    clock.pass_time(3600)
    assert guard.verdict().fault is ClockFault.JUMPED
    clock.set_by(1)
    assert guard.verdict().is_trusted


def test_the_kernels_word_is_asked_for_only_where_it_is_demanded() -> None:
    asked: list[bool] = []
    clock = JumpingClock()
    assert guard_of(clock, kernel=lambda: asked.append(True)).verdict().is_trusted
    assert asked == []
    assert not guard_of(clock, needs_kernel=True, kernel=lambda: False).verdict().is_trusted
    assert guard_of(clock, needs_kernel=True, kernel=lambda: True).verdict().is_trusted


def test_the_kernel_can_be_asked_here_or_says_so() -> None:
    assert kernel_synchronised() in {True, False, None}


def test_a_kernel_that_forbids_the_question_is_not_taken_for_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidding:
        def adjtimex(self, _state: object) -> int:
            return -1

    monkeypatch.setattr(timekeeping.kernel.ctypes, "CDLL", lambda *_, **__: Forbidding())
    assert kernel_synchronised() is None
    monkeypatch.setattr(timekeeping.kernel.ctypes, "CDLL", lambda *_, **__: object())
    assert kernel_synchronised() is None


def stamped(installation: Any) -> set[str] | None:
    """The refusal's words; None: granted."""
    answer = installation.client.post(
        "/pki/tsa", content=build_timestamp_request(b"d" * 32, nonce=secrets.randbits(60))
    )
    assert answer.status_code == 200
    status = tsp.PKIStatusInfo.load(answer.content[answer.content.index(b"\x30", 1) :])
    return None if status["status"].native == "granted" else set(status["fail_info"].native)


def test_a_service_with_a_lying_reference_stamps_nothing_and_says_so_everywhere(
    fresh_install: Callable[..., Any],
) -> None:
    with SntpServer() as server:
        installation = fresh_install(time_references=server.address)
        server.now = lambda: installation.clock.at.timestamp()  # noqa: PLW0108 - the clock moves
        assert stamped(installation) is None
        assert installation.client.get("/health/ready").json()["checks"]["clock"] is True
        server.offset_s = 2.0
        installation.clock.forward(seconds=ROUND_S + 1)
        assert stamped(installation) == {"time_not_available"}
        ready = installation.client.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["clock"]) == (200, False)
        metrics = installation.client.get("/metrics").text
    assert "anso_clock_trusted 0.0" in metrics
    offset = next(line for line in metrics.splitlines() if line.startswith("anso_clock_offset_seconds "))
    assert float(offset.split()[1]) == pytest.approx(2.0, abs=0.1)


def test_the_doctor_shows_the_clock_and_who_dissents(tmp_path: Any) -> None:
    def finding(references: str) -> Any:
        settings = Settings(data=tmp_path, time_references=references)
        return next(one for one in examine(settings, audit=False) if one.name == "clock")

    assert finding("").is_good
    assert "no references" in finding("").detail
    with servers(0.0, 9.0, 0.0) as three:
        found = finding(",".join(one.address for one in three))
        assert found.is_good
        assert f"dissents: {three[1].address}" in found.detail
    with servers(9.0) as (liar,):
        assert (finding(liar.address).is_good, "off" in finding(liar.address).detail) == (False, True)
    assert not finding("no good").is_good


def test_production_does_not_start_without_references(tmp_path: Any) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings(profile="production", data=tmp_path).require_complete()  # type: ignore[arg-type]  # pydantic reads the word
    assert any("ANSO_TIME_REFERENCES" in line for line in caught.value.missing)
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings(profile="production", data=tmp_path, time_references="ntp.example.vn").require_complete()  # type: ignore[arg-type]  # as above
    assert not any("ANSO_TIME_REFERENCES" in line for line in caught.value.missing)
