"""A breach with people in fourteen jurisdictions: declared in Slack, judged and read in Chromium.

Nothing here calls our code: people type, press and read. Set TOCSIN_SCREENSHOTS for the pictures.
"""

import csv
import re
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from bot.documents.pdf_text import text_of_pages
from bot.practice import Practice
from tests.e2e.browser_kit import Tab, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATES = "CA 12000, New York: 3,400, TX 2600, FL 1500, MA 700"
ELSEWHERE = """DE 4200, France 900, GB 1300
BR 350, Japan 1200, AU 240, SG 80, CH 400, Quebec 60"""
FACTS = (
    "aware at 2026-11-19 08:00 UTC",
    "discovered at 2026-11-19 08:00 UTC",
    "names, SSNs, bank accounts and e-mails, not encrypted, high risk",
    "misuse_likely yes",
)
DUE = {
    # 72 hours after awareness, to the minute (Art. 33(1) GDPR).
    "EU-GDPR-33-SA": "Sun 22 Nov 2026, 09:00 CET",
    "GB-UKGDPR-33": "Sun 22 Nov 2026, 08:00 GMT",
    # The 30th day in the state: a Saturday, and the statutes don't move it.
    "US-CA-IND": "Sat 19 Dec 2026, 23:59 PST",
    "US-FL-IND": "Sat 19 Dec 2026, 23:59 EST",
    "US-NY-IND": "Sat 19 Dec 2026, 23:59 EST",
    # The third business day in Brazil; 20 November is a holiday there.
    "BR-LGPD-ANPD": "Wed 25 Nov 2026, 23:59 UTC−03",
}
"""Clock → what the board says of its deadline."""


def test_fourteen_jurisdictions_on_the_board(pair: Practice, tmp_path: Path) -> None:
    with chromium() as browser:
        ana, lena = Tab(browser, "U0ANA"), Tab(browser, "U0LENA")
        ref = declare(pair, ana)
        answer_where_people_live(pair, lena, ref)
        read_the_board(lena.page)
        filter_and_sort(lena.page)
        read_a_clock(lena)
        an_answer_moves_a_duty(lena, ref)
        files_and_feed(lena, tmp_path)
        fits_a_phone(lena, f"{pair.web_url}/incidents/{ref}")
        complaints = ana.complaints + lena.complaints
    # Chromium complains of the one form that was refused, as it should be.
    assert [one for one in complaints if "status of 422" not in one] == []
    assert len(complaints) == 1


def declare(pair: Practice, ana: Tab) -> str:
    """Ana opens the incident in Slack and says what is known; return its reference."""
    ana.workspace(pair.box_url)
    ana.go_to("security")
    ana.say("/incident open")
    form = ana.dialog("Open incident")
    form.get_by_label("What happened, in a few words").fill("Fourteen places: payroll copied")
    form.get_by_label("Playbook").select_option(label="Data breach")
    form.get_by_label("Legal").select_option(label="Lena Okafor – Counsel")
    form.get_by_role("button", name="Open").click()
    expect(form).to_be_hidden()
    ana.go_to("inc-.*fourteen-places")
    ana.sees("Fourteen places: payroll copied")
    for fact in FACTS:
        ana.say(f"/incident fact {fact}")
        ana.sees("Recorded (times read as")
    found = re.search(r"INC-\d{4}-\d{4}", ana.page.content())
    assert found is not None
    return found[0]


def answer_where_people_live(pair: Practice, lena: Tab, ref: str) -> None:
    """Lena answers one question for fifty states, and one for the rest of the world."""
    lena.sign_in(pair.web_url, f"/incidents/{ref}/questions")
    page = lena.page
    states = page.get_by_role("group", name=re.compile("residents of the United States"))
    states.get_by_label("In all").fill("20,200")
    states.get_by_label("Of these, by state").fill(STATES.replace("MA 700", "MA 7OO"))
    others = page.get_by_role("group", name=re.compile("these other places"))
    others.get_by_label("Place and number").fill(ELSEWHERE)
    page.get_by_label("How do we know it?").fill("payroll system, read by Farid")
    page.get_by_role("button", name="Record the answers").click()
    # A letter O for a nought: nothing is recorded, everything typed is still there.
    expect(states.get_by_text("“MA 7OO” can't be read")).to_be_visible()
    expect(others.get_by_label("Place and number")).to_have_value(ELSEWHERE)
    lena.picture("board-01-question-refused")
    states.get_by_label("Of these, by state").fill(STATES)
    page.get_by_role("button", name="Record the answers").click()
    expect(page.get_by_role("status")).to_contain_text("Every duty was judged again")
    expect(page.get_by_role("group", name=re.compile("United States"))).to_have_count(0)


def row_of(page: Page, key: str) -> Locator:
    return page.locator("#clocks tbody tr").filter(
        has=page.get_by_role("link", name=key, exact=True)
    )


def rows(page: Page) -> list[str]:
    return page.locator("#clocks tbody th a").all_inner_texts()


