"""The ledger's head recorded outside the database, in the write-once area of the object store.

Whoever can rewrite the ledger's rows and its head in the database cannot rewrite these without breaking the
store's protection; the check of the chain compares both.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Final

from vault.errors import AlreadyStored, ObjectProtected
from vault.ledger import LedgerHead, head_bytes, parse_head
from vault.naming import Area, checkpoint_name
from vault.store import ObjectStore

_KEPT: Final = timedelta(days=3652)


def record_head(store: ObjectStore, head: LedgerHead, at: datetime) -> bool:
    """Record a head; False when one of this length is recorded already (it is then what counts)."""
    name, content = checkpoint_name(head.sequence), head_bytes(head, at)
    try:
        store.put(name, [content], size=len(content))
    except AlreadyStored:
        return False
    with contextlib.suppress(ObjectProtected):  # the bucket may have a longer default
        store.protect(name, until=at + _KEPT)
    return True


def recorded_heads(store: ObjectStore, *, newest: int = 100) -> tuple[LedgerHead, ...]:
    """The newest recorded heads.

    Raises:
        ValueError: a record does not hold a head: somebody put something else there.
    """
    names = [info.name for info in store.list(Area.LOG)][-newest:]
    heads = []
    for name in names:
        with store.read(name) as pieces:
            heads.append(parse_head(b"".join(pieces)))
    return tuple(heads)
