"""Who uses private keys in this process: we ourselves (embedded), or the signer that we ask (production).

Knows settings and how the parts fit. The stores themselves are made by whoever calls. A process that asks the signer
has neither device nor PIN: it never makes a store.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.db import Database
from api.errors import ConfigurationInvalid
from api.ids import new_id
from api.settings import Settings
from signing.authorisation import EvidenceKind, RelyingParty
from signing.authorisation_sql import Book
from signing.identity import CertificateClass
from signing.key_use_sql import AppendUses, KeyUseLogSql, append_uses
from signing.keys import HashKeyStore, KeyStore
from signing.keys.der import oid
from signing.keys.recorded import RecordedKeyStore
from signing.profiles import Site
from signing.signer import Desk, DeskPolicy, GuardedKeys, Link, LocalDesk, RemoteDesk, RemoteKeyStore, Signer

Clock = Callable[[], datetime]
MakeStores = Callable[[], HashKeyStore]
Aside = Callable[[], AbstractContextManager[None]]

_EVERYBODY_S_WORD: Final = frozenset(EvidenceKind)
_PASSKEYS: Final = frozenset({EvidenceKind.PASSKEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Keys and the desk in front of them."""

    keys: KeyStore = field(repr=False)
    """Signs; holders' keys only under ``desk.keys_for(…)`` where a signer of its own keeps them."""
    desk: Desk


def build_custody(
    settings: Settings, database: Database, clock: Clock, stores: MakeStores, *, aside: Aside = nullcontext
) -> Custody:
    """What a service or worker uses keys with; around each wait for a signer elsewhere is ``aside``.

    Raises:
        ConfigurationInvalid: production without a signer.
    """
    if settings.signer_socket is not None:
        link = Link(path=settings.signer_socket, aside=aside)
        return Custody(keys=RemoteKeyStore(link=link), desk=RemoteDesk(link=link))
    if settings.is_production:
        raise ConfigurationInvalid(("ANSO_SIGNER_SOCKET: keys are used by `anso signer` only",))
    kept = stores()
    policy = DeskPolicy(
        party=relying_party(settings),
        accepts=_EVERYBODY_S_WORD,
        needs_officers=False,
        binds_holders=False,
        hash_policies=hash_policies(settings),
    )
    # chain and book lie in one database: what a holder's key signed is kept and told in one transaction
    desk = _desk(_book(database), kept, policy, clock, chain=append_uses)
    return Custody(keys=_recorded(database, clock, kept), desk=desk)


def build_signer(settings: Settings, database: Database, clock: Clock, stores: MakeStores) -> Signer:
    """Guard and desk of the signer process, over a database that is its own."""
    own = signer_database(settings)
    book = _book(own)
    book.prepare()
    keys = _recorded(database, clock, stores())
    policy = DeskPolicy(
        party=relying_party(settings),
        accepts=_PASSKEYS,
        needs_officers=True,
        binds_holders=True,
        hash_policies=hash_policies(settings),
    )
    services = _policies(settings, CertificateClass.SERVICE)
    guard = GuardedKeys(keys=keys, book=book, clock=clock, service_policies=services)
    return Signer(guard=guard, desk=_desk(book, keys, policy, clock))


def hash_policies(settings: Settings) -> frozenset[bytes]:
    """The kinds of credentials that sign hashes for CSC clients: officials and citizens, never seals (ADR 0039)."""
    if not settings.signs_hashes:
        return frozenset()
    return _policies(settings, CertificateClass.PERSONAL, CertificateClass.CITIZEN)


def _policies(settings: Settings, *classes: CertificateClass) -> frozenset[bytes]:
    arc = Site(base_url=settings.pki_url.rstrip("/"), development=not settings.is_production).arc
    return frozenset(oid(arc.policy(one, secondary=second)) for one in classes for second in (False, True))


def signer_database(settings: Settings) -> Database:
    """The signer's own database: nobody else may reach it."""
    if settings.signer_database_url is not None:
        return Database(settings.signer_database_url.get_secret_value())
    folder = settings.data / "signer"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Database(f"sqlite:///{folder.resolve() / 'signer.sqlite3'}")


def relying_party(settings: Settings) -> RelyingParty:
    """Who we are for a browser: the host of our public address."""
    return RelyingParty(
        rp_id=settings.public_host,
        origins=frozenset({settings.public_origin}),
        allows_synced=settings.passkey_synced,
    )


def _recorded(database: Database, clock: Clock, kept: HashKeyStore) -> HashKeyStore:
    return RecordedKeyStore(kept, KeyUseLogSql(database.transaction), clock)


def _book(database: Database) -> Book:
    return Book(transaction=database.transaction, reading=database.reading)


def _desk(
    book: Book, keys: HashKeyStore, policy: DeskPolicy, clock: Clock, *, chain: AppendUses | None = None
) -> LocalDesk:
    return LocalDesk(
        book=book,
        keys=keys,
        policy=policy,
        clock=clock,
        new_id=lambda prefix: new_id(prefix, clock()),
        entropy=os.urandom,
        chain=chain,
    )
