"""Ends a certificate for ever, and with it the holder's others when the reason lies in the holder (I5, I6).

At once and alone: the security officer's way in an emergency. Everybody else files a request of type `revoke`.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import Forbidden, InputInvalid
from api.services import Services
from api.usecases.certificate_status import EMERGENCY, StatusChanged, StatusSteps, status_event
from api.usecases.refusals import refusals_recorded
from signing.registry import RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCertificate:
    """Which certificate, and why."""

    certificate_id: str
    reason: RevocationReason


def revoke_certificate(command: RevokeCertificate, services: Services, caller: Caller, at: datetime) -> StatusChanged:
    """Revoke the certificate; OCSP says so with the next answer, the CRL with the next fetch.

    Raises:
        CertificateUnknown: there is none. StatusChangeRefused: it is revoked already, or was never issued.
        CertHasSuccessor: the reason concerns the holder, who has a newer certificate.
        Forbidden: not a security officer's account. InputInvalid: a hold is no reason to revoke.
    """
    with refusals_recorded(status_event("revoke_certificate", command.certificate_id, caller, at), services):
        if command.reason is RevocationReason.HOLD:
            raise InputInvalid("Tạm dừng không phải là thu hồi.", "A hold is no revocation.")
        if caller.role not in EMERGENCY:
            raise Forbidden
        with services.db.transaction() as tx:
            steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
            return steps.revoke(steps.changeable(command.certificate_id), command.reason)
