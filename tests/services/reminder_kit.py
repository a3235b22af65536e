"""What tests of reminders share: the law's clocks without a law, the tick, and who was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.domain.clocks import ClockKind, ClockState
from bot.services.clock_marks import meet_clock
from bot.services.escalation import escalate
from bot.services.reminders import fire_reminders, plan_reminders
from bot.store.tables import ClockRow, ReminderRow
from bot.store.unit_of_work import SYSTEM_ACTOR, reading
from tests.kit import ANA, Case, who


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message that was asked for; `to` is empty for the channel."""

    kind: str
    to: str
    clocks: tuple[str, ...]
    detail: dict[str, Any]


def tick(case: Case) -> list[Told]:
    """Do what the tick does to the incident at the clock's time; return what people are told."""
    with case.work() as (tx, incident):
        fire_reminders(tx, incident)
        escalate(tx, incident)
        jobs = [job for job in tx.jobs if job.name in {"announce", "tell"}]
    keys = [job.arguments["key"] for job in jobs]
    assert len(set(keys)) == len(keys), "each message has a key of its own"
    return [
        Told(
            kind=str(job.arguments["kind"]),
            to=str(job.arguments.get("slack_id", "")),
            clocks=_clocks(job.arguments["detail"]),
            detail=job.arguments["detail"],
        )
        for job in jobs
    ]


def _clocks(detail: dict[str, Any]) -> tuple[str, ...]:
    if "clock" in detail:
        return (str(detail["clock"]),)
    return tuple(str(one["key"]) for one in detail["clocks"])


def whom(told: Sequence[Told]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, person and clocks of each message."""
    return [(one.kind, one.to, one.clocks) for one in told]


def quiet(case: Case) -> None:
    """Meet our own clocks, so that only the law's is left to remind of."""
    with case.work() as (tx, incident):
        for key in ("triage", "escalation", "containment", "recovery"):
            meet_clock(tx, incident, key, proof="", actor=who(tx, ANA))


def law(case: Case, *dues: datetime, first: int = 1) -> list[str]:
    """Make a regulatory clock that runs for each deadline, and plan its reminders."""
    keys = [f"LAW-{number:02d}" for number in range(first, first + len(dues))]
    with case.work() as (tx, incident):
        for key, due_at in zip(keys, dues, strict=True):
            row = ClockRow(
                incident_id=incident.id or 0,
                kind=ClockKind.REGULATORY,
                key=key,
                title=f"{key}: to the authority",
                state=ClockState.RUNNING,
                started_at=tx.now,
                due_at=due_at,
                detail={},
            )
            tx.session.add(row)
            tx.session.flush()
            plan_reminders(tx, row)
        tx.record(incident, "clock.started", actor=SYSTEM_ACTOR, data={"clock": keys[0]})
    return keys


def reminders(case: Case, key: str) -> list[ReminderRow]:
    """A clock's reminders as they are stored, in order of time."""
    with reading(case.store) as session:
        query = (
            select(ReminderRow)
            .join(ClockRow, col(ClockRow.id) == col(ReminderRow.clock_id))
            .where(ClockRow.key == key)
            .order_by(col(ReminderRow.at), col(ReminderRow.id))
        )
        return list(session.exec(query).all())


def outcomes(case: Case, key: str) -> list[tuple[str, str]]:
    """Label and outcome of each reminder of a clock, in order of time."""
    return [(row.label, row.outcome) for row in reminders(case, key)]
