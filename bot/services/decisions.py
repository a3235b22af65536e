"""Decisions that a scenario asks for: taken by the players, once, with their reason."""

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.domain.scenario import Scenario
from bot.services.access import check_may
from bot.store.exercise_queries import decisions_of, injects_of, part_of
from bot.store.exercise_tables import ExerciseDecision, ExerciseRun
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx


def decide(
    tx: Tx,
    incident: Incident,
    run: ExerciseRun,
    scenario: Scenario,
    *,
    decision_id: str,
    option: str,
    rationale: str,
    actor: Person,
) -> ExerciseDecision:
    """Record what the players decided, and why; a decision is taken once.

    Raises `IncidentError` for a decision that wasn't asked for yet, an option that there isn't, a
    missing reason, and for whoever isn't a player.
    """
    check_may(tx, incident, actor, Action.READ)
    part = part_of(tx.session, run, actor)
    if part is None or part.part != "player":
        raise IncidentError("Players decide; the facilitator and observers watch.")
    decision = scenario.decision(decision_id.upper())
    asked = {
        str(one.content.get("decision", ""))
        for one in injects_of(tx.session, run)
        if one.state == "delivered"
    }
    if decision is None or decision.id not in asked:
        raise IncidentError(f"Nobody asks for a decision {decision_id} now.")
    options = [one.id for one in decision.options]
    if option.lower() not in options:
        raise IncidentError(f"Choose one of: {', '.join(options)}.")
    if not rationale.strip():
        raise IncidentError("Give the reason: it stands in the report beside the decision.")
    if any(one.decision_id == decision.id for one in decisions_of(tx.session, run)):
        raise IncidentError(f"{decision.id} is decided already.")
    row = ExerciseDecision(
        incident_id=incident.id or 0,
        run_id=run.id or 0,
        decision_id=decision.id,
        option=option.lower(),
        rationale=rationale.strip(),
        decided_at=tx.wall,
        decided_ex=tx.now,
        decided_by=actor.id or 0,
    )
    tx.session.add(row)
    tx.record(
        incident,
        "exercise.decision_recorded",
        actor=actor.actor,
        data={"decision": decision.id, "option": row.option},
        pd={"rationale": row.rationale},
    )
    return row
