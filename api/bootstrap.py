"""Composition: builds the services from the settings, and hands out the clock.

Knows every part and how they fit. Must not decide anything about a request.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import yaml

from api.auth import Authenticator, DevelopmentIdentity, JwksFile, JwksUrl, TokenVerifier
from api.clock import now
from api.custody import build_custody
from api.db import Database
from api.errors import ConfigurationInvalid
from api.ids import new_id
from api.jobs import Jobs, Turns
from api.keystores import build_keys
from api.records.accounts import DEVELOPMENT_ISSUER
from api.records.sealing import MASTER_BYTES, MasterSecret, Sealer
from api.remembered import RememberedReports
from api.remote_signers import RemoteSigners
from api.services import Pki, Services, Verifier
from api.settings import MIB, Settings
from api.timekeeping import ClockGuard, kernel_synchronised, parse_references, running_s
from api.timestamping import DatabaseSlots, FileSlots, TsaClient, parse_authorities
from api.trust_folder import TrustFolder
from digitize.intake import Limits
from digitize.pipeline import Digitiser
from signing.ca import Recipe, Room, parse_recipe
from signing.errors import CeremonyRefused
from signing.isolation import Isolation
from signing.keys import KeyStore
from signing.profiles import Site
from signing.trust import Doors, EvidenceFetcher
from signing.tsa import Authority, ClockPolicy, Rota, Terms
from signing.validation import VN_IN_FORCE
from vault.citizen_vault import CitizenVault
from vault.envelope import Kek, KeyRing
from vault.ledger_sql import AuditLedger
from vault.store import ObjectStore
from vault.stores.directory import DirectoryStore
from vault.stores.minio import S3Access, S3Store

Clock = Callable[[], datetime]
_SECRETS: Final = "secrets"
_REMEMBERED: Final = 1000  # reports; the bytes bind first where reports are long
_WAITING_PER_WORKER: Final = 10  # more could not be served within the wait that a caller accepts
_DEVELOPMENT_PKI: Final = Path(__file__).resolve().parent.parent / "certs-dev" / "pki.yml"


def build_services(settings: Settings, *, clock: Clock = now) -> Services:
    """All services of one process, on a database that is already migrated.

    Raises:
        ConfigurationInvalid: production with a development stand-in, or a malformed secret.
    """
    settings.require_complete()
    master = master_secret(settings)
    database = build_database(settings)
    turns = Turns()
    stores = lambda: build_keys(settings, database, lambda: master)  # noqa: E731 - made only where keys are used
    custody = build_custody(settings, database, clock, stores, aside=turns.aside)
    verifier = build_verifier(settings)
    tsa_client = TsaClient(
        tls_roots=settings.timestamp_tls_roots, at_once=settings.timestamps_at_once, aside=turns.aside
    )
    return Services(
        settings=settings,
        db=database,
        clock=clock,
        master=master,
        sealer=Sealer(master, "records"),
        audit=AuditLedger(),
        vault=build_vault(settings, master),
        jobs=Jobs(),
        turns=turns,
        keys=custody.keys,
        desk=custody.desk,
        pki=build_pki(settings, custody.keys, clock),
        clock_guard=build_clock_guard(settings, clock),
        timestamps=build_rota(settings, database, tsa_client),
        tsa_client=tsa_client,
        verifier=verifier,
        digitiser=Digitiser(limits=Limits(max_bytes=settings.max_upload_bytes)),
        workers=build_workers(settings),
        remote_signers=RemoteSigners.of(settings),
        remembered=RememberedReports(max_count=_REMEMBERED, max_bytes=settings.remember_mb * MIB),
        fetcher=build_fetcher(settings, verifier.trust.book().at(clock()).fetch_hosts),
    )


def build_pki(settings: Settings, keys: KeyStore, clock: Clock) -> Pki:
    """What issuing needs, with the recipe of the hierarchy: embedded the development one, production its own.

    Raises:
        ConfigurationInvalid: the production's recipe cannot be read or is none.
    """
    is_development = not settings.is_production
    path = _DEVELOPMENT_PKI if is_development else settings.pki_recipe
    recipe = None if path is None else read_recipe(path)
    if recipe is not None and recipe.development is not is_development:
        raise ConfigurationInvalid(("ANSO_PKI_RECIPE: a recipe for development is refused in production",))
    room = Room(
        keys=keys,
        site=Site(
            base_url=settings.pki_url.rstrip("/"),
            development=is_development,
            crl_shards=settings.crl_shards,
            cps_pointer=settings.cps_pointer,
        ),
        new_id=lambda prefix: new_id(prefix, clock()),
        entropy=os.urandom,
    )
    return Pki(room=room, recipe=recipe)


def read_recipe(path: Path) -> Recipe:
    """The recipe of a hierarchy.

    Raises:
        ConfigurationInvalid: the file is not there, or is no recipe.
    """
    try:
        return parse_recipe(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, CeremonyRefused) as err:
        raise ConfigurationInvalid(
            (f"{path.name}: not a recipe of a hierarchy ({type(err).__name__}: {err})",)
        ) from err


def build_clock_guard(settings: Settings, clock: Clock) -> ClockGuard:
    """Watches the clock that time is stamped with.

    Args:
        settings: the references.
        clock: the machine's; one that is handed in instead of it is its own measure, for nothing else runs beside it.

    Raises:
        ConfigurationInvalid: the time servers' list cannot be read.
    """
    try:
        references = parse_references(settings.time_references)
    except ValueError as err:
        raise ConfigurationInvalid((f"ANSO_TIME_REFERENCES: {err}",)) from err
    return ClockGuard(
        ClockPolicy(references=len(references), needs_kernel=settings.time_kernel_sync),
        references,
        clock=clock,
        running=running_s if clock is now else lambda: clock().timestamp(),
        kernel=kernel_synchronised,
    )


def build_rota(settings: Settings, db: Database, client: TsaClient) -> Rota:
    """The time-stamp authorities in their order.

    Raises:
        ConfigurationInvalid: the list cannot be read.
    """
    try:
        addresses = parse_authorities(settings.timestamp_authorities)
    except ValueError as err:
        raise ConfigurationInvalid((f"ANSO_TIMESTAMP_AUTHORITIES: {err}",)) from err
    places = settings.timestamps_at_once
    is_shared = db.dialect == "postgresql"
    slots = DatabaseSlots(db, places) if is_shared else FileSlots(settings.data / "timestamping", places)
    return Rota(
        [
            Authority(
                name=one.name,
                ask=None if one.url is None else partial(client.ask, one.url),
                timeout_s=one.timeout_s or settings.timestamp_budget_s,
                policy=one.policy,
            )
            for one in addresses
        ],
        terms=Terms(budget_s=settings.timestamp_budget_s, patience_s=settings.timestamp_patience_s),
        slots=slots,
    )


def build_verifier(settings: Settings) -> Verifier:
    """The roots, the policy and the limits for checking documents.

    Raises:
        ConfigurationInvalid: something in the trust folder cannot be accepted.
    """
    return Verifier(
        trust=TrustFolder(settings.trust, settings.trust_officers, production=settings.is_production),
        policy=VN_IN_FORCE,
        timeout_s=settings.verify_timeout_s,
    )


def build_workers(settings: Settings) -> Isolation:
    """The processes for checking files: some for usual ones, as many to spare beside those that take long."""
    return Isolation(
        workers=settings.check_workers,
        preload=("signing.validation.isolated",),
        max_waiting=_WAITING_PER_WORKER * settings.check_workers,
        spare=settings.check_workers,
    )


def build_fetcher(settings: Settings, policy_hosts: frozenset[str] = frozenset()) -> EvidenceFetcher | None:
    """The fetcher for the hosts on the list and in the trust policies in force at start; None when there are none.

    Raises:
        ConfigurationInvalid: the list is none.
    """
    try:
        doors = Doors.parse(settings.fetch_hosts)
    except ValueError as err:
        raise ConfigurationInvalid(("ANSO_FETCH_HOSTS: host[:port], with commas between",)) from err
    doors = Doors(doors.hosts | {(host, None) for host in policy_hosts})
    return EvidenceFetcher(doors) if doors else None


def build_vault(settings: Settings, master: MasterSecret) -> CitizenVault:
    """The vault on the configured store; its keys come from the master secret."""
    ring = KeyRing(keks=(Kek(version=1, key=master.derive("vault/kek/1")),))
    return CitizenVault(build_store(settings), ring, master.derive("vault/index"))


def build_store(settings: Settings) -> ObjectStore:
    """The object store: a folder (embedded) or an S3 server.

    Raises:
        ConfigurationInvalid: S3 without address or credentials.
    """
    if settings.store == "directory":
        return DirectoryStore(settings.data / "objects")
    endpoint, access_key, secret_key = settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key
    if endpoint is None or access_key is None or secret_key is None:
        raise ConfigurationInvalid(("ANSO_S3_ENDPOINT, ANSO_S3_ACCESS_KEY, ANSO_S3_SECRET_KEY",))
    access = S3Access(
        endpoint=endpoint,
        bucket_prefix=settings.s3_bucket,
        region=settings.s3_region,
        access_key=access_key.get_secret_value(),
        secret_key=secret_key.get_secret_value(),
        secure=settings.s3_secure,
    )
    return S3Store(access)


def build_database(settings: Settings) -> Database:
    """The database; the embedded one's folder is made when missing, and is nobody else's to read."""
    if settings.database_url is None:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(settings.data)
    return Database(settings.database)


def _close_to_others(folder: Path) -> None:
    """Take other accounts' rights away from a folder that was there before us, and from the database in it.

    A folder shared by design (sticky, such as /tmp) stays as it is; what we write into it is ours alone anyway.
    """
    if folder.stat().st_mode & stat.S_ISVTX:
        return
    for path in (folder, *folder.glob("anso.sqlite3*")):
        with contextlib.suppress(PermissionError, FileNotFoundError):  # somebody else's; a journal that just ended
            path.chmod(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXU)


def build_authenticator(settings: Settings, db: Database) -> Authenticator:
    """Who is calling: by the configured provider, or by the development identity."""
    if settings.oidc_issuer is None:
        identity = development_identity(settings)
        verifier = TokenVerifier(issuer=DEVELOPMENT_ISSUER, audience=settings.oidc_audience, keys=identity)
        return Authenticator(verifier=verifier, db=db)
    source = settings.oidc_jwks_url
    if source is None:
        raise ConfigurationInvalid(("ANSO_OIDC_JWKS_URL: the provider's keys",))
    keys = JwksUrl(source) if source.startswith(("https://", "http://")) else JwksFile(Path(source))
    verifier = TokenVerifier(issuer=settings.oidc_issuer, audience=settings.oidc_audience, keys=keys)
    return Authenticator(verifier=verifier, db=db)


def development_identity(settings: Settings) -> DevelopmentIdentity:
    """The issuer of development tokens.

    Raises:
        ConfigurationInvalid: in production, where nobody may make tokens by a command.
    """
    if settings.is_production:
        raise ConfigurationInvalid(("ANSO_OIDC_ISSUER: the development identity is refused in production",))
    return DevelopmentIdentity(settings.data / _SECRETS)


def master_secret(settings: Settings) -> MasterSecret:
    """The installation's master secret: from the named file, or made once in the data folder (embedded).

    Raises:
        ConfigurationInvalid: the file cannot be read or does not hold 32 bytes in hex; its content is not repeated.
    """
    path = settings.master_key_file or _made_once(settings.data / _SECRETS / "master.key")
    try:
        return MasterSecret(key=bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as err:
        raise ConfigurationInvalid((f"ANSO_MASTER_KEY_FILE: {path.name} must hold 64 hexadecimal digits",)) from err


def _made_once(path: Path) -> Path:
    """The secret's file; of several first starts one makes it, and no other ever sees half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(os.urandom(MASTER_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path
