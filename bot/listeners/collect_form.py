"""The form that takes an item into custody: opened by command, read into one request.

Decides how the answers are read and at which field a refusal stands. What the form looks like is
`bot.blocks.collect_form`'s, what is right and what is recorded `bot.services.custody`'s.
"""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.blocks.collect_form import CALLBACK, collect_modal
from bot.blocks.words import escape
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.custody import FIELDS, CustodyError
from bot.domain.incident import IncidentError, Status
from bot.domain.roles import Action, check_allowed
from bot.listeners.desk import Call, Desk, Reply, acting, find_incident, no_slack, say, show_form
from bot.listeners.form_answers import FieldError, answers, instant
from bot.services.access import zone_of
from bot.services.custody import Collect, Taken, collect_item
from bot.store.queries import person_by_slack_id, standing
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work

FORM = CALLBACK
FIRST_FIELD = "title"
"""Where a refusal is shown that belongs to no field of this form."""


def ask(desk: Desk, call: Call, ref: str, title: str) -> Reply:
    """Open the form; refuse at once what would be refused at the end, so nobody types in vain."""
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        if incident.status == Status.CLOSED:
            raise IncidentError(f"{incident.ref} is closed; nothing in it can be changed any more.")
        person = person_by_slack_id(session, call.user)
        if person is not None:
            check_allowed(Action.PRESERVE_EVIDENCE, standing(session, incident, person)[1])
    link = f"{desk.base_url}/incidents/{incident.ref}/collect"
    classes = desk.store.rules.retention.values()
    view = collect_modal(incident.ref, classes, link=link, title=title)
    try:
        show_form(desk, call, view)
    except (SlackUnavailableError, SlackRefusedError) as error:
        return no_slack(error, f"Use the form on the web: <{link}|Collect an item>.")
    return Reply(text="")


def take(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Take the item into custody; a refusal stands under the field that it is about."""
    given = answers(view)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        request = _request(given, replace(call, now=tx.now), zone_of(tx.rules, actor))
        try:
            taken = collect_item(tx, incident, request, actor=actor)
        except CustodyError as error:
            field = error.field if error.field in given else FIRST_FIELD
            raise FieldError(field, str(error)) from error
        return _told(incident, taken)


def _request(given: dict[str, Any], call: Call, zone: ZoneInfo) -> Collect:
    at = instant(given.get("at")) or call.now
    offset = f"{at.astimezone(zone):%z}"
    quantity = str(given.get("quantity") or "1")
    return Collect(
        title=str(given.get("title") or ""),
        rank=int(given.get("rank") or 0),
        at=at,
        offset=f"{offset[:3]}:{offset[3:]}",
        clock_source=str(given.get("clock_source") or "unchecked"),
        quantity=int(quantity) if quantity.isdecimal() else 0,
        sha256=str(given.get("sha256") or ""),
        retention=str(given.get("retention") or ""),
        fields={name: str(given[name]) for name in FIELDS if given.get(name)},
    )


def _told(incident: Incident, taken: Taken) -> Reply:
    # The answer goes to the incident's channel, where commands need no reference, if it has one.
    number, here = taken.item.number, "" if incident.channel_id else f"{incident.ref} "
    warning = ""
    if taken.warning:
        warning = f"\n⚠️ {taken.warning} Type `/incident timeline {here}note why`."
    return say(
        f"🧾 *E-{number}* of {incident.ref} is in your custody: {escape(taken.item.title)}. "
        f"`/incident evidence {here}transfer {number} @who` hands it over.{warning}"
    )
