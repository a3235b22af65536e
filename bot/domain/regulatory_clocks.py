"""What a regulatory clock does: waits, runs, is held, met, missed, waived, or doesn't apply.

Decides the state that follows from an obligation, the facts, other duties, what people ruled, and
`now`. It doesn't count (`deadlines`), judge applicability (`applicability`), remind (`reminders`),
or store anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.clocks import (
    NO_RULINGS,
    ClockMark,
    ClockNow,
    ClockStanding,
    ClockState,
    Rulings,
    shown_at,
)
from bot.domain.conditions import names_asked
from bot.domain.counting import end_of_day, end_of_period, local_date
from bot.domain.deadlines import Deadline, count, is_overdue, known_from, zone_for
from bot.domain.events import EVENTS, Instant, facts_of_event
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Facts
from bot.domain.obligations import Obligation, ObligationType, events_named
from bot.domain.truths import truth_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Others:
    """What is known of the incident's other duties, by obligation id; aware instants."""

    met: Mapping[str, datetime] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)


NO_OTHERS = Others()


@dataclass(frozen=True, kw_only=True, slots=True)
class RegulatoryClock:
    """One obligation's clock. Instants are aware UTC; `zone` is that in which days were counted."""

    obligation_id: str
    state: ClockState
    applicability: Applicability
    reason: str
    """One plain sentence: why the clock is in this state."""
    trigger_key: str | None
    """The fact or duty that starts it: the recorded one, else the first that is waited for."""
    trigger_at: datetime | None
    due_at: datetime | None
    """None while it waits, doesn't apply, or the law gives no number."""
    would_be_due_at: datetime | None
    """While it can't be told whether the duty applies: when it would be due if it does."""
    not_before: datetime | None
    lenient_due_at: datetime | None
    lenient_words: str
    extended_due_at: datetime | None
    zone: str
    rule: str
    missing: tuple[str, ...]
    """Keys of facts to ask for, the shortest sufficient set first."""
    caveats: tuple[str, ...]
    met_late: bool = False

    @property
    def now(self) -> ClockNow:
        """What `clock_changes` compares."""
        standing = ClockStanding(state=self.state, trigger_at=self.trigger_at, due_at=self.due_at)
        return ClockNow(
            id=self.obligation_id,
            standing=standing,
            reason=self.reason,
            zone=self.zone,
            cause=self.trigger_key or "the event",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """Everything about one clock that was worked out before its state."""

    obligation: Obligation
    verdict: Applicability
    deadline: Deadline | None
    due_at: datetime | None
    not_before: datetime | None
    rulings: Rulings
    mark: ClockMark | None
    now: datetime
    zone: ZoneInfo
    caveats: tuple[str, ...]


def regulatory_clock(
    obligation: Obligation,
    facts: Facts,
    *,
    now: datetime,
    mark: ClockMark | None = None,
    rulings: Rulings = NO_RULINGS,
    others: Others = NO_OTHERS,
) -> RegulatoryClock:
    """Work out the clock that an obligation should have now.

    Args:
        obligation: the duty.
        facts: those in force, the organisation's own among them.
        now: aware instant; only tells running from missed.
        mark: what a person decided about this clock; it stays whatever the facts say.
        rulings: what people ruled about its course: overruled, extended, held.
        others: when other duties were met and are due, for those counted from them.

    Raises:
        DeadlineError: the trigger lies so far out that nothing can be counted from it.
    """
    case = _work_out(obligation, facts, now=now, mark=mark, rulings=rulings, others=others)
    deadline, verdict = case.deadline, case.verdict
    state = _state(case)
    counted = mark is not None or verdict.verdict is Verdict.APPLIES
    return RegulatoryClock(
        obligation_id=obligation.id,
        state=state,
        applicability=verdict,
        reason=_reason(case, state),
        trigger_key=_cause(obligation, deadline),
        trigger_at=_instant(deadline.trigger_at, case.zone) if deadline else None,
        due_at=case.due_at if counted else None,
        would_be_due_at=case.due_at if verdict.verdict is Verdict.CANNOT_TELL else None,
        not_before=case.not_before if counted else None,
        lenient_due_at=deadline.lenient_due_at if deadline and counted else None,
        lenient_words=deadline.lenient_words if deadline and counted else "",
        extended_due_at=deadline.extended_due_at if deadline and counted else None,
        zone=case.zone.key,
        rule=obligation.counting,
        missing=_missing(case, state),
        caveats=case.caveats,
        met_late=bool(
            mark and case.due_at and state is ClockState.MET and is_overdue(case.due_at, mark.at)
        ),
    )


def facts_that_move(obligation: Obligation) -> frozenset[str]:
    """Name the facts (without jurisdiction) on which an obligation's clock rests.

    While none of them changes, and no duty of `duties_named`, `regulatory_clock` gives the same
    clock but for the passing of time.
    """
    asked = [obligation.applies_if, *(e.when for e in obligation.exemptions if e.when is not None)]
    if obligation.rollover and obligation.rollover.unless:
        asked.append(obligation.rollover.unless)
    names = {name for condition in asked for name in names_asked(condition)}
    names |= {fact for event in events_named(obligation) for fact in facts_of_event(event)}
    return frozenset(names | {obligation.zone.fact} - {""})


def _work_out(
    obligation: Obligation,
    facts: Facts,
    *,
    now: datetime,
    mark: ClockMark | None,
    rulings: Rulings,
    others: Others,
) -> _Case:
    verdict = ruled(assess(obligation, facts), rulings)
    zone = zone_for(obligation, facts)
    # An embargo ends early if another authority's notice is taken for the one it waits for: only
    # the fulfilment of the very duty that it names starts it.
    told = {} if obligation.type is ObligationType.EMBARGO else facts
    idle = mark is None and verdict.verdict is Verdict.DOES_NOT_APPLY
    deadline = (
        None
        if idle
        else count(
            obligation,
            known=known_from(told, others.met, others.due),
            zone=zone,
            judge=lambda condition: truth_of(condition, facts),
        )
    )
    due_at, words = _ruled_due(obligation, deadline, rulings, zone)
    not_before = deadline.not_before if deadline else None
    if obligation.type is ObligationType.EMBARGO and due_at:
        not_before, due_at = due_at, None
    caveats = deadline.caveats if deadline else obligation.caveats
    return _Case(
        obligation=obligation,
        verdict=verdict,
        deadline=deadline,
        due_at=due_at,
        not_before=not_before,
        rulings=rulings,
        mark=mark,
        now=now,
        zone=zone,
        caveats=(*words, *caveats),
    )


def ruled(verdict: Applicability, rulings: Rulings) -> Applicability:
    """Put counsel's answer over ours, and keep ours among the reasons."""
    ruling = rulings.overruled
    if ruling is None or ruling.applies is None:
        return verdict
    answer = Verdict.APPLIES if ruling.applies else Verdict.DOES_NOT_APPLY
    ours = verdict.verdict.value.replace("_", " ")
    reason = f"{ruling.by} overruled “{ours}”: {ruling.reason.rstrip('.')}"
    return Applicability(
        obligation_id=verdict.obligation_id,
        verdict=answer,
        reasons=(reason, *verdict.reasons),
        facts=verdict.facts,
    )


def _ruled_due(
    obligation: Obligation, deadline: Deadline | None, rulings: Rulings, zone: ZoneInfo
) -> tuple[datetime | None, list[str]]:
    """Give the deadline that counts after what people ruled, and what to say about it."""
    counted = deadline.due_at if deadline else None
    if rulings.overruled and rulings.overruled.due_at:
        ours = counted or (deadline.not_before if deadline else None)
        rule = (
            f"by the rule it would be {shown_at(ours, zone.key)}" if ours else "the rule has none"
        )
        return rulings.overruled.due_at, [f"{rulings.overruled.by} set this deadline; {rule}."]
    due_at, words = counted, []
    if rulings.extended and deadline and deadline.extended_due_at:
        due_at = deadline.extended_due_at
        words = [f"Extended by {rulings.extended.by}: {rulings.extended.reason.rstrip('.')}."]
    hold = rulings.hold
    if hold and hold.cleared_at and due_at:
        due_at, told = _after_clearance(obligation, due_at, hold.cleared_at, zone)
        words.append(told)
    return due_at, words


def _after_clearance(
    obligation: Obligation, due_at: datetime, cleared_at: datetime, zone: ZoneInfo
) -> tuple[datetime, str]:
    """Count what runs once law enforcement has cleared: never less than the period itself.

    A clearance before the original deadline leaves it alone, as Maryland says in words (Md. Com.
    Law 14-3504); where a law would give more, that is the safe side, and counsel may overrule.
    """
    if not is_overdue(due_at, cleared_at):
        return due_at, "Law enforcement cleared the notice; the original deadline stands."
    after = obligation.tolling.after if obligation.tolling else None
    if after:
        runs_until = end_of_period(after, cleared_at, zone)
        told = f"Law enforcement cleared the notice; {after} run from there."
        return runs_until or due_at, told
    # The law gives no number after clearance: the same day is the latest that nobody can blame.
    told = "The law gives no number after law enforcement's clearance: notify at once."
    return end_of_day(local_date(cleared_at, zone), zone), told


def _state(case: _Case) -> ClockState:
    if case.mark:
        return case.mark.state
    if case.verdict.verdict is Verdict.DOES_NOT_APPLY:
        return ClockState.NOT_APPLICABLE
    if case.verdict.verdict is Verdict.CANNOT_TELL or _waits(case):
        return ClockState.WAITING
    if case.rulings.held:
        return ClockState.TOLLED
    if case.not_before:
        ended = is_overdue(case.not_before, case.now)
        return ClockState.NOT_APPLICABLE if ended else ClockState.RUNNING
    if case.due_at and is_overdue(case.due_at, case.now):
        return ClockState.MISSED
    return ClockState.RUNNING


def _waits(case: _Case) -> bool:
    """Whether nothing starts or bounds it yet; a time that counsel set is enough."""
    return case.deadline is None and case.due_at is None and case.not_before is None


def _missing(case: _Case, state: ClockState) -> tuple[str, ...]:
    if state is not ClockState.WAITING:
        return ()
    if not _waits(case):
        return case.verdict.missing
    waits = EVENTS[case.obligation.trigger.events[0]].fact
    return (*case.verdict.missing, waits)


def _reason(case: _Case, state: ClockState) -> str:
    why = "; ".join(case.verdict.reasons)
    obligation = case.obligation
    if case.mark:
        done = "Met" if state is ClockState.MET else "Waived"
        return f"{done} by {case.mark.by}: {case.mark.reason.rstrip('.')}."
    if case.verdict.verdict is Verdict.DOES_NOT_APPLY:
        return f"Doesn't apply: {why}."
    if case.verdict.verdict is Verdict.CANNOT_TELL:
        return f"Can't tell yet whether it applies: {why}."
    if _waits(case):
        return f"Applies, and waits for {_waits_for(obligation)}: {why}."
    if state is ClockState.TOLLED and case.rulings.hold:
        hold = case.rulings.hold
        return (
            f"Held at the request of law enforcement since {shown_at(hold.since, case.zone.key)} "
            f"(evidence {hold.evidence}): {hold.reason.rstrip('.')}."
        )
    if case.not_before:
        until = shown_at(case.not_before, case.zone.key)
        if state is ClockState.NOT_APPLICABLE:
            return f"The embargo ended at {until}."
        return f"Nobody may be told until {until}: {why}."
    if state is ClockState.MISSED:
        passed = shown_at(case.due_at, case.zone.key)
        return f"The deadline passed at {passed} and nothing says that {obligation.id} was met."
    if case.deadline is None or (case.rulings.overruled and case.rulings.overruled.due_at):
        return f"Applies, due at the time that counsel set: {why}."
    counted = case.deadline.limb or f"counted from {obligation.trigger.words}"
    return f"Applies, {counted[0].lower() + counted[1:].rstrip('.')}: {why}."


def _waits_for(obligation: Obligation) -> str:
    trigger = obligation.trigger
    if trigger.of:
        return f"{trigger.words} ({' or '.join(trigger.of)})"
    fact = EVENTS[trigger.events[0]].fact
    return f"{fact} ({FACT_TYPES[fact].label})"


def _cause(obligation: Obligation, deadline: Deadline | None) -> str:
    return deadline.trigger_by if deadline else EVENTS[obligation.trigger.events[0]].fact


def _instant(at: Instant | None, zone: ZoneInfo) -> datetime | None:
    """Make an event an aware instant: a local date alone counts from its beginning."""
    if at is None or isinstance(at, datetime):
        return at
    return datetime.combine(at, datetime.min.time(), tzinfo=zone).astimezone(UTC)
