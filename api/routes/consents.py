"""Consents: given and withdrawn by citizens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas.vault import ConsentBody, ConsentView
from api.usecases.grant_consent import GrantConsent, grant_consent
from api.usecases.withdraw_consent import WithdrawConsent, withdraw_consent
from vault.model import Consent

router = APIRouter(prefix="/v1/consents", tags=["consents"], max_body_size=JSON_BODY_BYTES)

_Give = Annotated[Call, Depends(access(Role.CITIZEN, purpose=Purpose.GIVE_CONSENT))]
_Withdraw = Annotated[Call, Depends(access(Role.CITIZEN, purpose=Purpose.WITHDRAW_CONSENT))]


@router.post("", status_code=201, response_model=ConsentView)
def post_consent(body: ConsentBody, call: _Give) -> Response:
    """Let a dossier use documents of the own vault."""
    command = GrantConsent(
        document_ids=tuple(parse_id("doc", document_id) for document_id in body.document_ids),
        receiver_dossier_id=parse_id("dos", body.receiver_dossier_id),
        purpose=body.purpose,
        expires_at=body.expires_at,
        single_use=body.single_use,
    )
    return call.once(body, lambda: _created(grant_consent(command, call.services, call.caller, call.at)))


@router.delete("/{consent_id}", status_code=204, response_class=Response)
def delete_consent(consent_id: str, call: _Withdraw) -> Response:
    """Withdraw a consent; further reads and uses are refused at once."""
    command = WithdrawConsent(consent_id=parse_id("con", consent_id))
    withdraw_consent(command, call.services, call.caller, call.at)
    return Response(status_code=204)


def _created(consent: Consent) -> JSONResponse:
    view = ConsentView.of(consent).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/consents/{consent.consent_id}"})
