"""`/incident open | status | list | contain | close`."""

import re

from bot.blocks.card import card_text, situation_blocks
from bot.blocks.lists import incident_list
from bot.blocks.modals import open_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.incident import Severity
from bot.listeners.clock_phrases import take_time
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    UsageError,
    acting,
    change,
    did_you_mean,
    find_incident,
    no_slack,
    say,
    show_form,
    split_ref,
)
from bot.services import incidents
from bot.services.access import person_for, zone_of
from bot.services.situation import situation_of
from bot.store.queries import incidents_of, person_by_slack_id
from bot.store.unit_of_work import Tx, reading


def open_(desk: Desk, call: Call, rest: str) -> Reply:
    """Open the form, or open at once: `open data_breach SEV1 Title`."""
    direct = re.match(r"(?P<book>\w+)\s+(?P<sev>SEV[1-4])\s+(?P<title>.+)", rest, re.IGNORECASE)
    if direct:
        books = list(desk.store.rules.playbooks)
        if direct["book"].lower() not in books:
            raise did_you_mean(direct["book"], books, f"/incident open {{}} {direct['sev']} title")
        request = incidents.OpenIncident(
            title=direct["title"],
            playbook_id=direct["book"].lower(),
            severity=Severity(direct["sev"].upper()),
        )
        return change(desk, call, lambda tx: _opened(tx, call, request))
    modal = open_modal(desk.store.rules.playbooks.values(), opener=call.user, title=rest[:120])
    try:
        show_form(desk, call, modal)
    except (SlackUnavailableError, SlackRefusedError) as error:
        return no_slack(
            error,
            "Try again, or open it without the form: "
            "`/incident open data_breach SEV2 what happened`.",
        )
    return Reply(text="")


def _opened(tx: Tx, call: Call, request: incidents.OpenIncident) -> Reply:
    actor = person_for(tx, call.user)
    incident = incidents.open_incident(tx, request, actor=actor)
    return say(opened_words(incident.ref))


def opened_words(ref: str) -> str:
    """What the opener is told at once."""
    return (
        f"🚨 *{ref} is open* and its clocks run. Its private channel is being made; you will be "
        f"invited in a moment. `/incident status {ref}` works right away."
    )


def status(desk: Desk, call: Call, rest: str) -> Reply:
    """Show the situation; `status SEV1 why` changes the severity, `status recovered` the status."""
    ref, words = split_ref(rest)
    word, _, note = words.partition(" ")
    word = word.lower()
    if word == "severity":
        word, _, note = note.partition(" ")
        word = word.lower()
    if re.fullmatch(r"sev[1-4]", word):
        return change(desk, call, lambda tx: _severity(tx, call, ref, word, note.strip()))
    if word in {"recovered", "open", "contained"}:
        return change(desk, call, lambda tx: _status(tx, call, ref, word, note.strip()))
    if word:
        raise UsageError(
            f"I don't know the status “{word}”. Write `/incident status`, `status SEV1 why`, "
            f"`status contained`, `status recovered` or `status open`."
        )
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        situation = situation_of(session, incident, desk.store.rules)
    return Reply(
        text=card_text(situation),
        blocks=tuple(situation_blocks(situation, base_url=desk.base_url)),
    )


def _severity(tx: Tx, call: Call, ref: str, word: str, note: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    severity = Severity(word.upper())
    incidents.change_severity(tx, incident, severity, reason=note, actor=actor)
    return say(f"✅ {incident.ref} is {severity} now, and triage is confirmed.")


def _status(tx: Tx, call: Call, ref: str, word: str, note: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    if word == "recovered":
        incidents.recover(tx, incident, at=tx.now, note=note, actor=actor)
    elif word == "contained":
        incidents.contain(tx, incident, at=tx.now, note=note, actor=actor)
    else:
        incidents.reopen(tx, incident, note=note, actor=actor)
    return say(f"✅ {incident.ref} is {incident.status} now.")


def list_(desk: Desk, call: Call, _rest: str) -> Reply:
    """List the person's open incidents."""
    with reading(desk.store) as session:
        person = person_by_slack_id(session, call.user)
        found = incidents_of(session, person) if person else []
        rows = [
            (one.ref, one.severity, one.status, one.title, one.channel_id, one.opened_at)
            for one in found
        ]
    return Reply(text="Your open incidents", blocks=tuple(incident_list(rows)))


def contain(desk: Desk, call: Call, rest: str) -> Reply:
    """Declare the incident contained, now or at a time: `contain 14:30 firewall rule`."""
    ref, words = split_ref(rest)
    timed = re.match(r"(?:\d{4}-\d{2}-\d{2}[ T]|\d{1,2}:\d{2})", words)

    def verb(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        at, note = tx.now, words
        if timed:
            at, note = take_time(words, now=tx.now, zone=zone_of(tx.rules, actor))
        incidents.contain(tx, incident, at=at, note=note.strip(), actor=actor)
        return say(f"✅ {incident.ref} is contained as of {at:%Y-%m-%d %H:%M} UTC.")

    return change(desk, call, verb)


def close(desk: Desk, call: Call, rest: str) -> Reply:
    """Close the incident for good."""
    ref, note = split_ref(rest)

    def verb(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        incidents.close(tx, incident, note=note, actor=actor)
        return say(
            f"⚫ {incident.ref} is closed. Its record stays readable, and nothing in it can be "
            f"changed any more."
        )

    return change(desk, call, verb)
