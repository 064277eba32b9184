"""Authorisations and the use of their digests, in one transaction; a digest is taken by exactly one of many.

Knows the tables. The rules are in ``signing.authorisation``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from signing.authorisation import (
    Authorisation,
    AuthorisationState,
    DigestState,
    EvidenceKind,
    SigningPurpose,
    Terms,
)
from signing.authorisation_sql.tables import AUTHORISATIONS, AUTHORISED_DIGESTS
from signing.errors import AuthorisationClosed, AuthorisationUnknown
from signing.keys.recorded import from_micros, micros


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestUse:
    """How far one digest is."""

    state: DigestState
    data_sha256: str | None
    """Hex, of the attributes that it was taken for."""
    signature: bytes | None = field(repr=False)


class Authorisations:
    """The tables seen through one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def add(self, authorisation: Authorisation) -> None:
        """Record an open authorisation with its digests."""
        terms = authorisation.terms
        self._tx.execute(
            sa.insert(AUTHORISATIONS).values(
                authorisation_id=terms.authorisation_id,
                person=terms.person,
                key_id=terms.key_id,
                certificate=authorisation.certificate,
                purpose=terms.purpose.value,
                capacity=terms.capacity,
                nonce=terms.nonce,
                issued_at=micros(terms.issued_at),
                state=authorisation.state.value,
            )
        )
        self._tx.execute(
            sa.insert(AUTHORISED_DIGESTS),
            [
                {
                    "authorisation_id": terms.authorisation_id,
                    "position": position,
                    "digest": digest,
                    "state": DigestState.FREE.value,
                }
                for position, digest in enumerate(terms.digests)
            ],
        )

    def get(self, authorisation_id: str, *, to_change: bool = False) -> Authorisation:
        """An authorisation as it stands.

        Args:
            authorisation_id: which.
            to_change: keep others from changing it until the transaction ends.

        Raises:
            AuthorisationUnknown: there is none.
        """
        query = sa.select(AUTHORISATIONS).where(AUTHORISATIONS.c.authorisation_id == authorisation_id)
        row = self._tx.execute(query.with_for_update() if to_change else query).one_or_none()
        if row is None:
            raise AuthorisationUnknown("there is no such authorisation")
        digests = self._tx.execute(
            sa.select(AUTHORISED_DIGESTS.c.digest, AUTHORISED_DIGESTS.c.state)
            .where(AUTHORISED_DIGESTS.c.authorisation_id == authorisation_id)
            .order_by(AUTHORISED_DIGESTS.c.position)
        ).all()
        return _authorisation_of(row, [(one.digest, one.state) for one in digests])

    def confirm(self, authorisation: Authorisation) -> None:
        """Store an open authorisation as confirmed.

        Raises:
            AuthorisationClosed: somebody else was first.
        """
        self._move(
            authorisation,
            AuthorisationState.OPEN,
            evidence=authorisation.evidence.value if authorisation.evidence else None,
            confirmed_at=micros(authorisation.confirmed_at) if authorisation.confirmed_at else None,
        )

    def cancel(self, authorisation: Authorisation, before: AuthorisationState) -> None:
        """Store an authorisation as cancelled.

        Raises:
            AuthorisationClosed: somebody else changed it.
        """
        self._move(authorisation, before)

    def use_of(self, authorisation_id: str, digest: str) -> DigestUse:
        """How far one digest of an authorisation is."""
        row = self._tx.execute(sa.select(AUTHORISED_DIGESTS).where(_is(authorisation_id, digest))).one()
        return DigestUse(state=DigestState(row.state), data_sha256=row.data_sha256, signature=row.signature)

    def take(self, authorisation: Authorisation, digest: str, data_sha256: str, at: datetime) -> bool:
        """Use up a free digest; False when somebody else did. Durable when the transaction commits."""
        authorisation_id = authorisation.terms.authorisation_id
        taken = self._tx.execute(
            sa.update(AUTHORISED_DIGESTS)
            .where(_is(authorisation_id, digest), AUTHORISED_DIGESTS.c.state == DigestState.FREE.value)
            .values(state=DigestState.TAKEN.value, data_sha256=data_sha256)
        )
        if taken.rowcount != 1:
            return False
        self._tx.execute(
            sa.update(AUTHORISATIONS)
            .where(AUTHORISATIONS.c.authorisation_id == authorisation_id, AUTHORISATIONS.c.started_at.is_(None))
            .values(started_at=micros(at))
        )
        return True

    def finish(self, authorisation_id: str, digest: str, data_sha256: str, signature: bytes) -> bool:
        """Keep the one signature over the bytes that a digest was taken for: who asks again for the same gets it again.

        Returns:
            False: one is kept already, or the digest was taken for other bytes.
        """
        columns = AUTHORISED_DIGESTS.c
        is_free = columns.state == DigestState.FREE.value  # who took it before us gave it back meanwhile
        is_ours = sa.and_(columns.state == DigestState.TAKEN.value, columns.data_sha256 == data_sha256)
        kept = self._tx.execute(
            sa.update(AUTHORISED_DIGESTS)
            .where(_is(authorisation_id, digest), sa.or_(is_free, is_ours))
            .values(state=DigestState.SIGNED.value, data_sha256=data_sha256, signature=signature)
        )
        return kept.rowcount == 1

    def give_back(self, authorisation_id: str, digest: str, data_sha256: str) -> None:
        """Free a taken digest over which nothing was signed: only for who took it and saw the key refuse."""
        columns = AUTHORISED_DIGESTS.c
        self._tx.execute(
            sa.update(AUTHORISED_DIGESTS)
            .where(
                _is(authorisation_id, digest),
                columns.state == DigestState.TAKEN.value,
                columns.data_sha256 == data_sha256,
            )
            .values(state=DigestState.FREE.value, data_sha256=None)
        )

    def forget(self, before: datetime, limit: int) -> int:
        """Remove the oldest authorisations that were opened before a moment, at most so many; returns how many."""
        old = (
            sa.select(AUTHORISATIONS.c.authorisation_id)
            .where(AUTHORISATIONS.c.issued_at < micros(before))
            .order_by(AUTHORISATIONS.c.authorisation_id)  # made in the order of time, and the one index there is
            .limit(limit)
            .with_for_update(skip_locked=True)  # another signer is at it already
        )
        found = self._tx.execute(old).scalars().all()
        for table in (AUTHORISED_DIGESTS, AUTHORISATIONS):
            self._tx.execute(sa.delete(table).where(table.c.authorisation_id.in_(found)))
        return len(found)

    def _move(self, authorisation: Authorisation, before: AuthorisationState, **values: object) -> None:
        done = self._tx.execute(
            sa.update(AUTHORISATIONS)
            .where(
                AUTHORISATIONS.c.authorisation_id == authorisation.terms.authorisation_id,
                AUTHORISATIONS.c.state == before.value,
            )
            .values(state=authorisation.state.value, **values)
        )
        if done.rowcount != 1:
            raise AuthorisationClosed("the authorisation was confirmed or cancelled already")


def _is(authorisation_id: str, digest: str) -> sa.ColumnElement[bool]:
    columns = AUTHORISED_DIGESTS.c
    return sa.and_(columns.authorisation_id == authorisation_id, columns.digest == digest)


def _authorisation_of(row: sa.Row[tuple[object, ...]], digests: list[tuple[str, str]]) -> Authorisation:
    stored = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    terms = Terms(
        authorisation_id=stored["authorisation_id"],
        person=stored["person"],
        key_id=stored["key_id"],
        certificate_sha256=sha256(stored["certificate"]).hexdigest(),
        digests=tuple(digest for digest, _ in digests),
        purpose=SigningPurpose(stored["purpose"]),
        capacity=stored["capacity"],
        issued_at=from_micros(stored["issued_at"]),
        nonce=stored["nonce"],
    )
    return Authorisation(
        terms=terms,
        certificate=stored["certificate"],
        state=AuthorisationState(stored["state"]),
        evidence=None if stored["evidence"] is None else EvidenceKind(stored["evidence"]),
        confirmed_at=_moment(stored["confirmed_at"]),
        started_at=_moment(stored["started_at"]),
        signed=tuple(digest for digest, state in digests if state == DigestState.SIGNED.value),
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)
