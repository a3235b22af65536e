"""How a deadline is found from what is known: events, extensions, zones, caveats, refusals."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from obligation_kit import counted, facts, instant, known, local

from bot.domain.counting import DeadlineError, end_of_period, read_zone
from bot.domain.deadlines import count, find_event, zone_for
from bot.domain.events import EVENTS, Known
from bot.domain.obligations import (
    Extension,
    LegalConfidence,
    Limit,
    Obligation,
    Period,
    Pick,
    Relation,
    Trigger,
    Unit,
)

Pack = Mapping[str, Obligation]
NEW_YORK, PACIFIC, BRUSSELS = "America/New_York", "America/Los_Angeles", "Europe/Brussels"
DAYS = Period(number=10, unit=Unit.CALENDAR_DAYS)


def test_nothing_known_gives_no_deadline(pack: Pack) -> None:
    assert [one.id for one in pack.values() if count(one, known=Known()) is not None] == []


def test_florida_s_extension_is_counted_from_the_same_day_and_says_its_condition(
    pack: Pack,
) -> None:
    deadline = counted(pack["US-FL-IND"], {"determination": date(2026, 2, 10)})
    assert deadline.extended_due_at == local("2026-03-27 23:59:59", NEW_YORK)
    assert (
        "Until 2026-03-27 23:59 EDT if good cause for delay is given in writing to the Department "
        "within the first 30 days."
    ) in deadline.caveats


def test_an_extension_in_months_is_counted_with_the_period_not_after_it(pack: Pack) -> None:
    duty = replace(
        pack["EU-NIS2-FINAL"],
        extension=Extension(number=1, unit=Unit.MONTHS, condition="if asked."),
    )
    deadline = counted(duty, {"initial_notification": date(2026, 1, 31)})
    assert deadline.due_at == local("2026-02-28 23:59:59", BRUSSELS)
    assert deadline.extended_due_at == local("2026-03-31 23:59:59", BRUSSELS), "not 28 March"


def test_an_extension_in_another_unit_runs_on_from_the_deadline(pack: Pack) -> None:
    duty = replace(
        pack["EU-GDPR-33-SA"],
        extension=Extension(number=2, unit=Unit.CALENDAR_DAYS, condition="if asked."),
    )
    deadline = counted(duty, {"awareness": local("2026-03-02 10:00", BRUSSELS)})
    assert deadline.extended_due_at == local("2026-03-07 23:59:59", BRUSSELS)


@pytest.mark.parametrize("obligation_id", ["EU-GDPR-34-IND", "US-MA-IND"])
def test_without_a_number_there_is_no_deadline(obligation_id: str, pack: Pack) -> None:
    deadline = counted(pack[obligation_id], {"awareness": local("2026-03-02 10:00", BRUSSELS)})
    assert (deadline.due_at, deadline.due_local, deadline.extended_due_at) == (None, None, None)
    assert deadline.trigger_by == "aware_at"
    assert "no number" in deadline.rule


def test_a_date_counts_as_the_local_date_in_the_recipients_zone(pack: Pack) -> None:
    deadline = counted(pack["US-CA-IND"], {"discovery": date(2026, 1, 31)})
    assert deadline.due_at == datetime(2026, 3, 3, 7, 59, 59, tzinfo=UTC)
    assert str(deadline.due_local) == "2026-03-02 23:59:59-08:00"


def test_a_date_is_not_enough_for_hours(pack: Pack) -> None:
    with pytest.raises(DeadlineError, match="needs the time of day: write 2026-03-02T10:00:00Z"):
        counted(pack["EU-GDPR-33-SA"], {"awareness": date(2026, 3, 2)})


@pytest.mark.parametrize("obligation_id", ["US-CA-IND", "EU-GDPR-33-SA", "US-MD-AG"])
def test_a_naive_instant_is_refused(obligation_id: str, pack: Pack) -> None:
    naive = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - what the test is about
    event = pack[obligation_id].trigger.events[0]
    with pytest.raises(DeadlineError, match="has no offset: write 2026-03-02T10:00:00Z"):
        counted(pack[obligation_id], {event: naive})


@pytest.mark.parametrize(
    "obligation_id", ["EU-GDPR-33-SA", "US-CA-IND", "US-SEC-8K-105", "EU-NIS2-FINAL"]
)
def test_the_end_of_the_calendar_is_refused(obligation_id: str, pack: Pack) -> None:
    event = pack[obligation_id].trigger.events[0]
    with pytest.raises(DeadlineError, match="check the year"):
        counted(pack[obligation_id], {event: datetime(9999, 12, 31, 12, tzinfo=UTC)})


@pytest.mark.parametrize(
    ("events", "due", "by", "why"),
    [
        ({"awareness": "2026-03-04T10:00Z"}, "2026-04-03", "aware_at", "awareness stands in"),
        ({"discovery": "2026-03-02T18:00Z", "awareness": "2026-03-04T10:00Z"}, "2026-04-01",
         "discovered_at", "the event itself, when it was earlier"),
        ({"discovery": "2026-03-06T18:00Z", "awareness": "2026-03-04T10:00Z"}, "2026-04-05",
         "discovered_at", "and when it was later: a person has said so"),
    ],
)  # fmt: skip
def test_an_event_that_comes_no_later_stands_in_and_says_so(
    events: Mapping[str, str], due: str, by: str, why: str, pack: Pack
) -> None:
    told = {name: instant(at) for name, at in events.items()}
    deadline = counted(pack["US-CA-IND"], told)
    assert deadline.due_at == local(f"{due} 23:59:59", PACIFIC), why
    assert deadline.trigger_by == by
    caveat = "The time “discovered” isn't recorded: counted from the time “aware”."
    assert (caveat in deadline.caveats) == (by == "aware_at")


def test_nothing_stands_in_for_a_decision(pack: Pack) -> None:
    told = known({"awareness": instant("2026-03-02T10:00Z"), "discovery": date(2026, 3, 1)})
    for duty in ("US-TX-IND", "US-SEC-8K-105", "SG-PDPA-PDPC", "EU-DORA-FINAL"):
        assert count(pack[duty], known=told) is None, duty


def test_the_met_duty_counts_before_the_fact_of_the_whole_incident(pack: Pack) -> None:
    letters = {"individual_notice": instant("2026-03-01T10:00Z")}
    met = {"US-CA-IND": instant("2026-03-06T17:00Z"), "US-NY-IND": instant("2026-03-02T17:00Z")}
    assert counted(pack["US-CA-AG"], letters).trigger_by == "individuals_notified_at"
    found = counted(pack["US-CA-AG"], letters, met=met)
    assert (found.trigger_by, found.trigger_at) == ("US-CA-IND", met["US-CA-IND"])
    assert found.due_at == local("2026-03-21 23:59:59", PACIFIC)


@pytest.mark.parametrize(
    ("pick", "met", "by"),
    [
        (Pick.EARLIEST, {"US-PA-IND": "2026-03-09", "US-PA-IND-GOV": "2026-03-04T10:00Z"},
         "US-PA-IND-GOV"),
        (Pick.LATEST, {"US-PA-IND": "2026-03-09", "US-PA-IND-GOV": "2026-03-04T10:00Z"},
         "US-PA-IND"),
        (Pick.EARLIEST, {"US-PA-IND": "2026-03-02T00:30+01:00",
                         "US-PA-IND-GOV": "2026-03-01T23:45+00:00"}, "US-PA-IND"),
        (Pick.EARLIEST, {"US-PA-IND": "2026-03-04", "US-PA-IND-GOV": "2026-03-04T10:00Z"},
         "US-PA-IND-GOV"),
    ],
    ids=["earliest", "latest", "written in other zones", "a date alone is the end of its day"],
)  # fmt: skip
def test_of_several_duties_the_pick_counts(
    pick: Pick, met: Mapping[str, str], by: str, pack: Pack
) -> None:
    trigger = replace(pack["US-PA-AG"].trigger, pick=pick)
    times = {
        key: datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
        for key, at in met.items()
    }
    found = find_event(trigger, Known(met=times))
    assert found is not None
    assert (found.at, found.by) == (times[by], by)


def test_of_several_events_the_latest_waits_for_all() -> None:
    events = ("confirmation", "identification")
    latest = Trigger(events=events, words="both", pick=Pick.LATEST)
    earliest = replace(latest, pick=Pick.EARLIEST)
    one = known({"confirmation": instant("2026-03-02T10:00Z")})
    both = known(
        {
            "confirmation": instant("2026-03-02T10:00Z"),
            "identification": instant("2026-03-05T10:00Z"),
        }
    )
    assert find_event(latest, one) is None
    assert [found and found.by for found in (find_event(earliest, one), find_event(latest, both))]
    found = find_event(latest, both)
    assert found is not None
    assert found.by == "identified_at"


def test_every_event_has_a_fact_that_records_it() -> None:
    """Two events share a fact only where one is the other in another law's words."""
    shared = [
        name for name, one in EVENTS.items()
        if [other.fact for other in EVENTS.values()].count(one.fact) > 1
    ]  # fmt: skip
    assert shared == ["awareness", "occurrence_or_awareness"]


