"""Applicants of a campaign come in as a file; each row becomes a place in the campaign, or a reason why not (F4).

A row may carry the certificate request of the applicant's own token: then the licensed authority certifies that key.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import CertDuplicateActive, CertSelfApproval, RowCellUnsafe, StateConflict
from api.ids import new_id
from api.records.bulk import Batch, BatchKind
from api.records.bulk_rows import WaitingRow
from api.records.campaigns import CampaignEntry, Campaigns, CampaignState, EntryState
from api.records.external_certificates import ExternalCertificates, ExternalFilter, ExternalState
from api.services import Services
from api.usecases.applicant_csv import CITIZEN_COLUMNS, read_applicants
from api.usecases.applicant_person import citizen_of
from api.usecases.applicant_row import read_citizen, row_from_bytes
from api.usecases.auditing import event_of
from api.usecases.batch_work import RowMade, RowWork
from api.usecases.file_request_batch import waiting_rows
from api.usecases.receive_batch import NewBatch, receive_batch
from signing.ca.proof import check_csr
from signing.identity import CertificateClass
from signing.keys import KeyKind
from signing.trust import TrustProfile

_TOKEN_KEYS: Final = (KeyKind.EC_P256, KeyKind.EC_P384, KeyKind.RSA_3072)
_ENOUGH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AddApplicants:
    """The file and the campaign."""

    campaign_id: str
    evidence: str
    content: bytes = field(repr=False)


def add_applicants(command: AddApplicants, services: Services, caller: Caller, at: datetime) -> Batch:
    """Take the file in; the rows are worked on by a job.

    Raises:
        NotFound, StateConflict: no such campaign, or it was exported. What `read_applicants` and `receive_batch` raise.
    """
    with services.db.reading() as tx:
        _require_collecting(Campaigns(tx, services.sealer), command.campaign_id)
    rows = waiting_rows(read_applicants(command.content, CITIZEN_COLUMNS))
    new = NewBatch(kind=BatchKind.CAMPAIGN, evidence=command.evidence, rows=rows, campaign_id=command.campaign_id)
    return receive_batch(new, services, caller, at)


def applicant_row(work: RowWork, waiting: WaitingRow, _examined: object) -> RowMade:
    """The place of one row's applicant in the campaign, or the reason why not."""
    campaign_id = work.batch.campaign_id or ""
    campaigns = Campaigns(work.tx, work.services.sealer)
    _require_collecting(campaigns, campaign_id)
    applicant = read_citizen(row_from_bytes(waiting.row_number, waiting.content), work.at)
    csr, key_sha256 = _proven(applicant.csr)
    subject_id = citizen_of(work.tx, applicant, work.services, work.at)
    if subject_id == work.batch.filer_subject_id:
        raise CertSelfApproval
    there = campaigns.entry_of(campaign_id, subject_id)
    if there is not None:
        return RowMade(result_id=there.entry_id, is_new=False)
    if key_sha256 is not None and campaigns.entry_by_key(campaign_id, key_sha256) is not None:
        raise RowCellUnsafe("Khóa này của người khác.", "The key is another applicant's.")
    _require_none_yet(work, subject_id)
    entry = CampaignEntry(
        entry_id=new_id("app", work.at),
        campaign_id=campaign_id,
        subject_id=subject_id,
        state=EntryState.COLLECTED,
        key_sha256=key_sha256,
        certificate_id=None,
        added_by=work.caller.account_id,
        added_at=work.at,
    )
    campaigns.add_entry(entry, csr)
    event = event_of(
        work.caller,
        "add_applicant",
        work.at,
        object_type="campaign",
        object_id=campaign_id,
        owner_id=subject_id,
        details=(("applicant", entry.entry_id), ("batch", work.batch.batch_id)),
    )
    work.services.audit.append(work.tx, event)
    return RowMade(result_id=entry.entry_id)


def _require_collecting(campaigns: Campaigns, campaign_id: str) -> None:
    if campaigns.get(campaign_id).state is not CampaignState.COLLECTING:
        raise StateConflict("Đợt này đã xuất, không nhận thêm.", "The campaign was exported; nobody is added.")


def _proven(encoded: str | None) -> tuple[bytes | None, str | None]:
    """The request of the own token and the digest of the key that it proves."""
    if encoded is None:
        return None, None
    try:
        csr = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as err:
        raise RowCellUnsafe("Cột csr cần base64 của PKCS#10.", "The column csr takes base64 of a PKCS#10.") from err
    # no challenge: the request goes on to the licensed authority, which asks for its own proof
    proven = check_csr(csr, allowed=_TOKEN_KEYS, challenge=None)
    return csr, hashlib.sha256(proven.public_key_spki).hexdigest()


def _require_none_yet(work: RowWork, subject_id: str) -> None:
    """I2: a citizen with a public certificate that counts does not need another one."""
    wanted = ExternalFilter(
        subject_id=subject_id, certificate_class=CertificateClass.CITIZEN, profile=TrustProfile.PUBLIC
    )
    for one in ExternalCertificates(work.tx).page(wanted, after=None, limit=_ENOUGH):
        if one.state in (ExternalState.ACTIVE, ExternalState.ON_HOLD) and work.at <= one.not_after:
            raise CertDuplicateActive
