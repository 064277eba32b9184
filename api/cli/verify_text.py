"""What `anso verify` shows to a person: one sentence about the file, then a line for each signature.

Knows the report's document (DESIGN §3). Must not judge anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORDS: Final = {
    "valid": "HỢP LỆ / VALID",
    "invalid": "KHÔNG HỢP LỆ / INVALID",
    "indeterminate": "CHƯA KẾT LUẬN ĐƯỢC / INDETERMINATE",
    "no_signature": "KHÔNG CÓ CHỮ KÝ / NO SIGNATURE",
}
_CHANGES: Final = {
    "none": "không sửa đổi sau khi ký / unchanged since",
    "permitted": "sau đó chỉ có chữ ký, dấu thời gian, dữ liệu kiểm tra / later only signatures, time-stamps, evidence",
    "form_fill": "biểu mẫu được điền sau khi ký / form filled in afterwards",
    "annotations": "chú thích hoặc thông tin tệp thêm sau khi ký / annotations or file data added afterwards",
    "forbidden": "NỘI DUNG BỊ SỬA sau khi ký / CONTENT CHANGED afterwards",
    "unknown": "không rõ sửa đổi sau khi ký / later changes unknown",
}
_INTACT: Final = {
    True: "nguyên vẹn / intact",
    False: "KHÔNG nguyên vẹn / NOT intact",
    None: "chưa rõ nguyên vẹn / integrity unknown",
}
_MOST_CHANGES: Final = 10


def verdict_words(answer: Mapping[str, Any]) -> str:
    """The verdict for a person; S29: what is good under a development root must not be taken for more."""
    if answer["verdict"] == "valid" and "DEVELOPMENT_NO_LEGAL_VALUE" in answer["reason_codes"]:
        return "HỢP LỆ (phát triển, không có giá trị pháp lý) / VALID (development, no legal value)"
    return _WORDS[answer["verdict"]]


def answer_text(name: str, answer: Mapping[str, Any]) -> str:
    """The answer about one file."""
    if "error" in answer:
        error = answer["error"]
        return _plain(f"{name}: {error['code']}: {error['detail_vi']} / {error['detail_en']}")
    lines = [f"{name}: {verdict_words(answer)}"]
    lines += [f"  - {vi} / {en}" for vi, en in zip(answer["reasons_vi"], answer["reasons_en"], strict=True)]
    for entry in answer["signatures"]:
        lines += _signature(entry)
    return "\n".join(_plain(line) for line in lines)


def _signature(entry: Mapping[str, Any]) -> Iterator[str]:
    signer = entry["signer"]
    names = (signer["common_name"], signer["title"], signer["organisation"])
    who = ", ".join(dict.fromkeys(part for part in names if part))  # a seal names its agency twice
    when = entry["best_signature_time"]["at"] or entry.get("claimed_time") or "?"
    verdict = f"{entry['indication']}{'/' + entry['sub_indication'] if entry['sub_indication'] else ''}"
    yield f"  [{entry['field']}] {who or '?'} | {when} | {entry['level'] or entry['kind']} | {verdict}"
    yield f"      {_INTACT[entry['intact']]}; {_CHANGES.get(entry['changes_after'], entry['changes_after'])}"
    changes = entry.get("changes", ())
    for change in changes[:_MOST_CHANGES]:
        yield f"      · {change['what']}"
    if len(changes) > _MOST_CHANGES:
        yield f"      · … +{len(changes) - _MOST_CHANGES}"


def _plain(text: str) -> str:
    """Without characters that a terminal would act on: names come out of the file."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
