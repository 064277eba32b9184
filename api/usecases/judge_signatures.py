"""One check of signed bytes in a limited worker, or the report to the same question of the same minute.

What is remembered is the worker's report alone. What the register, the vault and the clock of the holders say is asked
every time, and a report counts only as long as the roots and our lists are those it was made with: a revocation is seen
at once. Nothing is remembered of a question that came with a password. Knows no document's meaning.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from api.errors import InputInvalid
from api.services import Services
from api.usecases.fetch_evidence import fetched_for_file
from api.usecases.status_lists import lists_for, lists_version
from api.usecases.trusted_roots import trusted_roots
from signing.isolation import WorkCrashed, WorkTimedOut
from signing.registry_sql import RegistrySql
from signing.trust import Evidence, TrustAnchors, TrustProfile
from signing.validation import POLICIES, Reason, Register, Report, ValidationPolicy, unchecked_report, with_register

_MINUTE_S: Final = 60
_BROKEN_OFF: Final = frozenset({Reason.CHECK_TOO_COSTLY, Reason.CHECK_FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what something is judged."""

    policy_id: str | None = None
    """None: the policy in force."""
    profile: TrustProfile | None = None
    """Accept roots of this profile only (S29); None: of every profile."""
    then: datetime | None = None
    """The moment of judging, not in the future; None: now. What became of a document is always told as of now."""
    password: str | None = field(default=None, repr=False)
    """Opens an encrypted document; never written down, nor is what was found with it remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker is to do: an entry of ``signing.validation.isolated``, and the bytes it is about."""

    entry: str
    subject: tuple[object, ...] = field(repr=False)
    """What the entry takes before anchors, policy, moment and evidence."""
    file: bytes = field(repr=False)
    """What a report about a check that broke off is about."""
    digest: str
    """Tells two subjects apart."""
    is_pdf: bool = False
    """A PDF may need a password, and names hosts that can be asked about its certificates, if they are listed."""


def work_on_pdf(pdf: bytes) -> Work:
    """The check of a PDF."""
    entry = "signing.validation.isolated:verify_in_worker"
    return Work(entry=entry, subject=(pdf,), file=pdf, digest=sha256(pdf).hexdigest(), is_pdf=True)


def judge_signatures(work: Work, terms: Terms, services: Services, at: datetime) -> Report:
    """The report about signatures alone; a check that broke off is a report too, never a pass.

    Signs nothing, whoever asks: our own certificates are judged by the lists that are published, then by the register.

    Raises:
        InputInvalid: no such policy, or a moment without zone or in the future. WorkersBusy: too many checks at once.
    """
    policy, then = policy_of(terms.policy_id, services), _moment(terms.then, at)
    anchors = trusted_roots(services, then or at, profile=terms.profile)
    report = _remembered(work, terms, services, at, policy=policy, then=then, anchors=anchors)
    return with_register(report, _register(report, services), then or at)


def policy_of(policy_id: str | None, services: Services) -> ValidationPolicy:
    """The policy that was asked for.

    Raises:
        InputInvalid: there is no such policy.
    """
    if policy_id is None:
        return services.verifier.policy
    if policy_id not in POLICIES:
        raise InputInvalid("Không có chính sách kiểm tra này.", "There is no such validation policy.")
    return POLICIES[policy_id]


def _moment(then: datetime | None, at: datetime) -> datetime | None:
    if then is None:
        return None
    if then.tzinfo is None:
        raise InputInvalid("Thời điểm phải có múi giờ.", "The moment needs a time zone.")
    if then > at:
        raise InputInvalid("Không trả lời được về thời điểm tương lai.", "Nothing can be said about the future.")
    return then.astimezone(UTC)


def _remembered(
    work: Work,
    terms: Terms,
    services: Services,
    at: datetime,
    *,
    policy: ValidationPolicy,
    then: datetime | None,
    anchors: TrustAnchors,
) -> Report:
    if terms.password is not None:
        return _checked(work, terms, services, at, policy=policy, then=then, anchors=anchors)
    minute = int(at.timestamp()) // _MINUTE_S
    lists = lists_version(services, at, then)
    key: Hashable = (work.entry, work.digest, policy, then, minute, anchors, lists)
    report = services.remembered.find(key)
    if report is None:
        report = _checked(work, terms, services, at, policy=policy, then=then, anchors=anchors)
        if report.file_fault not in _BROKEN_OFF:  # the next try may have a quieter machine
            services.remembered.keep(key, report)
    return report


def _checked(
    work: Work,
    terms: Terms,
    services: Services,
    at: datetime,
    *,
    policy: ValidationPolicy,
    then: datetime | None,
    anchors: TrustAnchors,
) -> Report:
    own = Evidence(crls=lists_for(services, at, then))
    evidence = own.merged(fetched_for_file(work.file, services, at)) if work.is_pdf else own
    password = (terms.password,) if terms.password is not None and work.is_pdf else ()
    timeout_s = services.verifier.timeout_s
    moment = then or at
    try:
        report: Report = services.workers.call(
            work.entry, *work.subject, anchors, policy, moment, evidence, *password, timeout_s=timeout_s
        )
    except WorkTimedOut:
        return unchecked_report(work.file, policy=policy, at=moment, fault=Reason.CHECK_TOO_COSTLY)
    except WorkCrashed:
        return unchecked_report(work.file, policy=policy, at=moment, fault=Reason.CHECK_FAILED)
    return report


def _register(report: Report, services: Services) -> Register:
    """What became of certificates of ours: the register knows it before a list does, and forgets no hold (I6)."""
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {s.certificate_sha256: registry.by_sha256(s.certificate_sha256) for s in report.signatures}
        histories = {d: registry.history(r.certificate_id) for d, r in found.items() if r is not None}
    return Register(histories=histories)