def test_louisiana_s_notice_must_have_arrived(pack: Pack) -> None:
    found = counted(pack["US-LA-AG"], {"individual_notice": date(2026, 11, 20)})
    assert "It must have been received by then: sending it is not enough." in found.caveats


def test_a_soft_limit_says_that_it_is_guidance(pack: Pack) -> None:
    found = counted(pack["JP-APPI-PRELIM"], {"awareness": date(2026, 3, 2)})
    assert "The number is the authority's guidance, not the statute." in found.caveats


def test_an_event_before_the_rule_took_effect_is_said(pack: Pack) -> None:
    duty = pack["US-CA-IND"]
    before = counted(duty, {"discovery": date(2025, 12, 31)}).caveats
    assert any(one.startswith("This rule took effect on 2026-01-01, after") for one in before)
    assert counted(duty, {"discovery": date(2026, 1, 1)}).caveats == duty.caveats


def test_an_event_after_the_rule_ended_is_said(pack: Pack) -> None:
    ended = replace(pack["US-CA-IND"], effective_until=date(2026, 6, 30))
    assert counted(ended, {"discovery": date(2026, 6, 30)}).caveats == ended.caveats
    after = counted(ended, {"discovery": date(2026, 7, 1)}).caveats
    assert after[-1].startswith("This rule ended on 2026-06-30, before the event")


