"""A real browser on a real server: Debian's Chromium, the application on loopback with prepared reports."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1100, "height": 900}
_START_LIMIT_S = 150  # a first start makes keys and certificates, perhaps beside other heavy work


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the running application."""
    port = free_port()
    log = tmp_path_factory.mktemp("service") / "log"
    command = [sys.executable, str(Path(__file__).parent / "canned_service.py"), str(log.parent), str(port)]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_live(address, process, log)
            yield address
        finally:
            process.terminate()


def scroll_description_to(page: Page, text: str) -> None:
    """Scroll the API's description until a text is drawn: of a long one only what is near the window is."""
    description = page.locator("#swagger-ui")
    expect(description).to_contain_text("/health/live", timeout=30_000)
    page.mouse.move(500, 500)
    for _ in range(100):
        if text in description.inner_text():
            break
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(150)
    expect(description).to_contain_text(text)


def free_port() -> int:
    """Give a port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_live(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for the service, or fail with what it wrote."""
    until = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the service stopped: {log.read_text()[-2000:]}")
        try:
            httpx2.get(f"{address}/health/live", timeout=2).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the service did not start in time")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give the browser, or fail with what to install: a check that is skipped unseen is none."""
    if not CHROMIUM.exists():
        pytest.fail("install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, service: str) -> Iterator[OpenPage]:
    """Open an address of the service; an error on the console or in a script fails the test."""
    contexts = []
    troubles: list[str] = []

    def note(message: Any) -> None:
        # 4xx answers are wanted in some tests; the browser reports each as a failed resource
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            troubles.append(message.text)

    def open_one(path: str, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=service, viewport=options.pop("viewport", DESKTOP), locale="en-GB", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def axe_source() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def violations(axe_source: str) -> Callable[[Page], list[str]]:
    """Run axe-core on the page as it stands."""

    def run(page: Page) -> list[str]:
        found = page.evaluate(f"{axe_source}; axe.run(document).then(result => JSON.stringify(result.violations))")
        return [f"{item['id']}: {item['nodes'][0]['html']}" for item in json.loads(found)]

    return run
