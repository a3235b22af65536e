"""Deadlines of the twelve, from the worked examples of the reference notes and beyond.

A worked example carries its number there (n). Each row is tried one second before its deadline, at
it, and one second after.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obligation_kit import facts, local, shipped

from bot.domain.business_days import BusinessCalendar, add_business_days, is_business_day
from bot.domain.deadlines import DeadlineError, count, is_overdue, read_zone, zone_for
from bot.domain.obligations import LegalConfidence, Obligation

BERLIN, LONDON = "Europe/Berlin", "Europe/London"
NEW_YORK, CHICAGO, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"

WORKED = [
    # n, id, trigger, zone of the trigger, due in the zone of the rule, zone of the rule, why
    (1, "EU-GDPR-33-SA", "2026-03-02 10:00", BERLIN, "2026-03-05 10:00", BERLIN, "plain 72 h"),
    (3, "EU-GDPR-33-SA", "2026-11-19 09:15", BERLIN, "2026-11-22 09:15", BERLIN, "stays on Sunday"),
    (5, "EU-GDPR-33-SA", "2026-10-23 12:00", BERLIN, "2026-10-26 11:00", BERLIN, "autumn DST"),
    (7, "EU-GDPR-33-SA", "2026-12-31 18:00", LONDON, "2027-01-03 18:00", LONDON, "year roll-over"),
    (
        25,
        "US-CA-IND",
        "2026-01-31 10:00",
        PACIFIC,
        "2026-03-02 23:59:59",
        PACIFIC,
        "short February",
    ),
    (27, "US-TX-AG", "2026-11-01 08:00", CHICAGO, "2026-12-01 23:59:59", CHICAGO, "30 days"),
    (29, "US-FL-IND", "2026-02-10 15:00", NEW_YORK, "2026-03-12 23:59:59", NEW_YORK, "30 days"),
    (31, "US-SEC-8K-105", "2026-11-21 12:00", NEW_YORK, "2026-11-27 17:30", NEW_YORK, "Saturday"),
    (33, "US-SEC-8K-105", "2026-12-23 12:00", NEW_YORK, "2026-12-30 17:30", NEW_YORK, "Christmas"),
]

CORNERS = [
    ("EU-GDPR-33-SA", "2026-03-27 12:00", BERLIN, "2026-03-30 13:00", BERLIN, "spring DST"),
    ("EU-GDPR-33-SA", "2028-02-27 10:00", BERLIN, "2028-03-01 10:00", BERLIN, "leap day is in it"),
    ("EU-GDPR-33-SA", "2026-03-02 10:07", BERLIN, "2026-03-05 10:07", BERLIN, "to the minute"),
    ("GB-UKGDPR-33", "2026-12-24 17:45", LONDON, "2026-12-27 17:45", LONDON, "bank holidays count"),
    ("GB-UKGDPR-33", "2026-03-28 01:30", LONDON, "2026-03-31 02:30", LONDON, "British summer time"),
    ("US-CA-IND", "2028-01-30 10:00", PACIFIC, "2028-02-29 23:59:59", PACIFIC, "ends on leap day"),
    ("US-CA-IND", "2026-12-15 10:00", PACIFIC, "2027-01-14 23:59:59", PACIFIC, "year roll-over"),
    ("US-CA-IND", "2026-02-20 10:00", PACIFIC, "2026-03-22 23:59:59", PACIFIC, "DST within"),
    ("US-CA-IND", "2026-03-02 07:30", "UTC", "2026-03-31 23:59:59", PACIFIC, "still 1 March there"),
    ("US-CA-IND", "2026-03-02 08:30", "UTC", "2026-04-01 23:59:59", PACIFIC, "2 March there too"),
    ("US-CA-IND", "2026-03-02 00:00", PACIFIC, "2026-04-01 23:59:59", PACIFIC, "first minute"),
    ("US-CA-IND", "2026-03-02 23:59:59", PACIFIC, "2026-04-01 23:59:59", PACIFIC, "last second"),
    ("US-CA-AG", "2026-03-06 09:00", PACIFIC, "2026-03-21 23:59:59", PACIFIC, "stays on Saturday"),
    ("US-NY-IND", "2026-11-26 09:00", NEW_YORK, "2026-12-26 23:59:59", NEW_YORK, "Thanksgiving"),
    ("US-NY-AG", "2026-10-05 23:30", NEW_YORK, "2026-11-04 23:59:59", NEW_YORK, "autumn DST"),
    ("US-TX-IND", "2026-07-31 12:00", CHICAGO, "2026-09-29 23:59:59", CHICAGO, "60 days"),
    ("US-TX-IND", "2027-12-31 12:00", CHICAGO, "2028-02-29 23:59:59", CHICAGO, "ends on leap day"),
    ("US-FL-IND", "2026-12-02 12:00", NEW_YORK, "2027-01-01 23:59:59", NEW_YORK, "on New Year"),
    (
        "US-SEC-8K-105",
        "2026-03-02 09:00",
        NEW_YORK,
        "2026-03-06 17:30",
        NEW_YORK,
        "Monday to Friday",
    ),
    ("US-SEC-8K-105", "2026-03-02 18:00", NEW_YORK, "2026-03-06 17:30", NEW_YORK, "after closing"),
    ("US-SEC-8K-105", "2026-11-22 12:00", NEW_YORK, "2026-11-27 17:30", NEW_YORK, "Sunday as well"),
    ("US-SEC-8K-105", "2026-11-26 12:00", NEW_YORK, "2026-12-02 17:30", NEW_YORK, "on a holiday"),
    (
        "US-SEC-8K-105",
        "2026-03-31 12:00",
        NEW_YORK,
        "2026-04-06 17:30",
        NEW_YORK,
        "Good Friday counts",
    ),
    (
        "US-SEC-8K-105",
        "2026-10-08 12:00",
        NEW_YORK,
        "2026-10-15 17:30",
        NEW_YORK,
        "Columbus Day off",
    ),
    (
        "US-SEC-8K-105",
        "2026-11-06 12:00",
        NEW_YORK,
        "2026-11-13 17:30",
        NEW_YORK,
        "Veterans Day off",
    ),
    (
        "US-SEC-8K-105",
        "2026-07-01 12:00",
        NEW_YORK,
        "2026-07-08 17:30",
        NEW_YORK,
        "4 July on Friday",
    ),
    (
        "US-SEC-8K-105",
        "2027-12-29 12:00",
        NEW_YORK,
        "2028-01-05 17:30",
        NEW_YORK,
        "31 December off",
    ),
    (
        "US-SEC-8K-105",
        "2026-03-10 02:00",
        "UTC",
        "2026-03-13 17:30",
        NEW_YORK,
        "still Monday there",
    ),
]


@pytest.mark.parametrize(
    ("obligation_id", "trigger", "zone", "due", "rule_zone", "why"),
    [row[1:] for row in WORKED] + CORNERS,
    ids=[f"n{row[0]}" for row in WORKED] + [f"{row[0]} {row[5]}" for row in CORNERS],
)
def test_deadline(
    *, obligation_id: str, trigger: str, zone: str, due: str, rule_zone: str, why: str
) -> None:
    deadline = count(
        shipped()[obligation_id], trigger_at=local(trigger, zone), zone=ZoneInfo(rule_zone)
    )
    expected = local(due, rule_zone)
    assert deadline.due_at == expected, why
    assert deadline.zone == rule_zone
    assert [is_overdue(expected, expected + timedelta(seconds=s)) for s in (-1, 0, 1)] == [
        False,
        False,
        True,
    ]


def test_florida_extension_of_the_worked_example_29() -> None:
    deadline = count(shipped()["US-FL-IND"], trigger_at=date(2026, 2, 10))
    assert deadline.extended_due_at == local("2026-03-27 23:59:59", NEW_YORK)
    assert deadline.caveats[-1] == (
        "Until 2026-03-27 23:59 EDT if good cause for delay is given in writing to the Department "
        "within the first 30 days."
    )


@pytest.mark.parametrize("obligation_id", ["EU-GDPR-34-IND", "US-MA-IND"])
def test_without_a_number_there_is_no_deadline(obligation_id: str) -> None:
    deadline = count(shipped()[obligation_id], trigger_at=local("2026-03-02 10:00", BERLIN))
    assert (deadline.due_at, deadline.due_local, deadline.extended_due_at) == (None, None, None)
    assert "the law gives no number" in deadline.rule


def test_a_date_counts_as_the_local_date_in_the_recipients_zone() -> None:
    deadline = count(shipped()["US-CA-IND"], trigger_at=date(2026, 1, 31))
    assert deadline.due_at == datetime(2026, 3, 3, 7, 59, 59, tzinfo=UTC)
    assert str(deadline.due_local) == "2026-03-02 23:59:59-08:00"


def test_a_date_is_not_enough_for_hours() -> None:
    with pytest.raises(DeadlineError, match=r"EU-GDPR-33-SA is counted in hours .* 2026-03-02T10"):
        count(shipped()["EU-GDPR-33-SA"], trigger_at=date(2026, 3, 2))


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - what the test is about
    with pytest.raises(DeadlineError, match="has no offset: write 2026-03-02T10:00:00Z"):
        count(shipped()["US-CA-IND"], trigger_at=naive)


@pytest.mark.parametrize("obligation_id", ["EU-GDPR-33-SA", "US-CA-IND", "US-SEC-8K-105"])
def test_the_end_of_the_calendar_is_refused(obligation_id: str) -> None:
    with pytest.raises(DeadlineError, match="check the year"):
        count(shipped()[obligation_id], trigger_at=datetime(9999, 12, 31, 12, tzinfo=UTC))


def test_an_event_before_the_rule_took_effect_is_said() -> None:
    deadline = count(shipped()["US-CA-IND"], trigger_at=date(2025, 12, 31))
    assert deadline.caveats[-1].startswith("This rule took effect on 2026-01-01, after the event")
    on_the_day = count(shipped()["US-CA-IND"], trigger_at=date(2026, 1, 1))
    assert on_the_day.caveats == shipped()["US-CA-IND"].caveats


def test_an_event_after_the_rule_ended_is_said() -> None:
    ended = replace(shipped()["US-CA-IND"], effective_until=date(2026, 6, 30))
    assert count(ended, trigger_at=date(2026, 6, 30)).caveats == ended.caveats
    assert count(ended, trigger_at=date(2026, 7, 1)).caveats[-1].startswith("This rule ended on")


def test_less_than_high_confidence_asks_for_counsel() -> None:
    doubtful = replace(shipped()["US-CA-IND"], confidence=LegalConfidence.MEDIUM)
    last = count(doubtful, trigger_at=date(2026, 6, 30)).caveats[-1]
    assert last == "Our research is of medium confidence: confirm with counsel."


def test_a_cut_off_ends_the_last_day_sooner() -> None:
    noon = replace(shipped()["US-CA-IND"], cutoff_local=time(12, 0))
    assert count(noon, trigger_at=date(2026, 1, 31)).due_at == local("2026-03-02 12:00", PACIFIC)


@pytest.mark.parametrize(
    ("home_zone", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Atlantic/Reykjavik", "Atlantic/Reykjavik"),
        ("America/Los_Angeles", "Europe/Brussels"),
        ("Europe/Nowhere", "Europe/Brussels"),
        (None, "Europe/Brussels"),
    ],
)
def test_the_eu_zone_follows_ours_if_it_is_european(home_zone: str | None, expected: str) -> None:
    known = facts({"home_zone": home_zone})
    assert zone_for(shipped()["EU-GDPR-33-SA"], known).key == expected
    assert zone_for(shipped()["US-CA-IND"], known).key == PACIFIC


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(DeadlineError, match="There is no time zone"):
        read_zone(name)


def test_business_days_of_the_sec() -> None:
    sec = BusinessCalendar.SEC
    assert not is_business_day(date(2026, 7, 3), sec), "4 July 2026 is a Saturday: observed before"
    assert is_business_day(date(2026, 4, 3), sec), "Good Friday closes the exchange, not the SEC"
    assert add_business_days(date(2026, 7, 2), 1, sec) == date(2026, 7, 6)


INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
)
NUMBERED = st.sampled_from([one for one in shipped().values() if one.period.number])


def due(obligation: Obligation, trigger_at: datetime) -> datetime:
    due_at = count(obligation, trigger_at=trigger_at).due_at
    assert due_at is not None
    return due_at


ZONES = st.sampled_from(
    ["UTC", BERLIN, NEW_YORK, "Pacific/Kiritimati", "Pacific/Niue", "Australia/Lord_Howe"]
).map(ZoneInfo)


@pytest.mark.slow
@settings(max_examples=40)
@given(obligation=NUMBERED, first=INSTANTS, second=INSTANTS)
def test_a_later_trigger_never_gives_an_earlier_deadline(
    obligation: Obligation, first: datetime, second: datetime
) -> None:
    earlier, later = sorted([first, second])
    assert due(obligation, earlier) <= due(obligation, later)


@pytest.mark.slow
@settings(max_examples=40)
@given(obligation=NUMBERED, trigger_at=INSTANTS)
def test_a_deadline_lies_after_its_trigger(obligation: Obligation, trigger_at: datetime) -> None:
    assert due(obligation, trigger_at) > trigger_at


@pytest.mark.slow
@settings(max_examples=40)
@given(trigger_at=INSTANTS, zone=ZONES)
def test_hours_are_exactly_that_many_elapsed_hours(trigger_at: datetime, zone: ZoneInfo) -> None:
    gdpr = shipped()["EU-GDPR-33-SA"]
    assert due(gdpr, trigger_at.astimezone(zone)) - trigger_at == timedelta(hours=72)


@pytest.mark.slow
@settings(max_examples=40)
@given(obligation=NUMBERED, trigger_at=INSTANTS, zone=ZONES)
def test_the_zone_in_which_the_trigger_is_written_does_not_matter(
    obligation: Obligation, trigger_at: datetime, zone: ZoneInfo
) -> None:
    written = trigger_at.astimezone(zone)
    assert count(obligation, trigger_at=written) == count(obligation, trigger_at=trigger_at)


@pytest.mark.slow
@settings(max_examples=40)
@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), at=st.times(), zone=ZONES)
def test_days_never_depend_on_the_hour(day: date, at: time, zone: ZoneInfo) -> None:
    by_date = count(shipped()["US-CA-IND"], trigger_at=day, zone=zone)
    moment = datetime.combine(day, at, tzinfo=zone)
    if moment.astimezone(UTC).astimezone(zone).date() == day:  # some zones skipped a whole day
        assert count(shipped()["US-CA-IND"], trigger_at=moment, zone=zone) == by_date
