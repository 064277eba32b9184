"""Was this certificate good at that time? Path, period, status and purpose, folded into one answer.

ETSI EN 319 102-1 §5.2.6 and §5.6.2, reduced to two questions on ``check_path``: at the proven time with the evidence
that belongs to it, and at the time of checking. A revocation that lies before the proven time always counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1_x509

from signing.trust import Evidence, TrustAnchors
from signing.validation.path import PathFailure, PathOutcome, check_path

_SIGNING_PURPOSES = {
    "any_extended_key_usage", "email_protection", "client_auth",
    "1.3.6.1.5.5.7.3.36",  # id-kp-documentSigning, RFC 9336
    "adobe_authentic_documents_trust", "1.2.840.113583.1.1.5",
    "microsoft_document_signing", "1.3.6.1.4.1.311.10.3.12",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainAnswer:
    """What was found out about a chain at a time."""

    outcome: PathOutcome
    proven_time: datetime | None
    """The time-stamped moment that was judged; None: only the moment of checking."""

    @property
    def ok(self) -> bool:
        """Whether the chain was good."""
        return self.outcome.ok

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER, leaf first."""
        return self.outcome.chain


def judge_chain(
    leaf: bytes,
    others: Iterable[bytes],
    anchors: TrustAnchors,
    evidence: Evidence,
    *,
    proven_time: datetime | None,
    control_time: datetime,
    require_status: bool,
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
    """
    pool = (*others, *evidence.certificates)

    def ask(at: datetime, *, status: bool, retroactive: bool = False) -> PathOutcome:
        return check_path(
            leaf, pool, anchors.certificates, evidence.crls, at,
            revocation=status, ocsps=evidence.ocsps, retroactive=retroactive,
        )  # fmt: skip

    def stood(at: datetime) -> bool:
        return check_path(leaf, pool, anchors.certificates, (), at, revocation=False).ok

    now = ask(control_time, status=require_status)
    if proven_time is None:
        return ChainAnswer(outcome=now, proven_time=None)
    if now.failure in {PathFailure.REVOKED, PathFailure.ON_HOLD} and _before(now.revoked_at, proven_time):
        return ChainAnswer(outcome=now, proven_time=proven_time)
    then = ask(proven_time, status=require_status, retroactive=True)
    if then.failure is PathFailure.STATUS_UNKNOWN and now.ok and stood(proven_time):
        return ChainAnswer(outcome=now, proven_time=proven_time)
    return ChainAnswer(outcome=then, proven_time=proven_time)


def judge_stamper(
    leaf: bytes,
    others: Iterable[bytes],
    anchors: TrustAnchors,
    evidence: Evidence,
    *,
    stamped_time: datetime,
    control_time: datetime,
    require_status: bool,
) -> ChainAnswer:
    """Judges the certificate of a time-stamp authority: good when it stamped, and its key still in its period now."""
    pool = tuple(others)
    answer = judge_chain(
        leaf, pool, anchors, evidence,
        proven_time=stamped_time, control_time=control_time, require_status=require_status,
    )  # fmt: skip
    if not answer.ok:
        return answer
    # Without a later time-stamp, a stamp whose certificate has ended proves nothing any more (EN 319 102-1 §5.4).
    still = check_path(
        leaf, (*pool, *evidence.certificates), anchors.certificates, (), control_time, revocation=False
    )  # fmt: skip
    return answer if still.ok else ChainAnswer(outcome=still, proven_time=stamped_time)


def purpose_fault(certificate: asn1_x509.Certificate) -> str | None:
    """Why a certificate may not sign documents, or None (annex II 1.5; RFC 5280 §4.2.1.3, §4.2.1.12)."""
    usage = certificate.key_usage_value
    if usage is not None and not set(usage.native) & {"digital_signature", "non_repudiation"}:
        return "the key usage allows no signatures"
    purposes = certificate.extended_key_usage_value
    if purposes is not None and not set(purposes.native) & _SIGNING_PURPOSES:
        return "the extended key usage allows no document signatures"
    return None


def stamping_fault(certificate: asn1_x509.Certificate) -> str | None:
    """Why a certificate may not stamp time, or None (RFC 3161 §2.3: critical, and this purpose alone)."""
    purposes = certificate.extended_key_usage_value
    if purposes is None or set(purposes.native) != {"time_stamping"}:
        return "the certificate is not for time-stamping alone"
    if "extended_key_usage" not in certificate.critical_extensions:
        return "the time-stamping purpose is not critical"
    return None


def _before(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment <= limit
