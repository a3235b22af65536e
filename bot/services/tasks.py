"""Doing the playbook's tasks: complete, reopen, give to somebody."""

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role, is_allowed
from bot.services.access import check_may
from bot.store.queries import is_member, roles_held, tasks_of
from bot.store.tables import Incident, Person, TaskRow
from bot.store.unit_of_work import Tx


def task_by_number(tx: Tx, incident: Incident, number: int) -> TaskRow:
    """Return a task of the incident, or raise `IncidentError` with the range there is.

    Says how many tasks there are: ask for membership first.
    """
    tasks = tasks_of(tx.session, incident)
    for task in tasks:
        if task.number == number:
            return task
    raise IncidentError(f"{incident.ref} has no task {number}; it has 1 to {len(tasks)}.")


def complete_task(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> TaskRow:
    """Mark a task as done; its owner role, its assignee, the Commander or the Scribe may."""
    task = _own_task(tx, incident, number, actor)
    if task.done_at is not None:
        raise IncidentError(f"Task {number} of {incident.ref} is already done.")
    task.done_at = tx.now
    task.done_by = actor.id
    task.note = note
    _record(tx, incident, task, "task.completed", actor=actor, note=note)
    return task


def reopen_task(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> TaskRow:
    """Take back that a task is done."""
    task = _own_task(tx, incident, number, actor)
    if task.done_at is None:
        raise IncidentError(f"Task {number} of {incident.ref} is open already.")
    task.done_at = None
    task.done_by = None
    task.note = ""
    _record(tx, incident, task, "task.reopened", actor=actor, note=note)
    return task


def assign_task(
    tx: Tx, incident: Incident, number: int, person: Person, *, actor: Person
) -> TaskRow:
    """Give a task to somebody who sees the incident and doesn't only watch it."""
    task = _own_task(tx, incident, number, actor)
    if not is_member(tx.session, incident, person):
        raise IncidentError(
            f"<@{person.slack_id}> isn't in {incident.ref}. Invite them to its channel, or give "
            f"them a role: `/incident role assign scribe @them`."
        )
    if not is_allowed(_WORK, roles_held(tx.session, incident, person)):
        raise IncidentError(
            f"<@{person.slack_id}> is an Observer of {incident.ref}; Observers only watch."
        )
    if task.assignee_id == person.id:
        raise IncidentError(f"Task {number} of {incident.ref} is already <@{person.slack_id}>'s.")
    task.assignee_id = person.id
    _record(tx, incident, task, "task.assigned", actor=actor, note="", to=person.actor)
    key = f"{incident.ref}/task/{number}/{person.actor}/{tx.now.isoformat()}"
    tx.enqueue("tell", incident, key=key, slack_id=person.slack_id, kind="task", number=number)
    return task


_WORK = Action.RECORD_FACT
"""Who may record a fact works in the incident; who may not only watches."""


def _own_task(tx: Tx, incident: Incident, number: int, actor: Person) -> TaskRow:
    """Return the task if the person may change it: its owner role and its assignee always may."""
    check_may(tx, incident, actor, Action.READ)
    task = task_by_number(tx, incident, number)
    held = roles_held(tx.session, incident, actor)
    owns = Role(task.owner_role) in held or task.assignee_id == actor.id
    check_may(tx, incident, actor, _WORK if owns else Action.COMPLETE_TASK)
    return task


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
