"""Registered pictures of marks on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.errors import InputInvalid
from api.ids import parse_id
from api.records.mark_pictures import MarkPicture
from api.schemas.text import Id, OrgCode
from api.usecases.register_mark_picture import RegisterMarkPicture
from signing.pades.registering import MarkPictureKind


class MarkPictureForm(BaseModel):
    """The fields beside the file `picture`."""

    model_config = ConfigDict(extra="forbid")

    kind: MarkPictureKind
    subject_id: Id | None = Field(default=None, description="Chữ ký: của ai / a signature: whose")
    org_code: OrgCode | None = Field(default=None, description="Con dấu: của cơ quan nào / a seal: which agency's")
    diameter_mm: Annotated[float, Field(gt=0, le=100)] | None = Field(
        default=None, description="Con dấu: đường kính thật / a seal: its real size"
    )
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    evidence: str = Field(min_length=1, max_length=128)

    def to_command(self, upload: bytes) -> RegisterMarkPicture:
        """The use-case's command.

        Raises:
            InputInvalid: not exactly the holder that the kind wants, or a time without its zone.
        """
        is_seal = self.kind is MarkPictureKind.SEAL
        holder, other = (self.org_code, self.subject_id) if is_seal else (self.subject_id, self.org_code)
        if holder is None or other is not None:
            raise InputInvalid(
                "Chữ ký cần `subject_id`, con dấu cần `org_code`.", "A signature needs subject_id, a seal org_code."
            )
        if any(one is not None and one.tzinfo is None for one in (self.valid_from, self.valid_to)):
            raise InputInvalid("Thời điểm cần múi giờ.", "Times need their zone.")
        return RegisterMarkPicture(
            kind=self.kind,
            holder=holder if is_seal else parse_id("sub", holder),
            upload=upload,
            evidence=self.evidence,
            diameter_mm=self.diameter_mm,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class MarkPictureView(BaseModel):
    """One version of a picture; the picture itself is read at `/content`."""

    model_config = ConfigDict(title="MarkPicture")

    id: str
    kind: MarkPictureKind
    subject_id: str | None
    org_code: str | None
    version: int
    state: Literal["pending", "confirmed", "withdrawn"]
    sha256: str
    width_px: int
    height_px: int
    diameter_mm: float | None
    evidence: str
    valid_from: datetime
    valid_to: datetime | None
    uploaded_at: datetime
    confirmed_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, picture: MarkPicture) -> Self:
        """The wire form."""
        is_seal = picture.kind is MarkPictureKind.SEAL
        fields = {name: getattr(picture, name) for name in cls.model_fields if hasattr(picture, name)}
        return cls(
            id=picture.picture_id,
            subject_id=None if is_seal else picture.holder,
            org_code=picture.holder if is_seal else None,
            **fields,
        )


class MarkPicturePage(BaseModel):
    """Pictures in the order of their registration."""

    items: list[MarkPictureView]
    next_cursor: str | None
