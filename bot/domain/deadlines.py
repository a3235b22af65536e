"""By when a duty is due: its limbs counted from what is known, and the earliest of them taken.

Decides which event starts a period, which limb is the deadline, and what is said beside it: the
lenient reading, the extension, the caveats. It counts strictly: what drives alarms is the earliest
defensible instant. The arithmetic is `counting`'s; whether the duty applies is `applicability`'s.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.business_days import (
    EU_CALENDARS,
    add_business_days,
    calendar_in,
    is_business_day,
    next_business_day,
)
from bot.domain.conditions import Condition, Truth
from bot.domain.counting import end_of_day, end_of_period, last_day, local_date, read_zone
from bot.domain.events import Happened, Instant, Known, happened
from bot.domain.facts import Facts, value_of
from bot.domain.obligations import (
    Limit,
    Obligation,
    ObligationType,
    Period,
    Pick,
    Relation,
    Rollover,
    Trigger,
    Unit,
)

Judge = Callable[[Condition], Truth]
"""Answers a condition from the facts in force."""

_NEVER = datetime.max.replace(tzinfo=UTC)
_ONE_HOUR = timedelta(hours=1)
_LEAST_WORKING_DAYS = 2
"""In any period of two days or more: Reg. (EEC, Euratom) 1182/71 Art. 3(5)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """The last instant at which the duty is still done in time. Instants are aware UTC."""

    due_at: datetime | None
    """None when the law gives no number, and for an embargo."""
    not_before: datetime | None
    """For an embargo: the instant until which nobody may be told."""
    lenient_due_at: datetime | None
    """Where a more generous reading exists; alarms never follow it."""
    lenient_words: str
    extended_due_at: datetime | None
    """The last instant if the extension that the law offers is taken up."""
    trigger_at: Instant | None
    """The event counted from; None if only another duty's deadline bounds this one."""
    trigger_by: str
    """The fact, or the id of the duty, that says so."""
    limb: str
    """The words of the limit that decided; empty for the period itself."""
    zone: str
    rule: str
    caveats: tuple[str, ...]

    @property
    def due_local(self) -> datetime | None:
        """`due_at` in the zone in which it was counted."""
        return self.due_at.astimezone(ZoneInfo(self.zone)) if self.due_at else None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limb:
    """One way to count the deadline, already counted."""

    due_at: datetime | None
    start: Instant | None
    by: str
    period: Period | None = None
    words: str = ""
    caveats: tuple[str, ...] = ()


def is_overdue(due_at: datetime, now: datetime) -> bool:
    """Say whether the deadline has passed: at `due_at` itself it has not."""
    return now > due_at


def zone_for(obligation: Obligation, facts: Facts) -> ZoneInfo:
    """Choose the recipient's zone: from the fact that the rule names if it fits, else the fixed."""
    rule = obligation.zone
    told = value_of(facts, rule.fact) if rule.fact else None
    if isinstance(told, str) and _fits(told, rule.prefixes):
        try:
            return read_zone(told)
        except ValueError:
            # Free text that names no zone; the rule's own zone is always right for the recipient.
            return read_zone(rule.name)
    return read_zone(rule.name)


def _fits(name: str, prefixes: tuple[str, ...]) -> bool:
    """`EU_EEA` among the prefixes stands for the zones of its members' authorities."""
    return name.startswith(prefixes) or ("EU_EEA" in prefixes and name in EU_CALENDARS)


def known_from(
    facts: Facts,
    met: Mapping[str, Instant] | None = None,
    due: Mapping[str, datetime] | None = None,
) -> Known:
    """Gather the instants among the facts in force, and what is known of other duties."""
    times = {
        key: fact.value for key, fact in facts.items() if isinstance(fact.value, datetime | date)
    }
    return Known(facts=times, met=met or {}, due=due or {})


