"""Acting in Slack as the cast: incidents of one's own in the running pair, answers as plain text.

Everything goes through the real thing: signed HTTP in, the workspace in a box out.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.local_slack.driver import PersonDriver
from bot.local_slack.inbound import Ack
from bot.practice import Practice
from bot.store.messages import posted
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import reading
from tests.kit import ANA, FARID, LENA, SAM, entries_of, until

COMMAND = "/incident"


@dataclass(frozen=True, kw_only=True)
class Room:
    """An incident with its channel; Ana leads it, and whoever was given a role is in it."""

    pair: Practice
    ref: str
    channel: str

    def person(self, slack_id: str = ANA) -> PersonDriver:
        return self.pair.box.person(slack_id)

    def type(self, text: str, *, by: str = ANA, channel: str = "") -> str:
        """Type `/incident …` in the channel and return the answer."""
        ack = self.person(by).slash(COMMAND, text, channel=channel or self.channel)
        assert ack.ok, ack
        return shown(ack)

    def log(self) -> list[str]:
        """The events of the evidence log, in order."""
        return entries_of(self.pair.tocsin.store, self.ref)

    def row(self) -> Incident:
        return incident_named(self.pair, self.ref)

    def messages(self) -> list[dict[str, Any]]:
        """What the bot posted for all to see, oldest first."""
        me = self.pair.box.app.bot_user_id
        everything = self.person().messages(self.channel)
        return [
            one
            for one in everything
            if one.get("user") == me and "subtype" not in one and not one.get("is_ephemeral")
        ]

    def texts(self) -> list[str]:
        return [str(one.get("text", "")) for one in self.messages()]

    def card(self) -> dict[str, Any]:
        """The situation card; there must be exactly one."""
        cards = [one for one in self.messages() if key_of(one).startswith(f"card/{self.ref}")]
        assert len(cards) == 1, [one["text"] for one in cards]
        return cards[0]

    def settle(self) -> None:
        """Wait until every job that was asked for has run."""
        idle(self.pair)


def shown(ack: Ack) -> str:
    """All that an answer shows, as one text."""
    body = ack.json() if ack.body.strip() else {}
    return flat(body)


def flat(value: Any) -> str:
    """All texts in blocks, one per line."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return "\n".join([*own, *(flat(one) for key, one in value.items() if key != "value")])
    if isinstance(value, list):
        return "\n".join(flat(one) for one in value)
    return ""


def key_of(message: dict[str, Any]) -> str:
    """Our idempotency key in a message's metadata."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("key", ""))


def incident_named(pair: Practice, ref: str) -> Incident:
    with reading(pair.tocsin.store) as session:
        found = incident_by_ref(session, ref)
    assert found is not None, ref
    return found


def general(pair: Practice) -> str:
    return pair.box.channel_id("general")


def pending(pair: Practice) -> int:
    """Count jobs that haven't ended."""
    with pair.tocsin.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM workflow_status WHERE status IN ('ENQUEUED','PENDING','DELAYED')"
        ).scalar_one()
    return int(found)


def idle(pair: Practice, *, seconds: float = 20.0) -> None:
    until(lambda: pending(pair) == 0, seconds=seconds)


def open_room(
    pair: Practice, title: str = "Claims database copied", *, book: str = "data_breach"
) -> Room:
    """Open an incident by command as Ana, give Forensics and Legal, and wait for its channel."""
    ack = pair.box.person(ANA).slash(COMMAND, f"open {book} SEV2 {title}", channel=general(pair))
    ref = refs_in(shown(ack))[0]
    until(lambda: tasks_posted(pair, ref))
    channel = incident_named(pair, ref).channel_id
    assert channel
    return Room(pair=pair, ref=ref, channel=channel)


def cast(room: Room) -> Room:
    """Give Forensics to Farid and Legal to Lena, and wait until they are in the channel."""
    room.type(f"role assign forensics <@{FARID}>")
    room.type(f"role assign legal <@{LENA}>")
    room.settle()
    return room


def tasks_posted(pair: Practice, ref: str) -> bool:
    found = posted(pair.tocsin.store, f"tasks/{ref}")
    return found is not None and bool(found.ts)


def refs_in(text: str) -> list[str]:
    return re.findall(r"INC-\d{4}-\d{4,}", text)


def send(
    pair: Practice, body: str, *, form: bool = True, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send a raw delivery, signed as the box signs unless other headers are given."""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    signed = pair.box.inbound.sign(body) if headers is None else headers
    with httpx.Client(trust_env=False) as client:
        return client.post(
            f"{pair.web_url}/slack/events",
            content=body.encode(),
            headers={"Content-Type": kind, **signed},
            timeout=10,
        )


def command_body(text: str, *, channel: str, trigger: str, user: str = ANA) -> str:
    """The form of a slash command, as Slack sends it."""
    return urlencode(
        {
            "token": "t",
            "team_id": "T0DEMO",
            "channel_id": channel,
            "user_id": user,
            "command": COMMAND,
            "text": text,
            "trigger_id": trigger,
            "response_url": "",
            "api_app_id": "A0TOCSIN",
        }
    )


def button(message: dict[str, Any], action_id: str) -> dict[str, Any]:
    """A button of a message, to look at."""
    found = [
        one
        for block in message.get("blocks", [])
        for one in [
            *block.get("elements", []),
            *([block["accessory"]] if "accessory" in block else []),
        ]
        if one.get("action_id") == action_id
    ]
    assert found, (action_id, json.dumps(message)[:2000])
    return dict(found[0])


def outsider(room: Room) -> PersonDriver:
    """Somebody who isn't in the incident."""
    return room.person(SAM)
