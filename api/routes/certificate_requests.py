"""Requests for certificates: filed by an RA officer, decided by another person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas.certificates import CertificateRequestBody, CertificateRequestView, EmptyBody, RejectionBody
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from api.usecases.read_certificate_request import ReadCertificateRequest, read_certificate_request
from api.usecases.reject_certificate_request import RejectCertificateRequest, reject_certificate_request
from api.usecases.request_certificate import RequestCertificate, request_certificate
from signing.registry_sql import CertificateRequest, RequestType

router = APIRouter(prefix="/v1/certificate-requests", tags=["certificates"], max_body_size=JSON_BODY_BYTES)

_READERS = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
_File = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Decide = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.APPROVE_CERTIFICATE))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_CERTIFICATE))]


@router.post("", status_code=201, response_model=CertificateRequestView)
def post_certificate_request(body: CertificateRequestBody, call: _File) -> Response:
    """File a request after seeing the evidence."""
    command = RequestCertificate(
        type=RequestType(body.type),
        certificate_class=body.certificate_class,
        ordinal=body.ordinal,
        org_code=body.org_code,
        subject_id=body.subject_id and parse_id("sub", body.subject_id),
        employment_id=body.employment_id and parse_id("emp", body.employment_id),
        primary_certificate_id=body.primary_certificate_id and parse_id("cert", body.primary_certificate_id),
        scope=body.scope.to_scope(),
        evidence=tuple(body.evidence),
    )
    return call.once(body, lambda: _created(request_certificate(command, call.services, call.caller, call.at)))


@router.get("/{request_id}")
def get_certificate_request(request_id: str, call: _Read) -> CertificateRequestView:
    """How far a request is."""
    command = ReadCertificateRequest(request_id=parse_id("req", request_id))
    return CertificateRequestView.of(read_certificate_request(command, call.services, call.caller, call.at))


@router.post("/{request_id}/approval", status_code=201, response_model=CertificateRequestView)
def post_approval(request_id: str, call: _Decide, body: EmptyBody | None = None) -> Response:
    """Approve a request as a second person; the certificate is issued."""
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
