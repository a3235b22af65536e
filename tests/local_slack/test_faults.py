"""The box misbehaves as told, and only then."""

import time
from typing import Any

import httpx
import pytest
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.local_slack.box import LocalSlack
from bot.local_slack.faults import UnknownFaultError
from bot.local_slack.server import Running
from tests.local_slack.conftest import TOKEN, ServedApp


@pytest.fixture
def single(running: Running) -> WebClient:
    """Return a client that never repeats a call by itself."""
    return WebClient(token=TOKEN, base_url=running.api_url, timeout=1, retry_handlers=[])


def texts(box: LocalSlack) -> list[str]:
    return [m["text"] for m in box.person("U0ANA").messages(box.channel_id("general"))]


def test_rate_limit_once_with_retry_after(single: WebClient, box: LocalSlack) -> None:
    box.faults.add("chat.postMessage", "rate_limited", retry_after=7)
    general = box.channel_id("general")
    with pytest.raises(SlackApiError) as limited:
        single.chat_postMessage(channel=general, text="one")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["retry-after"] == "7"
    single.chat_postMessage(channel=general, text="two")
    assert texts(box) == ["two"]
    assert [(c.error, c.worked) for c in box.calls] == [("ratelimited", False), ("", True)]


def test_server_error_and_api_error(single: WebClient, box: LocalSlack) -> None:
    box.faults.add("chat.*", "server_error", skip=1)
    box.faults.add("chat.postMessage", "api_error", code="fatal_error")
    general = box.channel_id("general")
    outcomes: list[Any] = []
    for word in ("one", "two", "three"):
        try:
            outcomes.append(single.chat_postMessage(channel=general, text=word)["ok"])
        except SlackApiError as error:
            outcomes.append((error.response.status_code, error.response["error"]))
    assert outcomes == [(200, "fatal_error"), (500, "internal_error"), True]
    assert texts(box) == ["three"]


@pytest.mark.parametrize(
    ("kind", "done"), [("timeout_after_work", ["x"]), ("timeout_before_work", [])]
)
def test_timeouts_leave_the_work_done_or_not(
    single: WebClient, box: LocalSlack, kind: str, done: list[str]
) -> None:
    box.faults.add("chat.postMessage", kind)
    with pytest.raises(OSError, match=r"closed connection|reset"):
        single.chat_postMessage(channel=box.channel_id("general"), text="x")
    assert texts(box) == done
    assert (box.calls[-1].worked, box.calls[-1].answered) == (bool(done), False)


@pytest.mark.slow
def test_a_hanging_call_runs_into_the_clients_own_timeout(
    single: WebClient, box: LocalSlack
) -> None:
    box.faults.add("chat.postMessage", "timeout_after_work", seconds=1.5)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        single.chat_postMessage(channel=box.channel_id("general"), text="x")
    assert 0.9 < time.monotonic() - started < 1.4
    assert texts(box) == ["x"]


def test_down_lasts_until_removed(single: WebClient, box: LocalSlack) -> None:
    fault = box.faults.add("*", "down")
    for _ in range(3):
        with pytest.raises(SlackApiError) as down:
            single.auth_test()
        assert down.value.response.status_code == 503
    assert box.faults.remove(fault.id) is True
    assert single.auth_test()["ok"] is True


def test_deliver_twice_carries_the_retry_header(served_app: ServedApp, box: LocalSlack) -> None:
    commands: list[str] = []

    @served_app.bolt.command("/incident")
    def incident(ack: Ack, body: dict[str, Any]) -> None:
        commands.append(body["trigger_id"])
        ack()

    box.faults.add("inbound:slash_command", "deliver_twice")
    box.person("U0ANA").slash("/incident", channel=box.channel_id("general"))
    box.person("U0ANA").slash("/incident", channel=box.channel_id("general"))
    assert len(commands) == 3
    assert commands[0] == commands[1] != commands[2]
    retries = [h.get("x-slack-retry-num") for h in served_app.headers]
    assert retries == [None, "1", None]
    assert served_app.headers[1]["x-slack-retry-reason"] == "http_timeout"


def test_a_failed_event_is_repeated(served_app: ServedApp, box: LocalSlack) -> None:
    seen: list[str] = []

    @served_app.bolt.event("app_home_opened")
    def opened(body: dict[str, Any]) -> None:
        seen.append(body["event_id"])
        if len(seen) == 1:
            raise ValueError("first delivery fails")

    box.desk.open_home("U0ANA")
    assert box.settle()
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert served_app.headers[1]["x-slack-retry-num"] == "1"
    assert served_app.headers[1]["x-slack-retry-reason"] == "http_error"


@pytest.mark.slow
def test_deliver_late(served_app: ServedApp, box: LocalSlack) -> None:
    @served_app.bolt.command("/incident")
    def incident(ack: Ack) -> None:
        ack()

    box.faults.add("inbound:*", "deliver_late", seconds=0.2)
    started = time.monotonic()
    assert box.person("U0ANA").slash("/incident", channel=box.channel_id("general")).ok
    assert time.monotonic() - started > 0.2


def test_faults_by_http(http: httpx.Client, running: Running) -> None:
    url = f"{running.url}/box/faults"
    added = http.post(url, json={"target": "chat.*", "kind": "server_error", "times": 2}).json()
    assert [f["id"] for f in http.get(url).json()["faults"]] == [added["id"]]
    assert http.delete(f"{url}/{added['id']}").json() == {"removed": True}
    wrong = http.post(url, json={"target": "chat.*", "kind": "deliver_twice"})
    assert wrong.status_code == 400
    assert wrong.json()["error"].startswith("chat.*: no fault 'deliver_twice' there; choose one of")
    http.post(url, json={"target": "*", "kind": "down"})
    http.delete(url)
    assert running.box.faults.waiting() == []


def test_an_inbound_kind_must_fit_its_target(box: LocalSlack) -> None:
    with pytest.raises(UnknownFaultError, match="choose one of deliver_late, deliver_twice"):
        box.faults.add("inbound:event", "rate_limited")
