"""The addresses under which callers of SiVa (Estonia's validation service) ask; same answers, its shape."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import errors as e
from api.callers import Purpose
from api.context import Call, media_type, public, read_json_body
from api.schemas.compat_siva import (
    SivaAnswer,
    SivaDataFilesRequest,
    SivaErrors,
    SivaFiles,
    SivaValidationRequest,
    siva_request,
)
from api.schemas.compat_siva_hashcodes import SivaHashcodeRequest
from api.schemas.inline import inline_schema
from api.usecases.answer_siva import SivaValidation, answer_siva_data_files, answer_siva_validation
from api.usecases.answer_siva_hashcodes import SivaHashcodes, answer_siva_hashcodes
from signing.isolation import WorkersBusy

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_UNCHANGED: Final = {"Cache-Control": "no-store"}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {status: {"model": SivaErrors} for status in (400, 415, 503)}


class SivaRoute(APIRoute):
    """A route whose refusals have SiVa's shape; what SiVa has no word for stays a problem document."""

    def get_route_handler(self) -> _Handler:
        """The usual handler, with its refusals translated."""
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await usual(request)
            except e.SivaRequestRefused as err:
                return _refusal(400, *err.refused)
            except e.BodyTooLarge:
                return _refusal(400, ("request", "Request body length is beyond request size limit"))
            except e.MediaTypeUnsupported:
                message = "Only the following content types are supported: application/json"
                return _refusal(415, ("contentTypeNotSupported", message))
            except WorkersBusy:
                return _refusal(503, ("request", "The service is busy, try again"), **{"Retry-After": "5"})

        return handler


router = APIRouter(prefix="/compat/siva", tags=["compatibility"], route_class=SivaRoute)

_Verify = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]


def _refusal(status: int, *refused: tuple[str, str], **headers: str) -> Response:
    body = {"requestErrors": [{"key": key, "message": message} for key, message in refused]}
    return JSONResponse(body, status_code=status, headers={**_UNCHANGED, **headers})


async def _body(request: Request) -> bytes:
    if media_type(request) != "application/json":
        raise e.MediaTypeUnsupported
    return await read_json_body(request, max_bytes=request.app.state.services.settings.max_verify_bytes)


async def _validation(request: Request) -> SivaValidation:
    body = await _body(request)
    return await run_in_threadpool(lambda: siva_request(SivaValidationRequest, body).to_command())


async def _hashcodes(request: Request) -> SivaHashcodes:
    body = await _body(request)
    return await run_in_threadpool(lambda: siva_request(SivaHashcodeRequest, body).to_command())


async def _container(request: Request) -> SivaValidation:
    body = await _body(request)
    return await run_in_threadpool(lambda: siva_request(SivaDataFilesRequest, body).to_command())


def _described(model: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": inline_schema(model)}}}}


@router.post(
    "/validate", response_model=SivaAnswer, responses=_REFUSED, openapi_extra=_described(SivaValidationRequest)
)
def post_validate(call: _Verify, command: Annotated[SivaValidation, Depends(_validation)]) -> Response:
    """Validate a signed PDF as SiVa does."""
    answer = answer_siva_validation(command, call.services, call.caller, call.at)
    return JSONResponse(answer, headers=_UNCHANGED)


@router.post(
    "/validateHashcode", response_model=SivaAnswer, responses=_REFUSED, openapi_extra=_described(SivaHashcodeRequest)
)
def post_validate_hashcode(call: _Verify, command: Annotated[SivaHashcodes, Depends(_hashcodes)]) -> Response:
    """Validate signatures by the digests of what they cover, as SiVa does."""
    answer = answer_siva_hashcodes(command, call.services, call.caller, call.at)
    return JSONResponse(answer, headers=_UNCHANGED)


@router.post(
    "/getDataFiles", response_model=SivaFiles, responses=_REFUSED, openapi_extra=_described(SivaDataFilesRequest)
)
def post_get_data_files(call: _Verify, command: Annotated[SivaValidation, Depends(_container)]) -> Response:
    """Get the versions of a PDF that its signatures cover."""
    answer = answer_siva_data_files(command, call.services, call.caller, call.at)
    return JSONResponse(answer, headers=_UNCHANGED)
