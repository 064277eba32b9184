"""The wire protocols of the hierarchy: CA certificates, CRLs, OCSP, time-stamps. Plain HTTP, no login, cacheable."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final

from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter, Depends, Request, Response

from api.callers import Purpose
from api.context import Call, Published, public
from api.usecases.answer_ocsp import OcspAnswer, answer_ocsp
from api.usecases.answer_timestamp import answer_timestamp
from api.usecases.publish_crl import find_authority
from api.usecases.read_crl import read_crl
from signing.registry_sql import PublishedCrl

_MAX_BODY: Final = 64 * 1024  # the protocols' own limits are lower and answered in their own words
router = APIRouter(prefix="/pki", tags=["pki"], max_body_size=_MAX_BODY)

_Static = Annotated[Call, Depends(public(purpose=Purpose.READ_PKI, limited=False))]
_Ask = Annotated[Call, Depends(public(purpose=Purpose.READ_PKI))]
_Stamp = Annotated[Call, Depends(public(purpose=Purpose.STAMP_TIME))]
_CERTIFICATE_CACHE_S: Final = 86_400
_CRL_CACHE_S: Final = 30  # a revocation is in the list within a minute, also behind a cache
_OCSP_CACHE_S: Final = 5  # OCSP says so within five seconds, also behind a cache


async def _read_body(request: Request) -> bytes:
    return await request.body()


_Body = Annotated[bytes, Depends(_read_body)]


@router.get("/{authority}.cer", response_class=Response)
@router.head("/{authority}.cer", include_in_schema=False)
def get_authority_certificate(authority: str, call: _Static, request: Request) -> Response:
    """The certificate of an authority (DER)."""
    certificate = find_authority(authority, call.services).certificate
    content = Published(
        content=certificate.public_bytes(Encoding.DER),
        media_type="application/pkix-cert",
        modified_at=certificate.not_valid_before_utc,
        max_age_s=_CERTIFICATE_CACHE_S,
    )
    return content.answer(request, call.at)


@router.get("/{authority}.crl", response_class=Response)
@router.head("/{authority}.crl", include_in_schema=False)
def get_crl(authority: str, call: _Static, request: Request) -> Response:
    """The newest full revocation list of an authority (DER); `AUTHORITY-delta.crl`: what changed, where published."""
    return _list(*read_crl(authority, call.services), request, call)


@router.get("/{authority}/{file}.crl", response_class=Response)
@router.head("/{authority}/{file}.crl", include_in_schema=False)
def get_crl_shard(authority: str, file: str, call: _Static, request: Request) -> Response:
    """The newest revocation list of one shard, as certificates point to it (DER); `SHARD-delta.crl`: what changed."""
    return _list(*read_crl(authority, call.services, file=file), request, call)


@router.post("/ocsp/{authority}", response_class=Response)
def post_ocsp(authority: str, body: _Body, call: _Ask) -> Response:
    """Answer an OCSP request (RFC 6960)."""
    der = answer_ocsp(authority, body, call.services, call.at).der
    return Response(der, media_type="application/ocsp-response", headers={"Cache-Control": "no-store"})


@router.get("/ocsp/{authority}/{asked:path}", response_class=Response)
@router.head("/ocsp/{authority}/{asked:path}", include_in_schema=False)
def get_ocsp(authority: str, asked: str, call: _Ask, request: Request) -> Response:
    """Answer an OCSP request in the address, base64 (RFC 5019 §5)."""
    return _ocsp(answer_ocsp(authority, _from_base64(asked), call.services, call.at), request, call.at)


@router.post("/tsa", response_class=Response)
def post_tsa(body: _Body, call: _Stamp) -> Response:
    """Answer a time-stamp request (RFC 3161 §3.4)."""
    answer = answer_timestamp(body, call.services, call.at)
    return Response(answer, media_type="application/timestamp-reply", headers={"Cache-Control": "no-store"})


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""  # no request at all: the answer is malformedRequest


def _list(crl: PublishedCrl, content: bytes, request: Request, call: Call) -> Response:
    published = Published(
        content=content,
        media_type="application/pkix-crl",
        modified_at=crl.this_update,
        max_age_s=_CRL_CACHE_S,
        ends_at=crl.next_update,
    )
    return published.answer(request, call.at)


def _ocsp(answer: OcspAnswer, request: Request, at: datetime) -> Response:
    media_type = "application/ocsp-response"
    if answer.produced_at is None or answer.next_update is None:
        return Response(answer.der, media_type=media_type, headers={"Cache-Control": "no-store"})
    # RFC 5019 §6.2: never longer than nextUpdate; much shorter, because a suspension must be seen
    published = Published(
        content=answer.der,
        media_type=media_type,
        modified_at=answer.produced_at,
        max_age_s=_OCSP_CACHE_S,
        ends_at=answer.next_update,
    )
    return published.answer(request, at)