def test_whatever_is_less_than_high_confidence_asks_for_counsel(pack: Pack) -> None:
    for one in pack.values():
        doubtful = one.confidence is not LegalConfidence.HIGH
        assert one.confirm_with_counsel is doubtful
        moment = known(dict.fromkeys(EVENTS, instant("2026-03-02T10:00Z")))
        deadline = count(one, known=moment)
        assert deadline is not None, one.id
        said = f"Our research is of {one.confidence} confidence: confirm with counsel."
        assert (said in deadline.caveats) is doubtful, one.id


def test_a_cut_off_ends_the_last_day_sooner_but_not_the_hours(pack: Pack) -> None:
    noon = replace(pack["US-CA-IND"], cutoff_local=time(12, 0))
    due = counted(noon, {"discovery": date(2026, 1, 31)}).due_at
    assert due == local("2026-03-02 12:00", PACIFIC)
    limit = Limit(
        words="Ten days.", period=DAYS, trigger=Trigger(events=("awareness",), words="aware")
    )
    both = replace(noon, limits=(limit,))
    due = counted(both, {"discovery": date(2026, 1, 31), "awareness": date(2026, 2, 1)}).due_at
    assert due == local("2026-02-11 12:00", PACIFIC)


def test_months_are_counted_from_the_original_date() -> None:
    zone = read_zone(BRUSSELS)
    for months, last in (
        (1, "2026-02-28"),
        (2, "2026-03-31"),
        (3, "2026-04-30"),
        (25, "2028-02-29"),
    ):
        period = Period(number=months, unit=Unit.MONTHS)
        end = end_of_period(period, date(2026, 1, 31), zone)
        assert end == local(f"{last} 23:59:59", BRUSSELS)
    year = Period(number=1, unit=Unit.YEARS)
    assert end_of_period(year, date(2028, 2, 29), zone) == local("2029-02-28 23:59:59", BRUSSELS)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(number=1, unit=Unit.HOURS), "1 hour"),
        (Period(number=15, unit=Unit.BUSINESS_DAYS, calendar="US"), "15 business days"),
        (Period(number=60, unit=Unit.CALENDAR_DAYS, from_year_end=True),
         "60 calendar days after the end of the year"),
        (Period(number=None, unit=Unit.NONE), "no number: without undue delay"),
        (Period(number=None, unit=Unit.NONE, relation=Relation.BEFORE), "before the event"),
        (Period(number=None, unit=Unit.NONE, relation=Relation.NOT_LATER_THAN),
         "together with the event"),
    ],
)  # fmt: skip
def test_a_period_in_words(period: Period, words: str) -> None:
    assert str(period) == words


@pytest.mark.parametrize(
    ("home_zone", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("America/Los_Angeles", "Europe/Brussels"),
        ("Europe/Nowhere", "Europe/Brussels"),
        (None, "Europe/Brussels"),
    ],
)
def test_the_eu_zone_follows_ours_if_it_is_european(
    home_zone: str | None, expected: str, pack: Pack
) -> None:
    told = facts({"home_zone": home_zone})
    assert zone_for(pack["EU-GDPR-33-SA"], told).key == expected
    assert zone_for(pack["US-CA-IND"], told).key == PACIFIC


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(DeadlineError, match="There is no time zone"):
        read_zone(name)


def test_hours_need_no_calendar_and_are_exact(pack: Pack) -> None:
    at = instant("2026-10-25T00:59:59Z")
    found = counted(pack["EU-GDPR-33-SA"], {"awareness": at})
    assert isinstance(at, datetime)
    assert found.due_at == at + timedelta(hours=72)
