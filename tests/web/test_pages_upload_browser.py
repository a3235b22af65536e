"""Somebody uploads a file in Chromium, loses the connection, and goes on."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages_kit import Site
from playwright.sync_api import Page, Route, sync_playwright

from bot.store.uploads import PIECE_BYTES
from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import log_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    assert site.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda one: faults.append(str(one)))
        yield page
        browser.close()
    assert faults == []


def test_an_upload_goes_on_where_it_broke_off(
    site: Site, ref: str, page: Page, tmp_path: Path
) -> None:
    content = hashlib.shake_256(b"memory dump").digest(2 * PIECE_BYTES + 7)
    file = tmp_path / "dump.raw"
    file.write_bytes(content)
    page.goto(f"{site.url}/incidents/{ref}/upload")
    with page.expect_navigation():  # or a hand would be faster than the page's script
        page.get_by_role("button", name="Farid").click()
    sent: list[str] = []

    def pass_or_break(route: Route) -> None:
        """The second piece is lost once, as by a broken connection."""
        sent.append(route.request.url.rsplit("/", 1)[-1])
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile(r"/uploads/[0-9a-f]+/[0-9]+$"), pass_or_break)
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Where it comes from").fill("host web-3")
    page.get_by_role("button", name="Add to the evidence").click()
    page.wait_for_url("**/upload?item=1", timeout=20_000)
    assert "preserved as E-1" in page.get_by_role("status").first.inner_text()
    step = str(PIECE_BYTES)
    assert sent == ["0", step, step, str(2 * PIECE_BYTES)]
    entry = log_of(site.store, ref)[-1]
    assert entry.artifacts[0].sha256 == hashlib.sha256(content).hexdigest()

    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add to the evidence").click()
    page.get_by_text("already preserved as E-1").wait_for(timeout=20_000)
