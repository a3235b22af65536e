"""The improvement plan: what is to be done, by whom, by when, and when it is tried again.

Decides who may write it and what is recorded. A critical lapse can be filed while the run still
goes on (NIST SP 800-84: it isn't held back for the report). Reminders go by the wall clock: an
action is real work.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services.exercises import scenario_of
from bot.store.exercise_queries import part_of, run_of
from bot.store.exercise_tables import CorrectiveAction, ExerciseRun
from bot.store.queries import is_member
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

MAX_TEXT = 500
REMIND_BEFORE = timedelta(days=7)
REMIND_AGAIN = timedelta(days=7)
ELEMENTS = (
    "plan",
    "roles",
    "training",
    "tooling",
    "contacts",
    "templates",
    "verification",
    "other",
)
"""Elements of the programme that an action can change."""


def _run(tx: Tx, incident: Incident, actor: Person) -> ExerciseRun:
    tx.hold(incident)
    run = run_of(tx.session, incident)
    if run is None:
        raise IncidentError(f"{incident.ref} is no exercise: it is real.")
    part = part_of(tx.session, run, actor)
    if part is None or part.part == "player":
        raise NotAllowedError("The facilitator and observers write the improvement plan.")
    return run


def add_action(
    tx: Tx,
    incident: Incident,
    *,
    text: str,
    element: str,
    objective: str = "",
    owner: Person | None,
    due_on: date | None,
    retest_on: date | None = None,
    critical: bool = False,
    actor: Person,
) -> CorrectiveAction:
    """Add a line to the plan; a critical one needs its owner and day at once.

    Raises `IncidentError` for what is missing or lies in the past.
    """
    run, said = _run(tx, incident, actor), text.strip()
    _check(run, text=said, element=element, objective=objective)
    if owner is not None and not is_member(tx.session, incident, owner):
        raise IncidentError(f"<@{owner.slack_id}> took no part; invite them to the channel first.")
    if critical and (owner is None or due_on is None):
        raise IncidentError("A critical lapse needs its owner and the day by which it is mended.")
    if (due_on and due_on < tx.wall.date()) or (due_on and retest_on and retest_on < due_on):
        raise IncidentError("Give a day from today on, and a retest after it.")
    row = CorrectiveAction(
        incident_id=incident.id or 0,
        run_id=run.id or 0,
        number=len(actions_in(tx.session, incident)) + 1,
        text=said,
        objective=objective,
        element=element,
        owner_id=owner.id if owner else None,
        due_on=due_on,
        retest_on=retest_on,
        critical=critical,
        state="open",
        reminded_at=tx.wall if owner else None,
    )
    tx.session.add(row)
    tx.record(
        incident,
        "corrective_action.assigned",
        actor=actor.actor,
        data={
            "action": row.number,
            "owner": owner.actor if owner else "",
            "due_on": due_on.isoformat() if due_on else "",
            "retest_on": retest_on.isoformat() if retest_on else "",
            "critical": critical,
        },
        pd={"text": said},
    )
    if owner is not None:
        _tell(tx, incident, row, owner, what="assigned")
    return row


def _check(run: ExerciseRun, *, text: str, element: str, objective: str) -> None:
    if run.locked_at is not None:
        raise IncidentError("The report is final; add the action to the next exercise.")
    if not text or len(text) > MAX_TEXT:
        raise IncidentError(f"Say what is to be done, in at most {MAX_TEXT} characters.")
    if element not in ELEMENTS:
        raise IncidentError(f"Choose what it changes: {', '.join(ELEMENTS)}.")
    if objective and objective not in {one.id for one in scenario_of(run).objectives}:
        raise IncidentError(f"There is no objective {objective}.")


def actions_in(session: Session, incident: Incident) -> Sequence[CorrectiveAction]:
    """List the plan of one exercise."""
    query = (
        select(CorrectiveAction)
        .where(CorrectiveAction.incident_id == incident.id)
        .order_by(col(CorrectiveAction.number))
    )
    return session.exec(query).all()


def finish_action(
    tx: Tx, incident: Incident, number: int, *, note: str, actor: Person
) -> CorrectiveAction:
    """Say that an action is done, with what shows it; its owner or the facilitator may."""
    tx.hold(incident)
    row = _find(tx, incident, number)
    run = run_of(tx.session, incident)
    if actor.id not in {row.owner_id, run.facilitator_id if run else None}:
        raise NotAllowedError("Its owner or the facilitator says when it is done.")
    if row.state == "done":
        raise IncidentError(f"A-{number} is done already.")
    if not note.strip():
        raise IncidentError("Say what shows that it is done: a link, a document, a test.")
    row.state, row.done_at, row.done_note = "done", tx.wall, note.strip()
    tx.session.add(row)
    data = {"action": number}
    tx.record(
        incident, "corrective_action.done", actor=actor.actor, data=data, pd={"note": note.strip()}
    )
    return row


def reopen_action(
    tx: Tx, incident: Incident, number: int, *, note: str, actor: Person
) -> CorrectiveAction:
    """Open an action again: the retest showed that it isn't done."""
    tx.hold(incident)
    row = _find(tx, incident, number)
    part = part_of(tx.session, run, actor) if (run := run_of(tx.session, incident)) else None
    if part is None or part.part == "player":
        raise NotAllowedError("The facilitator and observers open an action again.")
    if row.state != "done":
        raise IncidentError(f"A-{number} is open.")
    row.state, row.done_at = "open", None
    tx.session.add(row)
    data = {"action": number}
    pd = {"note": note.strip()} if note.strip() else None
    tx.record(incident, "corrective_action.reopened", actor=actor.actor, data=data, pd=pd)
    return row


