"""Exercises: start a run, hold it, let it go on, jump, change its pace, end it.

Decides who may do it, what a start needs and what is recorded. An exercise is an incident of its
own kind: players work in it with the very same commands. What happens in a run is in `injects` and
`expectations`; nothing of it can leave the house (`outbound`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.content.scenarios import build_scenario
from bot.domain.exercise_clock import (
    ExerciseClock,
    ExerciseClockError,
    check_factor,
    factor_for,
    to_json,
)
from bot.domain.incident import IncidentError, IncidentKind, Severity
from bot.domain.roles import NotAllowedError, Role
from bot.domain.scenario import Scenario
from bot.domain.scenario_variables import draw
from bot.services.access import person_for
from bot.services.exercise_holds import (
    announce_exercise,
    hold_run,
    record_exercise,
    set_clock,
)
from bot.services.exercise_outsiders import post_kept_news
from bot.services.hot_wash import ask_for_hot_wash
from bot.services.incidents import OpenIncident, add_member, open_incident
from bot.services.injects import plan_injects
from bot.services.roles import give_role
from bot.store.exercise_queries import GOING, clock_in, part_of, run_of
from bot.store.exercise_tables import ExercisePart, ExerciseRun
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

REPORT_AFTER = timedelta(hours=1)
"""The after-action report is drafted so long after the end: time for the hot wash."""
MAX_SEED = 2**31 - 1


class StartError(IncidentError):
    """An exercise can't start so; `field` names the part of the request that is in the way."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True, slots=True)
class StartExercise:
    """What the facilitator decides. People are named by Slack user id.

    `within` is how long it may take on the wall; None: as the scenario says. `starts_ex` is the
    first moment of exercise time; None: now, so that dates look like today's.
    """

    scenario_id: str
    players: Mapping[Role, str]
    observers: tuple[str, ...] = ()
    outside_observer: str = ""
    within: timedelta | None = None
    factor: int | None = None
    seed: int = 1
    starts_ex: datetime | None = None
    more_players: tuple[str, ...] = field(default=())


def start_exercise(tx: Tx, request: StartExercise, *, actor: Person) -> Incident:
    """Open an exercise; the actor is its facilitator and plays no part in it.

    Raises `StartError` for what can't be; nothing is opened then.
    """
    scenario = tx.rules.scenarios.get(request.scenario_id)
    if scenario is None:
        known = ", ".join(sorted(tx.rules.scenarios))
        raise StartError(
            "scenario", f"There is no scenario “{request.scenario_id}”. There are: {known}."
        )
    _check_people(scenario, request, facilitator=actor.slack_id)
    clock = _clock(tx, scenario, request)
    tx.now = clock.ex(tx.wall)
    opening = OpenIncident(
        title=scenario.title,
        playbook_id=scenario.playbook,
        severity=Severity(scenario.severity),
        roles=dict(request.players),
        kind=IncidentKind.EXERCISE,
    )
    incident = open_incident(tx, opening, actor=actor)
    run = _insert(tx, incident, scenario, clock, request, actor=actor)
    _take_part(tx, incident, run, request, actor=actor)
    plan_injects(tx, incident, run, scenario)
    tx.record(
        incident,
        "exercise.started",
        actor=actor.actor,
        data={
            "scenario": scenario.id,
            "scenario_version": scenario.version,
            "scenario_sha256": scenario.sha256,
            "seed": run.seed,
            "factor": clock.factor,
            "starts_ex": run.starts_ex.isoformat(),
            "ends_ex": run.ends_ex.isoformat(),
            "players": len(request.players) + len(request.more_players),
            "observers": len(set(request.observers)),
            "outside_observer": bool(request.outside_observer),
        },
        pd={"outside_observer": request.outside_observer} if request.outside_observer else None,
    )
    return incident


