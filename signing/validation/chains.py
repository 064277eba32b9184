"""Was this certificate good at that time? Path, period, status and purpose, folded into one answer.

ETSI EN 319 102-1 §5.2.6 and §5.6.2, reduced to two questions on ``check_path``: at the proven time with the evidence
that belongs to it, and at the time of checking. A revocation that lies before the proven time always counts; after that
of an authority, only evidence that is proved to be older counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509

from signing.trust import Evidence, TrustAnchors
from signing.validation.path import PathFailure, PathOutcome, check_path
from signing.validation.path_memory import PathMemory

# by number: names of the decoder depend on which other libraries were loaded before it
_SIGNING_PURPOSES = {
    "2.5.29.37.0",  # anyExtendedKeyUsage
    "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4",  # clientAuth, emailProtection
    "1.3.6.1.5.5.7.3.36",  # id-kp-documentSigning, RFC 9336
    "1.2.840.113583.1.1.5",  # Adobe's authentic documents
    "1.3.6.1.4.1.311.10.3.12",  # Microsoft's document signing
}  # fmt: skip
_TIME_STAMPING = {"1.3.6.1.5.5.7.3.8"}
_WITHDRAWN = {PathFailure.REVOKED, PathFailure.ON_HOLD}
_KEY_STAYED_SAFE = {"affiliation_changed", "superseded", "cessation_of_operation"}
"""Reasons that leave earlier time-stamps good (RFC 3161 §4); "unspecified" cannot be told from a missing reason."""


class Existed(Protocol):
    """What is known about the age of objects of a document."""

    @property
    def at(self) -> datetime:
        """The moment of checking."""
        ...

    def of(self, der: bytes, /) -> datetime:
        """By when an object certainly existed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainAnswer:
    """What was found out about a chain at a time."""

    outcome: PathOutcome
    proven_time: datetime | None
    """The time-stamped moment that was judged; None: only the moment of checking."""

    made_after_end: bool = False
    """A content time-stamp proves that the certificate had ended or been withdrawn before it was used."""

    stood_to_its_end: bool = False
    """Of an expired certificate: evidence of its own time says that it was never withdrawn."""

    withdrawn_since: PathOutcome | None = None
    """How the chain was withdrawn after the proven time, if it was."""

    @property
    def ok(self) -> bool:
        """Whether the chain was good."""
        return self.outcome.ok

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER, leaf first."""
        return self.outcome.chain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One certificate with everything there is to judge it by."""

    leaf: bytes
    pool: tuple[bytes, ...]
    anchors: TrustAnchors
    evidence: Evidence
    require_status: bool
    memory: PathMemory | None

    def ask(self, at: datetime, *, retroactive: bool = False, among: Evidence | None = None) -> PathOutcome:
        """The path with its status at a moment."""
        evidence = self.evidence if among is None else among
        return check_path(
            self.leaf, self.pool, self.anchors.certificates, evidence.crls, at,
            revocation=self.require_status, ocsps=evidence.ocsps, retroactive=retroactive, memory=self.memory,
        )  # fmt: skip

    def stood(self, at: datetime) -> bool:
        """Whether there was a path at all at a moment, its status aside."""
        return check_path(
            self.leaf, self.pool, self.anchors.certificates, (), at, revocation=False, memory=self.memory
        ).ok


def judge_chain(
    leaf: bytes,
    others: Iterable[bytes],
    anchors: TrustAnchors,
    evidence: Evidence,
    *,
    proven_time: datetime | None,
    control_time: datetime,
    require_status: bool,
    earliest: datetime | None = None,
    existed: Existed | None = None,
    memory: PathMemory | None = None,
) -> ChainAnswer:
    """Judges a signing certificate.

    Args:
        leaf: DER of the certificate.
        others: DER certificates from the document.
        anchors: the accepted roots.
        evidence: OCSP answers and CRLs, from the document and from the caller.
        proven_time: when the signature certainly existed (time-stamp), if known.
        control_time: the moment of checking, or of the next later time-stamp that covers everything.
        require_status: whether status evidence is demanded for every certificate.
        earliest: the signature is certainly not older (content time-stamp), if known.
        existed: by when an object of the document certainly existed; None: nothing is known to have existed before now.
        memory: what earlier questions about the same document found out.
    """
    case = _Case(
        leaf=leaf, pool=(*others, *evidence.certificates), anchors=anchors, evidence=evidence,
        require_status=require_status, memory=memory,
    )  # fmt: skip
    if proven_time is None:
        return _judged_now(case, control_time, earliest)
    then = case.ask(proven_time, retroactive=True)
    if then.ok and not then.names_withdrawn:
        return ChainAnswer(outcome=then, proven_time=proven_time)  # no evidence, of whatever time, says otherwise
    now = case.ask(control_time)
    withdrawn = now if now.failure in _WITHDRAWN else None
    if withdrawn and _before(withdrawn.revoked_at, proven_time):
        return ChainAnswer(
            outcome=withdrawn, proven_time=proven_time, made_after_end=_before(withdrawn.revoked_at, earliest)
        )
    since = case.ask(existed.at) if existed is not None and existed.at != control_time else now
    if since.revoked_at is not None and not since.failed_leaf:
        # §5.6.2.2: an authority that was withdrawn may have signed anything since, evidence too; what existed before is
        # not touched by that
        kept = _existing_before(since.revoked_at, evidence, existed)
        if not case.ask(proven_time, retroactive=True, among=kept).ok:
            return ChainAnswer(outcome=since, proven_time=None)
    if then.failure is PathFailure.STATUS_UNKNOWN and now.ok and case.stood(proven_time):
        return ChainAnswer(outcome=now, proven_time=proven_time)
    ended = then.failure is PathFailure.EXPIRED and _ended_before(leaf, earliest)
    return ChainAnswer(outcome=then, proven_time=proven_time, made_after_end=ended, withdrawn_since=withdrawn)


