"""Number, date and QR code are reserved, then the page is made with all three on it (I12, I13).

Two steps, so that typesetting never holds the database: the reservation commits first; a page lost between the steps is
made again by the same request, with the same number and the same bytes.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import ContentFrozen, StateConflict
from api.records.numbers import NumberRegister
from api.records.organisations import Organisations
from api.records.result_types import result_type
from api.records.results import CONTENT_SLOT, ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.number_withdrawal import has_lapsed, lapse_number
from api.usecases.result_files import store_revision
from api.usecases.result_step import result_step
from api.usecases.result_turn import FROZEN
from api.vietnam_time import vietnam_day

_CODE_BYTES: Final = 18  # 144 random bits; at least 128 are asked for
_TYPESETTING_LIMIT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberResult:
    """Which appraised result."""

    result_id: str


def number_result(command: NumberResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Reserve number and QR code and typeset the page.

    Raises:
        NotFound: no such result. Forbidden: another agency's. StateConflict: it is not appraised. OrganisationClosed:
        the agency ended. ContentFrozen: a signature stands already (S03).
        RenderingFailed: the page could not be made; the number stays reserved and the request may be repeated.
    """
    record = _reserve(command.result_id, services, caller, at)
    if record.file_sha256 is not None:
        return record
    page = _typeset(record, services)
    return store_revision(record, page, services, at, file_sha256=hashlib.sha256(page).hexdigest())


def _reserve(result_id: str, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    with result_step("number_result", result_id, services, caller, at) as (tx, found, event):
        record = lapse_number(tx, found, services, caller, at) if has_lapsed(found, at) else found
        if record.state in FROZEN:
            raise ContentFrozen
        if record.state is ResultState.NUMBERED:
            return record
        if record.state is not ResultState.APPRAISED:
            raise StateConflict
        Organisations(tx).require_working(record.org_code, at)  # §3.5: its series of numbers ends with it
        entry = NumberRegister(tx).reserve(
            org_code=record.org_code,
            symbol=result_type(record.result_type).number_symbol,
            result_id=record.result_id,
            document_date=vietnam_day(at),  # what is printed is the calendar day in Vietnam
            at=at,
            by=caller.subject_id or caller.account_id,
        )
        services.audit.append(tx, replace(event, details=(("number", str(entry.number)), ("year", str(entry.year)))))
        return Results(tx).change(
            record,
            at=at,
            state=ResultState.NUMBERED,
            reason=None,
            document_number=entry.text,
            document_date=entry.document_date,
            verification_code=secrets.token_urlsafe(_CODE_BYTES),
        )


def _typeset(record: ResultRecord, services: Services) -> bytes:
    with services.db.reading() as tx:
        content = json.loads(services.vault.work.read(tx, record.result_id, CONTENT_SLOT).content)
    assert record.document_date is not None  # noqa: S101 - NUMBERED has one; narrows the type
    page: bytes = services.workers.call(
        "api.rendering:render_result",
        content
        | {
            "number": record.document_number,
            "issued_on": record.document_date.isoformat(),
            "verification_url": f"{services.settings.public_url}/v/{record.verification_code}",
        },
        timeout_s=_TYPESETTING_LIMIT_S,
    )
    return page
