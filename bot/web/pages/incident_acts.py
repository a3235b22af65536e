"""What a member does on an incident's page: record a fact, finish a task, draft a notice."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.domain.facts import FactError
from bot.services.facts import record_facts
from bot.services.notices import draft_notice
from bot.services.tasks import complete_task, reopen_task
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change, find
from bot.web.pages.fact_forms import read_one_fact
from bot.web.pages.incident import incident_page
from bot.web.pages.problems import status_of

UNPROCESSABLE = 422

router = APIRouter()


@router.post("/incidents/{ref}/facts")
def record(posted: PostedDep, ref: str) -> Response:
    """Record one fact; a value that can't be taken stays in the form beside its reason."""
    with reading(posted.visit.store) as session:
        zone = find(session, posted.visit, ref).zone
    form, new = read_one_fact(posted, zone=zone)
    if form.wrong:
        return incident_page(posted.visit, ref, form=form, status=UNPROCESSABLE)
    try:
        change(
            posted, ref, lambda tx, seen: record_facts(tx, seen.incident, new, actor=seen.person)
        )
    except FactError as error:
        wrong = replace(form, fields=(replace(form.fields[0], problem=str(error)),))
        return incident_page(posted.visit, ref, form=wrong, status=UNPROCESSABLE)
    except EXPECTED as error:
        return incident_page(
            posted.visit, ref, form=form, problem=str(error), status=status_of(error)
        )
    return _back(ref, done="fact", anchor="facts")


@router.post("/incidents/{ref}/tasks/{number}/done")
def finish_task(posted: PostedDep, ref: str, number: int) -> Response:
    """Mark a task as done."""
    note = posted.text("note")
    return _act(
        posted,
        ref,
        lambda tx, seen: complete_task(tx, seen.incident, number, note=note, actor=seen.person),
        done="task",
        anchor=f"task-{number}",
    )


@router.post("/incidents/{ref}/tasks/{number}/reopen")
def take_back_task(posted: PostedDep, ref: str, number: int) -> Response:
    """Take back that a task is done."""
    note = posted.text("note")
    return _act(
        posted,
        ref,
        lambda tx, seen: reopen_task(tx, seen.incident, number, note=note, actor=seen.person),
        done="reopened",
        anchor=f"task-{number}",
    )


@router.post("/incidents/{ref}/notices")
def draft(posted: PostedDep, ref: str) -> Response:
    """Draft a notice by hand."""
    template = posted.text("template")
    return _act(
        posted,
        ref,
        lambda tx, seen: draft_notice(tx, seen.incident, template, actor=seen.person),
        done="drafted",
        anchor="notices",
    )


def _act(
    posted: Posted, ref: str, verb: Callable[[Tx, Seen], object], *, done: str, anchor: str
) -> Response:
    """Run a change and go back to the page; a refusal is shown at the page's top."""
    try:
        change(posted, ref, verb)
    except EXPECTED as error:
        return incident_page(posted.visit, ref, problem=str(error), status=status_of(error))
    return _back(ref, done=done, anchor=anchor)


def _back(ref: str, *, done: str, anchor: str) -> RedirectResponse:
    return RedirectResponse(f"/incidents/{ref.upper()}?done={done}#{anchor}", status_code=303)
