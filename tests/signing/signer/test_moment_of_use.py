"""Of two who sign under one authorisation at once, neither comes before the moment at which it was started."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from signing.authorisation_sql import Book
from signing.signer.authorised import AuthorisedKeys
from tests.signing.signer.test_desk import ALGORITHM, AT, EASY, Bench

DIGEST = "a" * 64


def test_the_moment_of_a_use_is_read_while_nobody_else_can_start(tmp_path: Path) -> None:
    bench = Bench(f"sqlite:///{tmp_path / 'desk.sqlite3'}", EASY)
    held: list[sa.Connection] = []
    read: list[bool] = []

    @contextmanager
    def holding() -> Iterator[sa.Connection]:
        with bench.book.transaction() as tx:
            held.append(tx)
            yield tx
            held.pop()

    def clock() -> datetime:
        read.append(bool(held))
        return AT

    authorisation = bench.agreed(DIGEST)
    book: Any = Book(transaction=holding, reading=bench.book.reading)
    keys = AuthorisedKeys(authorisation_id=authorisation, book=book, keys=bench.keys, clock=clock)
    assert keys.sign("key_1", bench.attributes(DIGEST), ALGORITHM)
    # read before, a second one that waited for the first would be "before the start" and end the whole list
    assert read == [True]
