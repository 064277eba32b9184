"""Registered pictures of marks: whose signature or which agency's seal, in which version, in force from when to when.

The picture itself lies encrypted in the vault's work area; here stands only its digest. A version is never changed or
taken away: it is confirmed, or withdrawn, and a new one follows. Must not know how a mark is drawn.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, StateConflict, VersionConflict
from api.records.tables import METADATA
from signing.pades.registering import MarkPictureKind

PICTURE_SLOT: Final = "picture"
"""Where the picture lies in the work area, under the picture's id."""

MARK_PICTURES = sa.Table(
    "mark_pictures",
    METADATA,
    sa.Column("picture_id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("holder", sa.String(40), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("width_px", sa.Integer, nullable=False),
    sa.Column("height_px", sa.Integer, nullable=False),
    sa.Column("diameter_um", sa.Integer),
    sa.Column("evidence", sa.String(128), nullable=False),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("uploaded_by", sa.String(40), nullable=False),
    sa.Column("uploaded_at", sa.BigInteger, nullable=False),
    sa.Column("confirmed_by", sa.String(40)),
    sa.Column("confirmed_at", sa.BigInteger),
    sa.Column("withdrawn_by", sa.String(40)),
    sa.Column("withdrawn_at", sa.BigInteger),
    sa.UniqueConstraint("kind", "holder", "version", name="uq_mark_pictures_version"),
)

_MICROMETRES: Final = 1000  # a millimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPicture:
    """One version of a picture."""

    picture_id: str
    kind: MarkPictureKind
    holder: str
    """A signature: `sub_…` of the person. A seal: the code of the agency."""
    version: int
    sha256: str
    """Hex, of the PNG as it is drawn."""
    width_px: int
    height_px: int
    diameter_mm: float | None
    """Of a seal: its real size, to a tenth of a millimetre."""
    evidence: str
    """Number of the paper by which it was registered."""
    valid_from: datetime
    valid_to: datetime | None
    uploaded_by: str
    """Account."""
    uploaded_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def state(self) -> str:
        """`pending`, `confirmed` or `withdrawn`."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "pending" if self.confirmed_at is None else "confirmed"

    def is_in_force(self, at: datetime) -> bool:
        """Whether marks are drawn with it at that moment, if no later version is."""
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= at
        return not withdrawn and self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class MarkPictures:
    """Registered pictures in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, picture_id: str) -> MarkPicture | None:
        """The picture of that id."""
        return self._one(sa.select(MARK_PICTURES).where(MARK_PICTURES.c.picture_id == picture_id))

    def get(self, picture_id: str) -> MarkPicture:
        """The picture of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(picture_id)
        if found is None:
            raise NotFound("Không có hình này.", "There is no such picture.")
        return found

    def next_version(self, kind: MarkPictureKind, holder: str) -> int:
        """The number of the holder's next version."""
        newest = sa.select(sa.func.max(MARK_PICTURES.c.version)).where(*_of(kind, holder))
        return int(self._tx.execute(newest).scalar_one() or 0) + 1

    def add(self, picture: MarkPicture) -> None:
        """Record a version.

        Raises:
            VersionConflict: somebody else recorded this version meanwhile.
        """
        try:
            self._tx.execute(MARK_PICTURES.insert().values(_row(picture)))
        except sa.exc.IntegrityError as err:
            raise VersionConflict from err

    def confirm(self, picture: MarkPicture, account_id: str, at: datetime) -> MarkPicture:
        """Let a picture count; once.

        Raises:
            StateConflict: it was confirmed or withdrawn before.
        """
        open_still = MARK_PICTURES.c.confirmed_at.is_(None) & MARK_PICTURES.c.withdrawn_at.is_(None)
        return self._change(picture, open_still, confirmed_by=account_id, confirmed_at=to_micros(at))

    def withdraw(self, picture: MarkPicture, account_id: str, at: datetime) -> MarkPicture:
        """Let a picture count no longer, or never; for good.

        Raises:
            StateConflict: it was withdrawn before.
        """
        open_still = MARK_PICTURES.c.withdrawn_at.is_(None)
        return self._change(picture, open_still, withdrawn_by=account_id, withdrawn_at=to_micros(at))

    def in_force(self, kind: MarkPictureKind, holder: str, at: datetime) -> MarkPicture | None:
        """The holder's latest confirmed version that has begun, when it is still in force.

        A withdrawn or ended version gives none: an older one does not come back by itself.
        """
        begun = MARK_PICTURES.c.confirmed_at.is_not(None) & (MARK_PICTURES.c.valid_from <= to_micros(at))
        newest = (
            sa.select(MARK_PICTURES).where(*_of(kind, holder), begun).order_by(MARK_PICTURES.c.version.desc()).limit(1)
        )
        found = self._one(newest)
        return found if found is not None and found.is_in_force(at) else None

    def listed(
        self, *, kind: MarkPictureKind | None, holder: str | None, after: str | None, limit: int
    ) -> tuple[MarkPicture, ...]:
        """Pictures in the order of their registration."""
        wanted = sa.select(MARK_PICTURES).order_by(MARK_PICTURES.c.picture_id).limit(limit)
        if kind is not None:
            wanted = wanted.where(MARK_PICTURES.c.kind == kind.value)
        if holder is not None:
            wanted = wanted.where(MARK_PICTURES.c.holder == holder)
        if after is not None:
            wanted = wanted.where(MARK_PICTURES.c.picture_id > after)
        return tuple(_picture(row) for row in self._tx.execute(wanted).mappings())

    def _change(self, picture: MarkPicture, condition: sa.ColumnElement[bool], **values: object) -> MarkPicture:
        this = MARK_PICTURES.c.picture_id == picture.picture_id
        if self._tx.execute(MARK_PICTURES.update().where(this, condition).values(values)).rowcount != 1:
            raise StateConflict("Hình này đã được quyết định.", "The picture was decided before.")
        return self.get(picture.picture_id)

    def _one(self, statement: sa.Select[tuple[object, ...]]) -> MarkPicture | None:
        row = self._tx.execute(statement).mappings().one_or_none()
        return None if row is None else _picture(row)


_TIMES: Final = ("valid_from", "valid_to", "uploaded_at", "confirmed_at", "withdrawn_at")


def _of(kind: MarkPictureKind, holder: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return MARK_PICTURES.c.kind == kind.value, MARK_PICTURES.c.holder == holder


def _row(picture: MarkPicture) -> dict[str, object]:
    columns = [column.name for column in MARK_PICTURES.columns if column.name != "diameter_um"]
    values = {name: getattr(picture, name) for name in columns}
    values |= {name: None if values[name] is None else to_micros(values[name]) for name in _TIMES}
    diameter = None if picture.diameter_mm is None else round(picture.diameter_mm * _MICROMETRES)
    return values | {"kind": picture.kind.value, "diameter_um": diameter}


def _picture(row: sa.RowMapping) -> MarkPicture:
    values = dict(row)
    diameter = values.pop("diameter_um")
    values |= {name: None if values[name] is None else from_micros(values[name]) for name in _TIMES}
    values["kind"] = MarkPictureKind(row["kind"])
    return MarkPicture(**values, diameter_mm=None if diameter is None else diameter / _MICROMETRES)
