"""The appraiser puts a separate file beside a draft: an annex, which the clerk seals together with the main file.

Its pages are drawn anew as PDF/A-2b in a limited process: what is active or hidden in an upload does not come along.
"""

import contextlib
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import ContentFrozen, InputInvalid, NotFound
from api.ids import creation_id
from api.records.annexes import MAX_ANNEXES, ResultAnnex, ResultAnnexes
from api.records.results import Results, ResultState
from api.services import Services
from api.usecases.result_agency import require_agency_post
from api.usecases.result_events import result_event
from api.usecases.verify_document import require_pdf
from vault.model import CitizenId

_PDF: Final = "application/pdf"
_DRAWING_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAnnex:
    """Which draft, and the file."""

    result_id: str
    content: bytes = field(repr=False)


def add_annex(command: AddAnnex, services: Services, caller: Caller, at: datetime) -> ResultAnnex:
    """Check the file, draw it as PDF/A, and keep it with the draft; the appraisal that follows stands by it too.

    Raises:
        NotFound, Forbidden (another agency's); ContentFrozen: the result was appraised already (I12);
        InputInvalid: too many; FileEmpty, FileNotPdf; CopyImpossible: no PDF/A can be made of it; StoreUnavailable.
    """
    annex_id = creation_id("anx", at)
    require_pdf(command.content)
    with services.db.reading() as tx:
        with contextlib.suppress(NotFound):
            return ResultAnnexes(tx).get(annex_id)  # an earlier run of this request made it
        record = Results(tx).get(command.result_id)
        require_agency_post(tx, record, caller, at)
        if record.state is not ResultState.DRAFTED:
            raise ContentFrozen
    pdf: bytes = services.workers.call("api.rendering:plain_copy", command.content, None, timeout_s=_DRAWING_LIMIT_S)
    with services.db.transaction() as tx:
        known = len(ResultAnnexes(tx).of_result(record.result_id))
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    if known >= MAX_ANNEXES:
        raise InputInvalid(f"Nhiều nhất {MAX_ANNEXES} phụ lục.", f"At most {MAX_ANNEXES} annexes.")
    annex = ResultAnnex(
        annex_id=annex_id,
        result_id=record.result_id,
        no=known + 1,
        plain_sha256=hashlib.sha256(pdf).hexdigest(),
        added_by=caller.subject_id or caller.account_id,
        created_at=at,
        changed_at=at,
    )
    staged = services.vault.work.stage(
        key, record_id=record.result_id, slot=annex.plain_slot, media_type=_PDF, content=pdf, at=at
    )
    with services.db.transaction() as tx:
        Results(tx).change(record, at=at)  # an appraisal meanwhile makes this a conflict of versions
        ResultAnnexes(tx).add(annex)
        services.vault.work.keep(tx, staged)
        event = result_event(
            "add_annex",
            record,
            caller,
            at,
            details=(("annex", annex.annex_id), ("file_sha256", annex.plain_sha256)),
        )
        services.audit.append(tx, event)
    return annex
