"""Who works where as what, and what they may sign there.

Knows employments and signing rights. Must not know certificates: a right is of a person in a post.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound
from api.records.tables import EMPLOYMENTS, SIGNING_RIGHTS

ANY_PROCEDURE: Final = "*"
"""A right for every procedure of the agency."""


class SigningCapacity(StrEnum):
    """What is printed before the title (Decree 30/2020 Art. 13; glossary)."""

    HEAD = "head"
    """The head in the own name: nothing is printed."""
    KT = "kt"
    TL = "tl"
    TUQ = "tuq"
    TM = "tm"
    Q = "q"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRight:
    """A right to sign results of a procedure in a capacity, with its written basis."""

    procedure_code: str
    """A code or `*`."""
    capacity: SigningCapacity
    basis: str
    """The document that gives the right."""
    valid_from: datetime
    valid_to: datetime | None = None
    for_org: str | None = None
    """The agency in whose name is signed, when it is not the one of the post (TUQ); its seal stands beside (I14)."""
    granted_by: str | None = None
    """Who delegated the right; None: it comes with the post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """One post of one person in one agency."""

    employment_id: str
    subject_id: str
    org_code: str
    title: str
    place_code: str | None
    """The service centre where the post is done, if any."""
    valid_from: datetime
    valid_to: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether the person has the post at that moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Employments:
    """Posts and signing rights in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, employment_id: str) -> Employment | None:
        """The post of that id."""
        row = self._tx.execute(sa.select(EMPLOYMENTS).where(EMPLOYMENTS.c.employment_id == employment_id)).one_or_none()
        return None if row is None else _employment(row)

    def get(self, employment_id: str) -> Employment:
        """The post of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(employment_id)
        if found is None:
            raise NotFound("Không có vị trí công tác này.", "There is no such employment.")
        return found

    def of(self, subject_id: str, at: datetime) -> tuple[Employment, ...]:
        """The posts that a person has at that moment."""
        rows = self._tx.execute(
            sa.select(EMPLOYMENTS)
            .where(EMPLOYMENTS.c.subject_id == subject_id)
            .order_by(EMPLOYMENTS.c.valid_from, EMPLOYMENTS.c.employment_id)
        )
        return tuple(post for post in map(_employment, rows) if post.holds_at(at))

    def works_for(self, subject_id: str, org_code: str, at: datetime) -> Employment | None:
        """The person's post in that agency at that moment."""
        return next((post for post in self.of(subject_id, at) if post.org_code == org_code), None)

    def signing_rights(self, employment_id: str, at: datetime) -> tuple[SigningRight, ...]:
        """The rights of a post at that moment."""
        rights = SIGNING_RIGHTS.c
        rows = self._tx.execute(
            sa.select(SIGNING_RIGHTS)
            .where(
                rights.employment_id == employment_id,
                rights.valid_from <= to_micros(at),
                sa.or_(rights.valid_to.is_(None), rights.valid_to > to_micros(at)),
            )
            .order_by(rights.procedure_code, rights.capacity)
        )
        return tuple(_right(row) for row in rows)

    def right_to_sign(
        self, subject_id: str, *, org_code: str, procedure_code: str, capacity: SigningCapacity, at: datetime
    ) -> SigningRight | None:
        """The right that lets this person sign this now, or None (I11)."""
        for post in self.of(subject_id, at):
            for right in self.signing_rights(post.employment_id, at):
                covers = right.procedure_code in (procedure_code, ANY_PROCEDURE)
                if right.capacity is capacity and covers and (right.for_org or post.org_code) == org_code:
                    return right
        return None

    def head_title(self, org_code: str, at: datetime) -> str | None:
        """The title of whoever heads the agency at that moment: who signs in no other's place."""
        posts, rights, moment = EMPLOYMENTS.c, SIGNING_RIGHTS.c, to_micros(at)
        return self._tx.execute(
            sa.select(posts.title)
            .join(SIGNING_RIGHTS, rights.employment_id == posts.employment_id)
            .where(
                posts.org_code == org_code,
                rights.capacity == SigningCapacity.HEAD.value,
                *(column <= moment for column in (posts.valid_from, rights.valid_from)),
                *(sa.or_(column.is_(None), column > moment) for column in (posts.valid_to, rights.valid_to)),
            )
            .order_by(posts.employment_id)
            .limit(1)
        ).scalar_one_or_none()

    def delegated_post(self, subject_id: str, *, org_code: str, procedure_code: str, at: datetime) -> Employment | None:
        """The person's post that carries a delegated right of this agency for this procedure at that moment (TUQ)."""
        for post in self.of(subject_id, at):
            for right in self.signing_rights(post.employment_id, at):
                is_delegated = right.capacity is SigningCapacity.TUQ and right.for_org == org_code
                if is_delegated and right.procedure_code in (procedure_code, ANY_PROCEDURE):
                    return post
        return None

    def end_posts(self, org_code: str, at: datetime) -> int:
        """End every post of an agency that goes on beyond that moment; how many."""
        posts = EMPLOYMENTS.c
        ended = self._tx.execute(
            EMPLOYMENTS.update()
            .where(posts.org_code == org_code, sa.or_(posts.valid_to.is_(None), posts.valid_to > to_micros(at)))
            .values(valid_to=to_micros(at))
        )
        return ended.rowcount

    def add(self, employment: Employment, rights: tuple[SigningRight, ...] = ()) -> None:
        """Record a post with its rights."""
        self._tx.execute(
            EMPLOYMENTS.insert().values(
                employment_id=employment.employment_id,
                subject_id=employment.subject_id,
                org_code=employment.org_code,
                title=employment.title,
                place_code=employment.place_code,
                valid_from=to_micros(employment.valid_from),
                valid_to=None if employment.valid_to is None else to_micros(employment.valid_to),
            )
        )
        for right in rights:
            self.add_right(employment.employment_id, right)

    def is_delegated_in(self, employment_id: str, right: SigningRight) -> bool:
        """Whether the post has a delegated right for the procedure of `right` at any moment of its time."""
        rights = SIGNING_RIGHTS.c
        query = sa.select(rights.basis).where(
            *_delegations(employment_id, right.procedure_code),
            sa.or_(rights.valid_to.is_(None), rights.valid_to > to_micros(right.valid_from)),
        )
        if right.valid_to is not None:
            query = query.where(rights.valid_from < to_micros(right.valid_to))
        return self._tx.execute(query).first() is not None

    def add_right(self, employment_id: str, right: SigningRight) -> None:
        """Give a post a right."""
        self._tx.execute(
            SIGNING_RIGHTS.insert().values(
                employment_id=employment_id,
                procedure_code=right.procedure_code,
                capacity=right.capacity.value,
                basis=right.basis,
                valid_from=to_micros(right.valid_from),
                valid_to=None if right.valid_to is None else to_micros(right.valid_to),
                for_org=right.for_org,
                granted_by=right.granted_by,
            )
        )

    def end_delegations(self, employment_id: str, procedure_code: str, org_code: str, at: datetime) -> int:
        """End what that agency delegated to the post: what runs ends now, what has not begun never does; how many."""
        rights = SIGNING_RIGHTS.c
        wanted = (*_delegations(employment_id, procedure_code), rights.for_org == org_code)
        # it never was a right of anybody: the ledger keeps that it was given and taken back
        never = self._tx.execute(SIGNING_RIGHTS.delete().where(*wanted, rights.valid_from >= to_micros(at)))
        ended = self._tx.execute(
            SIGNING_RIGHTS.update()
            .where(*wanted, sa.or_(rights.valid_to.is_(None), rights.valid_to > to_micros(at)))
            .values(valid_to=to_micros(at))
        )
        return never.rowcount + ended.rowcount


def _delegations(employment_id: str, procedure_code: str) -> tuple[sa.ColumnElement[bool], ...]:
    rights = SIGNING_RIGHTS.c
    return (
        rights.employment_id == employment_id,
        rights.procedure_code == procedure_code,
        rights.capacity == SigningCapacity.TUQ.value,
    )


def _employment(row: sa.Row[tuple[object, ...]]) -> Employment:
    return Employment(
        employment_id=row.employment_id,
        subject_id=row.subject_id,
        org_code=row.org_code,
        title=row.title,
        place_code=row.place_code,
        valid_from=from_micros(row.valid_from),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
    )


def _right(row: sa.Row[tuple[object, ...]]) -> SigningRight:
    return SigningRight(
        procedure_code=row.procedure_code,
        capacity=SigningCapacity(row.capacity),
        basis=row.basis,
        valid_from=from_micros(row.valid_from),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
        for_org=row.for_org,
        granted_by=row.granted_by,
    )
