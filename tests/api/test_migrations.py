"""The migrated schema is the declared one, on both databases."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import api
import signing
import vault
from api import db as database
from api import migrations
from api.db import Database, DatabaseUnreachable
from api.errors import ConfigurationInvalid


def declared() -> list[sa.MetaData]:
    """Every module-level MetaData of ours."""
    found: dict[int, sa.MetaData] = {}
    for package in (api, signing, vault):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if module.name.endswith("__main__") or ".versions." in module.name:
                continue
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, sa.MetaData) and value.tables:
                    found[id(value)] = value
    return list(found.values())


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    else:
        made = Database(request.getfixturevalue("postgres_server").new_database())
    yield made
    made.close()


def test_the_migrated_schema_is_the_declared_one(db: Database) -> None:
    migrations.upgrade(db)
    tables = declared()
    assert sum(len(one.tables) for one in tables) >= 15
    with db.reading() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, tables) == []


def test_no_table_is_declared_twice() -> None:
    names = [name for one in declared() for name in one.tables]
    assert len(names) == len(set(names))


def test_upgrading_twice_does_nothing(db: Database) -> None:
    assert migrations.current(db) is None
    migrations.upgrade(db)
    migrations.upgrade(db)
    assert migrations.current(db) == migrations.newest()
    migrations.require_newest(db)


def test_every_single_step_can_be_the_end_of_an_upgrade(db: Database) -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    steps = [one.revision for one in reversed(list(script.walk_revisions()))]
    assert steps[0] == "0001_ledger"
    for step in steps:
        migrations.upgrade(db, step)
        assert migrations.current(db) == step


def test_there_is_one_line_of_steps() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_failed_upgrade_leaves_the_database_as_it_was(db: Database) -> None:
    migrations.upgrade(db, "0001_ledger")
    with db.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE dossiers (x INTEGER)"))  # in the way of 0002
    with pytest.raises(sa.exc.DBAPIError):
        migrations.upgrade(db)
    assert migrations.current(db) == "0001_ledger"
    with db.reading() as tx:
        assert "people" not in sa.inspect(tx).get_table_names()


def test_another_schema_than_the_codes_is_refused(db: Database) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        migrations.require_newest(db)
    assert migrations.newest() in caught.value.missing[0]


def test_a_database_that_does_not_answer_is_said_so_without_its_password() -> None:
    db = Database("postgresql+psycopg://anso:very-secret@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(DatabaseUnreachable) as caught:
        migrations.current(db)
    assert caught.value.retryable
    assert "very-secret" not in str(caught.value) + repr(db)


def test_a_writer_who_waits_too_long_is_told_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 50)
    monkeypatch.setattr(database, "_PRAGMAS", ("journal_mode=WAL", "busy_timeout=50"))
    first, second = (Database(f"sqlite:///{tmp_path / 'a.sqlite3'}") for _ in range(2))
    with first.transaction(), pytest.raises(DatabaseUnreachable), second.transaction():
        pass
    with second.transaction() as tx:
        assert tx.exec_driver_sql("SELECT 1").scalar() == 1
    first.close()
    second.close()


def test_sqlite_is_durable_and_takes_the_write_lock_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragmas_of_a_service: tuple[str, ...]
) -> None:
    monkeypatch.setattr(database, "_PRAGMAS", pragmas_of_a_service)
    db = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with db.reading() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    other = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}?timeout=0.05")
    with db.transaction(), other.reading() as tx:  # readers are not held up
        assert tx.exec_driver_sql("SELECT 1").scalar() == 1
    db.close()
    other.close()
