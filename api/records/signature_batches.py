"""Batches of signatures: whose they are, with which certificate, and how far each is.

Knows batches; their items are in `signature_batch_items`. Must not know documents, keys or HTTP. Every change of a
batch or an item takes the batch's next number, so that whoever follows it asks for what came after the last one seen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound
from api.records.signature_batch_tables import SIGNATURE_BATCHES


class BatchKind(StrEnum):
    """What is set on each document."""

    SIGN = "sign"
    """The printed signer's signature (step 3 of the plan)."""
    SEAL = "seal"
    """The agency's seal (step 4)."""


class BatchState(StrEnum):
    """`preparing → prepared → signing → finished`; back to `prepared` when an authorisation ended before its list."""

    PREPARING = "preparing"
    PREPARED = "prepared"
    """Waits for its holder to agree to the list."""
    SIGNING = "signing"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change by itself any more."""
        return self in (BatchState.FINISHED, BatchState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBatch:
    """One batch."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    certificate_id: str
    capacity: str | None
    """A `SigningCapacity` value; None for seals."""
    account_id: str
    subject_id: str
    """The natural person whose batch it is."""
    org_code: str | None
    item_count: int
    authorisation_id: str | None = None
    """The newest authorisation to sign of this batch."""
    reason_code: str | None = None
    """Why it waits again, or ended without being worked through."""
    last_seq: int = 0
    created_at: datetime
    changed_at: datetime


class SignatureBatches:
    """The batches inside one transaction."""

    def __init__(self, tx: Tx) -> None:
        """Work inside ``tx``; nothing is committed here."""
        self._tx = tx

    def add(self, batch: SignatureBatch) -> None:
        """Record a new batch."""
        values = {name: getattr(batch, name) for name in _PLAIN}
        self._tx.execute(
            SIGNATURE_BATCHES.insert().values(
                **values,
                kind=batch.kind.value,
                state=batch.state.value,
                created_at=to_micros(batch.created_at),
                changed_at=to_micros(batch.changed_at),
            )
        )

    def find(self, batch_id: str, *, to_change: bool = False) -> SignatureBatch | None:
        """The batch of that id."""
        query = sa.select(SIGNATURE_BATCHES).where(SIGNATURE_BATCHES.c.batch_id == batch_id)
        # SQLite: the writing transaction itself is the lock
        row = self._tx.execute(query.with_for_update() if to_change else query).one_or_none()
        return None if row is None else _batch(row)

    def get(self, batch_id: str, *, to_change: bool = False) -> SignatureBatch:
        """The batch of that id.

        Raises:
            NotFound: there is none.
        """
        batch = self.find(batch_id, to_change=to_change)
        if batch is None:
            raise NotFound("Không có lô ký này.", "There is no such batch of signatures.")
        return batch

    def take(self, batch_id: str) -> SignatureBatch:
        """The batch, for this transaction alone: whoever else changes it goes after us."""
        return self.get(batch_id, to_change=True)

    def of_person(
        self, subject_id: str, *, kinds: Collection[BatchKind], after: str | None, limit: int
    ) -> tuple[SignatureBatch, ...]:
        """A person's batches of these kinds, newest first, beginning behind ``after``."""
        batches = SIGNATURE_BATCHES.c
        mine = (batches.subject_id == subject_id, batches.kind.in_([kind.value for kind in kinds]))
        query = sa.select(SIGNATURE_BATCHES).where(*mine)
        if after is not None:
            query = query.where(batches.batch_id < after)
        rows = self._tx.execute(query.order_by(batches.batch_id.desc()).limit(limit))
        return tuple(_batch(row) for row in rows)

    def count_open(self, subject_id: str) -> int:
        """How many of a person's batches are not over."""
        batches = SIGNATURE_BATCHES.c
        is_open = batches.state.not_in([state.value for state in BatchState if state.is_final])
        query = sa.select(sa.func.count()).where(batches.subject_id == subject_id, is_open)
        return int(self._tx.execute(query).scalar_one())

    def change(self, batch_id: str, at: datetime, **values: object) -> None:
        """Store ``values`` under the batch's next number; only for who took the batch."""
        self._tx.execute(
            SIGNATURE_BATCHES.update()
            .where(SIGNATURE_BATCHES.c.batch_id == batch_id)
            .values(last_seq=SIGNATURE_BATCHES.c.last_seq + 1, changed_at=to_micros(at), **values)
        )

    def next_numbers(self, batch_id: str, count: int, at: datetime) -> range:
        """The numbers of so many changes; until the commit nobody else gets later ones."""
        last = self._tx.execute(
            SIGNATURE_BATCHES.update()
            .where(SIGNATURE_BATCHES.c.batch_id == batch_id)
            .values(last_seq=SIGNATURE_BATCHES.c.last_seq + count, changed_at=to_micros(at))
            .returning(SIGNATURE_BATCHES.c.last_seq)
        ).scalar_one()
        return range(int(last) - count + 1, int(last) + 1)


_PLAIN: Final = (
    "batch_id",
    "certificate_id",
    "capacity",
    "account_id",
    "subject_id",
    "org_code",
    "item_count",
    "authorisation_id",
    "reason_code",
    "last_seq",
)
"""Columns of a batch that are stored as they are."""


def _batch(row: sa.Row[tuple[object, ...]]) -> SignatureBatch:
    values = {name: getattr(row, name) for name in _PLAIN}
    return SignatureBatch(
        **values,
        kind=BatchKind(row.kind),
        state=BatchState(row.state),
        created_at=from_micros(row.created_at),
        changed_at=from_micros(row.changed_at),
    )
