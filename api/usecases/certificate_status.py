"""What suspending, releasing and revoking share: who may change which certificate, the steps, the cascade, the log.

Knows I5 and I6. Must not know HTTP, nor whether the step was asked for at once or through an approved request. The
interval of a hold stays in the history for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import CertHasSuccessor
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_standing import current_of, present_primary_is_held, standing_beside
from signing.errors import CertificateUnknown, StatusChangeRefused
from signing.registry import CASCADING_REASONS, CertificateRecord, CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import RegistrySql
from vault.ledger import AuditEvent

MANAGERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER)
"""Who suspends other people's certificates at once; everybody else only the own ones."""
EMERGENCY: Final = (Role.SECURITY_OFFICER,)
"""Who revokes at once, and lifts an own hold at once; everybody else files a request that a second person approves."""


class HoldCause(StrEnum):
    """Why a certificate is suspended: decides whether the holder's further certificates follow (I5)."""

    HOLDER = "holder_suspended"
    KEY = "key_in_doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The certificate after the change, and the others that changed with it."""

    certificate: CertificateRecord
    cascaded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSteps:
    """Steps of one caller at one moment in one transaction."""

    tx: Tx
    services: Services
    caller: Caller
    at: datetime

    def changeable(self, certificate_id: str) -> CertificateRecord:
        """The certificate, when the caller may change it. Not existing and not allowed look the same.

        Raises:
            CertificateUnknown: either of the two.
        """
        registry = RegistrySql(self.tx)
        record = registry.get(certificate_id)
        is_own = self.caller.subject_id is not None and record.subject_id == self.caller.subject_id
        # certificates of the hierarchy itself are the ceremony's business
        if record.service is not None or not (is_own or self.caller.role in MANAGERS):
            raise CertificateUnknown(certificate_id)
        # no secondary may come into being beside a primary that ends at the same moment
        registry.take_turn(record.org_code or record.subject_id or "")
        return registry.get(certificate_id)

    def revoke(self, record: CertificateRecord, reason: RevocationReason) -> StatusChanged:
        """End a certificate; a reason that lies in the holder ends the holder's others of this standing too (I5).

        Raises:
            StatusChangeRefused: it is revoked already, or was never issued. CertHasSuccessor: the reason lies in the
                holder, who has a newer certificate.
        """
        is_cascading = reason in CASCADING_REASONS
        if is_cascading:
            require_newest(self.tx, record)
        changed = self.take(record, CertificateStatus.REVOKED, reason)
        followers = self.carry_over(record, CertificateStatus.REVOKED, reason) if is_cascading else ()
        details = (("reason", reason.value), ("cascaded", str(len(followers))))
        self.log("revoke_certificate", changed, details)
        return StatusChanged(certificate=changed, cascaded=followers)

    def hold(self, record: CertificateRecord, cause: HoldCause) -> StatusChanged:
        """Suspend a certificate; a hold because of the holder reaches the holder's others, one of the key not (I5).

        Raises:
            StatusChangeRefused: it is not in force. CertHasSuccessor: the cause is the holder, who has a newer one.
        """
        is_cascading = cause is HoldCause.HOLDER
        if is_cascading:
            require_newest(self.tx, record)
        changed = self.take(record, CertificateStatus.ON_HOLD, RevocationReason.HOLD)
        followers: tuple[str, ...] = ()
        if is_cascading:
            followers = self.carry_over(record, CertificateStatus.ON_HOLD, RevocationReason.HOLD)
        self.log("suspend_certificate", changed, (("cause", cause.value), ("cascaded", str(len(followers)))))
        return StatusChanged(certificate=changed, cascaded=followers)

    def release(self, record: CertificateRecord) -> StatusChanged:
        """End a hold: the certificate stands where it stood before. Never carries over (I5); the interval stays (I6).

        Raises:
            StatusChangeRefused: it is not on hold, or it is a secondary whose primary is.
        """
        require_releasable(self.tx, record)
        before = RegistrySql(self.tx).history(record.certificate_id)[-1].before or CertificateStatus.ACTIVE
        changed = self.take(record, before, None)
        self.log("release_certificate", changed)
        return StatusChanged(certificate=changed)

    def take(
        self,
        record: CertificateRecord,
        after: CertificateStatus,
        reason: RevocationReason | None,
        *,
        because_of: str | None = None,
    ) -> CertificateRecord:
        """Take one step and return the certificate after it.

        Raises:
            StatusChangeRefused: the life cycle has no such step.
        """
        return RegistrySql(self.tx).change_status(
            StatusChange(
                certificate_id=record.certificate_id,
                before=record.status,
                after=after,
                at=self.at,
                actor=self.caller.account_id,
                reason=reason,
                because_of=because_of,
            )
        )

    def carry_over(
        self,
        primary: CertificateRecord,
        after: CertificateStatus,
        reason: RevocationReason,
        *,
        sparing: str | None = None,
    ) -> tuple[str, ...]:
        """Take the same step with every other certificate of the primary's standing that can take it; their ids.

        `sparing`: the certificate that takes the primary's place. From a secondary nothing carries over.
        """
        able = {CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED}
        if after is CertificateStatus.REVOKED:
            able.add(CertificateStatus.ON_HOLD)
        followers = [
            one
            for one in standing_beside(RegistrySql(self.tx), primary)
            if one.status in able and one.certificate_id != sparing
        ]
        for follower in followers:
            self.take(follower, after, reason, because_of=primary.certificate_id)
        return tuple(follower.certificate_id for follower in followers)

    def log(self, action: str, record: CertificateRecord, details: tuple[tuple[str, str], ...] = ()) -> None:
        """Append what was done to the ledger."""
        event = event_of(
            self.caller,
            action,
            self.at,
            object_type="certificate",
            object_id=record.certificate_id,
            owner_id=record.subject_id,
            details=details,
        )
        self.services.audit.append(self.tx, event)


def require_newest(tx: Tx, record: CertificateRecord) -> None:
    """Do nothing when nothing took the certificate's place: what ends or suspends the holder is said of that one.

    Raises:
        CertHasSuccessor: there is a newer one.
    """
    newest = current_of(RegistrySql(tx), record)
    if newest.certificate_id != record.certificate_id:
        raise CertHasSuccessor(
            f"Chứng thư thay thế: {newest.certificate_id}.", f"Its successor is {newest.certificate_id}."
        )


def status_event(action: str, certificate_id: str, caller: Caller, at: datetime) -> AuditEvent:
    """What is recorded of a step that was tried."""
    return event_of(caller, action, at, object_type="certificate", object_id=certificate_id)


def require_releasable(tx: Tx, record: CertificateRecord) -> None:
    """Do nothing when the certificate's hold may end.

    Raises:
        StatusChangeRefused: it is not on hold, or it is a secondary whose holder's primary is.
    """
    if record.status is not CertificateStatus.ON_HOLD:
        message = "only a hold can be released"
        raise StatusChangeRefused(message)
    if record.primary_id is None:
        return
    if present_primary_is_held(RegistrySql(tx), record.primary_id):
        message = "the primary is on hold"
        raise StatusChangeRefused(message)
