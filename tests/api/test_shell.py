"""What surrounds every request: problems in one form, ids, headers, limits, counters."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal

import pytest
from fastapi import Depends, HTTPException, Query, UploadFile
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocketDisconnect

from api import log
from api.callers import Purpose, Role
from api.context import Call, public
from api.db import queue_engine
from api.errors import NotFound
from api.idempotency import KEYS
from api.log import redact_text
from tests.api.conftest import Install, Installation, logging_restored

_Open = Annotated[Call, Depends(public(purpose=Purpose.OPERATE_SERVICE))]


@pytest.fixture(scope="module")
def odd(installation: Installation) -> Installation:
    """The service with routes that misbehave."""
    app = installation.app

    @app.get("/odd/crash")
    def crash(_call: _Open) -> str:
        raise RuntimeError("secret of 022193900013")

    @app.get("/odd/teapot")
    def teapot(_call: _Open) -> str:
        raise HTTPException(418, "secret tea")

    @app.get("/odd/missing")
    def missing(_call: _Open) -> str:
        raise NotFound("không có", "nothing")

    @app.post("/odd/upload")
    def upload(_call: _Open, file: UploadFile) -> int:
        return len(file.file.read())

    @app.get("/odd/number")
    def number(_call: _Open, n: int, most: Annotated[int, Query(le=5)] = 1, kind: Literal["a", "b"] = "a") -> int:
        return n if kind == "a" else most

    return installation


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """The log as text."""
    stream = StringIO()
    with logging_restored():
        log.configure("info", stream)
        yield stream


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "NOT_FOUND"),
        ("GET", "/odd/missing", 404, "NOT_FOUND"),
        ("DELETE", "/health/live", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/odd/number?n=x", 422, "INPUT_INVALID"),
        ("GET", "/odd/crash", 500, "INTERNAL"),
        ("GET", "/odd/teapot", 500, "INTERNAL"),
        ("POST", "/odd/upload", 422, "INPUT_INVALID"),
    ],
)
def test_every_failure_is_a_problem_in_vietnamese_or_english(
    odd: Installation, method: str, path: str, status: int, code: str
) -> None:
    titles = set()
    for language in ("vi", "en"):
        answer = odd.client.request(method, path, headers={"Accept-Language": language})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        body = answer.json()
        assert body["code"] == code
        assert body["type"] == f"/problems/{code}"
        assert body["status"] == status
        assert body["request_id"] == answer.headers["x-request-id"]
        titles.add(body["title"])
    assert len(titles) == 2


def test_a_crash_shows_an_incident_number_only_and_the_log_tells_the_rest_without_personal_data(
    odd: Installation, lines: StringIO
) -> None:
    answer = odd.client.get("/odd/crash")
    assert "secret" not in answer.text
    incident = answer.json()["incident"]
    found = [json.loads(line) for line in lines.getvalue().splitlines() if incident in line]
    assert len(found) == 1
    assert found[0]["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError" in found[0]["exception"]
    assert "022193900013" not in lines.getvalue()


def test_a_wrong_method_is_told_the_right_ones(odd: Installation) -> None:
    assert odd.client.delete("/health/live").headers["allow"] == "GET"


def test_other_protocols_than_http_pass_through_the_shell(odd: Installation) -> None:
    with pytest.raises(WebSocketDisconnect), odd.client.websocket_connect("/v1/jobs"):
        pass


def test_a_crash_answer_has_the_headers_of_every_answer(odd: Installation) -> None:
    answer = odd.client.get("/odd/crash")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers


def test_a_validation_problem_points_at_the_place_and_does_not_repeat_the_value(odd: Installation) -> None:
    answer = odd.client.get("/odd/number", params={"n": "022193900013x"})
    assert answer.json()["errors"] == [{"pointer": "/query/n", "code": "int_parsing"}]
    assert "022193900013" not in answer.text


def test_a_validation_problem_says_what_the_place_may_hold(odd: Installation) -> None:
    answer = odd.client.get("/odd/number", params={"n": "1", "most": "6", "kind": "022193900013"})
    assert answer.json()["errors"] == [
        {"pointer": "/query/most", "code": "less_than_equal", "expected": "le 5"},
        {"pointer": "/query/kind", "code": "literal_error", "expected": "'a' or 'b'"},
    ]
    assert "022193900013" not in answer.text


def test_answers_carry_security_headers_and_a_fresh_nonce(odd: Installation) -> None:
    first, second = (odd.client.get("/health/live") for _ in range(2))
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy != second.headers["content-security-policy"]
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["x-api-version"] == "v1"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("client-request-1", True),
        ("short", False),
        ("x" * 65, False),
        ("with space in it", False),
        ("022193900013", False),
        ("a\tb-cdefgh", False),
    ],
)
def test_a_plain_request_id_is_kept_and_any_other_replaced(odd: Installation, sent: str, kept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    answer = odd.client.get("/health/live", headers={"X-Request-Id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


def test_a_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(fresh_install: Install) -> None:
    client = fresh_install(max_upload_mb=1).client
    size = 3 * 1024 * 1024
    told = client.post("/health/live", content=b"x" * size)
    assert told.status_code == 413
    assert told.json()["code"] == "BODY_TOO_LARGE"
    assert told.headers["content-type"] == "application/problem+json"
    assert told.headers["x-request-id"] == told.json()["request_id"]

    files = {"file": ("a.pdf", b"x" * size)}
    answer = client.post("/v1/verifications", files=files)
    assert answer.json()["code"] in ("BODY_TOO_LARGE", "NOT_FOUND", "METHOD_NOT_ALLOWED")


def test_a_streamed_body_over_the_limit_is_refused_while_it_comes(fresh_install: Install) -> None:
    made = fresh_install(max_upload_mb=1)
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(400):
            sent += 64 * 1024
            yield b"x" * (64 * 1024)

    @made.app.post("/odd/upload")
    def upload(_call: _Open, file: UploadFile) -> int:
        return len(file.file.read())

    answer = made.client.post(
        "/odd/upload", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 413
    assert answer.json()["code"] == "BODY_TOO_LARGE"


async def send_slowly(app: ASGIApp, path: str, headers: dict[str, str], parts: int) -> tuple[int, list[str], int]:
    """Status, headers and number of body parts that were taken, for a POST whose body comes part by part."""
    taken, answer = 0, []

    async def receive() -> Message:
        nonlocal taken
        if taken == parts:
            return {"type": "http.disconnect"}
        taken += 1
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message: Message) -> None:
        answer.append(message)

    sent = {"host": "t", "content-type": "multipart/form-data; boundary=b", "transfer-encoding": "chunked", **headers}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("192.0.2.1", 1),
        "server": ("t", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    return answer[0]["status"], [f"{name.decode()}: {value.decode()}" for name, value in answer[0]["headers"]], taken


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}])
def test_an_upload_without_a_good_token_is_refused_before_its_body_is_read(
    installation: Installation, lines: StringIO, headers: dict[str, str]
) -> None:
    status, sent, taken = asyncio.run(send_slowly(installation.app, "/v1/digitisations", headers, 3000))
    assert (status, taken) == (401, 0)
    assert "connection: close" in sent
    assert any(one.startswith("www-authenticate: Bearer") for one in sent)
    assert any(one.startswith("x-request-id") for one in sent)
    assert '"route": "/v1/digitisations"' in lines.getvalue()


def test_an_upload_in_a_wrong_role_is_refused_before_its_body_is_read(installation: Installation) -> None:
    headers = installation.headers(Role.AUDITOR)
    assert asyncio.run(send_slowly(installation.app, "/v1/digitisations", headers, 3000))[::2] == (403, 0)


def test_public_uploads_are_counted_once_and_before_their_body_is_read(fresh_install: Install) -> None:
    made = fresh_install(public_rate="2/minute")
    for left in (1, 0):
        answer = made.client.post("/v1/verifications", files={"file": ("a.pdf", b"none")})
        assert answer.headers["ratelimit"].startswith(f'"public";r={left};')
    addressed = made.app.state.limiter
    for _ in range(2):
        addressed.take("192.0.2.1")
    assert asyncio.run(send_slowly(made.app, "/v1/verifications", {}, 3000))[::2] == (429, 0)


@pytest.mark.parametrize("name", ["a" * 5000 + ".pdf", "a\x00b.pdf", "../../etc/passwd", "Đơn xin học.pdf"])
def test_an_uploads_name_never_names_a_file_of_ours(odd: Installation, name: str) -> None:
    answer = odd.client.post("/odd/upload", files={"file": (name, b"%PDF-")})
    assert answer.status_code in (200, 400, 422)
    assert name not in answer.text


def test_a_torn_multipart_body_is_a_problem(odd: Installation) -> None:
    answer = odd.client.post(
        "/odd/upload", content=b"--b\r\nContent-Dis", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_json_that_is_none_is_a_problem(installation: Installation) -> None:
    answer = installation.client.post(
        "/v1/role-grants", content=b"{not json", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (401, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_requests_without_login_are_limited_per_client_and_told_when_to_come_back(fresh_install: Install) -> None:
    client = fresh_install(public_rate="2/minute").client
    first = client.get("/.well-known/jwks.json")
    assert first.headers["ratelimit-policy"] == '"public";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"public";r=1;t=')
    assert client.get("/.well-known/jwks.json").status_code == 200
    refused = client.get("/.well-known/jwks.json")
    assert refused.status_code == 429
    assert refused.json()["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert client.get("/health/live").status_code == 200


def test_requests_are_counted_and_logged_by_route_template_never_by_address(odd: Installation, lines: StringIO) -> None:
    odd.client.get("/022193900013/secret-name")
    odd.client.get("/v1/jobs/job_00000000000000000000000000")
    metrics = odd.client.get("/metrics").text
    assert 'route="(none)"' in metrics
    assert 'route="/v1/jobs/{job_id}"' in metrics
    for text in (metrics, *(line for line in lines.getvalue().splitlines() if '"part": "http"' in line)):
        assert "secret-name" not in text
        assert "022193900013" not in text
        assert "job_0000" not in text


def test_the_log_shows_no_tokens_numbers_or_names(lines: StringIO) -> None:
    logger = log.logger("test")
    logger.info(
        "tried eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln for 022193900013",
        name="Nguyễn Thị Thu Trang",
        authorization="Bearer abc",
        header="Bearer abc.def",
        nested={"personal_id": "x", "kept": "y"},
        many=["012345678901", "ok"],
    )
    logging.getLogger("other").warning("library line with 022193900013")
    text = lines.getvalue()
    for hidden in ("eyJ", "022193900013", "012345678901", "Trang", "abc", '"x"'):
        assert hidden not in text
    assert '"kept": "y"' in text
    assert all(json.loads(line) for line in text.splitlines())


@pytest.mark.parametrize("kind", ["installation", "postgres_installation"])
def test_an_error_of_the_database_is_logged_without_its_values(
    request: pytest.FixtureRequest, kind: str, lines: StringIO
) -> None:
    made: Installation = request.getfixturevalue(kind)
    path = f"/odd/database/{kind}"

    @made.app.get(path)
    def duplicate(call: _Open) -> None:
        row = {"principal": "Nguyen-Thi-Trang", "idempotency_key": "Ha-Long", "fingerprint": "f", "state": "done"}
        with call.services.db.transaction() as tx:
            for _ in range(2):
                tx.execute(KEYS.insert().values(claimed_at=0, **row))

    answer = made.client.get(path)
    assert answer.status_code == 500
    assert "IntegrityError" in lines.getvalue()
    for hidden in ("Nguyen-Thi-Trang", "Ha-Long"):
        assert hidden not in lines.getvalue()


def test_the_job_queues_engine_hides_values_too(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'q.sqlite3'}", "postgresql+psycopg://u@localhost/d"):
        engine = queue_engine(url)
        assert engine.hide_parameters
        engine.dispose()


def test_libraries_are_heard_from_warnings_on_and_we_as_configured(lines: StringIO) -> None:
    log.configure("debug", lines)
    for library in ("fontTools.subset", "httpx", "a.library.of.tomorrow"):
        logging.getLogger(library).info("Glyph names: N g u y e n")
        logging.getLogger(library).warning("of %s", library)
    log.logger("test").debug("ours")
    text = lines.getvalue()
    assert "Glyph" not in text
    assert '"event": "ours"' in text
    assert "of a.library.of.tomorrow" in text


_CRASH = """
import os
from api import log

