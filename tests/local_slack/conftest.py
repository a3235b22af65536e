"""A box on loopback, and a small real Bolt app beside it; nothing is mocked."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.local_slack.box import LocalSlack
from bot.local_slack.people import AppProfile, Shortcut, SlashCommand, Suggestion
from bot.local_slack.server import Running, serve_in_thread

SECRET = "practice-signing-secret"
TOKEN = "xoxb-practice"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PROFILE = AppProfile(
    commands=(
        SlashCommand(
            name="/incident",
            description="Run an incident",
            usage_hint="open | status | help",
            suggestions=(
                Suggestion(text="open", description="Declare an incident"),
                Suggestion(text="status", description="Where do we stand?"),
            ),
        ),
    ),
    global_shortcuts=(Shortcut(callback_id="open_incident", name="Open incident"),),
    message_shortcuts=(Shortcut(callback_id="preserve", name="Preserve as evidence"),),
)


@dataclass
class Hands:
    """A clock and a stopwatch that tests turn by hand."""

    now: datetime = START
    seconds: float = 0.0

    def clock(self) -> datetime:
        return self.now

    def stopwatch(self) -> float:
        return self.seconds

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class ServedApp:
    """A Bolt app served by uvicorn on loopback, and the requests it received."""

    bolt: App
    url: str
    headers: list[dict[str, str]] = field(default_factory=list)


def real_time() -> datetime:
    """Return the system's time, with which Bolt compares the age of signatures."""
    from bot.clock import utc_now  # noqa: PLC0415  only signatures need it

    return utc_now()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Return one HTTP client for all tests: making one takes longer than most tests."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def make_box(hands: Hands) -> Iterator[Callable[..., Running]]:
    """Return a function that serves a box with these options; all are stopped afterwards."""
    running: list[Running] = []

    def make(**options: Any) -> Running:
        box = LocalSlack(
            clock=hands.clock,
            stopwatch=hands.stopwatch,
            signing_clock=real_time,
            signing_secret=SECRET,
            bot_token=TOKEN,
            app=PROFILE,
            **options,
        )
        running.append(serve_in_thread(box))
        return running[-1]

    yield make
    for one in running:
        one.stop()


@pytest.fixture
def running(make_box: Callable[..., Running]) -> Running:
    return make_box(ack_seconds=2.0, event_retries=(0.0,))


@pytest.fixture
def box(running: Running) -> LocalSlack:
    return running.box


@pytest.fixture
def client(running: Running) -> WebClient:
    return WebClient(token=TOKEN, base_url=running.api_url, timeout=5)


async def _raw(request: Request) -> bytes:
    return await request.body()


RAW = Depends(_raw)


@pytest.fixture
def served_app(running: Running, client: WebClient) -> Iterator[ServedApp]:
    """Serve a real Bolt app and point the box at it; listeners are added by the tests."""
    bolt = App(signing_secret=SECRET, client=client, process_before_response=True)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    served = ServedApp(bolt=bolt, url=f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events")
    web = FastAPI()

    @web.post("/slack/events")
    def slack(request: Request, body: bytes = RAW) -> Response:
        headers = dict(request.headers)
        served.headers.append(headers)
        answer = bolt.dispatch(BoltRequest(body=body.decode(), headers={**headers}))
        return Response(
            answer.body,
            status_code=answer.status,
            media_type=answer.first_headers().get("content-type"),
        )

    server = uvicorn.Server(uvicorn.Config(web, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.005)
    running.box.point_at(served.url)
    yield served
    running.box.close()
    server.should_exit = True
    thread.join(timeout=5)
