"""Items of batches of signatures: one document each, with its own state and reason.

Knows rows, states and the numbers under which changes are told. Must not know what an item's document says: the
prepared revision lies encrypted in the vault's work area.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.records.signature_batch_tables import REASON_LENGTH, SIGNATURE_BATCH_ITEMS, SIGNATURE_OUTCOMES
from api.records.signature_batches import SignatureBatches


class ItemState(StrEnum):
    """`waiting → prepared | refused`, `prepared → signing → signed | failed`; `cancelled` before the signature."""

    WAITING = "waiting"
    PREPARED = "prepared"
    REFUSED = "refused"
    SIGNING = "signing"
    SIGNED = "signed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One document of a batch."""

    position: int
    """From zero, in the order in which the holder sees them."""
    result_id: str
    seen_sha256: str | None = None
    """Hex, of the file that the holder looked at; None: the newest, whichever it is."""
    state: ItemState = ItemState.WAITING
    reason_code: str | None = None
    reason_vi: str | None = None
    reason_en: str | None = None
    input_sha256: str | None = None
    """Hex, of the revision that was prepared and will be continued."""
    step_no: int | None = None
    digest: str | None = None
    """Hex, of the byte range: what the holder agrees to."""
    prepared_at: datetime | None = None
    authorisation_id: str | None = None
    """Under which it is signed, or was."""
    file_sha256: str | None = None
    """Hex, of the signed file."""
    signature_level: str | None = None
    seq: int = 0
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureKey:
    """What makes two signatures the same: input, credential and step of the plan."""

    input_sha256: str
    certificate_id: str
    step_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOutcome:
    """The one result for a key."""

    result_id: str
    file_sha256: str
    signature_level: str


class BatchItems:
    """The items of one batch inside one transaction."""

    def __init__(self, tx: Tx, batch_id: str) -> None:
        """Work inside ``tx``; nothing is committed here."""
        self._tx = tx
        self._batch_id = batch_id
        self._mine = SIGNATURE_BATCH_ITEMS.c.batch_id == batch_id

    def add(self, result_ids: Sequence[str], seen: Mapping[str, str], at: datetime) -> None:
        """Record the documents of a new batch, all waiting; `seen` has digests of files that were looked at."""
        rows = [
            {
                "batch_id": self._batch_id,
                "position": position,
                "result_id": result_id,
                "seen_sha256": seen.get(result_id),
                "state": ItemState.WAITING.value,
                "seq": 0,
                "changed_at": to_micros(at),
            }
            for position, result_id in enumerate(result_ids)
        ]
        self._tx.execute(SIGNATURE_BATCH_ITEMS.insert(), rows)

    def get(self, position: int) -> BatchItem:
        """The item at that place."""
        row = self._tx.execute(self._select().where(SIGNATURE_BATCH_ITEMS.c.position == position)).one()
        return _item(row)

    def in_states(self, states: Collection[ItemState]) -> tuple[BatchItem, ...]:
        """The items that stand so, in order."""
        wanted = SIGNATURE_BATCH_ITEMS.c.state.in_([state.value for state in states])
        rows = self._tx.execute(self._select().where(wanted).order_by(SIGNATURE_BATCH_ITEMS.c.position))
        return tuple(_item(row) for row in rows)

    def page(self, *, state: ItemState | None, after: int | None, limit: int) -> tuple[BatchItem, ...]:
        """Items in order, beginning behind ``after``."""
        columns = SIGNATURE_BATCH_ITEMS.c
        query = self._select().order_by(columns.position).limit(limit)
        if state is not None:
            query = query.where(columns.state == state.value)
        if after is not None:
            query = query.where(columns.position > after)
        return tuple(_item(row) for row in self._tx.execute(query))

    def changed_after(self, seq: int, limit: int) -> tuple[BatchItem, ...]:
        """Items whose newest change has a later number, in the order of the changes."""
        columns = SIGNATURE_BATCH_ITEMS.c
        query = self._select().where(columns.seq > seq).order_by(columns.seq).limit(limit)
        return tuple(_item(row) for row in self._tx.execute(query))

    def counts(self) -> dict[ItemState, int]:
        """How many items stand in each state."""
        state = SIGNATURE_BATCH_ITEMS.c.state
        rows = self._tx.execute(sa.select(state, sa.func.count()).where(self._mine).group_by(state))
        return dict.fromkeys(ItemState, 0) | {ItemState(row[0]): row[1] for row in rows}

    def move(
        self,
        positions: Iterable[int],
        state: ItemState,
        at: datetime,
        *,
        only: Collection[ItemState],
        **values: object,
    ) -> int:
        """Put items into a state, each under the batch's next number, if they stand in one of ``only``.

        Returns:
            How many moved; the others stay as they are.
        """
        columns = SIGNATURE_BATCH_ITEMS.c
        chosen = sorted(positions)
        if not chosen:
            return 0
        numbers = SignatureBatches(self._tx).next_numbers(self._batch_id, len(chosen), at)
        statement = (
            SIGNATURE_BATCH_ITEMS.update()
            .where(
                self._mine,
                columns.position == sa.bindparam("place"),
                sa.or_(*(columns.state == one.value for one in only)),  # an IN list takes no list of rows
            )
            .values(state=state.value, seq=sa.bindparam("number"), changed_at=to_micros(at), **_cut(values))
        )
        moved = self._tx.execute(
            statement, [{"place": place, "number": number} for place, number in zip(chosen, numbers, strict=True)]
        )
        return moved.rowcount

    def bind(self, authorisation_id: str) -> None:
        """Put everything that is prepared under an authorisation; where each stands does not change."""
        columns = SIGNATURE_BATCH_ITEMS.c
        self._tx.execute(
            SIGNATURE_BATCH_ITEMS.update()
            .where(self._mine, columns.state == ItemState.PREPARED.value)
            .values(authorisation_id=authorisation_id)
        )

    def _select(self) -> sa.Select[tuple[object, ...]]:
        return sa.select(SIGNATURE_BATCH_ITEMS).where(self._mine)