def count(
    obligation: Obligation,
    *,
    known: Known,
    zone: ZoneInfo | None = None,
    judge: Judge = lambda _condition: Truth.UNKNOWN,
) -> Deadline | None:
    """Count the obligation's deadline from what is known; None while nothing starts or bounds it.

    Args:
        obligation: the duty, with its period, limits and rules.
        known: recorded instants (aware, or local dates), fulfilled duties and other deadlines.
        zone: the zone in which days are counted and shown; the obligation's own by default.
        judge: answers a condition of a rule, such as who is excluded from DORA's noon rule.

    Raises:
        DeadlineError: an instant has no offset, a date was given for hours, or the result lies
            outside the calendar.
    """
    where = zone or read_zone(obligation.zone.name)
    limbs = list(_limbs(obligation, known, where))
    if not limbs:
        return None
    reliefs = [(limb, *_relief(obligation, limb, where, judge)) for limb in limbs]
    chosen, strict, lenient, words = min(reliefs, key=lambda one: one[1] or _NEVER)
    embargo = obligation.type is ObligationType.EMBARGO
    bounds = [at for limb, at, *_ in reliefs if limb.words and at]
    extended = _extended(obligation, chosen, where, judge, after=strict, bounds=bounds)
    return Deadline(
        due_at=None if embargo else strict,
        not_before=strict if embargo else None,
        lenient_due_at=None if embargo else lenient,
        lenient_words=words,
        extended_due_at=extended,
        trigger_at=chosen.start,
        trigger_by=chosen.by,
        limb=chosen.words,
        zone=where.key,
        rule=obligation.counting,
        caveats=(
            *_moved(obligation, chosen, strict, where),
            *_caveats(obligation, chosen, extended, where),
        ),
    )


def _moved(
    obligation: Obligation, limb: _Limb, due_at: datetime | None, zone: ZoneInfo
) -> tuple[str, ...]:
    """Say that the law itself moved the last day, and from when."""
    if obligation.rollover is None or limb.due_at is None or limb.due_at == due_at:
        return ()
    counted = limb.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
    return (f"Moved from {counted}: {obligation.rollover.words}",)


def find_event(trigger: Trigger, known: Known) -> Happened | None:
    """Say when a trigger's event happened: the earliest or the latest of those that it names."""
    latest = trigger.pick is Pick.LATEST
    found = [happened(event, trigger.of, known, latest=latest) for event in trigger.events]
    told = [one for one in found if one is not None]
    if not told or (latest and len(told) < len(found)):
        return None
    return (max if latest else min)(told, key=lambda one: _moment(one.at))


def _moment(at: Instant) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.combine(at, datetime.max.time(), tzinfo=UTC)


def _limbs(obligation: Obligation, known: Known, zone: ZoneInfo) -> Iterator[_Limb]:
    whole = Limit(words="", trigger=obligation.trigger, period=obligation.period)
    main = _limb(obligation, whole, known, zone)
    further = [
        (limit, limb)
        for limit in obligation.limits
        if (limb := _further(obligation, limit, known, zone))
    ]
    if main and main.due_at:
        for limit, limb in further:
            if limit.replaces and limb.start is not None and _moment(limb.start) > main.due_at:
                yield limb
                return
        start = _moment(main.start) if main.start is not None else None
        further = [
            (limit, limb)
            for limit, limb in further
            if not (limit.lapses and start and limb.due_at and limb.due_at < start)
        ]
    if main:
        yield main
    # A limit that only replaces, or may lapse, says nothing while the main event is unknown.
    yield from (limb for limit, limb in further if main or not (limit.replaces or limit.lapses))


def _limb(obligation: Obligation, limit: Limit, known: Known, zone: ZoneInfo) -> _Limb | None:
    if limit.trigger is None or limit.period is None:
        raise ValueError(f"{obligation.id}: a limit needs a trigger with a period, or a deadline")
    event = find_event(limit.trigger, known)
    if event is None:
        return None
    return _Limb(
        due_at=end_of_period(limit.period, event.at, zone, cutoff=obligation.cutoff_local),
        start=event.at,
        by=event.by,
        period=limit.period,
        words=limit.words,
        caveats=tuple(one for one in (event.caveat, limit.trigger.caveat) if one),
    )


def _further(obligation: Obligation, limit: Limit, known: Known, zone: ZoneInfo) -> _Limb | None:
    if limit.deadline_of:
        due_at = known.due.get(limit.deadline_of)
        if due_at is None:
            return None
        return _Limb(due_at=due_at, start=None, by=limit.deadline_of, words=limit.words)
    return _limb(obligation, limit, known, zone)


def _relief(
    obligation: Obligation, limb: _Limb, zone: ZoneInfo, judge: Judge
) -> tuple[datetime | None, datetime | None, str]:
    """Give the strict deadline, and the lenient one with its words where there is another."""
    due_at, rule = limb.due_at, obligation.rollover
    if due_at is None or limb.period is None or limb.period.relation is not Relation.AFTER:
        return due_at, None, ""
    excluded = judge(rule.unless) if rule and rule.unless else Truth.NO
    if rule and excluded is not Truth.YES:
        rolled = _rolled(rule, due_at, zone)
        # Who isn't known to have the relief is alarmed as if they hadn't.
        if not rule.lenient and excluded is Truth.NO:
            return rolled, None, ""
        return due_at, rolled if rolled != due_at else None, rule.words if rolled != due_at else ""
    if obligation.lenient and limb.start is not None:
        lenient, words = _regulation_1182_71(limb.period, limb.start, zone)
        return due_at, lenient, words
    return due_at, None, ""


