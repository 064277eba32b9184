"""Starts and stops the service for the demo, and asks its command line for development tokens.

The demo is a client: it uses the `anso` command and HTTP, and imports none of the service's packages.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT_S = 90
MARKER = ".anso-demo"  # says that a folder is the demo's own, to be emptied by the next run
S3_SETTINGS = 5  # lines that the S3 server prints when it is ready: NAME=value


class DemoFailed(Exception):
    """A step did not give what it must give; the text says which and what came instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """A started service: where it is and whom its seed knows."""

    url: str
    data: Path
    environment: dict[str, str]
    seed: dict[str, object]

    def token(self, role: str, *, person: str | None = None, org: str | None = None) -> str:
        """A development token for ``role`` (``anso token``)."""
        command = [*anso("token"), "--role", role, "--data", str(self.data)]
        command += ["--person", person] if person else []
        command += ["--org", org] if org else []
        return run(command, self.environment).strip()


def anso(*words: str) -> list[str]:
    """The command line of the service in this environment."""
    return [str(Path(sys.executable).with_name("anso")), *words]


def run(command: list[str], environment: dict[str, str]) -> str:
    """Standard output of ``command``; DemoFailed with its error output when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoFailed(f"{' '.join(command[:3])} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done.stdout


def require_ours(folder: Path) -> None:
    """Refuse a folder that the demo would have to empty and did not fill itself.

    Raises:
        DemoFailed: there is something at that place, and no demo left it.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise DemoFailed(f"{folder} không phải là thư mục / is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise DemoFailed(
            f"{folder} có dữ liệu không do bản trình diễn tạo ra, không xóa; hãy chọn thư mục khác / "
            f"holds files that no demo run left (no {MARKER}); they stay: name another folder"
        )


def renew(folder: Path) -> None:
    """Make the folder anew, empty but for the mark that it is ours.

    Raises:
        DemoFailed: as `require_ours`.
    """
    require_ours(folder)
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()


@contextlib.contextmanager
def started(data: Path, *, store: str) -> Iterator[RunningService]:
    """The service on a free loopback port with fresh demo data in ``data``; stopped at the end."""
    renew(data)
    with contextlib.ExitStack() as cleanup:
        environment = dict(os.environ) | {"ANSO_DATA": str(data), "ANSO_DEMO_DATA": "1"}
        if store == "s3":
            environment |= cleanup.enter_context(_s3_server(data / "s3"))
        seed = json.loads(run(anso("db", "seed", "-o", "json", "--data", str(data)), environment))
        port = _free_port()
        log = cleanup.enter_context((data / "service.log").open("wb"))
        process = subprocess.Popen(
            anso("serve", "--data", str(data), "--port", str(port)),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        cleanup.callback(_stop, process)
        service = RunningService(url=f"http://127.0.0.1:{port}", data=data, environment=environment, seed=seed)
        _wait_until_ready(service, process)
        yield service


def _wait_until_ready(service: RunningService, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(service.url + "/health/ready", timeout=5).status_code == httpx2.codes.OK:
                return
        time.sleep(0.2)
    tail = (service.data / "service.log").read_text(errors="replace")[-3000:]
    raise DemoFailed(f"the service did not become ready; the end of its log:\n{tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def _s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """A real S3 server on loopback; the settings that point the service at it."""
    command = [sys.executable, "-m", "tests.servers.seaweedfs", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        lines = [process.stdout.readline().strip() for _ in range(S3_SETTINGS)] if process.stdout else []
        if not all("=" in line for line in lines):
            raise DemoFailed("the S3 server did not start")
        yield dict(line.split("=", 1) for line in lines)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
