"""A duty's file in the order in which counsel reads it: how it counts, what is owed, the source.

Pure: turns an obligation and its file into labelled lines. The words of a rule are
`bot.domain.rule_words`'; how anything looks is the template's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.clocks import ClockState
from bot.domain.obligations import Obligation
from bot.domain.rule_words import (
    confidence_words,
    exemption_words,
    extension_words,
    in_force_words,
    limit_words,
    mitigation_words,
    period_words,
    rollover_words,
    status_words,
    tolling_words,
    trigger_words,
    zone_words,
)
from bot.domain.situation import FactView
from bot.services.clock_file import ClockFile
from bot.services.rulings import rulings_of
from bot.services.situation import fact_view
from bot.store.tables import ClockRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A label and what stands beside it, one item or several."""

    label: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidingFact:
    """A fact that decided; `at` is its value if it is a point in time."""

    fact: FactView
    at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RulingLine:
    """One thing that counsel ruled about the clock."""

    at: datetime
    by: str
    words: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Acts:
    """Which forms the page offers, as the state stands; who may send them is asked elsewhere."""

    meet: bool
    waive: bool
    overrule: bool
    withdraw: bool
    extend: bool
    toll: bool
    clear: bool


def deciding_facts(file: ClockFile) -> list[DecidingFact]:
    """Show the facts that decided, and those that started or bound the period."""
    return [
        DecidingFact(fact=fact_view(one), at=one.value if isinstance(one.value, datetime) else None)
        for one in file.deciding
    ]


def counting_lines(duty: Obligation) -> list[Line]:
    """Say how the deadline is counted, rule by rule."""
    return _lines(
        ("In words", duty.counting),
        ("Starts with", trigger_words(duty.trigger)),
        ("Period", period_words(duty.period)),
        ("Further limits", *(limit_words(one) for one in duty.limits)),
        ("Last day", rollover_words(duty.rollover) if duty.rollover else ""),
        ("Cut-off", f"{duty.cutoff_local:%H:%M} local time" if duty.cutoff_local else ""),
        ("Received by", "it must have arrived by then" if duty.must_arrive else ""),
        ("Local time", zone_words(duty.zone)),
        ("Extension", extension_words(duty.extension) if duty.extension else ""),
        ("Law enforcement", tolling_words(duty.tolling) if duty.tolling else ""),
    )


def scope_lines(duty: Obligation) -> list[Line]:
    """Say to whom and from which number on the duty applies, and what exempts."""
    return _lines(
        ("Applies to", duty.applies_to),
        ("Threshold", duty.threshold),
        ("Exemptions", *(exemption_words(one) for one in duty.exemptions)),
    )


def content_lines(duty: Obligation) -> list[Line]:
    """Say what is owed: contents, portal, follow-ups, services, what lateness asks for."""
    contents = duty.contents
    return _lines(
        ("Portal", duty.portal),
        ("Contents", *(contents.items if contents else ("not in our research",))),
        ("How far checked", contents.checked if contents else ""),
        ("Then", *duty.follow_up),
        ("Services to offer", *(mitigation_words(one) for one in duty.mitigation)),
        ("If late", duty.late_reasons),
    )


def source_lines(duty: Obligation) -> list[Line]:
    """Say where the rule comes from and how far it can be trusted."""
    return _lines(
        ("Law", duty.citation),
        ("Regime", duty.regime),
        ("Kind of rule", status_words(duty)),
        ("In force", in_force_words(duty)),
        ("Source", duty.source),
        ("Confidence", confidence_words(duty)),
        ("File", f"{duty.origin.file}, SHA-256 {duty.origin.sha256[:16]}…"),
    )


def _lines(*given: tuple[str, ...]) -> list[Line]:
    lines = (Line(label=one[0], items=tuple(item for item in one[1:] if item)) for one in given)
    return [line for line in lines if line.items]


def ruling_lines(row: ClockRow | None) -> list[RulingLine]:
    """Tell what counsel ruled, the newest first."""
    acts = reversed(row.rulings) if row else ()
    return [
        RulingLine(
            at=datetime.fromisoformat(act["at"]),
            by=str(act["by"]),
            words="; ".join(_ruled(act)),
            reason=str(act["reason"]),
        )
        for act in acts
    ]


def _ruled(act: dict[str, Any]) -> Iterator[str]:
    kind = act["kind"]
    if kind == "extended":
        yield "took up the extension"
    elif kind == "tolled":
        yield f"held for law enforcement, evidence E-{act['evidence']}"
        if act.get("cleared_at"):
            yield f"cleared {_utc(act['cleared_at'])}"
    elif act.get("withdrawn"):
        yield "withdrew the ruling"
    else:
        if act.get("applies") is not None:
            yield "ruled that it applies" if act["applies"] else "ruled that it doesn’t apply"
        if act.get("due_at"):
            yield f"set the deadline to {_utc(act['due_at'])}"


def _utc(stored: str) -> str:
    return f"{datetime.fromisoformat(stored):%Y-%m-%d %H:%M} UTC"


def acts_of(file: ClockFile) -> Acts:
    """Say which acts make sense as the clock stands; services ask again and refuse the rest."""
    duty, state = file.obligation, file.state
    rulings = rulings_of(file.row)
    runs = duty is not None and duty.runs
    open_clock = state not in {None, ClockState.MET, ClockState.WAIVED, ClockState.NOT_APPLICABLE}
    ruled_on = runs and (open_clock or state in {None, ClockState.NOT_APPLICABLE})
    counts = open_clock and file.row is not None and file.row.due_at is not None
    return Acts(
        meet=open_clock or (ruled_on and file.applies),
        waive=open_clock,
        overrule=ruled_on,
        withdraw=ruled_on and rulings.overruled is not None,
        extend=bool(duty and duty.extension and counts and not rulings.extended),
        toll=bool(duty and duty.tolling and open_clock and not rulings.held),
        clear=rulings.held and open_clock,
    )
