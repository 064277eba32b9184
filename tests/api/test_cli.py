"""The `anso` command: quick, in three output forms, with the documented exit codes; serving within its budget."""

import asyncio
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from api import migrations
from api.bootstrap import build_database, build_services
from api.callers import Role
from api.cli import main
from api.cli.exits import failures_as_exit_codes
from api.cli.output import Format, write_items
from api.cli.server import listen
from api.cli.supervisor import Supervisor
from api.clock import now
from api.errors import AlreadyExists, ConfigurationInvalid, NotFound, ServiceUnavailable
from api.settings import Settings
from api.usecases.seed_demonstration import seed_demonstration
from tests.api.conftest import logging_restored

ROOT = Path(__file__).resolve().parents[2]
ANSO = [sys.executable, "-m", "api.cli"]
_WITHOUT = ("ANSO_", "COV_CORE")


def environment(**values: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_WITHOUT)}
    return {**clean, "PYTHONPATH": str(ROOT), **values}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in this process, which is the same code and much quicker."""

    def call(*words: str, **values: str) -> Done:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        code = 0
        try:
            main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        shown = capfd.readouterr()
        for name in values:
            monkeypatch.delenv(name)
        return Done(code, shown.out, shown.err)

    mask = os.umask(0o022)
    with logging_restored():
        yield call
    os.umask(mask)


@pytest.fixture
def own_process() -> Iterator[None]:
    """What a served process changes for itself ends with the test: log, signals, the mask of new files."""
    mask, handlers = os.umask(0o022), {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    with logging_restored():
        yield
    os.umask(mask)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("cli")
    services = build_services(Settings(data=folder))
    migrations.upgrade(services.db)
    seed_demonstration(services, now())
    services.db.close()
    return str(folder)


def test_help_lists_every_command_within_half_a_second_of_cpu() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*ANSO, "--help"], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    for command in ("serve", "worker", "doctor", "token", "verify", "ocr", "ca", "vault", "kpi", "openapi", "db"):
        assert f"\n  {command} " in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize(
    "words", [("nope",), ("token",), ("token", "--role", "king"), ("db",), ("serve", "--port", "x")]
)
def test_wrong_usage_ends_with_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).returncode == 2


def test_the_seed_names_what_a_client_needs_and_is_the_same_the_second_time(run: Run, data: str) -> None:
    first, second = (json.loads(run("db", "seed", "--data", data, "-o", "json").stdout) for _ in range(2))
    assert first == second
    assert set(first["organisations"]) >= {"province", "ward", "centre", "school"}
    assert set(first["people"]) >= {"leader", "clerk", "ward_clerk", "mother", "child", "two_accounts"}
    assert {account["role"] for account in first["accounts"]} == {role.value for role in Role if role.is_grantable}
    twins = [one for one in first["accounts"] if one["subject_id"] == first["people"]["two_accounts"]]
    assert {one["role"] for one in twins} == {"ra_officer", "approver"}
    assert len({one["account_id"] for one in twins}) == 2
    assert "0221939" not in json.dumps(first)  # no citizen numbers


def test_a_token_is_printed_alone_and_again_for_the_same_account(run: Run, data: str) -> None:
    done = run("token", "--role", "clerk", "--data", data)
    assert done.returncode == 0
    assert done.stdout.count(".") == 2
    assert done.stdout.count("\n") == 1
    forms = [
        json.loads(run("token", "--role", "clerk", "--data", data, "-o", form).stdout) for form in ("json", "jsonl")
    ]
    assert forms[0]["account_id"] == forms[1]["account_id"]
    assert forms[0]["org_code"] == "H49.61.90"


def test_a_token_for_a_chosen_person_and_agency(run: Run, data: str) -> None:
    people = json.loads(run("db", "seed", "--data", data, "-o", "json").stdout)["people"]
    done = run(
        "token", "--role", "clerk", "--person", people["appraiser"], "--org", "H49.61.07", "--data", data, "-o", "json"
    )
    found = json.loads(done.stdout)
    assert (found["subject_id"], found["org_code"]) == (people["appraiser"], "H49.61.07")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--role", "public"), 2, "INPUT_INVALID"),
        (("--role", "clerk", "--person", "022193900013"), 2, "ID_INVALID"),
        (("--role", "clerk", "--person", "sub_" + "0" * 26), 2, "NOT_FOUND"),
        (("--role", "clerk", "--org", "H99"), 2, "NOT_FOUND"),
    ],
)
def test_a_token_for_nobody_is_refused(run: Run, data: str, words: tuple[str, ...], code: int, text: str) -> None:
    done = run("token", *words, "--data", data)
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr
    assert "022193900013" not in done.stderr


def test_production_makes_no_tokens_and_no_demonstration(run: Run, data: str) -> None:
    for words in (("token", "--role", "clerk"), ("db", "seed"), ("serve",), ("worker",)):
        done = run(*words, "--data", data, ANSO_PROFILE="production")
        assert done.returncode == 9, words
        assert "ANSO_" in done.stderr or "anso db upgrade" in done.stderr


def test_a_malformed_setting_is_named_without_its_value(run: Run, tmp_path: Path) -> None:
    done = run("db", "upgrade", "--data", str(tmp_path), ANSO_MAX_UPLOAD_MB="secret-value")
    assert done.returncode == 9
    assert "ANSO_MAX_UPLOAD_MB" in done.stderr
    assert "secret-value" not in done.stderr


def test_nobody_else_may_read_the_data_folder_also_when_it_was_there_before(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "anso.sqlite3").touch(mode=0o644)
    (folder / "anso.sqlite3").chmod(0o644)
    assert run("db", "upgrade", "--data", str(folder)).returncode == 0
    assert run("token", "--role", "clerk", "--data", str(folder)).returncode != 1
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert {path.name for path in found} >= {"data", "anso.sqlite3", "secrets"}
    assert not {path.name: oct(mode) for path, mode in found.items() if mode & 0o077}


def test_a_folder_that_everybody_shares_by_design_stays_shared(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    build_database(Settings(data=tmp_path)).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_the_schema_is_brought_to_the_newest_step_once(run: Run, tmp_path: Path) -> None:
    first = json.loads(run("db", "upgrade", "--data", str(tmp_path), "-o", "json").stdout)
    assert first["before"] is None
    second = run("db", "upgrade", "--data", str(tmp_path))
    assert second.stdout.strip() == f"{first['after']} -> {first['after']}"


def test_the_doctor_is_content_with_a_good_installation_and_reads_the_whole_ledger(run: Run, data: str) -> None:
    done = run("doctor", "--audit", "--data", data, "-o", "json")
    found = json.loads(done.stdout)
    assert found["ok"], found
    assert done.returncode == 0
    assert {one["name"] for one in found["findings"]} >= {"python", "profile", "database", "space", "audit"}


def test_the_doctor_names_a_missing_schema(run: Run, tmp_path: Path) -> None:
    done = run("doctor", "--data", str(tmp_path))
    assert done.returncode == 9
    assert "✗ database" in done.stdout
    assert "anso db upgrade" in done.stdout


def test_the_api_description_is_printed(run: Run) -> None:
    assert "/v1/dossiers" in json.loads(run("openapi").stdout)["paths"]


@pytest.mark.parametrize(
    "command", [("archive", "--dry-run"), ("archive",), ("kpi",), ("token", "--role", "clerk"), ("ca", "list")]
)
def test_a_command_says_that_a_folder_holds_no_installation_yet(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run(*command, "--data", str(tmp_path / "new"))
    assert done.returncode == 9
    assert "thiếu cấu hình / missing: anso db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_does_not_run_on_an_old_schema(run: Run, tmp_path: Path) -> None:
    done = run("worker", "--data", str(tmp_path))
    assert done.returncode == 9
    assert "anso db upgrade" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound(), 2),
        (AlreadyExists("có rồi", "is there"), 1),
        (ServiceUnavailable(), 8),
        (ConfigurationInvalid(("ANSO_X",)), 9),
        (KeyboardInterrupt(), 130),
        (RuntimeError("of 022193900013"), 1),
    ],
)
def test_every_failure_has_its_exit_code(capsys: pytest.CaptureFixture[str], error: BaseException, code: int) -> None:
    with pytest.raises(SystemExit) as end, failures_as_exit_codes():
        raise error
    assert end.value.code == code
    assert "022193900013" not in capsys.readouterr().err


def test_many_results_are_a_list_or_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"a": "ấn"}, {"a": "số"}]
    write_items(items, Format.JSON)
    assert json.loads(capsys.readouterr().out) == items
    write_items(items, Format.JSONL)
    assert capsys.readouterr().out == '{"a": "ấn"}\n{"a": "số"}\n'


# --- serving -----------------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    """Processes below this one."""
    path = Path(f"/proc/{pid}/task")
    return [int(one) for task in path.glob("*/children") for one in task.read_text().split()]


def listening(pid: int) -> set[int]:
    """Loopback ports on which this process listens."""
    inodes = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(str(one.readlink()))
        except OSError:
            continue
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


def open_sockets(pid: int) -> set[str]:
    """The sockets that this process holds."""
    found = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.add(str(one.readlink()))
    return {one for one in found if one.startswith("socket:")}


def workers_of(pid: int) -> set[int]:
    """Job workers below this process; other tests' checkers may come and go beside them."""
    found = set()
    for child in children(pid):
        with suppress(OSError):
            if b"\0worker\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(child)
    return found


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@contextmanager
def serving(folder: Path, **values: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*ANSO, "serve", "--data", str(folder), "--port", "0", "--demo"],
        cwd=ROOT,
        env=environment(**values),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "ready: http://127.0.0.1:" in line
        yield process, line.rsplit(" ", 1)[1].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def until(condition: object, limit_s: float = 60) -> bool:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.service
