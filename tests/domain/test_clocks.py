"""What regulatory clocks do as facts come in, other duties are met, and people mark them."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from obligation_kit import APPLIES, NOW, SECOND, clock_of, local

from bot.domain.clocks import ClockChangeKind, ClockMark, ClockStanding, ClockState, clock_changes
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation
from bot.domain.regulatory_clocks import Others, RegulatoryClock

Pack = Mapping[str, Obligation]
Facts = dict[str, FactValue]

NEW_YORK, PACIFIC = "America/New_York", "America/Los_Angeles"
AWARE = local("2026-03-02 10:00", "Europe/Berlin")
DUE = local("2026-03-05 10:00", "Europe/Berlin")
HALDEN: Facts = {
    "established_in": ("DE", "US-CA"),
    "organisation_role": "controller",
    "home_zone": "Europe/Berlin",
    "personal_data_involved": True,
}
RUNNING: Facts = {**HALDEN, "aware_at": AWARE}
SSN: Facts = {"data_elements": ("name", "ssn")}
CALIFORNIANS: Facts = {**SSN, "residents:US-CA": 1200}
CPNI: Facts = {"entity_types": ("cpni_carrier",), "data_elements": ("cpni",)}


def test_waits_for_its_trigger_when_it_applies(pack: Pack) -> None:
    found = clock_of(pack["EU-GDPR-33-SA"], HALDEN)
    assert found.state is ClockState.WAITING
    assert (found.trigger_key, found.trigger_at, found.due_at) == ("aware_at", None, None)
    assert found.missing == ("aware_at",)
    assert found.reason.startswith(
        "Applies, and waits for aware_at (When did we become aware, with reasonable certainty?): "
        "personal data is involved; the organisation is established in DE"
    )


def test_runs_when_it_applies_and_its_trigger_is_known(pack: Pack) -> None:
    found = clock_of(pack["EU-GDPR-33-SA"], RUNNING)
    assert (found.state, found.trigger_at, found.due_at) == (ClockState.RUNNING, AWARE, DUE)
    assert (found.zone, found.missing, found.would_be_due_at) == ("Europe/Berlin", (), None)
    assert found.reason.startswith("Applies, counted from having become aware of the breach")
    assert found.rule == pack["EU-GDPR-33-SA"].counting
    assert found.applicability.open_questions == ("risk_to_people",)


def test_shows_the_possible_deadline_while_it_cannot_be_told(pack: Pack) -> None:
    known: Facts = {**CALIFORNIANS, "residents:US-CA": None, "discovered_at": AWARE}
    found = clock_of(pack["US-CA-IND"], known)
    assert (found.state, found.due_at) == (ClockState.WAITING, None)
    assert found.would_be_due_at == local("2026-04-01 23:59:59", PACIFIC)
    assert found.missing == ("residents:US-CA",)
    assert found.reason == (
        "Can't tell yet whether it applies: how many residents of US-CA are affected isn't "
        "recorded."
    )
    assert (found.lenient_due_at, found.extended_due_at, found.not_before) == (None, None, None)


def test_asks_for_the_trigger_too_while_it_cannot_be_told(pack: Pack) -> None:
    found = clock_of(pack["US-TX-IND"], {**SSN, "aware_at": AWARE})
    assert found.missing == ("residents:US-TX", "determined_at")
    assert found.would_be_due_at is None


def test_does_not_apply_with_the_reason(pack: Pack) -> None:
    found = clock_of(pack["US-SEC-8K-105"], {"sec_registrant": False})
    assert found.state is ClockState.NOT_APPLICABLE
    assert found.reason == "Doesn't apply: sec registrant: no."
    assert (found.due_at, found.missing) == (None, ())


def test_runs_without_a_deadline_where_the_law_gives_no_number(pack: Pack) -> None:
    known: Facts = {**RUNNING, "risk_to_people": "high"}
    found = clock_of(pack["EU-GDPR-34-IND"], known)
    assert (found.state, found.due_at) == (ClockState.RUNNING, None)
    late = clock_of(pack["EU-GDPR-34-IND"], known, now=NOW + timedelta(days=1000))
    assert late.state is ClockState.RUNNING, "there is no deadline to miss"


@pytest.mark.parametrize(
    ("offset", "state"),
    [
        (-SECOND, ClockState.RUNNING),
        (0 * SECOND, ClockState.RUNNING),
        (SECOND, ClockState.MISSED),
    ],
)
def test_is_missed_one_second_after_its_deadline(
    offset: timedelta, state: ClockState, pack: Pack
) -> None:
    assert clock_of(pack["EU-GDPR-33-SA"], RUNNING, now=DUE + offset).state is state


def test_missed_says_when_the_deadline_passed(pack: Pack) -> None:
    found = clock_of(pack["EU-GDPR-33-SA"], RUNNING, now=DUE + SECOND)
    assert found.reason == (
        "The deadline passed at 2026-03-05 10:00:00 CET and nothing says that EU-GDPR-33-SA was "
        "met."
    )


def test_awareness_stands_in_until_the_discovery_is_recorded(pack: Pack) -> None:
    discovered = AWARE - timedelta(days=3)
    stand_in = clock_of(pack["US-CA-IND"], {**CALIFORNIANS, "aware_at": AWARE})
    assert (stand_in.trigger_key, stand_in.trigger_at) == ("aware_at", AWARE)
    assert stand_in.caveats[0] == (
        "The time “discovered” isn't recorded: counted from the time “aware”."
    )
    both = clock_of(
        pack["US-CA-IND"], {**CALIFORNIANS, "aware_at": AWARE, "discovered_at": discovered}
    )
    assert (both.trigger_key, both.trigger_at) == ("discovered_at", discovered)
    assert both.caveats == pack["US-CA-IND"].caveats


def test_awareness_does_not_start_texas(pack: Pack) -> None:
    texans: Facts = {**SSN, "residents:US-TX": 300, "aware_at": AWARE, "discovered_at": AWARE}
    found = clock_of(pack["US-TX-AG"], texans)
    assert (found.state, found.missing) == (ClockState.WAITING, ("determined_at",))


def test_the_zone_of_the_relief_follows_who_we_are(pack: Pack) -> None:
    """A bank has no relief over the weekend; other financial entities report by Monday noon.

    Del. Reg. (EU) 2025/301 Art. 5(4) and (5).
    """
    submitted = local("2026-08-06 13:00", "Europe/Berlin")
    entity: Facts = {
        "home_zone": "Europe/Berlin",
        "entity_types": ("dora_financial_entity",),
        "major_ict_incident": True,
        "initial_notified_at": submitted,
    }
    insurer = clock_of(pack["EU-DORA-INTER"], entity)
    bank: Facts = {**entity, "entity_types": ("dora_financial_entity", "credit_institution")}
    assert insurer.due_at == local("2026-08-10 12:00", "Europe/Berlin")
    assert insurer.caveats[0].startswith("Moved from 2026-08-09 13:00 CEST: ")
    assert clock_of(pack["EU-DORA-INTER"], bank).due_at == local(
        "2026-08-09 13:00", "Europe/Berlin"
    )
    assert clock_of(pack["EU-DORA-INTER"], bank).lenient_due_at is None


def test_the_california_copy_waits_for_the_letters_and_follows_them(pack: Pack) -> None:
    duty = pack["US-CA-AG"]
    waiting = clock_of(duty, {**CALIFORNIANS, "discovered_at": AWARE})
    assert waiting.state is ClockState.WAITING
    assert waiting.missing == ("individuals_notified_at",)
    assert "waits for notifying the affected consumers (US-CA-IND)" in waiting.reason
    told = clock_of(duty, {**CALIFORNIANS, "individuals_notified_at": AWARE})
    assert told.due_at == local("2026-03-17 23:59:59", PACIFIC)
    met = Others(met={"US-CA-IND": AWARE + timedelta(days=1)})
    followed = clock_of(duty, {**CALIFORNIANS, "individuals_notified_at": AWARE}, others=met)
    assert (followed.trigger_key, followed.trigger_at) == ("US-CA-IND", met.met["US-CA-IND"])
    assert followed.due_at == local("2026-03-18 23:59:59", PACIFIC)


def test_maryland_s_attorney_general_is_bounded_by_the_letters_deadline(pack: Pack) -> None:
    known: Facts = {**SSN, "residents:US-MD": 5, "discovered_at": local("2026-06-01 09:00", "UTC")}
    letters = clock_of(pack["US-MD-IND"], known)
    assert letters.due_at == local("2026-07-16 23:59:59", NEW_YORK)
    bounded = clock_of(pack["US-MD-AG"], known, others=Others(due={"US-MD-IND": letters.due_at}))
    assert (bounded.state, bounded.due_at) == (ClockState.RUNNING, letters.due_at)
    assert (bounded.trigger_key, bounded.trigger_at) == ("US-MD-IND", None)
    assert bounded.reason.startswith("Applies, the notice to individuals is due, and this one")
    alone = clock_of(pack["US-MD-AG"], known)
    assert (alone.state, alone.due_at) == (ClockState.WAITING, None)


def test_letters_sent_first_make_maryland_s_attorney_general_late(pack: Pack) -> None:
    known: Facts = {**SSN, "residents:US-MD": 5}
    sent = Others(met={"US-MD-IND": NOW})
    assert clock_of(pack["US-MD-AG"], known, others=sent).state is ClockState.MISSED
    mark = ClockMark(state=ClockState.MET, at=NOW - SECOND, by="Lena", reason="form filed")
    met = clock_of(pack["US-MD-AG"], known, others=sent, mark=mark)
    assert (met.state, met.met_late) == (ClockState.MET, False)
    same = clock_of(
        pack["US-MD-AG"],
        known,
        others=sent,
        mark=ClockMark(state=ClockState.MET, at=NOW, by="Lena", reason="form filed"),
    )
    assert same.met_late, "strictly before"


def test_florida_carries_its_extension(pack: Pack) -> None:
    known: Facts = {**SSN, "residents:US-FL": 3, "determined_at": local("2026-02-10 12:00", "UTC")}
    found = clock_of(pack["US-FL-IND"], known)
    assert found.due_at == local("2026-03-12 23:59:59", NEW_YORK)
    assert found.extended_due_at == local("2026-03-27 23:59:59", NEW_YORK)


def test_an_embargo_runs_until_it_ends_and_is_never_missed(pack: Pack) -> None:
    hold = pack["US-FCC-CPNI-CUST-HOLD"]
    # Notified on Monday 2 March 2026: 3, 4, 5, 6, 9, 10, 11 are seven full business days.
    told = Others(met={"US-FCC-CPNI-LE": local("2026-03-02 11:00", NEW_YORK)})
    until = local("2026-03-11 23:59:59", NEW_YORK)
    states = [
        clock_of(hold, CPNI, now=until + s * SECOND, others=told, rulings=APPLIES)
        for s in (-1, 0, 1)
    ]
    assert [one.state for one in states] == [
        ClockState.RUNNING,
        ClockState.RUNNING,
        ClockState.NOT_APPLICABLE,
    ]
    assert {(one.not_before, one.due_at) for one in states} == {(until, None)}
    assert states[0].reason.startswith("Nobody may be told until 2026-03-11 23:59:59 EDT: ")
    assert states[2].reason == "The embargo ended at 2026-03-11 23:59:59 EDT."


def test_an_embargo_waits_for_the_notice_that_it_follows(pack: Pack) -> None:
    found = clock_of(pack["US-FCC-CPNI-CUST-HOLD"], CPNI, rulings=APPLIES)
    assert (found.state, found.not_before) == (ClockState.WAITING, None)
    assert "(US-FCC-CPNI-LE)" in found.reason


MET = ClockMark(state=ClockState.MET, at=DUE, by="Lena", reason="HmbBfDI reference 4711.")


def test_met_stays_met_whatever_the_facts_say(pack: Pack) -> None:
    duty, long_after = pack["EU-GDPR-33-SA"], DUE + timedelta(days=9)
    met = clock_of(duty, RUNNING, now=long_after, mark=MET)
    assert (met.state, met.met_late, met.due_at) == (ClockState.MET, False, DUE)
    assert met.reason == "Met by Lena: HmbBfDI reference 4711."
    unlikely: Facts = {**RUNNING, "risk_to_people": "unlikely"}
    assert clock_of(duty, unlikely, now=long_after, mark=MET).state is ClockState.MET


def test_met_after_the_deadline_is_late(pack: Pack) -> None:
    mark = ClockMark(state=ClockState.MET, at=DUE + SECOND, by="Lena", reason="filed")
    found = clock_of(pack["EU-GDPR-33-SA"], RUNNING, now=DUE + SECOND, mark=mark)
    assert (found.state, found.met_late) == (ClockState.MET, True)


def test_waived_gives_the_reason(pack: Pack) -> None:
    mark = ClockMark(state=ClockState.WAIVED, at=NOW, by="Lena", reason="GLBA notice given")
    found = clock_of(pack["US-CA-IND"], {**CALIFORNIANS, "discovered_at": AWARE}, mark=mark)
    assert found.state is ClockState.WAIVED
    assert found.reason == "Waived by Lena: GLBA notice given."
    assert not found.met_late


@pytest.mark.parametrize("state", [s for s in ClockState if s not in {"met", "waived"}])
def test_people_mark_only_met_or_waived(state: ClockState) -> None:
    with pytest.raises(ValueError, match="met or waived"):
        ClockMark(state=state, at=NOW, by="Lena", reason="no")


def kinds(previous: ClockStanding | None, found: RegulatoryClock) -> list[ClockChangeKind]:
    return [change.kind for change in clock_changes(previous, found.now)]


def test_changes_over_the_life_of_a_clock(pack: Pack) -> None:
    duty = pack["EU-GDPR-33-SA"]
    waiting, running = clock_of(duty, HALDEN), clock_of(duty, RUNNING)
    moved = clock_of(duty, {**RUNNING, "aware_at": AWARE - timedelta(hours=2)})
    missed = clock_of(duty, RUNNING, now=DUE + SECOND)
    exempt = clock_of(duty, {**RUNNING, "risk_to_people": "unlikely"})
    assert kinds(None, waiting) == [ClockChangeKind.WAITING]
    assert kinds(waiting.now.standing, waiting) == []
    assert kinds(waiting.now.standing, running) == [ClockChangeKind.STARTED]
    assert kinds(running.now.standing, running) == []
    assert kinds(running.now.standing, moved) == [ClockChangeKind.DUE_CHANGED]
    assert kinds(running.now.standing, missed) == [ClockChangeKind.MISSED]
    assert kinds(running.now.standing, exempt) == [ClockChangeKind.NOT_APPLICABLE]
    assert kinds(exempt.now.standing, running) == [ClockChangeKind.STARTED]
    assert kinds(missed.now.standing, running) == [ClockChangeKind.STARTED], "corrected to later"


def test_a_moved_deadline_says_from_when_to_when_and_why(pack: Pack) -> None:
    running = clock_of(pack["EU-GDPR-33-SA"], RUNNING).now.standing
    moved = clock_of(pack["EU-GDPR-33-SA"], {**RUNNING, "aware_at": AWARE - timedelta(hours=2)})
    (change,) = clock_changes(running, moved.now)
    assert (change.old, change.new) == (running, moved.now.standing)
    assert change.reason == (
        "The deadline moved from 2026-03-05 10:00:00 CET to 2026-03-05 08:00:00 CET, because "
        "aware_at is now 2026-03-02 08:00:00 CET."
    )


def test_a_marked_clock_tells_that_its_deadline_moved(pack: Pack) -> None:
    met = clock_of(pack["EU-GDPR-33-SA"], RUNNING, mark=MET)
    corrected: Facts = {**RUNNING, "aware_at": AWARE - timedelta(hours=2)}
    moved = clock_of(pack["EU-GDPR-33-SA"], corrected, mark=MET)
    (change,) = clock_changes(met.now.standing, moved.now)
    assert change.kind is ClockChangeKind.DUE_CHANGED
    assert change.reason.endswith("; the clock stays met.")
    assert moved.met_late, "against the corrected deadline it was late"
