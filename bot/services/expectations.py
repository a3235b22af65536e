"""What was expected in a run and what became of it: met by the log's own entries, or missed.

Decides nothing about time or matching (`bot.domain.exercise_engine`), nor about ratings
(`bot.domain.scoring`); observers' judgements of what no entry can show are in `ratings`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from bot.domain.exercise_engine import LogEvent, elapsed, is_past, met_by
from bot.domain.roles import Role
from bot.domain.scenario import Expectation, Scenario
from bot.domain.scoring import FULL, Result, ResultState, timeliness
from bot.store.exercise_queries import RunRows, clock_in
from bot.store.exercise_tables import ExerciseRun, ExpectationResult
from bot.store.tables import Incident, Person, RoleHolding
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx, origin_of
from evidence_store.log import entries

Opened = tuple[datetime, datetime]
"""A moment: on the wall without the holds, and in exercise time."""


def results_in(scenario: Scenario, rows: Sequence[ExpectationResult]) -> list[Result]:
    """Return every expectation of the scenario with what became of it."""
    found = {one.expectation_id: one for one in rows}
    return [
        Result(
            expectation=one,
            state=ResultState(found[one.id].state),
            score=found[one.id].score if found[one.id].state in {"met", "missed"} else None,
        )
        for one in scenario.expectations
        if one.id in found
    ]


def follow_log(
    tx: Tx, incident: Incident, run: ExerciseRun, scenario: Scenario, of: RunRows
) -> None:
    """Meet what the incident's own entries meet, and miss what is too late now."""
    rows = {one.expectation_id: one for one in of.results if one.state == "open"}
    known = {one.id: one for one in scenario.expectations}
    clock = clock_in(run)
    opened: dict[str, Opened] = {
        key: (clock.worked(row.opened_at), row.opened_ex)
        for key, row in rows.items()
        if row.opened_at and row.opened_ex
    }
    waiting = [known[key] for key in opened if key in known]
    if not waiting:
        return
    events = {name for one in waiting if one.match for name in one.match.events}
    found = list(_entries(tx, incident, run, events)) if events else []
    for expectation, entry in met_by(waiting, found, opened=opened, worked=clock.worked):
        at = (clock.worked(entry.at), entry.at_ex)
        taken = elapsed(expectation, opened=opened[expectation.id], at=at)
        row = rows.pop(expectation.id)
        row.state, row.met_at, row.met_ex = "met", entry.at, entry.at_ex
        row.seq, row.score = entry.seq, timeliness(expectation.window, taken)
        tx.session.add(row)
        _record(tx, incident, "exercise.expectation_met", row, entry_seq=entry.seq)
    for key, row in rows.items():
        if key in opened:
            at = (clock.worked(tx.wall), tx.now)
            _miss_if_late(tx, incident, known[key], row, opened=opened[key], at=at)


def _miss_if_late(
    tx: Tx,
    incident: Incident,
    expectation: Expectation,
    row: ExpectationResult,
    *,
    opened: Opened,
    at: Opened,
) -> None:
    """Miss what no entry met in time; what an observer rates waits for them."""
    if expectation.match is None:
        return
    if is_past(expectation, opened=opened, at=at):
        row.state, row.score = "missed", 0
        tx.session.add(row)
        _record(tx, incident, "exercise.expectation_missed", row)


def miss_the_rest(tx: Tx, incident: Incident, scenario: Scenario, of: RunRows) -> None:
    """At the end: what is still open and could have been met by an entry is missed."""
    known = {one.id: one for one in scenario.expectations}
    for row in of.results:
        expectation = known.get(row.expectation_id)
        if row.state == "open" and expectation is not None and expectation.match is not None:
            row.state, row.score = "missed", 0
            tx.session.add(row)
            _record(tx, incident, "exercise.expectation_missed", row)


def rate_expectation(
    tx: Tx, incident: Incident, row: ExpectationResult, *, share: int, note: str, actor: Person
) -> None:
    """Judge what no entry can show: a share of full marks in per cent, by an observer."""
    row.score = round(FULL * max(0, min(100, share)) / 100)
    row.state = "met" if row.score else "missed"
    row.rated_by, row.note = actor.id, note.strip()
    row.met_at, row.met_ex = tx.wall, tx.now
    tx.session.add(row)
    tx.record(
        incident,
        "exercise.rated",
        actor=actor.actor,
        data={"expectation": row.expectation_id, "score": row.score},
        pd={"note": note.strip()} if note.strip() else None,
    )


def _record(
    tx: Tx,
    incident: Incident,
    event: str,
    row: ExpectationResult,
    *,
    entry_seq: int | None = None,
) -> None:
    data: dict[str, object] = {"expectation": row.expectation_id, "score": row.score or 0}
    if entry_seq is not None:
        data["entry"] = entry_seq
    tx.record(incident, event, actor=SYSTEM_ACTOR, data=data)


def _entries(tx: Tx, incident: Incident, run: ExerciseRun, events: set[str]) -> list[LogEvent]:
    """Read the entries of these words, with what their actors held at that moment."""
    clock = clock_in(run)
    held = tx.session.exec(
        select(RoleHolding, Person)
        .join(Person, col(Person.id) == col(RoleHolding.person_id))
        .where(RoleHolding.incident_id == incident.id)
    ).all()

    def roles_at(actor: str, at: datetime) -> frozenset[Role]:
        return frozenset(
            Role(one.role)
            for one, person in held
            if person.actor == actor
            and not one.deputy
            and (one.until_at is None or one.until_at >= at)
        )

    origin = origin_of(tx.store, incident.ref)
    return [
        LogEvent(
            seq=one.seq,
            event=one.event,
            data=one.data or {},
            at=one.ts,
            at_ex=clock.ex(one.ts),
            roles=roles_at(one.actor, clock.ex(one.ts)),
        )
        for one in entries(tx.session.connection(), origin=origin, only=events)
        # What is known of us from the start was recorded by nobody who plays.
        if not (one.actor == SYSTEM_ACTOR and one.event.startswith("fact."))
    ]
