"""The Cloud Signature Consortium's API, version 1.0.4 under `/csc/v1` and version 2 under `/csc/v2` (ADR 0039).

Both paths take the names of both versions. Refusals have the standard's shape: `api.problems.csc`.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, public
from api.schemas import csc as wire
from api.schemas.csc_described import described_credential, described_service
from api.schemas.csc_documents import CscSignDocRequest, CscSignedDocuments, signed_answer
from api.usecases.authorise_credential import (
    AuthorisationUnderway,
    authorise_credential,
    check_authorisation,
)
from api.usecases.csc_activation import GivenActivation
from api.usecases.csc_credential import csc_abilities
from api.usecases.describe_credentials import describe_credential, list_credentials
from api.usecases.extend_transaction import extend_transaction
from api.usecases.sign_document_digests import SignDocumentDigests, sign_document_digests
from api.usecases.sign_documents import sign_documents
from api.usecases.sign_hashes import sign_hashes
from api.usecases.stamp_hash import stamp_hash

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Own = Annotated[Call, Depends(access(*_HOLDERS, purpose=Purpose.AUTHORISE_SIGNATURE))]
_Anybody = Annotated[Call, Depends(public(purpose=Purpose.READ_API_DESCRIPTION))]
DOCUMENTS_BYTES: Final = 64 * JSON_BODY_BYTES
"""The largest request with whole files: base64 and JSON are read into memory. Larger files: signHash."""
_UNKEPT: Final = {"Cache-Control": "no-store"}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {status: {"model": wire.CscError} for status in (400, 401, 403)}


def post_info_v1(call: _Anybody, body: wire.CscInfoRequest | None = None) -> Response:
    """What this service does for CSC clients (version 1)."""
    del body
    return _answer(described_service("v1", csc_abilities(call.services), call.services.settings.public_url))


def post_info_v2(call: _Anybody, body: wire.CscInfoRequest | None = None) -> Response:
    """What this service does for CSC clients (version 2)."""
    del body
    return _answer(described_service("v2", csc_abilities(call.services), call.services.settings.public_url))


def post_credentials_list(body: wire.CscListRequest, call: _Own) -> Response:
    """The caller's credentials."""
    asked = body.require_own()
    found = list_credentials(call.services, call.caller, call.at, only_valid=asked.onlyValid)[: asked.maxResults]
    answer: dict[str, Any] = {"credentialIDs": [one.record.certificate_id for one in found]}
    if asked.credentialInfo:
        answer["credentialInfos"] = [
            {"credentialID": one.record.certificate_id, **described_credential(one, asked)} for one in found
        ]
    return _answer(answer | ({"onlyValid": True} if asked.onlyValid else {}))


def post_credentials_info(body: wire.CscCredentialRequest, call: _Own) -> Response:
    """One credential: certificates, key, and what authorises it."""
    asked = body.checked()
    found = describe_credential(asked.credentialID, call.services, call.caller, call.at)
    return _answer(described_credential(found, asked))


def post_authorize(body: wire.CscAuthoriseRequest, call: _Own) -> Response:
    """Authorise signatures over exactly these hashes; 202 with a handle until the holder agreed."""
    return _granted(authorise_credential(body.to_command(), call.services, call.caller, call.at))


def post_authorize_check(body: wire.CscCheckRequest, call: _Own) -> Response:
    """Whether the holder agreed meanwhile: then the SAD, once."""
    return _granted(check_authorisation(body.handle, call.services, call.caller, call.at))


def post_extend_transaction(body: wire.CscExtendRequest, call: _Own) -> Response:
    """A new SAD for the rest of an authorised batch."""
    return _granted(extend_transaction(body.to_command(), call.services, call.caller, call.at))


def post_sign_hash(body: wire.CscSignHashRequest, call: _Own) -> Response:
    """Sign authorised hashes."""
    values = sign_hashes(body.to_command(), call.services, call.caller, call.at)
    return _answer({"signatures": [wire.encoded(one) for one in values]})


def post_timestamp(body: wire.CscTimestampRequest, call: _Own) -> Response:
    """A time-stamp token over a hash."""
    return _answer({"timestamp": wire.encoded(stamp_hash(body.to_command(), call.services, call.at))})


def post_sign_doc(body: CscSignDocRequest, call: _Own) -> Response:
    """Sign PDFs whose digests were authorised (PAdES), or give containers over the digests alone (CAdES, PAdES)."""
    command = body.to_command()
    if isinstance(command, SignDocumentDigests):
        given = sign_document_digests(command, call.services, call.caller, call.at)
        return _answer(signed_answer(given.evidence, containers=given.containers))
    made = sign_documents(command, call.services, call.caller, call.at)
    return _answer(signed_answer(made.evidence, files=made.pdfs))


def _granted(given: GivenActivation | AuthorisationUnderway) -> Response:
    if isinstance(given, AuthorisationUnderway):
        return _answer({"handle": given.handle}, status=202)
    return _answer({"SAD": given.sad, "expiresIn": given.expires_in_s})


def _answer(body: dict[str, Any], *, status: int = 200) -> Response:
    return JSONResponse(body, status_code=status, headers=_UNKEPT)


def _small(version: str) -> APIRouter:
    router = APIRouter(prefix=f"/csc/{version}", tags=["csc"], max_body_size=JSON_BODY_BYTES)
    handlers: tuple[tuple[str, Any, Any], ...] = (
        ("/info", {"v1": post_info_v1, "v2": post_info_v2}[version], None),
        ("/credentials/list", post_credentials_list, None),
        ("/credentials/info", post_credentials_info, None),
        ("/credentials/authorize", post_authorize, wire.CscGrant),
        ("/credentials/authorizeCheck", post_authorize_check, wire.CscGrant),
        ("/credentials/extendTransaction", post_extend_transaction, wire.CscGrant),
        ("/signatures/signHash", post_sign_hash, wire.CscSignatures),
        ("/signatures/timestamp", post_timestamp, wire.CscTimestamp),
    )
    for path, handler, model in handlers:
        underway = handler in (post_authorize, post_authorize_check)
        responses = _REFUSED | ({202: {"model": wire.CscHandle}} if underway else {})
        router.add_api_route(path, handler, methods=["POST"], response_model=model, responses=responses)
    return router


def _files(version: str) -> APIRouter:
    router = APIRouter(prefix=f"/csc/{version}", tags=["csc"], max_body_size=DOCUMENTS_BYTES)
    router.add_api_route(
        "/signatures/signDoc", post_sign_doc, methods=["POST"], response_model=CscSignedDocuments, responses=_REFUSED
    )
    return router


routers: Final = tuple(made(version) for version in ("v1", "v2") for made in (_small, _files))
"""For both versions, what is small and what carries files: bodies are bounded by router."""
