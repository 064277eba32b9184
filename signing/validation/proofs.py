"""What time-stamps prove: when each signature certainly existed.

Document time-stamps are taken from the latest to the earliest: a stamp that holds at the moment of proof moves that
moment back to its own time, because everything it covers existed then (ETSI EN 319 102-1 §5.6.2.3, on whole files).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from signing.trust import Evidence, TrustAnchors
from signing.validation.container import Container
from signing.validation.document import OpenedDocument
from signing.validation.geometry import Coverage
from signing.validation.judgement import BAD_STAMP, PASSED, UNTRUSTED_STAMP, Judgement
from signing.validation.policy import ValidationPolicy
from signing.validation.reasons import Reason
from signing.validation.stamps import StampAnswer, check_stamp

_Check = Callable[[bytes, tuple[bytes | memoryview, ...], datetime], StampAnswer]
MAX_TOKENS = 8  # signature time-stamps of one signature that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStamp:
    """A document time-stamp and what it is worth."""

    end: int
    """First byte that it does not cover."""

    stamp: StampAnswer
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The best that is known about the time of one signature."""

    time: datetime | None
    source: str
    """'signature_timestamp', 'document_timestamp' or 'none'."""

    control_time: datetime
    """When evidence has to hold: now, or the time of a document time-stamp that covers it."""

    warnings: tuple[Reason, ...] = ()
    broken: bool = False
    """One of its own time-stamps is damaged, or is about something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Everything that time-stamps of one document prove."""

    documents: Mapping[str, DocumentStamp]
    signatures: Mapping[str, Proof]
    at: datetime

    def best(self, name: str) -> Proof:
        """The proof of a signature by its field name."""
        return self.signatures.get(name, Proof(time=None, source="none", control_time=self.at))

    def covers_store(self, end: int) -> bool:
        """Whether a trusted document time-stamp was set on a later revision than the given end."""
        return any(d.stamp.trusted and d.end > end for d in self.documents.values())


def collect_proofs(
    document: OpenedDocument,
    containers: Mapping[str, tuple[Coverage | None, Container | None]],
    *,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    evidence: Evidence,
    at: datetime,
) -> Proofs:
    """Checks every time-stamp of a document once."""
    bag = tuple(dict.fromkeys(c for _, k in containers.values() if k is not None for c in k.certificates))

    def check(token: bytes, parts: tuple[bytes | memoryview, ...], control: datetime) -> StampAnswer:
        try:
            return check_stamp(
                token, parts, others=bag, anchors=anchors, evidence=evidence, policy=policy, control_time=control
            )
        except Exception as err:  # noqa: BLE001 - a token that breaks a decoder proves nothing
            return StampAnswer(stamped_time=None, intact=False, trusted=False, error=type(err).__name__)

    names = {field.name: field.is_timestamp for field in document.fields}
    stamps: dict[str, DocumentStamp] = {}
    control = at
    ordered = sorted(containers.items(), key=lambda item: -(item[1][0].end if item[1][0] else 0))
    for name, (coverage, container) in ordered:
        if coverage is None or container is None or not names.get(name):
            continue
        answer = check(coverage.contents, coverage.digested_parts(document.pdf), control)
        judgement = PASSED if answer.trusted else UNTRUSTED_STAMP if answer.intact else BAD_STAMP
        stamps[name] = DocumentStamp(end=coverage.end, stamp=answer, judgement=judgement)
        if answer.trusted and answer.stamped_time is not None:
            control = min(control, answer.stamped_time)
    proofs = {}
    for name, (coverage, container) in containers.items():
        if coverage is None or container is None or names.get(name):
            continue
        proofs[name] = _proof(coverage, container, stamps, check, at)
    return Proofs(documents=stamps, signatures=proofs, at=at)


def _proof(
    coverage: Coverage,
    container: Container,
    stamps: Mapping[str, DocumentStamp],
    check: _Check,
    at: datetime,
) -> Proof:
    covering = [d.stamp.stamped_time for d in stamps.values() if d.stamp.trusted and d.end >= coverage.end]
    times = [t for t in covering if t is not None]
    control = min(times, default=at)
    own = [check(token, (container.value,), control) for token in container.tokens[:MAX_TOKENS]]
    proven = [a.stamped_time for a in own if a.trusted and a.stamped_time is not None]
    warnings = (Reason.TIMESTAMP_NOT_TRUSTED,) if own and not proven else ()
    broken = any(not a.intact for a in own)
    if proven and min(proven) <= control:
        return Proof(
            time=min(proven), source="signature_timestamp", control_time=control, warnings=warnings, broken=broken
        )
    source = "document_timestamp" if times else "none"
    return Proof(time=min(times, default=None), source=source, control_time=control, warnings=warnings, broken=broken)
