"""Applicants' files: what is read, and what is refused before anything is kept."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import (
    AnsoError,
    CsvBroken,
    CsvEncodingWrong,
    CsvHeaderWrong,
    CsvTooLarge,
    CsvWithoutRows,
    RowBirthConflict,
    RowBirthInvalid,
    RowCellUnsafe,
    RowEvidenceInvalid,
    RowNameInvalid,
    RowNumberInvalid,
    RowPersonUnable,
    RowRefused,
    RowShapeWrong,
)
from api.usecases import applicant_csv
from api.usecases.applicant_csv import CITIZEN_COLUMNS, OFFICIAL_COLUMNS, FileRow, read_applicants
from api.usecases.applicant_person import same_text
from api.usecases.applicant_row import read_citizen, read_official, row_from_bytes, row_to_bytes
from tests.api.bulk.applicants import BAD, HEADER, a_file, citizen

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GOOD = "022090100001,Lê Văn Đức,1990-01-31"


def rows_of(text: str, needed: frozenset[str] = CITIZEN_COLUMNS) -> tuple[FileRow, ...]:
    return read_applicants(text.encode(), needed)


def a_row(line: str, header: str = HEADER) -> FileRow:
    return rows_of(f"{header}\n{line}\n")[0]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_both_separators_line_ends_and_the_mark_of_utf8_are_read(mark: bytes, end: str, delimiter: str) -> None:
    text = end.join([HEADER, GOOD, ""]).replace(",", delimiter)
    (row,) = read_applicants(mark + text.encode(), CITIZEN_COLUMNS)
    found = read_citizen(row, AT)
    assert row.number == 2
    assert (found.name, found.date_of_birth, found.sex) == ("Lê Văn Đức", date(1990, 1, 31), "male")


@pytest.mark.parametrize(
    "header",
    [
        "Số định danh cá nhân,Họ và tên,Ngày sinh",
        "SO CCCD,Ho ten,Ngay_sinh",
        "STT,so_dinh_danh,HỌ TÊN,ngày  sinh",
        "cccd,full name,DOB,Giới tính,Căn cứ",
    ],
)
def test_columns_may_have_their_vietnamese_names_in_any_case_and_order(header: str) -> None:
    names = header.split(",")
    cells = ["1"] if names[0] == "STT" else []
    cells += GOOD.split(",")
    cells += ["Nam", "KH 5"][: len(names) - len(cells)]
    found = read_citizen(a_row(",".join(cells), header), AT)
    assert found.personal_id == "022090100001"


def test_names_in_separate_marks_are_composed() -> None:
    decomposed = "022090100001,Le\u0302 Va\u0306n A\u0301nh,1990-01-31"
    assert read_citizen(a_row(decomposed), AT).name == "Lê Văn Ánh"


def test_blank_lines_are_no_rows_and_keep_the_count_of_the_spreadsheet() -> None:
    found = rows_of(f"{HEADER}\n{GOOD}\n,,\n\n{GOOD}\n")
    assert [row.number for row in found] == [2, 5]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (HEADER.encode("utf-16"), CsvEncodingWrong),
        (f"{HEADER}\n022090100001,Lê,1990-01-01\n".encode("utf-16-be"), CsvEncodingWrong),
        (b"\xfe\xff\x00a", CsvEncodingWrong),
        (f"{HEADER}\n022090100001,L\xea,1990-01-01\n".encode("cp1258"), CsvEncodingWrong),
        (f"{HEADER}\n0220901\x0000001,Lê,1990-01-01\n".encode(), CsvBroken),
        (f'{HEADER}\n"022090100001,Lê,1990-01-01\n'.encode(), CsvBroken),
        (f'{HEADER}\n"022090100001"x,Lê,1990-01-01\n'.encode(), CsvBroken),
        (f'{HEADER}\n"{"a" * 20_000}",b,c\n'.encode(), CsvBroken),
        (f"{HEADER}\n{',' * 1000}\n".encode(), CsvBroken),
        (f"{HEADER},name\n{GOOD},x\n".encode(), CsvHeaderWrong),
        (f"{HEADER},Họ tên\n{GOOD},x\n".encode(), CsvHeaderWrong),
        (f"{HEADER},password\n{GOOD},x\n".encode(), CsvHeaderWrong),
        (f"{HEADER},\n{GOOD},x\n".encode(), CsvHeaderWrong),
        (b"personal_id,name\n022090100001,a\n", CsvHeaderWrong),
        (b"", CsvHeaderWrong),
        (b"\n\n", CsvHeaderWrong),
        (f"{GOOD}\n".encode(), CsvHeaderWrong),
        (f"{HEADER}\n\n,,\n".encode(), CsvWithoutRows),
        (HEADER.encode(), CsvWithoutRows),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(content: bytes, error: type[AnsoError]) -> None:
    with pytest.raises(error) as caught:
        read_applicants(content, CITIZEN_COLUMNS)
    assert "022090100001" not in str(caught.value) + caught.value.detail_vi


def test_bytes_and_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applicant_csv, "MAX_ROWS", 3)
    assert len(rows_of("\n".join([HEADER, *[GOOD] * 3]))) == 3
    with pytest.raises(CsvTooLarge):
        rows_of("\n".join([HEADER, *[GOOD] * 4]))
    monkeypatch.setattr(applicant_csv, "MAX_BYTES", 10)
    with pytest.raises(CsvTooLarge):
        rows_of(HEADER)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("02209010000a,Lê Văn An,1990-01-01", RowNumberInvalid),
        ("٠٢٢٠٩٠١٠٠٠٠١,Lê Văn An,1990-01-01", RowNumberInvalid),  # digits of another script
        ("000090100001,Lê Văn An,1990-01-01", RowNumberInvalid),
        ("022090100001, ,1990-01-01", RowNameInvalid),
        (f"022090100001,{'Ê' * 33},1990-01-01", RowNameInvalid),  # 66 octets
        ("022090100001,Lê\u200bVăn,1990-01-01", RowNameInvalid),
        ("022090100001,12345,1990-01-01", RowNameInvalid),
        ("022090100001,Lê Văn An,1990-13-01", RowBirthInvalid),
        ("022090100001,Lê Văn An,01-01-90", RowBirthInvalid),
        ("022090100001,Lê Văn An,soon", RowBirthInvalid),
        ("022090100001,Lê Văn An,1850-01-01", RowBirthInvalid),
        ("022090100001,Lê Văn An,1991-01-01", RowBirthConflict),
        ("022190100001,Lê Thị An,1990-01-01,Nam", RowBirthConflict),
        ("022190100001,Lê Thị An,1990-01-01,khác", RowCellUnsafe),
        ("022208100001,Lê Văn An,2008-11-24", RowPersonUnable),  # eighteen tomorrow
        ("022090100001,=HYPERLINK(A1),1990-01-01", RowCellUnsafe),
        ("-1,Lê Văn An,1990-01-01", RowCellUnsafe),
        ('022090100001,"Lê ""An""",1990-01-01', RowCellUnsafe),
        ('022090100001,"Lê\nAn",1990-01-01', RowCellUnsafe),
        (f"022090100001,{'a' * 301},1990-01-01", RowCellUnsafe),
        ("022090100001,Lê Văn An", RowShapeWrong),
        ("022090100001,Lê Văn An,1990-01-01,Nam,x,x", RowShapeWrong),
        ("022090100001,Lê Văn An,1990-01-01,Nam,a<script>", RowEvidenceInvalid),
    ],
)
def test_a_bad_row_is_refused_alone_without_repeating_it(line: str, error: type[RowRefused]) -> None:
    columns = {2: HEADER, 3: HEADER, 4: HEADER + ",sex"}.get(line.count(",") + 1, HEADER + ",sex,evidence")
    with pytest.raises(error) as caught:
        read_citizen(a_row(line, columns), AT)
    assert caught.value.detail_vi
    assert caught.value.detail_en
    assert "022" not in caught.value.detail_vi + caught.value.detail_en


