"""One incident: situation, targets, clocks, facts, tasks, evidence, notices, timeline."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from bot.domain.incident import SEVERITY_MEANING, Severity
from bot.domain.roles import CORE_ROLES, Action, Role
from bot.domain.timeline import is_routine
from bot.services.situation import situation_of
from bot.services.timeline import TimelineEntry, timeline_of
from bot.store.queries import fact_history, facts_of, notices_of, persons_of, tasks_of
from bot.store.unit_of_work import origin_of, reading
from bot.web.pages.desk import Seen, Visit, VisitDep, find
from bot.web.pages.fact_forms import FactForm, fact_menu, field_for
from bot.web.pages.render import Times, page
from bot.web.pages.situation_view import clock_groups, fact_groups, phase_tasks, targets_of
from evidence_store.log import entries

DONE = {
    "fact": "The fact is recorded. Clocks and drafted notices have followed it.",
    "task": "The task is done.",
    "reopened": "The task is open again.",
    "drafted": "The notice is drafted.",
}
"""What a page says after a change; the address carries only the word."""

AS_NEW = 50
"""At most so many new entries are counted by the live part."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfRecord:
    """The timeline's entries of one day in the visitor's zone, the newest first."""

    title: str
    entries: tuple[TimelineEntry, ...]


@router.get("/incidents/{ref}")
def show(
    visit: VisitDep,
    ref: str,
    done: str = "",
    fact: str = "",
    everything: Annotated[bool, Query(alias="all")] = False,  # noqa: FBT002 - a query parameter
) -> HTMLResponse:
    """Show an incident to one of its members."""
    name, _, place = fact.partition(":")
    form = FactForm(fields=(field_for(name, slot="one", place=place),))
    return incident_page(visit, ref, form=form, said=DONE.get(done, ""), everything=everything)


def incident_page(
    visit: Visit,
    ref: str,
    *,
    form: FactForm | None = None,
    said: str = "",
    problem: str = "",
    everything: bool = False,
    status: int = 200,
) -> HTMLResponse:
    """Answer with an incident's page, with a refusal at its top if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        context = _context(session, visit, seen, everything=everything)
    return page(
        visit,
        "incident.html.j2",
        zone=seen.zone,
        status=status,
        form=form or FactForm(fields=(field_for("", slot="one"),)),
        menu=fact_menu(),
        said=said,
        problem=problem,
        everything=everything,
        **context,
    )


def _context(session: Session, visit: Visit, seen: Seen, *, everything: bool) -> dict[str, object]:
    incident, rules = seen.incident, visit.store.rules
    situation = situation_of(session, incident, rules)
    people = persons_of(session, incident)
    record = timeline_of(session, visit.store, incident, routine=True)
    shown = [entry for entry in record if everything or not is_routine(entry.event)]
    rows = notices_of(session, incident)
    drafted = {one.template_id for one in rows if one.state in LIVE_NOTICES}
    return {
        "situation": situation,
        "meaning": SEVERITY_MEANING[Severity(situation.severity)],
        "core_roles": CORE_ROLES,
        "other_roles": [role for role in Role if role not in CORE_ROLES],
        "my_roles": [role.title() for role in Role if role in seen.roles],
        "targets": targets_of(situation, facts_of(session, incident), visit.now),
        "clocks": clock_groups(situation.clocks),
        "phases": phase_tasks(
            situation,
            tasks_of(session, incident),
            people,
            rules.playbooks.get(incident.playbook_id),
            person=seen.person,
            roles=seen.roles,
        ),
        "facts": fact_groups(fact_history(session, incident), people),
        "templates": [
            (one.id, one.title, one.recipient_name)
            for one in rules.notices.values()
            if one.id not in drafted
        ],
        "days": _days(shown, Times(zone=seen.zone, now=visit.now)),
        "hidden": len(record) - len(shown),
        "last_seq": record[-1].seq,
        "why_not": {action.name.lower(): seen.why_not(action) for action in Action},
    }


LIVE_NOTICES = frozenset({"draft", "in_review", "approved"})
"""Of a notice in one of these states there is one at most."""


def _days(record: list[TimelineEntry], times: Times) -> list[DayOfRecord]:
    newest_first = sorted(record, key=lambda entry: -entry.seq)
    return [
        DayOfRecord(title=day, entries=tuple(found))
        for day, found in groupby(newest_first, key=lambda entry: times.day(entry.ts))
    ]


@router.get("/incidents/{ref}/pulse")
def pulse(visit: VisitDep, ref: str, seen: int = 0) -> Response:
    """Answer the page's own asking: time left of each clock, and whether there is news.

    Only small pieces are replaced, so that nothing that somebody reads or types moves away.
    """
    with reading(visit.store) as session:
        found = find(session, visit, ref)
        situation = situation_of(session, found.incident, visit.store.rules)
        origin = origin_of(visit.store, found.incident.ref)
        news = sum(
            1 for _ in entries(session.connection(), origin=origin, after=seen, limit=AS_NEW)
        )
    return page(
        visit,
        "pulse.html.j2",
        zone=found.zone,
        situation=situation,
        clocks=clock_groups(situation.clocks),
        news=news,
    )


@router.get("/incidents/{ref}/fact-field")
def fact_field(visit: VisitDep, ref: str, fact: str = "") -> Response:
    """Answer with the input that fits the chosen fact; without scripts a plain text does."""
    with reading(visit.store) as session:
        zone = find(session, visit, ref).zone
    return page(visit, "fact_field.html.j2", zone=zone, field=field_for(fact, slot="one"))
