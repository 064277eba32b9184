"""Publishes every revocation list that is missing, no longer true, or a day old. Done twice, it does nothing.

The background half of the lists: a revocation marks them, this replaces them, a GET only hands out bytes.
"""

from collections.abc import Iterator
from datetime import datetime

from api.services import Services
from api.usecases.publish_crl import REFRESH, publish_list
from api.usecases.read_crl import published_shards
from signing.ca import Authority, authority_of
from signing.errors import CeremonyRefused, SigningError
from signing.profiles import AuthorityName, Site
from signing.registry_sql import ListHead, ListName, ListsSql, PublishedCrl, RegistrySql


def publish_due_lists(services: Services, at: datetime, *, everything: bool = False) -> tuple[PublishedCrl, ...]:
    """Publish what is due, shards first: they are what new certificates point to.

    Args:
        services: of this process.
        at: now.
        everything: also what is still true.

    Raises:
        SigningError: what kept a list from being signed, the first of it, after the other lists were published.
    """
    with services.db.reading() as tx:
        heads, marked = ListsSql(tx).heads(), ListsSql(tx).marked()
        authorities = {found.name: found for found in _authorities(RegistrySql(tx))}
    published: list[PublishedCrl] = []
    failure: SigningError | None = None
    for name in _names(authorities, heads, services.pki.room.site):
        if everything or name in marked or not _is_fresh(heads.get(name), at):
            try:
                published.append(publish_list(name, authorities[AuthorityName(name.issuer)], services, at))
            except SigningError as err:  # one authority's key is away: the lists of the others must not wait for it
                failure = failure or err
    if failure is not None:
        raise failure
    return tuple(published)


def _authorities(registry: RegistrySql) -> Iterator[Authority]:
    for name in AuthorityName:
        try:
            yield authority_of(name, registry)
        except CeremonyRefused:  # not made yet: nothing to publish
            continue


def _names(
    authorities: dict[AuthorityName, Authority], heads: dict[ListName, ListHead], site: Site
) -> Iterator[ListName]:
    """The lists there should be. Shards of a larger number than today's go on: certificates point to them."""
    for authority in authorities:
        known = {name.shard for name in heads if name.issuer == authority.value and name.shard is not None}
        for shard in sorted(known.union(published_shards(authority.value, site))):
            yield ListName(issuer=authority.value, shard=shard)
        yield ListName(issuer=authority.value)


def _is_fresh(head: ListHead | None, at: datetime) -> bool:
    return head is not None and head.this_update <= at < head.this_update + REFRESH
