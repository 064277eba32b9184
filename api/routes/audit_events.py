"""The audit ledger for auditors."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.paging import Paging, link_next, paging
from api.schemas.audit import AuditEntry, AuditPage, sequence_after, sequence_key
from api.usecases.list_audit_events import ListAuditEvents, list_audit_events
from vault.ledger_sql import EntryFilter

router = APIRouter(prefix="/v1/audit-events", tags=["audit"], max_body_size=JSON_BODY_BYTES)

_Audit = Annotated[Call, Depends(access(Role.AUDITOR, purpose=Purpose.AUDIT))]
_Text = Annotated[str | None, Query(max_length=128)]
_Page = Annotated[Paging, Depends(paging)]


def _wanted(
    *,
    owner: _Text = None,
    object_id: _Text = None,
    account: _Text = None,
    action: _Text = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: AwareDatetime | None = None,
) -> EntryFilter:
    return EntryFilter(owner_id=owner, object_id=object_id, account_id=account, action=action, since=since, until=to)


@router.get("", response_model=AuditPage)
def get_audit_events(call: _Audit, page: _Page, wanted: Annotated[EntryFilter, Depends(_wanted)]) -> Response:
    """Matching entries, newest first."""
    command = ListAuditEvents(wanted=wanted, limit=page.limit + 1, before=sequence_after(page.after))
    shown, cursor = page.cut(list_audit_events(command, call.services, call.caller, call.at), sequence_key)
    view = AuditPage(items=[AuditEntry.of(entry) for entry in shown], next_cursor=cursor)
    answer = JSONResponse(view.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
    link_next(answer, "/v1/audit-events", cursor)
    return answer
