"""OCSP answers (RFC 6960 §4.2), put together from DER parts and signed by a delegated responder.

Knows no registry: the status of a serial comes from a function handed in, and a serial it does not know is
``unknown``, never ``good``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final

from signing.keys import Credential, KeyStore
from signing.keys.der import ENUMERATED, OCTET_STRING, SEQUENCE, extension, generalized_time, oid, signed, tlv
from signing.revocation.ocsp_request import OID_NONCE, OcspRequest, authority_id

_OID_BASIC: Final = oid("1.3.6.1.5.5.7.48.1.1")
_OID_ARCHIVE_CUTOFF: Final = "1.3.6.1.5.5.7.48.1.6"
_SUCCESSFUL: Final = tlv(ENUMERATED, b"\x00")


class OcspError(IntEnum):
    """OCSPResponseStatus of an answer without content (RFC 6960 §4.2.1)."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """The certificate is revoked or on hold."""

    at: datetime
    reason: int | None
    archive_cutoff: datetime | None = None
    """See ``Good``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """The certificate was issued and is neither revoked nor on hold."""

    archive_cutoff: datetime | None = None
    """Of an expired certificate: certificates that expired since then are still answered for (RFC 6960 §4.4.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No certificate with this serial was ever issued here."""


Status = Good | Revoked | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Who answers for one authority."""

    authority: bytes
    """Certificate of the authority whose certificates are asked about, DER."""
    signer: Credential
    """Delegated OCSP signer that this authority issued."""


def build_ocsp_response(
    request: OcspRequest,
    responder: Responder,
    keys: KeyStore,
    status_of: Callable[[int], Status],
    *,
    produced_at: datetime,
    next_update: datetime,
) -> bytes:
    """Return the answer (DER OCSPResponse), signed, or ``unauthorized`` when nothing asked is ours.

    RFC 6960 §2.3: who cannot speak for the authority must not answer for it.
    """
    authority = authority_id(responder.authority)
    ours = [certificate.is_of(authority) for certificate in request.certificates]
    if not any(ours):
        return build_ocsp_error(OcspError.UNAUTHORIZED)
    moment = generalized_time(produced_at)
    until = tlv(0xA0, generalized_time(next_update))
    answers = []
    for certificate, own in zip(request.certificates, ours, strict=True):
        status = status_of(certificate.serial) if own else Unknown()
        answers.append(tlv(SEQUENCE, certificate.encoded, _status(status), moment, until, _extensions(status)))
    nonce = b""
    if request.nonce is not None:
        nonce = tlv(0xA1, tlv(SEQUENCE, extension(OID_NONCE, request.nonce)))
    signer = responder.signer
    tbs = tlv(SEQUENCE, _responder_id(signer.certificate), moment, tlv(SEQUENCE, *answers), nonce)
    signature = keys.sign(signer.key_id, tbs, signer.algorithm)
    certificates = tlv(0xA0, tlv(SEQUENCE, signer.certificate))
    basic = signed(tbs, signer.algorithm, signature, certificates)
    content = tlv(SEQUENCE, _OID_BASIC, tlv(OCTET_STRING, basic))
    return tlv(SEQUENCE, _SUCCESSFUL, tlv(0xA0, content))


def build_ocsp_error(status: OcspError) -> bytes:
    """Return an answer without content; it is not signed (RFC 6960 §2.3)."""
    return tlv(SEQUENCE, tlv(ENUMERATED, bytes((status.value,))))


def _status(status: Status) -> bytes:
    if isinstance(status, Revoked):
        reason = tlv(0xA0, tlv(ENUMERATED, bytes((status.reason,)))) if status.reason else b""
        return tlv(0xA1, generalized_time(status.at), reason)
    return b"\x80\x00" if isinstance(status, Good) else b"\x82\x00"


def _extensions(status: Status) -> bytes:
    if isinstance(status, Unknown) or status.archive_cutoff is None:
        return b""
    return tlv(0xA1, tlv(SEQUENCE, extension(_OID_ARCHIVE_CUTOFF, generalized_time(status.archive_cutoff))))


@lru_cache(maxsize=16)
def _responder_id(certificate: bytes) -> bytes:
    # RFC 6960 §4.2.1: responder by key hash, SHA-1 of the key's bits
    digest = hashlib.sha1(authority_id(certificate).key_bits).digest()  # noqa: S324 - names, protects nothing
    return tlv(0xA2, tlv(OCTET_STRING, digest))
