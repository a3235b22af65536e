"""What the clocks of the twelve do as facts come in, and what people's decisions change."""

from datetime import datetime, timedelta

import pytest
from obligation_kit import NOW, facts, local, shipped

from bot.domain.clocks import (
    ClockChangeKind,
    ClockMark,
    ClockStanding,
    ClockState,
    RegulatoryClock,
    clock_changes,
    containment_reading,
    facts_that_move,
    regulatory_clock,
)
from bot.domain.fact_dictionary import FACT_TYPES, FactKind, FactType
from bot.domain.facts import FactValue
from bot.domain.playbook import DEFAULT_CLOCKS

AWARE = local("2026-03-02 10:00", "Europe/Berlin")
DUE = local("2026-03-05 10:00", "Europe/Berlin")
HALDEN: dict[str, FactValue] = {
    "established_in": ("DE", "US-CA"),
    "organisation_role": "controller",
    "home_zone": "Europe/Berlin",
    "personal_data_involved": True,
}
CALIFORNIANS: dict[str, FactValue] = {"residents:US-CA": 1200, "data_elements": ("name", "ssn")}
SECOND = timedelta(seconds=1)


def clock(
    obligation_id: str,
    known: dict[str, FactValue],
    *,
    now: datetime = NOW,
    mark: ClockMark | None = None,
) -> RegulatoryClock:
    return regulatory_clock(shipped()[obligation_id], facts(known), now=now, mark=mark)


def test_waits_for_its_trigger_when_it_applies() -> None:
    found = clock("EU-GDPR-33-SA", HALDEN)
    assert found.state is ClockState.WAITING
    assert (found.trigger_key, found.trigger_at, found.due_at) == ("aware_at", None, None)
    assert found.missing == ("aware_at",)
    assert found.reason.startswith(
        "Applies, and waits for aware_at (When did we become aware, with reasonable certainty?): "
        "personal data is involved; the organisation is established in DE"
    )


def test_runs_when_it_applies_and_its_trigger_is_known() -> None:
    found = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE})
    assert (found.state, found.trigger_at, found.due_at) == (ClockState.RUNNING, AWARE, DUE)
    assert (found.zone, found.missing, found.would_be_due_at) == ("Europe/Berlin", (), None)
    assert found.reason.startswith("Applies, counted from having become aware of the breach")
    assert found.applicability.open_questions == ("risk_to_people",)


def test_shows_the_possible_deadline_while_it_cannot_be_told() -> None:
    found = clock("US-CA-IND", {**CALIFORNIANS, "residents:US-CA": None, "discovered_at": AWARE})
    assert (found.state, found.due_at) == (ClockState.WAITING, None)
    assert found.would_be_due_at == local("2026-04-01 23:59:59", "America/Los_Angeles")
    assert found.missing == ("residents:US-CA",)
    assert found.reason == (
        "Can't tell yet whether it applies: how many residents of US-CA are affected isn't "
        "recorded."
    )


def test_asks_for_the_trigger_too_while_it_cannot_be_told() -> None:
    found = clock("US-TX-IND", {"data_elements": ("name", "ssn"), "aware_at": AWARE})
    assert found.missing == ("residents:US-TX", "determined_at")
    assert found.would_be_due_at is None


def test_does_not_apply_with_the_reason() -> None:
    found = clock("US-SEC-8K-105", {"sec_registrant": False})
    assert found.state is ClockState.NOT_APPLICABLE
    assert found.reason == "Doesn't apply: sec registrant: no."
    assert (found.due_at, found.missing) == (None, ())


def test_runs_without_a_deadline_where_the_law_gives_no_number() -> None:
    found = clock("EU-GDPR-34-IND", {**HALDEN, "aware_at": AWARE, "risk_to_people": "high"})
    assert (found.state, found.due_at) == (ClockState.RUNNING, None)
    years_later = NOW + timedelta(days=1000)
    late = clock(
        "EU-GDPR-34-IND", {**HALDEN, "aware_at": AWARE, "risk_to_people": "high"}, now=years_later
    )
    assert late.state is ClockState.RUNNING, "there is no deadline to miss"


@pytest.mark.parametrize(
    ("offset", "state"),
    [
        (-SECOND, ClockState.RUNNING),
        (timedelta(0), ClockState.RUNNING),
        (SECOND, ClockState.MISSED),
    ],
)
def test_is_missed_one_second_after_its_deadline(offset: timedelta, state: ClockState) -> None:
    found = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE}, now=DUE + offset)
    assert found.state is state


