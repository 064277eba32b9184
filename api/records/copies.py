"""Certified copies and conversions to paper: of which document, in which form, by whom, under which number.

Knows the source by id and SHA-256. Must not hold anything that stands on a document: pages lie encrypted in the owner's
vault, and the tables have ids, codes and digests only (DESIGN §4).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict

METADATA = sa.MetaData()

CERTIFIED_COPIES = sa.Table(
    "certified_copies",
    METADATA,
    sa.Column("copy_id", sa.String(40), primary_key=True),
    sa.Column("source_document_id", sa.String(40), nullable=False),
    sa.Column("source_sha256", sa.String(64), nullable=False),
    sa.Column("owner_subject", sa.String(40), nullable=False),
    sa.Column("dossier_id", sa.String(40), nullable=False),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("form", sa.String(12), nullable=False),
    sa.Column("pages", sa.String(500), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("certificate_id", sa.String(40), nullable=False),
    sa.Column("authorisation_id", sa.String(40)),
    sa.Column("number", sa.String(60)),
    sa.Column("file_sha256", sa.String(64)),
    sa.Column("document_id", sa.String(40)),
    sa.Column("made_by", sa.String(40), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Index("ix_certified_copies_source", "source_document_id"),
    sa.Index("ix_certified_copies_authorisation", "authorisation_id", unique=True),
)

PAPER_CONVERSIONS = sa.Table(
    "paper_conversions",
    METADATA,
    sa.Column("conversion_id", sa.String(40), primary_key=True),
    sa.Column("document_id", sa.String(40), nullable=False),
    sa.Column("owner_subject", sa.String(40), nullable=False),
    sa.Column("dossier_id", sa.String(40), nullable=False),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("direction", sa.String(24), nullable=False),
    sa.Column("number", sa.String(60), nullable=False),
    sa.Column("verification_code", sa.String(40), nullable=False),
    sa.Column("mark_text", sa.String(500), nullable=False),
    sa.Column("from_sha256", sa.String(64), nullable=False),
    sa.Column("to_sha256", sa.String(64), nullable=False),
    sa.Column("converted_by", sa.String(40), nullable=False),
    sa.Column("converted_at", sa.BigInteger, nullable=False),
    sa.Index("ix_paper_conversions_code", "verification_code", unique=True),
    sa.Index("ix_paper_conversions_document", "document_id"),
)


class CopyForm(StrEnum):
    """Forms of copies (Decree 30/2020 Art. 25)."""

    SAO_Y = "sao_y"
    """True copy of an original."""
    SAO_LUC = "sao_luc"
    """Copy of a true copy."""
    TRICH_SAO = "trich_sao"
    """Extract."""

    @property
    def words(self) -> str:
        """As it stands in mark E."""
        return {CopyForm.SAO_Y: "SAO Y", CopyForm.SAO_LUC: "SAO LỤC", CopyForm.TRICH_SAO: "TRÍCH SAO"}[self]

    @property
    def abbreviation(self) -> str:
        """As it stands in the number of the copy (Decree 30/2020 annex III)."""
        return {CopyForm.SAO_Y: "SY", CopyForm.SAO_LUC: "SL", CopyForm.TRICH_SAO: "TrS"}[self]


class CopyState(StrEnum):
    """Where a certified copy stands."""

    PREPARED = "prepared"
    """The clerk was asked to agree, or for a token's value; nothing is sealed."""
    SEALED = "sealed"
    """Sealed, and not in the vault yet: the time-stamp or the evidence is awaited (I17)."""
    STORED = "stored"
    WITHDRAWN = "withdrawn"
    """The source was withdrawn while the copy waited for its time-stamp; nothing of the copy is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedCopy:
    """One electronic copy under the agency's seal."""

    copy_id: str
    source_document_id: str
    source_sha256: str
    """Hex, of the file that was copied."""
    owner_subject: str
    dossier_id: str
    org_code: str
    form: CopyForm
    pages: tuple[int, ...]
    """Numbers of the copied pages, from 1; empty: all."""
    state: CopyState
    certificate_id: str
    authorisation_id: str | None = None
    number: str | None = None
    """Number and symbol of the copy, taken when it is stored."""
    file_sha256: str | None = None
    document_id: str | None = None
    made_by: str
    """Natural person: the clerk."""
    version: int = 1
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperConversion:
    """One paper made from an electronic document."""

    conversion_id: str
    document_id: str
    owner_subject: str
    dossier_id: str
    org_code: str
    direction: str
    number: str
    verification_code: str
    mark_text: str
    from_sha256: str
    to_sha256: str
    """Hex, of the pages that were given to the printer."""
    converted_by: str
    converted_at: datetime


