"""Submitted forms: what was filled in becomes one request, or an error at its field."""

import json
import logging
import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App

from bot.blocks.words import cut
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.fact_checks import ContradictionError
from bot.domain.facts import (
    Confidence,
    FactError,
    FactKey,
    FactValue,
    check_value,
    parse_key,
    read_value,
)
from bot.domain.incident import IncidentError, Severity, check_title
from bot.domain.roles import CORE_ROLES, Role
from bot.listeners import collect_form, hot_wash, question_form
from bot.listeners.actions import call_of, reply_to
from bot.listeners.desk import EXPECTED, FAULT, Call, Desk, Reply, acting, say
from bot.listeners.fact_phrases import StatedFact
from bot.listeners.form_answers import FieldError, answers, instant
from bot.listeners.incident_commands import opened_words
from bot.listeners.recorded import recorded_words
from bot.listeners.shortcuts import kept_message, preserve
from bot.services import incidents, roles
from bot.services.access import person_for, zone_of
from bot.services.facts import NewFact, record_facts
from bot.services.situation import cannot_tell
from bot.store.queries import incident_by_ref, person_by_slack_id
from bot.store.unit_of_work import DuplicateDeliveryError, reading, unit_of_work

log = logging.getLogger("tocsin.listeners")

ERROR_LIMIT = 2000
"""Characters of an error in a form; Slack names no limit, so this is ours."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")


def open_incident(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Open the incident that the form describes."""
    given = answers(view)
    try:
        title = check_title(str(given.get("title") or ""))
    except IncidentError as error:
        raise FieldError("title", str(error)) from error
    aware_at = instant(given.get("aware_at"))
    if aware_at is not None and aware_at > call.now:
        raise FieldError("aware_at", "That lies in the future. When did we become aware?")
    request = incidents.OpenIncident(
        title=title,
        playbook_id=str(given["playbook"]),
        severity=Severity(str(given["severity"])),
        roles={
            role: str(given[f"role_{role}"]) for role in CORE_ROLES if given.get(f"role_{role}")
        },
        summary=str(given.get("summary") or ""),
        aware_at=aware_at,
    )
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident = incidents.open_incident(tx, request, actor=person_for(tx, call.user))
        return say(opened_words(incident.ref))


