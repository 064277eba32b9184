"""Reports remembered: bounded, forgotten in order, and never older than what the register knows."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.remembered import RememberedReports
from api.usecases.judge_signatures import Terms, judge_signatures, work_on_pdf
from signing.registry import CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import RegistrySql
from signing.validation import Reason, Report
from tests.api.sealed_files import sealed_by

AT = datetime(2026, 11, 23, tzinfo=UTC)


def report(name: str = "0", warnings: int = 0) -> Report:
    return Report(
        file_sha256=name * 64, file_size=1, policy_id="p", checked_at=AT, signatures=(),
        warnings=tuple(Reason)[:warnings],
    )  # fmt: skip


def test_a_report_is_found_by_its_own_question_only() -> None:
    memory = RememberedReports(max_count=2, max_bytes=100_000)
    memory.keep("a", report("a"))
    assert memory.find("a") == report("a")
    assert memory.find("b") is None


def test_the_longest_unused_goes_first() -> None:
    memory = RememberedReports(max_count=2, max_bytes=100_000)
    for name in "ab":
        memory.keep(name, report(name))
    assert memory.find("a")
    memory.keep("c", report("c"))
    assert [memory.find(name) is not None for name in "abc"] == [True, False, True]


def test_bytes_bind_as_well_as_numbers() -> None:
    memory = RememberedReports(max_count=1000, max_bytes=2_000)
    for number in range(50):
        memory.keep(number, report())
    assert 0 < len(memory) < 50
    assert memory._bytes <= 2_000
    for _ in range(50):
        memory.keep("same", report())
    assert memory._bytes <= 2_000


@pytest.mark.parametrize(("count", "size"), [(0, 1000), (10, 0), (10, 10)])
def test_nothing_is_remembered_where_there_is_no_room(count: int, size: int) -> None:
    memory = RememberedReports(max_count=count, max_bytes=size)
    memory.keep("a", report())
    assert (memory.find("a"), len(memory), memory._bytes) == (None, 0, 0)


def test_many_threads_leave_the_sum_right() -> None:
    memory = RememberedReports(max_count=20, max_bytes=100_000)

    def work(thread: int) -> None:
        for number in range(300):
            memory.keep((thread, number % 30), report())
            memory.find((thread, number % 7))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory) <= 20
    assert memory._bytes == sum(size for _, size in memory._kept.values())


class Counting:
    """The workers, counted."""

    def __init__(self, workers: Any) -> None:
        self.workers, self.calls = workers, 0

    def call(self, *args: Any, **more: Any) -> Any:
        self.calls += 1
        return self.workers.call(*args, **more)


@pytest.fixture
def counted(fresh_install: Any) -> Any:
    made = fresh_install()
    workers = Counting(made.services.workers)
    return made, replace(made.services, workers=workers), workers


def test_the_same_question_is_worked_on_once_a_minute_and_another_one_anew(counted: Any) -> None:
    installation, services, workers = counted
    work, at = work_on_pdf(sealed_by(installation)), installation.clock.at.replace(second=0)
    judge_signatures(work, Terms(), services, at)
    judge_signatures(work, Terms(), services, at + timedelta(seconds=59))
    assert workers.calls == 1
    judge_signatures(work, Terms(), services, at + timedelta(seconds=60))
    assert workers.calls == 2
    for terms in (Terms(policy_id="vn.tt22-2020"), Terms(then=at - timedelta(hours=1)), Terms(password="x")):
        judge_signatures(work, terms, services, at + timedelta(seconds=60))
    assert workers.calls == 5
    judge_signatures(work, Terms(password="x"), services, at + timedelta(seconds=60))
    assert workers.calls == 6  # never remembered


def test_a_revocation_is_seen_in_the_same_second(counted: Any) -> None:
    installation, services, workers = counted
    work, at = work_on_pdf(sealed_by(installation, stamped=False)), installation.clock.at
    before = judge_signatures(work, Terms(), services, at)
    assert before.verdict.value == "valid"
    digest = before.signatures[0].certificate_sha256
    with services.db.transaction() as tx:
        registry = RegistrySql(tx)
        record = registry.by_sha256(digest)
        registry.change_status(
            StatusChange(
                certificate_id=record.certificate_id,
                before=CertificateStatus.ACTIVE,
                after=CertificateStatus.REVOKED,
                at=at,
                actor="system",
                reason=RevocationReason.KEY_COMPROMISE,
            )
        )
    after = judge_signatures(work, Terms(), services, at)
    assert after.verdict.value != "valid"
    assert workers.calls <= 2
