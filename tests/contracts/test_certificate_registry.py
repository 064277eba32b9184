"""The contract of the certificate registry, on memory, SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.db import Database
from signing.errors import CertificateUnknown, StatusChangeRefused
from signing.registry import (
    CertificateStatus,
    MemoryRegistry,
    Registry,
    RevocationReason,
    holds_of,
)
from signing.registry_sql import METADATA, RegistrySql
from tests.contracts.records import ACTIVE, AT, ON_HOLD, RECORDED, REVOKED, SUPERSEDED, VOIDED, active, change, entry


def _on(database: Database) -> Iterator[Registry]:
    METADATA.create_all(database.engine)
    with database.transaction() as tx:
        yield RegistrySql(tx)
    database.close()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    if request.param == "memory":
        yield MemoryRegistry()
    elif request.param == "sqlite":
        yield from _on(Database(f"sqlite:///{tmp_path / 'registry.sqlite3'}"))
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.new_database()
        yield from _on(Database(url))
        server.drop_database(url)


def test_what_is_recorded_is_read_back_to_the_microsecond(registry: Registry) -> None:
    record = entry()
    registry.record(record, actor="acc_1")
    assert registry.get(record.certificate_id) == record
    assert registry.by_serial("personal", record.serial) == record
    assert registry.by_serial("secondary", record.serial) is None


def test_a_serial_stands_once_for_each_issuer(registry: Registry) -> None:
    record = entry()
    registry.record(record, actor="acc_1")
    with pytest.raises(StatusChangeRefused):
        registry.record(entry(serial=record.serial), actor="acc_1")
    registry.record(entry(serial=record.serial, issuer="secondary"), actor="acc_1")


def test_activation_adds_the_signed_bytes(registry: Registry) -> None:
    record = active(registry)
    assert (record.status, record.der is not None, record.sha256 is not None) == (ACTIVE, True, True)
    assert record.is_active(AT)
    assert not record.is_active(record.not_after + timedelta(seconds=1))
    assert not record.is_active(record.not_before - timedelta(seconds=1))


def test_an_unknown_certificate_is_named_as_such(registry: Registry) -> None:
    with pytest.raises(CertificateUnknown) as caught:
        registry.get("cert_none")
    assert caught.value.code == "CERT_UNKNOWN"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (REVOKED, ACTIVE),
        (REVOKED, ON_HOLD),
        (REVOKED, REVOKED),
        (ACTIVE, RECORDED),
        (ON_HOLD, ON_HOLD),
        (RECORDED, REVOKED),
        (ACTIVE, VOIDED),
        (REVOKED, VOIDED),
        (REVOKED, SUPERSEDED),
        (SUPERSEDED, ACTIVE),
        (RECORDED, SUPERSEDED),
    ],
)
def test_the_life_cycle_has_no_other_steps(
    registry: Registry, before: CertificateStatus, after: CertificateStatus
) -> None:
    record = active(registry) if before is not RECORDED else entry()
    if before is RECORDED:
        registry.record(record, actor="acc_1")
    elif before is not ACTIVE:
        registry.change_status(change(record, ACTIVE, before, reason=RevocationReason.HOLD))
    with pytest.raises(StatusChangeRefused) as caught:
        registry.change_status(change(record, before, after))
    assert caught.value.code == "CERT_STATUS_CHANGE"
    assert registry.get(record.certificate_id).status is before


def test_a_voided_record_was_never_in_force_and_stays_void(registry: Registry) -> None:
    record = entry()
    registry.record(record, actor="acc_1")
    assert registry.change_status(change(record, RECORDED, VOIDED)).status is VOIDED
    for after in (ACTIVE, REVOKED, RECORDED):
        with pytest.raises(StatusChangeRefused):
            registry.change_status(change(record, VOIDED, after))


def test_a_step_from_where_the_certificate_no_longer_stands_is_refused(registry: Registry) -> None:
    record = active(registry)
    registry.change_status(change(record, ACTIVE, REVOKED, reason=RevocationReason.CESSATION))
    with pytest.raises(StatusChangeRefused):
        registry.change_status(change(record, ACTIVE, ON_HOLD))


def test_a_hold_keeps_its_interval_after_release(registry: Registry) -> None:
    record = active(registry)
    begin, end, again = (AT + timedelta(hours=hours) for hours in (1, 7, 9))
    registry.change_status(change(record, ACTIVE, ON_HOLD, at=begin, reason=RevocationReason.HOLD))
    registry.change_status(change(record, ON_HOLD, ACTIVE, at=end))
    registry.change_status(change(record, ACTIVE, ON_HOLD, at=again, reason=RevocationReason.HOLD))
    holds = holds_of(registry.history(record.certificate_id))
    assert [(hold.begun_at, hold.ended_at) for hold in holds] == [(begin, end), (again, None)]


def test_revoking_out_of_a_hold_ends_the_interval(registry: Registry) -> None:
    record = active(registry)
    registry.change_status(change(record, ACTIVE, ON_HOLD, reason=RevocationReason.HOLD))
    end = AT + timedelta(hours=5)
    registry.change_status(change(record, ON_HOLD, REVOKED, at=end, reason=RevocationReason.KEY_COMPROMISE))
    assert holds_of(registry.history(record.certificate_id))[0].ended_at == end


def test_what_was_superseded_can_be_held_released_and_revoked(registry: Registry) -> None:
    old = active(registry)
    new = active(registry, supersedes_id=old.certificate_id)
    registry.change_status(change(old, ACTIVE, SUPERSEDED, because_of=new.certificate_id))
    assert not registry.get(old.certificate_id).is_active(AT)
    registry.change_status(change(old, SUPERSEDED, ON_HOLD, reason=RevocationReason.HOLD))
    assert registry.change_status(change(old, ON_HOLD, SUPERSEDED)).status is SUPERSEDED
    registry.change_status(change(old, SUPERSEDED, REVOKED, reason=RevocationReason.SUPERSEDED))
    assert registry.get(new.certificate_id).supersedes_id == old.certificate_id


def test_counters_count_by_one_and_apart(registry: Registry) -> None:
    assert [registry.next_number("tsa") for _ in range(3)] == [1, 2, 3]
    assert registry.next_number("crl:personal") == 1
    assert registry.next_number("tsa") == 4


def test_the_newest_of_a_service_comes_first_and_secondaries_are_found_by_their_primary(registry: Registry) -> None:
    old = active(registry, service="tsa")
    new = active(registry, service="tsa", not_before=AT.replace(microsecond=0) + timedelta(days=1))
    assert [record.certificate_id for record in registry.by_service("tsa")] == [new.certificate_id, old.certificate_id]
    primary = active(registry)
    second = active(registry, primary_id=primary.certificate_id, ordinal=2, issuer="secondary")
    assert [record.certificate_id for record in registry.secondaries(primary.certificate_id)] == [second.certificate_id]


def test_the_history_names_who_did_what_and_why(registry: Registry) -> None:
    record = active(registry)
    registry.change_status(
        change(record, ACTIVE, REVOKED, actor="acc_2", reason=RevocationReason.ORG_CLOSED, because_of="cert_x")
    )
    history = registry.history(record.certificate_id)
    assert [(step.before, step.after, step.actor) for step in history] == [
        (None, RECORDED, "acc_1"),
        (RECORDED, ACTIVE, "acc_1"),
        (ACTIVE, REVOKED, "acc_2"),
    ]
    assert (history[-1].reason, history[-1].because_of) == (RevocationReason.ORG_CLOSED, "cert_x")
