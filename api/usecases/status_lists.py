"""Our own revocation lists as evidence for a check, and a cheap sign of whether they are still the same.

A check at a past moment takes the lists that were in force then, as far as they are kept. Must not know what is
checked.
"""

from collections.abc import Hashable
from datetime import datetime

from api.services import Services
from api.usecases.read_crl import truthful_lists
from signing.profiles import AuthorityName
from signing.registry_sql import ListHead, ListName, ListsSql


def lists_for(services: Services, at: datetime, then: datetime | None) -> tuple[bytes, ...]:
    """The full lists (DER) that say what was known at the moment asked about.

    Args:
        services: of this process.
        at: now.
        then: a past moment; None: now.
    """
    if then is None:
        return tuple(found.der for found in truthful_lists(services, at))
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        found = (lists.complete(head.name, head.number) for head in _in_force(lists, then))
        return tuple(der for der in found if der is not None)


def lists_version(services: Services, at: datetime, then: datetime | None) -> Hashable:
    """Changes with every list that is published and with every change that a list does not show yet."""
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        if then is not None:
            return tuple((head.name.issuer, head.number) for head in _in_force(lists, then))
        names = [ListName(issuer=name.value) for name in AuthorityName]
        heads = lists.heads()
        numbers = tuple(
            (name.issuer, heads[name].number, at < heads[name].next_update) for name in names if name in heads
        )
        marks = lists.all_marks()
        return numbers, tuple(marks.get(name) for name in names)


def _in_force(lists: ListsSql, then: datetime) -> tuple[ListHead, ...]:
    """Of every authority the list that was the newest at that moment, if its time was not over."""
    found = []
    for name in AuthorityName:
        published = [one for one in lists.history(ListName(issuer=name.value)) if one.this_update <= then]
        newest = max(published, key=lambda one: one.number, default=None)
        if newest is not None and then < newest.next_update:
            found.append(newest)
    return tuple(found)
