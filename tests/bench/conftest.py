"""Collects what the benchmarks measured: a table at the end, and `results.json` beside this file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

RESULTS = Path(__file__).parent / "results.json"


class Board:
    """The rows of one run."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def add(self, what: str, figure: float, unit: str, *, aim: str) -> None:
        self.rows.append({"what": what, "figure": round(figure, 3), "unit": unit, "aim": aim})


@pytest.fixture(scope="session")
def board() -> Iterator[Board]:
    made = Board()
    yield made
    RESULTS.write_text(json.dumps(made.rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    width = max((len(str(row["what"])) for row in made.rows), default=0)
    for row in made.rows:
        print(f"\n{row['what']:<{width}}  {row['figure']:>10} {row['unit']:<5} aim {row['aim']}", end="")  # noqa: T201
    print()  # noqa: T201
