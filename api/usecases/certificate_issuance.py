"""From an approved request to the certificate: VERIFIED → APPROVED → ISSUED → ACTIVE, in two transactions.

Between them stands the signature: what will be signed is recorded and committed first, so that a crash leaves a record
to continue from, never a certificate that nobody knows, and a retry gives one certificate, not two. A request that no
longer holds when it is signed or taken up again ends there (`abandoned_issuance`). Knows keys and the authorities. Must
not know who may approve.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertProofMissing, CertTitleMismatch, StateConflict
from api.services import Services
from api.usecases.abandoned_issuance import UNFIT, discard_key, void_issuance
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import VerifiedRequest, require_state, take_turns, verify_request
from api.usecases.certificate_replacement import retire_replaced
from api.usecases.certificate_status import StatusSteps
from api.usecases.key_possession import require_unused_key
from signing.ca import (
    Authority,
    CertificateTemplate,
    Holder,
    RecordedCertificate,
    Signatory,
    activate,
    authority_of,
    issue,
    key_prefix,
    new_serial,
    prepare,
    record,
    recorded,
    resume,
)
from signing.lint import Primary
from signing.profiles import AuthorityName, leaf_profile
from signing.registry import CertificateRecord, KeyDevice
from signing.registry_sql import CertificateRequest, RegistrySql, RequestsSql, RequestState

_ENTROPY: Final = 16
_TOKEN_PREFIX: Final = "token"  # noqa: S105 - of the id of a key that is on no store of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """The key that the certificate will name."""

    key_id: str
    spki: bytes


def issue_requested(
    request: CertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Issue what was asked for, or go on where an earlier approval stopped; the request with the certificate's id.

    Raises:
        StateConflict (decided already); CertProofMissing, CertKeyInUse; what `verify_request` raises; IssuanceRefused,
        NameInvalid; KeyUnavailable: the device is away, the request stays where it is and a retry goes on.
    """
    if request.state is RequestState.VERIFIED:
        certificate = _decide(request, services, caller, at)
    elif request.state is RequestState.APPROVED:
        certificate = _continue(request, services, caller, at)
    else:
        raise StateConflict
    der = issue(certificate, services.keys)
    try:
        return _activate(certificate.certificate_id, der, request, services, caller=caller, at=at)
    except UNFIT as err:
        void_issuance(request.request_id, err.code, services, caller, at)
        raise


def _decide(request: CertificateRequest, services: Services, caller: Caller, at: datetime) -> RecordedCertificate:
    """Get the key, check everything again, record what will be signed, and commit the decision."""
    key = _key_for(request, services)
    try:
        with services.db.transaction() as tx:
            take_turns(tx, request)
            require_state(tx, request, RequestState.VERIFIED)
            certificate = _recorded(tx, request, key, services, caller=caller, at=at)
            decided = replace(
                request,
                state=RequestState.APPROVED,
                decided_by=caller.account_id,
                decider_subject_id=caller.subject_id,
                decided_at=at,
                certificate_id=certificate.certificate_id,
            )
            _store(tx, decided, before=RequestState.VERIFIED)
            event = event_of(
                caller,
                "approve_certificate_request",
                at,
                object_type="certificate_request",
                object_id=request.request_id,
                owner_id=request.subject_id,
                details=(("type", request.type.value), ("certificate", certificate.certificate_id)),
            )
            services.audit.append(tx, event)
    except Exception:  # whatever it was: a key without a certificate is of no use
        discard_key(key.key_id, request, services)
        raise
    return certificate


def _key_for(request: CertificateRequest, services: Services) -> _Key:
    """A new key of the store that the profile wants, or the one on the holder's device that was proved."""
    room, profile = services.pki.room, leaf_profile(request.certificate_class, request.ordinal)
    if request.key_device is KeyDevice.TOKEN:
        if request.proof_spki is None:
            raise CertProofMissing
        return _Key(key_id=room.new_id(_TOKEN_PREFIX), spki=request.proof_spki)
    if profile is None:
        raise StateConflict
    key_id = room.new_id(key_prefix(profile))
    return _Key(key_id=key_id, spki=services.keys.generate(key_id, profile.key_kinds[0]))


def _recorded(
    tx: Tx, request: CertificateRequest, key: _Key, services: Services, *, caller: Caller, at: datetime
) -> RecordedCertificate:
    """Lint what would be signed and write it down."""
    verified, registry, room = verify_request(tx, request, services, at), RegistrySql(tx), services.pki.room
    require_unused_key(tx, request, key.spki)
    holder = Holder(
        certificate_id=room.new_id("cert"),
        key_id=key.key_id,
        primary_id=request.primary_certificate_id,
        subject_id=request.subject_id,
        org_code=request.org_code,
        employment_id=request.employment_id,
        request_id=request.request_id,
        key_device=request.key_device,
        supersedes_id=request.target_id,
    )
    authority = authority_of(verified.profile.issuers[0], registry)
    template = _template(
        request, verified, authority, public_key=key.spki, serial=new_serial(room.entropy(_ENTROPY)), at=at
    )
    prepared = prepare(template, room.site, Signatory.of(authority), primary=_primary(verified.primary))
    return record(prepared, holder, verified.profile, registry, at=at, actor=caller.account_id)


def _continue(request: CertificateRequest, services: Services, caller: Caller, at: datetime) -> RecordedCertificate:
    """Take up a decision whose signature was interrupted: every guard asked again, the recorded bytes linted again."""
    try:
        with services.db.transaction() as tx:
            entry = _require_still_right(tx, request, services, at)
            registry = RegistrySql(tx)
            authority = authority_of(AuthorityName(entry.issuer), registry)
            primary = registry.get(entry.primary_id) if entry.primary_id else None
        prepared = resume(
            entry.tbs, entry.profile, services.pki.room.site, Signatory.of(authority), primary=_primary(primary)
        )
    except UNFIT as err:
        void_issuance(request.request_id, err.code, services, caller, at)
        raise
    return recorded(entry.certificate_id, prepared)


def _activate(
    certificate_id: str, der: bytes, request: CertificateRequest, services: Services, *, caller: Caller, at: datetime
) -> CertificateRequest:
    """Store the signed bytes, if everything still holds, and take out of use what they replace."""
    with services.db.transaction() as tx:
        entry = _require_still_right(tx, request, services, at)
        decided = require_state(tx, request, RequestState.APPROVED)
        activate(certificate_id, der, RegistrySql(tx), at=at, actor=caller.account_id)
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        done = replace(decided, state=RequestState.ACTIVE, cascaded=retire_replaced(steps, decided, certificate_id))
        _store(tx, done, before=RequestState.APPROVED)
        details = (("request", done.request_id), ("class", done.certificate_class.value))
        steps.log("issue_certificate", entry, details)
    return done


def _require_still_right(tx: Tx, request: CertificateRequest, services: Services, at: datetime) -> CertificateRecord:
    """What was recorded is what would be recorded now: the guards hold, same title, not longer than the post.

    Raises:
        StateConflict: another approval finished or ended it in the meantime.
    """
    take_turns(tx, request)
    require_state(tx, request, RequestState.APPROVED)
    verified = verify_request(tx, request, services, at)
    entry = RegistrySql(tx).by_request(request.request_id)
    if entry is None:
        raise StateConflict
    is_longer = verified.until is not None and entry.not_after > verified.until
    if is_longer or (verified.title is not None and entry.title != verified.title):
        raise CertTitleMismatch
    return entry


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
