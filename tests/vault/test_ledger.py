import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from api.db import Database
from tests.vault.conftest import AT
from vault.citizen_vault import CitizenVault, record_head, recorded_heads
from vault.ledger import (
    EMPTY_HEAD,
    AuditEvent,
    BreakKind,
    LedgerEntry,
    LedgerHead,
    Outcome,
    canonical_bytes,
    head_bytes,
    next_entry,
    parse_head,
    verify_chain,
)
from vault.ledger_sql import AuditLedger, EntryFilter, LedgerSql, check_ledger
from vault.naming import checkpoint_name
from vault.stores.directory import DirectoryStore


def event(number: int = 0, **changes: object) -> AuditEvent:
    values: dict[str, object] = {
        "at": AT + timedelta(seconds=number),
        "action": "read_document",
        "outcome": Outcome.ALLOWED,
        "account_id": "acc_1",
        "role": "citizen",
        "purpose": "read_own_documents",
        "request_id": f"req-{number}",
    }
    return AuditEvent(**(values | changes))  # type: ignore[arg-type] # any field of the event


def chain(length: int) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    head = EMPTY_HEAD
    for number in range(length):
        entries.append(next_entry(head, event(number)))
        head = LedgerHead(sequence=entries[-1].sequence, entry_hash=entries[-1].entry_hash)
    return entries


def head_of(entries: list[LedgerEntry]) -> LedgerHead:
    if not entries:
        return EMPTY_HEAD
    return LedgerHead(sequence=entries[-1].sequence, entry_hash=entries[-1].entry_hash)


# --- the arithmetic -----------------------------------------------------------------------------------


@given(st.integers(min_value=0, max_value=12))
def test_an_untouched_chain_is_whole(length: int) -> None:
    entries = chain(length)
    report = verify_chain(entries, head_of(entries))
    assert report.is_whole
    assert report.entries == length


@given(st.data(), st.integers(min_value=1, max_value=12))
def test_an_edited_row_is_named(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    place = data.draw(st.integers(min_value=0, max_value=length - 1))
    changes = data.draw(
        st.sampled_from(
            [
                {"account_id": "acc_2"},
                {"outcome": Outcome.REFUSED},
                {"at": AT - timedelta(days=1)},
                {"owner_id": "sub_x"},
            ]
        )
    )
    entries[place] = replace(entries[place], event=replace(entries[place].event, **changes))
    report = verify_chain(entries, head_of(chain(length)))
    assert report.first_break is not None
    assert (report.first_break.sequence, report.first_break.kind) == (place + 1, BreakKind.EDITED)
    assert str(place + 1) in report.describe()


@given(st.data(), st.integers(min_value=2, max_value=12))
def test_a_removed_row_is_named(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    place = data.draw(st.integers(min_value=0, max_value=length - 2))
    head = head_of(entries)
    del entries[place]
    report = verify_chain(entries, head)
    assert report.first_break is not None
    assert (report.first_break.sequence, report.first_break.kind) == (place + 1, BreakKind.REMOVED)


@given(st.data(), st.integers(min_value=1, max_value=12))
def test_a_cut_tail_is_found_because_the_head_is_recorded_apart(data: st.DataObject, length: int) -> None:
    entries = chain(length)
    kept = data.draw(st.integers(min_value=0, max_value=length - 1))
    report = verify_chain(entries[:kept], head_of(entries))
    assert report.first_break is not None
    assert (report.first_break.sequence, report.first_break.kind) == (kept + 1, BreakKind.TAIL_CUT)


def test_a_row_rehashed_by_hand_breaks_the_link_after_it() -> None:
    entries = chain(5)
    forged = next_entry(head_of(entries[:2]), event(99))
    report = verify_chain([*entries[:2], forged, *entries[3:]], head_of(entries))
    assert report.first_break is not None
    assert (report.first_break.sequence, report.first_break.kind) == (4, BreakKind.UNLINKED)


def test_rows_after_the_recorded_head_and_a_forged_last_row_are_found() -> None:
    entries = chain(4)
    beyond = verify_chain(entries, head_of(entries[:3])).first_break
    assert beyond is not None
    assert (beyond.sequence, beyond.kind) == (4, BreakKind.BEYOND_HEAD)
    forged = next_entry(head_of(entries[:3]), event(99))
    rewritten = verify_chain([*entries[:3], forged], head_of(entries)).first_break
    assert rewritten is not None
    assert (rewritten.sequence, rewritten.kind) == (4, BreakKind.REWRITTEN)


def test_rows_and_head_rewritten_together_are_found_by_a_head_recorded_elsewhere() -> None:
    honest, forged = chain(5), [next_entry(EMPTY_HEAD, event(77))]
    report = verify_chain(forged, head_of(forged), anchors=[head_of(honest)])
    assert report.first_break is not None
    assert report.first_break.kind is BreakKind.TAIL_CUT
    anchor = head_of(honest[:1])
    report = verify_chain(forged, head_of(forged), anchors=[anchor])
    assert report.first_break is not None
    assert (report.first_break.sequence, report.first_break.kind) == (1, BreakKind.REWRITTEN)


def test_canonical_bytes_are_those_of_rfc_8785_and_never_change() -> None:
    known = event(details=(("zeta", "2"), ("alpha", "1")))
    assert canonical_bytes(7, known) == (
        b'{"account_id":"acc_1","action":"read_document","at_us":1795399200000000,"details":{"alpha":"1","zeta":"2"},'
        b'"object_id":null,"object_type":null,"org_code":null,"outcome":"allowed","owner_id":null,"person_id":null,'
        b'"purpose":"read_own_documents","reason_code":null,"request_id":"req-0","role":"citizen","sequence":7}'
    )
    assert next_entry(EMPTY_HEAD, event()).entry_hash == (
        "ec8492de6447cb6cc77f7d071bb68a5254fc6ac5d4a87b70c7f6983037ba9c2d"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"object_id": "Nguyễn Văn An"},
        {"object_id": "022193900013"},
        {"object_id": "sub_022193900013"},
        {"reason_code": ""},
        {"request_id": "x" * 129},
        {"purpose": "a b"},
        {"action": "read\nwrite"},
        {"details": (("number", "022193900013"),)},
        {"details": (("Name", "x"),)},
        {"details": (("a", "x"), ("a", "y"))},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is what is refused
    ],
)
def test_names_numbers_and_free_text_never_enter_the_ledger(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="AuditEvent") as refused:
        event(**changes)
    assert "022193900013" not in str(refused.value)
    assert "Nguyễn" not in str(refused.value)


