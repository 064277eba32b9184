"""Results on the wire."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.records.employments import SigningCapacity
from api.records.results import ResultRecord, ResultState

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


class SealBody(_Body):
    """The agency's seal."""

    certificate_id: str = Field(max_length=40)
    second_factor: str | None = Field(default=None, max_length=16)


class VoidBody(_Body):
    """Why a numbered result is given up."""

    reason: str = Field(min_length=1, max_length=500)


class EmptyBody(_Body):
    """Steps that need no values."""


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
    document_id: str | None
    version: int

    @classmethod
    def of(cls, record: ResultRecord) -> Self:
        """The view of a record."""
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
            document_id=record.document_id,
            version=record.version,
        )