def test_missed_says_when_the_deadline_passed() -> None:
    found = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE}, now=DUE + SECOND)
    assert found.reason == (
        "The deadline passed at 2026-03-05 10:00:00 CET and nothing says that EU-GDPR-33-SA was "
        "met."
    )


def test_the_first_recorded_trigger_counts() -> None:
    aware, discovered = AWARE, AWARE - timedelta(days=3)
    fallback = clock("US-CA-IND", {**CALIFORNIANS, "aware_at": aware})
    assert (fallback.trigger_key, fallback.trigger_at) == ("aware_at", aware)
    assert fallback.caveats[0] == (
        "No separate discovery time is recorded; counted from awareness."
    )
    both = clock("US-CA-IND", {**CALIFORNIANS, "aware_at": aware, "discovered_at": discovered})
    assert (both.trigger_key, both.trigger_at) == ("discovered_at", discovered)
    assert both.caveats == shipped()["US-CA-IND"].caveats


def test_awareness_does_not_start_texas() -> None:
    texans: dict[str, FactValue] = {"residents:US-TX": 300, "data_elements": ("name", "ssn")}
    found = clock("US-TX-AG", {**texans, "aware_at": AWARE, "discovered_at": AWARE})
    assert (found.state, found.missing) == (ClockState.WAITING, ("determined_at",))


def test_the_california_copy_follows_the_letters() -> None:
    waiting = clock("US-CA-AG", {**CALIFORNIANS, "discovered_at": AWARE})
    assert waiting.missing == ("individuals_notified_at",)
    sent = clock("US-CA-AG", {**CALIFORNIANS, "individuals_notified_at": AWARE})
    assert sent.due_at == local("2026-03-17 23:59:59", "America/Los_Angeles")


def test_florida_carries_its_extension() -> None:
    known: dict[str, FactValue] = {"residents:US-FL": 3, "data_elements": ("name", "ssn")}
    found = clock("US-FL-IND", {**known, "determined_at": local("2026-02-10 12:00", "UTC")})
    assert found.due_at == local("2026-03-12 23:59:59", "America/New_York")
    assert found.extended_due_at == local("2026-03-27 23:59:59", "America/New_York")


MET = ClockMark(state=ClockState.MET, at=DUE, by="Lena", reason="HmbBfDI reference 4711.")


def test_met_stays_met_whatever_the_facts_say() -> None:
    running: dict[str, FactValue] = {**HALDEN, "aware_at": AWARE}
    long_after = DUE + timedelta(days=9)
    met = clock("EU-GDPR-33-SA", running, now=long_after, mark=MET)
    assert (met.state, met.met_late, met.due_at) == (ClockState.MET, False, DUE)
    assert met.reason == "Met by Lena: HmbBfDI reference 4711."
    unlikely = clock(
        "EU-GDPR-33-SA", {**running, "risk_to_people": "unlikely"}, now=long_after, mark=MET
    )
    assert unlikely.state is ClockState.MET


def test_met_after_the_deadline_is_late() -> None:
    mark = ClockMark(state=ClockState.MET, at=DUE + SECOND, by="Lena", reason="filed")
    found = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE}, now=DUE + SECOND, mark=mark)
    assert (found.state, found.met_late) == (ClockState.MET, True)


def test_waived_gives_the_reason() -> None:
    mark = ClockMark(state=ClockState.WAIVED, at=NOW, by="Lena", reason="GLBA notice given")
    found = clock("US-CA-IND", {**CALIFORNIANS, "discovered_at": AWARE}, mark=mark)
    assert found.state is ClockState.WAIVED
    assert found.reason == "Waived by Lena: GLBA notice given."
    assert not found.met_late


@pytest.mark.parametrize("state", [s for s in ClockState if s not in {"met", "waived"}])
def test_people_mark_only_met_or_waived(state: ClockState) -> None:
    with pytest.raises(ValueError, match="met or waived"):
        ClockMark(state=state, at=NOW, by="Lena", reason="no")


def kinds(previous: ClockStanding | None, found: RegulatoryClock) -> list[ClockChangeKind]:
    return [change.kind for change in clock_changes(previous, found)]