def _judged_now(case: _Case, at: datetime, earliest: datetime | None) -> ChainAnswer:
    """§5.3: without a proven time the moment of checking is judged, and what a content time-stamp rules out."""
    now = case.ask(at)
    if now.failure in _WITHDRAWN:
        return ChainAnswer(outcome=now, proven_time=None, made_after_end=_before(now.revoked_at, earliest))
    period = _period_of(case.leaf)
    last = at if period is None else period[1]
    if now.failure is PathFailure.STATUS_UNKNOWN and last < at:
        # no list of today would speak about it any more (RFC 5280 §5): its end is what stands in the way
        now = replace(now, failure=PathFailure.EXPIRED, failed_leaf=True)
    if now.failure is PathFailure.EXPIRED and now.failed_leaf:
        return ChainAnswer(
            outcome=now, proven_time=None, made_after_end=earliest is not None and earliest > last,
            stood_to_its_end=case.ask(last).ok,
        )  # fmt: skip
    return ChainAnswer(outcome=now, proven_time=None)


def _existing_before(limit: datetime, evidence: Evidence, existed: Existed | None) -> Evidence:
    """The evidence of which it is proved that it existed before a moment."""
    if existed is None:
        return Evidence(certificates=evidence.certificates)
    return Evidence(
        certificates=evidence.certificates,
        ocsps=tuple(der for der in evidence.ocsps if existed.of(der) < limit),
        crls=tuple(der for der in evidence.crls if existed.of(der) < limit),
    )


def judge_stamper(
    leaf: bytes,
    others: Iterable[bytes],
    anchors: TrustAnchors,
    evidence: Evidence,
    *,
    stamped_time: datetime,
    control_time: datetime,
    require_status: bool,
    existed: Existed | None = None,
    memory: PathMemory | None = None,
) -> ChainAnswer:
    """Judges the certificate of a time-stamp authority: good when it stamped, and its key still in its period now."""
    pool = tuple(others)
    answer = judge_chain(
        leaf, pool, anchors, evidence, proven_time=stamped_time, control_time=control_time,
        require_status=require_status, existed=existed, memory=memory,
    )  # fmt: skip
    if not answer.ok:
        return answer
    since = answer.withdrawn_since
    if since is not None and since.failed_leaf and since.revocation_reason not in _KEY_STAYED_SAFE:
        # RFC 3161 §4: whoever has the key can write any time into a token; only what existed before is worth something
        return ChainAnswer(outcome=since, proven_time=stamped_time)
    # Without a later time-stamp, a stamp whose certificate has ended proves nothing any more (EN 319 102-1 §5.4).
    if all(_is_current(der, control_time) for der in answer.chain):
        return answer
    still = check_path(
        leaf, (*pool, *evidence.certificates), anchors.certificates, (), control_time, revocation=False, memory=memory
    )
    return answer if still.ok else ChainAnswer(outcome=still, proven_time=stamped_time)


def purpose_fault(certificate: asn1_x509.Certificate) -> str | None:
    """Why a certificate may not sign documents, or None (annex II 1.5; RFC 5280 §4.2.1.3, §4.2.1.12)."""
    usage = certificate.key_usage_value
    if usage is not None and not set(usage.native) & {"digital_signature", "non_repudiation"}:
        return "the key usage allows no signatures"
    purposes = _purposes(certificate)
    if purposes is not None and not purposes & _SIGNING_PURPOSES:
        return "the extended key usage allows no document signatures"
    return None


def stamping_fault(certificate: asn1_x509.Certificate) -> str | None:
    """Why a certificate may not stamp time, or None (RFC 3161 §2.3: critical, and this purpose alone)."""
    if _purposes(certificate) != _TIME_STAMPING:
        return "the certificate is not for time-stamping alone"
    if "extended_key_usage" not in certificate.critical_extensions:
        return "the time-stamping purpose is not critical"
    return None


def _purposes(certificate: asn1_x509.Certificate) -> set[str] | None:
    """The extended key usage; None: there is none, so the key is not limited."""
    found = certificate.extended_key_usage_value
    return None if found is None else {one.dotted for one in found}


def _before(moment: datetime | None, limit: datetime | None) -> bool:
    return moment is not None and limit is not None and moment <= limit


def _ended_before(der: bytes, moment: datetime | None) -> bool:
    period = _period_of(der)
    return moment is not None and period is not None and period[1] < moment


def _period_of(der: bytes) -> tuple[datetime, datetime] | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        return None
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _is_current(der: bytes, at: datetime) -> bool:
    period = _period_of(der)
    return period is not None and period[0] <= at <= period[1]
