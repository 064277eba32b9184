"""The wire protocols of the hierarchy: CA certificates, CRLs, OCSP, time-stamps. Plain HTTP, no login, cacheable."""

import base64
import binascii
import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from api.callers import Purpose
from api.context import Call, public
from api.usecases.answer_ocsp import ANSWER_LIFE, OcspAnswer, answer_ocsp
from api.usecases.publish_crl import find_authority, publish_crl
from api.usecases.stamp_time import stamp_time

_MAX_BODY: Final = 64 * 1024  # the protocols' own limits are lower and answered in their own words
router = APIRouter(prefix="/pki", tags=["pki"], max_body_size=_MAX_BODY)

_Static = Annotated[Call, Depends(public(purpose=Purpose.READ_PKI, limited=False))]
_Ask = Annotated[Call, Depends(public(purpose=Purpose.READ_PKI))]
_Stamp = Annotated[Call, Depends(public(purpose=Purpose.STAMP_TIME))]
_CRL_CACHE_S: Final = 30  # a revocation is in the list within a minute, also behind a cache


async def _read_body(request: Request) -> bytes:
    return await request.body()


_Body = Annotated[bytes, Depends(_read_body)]


@router.get("/{authority}.cer", response_class=Response)
def get_authority_certificate(authority: str, call: _Static) -> Response:
    """The certificate of an authority (DER)."""
    der = find_authority(authority, call.services).credential.certificate
    return _kept(der, "application/pkix-cert", max_age_s=86_400)


@router.get("/{authority}.crl", response_class=Response)
def get_crl(authority: str, call: _Static) -> Response:
    """The current revocation list of an authority (DER)."""
    crl = publish_crl(authority, call.services, call.at)
    return _kept(crl.der, "application/pkix-crl", max_age_s=_CRL_CACHE_S)


@router.post("/ocsp/{authority}", response_class=Response)
def post_ocsp(authority: str, body: _Body, call: _Ask) -> Response:
    """Answer an OCSP request (RFC 6960)."""
    return _ocsp(answer_ocsp(authority, body, call.services, call.at), may_keep=False)


@router.get("/ocsp/{authority}/{request:path}", response_class=Response)
def get_ocsp(authority: str, request: str, call: _Ask) -> Response:
    """Answer an OCSP request in the address (RFC 5019 §5)."""
    return _ocsp(answer_ocsp(authority, _from_base64(request), call.services, call.at), may_keep=True)


@router.post("/tsa", response_class=Response)
def post_tsa(body: _Body, call: _Stamp) -> Response:
    """Answer a time-stamp request (RFC 3161 §3.4)."""
    answer = stamp_time(body, call.services, call.at)
    return Response(answer, media_type="application/timestamp-reply", headers={"Cache-Control": "no-store"})


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""  # no request at all: the answer is malformedRequest


def _ocsp(answer: OcspAnswer, *, may_keep: bool) -> Response:
    media_type = "application/ocsp-response"
    if may_keep and answer.is_cacheable:
        # RFC 5019 §6.2: never longer than nextUpdate; much shorter, because a suspension must be seen
        return _kept(answer.der, media_type, max_age_s=min(5, int(ANSWER_LIFE.total_seconds())))
    return Response(answer.der, media_type=media_type, headers={"Cache-Control": "no-store"})


def _kept(content: bytes, media_type: str, *, max_age_s: int) -> Response:
    headers = {
        "Cache-Control": f"public, max-age={max_age_s}, no-transform, must-revalidate",
        "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
    }
    return Response(content, media_type=media_type, headers=headers)
