"""Asks a time-stamp authority and believes nothing: RFC 3161 request, answer checked before it is used.

Knows the request and the answer as DER; how they travel is the caller's matter.
"""

import hashlib
import secrets
from collections.abc import Callable

from asn1crypto import algos, cms, tsp

from signing.errors import SigningError, TimestampUnavailable

Stamp = Callable[[bytes], bytes]
"""Takes a DER TimeStampReq, gives a DER TimeStampResp."""

_GRANTED = {"granted", "granted_with_mods"}
MAX_ANSWER_BYTES = 256 * 1024


def timestamp_token(stamp: Stamp, data: bytes, *, digest: str = "sha256") -> cms.ContentInfo:
    """A token over the given data.

    Raises:
        TimestampUnavailable: no answer, a refusal, or an answer that is not about this request.
    """
    return timestamp_token_over(stamp, hashlib.new(digest, data).digest(), digest=digest)


def timestamp_token_over(stamp: Stamp, message_digest: bytes, *, digest: str) -> cms.ContentInfo:
    """A token over data whose digest is known; raises as ``timestamp_token``."""
    nonce = secrets.randbits(63) | 1 << 62
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": _imprint(message_digest, digest),
            "nonce": nonce,
            "cert_req": True,
        }
    )
    try:
        answer = stamp(request.dump())
    except SigningError:
        raise
    except Exception as err:
        raise TimestampUnavailable("the time-stamp authority did not answer") from err
    return _checked(answer, message_digest, digest, nonce)


def token_certificates(token: cms.ContentInfo) -> tuple[bytes, ...]:
    """DER of the certificates inside a token, the signer's first if it can be told."""
    signed = token["content"]
    certificates = [c.chosen for c in signed["certificates"] or () if c.name == "certificate"]
    sid = signed["signer_infos"][0]["sid"].chosen
    if isinstance(sid, cms.IssuerAndSerialNumber):
        wanted = (sid["serial_number"].native, sid["issuer"])
        certificates.sort(key=lambda c: (c.serial_number, c.issuer) != wanted)
    else:
        certificates.sort(key=lambda c: c.key_identifier != sid.native)
    return tuple(c.dump() for c in certificates)


def _imprint(message_digest: bytes, digest: str) -> tsp.MessageImprint:
    algorithm = algos.DigestAlgorithm({"algorithm": digest})
    return tsp.MessageImprint({"hash_algorithm": algorithm, "hashed_message": message_digest})


def _checked(answer: bytes, message_digest: bytes, digest: str, nonce: int) -> cms.ContentInfo:
    if len(answer) > MAX_ANSWER_BYTES:
        raise TimestampUnavailable("the answer of the time-stamp authority is too large")
    try:
        response = tsp.TimeStampResp.load(answer, strict=True)
        status = response["status"]["status"].native
        if status not in _GRANTED:
            raise TimestampUnavailable(f"the time-stamp authority refused: {status}")
        token = response["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        same = (
            imprint["hashed_message"].native == message_digest
            and imprint["hash_algorithm"]["algorithm"].native == digest
            and info["nonce"].native == nonce
            and len(token["content"]["signer_infos"]) == 1
        )
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise TimestampUnavailable("the answer of the time-stamp authority cannot be read") from err
    if not same:
        # RFC 3161 §2.4.2: an answer with another imprint or nonce is somebody else's
        raise TimestampUnavailable("the time-stamp is not about this request")
    return cms.ContentInfo.load(token.dump())
