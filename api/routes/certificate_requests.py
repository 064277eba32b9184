"""Requests about certificates: filed by an RA officer, proved by the holder, decided by another person."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.paging import Paging, link_next, paging, with_query
from api.ids import parse_id
from api.schemas.certificate_requests import (
    CertificateRequestBody,
    CertificateRequestPage,
    CertificateRequestView,
    ProofBody,
    RejectionBody,
)
from api.schemas.certificates import EmptyBody
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from api.usecases.find_certificate_requests import FindCertificateRequests, find_certificate_requests
from api.usecases.prove_key_possession import ProveKeyPossession, prove_key_possession
from api.usecases.read_certificate_request import (
    REQUEST_READERS,
    ReadCertificateRequest,
    read_certificate_request,
)
from api.usecases.reject_certificate_request import RejectCertificateRequest, reject_certificate_request
from api.usecases.request_certificate import request_certificate
from signing.registry_sql import CertificateRequest, RequestFilter, RequestState, RequestType

router = APIRouter(prefix="/v1/certificate-requests", tags=["certificates"], max_body_size=JSON_BODY_BYTES)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_File = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Prove = Annotated[Call, Depends(access(Role.RA_OFFICER, *_HOLDERS, purpose=Purpose.REQUEST_CERTIFICATE))]
_Decide = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.APPROVE_CERTIFICATE))]
_Read = Annotated[Call, Depends(access(*REQUEST_READERS, *_HOLDERS, purpose=Purpose.READ_CERTIFICATE))]
_List = Annotated[Call, Depends(access(*REQUEST_READERS, purpose=Purpose.READ_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]


@router.post("", status_code=201, response_model=CertificateRequestView)
def post_certificate_request(body: CertificateRequestBody, call: _File) -> Response:
    """File a request after seeing the evidence."""
    command = body.to_command()
    return call.once(body, lambda: _created(request_certificate(command, call.services, call.caller, call.at)))


@router.get("")
def get_certificate_requests(  # noqa: PLR0917 - the query's parameters, given by name
    call: _List,
    page: _Paging,
    response: Response,
    state: RequestState | None = None,
    type_: Annotated[RequestType | None, Query(alias="type")] = None,
    org_code: Annotated[str | None, Query(max_length=35)] = None,
) -> CertificateRequestPage:
    """Requests in the order of filing: the work queue of officers and approvers."""
    wanted = RequestFilter(state=state, type=type_, org_code=org_code)
    command = FindCertificateRequests(wanted=wanted, after=page.after, limit=page.limit + 1)
    found = find_certificate_requests(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda request: request.request_id)
    query = {"state": state, "type": type_, "org_code": org_code}
    link_next(response, with_query(router.prefix, **query), cursor)
    return CertificateRequestPage(items=[CertificateRequestView.of(one) for one in shown], next_cursor=cursor)


@router.get("/{request_id}")
def get_certificate_request(request_id: str, call: _Read) -> CertificateRequestView:
    """How far a request is; with the challenge that a proof of possession must carry."""
    command = ReadCertificateRequest(request_id=parse_id("req", request_id))
    return CertificateRequestView.of(read_certificate_request(command, call.services, call.caller, call.at))


@router.post("/{request_id}/proof", status_code=201, response_model=CertificateRequestView)
def post_proof(request_id: str, body: ProofBody, call: _Prove) -> Response:
    """Prove possession of the key on the holder's device: a certification request that answers the challenge."""
    command = ProveKeyPossession(request_id=parse_id("req", request_id), csr=body.csr)
    return call.once(body, lambda: _created(prove_key_possession(command, call.services, call.caller, call.at)))


@router.post("/{request_id}/approval", status_code=201, response_model=CertificateRequestView)
def post_approval(request_id: str, call: _Decide, body: EmptyBody | None = None) -> Response:
    """Approve a request as a second person: a certificate is issued, or the status of one changes."""
    command = ApproveCertificateRequest(request_id=parse_id("req", request_id))
    return call.once(
        body or EmptyBody(),
        lambda: _created(approve_certificate_request(command, call.services, call.caller, call.at)),
    )


@router.post("/{request_id}/rejection", status_code=201, response_model=CertificateRequestView)
def post_rejection(request_id: str, body: RejectionBody, call: _Decide) -> Response:
    """Turn a request down."""
    command = RejectCertificateRequest(request_id=parse_id("req", request_id), reason=body.reason)
    return call.once(body, lambda: _created(reject_certificate_request(command, call.services, call.caller, call.at)))


def _created(request: CertificateRequest) -> Response:
    view = CertificateRequestView.of(request).model_dump(mode="json")
    location = f"/v1/certificate-requests/{request.request_id}"
    return JSONResponse(view, status_code=201, headers={"Location": location})
