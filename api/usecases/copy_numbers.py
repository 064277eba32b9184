"""Number and symbol of copies: one series for all forms of an agency's copies in a year (Decree 30/2020 annex I, II).

Knows the register of numbers. Must not know what is copied.
"""

from datetime import datetime
from typing import Final

from api.db import Tx
from api.records.copies import CopyForm
from api.records.numbers import NumberRegister
from api.records.organisations import OrgUnit
from api.vietnam_time import vietnam_day

SERIES: Final = "SAO"
"""The series in the register; the printed symbol names the form."""
_COMMITTEE: Final = "Ủy ban nhân dân"


def reserve_copy_number(tx: Tx, agency: OrgUnit, form: CopyForm, copy_id: str, at: datetime, *, by: str) -> str:
    """The next number of the agency's copies, as printed: ``03/SY-UBND``."""
    entry = NumberRegister(tx).reserve(
        org_code=agency.org_code, symbol=SERIES, result_id=copy_id, document_date=vietnam_day(at), at=at, by=by
    )
    return f"{entry.number:02d}/{form.abbreviation}-{short_name(agency.name)}"


def short_name(agency: str) -> str:
    """The agency's abbreviation: ``UBND`` for people's committees, else the first letters of its name."""
    if agency.casefold().startswith(_COMMITTEE.casefold()):
        return "UBND"
    return "".join(word[0].upper() for word in agency.split())
