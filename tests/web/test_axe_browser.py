"""No page has a barrier that axe-core calls serious or critical, by day and by night.

Chromium opens each page with the state that shows most of it. The policy of the pages forbids
foreign scripts, so that axe-core is let in by a context that passes the policy by.
"""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from pages_kit import LETTER, Site, message
from playwright.sync_api import Browser, Page, sync_playwright
from print_site import people, released_letter
from signin_kit import Door
from test_pages_custody import collected
from test_pages_exercise import OLGA, Drill, drill  # noqa: F401 - a fixture

from bot.services.notice_review import comment_on, resolve_comment
from bot.services.notices import reword_notice, submit_notice
from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import ANA, CHRIS, FARID, LENA, SAM

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BAD = {"serious", "critical"}
SCHEMES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
"""By night only the colours are others."""
WATERMARK = [".behind"]
"""Pale on purpose, and hidden from the ear: the mark at the top of the sheet says the same."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        bypass_csp=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    yield context.new_page()
    context.close()


def barriers(page: Page) -> list[str]:
    """Run axe-core, in light colours and in dark ones; return a line for each thing in the way."""
    page.add_script_tag(content=AXE_SCRIPT)
    # What is folded away is read too.
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    lines = []
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        told = page.evaluate("given => axe.run(...given)", [{"exclude": WATERMARK}, options])
        lines += [
            f"{page.title()}, {scheme}: {one['id']} ({one['impact']}) at {node['target']}: "
            f"{node['failureSummary']}"
            for one in told["violations"]
            if one["impact"] in BAD
            for node in one["nodes"]
        ]
    return lines


def be(tab: Page, site: Site, name: str) -> None:
    tab.goto(f"{site.url}/who")
    with tab.expect_navigation():
        tab.get_by_role("button", name=name).click()


def walk(tab: Page, site: Site, name: str, *paths: str) -> list[str]:
    """Open pages as somebody; return what stands in the way on any of them."""
    be(tab, site, name)
    found = []
    for path in paths:
        answer = tab.goto(site.url + path)
        assert answer is not None
        assert answer.status == 200, path
        found += barriers(tab)
    return found


def test_a_barrier_is_found(tab: Page) -> None:
    tab.set_content('<html lang="en"><title>x</title><main><h1>x</h1><input></main></html>')
    assert [line.partition(" at ")[0] for line in barriers(tab)] == ["x, light: label (critical)"]


def test_pages_that_anybody_opens(site: Site, tab: Page) -> None:
    found = []
    for path in ("/who", "/verify", "/verify/K7Q2-9XMB-4TRD", "/incidents/INC-2020-0001"):
        tab.goto(site.url + path)
        found += barriers(tab)
    assert found == []


def test_the_sign_in_page(door: Door, tab: Page) -> None:
    answer = tab.goto(f"{door.url}/signin")
    assert answer is not None
    assert answer.status == 200
    assert barriers(tab) == []


def test_pages_of_an_incident(site: Site, ref: str, tab: Page) -> None:
    site.record(ref, FARID, LETTER)
    message(site, ref)
    item = collected(site, ref)
    home = f"/incidents/{ref}"
    paths = (
        "/", f"{home}/board", f"{home}/board?to=attorney_general",
        f"{home}/clocks/EU-GDPR-33-SA", f"{home}/questions", f"{home}/collect", item,
        f"{home}/upload", "/calendar", "/desk", "/exercises",
    )  # fmt: skip
    assert walk(tab, site, "Farid Haddad", *paths) == []
    assert walk(tab, site, "Lena Okafor", home, f"{home}/clocks/US-CA-IND", item, "/desk") == []


def test_pages_of_a_notice(site: Site, ref: str, tab: Page) -> None:
    """A notice with gaps, then with a comment and two versions in review, and its side pages."""
    site.record(ref, FARID, {k: text for k, text in LETTER.items() if k != "measures_taken"})
    notice = f"/incidents/{ref}/notices/1"
    assert walk(tab, site, "Lena Okafor", notice, f"{notice}/worksheet") == []
    site.record(ref, FARID, {"measures_taken": LETTER["measures_taken"]})
    words = {"measures_taken": "All keys were replaced."}
    site.act(ref, CHRIS, lambda tx, one, him: reword_notice(tx, one, 1, words, actor=him))
    site.act(ref, CHRIS, lambda tx, one, him: submit_notice(tx, one, 1, actor=him))
    site.act(
        ref,
        LENA,
        lambda tx, one, her: comment_on(tx, one, 1, text="When?", quote="All keys", actor=her),
    )
    site.act(ref, LENA, lambda tx, one, her: resolve_comment(tx, one, 1, 1, actor=her))
    assert walk(tab, site, "Lena Okafor", notice, f"{notice}/redline", f"{notice}/preview") == []


def test_pages_of_a_print_run(site: Site, ref: str, tab: Page) -> None:
    number = released_letter(site, ref)
    notice = f"/incidents/{ref}/notices/{number}"
    chris = site.as_(CHRIS)
    chris.client.post(
        f"{notice}/print",
        data={"csrf": chris.csrf, "source": "", "form": ""},
        files={
            "file": ("people.csv", people(3, "Mia Kind;Weg 4;20457;Hamburg;DE;yes;"), "text/csv")
        },
    )
    chris.post(f"{notice}/print/1/proof")
    assert walk(tab, site, "Lena Okafor", notice, f"{notice}/print") == []


@pytest.mark.parametrize("name", ["Sam Reyes", "Lena Okafor", "Ana Brandt"])
def test_pages_of_an_exercise(drill: Drill, tab: Page, name: str) -> None:  # noqa: F811
    """Sam runs it, Lena plays, Ana watches."""
    assert {SAM, LENA, ANA} >= {OLGA}
    assert walk(tab, drill.site, name, drill.home, f"/incidents/{drill.ref}", "/exercises") == []


def test_the_form_that_starts_an_exercise(site: Site, tab: Page) -> None:
    """As it is at first, and with refusals in it; on a phone nothing sticks out at the side."""
    start = "/exercises/helpdesk_takeover/start"
    found = walk(tab, site, "Sam Reyes", start)
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.get_by_label("Commander").fill("Nobody Known")
    tab.get_by_label("Forensics").fill("Farid")
    tab.get_by_label("Legal").fill("Lena")
    tab.get_by_label("Comms").fill("Chris")
    tab.get_by_label("Or: times as fast").fill("fast")
    tab.get_by_role("button", name="Start the exercise now").press("Enter")
    tab.get_by_text("Nothing was started yet.").wait_for()
    assert tab.get_by_label("Forensics").input_value() == "Farid"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert found + barriers(tab) == []
