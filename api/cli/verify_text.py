"""What `anso verify` shows to a person: one sentence about the file, then some lines for each signature.

The seven things that Circular 15/2025/TT-BKHCN asks of a report are among them, times are those of Viet Nam, and what
was changed is said in words. Knows the report's document (DESIGN §3). Must not judge anything.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from api.rendering.report_texts import ENTITLEMENT, FIELDS, STATES, TIME_SOURCES, VALUES, WORDS, Pair
from api.rendering.standings import changes_in_words, standing_of
from api.vietnam_time import VIETNAM

_WORDS: Final = {
    "valid": "HỢP LỆ / VALID",
    "invalid": "KHÔNG HỢP LỆ / INVALID",
    "indeterminate": "CHƯA KẾT LUẬN ĐƯỢC / INDETERMINATE",
    "no_signature": "KHÔNG CÓ CHỮ KÝ / NO SIGNATURE",
}
_TRIAL: Final = "DEVELOPMENT_NO_LEGAL_VALUE"
_ACCEPTANCE: Final = {
    "accept": "dùng được / may be used (accept)",
    "refuse": "không dùng / not to be used (refuse)",
    "ask": "hãy hỏi cơ quan ban hành / ask the issuing agency (ask)",
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
    standing = standing_of(answer)
    if standing != answer["verdict"]:
        return _both(WORDS[standing])
    if answer["verdict"] == "valid" and _TRIAL in answer["reason_codes"]:
        return "HỢP LỆ (phát triển, không có giá trị pháp lý) / VALID (development, no legal value)"
    return _WORDS[answer["verdict"]]


def answer_text(name: str, answer: Mapping[str, Any]) -> str:
    """The answer about one file."""
    if "error" in answer:
        error = answer["error"]
        return _plain(f"{name}: {error['code']}: {error['detail_vi']} / {error['detail_en']}")
    lines = [f"{name}: {verdict_words(answer)}"]
    lines += [f"  - {vi} / {en}" for vi, en in zip(answer["reasons_vi"], answer["reasons_en"], strict=True)]
    if answer["signatures"]:
        lines.append(f"  => {_advice(answer)}; {_rights(answer)}")
    for entry in answer["signatures"]:
        lines += _signature(entry)
    return "\n".join(_plain(line) for line in lines)


def _advice(answer: Mapping[str, Any]) -> str:
    accepted = str(answer["acceptance"])
    if accepted == "accept" and _TRIAL in answer["reason_codes"]:
        return "chỉ để thử / for trials only (accept)"
    return _ACCEPTANCE.get(accepted, accepted)


def _rights(answer: Mapping[str, Any]) -> str:
    entitlement, state = answer["entitlement"], answer["document_status"]["state"]
    codes = f" ({', '.join(entitlement['reasons'])})" if entitlement["reasons"] else ""
    said = f"{_both(ENTITLEMENT.get(entitlement['status'], ENTITLEMENT['unknown']))}{codes}"
    return said if state == "unknown" or state not in STATES else f"{said} {_both(STATES[state])}"


def _signature(entry: Mapping[str, Any]) -> Iterator[str]:
    signer, minimum = entry["signer"], entry["legal_minimum"]
    names = (signer["common_name"], signer["title"], signer["organisation"])
    who = ", ".join(dict.fromkeys(part for part in names if part))  # a seal names its agency twice
    verdict = f"{entry['indication']}{'/' + entry['sub_indication'] if entry['sub_indication'] else ''}"
    yield f"  [{entry['field']}] {who or '?'} | {_time(minimum)} | {entry['level'] or entry['kind']} | {verdict}"
    yield f"      {_INTACT[entry['intact']]}; {_CHANGES.get(entry['changes_after'], entry['changes_after'])}"
    changes = changes_in_words(entry)
    for number, what in changes[:_MOST_CHANGES]:
        yield f"      · ({number}) {what.vi} / {what.en}"
    if len(changes) > _MOST_CHANGES:
        yield f"      · … +{len(changes) - _MOST_CHANGES}"
    for name in ("issuer", "certificate_managing_unit", "validity_at_signing_time"):
        yield f"      {_both(FIELDS[name])}: {_word(minimum[name])}"
    begin, end = (_moment(minimum["certificate_period"][name]) for name in ("not_before", "not_after"))
    yield f"      {_both(FIELDS['certificate_period'])}: {begin} – {end}"


def _time(minimum: Mapping[str, Any]) -> str:
    said = minimum["signing_time"]
    source = _both(TIME_SOURCES.get(said["source"], TIME_SOURCES["none"]))
    return f"{_moment(said['at'])}, {source}" if said["at"] else source


def _moment(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S +07:00") if text else "?"


def _word(value: str) -> str:
    return _both(VALUES[value]) if value in VALUES else value


def _both(pair: Pair) -> str:
    return f"{pair.vi} / {pair.en}"


def _plain(text: str) -> str:
    """Without characters that a terminal would act on: names come out of the file."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
