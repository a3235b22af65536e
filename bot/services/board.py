"""The jurisdiction board of an incident: every duty of law with its clock, or why it has none.

Only reads. Decides which of three lists a duty stands in (it has a clock, it can't be told yet, it
doesn't apply) and what is shown of it. Whether a duty applies is `bot.domain.applicability`'s, by
when it is due `bot.domain.deadlines`'s, what to ask next `bot.domain.questions`'s.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from bot.domain.applicability import Applicability, Verdict
from bot.domain.clocks import ClockKind, ClockState
from bot.domain.deadlines import is_overdue
from bot.domain.events import EVENTS
from bot.domain.facts import Facts, value_of
from bot.domain.obligations import LegalConfidence, Obligation
from bot.domain.place_names import place_name
from bot.domain.questions import Question, rank_questions
from bot.domain.regulatory_clocks import regulatory_clock
from bot.domain.rulebook import Rulebook
from bot.services.assessments import Assessed, assess_all
from bot.services.clocks import others_of
from bot.services.rulings import rulings_of
from bot.store.queries import clocks_of, facts_of
from bot.store.tables import ClockRow, Incident


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """What a line of the board says of a duty itself, from the pack or as it was when counted."""

    key: str
    place: str
    """ISO 3166 code; EU stands for the whole Union."""
    recipient_kind: str
    recipient: str
    duty: str
    regime: str
    citation: str
    type: str
    confidence: str
    own: bool = False
    """Whether our organisation wrote the rule itself."""

    @property
    def place_name(self) -> str:
        """The place as people know it."""
        return place_name(self.place)

    @property
    def confirm_with_counsel(self) -> bool:
        """Whether the rule must be shown with “confirm with counsel”."""
        return self.confidence != LegalConfidence.HIGH


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    """A clock of the board. Instants are aware UTC; `zone` is that in which days were counted."""

    duty: Duty
    state: ClockState
    """As of now: a deadline that has passed is missed, whether or not the tick has said so."""
    zone: str
    reason: str
    started_at: datetime | None = None
    due_at: datetime | None = None
    not_before: datetime | None = None
    lenient_due_at: datetime | None = None
    extended_due_at: datetime | None = None
    met_at: datetime | None = None
    met_late: bool = False
    waits_for: str = ""
    """While it waits: the event or the duty that starts it, in a few words."""
    ruled: tuple[str, ...] = ()
    """What counsel ruled and is in force: overruled, extended, tolled."""

    @property
    def open(self) -> bool:
        """Whether it still asks for something."""
        return self.state not in {ClockState.MET, ClockState.WAIVED, ClockState.NOT_APPLICABLE}


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenDuty:
    """A duty of which nobody can say yet whether it applies."""

    duty: Duty
    reasons: tuple[str, ...]
    zone: str
    would_be_due_at: datetime | None
    """When it is due if it applies; None while its trigger isn't known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenQuestion:
    """A question with the duties that wait for it; each of them stands under one question only."""

    question: Question
    duties: tuple[OpenDuty, ...]
    answered: bool
    """The fact is recorded and leaves it open all the same: counsel has to say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitedTime:
    """An instant that clocks wait for: once it is recorded, they run."""

    fact: str
    keys: tuple[str, ...]
    """Ids of those duties."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherDuty:
    """A duty that doesn't apply, or never runs as a clock, and why."""

    duty: Duty
    reasons: tuple[str, ...]
    once: bool = False
    """Whether it had a clock before the facts changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """All duties of the pack as they stand in one incident."""

    rows: tuple[BoardRow, ...]
    """The nearest deadline first; met and waived ones last."""
    open_questions: tuple[OpenQuestion, ...]
    """What settles most duties first."""
    awaited: tuple[AwaitedTime, ...]
    """What starts most clocks first."""
    not_applying: tuple[OtherDuty, ...]
    never_running: tuple[OtherDuty, ...]
    """Signposts, duplicates, and rules that aren't in force or not confirmed."""

    @property
    def open_duties(self) -> tuple[OpenDuty, ...]:
        """Every duty that can't be told yet, the one that would be due first at the head."""
        found = [one for group in self.open_questions for one in group.duties]
        return tuple(sorted(found, key=lambda one: (_late(one.would_be_due_at), one.duty.key)))

    def in_state(self, *states: ClockState) -> int:
        """Count the clocks in any of these states."""
        return sum(1 for row in self.rows if row.state in states)


