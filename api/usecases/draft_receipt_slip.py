"""The reception officer draws up a receipt slip: the papers counted, the page drawn, its QR code reserved.

Nothing is signed, and nobody but the desk sees it: the officer looks at the page first (`preview_receipt_slip`), and
signs exactly that one (`sign_receipt_slip`). Uses no key.
"""

import secrets
from datetime import datetime, time
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.ids import creation_id
from api.records.receipt_slips import CONTENT_SLOT, PAGE_SLOT, ReceiptSlip, ReceiptSlips, SlipState
from api.rendering.typeface import MARK_FONT
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.receipt_desk import ReceiptDesk, receipt_desk
from api.usecases.receipt_paper import ReceiptOrder, digest_of, receipt_values
from api.vietnam_time import VIETNAM, vietnam_day
from signing.pades import TextMark, shown_time, with_room
from vault.model import CitizenId

_CODE_BYTES: Final = 18  # 144 random bits; at least 128 are asked for
_DRAWING_LIMIT_S: Final = 60.0
_FORGOTTEN_AT_ONCE: Final = 50
_PDF: Final = "application/pdf"


def draft_receipt_slip(order: ReceiptOrder, services: Services, caller: Caller, at: datetime) -> ReceiptSlip:
    """Count, draw, keep the page for the officer's look.

    Raises:
        What `receipt_desk` and `receipt_values` raise; ContentNotPrintable: a name in the records cannot be printed;
        RenderingFailed, IsolationError: no page; StoreUnavailable.
    """
    slip_id = creation_id("slip", at)
    with services.db.reading() as tx:
        made = ReceiptSlips(tx).find(slip_id)
    if made is not None:
        return made  # by an earlier run of this request
    desk = receipt_desk(order.dossier_id, services, caller, at)
    code = secrets.token_urlsafe(_CODE_BYTES)
    with services.db.reading() as tx:
        values = receipt_values(tx, order, desk, services, at, code=code)
    drawn: bytes = services.workers.call("api.rendering:render_receipt", values, timeout_s=_DRAWING_LIMIT_S)
    page = with_room(drawn, receipt_mark(desk, at))
    slip = ReceiptSlip(
        slip_id=slip_id,
        dossier_id=order.dossier_id,
        state=SlipState.DRAFT,
        replaces=order.replaces,
        owner_subject=desk.dossier.applicant_subject_id,
        org_code=desk.post.org_code,
        drafted_by=desk.post.subject_id,
        verification_code=code,
        content_sha256=digest_of(values),
        page_sha256=sha256(page).hexdigest(),
        created_at=at,
    )
    contents = ((CONTENT_SLOT, "application/json", order.to_bytes()), (PAGE_SLOT, _PDF, page))
    _keep(slip, contents, services, caller, at)
    return slip


def receipt_mark(desk: ReceiptDesk, at: datetime) -> TextMark:
    """The line at the top right (like mark E): what was signed by which agency's officer, and when; no picture."""
    return TextMark(lines=(f"TIẾP NHẬN HỒ SƠ; {desk.agency.name}", shown_time(at)), font=MARK_FONT.read_bytes())


def _keep(
    slip: ReceiptSlip, contents: tuple[tuple[str, str, bytes], ...], services: Services, caller: Caller, at: datetime
) -> None:
    work = services.vault.work
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(slip.owner_subject), at)
    staged = [
        work.stage(key, record_id=slip.slip_id, slot=slot, media_type=kind, content=content, at=at)
        for slot, kind, content in contents
    ]
    event = event_of(
        caller,
        "draft_receipt_slip",
        at,
        object_type="receipt_slip",
        object_id=slip.slip_id,
        owner_id=slip.owner_subject,
        details=(("dossier", slip.dossier_id), ("page_sha256", slip.page_sha256)),
    )
    with services.db.transaction() as tx:
        garbage = _forget_old_drafts(tx, slip.org_code, services, at)
        ReceiptSlips(tx).add(slip)
        for entry in staged:
            work.keep(tx, entry)
        services.audit.append(tx, event)
    work.discard(garbage, at)


def _forget_old_drafts(tx: Tx, org_code: str, services: Services, at: datetime) -> tuple[str, ...]:
    """Drafts of earlier days carry a date that is over: nobody can sign them any more."""
    today = datetime.combine(vietnam_day(at), time(), tzinfo=VIETNAM)
    slips = ReceiptSlips(tx)
    garbage: list[str] = []
    for old in slips.drafts_before(org_code, today, limit=_FORGOTTEN_AT_ONCE):
        garbage += services.vault.work.forget(tx, old.slip_id)
        slips.drop(old)
    return tuple(garbage)
