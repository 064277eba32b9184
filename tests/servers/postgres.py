"""A real PostgreSQL of the tests' own: a cluster in a temporary folder, loopback only, never run as root.

`pytest_plugins = ["tests.servers.postgres"]` gives the session fixture `postgres_server`;
`postgres_server.new_database()` makes an empty database and returns its SQLAlchemy URL.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

_START_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running cluster."""

    host: str
    port: int
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://anso:{self.password}@{self.host}:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; returns its SQLAlchemy URL."""
        name = f"t_{secrets.token_hex(6)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")  # a name made two lines above
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database made by `new_database`, also when connections are still open."""
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user="anso",
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )


def postgres_binaries() -> Path | None:
    """Folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_unprivileged() -> tuple[list[str], int | None, int | None]:
    """Command prefix and owner for a server that refuses root; it also dies with us."""
    prefix = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() != 0:
        return prefix, None, None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            return prefix, user.pw_uid, user.pw_gid
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def _initialise(binaries: Path, folder: Path, password: str, prefix: list[str]) -> None:
    password_file = folder / "password"
    password_file.write_text(password)
    password_file.chmod(0o644)  # inside a folder that only its owner enters
    command = [
        *prefix,
        str(binaries / "initdb"),
        f"--pgdata={folder / 'data'}",
        "--username=anso",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    password_file.unlink()
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr[-2000:]}")


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a cluster, hand it out, stop it and remove every file."""
    binaries = postgres_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL's server programs are not installed")
    prefix, uid, gid = _as_unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="anso-pg-"))
    try:
        if uid is not None and gid is not None:
            os.chown(folder, uid, gid)
        password = secrets.token_urlsafe(18)
        _initialise(binaries, folder, password, prefix)
        port = free_port()
        command = [
            *prefix,
            str(binaries / "postgres"),
            "-D",
            str(folder / "data"),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"port={port}"),
            *("-c", f"unix_socket_directories={folder}", "-c", "max_connections=60"),
            *("-c", "fsync=off", "-c", "shared_buffers=32MB"),  # durability is not what these tests look at
        ]
        with (folder.parent / f"{folder.name}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            server = PostgresServer(host="127.0.0.1", port=port, password=password, process=process)
            _wait_until_ready(server)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing here is worth saving
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def _wait_until_ready(server: PostgresServer) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while True:
        if server.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at start with {server.process.returncode}")
        try:
            server.connect("postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL; a visible skip where it is not installed, a failure in CI."""
    if postgres_binaries() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing")
        pytest.skip("PostgreSQL's server programs are not installed")
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of this test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)
