"""Rows of batches: each worked on once, its result kept for ever.

Knows rows and their states. A row's content is sealed while it waits and gone once it has a result (DESIGN §4). Must
not know what a row asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx
from api.records.bulk_tables import BULK_ROWS, REASON_LENGTH
from api.records.sealing import Sealer


class RowState(StrEnum):
    """`pending → created | refused | duplicate`, once and for ever."""

    PENDING = "pending"
    CREATED = "created"
    REFUSED = "refused"
    DUPLICATE = "duplicate"


class RowApproval(StrEnum):
    """How a created request ended when the batch was approved."""

    WAITING = "waiting"
    ISSUED = "issued"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """How one row ended."""

    row_number: int
    """As a spreadsheet counts: the first line is 1."""
    state: RowState
    reason_code: str | None = None
    reason_vi: str = ""
    reason_en: str = ""
    result_id: str | None = None
    """The request, campaign entry or certificate that the row made or found."""
    approval: RowApproval | None = None
    approval_code: str | None = None
    certificate_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A row that has no result yet."""

    row_number: int
    content: bytes = field(repr=False)


class BatchRows:
    """The rows of one batch in one transaction."""

    def __init__(self, tx: Tx, sealer: Sealer, batch_id: str) -> None:
        self._tx = tx
        self._sealer = sealer
        self._batch_id = batch_id

    def add(self, rows: Sequence[WaitingRow]) -> None:
        """Record rows, each sealed for its own place."""
        for start in range(0, len(rows), _INSERT_ROWS):
            part = rows[start : start + _INSERT_ROWS]
            self._tx.execute(
                BULK_ROWS.insert(),
                [
                    {
                        "batch_id": self._batch_id,
                        "row_number": row.row_number,
                        "sealed": self._sealer.seal(row.content, _place(self._batch_id, row.row_number)),
                        "state": RowState.PENDING.value,
                    }
                    for row in part
                ],
            )

    def waiting(self, limit: int) -> tuple[WaitingRow, ...]:
        """The next rows without a result, in order."""
        rows = BULK_ROWS.c
        found = self._tx.execute(
            sa.select(rows.row_number, rows.sealed)
            .where(rows.batch_id == self._batch_id, rows.state == RowState.PENDING.value)
            .order_by(rows.row_number)
            .limit(limit)
        )
        return tuple(
            WaitingRow(
                row_number=row.row_number,
                content=self._sealer.unseal(row.sealed, _place(self._batch_id, row.row_number)),
            )
            for row in found
        )

    def settle(self, results: Sequence[RowResult]) -> None:
        """Keep the results of waiting rows and forget what stood in them."""
        if results:
            rows = BULK_ROWS.c
            statement = (
                BULK_ROWS.update()
                .where(
                    rows.batch_id == self._batch_id,
                    rows.row_number == sa.bindparam("number"),
                    rows.state == RowState.PENDING.value,
                )
                .values({name: sa.bindparam(f"new_{name}") for name in _SETTLED} | {"sealed": None})
            )
            self._tx.execute(statement, [_settled(result) for result in results])

    def to_approve(self, limit: int) -> tuple[RowResult, ...]:
        """The next created rows that the approval has not reached, in order."""
        return self._rows(
            BULK_ROWS.c.batch_id == self._batch_id, BULK_ROWS.c.approval == RowApproval.WAITING.value, limit=limit
        )

    def settle_approval(
        self, row_number: int, approval: RowApproval, *, code: str | None = None, certificate_id: str | None = None
    ) -> None:
        """Keep how the approval of one row ended."""
        rows = BULK_ROWS.c
        self._tx.execute(
            BULK_ROWS.update()
            .where(rows.batch_id == self._batch_id, rows.row_number == row_number)
            .values(approval=approval.value, approval_code=code, certificate_id=certificate_id)
        )

    def begin_approval(self) -> None:
        """Every row that made a request waits for the approval."""
        self._tx.execute(
            BULK_ROWS.update()
            .where(BULK_ROWS.c.batch_id == self._batch_id, BULK_ROWS.c.state == RowState.CREATED.value)
            .values(approval=RowApproval.WAITING.value)
        )

    def counts(self) -> dict[RowState, int]:
        """How many rows stand in each state."""
        return dict.fromkeys(RowState, 0) | {
            RowState(state): number for state, number in self._counted(BULK_ROWS.c.state)
        }

    def approval_counts(self) -> dict[RowApproval, int]:
        """How many created rows the approval has reached, and how it ended."""
        return dict.fromkeys(RowApproval, 0) | {
            RowApproval(state): number for state, number in self._counted(BULK_ROWS.c.approval) if state
        }

    def page(self, *, state: RowState | None, after: int | None, limit: int) -> tuple[RowResult, ...]:
        """Results in the order of their rows, beginning behind ``after``."""
        conditions = [BULK_ROWS.c.batch_id == self._batch_id]
        if state is not None:
            conditions.append(BULK_ROWS.c.state == state.value)
        if after is not None:
            conditions.append(BULK_ROWS.c.row_number > after)
        return self._rows(*conditions, limit=limit)

    def _rows(self, *conditions: sa.ColumnElement[bool], limit: int) -> tuple[RowResult, ...]:
        columns = [column for column in BULK_ROWS.c if column.name not in {"batch_id", "sealed"}]
        found = self._tx.execute(sa.select(*columns).where(*conditions).order_by(BULK_ROWS.c.row_number).limit(limit))
        return tuple(_result(row) for row in found.mappings())

    def _counted(self, column: sa.ColumnElement[str]) -> list[tuple[str, int]]:
        rows = self._tx.execute(
            sa.select(column, sa.func.count()).where(BULK_ROWS.c.batch_id == self._batch_id).group_by(column)
        )
        return [(row[0], row[1]) for row in rows]


_INSERT_ROWS: Final = 500
_SETTLED: Final = ("state", "reason_code", "reason_vi", "reason_en", "result_id")


def _place(batch_id: str, row_number: int) -> str:
    return f"bulk_rows/{batch_id}/{row_number}"


def _settled(result: RowResult) -> dict[str, object]:
    return {
        "number": result.row_number,
        "new_state": result.state.value,
        "new_reason_code": result.reason_code,
        "new_reason_vi": result.reason_vi[:REASON_LENGTH] or None,
        "new_reason_en": result.reason_en[:REASON_LENGTH] or None,
        "new_result_id": result.result_id,
    }


def _result(row: sa.RowMapping) -> RowResult:
    return RowResult(
        row_number=row["row_number"],
        state=RowState(row["state"]),
        reason_code=row["reason_code"],
        reason_vi=row["reason_vi"] or "",
        reason_en=row["reason_en"] or "",
        result_id=row["result_id"],
        approval=RowApproval(row["approval"]) if row["approval"] else None,
        approval_code=row["approval_code"],
        certificate_id=row["certificate_id"],
    )