def test_a_citizen_of_age_today_and_one_with_an_own_date_form_are_taken() -> None:
    assert read_citizen(a_row("022208100001,Lê Văn An,23/11/2008"), AT).date_of_birth == date(2008, 11, 23)
    assert read_citizen(a_row("022090100001,Lê Văn An,1.2.1990"), AT).date_of_birth == date(1990, 2, 1)


def test_the_token_request_of_a_row_has_the_form_of_base64() -> None:
    header = HEADER + ",csr"
    assert read_citizen(a_row(f"{GOOD},MIIB", header), AT).csr == "MIIB"
    with pytest.raises(RowCellUnsafe):
        read_citizen(a_row(f"{GOOD},MII!", header), AT)


def test_an_official_is_read_by_number_agency_and_title() -> None:
    header = "so_cccd;ma_don_vi;chuc_vu;ho_ten"
    (row,) = rows_of(f"{header}\n022090100001;h49.61.07;Phó  Chủ tịch;\n", OFFICIAL_COLUMNS)
    found = read_official(row)
    assert (found.org_code, found.title, found.name) == ("H49.61.07", "Phó Chủ tịch", "")
    for line, error in (
        ("022090100001;H49 61;Chủ tịch;", RowCellUnsafe),
        ("022090100001;H49.61;;", RowCellUnsafe),
        ("1;H49.61;Chủ tịch;", RowNumberInvalid),
    ):
        with pytest.raises(error):
            read_official(rows_of(f"{header}\n{line}\n", OFFICIAL_COLUMNS)[0])


