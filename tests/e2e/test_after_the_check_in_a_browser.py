"""The signed version, the changes and the report, as people fetch them in Chromium after a check."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signing.pades import SigningRequest, sign_pdf
from tests.e2e.conftest import DESKTOP, PHONE, OpenPage
from tests.fakes import small_pki
from tests.fakes.sample_pdf import assembled

pytestmark = pytest.mark.browser

_CONTENT = b"0 0 1 rg 20 20 100 50 re f"
_OBJECTS = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> >>",
    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(_CONTENT), _CONTENT),
]


@pytest.fixture(scope="module")
def versions() -> tuple[bytes, bytes]:
    """A file with the signature `ChuKy1`, and the same with a second one behind it."""
    pki = small_pki.SmallPki()
    pdf = assembled(_OBJECTS, extra=b"% state:valid;\n")
    made = []
    for field in ("ChuKy1", "DauCoQuan"):
        request = SigningRequest(credential=pki.credential(), field_name=field)
        pdf = sign_pdf(pdf, request, keys=pki.keys, stamp=None, evidence=None, at=pki.at).pdf
        made.append(pdf)
    return made[0], made[1]


def chosen(pdf: bytes) -> Any:
    return {"name": "văn bản.pdf", "mimeType": "application/pdf", "buffer": pdf}


def checked(page: Page, pdf: bytes) -> None:
    page.set_input_files("#tep", chosen(pdf))
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.locator(".anso-verdict")).to_be_visible()
    page.get_by_text("Bản đã ký, phần thay đổi, báo cáo").click()


def test_the_file_that_was_checked_need_not_be_chosen_again(open_page: OpenPage, versions: tuple[bytes, bytes]) -> None:
    page = open_page("/")
    checked(page, versions[1])
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải bản đã ký").click()
    assert Path(download.value.path()).read_bytes() == versions[0]


def test_without_javascript_the_file_is_chosen_again(open_page: OpenPage, versions: tuple[bytes, bytes]) -> None:
    page = open_page("/", java_script_enabled=False)
    checked(page, versions[1])
    page.set_input_files("#tep-lai", chosen(versions[1]))
    page.select_option("#chu-ky", "DauCoQuan")
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải bản đã ký").click()
    assert Path(download.value.path()).read_bytes() == versions[1]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_changed_is_shown_accessibly_and_fits(
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    versions: tuple[bytes, bytes],
    size: dict[str, int],
) -> None:
    page = open_page("/", viewport=size)
    checked(page, versions[1])
    page.get_by_role("button", name="Xem phần thay đổi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phần thay đổi sau khi ký")
    expect(page.locator(".anso-compare")).to_contain_text("Trang 1/1 giống hệt bản đã ký.")
    assert page.evaluate("() => document.querySelector('.anso-picture').naturalWidth") > 200
    assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
    assert violations(page) == []
