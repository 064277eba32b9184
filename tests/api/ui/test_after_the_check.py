"""What a person does after a check: the signed version, the changes, the report; the file is sent again each time."""

import io
import re

import pikepdf
import pytest
from PIL import Image

from signing.pades import SigningRequest, sign_pdf
from tests.api.ui.conftest import Desk
from tests.api.ui.test_pages import said
from tests.fakes import small_pki
from tests.fakes.sample_pdf import encrypted, page, small


@pytest.fixture(scope="module")
def signed() -> tuple[bytes, bytes]:
    """A page with one signature, and the same with a second one."""
    pki = small_pki.SmallPki()

    def by(pdf: bytes, field: str) -> bytes:
        request = SigningRequest(credential=pki.credential(), field_name=field)
        return sign_pdf(pdf, request, keys=pki.keys, stamp=None, evidence=None, at=pki.at).pdf

    first = by(page(), "Người ký")
    return first, by(first, "Dấu")


def test_the_version_under_a_signature_is_downloaded_as_it_was(desk: Desk, signed: tuple[bytes, bytes]) -> None:
    first, second = signed
    answer = desk.send(second, to="/kiem-tra/ban-da-ky", chu_ky="Người ký")
    assert (answer.status_code, answer.content) == (200, first)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"


def test_what_changed_is_shown_on_a_page_with_its_picture(desk: Desk, signed: tuple[bytes, bytes]) -> None:
    answer = desk.send(signed[1], to="/kiem-tra/thay-doi", chu_ky="Người ký", trang=" 1 ")
    assert answer.status_code == 200
    assert "Trang 1/1 giống hệt bản đã ký." in said(answer)
    assert re.search(r'<img class="anso-picture" src="data:image/png;base64,[A-Za-z0-9+/=]+"', answer.text)
    assert "Page 1 of 1" in said(desk.send(signed[1], to="/kiem-tra/thay-doi", chu_ky="Người ký", lang="en"))


def test_the_report_is_downloaded_as_signed_pages(desk: Desk, signed: tuple[bytes, bytes]) -> None:
    answer = desk.send(signed[1], to="/kiem-tra/bao-cao")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert any("/V" in field for field in document.Root.AcroForm.Fields)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (("ban-da-ky", None, {"chu_ky": "Ai đó"}), (404, "Tệp không có chữ ký này")),
        (("thay-doi", None, {"chu_ky": "Dấu", "trang": "9"}), (404, "Tệp không có trang này")),
        (("thay-doi", None, {}), (422, "Lỗi")),
        (("bao-cao", b"", {}), (422, "Tệp này rỗng.")),
        (("ban-da-ky", b"PK\x03\x04", {"chu_ky": "Dấu"}), (422, "Tệp này không phải PDF.")),
        (("ban-da-ky", b"%PDF-1.7 x", {"chu_ky": "Dấu"}), (422, "Tài liệu không đọc được")),
    ],
)
def test_a_refusal_is_a_sentence_on_the_form(
    desk: Desk, signed: tuple[bytes, bytes], form: tuple[str, bytes | None, dict[str, str]], expected: tuple[int, str]
) -> None:
    to, content, fields = form
    answer = desk.send(signed[1] if content is None else content, to=f"/kiem-tra/{to}", **fields)
    assert answer.status_code == expected[0]
    assert expected[1] in said(answer)
    assert "govuk-error-summary" in answer.text


def test_without_a_file_each_form_asks_for_one(desk: Desk) -> None:
    for to in ("ban-da-ky", "thay-doi", "bao-cao"):
        answer = desk.client.post(f"/kiem-tra/{to}", data={"lang": "en"})
        assert (answer.status_code, "Choose a PDF file." in said(answer)) == (422, True)


def test_a_password_goes_with_the_file_and_comes_back_nowhere(desk: Desk) -> None:
    locked = encrypted(small(), user="mở-ra-9")
    answer = desk.send(locked, mat_khau="mở-ra-9")
    assert desk.passwords == ["mở-ra-9"]
    assert "mở-ra-9" not in answer.text
    wrong = desk.send(locked, to="/kiem-tra/ban-da-ky", chu_ky="A", mat_khau="sai")
    assert (wrong.status_code, "Mật khẩu không mở được tệp" in said(wrong)) == (422, True)
    right = desk.send(locked, to="/kiem-tra/ban-da-ky", chu_ky="A", mat_khau="mở-ra-9")
    assert "Tệp không có chữ ký này" in said(right)


def test_a_photograph_is_taken_and_gets_its_answer(desk: Desk) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "JPEG")
    assert desk.send(out.getvalue(), name="ảnh.jpg").status_code == 200
    assert desk.seen == [out.getvalue()]
