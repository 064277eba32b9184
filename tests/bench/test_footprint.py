"""What the service costs before it does anything, and what a check costs beside the library it stands on."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench
ANSO = str(Path(sys.executable).with_name("anso"))
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def test_help_costs_little(board) -> None:
    before = cpu_of_children()
    subprocess.run([ANSO, "--help"], check=True, capture_output=True)
    board.add("anso --help", cpu_of_children() - before, "CPU s", aim="<= 0.5")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = dict(os.environ) | {"ANSO_DATA": str(tmp_path)}
    subprocess.run([ANSO, "db", "seed"], env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [ANSO, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    yield process, f"http://127.0.0.1:{port}/health/ready"
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def test_start_to_ready_and_idle_memory(board, served: tuple[subprocess.Popen[bytes], str]) -> None:
    process, ready = served
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError):
            if urllib.request.urlopen(ready, timeout=2).status == 200:  # noqa: S310 - an address made above
                break
        time.sleep(0.05)
    board.add("start to ready (API process)", cpu_s(process.pid), "CPU s", aim="<= 6")
    time.sleep(5)
    board.add("idle memory (API process)", rss_mb(process.pid), "MB", aim="<= 250")
