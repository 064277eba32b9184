"""Fixed phrases of administrative papers: when a line has their letters, it has their marks.

Readers mistake marks (giãy for giấy, dân for đân). In a phrase that every form prints the same way there is nothing
to guess: the marks are put right, letters and digits stay. Single words are left alone: many differ by a mark only.

Knows phrases. Must not know kinds of paper.
"""

from collections.abc import Sequence
from functools import lru_cache

from digitize.vietnamese.letters import fold

# fmt: off
_PHRASES = (
    "cộng hòa xã hội chủ nghĩa việt nam", "xã hội chủ nghĩa", "ủy ban nhân dân", "hội đồng nhân dân",
    "phó chủ tịch", "thủ tướng chính phủ", "giấy chứng nhận", "giấy khai sinh", "giấy xác nhận",
    "trích lục khai sinh", "quyền sử dụng đất", "mục đích sử dụng đất", "trồng cây lâu năm", "tiền sử dụng đất",
    "tờ bản đồ", "thửa đất số", "đăng ký khai sinh", "đăng ký kết hôn", "đăng ký kinh doanh",
    "đăng ký doanh nghiệp", "mã số doanh nghiệp", "công ty trách nhiệm hữu hạn", "trách nhiệm hữu hạn",
    "một thành viên", "người đại diện theo pháp luật", "vốn điều lệ", "địa chỉ trụ sở chính",
    "loại giấy tờ pháp lý", "giấy tờ pháp lý của cá nhân", "sở kế hoạch và đầu tư", "số định danh cá nhân",
    "căn cước công dân", "giấy tờ tùy thân", "họ chữ đệm tên", "ngày tháng năm sinh", "ngày tháng năm đăng ký",
    "địa chỉ thường trú", "nơi thường trú", "nơi đăng ký", "có giá trị đến", "cục cảnh sát",
    "quản lý hành chính về trật tự xã hội", "trật tự xã hội", "thủ tục hành chính", "cơ chế một cửa",
    "bộ phận tiếp nhận và trả kết quả", "thành phần hồ sơ", "chính quyền địa phương",
    "luật tổ chức chính quyền địa phương", "luật tổ chức chính phủ", "sửa đổi bổ sung một số điều",
    "căn cứ luật đất đai", "căn cứ luật hộ tịch", "căn cứ nghị định số", "theo đề nghị của",
    "tài nguyên và môi trường", "thông tin và truyền thông", "giáo dục và đào tạo",
    "lao động thương binh và xã hội", "chịu trách nhiệm thi hành", "có hiệu lực kể từ ngày", "quyết định này",
    "các tổ chức cá nhân có liên quan", "tổ chức cá nhân", "cán bộ công chức", "hướng dẫn giải quyết",
    "thường trực huyện ủy", "cổng thông tin điện tử", "người ký giấy khai sinh", "người làm đơn",
    "ký ghi rõ họ tên", "kho quản lý dữ liệu điện tử", "dữ liệu điện tử", "trên môi trường điện tử",
    "về việc phê duyệt", "số điện thoại", "chịu trách nhiệm trước pháp luật", "quy định của pháp luật",
    "chuyển mục đích sử dụng",
)
_PROVINCES = (
    "an giang", "bà rịa - vũng tàu", "bắc giang", "bắc kạn", "bạc liêu", "bắc ninh", "bến tre", "bình định",
    "bình dương", "bình phước", "bình thuận", "cà mau", "cao bằng", "đắk lắk", "đắk nông", "điện biên",
    "đồng nai", "đồng tháp", "gia lai", "hà giang", "hà nam", "hà tĩnh", "hải dương", "hậu giang", "hòa bình",
    "hưng yên", "khánh hòa", "kiên giang", "kon tum", "lai châu", "lâm đồng", "lạng sơn", "lào cai", "long an",
    "nam định", "nghệ an", "ninh bình", "ninh thuận", "phú thọ", "phú yên", "quảng bình", "quảng nam",
    "quảng ngãi", "quảng ninh", "quảng trị", "sóc trăng", "sơn la", "tây ninh", "thái bình", "thái nguyên",
    "thanh hóa", "thừa thiên huế", "tiền giang", "trà vinh", "tuyên quang", "vĩnh long", "vĩnh phúc", "yên bái",
)
# fmt: on
_EDGES = " .,;:-–_'\"“”‘’()[]*/|"


# Decree 30/2020, annex III: abbreviations of the kinds of administrative documents
_KINDS = frozenset({
    "NQ", "QĐ", "CT", "QC", "QyĐ", "TC", "TB", "HD", "CTr", "KH", "PA", "ĐA", "DA", "BC", "BB", "TTr", "HĐ", "CĐ",
    "BGN", "BTT", "GUQ", "GM", "GGT", "GNP", "PG", "PC", "PB", "NĐ", "TT", "TTLT", "L", "PL",
})  # fmt: skip


def is_document_number(text: str) -> bool:
    """Tell whether a word is a document's number with an abbreviation that exists: 27/QĐ-UBND, 45/2020/NĐ-CP."""
    parts = text.strip(_EDGES).split("/")
    return len(parts) > 1 and parts[0][:1].isdigit() and parts[-1].split("-")[0] in _KINDS


@lru_cache(maxsize=1)
def _by_first_word() -> dict[str, list[tuple[str, ...]]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in (*_PHRASES, *(f"tỉnh {province}" for province in _PROVINCES)):
        words = tuple(phrase.split(" "))
        table.setdefault(fold(words[0]), []).append(words)
    for phrases in table.values():
        phrases.sort(key=len, reverse=True)
    return table


def mend_phrases(words: Sequence[str]) -> list[str]:
    """Return a line's words with the marks of fixed phrases put right; letters, digits and punctuation stay."""
    mended = list(words)
    cores = [word.strip(_EDGES) for word in words]
    folded = [fold(core) for core in cores]
    table = _by_first_word()
    at = 0
    while at < len(mended):
        phrase = _phrase_at(folded, at, table)
        if phrase is None:
            at += 1
            continue
        is_loud = all(core.isupper() for core in cores[at : at + len(phrase)])
        for offset, letters in enumerate(phrase):
            index = at + offset
            mended[index] = mended[index].replace(
                cores[index], _with_case_of(cores[index], letters, is_loud=is_loud), 1
            )
        at += len(phrase)
    return mended


def _phrase_at(folded: list[str], at: int, table: dict[str, list[tuple[str, ...]]]) -> tuple[str, ...] | None:
    for words in table.get(folded[at], ()):
        if folded[at : at + len(words)] == [fold(word) for word in words]:
            return words
    return None


def _with_case_of(read: str, letters: str, *, is_loud: bool) -> str:
    if len(read) != len(letters):
        return read
    if read.isupper() and not is_loud:  # TỔ chức: a shout in the middle of a sentence is a misread size
        return letters[:1].upper() + letters[1:]
    return "".join(right.upper() if char.isupper() else right for char, right in zip(read, letters, strict=True))
