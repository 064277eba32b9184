"""Ends a hold at once: the security officer takes back the own one.

Never carries over to other certificates (I5), and is never done by the holder. A hold that the holder or another
manager set ends by a request of type `release` only: giving power back takes two persons.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import CertReleaseNeedsApproval, Forbidden, SamePerson
from api.records.accounts import Accounts
from api.services import Services
from api.usecases.certificate_status import EMERGENCY, StatusChanged, StatusSteps, require_releasable, status_event
from api.usecases.refusals import refusals_recorded
from signing.registry import CertificateRecord
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
        CertReleaseNeedsApproval: another person set the hold. Forbidden: not a security officer's account.
    """
    event = status_event("release_certificate", command.certificate_id, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        steps = StatusSteps(tx=tx, services=services, caller=caller, at=at)
        record = steps.changeable(command.certificate_id)
        if record.subject_id is not None and record.subject_id == caller.subject_id:
            raise SamePerson
        if caller.role not in EMERGENCY:
            raise Forbidden
        require_releasable(tx, record)
        if not _set_by(tx, record, caller):
            raise CertReleaseNeedsApproval
        return steps.release(record)


def _set_by(tx: Tx, record: CertificateRecord, caller: Caller) -> bool:
    """Whether the person behind the caller's account set the hold, with whatever account."""
    setter = RegistrySql(tx).history(record.certificate_id)[-1].actor
    if setter == caller.account_id:
        return True
    account = Accounts(tx).by_id(setter)
    return account is not None and caller.subject_id is not None and account.subject_id == caller.subject_id
