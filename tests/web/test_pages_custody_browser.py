"""Farid and Lena hand a laptop over in Chromium: collected, released, received, printed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages_kit import Site
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import entries_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def tab(site: Site) -> Iterator[Page]:
    """A tab of a browser that complains of nothing and reaches nothing else."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
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
    """Whether nothing sticks out at the side, on a phone too."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{page.title().replace(' ', '_')}-{width}")
        if not page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ):
            return False
    return True


def picture(page: Page, name: str) -> None:
    """Keep a screenshot if somebody asked for them."""
    folder = os.environ.get("TOCSIN_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def be(tab: Page, name: str, path: str) -> None:
    """Be somebody, and open a page."""
    tab.get_by_role("link", name="Switch person").click()
    tab.get_by_role("button", name=name).click()
    tab.goto(path)


def test_a_laptop_changes_hands(site: Site, ref: str, tab: Page) -> None:
    tab.goto(f"{site.url}/incidents/{ref}/collect")
    with tab.expect_navigation():  # or a hand would be faster than the page's script
        tab.get_by_role("button", name="Farid").click()
    tab.get_by_label("What it is").fill("Laptop of the finance desk")
    tab.get_by_label("4. Disk").check()
    tab.get_by_label("Source machine").fill("fin-07")
    tab.get_by_text("The thing: make").click()
    tab.get_by_label("Serial number").fill("SN-4711")
    assert fits(tab)
    tab.get_by_role("button", name="Take into custody").click()
    expect(tab.get_by_role("status")).to_contain_text("in your custody")
    item = f"{site.url}/incidents/{ref}/evidence/1/item"

    tab.locator("#transfer summary").click()
    tab.get_by_label("To whom", exact=True).select_option(label="Lena Okafor")
    tab.get_by_label("Purpose and remarks").fill("to the safe, seal 12")
    tab.locator("#transfer button").click()
    expect(tab.get_by_role("status")).to_contain_text("Released.")
    assert fits(tab)

    site.hands.wait(hours=2)
    be(tab, "Lena Okafor", item)
    tab.locator("#receive summary").click()
    tab.get_by_label("Remark, if any").first.fill("seal 12 whole")
    tab.locator("#receive button").click()
    expect(tab.get_by_role("status")).to_contain_text("You hold the item now.")
    tab.locator("#hold summary").click()
    tab.get_by_label("Why: case, authority, letter").fill("Doe v. Halden")
    tab.locator("#hold button").click()
    expect(tab.get_by_role("status")).to_contain_text("in force")
    assert fits(tab)
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Custody form (PDF)").click()
    assert download.value.suggested_filename == f"{ref}-E1-custody.pdf"
    if folder := os.environ.get("TOCSIN_SCREENSHOTS"):
        download.value.save_as(Path(folder) / "custody.pdf")
    kept = ["evidence.collected", "evidence.transferred", "evidence.transferred", "hold.placed"]
    assert entries_of(site.store, ref)[-4:] == kept
