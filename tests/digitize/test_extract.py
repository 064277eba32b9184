"""Fields of each kind of paper, from lines of text; what is unsure is said, never guessed."""

from collections.abc import Callable, Mapping

import pytest

from digitize.classify import carries_secret_mark, classify
from digitize.extract import Reading, extract, mandatory_fields
from digitize.model import DocumentType, Field, Finding
from tests.digitize.papers import line, page_of

Make = Callable[..., Reading]
RIGHT = 900.0

DECISION = (
    "ỦY BAN NHÂN DÂN",
    "THỊ XÃ QUẢNG YÊN",
    "Số: 1207/QĐ-UBND",
    ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", RIGHT),
    ("Quảng Yên, ngày 09 tháng 3 năm 2024", RIGHT),
    "QUYẾT ĐỊNH",
    "Về việc cho phép hộ ông (bà) Phùng Gia",
    "Huy sửa nhà",
    "CHỦ TỊCH ỦY BAN NHÂN DÂN THỊ XÃ QUẢNG YÊN",
    "Căn cứ Luật Đất đai ngày 29 tháng 11 năm 2013;",
    "Điều 1. Cho phép ông (bà) Phùng Gia Huy, số định danh cá nhân",
    "022083001122, thường trú tại phường Yên Giang.",
    ("TM. ỦY BAN NHÂN DÂN", RIGHT),
    ("KT. CHỦ TỊCH", RIGHT),
    ("PHÓ CHỦ TỊCH", RIGHT),
    ("-Vi Thị Mến", RIGHT),
)
BIRTH = (
    "GIẤY KHAI SINH",
    "Số: 57/2020",
    "Họ, chữ đệm, tên: TRẦN MINH KHÔI",
    "Ngày, tháng, năm sinh: 01/06/2020",
    "Giới tính: Nam Dân tộc: Kinh Quốc tịch: Việt Nam",
    "Nơi sinh: Bệnh viện Sản Nhi",
    "Số định danh cá nhân: 022220900014",
    "Họ, chữ đệm, tên người mẹ: Nguyên Thị Thu Trang",
    "Họ, chữ đệm, tên người cha: Trần Quang Huy",
    "Nơi đăng ký khai sinh: Ủy ban nhân dân phường Yên Giang, thị xã Quảng Yên, tỉnh",
    "Quảng Ninh",
    "Ngày, tháng, năm đăng ký: 17/06/2020",
)
ENTERPRISE = (
    "SỞ KẾ HOẠCH VÀ ĐẦU TƯ",
    "TỈNH QUẢNG NINH",
    "PHÒNG ĐĂNG KÝ KINH DOANH",
    "GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP",
    "Mã số doanh nghiệp: 5701234567",
    "Đăng ký lần đầu: ngày 14 tháng 02 năm 2020",
    "Tên công ty viết bằng tiếng Việt: CÔNG TY TNHH BIỂN NHỚ VÀ NHỮNG NGƯỜI BẠN Ở",
    "ĐẢO CÔ TÔ",
    "Họ và tên: LÂM THỊ HOA",
    "Sinh ngày: 18/09/1981 Dân tộc: Kinh",
    "Số giấy tờ pháp lý của cá nhân: 022181554887",
)
REQUEST = (
    "ĐƠN ĐỀ NGHỊ CẤP LẠI GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT",
    "Kính gửi: Ủy ban nhân dân phường Yên Giang",
    "1. Tôi tên là: Bế Văn Đàn...",
    "2. Ngày, tháng, năm sinh: 28/02/1968.",
    "3. Số căn cước công dân: 022068619829.",
    "Quảng Yên, ngày 25 tháng 08 năm 2022",
    "NGƯỜI LÀM ĐƠN",
    "(Ký, ghi rõ họ tên)",
    "Bế Văn Đàn",
)
LETTER = (
    "ỦY BAN NHÂN DÂN",
    "TỈNH QUẢNG NINH",
    "SỞ TƯ PHÁP",
    "Số: 3701/STP-HCTP",
    ("Quảng Ninh, ngày 03 tháng 07 năm 2021", RIGHT),
    "V/v tăng cường sử dụng chữ ký số cá",
    "nhân trong xử lý hồ sơ",
    "Kính gửi: Ủy ban nhân dân huyện Bình Liêu",
    ("GIÁM ĐỐC", RIGHT),
    ("Tằng Quốc Phong", RIGHT),
)
CARD = (
    "CĂN CƯỚC CÔNG DÂN",
    "Số / No.: 022175583906",
    "Họ và tên / Full name:",
    "NGUYỄN THỊ HỒNG SỬU",
    "Ngày sinh / Date of birth: 18/02/1975",
    "Giới tính / Sex: Nữ Quốc tịch / Nationality: Việt Nam",
    "Có giá trị đến: 18/02/2035",
)


def birth(reading_of: Make, *lines: str) -> Mapping[str, Field]:
    return extract(reading_of("GIẤY KHAI SINH", *lines), DocumentType.GIAY_KHAI_SINH)


def values(fields: Mapping[str, Field]) -> dict[str, str]:
    return {name: field.value for name, field in fields.items()}


