"""Surnames of the country, and how a misread mark in one is mended.

Knows surnames. Must not know where a name stood.
"""

from functools import lru_cache

from digitize.vietnamese.letters import fold

# fmt: off - one name a line would fill three pages
SURNAMES = frozenset(
    {
        "Bành",
        "Bùi",
        "Bạch",
        "Bế",
        "Cao",
        "Chu",
        "Châu",
        "Chìu",
        "Chíu",
        "Chử",
        "Cung",
        "Cáp",
        "Cù",
        "Cấn",
        "Cồ",
        "Diệp",
        "Doãn",
        "Dương",
        "Giang",
        "Giáp",
        "Hoa",
        "Hoàng",
        "Huỳnh",
        "Hà",
        "Hàn",
        "Hán",
        "Hùng",
        "Hầu",
        "Hồ",
        "Hứa",
        "Kha",
        "Khuất",
        "Khúc",
        "Khổng",
        "Kim",
        "Kiều",
        "La",
        "Lâm",
        "Lã",
        "Lê",
        "Lò",
        "Lý",
        "Lưu",
        "Lương",
        "Lại",
        "Lồ",
        "Lục",
        "Lỷ",
        "Ma",
        "Mai",
        "Mã",
        "Mông",
        "Mạc",
        "Mạch",
        "Mẫn",
        "Nghiêm",
        "Nguyễn",
        "Ngô",
        "Nhan",
        "Nhâm",
        "Ninh",
        "Nông",
        "Phan",
        "Phoòng",
        "Phí",
        "Phó",
        "Phùn",
        "Phùng",
        "Phương",
        "Phạm",
        "Quan",
        "Quách",
        "Sái",
        "Sầm",
        "Thiều",
        "Thái",
        "Thân",
        "Thạch",
        "Thẩm",
        "Tiêu",
        "Triệu",
        "Trình",
        "Trương",
        "Trần",
        "Trịnh",
        "Tòng",
        "Tô",
        "Tôn",
        "Tăng",
        "Tưởng",
        "Tạ",
        "Tằng",
        "Tống",
        "Từ",
        "Uông",
        "Vi",
        "Viên",
        "Vàng",
        "Vòng",
        "Võ",
        "Văn",
        "Vũ",
        "Vương",
        "Xa",
        "Âu",
        "Ông",
        "Đinh",
        "Đoàn",
        "Đàm",
        "Đào",
        "Đường",
        "Đậu",
        "Đặng",
        "Đống",
        "Đồng",
        "Đỗ",
        "Đới",
        "Ưng",
        "Ứng",
    }
)
# fmt: on


@lru_cache(maxsize=1)
def _surnames_by_fold() -> dict[str, str]:
    known: dict[str, str] = {}
    for surname in SURNAMES:
        known[fold(surname)] = "" if fold(surname) in known else surname
    return known


def mend_surname(name: str) -> str:
    """Return the name, its surname's marks mended where only one surname has these letters (Nguyên -> Nguyễn)."""
    first, _, rest = name.partition(" ")
    if not rest or first in SURNAMES:
        return name
    only = _surnames_by_fold().get(fold(first), "")
    return f"{only} {rest}" if only else name