def read_the_board(page: Page) -> None:
    page.get_by_role("link", name="Back to the board").click()
    expect(page.get_by_role("heading", name="Deadlines by jurisdiction")).to_be_visible()
    for key, due in DUE.items():
        expect(row_of(page, key)).to_contain_text(due)
    told = page.locator("#clocks").inner_text()
    for place in ("European Union", "California", "Texas", "Massachusetts", "Switzerland"):
        assert place in told
    for place in ("Brazil", "Australia", "Singapore", "Quebec", "New York", "United Kingdom"):
        assert place in told
    expect(row_of(page, "US-CA-AG")).to_contain_text("waits for US-CA-IND")
    picture = page.get_by_role("img", name=re.compile("^Deadlines of INC-"))
    expect(picture).to_be_visible()
    assert page.locator("svg.wide text", has_text="EU-GDPR-33-SA").count() == 1
    # What isn't visible isn't read aloud either: of the two drawings one is shown.
    assert picture.count() == 1


def filter_and_sort(page: Page) -> None:
    whole = rows(page)
    page.get_by_label("Recipient").select_option("attorney_general")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Only attorney general: 5 of")).to_be_visible()
    assert set(rows(page)) == {"US-CA-AG", "US-FL-AG", "US-NY-AG", "US-TX-AG", "US-MA-AG"}
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Clock", exact=True).click()
    expect(page.get_by_role("columnheader", name="Clock")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert rows(page) == sorted(whole)
    page.get_by_role("columnheader", name="Clock").get_by_role("link").click()
    assert rows(page) == sorted(whole, reverse=True)


def read_a_clock(lena: Tab) -> None:
    page = lena.page
    row_of(page, "US-FL-IND").get_by_role("link").click()
    lena.sees("1,500 residents of US-FL are affected")
    lena.sees("If extended")
    lena.sees("payroll system, read by Farid")
    lena.sees("High confidence, checked on")
    lena.picture("board-02-clock")
    page.get_by_text("Take up the extension", exact=True).first.click()
    form = page.locator("#extend")
    form.get_by_label("Reason").fill("good cause, given to the Department in writing")
    form.get_by_role("button", name="Take up the extension").click()
    lena.sees("The extension is taken up")
    history = page.locator("section", has=page.get_by_role("heading", name="History"))
    expect(history.locator("s").last).to_contain_text("Sat 19 Dec 2026, 23:59 EST")
    expect(history).to_contain_text("Sun 3 Jan 2027, 23:59 EST")


def an_answer_moves_a_duty(lena: Tab, ref: str) -> None:
    page = lena.page
    page.get_by_role("link", name="Board").click()
    waits = page.locator("#open li", has_text="improper purpose")
    waits.get_by_text("wait for it").click()
    expect(waits.get_by_role("link", name="JP-APPI-FINAL-60", exact=True)).to_be_visible()
    waits.get_by_role("link", name="Answer").click()
    page.get_by_label("Is an attack or another improper purpose suspected?").select_option("yes")
    page.get_by_label("How do we know it?").fill("Farid's report")
    page.get_by_role("button", name="Record the answers").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="Back to the board").click()
    expect(row_of(page, "JP-APPI-FINAL-60")).to_contain_text("Japan")
    expect(row_of(page, "JP-APPI-FINAL-60")).to_contain_text("JST")
    expect(page.locator("#open li", has_text="improper purpose")).to_have_count(0)
    assert ref in page.url
    lena.picture("board-03-board")


def files_and_feed(lena: Tab, folder: Path) -> None:
    page = lena.page
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    waiting.value.save_as(folder / "board.csv")
    with (folder / "board.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = {line["Clock"]: line for line in csv.DictReader(file)}
    assert lines["US-FL-IND"]["Due (UTC)"] == "2027-01-04 04:59:59"
    assert lines["US-FL-IND"]["Ruled by counsel"] == "extended"
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF").click()
    waiting.value.save_as(folder / "board.pdf")
    paper = text_of_pages((folder / "board.pdf").read_bytes())[0]
    assert "not legal advice" in paper
    page.emulate_media(media="print")
    expect(page.locator("svg.wide")).to_be_visible()
    expect(page.locator("form.filters")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Make a feed").click()
    address = page.get_by_label("Address of the feed").input_value()
    lena.picture("board-04-feed")
    answer = httpx.get(address, timeout=20)
    names = [str(one["SUMMARY"]) for one in Calendar.from_ical(answer.content).walk("VEVENT")]
    assert any(name.startswith("Deadline JP-APPI-FINAL-60") for name in names)


def fits_a_phone(lena: Tab, home: str) -> None:
    page = lena.page
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("board", "questions", "clocks/EU-GDPR-33-SA", "clocks/US-AL-IND", ""):
        page.goto(f"{home}/{path}".rstrip("/"))
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
    page.goto(f"{home}/board")
    expect(page.locator("svg.narrow")).to_be_visible()
    expect(page.locator("svg.wide")).to_be_hidden()
    lena.picture("board-05-phone")
