"""A file of certificates that others issued: each is examined and recorded alone, by a durable job.

Those of a campaign are matched with its applicants: by the key of the applicant's own token, else by the citizen
number. What counts for one certificate counts here too, four eyes included.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import (
    CampaignEntryMissing,
    CampaignKeyMismatch,
    ExternalCertHolder,
    ExternalCertProfile,
    StateConflict,
)
from api.records.bulk import Batch, BatchKind
from api.records.bulk_rows import WaitingRow
from api.records.campaigns import CampaignEntry, Campaigns, CampaignState, EntryState
from api.records.external_certificates import ExternalCertificates
from api.records.people import People
from api.services import Services
from api.usecases.batch_work import RowMade, RowWork
from api.usecases.external_file import bundle_of_file
from api.usecases.external_holder import ClaimedHolder
from api.usecases.import_external_certificate import (
    ImportExternalCertificate,
    examined_certificate,
    record_import,
)
from api.usecases.receive_batch import NewBatch, receive_batch
from signing.identity import CertificateClass
from signing.trust import Evidence, TrustProfile
from signing.validation.foreign import ForeignCertificate

_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCertificateBatch:
    """The file, what the officer saw, and the campaign, if it is one's."""

    evidence: str
    content: bytes = field(repr=False)
    campaign_id: str | None = None


def import_certificate_batch(
    command: ImportCertificateBatch, services: Services, caller: Caller, at: datetime
) -> Batch:
    """Take the file in; authorities' certificates in it serve as links of the paths.

    Raises:
        ExternalFileWrong: nothing readable. NotFound, StateConflict: no such campaign, or it was not exported.
    """
    kind = BatchKind.EXTERNAL
    if command.campaign_id is not None:
        kind = BatchKind.CAMPAIGN_CERTIFICATES
        with services.db.reading() as tx:
            if Campaigns(tx, services.sealer).get(command.campaign_id).state is CampaignState.COLLECTING:
                raise StateConflict("Đợt này chưa được xuất.", "The campaign has not been exported.")
    rows = tuple(
        WaitingRow(row_number=one.position, content=_packed(one.der, one.above))
        for one in bundle_of_file(command.content, services)
    )
    new = NewBatch(kind=kind, evidence=command.evidence, rows=rows, campaign_id=command.campaign_id)
    return receive_batch(new, services, caller, at)


def examine_row(_batch: Batch, waiting: WaitingRow, services: Services, at: datetime) -> object:
    """Examine one certificate in a worker process.

    Raises:
        What `examined_certificate` raises: the row's end.
    """
    der, above = _unpacked(waiting.content)
    return examined_certificate(der, Evidence(certificates=above), services, at)


def certificate_row(work: RowWork, waiting: WaitingRow, examined: object) -> RowMade:
    """Record one certificate that was examined; of a campaign, with the applicant whose it is."""
    if not isinstance(examined, ForeignCertificate):
        raise TypeError("a certificate is examined before it is recorded")
    der, _ = _unpacked(waiting.content)
    entry = None if work.batch.campaign_id is None else _entry(work, work.batch.campaign_id, examined)
    if entry is not None and entry.state is EntryState.IMPORTED:
        return _again(work, entry, examined)
    command = ImportExternalCertificate(
        certificate=der,
        claimed=ClaimedHolder(subject_id=None if entry is None else entry.subject_id),
        evidence=work.batch.evidence,
    )
    imported = record_import(work.tx, command, examined, work.services, work.caller, at=work.at)
    if entry is None:
        return RowMade(result_id=imported.certificate.certificate_id, is_new=imported.is_new)
    Campaigns(work.tx, work.services.sealer).bring_back(entry.entry_id, imported.certificate.certificate_id)
    return RowMade(result_id=imported.certificate.certificate_id)


def _entry(work: RowWork, campaign_id: str, examined: ForeignCertificate) -> CampaignEntry:
    """The applicant whose certificate it is: by the key of the own token, else by the citizen number."""
    if examined.profile is not TrustProfile.PUBLIC:  # whatever else counts as public, DEV and SPECIALISED never do
        raise ExternalCertProfile
    if examined.holder.certificate_class is not CertificateClass.CITIZEN:
        raise ExternalCertHolder
    campaigns = Campaigns(work.tx, work.services.sealer)
    entry = campaigns.entry_by_key(campaign_id, examined.spki_sha256)
    number = examined.holder.personal_id
    if entry is None and number is not None:
        person = People(work.tx, work.services.sealer).by_personal_id(number)
        entry = None if person is None else campaigns.entry_of(campaign_id, person.subject_id)
    if entry is None:
        raise CampaignEntryMissing
    if entry.key_sha256 not in (None, examined.spki_sha256):
        raise CampaignKeyMismatch
    return entry


def _again(work: RowWork, entry: CampaignEntry, examined: ForeignCertificate) -> RowMade:
    """The applicant has a certificate already: this one, or the row is refused."""
    known = ExternalCertificates(work.tx).by_sha256(examined.sha256)
    if known is None or known.certificate_id != entry.certificate_id:
        raise StateConflict("Người này đã có chứng thư của đợt.", "The applicant has a certificate of the campaign.")
    return RowMade(result_id=known.certificate_id, is_new=False)


def _packed(der: bytes, above: tuple[bytes, ...]) -> bytes:
    return b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in (der, *above))


def _unpacked(content: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    found, position = [], 0
    while position < len(content):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(content[position:start], "big")
        found.append(content[start:position])
    return found[0], tuple(found[1:])
