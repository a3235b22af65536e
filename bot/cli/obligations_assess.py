"""`tocsin obligations assess FACTS.yaml`: which duties a file's facts bring about, and by when.

Decides the order in which duties are worked out (each after those that it is counted from) and how
the answer is laid out. Verdicts, deadlines and the ranking of questions are the domain's.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.notice import read_facts
from bot.cli.obligations_common import UsageError, both_times, check_told, dump, entry, utc
from bot.clock import utc_now
from bot.content.yaml_source import ContentError, load_yaml
from bot.domain.applicability import Verdict
from bot.domain.clocks import ClockState
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, Fact, Facts, from_json, parse_key
from bot.domain.obligations import Obligation
from bot.domain.questions import Question, rank_questions
from bot.domain.regulatory_clocks import Others, RegulatoryClock, regulatory_clock
from bot.domain.rule_words import COUNSEL, OWN
from bot.domain.rulebook import Rulebook

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What follows from the facts. `duties` are in order of their deadlines."""

    duties: Mapping[str, Obligation]
    applies: Sequence[RegulatoryClock]
    cannot_tell: Sequence[RegulatoryClock]
    does_not_apply: Sequence[RegulatoryClock]
    questions: Sequence[Question]
    disabled: int
    """How many rules of the pack don't run at all."""


def assess_file(
    args: argparse.Namespace,
    obligations: Mapping[str, Obligation],
    organisation: Mapping[str, object],
) -> str:
    """Assess a facts file and print the answer.

    `organisation` are facts that count where the file says nothing.

    Raises:
        UsageError: with every fact of the file that can't be used, and its line.
    """
    now = utc_now()
    try:
        told = read_facts(load_yaml(args.facts), now=now)
    except ContentError as error:
        raise UsageError(str(error)) from error
    ours = _organisation_facts(organisation, now)
    check_told(ours, told, where=str(args.facts))
    facts = {**ours, **told}
    found = assess_all(obligations, facts, now=now)
    if args.json:
        return dump(_json(found, everything=args.all))
    return "".join(f"{line}\n" for line in _told(found, everything=args.all))


def _organisation_facts(organisation: Mapping[str, object], now: datetime) -> dict[str, Fact]:
    return {
        name: Fact(
            key=parse_key(name),
            value=from_json(parse_key(name), value),
            confidence=Confidence.CONFIRMED,
            source="organisation.yaml",
            as_of=now,
        )
        for name, value in organisation.items()
    }


def assess_all(obligations: Mapping[str, Obligation], facts: Facts, *, now: datetime) -> Assessment:
    """Work out every duty that runs; deadlines of earlier ones bound the later."""
    duties = Rulebook(
        playbooks={}, obligations=obligations, notices={}, organisation={}, organisation_sha256=""
    ).duties
    clocks: list[RegulatoryClock] = []
    due: dict[str, datetime] = {}
    for one in duties:
        clock = regulatory_clock(one, facts, now=now, others=Others(due=due))
        if clock.due_at:
            due[one.id] = clock.due_at
        clocks.append(clock)
    by_verdict = {
        verdict: sorted(
            (one for one in clocks if one.applicability.verdict is verdict), key=_nearest
        )
        for verdict in Verdict
    }
    return Assessment(
        duties={one.id: one for one in duties},
        applies=by_verdict[Verdict.APPLIES],
        cannot_tell=by_verdict[Verdict.CANNOT_TELL],
        does_not_apply=by_verdict[Verdict.DOES_NOT_APPLY],
        questions=rank_questions(one.applicability for one in clocks),
        disabled=len(obligations) - len(duties),
    )


def _nearest(clock: RegulatoryClock) -> tuple[datetime, str]:
    when = clock.due_at or clock.not_before or clock.would_be_due_at
    return (when or _LATEST, clock.obligation_id)


def _told(found: Assessment, *, everything: bool) -> Iterator[str]:
    yield f"Applies: {len(found.applies)}"
    for clock in found.applies:
        yield from _applying(found.duties[clock.obligation_id], clock)
    if found.questions:
        yield ""
        yield f"Ask next, what settles most first: {len(found.questions)}"
        for number, question in enumerate(found.questions, start=1):
            yield _question(number, question)
    yield ""
    yield f"Can't be told yet: {len(found.cannot_tell)}"
    for clock in found.cannot_tell:
        yield from _open(found.duties[clock.obligation_id], clock)
    yield ""
    more = "" if everything or not found.does_not_apply else "; --all lists them"
    yield f"Doesn't apply: {len(found.does_not_apply)}{more}"
    if everything:
        for clock in found.does_not_apply:
            why = "; ".join(clock.applicability.reasons)
            yield entry(f"  {clock.obligation_id}", f"{why}.", width=26)
    yield f"Not running at all (disabled, signposts, duplicates): {found.disabled}"


