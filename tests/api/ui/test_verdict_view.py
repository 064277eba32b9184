import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ui.checks import Answer, Check
from api.ui.messages import MESSAGES, translator
from api.ui.shown import local_time, visible
from api.ui.view import VerdictView, verdict_view
from signing.validation import TEXTS, Reason
from tests.api.ui import reports

UI = Path(__file__).parents[3] / "api" / "ui"
VI = translator("vi")


def view_of(report: dict[str, Any], language: str = "vi") -> VerdictView:
    return verdict_view(report, translator(language), language)


def answers(view: VerdictView) -> list[Answer]:
    return [check.answer for check in view.checks]


def check_of(report: dict[str, Any], title: str) -> Check:
    return next(check for check in view_of(report).checks if check.title == VI(title))


def test_a_valid_report_is_one_sentence_and_four_passed_checks() -> None:
    view = view_of(reports.valid())
    assert (view.word, view.tone, view.trial) == ("HỢP LỆ", "valid", False)
    assert view.sentence == "Tệp có 2 chữ ký số hợp lệ và không bị sửa đổi sau khi ký."
    assert answers(view) == [Answer.YES] * 4
    assert [check.title for check in view.checks] == [
        VI("check.then"), VI("check.integrity"), VI("check.signer"), VI("document.title")
    ]  # fmt: skip
    assert view.checks[2].lines == (
        "Nguyễn Thị Hồng Gấm, Phó Chủ tịch, Ủy ban nhân dân phường Yết Kiêu – chứng thư số cá nhân",
        "Ủy ban nhân dân phường Yết Kiêu – con dấu của cơ quan, chứng thư thứ 2",
    )
    assert view.checks[0].lines[:2] == (VI("check.then.yes"), "Có dấu thời gian: 22/11/2026 10:15:05 (+07:00).")
    assert view.next_steps == (VI("next.valid"),)


def test_the_same_report_exists_in_english() -> None:
    view = view_of(reports.revoked(), "en")
    assert view.word == "NOT VALID"
    assert view.reasons == ("The certificate was revoked on 1 November 2026, before signing.",)


def test_a_development_signature_is_said_to_have_no_legal_value() -> None:
    view = view_of(reports.trial())
    assert (view.trial, view.verdict) == (True, "valid")
    assert view.next_steps == (VI("next.trial"),)
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in VI("trial.tag")


def test_an_altered_document_shows_nothing_but_that() -> None:
    view = view_of(reports.altered() | {"document_status": {"state": "active", "vault_match": False}})
    assert view.sentence == VI("verdict.altered")
    assert answers(view) == [Answer.NO]
    assert [check.title for check in view.checks] == [VI("check.integrity")]
    assert view.next_steps == (VI("next.altered"),)


@pytest.mark.parametrize(
    "change", [{"intact": False}, {"changes_after": "forbidden"}, {"reason_code": "HIDDEN_UPDATE"}]
)
def test_every_kind_of_broken_integrity_counts(change: dict[str, Any]) -> None:
    view = view_of(reports.report("invalid", signatures=[reports.signature(**change)]))
    assert answers(view) == [Answer.NO]


@pytest.mark.parametrize("change", [{"intact": None}, {"changes_after": "unknown"}, {"changes_after": "something new"}])
def test_integrity_that_was_not_determined_is_open(change: dict[str, Any]) -> None:
    report = reports.report("indeterminate", signatures=[reports.signature(**change)])
    assert check_of(report, "check.integrity").answer is Answer.OPEN


@pytest.mark.parametrize("changes_after", ["form_fill", "annotations"])
def test_additions_after_signing_are_mentioned(changes_after: str) -> None:
    check = check_of(reports.report(signatures=[reports.signature(changes_after=changes_after)]), "check.integrity")
    assert check.lines == (VI("check.integrity.added"),)


def test_a_file_that_could_not_be_opened_is_not_said_to_be_perhaps_right() -> None:
    view = view_of(reports.unreadable())
    assert (view.verdict, view.sentence) == ("indeterminate", VI("verdict.unreadable"))
    assert view.next_steps == (VI("next.unreadable"),)


