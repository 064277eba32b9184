"""Several authorities in order: the first usable answer counts, nobody waits longer than the budget (I17)."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from asn1crypto import tsp

from signing.errors import KeyUnavailable, TimestampUnavailable
from signing.tsa import (
    AnswerFault,
    Authority,
    AuthorityFaultError,
    Failure,
    Question,
    Rota,
    Terms,
    granted_token,
    refusal,
)
from signing.tsa.breaker import FIRST_REST_S, LONGEST_REST_S, SPREAD, Breaker
from tests.fakes.small_pki import SmallPki

DIGEST = hashlib.sha256(b"content").digest()


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return SmallPki()


@dataclass
class Running:
    """A clock of seconds that moves when told."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Places:
    """So many places; a caller who gets none has waited in vain."""

    free: int
    running: Running
    busy_s: float = 0.0

    @contextmanager
    def taken(self, wait_s: float) -> Iterator[bool]:
        self.running.now += min(self.busy_s, wait_s)
        yield self.free > 0 and self.busy_s <= wait_s


@dataclass
class Elsewhere:
    """An authority that takes its time and then answers, or not."""

    running: Running
    answer: Callable[[bytes], bytes]
    takes_s: float = 0.0
    asked: list[bytes] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def __call__(self, request: bytes, *, seconds: float) -> bytes:
        self.asked.append(request)
        self.waited.append(seconds)
        if self.takes_s > seconds:
            self.running.now += seconds
            raise AuthorityFaultError(AnswerFault.TIMED_OUT)
        self.running.now += self.takes_s
        return self.answer(request)


def rota(running: Running, *authorities: Authority, free: int = 4, busy_s: float = 0.0) -> Rota:
    return Rota(
        authorities,
        terms=Terms(budget_s=1.5, patience_s=150.0),
        slots=Places(free=free, running=running, busy_s=busy_s),
        running=running,
    )


def remote(name: str, ask: Elsewhere, *, timeout_s: float = 1.5, policy: str | None = None) -> Authority:
    return Authority(name=name, ask=ask, timeout_s=timeout_s, policy=policy)


def no_own(_request: bytes) -> bytes:
    raise AssertionError("our own authority is not on the list")


def ask(made: Rota, **changes: Any) -> bytes:
    request = Question.over(DIGEST, "sha256").request()
    return made.stamp(request, **({"own": no_own, "accept": lambda _token: ""} | changes))


def outcomes(made: Rota) -> list[tuple[str, str]]:
    return [(one.authority, one.outcome) for one in made.drained()]


def test_the_first_of_the_list_answers_and_the_second_is_not_asked(pki: SmallPki) -> None:
    running = Running()
    first, second = Elsewhere(running, pki.stamp), Elsewhere(running, pki.stamp)
    made = rota(running, remote("a", first), remote("b", second))
    assert ask(made)
    assert (len(first.asked), len(second.asked)) == (1, 0)
    assert outcomes(made) == [("a", "ok")]


