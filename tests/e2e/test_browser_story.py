"""The whole main job in a real browser: Ana, Farid, Lena and Chris, from the command to the PDF.

Nothing here calls our code: people type, press and read. Set TOCSIN_SCREENSHOTS for the pictures.
"""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from bot.documents.pdf_text import text_of_pages
from bot.practice import Practice
from tests.e2e.browser_kit import Tab, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOG = b"2026-11-19T02:10:00Z claims-db svc-report-old SELECT claim_file rows=17\n" * 40


@pytest.fixture(scope="module")
def story(pair: Practice, tmp_path_factory: pytest.TempPathFactory) -> "Story":
    """The story as far as it goes; each test tells the next part."""
    return Story(pair, tmp_path_factory.mktemp("story"))


class Story:
    """What the parts hand on to each other."""

    def __init__(self, pair: Practice, folder: Path) -> None:
        self.pair = pair
        self.folder = folder
        self.ref = ""


def open_the_incident(story: Story, ana: Tab) -> None:
    ana.workspace(story.pair.box_url)
    ana.go_to("security")
    ana.say("/incident open")
    form = ana.dialog("Open incident")
    form.get_by_label("What happened, in a few words").fill("Browser walk: claims copied")
    form.get_by_label("Playbook").select_option(label="Data breach")
    form.get_by_label("Forensics").select_option(label="Farid Haddad – Forensics")
    form.get_by_label("Legal").select_option(label="Lena Okafor – Counsel")
    ana.picture("01-open-form")
    form.get_by_role("button", name="Open").click()
    expect(form).to_be_hidden()
    ana.go_to("inc-.*browser-walk")
    heading = ana.sees("Browser walk: claims copied")
    story.ref = re.search(r"INC-\d{4}-\d{4}", ana.page.content())[0]  # type: ignore[index]
    expect(heading).to_be_visible()
    ana.sees("Detection and triage")
    ana.sees("Partners to call")
    ana.picture("02-channel")


def test_from_the_command_to_the_verified_bundle(story: Story) -> None:
    with chromium() as browser:
        ana, farid = Tab(browser, "U0ANA"), Tab(browser, "U0FARID")
        lena, chris = Tab(browser, "U0LENA"), Tab(browser, "U0CHRIS")
        open_the_incident(story, ana)
        chris_takes_comms(story, ana)
        facts_start_clocks(ana)
        farid_preserves(story, farid)
        number = lena_completes(story, lena)
        lena_approves(story, lena, number)
        chris_reads(story, chris, number)
        ana_exports(story, ana)
        complaints = [c for tab in (ana, farid, lena, chris) for c in tab.complaints]
    assert complaints == []


def chris_takes_comms(story: Story, ana: Tab) -> None:
    ana.say("/incident role assign comms @chris")
    ana.sees("is Comms of")
    ana.say("/incident status SEV1 the whole database")
    ana.sees("triage is confirmed")
    assert story.ref


def facts_start_clocks(ana: Tab) -> None:
    ana.say("/incident fact aware at 09:30")
    ana.sees("GDPR: to the authority")
    ana.say("/incident fact 1,200 Californians, names and SSNs, not encrypted")
    ana.sees("1,200 residents of US-CA are affected")
    ana.picture("03-clocks")
    ana.say("/incident nonsense")
    ana.sees("I don't know “nonsense”")


def farid_preserves(story: Story, farid: Tab) -> None:
    farid.workspace(story.pair.box_url)
    farid.go_to("inc-.*browser-walk")
    farid.page.locator('input[type="file"]').set_input_files(
        FilePayload(name="audit.log", mimeType="text/plain", buffer=LOG)
    )
    if farid.page.get_by_role("dialog").count():
        farid.page.get_by_role("dialog").get_by_role("button").last.click()
    message = farid.page.locator(".message", has_text="audit.log").last
    message.hover()
    message.get_by_label(re.compile("^Actions for the message")).click()
    farid.page.get_by_role("menuitem", name=re.compile("Preserve as evidence")).click()
    farid.sees("Preserved as")
    farid.sees("is preserved")
    farid.say("/incident evidence seal 2")
    farid.sees("E-2 is sealed")
    farid.picture("04-evidence")


ANSWERS = {
    "When did the breach begin, as far as known?": "2026-11-19 02:10",
    "When did the breach end?": "2026-11-19 05:40",
    "What happened?": "Somebody used a stolen service account to copy claim files.",
    "Which groups of people?": "policyholders and claimants",
    "Which kinds of records?": "claim files",
    "What may it mean for people?": "Identity theft, or calls that pretend to come from us.",
    "What have we done?": "The account is closed and every credential is changed.",
    "How many people are affected, in all places?": "1200",
    "How many records are affected?": "3400",
}
"""Question on the page → what Lena answers."""


def lena_completes(story: Story, lena: Tab) -> str:
    """Lena finds the notice drafted, sees what is missing and fills it in; return its page."""
    lena.sign_in(story.pair.web_url, f"/incidents/{story.ref}")
    lena.picture("05-incident-page")
    lena.page.get_by_role(
        "link", name=re.compile("Notification of a personal data breach")
    ).first.click()
    expect(lena.page.get_by_role("heading", name="Missing")).to_be_visible()
    lena.picture("06-notice-gaps")
    gaps = lena.page.locator("#gaps")
    for question, words in ANSWERS.items():
        gaps.get_by_label(question, exact=True).fill(words)
    gaps.get_by_label("How do we know it?").fill("Farid's report, read by counsel")
    gaps.get_by_role("button", name="Record").click()
    return lena.page.url


def lena_approves(story: Story, lena: Tab, page: str) -> None:
    expect(lena.page.locator("#gaps")).to_have_count(0)
    lena.page.get_by_role("button", name="Submit to review").click()
    lena.page.get_by_role("button", name=re.compile("^Approve version")).click()
    lena.sees("Approved")
    lena.picture("07-notice-approved")
    with lena.page.expect_download() as waiting:
        lena.page.get_by_role("link", name="Download PDF").click()
    file = story.folder / "notice.pdf"
    waiting.value.save_as(file)
    text = " ".join(text_of_pages(file.read_bytes()))
    assert "Notification of a personal data breach" in text
    assert "stolen service account" in text
    assert "DRAFT" not in text
    assert "[[" not in text
    assert page


def chris_reads(story: Story, chris: Tab, page: str) -> None:
    """Chris may read and download, not approve: the page says who may."""
    chris.sign_in(
        story.pair.web_url,
        page.removeprefix(story.pair.web_url).partition("?")[0].partition("#")[0],
    )
    button = chris.page.get_by_role("button", name="Record as sent")
    expect(button).to_be_disabled()
    chris.sees("Only Legal may")


def ana_exports(story: Story, ana: Tab) -> None:
    """Ana exports the bundle; the file inside verifies it with nothing but Python."""
    ana.sign_in(story.pair.web_url, f"/incidents/{story.ref}")
    with ana.page.expect_download() as waiting:
        ana.page.get_by_role("button", name="Export bundle").click()
    archive = story.folder / "bundle.zip"
    waiting.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(story.folder)
    bundle = next(one for one in story.folder.iterdir() if one.is_dir())
    key = story.pair.tocsin.store.signer.vkey
    done = subprocess.run(
        [sys.executable, "-I", "-S", bundle / "verify.py", bundle, "--vkey", key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith("PARTIAL no-trusted-time")