def test_a_note_on_a_valid_file_is_shown_but_the_trial_is_said_only_once() -> None:
    noted = reports.trial()
    noted["reason_codes"].append("ACTIVE_CONTENT")
    noted["reasons_vi"].append("Tệp có mã lệnh.")
    assert view_of(noted).reasons == ("Tệp có mã lệnh.",)


def test_no_signature_has_no_checks_and_says_what_to_ask_for() -> None:
    view = view_of(reports.unsigned())
    assert (view.word, view.checks) == ("KHÔNG CÓ CHỮ KÝ", ())
    assert view.next_steps == (VI("next.no_signature"),)


def test_a_verdict_that_the_page_does_not_know_is_not_conclusive() -> None:
    assert view_of(reports.report("splendid")).verdict == "indeterminate"


@pytest.mark.parametrize(
    ("sub_indication", "answer", "line"),
    [
        ("REVOKED", Answer.NO, "check.then.revoked"),
        ("EXPIRED", Answer.NO, "check.then.expired"),
        ("NOT_YET_VALID", Answer.NO, "check.then.expired"),
        ("REVOKED_NO_POE", Answer.OPEN, "check.then.unproven"),
        ("OUT_OF_BOUNDS_NO_POE", Answer.OPEN, "check.then.unproven"),
        ("TRY_LATER", Answer.OPEN, "check.then.open"),
        ("CERT_ON_HOLD_AT_SIGNING", Answer.NO, "check.then.revoked"),
        ("CERT_NOT_VALID_AT_SIGNING", Answer.NO, "check.then.expired"),
        ("CERT_EXPIRED", Answer.OPEN, "check.then.unproven"),
        (None, Answer.OPEN, "check.then.open"),
    ],
)
def test_each_sub_indication_has_its_answer_about_the_certificate(
    sub_indication: str | None, answer: Answer, line: str
) -> None:
    entry = reports.signature(indication="INDETERMINATE", sub_indication=sub_indication)
    check = check_of(reports.report("indeterminate", signatures=[entry]), "check.then")
    assert (check.answer, check.lines[0]) == (answer, VI(line))


def test_the_worst_certificate_decides() -> None:
    entries = [
        reports.signature(),
        reports.signature(indication="INDETERMINATE", sub_indication="TRY_LATER"),
        reports.signature(indication="TOTAL-FAILED", sub_indication="REVOKED"),
    ]
    assert check_of(reports.report("invalid", signatures=entries), "check.then").answer is Answer.NO


def test_a_signature_that_failed_for_another_reason_fails_the_first_check() -> None:
    entry = reports.signature(indication="TOTAL-FAILED", sub_indication="SIG_CRYPTO_FAILURE")
    check = check_of(reports.report("invalid", signatures=[entry]), "check.then")
    assert (check.answer, check.lines[0]) == (Answer.NO, VI("check.then.failed"))


def test_a_time_that_is_only_claimed_is_said_so() -> None:
    assert "(22/11/2026 10:15:02 (+07:00)), không có dấu" in check_of(reports.undecided(), "check.then").lines[1]


def test_without_any_time_nothing_is_invented() -> None:
    entry = reports.signature(best_signature_time=None, claimed_time=None)
    check = check_of(reports.report("indeterminate", signatures=[entry]), "check.then")
    assert check.lines[-1] == VI("check.time.none")


def test_a_signer_without_trusted_issuer_is_open() -> None:
    entry = reports.signature(
        indication="INDETERMINATE",
        sub_indication="NO_CERTIFICATE_CHAIN_FOUND",
        trust={"profile": None, "anchor": None},
    )
    report = reports.report("indeterminate", signatures=[entry])
    assert check_of(report, "check.signer").answer is Answer.OPEN
    assert view_of(report).next_steps == (VI("next.untrusted"), VI("next.indeterminate"))


def test_a_signer_who_was_not_entitled_fails_the_check() -> None:
    report = reports.report("invalid", entitlement={"status": "not_entitled", "reasons": []})
    assert check_of(report, "check.signer").answer is Answer.NO


def test_an_entitlement_that_was_not_compared_is_neither_passed_nor_failed() -> None:
    check = check_of(reports.report(entitlement=None), "check.signer")
    assert (check.answer, check.lines[-1]) == (Answer.OPEN, VI("check.signer.entitlement_open"))


