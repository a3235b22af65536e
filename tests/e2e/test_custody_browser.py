"""The chain of custody in a real browser: collect, seal, hand over, hold, export, in one walk.

People type, press and read, in the workspace and on the pages. Set TOCSIN_SCREENSHOTS for pictures.
"""

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from bot.practice import Practice
from tests.e2e.browser_kit import Tab, chromium
from tests.slack_kit import Room, cast, open_room

pytestmark = [pytest.mark.browser, pytest.mark.slow]

IMAGE = hashlib.shake_256(b"disk of fin-07").digest(40_000)


def test_an_item_from_its_collection_to_the_expert(pair: Practice, tmp_path: Path) -> None:
    room = cast(open_room(pair, "Custody walk: laptop of finance"))
    with chromium() as browser:
        ana, farid, lena = (Tab(browser, one) for one in ("U0ANA", "U0FARID", "U0LENA"))
        farid_collects_in_slack(room, farid)
        farid_brings_the_image_and_seals_it(room, farid)
        farid_hands_it_to_lena(room, farid, lena)
        lena_places_a_hold(room, lena)
        bundle = ana_exports(room, ana, tmp_path)
        complaints = [one for tab in (ana, farid, lena) for one in tab.complaints]
    assert complaints == []
    the_expert_reads(room, bundle)


def farid_collects_in_slack(room: Room, farid: Tab) -> None:
    """The laptop, with an error under its field first; then the memory, too late, and warned."""
    farid.workspace(room.pair.box_url)
    farid.go_to("inc-.*custody-walk")
    farid.say("/incident evidence collect Laptop of the finance desk")
    form = farid.dialog("Collect an item")
    expect(form.get_by_label("What it is")).to_have_value("Laptop of the finance desk")
    farid.picture("custody-01-form")
    form.get_by_label("4. Disk: disk image, files, mailbox").check()
    form.get_by_label("Source machine").fill("fin-07")
    form.get_by_label("Serial number").fill("SN-4711")
    form.get_by_label(re.compile("^SHA-256")).fill("4711")
    form.get_by_label("Seal number").fill("12")
    form.get_by_label("Storage location").fill("safe B")
    form.get_by_label(re.compile("^Class of record")).scroll_into_view_if_needed()
    farid.picture("custody-02-form-end")
    form.get_by_role("button", name="Take into custody").click()
    expect(form.get_by_role("alert")).to_contain_text("A SHA-256 has 64 digits")
    expect(form.get_by_label("Serial number")).to_have_value("SN-4711")
    farid.picture("custody-03-refused")
    form.get_by_label(re.compile("^SHA-256")).fill("")
    form.get_by_role("button", name="Take into custody").click()
    expect(form).to_be_hidden()
    farid.sees("is in your custody: Laptop of the finance desk")

    farid.say("/incident evidence collect")
    form = farid.dialog("Collect an item")
    form.get_by_label("What it is").fill("Memory of fin-07")
    form.get_by_label(re.compile("^2. Memory and live state")).check()
    form.get_by_label("Source machine").fill("FIN-07")
    form.get_by_role("button", name="Take into custody").click()
    farid.sees("E-1 was collected first, though “Memory and live state” vanishes sooner")
    farid.picture("custody-04-warning")


def farid_brings_the_image_and_seals_it(room: Room, farid: Tab) -> None:
    """The bytes come by the page, since only bytes can be sealed."""
    farid.sign_in(room.pair.web_url, f"/incidents/{room.ref}/upload")
    image = FilePayload(name="fin-07.dd", mimeType="application/octet-stream", buffer=IMAGE)
    farid.page.get_by_label("File").set_input_files(image)
    farid.page.get_by_label("Where it comes from").fill("E-1, disk 0")
    farid.page.get_by_role("button", name="Add to the evidence").click()
    farid.page.wait_for_url("**/upload?item=3")
    farid.page.goto(f"{room.pair.web_url}/incidents/{room.ref}/evidence/3/item")
    farid.page.locator("#seal summary").click()
    farid.page.locator("#seal button").click()
    expect(farid.page.get_by_role("status")).to_contain_text("The item is sealed")
    farid.picture("custody-05-sealed")


def farid_hands_it_to_lena(room: Room, farid: Tab, lena: Tab) -> None:
    """Released on the page, received by the button in the message that Lena gets."""
    farid.page.locator("#transfer summary").click()
    farid.page.get_by_label("To whom", exact=True).select_option(label="Lena Okafor")
    farid.page.get_by_label("Purpose and remarks").fill("to the safe")
    farid.page.locator("#transfer button").click()
    expect(farid.page.get_by_role("status")).to_contain_text("Released.")
    farid.picture("custody-06-released")
    room.settle()
    lena.workspace(room.pair.box_url)
    lena.go_to("Tocsin")
    lena.picture("custody-07-to-receive")
    lena.page.get_by_role("button", name="I have received it").last.click()
    lena.sees("Received by")
    lena.picture("custody-08-received")


def lena_places_a_hold(room: Room, lena: Tab) -> None:
    """Placed in Slack; the page shows it and no longer offers to dispose of anything."""
    lena.go_to("inc-.*custody-walk")
    expect(lena.page.get_by_role("heading", name=re.compile("custody-walk"))).to_be_visible()
    lena.say("/incident evidence hold Doe v. Halden")
    lena.sees("nothing is erased or disposed of")
    lena.picture("custody-09-hold")
    lena.sign_in(room.pair.web_url, f"/incidents/{room.ref}/evidence/3/item")
    expect(lena.page.get_by_text("Legal hold H-1 is in force")).to_be_visible()
    expect(lena.page.get_by_text("Held by Lena Okafor")).to_be_visible()
    expect(lena.page.locator("#dispose")).to_have_count(0)
    lena.picture("custody-10-item")


def ana_exports(room: Room, ana: Tab, folder: Path) -> Path:
    """Export the bundle and unpack it."""
    ana.sign_in(room.pair.web_url, f"/incidents/{room.ref}")
    ana.page.get_by_role("button", name="Export bundle").scroll_into_view_if_needed()
    ana.picture("custody-11-export")
    with ana.page.expect_download() as waiting:
        ana.page.get_by_role("button", name="Export bundle").click()
    archive = folder / "bundle.zip"
    waiting.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return next(one for one in folder.iterdir() if one.is_dir())


def the_expert_reads(room: Room, bundle: Path) -> None:
    """Nothing but Python: the bundle verifies, the image is in it, the steps are in their order."""
    key = room.pair.tocsin.store.signer.vkey
    done = subprocess.run(
        [sys.executable, "-I", "-S", bundle / "verify.py", bundle, "--vkey", key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith("PARTIAL no-trusted-time")
    image = bundle / "data" / "artifacts" / hashlib.sha256(IMAGE).hexdigest()
    assert image.read_bytes() == IMAGE
    for number in (1, 2, 3):
        assert (bundle / "data" / f"custody-form-E{number}.pdf").exists()
    lines = (bundle / "data" / "log" / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    told = re.findall(r'"event":"((?:evidence|hold)\.[a-z]+)"', "\n".join(lines))
    assert told == [
        "evidence.collected",
        "evidence.collected",
        "evidence.collected",
        "evidence.sealed",
        "evidence.transferred",
        "evidence.transferred",
        "hold.placed",
    ]
