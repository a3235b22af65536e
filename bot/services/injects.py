"""Injects of a run: planned at its start, delivered when they are due, held, skipped, added.

Decides what of an inject players see: never the facilitator's note. When one is due is decided by
`bot.domain.exercise_engine`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.domain.exercise_engine import Outcome, due_injects, planned_ex
from bot.domain.incident import IncidentError
from bot.domain.scenario import Inject, InjectChannel, Scenario
from bot.domain.scenario_variables import fill_in, fill_in_all
from bot.store.exercise_queries import RunRows, injects_of, results_of
from bot.store.exercise_tables import ExerciseRun, ExpectationResult, InjectRun
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

SETTLED = frozenset({"delivered", "skipped", "dropped"})
MAX_TEXT = 4_000
BREATH = timedelta(seconds=0)
"""Between injects that are due together; their order is kept by the channel's lane."""


def plan_injects(tx: Tx, incident: Incident, run: ExerciseRun, scenario: Scenario) -> None:
    """Write down every inject with the run's values in it, and every expectation as waiting."""
    before = Outcome(started_ex=run.starts_ex)
    for inject in scenario.injects:
        tx.session.add(
            InjectRun(
                incident_id=incident.id or 0,
                run_id=run.id or 0,
                inject_id=inject.id,
                planned_ex=planned_ex(inject, before),
                state="planned",
                content=content_of(inject, run.variables, language=scenario.language),
            )
        )
        for one in inject.expects:
            tx.session.add(
                ExpectationResult(
                    incident_id=incident.id or 0,
                    run_id=run.id or 0,
                    expectation_id=one.id,
                    inject_id=inject.id,
                    state="waiting",
                )
            )
    tx.session.flush()


def content_of(inject: Inject, values: Mapping[str, Any], *, language: str) -> dict[str, Any]:
    """Return what players get of an inject, with the run's values filled in."""
    return {
        "channel": inject.channel.value,
        "from": fill_in(inject.sender, values, language=language),
        "to": [role.value for role in inject.to],
        "title": fill_in(inject.title, values, language=language),
        "text": fill_in(inject.text, values, language=language),
        "decision": inject.decision,
        "attachments": [
            {
                "template": one.template,
                "name": one.name,
                "values": fill_in_all(one.values, values, language=language),
            }
            for one in inject.attachments
        ],
    }


def outcome_of(run: ExerciseRun, of: RunRows) -> Outcome:
    """Return what has happened in a run so far."""
    return Outcome(
        started_ex=run.starts_ex,
        delivered={one.inject_id: one.delivered_ex for one in of.injects if one.delivered_ex},
        settled={one.inject_id for one in of.injects if one.state != "planned"},
        met={one.expectation_id for one in of.results if one.state == "met"},
        missed={one.expectation_id for one in of.results if one.state == "missed"},
        decisions={one.decision_id: one.option for one in of.decisions},
    )


def deliver_due(
    tx: Tx, incident: Incident, run: ExerciseRun, scenario: Scenario, of: RunRows
) -> list[str]:
    """Deliver what is due now, in order; hold what waits for a hand. Return the delivered ids.

    Delivering one can make the next due, as after a jump.
    """
    done: list[str] = []
    rows = {one.inject_id: one for one in of.injects}
    while True:
        due = due_injects(scenario, outcome_of(run, of), now_ex=tx.now)
        if not due:
            return done
        for one in due:
            row = rows[one.inject.id]
            row.planned_ex = one.planned_ex
            if one.hold:
                row.state = "held"
                tx.session.add(row)
                data = {"inject": one.inject.id}
                tx.record(incident, "exercise.inject_held", actor=SYSTEM_ACTOR, data=data)
                continue
            deliver(tx, incident, row, of.results, actor=SYSTEM_ACTOR)
            done.append(one.inject.id)
        tx.session.flush()


def deliver(
    tx: Tx,
    incident: Incident,
    row: InjectRun,
    results: Sequence[ExpectationResult],
    *,
    actor: str,
    why: str = "",
) -> None:
    """Deliver one inject now: into the channel, and its expectations are open from now on."""
    row.state, row.delivered_at, row.delivered_ex, row.why = "delivered", tx.wall, tx.now, why
    tx.session.add(row)
    for one in results:
        if one.inject_id == row.inject_id and one.state == "waiting":
            one.state, one.opened_at, one.opened_ex = "open", tx.wall, tx.now
            tx.session.add(one)
    tx.record(
        incident,
        "exercise.inject_delivered",
        actor=actor,
        data={"inject": row.inject_id, "channel": str(row.content["channel"])},
        pd={"title": str(row.content["title"])},
    )
    tx.enqueue(
        "announce",
        incident,
        key=f"{incident.ref}/inject/{row.inject_id}",
        kind="inject",
        detail={"inject": row.inject_id, "ex": tx.now.isoformat(), **row.content},
    )