def test_a_recorded_head_is_read_back_and_anything_else_refused() -> None:
    head = head_of(chain(3))
    assert parse_head(head_bytes(head, AT)) == head
    for wrong in (b"{}", b"[]", b"not json"):
        with pytest.raises(ValueError):  # noqa: PT011 - json's own message for one of them
            parse_head(wrong)


# --- in the database ----------------------------------------------------------------------------------


@pytest.fixture
def ledger_db(db: Database) -> Database:
    """The module's database with an empty ledger again."""
    with db.transaction() as tx:
        _triggers(tx, enabled=False)
        tx.execute(sa.text("DELETE FROM audit_events"))
        tx.execute(sa.text("UPDATE audit_head SET sequence = 0, entry_hash = :genesis"), {"genesis": "0" * 64})
        _triggers(tx, enabled=True)
    return db


def _triggers(tx: sa.Connection, *, enabled: bool) -> None:
    """What somebody with all rights on the database can do."""
    if tx.dialect.name == "postgresql":
        verb = "ENABLE" if enabled else "DISABLE"
        tx.execute(sa.text(f"ALTER TABLE audit_events {verb} TRIGGER audit_events_no_change"))
        return
    for verb in ("update", "delete"):
        if enabled:
            tx.execute(
                sa.text(
                    f"CREATE TRIGGER audit_events_no_{verb} BEFORE {verb} ON audit_events "
                    "BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
                )
            )
        else:
            tx.execute(sa.text(f"DROP TRIGGER audit_events_no_{verb}"))


def _append(db: Database, count: int) -> None:
    for number in range(count):
        with db.transaction() as tx:
            AuditLedger().append(tx, event(number, owner_id=f"sub_{number % 2}"))


def _tamper(db: Database, statement: str) -> None:
    with db.transaction() as tx:
        _triggers(tx, enabled=False)
        tx.execute(sa.text(statement))
        _triggers(tx, enabled=True)


def test_appended_events_are_read_back_and_the_chain_is_whole(ledger_db: Database) -> None:
    _append(ledger_db, 5)
    with ledger_db.reading() as tx:
        assert check_ledger(tx).is_whole
        entries = LedgerSql(tx).entries(EntryFilter(), limit=10)
        assert [entry.sequence for entry in entries] == [5, 4, 3, 2, 1]
        assert entries[0].event == event(4, owner_id="sub_0")
        assert [each.sequence for each in LedgerSql(tx).entries(EntryFilter(owner_id="sub_1"), limit=1)] == [4]
        since, until = AT + timedelta(seconds=1), AT + timedelta(seconds=3)
        window = LedgerSql(tx).entries(EntryFilter(since=since, until=until, action="read_document"), limit=9, before=3)
        assert [each.sequence for each in window] == [2]