def test_changes_over_the_life_of_a_clock() -> None:
    waiting = clock("EU-GDPR-33-SA", HALDEN)
    running = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE})
    moved = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE - timedelta(hours=2)})
    missed = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE}, now=DUE + SECOND)
    exempt = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE, "risk_to_people": "unlikely"})
    assert kinds(None, waiting) == [ClockChangeKind.WAITING]
    assert kinds(waiting.standing, waiting) == []
    assert kinds(waiting.standing, running) == [ClockChangeKind.STARTED]
    assert kinds(running.standing, running) == []
    assert kinds(running.standing, moved) == [ClockChangeKind.DUE_CHANGED]
    assert kinds(running.standing, missed) == [ClockChangeKind.MISSED]
    assert kinds(running.standing, exempt) == [ClockChangeKind.NOT_APPLICABLE]
    assert kinds(exempt.standing, running) == [ClockChangeKind.STARTED]
    assert kinds(missed.standing, running) == [ClockChangeKind.STARTED], "corrected to later"


def test_a_moved_deadline_says_from_when_to_when_and_why() -> None:
    running = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE})
    moved = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE - timedelta(hours=2)})
    (change,) = clock_changes(running.standing, moved)
    assert (change.old, change.new) == (running.standing, moved.standing)
    assert change.reason == (
        "The deadline moved from 2026-03-05 10:00:00 CET to 2026-03-05 08:00:00 CET, because "
        "aware_at is now 2026-03-02 08:00:00 CET."
    )


def test_a_marked_clock_tells_that_its_deadline_moved() -> None:
    met = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE}, mark=MET)
    moved = clock("EU-GDPR-33-SA", {**HALDEN, "aware_at": AWARE - timedelta(hours=2)}, mark=MET)
    (change,) = clock_changes(met.standing, moved)
    assert change.kind is ClockChangeKind.DUE_CHANGED
    assert change.reason.endswith("; the clock stays met.")
    assert moved.met_late, "against the corrected deadline it was late"


@pytest.mark.parametrize(
    ("met_after", "now_after", "state", "late", "reason"),
    [
        (
            None,
            "24:00:00",
            "running",
            False,
            "Runs from the opening of the incident until the incident is contained.",
        ),
        (
            None,
            "24:00:01",
            "missed",
            False,
            "The target passed, and it isn't recorded that the incident is contained.",
        ),
        ("23:00:00", "30:00:00", "met", False, "Containment met within the target."),
        ("25:00:00", "30:00:00", "met", True, "Containment met after the target."),
    ],
)
def test_containment(
    met_after: str | None, now_after: str, state: str, *, late: bool, reason: str
) -> None:
    def after(text: str) -> timedelta:
        hours, minutes, seconds = map(int, text.split(":"))
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)

    found = containment_reading(
        DEFAULT_CLOCKS["containment"],
        started_at=AWARE,
        met_at=AWARE + after(met_after) if met_after else None,
        now=AWARE + after(now_after),
    )
    assert (found.state, found.met_late, found.reason) == (state, late, reason)
    assert found.due_at == AWARE + timedelta(hours=24)


def test_containment_waits_for_its_start() -> None:
    found = containment_reading(DEFAULT_CLOCKS["triage"], started_at=None, met_at=None, now=NOW)
    assert (found.state, found.due_at) == (ClockState.WAITING, None)
    assert found.reason == "Waits for the opening of the incident to be recorded."


VALUES: dict[FactKind, tuple[FactValue, ...]] = {
    FactKind.INSTANT: (AWARE, None),
    FactKind.COUNT: (0, 3, 100_000, None),
    FactKind.YES_NO: (True, False, None),
    FactKind.TEXT: ("America/New_York", "Europe/Paris", None),
}


def values_of(spec: FactType) -> tuple[FactValue, ...]:
    if spec.kind is FactKind.CHOICE:
        return (*spec.choices, None)
    if spec.name == "established_in":
        return (("DE",), ("US-TX", "GB"), ())
    return VALUES.get(spec.kind, (*((one,) for one in spec.choices), (), spec.choices, None))


@pytest.mark.parametrize("obligation_id", sorted(shipped()))
def test_only_the_named_facts_move_a_clock(obligation_id: str) -> None:
    """Recording a fact looks only at the clocks that it can move; none may be left behind."""
    obligation = shipped()[obligation_id]
    named = facts_that_move(obligation)
    known: dict[str, FactValue] = {**HALDEN, **CALIFORNIANS, "aware_at": AWARE}
    before = regulatory_clock(obligation, facts(known), now=NOW)
    moved = set()
    for name, spec in FACT_TYPES.items():
        for value in values_of(spec):
            key = f"{name}:US-NY" if spec.per_jurisdiction else name
            if regulatory_clock(obligation, facts(known | {key: value}), now=NOW) != before:
                moved.add(name)
    assert moved <= named
    assert moved