def test_the_service_starts_within_its_budget_and_its_worker_comes_back_when_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, url):
        assert cpu_seconds(process.pid) <= 6
        assert httpx2.get(f"{url}/health/ready").json()["status"] == "ok"
        assert resident_mib(process.pid) <= 250
        assert until(lambda: children(process.pid))
        [worker] = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        assert until(lambda: children(process.pid) not in ([], [worker]))
        [second] = children(process.pid)
        assert httpx2.get(f"{url}/health/live").status_code == 200
    assert process.returncode == 0
    assert not Path(f"/proc/{second}").exists()


@pytest.mark.service
def test_the_service_runs_in_this_process_until_it_is_told_to_stop(own_process: None, tmp_path: Path) -> None:
    seen: list[int] = []
    me = os.getpid()
    mine, ports = workers_of(me), listening(me)  # other tests' servers stand beside us

    def visit() -> None:
        try:
            assert until(lambda: workers_of(me) - mine and listening(me) - ports, limit_s=120)
            [port] = listening(me) - ports
            seen.append(httpx2.get(f"http://127.0.0.1:{port}/health/ready", timeout=60).status_code)
            [worker] = workers_of(me) - mine
            os.kill(worker, signal.SIGKILL)
            assert until(lambda: workers_of(me) - mine not in (set(), {worker}))
            seen.append(len(workers_of(me) - mine))
        finally:
            os.kill(me, signal.SIGTERM)

    visitor = threading.Thread(target=visit)
    visitor.start()
    with pytest.raises(SystemExit) as end:
        main(["serve", "--data", str(tmp_path), "--port", "0", "--demo"])
    visitor.join()
    assert not end.value.code
    assert seen == [200, 1]
    assert workers_of(me) == mine