def read_board(session: Session, rules: Rulebook, incident: Incident, *, now: datetime) -> Board:
    """Read the board of an incident as of `now` (aware)."""
    facts = facts_of(session, incident)
    clocks = {
        row.key: row for row in clocks_of(session, incident) if row.kind == ClockKind.REGULATORY
    }
    judged = assess_all(session, rules, incident, facts, today=now.astimezone(UTC).date())
    verdicts = {one.obligation.id: one.applicability for one in judged}
    rows = [_row(row, rules, now) for row in clocks.values() if _has_line(row, verdicts)]
    rows += [
        _uncounted(one.obligation, facts, clocks, now)
        for one in judged
        if one.clock is None and one.applicability.verdict is Verdict.APPLIES
    ]
    shown = {row.duty.key for row in rows}
    unsettled = [
        one
        for one in judged
        if one.applicability.verdict is Verdict.CANNOT_TELL and one.obligation.id not in shown
    ]
    return Board(
        rows=tuple(sorted(rows, key=nearest)),
        open_questions=tuple(_questions(unsettled, facts, clocks, now)),
        awaited=tuple(_awaited(rows, rules)),
        not_applying=tuple(_not_applying(judged, clocks, shown)),
        never_running=tuple(
            OtherDuty(duty=duty_of(one), reasons=(never_runs(one),))
            for one in rules.obligations.values()
            if not one.runs
        ),
    )


def nearest(row: BoardRow) -> tuple[bool, bool, datetime, str]:
    """Sort key: the nearest deadline first, then no number, then what waits, then what is done."""
    waits = row.state is ClockState.WAITING
    return (not row.open, waits, _late(row.due_at or row.not_before), row.duty.key)


def _late(at: datetime | None) -> datetime:
    return at or datetime.max.replace(tzinfo=UTC)


def _has_line(row: ClockRow, verdicts: Mapping[str, Applicability]) -> bool:
    """Tell whether a clock stands among the deadlines.

    One that ran, and whose duty can't be told or doesn't apply any more, stands in the lists below
    them; a clock of a rule that has left the pack is shown as it was.
    """
    if row.state not in {ClockState.NOT_APPLICABLE, ClockState.WAITING}:
        return True
    verdict = verdicts.get(row.key)
    return verdict is None or verdict.verdict is Verdict.APPLIES


def shown_state(row: ClockRow, now: datetime) -> ClockState:
    """Give a clock's state as of now: a deadline may just have passed, or an embargo ended."""
    state = ClockState(row.state)
    if state is not ClockState.RUNNING:
        return state
    if row.due_at:
        return ClockState.MISSED if is_overdue(row.due_at, now) else state
    embargo = instant_of(row.detail, "not_before")
    return ClockState.NOT_APPLICABLE if embargo and is_overdue(embargo, now) else state


def _row(row: ClockRow, rules: Rulebook, now: datetime) -> BoardRow:
    duty = rules.obligations.get(row.key)
    detail: Mapping[str, Any] = row.detail
    rulings = rulings_of(row)
    ruled = {
        "overruled": rulings.overruled is not None,
        "extended": rulings.extended is not None,
        "tolled": rulings.held,
    }
    return BoardRow(
        duty=duty_of(duty) if duty else _as_counted(row),
        state=shown_state(row, now),
        zone=row.zone,
        reason=row.reason,
        started_at=row.started_at,
        due_at=row.due_at,
        not_before=instant_of(detail, "not_before"),
        lenient_due_at=instant_of(detail, "lenient_due_at"),
        extended_due_at=instant_of(detail, "extended_due_at"),
        met_at=row.met_at,
        met_late=bool(detail.get("met_late")),
        waits_for=_waits_for(duty) if duty else "",
        ruled=tuple(word for word, holds in ruled.items() if holds),
    )


def _uncounted(
    obligation: Obligation, facts: Facts, clocks: Mapping[str, ClockRow], now: datetime
) -> BoardRow:
    """Show a duty that applies and whose clock the next change of a fact will make.

    So it is when a rule took effect after the last fact was recorded.
    """
    clock = regulatory_clock(obligation, facts, now=now, others=others_of(clocks))
    return BoardRow(
        duty=duty_of(obligation),
        state=clock.state,
        zone=clock.zone,
        reason=clock.reason,
        started_at=clock.trigger_at,
        due_at=clock.due_at,
        not_before=clock.not_before,
        lenient_due_at=clock.lenient_due_at,
        extended_due_at=clock.extended_due_at,
        waits_for=_waits_for(obligation),
    )


