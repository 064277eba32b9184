"""Fixtures for the application's tests: a seeded installation in a folder, a client, a token per role.

The first start (schema, hierarchy, people) takes place once per process; `installation` is a copy of it per module,
`install` and `fresh_install` make further ones. All copies have one root and one master secret: who needs a stranger
takes `found`. `postgres_installation` is made anew on the real PostgreSQL. Time stands still at
`installation.clock.at` until a test moves it.
"""

import atexit
import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import idempotency, migrations
from api.bootstrap import build_authenticator, build_services, development_identity
from api.callers import Role
from api.main import create_app
from api.records.demonstration import PEOPLE
from api.services import Services
from api.settings import Settings
from api.usecases.establish_pki import establish_pki
from api.usecases.open_development_account import OpenDevelopmentAccount, open_development_account
from api.usecases.seed_demonstration import seed_demonstration
from signing.isolation import Isolation
from tests.api.kept_workers import KeptWorkers, workers_kept

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """A clock that moves only when told."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@dataclass
class Installation:
    """One seeded service."""

    services: Services
    app: FastAPI
    clock: StandingClock = field(default_factory=StandingClock)

    @property
    def client(self) -> TestClient:
        """A client that sees error answers, not exceptions."""
        return TestClient(self.app, raise_server_exceptions=False)

    def token(self, role: Role, figure: str | None = None, org_code: str | None = None) -> str:
        """A bearer token; `figure` is a key of `api.records.demonstration.PEOPLE`."""
        subject_id = None if figure is None else PEOPLE[figure].subject_id
        command = OpenDevelopmentAccount(role=role, subject_id=subject_id, org_code=org_code)
        account = open_development_account(command, self.services, self.clock.at)
        settings = self.services.settings
        return development_identity(settings).issue(
            account.external_id,
            audience=settings.oidc_audience,
            role=role.value,
            org_code=account.org_code,
            at=self.clock.at,
        )

    def headers(self, role: Role, figure: str | None = None, org_code: str | None = None) -> dict[str, str]:
        """Authorization and a fresh Idempotency-Key."""
        token = self.token(role, figure, org_code)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(8)}


@contextmanager
def logging_restored() -> Iterator[None]:
    """What a test configures ends with it: handlers (a list of its own, pytest changes the live one) and levels."""
    loggers = [logging.getLogger(name) for name in (None, "anso", "alembic", "uvicorn", "dbos")]
    before = [(one, list(one.handlers), one.level, one.propagate) for one in loggers]
    try:
        yield
    finally:
        for one, handlers, level, propagate in before:
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)


Install = Callable[..., Installation]


_OF_THE_FIRST_START = frozenset(
    {"database_url", "master_key_file", "store", "keys", "signer_socket", "crl_shards", "crl_delta", "pki_url"}
)
"""Settings that decide what the first start makes, or where; all others are read anew by each start."""


@cache
def _check_workers() -> Isolation:
    """The processes for checking files of every installation here; `check_workers` asks for ones of one's own."""
    usual = Settings().check_workers
    made = KeptWorkers(
        workers=usual,
        preload=("signing.validation.isolated",),
        max_waiting=10 * usual,
        spare=usual,
        long_s=20.0,  # a machine that is busy with tests is no file that takes long: its worker would be ended for it
    )
    atexit.register(made.stop)
    return made


@cache
def _first_start() -> Path:
    """The folder of an installation after its first start, at rest."""
    folder = Path(tempfile.mkdtemp(prefix="anso-first-start-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    found(folder / "data").services.close()
    return folder / "data"


def install(folder: Path, **settings: object) -> Installation:
    """A seeded installation in a folder: the first start's, copied, unless the settings ask for another one."""
    if any(name in _OF_THE_FIRST_START or name.startswith(("s3_", "pkcs11_", "pki_")) for name in settings):
        return found(folder, **settings)
    shutil.copytree(_first_start(), folder, dirs_exist_ok=True)
    return start(folder, **settings)


def found(folder: Path, **settings: object) -> Installation:
    """A seeded installation in a folder, with a root and a master secret of its own."""
    made = start(folder, **settings)
    migrations.upgrade(made.services.db)
    establish_pki(made.services, made.clock.at)
    seed_demonstration(made.services, made.clock.at)
    return made


def start(folder: Path, **settings: object) -> Installation:
    """The installation in a folder as a further start finds it."""
    clock = StandingClock()
    chosen = {"data": folder, "public_rate": "10000/minute", **settings}
    values = Settings(**chosen)  # type: ignore[arg-type] # pydantic checks them
    services = build_services(values, clock=clock)
    if "check_workers" not in settings:
        services = replace(services, workers=_check_workers())
    app = create_app(services, build_authenticator(values, services.db))
    return Installation(services=services, app=app, clock=clock)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("anso"))
    yield made
    made.services.close()


@pytest.fixture
def fresh_install(tmp_path: Path) -> Iterator[Install]:
    """Makes installations of its own for tests that need other settings or a clean state."""
    made: list[Installation] = []

    def make(**settings: object) -> Installation:
        made.append(install(tmp_path / f"i{len(made)}", **settings))
        return made[-1]

    yield make
    for one in made:
        one.services.close()


@pytest.fixture(scope="module")
def postgres_installation(postgres_server: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    url = postgres_server.new_database()  # type: ignore[attr-defined] # the fixture's class lives in a plugin
    made = install(tmp_path_factory.mktemp("anso-pg"), database_url=url)
    yield made
    made.services.close()
    postgres_server.drop_database(url)  # type: ignore[attr-defined] # as above


@pytest.fixture(scope="module")
def kept_workers() -> Iterator[None]:
    """For modules whose tests run many commands in this process that parse files."""
    with workers_kept():
        yield


@pytest.fixture(params=["fault", "kill"])
def dies_before_its_answer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Patches the moment between a request's work and its stored answer; the result is a context to work in.

    `fault`: the process goes on and lets the key go. `kill`: nothing runs any more, the claim stays as it is.
    """

    @contextmanager
    def dying() -> Iterator[None]:
        with monkeypatch.context() as patch:

            def die(*_: object) -> None:
                raise RuntimeError("killed")

            patch.setattr(idempotency, "_keep", die)
            if request.param == "kill":
                patch.setattr(idempotency, "_let_go", lambda *_, **__: None)
            yield

    return dying


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSO_PROFILE", "ANSO_DATA", "ANSO_DATABASE_URL", "ANSO_STORE", "ANSO_OIDC_ISSUER"):
        monkeypatch.delenv(name, raising=False)
