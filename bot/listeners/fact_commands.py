"""`/incident fact`."""

from bot.blocks.lists import fact_blocks
from bot.blocks.modals import fact_modal
from bot.blocks.words import sections
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.fact_dictionary import FACT_TYPES
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    acting,
    change,
    find_incident,
    no_slack,
    say,
    show_form,
    split_ref,
)
from bot.listeners.fact_phrases import read_facts
from bot.listeners.recorded import recorded_words
from bot.services.access import zone_of
from bot.services.facts import NewFact, record_facts
from bot.services.situation import cannot_tell, situation_of
from bot.store.unit_of_work import Tx, reading


def fact(desk: Desk, call: Call, rest: str) -> Reply:
    """Record facts from words or by the form; `fact list` and `fact help` only show."""
    ref, words = split_ref(rest)
    if words.lower() in {"list", "help"}:
        return _show_facts(desk, call, ref, words.lower())
    if words:
        return change(desk, call, lambda tx: _record(tx, call, ref, words))
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
    try:
        show_form(desk, call, fact_modal(incident.ref))
    except (SlackUnavailableError, SlackRefusedError) as error:
        return no_slack(error, "Record it in words: `/incident fact aware at 10:00`.")
    return Reply(text="")


def _show_facts(desk: Desk, call: Call, ref: str, which: str) -> Reply:
    if which == "help":
        lines = [
            f"`{one.name}{':US-CA' if one.per_jurisdiction else ''}` {one.label}"
            for one in FACT_TYPES.values()
        ]
        return Reply(
            text="Facts that can be recorded",
            blocks=tuple(sections(lines)),
        )
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        situation = situation_of(session, incident, desk.store.rules)
    return Reply(text=f"Facts of {situation.ref}", blocks=tuple(fact_blocks(situation)))


def _record(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    zone = zone_of(tx.rules, actor)
    stated = read_facts(words, now=tx.now, zone=zone)
    source = f"stated in Slack by {actor.name or actor.slack_id}"
    new = [
        NewFact(key=one.key, value=one.value, confidence=one.confidence, source=source)
        for one in stated
    ]
    news = record_facts(tx, incident, new, actor=actor)
    left = cannot_tell(tx.session, incident)
    return say(recorded_words(stated, news, zone=zone.key, cannot_tell=left))
