"""Every reservation whose printed day has ended becomes void: a round of the worker (I13).

Knows that two workers may do it at once and that a signature may come in between. Must not know how a number becomes
void.
"""

from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.errors import NumberNotReserved, VersionConflict
from api.log import logger
from api.records.numbers import NumberEntry, NumberRegister
from api.records.results import Results
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.number_withdrawal import DAY_ENDED, has_lapsed, lapse_number
from api.vietnam_time import vietnam_day

_AT_ONCE: Final = 500
_RESULT: Final = "res_"
_LOG: Final = logger("numbers")


def lapse_numbers(services: Services, at: datetime) -> int:
    """Void what lapsed, each in a transaction of its own; how many there were."""
    with services.db.reading() as tx:
        found = NumberRegister(tx).lapsed(vietnam_day(at), _AT_ONCE)
    return sum(_lapse(entry, services, at) for entry in found)


def _lapse(entry: NumberEntry, services: Services, at: datetime) -> bool:
    try:
        with services.db.transaction() as tx:
            if not entry.result_id.startswith(_RESULT):
                _void_copy(tx, entry, services, at)
                return True
            record = Results(tx).get(entry.result_id)
            if not has_lapsed(record, at):
                return False
            lapse_number(tx, record, services, SYSTEM_CALLER, at)
    except (VersionConflict, NumberNotReserved):
        # somebody was faster: sealed in the last second, voided, or lapsed by another worker
        _LOG.info("number_not_lapsed", result_id=entry.result_id)
        return False
    return True


def _void_copy(tx: Tx, entry: NumberEntry, services: Services, at: datetime) -> None:
    """A copy that never came to be: nothing but its number is there."""
    NumberRegister(tx).void(entry.result_id, DAY_ENDED, at, by=SYSTEM_CALLER.account_id)
    details = (("number", str(entry.number)), ("year", str(entry.year)))
    services.audit.append(
        tx,
        event_of(SYSTEM_CALLER, "lapse_number", at, object_type="copy", object_id=entry.result_id, details=details),
    )
