"""A local hold of a certificate that others issued (S13): it signs nothing here, and outside nothing changes.

Official certificates know no suspension among their request types, and no authority but the issuer changes a status
that the world sees. So the hold is ours alone: its interval is kept for ever (I6), and every answer says that it is
local. Verification does not ask for it: a signature is judged by what the issuer says.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import SamePerson, StateConflict
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_status import MANAGERS, HoldCause
from api.usecases.confirm_external_certificate import find_external
from api.usecases.evidence_reference import require_reference
from signing.errors import CertificateUnknown
from signing.registry import Hold

LOCAL_ONLY: Final = "CERT_HOLD_LOCAL_ONLY"
"""Code of the notice that comes with every answer about a hold (model §3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExternalCertificate:
    """Which certificate, why, and the agency's request."""

    certificate_id: str
    cause: HoldCause
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseExternalCertificate:
    """Which certificate."""

    certificate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalWithHolds:
    """An imported certificate and when it was held here."""

    certificate: ExternalCertificate
    holds: tuple[Hold, ...]


def hold_external_certificate(
    command: HoldExternalCertificate, services: Services, caller: Caller, at: datetime
) -> ExternalWithHolds:
    """Hold the certificate here, at once: a manager for the agency, or the holder.

    Raises:
        CertificateUnknown: there is none, or it is somebody else's. StateConflict: it does not count here now.
    """
    if command.evidence is not None:
        require_reference(command.evidence)
    with services.db.transaction() as tx:
        found = find_external(tx, command.certificate_id)
        is_own = caller.subject_id is not None and caller.subject_id == found.subject_id
        if not is_own and caller.role not in MANAGERS:
            raise CertificateUnknown(command.certificate_id)
        records = ExternalCertificates(tx)
        if not records.move(found.certificate_id, before=ExternalState.ACTIVE, after=ExternalState.ON_HOLD, at=at):
            raise StateConflict("Chứng thư không ở trạng thái đang dùng.", "The certificate is not in use.")
        records.begin_hold(
            found.certificate_id, cause=command.cause.value, evidence=command.evidence, by=caller.account_id, at=at
        )
        details = (("cause", command.cause.value), ("notice", LOCAL_ONLY))
        event = event_of(
            caller,
            "hold_certificate_locally",
            at,
            object_type="certificate",
            object_id=found.certificate_id,
            owner_id=found.subject_id,
            details=details,
        )
        services.audit.append(tx, event)
        return ExternalWithHolds(
            certificate=find_external(tx, found.certificate_id), holds=records.holds(found.certificate_id)
        )


def release_external_certificate(
    command: ReleaseExternalCertificate, services: Services, caller: Caller, at: datetime
) -> ExternalWithHolds:
    """End the hold here; its interval stays known (I6). Never done by the holder (I5).

    Raises:
        CertificateUnknown: there is none. StateConflict: it is not held here. SamePerson: the holder releases.
    """
    with services.db.transaction() as tx:
        found = find_external(tx, command.certificate_id)
        if caller.role not in MANAGERS:
            raise CertificateUnknown(command.certificate_id)
        if caller.subject_id is None or caller.subject_id == found.subject_id:
            raise SamePerson
        records = ExternalCertificates(tx)
        if not records.move(found.certificate_id, before=ExternalState.ON_HOLD, after=ExternalState.ACTIVE, at=at):
            raise StateConflict("Chứng thư không bị tạm dừng ở đây.", "The certificate is not held here.")
        records.end_hold(found.certificate_id, by=caller.account_id, at=at)
        event = event_of(
            caller,
            "release_certificate_locally",
            at,
            object_type="certificate",
            object_id=found.certificate_id,
            owner_id=found.subject_id,
            details=(("notice", LOCAL_ONLY),),
        )
        services.audit.append(tx, event)
        return ExternalWithHolds(
            certificate=find_external(tx, found.certificate_id), holds=records.holds(found.certificate_id)
        )
