"""Certified copies and conversions to paper on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.records.copies import CertifiedCopy, CopyForm, CopyState, PaperConversion
from api.schemas.text import Id
from api.usecases.certified_copy import CopyRequest
from api.usecases.certify_copy import CertifyCopy
from api.usecases.convert_to_paper import ConvertToPaper


class CopyTerms(BaseModel):
    """Which copy of a document is wanted, whatever seals it."""

    model_config = ConfigDict(extra="forbid")

    form: CopyForm
    dossier_id: Id
    """The dossier for which the document is read and copied."""
    pages: list[Annotated[int, Field(ge=1, le=5000)]] = Field(default_factory=list, max_length=100)
    """Of an extract: page 1 and the pages wanted, ascending."""


class SealPreparationBody(CopyTerms):
    """Which copy is prepared."""

    certificate_id: Id
    """The agency's seal, in the caller's keeping."""

    def to_request(self, document_id: str) -> CopyRequest:
        """The use-case's request."""
        return CopyRequest(
            document_id=parse_id("doc", document_id),
            dossier_id=parse_id("dos", self.dossier_id),
            form=self.form,
            certificate_id=parse_id("cert", self.certificate_id),
            pages=tuple(self.pages),
        )


class CertifiedCopyBody(SealPreparationBody):
    """Which copy is sealed."""

    authorisation_id: Id | None = None
    """Where keys need their holder's agreement: of the seal that was prepared."""
    second_factor: Annotated[str | None, Field(max_length=12)] = None

    def to_command(self, document_id: str) -> CertifyCopy:
        """The use-case's command."""
        return CertifyCopy(
            request=self.to_request(document_id),
            authorisation_id=self.authorisation_id and parse_id("sad", self.authorisation_id),
            second_factor=self.second_factor,
        )


class CertifiedCopyView(BaseModel):
    """A certified copy: where it is, or that it waits for its time-stamp."""

    id: str
    form: CopyForm
    state: CopyState
    number: str | None
    document_id: str | None
    source_document_id: str
    source_sha256: str
    file_sha256: str | None
    created_at: datetime

    @classmethod
    def of(cls, record: CertifiedCopy) -> Self:
        """The view of a record."""
        return cls(**{name: getattr(record, "copy_id" if name == "id" else name) for name in cls.model_fields})


class ConversionBody(BaseModel):
    """For which dossier a document is converted to paper."""

    model_config = ConfigDict(extra="forbid")

    dossier_id: Id

    def to_command(self, document_id: str) -> ConvertToPaper:
        """The use-case's command."""
        return ConvertToPaper(document_id=parse_id("doc", document_id), dossier_id=parse_id("dos", self.dossier_id))


class ConversionView(BaseModel):
    """A conversion to paper as it is recorded."""

    id: str
    document_id: str
    direction: str
    number: str
    mark_text: str
    from_sha256: str
    to_sha256: str
    converted_at: datetime
    verification_url: str

    @classmethod
    def of(cls, record: PaperConversion, public_url: str) -> Self:
        """The view of a record."""
        return cls(
            id=record.conversion_id,
            document_id=record.document_id,
            direction=record.direction,
            number=record.number,
            mark_text=record.mark_text,
            from_sha256=record.from_sha256,
            to_sha256=record.to_sha256,
            converted_at=record.converted_at,
            verification_url=f"{public_url}/v/{record.verification_code}",
        )
