"""The process is killed at ten points of a story: nothing is lost and nothing doubled.

Also between commit and delivery, and across a deadline; on SQLite and on PostgreSQL.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.local_slack.inbound import Ack
from bot.store.queries import fact_history, incident_by_ref
from bot.store.unit_of_work import reading
from tests.conftest import T0
from tests.e2e.killed import World, said, world
from tests.kit import ANA, FARID, LENA, entries_of, until
from tests.slack_kit import flat, key_of

pytestmark = pytest.mark.slow
SEED = 20261119
REF = "INC-2026-0001"
Step = tuple[Callable[[World], object], Callable[[World], bool]]
"""What a person does, and how they see that it happened."""


@pytest.fixture
def one(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, now=T0) as made:
        yield made


def channel(here: World) -> str:
    found = here.incident(REF)
    assert found is not None
    return found.channel_id or here.box.channel_id("general")


def logged(here: World, event: str) -> int:
    return entries_of(here.store, REF).count(event) if here.incident(REF) else 0


def typed(text: str, event: str, *, times: int = 1) -> Step:
    """A command by reference, wherever the person can type, and the entry that it leaves."""
    return by_reference(text), lambda here: logged(here, event) >= times


def by_reference(text: str) -> Callable[[World], Ack]:
    verb, _, rest = text.partition(" ")
    return lambda here: here.type(
        ANA, f"{verb} {REF} {rest}", channel=here.box.channel_id("general")
    )


def recorded(here: World) -> list[str]:
    """Keys of the facts that people stated, once for each time."""
    with reading(here.store) as session:
        incident = incident_by_ref(session, REF)
        rows = fact_history(session, incident) if incident else []
        return sorted(row.key for row in rows if row.recorded_by)


def stated(text: str, key: str) -> Step:
    return by_reference(f"fact {text}"), lambda here: key in recorded(here)


def opening(here: World) -> Ack:
    where = here.box.channel_id("general")
    return here.type(ANA, "open data_breach SEV2 Claims database copied", channel=where)


def preserving(here: World) -> object:
    """Farid posts the dump once, when he is in the channel, and preserves it."""
    until(lambda: FARID in here.box.workspace.channels[channel(here)].members, seconds=30)
    farid = here.box.person(FARID)
    mine = [one for one in farid.messages(channel(here)) if one.get("files")]
    if not mine:
        farid.upload(channel(here), "dump.csv", b"name,ssn\n" * 5000, comment="the dump")
        mine = [one for one in farid.messages(channel(here)) if one.get("files")]
    ts = mine[0]["ts"]
    return farid.message_shortcut("preserve_evidence", channel=channel(here), ts=ts)


STORY: list[Step] = [
    (opening, lambda here: here.incident(REF) is not None),
    typed("role assign forensics <@U0FARID>", "role.assigned", times=2),
    stated("aware at 2026-11-19 08:00 UTC", "aware_at"),
    stated("1,200 Californians, names and SSNs, not encrypted", "residents:US-CA"),
    typed("role assign legal <@U0LENA>", "role.assigned", times=3),
    (preserving, lambda here: logged(here, "message.preserved") == 1),
    typed("task done 1 looked at the alert", "task.completed"),
    typed("contain access closed", "incident.contained"),
    typed("timeline note the vendor was called", "note.recorded", times=2),
    typed("status SEV1 bigger than thought", "incident.severity_changed"),
]


def play(here: World, kills: list[float | None]) -> None:
    """Do each step until it has happened; where a wait is given, kill the process in the middle."""
    for (act, happened), wait in zip(STORY, kills, strict=True):
        if wait is None:
            done(here, (act, happened))
            continue
        striking = here.kill_after(wait)
        act(here)
        striking.join()
        here.kill()
        here.start()
        done(here, (act, happened))


def done(here: World, step: Step) -> None:
    """See whether it happened; else do it again, as a person would."""
    act, happened = step
    for _ in range(5):
        if happened(here):
            return
        act(here)
    assert happened(here), step


def facts_of_story(here: World, ref: str = REF) -> dict[str, int]:
    events = entries_of(here.store, ref)
    names = [
        "incident.opened",
        "incident.channel_ready",
        "role.assigned",
        "message.preserved",
        "evidence.collected",
        "task.completed",
        "incident.contained",
        "incident.severity_changed",
    ]
    return {name: events.count(name) for name in names}


ONCE = {
    "incident.opened": 1,
    "incident.channel_ready": 1,
    "role.assigned": 3,
    "message.preserved": 1,
    "evidence.collected": 1,
    "task.completed": 1,
    "incident.contained": 1,
    "incident.severity_changed": 1,
}


def check_story(here: World) -> None:
    """Each announcement, each fact and each piece of evidence once."""
    messages = here.check_whole(REF, reader=ANA)
    assert facts_of_story(here) == ONCE
    assert recorded(here) == ["aware_at", "data_elements", "encryption", "residents:US-CA"]
    texts = [flat(one) for one in messages]
    for announced in (
        "is now *Forensics*",
        "is now *Legal*",
        "*E-2* is preserved",
        f"🟠 *Contained* · {REF}",
        "Clock started · *GDPR: to the authority*",
        "`US-CA-IND`: due",
    ):
        assert len([one for one in texts if announced in one]) == 1, announced
    card = next(one for one in messages if key_of(one).startswith("card/"))
    assert "SEV1" in flat(card)
    assert "*Contained*" in flat(card)


def test_killed_at_ten_points_of_the_story(one: World) -> None:
    one.start()
    chance = random.Random(SEED)  # noqa: S311 - a seeded story, no secret
    play(one, [chance.uniform(0.0, 0.5) for _ in STORY])
    check_story(one)
    # One reminder in time, and the process killed as it fires.
    one.set_clock(T0 + timedelta(hours=23, seconds=30))
    until(lambda: logged(one, "reminder.sent") >= 1, seconds=20)
    one.kill()
    one.start()
    until(lambda: reminders(one, "48 h left"), seconds=30)
    one.settle()
    assert len(reminders(one, "48 h left")) == 1
    assert "late" not in reminders(one, "48 h left")[0]
    told = [
        one_
        for one_ in one.box.person(LENA).direct_messages()
        if "48 h left" in flat(one_) and "GDPR" in flat(one_)
    ]
    assert len(told) == 1
    check_story(one)


def reminders(here: World, label: str) -> list[str]:
    """Reminders of the GDPR clock in the channel."""
    return [
        flat(one)
        for one in here.bot_messages(channel(here), reader=ANA)
        if f"/reminder/EU-GDPR-33-SA/{label}" in key_of(one)
    ]


def opened_and_aware(here: World) -> None:
    here.start()
    for act, happened in (STORY[0], STORY[2]):
        act(here)
        assert happened(here)
    here.settle()


@pytest.mark.parametrize("kind", ["timeout_after_work", "timeout_before_work"])
def test_killed_between_commit_and_delivery(one: World, kind: str) -> None:
    """Slack hangs with the post, done or not, and the process dies waiting for the answer."""
    opened_and_aware(one)
    one.box.faults.add("chat.postMessage", kind, seconds=8)
    waiting = len(one.box.calls)
    assert "is contained" in said(STORY[7][0](one))  # type: ignore[arg-type]
    until(lambda: posts(one, waiting), seconds=20)
    one.kill()
    one.start()
    messages = one.check_whole(REF, reader=ANA)
    assert len([m for m in messages if f"🟠 *Contained* · {REF}" in flat(m)]) == 1
    assert logged(one, "incident.contained") == 1


def posts(here: World, since: int) -> list[object]:
    return [one for one in here.box.calls[since:] if one.method == "chat.postMessage"]


def test_killed_before_anything_could_be_delivered(one: World) -> None:
    one.start()
    fault = one.box.faults.add("*", "down")
    done(one, STORY[0])
    one.kill()
    one.box.faults.remove(fault.id)
    one.start()
    one.check_whole(REF, reader=ANA)


def test_down_across_a_deadline_fires_one_late_reminder(one: World) -> None:
    opened_and_aware(one)
    one.kill()
    due = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
    one.set_clock(due + timedelta(hours=2, seconds=1))
    one.start()
    until(lambda: logged(one, "clock.missed") >= 1, seconds=30)
    until(lambda: reminders(one, "breach"), seconds=30)
    one.settle()
    (told,) = reminders(one, "breach")
    assert "Deadline passed" in told
    assert "_This reminder is 2 h late: Tocsin was down._" in told
    for label in ("48 h left", "24 h left", "12 h left", "4 h left", "1 h left"):
        assert reminders(one, label) == []
    one.check_whole(REF, reader=ANA)


@pytest.mark.postgres
def test_killed_at_every_third_step_on_postgresql(tmp_path: Path, empty_postgres: str) -> None:
    with world(tmp_path, now=T0, database_url=empty_postgres) as here:
        here.start()
        chance = random.Random(SEED + 1)  # noqa: S311 - a seeded story, no secret
        waits = [chance.uniform(0.0, 0.5) for _ in STORY]
        play(here, [wait if step % 3 == 0 else None for step, wait in enumerate(waits)])
        check_story(here)


@pytest.mark.postgres
def test_two_processes_on_one_postgresql_double_nothing(
    tmp_path: Path, empty_postgres: str
) -> None:
    names = ("one", "two")
    with world(tmp_path, now=T0, database_url=empty_postgres, names=names) as here:
        for name in names:
            here.start(name)
        for number, step in enumerate(STORY):
            here.box.point_at(f"http://127.0.0.1:{here.ports[names[number % 2]]}/slack/events")
            done(here, step)
        check_story(here)
        here.set_clock(T0 + timedelta(hours=23, seconds=30))
        until(lambda: reminders(here, "48 h left"), seconds=30)
        here.settle()
        assert len(reminders(here, "48 h left")) == 1
        check_story(here)


@pytest.mark.postgres
def test_a_living_process_takes_up_what_a_dead_one_left(
    tmp_path: Path, empty_postgres: str
) -> None:
    """The first dies for good while it waits for Slack; the second ends the work."""
    names = ("one", "two")
    with world(tmp_path, now=T0, database_url=empty_postgres, names=names) as here:
        here.start("one")
        opening(here)
        here.settle()
        fault = here.box.faults.add("chat.postMessage", "rate_limited", retry_after=30, times=None)
        by_reference("contain closed")(here)
        until(lambda: here.box.calls[-1].method == "chat.postMessage", seconds=20)
        here.start("two")
        here.kill("one")
        here.box.faults.remove(fault.id)
        messages = here.check_whole(REF, reader=ANA)
        assert len([one for one in messages if f"🟠 *Contained* · {REF}" in flat(one)]) == 1
        assert "taking up the jobs of tocsin-0" in here.log_text()