def test_a_nameless_signer_of_unknown_kind_is_shown_as_such() -> None:
    entry = reports.signature(signer=None, certificate=None)
    line = check_of(reports.report(signatures=[entry]), "check.signer").lines[0]
    assert line == "Người ký không rõ tên – chứng thư không rõ loại"


@pytest.mark.parametrize("state", ["revoked", "superseded", "recalled", "expired", "disputed"])
def test_a_good_signature_on_a_document_not_in_force_is_not_shown_green(state: str) -> None:
    view = view_of(reports.report(document_status={"state": state, "vault_match": True}))
    assert (view.tone, view.word) == ("indeterminate", VI("verdict.withdrawn.word"))
    assert view.next_steps == (VI("next.withdrawn"),)
    assert view.checks[-1].title == VI("document.title")
    assert view.checks[-1].answer is not Answer.YES


def test_good_signatures_of_somebody_without_the_right_are_not_shown_green_and_not_recommended() -> None:
    refused = {"status": "not_entitled", "reasons": ["SEAL_BEFORE_SIGNATURE"]}
    report = reports.report(entitlement=refused, acceptance="refuse")
    view = view_of(report)
    assert (view.tone, view.word) == ("indeterminate", VI("verdict.not_entitled.word"))
    assert view.sentence == VI("verdict.not_entitled")
    assert view.next_steps == (VI("next.not_entitled"),)
    assert check_of(report, "check.signer").lines[-1] == TEXTS[Reason.SEAL_BEFORE_SIGNATURE].vi


@pytest.mark.parametrize(
    "entitlement", [{"status": "unknown", "reasons": ["SEAL_MISSING"]}, {"status": "entitled", "reasons": []}]
)
def test_what_a_machine_shall_ask_about_nobody_is_told_to_use(entitlement: dict[str, Any]) -> None:
    view = view_of(reports.report(entitlement=entitlement, acceptance="ask"))
    assert (view.tone, view.next_steps) == ("valid", (VI("next.ask"),))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_why_the_right_to_sign_is_open_is_said_in_words(language: str) -> None:
    codes = ["SEAL_MISSING", "CHECK_FAILED", "A_CODE_OF_LATER"]
    view = view_of(reports.report(entitlement={"status": "unknown", "reasons": codes}), language)
    (check,) = (one for one in view.checks if one.title == translator(language)("check.signer"))
    assert check.lines[-1] == getattr(TEXTS[Reason.SEAL_MISSING], language)
    assert TEXTS[Reason.CHECK_FAILED].vi not in check.lines


def test_what_was_changed_is_said_in_words_each_thing_once() -> None:
    signed = {"revision": 3, "what": "signature", "vi": "Có thêm một chữ ký.", "en": "A further signature was added."}
    filled = {"revision": 4, "what": "field:1", "vi": "Đã điền biểu mẫu.", "en": "A form was filled in."}
    entry = reports.signature(changes=[signed, signed, filled], errors=["field:1", "no chain"], warnings=[])
    for language, expected in (
        ("vi", "(3) Có thêm một chữ ký. (4) Đã điền biểu mẫu."),
        ("en", "(3) A further signature was added. (4) A form was filled in."),
    ):
        rows = dict(view_of(reports.report(signatures=[entry]), language).details[0].rows)
        assert rows[translator(language)("details.changes")] == expected
        assert rows[translator(language)("details.warnings")] == "no chain"


def test_a_document_in_force_gets_a_line_of_its_own() -> None:
    view = view_of(reports.report(document_status={"state": "ACTIVE", "vault_match": True}))
    assert view.tone == "valid"
    assert (view.checks[-1].answer, view.checks[-1].lines) == (Answer.YES, ("Đang có hiệu lực",))


def test_of_a_document_that_is_not_kept_here_nothing_is_claimed() -> None:
    view = view_of(reports.report())
    assert view.tone == "valid"
    assert (view.checks[-1].answer, view.checks[-1].lines) == (Answer.OPEN, (VI("document.unknown"),))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [("printed", "verdict.print_only"), ("pictured", "verdict.picture_of_seal"), ("empty", "verdict.field_empty")],
)
def test_each_kind_of_unsigned_file_has_its_own_answer_and_advice(state: str, sentence: str) -> None:
    view = view_of(reports.STATES[state]())
    assert (view.verdict, view.sentence) == ("no_signature", VI(sentence))
    assert view.next_steps == (VI(sentence.replace("verdict", "next")),)


