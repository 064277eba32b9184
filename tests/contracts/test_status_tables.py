"""Lists and kept answers in the database, on SQLite and PostgreSQL: what a change of status takes with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.db import Database
from signing.registry import CertificateRecord, RevocationReason
from signing.registry_sql import METADATA, AnswersSql, KeptAnswer, ListName, ListsSql, PublishedCrl, RegistrySql
from tests.contracts.records import ACTIVE, AT, ON_HOLD, RECORDED, REVOKED, SUPERSEDED, VOIDED, active, change, entry

FULL, THIRD = ListName(issuer="personal"), ListName(issuer="personal", shard=3)
SECONDS = int(AT.timestamp())
HELD, CESSATION = RevocationReason.HOLD, RevocationReason.CESSATION


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    server = None if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    url = server.new_database() if server else f"sqlite:///{tmp_path / 'status.sqlite3'}"
    made = Database(url)
    METADATA.create_all(made.engine)
    yield made
    made.close()
    if server:
        server.drop_database(url)


@pytest.fixture
def tx(database: Database) -> Iterator[sa.Connection]:
    with database.transaction() as opened:
        yield opened


@contextmanager
def registry_in(database: Database) -> Iterator[RegistrySql]:
    with database.transaction() as tx:
        yield RegistrySql(tx)


def serials(tx: sa.Connection, name: ListName, days: int = 0) -> list[tuple[int, int, int | None]]:
    return sorted(ListsSql(tx).withdrawn(name, expired_before=AT + timedelta(days=days)))


def test_a_list_names_what_is_revoked_or_held_in_its_shard_and_not_expired(tx: sa.Connection) -> None:
    registry = RegistrySql(tx)
    good, held, gone = (active(registry, crl_shard=3) for _ in range(3))
    old = active(registry)
    other = active(registry, issuer="secondary", crl_shard=3)
    registry.change_status(change(held, ACTIVE, ON_HOLD, reason=HELD))
    registry.change_status(change(gone, ACTIVE, REVOKED, reason=RevocationReason.KEY_COMPROMISE))
    registry.change_status(change(old, ACTIVE, REVOKED, reason=CESSATION))
    registry.change_status(change(other, ACTIVE, REVOKED, reason=CESSATION))
    at = SECONDS + 3600
    assert serials(tx, THIRD) == [(held.serial, at, 6), (gone.serial, at, 1)]
    assert serials(tx, FULL) == [(held.serial, at, 6), (gone.serial, at, 1), (old.serial, at, 5)]
    assert serials(tx, FULL, days=400) == []
    assert good.serial not in {serial for serial, *_ in serials(tx, FULL)}


def test_a_change_marks_the_full_list_and_the_shard_of_its_certificate(tx: sa.Connection) -> None:
    registry, lists = RegistrySql(tx), ListsSql(tx)
    sharded, whole = active(registry, crl_shard=3), active(registry)
    assert lists.marked() == frozenset()
    registry.change_status(change(whole, ACTIVE, REVOKED, reason=CESSATION))
    assert lists.marked() == {FULL}
    registry.change_status(change(sharded, ACTIVE, ON_HOLD, reason=HELD))
    assert lists.marked() == {FULL, THIRD}
    assert (len(lists.marks(FULL)), len(lists.marks(THIRD))) == (2, 1)


def test_only_what_a_list_must_say_marks_it(tx: sa.Connection) -> None:
    registry, lists = RegistrySql(tx), ListsSql(tx)
    never = entry()
    registry.record(never, actor="acc_1")
    registry.change_status(change(never, RECORDED, VOIDED))
    old = active(registry)
    registry.change_status(change(old, ACTIVE, SUPERSEDED))
    assert lists.marked() == frozenset()
    for step, (before, after, reason) in enumerate(
        ((SUPERSEDED, ON_HOLD, HELD), (ON_HOLD, SUPERSEDED, None), (SUPERSEDED, REVOKED, CESSATION)), start=1
    ):
        registry.change_status(change(old, before, after, reason=reason))
        assert len(lists.marks(FULL)) == step


def published(number: int, name: ListName = FULL, *, days: int = 0, delta: bytes | None = None) -> PublishedCrl:
    at = AT + timedelta(days=days)
    return PublishedCrl(
        issuer=name.issuer,
        shard=name.shard,
        number=number,
        this_update=at,
        next_update=at + timedelta(days=7),
        der=b"list" + bytes((number,)),
        base_number=1 if delta else None,
        delta=delta,
    )


def test_publishing_takes_away_the_marks_that_were_seen_and_no_others(tx: sa.Connection) -> None:
    registry, lists = RegistrySql(tx), ListsSql(tx)
    first, second = active(registry), active(registry)
    registry.change_status(change(first, ACTIVE, REVOKED, reason=CESSATION))
    seen = lists.marks(FULL)
    registry.change_status(change(second, ACTIVE, REVOKED, reason=CESSATION))
    lists.publish(published(1), seen=seen)
    assert len(lists.marks(FULL)) == 1


def test_the_newest_of_each_list_is_the_one_with_the_highest_number(tx: sa.Connection) -> None:
    lists = ListsSql(tx)
    assert lists.newest(FULL) is None
    for one in (published(1), published(2, THIRD, delta=b"d"), published(3), published(4, ListName(issuer="root"))):
        lists.publish(one)
    assert lists.newest(FULL) == published(3)
    assert lists.newest(THIRD) == published(2, THIRD, delta=b"d")
    assert {name: head.number for name, head in lists.heads().items()} == {
        FULL: 3,
        THIRD: 2,
        ListName(issuer="root"): 4,
    }
    assert [head.number for head in lists.history(FULL)] == [1, 3]


def test_lists_that_ended_are_dropped_but_never_the_newest(tx: sa.Connection) -> None:
    lists = ListsSql(tx)
    for number, days in ((1, 0), (2, 1), (3, 5)):
        lists.publish(published(number, days=days))
    lists.publish(published(4, THIRD))
    lists.forget(FULL, ended_before=AT + timedelta(days=8, seconds=1))
    assert [head.number for head in lists.history(FULL)] == [3]
    lists.forget(THIRD, ended_before=AT + timedelta(days=900))
    assert [head.number for head in lists.history(THIRD)] == [4]


def test_a_complete_list_is_found_by_its_number_and_its_own_name(tx: sa.Connection) -> None:
    lists = ListsSql(tx)
    lists.publish(published(3))
    lists.publish(published(4, THIRD))
    assert lists.complete(FULL, 3) == published(3).der
    assert lists.complete(THIRD, 4) == published(4, THIRD).der
    assert lists.complete(THIRD, 3) is None
    assert lists.complete(FULL, 5) is None


def answer(record: CertificateRecord, encoded: bytes = b"id", **changes: object) -> KeptAnswer:
    made = KeptAnswer(
        issuer=record.issuer,
        serial=record.serial,
        encoded=encoded,
        der=b"good",
        produced_at=AT,
        next_update=AT + timedelta(hours=1),
        asked_at=AT,
    )
    return replace(made, **changes)


def test_a_kept_answer_comes_back_to_its_own_spelling_and_issuer_only(tx: sa.Connection) -> None:
    record, answers = active(RegistrySql(tx)), AnswersSql(tx)
    assert answers.keep(answer(record), as_of=record)
    assert answers.find("personal", b"id") == answer(record)
    assert answers.find("personal", b"other") is None
    assert answers.find("secondary", b"id") is None
    assert answers.keep(answer(record, der=b"newer"), as_of=record)
    assert answers.find("personal", b"id") == answer(record, der=b"newer")
    answers.asked(b"id", AT + timedelta(hours=3))
    found = answers.find("personal", b"id")
    assert found is not None
    assert found.asked_at == AT + timedelta(hours=3)


@pytest.mark.parametrize("after", [ON_HOLD, REVOKED, SUPERSEDED])
def test_a_change_of_status_deletes_the_answers_in_its_own_transaction(database: Database, after: object) -> None:
    with database.transaction() as tx:
        record, other = active(RegistrySql(tx)), active(RegistrySql(tx))
        for one, encoded in ((record, b"id"), (record, b"id2"), (other, b"other")):
            AnswersSql(tx).keep(answer(one, encoded), as_of=one)
    with database.transaction() as tx:
        RegistrySql(tx).change_status(change(record, ACTIVE, after, reason=HELD))  # type: ignore[arg-type]  # parametrised
        tx.rollback()
    with database.reading() as tx:
        assert AnswersSql(tx).find("personal", b"id") is not None
    with database.transaction() as tx:
        RegistrySql(tx).change_status(change(record, ACTIVE, after, reason=HELD))  # type: ignore[arg-type]  # as above
    with database.reading() as tx:
        assert [AnswersSql(tx).find("personal", one) for one in (b"id", b"id2")] == [None, None]
        assert AnswersSql(tx).find("personal", b"other") is not None


def test_an_answer_signed_before_a_change_is_not_kept_after_it(tx: sa.Connection) -> None:
    registry, answers = RegistrySql(tx), AnswersSql(tx)
    seen = active(registry)
    registry.change_status(change(seen, ACTIVE, ON_HOLD, reason=HELD))
    assert not answers.keep(answer(seen), as_of=seen)
    registry.change_status(change(seen, ON_HOLD, ACTIVE, at=AT + timedelta(hours=2)))
    assert not answers.keep(answer(seen), as_of=seen)  # good again, but not the same good
    assert answers.find("personal", b"id") is None
    now = registry.get(seen.certificate_id)
    assert answers.keep(answer(now), as_of=now)


def test_a_responder_that_is_withdrawn_takes_all_its_answers_along(tx: sa.Connection) -> None:
    registry, answers = RegistrySql(tx), AnswersSql(tx)
    record, other = active(registry), active(registry, issuer="secondary")
    responder = active(registry, service="ocsp:personal")
    answers.keep(answer(record), as_of=record)
    answers.keep(answer(other, b"second"), as_of=other)
    registry.change_status(change(responder, ACTIVE, REVOKED, reason=RevocationReason.KEY_COMPROMISE))
    assert answers.find("personal", b"id") is None
    assert answers.find("secondary", b"second") is not None


def test_withdrawn_certificates_without_an_answer_are_found_until_one_is_kept(tx: sa.Connection) -> None:
    registry, answers = RegistrySql(tx), AnswersSql(tx)
    good, held, gone = (active(registry) for _ in range(3))
    registry.change_status(change(held, ACTIVE, ON_HOLD, reason=HELD))
    registry.change_status(change(gone, ACTIVE, REVOKED, reason=CESSATION))
    wanted = [one.certificate_id for one in answers.unanswered("personal", AT, limit=9)]
    assert wanted == [held.certificate_id, gone.certificate_id]
    assert len(answers.unanswered("personal", AT, limit=1)) == 1
    assert answers.unanswered("secondary", AT, limit=9) == ()
    assert answers.unanswered("personal", AT + timedelta(days=900), limit=9) == ()
    now = registry.get(held.certificate_id)
    answers.keep(answer(now), as_of=now)
    assert [one.certificate_id for one in answers.unanswered("personal", AT, limit=9)] == [gone.certificate_id]
    assert good.status is ACTIVE


def test_answers_that_run_out_are_found_in_order_and_dropped_unless_replaced(tx: sa.Connection) -> None:
    record, answers = active(RegistrySql(tx)), AnswersSql(tx)
    for hours in (3, 1, 2):
        answers.keep(answer(record, bytes((hours,)), next_update=AT + timedelta(hours=hours)), as_of=record)
    ending = answers.ending("personal", before=AT + timedelta(hours=2, seconds=1), limit=9)
    assert [one.encoded for one in ending] == [b"\x01", b"\x02"]
    assert len(answers.ending("personal", before=AT + timedelta(days=1), limit=2)) == 2
    assert answers.ending("secondary", before=AT + timedelta(days=1), limit=2) == ()
    answers.forget(b"\x01", produced_at=AT)
    answers.forget(b"\x02", produced_at=AT - timedelta(seconds=1))
    assert answers.find("personal", b"\x01") is None
    assert answers.find("personal", b"\x02") is not None