def _check_people(scenario: Scenario, request: StartExercise, *, facilitator: str) -> None:
    players = {*request.players.values(), *request.more_players}
    if facilitator in players:
        raise StartError(
            "players",
            "You are the facilitator, so you can't be a player too: you know what comes. Give the "
            "role to somebody else, or let somebody else start it.",
        )
    lacking = [role.title() for role in scenario.roles if role not in request.players]
    if lacking:
        raise StartError(
            "players",
            f"The scenario {scenario.id} needs a player for: {', '.join(lacking)}. Name them: "
            f"`/incident exercise start {scenario.id} {scenario.roles[0]} @who …`.",
        )
    both = players & set(request.observers)
    if both or facilitator in request.observers:
        who = next(iter(both), facilitator)
        raise StartError("observers", f"<@{who}> can't observe and take part at once. Choose one.")
    if not 0 <= request.seed <= MAX_SEED:
        raise StartError("seed", f"The seed is a whole number from 0 to {MAX_SEED}.")


def _clock(tx: Tx, scenario: Scenario, request: StartExercise) -> ExerciseClock:
    try:
        factor = (
            check_factor(request.factor)
            if request.factor is not None
            else factor_for(
                scenario.span, scenario.play if request.within is None else request.within
            )
        )
        return ExerciseClock.start(wall=tx.wall, ex=request.starts_ex or tx.wall, factor=factor)
    except ExerciseClockError as error:
        raise StartError("pace", str(error)) from error


def _insert(
    tx: Tx,
    incident: Incident,
    scenario: Scenario,
    clock: ExerciseClock,
    request: StartExercise,
    *,
    actor: Person,
) -> ExerciseRun:
    run = ExerciseRun(
        incident_id=incident.id or 0,
        scenario_id=scenario.id,
        scenario_sha256=scenario.sha256,
        scenario=dict(scenario.data),
        programme=scenario.kind,
        seed=request.seed,
        variables=draw(scenario.variables, request.seed),
        segments=to_json(clock),
        state="running",
        started_at=tx.wall,
        starts_ex=tx.now,
        ends_ex=tx.now + scenario.span,
        facilitator_id=actor.id or 0,
        outside_observer=request.outside_observer.strip(),
        report={},
    )
    tx.session.add(run)
    tx.session.flush()
    return run


def _take_part(
    tx: Tx, incident: Incident, run: ExerciseRun, request: StartExercise, *, actor: Person
) -> None:
    def add(slack_id: str, part: str, role: str = "") -> None:
        person = person_for(tx, slack_id)
        add_member(tx, incident, person)
        tx.session.add(
            ExercisePart(
                incident_id=incident.id or 0,
                run_id=run.id or 0,
                person_id=person.id or 0,
                part=part,
                role=role,
            )
        )

    add(actor.slack_id, "facilitator")
    # A small team plays several roles each; a person takes part once.
    players: dict[str, list[str]] = {slack_id: [] for slack_id in request.more_players}
    for role, slack_id in request.players.items():
        players.setdefault(slack_id, []).append(role.value)
    for slack_id, roles in players.items():
        add(slack_id, "player", ", ".join(roles))
    for slack_id in dict.fromkeys(request.observers):
        add(slack_id, "observer")
        give_role(
            tx, incident, Role.OBSERVER, person_for(tx, slack_id), actor=actor, note="", tell=False
        )
    tx.session.flush()


def going_run(tx: Tx, incident: Incident) -> ExerciseRun:
    """Return the run of an exercise that isn't over, held against other writers.

    Raises `IncidentError` for a live incident and for a run that is over.
    """
    tx.hold(incident)
    run = run_of(tx.session, incident)
    if run is None:
        raise IncidentError(f"{incident.ref} is no exercise: it is real.")
    tx.session.refresh(run)
    if run.state not in GOING:
        raise IncidentError(f"The exercise {incident.ref} is over ({run.state}).")
    return run


def scenario_of(run: ExerciseRun) -> Scenario:
    """Return the scenario of a run as it was at its start, whatever the file says today."""
    return build_scenario(run.scenario, sha256=run.scenario_sha256)


def check_facilitator(tx: Tx, run: ExerciseRun, actor: Person) -> None:
    """Raise `NotAllowedError` unless the person runs this exercise."""
    part = part_of(tx.session, run, actor)
    if part is None or part.part != "facilitator":
        leader = tx.session.get_one(Person, run.facilitator_id)
        raise NotAllowedError(f"Only the facilitator may do this: <@{leader.slack_id}>.")