def _waits_for(duty: Obligation) -> str:
    trigger = duty.trigger
    return " or ".join(trigger.of) or EVENTS[trigger.events[0]].words


def instant_of(detail: Mapping[str, Any], name: str) -> datetime | None:
    """Read an instant that a clock's detail keeps as text."""
    stored = detail.get(name)
    return datetime.fromisoformat(stored) if stored else None


def duty_of(obligation: Obligation) -> Duty:
    """Say what the board shows of a duty of the pack."""
    return Duty(
        key=obligation.id,
        place=obligation.jurisdiction,
        recipient_kind=obligation.recipient.kind.value,
        recipient=obligation.recipient.name,
        duty=obligation.duty,
        regime=obligation.regime,
        citation=obligation.citation,
        type=obligation.type.value,
        confidence=obligation.confidence.value,
        own=obligation.origin.own,
    )


def _as_counted(row: ClockRow) -> Duty:
    """Say what a clock keeps of a rule that has left the pack since."""
    detail: Mapping[str, Any] = row.detail
    return Duty(
        key=row.key,
        place=str(detail.get("jurisdiction", "")),
        recipient_kind=str(detail.get("recipient", "")),
        recipient=row.title,
        duty=str(detail.get("duty", row.title)),
        regime=row.title,
        citation=str(detail.get("citation", "")),
        type=str(detail.get("type", "deadline")),
        confidence=str(detail.get("confidence", "low")),
    )


def _questions(
    unsettled: Iterable[Assessed], facts: Facts, clocks: Mapping[str, ClockRow], now: datetime
) -> list[OpenQuestion]:
    """Put each duty under the first question that it waits for, in the order of asking."""
    waiting = {one.obligation.id: one for one in unsettled}
    others = others_of(clocks)
    found = []
    for question in rank_questions(one.applicability for one in waiting.values()):
        duties = []
        for key in question.helps:
            one = waiting.pop(key, None)
            if one is None:
                continue
            clock = regulatory_clock(
                one.obligation,
                facts,
                now=now,
                rulings=rulings_of(one.clock),
                others=others,
            )
            duties.append(
                OpenDuty(
                    duty=duty_of(one.obligation),
                    reasons=one.applicability.reasons,
                    zone=clock.zone,
                    would_be_due_at=clock.would_be_due_at,
                )
            )
        answered = value_of(facts, question.key) is not None
        found.append(OpenQuestion(question=question, duties=tuple(duties), answered=answered))
    return found


def _awaited(rows: Iterable[BoardRow], rules: Rulebook) -> list[AwaitedTime]:
    """Gather the times that nobody recorded yet; what other duties bring about isn't asked for."""
    waiting: dict[str, list[str]] = {}
    for row in rows:
        duty = rules.obligations.get(row.duty.key)
        if row.state is not ClockState.WAITING or duty is None or duty.trigger.of:
            continue
        event = EVENTS[duty.trigger.events[0]]
        if not event.from_duty:
            waiting.setdefault(event.fact, []).append(duty.id)
    found = [AwaitedTime(fact=fact, keys=tuple(keys)) for fact, keys in waiting.items()]
    return sorted(found, key=lambda one: (-len(one.keys), one.fact))


def _not_applying(
    judged: Iterable[Assessed], clocks: Mapping[str, ClockRow], shown: set[str]
) -> list[OtherDuty]:
    found = [
        OtherDuty(
            duty=duty_of(one.obligation),
            reasons=one.applicability.reasons,
            once=one.obligation.id in clocks,
        )
        for one in judged
        if one.applicability.verdict is Verdict.DOES_NOT_APPLY and one.obligation.id not in shown
    ]
    return sorted(found, key=lambda one: (not one.once, one.duty.place_name, one.duty.key))


def never_runs(obligation: Obligation) -> str:
    """Say why a duty of the pack never runs as a clock; empty if it does."""
    if obligation.disabled:
        return obligation.disabled
    if obligation.duplicate_of:
        return f"the same duty as {obligation.duplicate_of}, which is the one that runs"
    return "" if obligation.runs else "it points to other rules and has no period of its own"