@pytest.mark.service
def test_a_service_that_is_told_to_stop_while_it_starts_stops_and_leaves_no_socket_open(
    own_process: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_sockets(os.getpid())

    def told(_self: object) -> None:  # the supervisor begins after the port is taken and before uvicorn runs
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setenv("ANSO_EMBEDDED_WORKER", "false")
    monkeypatch.setattr(Supervisor, "__enter__", told)
    with pytest.raises(SystemExit) as end:
        main(["serve", "--data", str(tmp_path), "--port", "0"])
    assert not end.value.code
    assert open_sockets(os.getpid()) <= before


async def accepted_without_delay(listener: socket.socket) -> int:
    """TCP_NODELAY of a connection that the server took."""
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_connection(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    server = await asyncio.start_server(on_connection, sock=listener)
    async with server:
        _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        try:
            return await taken
        finally:
            writer.close()


def test_an_answer_on_a_kept_connection_waits_for_no_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert asyncio.run(accepted_without_delay(listener))


@pytest.mark.service
def test_the_worker_of_a_killed_service_ends_by_itself(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*ANSO, "serve", "--data", str(tmp_path), "--port", "0"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert until(lambda: children(process.pid))
    [worker] = children(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    assert until(lambda: not Path(f"/proc/{worker}").exists())


@pytest.mark.service
def test_a_taken_port_is_a_configuration_fault(run: Run, tmp_path: Path) -> None:
    with serving(tmp_path, ANSO_EMBEDDED_WORKER="false") as (_, url):
        done = run(
            "serve", "--data", str(tmp_path / "b"), "--port", url.rsplit(":", 1)[1], ANSO_EMBEDDED_WORKER="false"
        )
    assert done.returncode == 9
    assert "cannot listen" in done.stderr
