"""What counsel rules about clocks: on the record, by those who may, and with what follows."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.clocks import ClockState
from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services import clock_marks, clock_rulings
from bot.store.tables import ClockRow, EvidenceItem
from tests.kit import ANA, LENA, Case, who

PACIFIC = timedelta(hours=8)
T0 = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
MARYLAND = {
    "aware_at": T0 - timedelta(days=1),
    "discovered_at": T0 - timedelta(days=1),
    "data_elements": ("name", "ssn"),
    "residents:US-MD": 40,
}


def preserved(case: Case) -> int:
    """The number of a preserved document: the request of law enforcement."""
    with case.work() as (tx, incident):
        item = EvidenceItem(
            incident_id=incident.id or 0,
            number=1,
            kind="file",
            title="Request of the State Police",
            source="upload",
            state="stored",
            collected_at=tx.now,
            collected_by=who(tx, ANA).id or 0,
        )
        tx.session.add(item)
        tx.record(incident, "message.preserved", actor=who(tx, ANA).actor, data={"item": 1})
    return 1


def toll(case: Case, key: str = "US-MD-IND", *, by: str = LENA, evidence: int = 1) -> ClockRow:
    with case.work() as (tx, incident):
        actor = who(tx, by)
        return clock_rulings.toll_clock(
            tx, incident, key, evidence=evidence, reason="State Police asked", actor=actor
        )


def test_counsel_says_that_a_duty_does_not_apply_and_takes_it_back(case: Case) -> None:
    case.learn(MARYLAND)
    assert case.clock_row("US-MD-IND").state == ClockState.RUNNING
    with case.work() as (tx, incident):
        clock_rulings.overrule_clock(
            tx, incident, "US-MD-IND", reason="Only test data", applies=False, actor=who(tx, LENA)
        )
    row = case.clock_row("US-MD-IND")
    assert row.state == ClockState.NOT_APPLICABLE
    assert "overruled “applies”: Only test data" in row.reason
    with case.work() as (tx, incident):
        clock_rulings.overrule_clock(
            tx, incident, "US-MD-IND", reason="It was real data", actor=who(tx, LENA)
        )
    assert case.clock_row("US-MD-IND").state == ClockState.RUNNING
    assert [one["kind"] for one in case.clock_row("US-MD-IND").rulings] == ["overruled"] * 2
    assert case.events().count("clock.overruled") == 2


def test_counsel_starts_a_duty_that_we_ruled_out(case: Case) -> None:
    due = T0 + timedelta(days=9)
    with case.work() as (tx, incident):
        clock_rulings.overrule_clock(
            tx,
            incident,
            "TR-KVKK-BOARD",
            reason="Turkish customers",
            applies=True,
            due_at=due,
            actor=who(tx, LENA),
        )
    row = case.clock_row("TR-KVKK-BOARD")
    assert (row.state, row.due_at) == (ClockState.RUNNING, due)


def test_only_legal_rules(case: Case) -> None:
    case.learn(MARYLAND)
    with pytest.raises(NotAllowedError), case.work() as (tx, incident):
        clock_rulings.overrule_clock(
            tx, incident, "US-MD-IND", reason="No", applies=False, actor=who(tx, ANA)
        )


def test_law_enforcement_holds_a_clock_and_seven_days_remain(case: Case) -> None:
    case.learn(MARYLAND)
    before = case.clock_row("US-MD-IND").due_at
    evidence = preserved(case)
    toll(case, evidence=evidence)
    row = case.clock_row("US-MD-IND")
    assert row.state == ClockState.TOLLED
    assert "evidence 1" in row.reason
    case.clock.now = T0 + timedelta(days=60)
    with case.work() as (tx, incident):
        clock_rulings.clear_clock(tx, incident, "US-MD-IND", actor=who(tx, LENA))
    row = case.clock_row("US-MD-IND")
    assert row.state == ClockState.RUNNING
    assert before is not None
    assert row.due_at is not None
    local = row.due_at - timedelta(hours=5)
    assert local.date() == (case.clock.now - timedelta(hours=5)).date() + timedelta(days=7)
    kinds = case.events()
    assert kinds.index("clock.tolled") < kinds.index("clock.resumed")


@pytest.mark.parametrize(
    ("key", "evidence", "told"),
    [
        ("US-MD-IND", 7, "has no evidence 7"),
        ("EU-GDPR-33-SA", 1, "knows no law-enforcement delay"),
        ("US-MD-VENDOR", 1, "knows no law-enforcement delay"),
        ("triage", 1, "our own target"),
        ("US-ZZ-IND", 1, "no duty “US-ZZ-IND”"),
    ],
)
def test_a_hold_that_can_t_be_is_refused(case: Case, key: str, evidence: int, told: str) -> None:
    case.learn(MARYLAND)
    preserved(case)
    with pytest.raises(IncidentError, match=told):
        toll(case, key, evidence=evidence)


def test_the_extension_that_florida_offers(case: Case) -> None:
    case.learn(
        {
            "aware_at": T0 - timedelta(days=2),
            "determined_at": T0 - timedelta(days=2),
            "data_elements": ("name", "ssn"),
            "residents:US-FL": 900,
        }
    )
    before = case.clock_row("US-FL-IND").due_at
    with case.work() as (tx, incident):
        clock_rulings.extend_clock(
            tx,
            incident,
            "US-FL-IND",
            reason="Good cause sent to the Department",
            actor=who(tx, LENA),
        )
    after = case.clock_row("US-FL-IND").due_at
    assert before is not None
    assert after is not None
    assert after - before == timedelta(days=15)
    assert "clock.extended" in case.events()
    with pytest.raises(IncidentError, match="already extended"), case.work() as (tx, incident):
        clock_rulings.extend_clock(tx, incident, "US-FL-IND", reason="Again", actor=who(tx, LENA))
    with pytest.raises(IncidentError, match="offers no extension"), case.work() as (tx, incident):
        clock_rulings.extend_clock(tx, incident, "EU-GDPR-33-SA", reason="x", actor=who(tx, LENA))


def test_a_late_notice_to_the_authority_gives_its_reasons(case: Case) -> None:
    case.learn({"aware_at": T0 - timedelta(days=4), "personal_data_involved": True})
    with pytest.raises(IncidentError, match="wants the reasons"), case.work() as (tx, incident):
        clock_marks.meet_clock(tx, incident, "EU-GDPR-33-SA", proof="REF 1", actor=who(tx, LENA))
    with case.work() as (tx, incident):
        clock_marks.meet_clock(
            tx,
            incident,
            "EU-GDPR-33-SA",
            proof="REF 1",
            why_late="the logs had to be restored",
            actor=who(tx, LENA),
        )
    row = case.clock_row("EU-GDPR-33-SA")
    assert (row.state, row.lateness) == (ClockState.MET, "the logs had to be restored")
    assert "clock.lateness_explained" in case.events()


def test_the_next_stage_starts_when_the_first_is_met(case: Case) -> None:
    case.learn({**MARYLAND, "residents:US-CA": 900})
    assert case.clock_row("US-CA-AG").state == ClockState.WAITING
    sent = T0 - timedelta(hours=3)
    with case.work() as (tx, incident):
        clock_marks.meet_clock(
            tx, incident, "US-CA-IND", proof="mailed", at=sent, actor=who(tx, LENA)
        )
    row = case.clock_row("US-CA-AG")
    assert (row.state, row.started_at) == (ClockState.RUNNING, sent)
    assert row.due_at is not None
    assert (row.due_at - PACIFIC).date() == (sent - PACIFIC).date() + timedelta(days=15)


def test_maryland_s_attorney_general_is_bounded_by_the_letters(case: Case) -> None:
    case.learn(MARYLAND)
    letters, attorney = case.clock_row("US-MD-IND"), case.clock_row("US-MD-AG")
    assert (attorney.state, attorney.due_at) == (ClockState.RUNNING, letters.due_at)
    with case.work() as (tx, incident):
        clock_marks.meet_clock(tx, incident, "US-MD-IND", proof="mailed", actor=who(tx, LENA))
    assert case.clock_row("US-MD-AG").state == ClockState.MISSED, "it had to be told before"


def test_a_clock_is_not_met_in_the_future(case: Case) -> None:
    case.learn(MARYLAND)
    with pytest.raises(IncidentError, match="still to come"), case.work() as (tx, incident):
        clock_marks.meet_clock(
            tx,
            incident,
            "US-MD-IND",
            proof="mailed",
            at=T0 + timedelta(days=2),
            actor=who(tx, LENA),
        )
