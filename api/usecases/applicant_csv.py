"""Reads an applicants' file: CSV in UTF-8, comma or semicolon, first line with the names of the columns.

Knows columns, their Vietnamese names and bounds. Must not know people or agencies: what stands in a row is judged by
`applicant_row`, one row at a time. Nothing of a cell is repeated in an error.
"""

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from api.errors import CsvBroken, CsvEncodingWrong, CsvHeaderWrong, CsvTooLarge, CsvWithoutRows

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 20
_MAX_FIELD: Final = 16 * 1024  # a certificate request in base64 has 1-4 KB; a quote that never closes ends here
_ENCODING_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

_NAMES: Final = {
    "personal_id": ("so_dinh_danh", "so_dinh_danh_ca_nhan", "so_cccd", "cccd", "so_can_cuoc"),
    "name": ("ho_ten", "ho_va_ten", "full_name"),
    "date_of_birth": ("ngay_sinh", "dob"),
    "sex": ("gioi_tinh",),
    "org_code": ("ma_don_vi", "ma_co_quan"),
    "title": ("chuc_danh", "chuc_vu"),
    "evidence": ("can_cu", "minh_chung"),
    "csr": ("yeu_cau_token", "pkcs10"),
    "": ("stt", "no", "so_thu_tu"),
}
"""Every column by its name on the wire, with what else it may be called; the last one is read and ignored."""

CITIZEN_COLUMNS: Final = frozenset({"personal_id", "name", "date_of_birth"})
OFFICIAL_COLUMNS: Final = frozenset({"personal_id", "org_code", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One row as it stands in the file."""

    number: int
    """As a spreadsheet counts lines: the first line is 1."""
    cells: tuple[tuple[str, str], ...] | None = field(repr=False)
    """Column and text, trimmed; None: the row has another number of cells than the first line."""


def read_applicants(data: bytes, needed: frozenset[str]) -> tuple[FileRow, ...]:
    """The rows of a file; blank ones are left out.

    Args:
        data: the file as it was uploaded.
        needed: columns that the first line must name.

    Raises:
        CsvTooLarge, CsvEncodingWrong, CsvBroken, CsvHeaderWrong, CsvWithoutRows: nothing of the file can be used.
    """
    if len(data) > MAX_BYTES:
        raise CsvTooLarge(f"Tối đa {MAX_BYTES // 1024 // 1024} MiB.", f"At most {MAX_BYTES // 1024 // 1024} MiB.")
    text = _decoded(data)
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows = _records(text, delimiter)
    columns = _columns(rows[0][1] if rows else [], needed)
    found = tuple(_row(number, cells, columns) for number, cells in rows[1:] if any(cell.strip() for cell in cells))
    if not found:
        raise CsvWithoutRows("Tệp chỉ có dòng tiêu đề.", "There is nothing below the first line.")
    return found


def _decoded(data: bytes) -> str:
    """The text, NFC. The two-byte encodings and the old Vietnamese ones are told apart from a broken file."""
    if data.startswith(_ENCODING_MARKS):
        raise CsvEncodingWrong("Hãy lưu tệp ở dạng CSV UTF-8.", "Save the file as CSV UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise CsvEncodingWrong("Hãy lưu tệp ở dạng CSV UTF-8.", "Save the file as CSV UTF-8.") from err
    if "\x00" in text:
        raise CsvBroken("Tệp có ký tự NUL.", "The file holds NUL characters.")
    return unicodedata.normalize("NFC", text)


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every record with its number; a quote that does not close, or that something follows, breaks the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS + 1:
                raise CsvTooLarge(f"Tối đa {MAX_ROWS} dòng.", f"At most {MAX_ROWS} rows.")
            if len(cells) > 2 * MAX_COLUMNS or any(len(cell) > _MAX_FIELD for cell in cells):
                raise _broken(number)
            found.append((number, cells))
    except csv.Error as err:
        raise _broken(len(found) + 1) from err
    return found


def _broken(number: int) -> CsvBroken:
    return CsvBroken(f"Dấu nháy hoặc ô sai ở dòng {number}.", f"Wrong quotes or cells in row {number}.")


def _columns(header: list[str], needed: frozenset[str]) -> tuple[str, ...]:
    known = {alias: name for name, aliases in _NAMES.items() for alias in (name, *aliases) if alias}
    columns: list[str] = []
    for position, cell in enumerate(header, start=1):
        name = known.get(_plain(cell))
        if name is None:
            raise CsvHeaderWrong(f"Không rõ cột thứ {position}.", f"Column {position} has an unknown name.")
        if name and name in columns:
            raise CsvHeaderWrong(f"Cột {name} có hai lần.", f"The column {name} comes twice.")
        columns.append(name)
    missing = ", ".join(sorted(needed.difference(columns)))
    if missing:
        raise CsvHeaderWrong(f"Thiếu cột: {missing}.", f"Missing columns: {missing}.")
    return tuple(columns)


def _plain(header: str) -> str:
    """A column's name for comparison: without marks, lower case, words joined by an underscore."""
    split = unicodedata.normalize("NFD", header.strip().casefold().replace("đ", "d"))
    letters = "".join(letter for letter in split if not unicodedata.combining(letter))
    return "_".join("".join(c if c.isalnum() else " " for c in letters[:64]).split())


def _row(number: int, cells: list[str], columns: tuple[str, ...]) -> FileRow:
    if len(cells) != len(columns):
        return FileRow(number=number, cells=None)
    return FileRow(
        number=number,
        cells=tuple((name, cell.strip(" ")) for name, cell in zip(columns, cells, strict=True) if name),
    )
