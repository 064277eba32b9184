"""Every use of a key becomes an entry of a hash chain before its signature is released.

So nothing that carries one of our signatures can exist without its entry. Knows the arithmetic of the chain
and what an entry says; knows no table: entries go to a ``KeyUseLog``. An entry holds digests only, never what
was signed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from signing.keys.shapes import TST_INFO, OcspAnswer, SignedAttributes, TbsCertificate, TbsCertList, shape_of
from signing.keys.store import HashKeyStore, KeyKind, SignatureAlgorithm

GENESIS: Final = "0" * 64
"""Hash that the first entry continues (hex)."""

_DOMAIN: Final = b"anso-key-use-chain-v1\x00"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class KeyUseKind(StrEnum):
    """What was signed."""

    CERTIFICATE = "certificate"
    CRL = "crl"
    OCSP = "ocsp"
    TST = "tst"
    DOCUMENT = "document"
    HASH = "hash"
    """A hash that somebody else made: nobody here knows of what."""
    OTHER = "other"
    ADOPTED = "adopted"
    """A certificate that was issued before the chain began, entered when it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """One signature: when, with which key, over what."""

    at: datetime
    key_id: str
    algorithm: str
    data_sha256: str
    """Hex, of the signed bytes (of a certificate: its to-be-signed part)."""
    signature_sha256: str
    """Hex, of the signature value."""
    kind: KeyUseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUseEntry:
    """A key use in its place in the chain."""

    sequence: int
    """1, 2, 3, … without a gap."""
    use: KeyUse
    previous_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUseHead:
    """Where the chain ends."""

    sequence: int
    entry_hash: str


EMPTY_HEAD: Final = KeyUseHead(sequence=0, entry_hash=GENESIS)


class KeyUseBreak(StrEnum):
    """In which way the chain is broken."""

    EDITED = "edited"
    REMOVED = "removed"
    UNLINKED = "unlinked"
    TAIL_CUT = "tail_cut"
    BEYOND_HEAD = "beyond_head"
    REWRITTEN = "rewritten"
    """It agrees with itself, but not with a head that was recorded elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUseReport:
    """What following the whole chain found."""

    entries: int
    head: KeyUseHead
    broken_at: int | None
    """Number of the first broken or missing entry."""
    kind: KeyUseBreak | None

    @property
    def is_whole(self) -> bool:
        """Every entry is there, unchanged, up to the recorded head."""
        return self.kind is None

    def describe(self) -> str:
        """One line for an operator, naming the first broken entry."""
        if self.kind is None:
            return f"{self.entries} entries, whole; head {self.head.sequence} {self.head.entry_hash[:16]}"
        return f"broken at entry {self.broken_at}: {self.kind.value}"


class KeyUseLog(Protocol):
    """Where entries go."""

    def append(self, use: KeyUse) -> None:
        """Write the use as the chain's next entry; it is durable when this returns.

        Raises:
            KeyUseNotRecorded: it was not written, or nobody knows.
        """
        ...


class RecordedKeyStore:
    """A ``KeyStore`` that gives a signature only after its entry is durable.

    Args:
        inner: makes the signatures.
        log: keeps the entries; it may live in the same database, so that nothing is signed inside a transaction.
        clock: the moment now, UTC.
    """

    def __init__(self, inner: HashKeyStore, log: KeyUseLog, clock: Callable[[], datetime]) -> None:
        self._inner = inner
        self._log = log
        self._clock = clock

    def __repr__(self) -> str:
        return f"RecordedKeyStore({self._inner!r})"

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair; see ``KeyStore``."""
        return self._inner.generate(key_id, kind)

    def public_key(self, key_id: str) -> bytes:
        """Return the public key; see ``KeyStore``."""
        return self._inner.public_key(key_id)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign, write the entry, release.

        Raises:
            KeyUseNotRecorded: the entry could not be written; the signature is thrown away.
        """
        signature = self._inner.sign(key_id, data, algorithm)
        self._log.append(key_use_of(key_id, data, algorithm, signature, self._clock()))
        return signature

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash, write the entry, release.

        Raises:
            KeyUseNotRecorded: the entry could not be written; the signature is thrown away.
        """
        signature = self._inner.sign_hash(key_id, value, algorithm)
        self._log.append(hash_use_of(key_id, value, algorithm, signature, self._clock()))
        return signature

    def destroy(self, key_id: str) -> None:
        """Destroy the key; see ``KeyStore``."""
        self._inner.destroy(key_id)


def key_use_of(key_id: str, data: bytes, algorithm: SignatureAlgorithm, signature: bytes, at: datetime) -> KeyUse:
    """What is recorded of one signature."""
    return KeyUse(
        at=at,
        key_id=key_id,
        algorithm=algorithm.value,
        data_sha256=hashlib.sha256(data).hexdigest(),
        signature_sha256=hashlib.sha256(signature).hexdigest(),
        kind=kind_of(data),
    )


