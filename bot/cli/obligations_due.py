"""`tocsin obligations due`: by when one duty would be due, if this and that had happened.

Decides how events and facts on the command line become what the engine counts from, and that duties
which bound this one are counted from the same events. Counting is `domain.deadlines`'s. It is a
what-if: the future is allowed, and whether the duty applies isn't asked.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.obligations_common import (
    UsageError,
    both_times,
    check_told,
    dump,
    entry,
    find_obligation,
    find_zone,
    read_when,
    utc,
)
from bot.clock import utc_now
from bot.content.yaml_source import suggest
from bot.domain.applicability import Verdict, assess
from bot.domain.conditions import AllOf, AnyOf, Condition, ContainsAny, unique
from bot.domain.counting import DeadlineError, local_date
from bot.domain.deadlines import Deadline, count, zone_for
from bot.domain.evaluation import evaluate
from bot.domain.events import EVENTS, Instant, Known
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import (
    Confidence,
    Fact,
    FactError,
    FactKey,
    Facts,
    parse_key,
    read_value,
    value_of,
)
from bot.domain.obligations import Obligation, ObligationType, duties_named
from bot.domain.rule_words import OWN, status_words

YEAR_END = "year_end"
"""Stands for the trigger of a rule that runs from the end of the year: any instant in that year."""

_WHEN_KINDS = {FactKind.INSTANT, FactKind.DATE}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the command line says: instants by fact, met duties, and the other facts."""

    obligation: Obligation
    times: Mapping[str, Instant]
    met: Mapping[str, Instant]
    facts: Facts
    zone: ZoneInfo