def test_a_rolled_back_change_leaves_no_event_and_no_gap(ledger_db: Database) -> None:
    _append(ledger_db, 1)

    def failing_change() -> None:
        with ledger_db.transaction() as tx:
            AuditLedger().append(tx, event(1))
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError, match="change"):
        failing_change()
    _append(ledger_db, 1)
    with ledger_db.reading() as tx:
        assert check_ledger(tx).entries == 2
        assert check_ledger(tx).is_whole


@pytest.mark.parametrize(
    ("statement", "sequence", "kind"),
    [
        ("UPDATE audit_events SET account_id = 'acc_9' WHERE sequence = 3", 3, BreakKind.EDITED),
        ("UPDATE audit_events SET outcome = 'nonsense' WHERE sequence = 2", 2, BreakKind.EDITED),
        ("UPDATE audit_events SET details = 'no json' WHERE sequence = 2", 2, BreakKind.EDITED),
        ("UPDATE audit_events SET previous_hash = 'zz' WHERE sequence = 4", 4, BreakKind.EDITED),
        ("UPDATE audit_events SET at_us = at_us + 1 WHERE sequence = 1", 1, BreakKind.EDITED),
        ("DELETE FROM audit_events WHERE sequence = 2", 2, BreakKind.REMOVED),
        ("DELETE FROM audit_events WHERE sequence >= 4", 4, BreakKind.TAIL_CUT),
        ("DELETE FROM audit_events", 1, BreakKind.TAIL_CUT),
    ],
)
def test_what_is_changed_behind_our_back_is_named(
    ledger_db: Database, statement: str, sequence: int, kind: BreakKind
) -> None:
    _append(ledger_db, 5)
    _tamper(ledger_db, statement)
    with ledger_db.reading() as tx:
        found = check_ledger(tx).first_break
    assert found is not None
    assert (found.sequence, found.kind) == (sequence, kind)


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET account_id = 'x'", "DELETE FROM audit_events"])
def test_the_database_itself_refuses_to_change_or_remove_rows(ledger_db: Database, statement: str) -> None:
    _append(ledger_db, 2)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger_db.transaction() as tx:
        tx.execute(sa.text(statement))
    with ledger_db.reading() as tx:
        assert check_ledger(tx).is_whole


def test_numbers_stay_exact_when_many_append_at_once(ledger_db: Database) -> None:
    start, failed = threading.Barrier(8), []

    def append() -> None:
        start.wait()
        try:
            _append(ledger_db, 10)
        except Exception as err:  # noqa: BLE001 - shown by the assertion
            failed.append(err)

    threads = [threading.Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with ledger_db.reading() as tx:
        report = check_ledger(tx)
        assert (report.entries, report.head.sequence) == (80, 80)
        assert report.is_whole


def test_rows_and_head_rewritten_in_the_database_are_found_by_the_store(
    ledger_db: Database, vault: CitizenVault, root: Path
) -> None:
    _append(ledger_db, 3)
    with ledger_db.transaction() as tx:
        head = vault.upkeep.record_ledger_head(tx, AT)
        assert vault.upkeep.check_ledger(tx).is_whole
    assert not record_head(DirectoryStore(root), head, AT)
    assert recorded_heads(DirectoryStore(root)) == (head,)
    _tamper(ledger_db, "DELETE FROM audit_events WHERE sequence = 3")
    with ledger_db.transaction() as tx:
        tx.execute(
            sa.text(
                "UPDATE audit_head SET sequence = 2, "
                "entry_hash = (SELECT entry_hash FROM audit_events WHERE sequence = 2)"
            )
        )
        assert check_ledger(tx).is_whole
        found = vault.upkeep.check_ledger(tx).first_break
    assert found is not None
    assert (found.sequence, found.kind) == (3, BreakKind.TAIL_CUT)


def test_a_foreign_record_among_the_heads_is_not_overlooked(root: Path) -> None:
    store = DirectoryStore(root)
    store.put(checkpoint_name(1), [b"{}"], size=2)
    with pytest.raises(ValueError, match="head"):
        recorded_heads(store)


def test_times_survive_to_the_microsecond() -> None:
    odd = datetime(2026, 11, 23, 2, 0, 0, 123457, tzinfo=UTC)
    assert b'"at_us":1795399200123457' in canonical_bytes(1, event(at=odd))
