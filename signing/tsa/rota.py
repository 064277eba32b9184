"""Several time-stamp authorities in their order: the first usable answer counts, and none may hold anybody up.

Who signs waits within a budget for all of them together; who completes a document later has patience. One that failed
rests a while (`breaker`); at most so many calls run at once (`Slots`). Knows order, time and questions. Must not know
how a request travels or whom we trust: both are handed in.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from random import SystemRandom
from typing import Final, Protocol

from signing.errors import SigningError, TimestampUnavailable
from signing.tsa.answers import AnswerFault, AuthorityFaultError, Question, granted_token
from signing.tsa.breaker import Breaker

Own = Callable[[bytes], bytes]
"""Our own authority, in process: TimeStampReq in, TimeStampResp out; raises SigningError."""
Accept = Callable[[bytes], str]
"""Takes a token (DER) that is about the right bytes; says why it is not trusted, or nothing."""

_SOON_S: Final = 0.02  # less is no time to ask anybody in
_TURN_S: Final = 5.0  # so long a late completion waits for its turn
_REMEMBERED: Final = 4096
OK: Final = "ok"


class Ask(Protocol):
    """The way to an authority elsewhere."""

    def __call__(self, request: bytes, *, seconds: float) -> bytes:
        """The answer to a TimeStampReq within so many seconds; raises AuthorityFaultError."""
        ...


class Slots(Protocol):
    """How many calls may run at once."""

    def taken(self, wait_s: float) -> AbstractContextManager[bool]:
        """A place for one call, waited for so long; False: there was none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One of the list."""

    name: str
    ask: Ask | None = field(default=None, repr=False)
    """None: our own authority."""
    timeout_s: float = 0.0
    """Longest time that a signer waits for it."""
    policy: str | None = None
    """OID of the policy that is asked for; None: its own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How much time there is."""

    budget_s: float
    """For a signer, all authorities together."""
    patience_s: float
    """For a document that is completed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was made, for metrics."""

    authority: str
    outcome: str
    """`ok` or the value of an `AnswerFault`."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an authority is doing in this process."""

    name: str
    is_resting: bool
    failures: int
    """Since its last success, at a signer's pace."""
    last_outcome: str | None
    """None: not asked yet."""


