"""Annexes of results: separate files that are sealed together with the main one (mark C, Decree 30/2020 annex I).

Knows numbers, digests and levels. Must not hold anything that stands in an annex: the files lie encrypted in work slots
of the result and, once issued, in the owner's vault (DESIGN §4).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound

METADATA = sa.MetaData()
ANNEX_TYPE: Final = "phu_luc"
"""Type code of an annex in the vault."""
MAX_ANNEXES: Final = 20

RESULT_ANNEXES = sa.Table(
    "result_annexes",
    METADATA,
    sa.Column("annex_id", sa.String(40), primary_key=True),
    sa.Column("result_id", sa.String(40), nullable=False),
    sa.Column("no", sa.Integer, nullable=False),
    sa.Column("plain_sha256", sa.String(64), nullable=False),
    sa.Column("sealed_sha256", sa.String(64)),
    sa.Column("signature_level", sa.String(5)),
    sa.Column("document_id", sa.String(40)),
    sa.Column("added_by", sa.String(40), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Index("ix_result_annexes_no", "result_id", "no", unique=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAnnex:
    """One annex."""

    annex_id: str
    result_id: str
    no: int
    """From 1, in the order in which they were added."""
    plain_sha256: str
    """Hex, of the file before its seal."""
    sealed_sha256: str | None = None
    signature_level: str | None = None
    document_id: str | None = None
    added_by: str
    created_at: datetime
    changed_at: datetime

    @property
    def plain_slot(self) -> str:
        """Work slot of the result with the file before its seal."""
        return f"annex-{self.no}"

    @property
    def sealed_slot(self) -> str:
        """Work slot of the result with the sealed file."""
        return f"annex-{self.no}-sealed"


def no_such_annex() -> NotFound:
    """There is none, or the caller may not know that there is: both in the same words."""
    return NotFound("Không có phụ lục này.", "There is no such annex.")


class ResultAnnexes:
    """Annexes in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def of_result(self, result_id: str) -> tuple[ResultAnnex, ...]:
        """A result's annexes in order."""
        rows = self._tx.execute(
            RESULT_ANNEXES.select().where(RESULT_ANNEXES.c.result_id == result_id).order_by(RESULT_ANNEXES.c.no)
        )
        return tuple(_annex(row) for row in rows.mappings())

    def get(self, annex_id: str) -> ResultAnnex:
        """The annex of that id.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(RESULT_ANNEXES.select().where(RESULT_ANNEXES.c.annex_id == annex_id)).mappings()
        found = row.one_or_none()
        if found is None:
            raise no_such_annex()
        return _annex(found)

    def add(self, annex: ResultAnnex) -> None:
        """Record an annex."""
        self._tx.execute(RESULT_ANNEXES.insert().values(**_columns(annex)))

    def change(self, annex: ResultAnnex, *, at: datetime, **changes: object) -> ResultAnnex:
        """Store ``changes``; who changes holds the result's row in the same transaction."""
        changed = replace(annex, **changes, changed_at=at)  # type: ignore[arg-type]  # replace() checks the names
        self._tx.execute(
            RESULT_ANNEXES.update().where(RESULT_ANNEXES.c.annex_id == annex.annex_id).values(**_columns(changed))
        )
        return changed


def _columns(annex: ResultAnnex) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(annex, name) for name in ResultAnnex.__slots__}
    return values | {"created_at": to_micros(annex.created_at), "changed_at": to_micros(annex.changed_at)}


def _annex(row: sa.RowMapping) -> ResultAnnex:
    values = dict(row)
    return ResultAnnex(
        **values | {"created_at": from_micros(values["created_at"]), "changed_at": from_micros(values["changed_at"])}
    )
