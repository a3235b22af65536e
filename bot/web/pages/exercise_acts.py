"""The steps of an exercise: steer the run, decide, observe, rate, plan, make the report final."""

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.domain.incident import IncidentError
from bot.domain.scenario import InjectChannel
from bot.services import corrective_actions, exercise_voices, exercises, injects
from bot.services.access import person_for
from bot.services.after_action_lock import lock_report
from bot.services.after_action_voices import CLARITY
from bot.services.decisions import decide
from bot.services.exercise_steps import settle
from bot.store.unit_of_work import Tx
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change
from bot.web.pages.exercise import RunState, exercise_page
from bot.web.pages.problems import status_of

MAX_MINUTES = 60 * 24 * 30

router = APIRouter()


def _act(
    posted: Posted, ref: str, verb: Callable[[Tx, Seen], object], *, done: str, place: str = ""
) -> Response:
    """Take a step and go back to the page; a refusal keeps what was typed."""
    try:
        change(posted, ref, verb)
    except EXPECTED as error:
        typed = {name: values[-1] for name, values in posted.fields.items()}
        state = RunState(problem=str(error), typed=typed)
        return exercise_page(posted.visit, ref, state=state, status=status_of(error))
    address = f"/incidents/{ref.upper()}/exercise?done={done}"
    return RedirectResponse(address + (f"#{place}" if place else ""), status_code=303)


def _minutes(text: str) -> timedelta:
    if not text.isdecimal() or not 0 < int(text) <= MAX_MINUTES:
        raise IncidentError("Give a whole number of minutes of exercise time.")
    return timedelta(minutes=int(text))


@router.post("/incidents/{ref}/exercise/steer")
def steer(posted: PostedDep, ref: str) -> Response:
    """Hold, resume, jump, change the pace, end, stop."""
    what, reason = posted.text("what"), posted.text("reason")

    def verb(tx: Tx, seen: Seen) -> None:
        incident, actor = seen.incident, seen.person
        if what == "hold":
            exercises.hold_exercise(tx, incident, reason=reason, actor=actor)
        elif what == "resume":
            exercises.resume_exercise(tx, incident, actor=actor)
        elif what == "jump":
            by = _minutes(posted.text("minutes"))
            exercises.jump_exercise(tx, incident, by=by, actor=actor)
        elif what == "pace":
            factor = posted.text("factor")
            number = int(factor) if factor.isdecimal() and len(factor) < 9 else 0  # noqa: PLR2004
            exercises.pace_exercise(tx, incident, factor=number, actor=actor)
        elif what == "end":
            exercises.end_exercise(tx, incident, reason=reason, actor=actor)
            settle(tx, incident)
        elif what == "stop":
            exercises.end_exercise(tx, incident, aborted=True, reason=reason, actor=actor)
            settle(tx, incident)
        else:
            raise IncidentError("Choose what to do with the exercise.")

    words = {
        "hold": "held",
        "resume": "resumed",
        "jump": "jumped",
        "pace": "paced",
        "end": "ended",
        "stop": "stopped",
    }
    return _act(posted, ref, verb, done=words.get(what, ""))


@router.post("/incidents/{ref}/exercise/injects/{inject_id}")
def handle_inject(posted: PostedDep, ref: str, inject_id: str) -> Response:
    """Release an inject, keep it back, or leave it out."""
    what = posted.text("what")

    def verb(tx: Tx, seen: Seen) -> None:
        run = exercises.going_run(tx, seen.incident)
        exercises.check_facilitator(tx, run, seen.person)
        if what == "release":
            injects.release_inject(tx, seen.incident, run, inject_id, actor=seen.person)
        elif what == "keep":
            injects.hold_inject(tx, seen.incident, run, inject_id, actor=seen.person)
        elif what == "skip":
            why = posted.text("why")
            injects.skip_inject(tx, seen.incident, run, inject_id, why=why, actor=seen.person)
        else:
            raise IncidentError("Choose what to do with the inject.")

    words = {"release": "released", "keep": "kept", "skip": "skipped"}
    return _act(posted, ref, verb, done=words.get(what, ""), place="injects")


@router.post("/incidents/{ref}/exercise/injects")
def add(posted: PostedDep, ref: str) -> Response:
    """Write an inject during the run."""

    def verb(tx: Tx, seen: Seen) -> None:
        run = exercises.going_run(tx, seen.incident)
        exercises.check_facilitator(tx, run, seen.person)
        channel = posted.text("channel")
        if channel not in set(InjectChannel):
            raise IncidentError("Choose how it reaches the players.")
        injects.add_inject(
            tx,
            seen.incident,
            run,
            channel=InjectChannel(channel),
            sender=posted.text("sender"),
            title=posted.text("title"),
            text=posted.text("text"),
            actor=seen.person,
        )

    return _act(posted, ref, verb, done="added", place="injects")


@router.post("/incidents/{ref}/exercise/decisions/{decision_id}")
def take_decision(posted: PostedDep, ref: str, decision_id: str) -> Response:
    """Decide as the players, with the reason."""

    def verb(tx: Tx, seen: Seen) -> None:
        run = exercises.going_run(tx, seen.incident)
        decide(
            tx,
            seen.incident,
            run,
            exercises.scenario_of(run),
            decision_id=decision_id,
            option=posted.text("option"),
            rationale=posted.text("rationale"),
            actor=seen.person,
        )

    return _act(posted, ref, verb, done="decided", place="decisions")


