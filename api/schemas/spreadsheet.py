"""Tables for spreadsheets: RFC 4180, UTF-8 with its mark, and no cell that a spreadsheet would run as a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Final

CSV_TYPE: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones run, too


def spreadsheet(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """The table as CSV; None is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow("" if value is None else inert(str(value)) for value in row)
    return out.getvalue().encode("utf-8-sig")


def inert(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
