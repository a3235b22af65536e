"""Calendar feeds: made and revoked on a page, read by calendar programs under a secret address.

The address is the only key, so that it is shown once, never redirected to, and answered in the
same way whether it never was, was revoked, or belongs to somebody who left the incident.
"""

import hashlib

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from bot.documents.calendar_ics import CONTENT_TYPE, write_calendar
from bot.services.access import person_for, zone_of
from bot.services.calendar_feeds import (
    NewFeed,
    deadlines_of,
    feed_by_secret,
    feeds_of,
    make_feed,
    revoke_feed,
)
from bot.store.queries import person_by_slack_id
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.board import BoardState, board_page
from bot.web.pages.desk import EXPECTED, PostedDep, Visit, VisitDep, enter
from bot.web.pages.problems import status_of
from bot.web.pages.render import page

NOT_MODIFIED = 304

router = APIRouter()


@router.get("/calendar/{secret}.ics")
def read_feed(request: Request, secret: str) -> Response:
    """Answer a calendar program; it isn't signed in, the secret is what it has."""
    desk = request.app.state.desk
    with reading(desk.store) as session:
        found = feed_by_secret(session, secret)
        deadlines = deadlines_of(session, desk.store, *found) if found else None
        if found is None or deadlines is None:
            return PlainTextResponse("There is no such calendar.\n", 404)
        feed, _person = found
        incident = session.get(Incident, feed.incident_id) if feed.incident_id else None
    name = f"Deadlines {incident.ref}" if incident else "Deadlines"
    body = write_calendar(deadlines, name=name, base_url=desk.base_url)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # A reader may keep it, and has to ask each time whether it is still so.
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    return Response(body, media_type=CONTENT_TYPE, headers=headers)


@router.post("/incidents/{ref}/calendar")
def make_for_incident(posted: PostedDep, ref: str) -> Response:
    """Make a feed of one incident and show its address, this once."""
    visit = posted.visit
    try:
        with unit_of_work(visit.store, now=visit.wall) as tx:
            seen = enter(tx, visit, ref)
            made = make_feed(tx, seen.person, seen.incident)
    except EXPECTED as error:
        return board_page(visit, ref, state=BoardState(problem=str(error)), status=status_of(error))
    return board_page(visit, ref, state=BoardState(new_address=_address(visit, made)))


@router.get("/calendar")
def show(visit: VisitDep, done: str = "") -> HTMLResponse:
    """Show the visitor's feeds."""
    return _feeds_page(visit, said="The feed is revoked." if done == "revoked" else "")


@router.post("/calendar")
def make_for_person(posted: PostedDep) -> Response:
    """Make a feed of all the visitor's incidents and show its address, this once."""
    visit = posted.visit
    try:
        with unit_of_work(visit.store, now=visit.wall) as tx:
            made = make_feed(tx, person_for(tx, visit.visitor.slack_id))
    except EXPECTED as error:
        return _feeds_page(visit, problem=str(error), status=status_of(error))
    return _feeds_page(visit, new_address=_address(visit, made))


@router.post("/calendar/{number}/revoke")
def revoke(posted: PostedDep, number: int) -> Response:
    """End one of the visitor's own feeds."""
    visit = posted.visit
    try:
        with unit_of_work(visit.store, now=visit.wall) as tx:
            revoke_feed(tx, person_for(tx, visit.visitor.slack_id), number)
    except EXPECTED as error:
        return _feeds_page(visit, problem=str(error), status=status_of(error))
    return RedirectResponse("/calendar?done=revoked", status_code=303)


def _address(visit: Visit, made: NewFeed) -> str:
    return f"{visit.desk.base_url}/calendar/{made.secret}.ics"


def _feeds_page(
    visit: Visit, *, said: str = "", problem: str = "", new_address: str = "", status: int = 200
) -> HTMLResponse:
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
        zone = zone_of(visit.store.rules, person)
        feeds = feeds_of(session, person) if person else []
    return page(
        visit,
        "calendar.html.j2",
        zone=zone,
        status=status,
        said=said,
        problem=problem,
        new_address=new_address,
        feeds=feeds,
        make_feed="/calendar",
    )