class Rota:
    """The authorities of one process; safe for threads.

    Args:
        authorities: in the order in which they are asked.
        terms: budgets.
        slots: how many calls to authorities elsewhere may run at once.
        running: seconds that nobody can set.
    """

    def __init__(
        self,
        authorities: Sequence[Authority],
        *,
        terms: Terms,
        slots: Slots,
        running: Callable[[], float] = time.monotonic,
    ) -> None:
        self._authorities = tuple(authorities)
        self._terms, self._slots, self._running = terms, slots, running
        lot = SystemRandom().random
        self._breakers = {
            (one.name, patient): Breaker(running=running, lot=lot)
            for one in self._authorities
            for patient in (False, True)
        }
        self._lock = threading.Lock()
        self._patience = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self._last: dict[str, str] = {}

    def stamp(self, request: bytes, *, own: Own, accept: Accept, patient: bool = False) -> bytes:
        """The first usable answer to a TimeStampReq (DER with a nonce).

        Args:
            request: what is asked.
            own: our own authority.
            accept: whether a token from elsewhere is one that we would accept in a document.
            patient: for a document that is completed later; nobody waits for it.

        Raises:
            TimestampUnavailable: none gave a usable answer in time; says for each why.
        """
        if len(self._authorities) == 1 and self._authorities[0].ask is None:
            return _own_answer(own, request)  # whoever embeds the token checks it
        try:
            question = Question.of(request)
        except AuthorityFaultError as err:
            raise TimestampUnavailable("not a time-stamp request of ours") from err
        if not patient:
            return self._first(question, request, own, accept, budget_s=self._terms.budget_s, patient=False)
        if not self._patience.acquire(timeout=_TURN_S):
            # a worker has few hands: only one of them waits for minutes
            raise TimestampUnavailable(f"{AnswerFault.BUSY}: another late completion is being waited for")
        try:
            return self._first(question, request, own, accept, budget_s=self._terms.patience_s, patient=True)
        finally:
            self._patience.release()

    def _first(
        self, question: Question, request: bytes, own: Own, accept: Accept, *, budget_s: float, patient: bool
    ) -> bytes:
        deadline = self._running() + budget_s
        faults = []
        waiting = [one for one in self._authorities if not self._is_resting(one, patient=patient)]
        faults += [f"{one.name}: {AnswerFault.RESTING}" for one in self._authorities if one not in waiting]
        for place, one in enumerate(waiting):
            # each gets an equal share of what is left: a dead one in front leaves time for those behind it
            share_s = (deadline - self._running()) / (len(waiting) - place)
            try:
                if one.ask is None:
                    answer = _own_checked(own, request, question)
                else:
                    answer = self._called(one, one.ask, question, accept, share_s=share_s, patient=patient)
            except AuthorityFaultError as err:
                faults.append(f"{one.name}: {err}")
            else:
                return answer
        raise TimestampUnavailable("; ".join(faults))

    def standings(self) -> tuple[Standing, ...]:
        """How each authority is doing, in order."""
        with self._lock:
            return tuple(
                Standing(
                    name=one.name,
                    is_resting=self._breakers[one.name, False].is_open,
                    failures=self._breakers[one.name, False].failures,
                    last_outcome=self._last.get(one.name),
                )
                for one in self._authorities
            )

    def drained(self) -> tuple[Call, ...]:
        """The calls since this was asked last, the oldest first; of very many only the newest."""
        with self._lock:
            calls = tuple(self._calls)
            self._calls.clear()
        return calls

    def _called(
        self, one: Authority, ask: Ask, question: Question, accept: Accept, *, share_s: float, patient: bool
    ) -> bytes:
        wait_s = share_s if patient else min(share_s, one.timeout_s)
        begun = self._running()
        with self._slots.taken(max(0.0, wait_s)) as has_place:
            left_s = wait_s - (self._running() - begun)
            if not has_place or left_s < _SOON_S:
                raise AuthorityFaultError(AnswerFault.BUSY)
            with self._lock:  # it may have failed while we waited for a place
                if not self._breakers[one.name, patient].admits():
                    raise AuthorityFaultError(AnswerFault.RESTING)
            begun, outcome = self._running(), AnswerFault.UNREACHABLE.value  # whatever else is raised: it rests
            try:
                answer = _usable(one, partial(ask, seconds=left_s), question, accept)
                outcome = OK
            except AuthorityFaultError as err:
                outcome = err.fault.value
                raise
            finally:
                self._note(one, outcome, self._running() - begun, patient=patient)
            return answer

    def _note(self, one: Authority, outcome: str, seconds: float, *, patient: bool) -> None:
        with self._lock:
            self._calls.append(Call(authority=one.name, outcome=outcome, seconds=seconds))
            self._last[one.name] = outcome
            asked = self._breakers[one.name, patient]
            if outcome != OK:
                asked.failed()
                return
            asked.succeeded()
            # an answer after minutes is good for a late completion; a signer would still wait for it in vain
            if patient and seconds <= one.timeout_s:
                self._breakers[one.name, False].succeeded()

    def _is_resting(self, one: Authority, *, patient: bool) -> bool:
        with self._lock:
            return self._breakers[one.name, patient].is_open


def _own_answer(own: Own, request: bytes) -> bytes:
    try:
        return own(request)
    except SigningError as err:
        raise TimestampUnavailable(err.code) from err


def _own_checked(own: Own, request: bytes, question: Question) -> bytes:
    """Our own answer, when it is a token: a refusal lets the next one be asked."""
    try:
        answer = own(request)
    except SigningError as err:
        raise AuthorityFaultError(AnswerFault.REFUSED, err.code) from err
    granted_token(answer, question)
    return answer


def _usable(one: Authority, ask: Callable[[bytes], bytes], question: Question, accept: Accept) -> bytes:
    answer = ask(question.request(one.policy))
    why = accept(granted_token(answer, question, policy=one.policy).dump())
    if why:
        raise AuthorityFaultError(AnswerFault.UNTRUSTED, why)
    return answer
