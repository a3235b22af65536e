"""The stage of the told story: the running pair, a clock that is moved, and the people's hands.

Decides how a step acts and waits; what happens when is `script`. Everything goes the way a person
goes: slash commands, forms and buttons in the workspace, pages over HTTP.
"""

import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.jobs.tick import tick
from bot.local_slack.driver import PersonDriver
from bot.practice import Practice

SETTLE_S = 20.0
FORBIDDEN_CODE = 400


class StoryError(RuntimeError):
    """A step of the story didn't work; the message names it and what was answered."""


class StoryClock:
    """The story's time; it only moves when the story moves it."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.now = start

    def __call__(self) -> datetime:
        """Return the story's present instant."""
        return self.now

    def go_to(self, after: timedelta) -> None:
        """Move to a time after the start; never back."""
        self.now = max(self.now, self.start + after)


@dataclass(kw_only=True)
class Stage:
    """Hands for the script. `ref` and `channel` are the incident's, once it is open."""

    pair: Practice
    clock: StoryClock
    ref: str = ""
    channel: str = ""
    visitors: dict[str, httpx.Client] = field(default_factory=dict)

    def person(self, slack_id: str) -> PersonDriver:
        """Return somebody's hands."""
        return self.pair.box.person(slack_id)

    def place(self, name: str) -> str:
        """Return the id of a channel by its name."""
        for channel in self.pair.box.workspace.channels.values():
            if channel.name == name:
                return channel.id
        raise StoryError(f"There is no channel #{name}.")

    def type(self, slack_id: str, text: str) -> str:
        """Type `/incident …` in the incident's channel; return the answer."""
        driver = self.person(slack_id)
        channel = self.channel or self.place("security")
        before = len(driver.messages(channel))
        ack = driver.slash("/incident", text, channel=channel)
        said = [message.get("text", "") for message in driver.messages(channel)[before:]]
        answer = "\n".join(said)
        if ack.failure or "⚠️" in answer:
            raise StoryError(f"“/incident {text}”: {ack.failure or answer}")
        return answer

    def settle(self) -> None:
        """Wait until every queued job has run; fire the tick as time stands now."""
        tick(self.pair.tocsin.parts, self.clock())
        deadline = time.monotonic() + SETTLE_S
        while self.pair.tocsin.store.outbox.pending():
            if time.monotonic() > deadline:
                raise StoryError("Jobs didn't come to rest.")
            time.sleep(0.02)

    def messages(self, slack_id: str) -> list[dict[str, Any]]:
        """Return the incident's channel as somebody sees it."""
        return self.person(slack_id).messages(self.channel)

    def visitor(self, slack_id: str) -> httpx.Client:
        """Return somebody's browser, signed in as them."""
        if slack_id not in self.visitors:
            client = httpx.Client(
                base_url=self.pair.web_url, follow_redirects=True, timeout=30, trust_env=False
            )
            page = client.get("/who")
            fields = hidden_fields(page.text) | {"person": slack_id, "next": "/"}
            self._check(client.post("/who", data=fields), "sign in")
            self.visitors[slack_id] = client
        return self.visitors[slack_id]

    def form(self, slack_id: str, page: str, action: str, **fields: str) -> str:
        """Open a page and send one of its forms, hidden fields and all; return what came back."""
        client = self.visitor(slack_id)
        opened = self._check(client.get(page), page)
        hidden = hidden_fields(form_of(opened, action))
        return self._check(client.post(action, data=hidden | fields), action)

    def download(self, slack_id: str, path: str) -> bytes:
        """Fetch a file as somebody."""
        answer = self.visitor(slack_id).get(path)
        if answer.status_code >= FORBIDDEN_CODE:
            raise StoryError(f"{path}: {answer.status_code}")
        return answer.content

    def _check(self, answer: httpx.Response, what: str) -> str:
        if answer.status_code >= FORBIDDEN_CODE:
            words = re.sub(r"<[^>]+>", " ", answer.text)
            raise StoryError(f"{what}: {answer.status_code} {' '.join(words.split())[:300]}")
        return answer.text

    def close(self) -> None:
        """Close the browsers."""
        for client in self.visitors.values():
            client.close()


def form_of(page: str, action: str) -> str:
    """Return the part of a page that is the form with this action."""
    match = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    if match is None:
        raise StoryError(f"The page has no form for {action}.")
    return match[0]


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    found: Mapping[str, str] = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(
            r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page
        )
    }
    return dict(found)
