"""Contents of results with made-up people, for the tests of the pages."""

from copy import deepcopy
from typing import Any

ADDRESS = "http://127.0.0.1:8080/v/k3v7q2m9t4x8b6n1c5z0w3y7ra"

_FRAME: dict[str, Any] = {
    "agency": {"parent": "Thành phố Hạ Long", "name": "Ủy ban nhân dân phường Yết Kiêu"},
    "number": "165/TLKS-BS",
    "place": "Yết Kiêu",
    "issued_on": "2026-02-05",
    "verification_url": ADDRESS,
    "recipients": ["Người yêu cầu;", "Lưu: VT, HT."],
    "signer": {
        "capacity": ["TM. Ủy ban nhân dân", "KT. Chủ tịch"],
        "title": "Phó Chủ tịch",
        "name": "Nguyễn Thị Hồng Gấm",
    },
}
_BIRTH: dict[str, Any] = {
    "full_name": "Hoàng Khánh Quỳnh",
    "gender": "Nữ",
    "date_of_birth": "2019-10-02",
    "ethnicity": "Hoa",
    "nationality": "Việt Nam",
    "place_of_birth": "Bệnh viện đa khoa huyện Hải Hà, tỉnh Quảng Ninh",
    "native_place": "thị trấn Quảng Hà, huyện Hải Hà, tỉnh Quảng Ninh",
    "personal_id": "022319674926",
    "mother": {
        "full_name": "Đinh Thị Bích Phượng",
        "year_of_birth": "1990",
        "ethnicity": "Kinh",
        "nationality": "Việt Nam",
        "residence": "Số 302, đường Kênh Liêm, xã Đồng Tâm, huyện Bình Liêu, tỉnh Quảng Ninh",
    },
    "father": None,
    "registered_at": "Ủy ban nhân dân thị trấn Quảng Hà, huyện Hải Hà",
    "registered_number": "360/2019",
    "registered_on": "2019-11-16",
}
_DECISION: dict[str, Any] = {
    "subject": "Về việc phê duyệt danh sách hưởng trợ cấp xã hội hằng tháng tại phường Yết Kiêu",
    "authority": "Chủ tịch Ủy ban nhân dân phường Yết Kiêu",
    "grounds": [
        "Căn cứ Luật Tổ chức chính quyền địa phương;",
        "Theo đề nghị của Trưởng phòng Văn hóa - Xã hội.",
    ],
    "articles": [
        ["Phê duyệt mức trợ cấp 540.000 đồng/tháng.", "Thời hạn hưởng từ ngày 01 tháng 3 năm 2026."],
        ["Quyết định này có hiệu lực kể từ ngày ký./."],
    ],
}


def birth_extract(**changes: Any) -> dict[str, Any]:
    """Give a birth extract; `changes` replace values of its body."""
    return {**deepcopy(_FRAME), "result_type": "birth_extract", "body": {**deepcopy(_BIRTH), **changes}}


def decision(**changes: Any) -> dict[str, Any]:
    """Give a decision; `changes` replace values of its body."""
    content = {**deepcopy(_FRAME), "result_type": "decision", "body": {**deepcopy(_DECISION), **changes}}
    content["number"] = "1445/QĐ-UBND"
    return content