def hash_use_of(key_id: str, value: bytes, algorithm: SignatureAlgorithm, signature: bytes, at: datetime) -> KeyUse:
    """What is recorded of one signature over a hash.

    A SHA-256 stands for what was signed as in every other entry; of another hash its own SHA-256 is kept.
    """
    is_sha256 = algorithm is not SignatureAlgorithm.ECDSA_SHA384
    return KeyUse(
        at=at,
        key_id=key_id,
        algorithm=algorithm.value,
        data_sha256=value.hex() if is_sha256 else hashlib.sha256(value).hexdigest(),
        signature_sha256=hashlib.sha256(signature).hexdigest(),
        kind=KeyUseKind.HASH,
    )


def kind_of(data: bytes) -> KeyUseKind:
    """What these to-be-signed bytes are."""
    shape = shape_of(data)
    if isinstance(shape, SignedAttributes):
        return KeyUseKind.TST if shape.content_type == TST_INFO else KeyUseKind.DOCUMENT
    if isinstance(shape, TbsCertificate):
        return KeyUseKind.CERTIFICATE
    if isinstance(shape, TbsCertList):
        return KeyUseKind.CRL
    return KeyUseKind.OCSP if isinstance(shape, OcspAnswer) else KeyUseKind.OTHER


def micros(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z: the one form in which the time is stored and hashed."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The aware UTC time of a stored number of microseconds."""
    return _EPOCH + timedelta(microseconds=value)


def entry_hash(previous_hash: str, sequence: int, use: KeyUse) -> str:
    """SHA-256 (hex) of an entry that continues ``previous_hash`` (hex); JSON as RFC 8785 writes it.

    Raises:
        ValueError: ``previous_hash`` is no hex.
    """
    document = {
        "algorithm": use.algorithm,
        "at_us": micros(use.at),
        "data_sha256": use.data_sha256,
        "key_id": use.key_id,
        "kind": use.kind.value,
        "sequence": sequence,
        "signature_sha256": use.signature_sha256,
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous_hash) + text.encode()).hexdigest()


def next_entry(head: KeyUseHead, use: KeyUse) -> KeyUseEntry:
    """The entry that ``use`` becomes after ``head``."""
    sequence = head.sequence + 1
    return KeyUseEntry(
        sequence=sequence,
        use=use,
        previous_hash=head.entry_hash,
        entry_hash=entry_hash(head.entry_hash, sequence, use),
    )


def head_of(entry: KeyUseEntry) -> KeyUseHead:
    """The head once this entry is the last."""
    return KeyUseHead(sequence=entry.sequence, entry_hash=entry.entry_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEntry:
    """A stored row that forms no entry any more: edited by definition."""

    sequence: int


def verify_key_uses(
    rows: Iterable[KeyUseEntry | UnreadableEntry], head: KeyUseHead, *, anchors: Iterable[KeyUseHead] = ()
) -> KeyUseReport:
    """Follow the chain from the first row and name the first break.

    Args:
        rows: all rows in the order of their numbers; may be a stream.
        head: as recorded apart from the rows.
        anchors: heads recorded earlier and elsewhere; they find who rewrites rows and head together.
    """
    wanted = {anchor.sequence: anchor.entry_hash for anchor in anchors}
    before, entries = EMPTY_HEAD, 0
    for row in rows:
        entries += 1
        expected = before.sequence + 1
        kind = _break_at(row, before, head, wanted)
        if kind is not None or isinstance(row, UnreadableEntry):
            at = min(expected, row.sequence)
            return KeyUseReport(entries=entries, head=head, broken_at=at, kind=kind or KeyUseBreak.EDITED)
        before = head_of(row)
    if before.sequence < max([head.sequence, *wanted]):
        return KeyUseReport(entries=entries, head=head, broken_at=before.sequence + 1, kind=KeyUseBreak.TAIL_CUT)
    if before != head:
        return KeyUseReport(entries=entries, head=head, broken_at=before.sequence, kind=KeyUseBreak.REWRITTEN)
    return KeyUseReport(entries=entries, head=head, broken_at=None, kind=None)


def _break_at(
    row: KeyUseEntry | UnreadableEntry, before: KeyUseHead, head: KeyUseHead, wanted: dict[int, str]
) -> KeyUseBreak | None:
    if row.sequence != before.sequence + 1:
        return KeyUseBreak.REMOVED
    if isinstance(row, UnreadableEntry) or row.entry_hash != _recomputed(row):
        return KeyUseBreak.EDITED
    if row.previous_hash != before.entry_hash:
        return KeyUseBreak.UNLINKED
    if row.sequence > head.sequence:
        return KeyUseBreak.BEYOND_HEAD
    return KeyUseBreak.REWRITTEN if wanted.get(row.sequence, row.entry_hash) != row.entry_hash else None


def _recomputed(row: KeyUseEntry) -> str | None:
    try:
        return entry_hash(row.previous_hash, row.sequence, row.use)
    except ValueError:  # previous_hash is no hex any more
        return None