@pytest.mark.parametrize(
    ("lines", "kind", "expected"),
    [
        (
            DECISION,
            DocumentType.QUYET_DINH,
            {
                "number": "1207/QĐ-UBND",
                "date": "2024-03-09",
                "agency": "ỦY BAN NHÂN DÂN THỊ XÃ QUẢNG YÊN",
                "subject": "Về việc cho phép hộ ông (bà) Phùng Gia Huy sửa nhà",
                "person_name": "Phùng Gia Huy",
                "id_number": "022083001122",
                "signer": "Vi Thị Mến",
                "signer_title": "PHÓ CHỦ TỊCH",
            },
        ),
        (
            BIRTH,
            DocumentType.GIAY_KHAI_SINH,
            {
                "number": "57/2020",
                "date": "2020-06-17",
                "agency": "Ủy ban nhân dân phường Yên Giang, thị xã Quảng Yên, tỉnh Quảng Ninh",
                "person_name": "Trần Minh Khôi",
                "dob": "2020-06-01",
                "sex": "Nam",
                "place_of_birth": "Bệnh viện Sản Nhi",
                "id_number": "022220900014",
                "mother": "Nguyễn Thị Thu Trang",
                "father": "Trần Quang Huy",
            },
        ),
        (
            ENTERPRISE,
            DocumentType.GCN_DKDN,
            {
                "number": "5701234567",
                "date": "2020-02-14",
                "agency": "PHÒNG ĐĂNG KÝ KINH DOANH - SỞ KẾ HOẠCH VÀ ĐẦU TƯ TỈNH QUẢNG NINH",
                "company": "CÔNG TY TNHH BIỂN NHỚ VÀ NHỮNG NGƯỜI BẠN Ở ĐẢO CÔ TÔ",
                "person_name": "Lâm Thị Hoa",
                "dob": "1981-09-18",
                "id_number": "022181554887",
            },
        ),
        (
            REQUEST,
            DocumentType.DON,
            {
                "date": "2022-08-25",
                "agency": "Ủy ban nhân dân phường Yên Giang",
                "subject": "ĐƠN ĐỀ NGHỊ CẤP LẠI GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT",
                "person_name": "Bế Văn Đàn",
                "dob": "1968-02-28",
                "id_number": "022068619829",
                "signer": "Bế Văn Đàn",
            },
        ),
        (
            LETTER,
            DocumentType.CONG_VAN,
            {
                "number": "3701/STP-HCTP",
                "date": "2021-07-03",
                "agency": "SỞ TƯ PHÁP",
                "subject": "V/v tăng cường sử dụng chữ ký số cá nhân trong xử lý hồ sơ",
                "signer": "Tằng Quốc Phong",
                "signer_title": "GIÁM ĐỐC",
            },
        ),
        (
            CARD,
            DocumentType.CCCD,
            {
                "person_name": "Nguyễn Thị Hồng Sửu",
                "id_number": "022175583906",
                "dob": "1975-02-18",
                "sex": "Nữ",
                "date_expiry": "2035-02-18",
            },
        ),
    ],
    ids=["decision", "birth", "enterprise", "request", "letter", "card"],
)
def test_each_kind_of_paper_is_recognised_and_gives_its_fields(
    reading_of: Make, lines: tuple[object, ...], kind: DocumentType, expected: dict[str, str]
) -> None:
    reading = reading_of(*lines)
    page = page_of(*(one.line for one in reading.lines))
    assert classify([page]).document_type is kind
    assert values(extract(reading, kind)) == expected


def test_a_mended_mark_in_a_surname_keeps_what_stood_there_and_asks_for_a_look(reading_of: Make) -> None:
    mother = extract(reading_of(*BIRTH), DocumentType.GIAY_KHAI_SINH)["mother"]
    assert mother.raw == "Nguyên Thị Thu Trang"
    assert mother.needs_review


def test_a_letter_in_the_personal_number_is_kept_and_reported(reading_of: Make) -> None:
    fields = extract(reading_of("GIẤY KHAI SINH", "Số định danh cá nhân: 0222O4900014"), DocumentType.GIAY_KHAI_SINH)
    number = fields["id_number"]
    assert number.value == "0222O4900014"
    assert number.needs_review
    assert Finding.ID_FORMAT in number.findings


def test_a_number_of_another_year_flags_number_and_date(reading_of: Make) -> None:
    lines = ("CĂN CƯỚC CÔNG DÂN", "Số / No.: 022175583906", "Ngày sinh / Date of birth: 18/02/1976")
    fields = extract(reading_of(*lines), DocumentType.CCCD)
    assert fields["id_number"].findings == (Finding.ID_DOB_CONFLICT,)
    assert fields["dob"].findings == (Finding.ID_DOB_CONFLICT,)


def test_a_date_with_a_letter_stays_as_it_stands(reading_of: Make) -> None:
    date = extract(reading_of("GIẤY KHAI SINH", "Ngày, tháng, năm sinh: 0l/06/2020"), DocumentType.GIAY_KHAI_SINH)[
        "dob"
    ]
    assert date.value == "0l/06/2020"
    assert date.findings == (Finding.FIELD_UNSURE,)


