"""Closing an incident: what keeps it open, what ends with it, and that nothing changes after."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from bot.domain.incident import IncidentError, Severity
from bot.domain.roles import Role
from bot.services import (
    assessments,
    clock_marks,
    clock_rulings,
    evidence,
    incidents,
    notices,
    roles,
    tasks,
)
from bot.services.facts import record_facts
from bot.store.tables import Incident, Person, ReminderRow
from bot.store.unit_of_work import Tx
from tests.conftest import T0
from tests.kit import ANA, FARID, LENA, SAM, Case, new_facts, who

OUR_CLOCKS = ("triage", "escalation", "containment", "recovery")


def _no_duty(case: Case) -> None:
    with case.work() as (tx, incident):
        clock_marks.waive_clock(
            tx, incident, "EU-GDPR-33-SA", reason="no data left", actor=who(tx, LENA)
        )


def test_a_duty_that_applies_keeps_the_incident_open(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError) as caught:
        incidents.close(tx, incident, note="", actor=who(tx, ANA))
    assert str(caught.value) == (
        "INC-2026-0001 can't be closed yet: these duties are open: GDPR: to the authority "
        "(waiting). Legal marks each as met or waives it: `/incident clock`."
    )


def test_a_running_duty_keeps_the_incident_open(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        with pytest.raises(IncidentError, match=r"to the authority \(running\)"):
            incidents.close(tx, incident, note="", actor=who(tx, ANA))
        clock_marks.meet_clock(tx, incident, "EU-GDPR-33-SA", proof="R-1", actor=who(tx, LENA))
        incidents.close(tx, incident, note="all done", actor=who(tx, ANA))
        assert (incident.status, incident.closed_at) == ("closed", T0)


def test_a_duty_that_can_t_be_told_doesn_t_keep_the_incident_open(case: Case) -> None:
    _no_duty(case)
    with case.work() as (tx, incident):
        assert assessments.standing_of(tx.session, incident)["US-CA-IND"] == "cannot_tell"
        incidents.close(tx, incident, note="", actor=who(tx, ANA))


def test_a_duty_that_counsel_put_in_force_keeps_the_incident_open(case: Case) -> None:
    _no_duty(case)
    with case.work() as (tx, incident):
        clock_rulings.overrule_clock(
            tx, incident, "US-TX-IND", reason="some live there", actor=who(tx, LENA), applies=True
        )
        with pytest.raises(IncidentError, match="to the affected people"):
            incidents.close(tx, incident, note="", actor=who(tx, ANA))


def test_closing_ends_our_own_clocks_and_every_reminder(case: Case) -> None:
    _no_duty(case)
    with case.work() as (tx, incident):
        incidents.close(tx, incident, note="a false alarm", actor=who(tx, ANA))
        assert tx.session.exec(select(ReminderRow)).all() == []
    assert {case.clock_row(key).state for key in OUR_CLOCKS} == {"not_applicable"}
    assert case.events()[-1] == "incident.closed"


def _preserve(tx: Tx, incident: Incident, actor: Person) -> None:
    evidence.preserve_message(tx, incident, {"ts": "1.1"}, channel="C0", actor=actor)


def _collect(tx: Tx, incident: Incident, actor: Person) -> None:
    evidence.collect_file(tx, incident, {"id": "F1"}, channel="C0", actor=actor)


MOVES: list[tuple[str, Callable[[Tx, Incident, Person], None]]] = [
    ("contain", lambda tx, i, a: incidents.contain(tx, i, at=tx.now, note="", actor=a)),
    ("recover", lambda tx, i, a: incidents.recover(tx, i, at=tx.now, note="", actor=a)),
    ("reopen", lambda tx, i, a: incidents.reopen(tx, i, note="", actor=a)),
]

CHANGES: list[tuple[str, str, Callable[[Tx, Incident, Person], object]]] = [
    *((name, ANA, verb) for name, verb in MOVES),
    ("close", ANA, lambda tx, i, a: incidents.close(tx, i, note="", actor=a)),
    (
        "severity",
        ANA,
        lambda tx, i, a: incidents.change_severity(tx, i, Severity.SEV1, reason="", actor=a),
    ),
    ("fact", ANA, lambda tx, i, a: record_facts(tx, i, new_facts({"material": True}), actor=a)),
    ("note", ANA, lambda tx, i, a: evidence.record_note(tx, i, "n", actor=a)),
    ("message", ANA, _preserve),
    ("file", ANA, _collect),
    ("seal", FARID, lambda tx, i, a: evidence.seal_item(tx, i, 1, actor=a)),
    ("claim", SAM, lambda tx, i, a: roles.claim_role(tx, i, Role.SCRIBE, actor=a)),
    ("assign", ANA, lambda tx, i, a: roles.assign_role(tx, i, Role.SCRIBE, who(tx, SAM), actor=a)),
    (
        "hand over",
        ANA,
        lambda tx, i, a: roles.hand_over_role(
            tx, i, Role.COMMANDER, who(tx, SAM), note="", actor=a
        ),
    ),
    ("task", ANA, lambda tx, i, a: tasks.complete_task(tx, i, 1, note="", actor=a)),
    ("task assigned", ANA, lambda tx, i, a: tasks.assign_task(tx, i, 1, who(tx, SAM), actor=a)),
    ("met", LENA, lambda tx, i, a: clock_marks.meet_clock(tx, i, "US-CA-AG", proof="R", actor=a)),
    (
        "waive",
        LENA,
        lambda tx, i, a: clock_marks.waive_clock(tx, i, "US-CA-AG", reason="r", actor=a),
    ),
    (
        "overrule",
        LENA,
        lambda tx, i, a: clock_rulings.overrule_clock(
            tx, i, "US-CA-AG", reason="r", actor=a, applies=True
        ),
    ),
    (
        "extend",
        LENA,
        lambda tx, i, a: clock_rulings.extend_clock(tx, i, "US-CA-AG", reason="r", actor=a),
    ),
    (
        "hold",
        LENA,
        lambda tx, i, a: clock_rulings.toll_clock(
            tx, i, "US-CA-IND", evidence=1, reason="r", actor=a
        ),
    ),
    ("clear", LENA, lambda tx, i, a: clock_rulings.clear_clock(tx, i, "US-CA-IND", actor=a)),
    ("draft", LENA, lambda tx, i, a: notices.draft_notice(tx, i, "holding_statement", actor=a)),
    ("submit", LENA, lambda tx, i, a: notices.submit_notice(tx, i, 1, actor=a)),
    ("withdraw", LENA, lambda tx, i, a: notices.withdraw_notice(tx, i, 1, reason="r", actor=a)),
]


def test_a_closed_incident_refuses_every_change(case: Case) -> None:
    _no_duty(case)
    with case.work() as (tx, incident):
        incidents.close(tx, incident, note="", actor=who(tx, ANA))
    logged = case.events()
    for name, slack_id, change in CHANGES:
        with case.work() as (tx, incident):
            with pytest.raises(IncidentError) as caught:
                change(tx, incident, who(tx, slack_id))
            assert "is closed; nothing in it can be changed" in str(caught.value), name
    assert case.events() == logged


def test_a_closed_incident_s_evidence_can_be_exported(case: Case, tmp_path: Path) -> None:
    _no_duty(case)
    with case.work() as (tx, incident):
        incidents.close(tx, incident, note="", actor=who(tx, ANA))
        evidence.export_as(tx, incident, tmp_path / "bundle", actor=who(tx, LENA))
    assert case.events()[-1] == "bundle.exported"