def hold_exercise(tx: Tx, incident: Incident, *, reason: str, actor: Person | None) -> None:
    """Let exercise time stand still; holding what is held changes nothing but the reason."""
    run = going_run(tx, incident)
    if actor is not None:
        check_facilitator(tx, run, actor)
    if run.state == "held":
        raise IncidentError(f"{incident.ref} is held already. `/incident exercise resume` goes on.")
    hold_run(tx, incident, run, reason=reason, actor=actor, event="exercise.held")


def resume_exercise(tx: Tx, incident: Incident, *, actor: Person) -> None:
    """Let exercise time go on at the pace that it had."""
    run = going_run(tx, incident)
    check_facilitator(tx, run, actor)
    if run.state != "held":
        raise IncidentError(f"{incident.ref} isn't held.")
    set_clock(tx, run, clock_in(run).resume(tx.wall))
    run.state, run.hold_reason = "running", ""
    record_exercise(tx, incident, "exercise.resumed", actor=actor)
    post_kept_news(tx, incident)
    announce_exercise(tx, incident, "exercise.resumed")


def jump_exercise(tx: Tx, incident: Incident, *, by: timedelta, actor: Person) -> None:
    """Go forward in exercise time at once; what lies between is delivered together."""
    run = going_run(tx, incident)
    check_facilitator(tx, run, actor)
    try:
        clock = clock_in(run).jump(tx.wall, to=clock_in(run).ex(tx.wall) + by)
    except ExerciseClockError as error:
        raise IncidentError(str(error)) from error
    set_clock(tx, run, clock)
    data = {"by_s": int(by.total_seconds()), "to_ex": tx.now.isoformat()}
    record_exercise(tx, incident, "exercise.jumped", actor=actor, data=data)
    announce_exercise(tx, incident, "exercise.jumped")


def pace_exercise(tx: Tx, incident: Incident, *, factor: int, actor: Person) -> None:
    """Let exercise time run at another pace."""
    run = going_run(tx, incident)
    check_facilitator(tx, run, actor)
    if run.state == "held":
        raise IncidentError(f"{incident.ref} is held; resume it first.")
    try:
        clock = clock_in(run).pace(tx.wall, factor)
    except ExerciseClockError as error:
        raise IncidentError(str(error)) from error
    set_clock(tx, run, clock)
    record_exercise(tx, incident, "exercise.jumped", actor=actor, data={"factor": factor})
    announce_exercise(tx, incident, "exercise.jumped")


def call_real_world(tx: Tx, incident: Incident, *, reason: str, actor: Person) -> None:
    """Anybody's word that something real has happened: everything stands still at once."""
    run = going_run(tx, incident)
    words = reason or "real-world event"
    hold_run(tx, incident, run, reason=words, actor=actor, event="exercise.real_world_called")


def end_exercise(
    tx: Tx, incident: Incident, *, aborted: bool = False, reason: str = "", actor: Person | None
) -> None:
    """End a run: ENDEX with its hot wash, or an abort by anybody's stop word.

    The facilitator is told of the report in an hour (`after_action_due`), after an abort not.
    """
    run = going_run(tx, incident)
    if actor is not None and not aborted:
        check_facilitator(tx, run, actor)
    set_clock(tx, run, clock_in(run).hold(tx.wall))
    run.state = "aborted" if aborted else "ended"
    run.ended_at, run.report_due_at = tx.wall, None if aborted else tx.wall + REPORT_AFTER
    event = "exercise.aborted" if aborted else "exercise.ended"
    record_exercise(tx, incident, event, actor=actor, pd={"reason": reason.strip()})
    post_kept_news(tx, incident)
    announce_exercise(tx, incident, event)
    if not aborted:
        ask_for_hot_wash(tx, incident, run, scenario_of(run))


def exercise_named(tx: Tx, ref: str) -> Incident:
    """Return an exercise by its reference, or raise `IncidentError`."""
    incident = incident_by_ref(tx.session, ref)
    if incident is None or incident.kind != IncidentKind.EXERCISE:
        raise IncidentError(f"There is no exercise {ref}.")
    return incident
