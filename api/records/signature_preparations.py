"""Signatures that wait for the value of a key elsewhere: whose they are, for which certificate, what became of them.

Knows that of two completions exactly one counts. What was prepared and what was signed lies encrypted in work slots of
its owner's vault; the table holds digests only (DESIGN §4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound

METADATA = sa.MetaData()
BASE_SLOT: Final = "base"
"""Work slot with the document that was sent, or drawn for this signature; a result's document is the result's own."""
PREPARED_SLOT: Final = "prepared"
"""Work slot with the prepared revision."""
SIGNED_SLOT: Final = "signed"
"""Work slot with the signed document, for whoever sent it."""
_ID = sa.String(40)

SIGNATURE_PREPARATIONS = sa.Table(
    "signature_preparations",
    METADATA,
    sa.Column("preparation_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("account_id", _ID, nullable=False),
    sa.Column("subject_id", _ID, nullable=False),
    sa.Column("owner_subject", _ID, nullable=False),
    sa.Column("certificate_id", _ID, nullable=False),
    sa.Column("result_id", _ID),
    sa.Column("slip_id", _ID),
    sa.Column("digitisation_id", _ID),
    sa.Column("annex_id", _ID),
    sa.Column("copy_id", _ID),
    sa.Column("capacity", sa.String(8)),
    sa.Column("base_sha256", sa.String(64), nullable=False),
    sa.Column("document_digest", sa.String(128), nullable=False),
    sa.Column("attributes", sa.LargeBinary, nullable=False),
    sa.Column("spki", sa.LargeBinary, nullable=False),
    sa.Column("algorithm", sa.String(24), nullable=False),
    sa.Column("wrong_values", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("completed_at", sa.BigInteger),
    sa.Column("file_sha256", sa.String(64)),
    sa.Column("signature_level", sa.String(8)),
    sa.Column("kept_until", sa.BigInteger),
    sa.Index("ix_signature_preparations_waiting", "state", "expires_at"),
    sa.Index("ix_signature_preparations_account", "account_id", "state"),
)


class PreparationState(StrEnum):
    """Where it stands: `OPEN → COMPLETED | EXPIRED | BLOCKED | WITHDRAWN`."""

    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    """Too many wrong values."""
    WITHDRAWN = "withdrawn"


class PreparationKind(StrEnum):
    """What is signed."""

    DOCUMENT = "document"
    """A file that the holder of the certificate sent."""
    SIGN = "sign"
    """A result, by the person whose name is printed on it."""
    SEAL = "seal"
    """A result, by the agency."""
    RECEIPT = "receipt"
    """A receipt slip, by the reception officer."""
    COPY = "copy"
    """An officer's copy of a paper."""
    ANNEX = "annex"
    """A result's annex, by the agency, in the same act as the result."""
    SEALED_COPY = "sealed_copy"
    """An electronic copy of a stored document, by the agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePreparation:
    """One prepared signature."""

    preparation_id: str
    kind: PreparationKind
    state: PreparationState
    account_id: str
    """Who prepared it, and alone may complete it."""
    subject_id: str
    owner_subject: str
    """Under whose key the files lie."""
    certificate_id: str
    result_id: str | None
    slip_id: str | None = None
    digitisation_id: str | None = None
    annex_id: str | None = None
    copy_id: str | None = None
    capacity: str | None
    base_sha256: str
    """Hex, of the document that was prepared."""
    document_digest: str
    """Hex, over the byte range."""
    attributes: bytes = field(repr=False)
    """DER: what the key signs."""
    spki: bytes = field(repr=False)
    """The key's public part (DER)."""
    algorithm: str
    wrong_values: int = 0
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None = None
    file_sha256: str | None = None
    signature_level: str | None = None
    kept_until: datetime | None = None
    """How long the signed file is kept, if it is no result's."""


