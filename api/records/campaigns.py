"""Campaigns: citizens' applications collected here, handed to a licensed authority, its certificates brought back (F4).

Knows campaigns, applicants and their states. Must not know certificates beyond their ids. What holds personal data (the
handed-over package, a token's certificate request) is sealed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, StateConflict
from api.records.sealing import Sealer

METADATA = sa.MetaData()
_ID = sa.String(40)

CERTIFICATE_CAMPAIGNS = sa.Table(
    "certificate_campaigns",
    METADATA,
    sa.Column("campaign_id", _ID, primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("authority", sa.String(128), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("opened_by", _ID, nullable=False),
    sa.Column("opener_subject_id", _ID, nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("exported_by", _ID),
    sa.Column("exported_at", sa.BigInteger),
    sa.Column("package_sealed", sa.LargeBinary),
    sa.Column("package_sha256", sa.String(64)),
)

CAMPAIGN_ENTRIES = sa.Table(
    "campaign_entries",
    METADATA,
    sa.Column("entry_id", _ID, primary_key=True),
    sa.Column("campaign_id", _ID, sa.ForeignKey("certificate_campaigns.campaign_id"), nullable=False),
    sa.Column("subject_id", _ID, nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("csr_sealed", sa.LargeBinary),
    sa.Column("key_sha256", sa.String(64)),
    sa.Column("certificate_id", _ID),
    sa.Column("added_by", _ID, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("campaign_id", "subject_id", name="uq_campaign_entries_subject"),
    sa.UniqueConstraint("campaign_id", "key_sha256", name="uq_campaign_entries_key"),
    sa.Index("ix_campaign_entries_state", "campaign_id", "state", "entry_id"),
)


class CampaignState(StrEnum):
    """`COLLECTING → EXPORTED → PARTLY_IMPORTED → IMPORTED`."""

    COLLECTING = "collecting"
    EXPORTED = "exported"
    """The package is made; nobody can be added any more."""
    PARTLY_IMPORTED = "partly_imported"
    IMPORTED = "imported"
    """Every applicant has the certificate."""


class EntryState(StrEnum):
    """`COLLECTED → EXPORTED → IMPORTED`."""

    COLLECTED = "collected"
    EXPORTED = "exported"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign."""

    campaign_id: str
    name: str
    authority: str
    """The licensed authority, in words."""
    state: CampaignState
    opened_by: str
    opener_subject_id: str
    opened_at: datetime
    exported_by: str | None = None
    exported_at: datetime | None = None
    package_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEntry:
    """One applicant of a campaign."""

    entry_id: str
    campaign_id: str
    subject_id: str
    state: EntryState
    key_sha256: str | None
    """Of the key in the applicant's own token (SubjectPublicKeyInfo, hex); None: the authority makes the key."""
    certificate_id: str | None
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryForExport:
    """An applicant with the certificate request of the own token."""

    entry: CampaignEntry
    csr: bytes | None = field(repr=False)


