"""Asks a time-stamp authority and believes nothing: RFC 3161 request, answer checked before it is used.

Knows the request and the answer as DER; how they travel is the caller's matter.
"""

import hashlib
from collections.abc import Callable

from asn1crypto import cms

from signing.errors import SigningError, TimestampUnavailable
from signing.tsa import AuthorityFaultError, Question, granted_token

Stamp = Callable[[bytes], bytes]
"""Takes a DER TimeStampReq, gives a DER TimeStampResp."""


def timestamp_token(stamp: Stamp, data: bytes, *, digest: str = "sha256") -> cms.ContentInfo:
    """A token over the given data.

    Raises:
        TimestampUnavailable: no answer, a refusal, or an answer that is not about this request.
    """
    return timestamp_token_over(stamp, hashlib.new(digest, data).digest(), digest=digest)


def timestamp_token_over(stamp: Stamp, message_digest: bytes, *, digest: str) -> cms.ContentInfo:
    """A token over data whose digest is known; raises as ``timestamp_token``."""
    question = Question.over(message_digest, digest)
    try:
        return granted_token(stamp(question.request()), question)
    except SigningError:
        raise
    except AuthorityFaultError as err:
        raise TimestampUnavailable(f"no usable answer of the time-stamp authority: {err}") from err
    except Exception as err:
        raise TimestampUnavailable("the time-stamp authority did not answer") from err


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
