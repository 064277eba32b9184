"""A merger of two agencies is planned by one administrator and put into force by another (model §3.5).

From the approval on the closing unit is MERGING: signing goes on, new certificates are not issued. What happens at the
legal moment is the job `merge_organisations`, which waits for it. Knows plans and the two-person rule.
"""

from dataclasses import dataclass
from datetime import datetime, time

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, InputInvalid, MergerAlreadyPlanned, MergerMomentPast, StateConflict
from api.ids import creation_id
from api.records.mergers import Merger, Mergers, MergerState
from api.records.organisations import Organisations, OrgStatus
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import is_reference, ledger_form
from api.usecases.merge_organisations import JOB_KIND
from api.usecases.refusals import refusals_recorded
from api.usecases.two_persons import require_other_person
from api.vietnam_time import VIETNAM
from signing.registry_sql import RegistrySql
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMerger:
    """Who goes, who follows, from when on, by which act."""

    closing_org: str
    successor_org: str
    effective_at: datetime
    """00:00 of a day, +07:00: the legal moment of the act."""
    act: str
    """Number of the resolution."""


def plan_merger(command: PlanMerger, services: Services, caller: Caller, at: datetime) -> Merger:
    """Record the plan; nothing changes before another person approves it.

    Raises:
        InputInvalid; MergerMomentPast: the moment is not the beginning of a day to come. NotFound, OrganisationClosed:
        one of the units does not work. MergerAlreadyPlanned: one of them merges already.
    """
    merger = Merger(
        merger_id=creation_id("mrg", at),
        closing_org=command.closing_org,
        successor_org=command.successor_org,
        act=command.act,
        effective_at=command.effective_at,
        state=MergerState.PLANNED,
        requested_by=caller.account_id,
        requested_at=at,
    )
    with refusals_recorded(_event("plan_merger", merger.merger_id, caller, at), services):
        _require_plan(command, caller, at)
        with services.db.transaction() as tx:
            made = Mergers(tx).find(merger.merger_id)
            if made is not None:
                return made  # by an earlier run of this request
            _take_turns(tx, merger)
            _require_units(tx, merger, at)
            if Mergers(tx).open_for((merger.closing_org, merger.successor_org)):
                raise MergerAlreadyPlanned
            Mergers(tx).add(merger)
            _log(tx, "plan_merger", merger, services, caller=caller, at=at)
    return merger


def approve_merger(merger_id: str, services: Services, caller: Caller, at: datetime) -> Merger:
    """Announce the merger and have it performed at its moment.

    Raises:
        NotFound; StateConflict: decided already. SamePerson: by who planned it. MergerMomentPast: too late.
    """
    event = _event("approve_merger", merger_id, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        merger = Mergers(tx).get(merger_id)
        _take_turns(tx, merger)  # a certificate that is being issued is either there before or not any more
        merger = Mergers(tx).get(merger_id)
        require_other_person(tx, caller, (merger.requested_by,))
        if merger.state is not MergerState.PLANNED:
            raise StateConflict("Đợt sáp nhập đã được quyết định.", "The merger has been decided.")
        if merger.effective_at <= at:
            raise MergerMomentPast("Đã quá thời điểm sáp nhập.", "The moment has passed.")
        _require_units(tx, merger, at)
        Organisations(tx).announce_merger(
            merger.closing_org, successor=merger.successor_org, act=merger.act, ends_at=merger.effective_at
        )
        decided = Mergers(tx).move(merger, state=MergerState.APPROVED, decided_by=caller.account_id, decided_at=at)
        services.jobs.enqueue(tx, JOB_KIND, {"merger_id": merger_id}, at, due_at=merger.effective_at)
        _log(tx, "approve_merger", decided, services, caller=caller, at=at)
    return decided


def cancel_merger(merger_id: str, services: Services, caller: Caller, at: datetime) -> Merger:
    """Take a merger back before its moment; the unit goes on as it was.

    Raises:
        NotFound; StateConflict: it was performed or cancelled. MergerMomentPast: too late, the act has taken effect.
    """
    event = _event("cancel_merger", merger_id, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        merger = Mergers(tx).get(merger_id)
        if merger.state not in {MergerState.PLANNED, MergerState.APPROVED}:
            raise StateConflict("Đợt sáp nhập đã xong.", "The merger is over.")
        if merger.effective_at <= at:
            raise MergerMomentPast("Đã quá thời điểm sáp nhập.", "The moment has passed.")
        if merger.state is MergerState.APPROVED:
            Organisations(tx).announce_merger(merger.closing_org, successor=None, act=None, ends_at=None)
        cancelled = Mergers(tx).move(merger, state=MergerState.CANCELLED, decided_by=caller.account_id, decided_at=at)
        _log(tx, "cancel_merger", cancelled, services, caller=caller, at=at)
    return cancelled


def read_merger(merger_id: str, services: Services) -> Merger:
    """How far a merger is.

    Raises:
        NotFound: there is none.
    """
    with services.db.reading() as tx:
        return Mergers(tx).get(merger_id)


def read_merger_record(merger_id: str, services: Services) -> bytes:
    """The signed record (PDF).

    Raises:
        NotFound: there is no such merger. StateConflict: it is not signed yet.
    """
    with services.db.reading() as tx:
        Mergers(tx).get(merger_id)
        pdf = Mergers(tx).record_of(merger_id)
    if pdf is None:
        raise StateConflict("Biên bản chưa được ký.", "The record is not signed yet.")
    return pdf


def _require_plan(command: PlanMerger, caller: Caller, at: datetime) -> None:
    """What can be said of a plan without looking anything up."""
    if caller.subject_id is None:
        raise Forbidden("Cần một người thực hiện.", "A natural person has to do this.")
    if command.closing_org == command.successor_org or not is_reference(command.act):
        raise InputInvalid("Cần hai đơn vị khác nhau và số văn bản.", "Two units and the act's number are needed.")
    moment = command.effective_at.astimezone(VIETNAM)
    if moment.timetz().replace(tzinfo=None) != time(0) or command.effective_at <= at:
        raise MergerMomentPast("Cần 00:00 giờ Việt Nam của một ngày sắp tới.", "00:00 +07:00 of a day to come.")


def _take_turns(tx: Tx, merger: Merger) -> None:
    """One at a time for each of the units: two plans at once would each see nothing of the other."""
    for org_code in sorted((merger.closing_org, merger.successor_org)):
        RegistrySql(tx).take_turn(org_code)


def _require_units(tx: Tx, merger: Merger, at: datetime) -> None:
    organisations = Organisations(tx)
    closing = organisations.require_working(merger.closing_org, at)
    if closing.valid_to is not None:
        raise MergerAlreadyPlanned("Đơn vị này đã có ngày kết thúc.", "The unit's end is known already.")
    heir = organisations.require_working(merger.successor_org, at)
    if heir.status is not OrgStatus.ACTIVE or not heir.works_at(merger.effective_at):
        raise MergerAlreadyPlanned("Đơn vị kế thừa cũng sắp sáp nhập.", "The successor itself is about to merge.")


def _event(
    action: str, merger_id: str, caller: Caller, at: datetime, details: tuple[tuple[str, str], ...] = ()
) -> AuditEvent:
    return event_of(caller, action, at, object_type="merger", object_id=merger_id, details=details)


def _log(tx: Tx, action: str, merger: Merger, services: Services, *, caller: Caller, at: datetime) -> None:
    details = (
        ("closing_org", merger.closing_org),
        ("successor_org", merger.successor_org),
        ("act", ledger_form(merger.act)),
    )
    services.audit.append(tx, _event(action, merger.merger_id, caller, at, details))
