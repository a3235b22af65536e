"""What every page needs: who looks, at which incident, when, and in whose time zone.

A route reads the clock once, finds the incident as its visitor may see it, and runs one service in
one unit of work. Membership is asked on every route: an incident that isn't the visitor's doesn't
exist for them. What may be changed by whom is decided in services and `bot.domain.roles`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from sqlmodel import Session

from bot.clock import Clock
from bot.delivery.slack import SlackGateway
from bot.documents.html import NoticeRenderError
from bot.documents.pdf import DocumentError
from bot.domain.facts import FactError
from bot.domain.incident import IncidentError, Status, is_exercise_ref
from bot.domain.notices import NoticeStateError
from bot.domain.roles import AFTER_CLOSE, PERMISSIONS, Action, NotAllowedError, Role, is_allowed
from bot.services.access import UnknownIncidentError, no_such_incident, zone_of
from bot.services.evidence import FileRefusedError
from bot.services.notices import NotApprovableError
from bot.services.personal_links import LinkSigner
from bot.store.exercise_queries import time_in
from bot.store.queries import incident_by_ref, person_by_slack_id, standing
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work
from bot.web.people import BadFormError, Identity, Visitor, check_form

EXPECTED = (
    IncidentError,
    FactError,
    NotAllowedError,
    NotApprovableError,
    NoticeRenderError,
    NoticeStateError,
    DocumentError,
    FileRefusedError,
)
"""Refusals that a person can do something about; everything else is a fault and is logged."""

MAX_FORM_BYTES = 256_000
"""The longest text of a fact has 8,000 characters; a form of a whole notice fits."""
MAX_FIELDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class PageDesk:
    """Made once by `make_web` and kept in the application's state."""

    store: Store
    clock: Clock
    sessions: Identity
    links: LinkSigner
    base_url: str = ""
    """Where people reach the pages, without a slash at its end."""
    slack: SlackGateway | None = None
    """Asked who somebody is of whom Tocsin knows nothing yet; None where there is no Slack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request of somebody who is signed in, read once.

    `now` is the time of the incident that the address names: exercises have a clock of their own.
    `wall` is the same moment on the wall clock.
    """

    desk: PageDesk
    visitor: Visitor
    wall: datetime
    now: datetime

    @property
    def store(self) -> Store:
        """The store that pages read from."""
        return self.desk.store


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A form whose token was right. `fields` keeps every value of a name, in order."""

    visit: Visit
    fields: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        """Return what was typed in a field, or an empty text."""
        return self.fields.get(name, [""])[-1].strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """An incident with the member who looks at it, the roles they hold and their zone."""

    incident: Incident
    person: Person
    roles: frozenset[Role]
    zone: ZoneInfo

    def why_not(self, action: Action) -> str:
        """Say why the visitor can't do something here; empty if they can."""
        if self.incident.status == Status.CLOSED and action not in AFTER_CLOSE:
            return f"{self.incident.ref} is closed; nothing in it can be changed any more."
        return why_not(action, self.roles)


def why_not(action: Action, roles: frozenset[Role]) -> str:
    """Say who may do something if the holder of these roles can't; empty if they can."""
    if is_allowed(action, roles):
        return ""
    order = list(Role)
    may = sorted((role for role in PERMISSIONS[action] if role), key=order.index)
    return f"Only {' or '.join(role.title() for role in may)} may {action}."


def visit(request: Request) -> Visit:
    """Read who looks at a page; raises `NotSignedInError` or `PagesShutError`."""
    desk: PageDesk = request.app.state.desk
    wall = desk.clock()
    visitor = desk.sessions.visitor(request, now=wall)
    ref = str(request.path_params.get("ref", "")).upper()
    return Visit(desk=desk, visitor=visitor, wall=wall, now=_time_in(desk.store, ref, wall))


def _time_in(store: Store, ref: str, wall: datetime) -> datetime:
    """Return the time of the incident that is looked at; only an exercise's isn't the wall's."""
    if not is_exercise_ref(ref):
        return wall
    with reading(store) as session:
        incident = incident_by_ref(session, ref)
        return wall if incident is None else time_in(session, incident, wall)


async def read_form(request: Request) -> dict[str, list[str]]:
    """Read a form's fields; raises `BadFormError` if it is larger than any of our forms."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BadFormError
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadFormError from error


async def posted(request: Request) -> Posted:
    """Read a form and check its token: no change is made without one."""
    seen = visit(request)
    fields = await read_form(request)
    check_form(seen.visitor, {name: values[-1] for name, values in fields.items()})
    return Posted(visit=seen, fields=fields)


VisitDep = Annotated[Visit, Depends(visit)]
PostedDep = Annotated[Posted, Depends(posted)]


def find(session: Session, visit: Visit, ref: str) -> Seen:
    """Find an incident of the visitor's; raise `UnknownIncidentError` for any other.

    The words are the same for one that isn't there and for one that isn't theirs.
    """
    incident = incident_by_ref(session, ref)
    person = person_by_slack_id(session, visit.visitor.slack_id)
    if incident is None or person is None:
        raise UnknownIncidentError(no_such_incident(ref.upper()))
    is_in, roles = standing(session, incident, person)
    if not is_in:
        raise UnknownIncidentError(no_such_incident(ref.upper()))
    return Seen(
        incident=incident,
        person=person,
        roles=roles,
        zone=zone_of(visit.store.rules, person),
    )


def enter(tx: Tx, visit: Visit, ref: str) -> Seen:
    """Find an incident inside a transaction, which goes by that incident's time from now on."""
    seen = find(tx.session, visit, ref)
    tx.enter(seen.incident)
    return seen


def change(posted: Posted, ref: str, verb: Callable[[Tx, Seen], object]) -> None:
    """Run one change of an incident in one unit of work."""
    with unit_of_work(posted.visit.store, now=posted.visit.wall) as tx:
        verb(tx, enter(tx, posted.visit, ref))