def _rolled(rule: Rollover, due_at: datetime, zone: ZoneInfo) -> datetime:
    day, calendar = due_at.astimezone(zone).date(), calendar_in(rule.calendar, zone.key)
    if is_business_day(day, calendar):
        return due_at
    return end_of_day(next_business_day(day, calendar), zone, rule.at)


def _regulation_1182_71(
    period: Period, start: Instant, zone: ZoneInfo
) -> tuple[datetime | None, str]:
    """Read the period by Regulation (EEC, Euratom) 1182/71 Art. 3(1), (4) and (5)."""
    if period.unit is Unit.HOURS and isinstance(start, datetime) and period.number is not None:
        full = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _ONE_HOUR
        words = (
            "Reg. 1182/71 Art. 3(1): the hour of the event isn't counted. Whether Art. 3(5) (two "
            "working days) reaches periods in hours is disputed; weekends never extend them."
        )
        return full + timedelta(hours=period.number), words
    day, calendar = last_day(period, start, zone), calendar_in("EU", zone.key)
    least = add_business_days(local_date(start, zone), _LEAST_WORKING_DAYS, calendar)
    rolled = next_business_day(day, calendar)
    words = (
        "Reg. 1182/71 Art. 3(4): a last day on a weekend or holiday moves to the next working day."
    )
    if period.unit is Unit.CALENDAR_DAYS and (period.number or 0) > 1 and least > rolled:
        rolled = least
        words = (
            "Reg. 1182/71 Art. 3(5): a period of two days or more has at least two working days."
        )
    if rolled == day:
        return None, ""
    return end_of_day(rolled, zone), words


def _extended(
    obligation: Obligation,
    limb: _Limb,
    zone: ZoneInfo,
    judge: Judge,
    *,
    after: datetime | None,
    bounds: list[datetime],
) -> datetime | None:
    """Say how far the extension reaches `after` the deadline; None if it doesn't.

    It lengthens the period, not what bounds it: the limits (which have words).
    """
    longer = None if limb.words else _longer(obligation, limb, zone)
    if longer is None or after is None:
        return None
    # A last day that moves off a holiday does so after an extension too.
    moved, _, _ = _relief(obligation, replace(limb, due_at=longer), zone, judge)
    reached = min([moved or longer, *bounds])
    return reached if reached > after else None


def _longer(obligation: Obligation, limb: _Limb, zone: ZoneInfo) -> datetime | None:
    """Count period and extension in one go from the original event, if their units agree."""
    extension, period = obligation.extension, limb.period
    if extension is None or period is None or limb.due_at is None or limb.start is None:
        return None
    if period.unit is extension.unit and period.number is not None:
        longer = Period(
            number=period.number + extension.number,
            unit=period.unit,
            calendar=period.calendar,
            first_day_included=period.first_day_included,
            from_year_end=period.from_year_end,
        )
        return end_of_period(longer, limb.start, zone, cutoff=obligation.cutoff_local)
    more = Period(number=extension.number, unit=extension.unit, calendar=period.calendar)
    return end_of_period(more, limb.due_at, zone, cutoff=obligation.cutoff_local)


def _caveats(
    obligation: Obligation, limb: _Limb, extended: datetime | None, zone: ZoneInfo
) -> Iterator[str]:
    yield from limb.caveats
    yield from obligation.caveats
    if obligation.must_arrive:
        yield "It must have been received by then: sending it is not enough."
    if obligation.extension and extended:
        until = extended.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
        yield f"Until {until} {obligation.extension.condition}"
    day = local_date(limb.start, zone) if limb.start is not None else None
    if day and obligation.effective_from and day < obligation.effective_from:
        yield (
            f"This rule took effect on {obligation.effective_from}, after the event: confirm with "
            f"counsel which rule counts."
        )
    if day and obligation.effective_until and day > obligation.effective_until:
        yield (
            f"This rule ended on {obligation.effective_until}, before the event: confirm with "
            f"counsel which rule counts."
        )
    if obligation.type is ObligationType.SOFT_LIMIT:
        yield "The number is the authority's guidance, not the statute."
    if obligation.confirm_with_counsel:
        yield f"Our research is of {obligation.confidence} confidence: confirm with counsel."