def _find(tx: Tx, incident: Incident, number: int) -> CorrectiveAction:
    for row in actions_in(tx.session, incident):
        if row.number == number:
            return row
    raise IncidentError(f"{incident.ref} has no action A-{number}.")


def remind_of_actions(tx: Tx, incident: Incident) -> int:
    """Tell the owners of what is due within a week or overdue; return how many.

    Once a week, and on the day itself. Days are those of UTC.
    """
    told = 0
    for row in actions_in(tx.session, incident):
        if row.owner_id is None or row.due_on is None or not _reminds(row, row.due_on, tx.wall):
            continue
        owner = tx.session.get_one(Person, row.owner_id)
        row.reminded_at = tx.wall
        tx.session.add(row)
        data = {"action": row.number, "to": owner.actor}
        tx.record(incident, "reminder.sent", actor=SYSTEM_ACTOR, data=data)
        _tell(tx, incident, row, owner, what="overdue" if row.due_on < tx.wall.date() else "due")
        told += 1
    return told


def _reminds(row: CorrectiveAction, due_on: date, now: datetime) -> bool:
    if row.state != "open" or now.date() < due_on - REMIND_BEFORE:
        return False
    last = row.reminded_at
    return last is None or last + REMIND_AGAIN <= now or last.date() < due_on <= now.date()


def incidents_with_actions_due(session: Session, today: date) -> list[int]:
    """List the exercises of which an owner may have to be reminded."""
    query = (
        select(CorrectiveAction.incident_id)
        .where(
            CorrectiveAction.state == "open",
            col(CorrectiveAction.owner_id).is_not(None),
            col(CorrectiveAction.due_on) <= today + REMIND_BEFORE,
        )
        .distinct()
    )
    return sorted(session.exec(query).all())


def _tell(tx: Tx, incident: Incident, row: CorrectiveAction, owner: Person, *, what: str) -> None:
    tx.enqueue(
        "tell",
        incident,
        key=f"{incident.ref}/action/{row.number}/{what}/{tx.wall.isoformat()}",
        slack_id=owner.slack_id,
        kind="corrective_action",
        what=what,
        number=row.number,
        words=row.text,
        due_on=row.due_on.isoformat() if row.due_on else "",
    )
