"""Revocation lists in the database: which are due, what they name, which were published.

A change of status leaves a mark on the lists that must show it, in its own transaction; who publishes a list takes away
the marks that were there before the entries were read, so a change in between is never lost. Numbers are counted in
the transaction that reads the entries: a higher number never shows an older state.

Knows SQL. Must not know the format of a list, nor when one is due.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from signing.registry import CRL_REASON, CRL_RELEVANT, CertificateStatus, RevocationReason
from signing.registry_sql.tables import (
    CERTIFICATE_HISTORY,
    CERTIFICATES,
    CRL_MARKS,
    PUBLISHED_CRLS,
    from_micros,
    to_micros,
)

ListedEntry = tuple[int, int, int | None]
"""Serial, moment in whole seconds since 1970 UTC, CRLReason. A tuple: a list may have hundreds of thousands."""

_CODES: Final = {reason.value: code for reason, code in CRL_REASON.items()}
_HOLD: Final = CRL_REASON[RevocationReason.HOLD]
_WITHDRAWN: Final = (CertificateStatus.ON_HOLD.value, CertificateStatus.REVOKED.value)
_RELEVANT: Final = tuple(status.value for status in CRL_RELEVANT)
_MICROS: Final = 1_000_000
_CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListName:
    """One list of an issuer."""

    issuer: str
    shard: int | None = None
    """None: the full list, with everything that the issuer withdrew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """A published list without its bytes."""

    name: ListName
    number: int
    this_update: datetime
    next_update: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCrl:
    """A list as it was published."""

    issuer: str
    number: int
    this_update: datetime
    next_update: datetime
    der: bytes
    shard: int | None = None
    base_number: int | None = None
    """With a delta: the oldest list that it continues."""
    delta: bytes | None = None
    """What changed since then (DER); the same number and moment as the list itself."""

    @property
    def sha256(self) -> str:
        """Fingerprint of the complete list, hex."""
        return hashlib.sha256(self.der).hexdigest()


def _newest_heads() -> sa.Select[*tuple[Any, ...]]:
    lists = PUBLISHED_CRLS.c
    newest = sa.select(lists.issuer, sa.func.max(lists.number).label("number")).group_by(lists.issuer, lists.shard)
    found = newest.subquery()
    return sa.select(lists.issuer, lists.shard, lists.number, lists.this_update, lists.next_update).join(
        found, sa.and_(found.c.issuer == lists.issuer, found.c.number == lists.number)
    )


_HEADS: Final = _newest_heads()
"""Made once: every check asks it."""
_ALL_MARKS: Final = sa.select(CRL_MARKS.c.mark_id, CRL_MARKS.c.issuer, CRL_MARKS.c.shard).order_by(CRL_MARKS.c.mark_id)


