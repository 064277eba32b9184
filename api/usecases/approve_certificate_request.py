"""A second person approves a request: a certificate is issued, or the status of one changes.

What the approval does is told in `certificate_issuance` and `certificate_status_request`.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_guards import find_request, require_other_persons, require_other_prover
from api.usecases.certificate_issuance import issue_requested
from api.usecases.certificate_status_request import perform_status_request
from api.usecases.refusals import refusals_recorded
from signing.registry_sql import CertificateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCertificateRequest:
    """Which request."""

    request_id: str


def approve_certificate_request(
    command: ApproveCertificateRequest, services: Services, caller: Caller, at: datetime
) -> CertificateRequest:
    """Carry the request out and return it; what is refused leaves a line in the ledger and nothing half-done.

    Raises:
        NotFound; StateConflict (decided already); CertSelfApproval (I4); what `issue_requested` or
        `perform_status_request` raises. What was decided before and does not hold any more is rejected with the
        error's code.
    """
    with services.db.reading() as tx:
        request = find_request(tx, command.request_id)
    event = event_of(
        caller,
        "approve_certificate_request",
        at,
        object_type="certificate_request",
        object_id=request.request_id,
        owner_id=request.subject_id,
    )
    with refusals_recorded(event, services):
        require_other_persons(request, caller)
        with services.db.reading() as tx:
            require_other_prover(tx, request, caller)
        if request.type.issues:
            return issue_requested(request, services, caller, at)
        return perform_status_request(request, services, caller, at)
