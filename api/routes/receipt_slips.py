"""Receipt slips: what the applicant is given when a dossier is received, signed by the reception officer."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.attachments import ContentResponse
from api.ids import parse_id
from api.records.receipt_slips import ReceiptSlip
from api.schemas.authorisations import AuthorisationOut
from api.schemas.receipt_slips import ReceiptPreparationBody, ReceiptSignatureBody, ReceiptSlipBody, ReceiptSlipOut
from api.schemas.signature_preparations import PreparationView
from api.usecases.draft_receipt_slip import draft_receipt_slip
from api.usecases.planned_receipt import SlipToSign
from api.usecases.prepare_token_receipt import prepare_token_receipt
from api.usecases.preview_receipt_slip import preview_receipt_slip
from api.usecases.read_receipt_slip import fetch_receipt_slip, list_receipt_slips, read_receipt_slip
from api.usecases.receipt_paper import ReceiptOrder
from api.usecases.sign_receipt_slip import SignReceiptSlip, prepare_receipt_slip, sign_receipt_slip

router = APIRouter(prefix="/v1", tags=["dossiers"], max_body_size=JSON_BODY_BYTES)

_READERS: Final = (
    Role.RECEPTION_OFFICER,
    Role.APPRAISER,
    Role.AUTHORISED_SIGNER,
    Role.CLERK,
    Role.CITIZEN,
)
_Give = Annotated[Call, Depends(access(Role.RECEPTION_OFFICER, purpose=Purpose.GIVE_RECEIPT))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_DOSSIER))]
_BINARY: Final = {"type": "string", "format": "binary"}
_PNG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/png": {"schema": _BINARY}}}}
_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": {"schema": _BINARY}}}}


@router.post("/dossiers/{dossier_id}/receipt-slips", status_code=201, response_model=ReceiptSlipOut)
def post_receipt_slip(dossier_id: str, body: ReceiptSlipBody, call: _Give) -> Response:
    """Draw up the receipt slip of a dossier from what was counted; nothing is signed yet."""
    order = body.to_order(dossier_id)
    return call.once(body, lambda: _drafted(order, call))


@router.get("/dossiers/{dossier_id}/receipt-slips")
def get_receipt_slips(dossier_id: str, call: _Read) -> list[ReceiptSlipOut]:
    """The signed receipt slips of a dossier, the first one first; the last one counts."""
    found = list_receipt_slips(parse_id("dos", dossier_id), call.services, call.caller, call.at)
    return [_out(slip, call) for slip in found]


@router.get("/receipt-slips/{slip_id}")
def get_receipt_slip(slip_id: str, call: _Read) -> ReceiptSlipOut:
    """One receipt slip; a draft is shown at its desk only."""
    return _out(read_receipt_slip(parse_id("slip", slip_id), call.services, call.caller, call.at), call)


@router.get("/receipt-slips/{slip_id}/content", response_class=Response, responses=_PDF)
def get_receipt_content(slip_id: str, call: _Read) -> Response:
    """The signed slip; of a draft, the page as it was drawn."""
    found = fetch_receipt_slip(parse_id("slip", slip_id), call.services, call.caller, call.at)
    headers = {"ETag": f'"{found.sha256}"', "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return ContentResponse(found.pdf, media_type="application/pdf", headers=headers)


@router.post("/receipt-slips/{slip_id}/mark-preview", response_class=Response, responses=_PNG)
def post_receipt_preview(slip_id: str, body: ReceiptPreparationBody, call: _Give) -> Response:
    """The first page of the slip as it will look when the caller has signed it."""
    preview = preview_receipt_slip(body.to_wanted(slip_id), call.services, call.caller, call.at)
    headers = {
        "ETag": f'"{preview.file_sha256}"',  # of the file that will be signed, not of this picture of it
        "Anso-File-Sha256": preview.file_sha256,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(preview.png, media_type="image/png", headers=headers)


@router.post("/receipt-slips/{slip_id}/signature-preparation", status_code=201, response_model=AuthorisationOut)
def post_receipt_preparation(slip_id: str, body: ReceiptPreparationBody, call: _Give) -> Response:
    """Prepare the officer's signature and ask for the holder's agreement to exactly this page."""
    wanted = body.to_wanted(slip_id)
    return call.once(body, lambda: _prepared(wanted, call))


@router.post("/receipt-slips/{slip_id}/token-preparation", status_code=201, response_model=PreparationView)
def post_receipt_token(slip_id: str, body: ReceiptPreparationBody, call: _Give) -> Response:
    """Prepare the slip for the key in an own token; its value goes to `/v1/signature-preparations/{id}/completion`."""
    wanted = body.to_wanted(slip_id)
    return call.once(body, lambda: _waiting(wanted, call))


@router.post("/receipt-slips/{slip_id}/signature", status_code=201, response_model=ReceiptSlipOut)
def post_receipt_signature(slip_id: str, body: ReceiptSignatureBody, call: _Give) -> Response:
    """Sign the slip with the officer's personal certificate; from then on the applicant can fetch it."""
    command = body.to_command(slip_id)
    return call.once(body, lambda: _signed(command, call))


def _drafted(order: ReceiptOrder, call: Call) -> JSONResponse:
    return _created(draft_receipt_slip(order, call.services, call.caller, call.at), call)


def _prepared(wanted: SlipToSign, call: Call) -> JSONResponse:
    asked = prepare_receipt_slip(wanted, call.services, call.caller, call.at)
    view = AuthorisationOut.of(asked, call.services.settings.public_host)
    location = {"Location": f"/v1/signature-authorisations/{view.id}"}
    return JSONResponse(view.model_dump(mode="json"), status_code=201, headers=location)


def _waiting(wanted: SlipToSign, call: Call) -> JSONResponse:
    record = prepare_token_receipt(wanted, call.services, call.caller, call.at)
    location = {"Location": f"/v1/signature-preparations/{record.preparation_id}"}
    return JSONResponse(PreparationView.of(record).model_dump(mode="json"), status_code=201, headers=location)


def _signed(command: SignReceiptSlip, call: Call) -> JSONResponse:
    return _created(sign_receipt_slip(command, call.services, call.caller, call.at), call)


def _created(slip: ReceiptSlip, call: Call) -> JSONResponse:
    location = {"Location": f"/v1/receipt-slips/{slip.slip_id}"}
    return JSONResponse(_out(slip, call).model_dump(mode="json"), status_code=201, headers=location)


def _out(slip: ReceiptSlip, call: Call) -> ReceiptSlipOut:
    return ReceiptSlipOut.of(slip, call.services.settings.public_url)
