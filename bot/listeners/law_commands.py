"""`/incident fact | notice`."""

from bot.blocks.lists import fact_blocks, notice_blocks
from bot.blocks.modals import fact_modal
from bot.blocks.words import escape, section
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.fact_dictionary import FACT_TYPES
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
    split_ref,
)
from bot.listeners.fact_phrases import read_facts
from bot.listeners.recorded import recorded_words
from bot.services import notices
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
        desk.slack.open_view(call.trigger_id, fact_modal(incident.ref))
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
            blocks=(section("\n".join(lines[:30])), section("\n".join(lines[30:]))),
        )
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        situation = situation_of(session, incident, desk.store.rules)
    return Reply(text=f"Facts of {situation.ref}", blocks=tuple(fact_blocks(situation)))


def _record(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    zone = zone_of(tx.rules, actor)
    stated = read_facts(words, now=call.now, zone=zone)
    source = f"stated in Slack by {actor.name or actor.slack_id}"
    new = [
        NewFact(key=one.key, value=one.value, confidence=one.confidence, source=source)
        for one in stated
    ]
    news = record_facts(tx, incident, new, actor=actor)
    left = cannot_tell(tx.session, incident)
    return say(recorded_words(stated, news, zone=zone.key, cannot_tell=left))


def notice(desk: Desk, call: Call, rest: str) -> Reply:
    """Show the notices; `draft ID` drafts one, `submit 1` hands it to Legal, `pdf 1` sends it."""
    ref, words = split_ref(rest)
    verb_word, _, more = words.partition(" ")
    verb_word = verb_word.lower()
    if not verb_word:
        with reading(desk.store) as session:
            incident = find_incident(session, call, ref)
            situation = situation_of(session, incident, desk.store.rules)
        blocks = notice_blocks(situation, base_url=desk.base_url)
        return Reply(text=f"Notices of {situation.ref}", blocks=tuple(blocks))
    verbs = ["draft", "submit", "pdf"]
    if verb_word not in verbs:
        raise did_you_mean(verb_word, verbs, "/incident notice {} …")
    return change(
        desk, call, lambda tx: _notice(desk, tx, call, ref, verb=verb_word, word=more.strip())
    )


def _notice(desk: Desk, tx: Tx, call: Call, ref: str, *, verb: str, word: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    if not word:
        example = "draft holding_statement" if verb == "draft" else "submit 1"
        raise UsageError(f"Name the notice: `/incident notice {example}`.")
    if verb == "draft":
        row = notices.draft_notice(tx, incident, word, actor=actor)
        done = "drafted"
    else:
        number = word.upper().removeprefix("N-")
        if not number.isdecimal():
            raise UsageError(f"Give the notice's number: `/incident notice {verb} 1`.")
        if verb == "pdf":
            row = notices.ask_for_paper(tx, incident, int(number), actor=actor)
            return say(f"📄 The PDF of N-{row.number} comes to you by direct message.")
        row = notices.submit_notice(tx, incident, int(number), actor=actor)
        done = "handed to Legal"
    link = f"{desk.base_url}/incidents/{incident.ref}/notices/{row.number}"
    return say(f"📝 <{link}|N-{row.number} {escape(row.title)}> is {done}.")
