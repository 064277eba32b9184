"""Receives a dossier: by an officer at the counter, or filed online by the citizen.

Knows procedures, people, agencies and who may receive for whom. Must not know documents.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import Forbidden, NotFound
from api.ids import creation_id
from api.records.days_off import DaysOff
from api.records.dossiers import Channel, Dossier, Dossiers
from api.records.employments import Employments
from api.records.organisations import Organisations, OrgLevel
from api.records.people import People
from api.records.procedures import Procedures
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import caller_acts_for
from api.vietnam_time import vietnam_day
from api.working_days import working_day_after

_DEEPEST: Final = 12  # no tree of agencies is deeper; a loop in the data ends here
_BREAKS: Final = timedelta(days=60)
"""Beside weekends no deadline meets more days off than this: so far ahead holidays are looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveDossier:
    """What is filed."""

    procedure_code: str
    applicant_subject_id: str
    org_code: str
    """The agency that will decide."""
    channel: Channel


def receive_dossier(command: ReceiveDossier, services: Services, caller: Caller, at: datetime) -> Dossier:
    """Record a dossier with its code and its due date.

    Raises:
        NotFound: no such procedure, person or agency. OrganisationClosed: the agency does not work now.
        Forbidden: the officer does not receive for that agency, or the citizen files for somebody else.
    """
    dossier_id = creation_id("dos", at)
    with services.db.transaction() as tx:
        made = Dossiers(tx).find(dossier_id)
        if made is not None:
            return made  # by an earlier run of this request
        procedure = Procedures(tx).in_force(command.procedure_code, at)
        Organisations(tx).require_working(command.org_code, at)
        _require_may_file(tx, command, services, caller=caller, at=at)
        dossiers = Dossiers(tx)
        dossier = Dossier(
            dossier_id=dossier_id,
            code=dossiers.next_code(command.org_code, at),
            procedure_code=procedure.procedure_code,
            procedure_version=procedure.version,
            applicant_subject_id=command.applicant_subject_id,
            org_code=command.org_code,
            channel=command.channel,
            state="received",
            received_at=at,
            due_at=_due_at(tx, procedure.deadline_days, at),
            received_by=caller.account_id,
        )
        dossiers.add(dossier)
        event = event_of(
            caller,
            "receive_dossier",
            at,
            object_type="dossier",
            object_id=dossier.dossier_id,
            owner_id=dossier.applicant_subject_id,
            details=(("procedure", dossier.procedure_code), ("channel", dossier.channel.value)),
        )
        services.audit.append(tx, event)
    return dossier


def read_dossier(dossier_id: str, services: Services, caller: Caller, at: datetime) -> Dossier:
    """A dossier, for its applicant, the applicant's guardian, or an officer of the agency or its centre.

    Raises:
        NotFound: there is none, or it is not for this caller: from outside both look the same.
    """
    with services.db.reading() as tx:
        dossier = Dossiers(tx).get(dossier_id)
        if not _may_read(tx, dossier, services, caller, at):
            raise NotFound("Không có hồ sơ này.", "There is no such dossier.")
    return dossier


def _due_at(tx: Tx, working_days: int, at: datetime) -> datetime:
    """So many working days later, at the same time of day: weekends and the listed holidays do not count (S36)."""
    received = vietnam_day(at)
    holidays = DaysOff(tx).between(received, received + timedelta(days=2 * working_days) + _BREAKS)
    return at + (working_day_after(received, working_days, holidays) - received)


def _may_read(tx: Tx, dossier: Dossier, services: Services, caller: Caller, at: datetime) -> bool:
    if caller.role is Role.AUDITOR:
        return True
    if caller.role is Role.CITIZEN:
        return caller_acts_for(tx, caller, dossier.applicant_subject_id, services, at)
    return _receives_for(tx, dossier.handled_by, caller, at)


def _require_may_file(tx: Tx, command: ReceiveDossier, services: Services, *, caller: Caller, at: datetime) -> None:
    if caller.role is not Role.CITIZEN:
        if not _receives_for(tx, command.org_code, caller, at):
            raise Forbidden("Không tiếp nhận cho đơn vị này.", "Not receiving for this agency.")
        People(tx, services.sealer).get(command.applicant_subject_id)
        return
    if command.channel is not Channel.ONLINE:
        raise Forbidden("Công dân nộp hồ sơ trực tuyến.", "A citizen files online.")
    if not caller_acts_for(tx, caller, command.applicant_subject_id, services, at):
        # the same answer for a stranger and for nobody: it must not tell who exists
        raise NotFound("Không có người này.", "There is no such person.")


def _receives_for(tx: Tx, org_code: str, caller: Caller, at: datetime) -> bool:
    """An officer works for the own agency; one seated at a service centre for all under the centre's parent."""
    if caller.org_code == org_code:
        return True
    organisations = Organisations(tx)
    posts = () if caller.subject_id is None else Employments(tx).of(caller.subject_id, at)
    places = {post.place_code for post in posts if post.org_code == caller.org_code} | {caller.org_code}
    units = [organisations.find(code) for code in places if code is not None]
    heads = {unit.parent_code for unit in units if unit is not None and unit.level is OrgLevel.CENTRE}
    above: str | None = org_code
    for _ in range(_DEEPEST):
        if above is None or not heads:
            return False
        if above in heads:
            return True
        unit = organisations.find(above)
        above = None if unit is None else unit.parent_code
    return False
