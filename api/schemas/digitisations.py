"""Digitisations on the wire. Boxes are `[left, top, right, bottom]` in pixels of the page picture."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.records.digitisations import Digitisation, DigitisationState
from api.usecases.accept_digitisation import Acceptance
from api.usecases.digitisation_fields import Fields, KeptField
from api.usecases.get_digitisation import DigitisationFound
from api.usecases.officer_copy import CopyMark

_Value = Annotated[str, Field(max_length=500)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class StartedView(BaseModel):
    """A paper that was taken in and is being read."""

    id: str
    job_id: str
    state: DigitisationState
    page_count: int

    @classmethod
    def of(cls, record: Digitisation) -> Self:
        """The view of a fresh record."""
        return cls(id=record.digitisation_id, job_id=record.job_id, state=record.state, page_count=record.page_count)


class FieldChangeView(BaseModel):
    """What an officer changed."""

    before: str
    after: str
    account_id: str
    at: datetime


class FieldView(BaseModel):
    """One field, as read or as confirmed."""

    value: str
    raw: str
    confidence: float
    page: int
    box: list[int]
    needs_review: bool
    findings: list[str]
    is_confirmed: bool
    confirmed_at: datetime | None
    history: list[FieldChangeView]

    @classmethod
    def of(cls, kept: KeptField) -> Self:
        """The view of a kept field."""
        return cls(
            value=kept.value,
            raw=kept.raw,
            confidence=kept.confidence,
            page=kept.page,
            box=list(kept.box),
            needs_review=kept.needs_review,
            findings=list(kept.findings),
            is_confirmed=kept.confirmed_by is not None,
            confirmed_at=None if kept.confirmed_at is None else datetime.fromisoformat(kept.confirmed_at),
            history=[
                FieldChangeView(
                    before=change.before,
                    after=change.after,
                    account_id=change.account_id,
                    at=datetime.fromisoformat(change.at),
                )
                for change in kept.history
            ],
        )


class DigitisationView(BaseModel):
    """How far a paper is, and its fields once it is read."""

    id: str
    dossier_id: str
    component_type: str
    owner_subject_id: str
    state: DigitisationState
    job_id: str
    done: int
    total: int
    page_count: int
    media_type: str
    document_type: str | None
    confidence: float | None
    needs_human: bool | None
    findings: list[str]
    error_code: str | None
    document_id: str | None
    version: int
    fields: dict[str, FieldView]
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, found: DigitisationFound) -> Self:
        """The view with progress."""
        return cls._of(found.record, found.fields, done=found.job.done, total=found.job.total)

    @classmethod
    def corrected(cls, record: Digitisation, fields: Fields) -> Self:
        """The view after fields were confirmed: the reading is over."""
        return cls._of(record, fields, done=record.page_count, total=record.page_count)

    @classmethod
    def _of(cls, record: Digitisation, fields: Fields, *, done: int, total: int) -> Self:
        permille = record.confidence_permille
        return cls(
            id=record.digitisation_id,
            dossier_id=record.dossier_id,
            component_type=record.component_type,
            owner_subject_id=record.owner_subject,
            state=record.state,
            job_id=record.job_id,
            done=done,
            total=total,
            page_count=record.page_count,
            media_type=record.media_type,
            document_type=record.document_type,
            confidence=None if permille is None else permille / 1000,
            needs_human=record.needs_human,
            findings=list(record.findings),
            error_code=record.error_code,
            document_id=record.document_id,
            version=record.version,
            fields={name: FieldView.of(one) for name, one in fields.items()},
            created_at=record.created_at,
            changed_at=record.changed_at,
        )


class ProgressView(BaseModel):
    """One event of a reading."""

    state: DigitisationState
    done: int
    total: int
    label: str
    error_code: str | None

    @classmethod
    def of(cls, found: DigitisationFound) -> Self:
        """The event of this moment."""
        return cls(
            state=found.record.state,
            done=found.job.done,
            total=found.job.total,
            label=found.job.label,
            error_code=found.record.error_code,
        )


class FieldsBody(BaseModel):
    """Values as the officer sees them on the paper."""

    model_config = ConfigDict(extra="forbid")

    fields: dict[_Name, _Value] = Field(min_length=1, max_length=60)
    version: int | None = Field(default=None, ge=1)


class CopyPreparationBody(BaseModel):
    """The signature that is prepared for the copy."""

    model_config = ConfigDict(extra="forbid")

    certificate_id: Annotated[str, Field(max_length=40)]
    mark: CopyMark = "text"


class AcceptanceBody(BaseModel):
    """The signature that is to be set under the copy."""

    model_config = ConfigDict(extra="forbid")

    certificate_id: Annotated[str, Field(max_length=40)]
    mark: CopyMark = "text"
    """What is seen of the signature; with an authorisation, what was prepared counts."""
    authorisation_id: Annotated[str | None, Field(max_length=40)] = None
    """Where keys need their holder's agreement: of the signature that was prepared."""
    second_factor: Annotated[str | None, Field(max_length=12)] = None


class AcceptanceView(BaseModel):
    """Where the signed copy is."""

    document_id: str
    grade: str = "c_officer_copy"
    signature_level: str


class PendingCopyView(BaseModel):
    """A signed copy that waits for its time-stamp; nothing more is asked of the officer."""

    id: str
    state: DigitisationState
    signature_level: str

    @classmethod
    def of(cls, done: Acceptance) -> Self:
        """The view of a copy that is signed and not stored yet."""
        return cls(id=done.record.digitisation_id, state=done.record.state, signature_level=done.level)