def find_inject(tx: Tx, run: ExerciseRun, inject_id: str) -> InjectRun:
    """Return an inject of a run, or raise `IncidentError` with those there are."""
    rows = {one.inject_id: one for one in injects_of(tx.session, run)}
    row = rows.get(inject_id.upper())
    if row is None:
        raise IncidentError(f"There is no inject {inject_id}. There are: {', '.join(rows)}.")
    return row


def release_inject(
    tx: Tx, incident: Incident, run: ExerciseRun, inject_id: str, *, actor: Person
) -> InjectRun:
    """Deliver an inject now, whether it is held, in reserve, or planned for later."""
    row = find_inject(tx, run, inject_id)
    if row.state in SETTLED:
        raise IncidentError(f"{row.inject_id} was {row.state} already.")
    data = {"inject": row.inject_id, "was": row.state}
    tx.record(incident, "exercise.inject_released", actor=actor.actor, data=data)
    results = results_of(tx.session, run)
    deliver(tx, incident, row, results, actor=actor.actor, why="released by the facilitator")
    return row


def hold_inject(
    tx: Tx, incident: Incident, run: ExerciseRun, inject_id: str, *, actor: Person
) -> InjectRun:
    """Keep an inject back until the facilitator releases it."""
    row = find_inject(tx, run, inject_id)
    if row.state != "planned":
        raise IncidentError(f"{row.inject_id} is {row.state}; only a planned one can be held.")
    row.state = "held"
    tx.session.add(row)
    data = {"inject": row.inject_id}
    tx.record(incident, "exercise.inject_held", actor=actor.actor, data=data)
    return row


def skip_inject(
    tx: Tx, incident: Incident, run: ExerciseRun, inject_id: str, *, why: str, actor: Person
) -> InjectRun:
    """Leave an inject out; what was expected after it counts nowhere."""
    row = find_inject(tx, run, inject_id)
    if row.state in SETTLED:
        raise IncidentError(f"{row.inject_id} was {row.state} already.")
    row.state, row.why = "skipped", why.strip()
    tx.session.add(row)
    for one in results_of(tx.session, run):
        if one.inject_id == row.inject_id and one.state == "waiting":
            one.state = "unreached"
            tx.session.add(one)
    tx.record(
        incident,
        "exercise.inject_skipped",
        actor=actor.actor,
        data={"inject": row.inject_id},
        pd={"why": why.strip()} if why.strip() else None,
    )
    return row


def add_inject(
    tx: Tx,
    incident: Incident,
    run: ExerciseRun,
    *,
    channel: InjectChannel,
    sender: str,
    title: str,
    text: str,
    actor: Person,
) -> InjectRun:
    """Write an inject during the run and deliver it at once."""
    title, text, sender = title.strip(), text.strip(), sender.strip()
    if not (title and text and sender):
        raise IncidentError("An inject needs who it is from, a title and a text.")
    if len(text) > MAX_TEXT:
        raise IncidentError(f"The text has {len(text)} characters; {MAX_TEXT} fit.")
    added = sum(one.added_by is not None for one in injects_of(tx.session, run))
    row = InjectRun(
        incident_id=incident.id or 0,
        run_id=run.id or 0,
        inject_id=f"X{added + 1}",
        planned_ex=tx.now,
        state="planned",
        content={
            "channel": channel.value,
            "from": sender,
            "to": [],
            "title": title,
            "text": text,
            "decision": "",
            "attachments": [],
        },
        added_by=actor.id,
    )
    tx.session.add(row)
    tx.session.flush()
    data = {"inject": row.inject_id, "channel": channel.value}
    tx.record(incident, "exercise.inject_added", actor=actor.actor, data=data, pd={"text": text})
    deliver(tx, incident, row, (), actor=actor.actor, why="added by the facilitator")
    return row


def drop_what_never_came(tx: Tx, of: RunRows) -> None:
    """At the end: what wasn't delivered never will be, and what it asked for counts nowhere."""
    for row in of.injects:
        if row.state not in SETTLED:
            row.state = "dropped"
            tx.session.add(row)
    for one in of.results:
        if one.state == "waiting":
            one.state = "unreached"
            tx.session.add(one)
