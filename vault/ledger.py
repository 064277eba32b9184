"""The audit ledger's arithmetic: canonical bytes of an event, the hash chain over them, and its check.

Knows: what one audit event says, how events are chained, how a break is named.
Must not know: SQL, accounts, HTTP; and no event may carry personal data: ids and codes only.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

GENESIS: Final = "0" * 64
"""Hash that the first event continues (hex)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DOMAIN: Final = b"anso-audit-ledger-v1\x00"
# A field of an event is an id, a code or a short technical word; free text could carry a name or a number.
_SAFE_FIELD: Final = re.compile(r"[A-Za-z0-9_.:/*+=@-]{1,128}", re.ASCII)
_SAFE_DETAIL_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
# A citizen identity number has exactly 12 digits (9 before 2016) and must never reach the log. A hyphen before
# the digits is let through: the last group of one UUID in 280 is all digits.
_IDENTITY_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z-])(?:[0-9]{12}|[0-9]{9})(?![0-9A-Za-z])", re.ASCII)


class Outcome(StrEnum):
    """How the audited action ended."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing somebody did or tried: ids and codes only, never names, numbers or contents.

    Raises:
        ValueError: a field is not a short id or code, or `at` is not an aware time (a programming error).
    """

    at: datetime
    """When, aware; kept to the microsecond in UTC."""
    action: str
    """What was done: the use-case's name, such as `read_document`."""
    outcome: Outcome
    account_id: str
    """Account that acted, or `anonymous`, `system`."""
    role: str
    """Role the account acted in (`citizen`, `clerk`, …), or `public`, `system`."""
    purpose: str
    """Declared purpose of the access."""
    request_id: str
    """Request or job that this belongs to."""
    person_id: str | None = None
    """Natural person behind the account: two accounts of one person are one person here."""
    org_code: str | None = None
    """Agency in whose name the account acted."""
    owner_id: str | None = None
    """Citizen concerned: for whom it was done, who may see this event."""
    object_type: str | None = None
    object_id: str | None = None
    reason_code: str | None = None
    """Stable code of a refusal or failure."""
    details: tuple[tuple[str, str], ...] = field(default=())
    """Further ids and codes, as unique (name, value) pairs."""

    def __post_init__(self) -> None:
        """Refuse what could carry personal data or could not be written canonically."""
        if self.at.tzinfo is None:
            raise ValueError("AuditEvent.at must be an aware time")
        for name in _TEXT_FIELDS:
            value = getattr(self, name)
            if value is not None:
                _require_code(name, value)
        names = [name for name, _ in self.details]
        if len(set(names)) != len(names) or not all(_SAFE_DETAIL_KEY.fullmatch(name) for name in names):
            raise ValueError("AuditEvent.details needs unique snake_case names")
        for name, value in self.details:
            _require_code(name, value)


_TEXT_FIELDS: Final = (
    "action",
    "account_id",
    "role",
    "purpose",
    "request_id",
    "person_id",
    "org_code",
    "owner_id",
    "object_type",
    "object_id",
    "reason_code",
)


def _require_code(name: str, value: str) -> None:
    if not _SAFE_FIELD.fullmatch(value) or _IDENTITY_NUMBER.search(value):
        raise ValueError(f"AuditEvent.{name} must be a short id or code")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An event in its place in the chain."""

    sequence: int
    """1, 2, 3, … without a gap."""
    event: AuditEvent
    previous_hash: str
    """Hash of the entry before (hex), GENESIS for the first."""
    entry_hash: str
    """SHA-256 over the previous hash and this entry's canonical bytes (hex)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """Where the chain ends; recorded apart from the rows, so that a cut tail shows."""

    sequence: int
    entry_hash: str


EMPTY_HEAD: Final = LedgerHead(sequence=0, entry_hash=GENESIS)
"""Head of a ledger without entries."""


class BreakKind(StrEnum):
    """In which way the chain is broken."""

    EDITED = "edited"
    """The row's contents do not give its hash."""
    REMOVED = "removed"
    """A row is missing at this place."""
    UNLINKED = "unlinked"
    """The row is whole in itself but does not continue the row before it."""
    TAIL_CUT = "tail_cut"
    """Rows up to the recorded head are missing at the end."""
    BEYOND_HEAD = "beyond_head"
    """A row stands after the recorded head."""
    REWRITTEN = "rewritten"
    """The chain agrees with itself but not with a head recorded earlier or elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """The first place where the chain does not hold."""

    sequence: int
    """Number of the first broken or missing row."""
    kind: BreakKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What the check of the whole chain found."""

    entries: int
    """Rows looked at."""
    head: LedgerHead
    """End of the chain as recorded."""
    first_break: ChainBreak | None

    @property
    def is_whole(self) -> bool:
        """Every row is there, unchanged, up to the recorded head."""
        return self.first_break is None

    def describe(self) -> str:
        """One line for an operator, naming the first broken row."""
        if self.first_break is None:
            return f"{self.entries} entries, whole; head {self.head.sequence} {self.head.entry_hash[:16]}"
        return f"broken at entry {self.first_break.sequence}: {self.first_break.kind.value}"


