"""Scenario S08: a bank scans the QR code of a printed decision and compares the file, through HTTP."""

from hashlib import sha256
from typing import Any

import pytest

from tests.api.office import open_office
from tests.journeys.issued_result import IssuedResult, issued_result, landed, photograph, scanned, verified

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def issued(installation: Any) -> IssuedResult:
    return issued_result(open_office(installation))


def test_the_page_says_what_was_issued_without_naming_the_holder(installation: Any, issued: IssuedResult) -> None:
    text = landed(installation.client, issued.landing)
    for expected in (
        "Trích lục khai sinh", "TLKS-UBND", "Ủy ban nhân dân phường Yên Giang", "23/11/2026", "Đang có hiệu lực",
        "T*** M*** K***", sha256(issued.pdf).hexdigest(), "Bản in tự nó không có giá trị pháp lý",
    ):  # fmt: skip
        assert expected in text
    assert "Trần Minh Khôi" not in text


def test_the_true_file_is_valid_and_identical_with_the_stored_original(installation: Any, issued: IssuedResult) -> None:
    text = landed(installation.client, issued.landing, issued.pdf)
    assert "Trùng khớp hoàn toàn với bản gốc đang lưu." in text
    assert "HỢP LỆ Tệp có 2 chữ ký số hợp lệ" in text
    for check in ("Chữ ký hợp lệ lúc ký", "Nội dung không bị thay đổi", "Người ký có thẩm quyền"):
        assert f"{check}: Đạt" in text
    assert "Văn bản đang có hiệu lực: Đạt" in text
    report = verified(installation.client, issued.pdf)
    assert (report["verdict"], report["acceptance"]) == ("valid", "accept")
    assert report["document_status"] == {"state": "active", "vault_match": "identical"}
    assert report["entitlement"]["status"] == "entitled"


@pytest.mark.parametrize("copy", [photograph, scanned], ids=["photograph", "scan"])
def test_the_print_alone_has_no_legal_value_of_its_own(installation: Any, issued: IssuedResult, copy: Any) -> None:
    content = copy(issued.pdf)
    text = landed(installation.client, issued.landing, content, "ảnh.jpg")
    assert "KHÔNG CÓ CHỮ KÝ" in text
    assert "Bản in tự nó không có giá trị pháp lý" in text
    assert "Khác bản gốc đang lưu" in text
    report = verified(installation.client, content, "ảnh.jpg")
    assert (report["verdict"], report["acceptance"]) == ("no_signature", "refuse")
    assert report["reason_codes"][:2] == ["NO_SIGNATURE", "PRINT_ONLY"]


def test_the_bank_takes_the_report_along(installation: Any, issued: IssuedResult) -> None:
    answer = installation.client.post("/kiem-tra/bao-cao", files={"tep": ("a.pdf", issued.pdf)})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    own = verified(installation.client, answer.content)
    assert own["verdict"] == "valid"


def test_each_signers_own_version_can_be_fetched_and_is_a_beginning_of_the_file(
    installation: Any, issued: IssuedResult
) -> None:
    ends = []
    for signature in verified(installation.client, issued.pdf)["signatures"]:
        answer = installation.client.post(
            "/v1/verifications/signed-versions",
            files={"file": ("a.pdf", issued.pdf)},
            data={"field": signature["field"]},
        )
        assert answer.status_code == 200
        assert issued.pdf.startswith(answer.content)
        ends.append(len(answer.content))
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends) >= 2
