"""The exported results of a batch are opened with a spreadsheet: no cell of theirs is run as a formula."""

import csv
import io

import pytest

from api.records.bulk_rows import RowResult, RowState
from api.schemas.batches import rows_as_csv


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠SUM(A1)", '=HYPERLINK("http://x";"y")']
)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    refused = RowResult(row_number=2, state=RowState.REFUSED, reason_code="ROW_NAME", reason_vi=text, reason_en=text)
    exported = rows_as_csv([refused], lambda _code: (text, text)).decode("utf-8-sig")
    (_header, row) = csv.reader(io.StringIO(exported, newline=""))
    assert any(text in cell for cell in row)
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＠")) for cell in row)
