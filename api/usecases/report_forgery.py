"""A file was checked that passes itself off as one we issued: the agency that issued the original is told (S09).

A forgery is recognised by the QR code at which it was shown, or by our original inside it: a file that was edited by an
incremental update still begins with the very bytes that were issued. Nothing of the file is kept but its SHA-256; one
file is reported once, and a document a bounded number of times a day, because anybody can send files.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.records.accounts import Accounts
from api.records.organisations import Organisations
from api.records.outbox import Outbox
from api.records.results import SEALED_STATES, ResultRecord, Results
from api.services import Services
from api.usecases.auditing import event_of
from vault.ledger_sql import EntryFilter, LedgerSql

ACTION: Final = "report_forged_file"
MAX_A_DAY: Final = 10  # reports about one document; anybody can send files
_MAX_ENDS: Final = 32  # ends of revisions that are looked at, the last ones
_END: Final = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")
_IN_DOUBT: Final = (Role.SECURITY_OFFICER, Role.RA_OFFICER)
"""Who is told when the agency has no clerk with an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForgery:
    """A file that was found invalid."""

    pdf: bytes = field(repr=False)
    reason_code: str
    """Why it is invalid."""
    code: str | None = None
    """The QR code at which it was shown, when there was one."""


def report_forgery(command: ReportForgery, services: Services, caller: Caller, at: datetime) -> str | None:
    """Tell the issuing agency; the id of the result that was forged, None if it is none of ours or told already."""
    digest = hashlib.sha256(command.pdf).hexdigest()
    with services.db.reading() as tx:
        result = _forged(tx, command, digest)
        if result is None or _is_told(tx, result, digest, at):
            return None
    with services.db.transaction() as tx:
        told = _agency(tx, result, at)
        payload = {
            "result_id": result.result_id,
            "org": result.org_code,
            "document_number": result.document_number or "",
            "file_sha256": digest,
            "original_sha256": result.file_sha256 or "",
            "reason_code": command.reason_code,
        }
        for account_id in sorted(told):
            Outbox(tx).add("document_forged", recipient=account_id, payload=payload, at=at)
        event = event_of(
            caller,
            ACTION,
            at,
            object_type="result",
            object_id=result.result_id,
            owner_id=result.owner_subject,
            reason_code=command.reason_code,
            details=(("file_sha256", digest), ("org_code", result.org_code), ("told", str(len(told)))),
        )
        services.audit.append(tx, event)
    return result.result_id


def _forged(tx: Tx, command: ReportForgery, digest: str) -> ResultRecord | None:
    """The result that the file passes itself off as; None: there is none, or the file is the original."""
    results = Results(tx)
    found = results.find_by_code(command.code) if command.code else None
    if found is None:
        found = next((one for inside in _inside(command.pdf) if (one := results.find_by_file(inside))), None)
    if found is None or found.state not in SEALED_STATES or found.file_sha256 == digest:
        return None
    return found


def _inside(pdf: bytes) -> Iterator[str]:
    """SHA-256 (hex) of every earlier version that the file begins with, the newest first; the file itself is none."""
    ends: list[int] = []
    for match in _END.finditer(pdf):
        ends += [match.start() + len(b"%%EOF"), match.end()]
    chosen = sorted({end for end in ends if end < len(pdf)})[-2 * _MAX_ENDS :]
    hashed, done, digests = hashlib.sha256(), 0, []
    view = memoryview(pdf)
    for end in chosen:
        hashed.update(view[done:end])
        done = end
        digests.append(hashed.hexdigest())
    yield from reversed(digests)


def _is_told(tx: Tx, result: ResultRecord, digest: str, at: datetime) -> bool:
    wanted = EntryFilter(object_id=result.result_id, action=ACTION)
    told = LedgerSql(tx).entries(wanted, limit=2 * MAX_A_DAY)
    today = [entry for entry in told if entry.event.at > at - timedelta(days=1)]
    return len(today) >= MAX_A_DAY or any(("file_sha256", digest) in entry.event.details for entry in told)


def _agency(tx: Tx, result: ResultRecord, at: datetime) -> set[str]:
    """The clerks of the agency that issued the document, or of its heir; if there are none, who watches over keys."""
    accounts, heir = Accounts(tx), Organisations(tx).heir_of(result.org_code)
    offices = {heir, result.org_code}

    def is_of_agency(account: str) -> bool:
        return any(held.role is Role.CLERK and held.org_code in offices for held in accounts.held_roles(account, at))

    clerks = {account for account in accounts.with_role(Role.CLERK, at) if is_of_agency(account)}
    return clerks or {account for role in _IN_DOUBT for account in accounts.with_role(role, at)}
