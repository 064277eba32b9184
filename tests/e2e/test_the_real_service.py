"""`anso serve` as an operator starts it, and a browser in front of it: no part is prepared."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.rendering import render_result
from tests.api.rendering.result_contents import birth_extract
from tests.e2e.conftest import DESKTOP, ROOT, free_port, scroll_description_to, wait_until_live

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def real_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("anso")
    port, log = free_port(), folder / "log"
    command = [str(Path(sys.executable).parent / "anso"), "serve", "--data", str(folder / "data"), "--port", str(port)]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_live(address, process, log)
            yield address
        finally:
            process.terminate()


def test_a_page_of_ours_that_nobody_signed_is_told_from_a_signed_one(chromium: Browser, real_service: str) -> None:
    context = chromium.new_context(base_url=real_service, viewport=DESKTOP)
    page = context.new_page()
    page.goto("/")
    file = {"name": "chưa ký.pdf", "mimeType": "application/pdf", "buffer": render_result(birth_extract())}
    page.set_input_files("#tep", [file])  # type: ignore[list-item] # a FilePayload is a dict
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.locator(".anso-verdict")).to_contain_text("KHÔNG CÓ CHỮ KÝ", timeout=30_000)
    page.goto("/docs")
    scroll_description_to(page, "/v1/verifications")
    context.close()
