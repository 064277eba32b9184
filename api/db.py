"""The database: one engine, transactions, and the schema's upgrade.

SQLite (WAL, synchronous=FULL, BEGIN IMMEDIATE) embedded, PostgreSQL (psycopg 3) in production. Knows
engines and time columns. Must not know any table: each owner declares its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from api.errors import ServiceUnavailable

Tx = sa.Connection
"""An open transaction; records classes are made with it: `People(tx)`."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY_MS: Final = 10_000  # a writer waits this long for SQLite's single write lock
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}")
_BEGIN: Final = "anso_begin"
_QUIET: Final[dict[str, Any]] = {"hide_parameters": True}
"""For every engine: an error of the database names the statement, never its values: they are people's."""


class DatabaseUnreachable(ServiceUnavailable):
    """The database does not answer or stays busy; its address is not repeated, it may hold a password."""

    code = "DATABASE_UNREACHABLE"


def to_micros(at: datetime) -> int:
    """A moment as whole microseconds since 1970 UTC: exact, ordered, the same on both databases."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The moment in UTC of a time column."""
    return _EPOCH + timedelta(microseconds=value)


class Database:
    """One database and its pool of connections."""

    def __init__(self, url: str) -> None:
        self.engine: sa.Engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self._readers = self.engine.execution_options(**{_BEGIN: "BEGIN"})

    def __repr__(self) -> str:
        return f"Database({self.engine.dialect.name})"

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A writing transaction: committed at the end, rolled back on any exception.

        SQLite takes the write lock at once (BEGIN IMMEDIATE), so that two writers queue instead of
        failing half-way.
        """
        with _answering(), _open(self.engine) as tx:
            yield tx
            tx.commit()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A snapshot to read from; nothing is kept of what is written here."""
        with _answering(), _open(self._readers) as tx:
            yield tx

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _open(engine: sa.Engine) -> sa.Connection:
    """A connection whose transaction has begun; leaving its context rolls back what was not committed."""
    connection = engine.connect()
    try:
        connection.begin()
    except sa.exc.OperationalError:  # SQLite: somebody held the write lock too long
        connection.close()
        raise
    return connection


@contextmanager
def _answering() -> Iterator[None]:
    """Tell a database that is away, restarting, locked, full or deadlocked from a statement that is wrong."""
    try:
        yield
    except sa.exc.DBAPIError as err:
        # SQLite calls a wrong statement operational, too (its primary result code 1, SQLITE_ERROR)
        is_wrong = getattr(err.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if err.connection_invalidated or (isinstance(err, sa.exc.OperationalError) and not is_wrong):
            raise DatabaseUnreachable from err
        raise


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False}, **_QUIET)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own object
        # the driver must not begin transactions by itself: we say when and how
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))

    return engine


def queue_engine(url: str) -> sa.Engine:
    """An engine for the job queue, which begins its transactions by itself: same database, same durability."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5, **_QUIET)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False}, **_QUIET)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own object
        connection.isolation_level = "IMMEDIATE"
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(url: str) -> sa.Engine:
    return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, **_QUIET)
