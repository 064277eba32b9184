"""Batches of signatures: put together, agreed to by one act, signed in the background, followed live."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging
from api.context.paging import Paging, with_query
from api.errors import InputInvalid
from api.ids import parse_id
from api.problems import reason_of
from api.records.signature_batch_items import ItemState
from api.schemas import signature_batches as wire
from api.schemas.authorisations import AuthorisationOut
from api.schemas.results import EmptyBody
from api.usecases import read_signature_batch as reading
from api.usecases.authorise_signature_batch import ChallengeBatch, authorise_batch, challenge_batch
from api.usecases.change_signature_batch import cancel_batch, retry_batch
from api.usecases.open_signature_batch import open_signature_batch

router = APIRouter(prefix="/v1/signature-batches", tags=["signatures"], max_body_size=JSON_BODY_BYTES)

_SIGNERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK)
_Own = Annotated[Call, Depends(access(*_SIGNERS, purpose=Purpose.AUTHORISE_SIGNATURE))]
_Paging = Annotated[Paging, Depends(paging)]
_POLL_S: Final = 0.4
_LONGEST_S: Final = 900.0  # a client that still waits connects again, with the last number it saw
_AT_ONCE: Final = 100


@router.post("", status_code=202, response_model=wire.SignatureBatchView)
def post_batch(body: wire.SignatureBatchIn, call: _Own) -> Response:
    """Put documents together; each is checked and prepared in the background, or refused alone."""
    command = body.to_command()
    return call.once(
        body, lambda: _taken(open_signature_batch(command, call.services, call.caller, call.at).batch_id, call)
    )


@router.get("")
def get_batches(call: _Own, page: _Paging, response: Response) -> wire.SignatureBatchPage:
    """Own batches, newest first."""
    found = reading.list_signature_batches(call.services, call.caller, after=page.after, limit=page.limit + 1)
    shown, cursor = page.cut(found, lambda one: one.batch.batch_id)
    link_next(response, router.prefix, cursor)
    return wire.SignatureBatchPage(
        items=[wire.SignatureBatchView.of(one, reason_of) for one in shown], next_cursor=cursor
    )


def _batch_id(batch_id: str) -> str:
    return parse_id("sgb", batch_id)


_Id = Annotated[str, Depends(_batch_id)]


@router.get("/{batch_id}")  # noqa: FAST003 - the dependency takes it
def get_batch(batch: _Id, call: _Own, response: Response) -> wire.SignatureBatchView:
    """How far an own batch is; `Retry-After` says when to ask again."""
    found = reading.read_signature_batch(batch, call.services, call.caller)
    if not found.batch.state.is_final:
        response.headers["Retry-After"] = "1"
    return wire.SignatureBatchView.of(found, reason_of)


@router.get("/{batch_id}/items")  # noqa: FAST003 - as above
def get_items(
    batch: _Id, call: _Own, page: _Paging, response: Response, status: ItemState | None = None
) -> wire.BatchItemPage:
    """The documents of an own batch, in their order."""
    command = reading.ReadBatchItems(batch_id=batch, state=status, after=_place(page), limit=page.limit + 1)
    found = reading.read_batch_items(command, call.services, call.caller)
    shown, cursor = page.cut(found, lambda item: str(item.position))
    link_next(response, with_query(f"{router.prefix}/{batch}/items", status=status and status.value), cursor)
    return wire.BatchItemPage(items=[wire.BatchItemView.of(one, reason_of) for one in shown], next_cursor=cursor)


@router.post("/{batch_id}/challenge", status_code=201, response_model=AuthorisationOut)  # noqa: FAST003 - as above
def post_challenge(batch: _Id, body: EmptyBody, call: _Own) -> Response:
    """Ask what the holder's passkey has to answer for the whole list."""

    def action() -> Response:
        seen = challenge_batch(ChallengeBatch(batch_id=batch), call.services, call.caller, call.at)
        view = AuthorisationOut.of(seen, call.services.settings.public_host)
        return JSONResponse(view.model_dump(mode="json"), status_code=201, headers={"Location": _path(batch)})

    return call.once(body, action)


