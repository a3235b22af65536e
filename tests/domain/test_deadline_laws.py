"""Laws that every deadline keeps, tried on every rule of the pack with chosen and random times."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obligation_kit import known, shipped

from bot.domain.counting import end_of_period, read_zone
from bot.domain.deadlines import Deadline, count
from bot.domain.events import EVENTS, Instant, Known
from bot.domain.obligations import (
    Extension,
    Limit,
    Obligation,
    ObligationType,
    Period,
    Relation,
    Rollover,
    Trigger,
    Unit,
    duties_named,
    events_named,
)

Pack = Mapping[str, Obligation]

ZONES = st.sampled_from(
    [
        "UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue",
        "Pacific/Guam", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kolkata",
    ]
).map(ZoneInfo)  # fmt: skip
# Twelve years: leap days, holidays that move, and few enough to load every calendar once.
FIRST, LAST = date(2024, 1, 1), date(2035, 12, 31)
INSTANTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2035, 12, 31),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
)
LATER = st.timedeltas(timedelta(0), timedelta(days=70))
PLACES = st.integers(min_value=0, max_value=10_000)
"""Chooses a rule: the place in a list, which is too short for the number to be its index."""

laws = settings(max_examples=150, deadline=None)


def chosen(place: int, fits: Callable[[Obligation], bool] = lambda _one: True) -> Obligation:
    listed = [one for one in shipped().values() if fits(one)]
    assert listed
    return listed[place % len(listed)]


def numbered(one: Obligation) -> bool:
    return one.period.number is not None


def in_days(one: Obligation) -> bool:
    return numbered(one) and one.period.unit is not Unit.HOURS


def in_hours(one: Obligation) -> bool:
    return one.period.unit is Unit.HOURS and not one.limits


def all_at(one: Obligation, at: datetime, apart: timedelta = timedelta(0)) -> Known:
    """Everything that the rule names has happened; `apart` lies between one event and the next."""
    facts = {name: at + index * apart for index, name in enumerate(events_named(one))}
    later = {key: at + (index + 1) * apart for index, key in enumerate(duties_named(one))}
    return known(facts, met=later, due={key: when + apart for key, when in later.items()})


def found(one: Obligation, told: Known, zone: ZoneInfo | None = None) -> Deadline:
    deadline = count(one, known=told, zone=zone)
    assert deadline is not None
    return deadline


def end(deadline: Deadline) -> datetime:
    """The instant that alarms, or an embargo, follow; the end of time where there is none."""
    return deadline.due_at or deadline.not_before or datetime.max.replace(tzinfo=UTC)


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, later=LATER, apart=LATER)
def test_if_everything_happens_later_the_deadline_is_never_earlier(
    place: int, at: datetime, later: timedelta, apart: timedelta
) -> None:
    one = chosen(place)
    assert end(found(one, all_at(one, at, apart))) <= end(
        found(one, all_at(one, at + later, apart))
    )


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, later=LATER)
def test_a_later_trigger_never_gives_an_earlier_deadline(
    place: int, at: datetime, later: timedelta
) -> None:
    one = chosen(place, lambda each: numbered(each) and not each.limits)
    event = one.trigger.events[0]
    first, second = (end(found(one, known({event: when}))) for when in (at, at + later))
    assert at < first <= second


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, more=st.integers(1, 400))
def test_a_longer_period_is_never_earlier(place: int, at: datetime, more: int) -> None:
    one = chosen(place, numbered)
    longer = replace(one, period=replace(one.period, number=(one.period.number or 0) + more))
    told = all_at(one, at)
    assert end(found(one, told)) <= end(found(longer, told))


@pytest.mark.slow
@laws
@given(
    place=PLACES, day=st.dates(FIRST, LAST), first=st.times(), second=st.times(), zone=ZONES
)  # fmt: skip
def test_days_never_depend_on_the_hour(
    *, place: int, day: date, first: time, second: time, zone: ZoneInfo
) -> None:
    one = chosen(place, lambda each: in_days(each) and not each.limits)
    event = one.trigger.events[0]
    by_date = found(one, known({event: day}), zone)
    for at in (first, second):
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        assert moment.astimezone(zone).date() == day
        by_instant = found(one, known({event: moment}), zone)
        assert end(by_instant) == end(by_date)
        assert by_instant.lenient_due_at == by_date.lenient_due_at
        assert by_instant.extended_due_at == by_date.extended_due_at


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, zone=ZONES)
def test_hours_are_exactly_that_many_wherever_and_whenever(
    place: int, at: datetime, zone: ZoneInfo
) -> None:
    one = chosen(place, in_hours)
    told = known({one.trigger.events[0]: at.astimezone(zone)})
    assert end(found(one, told, zone)) - at == timedelta(hours=one.period.number or 0)


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, zone=ZONES, apart=LATER)
def test_the_zone_in_which_an_event_is_written_does_not_matter(
    place: int, at: datetime, zone: ZoneInfo, apart: timedelta
) -> None:
    one = chosen(place)
    told = all_at(one, at, apart)
    written = Known(
        facts={key: _written(when, zone) for key, when in told.facts.items()},
        met={key: _written(when, zone) for key, when in told.met.items()},
        due=told.due,
    )
    first, second = found(one, written), found(one, told)
    # Python never holds an hour that comes twice in a zone equal to the same instant in UTC.
    assert first.trigger_at is None or _written(first.trigger_at, UTC) == second.trigger_at
    assert replace(first, trigger_at=None) == replace(second, trigger_at=None)


def _written(at: Instant, zone: tzinfo) -> Instant:
    return at.astimezone(zone) if isinstance(at, datetime) else at


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, number=st.integers(1, 90), unit=st.sampled_from(list(Unit)))
def test_an_extension_is_never_earlier(place: int, at: datetime, number: int, unit: Unit) -> None:
    one = chosen(place, numbered)
    if unit is Unit.NONE or (unit is Unit.BUSINESS_DAYS and not one.period.calendar):
        unit = Unit.CALENDAR_DAYS
    extended = replace(one, extension=Extension(number=number, unit=unit, condition="if asked."))
    deadline = found(extended, all_at(one, at))
    assert deadline.extended_due_at is None or deadline.extended_due_at >= end(deadline)


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS, apart=LATER, number=st.integers(1, 60), lapses=st.booleans())
def test_a_further_limit_is_never_later(
    *, place: int, at: datetime, apart: timedelta, number: int, lapses: bool
) -> None:
    one = chosen(place, lambda each: not any(limit.replaces for limit in each.limits))
    more = Limit(
        words="So many days of becoming aware.",
        trigger=Trigger(events=("awareness",), words="becoming aware"),
        period=Period(number=number, unit=Unit.CALENDAR_DAYS),
        lapses=lapses,
    )
    told = all_at(one, at, apart)
    told = replace(told, facts={**told.facts, "aware_at": at})
    limited = replace(one, limits=(*one.limits, more))
    assert end(found(limited, told)) <= end(found(one, told))
    assert end(found(one, told)) <= end(found(replace(one, limits=()), told))


@pytest.mark.slow
@laws
@given(
    place=PLACES,
    at=INSTANTS,
    apart=LATER,
    zone=ZONES,
    rollover=st.sampled_from([None, time(12), time(0)]),
)
def test_the_lenient_reading_is_never_earlier(
    *, place: int, at: datetime, apart: timedelta, zone: ZoneInfo, rollover: time | None
) -> None:
    one = chosen(place)
    rule = Rollover(calendar="EU", words="The next working day.", at=rollover, lenient=True)
    told = all_at(one, at, apart)
    for lenient in (
        replace(one, lenient="eu_1182_71", rollover=None),
        replace(one, lenient="", rollover=rule),
    ):
        deadline = found(lenient, told, zone)
        assert deadline.due_at == found(replace(one, lenient="", rollover=None), told, zone).due_at
        if deadline.lenient_due_at:
            assert deadline.lenient_due_at > end(deadline)
            assert deadline.lenient_words


@pytest.mark.slow
@laws
@given(place=PLACES, at=INSTANTS)
def test_nobody_may_be_told_before_the_event_of_an_embargo(place: int, at: datetime) -> None:
    one = chosen(place, numbered)
    hold = replace(one, type=ObligationType.EMBARGO, limits=())
    deadline = found(hold, all_at(one, at))
    assert deadline.due_at is None
    assert deadline.not_before is not None
    assert deadline.not_before > at


@pytest.mark.slow
@laws
@given(at=INSTANTS, zone=ZONES, day=st.dates(FIRST, LAST))
def test_before_is_one_second_sooner_than_together(at: datetime, zone: ZoneInfo, day: date) -> None:
    together = Period(number=None, unit=Unit.NONE, relation=Relation.NOT_LATER_THAN)
    before = replace(together, relation=Relation.BEFORE)
    assert end_of_period(together, at, zone) == at
    assert end_of_period(before, at, zone) == at - timedelta(seconds=1)
    assert end_of_period(before, day, zone) == end_of_period(
        together, day - timedelta(days=1), zone
    )


def test_the_zone_names_of_the_pack_exist_and_every_event_is_named_once(pack: Pack) -> None:
    for one in pack.values():
        assert read_zone(one.zone.name).key == one.zone.name
        assert set(events_named(one)) <= set(EVENTS), one.id