def test_case_spaces_and_the_place_of_a_tone_do_not_make_another_name() -> None:
    assert same_text("NGUYỄN THỊ HOÀ", "Nguyễn  Thị Hòa")
    assert not same_text("Nguyễn Thị Hòa", "Nguyễn Thị Hoa")


def test_made_up_files_hold_the_rows_that_the_tests_count_on() -> None:
    content, reasons = a_file(100, 14)
    found = read_applicants(content, CITIZEN_COLUMNS)
    assert len(found) == 114
    assert sorted(reasons.values()) == sorted(code for _, code in BAD)
    for row in found:
        if row.number in reasons:
            with pytest.raises(RowRefused) as caught:
                read_citizen(row, AT)
            assert caught.value.code == reasons[row.number]
        else:
            read_citizen(row, AT)
    assert len({citizen(index).split(",")[0] for index in range(25_000)}) == 25_000


@given(st.lists(st.tuples(st.sampled_from(["personal_id", "name"]), st.text()), max_size=4))
def test_a_row_that_waits_comes_back_as_it_was(cells: list[tuple[str, str]]) -> None:
    row = FileRow(number=7, cells=tuple(cells))
    assert row_from_bytes(7, row_to_bytes(row)) == row
    nothing = FileRow(number=7, cells=None)
    assert row_from_bytes(7, row_to_bytes(nothing)) == nothing


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_the_answer_is_rows_or_an_error_of_ours(content: bytes) -> None:
    for data in (content, HEADER.encode() + b"\n" + content):
        try:
            found = read_applicants(data, CITIZEN_COLUMNS)
        except AnsoError as err:
            codes = {err.code.partition("_")[0]}
        else:
            codes = {code_of(row).partition("_")[0] for row in found}
        assert codes <= {"CSV", "ROW"}


def code_of(row: FileRow) -> str:
    try:
        read_citizen(row, AT)
    except RowRefused as err:
        return err.code
    return "ROW_"


@given(st.tuples(st.text(), st.text(), st.text()))
def test_cells_that_a_spreadsheet_writes_are_read_as_they_are_or_refused(cells: tuple[str, str, str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER.split(","), cells])
    try:
        found = read_applicants(out.getvalue().encode(), CITIZEN_COLUMNS)
    except (AnsoError, UnicodeEncodeError):
        return
    assert len(found) <= 1
