"""The list of incidents: those whose member the visitor is, the open ones first."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.domain.incident import Status
from bot.services.access import zone_of
from bot.store.page_queries import next_due_of, overdue_of, roles_of
from bot.store.queries import incidents_of, person_by_slack_id
from bot.store.tables import Incident
from bot.store.unit_of_work import reading
from bot.web.pages.desk import VisitDep
from bot.web.pages.render import page

LIMIT = 200
"""Incidents shown in each of the two lists."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentLine:
    """One incident in the list."""

    ref: str
    title: str
    severity: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    next_due_at: datetime | None
    overdue: int
    roles: tuple[str, ...]


@router.get("/")
@router.get("/incidents")
def list_incidents(visit: VisitDep) -> HTMLResponse:
    """Show the visitor's incidents."""
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
        zone = zone_of(visit.store.rules, person)
        if person is None:
            return page(visit, "incidents.html.j2", zone=zone, open=[], closed=[])
        live = incidents_of(session, person, limit=LIMIT)
        both = incidents_of(session, person, closed=True, limit=LIMIT)
        ended = [one for one in both if one.status == Status.CLOSED]
        ids = [one.id or 0 for one in [*live, *ended]]
        due, late = next_due_of(session, ids), overdue_of(session, ids)
        roles = roles_of(session, person, ids)

        def line(row: Incident) -> IncidentLine:
            return IncidentLine(
                ref=row.ref,
                title=row.title,
                severity=row.severity,
                status=row.status,
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                next_due_at=due.get(row.id or 0),
                overdue=late.get(row.id or 0, 0),
                roles=tuple(role.title() for role in roles.get(row.id or 0, [])),
            )

        return page(
            visit,
            "incidents.html.j2",
            zone=zone,
            open=[line(row) for row in live],
            closed=[line(row) for row in ended],
        )
