"""The check of one certificate, as a numbered procedure; the parts that need hostile bytes to be parsed.

1. read what it says: names, period, class, ordinal, scope, link to its primary (not believed yet)
2. what is it for; which of the accepted roots count for that, then and now
3. the path by RFC 5280 alone, then and now (``check_path``, the same function that judges signatures in documents)
4. the same with the status evidence that was given (``judge_chain``, as for a signature of that moment)
5. key and algorithm rules of the policy, after the path and never inside it
6. the primary, when a given certificate is the one that the link names

Takes values, gives values, raises nothing for whatever the bytes contain. Which status our own register knows, who
holds which post and what the whole comes to is ``certificate_report``'s and the caller's business.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from signing.errors import SigningError
from signing.identity import CertificateFacts, read_certificate_facts
from signing.trust import Evidence, TrustAnchor, TrustAnchors, TrustPurpose
from signing.validation.algorithms import certificate_faults
from signing.validation.candidates import load_certificate
from signing.validation.certificate_description import CertificateDescription, describe_certificate
from signing.validation.chains import judge_chain, purpose_fault
from signing.validation.path import PathFailure, PathOutcome, check_path
from signing.validation.policy import ValidationPolicy
from signing.validation.purposes import purpose_of_class

_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateQuestion:
    """A certificate, what came with it, and the moments asked about."""

    certificate: bytes
    """DER, or what is claimed to be."""

    others: tuple[bytes, ...] = ()
    """DER certificates that may stand above it, or be its primary; untrusted."""

    evidence: Evidence = Evidence()  # noqa: RUF009 - a frozen value
    """Status evidence that the caller has; untrusted."""

    then: datetime
    """The moment asked about, not after ``now``."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentFinding:
    """What was found out about a path for one moment."""

    at: datetime
    path: PathOutcome
    """By RFC 5280 alone."""

    judged: PathOutcome
    """With status demanded for every certificate below the root."""

    anchor: TrustAnchor | None = None
    """The root that was reached; also of one that does not count then or for this."""

    anchor_serves: bool = False
    """Whether that root counts at the moment and for what the certificate is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryFinding:
    """The certificate that a secondary names as its primary."""

    description: CertificateDescription
    facts: CertificateFacts
    holder: str
    """Digest of what identifies the holder; equal digests mean the same holder."""

    path: PathOutcome
    """With status, for the moment asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFindings:
    """Everything that the bytes alone tell."""

    description: CertificateDescription
    facts: CertificateFacts | None
    """None: it cannot be read, or contradicts itself."""

    holder: str
    purpose: TrustPurpose | None
    """What the roots must be accepted for; None for authorities and OCSP signers."""

    then: MomentFinding
    now: MomentFinding
    above: tuple[CertificateDescription, ...]
    """The authorities on the path, the issuer first."""

    algorithm_faults: tuple[str, ...] = ()
    purpose_fault: str | None = None
    """Why it may not sign documents."""

    primary: PrimaryFinding | None = None


def examine_certificate(
    question: CertificateQuestion, anchors: TrustAnchors, policy: ValidationPolicy
) -> CertificateFindings:
    """Steps 1 to 6; a finding about whatever bytes were sent."""
    der = question.certificate
    description, facts = describe_certificate(der), _facts(der)
    purpose = _purpose(description, facts)
    now = _at(question, question.now, anchors, purpose)
    then = now if question.then == question.now else _at(question, question.then, anchors, purpose)
    chain = then.path.chain or now.path.chain
    checked = chain[:-1] if len(chain) > 1 else (der,)
    return CertificateFindings(
        description=description, facts=facts, holder=holder_of(der), purpose=purpose, then=then, now=now,
        above=tuple(describe_certificate(one) for one in chain[1:]),
        algorithm_faults=tuple(dict.fromkeys(f for one in checked for f in certificate_faults(one, policy))),
        purpose_fault=_signing_fault(der),
        primary=_primary(question, facts, anchors),
    )  # fmt: skip


def _facts(der: bytes) -> CertificateFacts | None:
    try:
        return read_certificate_facts(der)
    except SigningError:
        return None
    except Exception:  # noqa: BLE001 - DESIGN §4: names and extensions decode late, whatever that raises is an answer
        return None


def _purpose(description: CertificateDescription, facts: CertificateFacts | None) -> TrustPurpose | None:
    uses = description.extended_key_usage
    if description.is_authority or _OCSP_SIGNING in uses:
        return None
    if _TIME_STAMPING in uses:
        return TrustPurpose.TIMESTAMPING
    kind = None if facts is None else facts.certificate_class
    return purpose_of_class(kind)


def _at(
    question: CertificateQuestion, moment: datetime, anchors: TrustAnchors, purpose: TrustPurpose | None
) -> MomentFinding:
    """Steps 2 to 4 for one moment."""
    serving = _counting(anchors, purpose, moment)
    path = _path(question, serving, moment)
    if path.failure is PathFailure.NO_CHAIN and len(serving) < len(anchors):
        path = _path(question, anchors, moment)  # to say why: the root is known, but does not count then or for this
    root = path.chain[-1] if path.chain else b""
    counts = serving.find(root)
    judged = judge_chain(
        question.certificate, question.others, serving, question.evidence,
        proven_time=None if moment == question.now else moment, control_time=question.now, require_status=True,
    ).outcome  # fmt: skip
    return MomentFinding(
        at=moment, path=path, judged=judged, anchor=counts or anchors.find(root), anchor_serves=counts is not None
    )


def _counting(anchors: TrustAnchors, purpose: TrustPurpose | None, moment: datetime) -> TrustAnchors:
    if purpose is not None:
        return anchors.serving(purpose, moment)
    wanted = [anchor for anchor in anchors if any(anchor.serves(one, moment) for one in TrustPurpose)]
    return TrustAnchors().plus(wanted)


def _path(question: CertificateQuestion, anchors: TrustAnchors, moment: datetime) -> PathOutcome:
    pool = (*question.others, *question.evidence.certificates)
    return check_path(question.certificate, pool, anchors.certificates, (), moment, revocation=False)


def _signing_fault(der: bytes) -> str | None:
    try:
        return purpose_fault(load_certificate(der))
    except Exception as err:  # noqa: BLE001 - as above
        return f"cannot be read ({type(err).__name__})"


def holder_of(der: bytes) -> str:
    """A digest of who holds a certificate (DER): agency and identifier, without giving either away."""
    try:
        subject = load_certificate(der).subject.native
        parts = [str(subject.get(name, "")) for name in ("serial_number", "organization_identifier")]
        if not any(parts):
            parts = [str(subject.get(name, "")) for name in ("organization_name", "common_name")]
    except Exception:  # noqa: BLE001 - as above: a name that does not decode names nobody
        return ""
    return sha256("\0".join(parts).encode()).hexdigest()


def _primary(
    question: CertificateQuestion, facts: CertificateFacts | None, anchors: TrustAnchors
) -> PrimaryFinding | None:
    """Step 6: the link is a digest, so only the very certificate can answer to it."""
    wanted = None if facts is None else facts.primary_sha256
    der = next((one for one in question.others if sha256(one).hexdigest() == wanted), None)
    known = None if der is None else _facts(der)
    if der is None or known is None:
        return None
    description = describe_certificate(der)
    counting = _counting(anchors, _purpose(description, known), question.then)
    outcome = judge_chain(
        der, question.others, counting, question.evidence,
        proven_time=None if question.then == question.now else question.then, control_time=question.now,
        require_status=True,
    ).outcome  # fmt: skip
    return PrimaryFinding(description=description, facts=known, holder=holder_of(der), path=outcome)
