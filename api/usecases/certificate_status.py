"""What suspending, releasing and revoking share: who may change which certificate, the step, the cascade, the log.

Knows I5 and I6. Must not know HTTP. The interval of a hold stays in the history for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.services import Services
from api.usecases.auditing import event_of
from signing.errors import CertificateUnknown
from signing.registry import CertificateRecord, CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import RegistrySql

MANAGERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER)
"""Who changes other people's certificates; everybody else only suspends the own one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The certificate after the change, and the secondaries that changed with it."""

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
        self, primary: CertificateRecord, after: CertificateStatus, reason: RevocationReason
    ) -> tuple[str, ...]:
        """Take the same step with every secondary that can take it; their ids."""
        able = {CertificateStatus.ACTIVE}
        if after is CertificateStatus.REVOKED:
            able.add(CertificateStatus.ON_HOLD)
        followers = [one for one in RegistrySql(self.tx).secondaries(primary.certificate_id) if one.status in able]
        for secondary in followers:
            self.take(secondary, after, reason, because_of=primary.certificate_id)
        return tuple(secondary.certificate_id for secondary in followers)

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