def test_an_impossible_date_is_reported(reading_of: Make) -> None:
    date = extract(reading_of("GIẤY KHAI SINH", "Ngày, tháng, năm sinh: 31/02/2020"), DocumentType.GIAY_KHAI_SINH)[
        "dob"
    ]
    assert date.findings == (Finding.DATE_IMPOSSIBLE,)


def test_a_number_of_no_known_form_is_reported(reading_of: Make) -> None:
    number = extract(reading_of("Số: 12QĐ", "QUYẾT ĐỊNH"), DocumentType.QUYET_DINH)["number"]
    assert number.findings == (Finding.NUMBER_FORMAT,)


def test_a_word_that_was_hardly_read_makes_its_field_unsure() -> None:
    page = page_of(line("GIẤY KHAI SINH", 0), line("Số: 57/2020", 50, confidence=0.4))
    number = extract(Reading.of([page]), DocumentType.GIAY_KHAI_SINH)["number"]
    assert number.needs_review
    assert number.confidence == 0.4


def test_a_field_knows_its_place(reading_of: Make) -> None:
    number = extract(reading_of("GIẤY KHAI SINH", "Số: 57/2020"), DocumentType.GIAY_KHAI_SINH)["number"]
    assert number.page == 1
    assert number.box.left > 100  # behind the label
    assert (number.box.top, number.box.bottom) == (50, 80)


def test_a_value_ends_where_the_next_label_begins(reading_of: Make) -> None:
    lines = (
        "GIẤY KHAI SINH",
        "Giới tính: Nữ Dân tộc: Hoa Quốc tịch: Việt Nam",
        "Nơi sinh: Hạ Long",
        "Quê quán: Vân Đồn",
    )
    fields = extract(reading_of(*lines), DocumentType.GIAY_KHAI_SINH)
    assert values(fields) == {"sex": "Nữ", "place_of_birth": "Hạ Long"}


def test_a_title_that_a_stamp_spoilt_is_still_a_title_and_unsure() -> None:
    foot = (
        line("KT. CHỦ TỊCH", 0, left=RIGHT),
        line("PHO 'HỦ TỊCH", 50, left=RIGHT, confidence=0.3),
        line("Vi Thị Mến", 200, left=RIGHT),
    )
    fields = extract(Reading.of([page_of(*foot)]), DocumentType.THONG_BAO)
    assert fields["signer"].value == "Vi Thị Mến"
    assert fields["signer_title"].needs_review


@pytest.mark.parametrize("kind", list(DocumentType))
def test_nothing_is_found_on_an_empty_paper(kind: DocumentType) -> None:
    assert extract(Reading.of([page_of()]), kind) == {}
    known = {"number", "date", "agency", "subject", "person_name", "dob", "company", "id_number"}
    assert set(mandatory_fields(kind)) <= known


def test_nothing_is_known_of_a_paper_without_words_of_its_own(reading_of: Make) -> None:
    reading = reading_of("Danh sách học sinh lớp 1", "Cô giáo chủ nhiệm")
    found = classify([page_of(*(one.line for one in reading.lines))])
    assert (found.document_type, found.confidence) == (DocumentType.UNKNOWN, 0.0)
    assert extract(reading, DocumentType.UNKNOWN) == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("GIẤY KHA1 SINH", DocumentType.GIAY_KHAI_SINH),
        ("TRÍCH LỤC KHAI SINH", DocumentType.GIAY_KHAI_SINH),
        ("TỜ KHAI CẤP BẢN SAO", DocumentType.DON),
        ("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", DocumentType.GIAY_XAC_NHAN),
        ("THÔNG BÁO", DocumentType.THONG_BAO),
        ("GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT", DocumentType.GCN_QSDD),
        ("CĂN CƯỚC", DocumentType.CCCD),
        ("quyết định này", DocumentType.UNKNOWN),
    ],
)
def test_titles_are_recognised_by_their_capitals(text: str, kind: DocumentType) -> None:
    assert classify([page_of(line(text, 100))]).document_type is kind


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "[MẬT]", "MẶT", "Độ mật: Tối mật"])
def test_a_secret_mark_is_seen_also_when_its_accent_is_misread(mark: str) -> None:
    assert carries_secret_mark(page_of(line(mark, 10), line("QUYẾT ĐỊNH", 60)))


@pytest.mark.parametrize("text", ["Giữ bí mật thông tin", "Mật ong rừng", "mật", "MẬT ĐỘ DÂN SỐ"])
def test_the_word_secret_in_a_sentence_is_no_mark(text: str) -> None:
    assert not carries_secret_mark(page_of(line(text, 10)))


def test_a_decisions_number_that_does_not_say_so_is_reported(reading_of: Make) -> None:
    for text, findings in (("27/QĐ-UBND", ()), ("27/QĐĐ-UBND", (Finding.NUMBER_FORMAT,))):
        fields = extract(reading_of(f"Số: {text}", "QUYẾT ĐỊNH"), DocumentType.QUYET_DINH)
        assert (fields["number"].value, fields["number"].findings) == (text, findings)
