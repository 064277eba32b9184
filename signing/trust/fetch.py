"""The only network access of the library: CRLs, OCSP answers and issuer certificates, from listed hosts, with limits.

Nothing that comes back is believed here: it is handed on as evidence and judged by the path check. What is bounded:
which hosts, time from the first octet to the last, octets, redirects, requests for one question. What was fetched is
kept until it is out of date, what failed is not asked again at once.
"""

import http.client
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from socket import SHUT_RDWR
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from signing.errors import EvidenceAddressRefused, EvidenceUnavailable
from signing.trust.doors import Door, Doors, Resolver, resolve
from signing.trust.evidence import Evidence
from signing.trust.wants import EvidenceKind, Want

_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_POST_TYPE: Final = "application/ocsp-request"
_MOST_IN_A_BAG: Final = 16
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How much one question may cost."""

    seconds: float = 5.0
    """One request, from the look-up to the last octet."""

    total_seconds: float = 15.0
    """All requests for one question."""

    octets: int = 16 * 1024 * 1024
    """One answer, as it comes over the wire."""

    requests: int = 16
    redirects: int = 2
    """To the same host only."""

    kept: int = 256
    """Entries of the cache."""

    kept_octets: int = 64 * 1024 * 1024
    keep_at_most: timedelta = timedelta(hours=1)
    """Even if it says that it is good for longer: a revocation should be seen."""

    refuse_for: timedelta = timedelta(minutes=1)
    """How long what failed is not asked again."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: bytes
    """Empty: it failed."""

    until: datetime


