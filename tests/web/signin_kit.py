"""Tocsin's pages as they are in earnest: people sign in with a provider, on loopback, over HTTP."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider
from pages_kit import NO_TLS, NOW, Hands
from sqlmodel import Session, select

from bot.app import Tocsin, build
from bot.local_slack.box import LocalSlack
from bot.local_slack.people import TEAM_ID
from bot.local_slack.server import Running, serve_in_thread
from bot.manifest import BOT_EVENTS, BOT_SCOPES, EMAIL_SCOPES
from bot.practice import app_profile, listen, serve
from bot.services.notices import draft_notice
from bot.settings import SLACK_PERSON_CLAIM, read_settings
from bot.store.session_tables import WebSession
from bot.store.unit_of_work import unit_of_work
from bot.web.app import make_web
from bot.web.oidc import Provider
from bot.web.sign_in import SignIn
from tests.kit import LENA, opened, who

SECRET = "s" * 40
SESSION = "tocsin_session"
TEAM_CLAIM = "https://slack.com/team_id"


def slack_claims(slack_id: str, team: str = TEAM_ID) -> dict[str, Any]:
    """What Sign in with Slack says of somebody."""
    return {SLACK_PERSON_CLAIM: slack_id, TEAM_CLAIM: team}


@dataclass
class Door:
    """The application at one address, its provider, and ways through its door."""

    tocsin: Tocsin
    provider: OidcProvider
    box: LocalSlack
    running: Running
    hands: Hands
    url: str
    sign_in: SignIn
    clients: list[httpx.Client] = field(default_factory=list)

    def browser(self) -> httpx.Client:
        """Return a browser without cookies; it doesn't follow redirects."""
        client = httpx.Client(base_url=self.url, timeout=30, verify=NO_TLS)
        self.clients.append(client)
        return client

    def answer(self, client: httpx.Client, *, next: str = "/incidents") -> str:  # noqa: A002 - the parameter's name
        """Begin to sign in and return where the provider sends the browser back to."""
        begun = client.get("/signin/start", params={"next": next})
        assert begun.status_code == 303, begun.text
        at_provider = client.get(begun.headers["location"])
        assert at_provider.status_code == 302, at_provider.text
        return at_provider.headers["location"]

    def try_as(
        self, claims: Mapping[str, Any] | None, client: httpx.Client | None = None
    ) -> httpx.Response:
        """Sign in as somebody at the provider, all the way back to us."""
        self.provider.person = dict(claims) if claims is not None else None
        client = client or self.browser()
        return client.get(self.answer(client))

    def as_(self, slack_id: str) -> httpx.Client:
        """Return a browser in which somebody is signed in."""
        client = self.browser()
        answer = self.try_as(slack_claims(slack_id), client)
        assert answer.status_code == 303, answer.text
        return client

    def row_of(self, session_id: str) -> WebSession | None:
        """The row of a session."""
        with Session(self.tocsin.store.engine) as session:
            return session.get(WebSession, hashlib.sha256(session_id.encode()).hexdigest())

    def count(self) -> int:
        """How many sessions there ever were."""
        with Session(self.tocsin.store.engine) as session:
            return len(session.exec(select(WebSession)).all())

    def open_incident(self) -> str:
        """Open an incident with a notice in it; Sam isn't a member."""
        with unit_of_work(self.tocsin.store, now=self.hands.now) as tx:
            incident = opened(tx)
            draft_notice(tx, incident, "holding_statement", actor=who(tx, LENA))
            return incident.ref

    def type(self, text: str, *, by: str = LENA) -> str:
        """Type `/incident …` in Slack and return the answer as it comes."""
        ack = self.box.person(by).slash("/incident", text, channel=self.box.channel_id("general"))
        assert ack.ok, ack
        return ack.body


def csrf_of(page: str) -> str:
    """The token in the form that signs out."""
    found = re.search(r'action="/signout"><input type="hidden" name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def post(client: httpx.Client, path: str, fields: Mapping[str, str]) -> httpx.Response:
    """Send a form."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.post(path, content=urlencode(fields), headers=headers)


@contextmanager
def house(folder: Path) -> Iterator[Door]:
    """Serve provider, workspace and Tocsin on loopback."""
    hands = Hands()
    provider = OidcProvider(clock=hands.clock)
    at_provider, ours = listen(0), listen(0)
    provider.url = f"http://127.0.0.1:{at_provider.getsockname()[1]}"
    url = f"http://127.0.0.1:{ours.getsockname()[1]}"
    provider.redirect_uris = {f"{url}/signin/back"}
    box = LocalSlack(
        clock=hands.clock,
        signing_secret=SECRET,
        bot_token="xoxb-tests",
        app=app_profile(),
        events=frozenset(BOT_EVENTS),
        scopes=frozenset([*BOT_SCOPES, *EMAIL_SCOPES]),
        request_url=f"{url}/slack/events",
        state_path=None,
    )
    running = serve_in_thread(box)
    tocsin = build(read_settings(environment(folder, url, provider.url, running)), hands.clock)
    servers = [serve(provider.app(), at_provider), serve(tocsin.web, ours)]
    sign_in = tocsin.web.state.desk.sessions.sign_in
    door = Door(
        tocsin=tocsin,
        provider=provider,
        box=box,
        running=running,
        hands=hands,
        url=url,
        sign_in=sign_in,
    )
    try:
        yield door
    finally:
        for server, thread in servers:
            server.should_exit = True
            thread.join(10)
        running.stop()
        tocsin.close()


def environment(folder: Path, url: str, issuer: str, running: Running) -> dict[str, str]:
    """The settings as an operator writes them."""
    return {
        "TOCSIN_DATA_DIR": str(folder),
        "TOCSIN_BASE_URL": url,
        "TOCSIN_SECRET_KEY": SECRET,
        "TOCSIN_OIDC_ISSUER": issuer,
        "TOCSIN_OIDC_CLIENT_ID": CLIENT_ID,
        "TOCSIN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "TOCSIN_OIDC_PERSON_CLAIM": SLACK_PERSON_CLAIM,
        "TOCSIN_SLACK_TEAM": TEAM_ID,
        "SLACK_BOT_TOKEN": "xoxb-tests",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": running.api_url,
    }


@contextmanager
def other_door(
    door: Door, *, person_claim: str = "", team: str = "", base_url: str = ""
) -> Iterator[Door]:
    """Serve the same application once more, with another claim or under another address."""
    listener = listen(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    old = door.sign_in
    config = replace(old.provider.config, redirect_uri=f"{url}/signin/back")
    sign_in = replace(
        old,
        provider=Provider(config),
        person_claim=person_claim or old.person_claim,
        team=team or old.team,
    )
    door.provider.redirect_uris.add(config.redirect_uri)
    web = make_web(
        store=door.tocsin.store,
        bolt=door.tocsin.bolt,
        clock=door.hands.clock,
        secret_key=SECRET,
        signing_secret=SECRET,
        picker=None,
        base_url=base_url or url,
        sign_in=sign_in,
    )
    server, thread = serve(web, listener)
    other = replace(door, url=url, sign_in=sign_in, clients=[])
    try:
        yield other
    finally:
        for client in other.clients:
            client.close()
        server.should_exit = True
        thread.join(10)


def at_start(door: Door) -> None:
    """Turn the clock back, make the provider honest, and forget its keys."""
    door.hands.now = NOW
    door.provider.reset()
    door.sign_in.provider._known = None
