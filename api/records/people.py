"""Natural persons: an internal subject id, a name, and the citizen number sealed.

Knows people. Must not know accounts or certificates. The citizen number (12 digits) is found through a keyed
index and never leaves as a key, an address or a log line.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx
from api.errors import InputInvalid, NotFound
from api.records.sealing import Sealer
from api.records.tables import PEOPLE

_PERSONAL_ID: Final = re.compile(r"[0-9]{12}", re.ASCII)


class PersonStatus(StrEnum):
    """Life status as far as signing and owning papers need it."""

    ALIVE = "alive"
    MINOR = "minor"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One natural person."""

    subject_id: str
    name: str
    """NFC."""
    date_of_birth: str | None = None
    """ISO date."""
    sex: str | None = None
    status: PersonStatus = PersonStatus.ALIVE
    guardian_subject_id: str | None = None


class People:
    """Natural persons in one transaction."""

    def __init__(self, tx: Tx, sealer: Sealer) -> None:
        self._tx = tx
        self._sealer = sealer

    def find(self, subject_id: str) -> Person | None:
        """The person of that id."""
        return self._one(PEOPLE.c.subject_id == subject_id)

    def get(self, subject_id: str) -> Person:
        """The person of that id.

        Raises:
            NotFound: there is none.
        """
        person = self.find(subject_id)
        if person is None:
            raise NotFound("Không có người này.", "There is no such person.")
        return person

    def by_personal_id(self, personal_id: str) -> Person | None:
        """The person with that citizen number."""
        return self._one(PEOPLE.c.personal_id_index == self._sealer.index(_checked(personal_id)))

    def personal_id(self, subject_id: str) -> str | None:
        """The citizen number, unsealed: for a comparison or a printed result, never for an id.

        Raises:
            NotFound: there is no such person.
        """
        row = self._tx.execute(
            sa.select(PEOPLE.c.personal_id_sealed).where(PEOPLE.c.subject_id == subject_id)
        ).one_or_none()
        if row is None:
            raise NotFound
        sealed = row.personal_id_sealed
        return None if sealed is None else self._sealer.unseal(sealed, _place(subject_id)).decode()

    def add(self, person: Person, personal_id: str | None) -> None:
        """Record a person.

        Raises:
            InputInvalid: the number does not have 12 digits, or the name is empty.
        """
        name = unicodedata.normalize("NFC", person.name).strip()
        if not name:
            raise InputInvalid("Thiếu họ tên.", "The name is missing.")
        number = None if personal_id is None else _checked(personal_id)
        self._tx.execute(
            PEOPLE.insert().values(
                subject_id=person.subject_id,
                name=name,
                personal_id_sealed=None if number is None else self._sealer.seal(number, _place(person.subject_id)),
                personal_id_index=None if number is None else self._sealer.index(number),
                date_of_birth=person.date_of_birth,
                sex=person.sex,
                status=person.status.value,
                guardian_subject_id=person.guardian_subject_id,
            )
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> Person | None:
        row = self._tx.execute(sa.select(PEOPLE).where(condition)).one_or_none()
        if row is None:
            return None
        return Person(
            subject_id=row.subject_id,
            name=row.name,
            date_of_birth=row.date_of_birth,
            sex=row.sex,
            status=PersonStatus(row.status),
            guardian_subject_id=row.guardian_subject_id,
        )


def _checked(personal_id: str) -> bytes:
    if not _PERSONAL_ID.fullmatch(personal_id):
        raise InputInvalid("Số định danh cá nhân có 12 chữ số.", "A citizen number has 12 digits.")
    return personal_id.encode()


def _place(subject_id: str) -> str:
    return f"people/{subject_id}/personal_id"
