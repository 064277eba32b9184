"""Requests that change the status of a certificate: REVOKE, HOLD, RELEASE. Asked for by one person, done by another.

Knows which status each begins at, and the reasons. The steps themselves are those of `certificate_status`. Nothing is
signed, so everything happens in the transaction of the approval.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import StateConflict
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import require_state, take_turns
from api.usecases.certificate_status import HoldCause, StatusChanged, StatusSteps, require_newest, require_releasable
from signing.errors import StatusChangeRefused
from signing.registry import CASCADING_REASONS, CertificateRecord, CertificateStatus, RevocationReason
from signing.registry_sql import CertificateRequest, RegistrySql, RequestsSql, RequestState, RequestType

_FROM: Final = {
    RequestType.REVOKE: frozenset({CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD, CertificateStatus.SUPERSEDED}),
    RequestType.HOLD: frozenset({CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED}),
    RequestType.RELEASE: frozenset({CertificateStatus.ON_HOLD}),
}

_OF_THE_HOLDER: Final = frozenset({HoldCause.HOLDER.value, *(reason.value for reason in CASCADING_REASONS)})


def verify_status_request(tx: Tx, request: CertificateRequest) -> CertificateRecord:
    """The certificate that the request is about, when its status allows the step; the agency need not work any more.

    Raises:
        CertificateUnknown: no such certificate. StatusChangeRefused: it does not stand where the step begins.
        CertHasSuccessor: the reason lies in the holder, who has a newer certificate.
    """
    take_turns(tx, request)
    record = RegistrySql(tx).get(request.target_id or "")
    if record.status not in _FROM[request.type]:
        message = f"{request.type.value} does not begin at {record.status.value}"
        raise StatusChangeRefused(message)
    if request.type is RequestType.RELEASE:
        require_releasable(tx, record)
    elif request.reason in _OF_THE_HOLDER:
        require_newest(tx, record)
    return record


def perform_status_request(
    request: CertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Take the step and close the request: VERIFIED → DONE, with what carried over.

    Raises:
        StateConflict: decided already; what `verify_status_request` and the steps raise. Nothing was changed then.
    """
    with services.db.transaction() as tx:
        take_turns(tx, request)
        require_state(tx, request, RequestState.VERIFIED)  # two officers at once: the second one is told so
        record = verify_status_request(tx, request)
        changed = _step(StatusSteps(tx=tx, services=services, caller=caller, at=at), request, record)
        done = replace(
            request,
            state=RequestState.DONE,
            decided_by=caller.account_id,
            decider_subject_id=caller.subject_id,
            decided_at=at,
            cascaded=changed.cascaded,
        )
        if not RequestsSql(tx).replace(done, before=RequestState.VERIFIED):
            raise StateConflict  # somebody else decided it in the meantime
        event = event_of(
            caller,
            "approve_certificate_request",
            at,
            object_type="certificate_request",
            object_id=request.request_id,
            owner_id=request.subject_id,
            details=(("type", request.type.value), ("certificate", record.certificate_id)),
        )
        services.audit.append(tx, event)
    return done


def _step(steps: StatusSteps, request: CertificateRequest, record: CertificateRecord) -> StatusChanged:
    if request.reason is None:
        return steps.release(record)
    if request.type is RequestType.HOLD:
        return steps.hold(record, HoldCause(request.reason))
    return steps.revoke(record, RevocationReason(request.reason))
