"""Is this certificate good: for everybody, without login; nothing is kept."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.callers import Purpose
from api.context import Call, public
from api.errors import InputInvalid, MediaTypeUnsupported
from api.schemas.certificate_validations import CertificateValidationReport, CertificateValidationRequest
from api.usecases.certificate_question import ValidateCertificate
from api.usecases.validate_certificate import validate_certificate
from signing.trust import Evidence

_MAX_BODY: Final = 16 * 1024 * 1024  # a list of 100,000 entries in base64, beside everything else
router = APIRouter(prefix="/v1/certificate-validations", tags=["certificates"], max_body_size=_MAX_BODY)

_Validate = Annotated[Call, Depends(public(purpose=Purpose.VALIDATE_CERTIFICATE))]
_FILES: Final = ("file", "others", "crl", "ocsp")
_TEXTS: Final = ("at", "profile", "policy", "place", "procedure", "document_type")
_BINARY: Final = {"type": "string", "format": "binary"}
_BODIES: Final = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": dict.fromkeys(_FILES, _BINARY) | {name: {"type": "string"} for name in _TEXTS},
            "required": ["file"],
        }
    },
    "application/json": {"schema": CertificateValidationRequest.model_json_schema()},
}


async def _sent(request: Request) -> ValidateCertificate:
    """The question of the request: JSON, or a form with the certificate in the field ``file``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form() as form:
            return await _from_form(form)
    if kind == "application/json":
        return await run_in_threadpool(_from_json, await request.body())
    raise MediaTypeUnsupported


async def _from_form(form: FormData) -> ValidateCertificate:
    files = {name: [f for f in form.getlist(name) if isinstance(f, UploadFile)] for name in _FILES}
    if len(files["file"]) != 1:
        raise InputInvalid("Cần đúng một tệp trong trường `file`.", "The field `file` holds exactly one file.")
    read = {name: tuple([await one.read() for one in found]) for name, found in files.items()}
    texts: dict[str, Any] = {name: str(form[name]) for name in _TEXTS if form.get(name)}
    wanted = _checked({"certificate": "-", **texts}).to_command()
    return ValidateCertificate(
        certificate=read["file"][0],
        others=read["others"],
        evidence=Evidence(crls=read["crl"], ocsps=read["ocsp"]),
        then=wanted.then,
        profile=wanted.profile,
        policy_id=wanted.policy_id,
        use=wanted.use,
    )


def _from_json(body: bytes) -> ValidateCertificate:
    try:
        return CertificateValidationRequest.model_validate_json(body).to_command()
    except ValidationError as err:
        raise _refused(err) from err


def _checked(values: dict[str, Any]) -> CertificateValidationRequest:
    try:
        return CertificateValidationRequest.model_validate(values)
    except ValidationError as err:
        raise _refused(err) from err


def _refused(err: ValidationError) -> InputInvalid:
    names = ", ".join(sorted({str(item["loc"][0]) for item in err.errors() if item["loc"]})) or "body"
    return InputInvalid(f"Giá trị không hợp lệ: {names}.", f"Values that cannot be used: {names}.")


@router.post("", response_model=CertificateValidationReport, openapi_extra={"requestBody": {"content": _BODIES}})
def post_certificate_validation(call: _Validate, command: Annotated[ValidateCertificate, Depends(_sent)]) -> Response:
    """Say whether a certificate was good at a moment and is now, and what its holder could do."""
    report = validate_certificate(command, call.services, call.caller, call.at)
    return JSONResponse(report.document(), headers={"Cache-Control": "no-store"})
