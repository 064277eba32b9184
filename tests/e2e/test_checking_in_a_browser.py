"""What people do on the pages, in Chromium."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FileChooser, Locator, Page, expect

from tests.api.ui.reports import STATES
from tests.e2e.conftest import PHONE, OpenPage, scroll_description_to

pytestmark = pytest.mark.browser

CODE = "k3v7q2m9t4x8b6n1c5z0w3y7ra"
SIZES = pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])


def pdf(state: str, name: str = "Quyết định 165.pdf") -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": f"%PDF-1.7\nstate:{state};".encode()}


def check(page: Page, state: str) -> Locator:
    page.set_input_files("#tep", pdf(state))
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    verdict = page.locator(".anso-verdict")
    expect(verdict).to_be_visible()
    return verdict


def opened(open_page: OpenPage, path: str, size: dict[str, int] | None, **options: Any) -> Page:
    return open_page(path, viewport=size, **options) if size else open_page(path, **options)


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))


def test_a_chosen_file_gets_its_verdict_and_the_focus(open_page: OpenPage) -> None:
    page = open_page("/")
    verdict = check(page, "valid")
    expect(verdict).to_contain_text("HỢP LỆ")
    expect(verdict).to_be_focused()
    expect(page.locator(".anso-check")).to_have_count(4)
    assert page.url.endswith("/")  # the page stayed; only its frame was replaced


def test_a_dropped_file_is_checked_at_once(open_page: OpenPage) -> None:
    page = open_page("/")
    carried = page.evaluate_handle(
        """() => {
            const carried = new DataTransfer();
            carried.items.add(new File(["%PDF-1.7\\nstate:altered;"], "kéo thả.pdf", {type: "application/pdf"}));
            return carried;
        }"""
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": carried})
    expect(page.locator("form")).to_have_class(re.compile("anso-upload--over"))
    page.dispatch_event("body", "drop", {"dataTransfer": carried})
    verdict = page.locator(".anso-verdict")
    expect(verdict).to_contain_text("KHÔNG HỢP LỆ")
    expect(verdict).to_contain_text("kéo thả.pdf")
    expect(page.locator(".anso-check")).to_have_count(1)


def test_one_file_after_another_can_be_checked(open_page: OpenPage) -> None:
    page = open_page("/")
    for state, word in (("valid", "HỢP LỆ"), ("unsigned", "KHÔNG CÓ CHỮ KÝ"), ("undecided", "CHƯA KẾT LUẬN ĐƯỢC")):
        expect(check(page, state)).to_contain_text(word)


def test_everything_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    expect(check(page, "trial")).to_contain_text("KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
    page.get_by_text("Chi tiết kỹ thuật").click()
    expect(page.locator(".govuk-details__text").first).to_contain_text("TOTAL-PASSED")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a signature")
    page.set_input_files("#tep", pdf("unsigned"))
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator(".anso-verdict")).to_contain_text("NO SIGNATURE")


def test_without_javascript_a_mistake_gives_the_error_summary(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Hãy chọn một tệp PDF.")
    expect(page).to_have_title(re.compile("^Lỗi: "))


@SIZES
@pytest.mark.parametrize("state", STATES)
def test_each_verdict_is_accessible_and_fits(
    open_page: OpenPage, violations: Callable[[Page], list[str]], state: str, size: dict[str, int] | None
) -> None:
    page = opened(open_page, "/", size)
    check(page, state)
    for summary in page.locator("summary").all():
        summary.click()
    assert not scrolls_sideways(page)
    assert violations(page) == []


@SIZES
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/", "Kiểm tra chữ ký"),
        ("/?lang=en", "Check a signature"),
        (f"/v/{CODE}", "Văn bản theo mã QR"),
        (f"/v/{CODE[::-1]}", "Văn bản theo mã QR"),
        ("/v/khong-co-ma-nay-trong-kho", "Không có văn bản nào mang mã này"),
        ("/khong-co-trang-nay", "Không tìm thấy"),
    ],
)
def test_each_page_is_accessible_and_fits(
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    path: str,
    heading: str,
    size: dict[str, int] | None,
) -> None:
    page = opened(open_page, path, size)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert not scrolls_sideways(page)
    assert violations(page) == []


@SIZES
@pytest.mark.parametrize("mistake", ["nothing", "too_large", "not_pdf", "busy"])
def test_each_mistake_is_said_beside_the_field_accessibly(
    open_page: OpenPage, violations: Callable[[Page], list[str]], mistake: str, size: dict[str, int] | None
) -> None:
    page = opened(open_page, "/", size)
    files = {
        "too_large": {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"x" * 2 * 1024 * 1024},
        "not_pdf": {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"PK\x03\x04"},
        "busy": pdf("busy"),
    }
    if mistake in files:
        page.set_input_files("#tep", files[mistake])
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    sentence = {
        "nothing": "Hãy chọn một tệp PDF.",
        "too_large": "Tệp lớn hơn 2 MB.",
        "not_pdf": "Tệp này không phải PDF.",
        "busy": "Hệ thống đang bận.",
    }[mistake]
    expect(page.locator(".govuk-error-message")).to_contain_text(sentence)
    expect(page.locator(".anso-verdict")).to_have_count(0)
    assert not scrolls_sideways(page)
    assert violations(page) == []


def test_a_person_who_uses_only_the_keyboard_gets_the_verdict(open_page: OpenPage) -> None:
    page = open_page("/")
    # asked for from the start: the browser hands file dialogs over only some moments after it is told to
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))  # noqa: PLW0108 - a built-in method is no handler
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#tep")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(50):
        if choosers:
            break
        page.wait_for_timeout(100)
    choosers[0].set_files(pdf("revoked"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Kiểm tra", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".anso-verdict")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-details__text").first).to_be_visible()


def test_what_has_the_focus_can_be_seen(open_page: OpenPage) -> None:
    page = open_page("/")
    for _ in range(7):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== "none" && style.outlineWidth !== "0px"
                    || style.boxShadow !== "none" || style.backgroundColor === "rgb(255, 221, 0)";
            }"""
        )
        assert seen, page.evaluate("() => document.activeElement.outerHTML")


