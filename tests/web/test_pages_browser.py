"""A person with a phone and a keyboard walks the pages in Chromium."""

from collections.abc import Iterator

import pytest
from pages_kit import LETTER, Site
from playwright.sync_api import Page, sync_playwright

from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import FARID


@pytest.fixture
def phone(site: Site) -> Iterator[Page]:
    """A page 390 pixels wide; every complaint of the browser and every foreign request fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        complaints: list[str] = []
        page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: complaints.append(str(one)))
        page.on(
            "request",
            lambda one: (
                None if one.url.startswith((site.url, "data:")) else complaints.append(one.url)
            ),
        )
        yield page
        browser.close()
    assert complaints == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


@pytest.mark.browser
@pytest.mark.slow
def test_lena_completes_and_approves_a_notice_on_her_phone(
    site: Site, ref: str, phone: Page
) -> None:
    site.record(ref, FARID, {k: text for k, text in LETTER.items() if k != "measures_taken"})
    desk = f"{site.url}/incidents/{ref}/notices/1"
    phone.goto(desk)
    assert phone.title() == "Who are you? · Tocsin"
    assert fits(phone)
    phone.get_by_role("button", name="Chris Nakamura").click()
    assert phone.url == desk
    assert fits(phone)

    # By keyboard: the first stop leads past the navigation.
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.textContent") == "Skip to the content"

    gaps = phone.locator("#gaps")
    gaps.get_by_label("What have we done?").fill("The account was closed.")
    gaps.get_by_label("How do we know it?").fill("Farid's report")
    gaps.get_by_role("button", name="Record").click()
    assert "Recorded. The notice follows the facts" in phone.get_by_role("status").inner_text()
    phone.get_by_role("button", name="Submit to review").click()

    phone.get_by_role("link", name="Switch person").click()
    phone.get_by_role("button", name="Lena Okafor").click()
    phone.goto(desk)
    # A phone loads the preview when one comes near it.
    phone.locator("iframe").scroll_into_view_if_needed()
    frame = phone.frame_locator("iframe")
    frame.get_by_text("The account was closed.").wait_for()
    assert frame.locator("body").evaluate("getComputedStyle(document.body).fontFamily") != ""
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename == f"{ref}-N1-v2-DRAFT.pdf"
    phone.get_by_role("button", name="Approve version 2").click()
    assert "Approved." in phone.get_by_role("status").inner_text()
    assert fits(phone)

    phone.goto(f"{site.url}/incidents/{ref}")
    assert fits(phone)
    phone.get_by_label("What", exact=True).select_option("data_elements")
    phone.get_by_role("checkbox", name="passport").wait_for()
    assert fits(phone)
