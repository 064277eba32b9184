"""Campaigns: citizens' applications collected, handed to a licensed authority, its certificates brought back."""

import base64
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging
from api.context.paging import Paging
from api.ids import parse_id
from api.records.campaigns import EntryState
from api.routes.certificate_request_batches import digest_of, started, upload_of
from api.schemas.batches import BatchStarted
from api.schemas.campaigns import (
    CampaignBody,
    CampaignDetail,
    CampaignEntryPage,
    CampaignEntryView,
    CampaignPage,
    CampaignView,
)
from api.schemas.certificates import EmptyBody
from api.usecases.add_applicants import AddApplicants, add_applicants
from api.usecases.applicant_csv import MAX_BYTES as APPLICANTS_BYTES
from api.usecases.certificate_campaign import (
    CampaignFound,
    FindEntries,
    OpenCampaign,
    export_campaign,
    find_campaigns,
    find_entries,
    open_campaign,
    read_campaign,
    read_package,
)
from api.usecases.import_certificate_batch import ImportCertificateBatch, import_certificate_batch
from signing.validation.foreign_files import MAX_BYTES as CERTIFICATES_BYTES

router = APIRouter(
    prefix="/v1/certificate-campaigns", tags=["certificates"], max_body_size=CERTIFICATES_BYTES + JSON_BODY_BYTES
)

_READERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
_BATCHES: Final = "/v1/certificate-batches"
_File = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Export = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.EXPORT_CAMPAIGN))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]


@router.post("", status_code=201, response_model=CampaignDetail)
def post_campaign(body: CampaignBody, call: _File) -> Response:
    """Open a campaign."""
    command = OpenCampaign(name=body.name, authority=body.authority)

    def opened() -> Response:
        campaign = open_campaign(command, call.services, call.caller, call.at)
        return _shown(read_campaign(campaign.campaign_id, call.services), 201)

    return call.once(body, opened)


@router.get("")
def get_campaigns(call: _Read, page: _Paging, response: Response) -> CampaignPage:
    """Campaigns, oldest first."""
    found = find_campaigns(call.services, after=page.after, limit=page.limit + 1)
    shown, cursor = page.cut(found, lambda one: one.campaign_id)
    link_next(response, router.prefix, cursor)
    return CampaignPage(items=[CampaignView.of(one) for one in shown], next_cursor=cursor)


@router.get("/{campaign_id}")
def get_campaign(campaign_id: str, call: _Read) -> CampaignDetail:
    """How far a campaign is."""
    return CampaignDetail.of_found(read_campaign(parse_id("cam", campaign_id), call.services))


@router.post("/{campaign_id}/applicants", status_code=202, response_model=BatchStarted)
def post_applicants(
    campaign_id: str,
    call: _File,
    file: Annotated[UploadFile, File(description="CSV như tệp công dân, thêm cột csr nếu có token / as for citizens")],
    evidence: Annotated[str, Form(max_length=128)],
) -> Response:
    """Take a file of applicants in; a column `csr` may hold the request of the own token (base64 of PKCS#10)."""
    content = upload_of(file, APPLICANTS_BYTES)
    command = AddApplicants(campaign_id=parse_id("cam", campaign_id), evidence=evidence, content=content)
    return call.once(
        digest_of(evidence, content),
        lambda: started(add_applicants(command, call.services, call.caller, call.at), _BATCHES),
    )


@router.get("/{campaign_id}/applicants")
def get_applicants(
    campaign_id: str, call: _Read, page: _Paging, response: Response, state: EntryState | None = None
) -> CampaignEntryPage:
    """Applicants by subject and state; their data are in the package only."""
    command = FindEntries(campaign_id=parse_id("cam", campaign_id), state=state, after=page.after, limit=page.limit + 1)
    shown, cursor = page.cut(find_entries(command, call.services), lambda one: one.entry_id)
    path = f"{router.prefix}/{campaign_id}/applicants" + (f"?state={state.value}" if state else "")
    link_next(response, path, cursor)
    return CampaignEntryPage(items=[CampaignEntryView.of(one) for one in shown], next_cursor=cursor)


@router.post("/{campaign_id}/export", status_code=201, response_model=CampaignDetail)
def post_export(campaign_id: str, call: _Export, body: EmptyBody | None = None) -> Response:
    """Close the campaign and make the package for the licensed authority, as another person than opened it."""
    wanted = parse_id("cam", campaign_id)
    return call.once(
        body or EmptyBody(), lambda: _shown(export_campaign(wanted, call.services, call.caller, call.at), 201)
    )


@router.get("/{campaign_id}/package", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def get_package(campaign_id: str, call: _Export) -> Response:
    """The package: applicants with their data and token requests; its digest stands in the ledger and the header."""
    package = read_package(parse_id("cam", campaign_id), call.services, call.caller, call.at)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{campaign_id}.json"',
        # RFC 9530 §2
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(package.sha256)).decode()}:",
    }
    return Response(package.content, media_type="application/json", headers=headers)


@router.post("/{campaign_id}/certificates", status_code=202, response_model=BatchStarted)
def post_campaign_certificates(
    campaign_id: str,
    call: _File,
    file: Annotated[UploadFile, File(description="PEM, PKCS#7 hoặc DER / what the authority issued")],
    evidence: Annotated[str, Form(max_length=128)],
) -> Response:
    """Bring the authority's certificates back; each is matched with its applicant."""
    content = upload_of(file, CERTIFICATES_BYTES)
    command = ImportCertificateBatch(evidence=evidence, content=content, campaign_id=parse_id("cam", campaign_id))
    return call.once(
        digest_of(evidence, content),
        lambda: started(import_certificate_batch(command, call.services, call.caller, call.at), _BATCHES),
    )


def _shown(found: CampaignFound, status: int) -> JSONResponse:
    location = f"{router.prefix}/{found.campaign.campaign_id}"
    return JSONResponse(
        CampaignDetail.of_found(found).model_dump(mode="json"), status_code=status, headers={"Location": location}
    )