class SignatureOutcomes:
    """Results of batch signatures, by what was signed with which credential for which step."""

    def __init__(self, tx: Tx) -> None:
        """Work inside ``tx``; nothing is committed here."""
        self._tx = tx

    def find(self, key: SignatureKey) -> SignatureOutcome | None:
        """The result, when there is one."""
        row = self._tx.execute(sa.select(SIGNATURE_OUTCOMES).where(*_is(key))).one_or_none()
        if row is None:
            return None
        return SignatureOutcome(
            result_id=row.result_id, file_sha256=row.file_sha256, signature_level=row.signature_level
        )

    def add(self, key: SignatureKey, outcome: SignatureOutcome, at: datetime) -> None:
        """Keep the result; a second one for the same key breaks the transaction."""
        self._tx.execute(
            SIGNATURE_OUTCOMES.insert().values(
                input_sha256=key.input_sha256,
                certificate_id=key.certificate_id,
                step_no=key.step_no,
                result_id=outcome.result_id,
                file_sha256=outcome.file_sha256,
                signature_level=outcome.signature_level,
                made_at=to_micros(at),
            )
        )


_PLAIN: Final = (
    "position",
    "result_id",
    "seen_sha256",
    "reason_code",
    "reason_vi",
    "reason_en",
    "input_sha256",
    "step_no",
    "digest",
    "authorisation_id",
    "file_sha256",
    "signature_level",
    "seq",
)


def _is(key: SignatureKey) -> tuple[sa.ColumnElement[bool], ...]:
    columns = SIGNATURE_OUTCOMES.c
    return (
        columns.input_sha256 == key.input_sha256,
        columns.certificate_id == key.certificate_id,
        columns.step_no == key.step_no,
    )


def _cut(values: dict[str, object]) -> dict[str, object]:
    cut = {name: (str(values[name])[:REASON_LENGTH] or None) for name in ("reason_vi", "reason_en") if values.get(name)}
    moment = values.get("prepared_at")
    return {**values, **cut, **({"prepared_at": to_micros(moment)} if isinstance(moment, datetime) else {})}


def _item(row: sa.Row[tuple[object, ...]]) -> BatchItem:
    values = {name: getattr(row, name) for name in _PLAIN}
    return BatchItem(
        **values,
        state=ItemState(row.state),
        prepared_at=None if row.prepared_at is None else from_micros(row.prepared_at),
        changed_at=from_micros(row.changed_at),
    )