@router.post("/{batch_id}/authorization", status_code=202, response_model=wire.SignatureBatchView)  # noqa: FAST003 - as above
def post_authorization(batch: _Id, body: wire.BatchAuthorisationIn, call: _Own) -> Response:
    """Agree to the whole list by one act; it is signed in the background."""
    command = body.to_command(batch)
    return call.once(body, lambda: _taken(authorise_batch(command, call.services, call.caller, call.at).batch_id, call))


@router.post("/{batch_id}/retry", status_code=202, response_model=wire.SignatureBatchView)  # noqa: FAST003 - as above
def post_retry(batch: _Id, body: EmptyBody, call: _Own) -> Response:
    """Prepare again what was refused or failed; it needs an authorisation of its own."""
    return call.once(body, lambda: _taken(retry_batch(batch, call.services, call.caller, call.at).batch_id, call))


@router.post("/{batch_id}/cancellation", status_code=202, response_model=wire.SignatureBatchView)  # noqa: FAST003 - as above
def post_cancellation(batch: _Id, body: EmptyBody, call: _Own) -> Response:
    """Take back what is not signed yet; what was signed stays signed."""
    return call.once(body, lambda: _taken(cancel_batch(batch, call.services, call.caller, call.at).batch_id, call))


def _own(batch: _Id, call: _Own) -> reading.BatchFound:
    return reading.read_signature_batch(batch, call.services, call.caller)


def _seen(last_event_id: Annotated[str | None, Header(max_length=20)] = None) -> int:
    """The number of the last change that the client saw, as its browser repeats it."""
    if last_event_id is None:
        return -1
    if not last_event_id.isascii() or not last_event_id.isdecimal():
        raise InputInvalid("Last-Event-ID không hợp lệ.", "Last-Event-ID is not one of ours.")
    return min(int(last_event_id), 2**31 - 1)


@router.get("/{batch_id}/events", response_class=EventSourceResponse)  # noqa: FAST003 - as above
async def follow_batch(
    own: Annotated[reading.BatchFound, Depends(_own)], call: _Own, seen: Annotated[int, Depends(_seen)]
) -> AsyncIterator[ServerSentEvent]:
    """Every change of a document (`item`) and of the batch (`batch`), until it is over; resumes after Last-Event-ID."""
    waited, shown = 0.0, None
    while waited < _LONGEST_S:
        command = reading.FollowBatch(batch_id=own.batch.batch_id, seen=seen, limit=_AT_ONCE)
        changes = await run_in_threadpool(reading.follow_batch, command, call.services, call.caller)
        for item in changes.items:
            seen = item.seq
            yield ServerSentEvent(event="item", data=wire.BatchItemView.of(item, reason_of), id=str(seen))
        if len(changes.items) == _AT_ONCE:
            continue
        if changes.found != shown:
            shown = changes.found
            yield ServerSentEvent(event="batch", data=wire.SignatureBatchView.of(shown, reason_of), id=str(seen))
        if shown.batch.state.is_final and not shown.counts[ItemState.SIGNING]:
            return
        await asyncio.sleep(_POLL_S)
        waited += _POLL_S


def _place(page: Paging) -> int | None:
    if page.after is None:
        return None
    if not page.after.isascii() or not page.after.isdecimal():
        raise InputInvalid("Con trỏ trang không hợp lệ.", "The page cursor is not valid.")
    return int(page.after[:9])


def _path(batch_id: str) -> str:
    return f"{router.prefix}/{batch_id}"


def _taken(batch_id: str, call: Call) -> JSONResponse:
    found = reading.read_signature_batch(batch_id, call.services, call.caller)
    view = wire.SignatureBatchView.of(found, reason_of).model_dump(mode="json")
    return JSONResponse(view, status_code=202, headers={"Location": _path(batch_id), "Retry-After": "1"})
