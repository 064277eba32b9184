"""Ends a hold. Never carries over to other certificates (I5), and is never done by the holder."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import SamePerson
from api.services import Services
from api.usecases.certificate_status import StatusChanged, StatusSteps
from signing.errors import StatusChangeRefused
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCertificate:
    """Which certificate."""

    certificate_id: str


def release_certificate(command: ReleaseCertificate, services: Services, caller: Caller, at: datetime) -> StatusChanged:
    """Make a held certificate active again; the interval of the hold stays known (I6).

    Raises:
        CertificateUnknown: there is none, or the caller may not change it. StatusChangeRefused: it is not on hold, or
        it is a secondary whose primary is. SamePerson: a holder does not release the own certificate.
    """
    with services.db.transaction() as tx:
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        record = steps.changeable(command.certificate_id)
        if record.subject_id is not None and record.subject_id == caller.subject_id:
            raise SamePerson
        if record.status is not CertificateStatus.ON_HOLD:
            message = "only a hold can be released"
            raise StatusChangeRefused(message)
        if record.primary_id is not None and not RegistrySql(tx).get(record.primary_id).is_active(at):
            message = "the primary is not active"
            raise StatusChangeRefused(message)
        changed = steps.take(record, CertificateStatus.ACTIVE, None)
        steps.log("release_certificate", changed)
    return StatusChanged(certificate=changed)
