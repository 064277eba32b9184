"""Receipt slips on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.records.receipt_slips import ReceiptSlip, SlipState
from api.rendering.receipt_content import MOST_COMPONENTS
from api.schemas.text import Code, Id
from api.usecases.planned_receipt import SlipToSign
from api.usecases.receipt_paper import CountedPapers, ReceiptOrder
from api.usecases.sign_receipt_slip import SignReceiptSlip

_Count = Annotated[int, Field(ge=0, le=999, strict=True)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CountedPapersIn(BaseModel):
    """How much of one component was handed in; what is reused from the vault is known here."""

    model_config = ConfigDict(extra="forbid")

    type_code: Code
    originals: _Count = 0
    copies: _Count = 0
    electronic: _Count = 0
    """Files that came with an online dossier."""


class ReceiptSlipBody(BaseModel):
    """What the officer counted."""

    model_config = ConfigDict(extra="forbid")

    components: Annotated[list[CountedPapersIn], Field(max_length=MOST_COMPONENTS)] = []
    fee_vnd: Annotated[int | None, Field(ge=0, le=100_000_000_000)] = None
    """In đồng; left out when it is not known at reception."""
    replaces: Id | None = None
    """The dossier's signed slip that this one takes the place of."""

    def to_order(self, dossier_id: str) -> ReceiptOrder:
        """The use-case's command."""
        return ReceiptOrder(
            dossier_id=parse_id("dos", dossier_id),
            components=tuple(CountedPapers(**one.model_dump()) for one in self.components),
            fee_vnd=self.fee_vnd,
            replaces=self.replaces and parse_id("slip", self.replaces),
        )


class ReceiptPreparationBody(BaseModel):
    """With which certificate a slip is previewed or prepared, and which page was looked at."""

    model_config = ConfigDict(extra="forbid")

    certificate_id: Id
    file_sha256: _Sha256 | None = None
    """Of the page that was looked at (`Anso-File-Sha256`): another one is refused."""

    def to_wanted(self, slip_id: str) -> SlipToSign:
        """The use-case's command."""
        return SlipToSign(
            slip_id=parse_id("slip", slip_id),
            certificate_id=parse_id("cert", self.certificate_id),
            file_sha256=self.file_sha256,
        )


class ReceiptSignatureBody(ReceiptPreparationBody):
    """With which certificate a slip is signed, and by what its holder agreed."""

    authorisation_id: Id | None = None
    """The confirmed authorisation of its preparation; without one the key is used at once."""
    second_factor: Annotated[str | None, Field(max_length=12, repr=False)] = None

    def to_command(self, slip_id: str) -> SignReceiptSlip:
        """The use-case's command."""
        return SignReceiptSlip(
            wanted=self.to_wanted(slip_id),
            authorisation_id=self.authorisation_id and parse_id("sad", self.authorisation_id),
            second_factor=self.second_factor,
        )


class ReceiptSlipOut(BaseModel):
    """A receipt slip."""

    id: str
    dossier_id: str
    state: SlipState
    ordinal: int | None
    """1 for the dossier's first slip, 2 for the one that replaces it; null until it is signed."""
    replaces: str | None
    verification_url: str
    """What the QR code leads to, once it is signed."""
    page_sha256: str
    """Of the page before the signature."""
    file_sha256: str | None
    signature_level: str | None
    created_at: datetime
    signed_at: datetime | None

    @classmethod
    def of(cls, slip: ReceiptSlip, public_url: str) -> Self:
        """The wire form."""
        return cls(
            id=slip.slip_id,
            dossier_id=slip.dossier_id,
            state=slip.state,
            ordinal=slip.ordinal,
            replaces=slip.replaces,
            verification_url=f"{public_url}/v/{slip.verification_code}",
            page_sha256=slip.page_sha256,
            file_sha256=slip.file_sha256,
            signature_level=slip.signature_level,
            created_at=slip.created_at,
            signed_at=slip.signed_at,
        )
