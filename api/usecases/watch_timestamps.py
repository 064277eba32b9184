"""What waits for a time-stamp too long is named in an alarm, and its end is told; no file is forgotten (I17, S25).

One round: an alarm for each agency that names its documents, the all-clear for those that were named, and a new job for
whatever the queue gave up. Knows rows, accounts and notices. Must not know authorities.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.records.accounts import Accounts
from api.records.organisations import Organisations
from api.records.outbox import Outbox
from api.records.pending_stamps import PendingStamp, PendingStamps
from api.services import Services
from api.usecases.auditing import event_of

FAILURES: Final = 3
"""After so many tries in vain an alarm goes out."""
_NAMED: Final = 20  # ids in one notice; more are counted
_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRound:
    """What one round did."""

    alarmed: int
    cleared: int
    restarted: int


def watch_timestamps(services: Services, caller: Caller, at: datetime) -> TimestampRound:
    """One round; safe to repeat and to run twice at once: each document is named once."""
    with services.db.transaction() as tx:
        pending = PendingStamps(tx)
        late = pending.to_alarm(attempts=FAILURES, limit=_PAGE)
        pending.alarmed([one.object_id for one in late], at)
        for org_code, group in groupby(late, lambda one: one.org_code):
            _tell(tx, "timestamps_missing", org_code, list(group), services, caller=caller, at=at)
        done = pending.finished(limit=_PAGE)
        pending.forget([one.object_id for one in done])
        named = [one for one in done if one.alarmed_at is not None]
        for org_code, group in groupby(named, lambda one: one.org_code):
            _tell(tx, "timestamps_completed", org_code, list(group), services, caller=caller, at=at)
        restarted = _restarted(tx, services, at)
    return TimestampRound(alarmed=len(late), cleared=len(named), restarted=restarted)


def _restarted(tx: Tx, services: Services, at: datetime) -> int:
    """I17: retried until done. The queue gives up after a day; the need does not."""
    count, after = 0, ""
    while page := PendingStamps(tx).waiting(limit=_PAGE, after=after):
        for one in page:
            job = services.jobs.find(tx, one.job_id)
            if job is not None and job.state.is_final:
                again = services.jobs.enqueue(tx, one.job_kind, job.payload, at)
                PendingStamps(tx).restarted(one.object_id, again)
                count += 1
        after = page[-1].object_id
    return count


def _tell(
    tx: Tx, what: str, org_code: str, documents: list[PendingStamp], services: Services, *, caller: Caller, at: datetime
) -> None:
    told = _told(tx, org_code, at)
    payload = {
        **({"org": org_code} if org_code else {}),
        "count": str(len(documents)),
        "documents": ",".join(one.object_id for one in documents[:_NAMED]),
        "since": min(one.since for one in documents).isoformat(),
        "reason_code": documents[0].error_code,
    }
    for account_id in sorted(told):
        Outbox(tx).add(what, recipient=account_id, payload=payload, at=at)
    event = event_of(
        caller,
        what,
        at,
        object_type="organisation" if org_code else "service",
        object_id=org_code or "anso",
        details=(("count", str(len(documents))), ("told", str(len(told)))),
    )
    services.audit.append(tx, event)


def _told(tx: Tx, org_code: str, at: datetime) -> set[str]:
    """The agency's clerks, if there is one: they cannot issue the documents; and whoever looks after the service."""
    accounts, heir = Accounts(tx), Organisations(tx).heir_of(org_code)
    offices = {heir, org_code}
    clerks = {
        account
        for account in accounts.with_role(Role.CLERK, at)
        if any(held.role is Role.CLERK and held.org_code in offices for held in accounts.held_roles(account, at))
    }
    return clerks | set(accounts.with_role(Role.ADMINISTRATOR, at))
