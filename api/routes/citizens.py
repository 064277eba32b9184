"""What belongs to one citizen: documents, and the log of who looked at them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.for_dossier import ForDossier
from api.context.paging import Paging, link_next, paging
from api.ids import parse_id
from api.schemas.audit import AuditEntry, AuditPage, sequence_after, sequence_key
from api.schemas.vault import ConsentPageView, ConsentView, DocumentPageView, DocumentView
from api.usecases.list_access_log import ListAccessLog, list_access_log
from api.usecases.list_consents import ListConsents, list_consents
from api.usecases.list_documents import ListDocuments, list_documents
from api.usecases.vault_readers import OFFICERS

router = APIRouter(prefix="/v1/citizens", tags=["citizens"], max_body_size=JSON_BODY_BYTES)

_List = Annotated[Call, Depends(access(Role.CITIZEN, *OFFICERS, purpose=Purpose.READ_OWN_DOCUMENTS))]
_Log = Annotated[Call, Depends(access(Role.CITIZEN, purpose=Purpose.READ_OWN_DOCUMENTS))]
_Page = Annotated[Paging, Depends(paging)]


@router.get("/{subject_id}/documents", response_model=DocumentPageView)
def get_documents(subject_id: str, call: _List, page: _Page, dossier_id: ForDossier) -> Response:
    """The documents that the caller may see, newest first."""
    before = None if page.after is None else parse_id("doc", page.after)
    owner = parse_id("sub", subject_id)
    command = ListDocuments(owner=owner, limit=page.limit, before=before, dossier_id=dossier_id)
    found = list_documents(command, call.services, call.caller, call.at)
    items = [DocumentView.of(each) for each in found.documents]
    view = DocumentPageView(items=items, next_cursor=page.cursor_after(found.next_before))
    answer = JSONResponse(view.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
    named = "" if dossier_id is None else f"?dossier_id={dossier_id}"
    link_next(answer, f"/v1/citizens/{owner}/documents{named}", view.next_cursor)
    return answer


@router.get("/{subject_id}/consents", response_model=ConsentPageView)
def get_consents(subject_id: str, call: _Log, page: _Page) -> Response:
    """What this citizen permitted to whom, newest first."""
    before = None if page.after is None else parse_id("con", page.after)
    command = ListConsents(owner=parse_id("sub", subject_id), limit=page.limit + 1, before=before)
    found = list_consents(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda consent: consent.consent_id)
    view = ConsentPageView(items=[ConsentView.of(consent) for consent in shown], next_cursor=cursor)
    answer = JSONResponse(view.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
    link_next(answer, f"/v1/citizens/{command.owner}/consents", cursor)
    return answer


@router.get("/{subject_id}/access-log", response_model=AuditPage)
def get_access_log(subject_id: str, call: _Log, page: _Page) -> Response:
    """Who looked at, used or changed anything of this citizen's, newest first."""
    command = ListAccessLog(owner=parse_id("sub", subject_id), limit=page.limit + 1, before=sequence_after(page.after))
    shown, cursor = page.cut(list_access_log(command, call.services, call.caller, call.at), sequence_key)
    view = AuditPage(items=[AuditEntry.of(entry) for entry in shown], next_cursor=cursor)
    answer = JSONResponse(view.model_dump(mode="json"), headers={"Cache-Control": "no-store"})
    link_next(answer, f"/v1/citizens/{command.owner}/access-log", cursor)
    return answer
