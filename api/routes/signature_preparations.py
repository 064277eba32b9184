"""Two-step signing with an own token: prepared here, signed in the token, completed here."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import Call, SentForm, access, media_type, read_form, read_json_body
from api.context.attachments import attached_pdf
from api.errors import InputInvalid, MediaTypeUnsupported
from api.ids import parse_id
from api.problems import describe
from api.records.signature_preparations import SignaturePreparation
from api.routes.sent_verifications import checked, decoded
from api.routes.verifications import BINARY
from api.schemas import signature_preparations as wire
from api.schemas.inline import form_fields, inline_schema
from api.usecases import read_preparation as reading
from api.usecases.complete_preparation import CompletePreparation, complete_preparation, complete_preparations
from api.usecases.prepare_results import PrepareResults, prepare_results
from api.usecases.prepare_uploads import PrepareUploads, prepare_uploads
from api.usecases.waiting_signatures import MAX_AT_ONCE, Preparation

_VALUES_BYTES: Final = 6 * 1024 * 1024  # 500 values of the longest kind
router = APIRouter(prefix="/v1/signature-preparations", tags=["signatures"])
values = APIRouter(prefix=router.prefix, tags=["signatures"], max_body_size=_VALUES_BYTES)
"""What takes no documents."""

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Own = Annotated[Call, Depends(access(*_HOLDERS, purpose=Purpose.SIGN_WITH_TOKEN))]
_FILES: Final = {"type": "array", "items": BINARY, "minItems": 1, "maxItems": MAX_AT_ONCE}
_BODIES: Final = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": _FILES, **form_fields(wire.UploadTerms)},
            "required": ["file", "certificate_id"],
        }
    },
    "application/json": {"schema": inline_schema(wire.ResultsIn)},
}
_PRIVATE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a request asks for."""

    command: PrepareUploads | PrepareResults
    digest: bytes
    """Of everything in the body: tells two requests apart."""
    names: tuple[str, ...] = ()


async def _sent(request: Request) -> _Sent:
    """Own documents in a form, or results named in JSON."""
    limit: int = request.app.state.services.settings.max_upload_bytes
    if media_type(request) == "multipart/form-data":
        return await run_in_threadpool(_uploads, await read_form(request, max_bytes=limit, max_files=MAX_AT_ONCE))
    if media_type(request) != "application/json":
        raise MediaTypeUnsupported
    body = checked(wire.ResultsIn, await read_json_body(request, max_bytes=0))
    return _Sent(command=body.to_command(), digest=body.model_dump_json().encode())


def _uploads(form: SentForm) -> _Sent:
    files, terms = form.files_of("file"), checked(wire.UploadTerms, {**form.filled()})
    if not files:
        raise InputInvalid("Thiếu tệp trong trường `file`.", "The field `file` is missing.")
    digest = hashlib.sha256(terms.model_dump_json().encode())
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    command = terms.to_command(tuple(file.content for file in files))
    return _Sent(command=command, digest=digest.digest(), names=tuple(file.name for file in files))


@router.post(
    "",
    status_code=201,
    response_model=wire.PreparationListView,
    openapi_extra={"requestBody": {"content": _BODIES, "required": True}},
)
def post_preparations(call: _Own, sent: Annotated[_Sent, Depends(_sent)]) -> Response:
    """Prepare results, or own documents, for the key of an own token; one that cannot be signed fails alone."""

    def action() -> Response:
        if isinstance(sent.command, PrepareResults):
            outcomes = prepare_results(sent.command, call.services, call.caller, call.at)
        else:
            outcomes = prepare_uploads(sent.command, call.services, call.caller, call.at)
        return listed(outcomes, call, names=sent.names, status=201)

    return call.once(sent.digest, action)


@values.post("/completions", status_code=200, response_model=wire.PreparationListView)
def post_completions(body: wire.CompletionsIn, call: _Own) -> Response:
    """Complete several at once; one that fails hinders no other."""
    commands = [completion_of(one) for one in body.items]

    def action() -> Response:
        return listed(tuple(complete_preparations(commands, call.services, call.caller, call.at)), call, status=200)

    return call.once(body, action)


@values.post("/{preparation_id}/completion", status_code=201, response_model=wire.PreparationView)
def post_completion(preparation_id: str, body: wire.ValueIn, call: _Own) -> Response:
    """Complete one with the token's value; a second time it is answered as the first."""
    command = CompletePreparation(
        preparation_id=parse_id("prep", preparation_id),
        value=decoded(body.value, "value"),
        salt_octets=body.salt_length,
    )

    def action() -> Response:
        record = complete_preparation(command, call.services, call.caller, call.at)
        location = {"Location": f"{router.prefix}/{record.preparation_id}"}
        return JSONResponse(_view(record), status_code=201, headers=location)

    return call.once(body, action)


@router.get("/{preparation_id}", response_model=wire.PreparationView)
def get_preparation(preparation_id: str, call: _Own) -> Response:
    """An own preparation as it stands."""
    record = reading.read_preparation(parse_id("prep", preparation_id), call.services, call.caller)
    return JSONResponse(_view(record), headers=_PRIVATE)


@router.get("/{preparation_id}/file", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def get_signed_file(preparation_id: str, call: _Own) -> Response:
    """The signed document, for as long as it is kept."""
    wanted = parse_id("prep", preparation_id)
    record, content = reading.read_signed_file(wanted, call.services, call.caller, call.at)
    return attached_pdf(content, name=f"{wanted}.pdf", sha256=record.file_sha256)


@router.delete("/{preparation_id}", status_code=204)
def delete_preparation(preparation_id: str, call: _Own) -> None:
    """Give it up; what was prepared is forgotten."""
    reading.withdraw_preparation(parse_id("prep", preparation_id), call.services, call.caller, call.at)


def completion_of(one: wire.CompletionIn) -> CompletePreparation:
    """The command of one value."""
    return CompletePreparation(
        preparation_id=parse_id("prep", one.id), value=decoded(one.value, "value"), salt_octets=one.salt_length
    )


def listed(outcomes: tuple[Preparation, ...], call: Call, *, status: int, names: tuple[str, ...] = ()) -> Response:
    """One document that cannot be signed is the request's own problem; of several each has its own."""
    if len(outcomes) == 1 and outcomes[0].refusal is not None:
        raise outcomes[0].refusal
    items = [
        {"index": index, "name": names[index] if names else None, **_item(one, call)}
        for index, one in enumerate(outcomes)
    ]
    return JSONResponse({"items": items}, status_code=status, headers=_PRIVATE)


def _item(outcome: Preparation, call: Call) -> dict[str, object]:
    if outcome.refusal is not None:
        problem = describe(outcome.refusal, language=call.language, request_id=call.request_id)
        return {"preparation": None, "error": dict(problem.body)}
    return {"preparation": None if outcome.record is None else _view(outcome.record), "error": None}


def _view(record: SignaturePreparation) -> dict[str, object]:
    return wire.PreparationView.of(record).model_dump(mode="json")
