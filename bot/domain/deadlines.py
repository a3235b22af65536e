"""By when a duty is due, counted exactly from the event that starts it.

Decides the instant only; whether the duty applies, and which fact starts it, are decided elsewhere.
Rules: hours are elapsed time, whatever the calendar or the wall clock does. Days are counted from
the local date in the recipient's zone, which itself isn't counted (Reg. (EEC, Euratom) 1182/71
Art. 3(1), and the default for U.S. state statutes); the last day ends at 23:59:59 or at the
recipient's cut-off, and never rolls over a weekend or holiday: that relief is a safety margin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.business_days import add_business_days
from bot.domain.facts import Facts, value_of
from bot.domain.obligations import Obligation, Period, Unit

_LAST_SECOND = time(23, 59, 59)


class DeadlineError(ValueError):
    """A deadline that can't be counted; the message says what to give instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """The last instant at which the duty is still done in time."""

    due_at: datetime | None
    """Aware UTC; None when the law gives no number."""
    extended_due_at: datetime | None
    """Aware UTC; the last instant if the extension that the law offers is taken up."""
    zone: str
    rule: str
    caveats: tuple[str, ...]

    @property
    def due_local(self) -> datetime | None:
        """`due_at` in the zone in which it was counted."""
        return self.due_at.astimezone(ZoneInfo(self.zone)) if self.due_at else None


def is_overdue(due_at: datetime, now: datetime) -> bool:
    """Say whether the deadline has passed: at `due_at` itself it has not."""
    return now > due_at


def read_zone(name: str) -> ZoneInfo:
    """Find an IANA time zone; raise `DeadlineError` if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of zones, an odd path
        raise DeadlineError(
            f"There is no time zone “{name}”: write one such as Europe/Berlin."
        ) from error


def zone_for(obligation: Obligation, facts: Facts) -> ZoneInfo:
    """Choose the recipient's zone: from the fact that the rule names if it fits, else the fixed."""
    rule = obligation.zone
    told = value_of(facts, rule.fact) if rule.fact else None
    if isinstance(told, str) and told.startswith(rule.prefixes):
        try:
            return read_zone(told)
        except DeadlineError:
            # Free text that names no zone; the rule's own zone is always right for the recipient.
            return read_zone(rule.name)
    return read_zone(rule.name)


def count(
    obligation: Obligation, *, trigger_at: datetime | date, zone: ZoneInfo | None = None
) -> Deadline:
    """Count the obligation's period from its trigger.

    Args:
        obligation: the duty, with its period and rules.
        trigger_at: an aware instant in any zone; or, for rules counted in days, a local date.
        zone: the zone in which days are counted and shown; the obligation's own by default.

    Raises:
        DeadlineError: the instant has no offset, a date was given for a rule counted in hours, or
            the result lies outside the calendar.
    """
    where = zone or read_zone(obligation.zone.name)
    if isinstance(trigger_at, datetime) and trigger_at.tzinfo is None:
        raise DeadlineError(
            f"{trigger_at.isoformat()} has no offset: write {trigger_at.isoformat()}Z or "
            f"{trigger_at.isoformat()}+01:00."
        )
    counter = _COUNTERS[obligation.period.unit]
    try:
        due_at = counter(obligation, obligation.period, trigger_at, where)
        extended = _extended(obligation, trigger_at, where)
        day = _local_date(trigger_at, where)
    except OverflowError as error:
        raise DeadlineError(
            f"{trigger_at.isoformat()} lies at the end of the calendar: check the year."
        ) from error
    return Deadline(
        due_at=due_at,
        extended_due_at=extended,
        zone=where.key,
        rule=obligation.counting,
        caveats=tuple(_caveats(obligation, day, extended, where)),
    )


def _local_date(trigger_at: datetime | date, zone: ZoneInfo) -> date:
    if isinstance(trigger_at, datetime):
        return trigger_at.astimezone(zone).date()
    return trigger_at


def _number(period: Period) -> int:
    if period.number is None:
        raise DeadlineError(f"A period in {period.unit} needs a number.")
    return period.number


def _hours(
    obligation: Obligation, period: Period, trigger_at: datetime | date, _zone: ZoneInfo
) -> datetime:
    if not isinstance(trigger_at, datetime):
        raise DeadlineError(
            f"{obligation.id} is counted in hours and needs the time of day: write "
            f"{trigger_at.isoformat()}T10:00:00Z."
        )
    # UTC first: adding to local time would follow the wall clock over a change of daylight saving.
    return trigger_at.astimezone(UTC) + timedelta(hours=_number(period))


def _calendar_days(
    obligation: Obligation, period: Period, trigger_at: datetime | date, zone: ZoneInfo
) -> datetime:
    last = _local_date(trigger_at, zone) + timedelta(days=_number(period))
    return _end_of(last, obligation, zone)


def _business_days(
    obligation: Obligation, period: Period, trigger_at: datetime | date, zone: ZoneInfo
) -> datetime:
    if period.calendar is None:
        raise DeadlineError(f"{obligation.id} is counted in business days and needs a calendar.")
    last = add_business_days(_local_date(trigger_at, zone), _number(period), period.calendar)
    return _end_of(last, obligation, zone)


def _no_number(
    _obligation: Obligation, _period: Period, _trigger_at: datetime | date, _zone: ZoneInfo
) -> None:
    """Without undue delay: there is nothing to count."""


def _end_of(day: date, obligation: Obligation, zone: ZoneInfo) -> datetime:
    at = obligation.cutoff_local or _LAST_SECOND
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


_Counter = Callable[[Obligation, Period, datetime | date, ZoneInfo], datetime | None]

_COUNTERS: dict[Unit, _Counter] = {
    Unit.HOURS: _hours,
    Unit.CALENDAR_DAYS: _calendar_days,
    Unit.BUSINESS_DAYS: _business_days,
    Unit.NONE: _no_number,
}


def _extended(
    obligation: Obligation, trigger_at: datetime | date, zone: ZoneInfo
) -> datetime | None:
    """Count period and extension in one go, from the original trigger."""
    if obligation.extension is None:
        return None
    period = obligation.period
    longer = Period(
        number=_number(period) + obligation.extension.number,
        unit=period.unit,
        calendar=period.calendar,
    )
    return _COUNTERS[period.unit](obligation, longer, trigger_at, zone)


def _caveats(
    obligation: Obligation, day: date, extended: datetime | None, zone: ZoneInfo
) -> list[str]:
    caveats = list(obligation.caveats)
    if obligation.extension and extended:
        until = extended.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
        caveats.append(f"Until {until} {obligation.extension.condition}")
    if day < obligation.effective_from:
        caveats.append(
            f"This rule took effect on {obligation.effective_from}, after the event: confirm with "
            f"counsel which rule counts."
        )
    if obligation.effective_until and day > obligation.effective_until:
        caveats.append(
            f"This rule ended on {obligation.effective_until}, before the event: confirm with "
            f"counsel which rule counts."
        )
    if obligation.confirm_with_counsel:
        caveats.append(
            f"Our research is of {obligation.confidence} confidence: confirm with counsel."
        )
    return caveats
