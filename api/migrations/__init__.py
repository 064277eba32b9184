"""The schema's history: forward only, one line, for all packages' tables.

Knows how to bring a database to the newest step, from code. Must not know what the tables mean.
"""

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from api.db import Database
from api.errors import ConfigurationInvalid

_HERE: Final = Path(__file__).parent
_LOCK: Final = 0x616E736F  # "anso": one upgrade at a time on PostgreSQL


def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory(str(_HERE)).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")  # a broken installation
    return head


def current(db: Database) -> str | None:
    """The revision of the database; None when it is empty.

    Raises:
        DatabaseUnreachable: it does not answer.
    """
    with db.reading() as tx:
        return MigrationContext.configure(tx).get_current_revision()


def require_newest(db: Database) -> None:
    """Stop on another schema than this code's.

    Raises:
        ConfigurationInvalid: the database was not upgraded, or is newer than the code.
        DatabaseUnreachable: it does not answer.
    """
    found, needed = current(db), newest()
    if found != needed:
        raise ConfigurationInvalid((f"anso db upgrade: schema {found or '-'}, needed {needed}",))


def upgrade(db: Database, revision: str = "heads") -> None:
    """Bring the database to a revision, all steps in one transaction. Done twice, it does nothing."""
    script = ScriptDirectory(str(_HERE))

    def steps(current_revision: Any, _context: MigrationContext) -> Any:  # noqa: ANN401 - alembic's own types
        return script._upgrade_revs(revision, current_revision)  # noqa: SLF001 - what `alembic upgrade` calls

    with db.transaction() as tx:
        if db.dialect == "postgresql":
            tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        context = MigrationContext.configure(tx, opts={"fn": steps, "transactional_ddl": True})
        with Operations.context(context):
            context.run_migrations()
