"""What a reminder that fires becomes: entries in the log, news for people, a wait for an answer.

Decides who is told, what is told together, and from when on silence counts. Rows are settled in
the transaction that asks for the messages, so a crash or a second process tells nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import to_json
from bot.domain.reminders import (
    BREACH,
    LATE_AFTER,
    MANY,
    ReminderPoint,
    Snooze,
    escalation_wait,
    snooze_end,
    snoozed_until,
)
from bot.domain.roles import Role
from bot.domain.situation import words_for
from bot.services.access import zone_of
from bot.store.queries import holdings
from bot.store.tables import ClockRow, Incident, Person, ReminderRow
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

REMINDED = frozenset({ClockState.RUNNING, ClockState.MISSED})
"""States of a clock of which people are reminded."""

IDS_NAMED = 100
"""Reminders that a button names one by one; of more it names the time until which they came."""

People = Mapping[ClockKind, Person | None]
"""Who is told directly of a clock of each kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A reminder to tell now, `late_by` after its time; `rows` are all reminders of its clock."""

    clock: ClockRow
    row: ReminderRow
    rows: tuple[ReminderRow, ...] = ()
    late_by: timedelta = timedelta(0)

    @property
    def kind(self) -> ClockKind:
        """Whose target the clock watches."""
        return ClockKind(self.clock.kind)

    @property
    def late_s(self) -> int:
        """Seconds by which it is late, 0 if that isn't worth a word."""
        return int(self.late_by.total_seconds()) if self.late_by > LATE_AFTER else 0


def responsible(tx: Tx, incident: Incident) -> People:
    """Return who is told directly: the responsible role's holder, else the Commander."""
    holders = {holding.role: person for holding, person in holdings(tx.session, incident)}
    commander = holders.get(Role.COMMANDER)
    return {
        ClockKind.REGULATORY: holders.get(Role.LEGAL) or commander,
        ClockKind.CONTAINMENT: commander,
    }


def settle(tx: Tx, row: ReminderRow, outcome: str) -> None:
    """Mark a reminder as done with: it never fires again."""
    row.fired_at = tx.now
    row.outcome = outcome
    tx.session.add(row)


def answer_token(rows: Sequence[ReminderRow], now: datetime) -> str:
    """Name reminders in a button's value, which Slack keeps to 2,000 characters."""
    if len(rows) <= IDS_NAMED:
        return "ids:" + ",".join(str(row.id) for row in rows)
    return f"until:{now.isoformat()}"


def tell_digest(tx: Tx, incident: Incident, found: Sequence[Due], people: People) -> None:
    """Tell the day's many reminders in one message, the nearest deadline first."""
    ordered = sorted(found, key=lambda one: (one.clock.due_at or tx.now, one.clock.key))
    for one in ordered:
        settle(tx, one.row, "digest")
    late_s = max(one.late_s for one in ordered)
    tx.record(
        incident,
        "reminder.digest",
        actor=SYSTEM_ACTOR,
        data={"clocks": [one.clock.key for one in ordered], "late_s": late_s},
    )
    lines = [
        {"key": one.clock.key, "label": f"{words_for((one.clock.due_at or tx.now) - tx.now)} left"}
        for one in ordered
    ]
    detail = {
        "clocks": lines,
        "late_s": late_s,
        "token": answer_token([one.row for one in ordered], tx.now),
    }
    key = f"{incident.ref}/digest/{tx.now.isoformat()}"
    _send(tx, incident, people[ClockKind.REGULATORY], kind="digest", key=key, detail=detail)


def tell_reminders(tx: Tx, incident: Incident, found: Sequence[Due], people: People) -> int:
    """Tell reminders one by one, the law's in one message if they are many; return how many.

    Deadlines that passed aren't mixed with those to come. A duty that was late when its facts came
    was announced with them; only its owner is told.
    """
    groups: dict[tuple[ClockKind, bool, bool], list[Due]] = {}
    for one in found:
        announced = one.clock.state == ClockState.MISSED and one.kind is ClockKind.REGULATORY
        groups.setdefault((one.kind, one.row.label == BREACH, announced), []).append(one)
    count = 0
    for (kind, _, announced), group in groups.items():
        if kind is ClockKind.REGULATORY and len(group) > MANY:
            _tell_together(tx, incident, group, people[kind], quiet=announced)
            count += 1
            continue
        for one in group:
            detail = _fire(tx, incident, one, "fired") | _answers(tx, [one], people[kind])
            key = _key(incident, one)
            _send(
                tx,
                incident,
                people[kind],
                kind="reminder",
                key=key,
                detail=detail,
                quiet=announced,
            )
            count += 1
    return count


