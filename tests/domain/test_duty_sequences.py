"""Duties in sequence: what bounds them, what replaces a limit, what has to come before or wait.

Each expected instant follows from the rule in words; deadlines of other duties are given.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import pytest
from obligation_kit import counted, instant, known, local

from bot.domain.deadlines import count
from bot.domain.events import Instant
from bot.domain.obligations import (
    Extension,
    Limit,
    Obligation,
    Period,
    Relation,
    Rollover,
    Trigger,
    Unit,
)

Pack = Mapping[str, Obligation]
NEW_YORK = "America/New_York"

LIMITS = [
    # id, events, duties met, deadlines of others, due, the words of the limb, why
    ("US-AR-AG", {"determination": "2026-03-02"}, {}, {}, "2026-04-17T04:59:59Z", "",
     "45 days, while nobody was told"),
    ("US-AR-AG", {"determination": "2026-03-02"}, {"US-AR-IND": "2026-03-20T15:00Z"}, {},
     "2026-03-20T15:00Z", "affected people", "at the same time as the residents"),
    ("US-AR-AG", {"determination": "2026-03-02"}, {"US-AR-IND": "2026-05-20T15:00Z"}, {},
     "2026-04-17T04:59:59Z", "", "the letters were later than the 45 days"),
    ("US-AR-AG", {}, {"US-AR-IND": "2026-03-20T15:00Z"}, {}, "2026-03-20T15:00Z", "affected people",
     "letters before any determination was recorded"),
    ("US-IL-AG-GOV", {"discovery": "2026-03-02"}, {}, {}, "2026-04-17T04:59:59Z", "", "45 days"),
    ("US-IL-AG-GOV", {"discovery": "2026-03-02"}, {"US-IL-IND": "2026-03-11T15:00Z"}, {},
     "2026-03-11T15:00Z", "consumers", "the letters came first"),
    ("US-VT-AG-PRELIM", {"discovery": "2026-06-15"}, {"US-VT-IND": "2026-06-25T15:00Z"}, {},
     "2026-06-25T15:00Z", "consumers", "consumers told within the 14 business days"),
    ("US-VT-AG-PRELIM", {"discovery": "2026-06-15"}, {"US-VT-IND": "2026-07-08T15:00Z"}, {},
     "2026-07-08T03:59:59Z", "", "consumers told after them"),
    ("US-MD-AG", {}, {}, {"US-MD-IND": "2026-07-17T03:59:59Z"}, "2026-07-17T03:59:59Z",
     "individuals is due", "bounded by the letters' own deadline"),
    ("US-MD-AG", {}, {"US-MD-IND": "2026-07-01T14:00Z"}, {"US-MD-IND": "2026-07-17T03:59:59Z"},
     "2026-07-01T13:59:59Z", "", "strictly before the letters: one second"),
    ("US-NH-AG", {}, {"US-NH-IND": "2026-07-01T14:00Z"}, {}, "2026-07-01T13:59:59Z", "",
     "before; New Hampshire's letters have no deadline of their own"),
    ("US-CT-AG", {}, {"US-CT-IND": "2026-03-20T15:00Z"}, {"US-CT-IND": "2026-05-01T03:59:59Z"},
     "2026-03-20T15:00Z", "", "not later than the residents: at that instant"),
    ("US-CT-AG", {}, {}, {"US-CT-IND": "2026-05-01T03:59:59Z"}, "2026-05-01T03:59:59Z", "resident",
     "not later than the residents' deadline"),
    ("US-PA-AG", {}, {}, {"US-PA-IND-GOV": "2026-05-01T03:59:59Z"}, "2026-05-01T03:59:59Z", "",
     "of two bounds the one that is there"),
    ("US-HIPAA-HHS-500", {"discovery": "2026-01-15"}, {},
     {"US-HIPAA-IND": "2026-03-17T03:59:59Z"}, "2026-03-17T03:59:59Z", "",
     "together with the letters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("obligation_id", "events", "met", "due_of", "due", "limb", "why"),
    LIMITS,
    ids=[f"{row[0]} {row[-1]}" for row in LIMITS],
)
def test_of_all_limits_the_earliest_counts(
    *,
    obligation_id: str,
    events: Mapping[str, str],
    met: Mapping[str, str],
    due_of: Mapping[str, str],
    due: str,
    limb: str,
    why: str,
    pack: Pack,
) -> None:
    found = counted(
        pack[obligation_id],
        {name: instant(at) for name, at in events.items()},
        met={key: instant(at) for key, at in met.items()},
        due={key: datetime.fromisoformat(at) for key, at in due_of.items()},
    )
    assert found.due_at == datetime.fromisoformat(due), why
    assert limb in found.limb


WEEK = Extension(number=7, unit=Unit.CALENDAR_DAYS, condition="if asked.")
LATER = Limit(
    words="Not later than the letters.",
    trigger=Trigger(events=("individual_notice",), words="the letters"),
    period=Period(number=None, unit=Unit.NONE, relation=Relation.NOT_LATER_THAN),
)


@pytest.mark.parametrize(
    ("letters", "due", "extended", "why"),
    [
        ("", "2026-04-01", "2026-04-08", "nothing else bounds it"),
        ("2026-04-20", "2026-04-01", "2026-04-08", "the letters are later still"),
        ("2026-04-03", "2026-04-01", "2026-04-03", "the letters bound the extended period too"),
        ("2026-03-20", "2026-03-20", "", "what the letters bound, no extension lengthens"),
    ],
)
def test_an_extension_lengthens_the_period_not_what_bounds_it(
    letters: str, due: str, extended: str, why: str, pack: Pack
) -> None:
    duty = replace(pack["US-NY-IND"], extension=WEEK, limits=(LATER,))
    events: dict[str, Instant] = {"discovery": date(2026, 3, 2)}
    if letters:
        events["individual_notice"] = date.fromisoformat(letters)
    found = counted(duty, events)
    assert found.due_at == local(f"{due} 23:59:59", NEW_YORK), why
    expected = local(f"{extended} 23:59:59", NEW_YORK) if extended else None
    assert found.extended_due_at == expected, why


def test_a_last_day_that_moves_does_so_before_the_limits_are_compared(pack: Pack) -> None:
    """Period to Saturday 28 February, moved to Monday; letters on Sunday bound it there."""
    relief = Rollover(calendar="US", words="The next business day.")
    duty = replace(pack["US-NY-IND"], rollover=relief, limits=(LATER,), extension=WEEK)
    events: dict[str, Instant] = {"discovery": date(2026, 1, 29)}
    monday = local("2026-03-02 23:59:59", NEW_YORK)
    found = counted(duty, events)
    # 30 + 7 days end on Saturday 7 March: an extended last day moves as well.
    assert (found.due_at, found.extended_due_at) == (monday, local("2026-03-09 23:59:59", NEW_YORK))
    found = counted(duty, {**events, "individual_notice": date(2026, 3, 1)})
    assert found.due_at == local("2026-03-01 23:59:59", NEW_YORK)


def test_before_a_day_is_the_end_of_the_day_before(pack: Pack) -> None:
    found = counted(pack["US-MD-AG"], {"individual_notice": date(2026, 7, 1)})
    assert found.due_at == local("2026-06-30 23:59:59", NEW_YORK)
    found = counted(pack["US-CT-AG"], {"individual_notice": date(2026, 7, 1)})
    assert found.due_at == local("2026-07-01 23:59:59", NEW_YORK)


DORA = [
    # aware, classified (empty: not yet), due, why
    ("2026-09-01T08:00Z", "", "2026-09-02T08:00Z", "the 24 hours run from the first minute"),
    ("2026-09-01T08:00Z", "2026-09-02T06:00Z", "2026-09-02T08:00Z", "24 h before 4 h"),
    ("2026-09-01T08:00Z", "2026-09-02T04:00Z", "2026-09-02T08:00Z", "both at once"),
    ("2026-09-01T08:00Z", "2026-09-02T08:00:00Z", "2026-09-02T08:00Z", "at the 24 hours exactly"),
    ("2026-09-01T08:00Z", "2026-09-02T08:00:01Z", "2026-09-02T12:00:01Z", "a second after them"),
    ("2026-10-24T22:00Z", "2026-10-25T00:30Z", "2026-10-25T04:30Z", "over the end of summer time"),
]


@pytest.mark.parametrize(("aware", "classified", "due", "why"), DORA, ids=[r[-1] for r in DORA])
def test_the_first_report_under_dora(
    aware: str, classified: str, due: str, why: str, pack: Pack
) -> None:
    events: dict[str, Instant] = {"awareness": instant(aware)}
    if classified:
        events["classification"] = instant(classified)
    expected = datetime.fromisoformat(due)
    assert counted(pack["EU-DORA-INIT-AWARE"], events).due_at == expected, why
    if classified:
        assert counted(pack["EU-DORA-INIT-CLASS"], events).due_at == expected, why
    else:
        assert count(pack["EU-DORA-INIT-CLASS"], known=known(events)) is None


def test_an_embargo_has_an_earliest_time_and_no_deadline(pack: Pack) -> None:
    hold = pack["US-FCC-CPNI-CUST-HOLD"]
    told = {"US-FCC-CPNI-LE": local("2026-10-21 15:00", NEW_YORK)}
    found = counted(hold, {}, met=told)
    # 22, 23, 26, 27, 28, 29, 30: seven full business days
    assert found.not_before == local("2026-10-30 23:59:59", NEW_YORK)
    assert (found.due_at, found.due_local, found.lenient_due_at) == (None, None, None)
