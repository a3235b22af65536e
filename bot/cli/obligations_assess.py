"""`tocsin obligations assess FACTS.yaml`: which duties the facts of a file bring about, and by when.

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
from bot.cli.obligations_common import both_times, dump, entry, utc
from bot.clock import utc_now
from bot.content.yaml_source import load_yaml
from bot.domain.applicability import Verdict
from bot.domain.clocks import ClockState
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, Fact, Facts, from_json, parse_key
from bot.domain.obligations import Obligation
from bot.domain.questions import Question, question_label, rank_questions
from bot.domain.regulatory_clocks import Others, RegulatoryClock, regulatory_clock
from bot.domain.rule_words import COUNSEL, OWN

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
        ContentError: with every fact of the file that can't be used, and its line.
    """
    now = utc_now()
    facts = {**_organisation_facts(organisation, now), **read_facts(load_yaml(args.facts), now=now)}
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


def assess_all(
    obligations: Mapping[str, Obligation], facts: Facts, *, now: datetime
) -> Assessment:
    """Work out every duty that runs; deadlines of earlier ones bound the later."""
    # The whole of it stands in the rulebook, which this command has no other use for.
    from bot.domain.rulebook import in_order

    clocks: list[RegulatoryClock] = []
    due: dict[str, datetime] = {}
    duties = in_order(obligations)
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
