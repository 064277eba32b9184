"""Digitisations: papers on their way from upload to vault, by state (model §3.2).

Knows states and which step follows which. Must not hold anything that stands on a paper: source, text and fields lie
encrypted in work slots of the owner's vault, and the table has ids, codes and figures only (DESIGN §4).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict

METADATA = sa.MetaData()

SOURCE_SLOT: Final = "source"
"""Work slot with the uploaded bytes."""
READING_SLOT: Final = "reading"
"""Work slot with what was read: text, lines, boxes, confidences (JSON)."""
FIELDS_SLOT: Final = "fields"
"""Work slot with the fields as they stand, and what every officer changed (JSON)."""
COPY_SLOT: Final = "copy"
"""Work slot with the searchable PDF/A copy."""
SIGNED_SLOT: Final = "signed"
"""Work slot with the signed copy while its time-stamp or evidence is missing (I17)."""

DIGITISATIONS = sa.Table(
    "digitisations",
    METADATA,
    sa.Column("digitisation_id", sa.String(40), primary_key=True),
    sa.Column("dossier_id", sa.String(40), nullable=False, index=True),
    sa.Column("component_type", sa.String(64), nullable=False),
    sa.Column("owner_subject", sa.String(40), nullable=False, index=True),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("received_by", sa.String(40), nullable=False),
    sa.Column("reason", sa.String(16)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("job_id", sa.String(40), nullable=False),
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error_code", sa.String(64)),
    sa.Column("document_type", sa.String(64)),
    sa.Column("confidence_permille", sa.Integer),
    sa.Column("needs_human", sa.Boolean),
    sa.Column("findings", sa.String(500), nullable=False),
    sa.Column("confirmed_by", sa.String(40)),
    sa.Column("document_id", sa.String(40)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)


class DigitisationState(StrEnum):
    """Where a paper stands. Reading and extracting are one job: what lies between is the job's progress."""

    RECEIVED = "received"
    EXTRACTED = "extracted"
    CONFIRMED = "confirmed"
    SIGNED = "signed"
    """Signed, and not in the vault yet: the time-stamp or the evidence is awaited (I17)."""
    STORED = "stored"
    RETURNED = "returned"
    """Refused after a look at it: a secret paper (I31). Nothing of it is kept."""
    QUARANTINED = "quarantined"
    """Found unsafe while it was read. Nothing of it is kept."""
    FAILED = "failed"
    """It could not be read; it must be scanned again. Nothing of it is kept."""

    @property
    def is_open_for_correction(self) -> bool:
        """Whether fields may still change."""
        return self in (DigitisationState.EXTRACTED, DigitisationState.CONFIRMED)


_GIVEN_BACK: Final = (DigitisationState.RETURNED, DigitisationState.QUARANTINED, DigitisationState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digitisation:
    """One paper on its way."""

    digitisation_id: str
    dossier_id: str
    component_type: str
    owner_subject: str
    org_code: str
    """Agency at whose desk it was received."""
    received_by: str
    """Account that uploaded it."""
    reason: str | None = None
    """`verify`: scanned although the vault holds it (I33)."""
    state: DigitisationState
    job_id: str
    media_type: str
    page_count: int
    attempts: int = 0
    error_code: str | None = None
    document_type: str | None = None
    """Kind of paper that was recognised."""
    confidence_permille: int | None = None
    needs_human: bool | None = None
    findings: tuple[str, ...] = ()
    confirmed_by: str | None = None
    """Natural person who confirmed last; only this person may sign the copy (I22)."""
    document_id: str | None = None
    version: int = 1
    created_at: datetime
    changed_at: datetime


class Digitisations:
    """Digitisations in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, record: Digitisation) -> None:
        """Record a received paper."""
        self._tx.execute(DIGITISATIONS.insert().values(**_columns(record)))

    def get(self, digitisation_id: str) -> Digitisation:
        """The digitisation of that id.

        Raises:
            NotFound: there is none.
        """
        row = (
            self._tx.execute(sa.select(DIGITISATIONS).where(DIGITISATIONS.c.digitisation_id == digitisation_id))
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise NotFound("Không có lượt số hóa này.", "There is no such digitisation.")
        return _record(row)

    def types_taken(self, dossier_id: str) -> frozenset[str]:
        """The component types of the papers that were taken in for a dossier; refused and failed ones do not count."""
        columns = DIGITISATIONS.c
        rows = self._tx.execute(
            sa.select(columns.component_type).where(
                columns.dossier_id == dossier_id, columns.state.not_in([state.value for state in _GIVEN_BACK])
            )
        )
        return frozenset(rows.scalars())

    def change(self, record: Digitisation, *, at: datetime, **changes: object) -> Digitisation:
        """Store ``changes`` if nobody changed the record since it was read.

        Raises:
            VersionConflict: somebody did; nothing is written.
        """
        changed = replace(record, **changes, version=record.version + 1, changed_at=at)  # type: ignore[arg-type]  # replace() checks the names
        done = self._tx.execute(
            DIGITISATIONS.update()
            .where(
                DIGITISATIONS.c.digitisation_id == record.digitisation_id,
                DIGITISATIONS.c.version == record.version,
            )
            .values(**_columns(changed))
        )
        if done.rowcount != 1:
            raise VersionConflict
        return changed


def _columns(record: Digitisation) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(record, name) for name in Digitisation.__slots__}
    return values | {
        "state": record.state.value,
        "findings": " ".join(record.findings),
        "created_at": to_micros(record.created_at),
        "changed_at": to_micros(record.changed_at),
    }


def _record(row: sa.RowMapping) -> Digitisation:
    values = dict(row)
    return Digitisation(
        **values
        | {
            "state": DigitisationState(values["state"]),
            "findings": tuple(values["findings"].split()),
            "created_at": from_micros(values["created_at"]),
            "changed_at": from_micros(values["changed_at"]),
        }
    )