def other_nonce(pki: SmallPki) -> Callable[[bytes], bytes]:
    def answer(request: bytes) -> bytes:
        other = tsp.TimeStampReq.load(request)
        other["nonce"] = 4711
        return pki.stamp(other.dump())

    return answer


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("garbage", "unreadable"), ("empty", "unreadable"), ("refusal", "refused"), ("nonce", "foreign"),
        ("imprint", "foreign"), ("huge", "too_large"), ("slow", "timed_out"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_lets_the_next_one_be_asked(pki: SmallPki, kind: str, label: str) -> None:
    running = Running()
    wrong: dict[str, Callable[[bytes], bytes]] = {
        "garbage": lambda _r: b"\x30\x03abc",
        "empty": lambda _r: b"",
        "refusal": lambda _r: refusal(Failure.SYSTEM_FAILURE),
        "nonce": other_nonce(pki),
        "imprint": lambda _r: pki.stamp(Question.over(b"\x11" * 32, "sha256").request()),
        "huge": lambda _r: b"\x30" * (1 << 20),
        "slow": pki.stamp,
    }
    first = Elsewhere(running, wrong[kind], takes_s=131.0 if kind == "slow" else 0.0)
    second = Elsewhere(running, pki.stamp)
    made = rota(running, remote("a", first), remote("b", second))
    answer = ask(made)
    assert granted_token(answer, Question.of(second.asked[0]))
    assert outcomes(made) == [("a", label), ("b", "ok")]


def test_a_token_that_we_would_not_accept_in_a_document_is_not_taken(pki: SmallPki) -> None:
    running = Running()
    made = rota(running, remote("a", Elsewhere(running, pki.stamp)), remote("b", Elsewhere(running, pki.stamp)))
    said = iter(["expired", ""])
    ask(made, accept=lambda _token: next(said))
    assert outcomes(made) == [("a", "untrusted"), ("b", "ok")]


def test_all_of_them_together_take_no_longer_than_the_budget(pki: SmallPki) -> None:
    running = Running()
    dead = [Elsewhere(running, pki.stamp, takes_s=131.0) for _ in range(3)]
    made = rota(running, *(remote(f"t{number}", one) for number, one in enumerate(dead)))
    begun = running.now
    with pytest.raises(TimestampUnavailable) as refused:
        ask(made)
    assert running.now - begun == pytest.approx(1.5)
    assert [round(one.waited[0], 3) for one in dead] == [0.5, 0.5, 0.5]
    assert str(refused.value) == "t0: timed_out; t1: timed_out; t2: timed_out"


def test_an_authoritys_own_limit_leaves_the_rest_to_the_next(pki: SmallPki) -> None:
    running = Running()
    first = Elsewhere(running, pki.stamp, takes_s=131.0)
    second = Elsewhere(running, pki.stamp, takes_s=1.2)
    ask(rota(running, remote("a", first, timeout_s=0.2), remote("b", second)))
    assert (first.waited, [round(one, 3) for one in second.waited]) == ([0.2], [1.3])


def test_who_failed_is_left_alone_and_costs_the_next_items_nothing(pki: SmallPki) -> None:
    running = Running()
    dead = Elsewhere(running, pki.stamp, takes_s=131.0)
    made = rota(running, remote("a", dead))
    with pytest.raises(TimestampUnavailable):
        ask(made)
    begun = running.now
    for _ in range(19):
        with pytest.raises(TimestampUnavailable, match="a: resting"):
            ask(made)
    assert running.now == begun
    assert len(dead.asked) == 1
    (standing,) = made.standings()
    assert (standing.is_resting, standing.failures, standing.last_outcome) == (True, 1, "timed_out")


def test_after_its_rest_one_call_finds_out_that_it_is_back(pki: SmallPki) -> None:
    running = Running()
    back = Elsewhere(running, pki.stamp, takes_s=131.0)
    made = rota(running, remote("a", back))
    with pytest.raises(TimestampUnavailable):
        ask(made)
    running.now += FIRST_REST_S * (1 + SPREAD)
    back.takes_s = 0.1
    assert ask(made)
    assert made.standings()[0].failures == 0


def test_a_late_answer_is_good_for_who_has_patience_but_brings_no_signer_to_wait_for_it(pki: SmallPki) -> None:
    running = Running()
    slow = Elsewhere(running, pki.stamp, takes_s=131.0)
    made = rota(running, remote("a", slow))
    with pytest.raises(TimestampUnavailable):
        ask(made)
    assert ask(made, patient=True)
    running.now -= 131.0  # as if no time had passed: the rest is not over
    with pytest.raises(TimestampUnavailable, match="resting"):
        ask(made)


def test_only_one_late_completion_of_a_process_waits_for_minutes(
    pki: SmallPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signing.tsa.rota._TURN_S", 0.01)
    running = Running()
    made: list[Rota] = []

    def meanwhile(request: bytes) -> bytes:
        with pytest.raises(TimestampUnavailable, match="busy"):
            ask(made[0], patient=True)
        return pki.stamp(request)

    def for_a_signer(request: bytes) -> bytes:
        assert ask(made[1])  # a signer needs no turn
        return meanwhile(request)

    elsewhere = Elsewhere(running, for_a_signer)
    made.append(rota(running, remote("a", elsewhere)))
    made.append(rota(running, remote("b", Elsewhere(running, pki.stamp))))
    assert ask(made[0], patient=True)
    assert len(elsewhere.asked) == 1


def test_a_quick_answer_to_a_late_completion_lets_signers_ask_again(pki: SmallPki) -> None:
    running = Running()
    back = Elsewhere(running, pki.stamp, takes_s=131.0)
    made = rota(running, remote("a", back))
    with pytest.raises(TimestampUnavailable):
        ask(made)
    back.takes_s = 0.1
    assert ask(made, patient=True)
    assert ask(made)


def test_without_a_free_place_nobody_is_asked_and_nobody_rests(pki: SmallPki) -> None:
    running = Running()
    fine = Elsewhere(running, pki.stamp)
    made = rota(running, remote("a", fine), free=0)
    with pytest.raises(TimestampUnavailable, match="a: busy"):
        ask(made)
    assert not fine.asked
    assert made.standings()[0].failures == 0


def test_time_spent_waiting_for_a_place_counts_into_the_budget(pki: SmallPki) -> None:
    running = Running()
    dead = Elsewhere(running, pki.stamp, takes_s=131.0)
    made, begun = rota(running, remote("a", dead), busy_s=1.0), running.now
    with pytest.raises(TimestampUnavailable):
        ask(made)
    assert running.now - begun == pytest.approx(1.5)


def test_a_policy_that_was_asked_for_must_be_the_tokens(pki: SmallPki) -> None:
    running = Running()
    fine = Elsewhere(running, pki.stamp)
    made = rota(running, remote("a", fine, policy="1.3.6.1.4.1.99999.1"))
    with pytest.raises(TimestampUnavailable, match="other_policy"):
        ask(made)
    assert tsp.TimeStampReq.load(fine.asked[0])["req_policy"].native == "1.3.6.1.4.1.99999.1"


def test_our_own_authority_has_its_place_in_the_order(pki: SmallPki) -> None:
    running = Running()
    made = rota(running, Authority(name="own"), remote("b", Elsewhere(running, pki.stamp)))
    assert ask(made, own=pki.stamp)
    assert outcomes(made) == []

    def away(_request: bytes) -> bytes:
        raise KeyUnavailable("away")

    assert ask(made, own=away)
    assert ask(made, own=lambda _r: refusal(Failure.SYSTEM_FAILURE))
    assert outcomes(made) == [("b", "ok"), ("b", "ok")]


def test_what_is_no_request_of_ours_is_never_sent(pki: SmallPki) -> None:
    running = Running()
    fine = Elsewhere(running, pki.stamp)
    with pytest.raises(TimestampUnavailable):
        rota(running, remote("a", fine)).stamp(b"\x30\x00", own=no_own, accept=lambda _t: "")
    assert not fine.asked


def test_a_defect_in_the_way_to_an_authority_is_counted_and_does_not_block_it_for_ever(pki: SmallPki) -> None:
    running = Running()

    def broken(_request: bytes) -> bytes:
        raise ZeroDivisionError

    made = rota(running, remote("a", Elsewhere(running, broken)))
    with pytest.raises(ZeroDivisionError):
        ask(made)
    assert made.standings()[0].failures == 1
    assert outcomes(made) == [("a", "unreachable")]


def test_rests_grow_up_to_a_limit_and_are_spread_by_lot() -> None:
    running = Running()
    breaker = Breaker(running=running, lot=lambda: 1.0)
    rests = []
    for _ in range(12):
        breaker.failed()
        rests.append(breaker.rests_until - running.now)
    assert rests[:3] == [FIRST_REST_S * 1.25, FIRST_REST_S * 2.5, FIRST_REST_S * 5]
    assert rests[-1] == LONGEST_REST_S * 1.25


def test_only_one_call_at_a_time_finds_out_whether_it_is_back() -> None:
    running = Running()
    breaker = Breaker(running=running, lot=lambda: 0.0)
    breaker.failed()
    running.now += FIRST_REST_S
    assert breaker.admits()
    assert not breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    running.now += 2 * FIRST_REST_S
    assert breaker.admits()
    breaker.succeeded()
    assert breaker.admits()
    assert breaker.admits()
