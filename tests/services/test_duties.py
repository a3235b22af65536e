"""One duty as it stands in an incident, and what is asked next."""

from datetime import timedelta

from bot.domain.rulebook import Rulebook
from bot.services.clock_marks import meet_clock, waive_clock
from bot.services.clock_rulings import overrule_clock
from bot.services.duties import OpenQuestions, find_duty, open_questions, read_duty
from bot.services.situation import cannot_tell, situation_of
from tests.conftest import T0
from tests.kit import LENA, Case, who

GDPR, CALIFORNIA, TEXAS = "EU-GDPR-33-SA", "US-CA-IND", "US-TX-IND"


def questions(case: Case) -> OpenQuestions:
    with case.work() as (tx, incident):
        return open_questions(tx.session, tx.rules, incident, now=tx.now)


def test_first_is_asked_what_starts_a_duty_that_applies(case: Case) -> None:
    first = questions(case).asked[0]
    assert (first.key, first.decides) == ("aware_at", (GDPR,))
    case.learn({"aware_at": T0})
    assert "aware_at" not in [one.key for one in questions(case).asked]


def test_what_a_person_decided_isn_t_asked_for(case: Case) -> None:
    case.learn({"residents:US": 10, "data_elements": ("name", "ssn"), "affected_total": 10})
    asked = questions(case)
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        waive_clock(tx, incident, CALIFORNIA, reason="all moved away", actor=lena)
        overrule_clock(tx, incident, TEXAS, reason="none there", actor=lena, applies=False)
        overrule_clock(tx, incident, "US-NY-IND", reason="some", actor=lena, applies=True)
    later = questions(case)
    assert later.cannot_tell == asked.cannot_tell - 3
    helped = {key for one in later.asked for key in one.helps}
    assert helped.isdisjoint({CALIFORNIA, TEXAS})
    starts = later.asked[0]
    assert (starts.key, "US-NY-IND" in starts.decides) == ("aware_at", True), (
        "it applies, and waits"
    )
    with case.work() as (tx, incident):
        assert cannot_tell(tx.session, incident) == later.cannot_tell
        assert situation_of(tx.session, incident, tx.rules).cannot_tell == later.cannot_tell


def test_a_duty_without_a_clock_says_when_it_would_be_due(case: Case) -> None:
    case.learn({"discovered_at": T0})
    with case.work() as (tx, incident):
        found = read_duty(tx.session, tx.rules.obligations[CALIFORNIA], incident, now=tx.now)
    assert found.clock is None
    assert found.verdict.verdict == "cannot_tell"
    assert found.counted
    assert found.counted.would_be_due_at
    assert found.counted.would_be_due_at.date() == (T0 + timedelta(days=31)).date()


def test_a_rule_that_never_runs_has_nothing_counted(case: Case) -> None:
    with case.work() as (tx, incident):
        for key in ("EU-OMNIBUS-96H", "US-NY-DFS", "US-NAIC-668"):
            found = read_duty(tx.session, tx.rules.obligations[key], incident, now=tx.now)
            assert (found.counted, found.clock) == (None, None)


def test_a_met_duty_keeps_its_proof_and_its_facts(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        meet_clock(tx, incident, GDPR, proof="2026-4711", actor=who(tx, LENA))
        found = read_duty(tx.session, tx.rules.obligations[GDPR], incident, now=tx.now)
    assert found.clock
    assert (found.clock.state, found.clock.proof) == ("met", "2026-4711")
    assert "aware_at" in [one.key for one in found.facts]


def test_rulings_are_told_oldest_first(case: Case) -> None:
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        overrule_clock(tx, incident, TEXAS, reason="one", actor=lena, applies=True)
        overrule_clock(tx, incident, TEXAS, reason="two", actor=lena)
        found = read_duty(tx.session, tx.rules.obligations[TEXAS], incident, now=tx.now)
    assert [(one.reason, one.applies, one.withdrawn) for one in found.rulings] == [
        ("one", True, False),
        ("two", None, True),
    ]


def test_ids_are_found_in_any_case(rules: Rulebook) -> None:
    assert find_duty(rules, " eu-gdpr-33-sa ") is rules.obligations[GDPR]
    assert find_duty(rules, "EU-GDPR-33") is None