class ListsSql:
    """The lists in one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def mark(self, name: ListName) -> None:
        """Say that a list no longer tells the truth."""
        self._tx.execute(CRL_MARKS.insert().values(issuer=name.issuer, shard=name.shard))

    def marks(self, name: ListName) -> tuple[int, ...]:
        """Return the marks on a list; read them before the entries."""
        query = sa.select(CRL_MARKS.c.mark_id).where(*_is(CRL_MARKS, name))
        return tuple(self._tx.execute(query).scalars())

    def all_marks(self) -> dict[ListName, tuple[int, ...]]:
        """Return the marks on every list that has any."""
        rows = self._tx.execute(_ALL_MARKS)
        found: dict[ListName, tuple[int, ...]] = {}
        for row in rows:
            name = ListName(issuer=row.issuer, shard=row.shard)
            found[name] = (*found.get(name, ()), row.mark_id)
        return found

    def marked(self) -> frozenset[ListName]:
        """Return the lists that no longer tell the truth."""
        query = sa.select(CRL_MARKS.c.issuer, CRL_MARKS.c.shard).distinct()
        return frozenset(ListName(issuer=row.issuer, shard=row.shard) for row in self._tx.execute(query))

    def heads(self) -> dict[ListName, ListHead]:
        """Return the newest of every list."""
        heads = (_head(row) for row in self._tx.execute(_HEADS))
        return {head.name: head for head in heads}

    def newest(self, name: ListName) -> PublishedCrl | None:
        """Return the list with the highest number."""
        query = sa.select(PUBLISHED_CRLS).where(*_is(PUBLISHED_CRLS, name))
        row = self._tx.execute(query.order_by(PUBLISHED_CRLS.c.number.desc()).limit(1)).first()
        if row is None:
            return None
        return PublishedCrl(
            issuer=row.issuer,
            shard=row.shard,
            number=row.number,
            this_update=from_micros(row.this_update),
            next_update=from_micros(row.next_update),
            der=row.der,
            base_number=row.base_number,
            delta=row.delta,
        )

    def complete(self, name: ListName, number: int) -> bytes | None:
        """Return a complete list (DER) by its number; None: it was never published, or is forgotten."""
        lists = PUBLISHED_CRLS.c
        query = sa.select(lists.der).where(*_is(PUBLISHED_CRLS, name), lists.number == number)
        return self._tx.execute(query).scalar_one_or_none()

    def history(self, name: ListName) -> tuple[ListHead, ...]:
        """Return every kept list of that name, oldest first."""
        lists = PUBLISHED_CRLS.c
        query = sa.select(lists.issuer, lists.shard, lists.number, lists.this_update, lists.next_update)
        rows = self._tx.execute(query.where(*_is(PUBLISHED_CRLS, name)).order_by(lists.number))
        return tuple(_head(row) for row in rows)

    def withdrawn(self, name: ListName, *, expired_before: datetime) -> Iterator[ListedEntry]:
        """Give what a complete list names: revoked or on hold, and not expired before that moment. Streams."""
        columns = CERTIFICATES.c
        query = sa.select(columns.serial, columns.status_since, columns.reason).where(
            columns.issuer == name.issuer,
            columns.status.in_(_WITHDRAWN),
            columns.not_after >= to_micros(expired_before),
        )
        if name.shard is not None:
            query = query.where(columns.crl_shard == name.shard)
        for serial, since, reason in self._streamed(query):
            yield int(serial, 16), since // _MICROS, _CODES.get(reason, _HOLD)

    def first_change(self, name: ListName, *, since: datetime) -> datetime | None:
        """Return when the first step after that moment was taken that the list has to show; None: no such step."""
        steps, columns = CERTIFICATE_HISTORY.c, CERTIFICATES.c
        query = sa.select(sa.func.min(steps.at)).where(
            steps.issuer == name.issuer, steps.at > to_micros(since), steps.before.in_(_RELEVANT)
        )
        if name.shard is not None:
            query = query.where(
                sa.exists().where(columns.certificate_id == steps.certificate_id, columns.crl_shard == name.shard)
            )
        found = self._tx.execute(query).scalar()
        return None if found is None else from_micros(found)

    def released(self, name: ListName, *, since: datetime) -> tuple[int, ...]:
        """Return serials that came back from a hold since then and are good now."""
        columns, steps = CERTIFICATES.c, CERTIFICATE_HISTORY.c
        back = sa.select(steps.certificate_id).where(
            steps.issuer == name.issuer,
            steps.at >= to_micros(since),
            steps.before == CertificateStatus.ON_HOLD.value,
        )
        query = sa.select(columns.serial).where(columns.certificate_id.in_(back), columns.status.not_in(_WITHDRAWN))
        return tuple(int(serial, 16) for (serial,) in self._tx.execute(query))

    def publish(self, crl: PublishedCrl, *, seen: tuple[int, ...] = ()) -> None:
        """Keep a list and take away the marks that it answers."""
        self._tx.execute(
            PUBLISHED_CRLS.insert().values(
                issuer=crl.issuer,
                shard=crl.shard,
                number=crl.number,
                this_update=to_micros(crl.this_update),
                next_update=to_micros(crl.next_update),
                der=crl.der,
                sha256=crl.sha256,
                base_number=crl.base_number,
                delta=crl.delta,
            )
        )
        for begin in range(0, len(seen), _CHUNK):
            part = seen[begin : begin + _CHUNK]
            self._tx.execute(CRL_MARKS.delete().where(CRL_MARKS.c.mark_id.in_(part)))

    def forget(self, name: ListName, *, ended_before: datetime) -> None:
        """Drop lists that nobody can hold any more: ended before that moment, and not the newest."""
        lists = PUBLISHED_CRLS.c
        newest = sa.select(sa.func.max(lists.number)).where(*_is(PUBLISHED_CRLS, name)).scalar_subquery()
        self._tx.execute(
            PUBLISHED_CRLS.delete().where(
                *_is(PUBLISHED_CRLS, name), lists.next_update < to_micros(ended_before), lists.number < newest
            )
        )

    def _streamed(self, query: sa.Select[*tuple[Any, ...]]) -> Iterator[sa.Row[*tuple[Any, ...]]]:
        """Rows as the database gives them: a long list is never in memory as rows."""
        yield from self._tx.execute(query.execution_options(yield_per=_CHUNK))


def _is(table: sa.Table, name: ListName) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    # not IS NOT DISTINCT FROM: PostgreSQL takes no index for it
    is_shard = table.c.shard.is_(None) if name.shard is None else table.c.shard == name.shard
    return table.c.issuer == name.issuer, is_shard


def _head(row: sa.Row[*tuple[Any, ...]]) -> ListHead:
    return ListHead(
        name=ListName(issuer=row.issuer, shard=row.shard),
        number=row.number,
        this_update=from_micros(row.this_update),
        next_update=from_micros(row.next_update),
    )
