"""The story that is killed: what people do, how they see that it happened, and what must be left.

From the open command to the bundle, through signed requests and the pages, as people do it. Time
stands still in it, so that two tellings leave the same entries, but for Slack's ids.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.local_slack.inbound import Ack
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import (
    fact_history,
    incident_by_ref,
    notice_of,
    notice_versions,
    persons_of,
)
from bot.store.unit_of_work import reading
from tests.e2e.killed import World
from tests.e2e.killed_browser import attached
from tests.kit import ANA, FARID, LENA, entries_of, log_of, until

UNHEARD = 0.5
"""The part of the strikes in which Slack's answers are lost."""
REF = "INC-2026-0001"
HOME = f"/incidents/{REF}"
LETTER = f"{HOME}/notices/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a person does, and how they see that it happened; `within` seconds it is struck."""

    name: str
    act: Callable[[World], object]
    happened: Callable[[World], bool]
    within: float = 0.5
    ready: Callable[[World], bool] = lambda _: True
    """When they can do it at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Strike:
    """When the process is killed, in seconds after the person acted.

    If `unheard`, Slack does meanwhile what it is asked, and its answers get lost.
    """

    after: float
    unheard: bool


def struck(seed: int, *, first: int, every: int) -> list[Strike | None]:
    """Strike in every so many steps, at a random moment of each."""
    chance = random.Random(seed)  # noqa: S311 - a seeded story, no secret
    strikes = [
        Strike(after=chance.uniform(0.0, one.within), unheard=chance.random() < UNHEARD)
        for one in STORY
    ]
    return [one if place % every == first else None for place, one in enumerate(strikes)]


def channel(here: World) -> str:
    found = here.incident(REF)
    assert found is not None
    return found.channel_id or here.box.channel_id("general")


def logged(here: World, event: str) -> int:
    return entries_of(here.store, REF).count(event) if here.incident(REF) else 0


def by_reference(text: str, *, by: str = ANA) -> Callable[[World], Ack]:
    """A command by reference, wherever the person can type."""
    verb, _, rest = text.partition(" ")
    return lambda here: here.type(
        by, f"{verb} {REF} {rest}", channel=here.box.channel_id("general")
    )


def typed(text: str, event: str, *, times: int = 1) -> Step:
    """A command and the entry that it leaves."""
    return Step(name=text, act=by_reference(text), happened=left(event, times=times))


def left(event: str, *, times: int = 1) -> Callable[[World], bool]:
    return lambda here: logged(here, event) >= times


def recorded(here: World) -> list[str]:
    """Keys of the facts that people stated, once for each time."""
    with reading(here.store) as session:
        incident = incident_by_ref(session, REF)
        rows = fact_history(session, incident) if incident else []
        return sorted(row.key for row in rows if row.recorded_by)


def stated(text: str, key: str) -> Step:
    """A fact; its source says who stated it, by a name that Tocsin first has to ask for."""
    return Step(
        name=text,
        act=by_reference(f"fact {text}"),
        happened=lambda here: key in recorded(here),
        ready=lambda here: here.pending() == 0,
    )


def opening(here: World) -> Ack:
    where = here.box.channel_id("general")
    return here.type(ANA, "open data_breach SEV2 Claims database copied", channel=where)


def preserving(here: World) -> object:
    """Farid posts the dump once and preserves it."""
    farid = here.box.person(FARID)
    mine = [one for one in farid.messages(channel(here)) if one.get("files")]
    if not mine:
        farid.upload(channel(here), "dump.csv", b"name,ssn\n" * 5000, comment="the dump")
        mine = [one for one in farid.messages(channel(here)) if one.get("files")]
    ts = mine[0]["ts"]
    return farid.message_shortcut("preserve_evidence", channel=channel(here), ts=ts)


ANSWERS = {
    "breach_started_at": "2026-11-18 22:00 UTC",
    "breach_ended_at": "2026-11-19 07:30 UTC",
    "what_happened": "An intruder copied claims files through a forgotten export account.",
    "subject_categories": "policyholders and claimants",
    "affected_total": "1450",
    "record_categories": "claims files and bank details",
    "records_total": "3200",
    "likely_consequences": "Identity theft and attempts at fraud.",
    "measures_taken": "The account was closed and all keys were replaced.",
}
WORDS = "A person unknown copied claims files through an account that was to be closed."


def pressed(name: str, by: str, form: str, event: str, **more: Any) -> Step:
    """A form of the notice's page, filled in and sent, and the entry that it leaves."""
    values = more.pop("values", {})
    return Step(
        name=name,
        act=lambda here: here.browser(by).send(LETTER, f"{LETTER}/{form}", values),
        happened=left(event),
        **more,
    )


def answering(here: World) -> object:
    """Lena answers what the notice lacks."""
    values = {f"value:{key}": text for key, text in ANSWERS.items()}
    values["source"] = "Farid's report, read by counsel"
    return here.browser(LENA).send(LETTER, f"{LETTER}/facts", values)


def taking_pdf(here: World) -> None:
    here.tries["pdf"] += 1
    file = here.browser(LENA).download(f"{LETTER}/pdf")
    if file:
        here.kept["pdf"] = file


