"""Activation data (SAD) that CSC clients got: whose, for which hashes, whether it was used; never the value itself.

Knows the table. What a SAD authorises stands in the desk's authorisation; here is only who may present it. A SAD is
found by its SHA-256: whoever reads the table cannot present one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from api.db import Tx, from_micros, to_micros
from api.records.tables import METADATA

CSC_ACTIVATIONS = sa.Table(
    "csc_activations",
    METADATA,
    sa.Column("sad_sha256", sa.String(64), primary_key=True),
    sa.Column("authorisation_id", sa.String(40), nullable=False),
    sa.Column("account_id", sa.String(40), nullable=False),
    sa.Column("certificate_id", sa.String(40), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hashes", sa.Text, nullable=False),
    sa.Column("used", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("issued_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    # of two that ask at once one gets a SAD
    sa.UniqueConstraint("authorisation_id", "number", name="uq_csc_activations_number"),
)


class ActivationState(StrEnum):
    """``ISSUED → USED → REPLACED``, or ``ISSUED → REPLACED``."""

    ISSUED = "issued"
    USED = "used"
    REPLACED = "replaced"
    """Another one was given for the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What is kept of one SAD."""

    sad_sha256: str
    authorisation_id: str
    account_id: str
    certificate_id: str
    number: int
    """Which one of its authorisation, from 1."""
    hashes: tuple[str, ...]
    """Hex; what it may be used for: of the authorised ones those that nobody used before."""
    used: tuple[str, ...]
    """Hex; what it was used for."""
    state: ActivationState
    issued_at: datetime
    expires_at: datetime


class CscActivations:
    """The table seen through one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, activation: Activation) -> bool:
        """Keep a new one; False: there is one of this number already."""
        taken = sa.select(CSC_ACTIVATIONS.c.number).where(
            CSC_ACTIVATIONS.c.authorisation_id == activation.authorisation_id,
            CSC_ACTIVATIONS.c.number == activation.number,
        )
        if self._tx.execute(taken).first() is not None:
            return False
        values = sa.insert(CSC_ACTIVATIONS).values(
            sad_sha256=activation.sad_sha256,
            authorisation_id=activation.authorisation_id,
            account_id=activation.account_id,
            certificate_id=activation.certificate_id,
            number=activation.number,
            hashes=" ".join(activation.hashes),
            used=" ".join(activation.used),
            state=activation.state.value,
            issued_at=to_micros(activation.issued_at),
            expires_at=to_micros(activation.expires_at),
        )
        try:
            self._tx.execute(values)
        except IntegrityError:  # somebody was faster; nothing else is done in this transaction
            return False
        return True

    def find(self, sad_sha256: str) -> Activation | None:
        """The one with this fingerprint."""
        found = self._tx.execute(sa.select(CSC_ACTIVATIONS).where(_is(sad_sha256))).mappings().one_or_none()
        return None if found is None else _activation(found)

    def of(self, authorisation_id: str) -> tuple[Activation, ...]:
        """Every one that was given under an authorisation."""
        query = sa.select(CSC_ACTIVATIONS).where(CSC_ACTIVATIONS.c.authorisation_id == authorisation_id)
        return tuple(map(_activation, self._tx.execute(query).mappings()))

    def move(self, activation: Activation, state: ActivationState, *, used: tuple[str, ...] | None = None) -> bool:
        """Take the step from where it stands; False: somebody else did, nothing was changed."""
        values = {"state": state.value} | ({} if used is None else {"used": " ".join(used)})
        done = self._tx.execute(
            sa.update(CSC_ACTIVATIONS)
            .where(_is(activation.sad_sha256), CSC_ACTIVATIONS.c.state == activation.state.value)
            .values(**values)
        )
        return done.rowcount == 1

    def forget(self, before: datetime) -> int:
        """Remove those that ended before a moment; returns how many."""
        done = self._tx.execute(sa.delete(CSC_ACTIVATIONS).where(CSC_ACTIVATIONS.c.expires_at < to_micros(before)))
        return done.rowcount


def _is(sad_sha256: str) -> sa.ColumnElement[bool]:
    return CSC_ACTIVATIONS.c.sad_sha256 == sad_sha256


def _activation(row: sa.RowMapping) -> Activation:
    return Activation(
        sad_sha256=row["sad_sha256"],
        authorisation_id=row["authorisation_id"],
        account_id=row["account_id"],
        certificate_id=row["certificate_id"],
        number=row["number"],
        hashes=tuple(row["hashes"].split()),
        used=tuple(row["used"].split()),
        state=ActivationState(row["state"]),
        issued_at=from_micros(row["issued_at"]),
        expires_at=from_micros(row["expires_at"]),
    )
