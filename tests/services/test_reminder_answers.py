"""What follows a reminder: silence is told on, an acknowledgement ends it, a snooze has limits."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.incident import IncidentError
from bot.domain.reminders import Snooze
from bot.domain.roles import NotAllowedError, Role
from bot.services.access import UnknownIncidentError
from bot.services.acknowledgement import Acknowledged, acknowledge, snooze
from bot.services.clock_marks import meet_clock
from bot.services.people import left_channel
from bot.services.roles import name_deputy
from bot.store.reminder_queries import incidents_with_reminders_due
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx, reading
from tests.conftest import T0
from tests.kit import ANA, CHRIS, FARID, LENA, OBSERVER, SAM, STRANGER, Case, who
from tests.services.reminder_kit import law, outcomes, quiet, reminders, tick, whom

HOUR = timedelta(hours=1)
DUE = T0 + 72 * HOUR


@pytest.fixture
def late(case: Case) -> Case:
    """A clock of 72 hours, 24 hours after its start: the reminder of 48 h left has just come."""
    quiet(case)
    law(case, DUE)
    case.clock.move(hours=24)
    assert whom(tick(case)) == [("reminder", "", ("LAW-01",)), ("reminder", LENA, ("LAW-01",))]
    return case


def token(case: Case, key: str = "LAW-01") -> str:
    """The button's word for the reminder that came last."""
    told = [row for row in reminders(case, key) if row.outcome in {"fired", "together"}]
    return f"ids:{told[-1].id}"


def deputies(case: Case, **names: str) -> None:
    with case.work() as (tx, incident):
        for role, slack_id in names.items():
            name_deputy(tx, incident, Role(role), who(tx, slack_id), actor=who(tx, ANA))


def seen(case: Case, *, by: str = LENA) -> Acknowledged:
    with case.work() as (tx, incident):
        return acknowledge(tx, incident, token(case), actor=who(tx, by))


def escalations(case: Case) -> list[tuple[int, int]]:
    return [
        (one.data["step"], len(one.data["to"]))
        for one in case.log()
        if one.event == "reminder.escalated"
    ]


# -- escalation -----------------------------------------------------------------------------


def test_silence_reaches_the_commander_then_the_deputies_and_then_ends(late: Case) -> None:
    deputies(late, legal=SAM, commander=CHRIS)
    late.clock.move(minutes=14, seconds=59)
    assert tick(late) == []
    late.clock.move(seconds=1)
    told = tick(late)
    assert whom(told) == [("escalation", ANA, ("LAW-01",))]
    assert (told[0].detail["step"], told[0].detail["silent_s"]) == (1, 900)
    assert tick(late) == [], "another process finds nothing left"
    late.clock.move(minutes=15)
    assert whom(tick(late)) == [
        ("escalation", SAM, ("LAW-01",)),
        ("escalation", CHRIS, ("LAW-01",)),
    ]
    late.clock.move(hours=11)
    assert tick(late) == []
    assert escalations(late) == [(1, 1), (2, 2)]


def test_the_tick_is_woken_by_silence_alone(late: Case) -> None:
    with reading(late.store) as session:
        before = incidents_with_reminders_due(session, late.clock.now + timedelta(minutes=14))
        after = incidents_with_reminders_due(session, late.clock.now + timedelta(minutes=15))
    assert (list(before), list(after)) == ([], [1])


def test_an_acknowledgement_ends_it(late: Case) -> None:
    assert seen(late) == Acknowledged(clocks=("LAW-01",))
    late.clock.move(minutes=40)
    assert tick(late) == []
    entry = late.log()[-1]
    assert (entry.event, entry.data) == ("reminder.acknowledged", {"clocks": ["LAW-01"]})


def test_the_second_who_acknowledges_hears_who_was_first(late: Case) -> None:
    at = late.clock.now
    seen(late)
    late.clock.move(minutes=3)
    logged = len(late.log())
    again = seen(late, by=FARID)
    assert again.before is not None
    assert (again.clocks, again.before.slack_id, again.before_at) == ((), LENA, at)
    assert len(late.log()) == logged


def test_between_the_steps_it_ends_too(late: Case) -> None:
    deputies(late, legal=SAM)
    late.clock.move(minutes=15)
    tick(late)
    seen(late, by=ANA)
    late.clock.move(minutes=15)
    assert tick(late) == []


