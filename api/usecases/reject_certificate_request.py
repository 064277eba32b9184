"""A second person turns a request down, with a reason that is kept: VERIFIED → REJECTED."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import InputInvalid, StateConflict
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import find_request, require_other_persons, require_state, take_turns
from api.usecases.refusals import refusals_recorded
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
    with services.db.reading() as tx:
        request = find_request(tx, command.request_id)
    event = event_of(
        caller,
        "reject_certificate_request",
        at,
        object_type="certificate_request",
        object_id=request.request_id,
        owner_id=request.subject_id,
    )
    with refusals_recorded(event, services):
        if not 1 <= len(command.reason.strip()) <= _MAX_REASON or not command.reason.isprintable():
            raise InputInvalid("Lý do từ chối có 1-255 ký tự.", "A reason has 1-255 characters.")
        require_other_persons(request, caller)
        with services.db.transaction() as tx:
            take_turns(tx, request)
            rejected = replace(
                require_state(tx, request, RequestState.VERIFIED),
                state=RequestState.REJECTED,
                decided_by=caller.account_id,
                decider_subject_id=caller.subject_id,
                decided_at=at,
                rejection=command.reason.strip(),
            )
            if not RequestsSql(tx).replace(rejected, before=RequestState.VERIFIED):
                raise StateConflict
            services.audit.append(tx, event)
    return rejected
