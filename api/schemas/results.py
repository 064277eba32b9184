"""Results on the wire."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.records.employments import SigningCapacity
from api.records.pending_stamps import PendingStamp
from api.records.results import ResultRecord, ResultState

_Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="The file that was previewed; another one: 409")]
_Line = Annotated[str, Field(min_length=1, max_length=160)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignerBody(_Body):
    """Who will sign, as it is printed."""

    employment_id: str = Field(max_length=40)
    capacity: SigningCapacity


class PageBody(_Body):
    """What stands on the page; `body` depends on the type of result."""

    place: str = Field(min_length=1, max_length=60, description="Place name before the date")
    recipients: list[_Line] = Field(default_factory=list, max_length=20)
    body: dict[str, object]


class DraftBody(_Body):
    """A draft."""

    dossier_id: str = Field(max_length=40)
    result_type: str = Field(max_length=60, examples=["trich_luc_khai_sinh"])
    org_code: str = Field(max_length=35)
    owner_subject_id: str | None = Field(default=None, max_length=40)
    signer: SignerBody
    content: PageBody


class SignatureBody(_Body):
    """The leader's signature."""

    certificate_id: str = Field(max_length=40)
    capacity: SigningCapacity
    second_factor: str | None = Field(default=None, max_length=16)
    file_sha256: _Sha256 | None = None


class SealBody(_Body):
    """The agency's seal."""

    certificate_id: str = Field(max_length=40)
    second_factor: str | None = Field(default=None, max_length=16)
    file_sha256: _Sha256 | None = None
    authorisation_id: str | None = Field(default=None, max_length=40)
    """Where keys need their holder's agreement: of the seals that were prepared."""


class ResultSealPreparationBody(_Body):
    """The seals that are prepared, of the main file and its annexes."""

    certificate_id: str = Field(max_length=40)
    file_sha256: _Sha256 | None = None


class PreviewBody(_Body):
    """With which certificate somebody is about to sign or seal."""

    certificate_id: str = Field(max_length=40)


class VoidBody(_Body):
    """Why a numbered result is given up."""

    reason: str = Field(min_length=1, max_length=500)


class EmptyBody(_Body):
    """Steps that need no values."""


class PendingView(BaseModel):
    """What the file still waits for (I17): a time-stamp, or evidence of the certificates' status."""

    since: datetime
    attempts: int = Field(description="Tries in vain; after three an alarm names the document")
    reason_code: str = Field(examples=["TIMESTAMP_UNAVAILABLE", "EVIDENCE_UNAVAILABLE"])

    @classmethod
    def of(cls, pending: PendingStamp) -> Self:
        """The view of a row."""
        return cls(since=pending.since, attempts=pending.attempts, reason_code=pending.error_code)


class ResultView(BaseModel):
    """A result as officials see it."""

    id: str
    state: ResultState
    dossier_id: str
    result_type: str
    org_code: str
    owner_subject_id: str
    document_number: str | None
    document_date: date | None
    verification_code: str | None
    sha256: str | None
    signature_level: str | None
    pending: PendingView | None = None
    warnings: list[str] = Field(default_factory=list, description="`STATUS_UNKNOWN`: signed without status (S26)")
    document_id: str | None
    plan_id: str | None = Field(default=None, description="The signing plan that was frozen into it")
    reason: str | None = Field(default=None, description="Why it was sent back, voided, corrected, replaced, recalled")
    act_number: str | None = None
    replaced_by: str | None = None
    version: int

    @classmethod
    def of(cls, record: ResultRecord, pending: PendingStamp | None = None) -> Self:
        """The view of a record, with what its file waits for."""
        return cls(
            id=record.result_id,
            state=record.state,
            dossier_id=record.dossier_id,
            result_type=record.result_type,
            org_code=record.org_code,
            owner_subject_id=record.owner_subject,
            document_number=record.document_number,
            document_date=record.document_date,
            verification_code=record.verification_code,
            sha256=record.file_sha256,
            signature_level=record.signature_level,
            pending=None if pending is None else PendingView.of(pending),
            warnings=["STATUS_UNKNOWN"] if pending is not None and pending.lacks_status else [],
            document_id=record.document_id,
            plan_id=record.plan_id,
            reason=record.reason,
            act_number=record.act_number,
            replaced_by=record.replaced_by,
            version=record.version,
        )
