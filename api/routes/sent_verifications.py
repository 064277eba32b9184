"""Takes from a request what is to be checked: a form, JSON, or the name of a document in the vault.

Knows the wire's fields and which of them need a login. Must not judge anything.
"""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from api.callers import Caller, Purpose, Role
from api.context import SentForm, access, client_of, media_type, read_form, read_json_body
from api.errors import InputInvalid, MediaTypeUnsupported
from api.ids import parse_id
from api.schemas.base64_text import bytes_of
from api.schemas.verifications import HashesRequest, TermsRequest, VerificationBatchRequest, VerificationRequest
from api.services import Services
from api.usecases.judge_signatures import Terms
from api.usecases.report_depth import Depth
from api.usecases.vault_readers import OFFICERS
from api.usecases.verify_detached import VerifyDetached
from api.usecases.verify_digests import VerifyDigests
from api.usecases.verify_document import VerifyDocument
from api.usecases.verify_stored_document import VerifyStoredDocument
from api.usecases.verify_submission import MAX_BATCH, Submission
from signing.validation.hashes import HashedSignature

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# who reads a document's file may have it checked: the same roles, the same purpose
_READ: Final = access(Role.CITIZEN, *OFFICERS, Role.RELYING_SYSTEM, purpose=Purpose.READ_DOCUMENT)
_FORM: Final = "multipart/form-data"
_JSON: Final = "application/json"
_DIGESTS_BYTES: Final = 16 * 1024 * 1024  # a hundred signatures with chains and evidence of usual size
_MAX_NAMED: Final = 10  # wrong values that one refusal names
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a request asks for."""

    commands: tuple[Submission, ...]
    names: tuple[str, ...] = field(repr=False)
    """How the caller calls each of them."""
    depth: Depth | None
    reader: Caller | None = None
    """Who is logged in, where that was needed; None: anybody."""


async def sent_verification(request: Request) -> Sent:
    """One file in the form field ``file``, one in base64, or one in the vault.

    Raises:
        InputInvalid, MediaTypeUnsupported, BodyTooLarge, MalformedRequest: it cannot be taken.
        TokenMissing and the others of a login: it needs one.
    """
    limit = _services(request).settings.max_verify_bytes
    if media_type(request) == _FORM:
        return _of_form(await read_form(request, max_bytes=limit))
    wanted = await _json(request, VerificationRequest, limit)
    terms = wanted.terms()
    if wanted.document_id is None:
        return Sent(commands=(await run_in_threadpool(_of_json, wanted, terms),), names=("",), depth=wanted.report)
    if wanted.document or wanted.signature:
        raise InputInvalid("Chỉ gửi `document` hoặc `document_id`.", "Send `document` or `document_id`, not both.")
    return await _stored(request, (wanted.document_id,), wanted, terms)


async def sent_batch(request: Request) -> Sent:
    """Several files in form fields ``file``, or several documents of the vault; each counts against the limit.

    Raises:
        As for one, and RateLimited: more than the client has left.
    """
    limit = _services(request).settings.max_verify_bytes
    if media_type(request) == _FORM:
        form = await read_form(request, max_bytes=limit, max_files=MAX_BATCH)
        files = form.files_of("file")
        if not files:
            raise InputInvalid("Thiếu tệp trong trường `file`.", "The field `file` is missing.")
        asked, terms = _terms_of(form)
        sent = Sent(
            commands=tuple(_document(file.content, terms) for file in files),
            names=tuple(file.name for file in files),
            depth=asked.report,
        )
    else:
        wanted = await _json(request, VerificationBatchRequest, limit)
        sent = await _stored(request, tuple(wanted.document_ids), wanted, wanted.terms())
    further = len(sent.commands) - 1  # the request itself was counted as one
    if further:
        request.state.rate_limit = request.app.state.limiter.take(client_of(request), cost=further).headers()
    return sent


async def sent_digests(request: Request) -> tuple[VerifyDigests, Depth | None]:
    """Digests and signatures.

    Raises:
        InputInvalid, MediaTypeUnsupported, BodyTooLarge: they cannot be taken.
    """
    wanted = await _json(request, HashesRequest, _DIGESTS_BYTES, taken=_JSON)
    items = tuple(
        HashedSignature(
            cms=decoded(item.signature, "signature"),
            digest=_digest(item.digest, item.digest_algorithm),
            algorithm=item.digest_algorithm,
            name=item.name,
            kind=item.kind,
        )
        for item in wanted.items
    )
    return VerifyDigests(items=items, terms=wanted.terms()), wanted.report


def _digest(text: str, algorithm: str) -> bytes:
    """A digest of its algorithm's length; hex letters in base64 are no digest.

    Raises:
        InputInvalid: it is none.
    """
    found, length = decoded(text, "digest"), hashlib.new(algorithm).digest_size
    if len(found) != length:
        raise InputInvalid(
            f"`digest` phải là {length} byte của {algorithm}, viết bằng base64.",
            f"`digest` has to be the {length} bytes of {algorithm} in base64.",
        )
    return found


def decoded(text: str, name: str) -> bytes:
    """Bytes from base64.

    Raises:
        InputInvalid: it is none, or nothing.
    """
    try:
        content = bytes_of(text)
    except ValueError:
        content = b""
    if not content:
        raise InputInvalid(f"`{name}` không phải base64.", f"`{name}` is not base64.")
    return content


def checked(model: type[_Model], values: dict[str, Any] | bytes) -> _Model:
    """The values as a model; a refusal names the fields and repeats nothing of what was sent.

    Raises:
        InputInvalid: see there.
    """
    try:
        return model.model_validate_json(values) if isinstance(values, bytes) else model.model_validate(values)
    except ValidationError as err:
        places = {_place(item) for item in err.errors() if item["loc"]}
        names = ", ".join(sorted(places)[:_MAX_NAMED]) or "body"
    raise InputInvalid(f"Giá trị không hợp lệ: {names}.", f"Values that cannot be used: {names}.")


def _place(item: "ErrorDetails") -> str:
    """The field, and what it may be where that is a list."""
    name = "/".join(str(step)[:60] for step in item["loc"])
    allowed = item.get("ctx", {}).get("expected") if item["type"] in {"enum", "literal_error"} else None
    return name if allowed is None else f"{name} ({allowed.replace(' or ', ', ')})"


def _of_form(form: SentForm) -> Sent:
    files, signatures = form.files_of("file"), form.files_of("signature")
    asked, terms = _terms_of(form)
    if len(signatures) > 1 or len(files) > 1 or not (files or signatures):
        raise InputInvalid("Cần đúng một tệp trong trường `file`.", "The field `file` holds exactly one file.")
    if not signatures:
        return Sent(commands=(_document(files[0].content, terms),), names=(files[0].name,), depth=asked.report)
    content = files[0].content if files else None
    detached = VerifyDetached(signature=signatures[0].content, content=content, terms=terms)
    return Sent(commands=(detached,), names=(signatures[0].name,), depth=asked.report)


def _of_json(wanted: VerificationRequest, terms: Terms) -> Submission:
    if wanted.signature is None:
        return _document(decoded(wanted.document, "document"), terms)
    content = decoded(wanted.document, "document") if wanted.document else None
    return VerifyDetached(signature=decoded(wanted.signature, "signature"), content=content, terms=terms)


async def _json(request: Request, model: type[_Model], limit: int, taken: str = f"{_FORM}, {_JSON}") -> _Model:
    if media_type(request) != _JSON:
        raise MediaTypeUnsupported(f"Chỉ nhận: {taken}.", f"Taken are: {taken}.")
    body = await read_json_body(request, max_bytes=limit)
    return await run_in_threadpool(checked, model, body)


def _terms_of(form: SentForm) -> tuple[TermsRequest, Terms]:
    asked = checked(TermsRequest, {**form.filled()})
    return asked, asked.terms()


def _document(pdf: bytes, terms: Terms) -> VerifyDocument:
    return VerifyDocument(
        pdf=pdf, policy_id=terms.policy_id, profile=terms.profile, then=terms.then, password=terms.password
    )


async def _stored(
    request: Request, ids: tuple[str, ...], wanted: VerificationRequest | VerificationBatchRequest, terms: Terms
) -> Sent:
    call = await run_in_threadpool(_READ, request)
    dossier_id = None if wanted.dossier_id is None else parse_id("dos", wanted.dossier_id)
    commands = tuple(
        VerifyStoredDocument(document_id=parse_id("doc", one), role=wanted.role, dossier_id=dossier_id, terms=terms)
        for one in ids
    )
    return Sent(commands=commands, names=ids, depth=wanted.report, reader=call.caller)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services
