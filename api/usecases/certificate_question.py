"""What is asked about a certificate, bounded, and the check of it in a limited worker process.

Used with the service's register and, on a machine without one, by the command line. Must not know any record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from api.errors import InputInvalid
from api.usecases.certificate_entitlement import IntendedUse, holder_entitlement
from signing.isolation import Isolation, WorkCrashed, WorkTimedOut
from signing.trust import Evidence, TrustAnchors, TrustProfile
from signing.validation import (
    POLICIES,
    VN_TT15_2025,
    CertificateFindings,
    CertificateQuestion,
    CertificateReason,
    CertificateReport,
    Register,
    ValidationPolicy,
    broken_certificate_report,
    certificate_report,
    certificates_of,
)

EXAMINE: Final = "signing.validation.isolated:examine_in_worker"
_MAX_OTHERS: Final = 32
_MAX_EVIDENCE: Final = 16
_MAX_EVIDENCE_BYTES: Final = 8 * 1024 * 1024  # a list of 100,000 entries has 6 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateCertificate:
    """A certificate and what is asked about it."""

    certificate: bytes
    """PEM, DER or base64; of several in one input the first is asked about, the others are its chain."""
    others: tuple[bytes, ...] = ()
    """Further certificates, each in one of the same forms."""
    evidence: Evidence = Evidence()  # noqa: RUF009 - a frozen value
    """CRLs and OCSP answers (DER) that the asker has."""
    then: datetime | None = None
    """The moment asked about; None: now."""
    profile: TrustProfile | None = None
    """Accept roots of this profile only; None: of every profile."""
    use: IntendedUse = IntendedUse()  # noqa: RUF009 - a frozen value
    policy_id: str | None = None
    """None: the policy in force."""
    anchors: TrustAnchors | None = None
    """Roots in place of the configured ones (the command line's `--trust`)."""


def question_of(command: ValidateCertificate, at: datetime) -> CertificateQuestion:
    """The question about bytes, within the bounds.

    Raises:
        CertificateMalformed: the input is no certificate in any form.
        InputInvalid: too many certificates or too much evidence, or a moment without zone or in the future.
    """
    if len(command.others) > _MAX_OTHERS:
        raise _too_much(f"{_MAX_OTHERS} chứng thư", f"{_MAX_OTHERS} further certificates")
    leaf, *chain = certificates_of(command.certificate)
    others = (*chain, *(der for one in command.others for der in certificates_of(one)))
    if len(others) > _MAX_OTHERS:
        raise _too_much(f"{_MAX_OTHERS} chứng thư", f"{_MAX_OTHERS} further certificates")
    _require_bounded(command.evidence)
    then = at if command.then is None else command.then
    if then.tzinfo is None:
        raise InputInvalid("Thời điểm phải có múi giờ.", "The moment needs a time zone.")
    if then > at:
        raise InputInvalid("Không trả lời được về thời điểm tương lai.", "Nothing can be said about the future.")
    return CertificateQuestion(
        certificate=leaf, others=others, evidence=command.evidence, then=then.astimezone(UTC), now=at
    )  # fmt: skip


def policy_of(policy_id: str | None, in_force: ValidationPolicy) -> ValidationPolicy:
    """The policy that was asked for.

    Raises:
        InputInvalid: there is no such policy.
    """
    if policy_id is None:
        return in_force
    if policy_id not in POLICIES:
        raise InputInvalid("Không có chính sách kiểm tra này.", "There is no such validation policy.")
    return POLICIES[policy_id]


def examine(
    question: CertificateQuestion,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    workers: Isolation,
    timeout_s: float,
) -> CertificateFindings | CertificateReason:
    """What a worker found out; a reason when it broke off.

    Raises:
        WorkersBusy: too many checks at once.
    """
    try:
        found: CertificateFindings = workers.call(EXAMINE, question, anchors, policy, timeout_s=timeout_s)
    except WorkTimedOut:
        return CertificateReason.CHECK_TOO_COSTLY
    except WorkCrashed:
        return CertificateReason.CHECK_FAILED
    return found


def judge_without_register(
    command: ValidateCertificate, roots: TrustAnchors, workers: Isolation, timeout_s: float, at: datetime
) -> CertificateReport:
    """The answer where there is no register: what the certificate, the roots and the evidence say, and no more.

    Raises:
        CertificateMalformed, InputInvalid, WorkersBusy: as for everybody.
    """
    policy, anchors = policy_of(command.policy_id, VN_TT15_2025), roots.only(command.profile)
    question = question_of(command, at)
    findings = examine(question, anchors, policy, workers, timeout_s)
    if isinstance(findings, CertificateReason):
        return broken_certificate_report(question, findings, anchors, policy, command.profile)
    scope = None if findings.facts is None else findings.facts.scope
    entitlement = holder_entitlement(None, scope, command.use, question.then, None)
    return certificate_report(
        findings, Register(consulted=False), primary=None, entitlement=entitlement, anchors=anchors, policy=policy,
        profile=command.profile,
    )  # fmt: skip


def _require_bounded(evidence: Evidence) -> None:
    items: Iterable[bytes] = (*evidence.crls, *evidence.ocsps)
    sizes = [len(item) for item in items]
    if len(sizes) > _MAX_EVIDENCE or sum(sizes) > _MAX_EVIDENCE_BYTES:
        mib = _MAX_EVIDENCE_BYTES // (1024 * 1024)
        raise _too_much(f"{_MAX_EVIDENCE} CRL/OCSP ({mib} MiB)", f"{_MAX_EVIDENCE} CRLs and OCSP answers ({mib} MiB)")


def _too_much(vi: str, en: str) -> InputInvalid:
    return InputInvalid(f"Gửi quá nhiều: tối đa {vi}.", f"Too much was sent: at most {en}.")
