"""Campaigns with a licensed authority: opened, filled with applicants, handed over as a package (F4).

Our own authority gives no public signatures: a campaign collects citizens' applications here, and a licensed authority
issues. Who opened it does not hand it over (four eyes): the package holds citizens' data. It is made once, kept sealed
and never made again, so that its digest is the digest of what the authority got.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertSelfApproval, Forbidden, InputInvalid, StateConflict
from api.ids import creation_id
from api.records.accounts import Accounts
from api.records.campaigns import Campaign, CampaignEntry, Campaigns, CampaignState, EntryForExport, EntryState
from api.records.people import People
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.refusals import refusals_recorded

FORMAT: Final = "anso-campaign-1"
_MAX_TEXT: Final = 128
_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCampaign:
    """What it is called, and which licensed authority will issue."""

    name: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFound:
    """A campaign and how many of its applicants stand where."""

    campaign: Campaign
    counts: dict[EntryState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindEntries:
    """Which applicants of which campaign, and which page of them."""

    campaign_id: str
    state: EntryState | None
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What the authority gets."""

    content: bytes = field(repr=False)
    """JSON, UTF-8."""
    sha256: str


def open_campaign(command: OpenCampaign, services: Services, caller: Caller, at: datetime) -> Campaign:
    """Open a campaign; applicants can be added.

    Raises:
        Forbidden: nobody stands behind the account. InputInvalid: a name is missing or has hidden characters.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    for text in (command.name, command.authority):
        if not text.strip() or len(text) > _MAX_TEXT or not text.isprintable():
            raise InputInvalid("Tên có 1-128 ký tự in được.", "A name has 1-128 printable characters.")
    campaign = Campaign(
        campaign_id=creation_id("cam", at),
        name=command.name.strip(),
        authority=command.authority.strip(),
        state=CampaignState.COLLECTING,
        opened_by=caller.account_id,
        opener_subject_id=caller.subject_id,
        opened_at=at,
    )
    with services.db.transaction() as tx:
        campaigns = Campaigns(tx, services.sealer)
        made = campaigns.find(campaign.campaign_id)
        if made is not None:
            return made  # by an earlier run of this request
        campaigns.add(campaign)
        _log(tx, "open_campaign", campaign.campaign_id, services, caller=caller, at=at)
    return campaign


def read_campaign(campaign_id: str, services: Services) -> CampaignFound:
    """The campaign as it stands.

    Raises:
        NotFound: there is none.
    """
    with services.db.reading() as tx:
        campaigns = Campaigns(tx, services.sealer)
        return CampaignFound(campaign=campaigns.get(campaign_id), counts=campaigns.counts(campaign_id))


def find_campaigns(services: Services, *, after: str | None, limit: int) -> tuple[Campaign, ...]:
    """At most `limit` campaigns in the order of their ids."""
    with services.db.reading() as tx:
        return Campaigns(tx, services.sealer).page(after=after, limit=limit)


def find_entries(command: FindEntries, services: Services) -> tuple[CampaignEntry, ...]:
    """At most `limit` applicants in the order of their ids; by subject, without their data.

    Raises:
        NotFound: there is no such campaign.
    """
    with services.db.reading() as tx:
        campaigns = Campaigns(tx, services.sealer)
        campaigns.get(command.campaign_id)
        return campaigns.entries(command.campaign_id, state=command.state, after=command.after, limit=command.limit)


def export_campaign(campaign_id: str, services: Services, caller: Caller, at: datetime) -> CampaignFound:
    """Make the package and close the campaign for new applicants.

    Raises:
        NotFound; CertSelfApproval: who opened it, or brought applicants in. StateConflict: exported before, or nobody
        applied.
    """
    event = event_of(caller, "export_campaign", at, object_type="campaign", object_id=campaign_id)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        campaigns = Campaigns(tx, services.sealer)
        campaign = campaigns.get(campaign_id)
        _require_other_person(tx, campaign, campaigns.adders(campaign_id), caller)
        applicants = [_applicant(tx, one, services) for one in _every(campaigns, campaign_id)]
        if not applicants:
            raise StateConflict("Chưa có người đăng ký.", "Nobody has applied.")
        package = _package(campaign, applicants, at)
        digest = hashlib.sha256(package).hexdigest()
        campaigns.export(campaign_id, package, digest, by=caller.account_id, at=at)
        details = (("applicants", str(len(applicants))), ("sha256", digest))
        _log(tx, "export_campaign", campaign_id, services, caller=caller, at=at, details=details)
        return CampaignFound(campaign=campaigns.get(campaign_id), counts=campaigns.counts(campaign_id))


def _require_other_person(tx: Tx, campaign: Campaign, adders: tuple[str, ...], caller: Caller) -> None:
    """Four eyes: natural persons are compared, whatever their accounts."""
    persons: set[str | None] = {campaign.opener_subject_id}
    persons.update(account.subject_id for account in map(Accounts(tx).by_id, adders) if account is not None)
    if caller.subject_id is None or caller.subject_id in persons:
        raise CertSelfApproval


def read_package(campaign_id: str, services: Services, caller: Caller, at: datetime) -> Package:
    """The package as it was made; every reading is in the ledger.

    Raises:
        NotFound; StateConflict: it has not been exported.
    """
    with services.db.transaction() as tx:
        campaigns = Campaigns(tx, services.sealer)
        campaign = campaigns.get(campaign_id)
        package = Package(content=campaigns.package(campaign_id), sha256=campaign.package_sha256 or "")
        _log(
            tx,
            "read_campaign_package",
            campaign_id,
            services,
            caller=caller,
            at=at,
            details=(("sha256", package.sha256),),
        )
    return package


def _every(campaigns: Campaigns, campaign_id: str) -> Iterator[EntryForExport]:
    after: str | None = None
    while page := campaigns.for_export(campaign_id, after=after, limit=_PAGE):
        yield from page
        after = page[-1].entry.entry_id


def _applicant(tx: Tx, found: EntryForExport, services: Services) -> dict[str, object]:
    people = People(tx, services.sealer)
    person = people.get(found.entry.subject_id)
    return {
        "entry_id": found.entry.entry_id,
        "personal_id": people.personal_id(person.subject_id),
        "name": person.name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "csr": None if found.csr is None else base64.b64encode(found.csr).decode(),
        "key_sha256": found.entry.key_sha256,
    }


def _package(campaign: Campaign, applicants: list[dict[str, object]], at: datetime) -> bytes:
    value = {
        "format": FORMAT,
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "authority": campaign.authority,
        "made_at": at.isoformat(),
        "applicants": applicants,
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _log(
    tx: Tx,
    action: str,
    campaign_id: str,
    services: Services,
    *,
    caller: Caller,
    at: datetime,
    details: tuple[tuple[str, str], ...] = (),
) -> None:
    event = event_of(caller, action, at, object_type="campaign", object_id=campaign_id, details=details)
    services.audit.append(tx, event)
