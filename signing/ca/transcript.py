"""The transcript of a ceremony: one JSON line a step, each continuing the hash of the one before it.

Knows lines, hashes and what a ceremony's lines must say to agree with each other and with the certificates. Knows no
file, no device and no clock. A broken transcript is a report, not an exception.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca.ceremony import CeremonyAct, CeremonyStep
from signing.ca.rehearsal import form_of
from signing.errors import AlgorithmNotSupported

GENESIS: Final = "0" * 64
_DOMAIN: Final = b"anso ceremony transcript v1\x00"
_MAX_LINE: Final = 256 * 1024  # a certificate with an ML-DSA key and signature has 8 KB
_MAX_LINES: Final = 10_000
OPENED: Final = "opened"
FOUND: Final = "found"
CLOSED: Final = "closed"
_MADE: Final = frozenset({CeremonyAct.SIGNED.value, FOUND})
_MALFORMED: Final = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, AlgorithmNotSupported)
"""What reading a certificate raises that is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptHead:
    """Where a transcript ends."""

    number: int = 0
    digest: str = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptReport:
    """What following a transcript found."""

    head: TranscriptHead
    certificates: tuple[tuple[str, bytes], ...]
    """Service and certificate (DER): what the transcript says was made, in order."""
    findings: tuple[str, ...]
    """Stable codes with the line's number; none: everything agrees."""
    is_closed: bool


def next_line(head: TranscriptHead, body: Mapping[str, object], at: datetime) -> tuple[str, TranscriptHead]:
    """Return the next line, without its end, and the head after it."""
    entry = {**body, "n": head.number + 1, "at": at.isoformat(), "previous": head.digest}
    digest = _hash(entry)
    line = json.dumps({**entry, "hash": digest}, ensure_ascii=False, sort_keys=True)
    return line, TranscriptHead(number=head.number + 1, digest=digest)


def body_of(step: CeremonyStep) -> dict[str, object]:
    """Return the body of a step's line."""
    body: dict[str, object] = {
        "act": step.act.value,
        "service": step.service,
        "key_id": step.key_id,
        "spki_sha256": step.spki_sha256,
        "tbs_sha256": step.tbs_sha256,
    }
    return body | (certificate_body(step.certificate) if step.certificate else {})


def certificate_body(certificate: bytes) -> dict[str, object]:
    """Return what a line says about a certificate (DER) in force."""
    return {
        "certificate": base64.b64encode(certificate).decode(),
        "certificate_sha256": hashlib.sha256(certificate).hexdigest(),
    }


def check_transcript(text: str, certificates: Sequence[bytes] | None = None) -> TranscriptReport:
    """Follow a transcript from its first line to its last.

    Args:
        text: the lines.
        certificates: DER, what is in use; each must stand in the transcript, and each of the transcript among them.
            None: the transcript is only compared with itself.
    """
    reading = _Reading()
    lines = text.removesuffix("\n").split("\n") if text else []
    if len(lines) > _MAX_LINES:
        reading.findings.append("transcript.too_long")
        lines = []
    for line in lines:
        if not reading.take(line):
            break
    reading.compare(certificates)
    return TranscriptReport(
        head=reading.head,
        certificates=tuple(reading.made),
        findings=tuple(reading.findings),
        is_closed=reading.is_closed,
    )


