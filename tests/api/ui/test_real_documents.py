"""The pages on real documents: typeset, signed by a person, sealed, issued, and then damaged."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp

from api.callers import Role
from tests.api.test_results import Office, office  # noqa: F401 - the fixture is asked for by name
from tests.api.ui.test_pages import said

pytestmark = pytest.mark.journey


@dataclass
class Issued:
    """A birth extract on its way through the office."""

    unsigned: bytes
    sealed: bytes
    landing: str
    """Path of the QR code on its page."""


@pytest.fixture(scope="module")
def issued(office: Office) -> Issued:  # noqa: F811 - the fixture of this name
    result = office.numbered()
    unsigned = office.content(result)
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    answer = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")
    assert answer.status_code in {200, 201}, answer.text
    picture = pypdfium2.PdfDocument(unsigned)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    return Issued(unsigned=unsigned, sealed=office.content(result), landing=urlsplit(code.text).path)


@pytest.fixture
def send(installation: Any) -> Any:
    def post(content: bytes, path: str = "/kiem-tra") -> str:
        files = {"tep": ("trích lục.pdf", content, "application/pdf")}
        answer = installation.client.post(path, files=files, headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return said(answer)

    return post


def test_an_issued_result_is_valid_with_both_signers_and_said_to_be_a_trial(issued: Issued, send: Any) -> None:
    text = send(issued.sealed)
    assert "HỢP LỆ Tệp có 2 chữ ký số hợp lệ" in text
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in text
    assert "chứng thư số cá nhân" in text
    assert "con dấu của cơ quan, chứng thư thứ 2" in text
    assert "Có dấu thời gian: 23/11/2026 09:00:00 (+07:00)." in text
    assert "Đang có hiệu lực" in text


def test_a_sealed_result_that_is_not_issued_yet_is_not_shown_green(office: Office, send: Any) -> None:  # noqa: F811 - as above
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    text = send(office.content(result))
    assert "CHỮ KÝ HỢP LỆ, VĂN BẢN KHÔNG CÓ HIỆU LỰC" in text
    assert "Chưa ban hành" in text


def test_a_page_before_anyone_signed_has_no_signature(issued: Issued, send: Any) -> None:
    assert "KHÔNG CÓ CHỮ KÝ" in send(issued.unsigned)


def test_one_changed_byte_is_found(issued: Issued, send: Any) -> None:
    # in the picture of the person's mark: the file stays readable and only the signatures tell
    place = issued.sealed.index(b"stream", issued.sealed.index(b"/Image", len(issued.unsigned))) + 200
    changed = issued.sealed[:place] + bytes([issued.sealed[place] ^ 1]) + issued.sealed[place + 1 :]
    text = send(changed)
    assert re.search("KHÔNG HỢP LỆ Nội dung tệp đã bị sửa đổi sau khi ký", text)
    assert "Ai ký" not in text.split("Chi tiết kỹ thuật")[0]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_off_anywhere_is_never_valid(issued: Issued, send: Any, share: float) -> None:
    text = send(issued.sealed[: int(len(issued.sealed) * share)])
    assert "Tệp có 2 chữ ký số hợp lệ" not in text


def test_the_qr_code_of_the_page_leads_to_the_same_document(issued: Issued, installation: Any, send: Any) -> None:
    landing = said(installation.client.get(issued.landing, headers={"Accept": "text/html"}))
    assert "Trích lục khai sinh" in landing
    assert "T*** M*** K***" in landing
    assert "Trần Minh Khôi" not in landing
    assert "Trùng khớp hoàn toàn với bản gốc đang lưu." in send(issued.sealed, issued.landing)
    assert "Khác bản gốc đang lưu" in send(issued.sealed + b"\n% more", issued.landing)
