"""Time-stamps and status evidence of a service, over HTTP: for files that were signed with a key that it keeps.

Only the service itself is asked: of an address in a certificate its path counts, and none but that of the service's own
PKI; there nobody logs in. Must not know files.
"""

import base64
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from api.cli.csc_service import CscService
from api.cli.sign_service import ServiceAway

if TYPE_CHECKING:
    import httpx2

    from signing.trust import Evidence, Want

_PKI: Final = "/pki/"
_TRIES: Final = 4
_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 30.0
_LIFE_S: Final = 5.0
"""What was told of a certificate is told again for so long, as the service itself does within a batch."""
_TOO_MANY: Final = 429
_MOST_BYTES: Final = 32 * 1024 * 1024
_MOST_ISSUERS: Final = 4


@dataclass(slots=True, kw_only=True)
class ServiceProofs:
    """What `Proofs` are made of; used by several threads."""

    csc: CscService
    public: "httpx2.Client"
    """To the same service, without a login."""
    at: datetime
    _turn: Lock = field(default_factory=Lock)
    _known: dict[tuple[bytes, ...], tuple[float, "Evidence"]] = field(default_factory=dict)

    def stamp(self, request: bytes) -> bytes:
        """TimeStampReq in, TimeStampResp out (CSC API 2.0 §11.13).

        Raises:
            TimestampUnavailable: the service gives none.
        """
        from asn1crypto import algos, cms, tsp

        from signing.errors import TimestampUnavailable
        from signing.tsa import Question

        question = Question.of(request)
        body = {
            "hash": base64.b64encode(question.imprint).decode(),
            "hashAlgo": algos.DigestAlgorithmId.unmap(question.digest),
            "nonce": str(question.nonce),
        }
        try:
            _, told = self.csc.post("signatures/timestamp", body)
            token = cms.ContentInfo.load(base64.b64decode(str(told.get("timestamp")), validate=True), strict=True)
        except ServiceAway as err:
            raise TimestampUnavailable(err.failure.en) from err
        except ValueError as err:
            raise TimestampUnavailable("the service gives no time-stamp") from err
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def evidence(self, chain: tuple[bytes, ...]) -> "Evidence":
        """For every certificate but the root an OCSP answer, or else the list that its authority publishes.

        Raises:
            EvidenceUnavailable: of one of them there is neither.
        """
        with self._turn:
            since, known = self._known.get(chain, (0.0, None))
            if known is None or time.monotonic() - since > _LIFE_S:
                known = self._asked(self._up_to_the_root(chain))
                self._known[chain] = (time.monotonic(), known)
            return known

    def _up_to_the_root(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        from signing.trust import EvidenceKind, wants_of

        for _ in range(_MOST_ISSUERS):
            wanted = [one for one in wants_of(chain[-1:]) if one.kind is EvidenceKind.ISSUER]
            found = next((der for one in wanted if (der := self._fetched(one)) is not None), None)
            if found is None:
                break
            chain = (*chain, found)
        return chain

    def _asked(self, chain: tuple[bytes, ...]) -> "Evidence":
        from signing.errors import EvidenceUnavailable
        from signing.identity import load_certificate
        from signing.trust import Evidence, EvidenceKind, wants_of

        whole = Evidence(certificates=chain)
        for certificate, issuer in pairwise(chain):
            name = load_certificate(issuer).subject.public_bytes()
            wants = [one for one in wants_of((certificate, issuer)) if one.issuer == name]
            wants.sort(key=lambda one: one.kind is not EvidenceKind.OCSP)
            piece = next((found for one in wants if (found := self._piece(one)) is not None), None)
            if piece is None:
                raise EvidenceUnavailable("the service tells no status of a certificate")
            whole = whole.merged(piece)
        return whole

    def _piece(self, want: "Want") -> "Evidence | None":
        from signing.trust import Evidence, EvidenceKind

        der = self._fetched(want)
        if der is None:
            return None
        return Evidence(ocsps=(der,)) if want.kind is EvidenceKind.OCSP else Evidence(crls=(der,))

    def _fetched(self, want: "Want") -> bytes | None:
        """What came from the service, if it is what was wanted and in force."""
        from signing.errors import EvidenceUnavailable
        from signing.trust.fetch import understood

        path = urlsplit(want.address).path
        if not path.startswith(_PKI):
            return None
        try:
            value, until = understood(replace(want, address=path), self._answer(path, want.request))
        except EvidenceUnavailable:
            return None
        return value if until > self.at else None

    def _answer(self, path: str, request: bytes) -> bytes:
        """The octets at a path; who is asked too often is asked again later."""
        import httpx2

        from signing.errors import EvidenceUnavailable

        for _ in range(_TRIES):
            try:
                answer = self._knock(path, request)
            except httpx2.HTTPError as err:
                raise EvidenceUnavailable(type(err).__name__) from err
            if answer.status_code == httpx2.codes.OK and len(answer.content) <= _MOST_BYTES:
                return bytes(answer.content)
            if answer.status_code != _TOO_MANY:
                break
            told_s = answer.headers.get("retry-after", "")
            pause_s = min(float(told_s), _LONGEST_PAUSE_S) if told_s.isdecimal() else _PAUSE_S
            if self.csc.stopped.wait(pause_s):
                break
        raise EvidenceUnavailable("the service does not answer")

    def _knock(self, path: str, request: bytes) -> Any:  # noqa: ANN401 - the library's answer
        if not request:
            return self.public.get(path)
        return self.public.post(path, content=request, headers={"Content-Type": "application/ocsp-request"})
