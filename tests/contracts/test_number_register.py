"""The register of numbers on SQLite and PostgreSQL, by threads and by processes at once (I13, S04)."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api.db import Database
from api.errors import NumberNotReserved
from api.records.numbers import METADATA, NumberEntry, NumberRegister, NumberState

AT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
SERIES = "QĐ-UBND"

_PROCESS = """
import sys
from datetime import UTC, date, datetime
from api.db import Database
from api.records.numbers import NumberRegister
url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = Database(url)
for turn in range(count):
    with database.transaction() as tx:
        NumberRegister(tx).reserve(
            org_code="H49", symbol="Q\u0110-UBND", result_id=f"res_{name}_{turn}",
            document_date=date(2026, 11, 23), at=datetime(2026, 11, 23, 2, 30, tzinfo=UTC), by=name,
        )
database.close()
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    server = None if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    made = server.new_database() if server else f"sqlite:///{tmp_path / 'numbers.sqlite3'}"
    yield str(made)
    if server:
        server.drop_database(made)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    METADATA.create_all(made.engine)
    yield made
    made.close()


def reserve(database: Database, result_id: str, day: date = DAY, org: str = "H49") -> NumberEntry:
    with database.transaction() as tx:
        return NumberRegister(tx).reserve(
            org_code=org, symbol=SERIES, result_id=result_id, document_date=day, at=AT, by="sub_clerk"
        )


def entries(database: Database, year: int = 2026, **part: int) -> tuple[NumberEntry, ...]:
    with database.reading() as tx:
        return NumberRegister(tx).entries("H49", year, SERIES, **part)


def test_threads_at_once_each_get_their_own_number_without_a_gap(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda n: reserve(database, f"res_{n}").number, range(24)))
    assert sorted(taken) == list(range(1, 25))


def test_processes_at_once_each_get_their_own_number_without_a_gap(database: Database, url: str) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _PROCESS, url, f"p{n}", "10"]) for n in range(3)]
    assert [one.wait(timeout=60) for one in running] == [0, 0, 0]
    found = entries(database)
    assert [one.number for one in found] == list(range(1, 31))
    assert {one.reserved_by for one in found} == {"p0", "p1", "p2"}
    assert len({one.result_id for one in found}) == 30


def test_the_series_of_a_year_and_of_an_agency_count_for_themselves(database: Database) -> None:
    assert reserve(database, "res_old", date(2026, 12, 31)).text == "01/QĐ-UBND"
    assert reserve(database, "res_new", date(2027, 1, 1)).text == "01/QĐ-UBND"
    assert reserve(database, "res_other", org="H50").text == "01/QĐ-UBND"
    assert reserve(database, "res_next").number == 2
    assert [one.result_id for one in entries(database, 2027)] == ["res_new"]


def test_an_entry_says_who_reserved_and_who_closed_it_when_and_why(database: Database) -> None:
    reserve(database, "res_a")
    reserve(database, "res_b")
    with database.transaction() as tx:
        NumberRegister(tx).void("res_a", "sai tên", AT.replace(hour=3), by="sub_leader")
        NumberRegister(tx).use("res_b", AT.replace(hour=4), by="sub_seal")
    void, used = entries(database)
    assert (void.reserved_by, void.reserved_at, void.changed_by, void.reason) == (
        "sub_clerk", AT, "sub_leader", "sai tên",
    )  # fmt: skip
    assert (used.state, used.changed_by, used.changed_at.hour, used.reason) == (NumberState.USED, "sub_seal", 4, None)


def test_a_page_of_the_register_begins_behind_a_number(database: Database) -> None:
    for n in range(5):
        reserve(database, f"res_{n}")
    assert [one.number for one in entries(database, after=2, limit=2)] == [3, 4]


def test_only_open_reservations_of_days_that_ended_have_lapsed(database: Database) -> None:
    for name, day in (("res_1", date(2026, 11, 21)), ("res_2", date(2026, 11, 20)), ("res_3", DAY)):
        reserve(database, name, day)
    reserve(database, "res_4", date(2026, 11, 20))
    with database.transaction() as tx:
        NumberRegister(tx).use("res_4", AT)
    with database.reading() as tx:
        register = NumberRegister(tx)
        assert [one.result_id for one in register.lapsed(DAY, 10)] == ["res_2", "res_1"]
        assert [one.result_id for one in register.lapsed(DAY, 1)] == ["res_2"]
        assert register.lapsed(date(2026, 11, 20), 10) == ()


def test_of_a_use_and_a_void_at_once_exactly_one_counts(database: Database) -> None:
    reserve(database, "res_a")

    def close(act: str) -> bool:
        try:
            with database.transaction() as tx:
                register = NumberRegister(tx)
                register.use("res_a", AT) if act == "use" else register.void("res_a", "x", AT)
        except NumberNotReserved:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, ("use", "void"))) == [False, True]
