"""What time-stamps prove: not later than when each signature existed, and not earlier than when it was made.

ETSI EN 319 102-1 §5.4 (time-stamps), §5.5.4 (best signature time) and §5.6.2.3 (proofs of existence). Document
time-stamps are taken from the latest to the earliest: a stamp that holds at the moment of proof moves that moment back
to its own time for everything that it covers. Every stamp of a document is checked once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from asn1crypto.parser import peek

from signing.trust import Evidence, TrustAnchors
from signing.validation.attributes import CONTENT_TIMESTAMP
from signing.validation.container import Container
from signing.validation.document import OpenedDocument
from signing.validation.existence import Existence
from signing.validation.geometry import Coverage
from signing.validation.integrity import Examined
from signing.validation.judgement import STAMPS_OUT_OF_ORDER, Judgement, of_stamp
from signing.validation.path_memory import PathMemory
from signing.validation.policy import ValidationPolicy
from signing.validation.reasons import Reason
from signing.validation.signature_report import TimestampReport
from signing.validation.signed_form import common_name
from signing.validation.stamps import StampAnswer, check_stamp

MAX_TOKENS: Final = 8  # time-stamps of one signature that are looked at
CLOCKS_MAY_DIFFER: Final = timedelta(seconds=5)  # two honest authorities, each within its stated accuracy


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

    earliest: datetime | None = None
    """The signature is certainly not older than this (content time-stamp)."""

    warnings: tuple[Reason, ...] = ()
    broken: bool = False
    """One of its own time-stamps is damaged, or is about something else."""

    out_of_order: bool = False
    """Content, signature and document time-stamps contradict each other."""

    stamps: tuple[TimestampReport, ...] = ()
    """Its own time-stamps, as reports show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Everything that time-stamps of one document prove."""

    documents: Mapping[str, DocumentStamp]
    signatures: Mapping[str, Proof]
    existence: Existence
    at: datetime

    def best(self, name: str) -> Proof:
        """The proof of a signature by its field name."""
        return self.signatures.get(name, Proof(time=None, source="none", control_time=self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stamping:
    """What stays the same for every time-stamp of one document."""

    document: OpenedDocument
    bag: tuple[bytes, ...]
    anchors: TrustAnchors
    policy: ValidationPolicy
    evidence: Evidence
    existence: Existence
    memory: PathMemory
    at: datetime

    def check(self, token: bytes, parts: tuple[bytes | memoryview, ...], control: datetime) -> StampAnswer:
        """One time-stamp that has existed since a moment."""
        try:
            return check_stamp(
                token, parts, others=self.bag, anchors=self.anchors, evidence=self.evidence, policy=self.policy,
                control_time=control, existed=self.existence, memory=self.memory,
            )  # fmt: skip
        except Exception as err:  # noqa: BLE001 - a token that breaks a decoder proves nothing
            return StampAnswer(stamped_time=None, intact=False, trusted=False, error=type(err).__name__)

    def ordered(
        self, token: bytes, parts: tuple[bytes | memoryview, ...], control: datetime
    ) -> tuple[StampAnswer, bool]:
        """The same, and whether an authority of ours tells a later time than the stamp that covers it (§5.5.4)."""
        answer = self.check(token, parts, control)
        moment = answer.stamped_time
        if moment is None or not control + CLOCKS_MAY_DIFFER < moment <= self.at:
            return answer, False
        return answer, self.check(token, parts, self.at).trusted


def collect_proofs(
    document: OpenedDocument,
    found: Mapping[str, Examined],
    *,
    bag: tuple[bytes, ...],
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    evidence: Evidence,
    at: datetime,
    memory: PathMemory,
) -> Proofs:
    """Checks every time-stamp of a document once.

    Args:
        document: the file.
        found: by field name, what is true of each signature whatever is trusted.
        bag: DER certificates of the whole document.
        anchors: accepted roots.
        policy: algorithms and strictness.
        evidence: status evidence, from the document and from the caller.
        at: the moment of checking.
        memory: what questions about the document's certificates share.
    """
    readable = {
        name: (one.coverage, one.container)
        for name, one in found.items()
        if one.coverage is not None and one.container is not None
    }
    existence = Existence(document, at, tuple((coverage.end, k) for coverage, k in readable.values()))
    stamping = _Stamping(
        document=document, bag=bag, anchors=anchors, policy=policy, evidence=evidence, existence=existence,
        memory=memory, at=at,
    )  # fmt: skip
    names = {field.name: field.is_timestamp for field in document.fields}
    stamps: dict[str, DocumentStamp] = {}
    for name, (coverage, _) in sorted(readable.items(), key=lambda item: -item[1][0].end):
        if names.get(name):
            stamps[name] = _document_stamp(coverage, stamping)
    proofs = {
        name: _proof(coverage, container, stamps, stamping)
        for name, (coverage, container) in readable.items()
        if not names.get(name)
    }
    return Proofs(documents=stamps, signatures=proofs, existence=existence, at=at)


def _document_stamp(coverage: Coverage, stamping: _Stamping) -> DocumentStamp:
    """§5.6.2.3: believable at the moment up to which later stamps prove it; then it proves what it covers."""
    existence = stamping.existence
    control = existence.of_revision(coverage.end)
    answer, is_late = stamping.ordered(coverage.contents, coverage.digested_parts(stamping.document.pdf), control)
    if answer.trusted and answer.stamped_time is not None:
        existence.prove(coverage.end, answer.stamped_time)
    return DocumentStamp(end=coverage.end, stamp=answer, judgement=STAMPS_OUT_OF_ORDER if is_late else of_stamp(answer))


def _proof(coverage: Coverage, container: Container, stamps: Mapping[str, DocumentStamp], stamping: _Stamping) -> Proof:
    """§5.5.4: the earliest time that is proved is the best signature time."""
    covering = [d.stamp.stamped_time for d in stamps.values() if d.stamp.trusted and d.end >= coverage.end]
    later = [moment for moment in covering if moment is not None]
    control = min(later, default=stamping.at)
    parts = coverage.digested_parts(stamping.document.pdf)
    early = [(token, stamping.ordered(token, parts, control)) for token in content_tokens(container)]
    own = [(token, stamping.ordered(token, (container.value,), control)) for token in container.tokens[:MAX_TOKENS]]
    lower, proven = _trusted_times(early), _trusted_times(own)
    best = min((*proven, *later), default=None)
    contradiction = lower and best is not None and max(lower) > best + CLOCKS_MAY_DIFFER
    return Proof(
        time=best,
        source=_source(best, proven),
        control_time=control,
        earliest=max(lower, default=None),
        warnings=(Reason.TIMESTAMP_NOT_TRUSTED,) if own and not proven else (),
        broken=any(answer.unfit or not answer.intact for _, (answer, _) in (*own, *early)),
        out_of_order=bool(contradiction) or any(is_late for _, (_, is_late) in (*own, *early)),
        stamps=(
            *(shown_stamp("content_timestamp", token, answer) for token, (answer, _) in early),
            *(shown_stamp("signature_timestamp", token, answer) for token, (answer, _) in own),
        ),
    )


def _trusted_times(stamps: Iterable[tuple[bytes, tuple[StampAnswer, bool]]]) -> list[datetime]:
    return [a.stamped_time for _, (a, _) in stamps if a.trusted and a.stamped_time is not None]


def _source(best: datetime | None, proven: list[datetime]) -> str:
    if best is None:
        return "none"
    return "signature_timestamp" if best in proven else "document_timestamp"


def content_tokens(container: Container) -> tuple[bytes, ...]:
    """The content-time-stamps that the signer signed along (EN 319 122-1 §5.2.8), not checked."""
    return tuple(value.raw for value in container.signed_attributes.values(CONTENT_TIMESTAMP)[:MAX_TOKENS])


def shown_stamp(kind: str, token: bytes, answer: StampAnswer) -> TimestampReport:
    """A time-stamp as the report tells it; ``token`` may have padding behind it."""
    token = _unpadded(token)
    return TimestampReport(
        kind=kind, at=answer.stamped_time, intact=answer.intact, trusted=answer.trusted,
        authority=common_name(answer.container.leaf) if answer.container is not None else "",
        token_sha256=sha256(token).hexdigest(), token=token, chain=answer.chain, error=answer.error,
    )  # fmt: skip


def _unpadded(token: bytes) -> bytes:
    """The container without the zeros that fill /Contents; all of it where its length does not say where it ends."""
    try:
        return token[: peek(token)]
    except ValueError:
        return token