def test_the_seven_fields_of_the_circular_come_first_in_its_order() -> None:
    rows = view_of(reports.valid()).details[0].rows[:7]
    assert [label for label, _ in rows] == [
        "Tổ chức cấp chứng thư", "Người ký", "Đơn vị quản lý chứng thư", "Thời điểm ký", "Tính toàn vẹn",
        "Hiệu lực tại thời điểm ký", "Thời hạn chứng thư",
    ]  # fmt: skip
    assert [value for _, value in rows][2:] == [
        "Ủy ban nhân dân phường Yết Kiêu", "22/11/2026 10:15:05 (+07:00), theo dấu thời gian của chữ ký", "Nguyên vẹn",
        "Còn hiệu lực", "01/01/2026 07:00:00 (+07:00) – ?",
    ]  # fmt: skip


def test_each_signature_can_be_asked_for_its_version() -> None:
    assert view_of(reports.valid()).versions == (
        ("ChuKy1", "Chữ ký 1: Nguyễn Thị Hồng Gấm"),
        ("DauCoQuan", "Chữ ký 2: Ủy ban nhân dân phường Yết Kiêu"),
    )


def test_trying_later_is_advised_when_it_helps() -> None:
    assert view_of(reports.undecided()).next_steps == (VI("next.try_later"), VI("next.indeterminate"))


def test_details_hold_the_codes_for_those_who_need_them() -> None:
    view = view_of(reports.altered())
    rows = dict(view.details[0].rows)
    assert rows["Kết luận ETSI"] == "TOTAL-FAILED / FORMAT_FAILURE"
    assert rows["Thay đổi sau khi ký"] == "(3) page content replaced"
    assert ("Mã lý do", "DOCUMENT_ALTERED") in view.facts
    assert ("SHA-256", reports.SHA256) in view.facts


def test_a_document_timestamp_is_a_detail_and_no_signature() -> None:
    stamp = reports.signature(kind="timestamp", signer={"common_name": "TSA", "serial": "01"})
    view = view_of(reports.report(signatures=[reports.signature(), stamp]))
    assert view.sentence.startswith("Tệp có 1 chữ ký")
    assert view.details[1].title == "Dấu thời gian của văn bản"


def test_a_name_from_a_certificate_cannot_reorder_the_line() -> None:
    signer = {"common_name": "Nguyễn\u202eA\x00B\u2066", "organisation": None, "title": None, "serial": "1"}
    line = check_of(reports.report(signatures=[reports.signature(signer=signer)]), "check.signer").lines[0]
    assert line.startswith("Nguyễn\ufffdA\ufffdB\ufffd –")


@given(st.text())
def test_visible_text_keeps_its_length_and_has_no_control_left(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not re.search("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", shown)


@pytest.mark.parametrize(("text", "shown"), [(None, ""), ("", ""), ("soon", "soon"), ("\u202e", "\ufffd")])
def test_a_time_that_is_none_is_shown_as_it_came(text: str | None, shown: str) -> None:
    assert local_time(text) == shown


def test_every_sentence_exists_in_both_languages_with_the_same_places() -> None:
    for key, (vietnamese, english) in MESSAGES.items():
        assert vietnamese.strip(), key
        assert english.strip(), key
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (vietnamese, english)]
        assert places[0] == places[1], key


def test_no_sentence_is_left_that_nothing_shows() -> None:
    sources = "\n".join(
        path.read_text()
        for path in [*UI.glob("*.py"), *UI.glob("templates/*.html")]
        if not path.name.endswith("messages.py")
    )
    named = set(re.findall(r"""["']([a-z]+(?:[._][a-z_0-9]+)*)["']""", sources))
    built = tuple(re.findall(r"""["']([a-z]+(?:[._][a-z_]+)*\.)(?:["']|\{)""", sources))  # "answer." ~ check.answer
    assert not {key for key in MESSAGES if key not in named and not key.startswith(built)}
