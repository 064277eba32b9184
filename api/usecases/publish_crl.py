"""The current CRL of an authority: the published one while it tells the truth, else a new one with the next number.

Writes when a new one is needed: not to be called inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Final

from api.db import Tx
from api.errors import NotFound
from api.services import Services
from signing.ca import Authority, authority_of
from signing.errors import CeremonyRefused
from signing.profiles import AuthorityName
from signing.registry import CRL_REASON, PublishedCrl, RevocationReason
from signing.registry_sql import RegistrySql
from signing.revocation import CrlContent, RevokedEntry, build_crl

_LIFE: Final = timedelta(days=7)
_REFRESH: Final = timedelta(days=1)
"""A list older than this is replaced even if nothing changed, so that nobody holds one that is about to end."""
_AFTER_EXPIRY: Final = timedelta(days=30)
"""RFC 5280 §3.3: an entry stays on at least one list after the certificate expired."""


def publish_crl(name: str, services: Services, at: datetime) -> PublishedCrl:
    """The list to hand out at that moment.

    Raises:
        NotFound: there is no such authority.
    """
    authority = find_authority(name, services)
    with services.db.reading() as tx:
        newest = _if_current(authority, tx, at)
    if newest is not None:
        return newest
    # the number is taken first, so that two who build at the same time publish two lists, not one number twice
    with services.db.transaction() as tx:
        registry = RegistrySql(tx)
        number = registry.next_number(f"crl:{authority.name.value}")
        revision = registry.revision(authority.name.value)
        content = _content(authority, number, registry, services, at)
    crl = PublishedCrl(
        issuer=authority.name.value,
        number=number,
        this_update=at,
        next_update=content.next_update,
        revision=revision,
        der=build_crl(content, authority.credential, services.keys),
    )
    with services.db.transaction() as tx:
        RegistrySql(tx).publish(crl)
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


def _if_current(authority: Authority, tx: Tx, at: datetime) -> PublishedCrl | None:
    registry = RegistrySql(tx)
    newest = registry.newest_crl(authority.name.value)
    if newest is None or newest.revision != registry.revision(authority.name.value):
        return None
    return newest if newest.this_update <= at < newest.this_update + _REFRESH else None


def _content(authority: Authority, number: int, registry: RegistrySql, services: Services, at: datetime) -> CrlContent:
    name = authority.name.value
    entries = tuple(
        RevokedEntry(
            serial=record.serial,
            revoked_at=record.status_since,
            reason=CRL_REASON[record.reason or RevocationReason.HOLD],
        )
        for record in registry.withdrawn(name, expired_before=at - _AFTER_EXPIRY)
    )
    is_root = authority.name is AuthorityName.ROOT
    return CrlContent(
        number=number,
        this_update=at,
        next_update=at + _LIFE,
        entries=entries,
        distribution_point=None if is_root else services.pki.room.site.crl_url(name),
    )