def head_bytes(head: LedgerHead, at: datetime) -> bytes:
    """A head as it is recorded elsewhere: a line of JSON."""
    record = {"sequence": head.sequence, "entry_hash": head.entry_hash, "recorded_at_us": micros(at)}
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def parse_head(recorded: bytes) -> LedgerHead:
    """The head in such a line.

    Raises:
        ValueError: it is no such line.
    """
    try:
        record = json.loads(recorded)
        return LedgerHead(sequence=int(record["sequence"]), entry_hash=str(record["entry_hash"]))
    except (KeyError, TypeError) as err:
        raise ValueError("not a recorded head") from err


def micros(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z: the one form in which times are stored and hashed."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The aware UTC time of a stored number of microseconds."""
    return _EPOCH + timedelta(microseconds=value)


def canonical_bytes(sequence: int, event: AuditEvent) -> bytes:
    """The bytes that are hashed: JSON as RFC 8785 writes it (sorted keys, no spaces, UTF-8)."""
    document: dict[str, object] = {name: getattr(event, name) for name in _TEXT_FIELDS}
    document["at_us"] = micros(event.at)
    document["outcome"] = event.outcome.value
    document["details"] = dict(event.details)
    document["sequence"] = sequence
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def entry_hash(previous_hash: str, sequence: int, event: AuditEvent) -> str:
    """SHA-256 (hex) of an entry that continues `previous_hash` (hex)."""
    previous = bytes.fromhex(previous_hash)
    return hashlib.sha256(_DOMAIN + previous + canonical_bytes(sequence, event)).hexdigest()


def next_entry(head: LedgerHead, event: AuditEvent) -> LedgerEntry:
    """The entry that `event` becomes when it is written after `head`."""
    sequence = head.sequence + 1
    return LedgerEntry(
        sequence=sequence,
        event=event,
        previous_hash=head.entry_hash,
        entry_hash=entry_hash(head.entry_hash, sequence, event),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRow:
    """A stored row whose fields no longer form an event: edited by definition."""

    sequence: int


def verify_chain(
    rows: Iterable[LedgerEntry | UnreadableRow], head: LedgerHead, *, anchors: Iterable[LedgerHead] = ()
) -> ChainReport:
    """Follow the chain from the first row and name the first break.

    Args:
        rows: all rows in the order of their numbers; may be a stream.
        head: the head as recorded apart from the rows.
        anchors: heads recorded earlier and elsewhere (a write-once object store, a witness). They find the
            one who rewrites rows and head together.
    """
    wanted = {anchor.sequence: anchor.entry_hash for anchor in anchors}
    at_end = EMPTY_HEAD
    entries = 0
    for row in rows:
        entries += 1
        problem = _break_at(row, at_end, head, wanted)
        if problem is not None:
            return ChainReport(entries=entries, head=head, first_break=problem)
        if isinstance(row, LedgerEntry):  # _break_at reports every other row
            at_end = LedgerHead(sequence=row.sequence, entry_hash=row.entry_hash)
    return ChainReport(entries=entries, head=head, first_break=_break_at_end(at_end, head, wanted))


def _break_at(
    row: LedgerEntry | UnreadableRow, before: LedgerHead, head: LedgerHead, wanted: dict[int, str]
) -> ChainBreak | None:
    expected = before.sequence + 1
    if row.sequence != expected:
        return ChainBreak(sequence=min(expected, row.sequence), kind=BreakKind.REMOVED)
    kind: BreakKind | None = None
    if isinstance(row, UnreadableRow) or row.entry_hash != _recomputed(row):
        kind = BreakKind.EDITED
    elif row.previous_hash != before.entry_hash:
        kind = BreakKind.UNLINKED
    elif row.sequence > head.sequence:
        kind = BreakKind.BEYOND_HEAD
    elif wanted.get(row.sequence, row.entry_hash) != row.entry_hash:
        kind = BreakKind.REWRITTEN
    return None if kind is None else ChainBreak(sequence=expected, kind=kind)


def _recomputed(row: LedgerEntry) -> str | None:
    try:
        return entry_hash(row.previous_hash, row.sequence, row.event)
    except ValueError:  # previous_hash is no hex any more
        return None


def _break_at_end(at_end: LedgerHead, head: LedgerHead, wanted: dict[int, str]) -> ChainBreak | None:
    furthest = max([head.sequence, *wanted])
    if at_end.sequence < furthest:
        return ChainBreak(sequence=at_end.sequence + 1, kind=BreakKind.TAIL_CUT)
    if at_end.entry_hash != head.entry_hash:
        return ChainBreak(sequence=at_end.sequence, kind=BreakKind.REWRITTEN)
    return None
