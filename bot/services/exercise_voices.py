"""What observers and participants say of a run: notes, ratings, clarity, feedback without names.

Decides who may say what and what of it stands open in the log. Nobody's feedback can be traced to
them: that somebody gave it is kept apart from what they said.
"""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.domain.scenario import Scenario
from bot.domain.scoring import Rating
from bot.services.after_action_voices import CLARITY
from bot.services.exercises import check_facilitator, scenario_of
from bot.services.expectations import rate_expectation
from bot.store.exercise_queries import part_of, results_of, run_of
from bot.store.exercise_tables import (
    ExerciseRating,
    ExerciseRun,
    Feedback,
    FeedbackGiven,
    Observation,
)
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

TAGS = ("strength", "gap", "idea", "harm")
MAX_TEXT = 2_000
MAX_MARK = 2


def open_run(tx: Tx, incident: Incident) -> ExerciseRun:
    """Return a run whose report isn't final yet, held against other writers."""
    tx.hold(incident)
    tx.enter(incident)
    return _open_run(tx.session, incident)


def _open_run(session: Session, incident: Incident) -> ExerciseRun:
    run = run_of(session, incident)
    if run is None:
        raise IncidentError(f"{incident.ref} is no exercise: it is real.")
    if run.locked_at is not None:
        raise IncidentError(f"The report of {incident.ref} is final; nothing is added any more.")
    return run


def _check_rater(tx: Tx, run: ExerciseRun, actor: Person) -> None:
    part = part_of(tx.session, run, actor)
    if part is None or part.part == "player":
        raise NotAllowedError("Observers and the facilitator rate; players play.")


def observe(
    tx: Tx, incident: Incident, *, objective: str, tag: str, text: str, actor: Person
) -> Observation:
    """Write down what an observer saw: a strength, a gap, an idea, or harm done elsewhere."""
    run = open_run(tx, incident)
    _check_rater(tx, run, actor)
    scenario, said = scenario_of(run), text.strip()
    if tag not in TAGS:
        raise IncidentError(f"Choose what it is: {', '.join(TAGS)}.")
    if objective and objective not in {one.id for one in scenario.objectives}:
        raise IncidentError(f"There is no objective {objective}.")
    if not said or len(said) > MAX_TEXT:
        raise IncidentError(f"Write what you saw, in at most {MAX_TEXT} characters.")
    row = Observation(
        incident_id=incident.id or 0,
        run_id=run.id or 0,
        observer_id=actor.id or 0,
        objective=objective,
        tag=tag,
        text=said,
        made_at=tx.wall,
        made_ex=tx.now,
    )
    tx.session.add(row)
    data = {"objective": objective, "tag": tag}
    tx.record(incident, "exercise.observed", actor=actor.actor, data=data, pd={"text": said})
    return row


def rate_objective(
    tx: Tx, incident: Incident, objective: str, rating: str, *, final: bool, actor: Person
) -> None:
    """Rate an objective P, S, M or U; the facilitator's `final` word goes into the report.

    Rating again replaces the rater's own earlier word.
    """
    run = open_run(tx, incident)
    _check_rater(tx, run, actor)
    if final:
        check_facilitator(tx, run, actor)
    if rating not in {one.value for one in Rating}:
        raise IncidentError("Choose a rating: P, S, M or U.")
    if objective not in {one.id for one in scenario_of(run).objectives}:
        raise IncidentError(f"There is no objective {objective}.")
    subject = f"objective:{objective}"
    _keep(tx, incident, run, subject=subject, rating={"rating": rating}, actor=actor, final=final)
    data = {"objective": objective, "rating": rating, "final": final}
    tx.record(incident, "exercise.rated", actor=actor.actor, data=data)


