"""The form of open questions: opened by button or command, its answers recorded as facts.

Decides how the answers are read. What is asked is `bot.services.duties`'s, what the form looks like
`bot.blocks.question_form`'s, what follows from the facts the services'.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.blocks.question_form import CALLBACK, FACT, PARTS, PLACES, questions_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.fact_checks import ContradictionError
from bot.domain.fact_types import FactKind
from bot.domain.facts import (
    Confidence,
    FactError,
    FactKey,
    FactValue,
    fact_type,
    parse_key,
    read_value,
    value_in_words,
)
from bot.domain.incident import IncidentError, Status
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    acting,
    at_its_time,
    find_incident,
    no_slack,
    say,
    show_form,
)
from bot.listeners.fact_phrases import StatedFact
from bot.listeners.form_answers import FieldError, answers, instant
from bot.listeners.places import NoPlaceError, read_place
from bot.listeners.recorded import recorded_words
from bot.services.access import zone_of
from bot.services.duties import open_questions
from bot.services.facts import NewFact, record_facts
from bot.store.queries import facts_of
from bot.store.unit_of_work import reading, unit_of_work

FORM = CALLBACK
FIRST_FIELD = "source"
"""Where a refusal is shown that belongs to no single question: this field always stands there."""

_PARTS = re.compile(r"(?<!\d)[,;]|,(?!\d{3}\b)|;|\n|\s+and\s+", re.IGNORECASE)
"""A comma between digits is a thousands mark, any other ends a part."""
_COUNT = re.compile(
    r"(?P<place>[^\d:=~]+?)[\s:=]+(?P<about>(?:about|around|approx\.?|ca\.?|~)\s*)?"
    r"(?P<number>\d[\d,.'’ ]*)",
    re.IGNORECASE,
)


@dataclass(kw_only=True, slots=True)
class _Answers:
    """The facts that a form gives, each with the field in which it stands."""

    facts: dict[FactKey, StatedFact] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def add(self, fact: StatedFact, block: str) -> None:
        """Take a fact; refuse two values for one key."""
        earlier = self.facts.get(fact.key)
        if earlier is not None and earlier.value != fact.value:
            raise FieldError(block, f"You give two numbers for {fact.key}. Write only one.")
        self.facts[fact.key] = fact
        self.fields[str(fact.key)] = block


def ask(desk: Desk, call: Call, ref: str) -> Reply:
    """Open the form with the questions that settle most, or say that nothing is open."""
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        if incident.status == Status.CLOSED:
            raise IncidentError(f"{incident.ref} is closed; nothing in it can be changed any more.")
        call = at_its_time(session, incident, call)
        found = open_questions(session, desk.store.rules, incident, now=call.now)
        recorded = {
            key: value_in_words(fact.key, fact.value)
            for key, fact in facts_of(session, incident).items()
            if fact.value is not None
        }
    if not found.asked:
        return say(
            f"✅ No fact is missing in {incident.ref}: of every duty it can be told whether it "
            f"applies. `/incident clock all` shows them."
        )
    view = questions_modal(
        incident.ref, found.asked, recorded=recorded, cannot_tell=found.cannot_tell
    )
    try:
        show_form(desk, call, view)
    except (SlackUnavailableError, SlackRefusedError) as error:
        first = found.asked[0]
        return no_slack(error, f"Answer in words, such as `/incident fact {first.key} …`.")
    return Reply(text="")


def answer(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Record what was answered, all of it or nothing."""
    given = answers(view)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        call = replace(call, now=tx.now)
        zone = zone_of(tx.rules, actor)
        confidence = Confidence(str(given.get("confidence") or "confirmed"))
        found = _read(given, call, zone, confidence)
        source = str(given.get("source") or "").strip()
        if not found.facts:
            raise FieldError(FIRST_FIELD, "Nothing is answered: give at least one answer.")
        if not source:
            raise FieldError("source", "Say how you know it.")
        new = [
            NewFact(key=one.key, value=one.value, confidence=one.confidence, source=source)
            for one in found.facts.values()
        ]
        try:
            news = record_facts(tx, incident, new, actor=actor)
        except ContradictionError as error:
            where = next((found.fields[k] for k in error.keys if k in found.fields), FIRST_FIELD)
            raise FieldError(where, str(error)) from error
        left = open_questions(tx.session, tx.rules, incident, now=tx.now).cannot_tell
        stated = list(found.facts.values())
        return say(recorded_words(stated, news, zone=zone.key, cannot_tell=left))


def _read(given: dict[str, Any], call: Call, zone: ZoneInfo, confidence: Confidence) -> _Answers:
    found = _Answers()
    for block, told in given.items():
        if told in (None, "", []):
            continue
        if block.startswith(FACT):
            key = parse_key(block.removeprefix(FACT))
            value = _value(block, key, told, call, zone)
            found.add(StatedFact(key=key, value=value, confidence=confidence), block)
        elif block == PLACES or block.startswith(PARTS):
            country = block.removeprefix(PARTS) if block != PLACES else ""
            counted = _counts(block, str(told), call, zone, within=country, confidence=confidence)
            for fact in counted:
                found.add(fact, block)
    return found


def _value(block: str, key: FactKey, told: Any, call: Call, zone: ZoneInfo) -> FactValue:
    kind = fact_type(key).kind
    try:
        if kind is FactKind.INSTANT:
            at = instant(told)
            if at is not None and at > call.now:
                raise FieldError(block, "That lies in the future; check the date.")
            return at
        if kind is FactKind.DATE:
            return date.fromisoformat(str(told))
        words = ", ".join(told) if isinstance(told, list) else str(told)
        return read_value(key, words, now=call.now, zone=zone)
    except FactError as error:
        raise FieldError(block, str(error)) from error


def _counts(
    block: str, text: str, call: Call, zone: ZoneInfo, *, within: str, confidence: Confidence
) -> Iterator[StatedFact]:
    """Read `CA 1200, TX 300` or `DE: 850; Japan about 20`, each part or none."""
    for part in (one.strip() for one in _PARTS.split(text)):
        if not part:
            continue
        match = _COUNT.fullmatch(part)
        if match is None:
            raise FieldError(
                block, f"“{part}”: write a place and its number, as in CA 1200, TX 300."
            )
        try:
            key = FactKey(name="residents", subject=read_place(match["place"], within=within))
            value = read_value(key, match["number"], now=call.now, zone=zone)
        except (FactError, NoPlaceError) as error:
            raise FieldError(block, str(error)) from error
        sure = Confidence.ESTIMATED if match["about"] else confidence
        yield StatedFact(key=key, value=value, confidence=sure)
