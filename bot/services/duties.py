"""One duty as it stands in an incident, and what has to be asked next to tell the others.

Only reads. Whether a duty applies is `bot.domain.applicability`'s, by when it is due
`bot.domain.regulatory_clocks`'s, the order of questions `bot.domain.questions`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from bot.domain.applicability import Verdict, assess
from bot.domain.clocks import ClockState
from bot.domain.events import EVENTS, facts_of_event
from bot.domain.facts import Facts
from bot.domain.obligations import Obligation
from bot.domain.questions import Question, question_label, rank_questions
from bot.domain.regulatory_clocks import regulatory_clock, ruled
from bot.domain.rulebook import Rulebook
from bot.domain.situation import DutyView, FactView, RulingView
from bot.services.assessments import Assessed, assess_all
from bot.services.clocks import others_of
from bot.services.rulings import rulings_of
from bot.services.situation import clock_view, fact_view
from bot.store.queries import clocks_of, facts_of
from bot.store.tables import ClockRow, Incident

AWARE = "aware_at"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenQuestions:
    """What to ask next, the best first, and how many duties can't be told without an answer."""

    asked: tuple[Question, ...]
    cannot_tell: int


def open_questions(
    session: Session, rules: Rulebook, incident: Incident, *, now: datetime
) -> OpenQuestions:
    """Rank what has to be known: first what starts a duty that applies, then what settles most.

    `now` is aware. What counsel has overruled, or a person has marked, isn't asked for.
    """
    facts = facts_of(session, incident)
    judged = [
        one
        for one in assess_all(session, rules, incident, facts, today=now.astimezone(UTC).date())
        if not _settled(one.clock)
    ]
    unsettled = [one for one in judged if one.applicability.verdict is Verdict.CANNOT_TELL]
    ranked = rank_questions(one.applicability for one in unsettled)
    starts = _starts(judged)
    keys = {one.key for one in starts}
    return OpenQuestions(
        asked=(*starts, *(one for one in ranked if one.key not in keys)),
        cannot_tell=len(unsettled),
    )


def _settled(clock: ClockRow | None) -> bool:
    return clock is not None and clock.state in {ClockState.MET, ClockState.WAIVED}


def _starts(judged: Iterable[Assessed]) -> list[Question]:
    """Ask for the events that duties which apply are waiting for, and only a person can tell.

    Where awareness will do until a later event is recorded, awareness is asked for: once for all.
    """
    waiting: dict[str, list[str]] = {}
    for one in judged:
        waits = one.clock is not None and one.clock.state == ClockState.WAITING
        event = one.obligation.trigger.events[0]
        if not waits or one.applicability.verdict is not Verdict.APPLIES:
            continue
        if not EVENTS[event].from_duty:
            told_by = facts_of_event(event)
            key = AWARE if AWARE in told_by else told_by[0]
            waiting.setdefault(key, []).append(one.obligation.id)
    return [
        Question(key=key, label=question_label(key), decides=tuple(ids), helps=tuple(ids))
        for key, ids in sorted(waiting.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def find_duty(rules: Rulebook, key: str) -> Obligation | None:
    """Find a duty of the pack by its id, in any case."""
    wanted = key.strip().upper()
    return rules.obligations.get(wanted) or next(
        (one for one in rules.obligations.values() if one.id.upper() == wanted), None
    )


def read_duty(session: Session, duty: Obligation, incident: Incident, *, now: datetime) -> DutyView:
    """Read one duty of the pack as it stands in the incident at `now` (aware)."""
    facts = facts_of(session, incident)
    rows = {row.key: row for row in clocks_of(session, incident)}
    row = rows.get(duty.id)
    rulings = rulings_of(row)
    verdict = ruled(assess(duty, facts), rulings)
    counted = (
        regulatory_clock(duty, facts, now=now, rulings=rulings, others=others_of(rows))
        if duty.runs
        else None
    )
    trigger = counted.trigger_key if counted else None
    return DutyView(
        ref=incident.ref,
        obligation=duty,
        verdict=verdict,
        counted=counted,
        clock=clock_view(row) if row else None,
        rulings=tuple(_ruling(act) for act in row.rulings) if row else (),
        facts=tuple(_recorded([*verdict.facts, *([trigger] if trigger else [])], facts)),
    )


def _recorded(keys: Sequence[str], facts: Facts) -> Iterable[FactView]:
    return (fact_view(facts[key]) for key in dict.fromkeys(keys) if key in facts)


def _ruling(act: Mapping[str, Any]) -> RulingView:
    def instant(name: str) -> datetime | None:
        stored = act.get(name)
        return datetime.fromisoformat(stored) if stored else None

    return RulingView(
        kind=str(act["kind"]),
        at=datetime.fromisoformat(act["at"]),
        by=str(act["by"]),
        reason=str(act["reason"]),
        applies=act.get("applies"),
        due_at=instant("due_at"),
        withdrawn=bool(act.get("withdrawn")),
        evidence=act.get("evidence"),
        cleared_at=instant("cleared_at"),
    )
