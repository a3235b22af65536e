"""What counsel's rulings do to a clock: overruled, extended, held for law enforcement, cleared."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from obligation_kit import NOW, SECOND, clock_of, local

from bot.domain.applicability import Verdict
from bot.domain.clocks import (
    ClockChangeKind,
    ClockMark,
    ClockState,
    Extended,
    Hold,
    Overruled,
    Rulings,
    clock_changes,
)
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation
from bot.domain.regulatory_clocks import Others

Pack = Mapping[str, Obligation]
Facts = dict[str, FactValue]

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
SSN: Facts = {"data_elements": ("name", "ssn")}
MARYLAND: Facts = {
    **SSN, "residents:US-MD": 5, "discovered_at": local("2026-03-02 12:00", NEW_YORK),
}  # fmt: skip
MD_DUE = local("2026-04-16 23:59:59", NEW_YORK)  # 2 March + 45 days
RULED_DUE = local("2026-03-20 17:00", NEW_YORK)


def overruled(*, applies: bool | None = None, due_at: datetime | None = None) -> Rulings:
    ruling = Overruled(by="Lena", reason="agreed with the AG.", applies=applies, due_at=due_at)
    return Rulings(overruled=ruling)


def held(since: datetime = NOW, *, cleared_at: datetime | None = None) -> Rulings:
    hold = Hold(
        since=since, by="Lena", reason="FBI letter.", evidence=4, cleared_at=cleared_at
    )  # fmt: skip
    return Rulings(hold=hold)


EXTENDED = Rulings(extended=Extended(by="Lena", reason="good cause told to the Department."))


def test_counsel_says_that_it_applies_although_we_can_t_tell(pack: Pack) -> None:
    known: Facts = {**SSN, "discovered_at": NOW}
    assert clock_of(pack["US-MD-IND"], known).state is ClockState.WAITING
    found = clock_of(pack["US-MD-IND"], known, rulings=overruled(applies=True))
    assert (found.state, found.due_at) == (ClockState.RUNNING, MD_DUE)
    assert found.applicability.verdict is Verdict.APPLIES
    assert found.applicability.reasons == (
        "Lena overruled “cannot tell”: agreed with the AG",
        "how many residents of US-MD are affected isn't recorded",
    )
    assert found.missing == ()


def test_counsel_says_that_it_does_not_apply_and_ours_stays_among_the_reasons(pack: Pack) -> None:
    found = clock_of(pack["US-MD-IND"], MARYLAND, rulings=overruled(applies=False))
    assert (found.state, found.due_at) == (ClockState.NOT_APPLICABLE, None)
    assert found.reason.startswith(
        "Doesn't apply: Lena overruled “applies”: agreed with the AG; personal data is involved"
    )


def test_counsel_sets_another_deadline_and_ours_is_told_beside_it(pack: Pack) -> None:
    rulings = overruled(due_at=RULED_DUE)
    found = clock_of(pack["US-MD-IND"], MARYLAND, rulings=rulings)
    assert (found.state, found.due_at) == (ClockState.RUNNING, RULED_DUE)
    assert found.caveats[0] == (
        "Lena set this deadline; by the rule it would be 2026-04-16 23:59:59 EDT."
    )
    assert found.reason.startswith("Applies, due at the time that counsel set: ")
    late = clock_of(pack["US-MD-IND"], MARYLAND, rulings=rulings, now=RULED_DUE + SECOND)
    assert late.state is ClockState.MISSED
    assert late.reason.startswith("The deadline passed at 2026-03-20 17:00:00 EDT")
    ours = clock_of(pack["US-MD-IND"], MARYLAND)
    (change,) = clock_changes(ours.now.standing, found.now)
    assert change.kind is ClockChangeKind.DUE_CHANGED


def test_a_deadline_that_counsel_set_runs_although_the_trigger_is_not_known(pack: Pack) -> None:
    known: Facts = {**SSN, "residents:US-MD": 5}
    assert clock_of(pack["US-MD-IND"], known).state is ClockState.WAITING
    rulings = overruled(due_at=RULED_DUE)
    for offset, state in ((0 * SECOND, ClockState.RUNNING), (SECOND, ClockState.MISSED)):
        found = clock_of(pack["US-MD-IND"], known, rulings=rulings, now=RULED_DUE + offset)
        assert (found.state, found.due_at, found.missing) == (state, RULED_DUE, ())
    assert found.caveats[0] == "Lena set this deadline; the rule has none."


def test_a_deadline_set_while_it_can_t_be_told_whether_it_applies_is_one_that_would_be(
    pack: Pack,
) -> None:
    found = clock_of(pack["US-MD-IND"], SSN, rulings=overruled(due_at=RULED_DUE))
    assert (found.state, found.due_at) == (ClockState.WAITING, None)
    assert found.would_be_due_at == RULED_DUE
    assert found.missing == ("residents:US-MD",)


def test_counsel_sets_a_deadline_where_the_law_gives_no_number(pack: Pack) -> None:
    known: Facts = {**SSN, "residents:US-MA": 5, "aware_at": NOW}
    assert clock_of(pack["US-MA-IND"], known).due_at is None
    found = clock_of(pack["US-MA-IND"], known, rulings=overruled(due_at=RULED_DUE))
    assert (found.state, found.due_at) == (ClockState.RUNNING, RULED_DUE)


def test_counsel_ends_an_embargo_sooner(pack: Pack) -> None:
    told = Others(met={"US-FCC-CPNI-LE": local("2026-03-02 11:00", NEW_YORK)})
    consent = local("2026-03-05 12:00", NEW_YORK)
    rulings = overruled(applies=True, due_at=consent)
    for offset, state in ((0 * SECOND, "running"), (SECOND, "not_applicable")):
        found = clock_of(
            pack["US-FCC-CPNI-CUST-HOLD"], {}, others=told, rulings=rulings, now=consent + offset
        )
        assert (found.state, found.not_before, found.due_at) == (state, consent, None)
    assert "by the rule it would be 2026-03-11 23:59:59 EDT" in found.caveats[0]


FLORIDA: Facts = {**SSN, "residents:US-FL": 3, "determined_at": local("2026-02-10 12:00", "UTC")}


@pytest.mark.parametrize(
    ("rulings", "due", "state_after_the_period"),
    [
        (Rulings(), "2026-03-12", ClockState.MISSED),
        (EXTENDED, "2026-03-27", ClockState.RUNNING),
    ],
    ids=["not taken up", "taken up"],
)
def test_an_extension_counts_once_it_is_taken_up(
    rulings: Rulings, due: str, state_after_the_period: ClockState, pack: Pack
) -> None:
    day_31 = local("2026-03-13 00:00", NEW_YORK)
    found = clock_of(pack["US-FL-IND"], FLORIDA, rulings=rulings, now=day_31)
    assert found.due_at == local(f"{due} 23:59:59", NEW_YORK)
    assert found.state is state_after_the_period


def test_an_extension_says_who_took_it_up_and_why(pack: Pack) -> None:
    found = clock_of(pack["US-FL-IND"], FLORIDA, rulings=EXTENDED)
    assert found.caveats[0] == "Extended by Lena: good cause told to the Department."
    elsewhere = clock_of(pack["US-MD-IND"], MARYLAND, rulings=EXTENDED)
    assert elsewhere.due_at == MD_DUE, "Maryland offers none"


def test_a_held_clock_stands_still_and_is_never_missed(pack: Pack) -> None:
    long_after = MD_DUE + timedelta(days=100)
    found = clock_of(pack["US-MD-IND"], MARYLAND, rulings=held(), now=long_after)
    assert (found.state, found.due_at) == (ClockState.TOLLED, MD_DUE)
    assert found.reason == (
        "Held at the request of law enforcement since 2026-03-02 07:00:00 EST (evidence 4): "
        "FBI letter."
    )


def test_a_held_embargo_has_not_ended_even_if_its_days_have(pack: Pack) -> None:
    """47 CFR 64.2011(b)(3): the agency may direct that the hold goes on."""
    told = Others(met={"US-FCC-CPNI-LE": local("2026-03-02 11:00", NEW_YORK)})
    hold = held()
    rulings = Rulings(overruled=overruled(applies=True).overruled, hold=hold.hold)
    april = local("2026-04-01 12:00", NEW_YORK)
    found = clock_of(pack["US-FCC-CPNI-CUST-HOLD"], {}, others=told, rulings=rulings, now=april)
    assert found.state is ClockState.TOLLED


def test_a_hold_changes_nothing_about_what_does_not_run(pack: Pack) -> None:
    exempt: Facts = {**MARYLAND, "misuse_likely": False}
    assert clock_of(pack["US-MD-IND"], exempt, rulings=held()).state is ClockState.NOT_APPLICABLE
    assert clock_of(pack["US-MD-IND"], SSN, rulings=held()).state is ClockState.WAITING
    mark = ClockMark(state=ClockState.MET, at=NOW, by="Lena", reason="letters sent")
    assert clock_of(pack["US-MD-IND"], MARYLAND, mark=mark, rulings=held()).state is ClockState.MET


STANDS = "Law enforcement cleared the notice; the original deadline stands."
CLEARED = [
    # id, facts, cleared at, due, zone, the words, why
    ("US-MD-IND", MARYLAND, "2026-03-30 10:00", "2026-04-16 23:59:59", NEW_YORK, STANDS,
     "long before the 45 days"),
    ("US-MD-IND", MARYLAND, "2026-04-14 10:00", "2026-04-16 23:59:59", NEW_YORK, STANDS,
     "the 7 days are for a delay that ends after the 45"),
    ("US-MD-IND", MARYLAND, "2026-04-16 23:59:59", "2026-04-16 23:59:59", NEW_YORK, STANDS,
     "in the last second"),
    ("US-MD-IND", MARYLAND, "2026-04-17 00:00:00", "2026-04-24 23:59:59", NEW_YORK,
     "Law enforcement cleared the notice; 7 calendar days run from there.", "a second later"),
    ("US-SD-IND", {**SSN, "residents:US-SD": 5, "discovered_at": NOW}, "2026-06-01 10:00",
     "2026-07-01 23:59:59", CHICAGO,
     "Law enforcement cleared the notice; 30 calendar days run from there.",
     "60 days ended on 1 May; 30 from 1 June"),
    ("US-ME-IND", {**SSN, "residents:US-ME": 5, "discovered_at": NOW}, "2026-05-20 10:00",
     "2026-06-01 23:59:59", NEW_YORK,
     "Law enforcement cleared the notice; 7 business days run from there.",
     "21, 22, [25 Memorial Day], 26, 27, 28, 29, 1 June"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 5, "discovered_at": NOW}, "2026-05-20 10:00",
     "2026-05-20 23:59:59", "America/Los_Angeles",
     "The law gives no number after law enforcement's clearance: notify at once.",
     "no number: the same day"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 5, "discovered_at": NOW}, "2026-03-10 10:00",
     "2026-04-01 23:59:59", "America/Los_Angeles", STANDS, "within the 30 days"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("obligation_id", "values", "cleared", "due", "zone", "words", "why"),
    CLEARED,
    ids=[f"{row[0]} {row[-1]}" for row in CLEARED],
)
def test_what_runs_once_law_enforcement_has_cleared(
    *,
    obligation_id: str,
    values: Facts,
    cleared: str,
    due: str,
    zone: str,
    words: str,
    why: str,
    pack: Pack,
) -> None:
    cleared_at, due_at = local(cleared, zone), local(due, zone)
    rulings = held(cleared_at=cleared_at)
    assert not rulings.held
    for offset, state in ((0 * SECOND, ClockState.RUNNING), (SECOND, ClockState.MISSED)):
        found = clock_of(pack[obligation_id], values, rulings=rulings, now=due_at + offset)
        assert (found.due_at, found.state) == (due_at, state), why
        assert words in found.caveats


def test_a_cleared_clock_resumes_with_its_new_deadline(pack: Pack) -> None:
    cleared_at = local("2026-05-04 10:00", NEW_YORK)
    standing = clock_of(pack["US-MD-IND"], MARYLAND, rulings=held()).now.standing
    found = clock_of(
        pack["US-MD-IND"], MARYLAND, rulings=held(cleared_at=cleared_at), now=cleared_at
    )
    changes = clock_changes(standing, found.now)
    assert [one.kind for one in changes] == [
        ClockChangeKind.RESUMED,
        ClockChangeKind.DUE_CHANGED,
    ]
    assert "to 2026-05-11 23:59:59 EDT" in changes[1].reason


def test_a_deadline_that_counsel_set_counts_before_everything_else(pack: Pack) -> None:
    every = Rulings(
        overruled=overruled(due_at=RULED_DUE).overruled,
        extended=EXTENDED.extended,
        hold=held(cleared_at=local("2026-06-01 10:00", NEW_YORK)).hold,
    )
    assert clock_of(pack["US-FL-IND"], FLORIDA, rulings=every).due_at == RULED_DUE