def work(paper):
    raise RuntimeError(str(len(paper)))

if os.environ["CONFIGURED"] == "yes":
    log.configure("info")
try:
    work("Nguyen Thi Thu " + "gnarT"[::-1])  # the source line that a traceback shows does not hold it
except RuntimeError as err:
    log.logger("test").error("crash", exc_info=err)
"""


@pytest.mark.parametrize("configured", ["yes", "no"])
def test_a_crash_never_shows_the_variables_of_its_frames(configured: str) -> None:
    """In a process of its own: whoever forgets to configure the log must not be saved by an earlier test."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _CRASH],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "CONFIGURED": configured},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = done.stdout + done.stderr
    assert "crash" in shown
    assert "RuntimeError" in shown
    assert "Trang" not in shown


def test_ids_stay_readable_in_the_log() -> None:
    assert redact_text("job_01m8323b80eb7acbagnk14d4cf H49.61.07-261123-0001") == (
        "job_01m8323b80eb7acbagnk14d4cf H49.61.07-261123-0001"
    )


def test_the_service_says_whether_it_lives_and_can_work(installation: Installation) -> None:
    assert installation.client.get("/health/live").json() == {"status": "ok", "checks": {}}
    ready = installation.client.get("/health/ready")
    assert ready.json() == {
        "status": "ok",
        "checks": {"database": True, "schema": True, "clock": True, "signer": True, "timestamps": True},
    }
    version = installation.client.get("/version").json()
    assert version["name"] == "anso"
    assert version["profile"] == "embedded"


def test_a_database_that_is_away_is_said_so_and_may_be_tried_again(fresh_install: Install) -> None:
    made = fresh_install()
    headers = made.headers(Role.CLERK)
    made.services.db.close()
    folder = made.services.settings.data
    for path in folder.glob("anso.sqlite3*"):
        path.unlink()
    (folder / "anso.sqlite3").mkdir()
    answer = made.client.get("/v1/notices", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNREACHABLE")
    assert answer.json()["retryable"]
    ready = made.client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unavailable",
        "checks": {"database": False, "schema": False, "clock": True, "signer": True, "timestamps": True},
    }
