"""The page of print runs: bring a list, take the proof, approve it, make letters, hand over."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator

import httpx
import pytest
from pages_kit import NOW, Looker, Site
from playwright.sync_api import Page, expect, sync_playwright
from print_site import flat, list_letters, make_letters, people, proof_hash, released_letter

from bot.services.holds import place_hold
from tests.documents.notice_kit import pages_of
from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import CHRIS, FARID, LENA, SAM, entries_of, log_of, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def home(site: Site, ref: str) -> str:
    """The address of the print runs of a released letter."""
    return f"/incidents/{ref}/notices/{released_letter(site, ref)}/print"


@pytest.fixture(scope="module")
def still(whole_site: Site) -> tuple[str, str]:
    """An incident with a list of two letters in which nothing more happens, and its address."""
    whole_site.hands.now = NOW
    found: list[str] = []
    whole_site.tx(lambda tx: found.append(opened(tx).ref))
    (ref,) = found
    home = f"/incidents/{ref}/notices/{released_letter(whole_site, ref)}/print"
    bring(whole_site.as_(CHRIS), home, people(2, "x;;;;;;"))
    return ref, home


def bring(looker: Looker, home: str, content: bytes, *, csrf: str | None = None) -> httpx.Response:
    """Send a list in one form."""
    return looker.client.post(
        home,
        data={"csrf": looker.csrf if csrf is None else csrf, "source": "", "form": ""},
        files={"file": ("people.csv", content, "text/csv")},
    )


def prove(site: Site, home: str) -> str:
    """Have Chris take the proof pack; return its digest as the page shows it."""
    chris = site.as_(CHRIS)
    pack = chris.post(f"{home}/1/proof")
    shown = proof_hash(chris.get(home).text)
    assert shown == hashlib.sha256(pack.content).hexdigest()
    return shown


def test_the_whole_way_of_a_print_run(site: Site, ref: str, home: str) -> None:
    chris, lena = site.as_(CHRIS), site.as_(LENA)
    lena.client.timeout = 120.0  # a part is made in new processes, and the machine may be busy
    answer = bring(chris, home, people(12, "Mia Kind;Weg 4;20457;Hamburg;DE;yes;"))
    assert answer.headers["location"] == f"{home}?item=1"
    told = flat(chris.get(answer.headers["location"]).text)
    assert "Rows 13 Letters 12 Came back 1 Read as UTF-8, semicolon" in told
    assert "1 row: a minor, and no guardian is named" in told
    assert "Row 14: a minor" in told
    assert "Mia Kind" not in told, "names stand in the file that comes back, not on the page"
    back = chris.post(f"{home}/1/returned.csv")
    assert back.content.decode("utf-8-sig").splitlines()[1].startswith('14,"a minor')
    shown = prove(site, home)
    assert "Only Legal may approve the proof" in flat(site.as_(CHRIS).get(home).text)
    assert lena.post(f"{home}/1/approve", {"proof_sha256": shown}).status_code == 303
    assert lena.post(f"{home}/1/start").headers["location"] == f"{home}?done=started"
    assert "0 of 12 letters made" in flat(lena.get(home).text)
    make_letters(site, ref)
    assert lena.get(f"{home}/1/progress").headers["HX-Refresh"] == "true"
    listed = lena.post(f"{home}/1/letters.csv").content
    part = lena.post(f"{home}/1/parts/1")
    with zipfile.ZipFile(io.BytesIO(part.content)) as archive:
        assert archive.read("letters.csv") == listed
        assert len(archive.namelist()) == 13
        assert "Ana Núñez 1" in pages_of(archive.read(archive.namelist()[1]))[0]
    compared = compare(lena, home, listed)
    assert "The printer’s list agrees with ours" in flat(compared.text)
    assert [one for one in entries_of(site.store, ref) if one.startswith("print_run.")] == [
        "print_run.checked",
        "print_run.proof_approved",
        "print_run.started",
        "print_run.finished",
        "print_run.handed_over",
        "print_run.handed_over",
        "print_run.compared",
    ]
    assert_nobody_named(site, ref)


def compare(looker: Looker, home: str, content: bytes) -> httpx.Response:
    """Send what the printer sent back."""
    return looker.client.post(
        f"{home}/1/printer",
        data={"csrf": looker.csrf},
        files={"file": ("printer.csv", content, "text/csv")},
    )


@pytest.fixture
def printed(site: Site, ref: str, home: str) -> Site:
    """A finished run of twelve letters, whose digests are made up; a row came back."""
    bring(site.as_(CHRIS), home, people(12, "Mia Kind;Weg 4;20457;Hamburg;DE;yes;"))
    list_letters(site, ref)
    return site


def test_the_last_comparison_stays_on_the_page(printed: Site, ref: str, home: str) -> None:
    chris = printed.as_(CHRIS)
    listed = chris.post(f"{home}/1/letters.csv").content
    compare(chris, home, listed)
    lena = printed.as_(LENA)
    told = flat(lena.get(home).text)
    assert re.search(r"Compared 21 Nov 2026, 12:00 by Chris[\w ]*: agrees \.", told)
    printed.hands.wait(minutes=5)
    differing = compare(lena, home, b"\n".join(listed.splitlines()[:-2]))
    assert "The printer’s list differs from ours" in flat(differing.text)
    told = flat(lena.get(home).text)
    assert re.search(r"12:05 by Lena[\w ]*: differs \(missing: 2\)\.", told)
    assert "Have the printer stop" in told
    before = entries_of(printed.store, ref)
    assert compare(chris, home, b"row,pages\n2,1\n").status_code == 409
    assert compare(printed.as_(FARID), home, listed).status_code == 403
    assert entries_of(printed.store, ref) == before


def test_a_list_is_erased_by_two_and_the_page_says_what_is_left(printed: Site, home: str) -> None:
    chris, lena = printed.as_(CHRIS), printed.as_(LENA)
    answer = chris.post(f"{home}/1/erasure/ask", {"reason": ""})
    assert answer.status_code == 409
    assert "Say why the list isn't needed any more" in flat(answer.text)
    answer = chris.post(f"{home}/1/erasure/ask", {"reason": "all is posted"})
    assert answer.headers["location"] == f"{home}?done=erasure-asked#run-1"
    told = flat(lena.get(home).text)
    assert re.search(r"Chris[\w ]* asked 21 Nov 2026, 12:00 : all is posted", told)
    answer = chris.post(f"{home}/1/erasure/confirm", {"reason": "and done"})
    assert answer.status_code == 403
    assert "and done" in answer.text, "what was typed is there still"
    answer = lena.post(f"{home}/1/erasure/confirm", {"reason": "no claim"})
    assert answer.headers["location"] == f"{home}?done=erased#run-1"
    told = flat(lena.get(home).text)
    assert re.search(r"erased by Lena[\w ]* 21 Nov 2026, 12:00", told)
    assert "Letters can’t be made again" in told
    assert "Part 1 of 1" not in told
    for path in ("parts/1", "returned.csv", "proof"):
        refused = chris.post(f"{home}/1/{path}")
        assert refused.status_code == 409
        assert "The list of print run 1 is erased" in flat(refused.text)
    listed = chris.post(f"{home}/1/letters.csv")
    assert len(listed.content.splitlines()) == 13
    assert "agrees with ours" in flat(compare(chris, home, listed.content).text)


def test_a_hold_shuts_the_button_and_says_so(printed: Site, ref: str, home: str) -> None:
    printed.act(ref, LENA, lambda tx, one, lena: place_hold(tx, one, reason="suit", actor=lena))
    chris = printed.as_(CHRIS)
    hold = "Legal hold H-1 is in force: nothing may be erased or disposed of."
    assert hold in flat(chris.get(home).text)
    answer = chris.post(f"{home}/1/erasure/ask", {"reason": "all is posted"})
    assert answer.status_code == 409
    assert hold in flat(answer.text)
    assert chris.post(f"{home}/7/erasure/ask", {"reason": "x"}).status_code == 409


def assert_nobody_named(site: Site, ref: str) -> None:
    for entry in log_of(site.store, ref):
        assert "Núñez".encode() not in entry.line
        assert b"Beispielweg" not in entry.line


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("", {}),
        ("/1/returned.csv", {}),
        ("/1/proof", {}),
        ("/1/approve", {"proof_sha256": "p"}),
        ("/1/start", {}),
        ("/1/stop", {}),
        ("/1/letters.csv", {}),
        ("/1/parts/1", {}),
        ("/1/erasure/ask", {"reason": "r"}),
        ("/1/erasure/confirm", {"reason": "r"}),
        ("/1/erasure/refuse", {"reason": "r"}),
    ],
)
def test_who_may_not_is_told_so_and_who_is_no_member_nothing(
    site: Site, still: tuple[str, str], path: str, fields: dict[str, str]
) -> None:
    ref, home = still
    before = entries_of(site.store, ref)
    farid, sam = site.as_(FARID), site.as_(SAM)
    send: Callable[[Looker], httpx.Response] = (
        (lambda who: who.post(f"{home}{path}", fields))
        if path
        else (lambda who: bring(who, home, people(3)))
    )
    refused = send(farid)
    assert refused.status_code == 403
    assert "may" in flat(refused.text)
    assert send(sam).status_code == 404
    assert farid.send(f"{home}{path}", {"csrf": "wrong", **fields}).status_code in {403, 409}
    assert entries_of(site.store, ref) == before


def test_a_file_that_is_no_list_is_refused_in_words(site: Site, ref: str, home: str) -> None:
    answer = bring(site.as_(CHRIS), home, b"PK\x03\x04")
    assert answer.status_code == 409
    assert "is a spreadsheet, not a CSV file" in flat(answer.text)
    assert "print_run.checked" not in entries_of(site.store, ref)


def test_a_form_of_another_site_is_refused(site: Site, ref: str, home: str) -> None:
    assert bring(site.as_(CHRIS), home, people(2), csrf="wrong").status_code == 403
    assert "print_run.checked" not in entries_of(site.store, ref)


def test_a_notice_that_isn_t_approved_says_what_comes_first(site: Site, ref: str) -> None:
    site.record(ref, FARID, {"aware_at": "2026-11-21 09:00 UTC", "risk_to_people": "high"})
    told = flat(site.as_(CHRIS).get(f"/incidents/{ref}/notices/1/print").text)
    assert "nothing is printed of it in numbers" in told


def test_a_list_over_the_limit_is_refused_before_it_is_sent(site: Site, home: str) -> None:
    chris = site.as_(CHRIS)
    size = site.store.artifacts.max_bytes + 1
    answer = chris.post(f"{home}/uploads", {"name": "people.csv", "size": size})
    assert answer.status_code == 409
    assert "TOCSIN_MAX_FILE_MB" in answer.json()["problem"]


def test_an_upload_of_evidence_isn_t_taken_for_a_list(site: Site, ref: str, home: str) -> None:
    chris = site.as_(CHRIS)
    begun = chris.post(f"/incidents/{ref}/uploads", {"name": "a.csv", "size": 3}).json()
    assert chris.post(f"{home}/uploads/{begun['id']}/finish").status_code == 404


def test_the_example_can_be_brought_as_it_is(site: Site, home: str) -> None:
    chris = site.as_(CHRIS)
    answer = bring(chris, home, chris.get(f"{home}/example.csv").content)
    told = flat(chris.get(answer.headers["location"]).text)
    assert "Rows 2 Letters 1 Came back 1" in told, "the German speaker has a letter of their own"


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    assert site.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(20_000)
        faults: list[str] = []
        page.on("pageerror", lambda one: faults.append(str(one)))
        yield page
        browser.close()
    assert faults == []


@pytest.mark.browser
def test_a_list_goes_in_with_the_keyboard_alone(
    site: Site, ref: str, home: str, page: Page
) -> None:
    page.goto(f"{site.url}{home}")
    with page.expect_navigation():  # or a hand would be faster than the page's script
        page.get_by_role("button", name="Chris").click()
    page.get_by_label("List", exact=True).set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": people(3)}
    )
    _tab_to(page, "Check the list")
    page.keyboard.press("Enter")
    page.wait_for_url("**/print?item=1")
    expect(page.get_by_role("status").first).to_contain_text("print run 1")
    with page.expect_download() as download:
        _tab_to(page, "Download the proof pack (ZIP)")
        page.keyboard.press("Enter")
    assert re.fullmatch(rf"{ref}-N\d+-v\d+-run1-PROOF.zip", download.value.suggested_filename)


def _tab_to(page: Page, name: str) -> None:
    """Go through the page with the tabulator until this button has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"the keyboard doesn't come to “{name}”")
