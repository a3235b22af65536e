"""The quick drill in a real browser: three people at once, from the command to the final report.

Sam runs it, Chris plays, Ana observes on a phone. Set TOCSIN_SCREENSHOTS for the pictures.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from bot.documents.pdf_text import text_of_pages
from bot.practice import Practice
from bot.store.tables import Incident
from bot.store.unit_of_work import reading
from tests.conftest import MovingClock
from tests.e2e.browser_kit import PATIENCE_MS, Tab, chromium
from tests.e2e.exercise_kit import Drill, found
from tests.kit import ANA, CHRIS, SAM, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = (
    "/incident exercise start drill_lost_laptop commander @chris forensics @farid legal @lena "
    "comms @chris observers @ana seed 7"
)
PHONE = {"width": 390, "height": 844}


def test_a_drill_of_three_people(pair: Practice, pair_clock: MovingClock, tmp_path: Path) -> None:
    with chromium() as browser:
        sam, chris, ana = Tab(browser, SAM), Tab(browser, CHRIS), Tab(browser, ANA)
        ana.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        drill = sam_starts(pair, pair_clock, sam)
        chris_plays(drill, chris)
        sam_steers(drill, sam)
        chris_sees_what_came(drill, chris)
        ana_observes(drill, ana)
        sam_ends(drill, sam)
        chris_looks_back(chris)
        report = sam_makes_it_final(drill, sam, tmp_path)
        complaints = [one for tab in (sam, chris, ana) for one in tab.complaints]
    assert complaints == []
    pages = text_of_pages(report.read_bytes())
    assert pages
    assert [one for one in pages if "EXERCISE" not in one] == []
    assert "DRAFT" not in " ".join(pages)


def sam_starts(pair: Practice, clock: MovingClock, sam: Tab) -> Drill:
    since = len(pair.box.calls)
    sam.workspace(pair.box_url)
    sam.go_to("general")
    with reading(pair.tocsin.store) as session:
        before = set(session.exec(select(Incident.ref)).all())
    sam.say(START)
    # The answers to runs of other tests may stand there too.
    ref = until(lambda: refs_in(sam) - before).pop()
    sam.sees("is running. Its channel comes in a moment")
    sam.picture("ex-01-started")
    drill = found(pair, clock, ref, since=since)
    sam.sign_in(pair.web_url, drill.home)
    expect(sam.page.get_by_text("Exercise time", exact=True)).to_be_visible()
    expect(sam.page.get_by_text("Wall clock", exact=True)).to_be_visible()
    expect(sam.page.get_by_text("12 × as fast as the wall")).to_be_visible()
    sam.picture("ex-02-console")
    return drill


def refs_in(tab: Tab) -> set[str]:
    """The runs that are named on a page."""
    return set(re.findall(r"EX-\d{4}-\d{4}", tab.page.content()))


def chris_plays(drill: Drill, chris: Tab) -> None:
    chris.workspace(drill.pair.box_url)
    chris.go_to(drill.ref.lower())
    chris.sees("My laptop is gone")
    chris.sees("EXERCISE, nothing of this is real")
    at = drill.clock().strftime("%Y-%m-%d %H:%M UTC")
    chris.say(f"/incident fact aware at {at}")
    chris.sees("GDPR: to the authority")
    chris.picture("ex-03-channel")
    drill.beat(seconds=10)
    assert drill.states()["E1"] == "met"


def sam_steers(drill: Drill, sam: Tab) -> None:
    page = sam.page
    page.get_by_label("Why it is held").fill("coffee")
    page.get_by_role("button", name="Hold", exact=True).click()
    sam.sees("HELD: coffee")
    drill.beat(minutes=30)
    assert drill.states()["I2"] == "planned", "held time delivers nothing"
    sam.picture("ex-04-held")
    page.get_by_role("button", name="Resume", exact=True).click()
    sam.sees("The exercise goes on.")
    page.get_by_role("button", name="Deliver I3 now").click()
    sam.sees("Delivered.")
    page.get_by_text("Write an inject", exact=True).click()
    page.get_by_label("How does it come?").select_option(label="Press request")
    page.get_by_label("From whom?").fill("The Ledger")
    page.get_by_label("Title", exact=True).fill("Is it true?")
    page.get_by_label("Text", exact=True).fill("We print at six. How many customers? @channel")
    sam.picture("ex-05-write-an-inject")
    page.get_by_role("button", name="Deliver it now (exercise)").click()
    sam.sees("Your inject is delivered.")
    sam.picture("ex-06-console-later")
    drill.beat()


def chris_sees_what_came(drill: Drill, chris: Tab) -> None:
    chris.sees("What may I tell my team?")
    chris.sees("Is it true?")
    for one in drill.room.messages():
        assert "EXERCISE" in one["text"], one
    chris.picture("ex-07-channel-later")
    chris.sign_in(drill.pair.web_url, drill.home)
    chris.sees("Is it true?")
    expect(chris.page.get_by_text("Encryption status")).to_have_count(0)
    chris.picture("ex-08-player")


def ana_observes(drill: Drill, ana: Tab) -> None:
    ana.sign_in(drill.pair.web_url, drill.home)
    ana.picture("ex-09-observer-phone")
    wide = ana.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], "nothing sticks out at the side"
    ana.page.get_by_label("Strength", exact=True).check()
    ana.page.get_by_label("What did you see?").fill("Chris asked for the time of loss at once.")
    ana.page.get_by_role("button", name="Keep the note").click()
    ana.sees("Written down. Thank you.")
    first = ana.page.locator("#ratings form").first
    first.get_by_label("Your rating").select_option("S")
    first.get_by_role("button", name="Rate").click()
    ana.sees("Your rating is kept.")
    ana.page.locator("#ratings").scroll_into_view_if_needed()
    ana.picture("ex-10-observer-rated")


def sam_ends(drill: Drill, sam: Tab) -> None:
    sam.page.get_by_text("End it", exact=True).click()
    sam.page.get_by_role("button", name="ENDEX: end it and write the report").click()
    sam.sees("ENDEX. The hot wash is open")
    drill.beat()
    assert drill.run().state == "ended"


def chris_looks_back(chris: Tab) -> None:
    chris.page.reload()
    question = "Who recorded when we became aware, and how did they know?"
    chris.page.get_by_label(question).fill("I did, from the call.")
    chris.page.locator("#hotwash").scroll_into_view_if_needed()
    chris.picture("ex-11-hot-wash")
    chris.page.get_by_role("button", name="Send without my name").click()
    chris.sees("You have given your feedback. Thank you.")


def sam_makes_it_final(drill: Drill, sam: Tab, folder: Path) -> Path:
    page = sam.page
    page.reload()
    ratings = page.locator("#ratings form")
    for place in range(ratings.count()):
        ratings.nth(place).get_by_label("Final rating").select_option("S")
        ratings.nth(place).get_by_role("button", name="Confirm").click()
        expect(ratings.nth(place)).to_contain_text("confirmed", timeout=PATIENCE_MS)
    page.locator("#ratings").scroll_into_view_if_needed()
    sam.picture("ex-12-ratings")
    page.get_by_role("button", name="Make it final").click()
    sam.sees("The report is final")
    page.locator("#report").scroll_into_view_if_needed()
    sam.picture("ex-13-final")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Report as PDF").click()
    assert waiting.value.suggested_filename == f"EXERCISE-{drill.ref}-after-action.pdf"
    file = folder / "report.pdf"
    waiting.value.save_as(file)
    page.goto(f"{drill.pair.web_url}/exercises")
    sam.sees(f"{drill.ref} Lost laptop")
    sam.picture("ex-14-programme")
    return file
