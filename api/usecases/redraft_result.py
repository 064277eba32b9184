"""The appraiser drafts a result anew that was sent back: new values, perhaps another signer; plan and owner stay."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import Forbidden, StateConflict
from api.records.result_types import result_type
from api.records.results import CONTENT_SLOT, ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.refusals import refusals_recorded
from api.usecases.result_agency import require_agency_post
from api.usecases.result_content import PageDraft, canonical, page_values, require_signer
from api.usecases.result_events import result_event
from vault.model import CitizenId


@dataclass(frozen=True, slots=True, kw_only=True)
class RedraftResult:
    """Which result, and what will stand on its page now."""

    result_id: str
    page: PageDraft


def redraft_result(command: RedraftResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Move a result from SENT_BACK to DRAFTED with its new values; it is appraised and numbered anew.

    Raises:
        NotFound: no such result or post. Forbidden: another agency's. StateConflict: it was not sent back.
        SigningRightMissing: the named signer may not sign this. ContentNotPrintable: a value of the page is wrong.
        VersionConflict: somebody else drafted it meanwhile.
    """
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
    event = result_event("redraft_result", record, caller, at)
    with refusals_recorded(event, services):
        content, signer = _checked(command, services, caller, at)
        with services.db.transaction() as tx:
            key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
        staged = services.vault.work.stage(
            key, record_id=record.result_id, slot=CONTENT_SLOT, media_type="application/json", content=content, at=at
        )
        with services.db.transaction() as tx:
            changed = Results(tx).change(
                record,
                at=at,
                state=ResultState.DRAFTED,
                reason=None,
                signer_subject=signer,
                capacity=command.page.capacity.value,
                draft_sha256=hashlib.sha256(content).hexdigest(),
                drafted_by=caller.subject_id or caller.account_id,
                appraised_by=None,
            )
            services.vault.work.keep(tx, staged)
            services.audit.append(tx, event)
    return changed


def _checked(command: RedraftResult, services: Services, caller: Caller, at: datetime) -> tuple[bytes, str]:
    """The values as they will be stored, and who will sign."""
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
        require_agency_post(tx, record, caller, at)
        if command.page.org_code != record.org_code:
            raise Forbidden
        if record.state is not ResultState.SENT_BACK:
            raise StateConflict
        signer = require_signer(tx, command.page, record.procedure_code, at)
        kind = result_type(record.result_type)
        content = page_values(tx, services, command.page, kind=kind, signer=signer, at=at)
    return canonical(content), signer.subject_id
