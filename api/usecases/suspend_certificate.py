"""Puts a certificate on hold, at once: by its holder without anybody's approval, or by a manager."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.callers import Caller
from api.services import Services
from api.usecases.certificate_status import StatusChanged, StatusSteps
from signing.registry import CertificateStatus, RevocationReason


class HoldCause(StrEnum):
    """Why a certificate is suspended: decides whether the holder's further certificates follow (I5)."""

    HOLDER = "holder_suspended"
    KEY = "key_in_doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendCertificate:
    """Which certificate, and why."""

    certificate_id: str
    cause: HoldCause


def suspend_certificate(command: SuspendCertificate, services: Services, caller: Caller, at: datetime) -> StatusChanged:
    """Hold the certificate; a hold because of the holder holds the secondaries too, one because of the key does not.

    Raises:
        CertificateUnknown: there is none, or it is somebody else's. StatusChangeRefused: it is not active.
    """
    followers: tuple[str, ...] = ()
    with services.db.transaction() as tx:
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        record = steps.changeable(command.certificate_id)
        changed = steps.take(record, CertificateStatus.ON_HOLD, RevocationReason.HOLD)
        if command.cause is HoldCause.HOLDER:
            followers = steps.carry_over(record, CertificateStatus.ON_HOLD, RevocationReason.HOLD)
        details = (("cause", command.cause.value), ("cascaded", str(len(followers))))
        steps.log("suspend_certificate", changed, details)
    return StatusChanged(certificate=changed, cascaded=followers)
