"""The same deliveries over Socket Mode, with Bolt's own handler."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.local_slack.box import LocalSlack
from bot.local_slack.server import Running
from tests.local_slack.conftest import TOKEN
from tests.local_slack.test_bolt import modal

APP_TOKEN = "xapp-practice"
pytestmark = pytest.mark.slow


@pytest.fixture
def socket_box(make_box: Callable[..., Running]) -> Running:
    return make_box(app_token=APP_TOKEN)


@pytest.fixture
def connected(socket_box: Running) -> Iterator[App]:
    """Return a Bolt app connected to the box by Socket Mode."""
    client = WebClient(token=TOKEN, base_url=socket_box.api_url)
    bolt = App(client=client, token_verification_enabled=False)
    handler = SocketModeHandler(
        bolt, APP_TOKEN, web_client=WebClient(token=TOKEN, base_url=socket_box.api_url)
    )
    handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt has no types here
    box: LocalSlack = socket_box.box
    assert box.socket_mode is not None
    assert box.socket_mode.wait_connected()
    yield bolt
    handler.close()  # type: ignore[no-untyped-call]


def test_commands_modals_and_events(connected: App, socket_box: Running) -> None:
    box = socket_box.box
    events: list[str] = []

    @connected.command("/incident")
    def incident(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack("opening")
        client.views_open(trigger_id=body["trigger_id"], view=modal())

    @connected.view("open")
    def submitted(ack: Ack, view: dict[str, Any]) -> None:
        if view["state"]["values"]["what"]["v"]["value"] == "bad":
            ack(response_action="errors", errors={"what": "Say what happened"})
        else:
            ack()

    @connected.event("app_home_opened")
    def opened(event: dict[str, Any], client: WebClient) -> None:
        events.append(event["user"])
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": []})

    ana = box.person("U0ANA")
    general = box.channel_id("general")
    assert ana.slash("/incident", "open", channel=general).ok
    assert ana.messages(general)[-1]["text"] == "opening"
    assert ana.wait_modal(title="Open incident")["callback_id"] == "open"
    assert ana.submit(values={"what": "bad", "sev": "sev1"}).errors == {"what": "Say what happened"}
    assert ana.submit(values={"what": "good"}).ok
    assert ana.modal() is None
    assert ana.open_home() is not None
    assert events == ["U0ANA"]


def test_only_the_app_token_opens_a_socket(socket_box: Running) -> None:
    client = WebClient(token=TOKEN, base_url=socket_box.api_url)
    for token, code in [(TOKEN, "not_allowed_token_type"), ("xapp-other", "invalid_auth")]:
        with pytest.raises(SlackApiError) as refused:
            client.apps_connections_open(app_token=token)
        assert refused.value.response["error"] == code
    url = client.apps_connections_open(app_token=APP_TOKEN)["url"]
    assert url.startswith("ws://127.0.0.1:")
