"""By which rules signatures are judged here: public, and good to keep for some minutes."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from api.callers import Purpose
from api.context import JSON_BODY_BYTES, Call, Published, public
from api.routes.report_answers import json_text
from api.schemas.verifications import PolicyList
from api.usecases.list_policies import find_policy, list_policies

router = APIRouter(prefix="/v1/policies", tags=["verifications"], max_body_size=JSON_BODY_BYTES)

_Read = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_MAX_AGE_S: Final = 300  # a trust policy comes into force at a moment of its own; nobody shall miss it for long


@router.get("", response_model=PolicyList)
def get_policies(request: Request, call: _Read) -> Response:
    """The validation policies that can be asked for, and the trust policies in force."""
    return _published(list_policies(call.services, call.at).document(), request, call)


@router.get("/{policy_id}", response_model=dict[str, Any])
def get_policy(policy_id: Annotated[str, Path(max_length=100)], request: Request, call: _Read) -> Response:
    """One of them."""
    return _published(find_policy(policy_id, call.services, call.at), request, call)


def _published(document: object, request: Request, call: Call) -> Response:
    content = json_text(document)
    found = Published(content=content, media_type="application/json", modified_at=call.at, max_age_s=_MAX_AGE_S)
    return found.answer(request, call.at)
