"""Every use of a key is in the chain before its signature is released, whoever uses keys at the same time."""

import hashlib
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api import migrations
from api.db import Database
from signing.errors import KeyUseNotRecorded
from signing.key_use_sql import KEY_USE_HEAD, KEY_USES, KeyUseLogSql, KeyUses, append_uses
from signing.keys import KeyKind, MemoryBlobs, SignatureAlgorithm, SoftwareKeyStore
from signing.keys.recorded import (
    KeyUse,
    KeyUseBreak,
    KeyUseHead,
    KeyUseKind,
    RecordedKeyStore,
    UnreadableEntry,
    next_entry,
    verify_key_uses,
)
from tests.fakes.appending import AT, append_many, use

ALGORITHM = SignatureAlgorithm.ECDSA_SHA256


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'chain.sqlite3'}"


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    made = Database(url)
    migrations.upgrade(made)
    yield made
    made.close()


def broken(db: Database, *anchors: KeyUseHead) -> tuple[int | None, KeyUseBreak | None]:
    with db.reading() as tx:
        report = KeyUses(tx).check(anchors=anchors)
    return report.broken_at, report.kind


def test_processes_and_threads_append_to_one_chain_without_gap_or_double(url: str, db: Database) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append_many, args=(url, 1000 * one, 25)) for one in range(2)]
    for process in processes:
        process.start()
    log = KeyUseLogSql(db.transaction)
    threads = [threading.Thread(target=log.append, args=(use(number),)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with db.reading() as tx:
        report = KeyUses(tx).check()
        known = {row.data_sha256 for row in tx.execute(sa.select(KEY_USES.c.data_sha256))}
    assert (report.is_whole, report.entries, report.head.sequence) == (True, 80, 80)
    assert known == {use(number).data_sha256 for number in (*range(30), *range(25), *range(1000, 1025))}
    assert "whole" in report.describe()


def test_a_signature_is_released_only_after_its_entry_is_durable(db: Database) -> None:
    inner = SoftwareKeyStore(MemoryBlobs(), bytes(32))
    seen: list[int] = []

    class Looking:
        def append(self, one: KeyUse) -> None:
            KeyUseLogSql(db.transaction).append(one)
            seen.append(1)

    keys = RecordedKeyStore(inner, Looking(), lambda: AT)
    spki = keys.generate("key_1", KeyKind.EC_P256)
    assert keys.public_key("key_1") == spki
    signature = keys.sign("key_1", b"du lieu", ALGORITHM)
    with db.reading() as tx:
        row = tx.execute(sa.select(KEY_USES)).one()
    assert row.data_sha256 == hashlib.sha256(b"du lieu").hexdigest()
    assert row.signature_sha256 == hashlib.sha256(signature).hexdigest()
    assert (row.key_id, row.algorithm, row.kind, row.sequence) == ("key_1", "ecdsa_sha256", "other", 1)
    assert seen == [1]
    keys.destroy("key_1")
    assert "SoftwareKeyStore" in repr(keys)


def test_what_cannot_be_recorded_is_not_released(db: Database) -> None:
    log = KeyUseLogSql(db.transaction)
    keys = RecordedKeyStore(SoftwareKeyStore(MemoryBlobs(), bytes(32)), log, lambda: AT)
    keys.generate("key_1", KeyKind.EC_P256)
    with db.transaction() as tx:
        tx.execute(sa.delete(KEY_USE_HEAD))
    with pytest.raises(KeyUseNotRecorded) as caught:
        keys.sign("key_1", b"du lieu", ALGORITHM)
    assert caught.value.code == "KEY_USE_NOT_RECORDED"
    assert caught.value.retryable
    with db.transaction() as tx:
        assert tx.execute(sa.select(KEY_USES)).all() == []
        tx.execute(sa.insert(KEY_USE_HEAD).values(id=1, sequence=0, entry_hash="0" * 64))
    keys.sign("key_1", b"du lieu", ALGORITHM)  # the same call works once the table is back


def test_rows_are_neither_changed_nor_deleted_by_the_application(db: Database) -> None:
    KeyUseLogSql(db.transaction).append(use(1))
    for statement in (sa.update(KEY_USES).values(key_id="key_2"), sa.delete(KEY_USES)):
        with pytest.raises(sa.exc.DBAPIError), db.transaction() as tx:
            tx.execute(statement)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE key_uses SET key_id = 'key_2' WHERE sequence = 3", (3, KeyUseBreak.EDITED)),
        ("UPDATE key_uses SET kind = 'nonsense' WHERE sequence = 3", (3, KeyUseBreak.EDITED)),
        ("UPDATE key_uses SET previous_hash = 'zz' WHERE sequence = 3", (3, KeyUseBreak.EDITED)),
        ("DELETE FROM key_uses WHERE sequence = 3", (3, KeyUseBreak.REMOVED)),
        ("DELETE FROM key_uses WHERE sequence = 5", (5, KeyUseBreak.TAIL_CUT)),
        ("UPDATE key_use_head SET sequence = 4", (5, KeyUseBreak.BEYOND_HEAD)),
        ("UPDATE key_use_head SET entry_hash = previous", (5, KeyUseBreak.REWRITTEN)),
    ],
)
def test_the_first_broken_entry_is_named(tmp_path: Path, damage: str, expected: tuple[int, KeyUseBreak]) -> None:
    db = Database(f"sqlite:///{tmp_path / 'damaged.sqlite3'}")
    migrations.upgrade(db)
    with db.transaction() as tx:
        append_uses(tx, [use(number) for number in range(5)])
        for verb in ("update", "delete"):
            tx.execute(sa.text(f"DROP TRIGGER key_uses_no_{verb}"))
        tx.execute(sa.text(damage.replace("previous", "'" + "0" * 64 + "'") if "key_use_head" in damage else damage))
    assert broken(db) == expected
    with db.reading() as tx:
        assert f"entry {expected[0]}: {expected[1]}" in KeyUses(tx).check().describe()
    db.close()


