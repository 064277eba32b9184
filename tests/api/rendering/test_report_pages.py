"""The pages of a report: two languages, the legal minimum, and a stranger's texts shown as text and nothing else."""

import io
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import pdfa

from api.rendering import render_report
from api.rendering.printable import printable_letters, shown
from api.rendering.report_content import MAX_SIGNATURES, report_content
from signing.validation import TEXTS, Reason

ISSUER = "Hệ thống Ấn số"
CHECKED = "2026-11-23T02:00:00Z"


def signature(**changes: Any) -> dict[str, Any]:
    values = {
        "field": "Signature1", "kind": "signature", "indication": "TOTAL-PASSED", "sub_indication": None,
        "reason_code": None, "intact": True, "changes_after": "none", "changes": [], "level": "B-LT",
        "best_signature_time": {"at": "2026-08-05T02:00:00Z", "source": "signature_timestamp"},
        "signer": {
            "common_name": "Nguyễn Thị Ánh", "organisation": "UBND phường Yên Giang", "title": "Phó Chủ tịch",
            "serial": "1004",
        },
        "trust": {"profile": "official", "anchor": "Gốc", "policy": None},
        "warnings": [], "errors": [],
        "legal_minimum": {
            "issuer": "CA chuyên dùng", "signer": "Nguyễn Thị Ánh", "certificate_managing_unit": "UBND tỉnh",
            "signing_time": {"at": "2026-08-05T02:00:00Z", "source": "signature_timestamp"}, "integrity": "intact",
            "validity_at_signing_time": "valid",
            "certificate_period": {"not_before": "2026-07-06T02:00:00Z", "not_after": "2027-08-05T02:00:00Z"},
        },
    }  # fmt: skip
    return values | changes


