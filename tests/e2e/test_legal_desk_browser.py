"""The legal desk without a mouse: from the list to the record of what the authority answered.

Lena and Chris press keys in Chromium; nothing is clicked. Facts are told beforehand but for three.
Set TOCSIN_SCREENSHOTS for the pictures.
"""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from bot.documents.pdf_text import text_of_pages
from bot.domain.facts import parse_key, read_value
from bot.practice import Practice
from bot.services.facts import NewFact, record_facts
from bot.store.unit_of_work import unit_of_work
from tests.conftest import MovingClock
from tests.e2e.browser_kit import PATIENCE_MS, Tab, chromium
from tests.e2e.keyboard_kit import Keyboard
from tests.kit import FARID, entries_of, opened, who

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "Notification of a personal data breach"
TOLD = {
    "aware_at": "2026-11-19 08:00 UTC",
    "breach_started_at": "2026-11-18 22:00 UTC",
    "breach_ended_at": "2026-11-19 07:30 UTC",
    "what_happened": "An intruder copied claims files through a forgotten export account.",
    "subject_categories": "policyholders and claimants",
    "record_categories": "claims files and bank details",
    "records_total": "3200",
    "data_elements": "name, ssn",
    "residents:DE": "250",
    "encryption": "not_encrypted",
    "risk_to_people": "high",
}
"""All that the notice needs but for three facts, which Lena fills in."""

CONSEQUENCES = "Identity theft, and calls by people who pretend to be the insurer."
MEASURES = "The account was closed and all keys were replaced."
BETTER = "The export account was closed within the hour; all 40 keys were replaced by noon."
REFERENCE = "HmbBfDI-2026-4711"


class Person:
    """Somebody signed in, with a keyboard."""

    def __init__(self, browser: Browser, slack_id: str, name: str, address: str) -> None:
        self.tab = Tab(browser, slack_id)
        self.page = self.tab.page
        self.keys = Keyboard(self.page)
        self.page.emulate_media(reduced_motion="reduce")
        self.page.goto(address)
        self.keys.press(re.compile(name))
        self.page.wait_for_url(address)

    def told(self, words: str) -> None:
        """Wait for the page to say that the step is done."""
        expect(self.page.get_by_role("status").first).to_contain_text(words, timeout=PATIENCE_MS)

    def picture(self, name: str) -> None:
        """Keep a screenshot, with the preview and its fonts in it."""
        self.page.wait_for_load_state("networkidle")
        self.tab.picture(f"desk-{name}")

    def pdf(self, folder: Path) -> str:
        """Download the PDF; return its text."""
        with self.page.expect_download() as waiting:
            self.keys.reach("link", "Download PDF")
            self.page.keyboard.press("Enter")
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return " ".join(text_of_pages(path.read_bytes()))


@pytest.fixture
def ref(pair: Practice, pair_clock: MovingClock) -> str:
    """An incident with the facts told, and the notice to the authority drafted by itself."""
    now, zone = pair_clock(), ZoneInfo("Europe/Berlin")
    with unit_of_work(pair.tocsin.store, now=now) as tx:
        incident = opened(tx, title="Keyboard walk: claims copied")
        new = [
            NewFact(
                key=parse_key(name),
                value=read_value(parse_key(name), text, now=now, zone=zone),
                source="told by the test",
            )
            for name, text in TOLD.items()
        ]
        record_facts(tx, incident, new, actor=who(tx, FARID))
        return incident.ref


def test_from_the_desk_to_what_the_authority_answered(
    pair: Practice, ref: str, tmp_path: Path
) -> None:
    with chromium() as browser:
        lena = Person(browser, "U0LENA", "Lena Okafor", f"{pair.web_url}/desk")
        open_the_notice(lena, ref)
        home = lena.page.url
        fill_what_is_missing(lena)
        remark_and_assign(lena)
        chris = Person(browser, "U0CHRIS", "Chris Nakamura", home)
        chris_rewords_and_submits(chris)
        lena_reads_and_approves(lena, home)
        chris_releases(chris)
        text = lena_files(lena, tmp_path)
        complaints = lena.tab.complaints + chris.tab.complaints
    assert complaints == []
    assert BETTER in text
    assert MEASURES not in text
    assert "DRAFT" not in text
    events = entries_of(pair.tocsin.store, ref)
    steps = ("commented", "assigned", "comment_resolved", "approved", "released", "sent")
    assert [one for one in events if one in {f"notice.{step}" for step in steps}] == [
        f"notice.{step}" for step in steps
    ]


