"""The sealed annexes of an issued result go into the owner's vault, each linked to the main document.

Knows annexes and the vault. Must not know the main file's checks: `issue_result` asks for both in one transaction.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from api.db import Tx
from api.errors import StateConflict, TimestampPending
from api.ids import new_id
from api.records.annexes import ANNEX_TYPE, ResultAnnex, ResultAnnexes
from api.records.results import ResultRecord
from api.services import Services
from api.usecases.pending_stamps import COMPLETE_LEVELS
from api.usecases.result_files import load_annex
from api.usecases.verify_document import verify_file
from signing.validation import Verdict
from vault.catalogue import StagedFile
from vault.envelope import CitizenKey
from vault.model import DocumentDetails, DocumentDraft, DocumentId, FileRole

_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedAnnex:
    """An annex that is written and not visible yet."""

    annex: ResultAnnex
    draft: DocumentDraft
    file: StagedFile = field(repr=False)


def staged_annexes(
    record: ResultRecord, main: DocumentDraft, key: CitizenKey, services: Services, at: datetime
) -> tuple[StagedAnnex, ...]:
    """Check the result's annexes and write them; visible once `commit_annexes` ran in the caller's transaction.

    Raises:
        StateConflict: an annex is not sealed, or its seal is not valid. TimestampPending: it waits for its time-stamp
        (I17). IntegrityMismatch: it is not the file that was sealed. StoreUnavailable.
    """
    with services.db.reading() as tx:
        annexes = ResultAnnexes(tx).of_result(record.result_id)
        if any(one.sealed_sha256 is None for one in annexes):
            raise StateConflict("Phụ lục chưa được đóng dấu.", "An annex is not sealed.")
        if any(one.signature_level not in COMPLETE_LEVELS for one in annexes):
            raise TimestampPending
        files = [load_annex(tx, one, services) for one in annexes]
    staged = []
    for annex, pdf in zip(annexes, files, strict=True):
        if verify_file(pdf, services, at).verdict is not Verdict.VALID:
            raise StateConflict("Chữ ký trong phụ lục không còn hợp lệ.", "The seal of an annex is not valid.")
        draft = _draft(annex, record, main, at)
        file = services.vault.stage(
            key, document_id=draft.document_id, role=FileRole.MASTER, media_type=_PDF, content=pdf
        )
        staged.append(StagedAnnex(annex=annex, draft=draft, file=file))
    return tuple(staged)


def commit_annexes(tx: Tx, staged: tuple[StagedAnnex, ...], services: Services, at: datetime) -> None:
    """Put the annexes into the vault, in the transaction that puts the main document there."""
    for one in staged:
        stored = services.vault.commit(tx, one.draft, (one.file,), at)
        ResultAnnexes(tx).change(one.annex, at=at, document_id=stored.document_id)


def _draft(annex: ResultAnnex, record: ResultRecord, main: DocumentDraft, at: datetime) -> DocumentDraft:
    details = DocumentDetails(
        title=f"Phụ lục {annex.no:02d} – {main.details.title}",
        document_number=f"{record.document_number}/PL{annex.no:02d}",
        issued_on=record.document_date,
        signer_name=main.details.signer_name,
        fields=(("annex_of_document", main.document_id), ("annex_of_sha256", record.file_sha256 or "")),
    )
    return replace(main, document_id=DocumentId(new_id("doc", at)), type_code=ANNEX_TYPE, details=details)