class EvidenceFetcher:
    """Fetches what is wanted from hosts on the list; one for the process, any number of threads."""

    def __init__(self, doors: Doors, *, limits: FetchLimits | None = None, resolver: Resolver = resolve) -> None:
        self._doors = doors
        self._limits = limits or FetchLimits()
        self._resolver = resolver
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def gather(self, wants: Iterable[Want], at: datetime, *, within_s: float | None = None) -> Evidence:
        """Whatever of it can be had; what cannot is left out (the path check then says that a status is missing).

        Args:
            wants: addresses from certificates of strangers; unlisted ones are passed over.
            at: now; decides what of the cache is still good.
            within_s: less time than the limits allow, because somebody waits, shared by all that is wanted; None: the
                limits.
        """
        begun, patience_s = time.monotonic(), min(within_s or self._limits.total_seconds, self._limits.total_seconds)
        found: dict[EvidenceKind, list[bytes]] = {kind: [] for kind in EvidenceKind}
        asked = 0
        open_ones = tuple(wants)
        for place, want in enumerate(open_ones):
            key = sha256(b"\0".join((want.kind.encode(), want.address.encode(), want.issuer, want.request))).digest()
            kept = self._recalled(key, at)
            if kept is None:
                if asked >= self._limits.requests or time.monotonic() - begun > patience_s:
                    break
                asked += 1
                left_s = patience_s - (time.monotonic() - begun)
                # one that never answers leaves time for the others: each is known to be silent afterwards
                kept = self._asked(want, at, left_s if within_s is None else left_s / (len(open_ones) - place))
                self._remember(key, kept)
            if kept.value:
                found[want.kind].append(kept.value)
        return Evidence(
            certificates=tuple(found[EvidenceKind.ISSUER]), ocsps=tuple(found[EvidenceKind.OCSP]),
            crls=tuple(found[EvidenceKind.CRL]),
        )  # fmt: skip

    def _asked(self, want: Want, at: datetime, left_s: float) -> _Kept:
        try:
            value = self.fetch(want, within_s=left_s)
            value, until = understood(want, value)
        except (EvidenceUnavailable, EvidenceAddressRefused):
            return _Kept(b"", at + self._limits.refuse_for)
        if until <= at:
            return _Kept(b"", at + self._limits.refuse_for)
        return _Kept(value, min(until, at + self._limits.keep_at_most))

    def fetch(self, want: Want, *, within_s: float | None = None) -> bytes:
        """The octets at an address, unjudged; ``within_s`` may shorten the limit.

        Raises:
            EvidenceAddressRefused: it may not be asked. EvidenceUnavailable: no answer within the limits.
        """
        limit_s = self._limits.seconds
        deadline = time.monotonic() + (limit_s if within_s is None else min(limit_s, within_s))
        address = want.address
        for _ in range(self._limits.redirects + 1):
            door = self._doors.door(address, self._resolver)
            status, target, body = self._knock(door, want.request, deadline)
            if status == _OK:
                return body
            if status not in _REDIRECTS or not target:
                raise EvidenceUnavailable(f"the host answered {status}")
            onward = target if "://" in target else f"{door.scheme}://{door.host}:{door.port}{target}"
            if self._doors.door(onward, self._resolver).host != door.host:
                raise EvidenceAddressRefused("the host sends us to another one")
            address = onward
        raise EvidenceUnavailable("the host sends us in a circle")

    def _knock(self, door: Door, request: bytes, deadline: float) -> tuple[int, str, bytes]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise EvidenceUnavailable("the time is over")
        connection = _connection(door, left)
        # Each single wait has a limit below; a host that sends an octet a second is ended by the guard.
        guard = threading.Timer(left, _cut, args=(connection,))
        guard.daemon = True
        closing = ExitStack()
        try:
            guard.start()
            connection.request(
                "POST" if request else "GET", door.path, body=request or None, headers=_headers(door, request),
                preload_content=False, decode_content=False,
            )  # fmt: skip
            response = connection.getresponse()
            closing.callback(response.close)
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise EvidenceUnavailable("a compressed answer was not asked for")
            if response.status != _OK:
                return response.status, response.headers.get("Location", ""), b""
            body = self._body(response.read1, deadline)
            if response.length_remaining or time.monotonic() >= deadline:  # what the guard cut looks complete
                raise EvidenceUnavailable("the answer is cut off")
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as err:
            raise EvidenceUnavailable(f"no answer: {type(err).__name__}") from err
        finally:
            guard.cancel()
            closing.close()
            connection.close()
        return _OK, "", body

    def _body(self, read: _Read, deadline: float) -> bytes:
        parts, size = [], 0
        while part := read(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > self._limits.octets:
                raise EvidenceUnavailable("the answer is too large")
            if time.monotonic() > deadline:
                raise EvidenceUnavailable("the answer takes too long")
        return b"".join(parts)

    def _recalled(self, key: bytes, at: datetime) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.until <= at:
                return None
            self._kept.move_to_end(key)
            return kept

    def _remember(self, key: bytes, kept: _Kept) -> None:
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            size = sum(len(one.value) for one in self._kept.values())
            while len(self._kept) > self._limits.kept or size > self._limits.kept_octets:
                size -= len(self._kept.popitem(last=False)[1].value)


def _connection(door: Door, left: float) -> HTTPConnection:
    host = str(door.address)
    if door.scheme == "http":
        return HTTPConnection(host, door.port, timeout=left)
    # The name, not the pinned address, is what the server's certificate has to say.
    return HTTPSConnection(
        host, door.port, timeout=left, ssl_context=ssl.create_default_context(),
        server_hostname=door.host, assert_hostname=door.host,
    )  # fmt: skip


def _headers(door: Door, request: bytes) -> dict[str, str]:
    host = f"[{door.host}]" if ":" in door.host else door.host
    headers = {"Host": f"{host}:{door.port}", "Accept-Encoding": "identity", "User-Agent": "anso", "Accept": "*/*"}
    return headers | ({"Content-Type": _POST_TYPE} if request else {})


def _cut(connection: HTTPConnection) -> None:
    """Ends whatever a connection waits for."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(SHUT_RDWR)


def understood(want: Want, value: bytes) -> tuple[bytes, datetime]:
    """What came, in DER, and until when it may be kept; the content type is what a stranger says, so it is not read.

    Raises:
        EvidenceUnavailable: something else than what was wanted.
    """
    try:
        if want.kind is EvidenceKind.CRL:
            found = x509.load_der_x509_crl(value)
            if found.issuer.public_bytes() != want.issuer:
                raise EvidenceUnavailable("a list of another issuer")
            return value, found.next_update_utc or _NEVER
        if want.kind is EvidenceKind.OCSP:
            answer = ocsp.load_der_ocsp_response(value)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                raise EvidenceUnavailable("the responder gives no answer")
            return value, answer.next_update_utc or _NEVER
        return _issuer_in(value, want.issuer)
    except (ValueError, TypeError) as err:
        raise EvidenceUnavailable("not what was asked for") from err


def _issuer_in(value: bytes, subject: bytes) -> tuple[bytes, datetime]:
    """RFC 5280 §4.2.2.1: one certificate in DER, or a bag of them (certs-only CMS)."""
    try:
        offered = [x509.load_der_x509_certificate(value)]
    except ValueError:
        offered = pkcs7.load_der_pkcs7_certificates(value)[:_MOST_IN_A_BAG]
    for certificate in offered:
        if certificate.subject.public_bytes() == subject:
            return certificate.public_bytes(Encoding.DER), certificate.not_valid_after_utc
    raise EvidenceUnavailable("not the issuer that was looked for")
