"""A sealed result is issued: the born-digital original goes into the owner's vault, grade A (step 5)."""

import json
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import StateConflict, TimestampPending
from api.ids import new_id
from api.records.organisations import Organisations
from api.records.people import People
from api.records.plan_steps import StepObject
from api.records.result_types import result_type
from api.records.results import CONTENT_SLOT, ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.issue_annexes import commit_annexes, staged_annexes
from api.usecases.pending_stamps import COMPLETE_LEVELS
from api.usecases.refusals import refusals_recorded
from api.usecases.result_agency import require_agency_post
from api.usecases.result_events import result_event
from api.usecases.result_files import load_revision
from api.usecases.result_turn import require_turn
from api.usecases.verify_document import verify_file
from signing.validation import Verdict
from vault.model import CitizenId, DocumentDetails, DocumentDraft, DocumentId, FileRole, Grade, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueResult:
    """Which sealed result."""

    result_id: str


def issue_result(command: IssueResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Store the sealed file and move the result to ISSUED; document, row and ledger commit together (S31).

    Raises:
        NotFound, Forbidden (another agency's), StateConflict (not sealed, or not valid), TimestampPending (I17: not
        archived before its time-stamp is there),
        DuplicateDocument (the owner holds this number already), StoreUnavailable (nothing visible was written).
    """
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
    refused = result_event("issue_result", record, caller, at)
    with refusals_recorded(refused, services):
        return _issue(record, services, caller, at)


def _issue(record: ResultRecord, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    with services.db.reading() as tx:
        require_agency_post(tx, record, caller, at)
        _require_turn(record)
        pdf = load_revision(tx, record, services)
        draft = _draft(tx, record, services, at)
    _require_complete(pdf, len(record.signatures), services, at)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    staged = services.vault.stage(
        key, document_id=draft.document_id, role=FileRole.MASTER, media_type="application/pdf", content=pdf
    )
    annexes = staged_annexes(record, draft, key, services, at)
    with services.db.transaction() as tx:
        stored = services.vault.commit(tx, draft, (staged,), at)
        commit_annexes(tx, annexes, services, at)
        changed = Results(tx).change(record, at=at, state=ResultState.ISSUED, document_id=stored.document_id)
        services.audit.append(
            tx,
            event_of(
                caller,
                "issue_result",
                at,
                object_type="document",
                object_id=stored.document_id,
                owner_id=record.owner_subject,
                details=(("result", record.result_id),),
            ),
        )
    return changed


def _require_turn(record: ResultRecord) -> None:
    require_turn(record, StepObject.EVIDENCE)
    if record.signature_level not in COMPLETE_LEVELS:
        raise TimestampPending


def _require_complete(pdf: bytes, planned: int, services: Services, at: datetime) -> None:
    """I17: what goes into the vault is judged by itself: every signature good, each with a trusted time."""
    report = verify_file(pdf, services, at)
    signatures = [one for one in report.signatures if one.kind == "signature"]
    if any(one.best_time is None for one in signatures):
        raise TimestampPending
    if report.verdict is not Verdict.VALID or len(signatures) != planned:
        raise StateConflict("Chữ ký trong tệp không còn hợp lệ.", "The signatures in the file are not valid.")


def _draft(tx: Tx, record: ResultRecord, services: Services, at: datetime) -> DocumentDraft:
    content = json.loads(services.vault.work.read(tx, record.result_id, CONTENT_SLOT).content)
    body = content["body"]
    return DocumentDraft(
        document_id=DocumentId(new_id("doc", at)),
        owner=CitizenId(record.owner_subject),
        type_code=record.result_type,
        grade=Grade.A_ORIGINAL,
        origin=Origin.BORN_DIGITAL,
        details=DocumentDetails(
            title=result_type(record.result_type).title_vi,
            document_number=record.document_number,
            issued_on=record.document_date,
            signer_name=People(tx, services.sealer).get(record.signer_subject).name,
            fields=tuple((name, value) for name, value in body.items() if isinstance(value, str)),
        ),
        issuing_org=record.org_code,
        custodian_org=Organisations(tx).heir_of(record.org_code),
        source_dossier_id=record.dossier_id,
    )
