"""Judges one row of an applicants' file by itself: forms, dates, and whether number, birth and sex agree.

Knows the forms of names and citizen numbers. Must not know records: whether the person exists is asked later. Nothing
of a cell is repeated in an error.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from api.errors import (
    RowBirthConflict,
    RowBirthInvalid,
    RowCellUnsafe,
    RowEvidenceInvalid,
    RowNameInvalid,
    RowNumberInvalid,
    RowPersonUnable,
    RowShapeWrong,
)
from api.usecases.applicant_csv import FileRow
from api.usecases.evidence_reference import is_reference
from api.vietnam_time import vietnam_day
from signing.errors import NameInvalid
from signing.identity import clean_common_name, clean_org_code, clean_personal_id

ADULT_YEARS: Final = 18
"""Civil Code 2015 Art. 20: of age from 18 on; a younger applicant needs a guardian, which a row cannot name."""
_OLDEST_YEARS: Final = 130
_MAX_CELL: Final = 300
_MAX_REQUEST_CELL: Final = 8 * 1024
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run (OWASP, CSV injection); no value of ours begins so."""
_DATE_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII),
)
_SEXES: Final = {"nam": "male", "male": "male", "nu": "female", "female": "female"}
_REQUEST: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What a row says, in normal forms. The citizen number is not shown by `repr`."""

    personal_id: str = field(repr=False)
    name: str = field(repr=False)
    """NFC; empty for an official whose row names none."""
    date_of_birth: date | None = field(repr=False)
    sex: str | None = field(repr=False)
    org_code: str | None
    title: str | None
    evidence: str | None
    """Reference of this row; None: that of the batch."""
    csr: str | None = field(repr=False)
    """Certificate request of the applicant's own token, base64 of its DER."""


def row_to_bytes(row: FileRow) -> bytes:
    """A row as it is sealed while it waits."""
    return json.dumps(row.cells, ensure_ascii=False).encode()


def row_from_bytes(number: int, content: bytes) -> FileRow:
    """A row that `row_to_bytes` wrote."""
    cells = json.loads(content)
    return FileRow(number=number, cells=None if cells is None else tuple((name, text) for name, text in cells))


def read_citizen(row: FileRow, at: datetime) -> Applicant:
    """A citizen of age with number, name and date of birth.

    Raises:
        RowRefused: the leaf says why.
    """
    cells = _cells(row)
    number = _number(cells)
    born = _birth(cells.get("date_of_birth", ""), at)
    sex = _sex(cells.get("sex", ""))
    if _year_in(number) != born.year:
        raise RowBirthConflict("Số định danh ghi năm sinh khác.", "The number says another year of birth.")
    if sex is not None and sex != _sex_in(number):
        raise RowBirthConflict("Số định danh ghi giới tính khác.", "The number says another sex.")
    if _years_between(born, vietnam_day(at)) < ADULT_YEARS:
        raise RowPersonUnable("Người này chưa đủ 18 tuổi.", "The person is not of age.")
    return Applicant(
        personal_id=number,
        name=_name(cells.get("name", "")),
        date_of_birth=born,
        sex=sex or _sex_in(number),
        org_code=None,
        title=None,
        evidence=_evidence(cells),
        csr=_request(cells),
    )


def read_official(row: FileRow) -> Applicant:
    """An official by number, agency and title; the name is compared when the row has one.

    Raises:
        RowRefused: the leaf says why.
    """
    cells = _cells(row)
    try:
        org_code = clean_org_code(cells.get("org_code", "").upper())
    except NameInvalid as err:
        raise RowCellUnsafe("Mã đơn vị sai cấu trúc.", "The agency's code is malformed.") from err
    title = " ".join(unicodedata.normalize("NFC", cells.get("title", "")).split())
    if not title or not title.isprintable():
        raise RowCellUnsafe("Thiếu chức danh.", "The title is missing.")
    return Applicant(
        personal_id=_number(cells),
        name=_name(cells["name"]) if cells.get("name") else "",
        date_of_birth=None,
        sex=None,
        org_code=org_code,
        title=title,
        evidence=_evidence(cells),
        csr=None,
    )


def _cells(row: FileRow) -> dict[str, str]:
    if row.cells is None:
        raise RowShapeWrong("Số ô khác dòng tiêu đề.", "Another number of cells than in the first line.")
    for name, text in row.cells:
        limit = _MAX_REQUEST_CELL if name == "csr" else _MAX_CELL
        if text.startswith(_FORMULA) or '"' in text or "\n" in text or "\r" in text or len(text) > limit:
            raise RowCellUnsafe(f"Ô {name} không an toàn hoặc quá dài.", f"The cell {name} is unsafe or too long.")
    return dict(row.cells)


def _number(cells: dict[str, str]) -> str:
    try:
        return clean_personal_id(cells.get("personal_id", "").replace(" ", ""))
    except NameInvalid as err:
        raise RowNumberInvalid(
            "Cần 12 chữ số bắt đầu bằng mã nơi sinh.", "12 digits that begin with a place code are needed."
        ) from err


def _name(text: str) -> str:
    try:
        return clean_common_name(text)
    except NameInvalid as err:
        raise RowNameInvalid(
            "Họ tên trống, quá dài hoặc có ký tự ẩn.", "The name is empty, too long, or holds hidden characters."
        ) from err


def _birth(text: str, at: datetime) -> date:
    today = vietnam_day(at)
    for form in _DATE_FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        try:
            born = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            break
        if born <= today and today.year - born.year <= _OLDEST_YEARS:
            return born
        break
    raise RowBirthInvalid(
        "Cần ngày dạng 2001-12-31 hoặc 31/12/2001.", "A date like 2001-12-31 or 31/12/2001 is needed."
    )


def _sex(text: str) -> str | None:
    if not text:
        return None
    split = unicodedata.normalize("NFD", text.casefold())
    sex = _SEXES.get("".join(letter for letter in split if not unicodedata.combining(letter)))
    if sex is None:
        raise RowCellUnsafe("Giới tính là Nam hoặc Nữ.", "The sex is Nam or Nữ (male or female).")
    return sex


def _year_in(number: str) -> int:
    # Circular 59/2021/TT-BCA Art. 4: digit 4 is century and sex (0-1: 20th century), digits 5-6 the year
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])


def _sex_in(number: str) -> str:
    return "female" if int(number[3]) % 2 else "male"


def _years_between(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _evidence(cells: dict[str, str]) -> str | None:
    text = cells.get("evidence", "")
    if text and not is_reference(text):
        raise RowEvidenceInvalid("Căn cứ có 1-128 ký tự thường.", "A reference has 1-128 plain characters.")
    return text or None


def _request(cells: dict[str, str]) -> str | None:
    text = cells.get("csr", "")
    if text and not _REQUEST.fullmatch(text):
        raise RowCellUnsafe("Cột csr cần base64 của PKCS#10.", "The column csr takes base64 of a PKCS#10.")
    return text or None
