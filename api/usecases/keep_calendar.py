"""The public holidays that deadlines in working days leave out, kept by administrators."""

from datetime import date, datetime
from typing import Final

from api.callers import Caller
from api.errors import InputInvalid, NotFound
from api.records.days_off import DaysOff
from api.services import Services
from api.usecases.auditing import event_of

_LONGEST_NAME: Final = 128


def list_days_off(year: int, services: Services) -> tuple[tuple[date, str], ...]:
    """The listed holidays of a year with their names."""
    with services.db.reading() as tx:
        return DaysOff(tx).page(year)


def put_day_off(day: date, name: str, *, services: Services, caller: Caller, at: datetime) -> None:
    """List a holiday, or rename it.

    Raises:
        InputInvalid: the name is empty or too long.
    """
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputInvalid("Cần tên ngày nghỉ, tối đa 128 ký tự.", "A name of 1-128 characters is needed.")
    with services.db.transaction() as tx:
        DaysOff(tx).put(day, name)
        event = event_of(caller, "list_day_off", at, object_type="day_off", object_id=day.isoformat())
        services.audit.append(tx, event)


def drop_day_off(day: date, *, services: Services, caller: Caller, at: datetime) -> None:
    """Take a holiday off the list.

    Raises:
        NotFound: it is not listed.
    """
    with services.db.transaction() as tx:
        if not DaysOff(tx).drop(day):
            raise NotFound("Ngày này không có trong danh mục.", "The day is not listed.")
        event = event_of(caller, "drop_day_off", at, object_type="day_off", object_id=day.isoformat())
        services.audit.append(tx, event)
