"""Puts a certificate on hold, at once: by its holder without anybody's approval, or by a manager."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.certificate_status import HoldCause, StatusChanged, StatusSteps, status_event
from api.usecases.refusals import refusals_recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendCertificate:
    """Which certificate, and why."""

    certificate_id: str
    cause: HoldCause


def suspend_certificate(command: SuspendCertificate, services: Services, caller: Caller, at: datetime) -> StatusChanged:
    """Hold the certificate; a hold because of the holder holds the holder's others too, one of the key does not.

    Raises:
        CertificateUnknown: there is none, or it is somebody else's. StatusChangeRefused: it is not active.
        CertHasSuccessor: the cause is the holder, who has a newer certificate.
    """
    event = status_event("suspend_certificate", command.certificate_id, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        return steps.hold(steps.changeable(command.certificate_id), command.cause)
