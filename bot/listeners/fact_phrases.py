"""Reads facts as people say them: “1,200 Californians, names and SSNs, not encrypted”.

A small, fixed grammar, no guessing: every part must be understood, or nothing is recorded and the
part that wasn't is named. What a fact means is decided in `bot.domain.facts`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, FactError, FactKey, FactValue, parse_key, read_value
from bot.listeners.places import place_code


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedFact:
    """A fact as understood from a person's words."""

    key: FactKey
    value: FactValue
    confidence: Confidence


_TIMES = (
    ("aware_at", r"(?:we\s+)?(?:became\s+|become\s+|were\s+|are\s+)?aware(?:ness)?"),
    ("discovered_at", r"(?:we\s+)?(?:was\s+)?discover(?:ed|y)"),
    ("materiality_determined_at", r"(?:determined\s+)?material(?:ity)?(?:\s+determined)?"),
    ("determined_at", r"(?:we\s+)?(?:breach\s+)?determin(?:ed|ation)"),
    ("breach_started_at", r"(?:breach\s+)?(?:started|began)"),
    ("breach_ended_at", r"(?:breach\s+)?ended"),
    ("individuals_notified_at", r"(?:people|individuals|customers)\s+(?:were\s+)?notified"),
)
_ELEMENT_WORDS = {
    "name": r"(?:full\s+)?names?",
    "ssn": r"ssns?|social\s+security\s+numbers?",
    "postal_address": r"(?:postal\s+|home\s+)?address(?:es)?",
    "email": r"e-?mails?(?:\s+addresses)?",
    "phone": r"(?:tele)?phones?(?:\s+numbers?)?",
    "date_of_birth": r"dates?\s+of\s+birth|birth\s*dates?|dobs?",
    "tax_id": r"tax\s+(?:ids?|numbers?)|tins?",
    "driver_license": r"driver'?s?\s+licen[sc]es?(?:\s+numbers?)?",
    "passport": r"passports?(?:\s+numbers?)?",
    "state_id": r"state\s+ids?",
    "financial_account": (
        r"ibans?|(?:account|bank)\s+(?:numbers?|details)|"
        r"(?:bank|financial)\s+accounts?(?:\s+numbers?)?"
    ),
    "payment_card": r"(?:payment|credit|debit)\s+cards?(?:\s+numbers?)?|card\s+numbers?",
    "online_credentials": r"passwords?|credentials?|log-?ins?",
    "medical": r"medical(?:\s+(?:data|records?))?|health\s+(?:data|records?)",
    "health_insurance": r"health\s+insurance(?:\s+(?:data|numbers?|ids?))?",
    "biometric": r"biometrics?(?:\s+data)?|fingerprints?",
    "genetic": r"genetic(?:\s+data)?",
}
_IT = r"(?:(?:it|they|(?:the\s+)?data)\s+)?"
_IT_WAS = _IT + r"(?:(?:was|were|is|are)\s+)?"
_CHOICES = (
    (
        "encryption",
        "not_encrypted",
        (
            rf"{_IT_WAS}(?:not\s+|un-?|non-?)encrypted|{_IT}(?:wasn't|weren't)\s+encrypted|"
            r"in\s+clear(?:\s+text)?"
        ),
    ),
    ("encryption", "partly", rf"{_IT_WAS}partly\s+encrypted"),
    ("encryption", "encrypted", rf"{_IT_WAS}(?:all\s+)?encrypted"),
    (
        "encryption_key_taken",
        "no",
        r"(?:the\s+)?keys?\s+(?:was\s+|is\s+)?(?:not|n't)\s+taken|keys?\s+(?:is\s+)?safe",
    ),
    ("encryption_key_taken", "yes", r"(?:the\s+)?keys?\s+(?:was\s+|were\s+)?(?:also\s+)?taken"),
    ("risk_to_people", "high", r"high\s+risk|risk\s+(?:is\s+)?high"),
    ("risk_to_people", "unlikely", r"risk\s+(?:is\s+)?unlikely|no\s+risk"),
    ("risk_to_people", "likely", r"risk\s+(?:is\s+)?likely"),
    ("material", "no", r"not\s+material"),
)
_ESTIMATE = re.compile(
    r"^(?:about|approximately|approx\.?|around|roughly|circa|ca\.?|~|estimated)\s*"
)
_COUNT = re.compile(
    r"^(?P<number>\d[\d,.'’ ]*)\s*(?P<what>people|persons?|individuals?|customers?|residents?|"
    r"records?|employees)?\s*(?:are|were)?\s*(?:affected|exposed)?\s*"
    r"(?:(?:in|of|from)\s+(?:the\s+)?)?(?P<place>[a-z][a-z .-]*)?$",
    re.IGNORECASE,
)
# A comma between digits is a thousands mark, any other ends a part.
_PARTS = re.compile(r"(?<!\d),|,(?!\d{3}\b)|;|\n|\s+and\s+", re.IGNORECASE)


