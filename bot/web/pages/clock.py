"""One duty in one incident: by when, why, what is owed, and what counsel may rule about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from bot.domain.incident import Status
from bot.domain.place_names import place_name
from bot.domain.questions import question_label
from bot.domain.roles import Action
from bot.services.board import duty_of, never_runs
from bot.services.clock_file import clock_file
from bot.store.queries import evidence_items, notices_of
from bot.store.unit_of_work import reading
from bot.web.pages.board_view import RECIPIENTS
from bot.web.pages.clock_view import (
    acts_of,
    content_lines,
    counting_lines,
    deciding_facts,
    ruling_lines,
    scope_lines,
    source_lines,
)
from bot.web.pages.desk import Visit, VisitDep, find
from bot.web.pages.render import page

DONE = {
    "meet": "The clock is met, with your proof on the record.",
    "waive": "The duty is waived, with your reason on the record.",
    "overrule": "Ruled, with your reason on the record. The clock follows your answer.",
    "extend": "The extension is taken up, with your reason on the record.",
    "toll": "The clock is held for law enforcement.",
    "clear": "Law enforcement has cleared the notice; the clock runs on from now.",
}
"""What the page says after an act; the address carries only the word."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class ActState:
    """An act that was refused, with what was typed."""

    act: str = ""
    problem: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@router.get("/incidents/{ref}/clocks/{key}")
def show(visit: VisitDep, ref: str, key: str, done: str = "") -> HTMLResponse:
    """Show a duty of the pack to a member of the incident."""
    return clock_page(visit, ref, key, said=DONE.get(done, ""))


def clock_page(
    visit: Visit,
    ref: str,
    key: str,
    *,
    said: str = "",
    state: ActState | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with a duty's page, with a refusal beside its form if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = clock_file(session, visit.store, seen.incident, key, now=visit.now)
        if file is None:
            raise HTTPException(404)
        items = evidence_items(session, seen.incident)
        notices = [one for one in notices_of(session, seen.incident) if file.key in one.obligations]
    duty, state, acts = file.obligation, state or ActState(), acts_of(file)
    return page(
        visit,
        "clock.html.j2",
        zone=seen.zone,
        status=status,
        said=said,
        state=state,
        # A refusal stands in its form; where the form has gone meanwhile, at the page's top.
        problem="" if getattr(acts, state.act, False) else state.problem,
        ref=seen.incident.ref,
        closed=seen.incident.status == Status.CLOSED,
        file=file,
        duty=duty_of(duty) if duty else None,
        obligation=duty,
        row=file.row,
        clock=file.clock,
        place=place_name,
        ask=question_label,
        recipient=lambda kind: RECIPIENTS.get(kind, kind),
        facts=deciding_facts(file),
        scope=scope_lines(duty) if duty else [],
        counting=counting_lines(duty) if duty else [],
        contents=content_lines(duty) if duty else [],
        sources=source_lines(duty) if duty else [],
        never=never_runs(duty) if duty else "",
        rulings=ruling_lines(file.row),
        acts=acts,
        items=items,
        notices=notices,
        why_not_meet=seen.why_not(Action.MEET_REGULATORY_CLOCK),
        why_not_rule=seen.why_not(Action.WAIVE_CLOCK),
    )