def taking_bundle(here: World) -> None:
    here.tries["bundle"] += 1
    file = attached(here.browser(ANA).send(HOME, f"{HOME}/evidence/export"))
    if file:
        here.kept["bundle"] = file


def handed(here: World, who: str) -> list[dict[str, Any]]:
    """The files in somebody's direct messages with Tocsin."""
    messages = here.box.person(who).direct_messages()
    return [file for one in messages for file in one.get("files") or []]


def asked_for(number: int, *, by: str, within: float) -> Step:
    """A notice's PDF by direct message: whoever asked waits until nothing more comes."""

    def came(here: World) -> bool:
        here.settle()
        return bool(handed(here, by))

    act = by_reference(f"notice pdf {number}", by=by)
    return Step(name=f"notice pdf {number}", act=act, happened=came, within=within)


STORY: list[Step] = [
    Step(name="open", act=opening, happened=lambda here: here.incident(REF) is not None),
    typed("role assign forensics <@U0FARID>", "role.assigned", times=2),
    stated("aware at 2026-11-19 08:00 UTC", "aware_at"),
    stated("1,200 Californians, names and SSNs, not encrypted", "residents:US-CA"),
    typed("role assign legal <@U0LENA>", "role.assigned", times=3),
    Step(
        name="preserve",
        act=preserving,
        happened=left("message.preserved"),
        ready=lambda here: FARID in here.box.workspace.channels[channel(here)].members,
    ),
    typed("task done 1 looked at the alert", "task.completed"),
    typed("contain access closed", "incident.contained"),
    typed("timeline note the vendor was called", "note.recorded", times=2),
    typed("status SEV1 bigger than thought", "incident.severity_changed"),
    Step(
        name="notice draft",
        act=by_reference("notice draft holding_statement"),
        happened=lambda here: notice(here, 3) is not None,
    ),
    asked_for(3, by=ANA, within=1.0),
    Step(
        name="answer",
        act=answering,
        happened=lambda here: "what_happened" in recorded(here),
        within=0.4,
    ),
    Step(
        name="reword",
        act=lambda here: here.browser(ANA).send(
            LETTER, f"{LETTER}/wording", {"words:what_happened": WORDS}
        ),
        happened=lambda here: versions(here, 1)[-1].reason == "reworded",
        within=0.4,
    ),
    pressed("submit", ANA, "submit", "notice.submitted", within=0.4),
    pressed("approve", LENA, "approve", "notice.approved", within=1.2),
    Step(
        name="download",
        act=taking_pdf,
        happened=lambda here: "pdf" in here.kept,
        within=0.1,
    ),
    asked_for(1, by=LENA, within=0.3),
    pressed("release", ANA, "release", "notice.released"),
    pressed("sent", LENA, "sent", "notice.sent", values={"proof": "HmbBfDI 2026-4711"}),
    Step(
        name="export",
        act=taking_bundle,
        happened=lambda here: "bundle" in here.kept,
        within=0.3,
    ),
]


def notice(here: World, number: int) -> NoticeRow | None:
    with reading(here.store) as session:
        incident = incident_by_ref(session, REF)
        return notice_of(session, incident, number) if incident else None


def versions(here: World, number: int) -> list[NoticeVersion]:
    found = notice(here, number)
    assert found is not None
    with reading(here.store) as session:
        return list(notice_versions(session, found))


def done(here: World, step: Step) -> None:
    """See whether it happened; else do it again, as a person would."""
    until(lambda: step.ready(here), seconds=30)
    for _ in range(5):
        if step.happened(here):
            return
        step.act(here)
    assert step.happened(here), (step.name, here.log_text())


def play(here: World, strikes: Sequence[Strike | None]) -> None:
    """Do each step until it has happened; where a strike is given, kill the process in it."""
    for step, strike in zip(STORY, strikes, strict=True):
        if strike is not None:
            killed(here, step, strike)
        done(here, step)


def killed(here: World, step: Step, strike: Strike) -> None:
    """Do a step while the process is killed, and start it again."""
    until(lambda: step.ready(here), seconds=30)
    faults = here.box.faults
    lost = faults.add("*", "timeout_after_work", seconds=1, times=None) if strike.unheard else None
    striking = here.kill_after(strike.after)
    step.act(here)
    striking.join()
    here.kill()
    if lost is not None:
        faults.remove(lost.id)
    here.start()


ELSEWHERE = {"channel", "message_ts", "source", "vkey", "entries", "seal"}
ELSEWHERE |= {"stored_sha256", "stored_size"}
"""Of an entry's data: Slack's ids, our key, a count that grows with repeated downloads, and what
depends on random keys: the encrypted form of a file and the seal of a bundle."""


def entries_left(here: World) -> Counter[str]:
    """All entries in a form that two tellings share: people by their Slack ids, in no order."""
    with reading(here.store) as session:
        incident = incident_by_ref(session, REF)
        assert incident is not None
        people = {one.actor: one.slack_id for one in persons_of(session, incident).values()}
    lines = []
    for one in log_of(here.store, REF):
        data = {key: value for key, value in (one.data or {}).items() if key not in ELSEWHERE}
        line = f"{one.event} {one.actor} {json.dumps(data, sort_keys=True)}"
        for actor, slack_id in people.items():
            line = line.replace(actor, slack_id)
        lines.append(line)
    return Counter(lines)