@dataclass(kw_only=True)
class _Others:
    """Deadlines of the duties that bound or start this one, and what is said about them."""

    due: dict[str, datetime] = field(default_factory=dict)
    numberless: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def due(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> str:
    """Count one duty and print it.

    Raises:
        UsageError: an argument that can't be used, or nothing to count from.
        DeadlineError: what was given can't be counted.
    """
    asked = _read(args, obligations)
    others = _count_others(asked, obligations)
    known = Known(facts=asked.times, met=asked.met, due=others.due)
    deadline = _count(asked.obligation, known, asked.facts, asked.zone)
    if deadline is None:
        others.notes.append(_later(asked, others, known, obligations))
    if args.json:
        return dump(_counted(asked, deadline, others.notes))
    return "".join(f"{line}\n" for line in _told(asked, deadline, others.notes))


def _count(obligation: Obligation, known: Known, facts: Facts, zone: ZoneInfo) -> Deadline | None:
    return count(
        obligation,
        known=known,
        zone=zone,
        judge=lambda condition: evaluate(condition, facts).truth,
    )


def _read(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> _Asked:
    obligation = find_obligation(args.id, obligations)
    if args.when and args.trigger_at:
        raise UsageError("WHEN and --trigger-at are the same thing: give one of them.")
    times: dict[str, Instant] = {}
    met: dict[str, Instant] = {}
    facts: dict[str, Fact] = {}
    when = args.when or args.trigger_at
    if when:
        _note(times, EVENTS[obligation.trigger.events[0]].fact, read_when(when))
    for text in args.event or ():
        name, given, value = text.partition("=")
        if not given or not value:
            raise UsageError(f"“{text}” isn't an event: write NAME=2026-03-02T10:00:00Z.")
        at = read_when(value.strip())
        key = name.strip()
        if key.upper() in obligations:
            _note(met, key.upper(), at)
        else:
            _note(times, _fact_of(key.lower(), obligation, obligations), at)
    for text in args.fact or ():
        _read_fact(text, times, facts)
    check_told({}, facts)
    zone = find_zone(args.zone) if args.zone else zone_for(obligation, facts)
    return _Asked(obligation=obligation, times=times, met=met, facts=facts, zone=zone)


def _note(found: dict[str, Instant], key: str, at: Instant) -> None:
    if found.setdefault(key, at) != at:
        raise UsageError(f"Two times are given for {key}: give one of them.")


def _fact_of(name: str, obligation: Obligation, obligations: Mapping[str, Obligation]) -> str:
    """Name the fact that records an event; `name` is the event's or the fact's own."""
    if name == YEAR_END:
        if not obligation.period.from_year_end:
            raise UsageError(
                f"{obligation.id} isn't counted from the end of a year: name an event."
            )
        return EVENTS[obligation.trigger.events[0]].fact
    if name in EVENTS:
        return EVENTS[name].fact
    if name in FACT_TYPES and FACT_TYPES[name].kind in _WHEN_KINDS:
        return name
    times = [one for one, spec in FACT_TYPES.items() if spec.kind in _WHEN_KINDS]
    options = [*EVENTS, *times, *obligations]
    remedy = suggest(name.upper() if "-" in name else name, options)
    raise UsageError(f"There is no event, time or obligation “{name}”: {remedy}")


def _read_fact(text: str, times: dict[str, Instant], facts: dict[str, Fact]) -> None:
    name, given, value = text.partition("=")
    if not given or not value:
        raise UsageError(f"“{text}” isn't a fact: write NAME=VALUE, such as encryption=encrypted.")
    try:
        key = parse_key(name)
        if FACT_TYPES[key.name].kind in _WHEN_KINDS:
            _note(times, str(key), read_when(value.strip()))
            return
        now = utc_now()  # only times need it, and those are read above
        read = read_value(key, value, now=now, zone=ZoneInfo("UTC"))
    except FactError as error:
        message = str(error).replace("`/incident fact help` shows", "docs/facts.md has")
        raise UsageError(message) from error
    facts[str(key)] = _fact(key, read, now)


def _fact(key: FactKey, value: Any, now: datetime) -> Fact:
    return Fact(
        key=key, value=value, confidence=Confidence.CONFIRMED, source="command line", as_of=now
    )


def _count_others(asked: _Asked, obligations: Mapping[str, Obligation]) -> _Others:
    """Count the duties that this one names, and those that they name, from the same events."""
    others = _Others()
    facts = _assumed(asked)

    def visit(key: str, path: tuple[str, ...]) -> None:
        one = obligations[key]
        if key in others.due or key in path:
            return
        for named in duties_named(one):
            visit(named, (*path, key))
        verdict = assess(one, facts)
        if verdict.verdict is Verdict.DOES_NOT_APPLY:
            others.notes.append(f"Not bounded by {key}: {'; '.join(verdict.reasons)}.")
            return
        known = Known(facts=asked.times, met=asked.met, due=others.due)
        try:
            found = _count(one, known, facts, zone_for(one, facts))
        except DeadlineError as error:
            others.notes.append(f"{key}, from which it is counted, can't be: {error}")
            return
        if found and found.due_at:
            others.due[key] = found.due_at
        elif found:
            others.numberless.append(key)

    for named in duties_named(asked.obligation):
        visit(named, (asked.obligation.id,))
    return others


def _assumed(asked: _Asked) -> Facts:
    """Take the organisation to be what this duty demands and what we are told, and nothing else.

    Else the deadline of a duty that only government agencies have would bound everyone's.
    """
    key = FactKey(name="entity_types")
    given = value_of(asked.facts, key.name)
    told = given if isinstance(given, tuple) else ()
    types = (*told, *_demanded(asked.obligation.applies_if))
    return {**asked.facts, key.name: _fact(key, unique(types), utc_now())}


def _demanded(condition: Condition) -> tuple[str, ...]:
    """Name the kinds of organisation without which a condition can't hold."""
    match condition:
        case AllOf(parts=parts):
            return tuple(one for part in parts for one in _demanded(part))
        case AnyOf(parts=parts):
            each = [_demanded(part) for part in parts]
            return tuple(one for found in each for one in found) if all(each) else ()
        case ContainsAny(fact="entity_types", options=options):
            return options
        case _:
            return ()


def _later(
    asked: _Asked, others: _Others, known: Known, obligations: Mapping[str, Obligation]
) -> str:
    """Say what the duty waits for, and when it would be due if that came on its last day.

    Raises:
        UsageError: nothing that was given leads anywhere.
    """
    trigger = asked.obligation.trigger
    started = [key for key in trigger.of if key in others.due]
    numberless = [key for key in duties_named(asked.obligation) if key in others.numberless]
    if numberless and not started:
        named = " and ".join(numberless)
        return f"It hangs on {named}, for which the law gives no number: without undue delay."
    if not started:
        events = " and ".join(trigger.events) if trigger.pick == "latest" else trigger.events[0]
        options = [f"--event {one}=2026-03-02T10:00:00Z" for one in (*trigger.events, *trigger.of)]
        raise UsageError(
            f"{asked.obligation.id} is counted from {events} ({trigger.words}), and nothing says "
            f"when that was: add {' or '.join(options)}."
        )
    key = min(started, key=lambda one: others.due[one])
    at = others.due[key]
    zone = zone_for(obligations[key], asked.facts)
    met: Instant = at if asked.obligation.period.unit == "hours" else local_date(at, zone)
    then = _count(
        asked.obligation, replace(known, met={**known.met, key: met}), asked.facts, asked.zone
    )
    words = f"It starts when {key} is met, which is due by {both_times(at, zone.key)}."
    if then and then.due_at:
        words += f" Met then, this is due by {both_times(then.due_at, then.zone)}."
    return words


def _counted(asked: _Asked, deadline: Deadline | None, notes: list[str]) -> dict[str, Any]:
    """Give the JSON form. `obligation` is the older name of `id`; both stay."""
    one = asked.obligation
    local = deadline.due_local if deadline else None
    return {
        "id": one.id,
        "obligation": one.id,
        "type": one.type.value,
        "disabled": one.disabled,
        "duplicate_of": one.duplicate_of,
        "own": one.origin.own,
        "trigger_at": utc(deadline.trigger_at) if deadline else None,
        "trigger_by": deadline.trigger_by if deadline else "",
        "due_at": utc(deadline.due_at) if deadline else None,
        "due_local": local.isoformat(timespec="seconds") if local else None,
        "zone": asked.zone.key,
        "not_before": utc(deadline.not_before) if deadline else None,
        "lenient_due_at": utc(deadline.lenient_due_at) if deadline else None,
        "lenient_words": deadline.lenient_words if deadline else "",
        "extended_due_at": utc(deadline.extended_due_at) if deadline else None,
        "limb": deadline.limb if deadline else "",
        "rule": one.counting,
        "caveats": [*notes, *(deadline.caveats if deadline else one.caveats)],
    }


def _told(asked: _Asked, deadline: Deadline | None, notes: list[str]) -> Iterator[str]:
    one = asked.obligation
    yield f"{one.id}: {one.duty}"
    if one.disabled or one.type is not ObligationType.DEADLINE:
        here = " It is counted here all the same." if one.disabled else ""
        yield entry("Mind", f"{status_words(one)}.{here}")
    elif one.origin.own:
        yield entry("Written by", f"us: {OWN}")
    zone = asked.zone.key
    if deadline:
        if deadline.trigger_at is not None:
            yield entry("From", both_times(deadline.trigger_at, zone) + f" ({deadline.trigger_by})")
        yield from _due_lines(one, deadline)
    else:
        yield entry("Due", "not counted yet: see the first note")
    yield entry("Rule", f"{one.counting} ({one.citation})")
    caveats = deadline.caveats if deadline else one.caveats
    yield from (entry("Note", text) for text in (*notes, *caveats))


def _due_lines(one: Obligation, deadline: Deadline) -> Iterator[str]:
    zone = deadline.zone
    if deadline.not_before:
        yield entry(
            "Not before", f"{both_times(deadline.not_before, zone)}: tell nobody until then"
        )
    elif deadline.due_at:
        yield entry("Due", both_times(deadline.due_at, zone))
    else:
        yield entry("Due", "without undue delay; the law gives no number")
    if deadline.limb:
        by = f" ({deadline.trigger_by})" if deadline.trigger_at is None else ""
        yield entry("Decided by", f"{deadline.limb}{by}")
    elif one.limits and deadline.due_at:
        yield entry("Decided by", "the period itself, the earliest of its limits")
    if deadline.lenient_due_at:
        lenient = both_times(deadline.lenient_due_at, zone)
        yield entry("Lenient", f"{lenient}: shown only. {deadline.lenient_words}".rstrip())
    if deadline.extended_due_at and one.extension:
        extended = both_times(deadline.extended_due_at, zone)
        yield entry("Extended", f"{extended} {one.extension.condition}")
