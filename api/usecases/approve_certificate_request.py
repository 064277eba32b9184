"""A second person approves a request and the certificate is issued: VERIFIED → APPROVED → ISSUED → ACTIVE.

Two transactions with the signature between them: what will be signed is recorded and committed first, so that a crash
leaves a record to continue from, never a certificate that nobody knows, and a retry gives one certificate, not two.
A request that no longer holds when it is signed or taken up again ends there: its record is void, its key destroyed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import (
    CertDuplicateActive,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertSelfApproval,
    CertTitleMismatch,
    InputInvalid,
    NotFound,
    StateConflict,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import VerifiedRequest, require_other_persons, turn_of, verify_request
from signing.ca import (
    Authority,
    CertificateTemplate,
    Holder,
    RecordedCertificate,
    Signatory,
    activate,
    authority_of,
    issue,
    new_serial,
    prepare,
    record,
    recorded,
    resume,
)
from signing.errors import IssuanceRefused, ScopeInvalid
from signing.keys import KeyKind
from signing.lint import Primary
from signing.profiles import AuthorityName
from signing.registry import CertificateRecord, CertificateStatus, StatusChange
from signing.registry_sql import CertificateRequest, RegistrySql, RequestsSql, RequestState
from vault.ledger import AuditEvent, Outcome

_KIND: Final = KeyKind.EC_P256
_ENTROPY: Final = 16
_UNFIT: Final = (
    CertDuplicateActive,
    CertOrgClosed,
    CertPrimaryUnfit,
    CertTitleMismatch,
    InputInvalid,
    NotFound,
    IssuanceRefused,
    ScopeInvalid,
)
"""A decided request that meets one of these cannot be completed by trying again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCertificateRequest:
    """Which request."""

    request_id: str


