"""Doing the playbook's tasks: complete, reopen, give to somebody."""

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role
from bot.services.access import check_may
from bot.store.queries import roles_held, tasks_of
from bot.store.tables import Incident, Person, TaskRow
from bot.store.unit_of_work import Tx


def task_by_number(tx: Tx, incident: Incident, number: int) -> TaskRow:
    """Return a task of the incident, or raise `IncidentError` with the range there is."""
    tasks = tasks_of(tx.session, incident)
    for task in tasks:
        if task.number == number:
            return task
    raise IncidentError(f"{incident.ref} has no task {number}; it has 1 to {len(tasks)}.")


def complete_task(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> TaskRow:
    """Mark a task as done; its owner role, its assignee, the Commander or the Scribe may."""
    task = task_by_number(tx, incident, number)
    _check_owner(tx, incident, task, actor)
    if task.done_at is not None:
        raise IncidentError(f"Task {number} of {incident.ref} is already done.")
    task.done_at = tx.now
    task.done_by = actor.id
    task.note = note
    _record(tx, incident, task, "task.completed", actor=actor, note=note)
    return task


def reopen_task(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> TaskRow:
    """Take back that a task is done."""
    task = task_by_number(tx, incident, number)
    _check_owner(tx, incident, task, actor)
    if task.done_at is None:
        raise IncidentError(f"Task {number} of {incident.ref} is open already.")
    task.done_at = None
    task.done_by = None
    _record(tx, incident, task, "task.reopened", actor=actor, note=note)
    return task


def assign_task(
    tx: Tx, incident: Incident, number: int, person: Person, *, actor: Person
) -> TaskRow:
    """Give a task to somebody who sees the incident."""
    task = task_by_number(tx, incident, number)
    _check_owner(tx, incident, task, actor)
    check_may(tx, incident, person, Action.READ)
    task.assignee_id = person.id
    _record(tx, incident, task, "task.assigned", actor=actor, note="", to=person.actor)
    key = f"{incident.ref}/task/{number}/{person.actor}/{tx.now.isoformat()}"
    tx.enqueue("tell", incident, key=key, slack_id=person.slack_id, kind="task", number=number)
    return task


def _check_owner(tx: Tx, incident: Incident, task: TaskRow, actor: Person) -> None:
    """The owner role and the assignee may always; others by the table."""
    check_may(tx, incident, actor, Action.RECORD_FACT)
    owns = Role(task.owner_role) in roles_held(tx.session, incident, actor)
    if not owns and task.assignee_id != actor.id:
        check_may(tx, incident, actor, Action.COMPLETE_TASK)


def _record(
    tx: Tx,
    incident: Incident,
    task: TaskRow,
    what: str,
    *,
    actor: Person,
    note: str,
    to: str | None = None,
) -> None:
    tx.session.add(task)
    data: dict[str, object] = {"task": task.key, "number": task.number}
    if to:
        data["to"] = to
    tx.record(incident, what, actor=actor.actor, data=data, pd={"note": note} if note else None)
    tx.enqueue("refresh_card", incident)
