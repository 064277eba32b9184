"""Certificates that other authorities issued: imported, confirmed by a second person, held here."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging, with_query
from api.context.paging import Paging
from api.ids import parse_id
from api.records.external_certificates import ExternalCertificate, ExternalFilter, ExternalState
from api.schemas.certificates import EmptyBody, to_pem
from api.schemas.external_certificates import (
    ExternalCertificateBody,
    ExternalCertificateDetail,
    ExternalCertificatePage,
    ExternalCertificateView,
    ExternalHoldBody,
)
from api.usecases.certificate_status import MANAGERS
from api.usecases.confirm_external_certificate import ConfirmExternalCertificate, confirm_external_certificate
from api.usecases.external_file import one_with_evidence
from api.usecases.external_holder import ClaimedHolder
from api.usecases.find_certificates import READERS
from api.usecases.find_external_certificates import (
    FindExternalCertificates,
    find_external_certificates,
    read_external_certificate,
)
from api.usecases.hold_external_certificate import (
    ExternalWithHolds,
    HoldExternalCertificate,
    ReleaseExternalCertificate,
    hold_external_certificate,
    release_external_certificate,
)
from api.usecases.import_external_certificate import (
    Imported,
    ImportExternalCertificate,
    import_external_certificate,
)
from signing.identity import CertificateClass
from signing.trust import TrustProfile

router = APIRouter(prefix="/v1/external-certificates", tags=["certificates"], max_body_size=6 * JSON_BODY_BYTES)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Import = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Decide = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.APPROVE_CERTIFICATE))]
_Read = Annotated[Call, Depends(access(*READERS, *_HOLDERS, purpose=Purpose.READ_CERTIFICATE))]
_Hold = Annotated[Call, Depends(access(*MANAGERS, *_HOLDERS, purpose=Purpose.SUSPEND_CERTIFICATE))]
_Release = Annotated[Call, Depends(access(*MANAGERS, purpose=Purpose.SUSPEND_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]
_DER: Final = "application/pkix-cert"
_PEM: Final = "application/x-pem-file"


@router.post("", status_code=201, response_model=ExternalCertificateView)
def post_external_certificate(body: ExternalCertificateBody, call: _Import) -> Response:
    """Import a certificate; 200 with the recorded one when it is there already."""

    def imported() -> Response:
        leaf, came_with = one_with_evidence(body.certificate.encode(), tuple(body.crls), call.services)
        command = ImportExternalCertificate(
            certificate=leaf,
            came_with=came_with,
            claimed=ClaimedHolder(
                subject_id=body.subject_id and parse_id("sub", body.subject_id),
                employment_id=body.employment_id and parse_id("emp", body.employment_id),
                org_code=body.org_code,
            ),
            key_id=body.key_id,
            evidence=body.evidence,
        )
        return _imported(import_external_certificate(command, call.services, call.caller, call.at))

    return call.once(body, imported)


@router.get("")
def get_external_certificates(  # noqa: PLR0917 - the query's parameters, given by name
    call: _Read,
    page: _Paging,
    response: Response,
    subject_id: Annotated[str | None, Query(max_length=40)] = None,
    org_code: Annotated[str | None, Query(max_length=35)] = None,
    class_: Annotated[CertificateClass | None, Query(alias="class")] = None,
    trust_profile: TrustProfile | None = None,
    state: ExternalState | None = None,
) -> ExternalCertificatePage:
    """Imported certificates, oldest first; without a reader's role only the own ones."""
    wanted = ExternalFilter(
        subject_id=subject_id and parse_id("sub", subject_id),
        org_code=org_code,
        certificate_class=class_,
        profile=trust_profile,
        state=state,
    )
    command = FindExternalCertificates(wanted=wanted, after=page.after, limit=page.limit + 1)
    found = find_external_certificates(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda one: one.certificate_id)
    query = {"subject_id": wanted.subject_id, "org_code": org_code, "class": class_, "state": state}
    link_next(response, with_query(router.prefix, **query, trust_profile=trust_profile), cursor)
    return ExternalCertificatePage(items=[ExternalCertificateView.of(one) for one in shown], next_cursor=cursor)


@router.get("/{certificate_id}", response_model=ExternalCertificateDetail)
def get_external_certificate(
    certificate_id: str, call: _Read, accept: Annotated[str | None, Header()] = None
) -> Response:
    """One certificate: JSON, DER (`application/pkix-cert`) or PEM (`application/x-pem-file`) by Accept."""
    wanted = parse_id("cert", certificate_id)
    found = read_external_certificate(wanted, call.services, call.caller, call.at)
    for media_type, content in ((_DER, found.certificate.der), (_PEM, to_pem(found.certificate.der))):
        if media_type in (accept or ""):
            return Response(content, media_type=media_type, headers={"Vary": "Accept"})
    return _detail(found, 200)


@router.post("/{certificate_id}/confirmation", status_code=201, response_model=ExternalCertificateView)
def post_confirmation(certificate_id: str, call: _Decide, body: EmptyBody | None = None) -> Response:
    """Confirm an import as a second person; from now on the certificate counts here."""
    command = ConfirmExternalCertificate(certificate_id=parse_id("cert", certificate_id))
    return call.once(body or EmptyBody(), lambda: _decided(command, call))


@router.post("/{certificate_id}/rejection", status_code=201, response_model=ExternalCertificateView)
def post_external_rejection(certificate_id: str, call: _Decide, body: EmptyBody | None = None) -> Response:
    """Turn an import down as a second person."""
    command = ConfirmExternalCertificate(certificate_id=parse_id("cert", certificate_id), accepted=False)
    return call.once(body or EmptyBody(), lambda: _decided(command, call))


@router.post("/{certificate_id}/suspension", status_code=201, response_model=ExternalCertificateDetail)
def post_local_hold(certificate_id: str, body: ExternalHoldBody, call: _Hold) -> Response:
    """Hold a certificate here, at once; outside nothing changes, and the answer says so."""
    command = HoldExternalCertificate(
        certificate_id=parse_id("cert", certificate_id), cause=body.reason, evidence=body.evidence
    )
    return call.once(
        body, lambda: _detail(hold_external_certificate(command, call.services, call.caller, call.at), 201)
    )


@router.delete("/{certificate_id}/suspension", response_model=ExternalCertificateDetail)
def delete_local_hold(certificate_id: str, call: _Release) -> Response:
    """End the hold here; its times stay on record."""
    command = ReleaseExternalCertificate(certificate_id=parse_id("cert", certificate_id))
    return _detail(release_external_certificate(command, call.services, call.caller, call.at), 200)


def _imported(imported: Imported) -> Response:
    view = ExternalCertificateView.of(imported.certificate).model_dump(mode="json")
    location = f"{router.prefix}/{imported.certificate.certificate_id}"
    return JSONResponse(view, status_code=201 if imported.is_new else 200, headers={"Location": location})


def _decided(command: ConfirmExternalCertificate, call: Call) -> Response:
    decided: ExternalCertificate = confirm_external_certificate(command, call.services, call.caller, call.at)
    return JSONResponse(ExternalCertificateView.of(decided).model_dump(mode="json"), status_code=201)


def _detail(found: ExternalWithHolds, status: int) -> Response:
    view = ExternalCertificateDetail.of_found(found).model_dump(mode="json")
    return JSONResponse(view, status_code=status, headers={"Vary": "Accept"})