def test_each_step_of_the_review_of_a_privileged_notice(pair: Practice, ref: str) -> None:
    """Chris reads it once Lena gives it to him, Ana never does; approved is what bears no mark."""
    home = f"{pair.web_url}/incidents/{ref}/notices/1"
    with chromium() as browser:
        lena = Person(browser, "U0LENA", "Lena Okafor", home)
        fill_what_is_missing(lena)
        lena.keys.unfold("Mark as privileged")
        lena.keys.press("Mark as privileged")
        lena.told("Marked as privileged")
        ana = Person(browser, "U0ANA", "Ana Brandt", home)
        expect(ana.page.get_by_text("N-1 is marked as privileged: Legal reads it")).to_be_visible()
        ana.picture("21-privileged-refused")
        remark_and_assign(lena)
        chris = Person(browser, "U0CHRIS", "Chris Nakamura", home)
        chris_rewords_and_submits(chris)
        approves_once_the_mark_is_off(lena)
        ana.page.reload()
        ana.keys.press("Release")
        ana.told("Released: two people stand behind it.")
        complaints = [one for each in (lena, ana, chris) for one in each.tab.complaints]
    # Chromium complains of the one page that Ana was refused, as it should.
    assert [one for one in complaints if "status of 403" not in one] == []
    assert len(complaints) == 1


def approves_once_the_mark_is_off(lena: Person) -> None:
    keys, page = lena.keys, lena.page
    page.reload()
    lena.picture("22-privileged-review")
    keys.unfold("Take the privilege mark off")
    keys.press("Take the mark off")
    lena.told("The mark is taken off")
    keys.press(re.compile("^Approve version"))
    lena.told("Approved.")


def open_the_notice(lena: Person, ref: str) -> None:
    lena.picture("01-list")
    lena.keys.follow(re.compile(f"^{TITLE}, {ref} N-"))
    expect(lena.page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    lena.picture("02-notice")


def fill_what_is_missing(lena: Person) -> None:
    keys = lena.keys
    before = keys.stops
    keys.follow("Skip the preview")
    keys.reach("button", "Submit to review")
    assert keys.stops - before < 12, "the facts in the preview are links, and lie in between"
    keys.write("How many people are affected, in all places?", "1450")
    keys.write("What may it mean for people?", CONSEQUENCES)
    keys.write("What have we done?", MEASURES)
    keys.choose("How sure are we?", "conf")
    keys.write("How do we know it?", "Farid's report")
    lena.picture("03-gaps")
    keys.press("Record")
    lena.told("Recorded. The notice follows the facts")
    expect(lena.page.locator("#gaps")).to_have_count(0)


def remark_and_assign(lena: Person) -> None:
    keys = lena.keys
    keys.unfold("Write a comment")
    keys.choose("On which paragraph?", MEASURES[:20])
    keys.write("Comment", "Which keys, and when? The authority will ask.")
    lena.picture("04-comment")
    keys.press("Save the comment")
    lena.told("Your comment is on the record.")
    quote = lena.page.locator("#comments blockquote")
    expect(quote).to_have_text(MEASURES)
    keys.unfold("Assign it")
    keys.choose("To whom?", "Chris")
    keys.press("Assign")
    lena.told("Assigned. They are told")


def chris_rewords_and_submits(chris: Person) -> None:
    keys = chris.keys
    keys.unfold("Change the wording of a text")
    keys.write("What have we done?", BETTER)
    chris.picture("05-wording")
    keys.press("Save the wording")
    chris.told("you are the author of this version")
    keys.press("Settle comment 1")
    chris.told("The comment is settled.")
    keys.press("Submit to review")
    chris.told("The notice is with Legal for review.")
    expect(chris.page.get_by_role("button", name="Approve version")).to_be_disabled()
    chris.picture("06-handed-in")


def lena_reads_and_approves(lena: Person, home: str) -> None:
    keys, page = lena.keys, lena.page
    page.goto(home)
    lena.picture("07-review")
    keys.follow("What changed since the version before")
    changed = page.locator(".redline .reworded")
    expect(changed.locator("ins").last).to_contain_text("by noon")
    lena.picture("08-redline")
    keys.reach("combobox", "From version")
    page.keyboard.press("Home")
    keys.press("Compare")
    expect(page.get_by_text("Version 1,")).to_be_visible()
    keys.follow(re.compile("^N-"), back=True)
    keys.press(re.compile("^Approve version"))
    lena.told("Approved.")
    expect(page.get_by_role("button", name="Record as sent")).to_be_disabled()
    lena.picture("09-approved")


def chris_releases(chris: Person) -> None:
    chris.page.reload()
    chris.keys.press("Release")
    chris.told("Released: two people stand behind it.")
    chris.picture("10-released")


def lena_files(lena: Person, folder: Path) -> str:
    """Download, look at the worksheet, record the filing; return what the PDF says."""
    keys, page = lena.keys, lena.page
    page.reload()
    keys.reach("link", re.compile("Worksheet for the authority"))
    text = lena.pdf(folder)
    keys.follow(re.compile("Worksheet for the authority"), back=True)
    page.wait_for_url("**/worksheet")
    lena.picture("11-worksheet")
    keys.write("Reference of the authority", REFERENCE)
    lena.picture("12-record-of-submission")
    keys.press("Record as filed")
    lena.told("Recorded as sent, with your proof.")
    expect(page.locator("#steps")).to_contain_text(REFERENCE)
    lena.picture("13-sent")
    keys.press(re.compile("^Mark as met"))
    lena.told("The clock is met, with this notice as the proof.")
    expect(page.locator("#steps")).to_contain_text("is met as of")
    return text