def test_a_chain_written_anew_is_found_by_a_head_recorded_elsewhere(db: Database) -> None:
    with db.transaction() as tx:
        honest = append_uses(tx, [use(number) for number in range(3)])
    assert broken(db, honest) == (None, None)
    assert broken(db, KeyUseHead(sequence=2, entry_hash="f" * 64)) == (2, KeyUseBreak.REWRITTEN)
    assert broken(db, KeyUseHead(sequence=9, entry_hash="f" * 64)) == (4, KeyUseBreak.TAIL_CUT)


def test_an_entry_in_the_place_of_another_is_unlinked() -> None:
    head = KeyUseHead(sequence=0, entry_hash="0" * 64)
    first = next_entry(head, use(1))
    stranger = next_entry(KeyUseHead(sequence=1, entry_hash="1" * 64), use(2))
    wanted = KeyUseHead(sequence=2, entry_hash=stranger.entry_hash)
    assert verify_key_uses([first, stranger], wanted).kind is KeyUseBreak.UNLINKED
    assert verify_key_uses([UnreadableEntry(sequence=1)], wanted).kind is KeyUseBreak.EDITED


def test_a_certificate_is_found_by_its_signed_part_and_other_uses_are_none(db: Database) -> None:
    digest = hashlib.sha256(b"tbs").hexdigest()
    uses: list[dict[str, Any]] = [{"kind": KeyUseKind.DOCUMENT}, {"kind": KeyUseKind.CERTIFICATE}]
    for one in uses:
        with db.transaction() as tx:
            assert list(KeyUses(tx).certificates()) == []
            values = {"at": AT, "key_id": "k", "algorithm": "a", "data_sha256": digest, "signature_sha256": digest}
            append_uses(tx, [KeyUse(**values | one)])  # type: ignore[arg-type] # a test's own mapping
    with db.reading() as tx:
        assert list(KeyUses(tx).certificates()) == [(2, digest)]
