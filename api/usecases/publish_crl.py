"""The current revocation list of an authority: the published one while it tells the truth, else a new one.

Writes and signs when a new one is needed: not to be called inside a transaction, and never to answer a GET, which
takes what was published (`read_crl`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.errors import NotFound
from api.services import Services
from api.usecases.read_crl import published_shards
from signing.ca import Authority, authority_of
from signing.errors import CeremonyRefused
from signing.profiles import AuthorityName
from signing.registry_sql import ListHead, ListName, ListsSql, PublishedCrl, RegistrySql
from signing.revocation import CrlContent, build_crl, delta_entries, encode_entries

LIFE: Final = timedelta(days=7)
REFRESH: Final = timedelta(days=1)
"""A list older than this is replaced even if nothing changed, so that nobody holds one that is about to end."""


def publish_crl(name: str, services: Services, at: datetime, *, shard: int | None = None) -> PublishedCrl:
    """The list that tells the truth at that moment; without `shard` the full one, which is good for every certificate.

    Raises:
        NotFound: there is no such authority or shard.
    """
    authority = find_authority(name, services)
    wanted = ListName(issuer=authority.name.value, shard=shard)
    with services.db.reading() as tx:
        lists = ListsSql(tx)
        newest = lists.newest(wanted)
        if (
            newest is None
            and shard is not None
            and shard not in published_shards(wanted.issuer, services.pki.room.site)
        ):
            raise NotFound("Không có danh sách thu hồi này.", "There is no such list.")
        is_true = newest is not None and newest.this_update <= at < newest.this_update + REFRESH
        if newest is not None and is_true and not lists.marks(wanted):
            return newest
    return publish_list(wanted, authority, services, at)


def publish_list(name: ListName, authority: Authority, services: Services, at: datetime) -> PublishedCrl:
    """A new list with the next number; two who publish at once publish two numbers, the higher with the later state."""
    draft = _draft(name, services, at)
    site, credential, keys = services.pki.room.site, authority.credential, services.keys
    point = None if name.shard is None else site.crl_url(name.issuer, name.shard)
    freshest = site.delta_url(name.issuer, name.shard) if services.settings.crl_delta else None
    complete = CrlContent(
        number=draft.number,
        this_update=at,
        next_update=at + LIFE,
        entries=draft.entries,
        distribution_point=point,
        freshest=freshest,
    )
    delta = None
    if draft.changes is not None:
        delta = CrlContent(
            number=draft.number,  # RFC 5280 §5.2.3: issued together, they have one number
            this_update=at,
            next_update=at + LIFE,
            entries=draft.changes,
            distribution_point=point,
            base_number=draft.base_number,
        )
    crl = PublishedCrl(
        issuer=name.issuer,
        shard=name.shard,
        number=draft.number,
        this_update=at,
        next_update=at + LIFE,
        der=build_crl(complete, credential, keys),
        base_number=draft.base_number if delta else None,
        delta=build_crl(delta, credential, keys) if delta else None,
    )
    with services.db.transaction() as tx:
        lists = ListsSql(tx)
        lists.publish(crl, seen=draft.seen)
        lists.forget(name, ended_before=at)
    return crl


def find_authority(name: str, services: Services) -> Authority:
    """An authority by its name.

    Raises:
        NotFound: there is none of that name.
    """
    try:
        with services.db.reading() as tx:
            return authority_of(AuthorityName(name), RegistrySql(tx))
    except (ValueError, CeremonyRefused) as err:
        raise NotFound("Không có cơ quan chứng thực này.", "There is no such authority.") from err


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What a list will say, as it was read in one transaction."""

    number: int
    base_number: int
    seen: tuple[int, ...]
    entries: bytes
    changes: bytes | None


def _draft(name: ListName, services: Services, at: datetime) -> _Draft:
    """Number, marks and entries. The counter's row is held to the end, so numbers rise with what was read."""
    with services.db.transaction() as tx:
        number = RegistrySql(tx).next_number(f"crl:{name.issuer}")
        lists = ListsSql(tx)
        seen = lists.marks(name)  # before the entries: what comes in between stays marked
        history = lists.history(name)
        gone = _listed_until(history, at)
        entries = encode_entries(lists.withdrawn(name, expired_before=gone))
        delta = _delta_base(lists, name, history, at) if services.settings.crl_delta else None
    changes = None
    if delta is not None:
        changes = b"" if delta.newest is None else delta.entries(entries, at)
    return _Draft(
        number=number,
        base_number=delta.base.number if delta and delta.base else number,
        seen=seen,
        entries=entries,
        changes=changes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeltaBase:
    """What a delta continues; all None before the first list."""

    base: ListHead | None = None
    der: bytes = b""
    newest: PublishedCrl | None = None

    def entries(self, entries: bytes, at: datetime) -> bytes:
        """The lines of the delta, if there is a base."""
        if self.newest is None or self.base is None:
            return b""
        last, begun = self.newest.delta or b"", self.base.this_update
        return delta_entries(self.der, self.newest.der, last, entries, base_at=begun, at=at)


def _delta_base(lists: ListsSql, name: ListName, history: tuple[ListHead, ...], at: datetime) -> _DeltaBase:
    """The oldest list that somebody may still hold, but none before those that the last delta continued."""
    newest = lists.newest(name)
    if newest is None:
        return _DeltaBase()
    first = newest.number if newest.base_number is None else newest.base_number
    base = next((head for head in history if head.next_update > at and head.number >= first), None)
    der = lists.complete(name, base.number) if base else None
    return _DeltaBase(base=base, der=der, newest=newest) if base and der else _DeltaBase()


def _listed_until(history: tuple[ListHead, ...], at: datetime) -> datetime:
    """What expired before that moment leaves the list.

    RFC 5280 §3.3: an entry stays until one regular list was issued after the certificate expired; lists are a day apart
    at most, unless nobody published for longer.
    """
    return min(at - REFRESH, history[-1].this_update) if history else at - REFRESH
