"""What a time-stamp authority is asked, and whether its answer is one to that question (RFC 3161 §2.4).

Knows request and answer as DER. Must not know how they travel, nor whether the authority is trusted: a token that
passes here is about the right bytes, no more.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from asn1crypto import algos, cms, core, tsp

MAX_ANSWER_BYTES: Final = 256 * 1024
_GRANTED: Final = frozenset({"granted", "granted_with_mods"})
_DECODING: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError)


class _Response(core.Sequence):  # type: ignore[misc]  # the library ships no types
    """TimeStampResp: RFC 3161 §2.4.2 leaves the token out of a refusal, which the library's own does not know."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012 - the library's way to declare


class AnswerFault(StrEnum):
    """Why there is no token; the value is the label in metrics and reports."""

    RESTING = "resting"
    """Not asked: it failed a moment ago."""
    BUSY = "busy"
    """Not asked: as many calls as may be were running until the time was over."""
    UNREACHABLE = "unreachable"
    """No connection, or it broke; a TLS certificate that is not the host's is that too."""
    TIMED_OUT = "timed_out"
    HTTP = "http"
    """Another status than 200, a redirection included."""
    MEDIA_TYPE = "media_type"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    """The authority says no (PKIStatus)."""
    FOREIGN = "foreign"
    """Another imprint or nonce: an answer to somebody else's question."""
    OTHER_POLICY = "other_policy"
    UNTRUSTED = "untrusted"
    """The token itself is wrong, or nobody that we trust made it: unknown root, certificate over, wrong time."""


class AuthorityFaultError(Exception):
    """No token from this authority; ends in whoever asks several."""

    def __init__(self, fault: AnswerFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: a token over data of this digest."""

    digest: str
    """Name of the digest algorithm (`sha256`)."""
    imprint: bytes
    nonce: int

    @classmethod
    def over(cls, imprint: bytes, digest: str) -> Self:
        """A new question, with a nonce that nobody can guess."""
        return cls(digest=digest, imprint=imprint, nonce=secrets.randbits(63) | 1 << 62)

    @classmethod
    def of(cls, request: bytes) -> Self:
        """The question in a TimeStampReq (DER) of ours.

        Raises:
            AuthorityFaultError: it is none, or has no nonce.
        """
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            return cls(
                digest=imprint["hash_algorithm"]["algorithm"].native,
                imprint=imprint["hashed_message"].native,
                nonce=int(asked["nonce"].native),
            )
        except _DECODING as err:
            raise AuthorityFaultError(AnswerFault.UNREADABLE, "the request") from err

    def request(self, policy: str | None = None) -> bytes:
        """The TimeStampReq (DER), certificates wanted; ``policy`` is an OID."""
        algorithm = algos.DigestAlgorithm({"algorithm": self.digest})
        fields = {
            "version": 1,
            "message_imprint": tsp.MessageImprint({"hash_algorithm": algorithm, "hashed_message": self.imprint}),
            "nonce": self.nonce,
            "cert_req": True,
        }
        wanted = {} if policy is None else {"req_policy": policy}
        return bytes(tsp.TimeStampReq(fields | wanted).dump())


def granted_token(answer: bytes, question: Question, *, policy: str | None = None) -> cms.ContentInfo:
    """The token in a TimeStampResp (DER) that answers the question.

    Raises:
        AuthorityFaultError: there is none, or it is about something else.
    """
    if len(answer) > MAX_ANSWER_BYTES:
        raise AuthorityFaultError(AnswerFault.TOO_LARGE)
    try:
        response = _Response.load(answer, strict=True)
        status = response["status"]["status"].native
        if status not in _GRANTED:
            raise AuthorityFaultError(AnswerFault.REFUSED, str(status))
        token = response["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        same = (
            imprint["hashed_message"].native == question.imprint
            and imprint["hash_algorithm"]["algorithm"].native == question.digest
            and info["nonce"].native == question.nonce
            and len(token["content"]["signer_infos"]) == 1
        )
        found_policy = info["policy"].dotted
    except _DECODING as err:
        raise AuthorityFaultError(AnswerFault.UNREADABLE) from err
    if not same:
        # RFC 3161 §2.4.2: an answer with another imprint or nonce is somebody else's
        raise AuthorityFaultError(AnswerFault.FOREIGN)
    if policy is not None and found_policy != policy:
        raise AuthorityFaultError(AnswerFault.OTHER_POLICY, str(found_policy))
    return cms.ContentInfo.load(token.dump())
