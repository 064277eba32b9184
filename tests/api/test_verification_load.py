"""Many at once: whoever cannot be served is told so soon and told when to come back; nobody waits for nothing."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import uvicorn

from api.errors import UploadsFull
from api.remembered import RememberedReports
from signing.isolation import Isolation, WorkersBusy
from tests.api.sealed_files import sealed_by
from tests.fakes import sample_pdf

CALLERS = 30
PATIENCE_S = 15.0  # on a busy machine; alone it is a fifth of that


@contextmanager
def served(installation: Any, **changes: Any) -> Iterator[str]:
    """The application behind a real server; gives its address."""
    services = replace(installation.services, **changes)
    usual = installation.app.state.services
    installation.app.state.services = services
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(installation.app, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            installation.app.state.services = usual


def checked(address: str, content: bytes, name: str = "a.pdf") -> tuple[int, float, httpx2.Headers]:
    begun = time.monotonic()
    with httpx2.Client(timeout=60.0) as client:
        answer = client.post(f"{address}/v1/verifications", files={"file": (name, content, "application/pdf")})
    return answer.status_code, time.monotonic() - begun, answer.headers


def at_once(address: str, contents: list[bytes]) -> list[tuple[int, float, httpx2.Headers]]:
    with ThreadPoolExecutor(max_workers=len(contents)) as pool:
        return list(pool.map(lambda one: checked(address, one), contents))


@pytest.fixture(scope="module")
def sealed(installation: Any) -> bytes:
    return sealed_by(installation)


def different(content: bytes, count: int) -> list[bytes]:
    """Files that no memory of reports knows: each has a comment of its own behind the end."""
    return [content + b"\n%% %d" % number for number in range(count)]


def test_a_crowd_is_answered_or_told_to_come_back(fresh_install: Any) -> None:
    crowd = fresh_install(public_at_once=CALLERS, check_workers=2)
    content = sealed_by(crowd)
    slow = Isolation(workers=2, preload=("signing.validation.isolated",), wait_s=1.0, max_waiting=4, spare=2)
    slow.warm()
    with slow, served(crowd, workers=slow) as address:
        checked(address, content)  # the first one pays for the imports
        answers = at_once(address, different(content, CALLERS))
    found = Counter(status for status, _, _ in answers)
    assert set(found) <= {200, 503}, found
    assert found[200] >= 2
    assert found[503] >= 1
    assert all(int(headers["retry-after"]) >= 1 for status, _, headers in answers if status == 503)
    assert max(seconds for _, seconds, _ in answers) < PATIENCE_S


def test_others_are_served_while_a_crowd_waits(fresh_install: Any) -> None:
    crowd = fresh_install(public_at_once=CALLERS)
    content = sealed_by(crowd)
    with served(crowd) as address, ThreadPoolExecutor(max_workers=CALLERS) as pool:
        checked(address, content)
        running = [pool.submit(checked, address, one) for one in different(content, CALLERS)]
        slowest = 0.0
        with httpx2.Client(timeout=30.0) as client:
            while not all(one.done() for one in running):
                begun = time.monotonic()
                assert client.get(f"{address}/health/live").status_code == 200
                slowest = max(slowest, time.monotonic() - begun)
        assert {one.result()[0] for one in running} <= {200, 503}
    assert slowest < 5.0


def test_one_client_has_only_so_many_uploads_at_a_time(fresh_install: Any) -> None:
    narrow = fresh_install(public_at_once=2)
    content = sealed_by(narrow)
    with served(narrow) as address:
        answers = at_once(address, different(content, 20))
        assert checked(address, content)[0] == 200  # a place is given back
    found = Counter(status for status, _, _ in answers)
    assert set(found) <= {200, 429, 503}
    assert found[429] >= 1
    assert all(headers["retry-after"] == "1" for status, _, headers in answers if status == 429)


def test_the_rate_of_one_client_is_bounded_and_says_when_to_come_back(fresh_install: Any) -> None:
    narrow = fresh_install(public_rate="3/minute")
    content = sample_pdf.small()
    answers = [narrow.client.post("/v1/verifications", files={"file": ("a.pdf", content)}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert all(1 <= int(answer.headers["retry-after"]) <= 61 for answer in answers[3:])
    assert answers[3].json()["code"] == "RATE_LIMITED"


def test_uploads_beyond_the_memory_for_them_are_told_to_come_back(fresh_install: Any) -> None:
    narrow = fresh_install(uploads_mb=1)
    content = b"%PDF-1.7" + bytes(700_000)
    with served(narrow) as address:
        answers = at_once(address, [content] * 12)
        assert checked(address, content)[0] == 200
    found = Counter(status for status, _, _ in answers)
    assert set(found) <= {200, 503}
    assert found[503] >= 1
    assert all(int(headers["retry-after"]) >= 1 for status, _, headers in answers if status == 503)


def test_a_body_that_outgrows_the_memory_is_refused_also_where_the_framework_reads_it(fresh_install: Any) -> None:
    narrow = fresh_install(uploads_mb=1)
    for path, field in (("/v1/verifications", "file"), ("/kiem-tra", "tep")):
        answer = narrow.client.post(path, files={field: ("a.pdf", b"%PDF-1.7" + bytes(2_000_000))})
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) >= 1
    assert narrow.client.post("/v1/verifications", files={"file": ("a.pdf", sample_pdf.small())}).status_code == 200


@pytest.mark.parametrize("kind", ["form", "json", "chunked", "batch"])
def test_a_file_beyond_the_limit_is_refused_before_it_is_looked_at(fresh_install: Any, kind: str) -> None:
    narrow = fresh_install(max_verify_mb=1)
    content = b"%PDF-1.7" + bytes(4_000_000)
    path = "/v1/verification-batches" if kind == "batch" else "/v1/verifications"

    def pieces() -> Iterator[bytes]:
        yield b'{"document": "'
        yield from (b"A" * 100_000 for _ in range(50))

    request: dict[str, Any] = {"files": {"file": ("a.pdf", content)}}
    if kind == "json":
        request = {"json": {"document": "A" * 4_000_000}}
    if kind == "chunked":
        request = {"content": pieces(), "headers": {"content-type": "application/json"}}
    answer = narrow.client.post(path, **request)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_the_same_file_is_worked_on_once_and_told_to_all(installation: Any, sealed: bytes) -> None:
    class Counting:
        calls = 0

        def call(self, *args: Any, **more: Any) -> Any:
            type(self).calls += 1
            return installation.services.workers.call(*args, **more)

    memory = RememberedReports(max_count=10, max_bytes=1_000_000)
    with served(installation, workers=Counting(), remembered=memory) as address:
        answers = [checked(address, sealed)[0] for _ in range(5)]
    assert answers == [200] * 5
    assert Counting.calls == 1


HALF = (
    b"POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    b"Content-Length: 5000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
) + bytes(100_000)


def test_places_are_given_back_when_clients_go_away_and_that_is_no_incident(
    fresh_install: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = fresh_install(public_at_once=4)
    present = fresh.app.state.presence._present
    with served(fresh) as address:
        host, port = address.removeprefix("http://").split(":")
        connections = [socket.create_connection((host, int(port))) for _ in range(4)]
        for connection in connections:
            connection.sendall(HALF)
        wait_until(lambda: sum(present.values()) == 4)
        assert checked(address, sample_pdf.small())[0] == 429
        for connection in connections:
            connection.close()
        wait_until(lambda: not present)
        assert checked(address, sample_pdf.small())[0] == 200
    assert "incident" not in caplog.text


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("busy", [WorkersBusy(), UploadsFull()])
def test_a_busy_service_says_when_to_come_back_and_alarms_nobody(
    fresh_install: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, busy: Exception
) -> None:
    fresh = fresh_install()

    def taken(*_: Any, **__: Any) -> Any:
        raise busy

    monkeypatch.setattr(fresh.services.workers, "call", taken)
    answer = fresh.client.post("/v1/verifications", files={"file": ("a.pdf", sample_pdf.small())})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "incident" not in answer.json()
    assert "incident" not in caplog.text
