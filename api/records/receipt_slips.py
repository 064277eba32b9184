"""Receipt slips of dossiers: which one was given when, by whom, and which one took its place.

Knows that of two slips signed at once one counts. Must not hold anything that stands on a slip: its page and its list
of papers lie encrypted in work slots of the applicant's vault; the table has ids, codes and digests only (DESIGN §4).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict
from api.records.tables import METADATA

CONTENT_SLOT: Final = "content"
"""Work slot with what the officer counted (JSON)."""
PAGE_SLOT: Final = "page"
"""Work slot with the page as it was drawn, before the signature."""
SIGNED_SLOT: Final = "signed"
"""Work slot with the signed slip."""

RECEIPT_SLIPS = sa.Table(
    "receipt_slips",
    METADATA,
    sa.Column("slip_id", sa.String(40), primary_key=True),
    sa.Column("dossier_id", sa.String(40), nullable=False),
    sa.Column("ordinal", sa.Integer),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("replaces", sa.String(40)),
    sa.Column("owner_subject", sa.String(40), nullable=False),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("drafted_by", sa.String(40), nullable=False),
    sa.Column("verification_code", sa.String(40), nullable=False),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("page_sha256", sa.String(64), nullable=False),
    sa.Column("certificate_id", sa.String(40)),
    sa.Column("file_sha256", sa.String(64)),
    sa.Column("first_sha256", sa.String(64)),
    sa.Column("signature_level", sa.String(8)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("signed_at", sa.BigInteger),
    sa.Index("ix_receipt_slips_code", "verification_code", unique=True),
    sa.Index("ix_receipt_slips_file", "file_sha256"),
    sa.Index("ix_receipt_slips_first_file", "first_sha256"),
    # a draft has no ordinal yet; of two signed at once one takes it
    sa.Index("ix_receipt_slips_ordinal", "dossier_id", "ordinal", unique=True),
)


class SlipState(StrEnum):
    """Where a slip stands: `DRAFT → SIGNED → REPLACED`."""

    DRAFT = "draft"
    """Drawn for the officer to look at; nobody else sees it."""
    SIGNED = "signed"
    REPLACED = "replaced"
    """A later slip of the dossier counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSlip:
    """One receipt slip (giấy tiếp nhận hồ sơ và hẹn trả kết quả)."""

    slip_id: str
    dossier_id: str
    ordinal: int | None = None
    """1 for the dossier's first signed slip; None: not signed."""
    state: SlipState
    replaces: str | None = None
    owner_subject: str
    """The applicant, under whose key the files lie."""
    org_code: str
    """Agency of the officer's desk."""
    drafted_by: str
    """Natural person: the officer who counted the papers, and alone may sign."""
    verification_code: str
    """In the QR code; reserved with the draft, because it stands on the page (I12)."""
    content_sha256: str
    """Hex, over the values that are printed."""
    page_sha256: str
    """Hex, of the page before the signature."""
    certificate_id: str | None = None
    file_sha256: str | None = None
    first_sha256: str | None = None
    """Hex, of the file as the applicant could fetch it first: without a time-stamp, if that came later (I17)."""
    signature_level: str | None = None
    version: int = 1
    created_at: datetime
    signed_at: datetime | None = None


class ReceiptSlips:
    """Receipt slips in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, slip: ReceiptSlip) -> None:
        """Record a draft."""
        self._tx.execute(RECEIPT_SLIPS.insert().values(**_columns(slip)))

    def find(self, slip_id: str) -> ReceiptSlip | None:
        """The slip of that id."""
        return self._one(RECEIPT_SLIPS.c.slip_id == slip_id)

    def get(self, slip_id: str) -> ReceiptSlip:
        """The slip of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(slip_id)
        if found is None:
            raise slip_unknown()
        return found

    def given_under(self, verification_code: str) -> ReceiptSlip | None:
        """The signed slip that carries this QR code; a draft was given to nobody."""
        columns = RECEIPT_SLIPS.c
        return self._one(columns.verification_code == verification_code, columns.ordinal.is_not(None))

    def find_by_file(self, file_sha256: str) -> ReceiptSlip | None:
        """The signed slip whose file has this SHA-256 (hex), or had it before its time-stamp came."""
        columns = RECEIPT_SLIPS.c
        return self._one(sa.or_(columns.file_sha256 == file_sha256, columns.first_sha256 == file_sha256))

    def of_dossier(self, dossier_id: str) -> tuple[ReceiptSlip, ...]:
        """The signed slips of a dossier, the first one first."""
        columns = RECEIPT_SLIPS.c
        rows = self._tx.execute(
            RECEIPT_SLIPS.select()
            .where(columns.dossier_id == dossier_id, columns.ordinal.is_not(None))
            .order_by(columns.ordinal)
        )
        return tuple(_slip(row) for row in rows.mappings())

    def drafts_before(self, org_code: str, before: datetime, *, limit: int) -> tuple[ReceiptSlip, ...]:
        """Drafts of an agency from before that moment: the day printed on them is over, nobody can sign them."""
        columns = RECEIPT_SLIPS.c
        rows = self._tx.execute(
            RECEIPT_SLIPS.select()
            .where(
                columns.org_code == org_code,
                columns.state == SlipState.DRAFT.value,
                columns.created_at < to_micros(before),
            )
            .limit(limit)
        )
        return tuple(_slip(row) for row in rows.mappings())

    def drop(self, slip: ReceiptSlip) -> None:
        """Forget a draft."""
        columns = RECEIPT_SLIPS.c
        self._tx.execute(
            RECEIPT_SLIPS.delete().where(columns.slip_id == slip.slip_id, columns.state == SlipState.DRAFT.value)
        )

    def change(self, slip: ReceiptSlip, **changes: object) -> ReceiptSlip:
        """Store ``changes`` if nobody changed the slip since it was read.

        Raises:
            VersionConflict: somebody did, or another slip of the dossier took the ordinal; nothing is written.
        """
        changed = replace(slip, **changes, version=slip.version + 1)  # type: ignore[arg-type]  # replace() checks the names
        columns = RECEIPT_SLIPS.c
        try:
            with self._tx.begin_nested():
                done = self._tx.execute(
                    RECEIPT_SLIPS.update()
                    .where(columns.slip_id == slip.slip_id, columns.version == slip.version)
                    .values(**_columns(changed))
                )
        except sa.exc.IntegrityError as err:
            raise VersionConflict from err
        if done.rowcount != 1:
            raise VersionConflict
        return changed

    def _one(self, *conditions: sa.ColumnElement[bool]) -> ReceiptSlip | None:
        row = self._tx.execute(RECEIPT_SLIPS.select().where(*conditions)).mappings().one_or_none()
        return None if row is None else _slip(row)


def slip_unknown() -> NotFound:
    """The answer for a slip that is not there, or not for this caller: from outside both look the same."""
    return NotFound("Không có giấy tiếp nhận này.", "There is no such receipt slip.")


def _columns(slip: ReceiptSlip) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(slip, name) for name in ReceiptSlip.__slots__}
    return values | {
        "state": slip.state.value,
        "created_at": to_micros(slip.created_at),
        "signed_at": None if slip.signed_at is None else to_micros(slip.signed_at),
    }


def _slip(row: sa.RowMapping) -> ReceiptSlip:
    values = dict(row)
    return ReceiptSlip(
        **values
        | {
            "state": SlipState(values["state"]),
            "created_at": from_micros(values["created_at"]),
            "signed_at": None if values["signed_at"] is None else from_micros(values["signed_at"]),
        }
    )