def test_the_next_reminder_goes_on_where_the_silence_was(late: Case) -> None:
    """At 1 h left the 10 minutes have begun before; the deputies aren't told later for it."""
    deputies(late, legal=SAM)
    late.clock.now = DUE - 4 * HOUR - timedelta(minutes=5)
    tick(late)
    late.clock.now = DUE - 4 * HOUR
    assert [one.kind for one in tick(late)] == ["reminder", "reminder"]
    late.clock.move(minutes=10)
    assert whom(tick(late)) == [("escalation", ANA, ("LAW-01",))]
    late.clock.move(minutes=10)
    assert whom(tick(late)) == [("escalation", SAM, ("LAW-01",))]


def test_a_wait_that_began_goes_on_in_the_next_reminder(case: Case) -> None:
    """Our own clock of an hour: reminders come every few minutes and don't begin the wait anew."""
    case.clock.move(minutes=45)
    first = [one for one in tick(case) if one.clocks == ("triage",)]
    assert [one.detail["label"] for one in first] == ["15 min left"] * 2
    case.clock.move(minutes=10)
    assert whom(tick(case)) == [("escalation", ANA, ("triage",))]
    case.clock.move(minutes=5, seconds=1)
    assert [one.detail["label"] for one in tick(case) if one.clocks == ("triage",)] == [
        "breach"
    ] * 2
    row = reminders(case, "triage")[-1]
    assert (row.label, row.escalation) == ("breach", 1)
    assert row.escalate_at == T0 + timedelta(minutes=65), "as it was before the breach"


def test_after_an_outage_people_get_their_time_to_answer(late: Case) -> None:
    late.clock.now = DUE - 24 * HOUR + timedelta(minutes=30)
    assert [one.kind for one in tick(late)] == ["reminder", "reminder"]
    late.clock.move(minutes=14)
    assert tick(late) == []
    late.clock.move(minutes=1)
    assert whom(tick(late)) == [("escalation", ANA, ("LAW-01",))]


def test_a_breach_that_nobody_sees_goes_on_after_ten_minutes(late: Case) -> None:
    late.clock.now = DUE + timedelta(seconds=1)
    assert [one.detail["label"] for one in tick(late)] == ["breach", "breach"]
    assert tick(late) == []
    late.clock.move(minutes=10)
    assert whom(tick(late)) == [("escalation", ANA, ("LAW-01",))]


def test_met_nobody_else_is_told(late: Case) -> None:
    with late.work() as (tx, incident):
        meet_clock(tx, incident, "LAW-01", proof="R-1", actor=who(tx, LENA))
    late.clock.move(minutes=40)
    assert tick(late) == []


def test_with_days_left_silence_is_borne(case: Case) -> None:
    quiet(case)
    law(case, T0 + 30 * 24 * HOUR)
    case.clock.move(days=16)
    assert len(tick(case)) == 2
    case.clock.move(hours=6)
    assert tick(case) == []


def test_without_deputies_it_ends_with_the_commander(late: Case) -> None:
    late.clock.move(minutes=15)
    tick(late)
    late.clock.move(minutes=15)
    assert tick(late) == []
    assert escalations(late) == [(1, 1)]


def test_a_commander_who_left_is_passed_over(late: Case) -> None:
    deputies(late, legal=SAM)
    with late.work() as (tx, incident):
        left_channel(tx, incident, ANA)
    late.clock.move(minutes=15)
    assert whom(tick(late)) == [("escalation", SAM, ("LAW-01",))]
    late.clock.move(minutes=15)
    assert tick(late) == []


def test_our_own_target_goes_to_the_commanders_deputy_alone(case: Case) -> None:
    deputies(case, legal=SAM, commander=CHRIS)
    case.clock.move(minutes=45)
    tick(case)
    case.clock.move(minutes=10)
    assert whom(tick(case)) == [("escalation", ANA, ("triage",))]
    case.clock.move(minutes=5, seconds=1)
    tick(case)
    case.clock.move(minutes=5)
    assert next(one for one in tick(case) if one.kind == "escalation").to == CHRIS


def test_many_silent_clocks_are_one_message(case: Case) -> None:
    quiet(case)
    keys = law(case, *[DUE] * 12)
    case.clock.move(hours=24)
    tick(case)
    case.clock.move(minutes=15)
    assert whom(tick(case)) == [("escalation", ANA, tuple(keys))]
    assert escalations(case) == [(1, 1)]


