"""A second person turns a request down, with a reason that is kept: VERIFIED → REJECTED."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import InputInvalid, StateConflict
from api.services import Services
from api.usecases.approve_certificate_request import find_request
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import require_other_persons
from signing.registry_sql import CertificateRequest, RequestsSql, RequestState

_MAX_REASON: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCertificateRequest:
    """Which request, and why."""

    request_id: str
    reason: str


def reject_certificate_request(
    command: RejectCertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Turn the request down.

    Raises:
        NotFound; StateConflict (decided already); CertSelfApproval (I4); InputInvalid (no reason).
    """
    if not 1 <= len(command.reason.strip()) <= _MAX_REASON or not command.reason.isprintable():
        raise InputInvalid("Lý do từ chối có 1-255 ký tự.", "A reason has 1-255 characters.")
    with services.db.transaction() as tx:
        request = find_request(tx, command.request_id)
        require_other_persons(request, caller)
        rejected = replace(
            request,
            state=RequestState.REJECTED,
            decided_by=caller.account_id,
            decider_subject_id=caller.subject_id,
            decided_at=at,
            rejection=command.reason.strip(),
        )
        if request.state is not RequestState.VERIFIED or not RequestsSql(tx).replace(
            rejected, before=RequestState.VERIFIED
        ):
            raise StateConflict
        event = event_of(
            caller,
            "reject_certificate_request",
            at,
            object_type="certificate_request",
            object_id=request.request_id,
            owner_id=request.subject_id,
        )
        services.audit.append(tx, event)
    return rejected
