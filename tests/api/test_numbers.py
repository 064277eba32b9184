"""The register of document numbers (model.md I13, scenario S04)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api.db import Database
from api.errors import NumberNotReserved
from api.records.numbers import METADATA, NumberEntry, NumberRegister, NumberState

AT = datetime(2024, 8, 1, 2, 30, tzinfo=UTC)
DAY = date(2024, 8, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'numbers.db'}")
    METADATA.create_all(database.engine)
    yield database
    database.close()


def reserve(database: Database, result_id: str, day: date = DAY, symbol: str = "TLKS-UBND") -> NumberEntry:
    with database.transaction() as tx:
        return NumberRegister(tx).reserve(org_code="H49", symbol=symbol, result_id=result_id, document_date=day, at=AT)


def test_numbers_of_a_series_follow_each_other_and_are_printed_with_two_digits(database: Database) -> None:
    assert [reserve(database, f"res_{n}").text for n in range(3)] == ["01/TLKS-UBND", "02/TLKS-UBND", "03/TLKS-UBND"]


def test_a_new_year_and_another_symbol_start_at_one(database: Database) -> None:
    reserve(database, "res_a")
    assert reserve(database, "res_b", day=date(2025, 1, 2)).number == 1
    assert reserve(database, "res_c", symbol="QĐ-UBND").number == 1


def test_concurrent_reservations_give_every_result_its_own_number_without_a_gap(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: reserve(database, f"res_{n}").number, range(40)))
    assert sorted(taken) == list(range(1, 41))


def test_a_voided_number_keeps_its_reason_and_is_never_given_again(database: Database) -> None:
    reserve(database, "res_a")
    with database.transaction() as tx:
        NumberRegister(tx).void("res_a", "lãnh đạo trả lại", AT)
    assert reserve(database, "res_b").number == 2
    with database.reading() as tx:
        first, second = NumberRegister(tx).entries("H49", 2024, "TLKS-UBND")
    assert (first.state, first.reason) == (NumberState.VOID, "lãnh đạo trả lại")
    assert second.state is NumberState.RESERVED


def test_who_holds_no_number_is_told_so(database: Database) -> None:
    with database.reading() as tx, pytest.raises(NumberNotReserved):
        NumberRegister(tx).reserved_for("res_none")


def test_a_used_number_can_be_neither_voided_nor_used_again(database: Database) -> None:
    reserve(database, "res_a")
    with database.transaction() as tx:
        NumberRegister(tx).use("res_a", AT)
    for act in (lambda r: r.use("res_a", AT), lambda r: r.void("res_a", "x", AT)):
        with database.transaction() as tx, pytest.raises(NumberNotReserved) as refused:
            act(NumberRegister(tx))
        assert refused.value.code == "NUMBER_NOT_RESERVED"


def test_a_reservation_rolled_back_leaves_no_gap(database: Database) -> None:
    def reserve_and_fail() -> None:
        with database.transaction() as tx:
            NumberRegister(tx).reserve(org_code="H49", symbol="TLKS-UBND", result_id="res_a", document_date=DAY, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        reserve_and_fail()
    assert reserve(database, "res_b").number == 1
