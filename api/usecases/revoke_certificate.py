"""Ends a certificate for ever, and with it its secondaries when the reason lies in the holder (I5, I6)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import Forbidden, InputInvalid
from api.services import Services
from api.usecases.certificate_status import MANAGERS, StatusChanged, StatusSteps
from signing.registry import CASCADING_REASONS, CertificateStatus, RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificate:
    """Which certificate, and why."""

    certificate_id: str
    reason: RevocationReason


def revoke_certificate(command: RevokeCertificate, services: Services, caller: Caller, at: datetime) -> StatusChanged:
    """Revoke the certificate; OCSP says so with the next answer, the CRL with the next fetch.

    Raises:
        CertificateUnknown: there is none. StatusChangeRefused: it is revoked already, or was never issued.
        Forbidden: not a manager's account. InputInvalid: a hold is no reason to revoke.
    """
    if command.reason is RevocationReason.HOLD:
        raise InputInvalid("Tạm dừng không phải là thu hồi.", "A hold is no revocation.")
    if caller.role not in MANAGERS:
        raise Forbidden
    followers: tuple[str, ...] = ()
    with services.db.transaction() as tx:
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        record = steps.changeable(command.certificate_id)
        changed = steps.take(record, CertificateStatus.REVOKED, command.reason)
        if command.reason in CASCADING_REASONS:
            followers = steps.carry_over(record, CertificateStatus.REVOKED, command.reason)
        details = (("reason", command.reason.value), ("cascaded", str(len(followers))))
        steps.log("revoke_certificate", changed, details)
    return StatusChanged(certificate=changed, cascaded=followers)
