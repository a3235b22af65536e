"""The box stays on this computer, and remembers what it must."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient

from bot.local_slack.box import LocalSlack
from bot.local_slack.loopback import NotLoopbackError
from bot.local_slack.server import Running, serve_in_thread
from bot.local_slack.snapshot import UnreadableStateError
from tests.local_slack.conftest import TOKEN, Hands


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])  # noqa: S104  refused
def test_other_addresses_are_refused(hands: Hands, host: str) -> None:
    box = LocalSlack(clock=hands.clock, signing_secret="s", bot_token="t")
    with pytest.raises(NotLoopbackError, match=r"use 127\.0\.0\.1 instead of"):
        serve_in_thread(box, host=host)
    box.close()


def test_a_bot_elsewhere_is_refused(hands: Hands) -> None:
    with pytest.raises(NotLoopbackError, match="leads elsewhere"):
        LocalSlack(
            clock=hands.clock,
            signing_secret="s",
            bot_token="t",
            request_url="https://bot.example.com/slack/events",
        )


@pytest.mark.parametrize("host", ["rebound.example.com", "127.0.0.1.example.com", "10.0.0.1:80"])
def test_a_foreign_host_header_is_refused(http: httpx.Client, running: Running, host: str) -> None:
    for path in ("/", "/box/people", "/api/auth.test"):
        assert http.get(f"{running.url}{path}", headers={"Host": host}).status_code == 403


def test_other_pages_may_not_use_the_box(http: httpx.Client, running: Running) -> None:
    url = f"{running.url}/box/act/post"
    body = {"as": "U0ANA", "channel": running.box.channel_id("general"), "text": "x"}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert http.post(url, json=body, headers=headers).status_code == 403
    plain = http.post(url, content=b'{"as": "U0ANA"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 422
    assert http.post(url, json=body, headers={"Origin": running.url}).status_code == 200


def test_the_page_comes_with_a_strict_policy(http: httpx.Client, running: Running) -> None:
    page = http.get(f"{running.url}/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for name in ("app.js", "style.css"):
        assert http.get(f"{running.url}/page/{name}").status_code == 200
    assert http.get(f"{running.url}/page/..%2Fbox.py").status_code == 404


def test_state_for_the_page_hides_what_a_person_may_not_see(
    http: httpx.Client, running: Running
) -> None:
    client = WebClient(token=TOKEN, base_url=running.api_url)
    channel = client.conversations_create(name="inc-1", is_private=True)["channel"]["id"]
    client.conversations_invite(channel=channel, users="U0ANA")
    client.chat_postMessage(channel=channel, text="secret word")

    def state(user: str) -> httpx.Response:
        return http.get(f"{running.url}/box/state", params={"as": user, "channel": channel})

    assert "secret word" in state("U0ANA").text
    assert "secret word" not in state("U0SAM").text
    assert "inc-1" not in state("U0SAM").text
    assert state("U0NOBODY").status_code == 404
    version = state("U0ANA").json()["version"]
    same = http.get(f"{running.url}/box/state", params={"as": "U0ANA", "v": version})
    assert same.status_code == 204


@pytest.mark.slow  # two servers, one after the other
def test_a_restarted_box_has_its_messages_and_files(
    make_box: Callable[..., Running], tmp_path: Path
) -> None:
    path = tmp_path / "workspace.json"
    first = make_box(state_path=path)
    client = WebClient(token=TOKEN, base_url=first.api_url)
    channel = client.conversations_create(name="inc-1", is_private=True)["channel"]["id"]
    client.conversations_invite(channel=channel, users="U0ANA")
    ts = client.chat_postMessage(channel=channel, text="kept")["ts"]
    client.pins_add(channel=channel, timestamp=ts)
    file = first.box.person("U0ANA").upload(channel, "a.txt", b"bytes")
    first.stop()

    second = make_box(state_path=path)
    again = WebClient(token=TOKEN, base_url=second.api_url)
    history = again.conversations_history(channel=channel)["messages"]
    assert [m["text"] for m in history][1] == "kept"
    assert again.pins_list(channel=channel)["items"][0]["message"]["ts"] == ts
    assert second.box.shelf.get(file["id"]) == b"bytes"
    shown = second.box.person("U0ANA").messages(channel)[-1]["files"][0]
    assert shown["url_private"].startswith(second.url)
    assert again.chat_postMessage(channel=channel, text="later")["ts"] > history[0]["ts"]
    assert second.box.person("U0ANA").channels()["inc-1"] == channel


def test_a_broken_state_file_is_named(hands: Hands, tmp_path: Path) -> None:
    path = tmp_path / "workspace.json"
    path.write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(UnreadableStateError, match=r"workspace\.json: format 99, expected 1"):
        LocalSlack(clock=hands.clock, signing_secret="s", bot_token="t", state_path=path)