# -- acknowledging --------------------------------------------------------------------------


def test_many_are_acknowledged_at_once(case: Case) -> None:
    quiet(case)
    keys = law(case, *[DUE] * 12)
    case.clock.move(hours=24)
    told = tick(case)
    with case.work() as (tx, incident):
        done = acknowledge(tx, incident, told[0].detail["token"], actor=who(tx, LENA))
    assert done.clocks == tuple(keys)
    case.clock.move(minutes=15)
    assert tick(case) == []


def test_a_button_names_a_hundred_and_the_time_of_more(case: Case) -> None:
    quiet(case)
    law(case, *[DUE] * 101)
    case.clock.move(hours=24)
    told = tick(case)
    assert told[0].detail["token"] == "until:2026-11-20T09:00:00+00:00"
    with case.work() as (tx, incident):
        done = acknowledge(tx, incident, told[0].detail["token"], actor=who(tx, LENA))
    assert len(done.clocks) == 101


def _snooze(tx: Tx, incident: Incident, word: str, actor: Person) -> None:
    snooze(tx, incident, word, Snooze.HOUR, actor=actor)


def _acknowledge(tx: Tx, incident: Incident, word: str, actor: Person) -> None:
    acknowledge(tx, incident, word, actor=actor)


@pytest.mark.parametrize("verb", [_acknowledge, _snooze])
@pytest.mark.parametrize(
    ("slack_id", "error"), [(OBSERVER, NotAllowedError), (STRANGER, UnknownIncidentError)]
)
def test_who_only_watches_or_isn_t_in_can_t_answer(
    late: Case,
    slack_id: str,
    error: type[Exception],
    verb: Callable[[Tx, Incident, str, Person], None],
) -> None:
    with late.work() as (tx, incident), pytest.raises(error):
        verb(tx, incident, token(late), who(tx, slack_id))
    late.clock.move(minutes=15)
    assert whom(tick(late)) == [("escalation", ANA, ("LAW-01",))]


@pytest.mark.parametrize("word", ["ids:99999", "ids:", "ids:x", "until:never", "", "until:"])
def test_a_button_of_nothing_is_refused(late: Case, word: str) -> None:
    with late.work() as (tx, incident), pytest.raises(IncidentError, match="no such reminders"):
        acknowledge(tx, incident, word, actor=who(tx, LENA))


def test_a_reminder_to_come_can_t_be_acknowledged(late: Case) -> None:
    ahead = reminders(late, "LAW-01")[-1]
    with late.work() as (tx, incident), pytest.raises(IncidentError, match="no such reminders"):
        acknowledge(tx, incident, f"ids:{ahead.id}", actor=who(tx, LENA))


# -- snoozing -------------------------------------------------------------------------------


def snoozed(case: Case, choice: Snooze, *, by: str = LENA) -> dict[str, str]:
    """Until when each clock is quiet, as hours after T0."""
    with case.work() as (tx, incident):
        ends = snooze(tx, incident, token(case), choice, actor=who(tx, by))
    return {key: f"{(end - T0) / HOUR:g}" for key, end in ends.items()}


def test_a_snooze_reminds_again_and_stops_the_escalation(late: Case) -> None:
    assert snoozed(late, Snooze.FOUR_HOURS) == {"LAW-01": "28"}
    assert late.clock_row("LAW-01").snoozed_until == T0 + 28 * HOUR
    entry = late.log()[-1]
    assert entry.event == "reminder.snoozed"
    assert entry.data == {"clocks": ["LAW-01"], "until": "2026-11-20T13:00:00Z"}
    late.clock.move(hours=3, minutes=59)
    assert tick(late) == []
    late.clock.move(minutes=1)
    told = tick(late)
    assert whom(told)[0] == ("reminder", "", ("LAW-01",))
    assert told[0].detail["label"] == "1 d 20 h left"
    late.clock.move(minutes=15)
    assert whom(tick(late)) == [("escalation", ANA, ("LAW-01",))], "silence counts again"