@router.post("/incidents/{ref}/exercise/observations")
def observe(posted: PostedDep, ref: str) -> Response:
    """Write down what an observer saw."""
    return _act(
        posted,
        ref,
        lambda tx, seen: exercise_voices.observe(
            tx,
            seen.incident,
            objective=posted.text("objective"),
            tag=posted.text("tag"),
            text=posted.text("text"),
            actor=seen.person,
        ),
        done="observed",
        place="notes",
    )


@router.post("/incidents/{ref}/exercise/ratings/{objective}")
def rate(posted: PostedDep, ref: str, objective: str) -> Response:
    """Rate an objective; with `final`, the word that goes into the report."""
    return _act(
        posted,
        ref,
        lambda tx, seen: exercise_voices.rate_objective(
            tx,
            seen.incident,
            objective,
            posted.text("rating"),
            final=posted.text("final") == "yes",
            actor=seen.person,
        ),
        done="rated",
        place="ratings",
    )


@router.post("/incidents/{ref}/exercise/clarity")
def rate_clarity(posted: PostedDep, ref: str) -> Response:
    """Rate how clear a message was."""
    marks = {key: int(posted.text(key)) for key in CLARITY if posted.text(key).isdecimal()}
    quote = posted.text("quote")

    def verb(tx: Tx, seen: Seen) -> None:
        run = exercise_voices.open_run(tx, seen.incident)
        number = int(tx.wall.timestamp()) if run else 0
        exercise_voices.rate_clarity(
            tx, seen.incident, str(number), quote=quote, marks=marks, actor=seen.person
        )

    return _act(posted, ref, verb, done="rated", place="clarity")


@router.post("/incidents/{ref}/exercise/judgements/{expectation}")
def judge(posted: PostedDep, ref: str, expectation: str) -> Response:
    """Judge what no entry of the log shows."""
    share = posted.text("share")

    def verb(tx: Tx, seen: Seen) -> None:
        if not share.isdecimal():
            raise IncidentError("Choose how far it was done.")
        exercise_voices.judge(
            tx,
            seen.incident,
            expectation,
            share=int(share[:3]),
            note=posted.text("note"),
            actor=seen.person,
        )

    return _act(posted, ref, verb, done="judged", place="judge")


@router.post("/incidents/{ref}/exercise/feedback")
def feedback(posted: PostedDep, ref: str) -> Response:
    """Take the hot wash of a participant, without their name."""
    prefix = "answer:"
    answers = {
        name.removeprefix(prefix): values[-1]
        for name, values in posted.fields.items()
        if name.startswith(prefix)
    }
    return _act(
        posted,
        ref,
        lambda tx, seen: exercise_voices.give_feedback(
            tx, seen.incident, answers, actor=seen.person
        ),
        done="feedback",
    )


@router.post("/incidents/{ref}/exercise/actions")
def add_action(posted: PostedDep, ref: str) -> Response:
    """Add a line to the improvement plan."""

    def verb(tx: Tx, seen: Seen) -> None:
        owner = posted.text("owner")
        corrective_actions.add_action(
            tx,
            seen.incident,
            text=posted.text("text"),
            element=posted.text("element"),
            objective=posted.text("objective"),
            owner=person_for(tx, owner) if owner else None,
            due_on=_day(posted.text("due_on")),
            retest_on=_day(posted.text("retest_on")),
            critical=posted.text("critical") == "yes",
            actor=seen.person,
        )

    return _act(posted, ref, verb, done="action", place="plan")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise IncidentError(f"“{text}” isn't a day: write it as 2026-12-31.") from error


@router.post("/incidents/{ref}/exercise/summary")
def keep_summary(posted: PostedDep, ref: str) -> Response:
    """Keep the facilitator's summary, strengths, gaps and root causes for the report."""

    def lines(name: str) -> list[str]:
        return [one.strip() for one in posted.text(name).splitlines() if one.strip()][:5]

    def verb(tx: Tx, seen: Seen) -> None:
        run = exercise_voices.open_run(tx, seen.incident)
        exercises.check_facilitator(tx, run, seen.person)
        run.report = {
            "summary": {
                "words": posted.text("words")[:2_000],
                "strengths": lines("strengths"),
                "gaps": lines("gaps"),
            },
            "root_causes": lines("root_causes"),
        }
        tx.session.add(run)
        data = {"strengths": len(lines("strengths")), "gaps": len(lines("gaps"))}
        tx.record(seen.incident, "exercise.report_made", actor=seen.person.actor, data=data)

    return _act(posted, ref, verb, done="summary", place="report")


@router.post("/incidents/{ref}/exercise/lock")
def lock(posted: PostedDep, ref: str) -> Response:
    """Make the report final."""
    return _act(
        posted,
        ref,
        lambda tx, seen: lock_report(tx, seen.incident, actor=seen.person),
        done="locked",
        place="report",
    )
