"""Results of procedures: their state, who took which step, and where the file is.

Knows the state machine of model.md §3.4 and that two writers never both win. The file and the content of a result are
personal data: they lie encrypted in work slots of the owner's vault, and the table holds a digest only (DESIGN §4).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict
from api.records.plan_steps import PlanStep, StepObject, steps_of, steps_text

METADATA = sa.MetaData()
CONTENT_SLOT: Final = "content"
"""Work slot with the values of the page (JSON)."""
FILE_SLOT: Final = "file"
"""Work slot with the newest revision of the PDF."""

RESULTS = sa.Table(
    "result",
    METADATA,
    sa.Column("result_id", sa.String(40), primary_key=True),
    sa.Column("dossier_id", sa.String(40), nullable=False),
    sa.Column("procedure_code", sa.String(40), nullable=False),
    sa.Column("result_type", sa.String(60), nullable=False),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("owner_subject", sa.String(40), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("plan", sa.Text, nullable=False),  # JSON, frozen when the result is drafted
    sa.Column("plan_id", sa.String(40)),
    sa.Column("signer_subject", sa.String(40), nullable=False),
    sa.Column("capacity", sa.String(8), nullable=False),
    sa.Column("draft_sha256", sa.String(64), nullable=False),
    sa.Column("file_sha256", sa.String(64)),
    sa.Column("signature_level", sa.String(4)),
    sa.Column("document_number", sa.String(60)),
    sa.Column("document_date", sa.String(10)),
    sa.Column("verification_code", sa.String(40)),
    sa.Column("drafted_by", sa.String(40), nullable=False),
    sa.Column("appraised_by", sa.String(40)),
    sa.Column("signed_by", sa.String(40)),
    sa.Column("sealed_by", sa.String(40)),
    sa.Column("document_id", sa.String(40)),
    sa.Column("reason", sa.String(500)),
    sa.Column("act_number", sa.String(128)),
    sa.Column("replaced_by", sa.String(40)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Index("ix_result_code", "verification_code", unique=True),
    sa.Index("ix_result_file", "file_sha256"),
    sa.Index("ix_result_dossier", "dossier_id"),
)


class ResultState(StrEnum):
    """Where a result stands (model.md §3.4)."""

    DRAFTED = "drafted"
    APPRAISED = "appraised"
    NUMBERED = "numbered"
    APPROVED = "approved"
    SEALED = "sealed"
    ISSUED = "issued"
    RETURNED = "returned"
    """Issued, and given to whom it is for."""
    CORRECTED = "corrected"
    """Issued; a later act mends something in it."""
    REPLACED = "replaced"
    """Issued; another result stands in its place."""
    RECALLED = "recalled"
    """Issued and taken back by an act of the agency."""
    SENT_BACK = "sent_back"
    """To be drafted anew; a number that was reserved is void."""
    VOIDED = "voided"
    """Given up; its number is void."""


ISSUED_STATES: Final = frozenset(
    {ResultState.ISSUED, ResultState.RETURNED, ResultState.CORRECTED, ResultState.REPLACED, ResultState.RECALLED}
)
"""The original lies in the owner's vault, whatever became of it since."""
SEALED_STATES: Final = ISSUED_STATES | {ResultState.SEALED}
"""The file carries every planned signature."""
_FINISHED: Final = SEALED_STATES | {ResultState.VOIDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRecord:
    """One result as stored."""

    result_id: str
    dossier_id: str
    procedure_code: str
    result_type: str
    org_code: str
    owner_subject: str
    state: ResultState
    plan: tuple[PlanStep, ...]
    plan_id: str | None = None
    """Which version of which plan that was; None for results of before plans had versions."""
    signer_subject: str
    """The natural person whose name and title are printed."""
    capacity: str
    """A `SigningCapacity` value, printed before the title."""
    draft_sha256: str
    """SHA-256 (hex) of the canonical content that was drafted and appraised."""
    file_sha256: str | None = None
    """SHA-256 (hex) of the newest revision of the PDF, which lies encrypted in the work slot `FILE_SLOT`."""
    signature_level: str | None = None
    """`B-B` while a time-stamp is pending (I17), `B-LT` when complete."""
    document_number: str | None = None
    document_date: date | None = None
    verification_code: str | None = None
    drafted_by: str
    appraised_by: str | None = None
    signed_by: str | None = None
    sealed_by: str | None = None
    document_id: str | None = None
    reason: str | None = None
    """Why it was sent back, voided, corrected, replaced, recalled or given back at the end of the day."""
    act_number: str | None = None
    """Of the document by which an issued result was corrected, replaced or recalled."""
    replaced_by: str | None = None
    """The result that stands in its place."""
    version: int = 1
    created_at: datetime
    changed_at: datetime

    def step_for(self, role: str) -> PlanStep | None:
        """The signature that ``role`` sets in the file of the result."""
        return next((step for step in self.signatures if step.role == role), None)

    def step_on(self, signs: StepObject) -> PlanStep | None:
        """The first step that signs something else than the file: the appraisal, the evidence."""
        return next((step for step in self.plan if step.signs is signs), None)

    @property
    def signatures(self) -> tuple[PlanStep, ...]:
        """The steps that set a signature in the file of the result, in their order."""
        return tuple(step for step in self.plan if step.signs is StepObject.RESULT)


class Results:
    """The results inside one transaction."""

    def __init__(self, tx: Tx) -> None:
        """Work inside ``tx``; nothing is committed here."""
        self._tx = tx

    def add(self, record: ResultRecord) -> None:
        """Record a new draft."""
        self._tx.execute(RESULTS.insert().values(**_columns(record)))

    def get(self, result_id: str) -> ResultRecord:
        """The result named ``result_id``.

        Raises:
            NotFound: there is none.
        """
        return self._one(RESULTS.c.result_id == result_id)

    def find_by_code(self, verification_code: str) -> ResultRecord | None:
        """The result whose page carries this QR code."""
        return self._find(RESULTS.c.verification_code == verification_code)

    def find_by_file(self, sha256: str) -> ResultRecord | None:
        """The result whose newest revision has this SHA-256 (hex)."""
        return self._find(RESULTS.c.file_sha256 == sha256)

    def unfinished_of(self, org_code: str) -> tuple[ResultRecord, ...]:
        """An agency's results that are neither sealed nor given up."""
        open_states = [state for state in ResultState if state not in _FINISHED]
        rows = self._tx.execute(
            RESULTS.select()
            .where(RESULTS.c.org_code == org_code, RESULTS.c.state.in_([state.value for state in open_states]))
            .order_by(RESULTS.c.result_id)
        )
        return tuple(_record(row) for row in rows.mappings())

    def change(self, record: ResultRecord, *, at: datetime, **changes: object) -> ResultRecord:
        """Store ``changes`` if nobody changed the result since ``record`` was read.

        Raises:
            VersionConflict: somebody did; nothing is written.
        """
        changed = replace(record, **changes, version=record.version + 1, changed_at=at)  # type: ignore[arg-type]  # field names are checked by replace()
        done = self._tx.execute(
            RESULTS.update()
            .where(RESULTS.c.result_id == record.result_id, RESULTS.c.version == record.version)
            .values(**_columns(changed))
        )
        if done.rowcount != 1:
            raise VersionConflict
        return changed

    def _one(self, condition: sa.ColumnElement[bool]) -> ResultRecord:
        found = self._find(condition)
        if found is None:
            raise NotFound
        return found

    def _find(self, condition: sa.ColumnElement[bool]) -> ResultRecord | None:
        row = self._tx.execute(RESULTS.select().where(condition)).mappings().one_or_none()
        return None if row is None else _record(row)


def _columns(record: ResultRecord) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(record, name) for name in ResultRecord.__slots__}
    values["plan"] = steps_text(record.plan)
    values["document_date"] = record.document_date and record.document_date.isoformat()
    values["created_at"] = to_micros(record.created_at)
    values["changed_at"] = to_micros(record.changed_at)
    return values


def _record(row: sa.RowMapping) -> ResultRecord:
    values = dict(row)
    values["state"] = ResultState(values["state"])
    values["plan"] = steps_of(values["plan"])
    values["document_date"] = values["document_date"] and date.fromisoformat(values["document_date"])
    values["created_at"] = from_micros(values["created_at"])
    values["changed_at"] = from_micros(values["changed_at"])
    return ResultRecord(**values)
