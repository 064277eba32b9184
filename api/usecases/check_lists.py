"""How old the published revocation lists are, and how long one has waited to show a change.

For whoever watches the service: lists are replaced daily and within a minute of a change, so an older one says that the
background work stands still or a key is away. Reads only; knows neither metrics nor terminals.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.db import DatabaseUnreachable, Tx
from api.services import Services
from signing.profiles import AuthorityName
from signing.registry_sql import ListHead, ListName, ListsSql, RegistrySql

MAX_AGE: Final = timedelta(hours=25)
"""Lists are replaced when they are a day old; one hour for the background to do it."""
MAX_WAIT: Final = timedelta(seconds=60)
"""A withdrawn certificate stands in its list within this time (model: revocation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAge:
    """One list that there should be."""

    name: ListName
    age: timedelta | None
    """Since it was published; None: it never was."""
    waiting: timedelta
    """Since the first change that it does not show yet; zero when it shows everything."""

    @property
    def is_good(self) -> bool:
        """Whether nobody has to look into it."""
        return self.age is not None and self.age <= MAX_AGE and self.waiting <= MAX_WAIT

    @property
    def label(self) -> str:
        """As in its address: `personal` or `personal/3`."""
        return self.name.issuer if self.name.shard is None else f"{self.name.issuer}/{self.name.shard}"


def list_ages(services: Services, at: datetime) -> tuple[ListAge, ...]:
    """The lists of a running service; nothing where the database does not answer, which readiness tells."""
    try:
        with services.db.reading() as tx:
            return check_lists(tx, at, shards=services.pki.room.site.crl_shards)
    except DatabaseUnreachable:
        return ()


def check_lists(tx: Tx, at: datetime, *, shards: int) -> tuple[ListAge, ...]:
    """Every list that there should be, in the order of their names; nothing before there are authorities.

    Args:
        tx: reads.
        at: now.
        shards: how many lists new certificates are spread over.
    """
    lists = ListsSql(tx)
    heads, marked = lists.heads(), lists.marked()
    names = set(heads)
    for authority in AuthorityName:
        if not RegistrySql(tx).by_service(f"ca:{authority.value}"):
            continue
        names.add(ListName(issuer=authority.value))
        if shards > 1 and authority is not AuthorityName.ROOT:
            names.update(ListName(issuer=authority.value, shard=shard) for shard in range(shards))
    ordered = sorted(names, key=lambda name: (name.issuer, -1 if name.shard is None else name.shard))
    return tuple(_age(name, heads.get(name), lists, at, is_marked=name in marked) for name in ordered)


def _age(name: ListName, head: ListHead | None, lists: ListsSql, at: datetime, *, is_marked: bool) -> ListAge:
    if head is None:
        return ListAge(name=name, age=None, waiting=timedelta(0))
    waiting = timedelta(0)
    if is_marked:
        # a change that was dated before the list and committed after it is not found: then the longest it can be
        waiting = at - (lists.first_change(name, since=head.this_update) or head.this_update)
    return ListAge(name=name, age=at - head.this_update, waiting=max(waiting, timedelta(0)))