def record(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Record the facts that were filled in."""
    given = answers(view)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        zone = zone_of(tx.rules, actor)
        found = _given_facts(given, replace(call, now=tx.now), zone)
        if not found:
            raise FieldError("what_happened", "Nothing is filled in: give at least one fact.")
        confidence = Confidence(str(given.get("confidence") or "confirmed"))
        source = str(given.get("source") or "").strip()
        if not source:
            raise FieldError("source", "Say how you know it.")
        new = [
            NewFact(key=one, value=value, confidence=confidence, source=source)
            for one, value in found.items()
        ]
        try:
            news = record_facts(tx, incident, new, actor=actor)
        except ContradictionError as error:
            told = {str(one) for one in found}
            where = [_field_of(one, given) for one in error.keys if one in told]
            raise FieldError(where[0] if where else "source", str(error)) from error
        stated = [
            StatedFact(key=one.key, value=one.value, confidence=one.confidence) for one in new
        ]
        left = cannot_tell(tx.session, incident)
        return say(recorded_words(stated, news, zone=zone.key, cannot_tell=left))


def _field_of(key: str, given: dict[str, Any]) -> str:
    """Name the field of the form in which a fact was given."""
    name = key.partition(":")[0]
    return name if given.get(name) else "other"


def _given_facts(given: dict[str, Any], call: Call, zone: ZoneInfo) -> dict[FactKey, FactValue]:
    found: dict[FactKey, FactValue] = {}
    for name in ("aware_at", "determined_at"):
        at = instant(given.get(name))
        if at is not None:
            if at > call.now:
                raise FieldError(name, "That lies in the future; check the date.")
            found[FactKey(name=name)] = at
    for name in ("encryption", "encryption_key_taken", "risk_to_people", "what_happened"):
        if given.get(name):
            found[FactKey(name=name)] = _read(name, FactKey(name=name), given[name], call, zone)
    if given.get("data_elements"):
        key = FactKey(name="data_elements")
        found[key] = check_value(key, tuple(sorted(given["data_elements"])))
    if given.get("place") and not given.get("residents"):
        raise FieldError("residents", "How many people of that place? Write the number.")
    if given.get("residents"):
        if not given.get("place"):
            raise FieldError("place", "Choose the place that this number is about.")
        key = FactKey(name="residents", subject=str(given["place"]))
        found[key] = _read("residents", key, given["residents"], call, zone)
    return found | _other_facts(str(given.get("other") or ""), call, zone)


def _other_facts(text: str, call: Call, zone: ZoneInfo) -> dict[FactKey, FactValue]:
    """Read the free lines `name: value`; a value may hold colons, and so may a name."""
    found: dict[FactKey, FactValue] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(": ")
        if not colon:
            raise FieldError("other", f"“{line.strip()}”: write it as name: value.")
        try:
            key = parse_key(name.strip())
        except FactError as error:
            raise FieldError("other", str(error)) from error
        found[key] = _read("other", key, value, call, zone)
    return found


def _read(field: str, key: FactKey, text: Any, call: Call, zone: ZoneInfo) -> FactValue:
    try:
        return read_value(key, str(text), now=call.now, zone=zone)
    except FactError as error:
        raise FieldError(field, str(error)) from error


def hand_over(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Pass a role on, or give a vacant one."""
    given = answers(view)
    role = Role(str(given["role"]))
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        person = person_for(tx, str(given["person"]))
        note = str(given.get("note") or "")
        if roles.holder_of(tx, incident, role) is None:
            roles.assign_role(tx, incident, role, person, actor=actor)
        else:
            roles.hand_over_role(tx, incident, role, person, note=note, actor=actor)
        return say(f"✅ <@{person.slack_id}> is {role.title()} of {incident.ref} now.")


def contain(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Declare the incident contained."""
    given = answers(view)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        at = instant(given.get("at")) or tx.now
        if at > tx.now:
            raise FieldError("at", "That lies in the future. Since when is it contained?")
        note = str(given.get("note") or "")
        incidents.contain(tx, incident, at=at, note=note, actor=actor)
        return say(f"✅ {incident.ref} is contained as of {at:%Y-%m-%d %H:%M} UTC.")


def preserve_message(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Preserve the message that the form was opened on."""
    kept = json.loads(str(view["private_metadata"]))
    ref = str(answers(view)["incident"])
    message = kept_message(desk, kept)
    return preserve(desk, call, ref=ref, channel=kept["channel"], message=message, key=key)


FORMS = {
    "open_incident": open_incident,
    "record_facts": record,
    "hand_over_role": hand_over,
    "contain": contain,
    "preserve_message": preserve_message,
    question_form.FORM: question_form.answer,
    collect_form.FORM: collect_form.take,
    hot_wash.FORM: hot_wash.answer,
}
"""Forms by callback id."""

FIRST_FIELD = {
    "open_incident": "title",
    "record_facts": "what_happened",
    "hand_over_role": "role",
    "contain": "at",
    "preserve_message": "incident",
    question_form.FORM: question_form.FIRST_FIELD,
    collect_form.FORM: collect_form.FIRST_FIELD,
    hot_wash.FORM: hot_wash.FIRST_FIELD,
}
"""Where a refusal is shown that belongs to no single field."""


def submitted(desk: Desk, body: dict[str, Any], ack: Ack) -> None:
    """Run a form; refusals stay in the form, so that nothing typed is lost."""
    view = body["view"]
    name = str(view["callback_id"])
    call = call_of(body, desk)
    key = f"view/{view['id']}/{view.get('hash', '')}"
    try:
        reply = FORMS[name](desk, call, view, key)
    except FieldError as error:
        _show_error(ack, error.field, plain(desk, str(error)))
        return
    except EXPECTED as error:
        _show_error(ack, FIRST_FIELD[name], plain(desk, str(error)))
        return
    except DuplicateDeliveryError:
        ack()
        return
    except (SlackUnavailableError, SlackRefusedError):
        _show_error(ack, FIRST_FIELD[name], "Slack didn't answer in time. Try again.")
        return
    except Exception:
        log.exception("form %s failed", name)
        _show_error(ack, FIRST_FIELD[name], FAULT.text)
        return
    ack()
    about = str(view.get("private_metadata") or "")
    reply_to(desk, _home_of(desk, call, view), reply, about=about)


def _show_error(ack: Ack, field: str, text: str) -> None:
    ack(response_action="errors", errors={field: cut(text, ERROR_LIMIT)})


def plain(desk: Desk, text: str) -> str:
    """Return a refusal as a form shows it, which knows neither mentions nor code marks."""
    with reading(desk.store) as session:

        def name(found: re.Match[str]) -> str:
            person = person_by_slack_id(session, found[1])
            return (person.name if person else "") or "That person"

        return _MENTION.sub(name, text).replace("`", "")


def _home_of(desk: Desk, call: Call, view: dict[str, Any]) -> Call:
    """A form has no channel: answer in its incident's channel if there is one."""
    with reading(desk.store) as session:
        incident = incident_by_ref(session, str(view.get("private_metadata") or "-"))
    channel = incident.channel_id if incident and incident.channel_id else ""
    return replace(call, channel=channel)


def register(app: App, desk: Desk) -> None:
    """Attach the forms to the Bolt app."""

    def on_submit(ack: Ack, body: dict[str, Any]) -> None:
        submitted(desk, body, ack)

    for name in FORMS:
        app.view(name)(on_submit)