class SignaturePreparations:
    """Prepared signatures in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, records: Iterable[SignaturePreparation]) -> None:
        """Record what was prepared."""
        self._tx.execute(SIGNATURE_PREPARATIONS.insert(), [_columns(record) for record in records])

    def own(self, preparation_id: str, account_id: str) -> SignaturePreparation:
        """The caller's preparation of that id.

        Raises:
            NotFound: none, or somebody else's: both look the same.
        """
        found = self.get(preparation_id)
        if found.account_id != account_id:
            raise _not_there()
        return found

    def get(self, preparation_id: str) -> SignaturePreparation:
        """The preparation of that id, whoever's it is: for the service's own work.

        Raises:
            NotFound: there is none.
        """
        query = sa.select(SIGNATURE_PREPARATIONS).where(SIGNATURE_PREPARATIONS.c.preparation_id == preparation_id)
        row = self._tx.execute(query).mappings().one_or_none()
        if row is None:
            raise _not_there()
        return _record(row)

    def waiting_of(self, account_id: str) -> int:
        """How many of the account's wait for their value."""
        columns = SIGNATURE_PREPARATIONS.c
        count: int = self._tx.execute(
            sa.select(sa.func.count())
            .select_from(SIGNATURE_PREPARATIONS)
            .where(columns.account_id == account_id, columns.state == PreparationState.OPEN.value)
        ).scalar_one()
        return count

    def complete(
        self, preparation_id: str, at: datetime, *, file_sha256: str, signature_level: str, kept_until: datetime | None
    ) -> bool:
        """Note the signed file; False when it is not open any more: somebody else was first, or its time was over."""
        return self._move(
            preparation_id,
            SIGNATURE_PREPARATIONS.c.expires_at >= to_micros(at),
            state=PreparationState.COMPLETED.value,
            completed_at=to_micros(at),
            file_sha256=file_sha256,
            signature_level=signature_level,
            kept_until=None if kept_until is None else to_micros(kept_until),
        )

    def count_wrong(self, preparation_id: str, *, most: int) -> bool:
        """One more wrong value; True when it was the last one that is allowed: it is blocked from here on."""
        columns = SIGNATURE_PREPARATIONS.c
        blocked = sa.case((columns.wrong_values + 1 >= most, PreparationState.BLOCKED.value), else_=columns.state)
        if not self._move(preparation_id, sa.true(), wrong_values=columns.wrong_values + 1, state=blocked):
            return False
        return self.get(preparation_id).state is PreparationState.BLOCKED

    def withdraw(self, preparation_id: str) -> bool:
        """Give it up; False when it is not open any more."""
        return self._move(preparation_id, sa.true(), state=PreparationState.WITHDRAWN.value)

    def expire(self, preparation_id: str, at: datetime) -> bool:
        """Close it when its time is over; False when something else happened to it before."""
        over = SIGNATURE_PREPARATIONS.c.expires_at < to_micros(at)
        return self._move(preparation_id, over, state=PreparationState.EXPIRED.value)

    def overdue(self, at: datetime, *, limit: int) -> tuple[str, ...]:
        """Ids of those that wait although their time is over."""
        columns = SIGNATURE_PREPARATIONS.c
        query = sa.select(columns.preparation_id).where(
            columns.state == PreparationState.OPEN.value, columns.expires_at < to_micros(at)
        )
        return tuple(self._tx.execute(query.limit(limit)).scalars())

    def kept_too_long(self, at: datetime, *, limit: int) -> tuple[str, ...]:
        """Ids of those whose signed file is not to be kept any longer."""
        columns = SIGNATURE_PREPARATIONS.c
        query = sa.select(columns.preparation_id).where(columns.kept_until < to_micros(at))
        return tuple(self._tx.execute(query.limit(limit)).scalars())

    def forget_file(self, preparation_id: str) -> None:
        """Note that its signed file is kept no longer."""
        columns = SIGNATURE_PREPARATIONS.c
        self._tx.execute(
            SIGNATURE_PREPARATIONS.update().where(columns.preparation_id == preparation_id).values(kept_until=None)
        )

    def improve(self, record: SignaturePreparation, *, file_sha256: str, signature_level: str) -> bool:
        """Note a more complete signed file in place of the one in ``record``; False when that is not there any more."""
        columns = SIGNATURE_PREPARATIONS.c
        changed = self._tx.execute(
            SIGNATURE_PREPARATIONS.update()
            .where(
                columns.preparation_id == record.preparation_id,
                columns.file_sha256 == record.file_sha256,
                columns.kept_until.is_not(None),
            )
            .values(file_sha256=file_sha256, signature_level=signature_level)
        )
        return changed.rowcount == 1

    def remove_before(self, before: datetime) -> int:
        """Drop the rows of what ended long ago; gives how many. What they did stays in the ledger."""
        columns = SIGNATURE_PREPARATIONS.c
        removed = self._tx.execute(
            SIGNATURE_PREPARATIONS.delete().where(
                columns.expires_at < to_micros(before),
                columns.state != PreparationState.OPEN.value,
                columns.kept_until.is_(None),
            )
        )
        return removed.rowcount

    def _move(self, preparation_id: str, condition: sa.ColumnElement[bool], **values: object) -> bool:
        columns = SIGNATURE_PREPARATIONS.c
        moved = self._tx.execute(
            SIGNATURE_PREPARATIONS.update()
            .where(
                columns.preparation_id == preparation_id,
                columns.state == PreparationState.OPEN.value,
                condition,
            )
            .values(**values)
        )
        return moved.rowcount == 1


def _not_there() -> NotFound:
    return NotFound("Không có bản chuẩn bị ký này.", "There is no such preparation.")


_TIMES: Final = ("created_at", "expires_at", "completed_at", "kept_until")


def _columns(record: SignaturePreparation) -> dict[str, object]:
    values = {name: getattr(record, name) for name in SignaturePreparation.__slots__}
    values |= {name: None if values[name] is None else to_micros(values[name]) for name in _TIMES}
    return values | {"kind": record.kind.value, "state": record.state.value}


def _record(row: sa.RowMapping) -> SignaturePreparation:
    values = dict(row)
    values |= {name: None if values[name] is None else from_micros(values[name]) for name in _TIMES}
    values |= {"kind": PreparationKind(values["kind"]), "state": PreparationState(values["state"])}
    return SignaturePreparation(**values)
