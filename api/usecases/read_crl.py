"""Hands out a published revocation list as it was signed. Signs nothing and decides nothing."""

import re
from datetime import datetime, timedelta
from typing import Final, TypeGuard

from api.errors import NotFound, ServiceUnavailable
from api.services import Services
from signing.keys.der import integer
from signing.profiles import AuthorityName, Site
from signing.registry_sql import ListName, ListsSql, PublishedCrl

COMMIT_LAG: Final = timedelta(minutes=10)
"""A change is dated when it was asked for and seen when it was committed; whoever asks what changed since a moment
reaches back that much further."""
_DELTA: Final = "delta"
_FILE: Final = re.compile(r"(?P<shard>0|[1-9][0-9]{0,3})(?P<delta>-delta)?")


def read_crl(authority: str, services: Services, *, file: str | None = None) -> tuple[PublishedCrl, bytes]:
    """The newest list and the bytes asked for.

    Args:
        authority: `personal`, or with `-delta` behind it for the changes of the full list.
        services: of this process.
        file: a shard, `3` or `3-delta`; None: the full list.

    Raises:
        NotFound: no such authority, no such shard, or no deltas.
        ServiceUnavailable: the authority has not published yet.
    """
    name, wants_delta = _wanted(authority, file)
    with services.db.reading() as tx:
        newest = ListsSql(tx).newest(name)
    if newest is None:
        if name.shard is None or name.shard in published_shards(name.issuer, services.pki.room.site):
            raise ServiceUnavailable("Danh sách thu hồi chưa được công bố.", "The list is not published yet.")
        raise _not_found()
    if wants_delta and newest.delta is None:
        raise _not_found()
    return newest, newest.delta if wants_delta and newest.delta is not None else newest.der


def current_lists(services: Services) -> tuple[PublishedCrl, ...]:
    """The newest of every list that was published, in the order of their names."""
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        names = sorted(lists.heads(), key=lambda name: (name.issuer, name.shard is not None, name.shard or 0))
        found = (lists.newest(name) for name in names)
        return tuple(one for one in found if one is not None)


def published_list(name: ListName, services: Services, at: datetime) -> PublishedCrl | None:
    """The newest list of that name, if nothing has changed since and its time is not over."""
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        newest = lists.newest(name)
        return newest if _is_in_time(newest, at) and not lists.marks(name) else None


def truthful_lists(services: Services, at: datetime) -> tuple[PublishedCrl, ...]:
    """The newest full list of every authority that can be believed at that moment, as evidence for a check.

    A list may be a minute behind the register; whoever checks asks that too, and what was withdrawn since is seen
    there. What was released since cannot be: a list that still names such a certificate is left out.
    """
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        marked = lists.marked()
        found = (lists.newest(ListName(issuer=name.value)) for name in AuthorityName)
        return tuple(one for one in found if _is_in_time(one, at) and not _names_released(one, lists, marked))


def published_shards(issuer: str, site: Site) -> range:
    """The shards that new certificates of an authority point to; none where everything stands in one list."""
    return range(site.crl_shards if site.crl_shards > 1 and issuer != AuthorityName.ROOT else 0)


def _is_in_time(crl: PublishedCrl | None, at: datetime) -> TypeGuard[PublishedCrl]:
    return crl is not None and crl.this_update <= at < crl.next_update


def _names_released(crl: PublishedCrl, lists: ListsSql, marked: frozenset[ListName]) -> bool:
    name = ListName(issuer=crl.issuer, shard=crl.shard)
    if name not in marked:
        return False
    return any(integer(serial) in crl.der for serial in lists.released(name, since=crl.this_update - COMMIT_LAG))


def _wanted(authority: str, file: str | None) -> tuple[ListName, bool]:
    issuer, dash, kind = authority.partition("-")
    if issuer not in set(AuthorityName) or (dash and (kind != _DELTA or file is not None)):
        raise _not_found()
    if file is None:
        return ListName(issuer=issuer), bool(dash)
    matched = _FILE.fullmatch(file)
    if matched is None:
        raise _not_found()
    return ListName(issuer=issuer, shard=int(matched["shard"])), matched["delta"] is not None


def _not_found() -> NotFound:
    return NotFound("Không có danh sách thu hồi này.", "There is no such list.")
