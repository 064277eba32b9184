"""The same request twice takes effect once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from api import idempotency
from api.db import DatabaseUnreachable
from api.errors import IdempotencyKeyRequired, IdempotencyKeyReused, InputInvalid, NotFound, RequestInFlight
from api.idempotency import KEYS, KeyUse, StoredAnswer
from api.ids import creation_id, parse_id
from api.problems import is_refusal
from api.services import Services
from tests.api.conftest import START, Installation

once = partial(idempotency.once, is_refusal=is_refusal)
ANSWER = StoredAnswer(status=201, headers=(("location", "/x"),), body=b'{"id":"022193900013"}')


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest) -> Iterator[Services]:
    name = "installation" if request.param == "sqlite" else "postgres_installation"
    made: Installation = request.getfixturevalue(name)
    yield made.services
    with made.services.db.transaction() as tx:
        tx.execute(KEYS.delete())


def use(key: str | None = "k-1", fingerprint: str = "f", principal: str = "acc_1") -> KeyUse:
    return KeyUse(principal=principal, key=key, fingerprint=fingerprint)


def test_a_second_identical_request_gets_the_first_answer_and_no_second_effect(services: Services) -> None:
    done: list[int] = []

    def action() -> StoredAnswer:
        done.append(1)
        return ANSWER

    assert once(services, use(), action, START) == ANSWER
    assert once(services, use(), action, START) == ANSWER
    assert len(done) == 1


def test_a_key_is_required_and_has_a_form(services: Services) -> None:
    with pytest.raises(IdempotencyKeyRequired) as caught:
        once(services, use(None), lambda: ANSWER, START)
    assert caught.value.code == "IDEMPOTENCY_KEY_REQUIRED"
    for key in ("", "a b", "x" * 400, "é", "a\x00b", 'a"b'):
        with pytest.raises(InputInvalid):
            once(services, use(key), lambda: ANSWER, START)
    assert once(services, use('"quoted-string"'), lambda: ANSWER, START) == ANSWER


def test_the_same_key_for_another_request_is_refused(services: Services) -> None:
    once(services, use(), lambda: ANSWER, START)
    with pytest.raises(IdempotencyKeyReused) as caught:
        once(services, use(fingerprint="other"), lambda: ANSWER, START)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_keys_of_different_callers_do_not_meet(services: Services) -> None:
    once(services, use(), lambda: ANSWER, START)
    other = StoredAnswer(status=200, headers=(), body=b"other")
    assert once(services, use(principal="acc_2", fingerprint="g"), lambda: other, START) == other


def test_a_failed_request_may_be_tried_again_with_its_key(services: Services) -> None:
    def fails() -> StoredAnswer:
        raise NotFound

    with pytest.raises(NotFound):
        once(services, use(), fails, START)
    assert once(services, use(), lambda: ANSWER, START) == ANSWER


def test_of_many_requests_at_once_one_takes_effect(services: Services) -> None:
    started, done = threading.Barrier(8), []

    def action() -> StoredAnswer:
        done.append(1)
        return ANSWER

    def attempt(_: int) -> object:
        started.wait()
        try:
            return once(services, use(), action, START)
        except RequestInFlight as err:
            return err.code

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, range(8)))
    assert len(done) == 1
    assert set(map(str, results)) <= {str(ANSWER), "REQUEST_IN_FLIGHT"}


def test_a_request_in_flight_is_said_so_until_its_process_must_be_dead(services: Services) -> None:
    def nested() -> StoredAnswer:
        with pytest.raises(RequestInFlight) as caught:
            once(services, use(), lambda: ANSWER, START)
        assert caught.value.retryable
        return ANSWER

    once(services, use(), nested, START)


def test_the_claim_of_a_killed_process_is_taken_over_after_a_quarter_of_an_hour(services: Services) -> None:
    with services.db.transaction() as tx:
        tx.execute(
            KEYS.insert().values(
                principal="acc_1",
                idempotency_key="k-1",
                fingerprint="f",
                state="in_flight",
                claimed_at=int(START.timestamp() * 1_000_000),
            )
        )
    with pytest.raises(RequestInFlight):
        once(services, use(), lambda: ANSWER, START + timedelta(minutes=14))
    assert once(services, use(), lambda: ANSWER, START + timedelta(minutes=16)) == ANSWER


def test_answers_are_kept_for_a_day_and_sealed(services: Services) -> None:
    once(services, use(), lambda: ANSWER, START)
    with services.db.reading() as tx:
        row = tx.execute(KEYS.select()).one()
    assert b"022193900013" not in row.answer
    again = StoredAnswer(status=200, headers=(), body=b"new")
    assert once(services, use(), lambda: again, START + timedelta(hours=23)) == ANSWER
    assert once(services, use(), lambda: again, START + timedelta(hours=25)) == again


def test_a_refusal_frees_the_key_and_a_fault_keeps_its_claim(services: Services) -> None:
    """After a fault nobody knows what was done, so the next run creates under the same id."""
    made: list[str] = []

    def run(error: BaseException | None) -> StoredAnswer:
        made.append(creation_id("dos", START))
        if error is not None:
            raise error
        return ANSWER

    for error in (NotFound(), KeyboardInterrupt(), RuntimeError(), DatabaseUnreachable()):
        with pytest.raises(type(error)):
            once(services, use(), lambda error=error: run(error), START)  # type: ignore[misc] # bound at once
    with pytest.raises(IdempotencyKeyReused):
        once(services, use(fingerprint="other"), lambda: ANSWER, START)
    assert once(services, use(), lambda: run(None), START + timedelta(hours=1)) == ANSWER
    assert made[0] != made[1]
    assert len(set(made[1:])) == 1
    assert parse_id("dos", made[1]) == made[1]


def test_of_many_that_take_over_a_dead_claim_one_goes_on(services: Services) -> None:
    with pytest.raises(KeyboardInterrupt):
        once(services, use(), interrupted, START)
    started = threading.Barrier(6)

    def attempt(_: int) -> str:
        started.wait()
        try:
            once(services, use(), lambda: ANSWER, START)
        except RequestInFlight as err:
            return err.code
        return "answered"

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(attempt, range(6))) <= {"answered", "REQUEST_IN_FLIGHT"}
    with services.db.reading() as tx:
        assert tx.execute(KEYS.select()).one().state == "done"


def test_a_key_claimed_before_ids_were_kept_gets_one_when_it_is_taken_over(services: Services) -> None:
    with pytest.raises(KeyboardInterrupt):
        once(services, use(), interrupted, START)
    with services.db.transaction() as tx:
        tx.execute(KEYS.update().values(creates=None))
    assert once(services, use(), lambda: ANSWER, START) == ANSWER


def test_outside_a_claim_every_id_is_new() -> None:
    assert creation_id("dos", START) != creation_id("dos", START)


def interrupted() -> StoredAnswer:
    raise KeyboardInterrupt