class Campaigns:
    """Campaigns and applicants in one transaction."""

    def __init__(self, tx: Tx, sealer: Sealer) -> None:
        self._tx = tx
        self._sealer = sealer

    def add(self, campaign: Campaign) -> None:
        """Record a new campaign."""
        self._tx.execute(
            CERTIFICATE_CAMPAIGNS.insert().values(
                campaign_id=campaign.campaign_id,
                name=campaign.name,
                authority=campaign.authority,
                state=campaign.state.value,
                opened_by=campaign.opened_by,
                opener_subject_id=campaign.opener_subject_id,
                opened_at=to_micros(campaign.opened_at),
            )
        )

    def find(self, campaign_id: str) -> Campaign | None:
        """The campaign of that id."""
        columns = [column for column in CERTIFICATE_CAMPAIGNS.c if column.name != "package_sealed"]
        row = self._tx.execute(sa.select(*columns).where(columns[0] == campaign_id)).one_or_none()
        return None if row is None else _campaign(row)

    def get(self, campaign_id: str) -> Campaign:
        """The campaign of that id.

        Raises:
            NotFound: there is none.
        """
        campaign = self.find(campaign_id)
        if campaign is None:
            raise NotFound("Không có đợt cấp chứng thư này.", "There is no such campaign.")
        return campaign

    def page(self, *, after: str | None, limit: int) -> tuple[Campaign, ...]:
        """Campaigns in the order of their ids."""
        columns = [column for column in CERTIFICATE_CAMPAIGNS.c if column.name != "package_sealed"]
        statement = sa.select(*columns).order_by(columns[0]).limit(limit)
        if after is not None:
            statement = statement.where(columns[0] > after)
        return tuple(_campaign(row) for row in self._tx.execute(statement))

    def add_entry(self, entry: CampaignEntry, csr: bytes | None) -> None:
        """Record an applicant; the request of the own token is sealed."""
        self._tx.execute(
            CAMPAIGN_ENTRIES.insert().values(
                entry_id=entry.entry_id,
                campaign_id=entry.campaign_id,
                subject_id=entry.subject_id,
                state=entry.state.value,
                csr_sealed=None if csr is None else self._sealer.seal(csr, _csr_place(entry.entry_id)),
                key_sha256=entry.key_sha256,
                certificate_id=None,
                added_by=entry.added_by,
                added_at=to_micros(entry.added_at),
            )
        )

    def entry_of(self, campaign_id: str, subject_id: str) -> CampaignEntry | None:
        """The applicant, when the person is one."""
        return self._entry(CAMPAIGN_ENTRIES.c.campaign_id == campaign_id, CAMPAIGN_ENTRIES.c.subject_id == subject_id)

    def entry_by_key(self, campaign_id: str, key_sha256: str) -> CampaignEntry | None:
        """The applicant whose own token has this key."""
        return self._entry(CAMPAIGN_ENTRIES.c.campaign_id == campaign_id, CAMPAIGN_ENTRIES.c.key_sha256 == key_sha256)

    def entries(
        self, campaign_id: str, *, state: EntryState | None, after: str | None, limit: int
    ) -> tuple[CampaignEntry, ...]:
        """Applicants in the order of their ids, beginning behind ``after``."""
        return tuple(_entry(row) for row in self._entries(campaign_id, state, after, limit))

    def for_export(self, campaign_id: str, *, after: str | None, limit: int) -> tuple[EntryForExport, ...]:
        """Applicants with the unsealed requests of their tokens, in the order of their ids."""
        return tuple(
            EntryForExport(
                entry=_entry(row),
                csr=None
                if row["csr_sealed"] is None
                else self._sealer.unseal(row["csr_sealed"], _csr_place(row["entry_id"])),
            )
            for row in self._entries(campaign_id, None, after, limit)
        )

    def adders(self, campaign_id: str) -> tuple[str, ...]:
        """The accounts whose files brought applicants in."""
        columns = CAMPAIGN_ENTRIES.c
        query = sa.select(columns.added_by).where(columns.campaign_id == campaign_id).distinct()
        return tuple(self._tx.execute(query).scalars())

    def counts(self, campaign_id: str) -> dict[EntryState, int]:
        """How many applicants stand in each state."""
        entries = CAMPAIGN_ENTRIES.c
        rows = self._tx.execute(
            sa.select(entries.state, sa.func.count()).where(entries.campaign_id == campaign_id).group_by(entries.state)
        )
        return dict.fromkeys(EntryState, 0) | {EntryState(row[0]): row[1] for row in rows}

    def export(self, campaign_id: str, package: bytes, package_sha256: str, *, by: str, at: datetime) -> None:
        """Keep the package, sealed; from here on nobody is added.

        Raises:
            StateConflict: it was exported before.
        """
        moved = self._tx.execute(
            CERTIFICATE_CAMPAIGNS.update()
            .where(
                CERTIFICATE_CAMPAIGNS.c.campaign_id == campaign_id,
                CERTIFICATE_CAMPAIGNS.c.state == CampaignState.COLLECTING.value,
            )
            .values(
                state=CampaignState.EXPORTED.value,
                exported_by=by,
                exported_at=to_micros(at),
                package_sealed=self._sealer.seal(package, _package_place(campaign_id)),
                package_sha256=package_sha256,
            )
        )
        if moved.rowcount != 1:
            raise StateConflict
        self._tx.execute(
            CAMPAIGN_ENTRIES.update()
            .where(CAMPAIGN_ENTRIES.c.campaign_id == campaign_id)
            .values(state=EntryState.EXPORTED.value)
        )

    def package(self, campaign_id: str) -> bytes:
        """The package as it was handed over.

        Raises:
            StateConflict: there is none yet.
        """
        columns = CERTIFICATE_CAMPAIGNS.c
        sealed = self._tx.execute(
            sa.select(columns.package_sealed).where(columns.campaign_id == campaign_id)
        ).scalar_one()
        if sealed is None:
            raise StateConflict("Đợt này chưa được xuất.", "The campaign has not been exported.")
        return self._sealer.unseal(sealed, _package_place(campaign_id))

    def bring_back(self, entry_id: str, certificate_id: str) -> None:
        """The applicant has a certificate; the campaign is imported once nobody waits any more.

        Raises:
            StateConflict: the applicant has another certificate already, or was never exported.
        """
        entries = CAMPAIGN_ENTRIES.c
        moved = self._tx.execute(
            CAMPAIGN_ENTRIES.update()
            .where(entries.entry_id == entry_id, entries.state == EntryState.EXPORTED.value)
            .values(state=EntryState.IMPORTED.value, certificate_id=certificate_id)
            .returning(entries.campaign_id)
        ).scalar_one_or_none()
        if moved is None:
            raise StateConflict
        waits = self._tx.execute(
            sa.select(entries.entry_id)
            .where(entries.campaign_id == moved, entries.state == EntryState.EXPORTED.value)
            .limit(1)
        ).first()
        state = CampaignState.PARTLY_IMPORTED if waits else CampaignState.IMPORTED
        self._tx.execute(
            CERTIFICATE_CAMPAIGNS.update().where(CERTIFICATE_CAMPAIGNS.c.campaign_id == moved).values(state=state.value)
        )

    def _entry(self, *conditions: sa.ColumnElement[bool]) -> CampaignEntry | None:
        row = self._tx.execute(sa.select(CAMPAIGN_ENTRIES).where(*conditions)).mappings().one_or_none()
        return None if row is None else _entry(row)

    def _entries(
        self, campaign_id: str, state: EntryState | None, after: str | None, limit: int
    ) -> list[sa.RowMapping]:
        entries = CAMPAIGN_ENTRIES.c
        statement = sa.select(CAMPAIGN_ENTRIES).where(entries.campaign_id == campaign_id)
        if state is not None:
            statement = statement.where(entries.state == state.value)
        if after is not None:
            statement = statement.where(entries.entry_id > after)
        return list(self._tx.execute(statement.order_by(entries.entry_id).limit(limit)).mappings())


def _csr_place(entry_id: str) -> str:
    return f"campaign_entries/{entry_id}/csr"


def _package_place(campaign_id: str) -> str:
    return f"certificate_campaigns/{campaign_id}/package"


_TIMES: Final = ("opened_at", "exported_at")


def _campaign(row: sa.Row[tuple[object, ...]]) -> Campaign:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    times = {name: None if values[name] is None else from_micros(values[name]) for name in _TIMES}
    return Campaign(**values | times | {"state": CampaignState(values["state"])})


def _entry(row: sa.RowMapping) -> CampaignEntry:
    return CampaignEntry(
        entry_id=row["entry_id"],
        campaign_id=row["campaign_id"],
        subject_id=row["subject_id"],
        state=EntryState(row["state"]),
        key_sha256=row["key_sha256"],
        certificate_id=row["certificate_id"],
        added_by=row["added_by"],
        added_at=from_micros(row["added_at"]),
    )
