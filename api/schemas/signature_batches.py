"""Batches of signatures on the wire."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.ids import parse_id
from api.records.employments import SigningCapacity
from api.records.signature_batch_items import BatchItem, ItemState
from api.records.signature_batches import BatchKind, BatchState
from api.schemas.authorisations import AssertionIn
from api.schemas.text import Id
from api.usecases.authorise_signature_batch import AuthoriseBatch
from api.usecases.open_signature_batch import OpenSignatureBatch
from api.usecases.read_signature_batch import BatchFound
from api.usecases.signature_batch_work import MAX_ITEMS

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Reason = Callable[[str], tuple[str, str]]
"""The Vietnamese and the English text of a code."""


class SignatureBatchIn(BaseModel):
    """What shall be signed or sealed with which certificate, by one act."""

    model_config = ConfigDict(extra="forbid")

    kind: BatchKind
    certificate_id: Id
    result_ids: Annotated[list[Id], Field(max_length=MAX_ITEMS)] = Field(
        default_factory=list, description="In the order in which the signer sees them; none twice"
    )
    previewed: Annotated[dict[Id, Sha256], Field(max_length=MAX_ITEMS)] = Field(
        default_factory=dict,
        description="SHA-256 of files as they were previewed, by result; one that changed since is refused",
    )
    all_ready: bool = Field(
        default=False, description="Seals only: everything of the seal's agency that is signed and waits for it"
    )
    capacity: SigningCapacity | None = Field(default=None, description="As printed; signatures only")

    def to_command(self) -> OpenSignatureBatch:
        """The use-case's command."""
        return OpenSignatureBatch(
            kind=self.kind,
            certificate_id=parse_id("cert", self.certificate_id),
            capacity=self.capacity,
            result_ids=tuple(parse_id("res", one) for one in self.result_ids),
            seen={parse_id("res", one): digest for one, digest in self.previewed.items()},
            all_ready=self.all_ready,
        )


class BatchAuthorisationIn(BaseModel):
    """By what the holder agrees to the whole list.

    A passkey's answer to the challenge, or (embedded profile) a code, or nothing more where there is no second factor.
    """

    model_config = ConfigDict(extra="forbid")

    list_sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="The list that was seen, as the batch tells it; refused when it is another one by now",
    )
    assertion: AssertionIn | None = None
    code: str | None = Field(default=None, pattern=r"^[0-9]{6}$")

    def to_command(self, batch_id: str) -> AuthoriseBatch:
        """The use-case's command."""
        return AuthoriseBatch(
            batch_id=batch_id,
            list_sha256=self.list_sha256,
            assertion=None if self.assertion is None else self.assertion.to_assertion(),
            code=self.code,
        )


class ItemCounts(BaseModel):
    """How many documents stand where."""

    waiting: int
    prepared: int
    refused: int
    signing: int
    signed: int
    failed: int
    cancelled: int


class SignatureBatchView(BaseModel):
    """A batch and how far it is."""

    model_config = ConfigDict(title="SignatureBatch")

    id: str
    kind: BatchKind
    state: BatchState
    certificate_id: str
    capacity: str | None
    count: int
    counts: ItemCounts
    list_sha256: str | None = Field(description="What an authorisation is asked for now; null unless it waits for one")
    authorisation_id: str | None
    reason_code: str | None = Field(description="Why it waits again, or ended early")
    reason_vi: str | None
    reason_en: str | None
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, found: BatchFound, reason: Reason) -> Self:
        """The wire form; `reason` gives the texts of codes."""
        batch = found.batch
        title_vi, title_en = reason(batch.reason_code) if batch.reason_code else (None, None)
        return cls(
            id=batch.batch_id,
            kind=batch.kind,
            state=batch.state,
            certificate_id=batch.certificate_id,
            capacity=batch.capacity,
            count=batch.item_count,
            counts=ItemCounts(**{state.value: number for state, number in found.counts.items()}),
            list_sha256=found.list_sha256,
            authorisation_id=batch.authorisation_id,
            reason_code=batch.reason_code,
            reason_vi=title_vi or None,
            reason_en=title_en or None,
            created_at=batch.created_at,
            changed_at=batch.changed_at,
        )


class SignatureBatchPage(BaseModel):
    """Own batches, newest first."""

    items: list[SignatureBatchView]
    next_cursor: str | None


class BatchItemView(BaseModel):
    """One document of a batch."""

    position: int
    result_id: str
    state: ItemState
    reason_code: str | None
    reason_vi: str | None
    reason_en: str | None
    digest: str | None = Field(description="What is signed, hex; one of the authorisation's list")
    sha256: str | None = Field(description="Of the signed file")
    signature_level: str | None
    authorisation_id: str | None
    changed_at: datetime

    @classmethod
    def of(cls, item: BatchItem, reason: Reason) -> Self:
        """The wire form; `reason` gives the texts of codes that came without."""
        title_vi, title_en = reason(item.reason_code) if item.reason_code else (None, None)
        return cls(
            position=item.position,
            result_id=item.result_id,
            state=item.state,
            reason_code=item.reason_code,
            reason_vi=item.reason_vi or title_vi or None,
            reason_en=item.reason_en or title_en or None,
            digest=item.digest,
            sha256=item.file_sha256,
            signature_level=item.signature_level,
            authorisation_id=item.authorisation_id,
            changed_at=item.changed_at,
        )


class BatchItemPage(BaseModel):
    """Documents of a batch, in their order."""

    items: list[BatchItemView]
    next_cursor: str | None
