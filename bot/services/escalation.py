"""Telling the next person when nobody acknowledges: first the Commander, then the deputies.

How long silence is bearable is `bot.domain.reminders`. A step is settled in the transaction that
asks for its messages, so it is taken once, whatever crashes and however many processes tick.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.clocks import ClockKind
from bot.domain.reminders import escalation_wait
from bot.domain.roles import Role
from bot.services.reminder_news import REMINDED, answer_token
from bot.store.queries import deputies, holdings, members_of
from bot.store.reminder_queries import unanswered
from bot.store.tables import ClockRow, Incident, Person, ReminderRow
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

COMMANDER, DEPUTIES = 1, 2
"""The steps, as `ReminderRow.escalation` counts them."""

_OWNER = {ClockKind.REGULATORY: Role.LEGAL, ClockKind.CONTAINMENT: Role.COMMANDER}

Recipients = Mapping[tuple[int, ClockKind], Sequence[Person]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Silent:
    """A reminder that nobody has acknowledged, with its clock."""

    row: ReminderRow
    clock: ClockRow


def escalate(tx: Tx, incident: Incident) -> int:
    """Tell the next people of what nobody has acknowledged in time; return how many messages."""
    tx.hold(incident)
    found = unanswered(tx.session, incident, tx.now)
    if not found:
        return 0
    recipients = _recipients(tx, incident)
    groups: dict[tuple[int, ClockKind], list[_Silent]] = {}
    for row, clock in found:
        step = _take_step(tx, row, clock, recipients)
        if step is not None:
            kind = ClockKind(clock.kind)
            groups.setdefault((step, kind), []).append(_Silent(row=row, clock=clock))
    count = 0
    for (step, kind), group in groups.items():
        people = recipients[step, kind]
        _tell(tx, incident, group, people, step=step)
        count += len(people)
    return count


def _recipients(tx: Tx, incident: Incident) -> Recipients:
    """Return whom each step tells of each kind of clock; only members of the incident."""
    members = {person.id for person in members_of(tx.session, incident)}
    commander = [
        person
        for holding, person in holdings(tx.session, incident)
        if holding.role == Role.COMMANDER and person.id in members
    ]
    named = [
        (holding.role, person)
        for holding, person in deputies(tx.session, incident)
        if person.id in members
    ]
    found: dict[tuple[int, ClockKind], Sequence[Person]] = {}
    for kind, owner in _OWNER.items():
        asked = {person.id: person for role, person in named if role in {owner, Role.COMMANDER}}
        found[COMMANDER, kind] = commander
        found[DEPUTIES, kind] = list(asked.values())
    return found


def _take_step(tx: Tx, row: ReminderRow, clock: ClockRow, recipients: Recipients) -> int | None:
    """Go on to the next step at which there is anybody to tell; None if there is none."""
    kind = ClockKind(clock.kind)
    wait = escalation_wait(kind, label=row.label, due_at=clock.due_at, now=tx.now)
    row.escalate_at = None
    tx.session.add(row)
    if clock.state not in REMINDED or wait is None:
        return None
    for step in range(row.escalation + 1, DEPUTIES + 1):
        row.escalation = step
        if recipients[step, kind]:
            row.escalate_at = tx.now + wait if step < DEPUTIES else None
            return step
    return None


def _tell(
    tx: Tx, incident: Incident, group: Sequence[_Silent], people: Sequence[Person], *, step: int
) -> None:
    tx.record(
        incident,
        "reminder.escalated",
        actor=SYSTEM_ACTOR,
        data={
            "clocks": [one.clock.key for one in group],
            "step": step,
            "to": [person.actor for person in people],
        },
    )
    first = min(one.row.fired_at or tx.now for one in group)
    kind = group[0].clock.kind
    detail = {
        "clocks": [{"key": one.clock.key, "label": one.row.label} for one in group],
        "step": step,
        "silent_s": int((tx.now - first).total_seconds()),
        "owner": _OWNER[ClockKind(kind)].value,
        "token": answer_token([one.row for one in group], tx.now),
    }
    key = f"{incident.ref}/escalation/{step}/{kind}/{tx.now.isoformat()}"
    for person in people:
        tx.enqueue(
            "tell",
            incident,
            key=f"{key}/{person.slack_id}",
            slack_id=person.slack_id,
            kind="escalation",
            detail=detail,
        )
