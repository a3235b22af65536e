"""Reminders as rows: planned, fired once, late said as late, and told to the right person."""

from datetime import timedelta

from sqlmodel import col, select

from bot.domain.roles import Role
from bot.services.clock_marks import meet_clock
from bot.services.reminders import fire_reminders
from bot.services.roles import assign_role
from bot.store.outbox import Job
from bot.store.reminder_queries import incidents_with_reminders_due
from bot.store.tables import ClockRow, ReminderRow
from bot.store.unit_of_work import reading
from tests.conftest import T0
from tests.kit import ANA, LENA, SAM, Case, who

GDPR = "EU-GDPR-33-SA"


def tick(case: Case) -> list[Job]:
    """Fire what is due at the clock's time; return the jobs that tell people."""
    with case.work() as (tx, incident):
        fire_reminders(tx, incident)
        return [job for job in tx.jobs if job.name in {"announce", "tell"}]


def quiet(case: Case) -> None:
    """Meet our own clocks, so that only the law's is left to remind of."""
    with case.work() as (tx, incident):
        for key in ("triage", "escalation", "containment", "recovery"):
            meet_clock(tx, incident, key, proof="", actor=who(tx, ANA))


def planned(case: Case, key: str = GDPR) -> list[tuple[str, str]]:
    """Label and outcome of each reminder of a clock, in order of time."""
    with reading(case.store) as session:
        query = (
            select(ReminderRow)
            .join(ClockRow, col(ClockRow.id) == col(ReminderRow.clock_id))
            .where(ClockRow.key == key)
            .order_by(col(ReminderRow.at))
        )
        return [(row.label, row.outcome) for row in session.exec(query).all()]


def told(jobs: list[Job]) -> list[tuple[str, str | None, str, int]]:
    """Job, person, label and lateness in seconds."""
    return [
        (
            job.name,
            job.arguments.get("slack_id"),
            job.arguments["detail"]["label"],
            job.arguments["detail"]["late_s"],
        )
        for job in jobs
    ]


def test_a_clock_that_starts_has_its_reminders_planned(case: Case) -> None:
    case.learn({"aware_at": T0})
    assert planned(case) == [
        (label, "")
        for label in ("48 h left", "24 h left", "12 h left", "4 h left", "1 h left", "breach")
    ]


def test_each_fires_once_in_the_channel_and_to_legal(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=24)
    assert told(tick(case)) == [("announce", None, "48 h left", 0), ("tell", LENA, "48 h left", 0)]
    assert tick(case) == []
    case.clock.move(minutes=5)
    assert tick(case) == [], "another process after a kill finds nothing left"
    entry = [one for one in case.log() if one.event == "reminder.sent"]
    assert [one.data for one in entry] == [{"clock": GDPR, "label": "48 h left", "late_s": 0}]


def test_after_an_outage_the_latest_fires_and_says_it_is_late(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=69)
    assert told(tick(case))[0] == ("announce", None, "4 h left", 3600)
    assert planned(case)[:4] == [
        ("48 h left", "superseded"),
        ("24 h left", "superseded"),
        ("12 h left", "superseded"),
        ("4 h left", "fired"),
    ]


def test_the_breach_marks_the_clock_as_missed(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=72)
    tick(case)
    assert case.clock_row(GDPR).state == "running", "at its deadline it isn't late"
    case.clock.move(seconds=1)
    assert told(tick(case)) == [("announce", None, "breach", 0), ("tell", LENA, "breach", 0)]
    assert case.clock_row(GDPR).state == "missed"
    missed = [one for one in case.log() if one.event == "clock.missed"]
    assert [(one.data["clock"], one.data["due_at"]) for one in missed] == [
        (GDPR, "2026-11-22T09:00:00Z")
    ]
    logged = case.events()
    case.learn({"affected_total": 3})
    assert "clock.missed" not in case.events()[len(logged) :]
    assert "clock.resumed" not in case.events()[len(logged) :], "a missed clock doesn't run"


def test_a_fact_before_the_tick_leaves_the_breach_to_be_told(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=73)
    case.learn({"affected_total": 3})
    assert case.clock_row(GDPR).state == "missed"
    assert told(tick(case)) == [("tell", LENA, "breach", 3599)], (
        "the channel was told with the fact"
    )
    assert case.events().count("clock.missed") == 1
    assert tick(case) == []


def test_a_clock_that_starts_overdue_is_told_at_once(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0 - timedelta(hours=73)})
    assert told(tick(case)) == [("tell", LENA, "breach", 3599)]
    assert tick(case) == []


def test_a_deadline_moved_before_the_last_reminder_still_tells_its_breach(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=24)
    tick(case)
    case.learn({"aware_at": T0 - timedelta(hours=60)})
    assert case.clock_row(GDPR).due_at == T0 + timedelta(hours=12)
    assert told(tick(case)) == [("tell", LENA, "breach", 12 * 3600 - 1)]


def test_a_moved_deadline_is_planned_anew(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=24)
    tick(case)
    case.learn({"aware_at": T0 - timedelta(hours=10)})
    assert planned(case) == [
        ("48 h left", "fired"),
        ("24 h left", ""),
        ("12 h left", ""),
        ("4 h left", ""),
        ("1 h left", ""),
        ("breach", ""),
    ]
    case.clock.move(hours=14)
    assert told(tick(case))[0] == ("announce", None, "24 h left", 0)


def test_met_nobody_is_reminded_any_more(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        meet_clock(tx, incident, GDPR, proof="R-1", actor=who(tx, LENA))
    case.clock.move(hours=100)
    assert planned(case) == []
    assert tick(case) == []


def test_our_own_targets_remind_the_commander(case: Case) -> None:
    case.clock.move(minutes=45)
    assert told(tick(case))[:2] == [
        ("announce", None, "15 min left", 0),
        ("tell", ANA, "15 min left", 0),
    ]


def test_without_legal_the_commander_is_told(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        assign_role(tx, incident, Role.LEGAL, who(tx, SAM), actor=who(tx, ANA))
    case.clock.move(hours=24)
    assert told(tick(case))[1] == ("tell", SAM, "48 h left", 0)


def test_the_tick_finds_only_incidents_with_something_due(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    with reading(case.store) as session:
        assert list(incidents_with_reminders_due(session, T0 + timedelta(hours=23))) == []
        assert list(incidents_with_reminders_due(session, T0 + timedelta(hours=24))) == [1]