def test_what_is_pressed_on_a_phone_is_large_enough(open_page: OpenPage) -> None:
    page = open_page("/", viewport=PHONE)
    check(page, "valid")
    for target in page.locator("a:visible, button:visible, input[type=file], summary").all():
        box = target.bounding_box()
        if box is None or "govuk-skip-link" in (target.get_attribute("class") or ""):
            continue
        assert box["height"] >= 44, target.evaluate("element => element.outerHTML")


def test_vietnamese_is_set_in_our_font(open_page: OpenPage) -> None:
    page = open_page("/")
    page.evaluate("() => document.fonts.ready")
    loaded = page.evaluate(
        """() => Array.from(document.fonts).filter(face => face.status === "loaded").map(
            face => `${face.family.replaceAll('"', "")} ${face.weight} ${face.unicodeRange.includes("U+1EA0")}`)"""
    )
    # the part with the Vietnamese letters, in both cuts
    assert {"Be Vietnam Pro 400 true", "Be Vietnam Pro 700 true"} <= set(loaded)
    widths = page.evaluate(
        """() => {
            const pen = document.createElement("canvas").getContext("2d");
            return ['"Be Vietnam Pro"', "monospace"].map(family => {
                pen.font = `40px ${family}`;
                return pen.measureText("ỆữẵỢđ").width;
            });
        }"""
    )
    assert widths[0] != widths[1]


def test_a_qr_code_leads_a_phone_to_the_comparison(open_page: OpenPage) -> None:
    page = open_page(f"/v/{CODE}", viewport=PHONE)
    expect(page.locator("dl")).to_contain_text("165/TLKS-UBND")
    check(page, "valid")
    compared = page.locator(".anso-compare")
    expect(compared).to_contain_text("Trùng khớp hoàn toàn")
    expect(compared).to_be_focused()
    check(page, "other_file")
    expect(compared).to_contain_text("Khác bản gốc")


def test_the_comparison_is_accessible(open_page: OpenPage, violations: Callable[[Page], list[str]]) -> None:
    page = open_page(f"/v/{CODE}", viewport=PHONE)
    for state in ("trial", "other_file"):
        check(page, state)
        assert violations(page) == []


def test_nothing_is_fetched_from_elsewhere(open_page: OpenPage, service: str) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", f"/v/{CODE}", "/docs"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    check_page = [url for url in asked if not url.startswith((service, "data:"))]
    assert check_page == []


def test_the_api_description_is_readable_under_the_strict_policy(open_page: OpenPage) -> None:
    page = open_page("/docs")
    scroll_description_to(page, "/v1/")
    expect(page.locator(".opblock").first).to_be_visible()