@dataclass(slots=True)
class _Reading:
    """What is known after the lines so far."""

    head: TranscriptHead = field(default_factory=TranscriptHead)
    at: datetime | None = None
    forms: dict[str, str] = field(default_factory=dict)
    prepared: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By key: digests of public key and to-be-signed bytes, as they were written down before the signature."""
    ended: set[str] = field(default_factory=set)
    made: list[tuple[str, bytes]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    is_closed: bool = False

    def take(self, line: str) -> bool:
        """Read one line; False when nothing behind it can be trusted."""
        number = self.head.number + 1
        try:
            entry: dict[str, Any] = json.loads(line if len(line) <= _MAX_LINE else "")
            at = datetime.fromisoformat(entry["at"])
            follows = entry["n"] == number and entry["previous"] == self.head.digest
            told = entry.pop("hash")
            act = str(entry["act"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.findings.append(f"transcript.line_unreadable:{number}")
            return False
        if not follows or told != _hash(entry):
            self.findings.append(f"transcript.chain_broken:{number}")
            return False
        self.head = TranscriptHead(number=number, digest=told)
        if at.tzinfo is None or (self.at is not None and at < self.at):
            self.findings.append(f"transcript.time_goes_back:{number}")
        else:
            self.at = at
        if number == 1 and act != OPENED:
            self.findings.append("transcript.not_opened:1")
        self.is_closed = act == CLOSED
        try:
            self._read(act, entry, number)
        except (*_MALFORMED, KeyError, TypeError, AttributeError):
            self.findings.append(f"transcript.step_malformed:{number}")
        return True

    def _read(self, act: str, entry: dict[str, Any], number: int) -> None:
        if act == OPENED:
            self.forms = {str(service): str(digest) for service, digest in entry["plan"].items()}
        elif act in {CeremonyAct.RECORDED.value, CeremonyAct.TAKEN_UP.value}:
            self.prepared[str(entry["key_id"])] = (str(entry["spki_sha256"]), str(entry["tbs_sha256"]))
        elif act in {CeremonyAct.VOIDED.value, CeremonyAct.KEY_DESTROYED.value}:
            self.ended.add(str(entry["key_id"]))
        elif act in _MADE:
            self._read_certificate(act, entry, number)

    def _read_certificate(self, act: str, entry: dict[str, Any], number: int) -> None:
        service, key_id = str(entry["service"]), str(entry["key_id"])
        der = base64.b64decode(entry["certificate"], validate=True)
        certificate = x509.load_der_x509_certificate(der)
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        seen = (hashlib.sha256(spki).hexdigest(), hashlib.sha256(certificate.tbs_certificate_bytes).hexdigest())
        if hashlib.sha256(der).hexdigest() != entry["certificate_sha256"]:
            self.findings.append(f"transcript.certificate_digest:{number}")
        if act == CeremonyAct.SIGNED.value:
            if self.prepared.get(key_id) != seen or (entry["spki_sha256"], entry["tbs_sha256"]) != seen:
                self.findings.append(f"transcript.not_what_was_recorded:{number}")
            if key_id in self.ended:
                self.findings.append(f"transcript.key_had_ended:{number}")
            form = hashlib.sha256("\n".join(form_of(der)).encode()).hexdigest()
            if self.forms.get(service) != form:
                self.findings.append(f"transcript.not_what_was_announced:{number}")
        self.made.append((service, der))
        if not self._is_signed_from_above(certificate):
            self.findings.append(f"transcript.signature:{number}")

    def _is_signed_from_above(self, certificate: x509.Certificate) -> bool:
        for _, der in self.made:
            above = x509.load_der_x509_certificate(der)
            if above.subject != certificate.issuer:
                continue
            try:
                certificate.verify_directly_issued_by(above)
            except (InvalidSignature, ValueError, TypeError):
                continue
            return True
        return False

    def compare(self, certificates: Sequence[bytes] | None) -> None:
        """Compare what was made with what is in use."""
        if not self.is_closed:
            self.findings.append("transcript.not_closed")
        if certificates is None:
            return
        told, used = {der for _, der in self.made}, set(certificates)
        self.findings += [f"transcript.unknown_certificate:{_name(der)}" for der in sorted(used - told)]
        self.findings += [f"transcript.missing_certificate:{_name(der)}" for der in sorted(told - used)]


def _name(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()[:16]


def _hash(entry: Mapping[str, object]) -> str:
    canonical = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(_DOMAIN + canonical.encode("utf-8", "surrogatepass")).hexdigest()