def approve_certificate_request(
    command: ApproveCertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Issue the certificate and return the request with its id.

    Raises:
        NotFound; StateConflict (decided already); CertSelfApproval (I4); what `verify_request` raises;
        IssuanceRefused, NameInvalid: the certificate would break its profile. Nothing is half-issued: what was
            decided before and does not hold any more is rejected with the error's code.
    """
    with services.db.reading() as tx:
        request = find_request(tx, command.request_id)
    try:
        require_other_persons(request, caller)
    except CertSelfApproval:
        _log_refusal(request, services, caller, at)
        raise
    if request.state is RequestState.VERIFIED:
        certificate = _decide(request, services, caller, at)
    elif request.state is RequestState.APPROVED:
        certificate = _continue(request, services, caller, at)
    else:
        raise StateConflict
    der = issue(certificate, services.keys)
    try:
        return _activate(certificate.certificate_id, der, request, services, caller=caller, at=at)
    except _UNFIT as err:
        _void(request.request_id, err.code, services, caller, at)
        raise


def _activate(
    certificate_id: str, der: bytes, request: CertificateRequest, services: Services, *, caller: Caller, at: datetime
) -> CertificateRequest:
    """Store the signed bytes, if everything still holds: its primary may have ended since it was recorded."""
    with services.db.transaction() as tx:
        decided = find_request(tx, request.request_id)
        _require_still_right(tx, decided, services, at)
        activate(certificate_id, der, RegistrySql(tx), at=at, actor=caller.account_id)
        done = replace(decided, state=RequestState.ACTIVE)
        _store(tx, done, before=RequestState.APPROVED)
        event = event_of(
            caller,
            "issue_certificate",
            at,
            object_type="certificate",
            object_id=certificate_id,
            owner_id=done.subject_id,
            details=(("request", done.request_id), ("class", done.certificate_class.value)),
        )
        services.audit.append(tx, event)
    return done


def find_request(tx: Tx, request_id: str) -> CertificateRequest:
    """The request of that id.

    Raises:
        NotFound: there is none.
    """
    request = RequestsSql(tx).get(request_id)
    if request is None:
        raise NotFound("Không có yêu cầu này.", "There is no such request.")
    return request


def _decide(request: CertificateRequest, services: Services, caller: Caller, at: datetime) -> RecordedCertificate:
    """Make the key, check everything again, record what will be signed, and commit the decision."""
    key_id = services.pki.room.new_id("key")
    public_key = services.keys.generate(key_id, _KIND)
    try:
        with services.db.transaction() as tx:
            verified = verify_request(tx, request, services, at)
            holder = Holder(
                certificate_id=services.pki.room.new_id("cert"),
                key_id=key_id,
                primary_id=request.primary_certificate_id,
                subject_id=request.subject_id,
                org_code=request.org_code,
                employment_id=request.employment_id,
                request_id=request.request_id,
            )
            registry = RegistrySql(tx)
            authority = authority_of(verified.profile.issuers[0], registry)
            serial = new_serial(services.pki.room.entropy(_ENTROPY))
            template = _template(request, verified, authority, public_key=public_key, serial=serial, at=at)
            prepared = prepare(
                template, services.pki.room.site, Signatory.of(authority), primary=_primary(verified.primary)
            )
            certificate = record(prepared, holder, verified.profile, registry, at=at, actor=caller.account_id)
            decided = replace(
                request,
                state=RequestState.APPROVED,
                decided_by=caller.account_id,
                decider_subject_id=caller.subject_id,
                decided_at=at,
                certificate_id=holder.certificate_id,
            )
            _store(tx, decided, before=RequestState.VERIFIED)
            event = event_of(
                caller,
                "approve_certificate_request",
                at,
                object_type="certificate_request",
                object_id=request.request_id,
                owner_id=request.subject_id,
                details=(("certificate", holder.certificate_id),),
            )
            services.audit.append(tx, event)
    except Exception:  # whatever it was: a key without a certificate is of no use
        _discard(key_id, request, services)
        raise
    return certificate


def _discard(key_id: str, request: CertificateRequest, services: Services) -> None:
    """Destroy a key that no certificate has.

    The error may have come after the commit, with only the answer lost: the record then needs its key. A commit that
    is still under way is waited for, because it holds the turn; when the database cannot tell, the key stays.
    """
    with services.db.transaction() as tx:
        RegistrySql(tx).take_turn(turn_of(request))
        entry = RegistrySql(tx).by_request(request.request_id)
    if entry is None or entry.key_id != key_id:
        services.keys.destroy(key_id)


def _continue(request: CertificateRequest, services: Services, caller: Caller, at: datetime) -> RecordedCertificate:
    """Take up a decision whose signature was interrupted: every guard asked again, the recorded bytes linted again."""
    try:
        with services.db.transaction() as tx:
            _require_still_right(tx, request, services, at)
            registry = RegistrySql(tx)
            entry = registry.by_request(request.request_id)
            if entry is None:
                raise StateConflict
            authority = authority_of(AuthorityName(entry.issuer), registry)
            primary = registry.get(entry.primary_id) if entry.primary_id else None
        prepared = resume(
            entry.tbs, entry.profile, services.pki.room.site, Signatory.of(authority), primary=_primary(primary)
        )
    except _UNFIT as err:
        _void(request.request_id, err.code, services, caller, at)
        raise
    return recorded(entry.certificate_id, prepared)


def _require_still_right(tx: Tx, request: CertificateRequest, services: Services, at: datetime) -> None:
    """What was recorded is what would be recorded now: the guards hold, same title, not longer than the post."""
    verified = verify_request(tx, request, services, at)
    entry = RegistrySql(tx).by_request(request.request_id)
    if entry is None:
        raise StateConflict
    is_longer = verified.until is not None and entry.not_after > verified.until
    if is_longer or (verified.title is not None and entry.title != verified.title):
        raise CertTitleMismatch


def _void(request_id: str, reason_code: str, services: Services, caller: Caller, at: datetime) -> None:
    """End a decided request that no longer holds: rejected, its record void, its key destroyed."""
    with services.db.transaction() as tx:
        request, registry = find_request(tx, request_id), RegistrySql(tx)
        rejected = replace(
            request,
            state=RequestState.REJECTED,
            decided_by=caller.account_id,
            decider_subject_id=caller.subject_id,
            decided_at=at,
            rejection=reason_code,
            certificate_id=None,
        )
        _store(tx, rejected, before=RequestState.APPROVED)
        entry = registry.by_request(request_id)
        if entry is not None:
            step = StatusChange(
                certificate_id=entry.certificate_id,
                before=CertificateStatus.RECORDED,
                after=CertificateStatus.VOIDED,
                at=at,
                actor=caller.account_id,
            )
            registry.change_status(step)
        services.audit.append(tx, _refusal(request, reason_code, caller, at))
    if entry is not None:
        services.keys.destroy(entry.key_id)


def _template(
    request: CertificateRequest,
    verified: VerifiedRequest,
    authority: Authority,
    *,
    public_key: bytes,
    serial: int,
    at: datetime,
) -> CertificateTemplate:
    ends = [at + verified.profile.max_validity, authority.certificate.not_valid_after_utc]
    if verified.until is not None:
        ends.append(verified.until)
    return CertificateTemplate(
        profile=verified.profile,
        subject=verified.subject,
        public_key=public_key,
        serial=serial,
        not_before=at,
        not_after=min(ends),
        ordinal=request.ordinal,
        primary_sha256=verified.primary.sha256 if verified.primary else None,
        scope=request.scope,
    )


def _primary(record: CertificateRecord | None) -> Primary | None:
    if record is None or record.sha256 is None:
        return None
    return Primary(sha256=record.sha256, scope=record.scope, not_after=record.not_after)


def _store(tx: Tx, request: CertificateRequest, *, before: RequestState) -> None:
    if not RequestsSql(tx).replace(request, before=before):
        raise StateConflict  # somebody else decided it in the meantime


def _log_refusal(request: CertificateRequest, services: Services, caller: Caller, at: datetime) -> None:
    with services.db.transaction() as tx:
        services.audit.append(tx, _refusal(request, CertSelfApproval.code, caller, at))


def _refusal(request: CertificateRequest, reason_code: str, caller: Caller, at: datetime) -> AuditEvent:
    return event_of(
        caller,
        "approve_certificate_request",
        at,
        object_type="certificate_request",
        object_id=request.request_id,
        outcome=Outcome.REFUSED,
        owner_id=request.subject_id,
        reason_code=reason_code,
    )
