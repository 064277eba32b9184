"""Certificates: reading, suspending, releasing, revoking."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.paging import Paging, link_next, paging, with_query
from api.ids import parse_id
from api.schemas.certificates import (
    CertificateDetail,
    CertificatePage,
    CertificateView,
    RevocationBody,
    StatusChangeView,
    SuspensionBody,
    to_pem,
)
from api.usecases.certificate_status import EMERGENCY, MANAGERS, StatusChanged
from api.usecases.find_certificates import READERS, FindCertificates, find_certificates
from api.usecases.read_certificate import CertificateLife, ReadCertificate, read_certificate
from api.usecases.release_certificate import ReleaseCertificate, release_certificate
from api.usecases.revoke_certificate import RevokeCertificate, revoke_certificate
from api.usecases.suspend_certificate import SuspendCertificate, suspend_certificate
from signing.identity import CertificateClass
from signing.registry import CertificateStatus
from signing.registry_sql import CertificateFilter

router = APIRouter(prefix="/v1/certificates", tags=["certificates"], max_body_size=JSON_BODY_BYTES)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Read = Annotated[Call, Depends(access(*READERS, *_HOLDERS, purpose=Purpose.READ_CERTIFICATE))]
_Suspend = Annotated[Call, Depends(access(*MANAGERS, *_HOLDERS, purpose=Purpose.SUSPEND_CERTIFICATE))]
_Release = Annotated[Call, Depends(access(*EMERGENCY, purpose=Purpose.SUSPEND_CERTIFICATE))]
_Revoke = Annotated[Call, Depends(access(*EMERGENCY, purpose=Purpose.REVOKE_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]
_DER: Final = "application/pkix-cert"
_PEM: Final = "application/x-pem-file"


@router.get("")
def get_certificates(  # noqa: PLR0917 - the query's parameters, given by name
    call: _Read,
    page: _Paging,
    response: Response,
    subject_id: Annotated[str | None, Query(max_length=40)] = None,
    org_code: Annotated[str | None, Query(max_length=35)] = None,
    class_: Annotated[CertificateClass | None, Query(alias="class")] = None,
    status: CertificateStatus | None = None,
) -> CertificatePage:
    """Certificates, oldest first; without a reader's role only the own ones."""
    wanted = CertificateFilter(
        subject_id=subject_id and parse_id("sub", subject_id),
        org_code=org_code,
        certificate_class=class_,
        status=status,
    )
    command = FindCertificates(wanted=wanted, after=page.after, limit=page.limit + 1)
    found = find_certificates(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda record: record.certificate_id)
    query = {"subject_id": wanted.subject_id, "org_code": org_code, "class": class_, "status": status}
    link_next(response, with_query(router.prefix, **query), cursor)
    return CertificatePage(items=[CertificateView.of(record) for record in shown], next_cursor=cursor)


@router.get("/{certificate_id}", response_model=CertificateDetail)
def get_certificate(certificate_id: str, call: _Read, accept: Annotated[str | None, Header()] = None) -> Response:
    """One certificate: JSON, DER (`application/pkix-cert`) or PEM (`application/x-pem-file`) by Accept."""
    command = ReadCertificate(certificate_id=parse_id("cert", certificate_id))
    return _in_form(read_certificate(command, call.services, call.caller, call.at), accept or "")


@router.post("/{certificate_id}/revocation", status_code=201, response_model=StatusChangeView)
def post_revocation(certificate_id: str, body: RevocationBody, call: _Revoke) -> Response:
    """End a certificate for ever, at once (security officer); the answer lists the others that ended with it."""
    command = RevokeCertificate(certificate_id=parse_id("cert", certificate_id), reason=body.reason)
    return call.once(body, lambda: _changed(revoke_certificate(command, call.services, call.caller, call.at), 201))


@router.post("/{certificate_id}/suspension", status_code=201, response_model=StatusChangeView)
def post_suspension(certificate_id: str, body: SuspensionBody, call: _Suspend) -> Response:
    """Suspend a certificate at once; holders suspend their own without approval."""
    command = SuspendCertificate(certificate_id=parse_id("cert", certificate_id), cause=body.reason)
    return call.once(body, lambda: _changed(suspend_certificate(command, call.services, call.caller, call.at), 201))


@router.delete("/{certificate_id}/suspension", response_model=StatusChangeView)
def delete_suspension(certificate_id: str, call: _Release) -> Response:
    """Take back an own suspension (security officer); others end by a request. Its times stay on record."""
    command = ReleaseCertificate(certificate_id=parse_id("cert", certificate_id))
    return _changed(release_certificate(command, call.services, call.caller, call.at), 200)


def _in_form(found: CertificateLife, accept: str) -> Response:
    headers = {"Vary": "Accept"}
    der = found.record.der
    if der is not None and _DER in accept:
        return Response(der, media_type=_DER, headers=headers)
    if der is not None and _PEM in accept:
        return Response(to_pem(der), media_type=_PEM, headers=headers)
    return JSONResponse(CertificateDetail.of_found(found).model_dump(mode="json"), headers=headers)


def _changed(changed: StatusChanged, status: int) -> Response:
    return JSONResponse(StatusChangeView.of(changed).model_dump(mode="json"), status_code=status)