def read_facts(text: str, *, now: datetime, zone: ZoneInfo) -> list[StatedFact]:
    """Read facts from a person's words; bare clock times are meant in `zone`.

    Raises `FactError` naming the part that wasn't understood, with examples.
    """
    explicit = _explicit(text, now=now, zone=zone)
    if explicit is not None:
        return [explicit]
    stated: list[StatedFact] = []
    elements: set[str] = set()
    # One space for many: patterns with several optional spaces would take ages on thousands.
    plain = re.sub(r"[^\S\n]+", " ", text.replace("’", "'"))
    for part in [one.strip(" .") for one in _PARTS.split(plain)]:
        if not part:
            continue
        element = _element(part)
        if element:
            elements.add(element)
        else:
            stated.append(_one(part, now=now, zone=zone))
    if elements:
        key = FactKey(name="data_elements")
        stated.append(
            StatedFact(key=key, value=tuple(sorted(elements)), confidence=Confidence.CONFIRMED)
        )
    if not stated:
        raise FactError(_not_understood(text))
    _check_said_once(stated)
    return stated


def _check_said_once(stated: Sequence[StatedFact]) -> None:
    said: dict[FactKey, FactValue] = {}
    for one in stated:
        if said.setdefault(one.key, one.value) != one.value:
            raise FactError(
                f"You said two things about `{one.key}`, so nothing was recorded. Say only the "
                f"one that holds."
            )


def _explicit(text: str, *, now: datetime, zone: ZoneInfo) -> StatedFact | None:
    """Read `aware_at 10:00`, `encryption = partly`, `residents:US-CA 1200`."""
    match = re.match(
        r"^\s*([A-Za-z_]+(?::[A-Za-z]{2}(?:-[A-Za-z0-9]{1,3})?)?)\s*(?:=|:|\s)\s*(.+)$",
        text,
        re.DOTALL,
    )
    if match is None or match[1].partition(":")[0].lower() not in FACT_TYPES:
        return None
    key = parse_key(match[1])
    value, estimated = _estimate(match[2])
    confidence = Confidence.ESTIMATED if estimated else Confidence.CONFIRMED
    return StatedFact(
        key=key, value=read_value(key, value, now=now, zone=zone), confidence=confidence
    )


def _estimate(part: str) -> tuple[str, bool]:
    rest = _ESTIMATE.sub("", part.strip())
    return rest, rest != part.strip()


def _element(part: str) -> str | None:
    for element, words in _ELEMENT_WORDS.items():
        if re.fullmatch(rf"(?:their\s+|with\s+|including\s+)?(?:{words})", part, re.IGNORECASE):
            return element
    return None


def _one(part: str, *, now: datetime, zone: ZoneInfo) -> StatedFact:
    for name, words in _TIMES:
        match = re.fullmatch(rf"{words}\s*(?:at|on|since|from|:)?\s+(.+)", part, re.IGNORECASE)
        if match:
            key = FactKey(name=name)
            value = read_value(key, match[1], now=now, zone=zone)
            return StatedFact(key=key, value=value, confidence=Confidence.CONFIRMED)
    for name, choice, words in _CHOICES:
        if re.fullmatch(words, part, re.IGNORECASE):
            key = FactKey(name=name)
            value = read_value(key, choice, now=now, zone=zone)
            return StatedFact(key=key, value=value, confidence=Confidence.CONFIRMED)
    return _count(part, now=now, zone=zone)


def _count(part: str, *, now: datetime, zone: ZoneInfo) -> StatedFact:
    rest, estimated = _estimate(part)
    match = _COUNT.fullmatch(rest)
    if match is None:
        raise FactError(_not_understood(part))
    confidence = Confidence.ESTIMATED if estimated else Confidence.CONFIRMED
    place = (match["place"] or "").strip()
    what = (match["what"] or "").lower()
    if place:
        code = place_code(place)
        if code is None:
            raise FactError(
                f"I don't know the place “{place}”. Write its ISO code: `residents:US-CA 1200`."
            )
        key = FactKey(name="residents", subject=code)
    elif what.startswith("record"):
        key = FactKey(name="records_total")
    elif what:
        key = FactKey(name="affected_total")
    else:
        raise FactError(_not_understood(part))
    value = read_value(key, match["number"], now=now, zone=zone)
    return StatedFact(key=key, value=value, confidence=confidence)


def _not_understood(part: str) -> str:
    return (
        f"I didn't understand “{part.strip()}”, so nothing was recorded. Write it like: "
        f"`aware at 10:00` · `1,200 Californians, names and SSNs, not encrypted` · "
        f"`residents:US-CA 1200` · or use the form: `/incident fact`."
    )
