"""Campaigns with a licensed authority on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.records.campaigns import Campaign, CampaignEntry, CampaignState, EntryState
from api.usecases.certificate_campaign import CampaignFound

_Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class CampaignBody(BaseModel):
    """A campaign and the licensed authority that will issue."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    authority: _Name


class EntryCounts(BaseModel):
    """How many applicants stand where."""

    collected: int
    exported: int
    imported: int


class CampaignView(BaseModel):
    """A campaign."""

    model_config = ConfigDict(title="Campaign")

    id: str
    name: str
    authority: str
    state: CampaignState
    opened_at: datetime
    exported_at: datetime | None
    package_sha256: str | None

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """The wire form."""
        return cls(
            id=campaign.campaign_id,
            name=campaign.name,
            authority=campaign.authority,
            state=campaign.state,
            opened_at=campaign.opened_at,
            exported_at=campaign.exported_at,
            package_sha256=campaign.package_sha256,
        )


class CampaignDetail(CampaignView):
    """A campaign with the figures of its applicants."""

    applicants: EntryCounts

    @classmethod
    def of_found(cls, found: CampaignFound) -> Self:
        """The wire form."""
        counts = EntryCounts(**{state.value: number for state, number in found.counts.items()})
        return cls(**CampaignView.of(found.campaign).model_dump(), applicants=counts)


class CampaignPage(BaseModel):
    """Campaigns, oldest first."""

    items: list[CampaignView]
    next_cursor: str | None


class CampaignEntryView(BaseModel):
    """One applicant, without the data that only the package holds."""

    model_config = ConfigDict(title="CampaignEntry")

    id: str
    subject_id: str
    state: EntryState
    has_own_key: bool
    certificate_id: str | None
    added_at: datetime

    @classmethod
    def of(cls, entry: CampaignEntry) -> Self:
        """The wire form."""
        return cls(
            id=entry.entry_id,
            subject_id=entry.subject_id,
            state=entry.state,
            has_own_key=entry.key_sha256 is not None,
            certificate_id=entry.certificate_id,
            added_at=entry.added_at,
        )


class CampaignEntryPage(BaseModel):
    """Applicants in the order in which they came in."""

    items: list[CampaignEntryView]
    next_cursor: str | None
