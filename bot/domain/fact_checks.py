"""What can't be true together: facts that contradict each other, and places that nobody knows.

Decides which pairs of facts are certain contradictions and how the refusal says what to change.
What is only odd isn't refused: at three in the morning people record what they know. Whether a
single value fits its fact is `facts`'s.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import (
    Confidence,
    Fact,
    FactError,
    FactKey,
    Facts,
    FactValue,
    value_in_words,
    value_of,
)
from bot.domain.iso_places import is_place, nearest_places
from bot.domain.places import PLACE_GROUPS, resident_counts
from bot.domain.time_zones import zone_names

CONTAINED = "contained"
"""Stands for the incident's own time of containment, which is a status and no fact."""


class ContradictionError(FactError):
    """Facts that can't be true together; `keys` names them, as in a form's fields."""

    def __init__(self, message: str, *, keys: Sequence[str]) -> None:
        super().__init__(message)
        self.keys = tuple(keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """Facts that can't be true together, by key, and why: a clause without a full stop."""

    keys: tuple[str, ...]
    why: str


_NOT_BEFORE = (
    ("breach_started_at", "breach_ended_at", "a breach can't end before it began"),
    ("breach_started_at", "aware_at", "nobody is aware of a breach before it began"),
    ("breach_started_at", "discovered_at", "a breach isn't discovered before it began"),
    ("breach_started_at", "detected_at", "a breach isn't detected before it began"),
    ("breach_started_at", "determined_at", "a breach isn't determined before it began"),
    ("breach_started_at", "confirmed_at", "a breach isn't confirmed before it began"),
    ("breach_started_at", CONTAINED, "a breach isn't contained before it began"),
    ("breach_started_at", "ransom_paid_at", "nothing is paid before the breach began"),
    ("breach_started_at", "individuals_notified_at", "nobody is told before the breach began"),
    ("suspected_at", "determined_at", "what is determined was suspected before, or then"),
    ("suspected_at", "confirmed_at", "what is confirmed was suspected before, or then"),
    ("aware_at", "individuals_notified_at", "people aren't told before we are aware"),
    ("aware_at", "handling_completed_at", "the handling isn't complete before we are aware"),
    ("aware_at", CONTAINED, "nothing is contained before we are aware of it"),
    ("detected_at", CONTAINED, "nothing is contained before it is detected"),
    ("initial_notified_at", "intermediate_reported_at", "the first report comes before the next"),
)
"""Pairs of instants of which the second is never before the first; both at once is possible."""


def check_facts(
    known: Facts, new: Mapping[str, Fact], *, contained_at: datetime | None = None
) -> None:
    """Refuse new facts that name a place nobody knows, or contradict each other or what is known.

    What is recorded together is judged together, and a correction wins over the fact it corrects.
    A contradiction that stood before is nothing against a fact that has no part in it.

    Args:
        known: the facts in force, by key.
        new: the facts to record, by key.
        contained_at: since when the incident is contained, if it is.

    Raises:
        ContradictionError: naming both facts with their values, and what to change.
    """
    for fact in new.values():
        _check_names(fact)
    together = {**known, **new}
    for found in contradictions(together, contained_at=contained_at):
        if not new.keys().isdisjoint(found.keys):
            raise ContradictionError(_refusal(found, together, new, contained_at), keys=found.keys)


def check_containment(known: Facts, contained_at: datetime) -> None:
    """Refuse a time of containment that the facts in force rule out.

    Raises:
        ContradictionError: naming the fact with its value, and what to change.
    """
    for found in contradictions(known, contained_at=contained_at):
        if CONTAINED in found.keys:
            refusal = _refusal(found, known, {CONTAINED}, contained_at)
            raise ContradictionError(refusal, keys=found.keys)


def contradictions(
    facts: Facts, *, contained_at: datetime | None = None
) -> Iterator[Contradiction]:
    """Find what can't be true together among facts, the most telling first."""
    yield from _times(facts, contained_at)
    yield from _counts(facts)
    if value_of(facts, "personal_data_involved") is False and value_of(facts, "data_elements"):
        why = "kinds of personal data are named, and no personal data is said to be involved"
        yield Contradiction(keys=("personal_data_involved", "data_elements"), why=why)
    if value_of(facts, "ransom_paid") is False and value_of(facts, "ransom_paid_at"):
        why = "a payment has a time, and none is said to have been made"
        yield Contradiction(keys=("ransom_paid", "ransom_paid_at"), why=why)


def _times(facts: Facts, contained_at: datetime | None) -> Iterator[Contradiction]:
    for first, second, why in _NOT_BEFORE:
        early, late = value_of(facts, first), value_of(facts, second)
        if second == CONTAINED:
            late = contained_at
        if isinstance(early, datetime) and isinstance(late, datetime) and late < early:
            yield Contradiction(keys=(first, second), why=why)


def _counts(facts: Facts) -> Iterator[Contradiction]:
    """Compare counts with what limits them; an estimate limits nothing."""
    affected = value_of(facts, "affected_total")
    if type(affected) is int and affected > _limit(facts, "records_total"):
        why = "there can't be more people affected than records"
        yield Contradiction(keys=("affected_total", "records_total"), why=why)
    counts = resident_counts(facts)
    inside = _nested(counts)
    for whole, parts in inside.items():
        limit = _limit(facts, f"residents:{whole}" if whole else "affected_total")
        if sum(_least(one, counts, inside) for one in parts) > limit:
            yield _too_many(whole, parts)


def _too_many(whole: str, parts: Sequence[str]) -> Contradiction:
    named = tuple(f"residents:{one}" for one in parts)
    if whole:
        why = f"the parts of {whole} can't count more people than {whole} itself"
        return Contradiction(keys=(f"residents:{whole}", *named), why=why)
    why = "the places can't count more people than are affected in all"
    return Contradiction(keys=("affected_total", *named), why=why)


def _limit(facts: Facts, key: str) -> float:
    fact = facts.get(key)
    sure = fact is not None and fact.confidence is Confidence.CONFIRMED
    return fact.value if sure and fact and type(fact.value) is int else float("inf")


def _nested(counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Give the counted places that lie in each counted place; under no name those in none."""
    inside: dict[str, list[str]] = {}
    for code in counts:
        country = code.partition("-")[0]
        groups = [group.code for group in PLACE_GROUPS.values() if country in group.countries]
        around = [one for one in (country, *groups) if one != code and one in counts]
        inside.setdefault(around[0] if around else "", []).append(code)
    return inside


def _least(place: str, counts: Mapping[str, int], inside: Mapping[str, Sequence[str]]) -> int:
    """Count at least so many people of a place: its own count, or those of its parts together."""
    return max(counts[place], sum(_least(one, counts, inside) for one in inside.get(place, ())))


MOST_NAMED = 6
"""Facts that a refusal names; a sum over fifty states is said by its largest parts."""


def _refusal(
    found: Contradiction, facts: Facts, changed: Collection[str], contained_at: datetime | None
) -> str:
    told = [_told(key, facts, contained_at) for key in _telling(found.keys, facts)]
    left = len(found.keys) - len(told)
    listed = ", ".join(told) + (f" and {left} more" if left > 0 else "")
    remedy = _remedy([key for key in found.keys if key not in changed], changed)
    return f"That can't be, {found.why}: {listed}. Nothing was recorded. {remedy}"


def _telling(keys: Sequence[str], facts: Facts) -> list[str]:
    head, *rest = keys
    largest = sorted(rest, key=lambda key: _size(value_of(facts, key)), reverse=True)
    return [head, *largest[: MOST_NAMED - 1]]


def _size(value: FactValue) -> int:
    return value if type(value) is int else 0


def _told(key: str, facts: Facts, contained_at: datetime | None) -> str:
    if key == CONTAINED:
        at = contained_at.astimezone(UTC) if contained_at else None
        return f"contained is {at:%Y-%m-%d %H:%M} UTC" if at else "contained"
    return f"`{key}` is {value_in_words(facts[key].key, facts[key].value)}"


def _remedy(standing: Sequence[str], changed: Collection[str]) -> str:
    """Say what to change; `standing` are the facts of the contradiction that stood before."""
    if not standing:
        return "You said both: record only what holds."
    if CONTAINED in standing:
        return (
            "Check the value. If the time of containment is wrong, correct it first: "
            "`/incident status open` with the reason, then `/incident contain 2026-03-02 10:00`."
        )
    example = f"`/incident fact {standing[0]} …`"
    if CONTAINED in changed:
        return f"Give a later time, or correct the fact first: {example}."
    return (
        f"Check the value. If the other is wrong, correct it first ({example}), or record both "
        f"together in the form: `/incident fact`."
    )


def _check_names(fact: Fact) -> None:
    """Refuse a place or a time zone that isn't there, in the key or among the values."""
    spec = FACT_TYPES[fact.key.name]
    named = [fact.key.subject] if fact.key.subject else []
    if spec.kind is FactKind.CHOICES and not spec.choices and isinstance(fact.value, tuple):
        named += fact.value
    for code in named:
        if not is_place(code):
            raise ContradictionError(_no_such_place(code, fact.key), keys=(str(fact.key),))
    if fact.key.name == "home_zone" and isinstance(fact.value, str):
        _check_zone(fact.value)


def _no_such_place(code: str, key: FactKey) -> str:
    near = [f"{key.name}:{one}" if key.subject else one for one in nearest_places(code)]
    hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    groups = ", ".join(sorted(group.code for group in PLACE_GROUPS.values()))
    return (
        f"“{code}” isn't a place that we know.{hint} Write its ISO 3166 code, such as DE or US-CA "
        f"({groups} counts the whole Union)."
    )


def _check_zone(name: str) -> None:
    zones = zone_names()
    if name in zones:
        return
    near = get_close_matches(name, sorted(zones), n=1, cutoff=0.6)
    hint = f"Did you mean “{near[0]}”?" if near else "Write an IANA name such as Europe/Berlin."
    raise ContradictionError(f"“{name}” isn't a time zone. {hint}", keys=("home_zone",))