def report(*signatures: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    codes = changes.pop("reason_codes", [])
    values = {
        "verdict": "valid", "acceptance": "accept", "reason_codes": codes,
        "reasons_vi": [TEXTS[Reason(code)].vi for code in codes],
        "reasons_en": [TEXTS[Reason(code)].en for code in codes],
        "file": {"sha256": "ab" * 32, "size": 39200}, "signatures": list(signatures or (signature(),)),
        "entitlement": {"status": "entitled", "reasons": []},
        "document_status": {"state": "unknown", "vault_match": "none"}, "policy": "vn.tt15-2025",
        "checked_at": CHECKED,
    }  # fmt: skip
    return values | changes


def words(pdf: bytes) -> str:
    assert shutil.which("pdftotext")
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


def test_the_pages_say_verdict_checks_minimum_hash_policy_and_moment_in_two_languages():
    pdf = render_report(report(), ISSUER)
    said = words(pdf)
    for text in (
        "BÁO CÁO KIỂM TRA CHỮ KÝ SỐ", "HỢP LỆ", "VALID", "Nội dung nguyên vẹn", "Content intact",
        "Tổ chức cấp chứng thư", "CA chuyên dùng", "Đơn vị quản lý chứng thư", "UBND tỉnh", "Thời hạn chứng thư",
        "23/11/2026 09:00:00 +07:00", "05/08/2026 09:00:00 +07:00", "vn.tt15-2025", "abababab", ISSUER,
    ):  # fmt: skip
        assert text in said, text
    assert "GIÁ TRỊ PHÁP LÝ" not in said
    assert pdfa.validate_written(io.BytesIO(pdf), "2b").passed


def test_the_same_report_gives_the_same_bytes():
    assert render_report(report(), ISSUER) == render_report(report(), ISSUER)


def test_development_certificates_are_said_in_a_frame_of_their_own():
    one = signature(trust={"profile": "dev", "anchor": "Test Root", "policy": None})
    content = report_content(report(one, reason_codes=["DEVELOPMENT_NO_LEGAL_VALUE"]), ISSUER)
    assert content["trial"]["vi"] == "CHỨNG THƯ PHÁT TRIỂN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
    assert "Đừng dùng" in content["next"][0]["vi"]
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in words(render_report(report(one), ISSUER))


def test_of_an_altered_file_only_that_is_answered():
    one = signature(intact=False, indication="TOTAL-FAILED", sub_indication="HASH_FAILURE", changes_after="forbidden")
    content = report_content(report(one, verdict="invalid", reason_codes=["DOCUMENT_ALTERED"]), ISSUER)
    assert [(check["name"]["en"], check["answer"]) for check in content["checks"]] == [("Content intact", "no")]
    assert "Đừng dùng" in content["sentence"]["vi"]


@pytest.mark.parametrize(
    ("changes", "answers"),
    [
        ({}, {"integrity": "yes", "signer": "yes", "certificate": "yes", "time": "yes"}),
        ({"changes_after": "form_fill"}, {"integrity": "yes"}),
        ({"changes_after": "annotations"}, {"integrity": "yes"}),
        ({"changes_after": "unknown"}, {"integrity": "open"}),
        ({"intact": None}, {"integrity": "open"}),
        ({"trust": {"profile": None, "anchor": None, "policy": None}}, {"signer": "open"}),
        ({"best_signature_time": {"at": None, "source": "none"}}, {"time": "open"}),
    ],
)
def test_a_check_is_passed_only_when_the_report_says_so(changes: Any, answers: Any):
    content = report_content(report(signature(**changes)), ISSUER)
    names = ("integrity", "signer", "certificate", "time")
    found = dict(zip(names, (check["answer"] for check in content["checks"]), strict=True))
    assert answers.items() <= found.items()


@pytest.mark.parametrize(("status", "answer"), [("not_entitled", "no"), ("unknown", "open"), ("entitled", "yes")])
def test_the_right_to_sign_is_as_the_report_found_it(status: str, answer: str):
    content = report_content(report(entitlement={"status": status, "reasons": []}), ISSUER)
    assert content["checks"][1]["answer"] == answer


@pytest.mark.parametrize(("validity", "answer"), [("invalid", "no"), ("unknown", "open"), ("valid", "yes")])
def test_the_certificate_is_as_good_as_the_worst_of_all(validity: str, answer: str):
    other = signature()
    other["legal_minimum"] = {**other["legal_minimum"], "validity_at_signing_time": validity}
    content = report_content(report(signature(), other), ISSUER)
    assert content["checks"][2]["answer"] == answer


@pytest.mark.parametrize("verdict", ["invalid", "indeterminate", "no_signature"])
def test_every_verdict_has_a_sentence_and_a_next_step(verdict: str):
    found = [] if verdict == "no_signature" else [signature(indication="INDETERMINATE")]
    values = report(verdict=verdict) | {"signatures": found}
    content = report_content(values, ISSUER)
    assert content["sentence"]["vi"]
    assert content["next"][0]["en"]
    assert words(render_report(values, ISSUER))


def test_a_good_signature_on_a_withdrawn_document_is_not_recommended():
    values = report(document_status={"state": "revoked", "vault_match": "identical"})
    assert "Đừng dùng văn bản này" in report_content(values, ISSUER)["next"][0]["vi"]


def test_nobody_is_told_to_use_what_a_machine_shall_refuse_or_ask_about():
    refused = {"status": "not_entitled", "reasons": ["SAME_PERSON_TWICE"]}
    content = report_content(report(entitlement=refused, acceptance="refuse"), ISSUER)
    assert (content["tone"], content["word"]["en"]) == ("indeterminate", "VALID SIGNATURE, SIGNER NOT ENTITLED")
    assert "Đừng dùng" in content["next"][0]["vi"]
    assert content["checks"][1]["sentence"]["vi"].endswith(TEXTS[Reason.SAME_PERSON_TWICE].vi)
    asked = report_content(report(entitlement={"status": "unknown", "reasons": []}, acceptance="ask"), ISSUER)
    assert (asked["tone"], "hãy hỏi cơ quan ban hành" in asked["next"][0]["vi"]) == ("valid", True)
    withdrawn = report_content(report(document_status={"state": "revoked", "vault_match": "identical"}), ISSUER)
    assert (withdrawn["tone"], withdrawn["word"]["en"]) == ("indeterminate", "VALID SIGNATURE, DOCUMENT NOT IN FORCE")


def test_what_was_changed_is_printed_in_words():
    added = {"revision": 3, "what": "signature", "vi": "Có thêm một chữ ký.", "en": "A further signature was added."}
    one = signature(changes_after="permitted", changes=[added, added], errors=["signature", "no chain"])
    rows = report_content(report(one), ISSUER)["signatures"][0]["rows"]
    assert [row["value"] for row in rows if row["name"]["en"] == "Reason, warnings"] == ["no chain"]
    said = words(render_report(report(one), ISSUER))
    assert said.count("(3) Có thêm một chữ ký.") == 1
    assert "A further signature was added." in said


def test_more_signatures_than_are_printed_are_counted():
    content = report_content(report(*(signature() for _ in range(MAX_SIGNATURES + 7))), ISSUER)
    assert (len(content["signatures"]), content["left_out"]) == (MAX_SIGNATURES, "7")


HOSTILE = (
    '#panic("x")', '#import "/etc/passwd": *', "*bold* _it_ $x^2$ `raw`", "= Heading\n#pagebreak()", "<label> @ref",
    "\\u{202e}", "\u202egnorw\u202c name", "\x00\x07\x1b[31m", "中文名字", "\ud800", "N" * 100_000, "]] }} {{",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_text_is_printed_as_it_is_and_evaluates_nothing(text: str):
    minimum = signature()["legal_minimum"] | {"signer": text, "issuer": text, "certificate_managing_unit": text}
    one = signature(
        field=text, legal_minimum=minimum, errors=[text], level=text, trust={**signature()["trust"], "anchor": text},
        signer={"common_name": text, "organisation": text, "title": text, "serial": text},
        changes=[{"revision": 2, "what": text}],
    )  # fmt: skip
    pdf = render_report(report(one), ISSUER)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) < 12
    said = words(pdf)
    assert "BÁO CÁO KIỂM TRA CHỮ KÝ SỐ" in said
    assert "\u202e" not in said
    if text in {HOSTILE[0], HOSTILE[2], HOSTILE[4]}:
        assert text in said
    if text == HOSTILE[6]:
        assert "[U+202E]gnorw" in said


@given(st.text(max_size=300))
@settings(max_examples=15, deadline=None)
def test_any_name_can_be_printed(text: str):
    minimum = signature()["legal_minimum"] | {"signer": text}
    assert render_report(report(signature(field=text, legal_minimum=minimum)), ISSUER).startswith(b"%PDF-")


@given(st.text(max_size=500))
@settings(max_examples=200)
def test_what_is_shown_can_be_drawn_and_is_bounded(text: str):
    line = shown(text, limit=60)
    assert len(line) <= 60
    assert set(line) <= printable_letters() | {" "}


def test_vietnamese_names_are_shown_letter_by_letter():
    assert shown("Nguyễn Thị Lấp Lánh Ánh", limit=60) == "Nguyễn Thị Lấp Lánh Ánh"