def _applying(one: Obligation, clock: RegulatoryClock) -> Iterator[str]:
    yield ""
    yield f"  {one.id}{_marks(one)}"
    part = partial(entry, width=16)
    yield part("    Due", _due_words(clock))
    if clock.lenient_due_at:
        lenient = both_times(clock.lenient_due_at, clock.zone)
        yield part("    Lenient", f"{lenient}: shown only. {clock.lenient_words}".rstrip())
    if clock.extended_due_at:
        yield part("    Extended", both_times(clock.extended_due_at, clock.zone))
    yield part("    Duty", f"{one.duty} ({one.regime}, {one.citation})")
    yield part("    To", one.recipient.name)
    yield part("    Why", clock.reason)
    yield part("    Rule", one.counting)
    for text in clock.caveats:
        yield part("    Note", text)


def _due_words(clock: RegulatoryClock) -> str:
    if clock.not_before:
        return f"nobody may be told until {both_times(clock.not_before, clock.zone)}"
    if clock.due_at:
        late = "passed: " if clock.state is ClockState.MISSED else ""
        return late + both_times(clock.due_at, clock.zone)
    if clock.state is ClockState.WAITING:
        asked = " or ".join(_asked(key) for key in clock.missing)
        return f"counted once it is recorded: {asked}"
    return "without undue delay; the law gives no number"


def _asked(key: str) -> str:
    return f"{key} ({FACT_TYPES[key.partition(':')[0]].label})"


def _open(one: Obligation, clock: RegulatoryClock) -> Iterator[str]:
    if_so = ""
    if clock.would_be_due_at:
        if_so = f"; if it applies, due {both_times(clock.would_be_due_at, clock.zone)}"
    needs = " and ".join(clock.applicability.shortest) or "counsel's answer"
    yield entry(f"  {one.id}", f"needs {needs}{if_so}{_marks(one)}", width=26)


def _question(number: int, question: Question) -> str:
    settles = f"settles {len(question.decides)} alone, " if question.decides else ""
    parts = f", then by state for {len(question.parts)}" if question.parts else ""
    words = f"{question.key}: {question.label} ({settles}helps {len(question.helps)}{parts})"
    return entry(f"  {number}.", words, width=6)


def _marks(one: Obligation) -> str:
    marks = [OWN] if one.origin.own else []
    marks += [COUNSEL] if one.confirm_with_counsel else []
    return f"  [{'; '.join(marks)}]" if marks else ""


def _json(found: Assessment, *, everything: bool) -> dict[str, Any]:
    none: dict[str, Any] = {"count": len(found.does_not_apply)}
    if everything:
        none["obligations"] = [_clock(found, one) for one in found.does_not_apply]
    return {
        "applies": [_clock(found, one) for one in found.applies],
        "cannot_tell": [_clock(found, one) for one in found.cannot_tell],
        "questions": [
            {
                "key": one.key,
                "label": one.label,
                "decides": list(one.decides),
                "helps": list(one.helps),
                "parts": list(one.parts),
            }
            for one in found.questions
        ],
        "does_not_apply": none,
        "not_running": {"count": found.disabled},
    }


def _clock(found: Assessment, clock: RegulatoryClock) -> dict[str, Any]:
    one, verdict = found.duties[clock.obligation_id], clock.applicability
    local = clock.due_at.astimezone(ZoneInfo(clock.zone)) if clock.due_at else None
    return {
        "id": one.id,
        "type": one.type.value,
        "jurisdiction": one.jurisdiction,
        "regime": one.regime,
        "citation": one.citation,
        "recipient": {"kind": one.recipient.kind.value, "name": one.recipient.name},
        "duty": one.duty,
        "verdict": verdict.verdict.value,
        "state": clock.state.value,
        "reason": clock.reason,
        "reasons": list(verdict.reasons),
        "facts": list(verdict.facts),
        "missing": list(clock.missing),
        "shortest": list(verdict.shortest),
        "open_exemptions": list(verdict.open_exemptions),
        "trigger_by": clock.trigger_key,
        "trigger_at": utc(clock.trigger_at),
        "due_at": utc(clock.due_at),
        "due_local": local.isoformat(timespec="seconds") if local else None,
        "would_be_due_at": utc(clock.would_be_due_at),
        "not_before": utc(clock.not_before),
        "lenient_due_at": utc(clock.lenient_due_at),
        "lenient_words": clock.lenient_words,
        "extended_due_at": utc(clock.extended_due_at),
        "zone": clock.zone,
        "rule": clock.rule,
        "caveats": list(clock.caveats),
        "own": one.origin.own,
        "confirm_with_counsel": one.confirm_with_counsel,
    }