def no_such_copy() -> NotFound:
    """The same answer for a copy of another agency's and for none."""
    return NotFound("Không có bản sao này.", "There is no such copy.")


class CertifiedCopies:
    """Certified copies in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, record: CertifiedCopy) -> None:
        """Record a copy that begins."""
        self._tx.execute(CERTIFIED_COPIES.insert().values(**_columns(record)))

    def get(self, copy_id: str) -> CertifiedCopy:
        """The copy of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(copy_id)
        if found is None:
            raise no_such_copy()
        return found

    def find(self, copy_id: str) -> CertifiedCopy | None:
        """The copy of that id; None: there is none, or it was never sealed and is forgotten."""
        return self._find(CERTIFIED_COPIES.c.copy_id == copy_id)

    def under(self, authorisation_id: str) -> CertifiedCopy | None:
        """The copy that was prepared under this authorisation."""
        return self._find(CERTIFIED_COPIES.c.authorisation_id == authorisation_id)

    def abandoned(self, org_code: str, before: datetime) -> tuple[CertifiedCopy, ...]:
        """Copies of an agency that were prepared before that moment and never sealed."""
        rows = self._tx.execute(
            CERTIFIED_COPIES.select().where(
                CERTIFIED_COPIES.c.org_code == org_code,
                CERTIFIED_COPIES.c.state == CopyState.PREPARED.value,
                CERTIFIED_COPIES.c.created_at < to_micros(before),
            )
        )
        return tuple(_record(row) for row in rows.mappings())

    def drop(self, record: CertifiedCopy) -> None:
        """Forget a copy that was never sealed."""
        self._tx.execute(
            CERTIFIED_COPIES.delete().where(
                CERTIFIED_COPIES.c.copy_id == record.copy_id, CERTIFIED_COPIES.c.state == CopyState.PREPARED.value
            )
        )

    def change(self, record: CertifiedCopy, *, at: datetime, **changes: object) -> CertifiedCopy:
        """Store ``changes`` if nobody changed the record since it was read.

        Raises:
            VersionConflict: somebody did; nothing is written.
        """
        changed = replace(record, **changes, version=record.version + 1, changed_at=at)  # type: ignore[arg-type]  # replace() checks the names
        done = self._tx.execute(
            CERTIFIED_COPIES.update()
            .where(CERTIFIED_COPIES.c.copy_id == record.copy_id, CERTIFIED_COPIES.c.version == record.version)
            .values(**_columns(changed))
        )
        if done.rowcount != 1:
            raise VersionConflict
        return changed

    def _find(self, condition: sa.ColumnElement[bool]) -> CertifiedCopy | None:
        row = self._tx.execute(CERTIFIED_COPIES.select().where(condition)).mappings().one_or_none()
        return None if row is None else _record(row)


class PaperConversions:
    """Conversions to paper in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, record: PaperConversion) -> None:
        """Record a conversion."""
        values = {name: getattr(record, name) for name in PaperConversion.__slots__}
        self._tx.execute(PAPER_CONVERSIONS.insert().values(**values | {"converted_at": to_micros(record.converted_at)}))

    def get(self, conversion_id: str) -> PaperConversion:
        """The conversion of that id.

        Raises:
            NotFound: there is none.
        """
        found = self._find(PAPER_CONVERSIONS.c.conversion_id == conversion_id)
        if found is None:
            raise NotFound("Không có bản chuyển đổi này.", "There is no such conversion.")
        return found

    def find_by_code(self, verification_code: str) -> PaperConversion | None:
        """The conversion whose paper carries this QR code."""
        return self._find(PAPER_CONVERSIONS.c.verification_code == verification_code)

    def _find(self, condition: sa.ColumnElement[bool]) -> PaperConversion | None:
        row = self._tx.execute(PAPER_CONVERSIONS.select().where(condition)).mappings().one_or_none()
        if row is None:
            return None
        return PaperConversion(**dict(row) | {"converted_at": from_micros(row["converted_at"])})


def _columns(record: CertifiedCopy) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(record, name) for name in CertifiedCopy.__slots__}
    return values | {
        "form": record.form.value,
        "pages": " ".join(map(str, record.pages)),
        "state": record.state.value,
        "created_at": to_micros(record.created_at),
        "changed_at": to_micros(record.changed_at),
    }


def _record(row: sa.RowMapping) -> CertifiedCopy:
    values = dict(row)
    return CertifiedCopy(
        **values
        | {
            "form": CopyForm(values["form"]),
            "pages": tuple(int(number) for number in values["pages"].split()),
            "state": CopyState(values["state"]),
            "created_at": from_micros(values["created_at"]),
            "changed_at": from_micros(values["changed_at"]),
        }
    )
