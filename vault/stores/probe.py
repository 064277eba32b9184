"""Whether a store keeps the contract's promises: run against the configured one before it is trusted.

Leaves nothing behind but one small protected object, which the sweep removes when its retention is over.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vault.errors import AlreadyStored, ObjectNotFound, ObjectProtected, StoreError
from vault.naming import Area, ObjectName, opaque_name
from vault.store import CHUNK, ObjectStore

_SKEW: Final = timedelta(minutes=5)
_HELD: Final = timedelta(minutes=10)
_WRITERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFinding:
    """One promise and whether it was kept."""

    promise: str
    is_kept: bool
    detail: str


def probe_store(store: ObjectStore, at: datetime) -> tuple[ProbeFinding, ...]:
    """Try every promise; a store that fails one must not hold a vault."""
    checks: tuple[tuple[str, Callable[[ObjectStore, datetime], bool]], ...] = (
        ("reads_back_what_was_written", _reads_back),
        ("reads_back_nothing_as_nothing", _reads_back_empty),
        ("never_overwrites", _never_overwrites),
        ("one_creator_wins", _one_creator_wins),
        ("keeps_nothing_of_a_broken_upload", _keeps_nothing_broken),
        ("says_what_is_missing", _says_missing),
        ("lists_what_is_there", _lists),
        ("deletes_what_is_not_protected", _deletes),
        ("refuses_to_delete_what_is_protected", _refuses_protected),
        ("refuses_to_shorten_protection", _refuses_shortening),
        ("clock_agrees", _clock_agrees),
    )
    return tuple(_tried(promise, check, store, at) for promise, check in checks)


def _tried(
    promise: str, check: Callable[[ObjectStore, datetime], bool], store: ObjectStore, at: datetime
) -> ProbeFinding:
    try:
        kept = check(store, at)
    except StoreError as err:
        return ProbeFinding(promise=promise, is_kept=False, detail=f"{err.code}: {err}")
    return ProbeFinding(promise=promise, is_kept=kept, detail="")


def _fresh(area: Area = Area.WORK) -> ObjectName:
    return opaque_name(area, secrets.token_bytes(32))


def _put(store: ObjectStore, name: ObjectName, content: bytes) -> None:
    store.put(name, [content], size=len(content))


def _content(store: ObjectStore, name: ObjectName) -> bytes:
    with store.read(name) as pieces:
        return b"".join(pieces)


def _round_trip(store: ObjectStore, at: datetime, content: bytes) -> bool:
    name = _fresh()
    _put(store, name, content)
    found = _content(store, name)
    store.delete(name, at=at)
    return found == content


def _reads_back(store: ObjectStore, at: datetime) -> bool:
    return _round_trip(store, at, secrets.token_bytes(2 * CHUNK + 1))


def _reads_back_empty(store: ObjectStore, at: datetime) -> bool:
    return _round_trip(store, at, b"")


def _never_overwrites(store: ObjectStore, at: datetime) -> bool:
    name = _fresh()
    _put(store, name, b"first")
    try:
        _put(store, name, b"second")
    except AlreadyStored:
        kept = _content(store, name) == b"first"
    else:
        kept = False
    store.delete(name, at=at)
    return kept


def _one_creator_wins(store: ObjectStore, at: datetime) -> bool:
    name, start, winners = _fresh(), threading.Barrier(_WRITERS), []

    def create(number: int) -> None:
        start.wait()
        try:
            _put(store, name, bytes([number]) * 1000)
        except StoreError:
            return
        winners.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = len(winners) == 1 and _content(store, name) == bytes([winners[0]]) * 1000
    store.delete(name, at=at)
    return kept


def _keeps_nothing_broken(store: ObjectStore, _at: datetime) -> bool:
    name = _fresh()

    def breaking() -> Iterator[bytes]:
        yield b"half"
        raise InterruptedError

    try:
        store.put(name, breaking(), size=8)
    except (InterruptedError, StoreError):
        return _is_missing(store, name)
    return False


def _says_missing(store: ObjectStore, _at: datetime) -> bool:
    return _is_missing(store, _fresh(Area.WORM))


def _is_missing(store: ObjectStore, name: ObjectName) -> bool:
    try:
        store.stat(name)
    except ObjectNotFound:
        return True
    return False


def _lists(store: ObjectStore, at: datetime) -> bool:
    name = _fresh()
    _put(store, name, b"listed")
    found = any(info.name == name and info.size == len(b"listed") for info in store.list(Area.WORK))
    store.delete(name, at=at)
    return found


def _deletes(store: ObjectStore, at: datetime) -> bool:
    name = _fresh(Area.WORM)
    _put(store, name, b"orphan")
    store.delete(name, at=at)
    return _is_missing(store, name)


def _protected(store: ObjectStore, at: datetime) -> ObjectName:
    name = _fresh(Area.WORM)
    _put(store, name, b"protected")
    store.protect(name, until=at + _HELD)
    return name


def _refuses_protected(store: ObjectStore, at: datetime) -> bool:
    name = _protected(store, at)
    try:
        store.delete(name, at=at)
    except ObjectProtected:
        return _content(store, name) == b"protected"
    return False


def _refuses_shortening(store: ObjectStore, at: datetime) -> bool:
    name = _protected(store, at)
    try:
        store.protect(name, until=at + _HELD / 2)
    except ObjectProtected:
        return True
    return False


def _clock_agrees(store: ObjectStore, at: datetime) -> bool:
    name = _fresh()
    _put(store, name, b"now")
    apart = abs(store.stat(name).written_at - at)
    store.delete(name, at=at)
    return apart < _SKEW
