"""Documents, consents and reuse on the wire. Enums are lower snake case."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vault.catalogue import DescribedDocument
from vault.model import Consent, DocumentState, FileRole, Grade, Origin, ReuseEvent, ReuseOutcome, StoredFile

WireGrade = Literal["a_original", "b_certified_copy", "c_officer_copy", "d_unverified"]
_GRADES: dict[Grade, WireGrade] = {
    Grade.A_ORIGINAL: "a_original",
    Grade.B_CERTIFIED_COPY: "b_certified_copy",
    Grade.C_OFFICER_COPY: "c_officer_copy",
    Grade.D_UNVERIFIED: "d_unverified",
}
_Id = Annotated[str, Field(max_length=40)]
_Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]


class FileView(BaseModel):
    """One file of a document."""

    role: FileRole
    media_type: str
    size: int
    is_available: bool = Field(description="False: damaged or missing in the store, never served")

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        """The view of a file; its object's name stays inside."""
        return cls(
            role=file.role,
            media_type=file.media_type,
            size=file.size,
            is_available=file.quarantined_at is None,
        )


class DocumentView(BaseModel):
    """A stored document for somebody who may read it."""

    id: str
    owner_subject_id: str
    type_code: str
    grade: WireGrade
    origin: Origin
    state: DocumentState
    version: int
    title: str
    document_number: str | None
    issued_on: date | None
    signer_name: str | None
    abstract: str | None
    fields: dict[str, str]
    issuing_org: str | None
    custodian_org: str
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime
    files: list[FileView]

    @classmethod
    def of(cls, described: DescribedDocument) -> Self:
        """The view of a document with its details."""
        document, details = described.document, described.details
        return cls(
            id=document.document_id,
            owner_subject_id=document.owner,
            type_code=document.type_code,
            grade=_GRADES[document.grade],
            origin=document.origin,
            state=document.state,
            version=document.version,
            title=details.title,
            document_number=details.document_number,
            issued_on=details.issued_on,
            signer_name=details.signer_name,
            abstract=details.abstract,
            fields=dict(details.fields),
            issuing_org=document.issuing_org,
            custodian_org=document.custodian_org,
            valid_from=document.valid_from,
            valid_to=document.valid_to,
            created_at=document.created_at,
            files=[FileView.of(file) for file in document.files],
        )


class DocumentPageView(BaseModel):
    """One page of documents, newest first."""

    items: list[DocumentView]
    next_cursor: str | None


class ConsentBody(BaseModel):
    """A permission to be given."""

    model_config = ConfigDict(extra="forbid")

    document_ids: list[_Id] = Field(min_length=1, max_length=20)
    receiver_dossier_id: _Id
    purpose: _Code
    expires_at: AwareDatetime | None = None
    single_use: bool = True


class ConsentView(BaseModel):
    """A permission that was given."""

    id: str
    owner_subject_id: str
    document_ids: list[str]
    receiver_dossier_id: str
    receiver_org: str
    purpose: str
    granted_at: datetime
    expires_at: datetime
    single_use: bool
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, consent: Consent) -> Self:
        """The view of a consent."""
        return cls(
            id=consent.consent_id,
            owner_subject_id=consent.owner,
            document_ids=[document.document_id for document in consent.documents],
            receiver_dossier_id=consent.receiver_dossier_id,
            receiver_org=consent.receiver_org,
            purpose=consent.purpose,
            granted_at=consent.granted_at,
            expires_at=consent.expires_at,
            single_use=consent.single_use,
            withdrawn_at=consent.withdrawn_at,
        )


class ConsentPageView(BaseModel):
    """One page of consents, newest first."""

    items: list[ConsentView]
    next_cursor: str | None


class ReuseBody(BaseModel):
    """A use of a stored document in a dossier."""

    model_config = ConfigDict(extra="forbid")

    consent_id: _Id
    document_id: _Id
    dossier_id: _Id
    component_type: _Code


class ReuseView(BaseModel):
    """A recorded use."""

    id: str
    outcome: ReuseOutcome
    counted: bool
    document_id: str
    dossier_id: str
    component_type: str
    consent_id: str
    at: datetime

    @classmethod
    def of(cls, event: ReuseEvent) -> Self:
        """The view of an event."""
        return cls(
            id=event.reuse_id,
            outcome=event.outcome,
            counted=event.counted,
            document_id=event.document_id,
            dossier_id=event.dossier_id,
            component_type=event.component_type,
            consent_id=event.consent_id,
            at=event.at,
        )
