"""Entries of the audit ledger on the wire."""

from datetime import datetime
from typing import Final, Self

from pydantic import BaseModel

from api.errors import InputInvalid
from vault.ledger import LedgerEntry, Outcome

_MOST_DIGITS: Final = 18  # of a BIGINT


def sequence_key(entry: LedgerEntry) -> str:
    """What a page of entries ends with."""
    return str(entry.sequence)


def sequence_after(key: str | None) -> int | None:
    """The number in such a key.

    Raises:
        InputInvalid: the cursor belongs to another listing.
    """
    if key is None:
        return None
    if not (key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS):
        raise InputInvalid("Con trỏ trang không hợp lệ.", "The page cursor is not valid.")
    return int(key)


class AuditEntry(BaseModel):
    """Who did what for which purpose, and how it ended: ids and codes only."""

    sequence: int
    at: datetime
    action: str
    outcome: Outcome
    account_id: str
    role: str
    org_code: str | None
    purpose: str
    request_id: str
    person_id: str | None
    owner_subject_id: str | None
    object_type: str | None
    object_id: str | None
    reason_code: str | None
    details: dict[str, str]
    entry_hash: str

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        """The view of an entry."""
        event = entry.event
        return cls(
            sequence=entry.sequence,
            at=event.at,
            action=event.action,
            outcome=event.outcome,
            account_id=event.account_id,
            role=event.role,
            org_code=event.org_code,
            purpose=event.purpose,
            request_id=event.request_id,
            person_id=event.person_id,
            owner_subject_id=event.owner_id,
            object_type=event.object_type,
            object_id=event.object_id,
            reason_code=event.reason_code,
            details=dict(event.details),
            entry_hash=entry.entry_hash,
        )


class AuditPage(BaseModel):
    """One page of entries, newest first."""

    items: list[AuditEntry]
    next_cursor: str | None
