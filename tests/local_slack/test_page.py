"""The page in a real browser: a command, a modal, errors, a button, another person's view."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect, sync_playwright
from slack_bolt import Ack
from slack_sdk import WebClient

from bot.local_slack.box import LocalSlack
from bot.local_slack.server import Running
from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.local_slack.conftest import ServedApp
from tests.local_slack.test_bolt import modal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUSY = """() => {
  const quick = window.fetch;
  window.fetch = async (...what) => {
    if (String(what[0]).startsWith("/box/state")) await new Promise((go) => setTimeout(go, 700));
    return quick(...what);
  };
}"""
"""Makes the page's news as late as a busy computer does."""


@pytest.fixture
def page() -> Iterator[Page]:
    """Return a page; anything it complains about fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        yield page
        browser.close()
    assert complaints == []


def declare(served: ServedApp, client: WebClient) -> list[dict[str, Any]]:
    """Let the app open a modal, refuse "bad", and make a channel with a button."""
    seen: list[dict[str, Any]] = []

    @served.bolt.command("/incident")
    def incident(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal())

    @served.bolt.view("open")
    def submitted(ack: Ack, view: dict[str, Any], body: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if values["what"]["v"]["value"] == "bad":
            ack(response_action="errors", errors={"what": "Say what happened"})
            return
        ack()
        seen.append(values)
        channel = client.conversations_create(name="inc-1", is_private=True)["channel"]["id"]
        client.conversations_invite(channel=channel, users=body["user"]["id"])
        button = {
            "type": "button",
            "action_id": "claim",
            "text": {"type": "plain_text", "text": "Claim Commander"},
        }
        client.chat_postMessage(
            channel=channel,
            text="card",
            blocks=[
                {
                    "type": "section",
                    "text": {
                        "type": "mrkdwn",
                        "text": "*Lost laptop* due <!date^1795251600^{date_short_pretty} {time}|x>",
                    },
                },
                {"type": "actions", "elements": [button]},
            ],
        )

    @served.bolt.action("claim")
    def claim(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        client.chat_postMessage(
            channel=body["channel"]["id"], text=f"<@{body['user']['id']}> commands"
        )

    return seen


def test_ana_opens_an_incident(
    page: Page, served_app: ServedApp, running: Running, client: WebClient
) -> None:
    seen = declare(served_app, client)
    page.goto(running.url)
    page.get_by_role("link", name=re.compile("^Ana Brandt")).first.click()
    say = page.get_by_label("Message", exact=True)
    say.fill("/inc")
    expect(page.get_by_role("option", name="/incident")).to_be_visible()
    say.press("Tab")
    say.press_sequentially("open")
    say.press("Enter")

    form = page.get_by_role("dialog", name="Open incident")
    expect(form).to_be_visible()
    expect(form.get_by_label("what")).to_be_focused()
    form.get_by_role("button", name="Open", exact=True).click()
    expect(form.get_by_text("Please complete this required field.")).to_have_count(2)
    form.get_by_label("what").fill("bad")
    form.get_by_label("sev", exact=True).select_option("sev2")
    form.get_by_role("button", name="Open", exact=True).click()
    expect(form.get_by_text("Say what happened")).to_be_visible()
    expect(form.get_by_label("sev", exact=True)).to_have_value("sev2")
    form.get_by_label("what").fill("lost laptop")
    form.get_by_label("at (optional)", exact=True).fill("2026-11-21T10:00")
    form.get_by_role("button", name="Open", exact=True).click()
    expect(form).to_have_count(0)

    page.get_by_role("button", name=re.compile("inc-1")).click()
    expect(page.get_by_text("due today 10:00")).to_be_visible()  # 09:00 UTC, read in Berlin
    page.get_by_role("button", name="Claim Commander").click()
    expect(page.get_by_text("@Ana Brandt commands")).to_be_visible()
    assert seen[0]["what"]["v"]["value"] == "lost laptop"
    assert seen[0]["at"]["v"]["selected_date_time"] == 1795251600

    page.goto(f"{running.url}/?as=U0SAM")
    expect(page.get_by_role("button", name="general")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("inc-1"))).to_have_count(0)


def test_text_is_never_html_and_escape_closes(
    page: Page, served_app: ServedApp, running: Running, box: LocalSlack, client: WebClient
) -> None:
    declare(served_app, client)
    general = box.channel_id("general")
    evil = '<img src=x onerror="document.title=1"> *bold* `code` :lock:'
    box.person("U0SAM").post(general, evil)
    client.chat_postMessage(channel=general, text="<script>x</script> <javascript:alert(1)|go>")
    page.goto(f"{running.url}/?as=U0ANA#{general}")
    expect(page.get_by_text('<img src=x onerror="document.title=1">')).to_be_visible()
    expect(page.locator(".message strong", has_text="bold")).to_be_visible()
    expect(page.locator(".messages img, .messages script, .messages a")).to_have_count(0)
    box.person("U0ANA").slash("/incident", "open", channel=general)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert box.person("U0ANA").modal() is None


def test_misbehave_files_and_phone_width(page: Page, running: Running, box: LocalSlack) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{running.url}/?as=U0LENA#{box.channel_id('general')}")
    page.locator("input[type=file]").set_input_files(
        files=[FilePayload(name="note.txt", mimeType="text/plain", buffer=b"hello")]
    )
    expect(page.get_by_text("note.txt · 5 bytes · private")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("Show channels").click()
    page.get_by_role("button", name="Misbehave…").click()
    page.get_by_role("button", name="Deliver the next command twice").click()
    expect(page.get_by_text("deliver twice ×1")).to_be_visible()
    assert [f.kind for f in box.faults.waiting()] == ["deliver_twice"]


def test_what_is_typed_after_a_click_goes_to_the_channel_that_was_clicked(
    page: Page, running: Running, box: LocalSlack
) -> None:
    page.goto(f"{running.url}/?as=U0ANA#{box.channel_id('general')}")
    expect(page.get_by_placeholder("Message #general")).to_be_visible()
    page.evaluate(BUSY)
    page.get_by_role("button", name="security", exact=True).click()
    say = page.get_by_label("Message", exact=True)
    say.fill("the export account")
    expect(page.get_by_role("heading", name="# security")).to_be_visible()
    expect(say).to_have_value("the export account")
    page.get_by_label("Send", exact=True).click()
    expect(page.get_by_role("log").get_by_text("the export account")).to_be_visible()
    said = {
        name: [m.wire["text"] for m in box.workspace.channels[box.channel_id(name)].messages]
        for name in ("general", "security")
    }
    assert "the export account" in said["security"]
    assert "the export account" not in said["general"]
