"""Facts are recorded and never overwritten; clocks follow them, with the reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, FactError, FactValue, parse_key
from bot.domain.incident import IncidentError
from bot.services.clock_marks import meet_clock, waive_clock
from bot.services.clocks import ClockNews, recompute, rows_by_key
from bot.services.facts import NewFact, record_facts
from bot.store.queries import fact_history, facts_of
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx
from tests.conftest import T0
from tests.kit import ANA, LENA, REF, SAM, Case, jobs_of, new_facts, texts_of, who

GDPR, CALIFORNIA = "EU-GDPR-33-SA", "US-CA-IND"
CALIFORNIANS: dict[str, FactValue] = {
    "residents:US-CA": 1200,
    "data_elements": ("name", "ssn"),
    "encryption": "not_encrypted",
    "discovered_at": T0,
}
SECRET = "Jane Doe's file was on the copied disk"


def test_a_correction_is_added_and_the_old_value_stays(case: Case) -> None:
    case.learn({"affected_total": 1200})
    case.clock.move(hours=1)
    case.learn({"affected_total": 1450}, by=SAM)
    with case.work() as (tx, incident):
        rows = [row for row in fact_history(tx.session, incident) if row.key == "affected_total"]
        assert [(row.value, row.recorded_at, row.recorded_by) for row in rows] == [
            (1200, T0, who(tx, ANA).id),
            (1450, T0 + timedelta(hours=1), who(tx, SAM).id),
        ]
        assert facts_of(tx.session, incident)["affected_total"].value == 1450
    told = [entry for entry in case.log() if entry.data.get("key") == "affected_total"]
    assert [(entry.event, entry.data["value"]) for entry in told] == [
        ("fact.recorded", 1200),
        ("fact.corrected", 1450),
    ]


def test_the_same_key_twice_in_one_go_is_a_correction(case: Case) -> None:
    twice = [*new_facts({"affected_total": 1}), *new_facts({"affected_total": 2})]
    with case.work() as (tx, incident):
        record_facts(tx, incident, twice, actor=who(tx, ANA))
    told = [entry.event for entry in case.log() if entry.data.get("key") == "affected_total"]
    assert told == ["fact.recorded", "fact.corrected"]


def test_unknown_is_a_value_of_its_own(case: Case) -> None:
    case.learn({"affected_total": None})
    with case.work() as (tx, incident):
        fact = facts_of(tx.session, incident)["affected_total"]
    assert (fact.value, fact.confidence) == (None, Confidence.UNKNOWN)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (NewFact(key=parse_key("aware_at"), value=T0 + timedelta(minutes=1), source="s"), "future"),
        (NewFact(key=parse_key("affected_total"), value="many", source="s"), "doesn't fit"),
        (NewFact(key=parse_key("affected_total"), value=True, source="s"), "doesn't fit"),
        (NewFact(key=parse_key("aware_at"), value=datetime(2026, 1, 1), source="s"), "doesn't fit"),  # noqa: DTZ001 - naive is the point
        (NewFact(key=parse_key("affected_total"), value=3, source="  "), "source is empty"),
        (
            NewFact(key=parse_key("affected_total"), value=3, source="s", as_of=T0 + timedelta(1)),
            "still to come",
        ),
        (NewFact(key=parse_key("what_happened"), value="a\x00b", source="s"), "doesn't fit"),
    ],
)
def test_one_wrong_fact_of_several_keeps_all_out(case: Case, wrong: NewFact, message: str) -> None:
    before = (case.events(), jobs_of(case.store))
    right = NewFact(key=parse_key("records_total"), value=7, source="the database")
    with pytest.raises(FactError, match=message), case.work() as (tx, incident):
        record_facts(tx, incident, [right, wrong], actor=who(tx, ANA))
    assert (case.events(), jobs_of(case.store)) == before
    with case.work() as (tx, incident):
        assert "records_total" not in facts_of(tx.session, incident)


def test_nothing_is_no_fact(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(FactError, match="at least one fact"):
        record_facts(tx, incident, [], actor=who(tx, ANA))


def test_a_day_may_lie_in_the_future(case: Case) -> None:
    case.learn({"enrol_by": date(2027, 6, 30)})
    assert case.log()[-1].data.get("value") == "2027-06-30"


def test_personal_text_stands_only_behind_commitments(case: Case) -> None:
    with case.work() as (tx, incident):
        fact = NewFact(key=parse_key("what_happened"), value=SECRET, source=f"{SECRET} said")
        record_facts(tx, incident, [fact], actor=who(tx, ANA))
        assert SECRET not in str(tx.jobs)
    for entry in case.log():
        assert SECRET.encode() not in entry.line
    entry = next(one for one in case.log() if one.data.get("key") == "what_happened")
    assert texts_of(case.store, REF, entry.seq) == {"source": f"{SECRET} said", "value": SECRET}


def test_awareness_starts_the_authority_s_clock_with_its_reason(case: Case) -> None:
    with case.work() as (tx, incident):
        news = record_facts(tx, incident, new_facts({"aware_at": T0}), actor=who(tx, ANA))
        started = {one.key: one for one in news}[GDPR]
    assert (started.kind, started.due_at) == ("started", T0 + timedelta(hours=72))
    row = case.clock_row(GDPR)
    assert (row.state, row.started_at, row.due_at) == ("running", T0, T0 + timedelta(hours=72))
    entry = [one for one in case.log() if one.data.get("clock") == GDPR][-1]
    assert (entry.event, entry.data["old_state"], entry.data["due_at"]) == (
        "clock.started",
        "waiting",
        "2026-11-22T09:00:00Z",
    )
    assert texts_of(case.store, REF, entry.seq)["reason"] == row.reason
    assert row.reason.startswith("Applies, counted from")


def test_californians_start_california(case: Case) -> None:
    case.learn(CALIFORNIANS)
    row = case.clock_row(CALIFORNIA)
    assert (row.state, row.started_at) == ("running", T0)
    assert row.due_at == datetime(2026, 12, 20, 7, 59, 59, tzinfo=UTC), "30 days, Pacific time"


def test_a_changed_mind_leaves_its_history(case: Case) -> None:
    case.learn(CALIFORNIANS)
    case.learn({"encryption": "encrypted", "encryption_key_taken": False})
    assert case.clock_row(CALIFORNIA).state == "not_applicable"
    case.learn({"encryption": "not_encrypted"})
    told = [entry.event for entry in case.log() if entry.data.get("clock") == CALIFORNIA]
    assert told[-3:] == ["clock.started", "clock.not_applicable", "clock.started"]
    assert case.clock_row(CALIFORNIA).state == "running"


def test_a_corrected_awareness_moves_the_deadline_and_says_so(case: Case) -> None:
    case.learn({"aware_at": T0})
    case.learn({"aware_at": T0 - timedelta(hours=5)})
    assert case.clock_row(GDPR).due_at == T0 + timedelta(hours=67)
    entry = [one for one in case.log() if one.data.get("clock") == GDPR][-1]
    assert (entry.event, entry.data["old_due_at"], entry.data["due_at"]) == (
        "clock.due_changed",
        "2026-11-22T09:00:00Z",
        "2026-11-22T04:00:00Z",
    )


def test_a_mark_outlives_every_fact(case: Case) -> None:
    case.learn({"aware_at": T0, **CALIFORNIANS})
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        meet_clock(tx, incident, GDPR, proof="HmbBfDI 12/34", actor=lena)
        waive_clock(tx, incident, CALIFORNIA, reason="the data was ours", actor=lena)
    logged = len(case.events())
    case.learn({"encryption": "encrypted", "residents:US-CA": 0, "aware_at": None})
    assert case.clock_row(GDPR).state == "met"
    assert case.clock_row(CALIFORNIA).state == "waived"
    told = [one.data.get("clock") for one in case.log()[logged:]]
    assert GDPR not in told
    assert CALIFORNIA not in told


def look_again(tx: Tx, incident: Incident) -> list[ClockNews]:
    """Count all clocks anew, as if every fact had changed."""
    facts, rows = facts_of(tx.session, incident), rows_by_key(tx, incident)
    return recompute(tx, incident, facts, rows, changed=FACT_TYPES, actor=None)


def test_a_waiting_clock_waived_stays_quiet(case: Case) -> None:
    with case.work() as (tx, incident):
        waive_clock(tx, incident, "US-TX-AG", reason="nobody in Texas", actor=who(tx, LENA))
    with case.work() as (tx, incident):
        assert look_again(tx, incident) == []
        assert tx.drafts == {}
    assert case.clock_row("US-TX-AG").state == "waived"


def test_a_second_look_at_the_same_facts_says_nothing(case: Case) -> None:
    case.learn({"aware_at": T0, **CALIFORNIANS})
    with case.work() as (tx, incident):
        assert look_again(tx, incident) == []
        assert tx.drafts == {}


@pytest.mark.parametrize(
    ("key", "why", "message"),
    [
        (GDPR, " ", "Give the proof that EU-GDPR-33-SA is met"),
        ("nope", "x", "has no clock “nope”. It has: "),
        ("US-SEC-8K-105", "x", "doesn't apply"),
    ],
)
def test_a_clock_that_can_t_be_met_is_refused(case: Case, key: str, why: str, message: str) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError, match=message):
        meet_clock(tx, incident, key, proof=why, actor=who(tx, LENA))


@pytest.mark.parametrize(
    ("key", "why", "message"),
    [(GDPR, " ", "Give the reason"), ("triage", "x", "it is met or missed, not waived")],
)
def test_a_clock_that_can_t_be_waived_is_refused(
    case: Case, key: str, why: str, message: str
) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError, match=message):
        waive_clock(tx, incident, key, reason=why, actor=who(tx, LENA))


def test_met_twice_is_refused(case: Case) -> None:
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        meet_clock(tx, incident, GDPR.lower(), proof="R-1", actor=lena)
        with pytest.raises(IncidentError, match="is already met"):
            meet_clock(tx, incident, GDPR, proof="R-2", actor=lena)
        assert tx.drafts[REF][-1].data == {
            "clock": GDPR,
            "state": "met",
            "at": "2026-11-19T09:00:00Z",
            "due_at": None,
            "late": False,
        }


def test_met_after_the_deadline_is_met_late(case: Case) -> None:
    case.learn({"aware_at": T0 - timedelta(hours=73)})
    assert case.clock_row(GDPR).state == "missed"
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        with pytest.raises(IncidentError, match=r"Art\. 33\(1\) wants the reasons"):
            meet_clock(tx, incident, GDPR, proof="R-1", actor=lena)
        meet_clock(tx, incident, GDPR, proof="R-1", actor=lena, why_late="the portal was down")
    row = case.clock_row(GDPR)
    assert (row.detail["met_late"], row.lateness) == (True, "the portal was down")
    assert "clock.lateness_explained" in case.events()


def test_in_time_there_is_no_lateness_to_explain(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        why = "it was complete"
        meet_clock(tx, incident, GDPR, proof="R-1", actor=who(tx, LENA), why_late=why)
    row = case.clock_row(GDPR)
    assert (row.proof, row.lateness) == ("R-1 because it was complete", "")
    assert "clock.lateness_explained" not in case.events()
