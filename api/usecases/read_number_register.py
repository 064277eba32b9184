"""The register of one series of document numbers: what became of each number, who, when and why (I13).

Knows who may read it and the names behind the entries. Must not know how it is shown.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller, Role
from api.db import Tx
from api.errors import Forbidden
from api.records.employments import Employments
from api.records.numbers import NumberEntry, NumberRegister
from api.records.organisations import Organisations
from api.records.people import People
from api.services import Services
from api.usecases.auditing import event_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNumberRegister:
    """Which series, and which part of it."""

    org_code: str
    year: int
    series: str
    """What stands behind the slash of its numbers."""
    after: int = 0
    limit: int | None = None
    """None: to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLine:
    """One number with the names of who reserved and who closed it."""

    entry: NumberEntry
    reserved_by: str | None
    closed_by: str | None


def read_number_register(
    command: ReadNumberRegister, services: Services, caller: Caller, at: datetime
) -> tuple[NumberLine, ...]:
    """The lines in the order of the numbers; the reading is in the ledger.

    Raises:
        NotFound: no such agency. Forbidden: the caller neither works there nor audits.
    """
    with services.db.transaction() as tx:
        Organisations(tx).get(command.org_code)
        heir = Organisations(tx).heir_of(command.org_code)  # of an agency that ended
        works_there = (
            caller.subject_id is not None and Employments(tx).works_for(caller.subject_id, heir, at) is not None
        )
        if not works_there and caller.role is not Role.AUDITOR:
            raise Forbidden("Sổ đăng ký số của cơ quan khác.", "The register of another agency.")
        found = NumberRegister(tx).entries(
            command.org_code, command.year, command.series, after=command.after, limit=command.limit
        )
        names = _names(tx, services, {who for one in found for who in (one.reserved_by, one.changed_by) if who})
        details = (("year", str(command.year)), ("lines", str(len(found))))  # a series may have a letter Đ
        services.audit.append(
            tx,
            event_of(
                caller,
                "read_number_register",
                at,
                object_type="number_register",
                object_id=command.org_code,
                details=details,
            ),
        )
    return tuple(
        NumberLine(
            entry=one,
            reserved_by=names.get(one.reserved_by or ""),
            closed_by=names.get(one.changed_by or ""),
        )
        for one in found
    )


def _names(tx: Tx, services: Services, wanted: set[str]) -> dict[str, str]:
    people = People(tx, services.sealer)
    return {who: people.get(who).name if who.startswith("sub_") else who for who in wanted}
