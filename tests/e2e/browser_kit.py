"""Hands in a real browser: the workspace's page and Tocsin's pages, one tab per person.

Set TOCSIN_SCREENSHOTS to a folder to keep a picture of every stop of a walk.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = shutil.which("chromium")
"""The system's browser, which `make test` installs."""

WIDE: ViewportSize = {"width": 1280, "height": 900}
PATIENCE_MS = 20_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """One person's tab. Anything that the page complains about is kept in `complaints`."""

    def __init__(self, browser: Browser, who: str) -> None:
        self.who = who
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport=WIDE, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type == "error" else None
        )

    def workspace(self, box_url: str, channel: str = "") -> None:
        """Open the workspace as this person."""
        self.page.goto(f"{box_url}/?as={self.who}#{channel}")

    def go_to(self, channel: str) -> None:
        """Choose a channel in the left column."""
        self.page.get_by_role("navigation", name="Channels").get_by_text(
            re.compile(channel)
        ).first.click()

    def say(self, text: str) -> None:
        """Type something into the composer and send it."""
        box = self.page.get_by_label("Message", exact=True)
        box.fill(text)
        box.press("Escape")
        self.page.get_by_label("Send", exact=True).click()

    def dialog(self, title: str) -> Locator:
        """Return a modal by its title."""
        found = self.page.get_by_role("dialog", name=title)
        expect(found).to_be_visible(timeout=PATIENCE_MS)
        return found

    def sees(self, text: str) -> Locator:
        """Wait until a text stands on the page."""
        found = self.page.get_by_text(text).locator("visible=true").last
        expect(found).to_be_visible(timeout=PATIENCE_MS)
        return found

    def sign_in(self, web_url: str, path: str) -> None:
        """Open one of Tocsin's pages, choosing to be this person."""
        self.page.goto(web_url + path)
        self.page.locator(f'button[value="{self.who}"]').click()
        self.page.wait_for_url(f"**{path}")

    def picture(self, name: str) -> None:
        """Keep a screenshot if somebody asked for them."""
        folder = os.environ.get("TOCSIN_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")