def _tell_together(
    tx: Tx, incident: Incident, group: Sequence[Due], person: Person | None, *, quiet: bool
) -> None:
    for one in group:
        _fire(tx, incident, one, "together")
    detail = {
        "clocks": [{"key": one.clock.key, "label": one.row.label} for one in group],
        "late_s": max(one.late_s for one in group),
        **_answers(tx, group, person),
    }
    key = f"{incident.ref}/reminders/{group[0].row.id}/{tx.now.isoformat()}"
    _send(tx, incident, person, kind="reminders", key=key, detail=detail, quiet=quiet)


def _key(incident: Incident, one: Due) -> str:
    at = one.row.at.isoformat()
    return f"{incident.ref}/reminder/{one.clock.key}/{one.row.label}/{at}"


def _fire(tx: Tx, incident: Incident, one: Due, outcome: str) -> dict[str, Any]:
    """Settle and record one reminder, and begin to wait; return what is told of it."""
    settle(tx, one.row, outcome)
    detail = {"clock": one.clock.key, "label": one.row.label, "late_s": one.late_s}
    if one.row.label == BREACH and one.clock.state == ClockState.RUNNING:
        _miss(tx, incident, one.clock)
    tx.record(incident, "reminder.sent", actor=SYSTEM_ACTOR, data=detail)
    _wait_for_answer(tx, one)
    return dict(detail)


def _wait_for_answer(tx: Tx, one: Due) -> None:
    """Let silence count from now; a wait for an earlier reminder of the clock goes on in this one.

    What an outage has let run out begins anew: people need the time to answer.
    """
    wait = escalation_wait(one.kind, label=one.row.label, due_at=one.clock.due_at, now=tx.now)
    one.row.escalate_at = tx.now + wait if wait else None
    for former in one.rows:
        if former.escalate_at is None or former is one.row:
            continue
        if wait and tx.now - former.escalate_at <= LATE_AFTER:
            one.row.escalate_at = min(former.escalate_at, tx.now + wait)
        one.row.escalation = former.escalation
        former.escalate_at = None
        tx.session.add(former)


def _answers(tx: Tx, group: Sequence[Due], person: Person | None) -> dict[str, Any]:
    """Say which reminders the buttons are about, and for how long all of them may be snoozed."""
    zone = zone_of(tx.rules, person)
    wanted = {choice: snooze_end(choice, tx.now, zone) for choice in Snooze}
    choices = [
        choice.value
        for choice, end in wanted.items()
        if all(snoozed_until(end, ahead_of(one.rows, tx.now)) == end for one in group)
    ]
    return {"token": answer_token([one.row for one in group], tx.now), "snooze": choices}


def ahead_of(rows: Sequence[ReminderRow], now: datetime) -> list[ReminderPoint]:
    """Return the reminders of a clock that are still to come."""
    return [
        ReminderPoint(label=row.label, at=row.at)
        for row in rows
        if row.fired_at is None and row.at > now
    ]


def _send(
    tx: Tx,
    incident: Incident,
    person: Person | None,
    *,
    kind: str,
    key: str,
    detail: Mapping[str, Any],
    quiet: bool = False,
) -> None:
    """Have it posted in the channel, unless it was told there before, and to one person."""
    if not quiet:
        tx.enqueue("announce", incident, key=key, kind=kind, detail=detail)
    if person is not None:
        to = person.slack_id
        tx.enqueue("tell", incident, key=f"{key}/{to}", slack_id=to, kind=kind, detail=detail)


def _miss(tx: Tx, incident: Incident, clock: ClockRow) -> None:
    clock.state = ClockState.MISSED
    clock.reason = "The deadline passed and nobody recorded that it was met."
    tx.session.add(clock)
    tx.record(
        incident,
        "clock.missed",
        actor=SYSTEM_ACTOR,
        data={"clock": clock.key, "state": clock.state, "due_at": to_json(clock.due_at)},
        pd={"reason": clock.reason},
    )
    tx.enqueue("refresh_card", incident)
