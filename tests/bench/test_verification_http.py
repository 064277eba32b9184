"""What somebody waits for who asks over HTTP: a file of 300 KB at level B-LT, alone, again, and many at a time.

A real server and real workers; once with the memory of reports and once without.
"""

import secrets
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from api.cli.server import listen
from tests.api.conftest import install
from tests.api.sealed_files import sealed_by
from tests.fakes import sample_pdf

pytestmark = pytest.mark.bench
SIZE = 300_000
REQUESTS = 60
CALLERS = 6


@contextmanager
def served(tmp_path_factory: pytest.TempPathFactory, **settings: Any) -> Iterator[tuple[str, bytes]]:
    """A server of its own and a file sealed there."""
    made = install(tmp_path_factory.mktemp("bench"), public_at_once=100, public_rate="100000/minute", **settings)
    made.services.workers.warm()
    listener = listen("127.0.0.1", 0)
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(made.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        content = sealed_by(made, padded())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/verifications", content
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
        made.services.close()


def padded() -> bytes:
    """A page with a picture's worth of bytes in it."""

    def pad(document: Any) -> None:
        document.Root.Rest = document.make_stream(secrets.token_bytes(SIZE))

    made: bytes = sample_pdf.changed(sample_pdf.page(), pad)
    return made


def ask(client: httpx2.Client, address: str, content: bytes) -> float:
    begun = time.perf_counter()
    answer = client.post(address, files={"file": ("a.pdf", content, "application/pdf")})
    assert answer.status_code == 200, answer.text
    assert answer.json()["signatures"][0]["level"] == "B-LT"
    return time.perf_counter() - begun


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


@pytest.mark.parametrize(("label", "remember_mb"), [("each time a new check", 0), ("remembered", 32)])
def test_one_after_the_other(
    board: Any, tmp_path_factory: pytest.TempPathFactory, label: str, remember_mb: int
) -> None:
    with served(tmp_path_factory, remember_mb=remember_mb) as (address, content), httpx2.Client(timeout=60) as client:
        for _ in range(4):
            ask(client, address, content)
        seconds = [ask(client, address, content) for _ in range(REQUESTS)]
    what = f"verification over HTTP, {len(content) // 1000} KB B-LT, {label}"
    board.add(f"{what}: p50", statistics.median(seconds) * 1000, "ms", aim="-")
    board.add(f"{what}: p95", p95(seconds) * 1000, "ms", aim="<= 300")


def test_two_workers_against_one(board: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Wall time of the same work in the same run: best of three rounds, in turns, because others share the machine."""
    best: dict[int, float] = {}
    with (
        served(tmp_path_factory, check_workers=1, remember_mb=0) as one,
        served(tmp_path_factory, check_workers=2, remember_mb=0) as two,
        httpx2.Client(timeout=60.0) as client,
    ):
        for _ in range(3):
            for workers, (address, content) in ((1, one), (2, two)):
                with ThreadPoolExecutor(max_workers=CALLERS) as pool:
                    begun = time.perf_counter()
                    list(pool.map(ask, [client] * REQUESTS, [address] * REQUESTS, [content] * REQUESTS))
                    spent = time.perf_counter() - begun
                best[workers] = min(best.get(workers, spent), spent)
    for workers, spent in best.items():
        board.add(f"verifications over HTTP, {workers} worker(s)", REQUESTS / spent, "/s", aim="-")
    board.add("throughput of two workers over one", best[1] / best[2], "x", aim=">= 1.7")