def test_what_falls_into_the_snooze_is_dropped(late: Case) -> None:
    late.clock.now = DUE - 24 * HOUR - HOUR
    assert snoozed(late, Snooze.FOUR_HOURS) == {"LAW-01": "51"}
    assert outcomes(late, "LAW-01") == [
        ("48 h left", "fired"),
        ("24 h left", "snoozed"),
        ("21 h left", ""),
        ("12 h left", ""),
        ("4 h left", ""),
        ("1 h left", ""),
        ("breach", ""),
    ]


def test_a_snooze_never_reaches_beyond_the_last_reminder(late: Case) -> None:
    late.clock.now = DUE - 4 * HOUR
    tick(late)
    assert snoozed(late, Snooze.FOUR_HOURS) == {"LAW-01": "71"}
    late.clock.now = DUE - HOUR
    assert [one.detail["label"] for one in tick(late)] == ["1 h left", "1 h left"]
    with pytest.raises(IncidentError, match="can't be snoozed"):
        snoozed(late, Snooze.HOUR)
    late.clock.now = DUE + timedelta(seconds=1)
    assert [one.detail["label"] for one in tick(late)] == ["breach", "breach"]
    with pytest.raises(IncidentError, match="can't be snoozed"):
        snoozed(late, Snooze.HOUR)
    assert late.clock_row("LAW-01").state == "missed"


def test_a_shorter_snooze_brings_back_what_a_longer_one_dropped(late: Case) -> None:
    late.clock.now = DUE - 24 * HOUR - 2 * HOUR
    assert snoozed(late, Snooze.FOUR_HOURS) == {"LAW-01": "50"}
    assert snoozed(late, Snooze.HOUR) == {"LAW-01": "47"}
    late.clock.now = DUE - 24 * HOUR
    assert "24 h left" in {one.detail["label"] for one in tick(late)}


def test_the_same_snooze_twice_reminds_once(late: Case) -> None:
    assert snoozed(late, Snooze.TOMORROW) == snoozed(late, Snooze.TOMORROW) == {"LAW-01": "45"}
    assert snoozed(late, Snooze.HOUR) == {"LAW-01": "25"}
    late.clock.move(hours=2)
    assert snoozed(late, Snooze.TOMORROW) == {"LAW-01": "45"}
    late.clock.now = T0 + 45 * HOUR
    assert len(tick(late)) == 2


def test_a_moved_deadline_ends_the_snooze(case: Case) -> None:
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=24)
    tick(case)
    with case.work() as (tx, incident):
        word = f"until:{tx.now.isoformat()}"
        snooze(tx, incident, word, Snooze.TOMORROW, actor=who(tx, LENA))
    case.learn({"aware_at": T0 - 10 * HOUR})
    assert case.clock_row("EU-GDPR-33-SA").snoozed_until is None
    assert ("24 h left", "") in outcomes(case, "EU-GDPR-33-SA")


def test_after_a_snooze_an_earlier_deadline_has_all_its_reminders(case: Case) -> None:
    """What was snoozed away lies where the new reminders are, and doesn't hide them."""
    quiet(case)
    case.learn({"aware_at": T0})
    case.clock.move(hours=24)
    tick(case)
    word = f"until:{case.clock.now.isoformat()}"
    case.clock.move(hours=23)
    with case.work() as (tx, incident):
        snooze(tx, incident, word, Snooze.FOUR_HOURS, actor=who(tx, LENA))
    assert ("24 h left", "snoozed") in outcomes(case, "EU-GDPR-33-SA")
    case.learn({"aware_at": T0 - 20 * HOUR})
    case.clock.move(hours=1)
    assert [one.detail["label"] for one in tick(case)] == ["4 h left", "4 h left"]


def test_of_many_each_is_snoozed_as_far_as_it_may(case: Case) -> None:
    quiet(case)
    soon, far = T0 + 9 * HOUR, T0 + 30 * HOUR
    law(case, soon, soon, far, far, far)
    case.clock.move(hours=6)
    assert {one.kind for one in tick(case)} == {"reminders"}
    with case.work() as (tx, incident):
        word = f"until:{tx.now.isoformat()}"
        ends = snooze(tx, incident, word, Snooze.FOUR_HOURS, actor=who(tx, LENA))
    assert ends == {
        "LAW-01": T0 + 8 * HOUR,
        "LAW-02": T0 + 8 * HOUR,
        **{f"LAW-0{n}": T0 + 10 * HOUR for n in (3, 4, 5)},
    }