def rate_clarity(
    tx: Tx,
    incident: Incident,
    message: str,
    *,
    quote: str,
    marks: Mapping[str, int],
    actor: Person,
) -> None:
    """Rate how clear a message was: five questions, two points each; the message is quoted."""
    run = open_run(tx, incident)
    _check_rater(tx, run, actor)
    if set(marks) != set(CLARITY) or not all(0 <= one <= MAX_MARK for one in marks.values()):
        raise IncidentError("Give 0, 1 or 2 for each of the five questions.")
    if not quote.strip():
        raise IncidentError("Quote the message that you rate.")
    rating = {"marks": dict(marks), "quote": quote.strip()[:MAX_TEXT]}
    subject = f"message:{message}"
    _keep(tx, incident, run, subject=subject, rating=rating, actor=actor, final=False)
    data = {"message": message, "total": sum(marks.values())}
    tx.record(incident, "exercise.rated", actor=actor.actor, data=data, pd={"quote": quote.strip()})


def judge(
    tx: Tx, incident: Incident, expectation: str, *, share: int, note: str, actor: Person
) -> None:
    """Judge an expectation that no entry of the log can show: a share in per cent."""
    run = open_run(tx, incident)
    _check_rater(tx, run, actor)
    row = next(
        (one for one in results_of(tx.session, run) if one.expectation_id == expectation), None
    )
    if row is None or row.state in {"waiting", "unreached"}:
        raise IncidentError(f"{expectation} wasn't asked for yet, so there is nothing to judge.")
    if not _is_observed(scenario_of(run), expectation):
        raise IncidentError(f"The log itself shows {expectation}; nobody rates it.")
    rate_expectation(tx, incident, row, share=share, note=note, actor=actor)


def _is_observed(scenario: Scenario, expectation: str) -> bool:
    return any(one.id == expectation and one.match is None for one in scenario.expectations)


def _keep(
    tx: Tx,
    incident: Incident,
    run: ExerciseRun,
    *,
    subject: str,
    rating: Mapping[str, object],
    actor: Person,
    final: bool,
) -> None:
    query = select(ExerciseRating).where(
        ExerciseRating.run_id == run.id,
        ExerciseRating.subject == subject,
        col(ExerciseRating.final).is_(final),
    )
    if not final:
        query = query.where(ExerciseRating.rater_id == actor.id)
    row = tx.session.exec(query).first() or ExerciseRating(
        incident_id=incident.id or 0,
        run_id=run.id or 0,
        subject=subject,
        rater_id=actor.id or 0,
        final=final,
        rating={},
        made_at=tx.wall,
    )
    row.rating, row.rater_id, row.made_at = dict(rating), actor.id or 0, tx.wall
    tx.session.add(row)


def check_feedback(session: Session, incident: Incident, person: Person | None) -> ExerciseRun:
    """Return the run whose hot wash a person may answer now; raise the refusal if they may not."""
    run = _open_run(session, incident)
    if run.ended_at is None:
        raise IncidentError("The hot wash comes after ENDEX.")
    if person is None or part_of(session, run, person) is None:
        raise NotAllowedError("Only who took part gives feedback.")
    if session.get(FeedbackGiven, (run.id, person.id)) is not None:
        raise IncidentError("You have given your feedback already. Thank you.")
    return run


def give_feedback(tx: Tx, incident: Incident, answers: Mapping[str, str], *, actor: Person) -> None:
    """Take a participant's answers of the hot wash, once, without their name."""
    open_run(tx, incident)
    run = check_feedback(tx.session, incident, actor)
    said = {key: words.strip()[:MAX_TEXT] for key, words in answers.items() if words.strip()}
    if not said:
        raise IncidentError("Answer at least one question.")
    tx.session.add(FeedbackGiven(run_id=run.id or 0, person_id=actor.id or 0))
    tx.session.add(Feedback(incident_id=incident.id or 0, run_id=run.id or 0, answers=said))
    # Without an actor and without the words: an entry must not lead to who said what.
    tx.record(incident, "exercise.feedback_given", actor="tocsin", data={"answers": len(said)})
