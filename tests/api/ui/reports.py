"""Verification reports as `POST /v1/verifications` answers them, one per state of the page."""

from copy import deepcopy
from typing import Any

from signing.validation import TEXTS, Reason

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_PERSON: dict[str, Any] = {
    "field": "ChuKy1",
    "kind": "signature",
    "indication": "TOTAL-PASSED",
    "sub_indication": None,
    "reason_code": None,
    "intact": True,
    "covers_whole_file": False,
    "changes_after": "permitted",
    "changes": [{"revision": 2, "what": "signature added in field DauCoQuan"}],
    "level": "B-LT",
    "best_signature_time": {"at": "2026-11-22T03:15:05Z", "source": "signature_timestamp"},
    "claimed_time": "2026-11-22T03:15:02Z",
    "signer": {
        "common_name": "Nguyễn Thị Hồng Gấm",
        "organisation": "Ủy ban nhân dân phường Yết Kiêu",
        "title": "Phó Chủ tịch",
        "serial": "4f2a9c01",
    },
    "certificate": {"class": "personal", "ordinal": 1, "sha256": "aa" * 32},
    "trust": {"profile": "official", "anchor": "CA chuyên dùng công vụ"},
    "legal_minimum": {
        "issuer": "Common Name: CA chuyên dùng",
        "signer": "Nguyễn Thị Hồng Gấm",
        "certificate_managing_unit": "Ủy ban nhân dân phường Yết Kiêu",
        "signing_time": {"at": "2026-11-22T03:15:05Z", "source": "signature_timestamp"},
        "integrity": "intact",
        "validity_at_signing_time": "valid",
        "certificate_period": {"not_before": "2026-01-01T00:00:00Z", "not_after": None},
    },
    "evidence": [],
    "warnings": [],
    "errors": [],
}
_SEAL: dict[str, Any] = {
    **_PERSON,
    "field": "DauCoQuan",
    "covers_whole_file": True,
    "changes_after": "none",
    "changes": [],
    "best_signature_time": {"at": "2026-11-22T03:20:41Z", "source": "signature_timestamp"},
    "claimed_time": "2026-11-22T03:20:39Z",
    "signer": {
        "common_name": "Ủy ban nhân dân phường Yết Kiêu",
        "organisation": "Ủy ban nhân dân phường Yết Kiêu",
        "title": None,
        "serial": "4f2a9c02",
    },
    "certificate": {"class": "org_seal", "ordinal": 2, "sha256": "bb" * 32},
}


def report(verdict: str = "valid", **changes: Any) -> dict[str, Any]:
    """Give a report with the two signatures of a result; `changes` replace fields of the report."""
    return {
        "verdict": verdict,
        "acceptance": {"valid": "accept", "invalid": "refuse"}.get(verdict, "ask"),
        "reason_codes": [],
        "reasons_vi": [],
        "reasons_en": [],
        "file": {"sha256": SHA256, "size": 123456},
        "signatures": [deepcopy(_PERSON), deepcopy(_SEAL)],
        "entitlement": {"status": "entitled", "reasons": []},
        "document_status": {"state": "unknown", "vault_match": "not_checked"},
        "policy": "vn-tt15-2025",
        **changes,
    }


def signature(**changes: Any) -> dict[str, Any]:
    """Give the person's signature with some fields replaced."""
    return {**deepcopy(_PERSON), **changes}


def valid() -> dict[str, Any]:
    return report(document_status={"state": "active", "vault_match": "identical"})


def trial() -> dict[str, Any]:
    made = report(
        reason_codes=["DEVELOPMENT_NO_LEGAL_VALUE"],
        reasons_vi=["CHỨNG THƯ PHÁT TRIỂN - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ."],
        reasons_en=["DEVELOPMENT CERTIFICATE - NO LEGAL VALUE."],
    )
    for entry in made["signatures"]:
        entry["trust"] = {"profile": "dev", "anchor": "Anso DEV Root"}
    return made


def altered() -> dict[str, Any]:
    return report(
        "invalid",
        reason_codes=["DOCUMENT_ALTERED"],
        reasons_vi=["Nội dung trang 1 bị thay sau chữ ký của Nguyễn Thị Hồng Gấm."],
        reasons_en=["The content of page 1 was replaced after the signature of Nguyễn Thị Hồng Gấm."],
        signatures=[
            signature(
                indication="TOTAL-FAILED",
                sub_indication="FORMAT_FAILURE",
                reason_code="DOCUMENT_ALTERED",
                changes_after="forbidden",
                changes=[{"revision": 3, "what": "page content replaced"}],
            )
        ],
    )


def revoked() -> dict[str, Any]:
    return report(
        "invalid",
        reason_codes=["CERT_REVOKED_AT_SIGNING"],
        reasons_vi=["Chứng thư bị thu hồi ngày 01/11/2026, trước khi ký."],
        reasons_en=["The certificate was revoked on 1 November 2026, before signing."],
        signatures=[
            signature(indication="TOTAL-FAILED", sub_indication="REVOKED", reason_code="CERT_REVOKED_AT_SIGNING")
        ],
    )


def undecided() -> dict[str, Any]:
    return report(
        "indeterminate",
        reason_codes=["STATUS_UNKNOWN"],
        reasons_vi=["Chưa lấy được thông tin thu hồi của nơi cấp chứng thư."],
        reasons_en=["The issuer's revocation information could not be obtained."],
        signatures=[
            signature(
                indication="INDETERMINATE",
                sub_indication="TRY_LATER",
                reason_code="STATUS_UNKNOWN",
                best_signature_time={"at": None, "source": "none"},
            )
        ],
        entitlement={"status": "unknown", "reasons": []},
    )


def unsigned() -> dict[str, Any]:
    return report(
        "no_signature",
        reason_codes=["NO_SIGNATURE"],
        reasons_vi=["Hình ảnh con dấu hoặc chữ ký không phải là chữ ký số."],
        reasons_en=["Pictures of seals or signatures are not signatures."],
        signatures=[],
        entitlement={"status": "unknown", "reasons": []},
    )


def _unsigned_because(code: str) -> dict[str, Any]:
    made = unsigned()
    made["reason_codes"].append(code)
    made["reasons_vi"].append(TEXTS[Reason(code)].vi)
    made["reasons_en"].append(TEXTS[Reason(code)].en)
    return made


def printed() -> dict[str, Any]:
    return _unsigned_because("PRINT_ONLY")


def pictured() -> dict[str, Any]:
    return _unsigned_because("PICTURE_OF_SEAL")


def empty() -> dict[str, Any]:
    return _unsigned_because("SIGNATURE_FIELD_EMPTY")


def unreadable() -> dict[str, Any]:
    return report(
        "indeterminate",
        reason_codes=["DOCUMENT_ENCRYPTED"],
        reasons_vi=["Tệp được bảo vệ bằng mật khẩu nên không kiểm tra được."],
        reasons_en=["The file is protected by a password and cannot be checked."],
        signatures=[],
        entitlement={"status": "unknown", "reasons": []},
    )


def withdrawn() -> dict[str, Any]:
    return report(document_status={"state": "revoked", "vault_match": True})


STATES = {
    "valid": valid,
    "trial": trial,
    "altered": altered,
    "revoked": revoked,
    "undecided": undecided,
    "unsigned": unsigned,
    "printed": printed,
    "pictured": pictured,
    "empty": empty,
    "unreadable": unreadable,
    "withdrawn": withdrawn,
}
