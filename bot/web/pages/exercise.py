"""An exercise on the web: the facilitator's console, an observer's page, a player's page.

One address for all; what is shown follows from the part that the visitor takes.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from bot.domain.scenario import InjectChannel
from bot.domain.scoring import RATING_WORDS, ObjectiveScore, Rating, score_objectives
from bot.services.after_action_voices import CLARITY
from bot.services.corrective_actions import ELEMENTS
from bot.services.exercise_voices import TAGS
from bot.services.expectations import results_in
from bot.store.unit_of_work import reading
from bot.web.pages.desk import Visit, VisitDep, find
from bot.web.pages.exercise_view import RunFile, open_run_file, owner_names
from bot.web.pages.render import Times, environment, page

DONE = {
    "started": "The exercise is running. Its channel comes in a moment; you steer it from here.",
    "held": "Held: exercise time stands still.",
    "resumed": "The exercise goes on.",
    "jumped": "Exercise time has moved on.",
    "paced": "The pace is changed.",
    "ended": "ENDEX. The hot wash is open. In an hour you are told what the report still lacks.",
    "stopped": "The exercise is stopped.",
    "released": "Delivered.",
    "kept": "It waits for your hand now.",
    "skipped": "Left out.",
    "added": "Your inject is delivered.",
    "decided": "The decision is on the record.",
    "observed": "Written down. Thank you.",
    "rated": "Your rating is kept.",
    "judged": "Judged.",
    "feedback": "Thank you: your feedback is kept without your name.",
    "action": "The action is in the improvement plan.",
    "summary": "The summary is kept.",
    "locked": "The report is final; its hash stands in the evidence log.",
}
"""What the page says after a step; the address carries only the word."""

CLARITY_WORDS = {
    "known_unknown": "What is known, and what isn’t",
    "who_is_affected": "Who is affected",
    "what_we_do": "What we do about it",
    "ask_with_owner": "The ask, with its owner",
    "next_update": "When the next update comes",
}

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunState:
    """What was refused and what was typed, to be shown again."""

    problem: str = ""
    typed: dict[str, str] | None = None


@router.get("/incidents/{ref}/exercise")
def show(visit: VisitDep, ref: str, done: str = "") -> HTMLResponse:
    """Show the run to somebody who takes part in it."""
    return exercise_page(visit, ref, said=DONE.get(done, ""))


def exercise_page(
    visit: Visit, ref: str, *, said: str = "", state: RunState | None = None, status: int = 200
) -> HTMLResponse:
    """Answer with the page of the visitor's part, and with a refusal at its top if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_run_file(session, visit, seen)
        owners = owner_names(session, file)
    state = state or RunState()
    return page(
        visit,
        f"exercise_{file.part}.html.j2",
        zone=seen.zone,
        status=status,
        said=said,
        problem=state.problem,
        typed=state.typed or {},
        ref=seen.incident.ref,
        file=file,
        run=file.run,
        scenario=file.scenario,
        wall=Times(zone=seen.zone, now=visit.wall),
        owners=owners,
        scores={one.objective: one for one in _scores(file)},
        channels=[one.value for one in InjectChannel],
        tags=TAGS,
        ratings=[(one.value, RATING_WORDS[one]) for one in Rating],
        clarity=[(key, CLARITY_WORDS[key]) for key in CLARITY],
        elements=ELEMENTS,
    )


def _scores(file: RunFile) -> tuple[ObjectiveScore, ...]:
    harmed = {one.objective for one in file.observations if one.tag == "harm"}
    return score_objectives(file.scenario, results_in(file.scenario, file.results), harmed=harmed)


@router.get("/incidents/{ref}/exercise/pulse")
def pulse(visit: VisitDep, ref: str) -> Response:
    """Give the clocks anew, for the page to put in their place."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_run_file(session, visit, seen)
    html = (
        environment()
        .get_template("exercise_pulse.html.j2")
        .render(
            file=file,
            run=file.run,
            times=Times(zone=seen.zone, now=visit.now),
            wall=Times(zone=seen.zone, now=visit.wall),
            ref=seen.incident.ref,
        )
    )
    return HTMLResponse(html)
