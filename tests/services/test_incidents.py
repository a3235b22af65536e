"""Opening an incident and moving it along, on a real store."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.facts import FactError
from bot.domain.incident import IncidentError, Severity
from bot.domain.roles import CORE_ROLES, Role
from bot.services import incidents
from bot.services.assessments import standing_of
from bot.services.people import channel_failed, channel_made, joined_channel
from bot.services.roles import holder_of
from bot.store.queries import clocks_of, facts_of, incident_by_ref, is_member, tasks_of
from bot.store.tables import Incident, Person, ReminderRow
from bot.store.unit_of_work import Store, Tx, unit_of_work
from tests.conftest import T0, MovingClock
from tests.kit import (
    ANA,
    CAST,
    REF,
    SAM,
    STRANGER,
    Case,
    entries_of,
    log_of,
    opened,
    texts_of,
    who,
)


def test_open_makes_everything_in_one_transaction(tx: Tx) -> None:
    incident = opened(tx)
    assert incident.ref == "INC-2026-0001"
    assert len(tasks_of(tx.session, incident)) == 30
    assert "organisation_name" in facts_of(tx.session, incident)
    assert {clock.key for clock in clocks_of(tx.session, incident)} >= {"triage", "EU-GDPR-33-SA"}
    assert [job.name for job in tx.jobs].count("make_channel") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "playbook",
    ["data_breach", "ransomware", "account_takeover", "lost_device"],
)
def test_every_playbook_opens(tx: Tx, playbook: str) -> None:
    incident = opened(tx, playbook=playbook)
    book = tx.rules.playbooks[playbook]
    shown = (incident.playbook_id, incident.playbook_version, incident.playbook_sha256)
    assert shown == (book.id, book.version, book.sha256)
    assert [task.key for task in tasks_of(tx.session, incident)] == [
        task.key for _, task in book.tasks()
    ]
    ours = {row.key: row for row in clocks_of(tx.session, incident) if row.kind == "containment"}
    assert {key: row.due_at for key, row in ours.items() if row.state == "running"} == {
        clock.id: T0 + clock.within for clock in book.containment_clocks
    }
    facts = facts_of(tx.session, incident)
    assert {one.fact for one in book.presumed_facts} <= set(facts)
    law = {row.key for row in clocks_of(tx.session, incident) if row.kind == "regulatory"}
    assert law == {"EU-GDPR-33-SA"}, "only what applies has a clock"
    standing = standing_of(tx.session, incident)
    assert set(standing) == {one.id for one in tx.rules.duties if one.in_force(T0.date())}
    assert standing["EU-GDPR-33-SA"] == "applies"
    assert standing["US-CA-IND"] == "cannot_tell"
    assert standing["US-SEC-8K-105"] == "does_not_apply"


def test_open_records_which_playbook_it_came_from(store: Store, clock: MovingClock) -> None:
    with unit_of_work(store, now=clock()) as tx:
        sha256 = opened(tx).playbook_sha256
    entry = log_of(store, REF)[1]
    assert entry.event == "incident.opened"
    assert (entry.data["playbook"], entry.data["playbook_sha256"]) == ("data_breach", sha256)
    assert texts_of(store, REF, 1) == {"title": "Claims database copied"}


def test_the_opener_leads_unless_somebody_else_is_named(tx: Tx) -> None:
    request = incidents.OpenIncident(
        title="A lost laptop", playbook_id="lost_device", severity=Severity.SEV3
    )
    incident = incidents.open_incident(tx, request, actor=who(tx, SAM))
    commander = holder_of(tx, incident, Role.COMMANDER)
    assert commander is not None
    assert commander.slack_id == SAM
    assert all(holder_of(tx, incident, role) is None for role in CORE_ROLES[1:])


def test_every_named_role_is_given(tx: Tx) -> None:
    request = incidents.OpenIncident(
        title="A lost laptop",
        playbook_id="lost_device",
        severity=Severity.SEV3,
        roles={**CAST, Role.SCRIBE: SAM},
    )
    incident = incidents.open_incident(tx, request, actor=who(tx, ANA))
    scribe = holder_of(tx, incident, Role.SCRIBE)
    assert scribe is not None
    assert scribe.slack_id == SAM


def test_what_the_opener_stated_starts_the_clocks(tx: Tx) -> None:
    request = incidents.OpenIncident(
        title="Claims database copied",
        playbook_id="data_breach",
        severity=Severity.SEV2,
        summary="An intruder copied the claims database.",
        aware_at=T0 - timedelta(hours=1),
    )
    incident = incidents.open_incident(tx, request, actor=who(tx, ANA))
    gdpr = {row.key: row for row in clocks_of(tx.session, incident)}["EU-GDPR-33-SA"]
    assert (gdpr.state, gdpr.due_at) == ("running", T0 + timedelta(hours=71))
    assert facts_of(tx.session, incident)["what_happened"].source == "stated at opening"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"playbook_id": "nope"}, IncidentError, "There is no playbook “nope”. There are: acc"),
        ({"title": "  "}, IncidentError, "The title is empty"),
        ({"title": "x" * 121}, IncidentError, "has 121 characters; 120 fit"),
        ({"aware_at": T0 + timedelta(seconds=1)}, FactError, "aware_at lies in the future"),
    ],
)
def test_what_cant_be_opened_leaves_nothing(
    store: Store, change: dict[str, object], error: type[Exception], message: str
) -> None:
    fields: dict[str, object] = {
        "title": "A leak",
        "playbook_id": "data_breach",
        "severity": Severity.SEV2,
    }
    request = incidents.OpenIncident(**(fields | change))  # type: ignore[arg-type]
    with pytest.raises(error, match=message), unit_of_work(store, now=T0) as tx:
        incidents.open_incident(tx, request, actor=who(tx, ANA))
    with unit_of_work(store, now=T0) as tx:
        assert tx.session.exec(select(Incident)).all() == []
        assert tx.session.exec(select(Person)).all() == []


@pytest.mark.slow
def test_numbers_start_again_each_year(store: Store, clock: MovingClock) -> None:
    refs = []
    for days in (0, 0, 60):
        clock.move(days=days)
        with unit_of_work(store, now=clock()) as tx:
            refs.append(opened(tx).ref)
    assert refs == ["INC-2026-0001", "INC-2026-0002", "INC-2027-0001"]


def test_a_title_is_one_printable_line(tx: Tx) -> None:
    incident = opened(tx, title="  Claims\n database\x00\u200b copied ")
    assert incident.title == "Claims database copied"
    assert incident.channel_name == "inc-2026-0001-claims-database-copied"


def test_a_confirmed_severity_meets_triage(case: Case) -> None:
    case.clock.move(minutes=30)
    with case.work() as (tx, incident):
        incidents.change_severity(
            tx, incident, Severity.SEV2, reason="seen the logs", actor=who(tx, ANA)
        )
    row = case.clock_row("triage")
    assert (row.state, row.met_at, row.detail["met_late"]) == ("met", case.clock(), False)
    entry = next(one for one in case.log() if one.event == "incident.severity_changed")
    assert entry.data == {"from": "SEV2", "to": "SEV2"}
    assert texts_of(case.store, REF, entry.seq) == {"reason": "seen the logs"}


def test_contained_meets_what_comes_before_it_but_no_escalation(case: Case) -> None:
    case.clock.move(hours=5)
    at = T0 + timedelta(hours=3)
    with case.work() as (tx, incident):
        incidents.contain(tx, incident, at=at, note="closed the way in", actor=who(tx, ANA))
        told = [job for job in tx.jobs if job.name == "announce"]
        assert [job.arguments["kind"] for job in told] == ["status", "clocks"]
        assert (incident.status, incident.contained_at) == ("contained", at)
    assert {key: case.clock_row(key).state for key in ACTS} == {
        "triage": "met",
        "escalation": "running",
        "containment": "met",
        "recovery": "running",
    }
    assert case.clock_row("containment").met_at == at
    assert case.clock_row("triage").detail["met_late"] is True


ACTS = ("triage", "escalation", "containment", "recovery")


def test_reopened_the_clocks_run_again(case: Case) -> None:
    with case.work() as (tx, incident):
        ana = who(tx, ANA)
        incidents.contain(tx, incident, at=tx.now, note="", actor=ana)
        incidents.recover(tx, incident, at=tx.now, note="", actor=ana)
    case.clock.move(hours=25)
    with case.work() as (tx, incident):
        incidents.reopen(tx, incident, note="it is back", actor=who(tx, ANA))
        ends = (incident.status, incident.contained_at, incident.recovered_at)
        assert ends == ("open", None, None)
    containment, recovery = case.clock_row("containment"), case.clock_row("recovery")
    assert (containment.state, containment.met_at) == ("missed", None)
    assert (recovery.state, recovery.met_at) == ("running", None)
    assert case.clock_row("triage").state == "met", "what was triaged stays triaged"
    with case.work() as (tx, _incident):
        rows = tx.session.exec(select(ReminderRow).where(ReminderRow.clock_id == recovery.id)).all()
        assert [row.label for row in rows] == [
            "24 h left",
            "12 h left",
            "4 h left",
            "1 h left",
            "breach",
        ]


def test_the_same_move_twice_is_told_twice(case: Case) -> None:
    keys = []
    for _ in range(2):
        case.clock.move(minutes=5)
        with case.work() as (tx, incident):
            incidents.contain(tx, incident, at=T0, note="", actor=who(tx, ANA))
            keys += [job.arguments["key"] for job in tx.jobs if job.name == "announce"]
            incidents.reopen(tx, incident, note="", actor=who(tx, ANA))
    assert len(set(keys)) == len(keys)


MOVES: list[tuple[str, Callable[[Tx, Incident, Person], None]]] = [
    ("contain", lambda tx, i, a: incidents.contain(tx, i, at=tx.now, note="", actor=a)),
    ("recover", lambda tx, i, a: incidents.recover(tx, i, at=tx.now, note="", actor=a)),
    ("reopen", lambda tx, i, a: incidents.reopen(tx, i, note="", actor=a)),
]


@pytest.mark.parametrize(
    ("before", "move", "message"),
    [
        ([], 2, "is already open"),
        ([0], 0, "is already contained"),
        ([1], 0, "is recovered; from there it can become: open, closed"),
        ([1], 1, "is already recovered"),
    ],
)
def test_moves_that_make_no_sense_are_refused(
    case: Case, before: list[int], move: int, message: str
) -> None:
    with case.work() as (tx, incident):
        for index in before:
            MOVES[index][1](tx, incident, who(tx, ANA))
        recorded = len(tx.drafts.get(REF, []))
        with pytest.raises(IncidentError, match=message):
            MOVES[move][1](tx, incident, who(tx, ANA))
        assert len(tx.drafts.get(REF, [])) == recorded


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (T0 + timedelta(seconds=1), "lies in the future"),
        (T0 - timedelta(days=1), "before INC-2026-0001 was opened"),
    ],
)
def test_a_move_at_an_impossible_time_is_refused(case: Case, at: object, message: str) -> None:
    with case.work() as (tx, incident):
        for verb in (incidents.contain, incidents.recover):
            with pytest.raises(IncidentError, match=message):
                verb(tx, incident, at=at, note="", actor=who(tx, ANA))  # type: ignore[arg-type]
    assert case.events()[-1] == "incident.member_joined"


def test_recovered_before_contained_is_refused(case: Case) -> None:
    case.clock.move(hours=2)
    with case.work() as (tx, incident):
        incidents.contain(tx, incident, at=tx.now, note="", actor=who(tx, ANA))
        with pytest.raises(IncidentError, match="was contained at 2026-11-19 11:00 UTC"):
            incidents.recover(tx, incident, at=T0, note="", actor=who(tx, ANA))


def test_whoever_joins_the_channel_is_a_member_once(case: Case) -> None:
    with case.work() as (tx, incident):
        assert joined_channel(tx, incident, who(tx, STRANGER)) is True
        assert is_member(tx.session, incident, who(tx, STRANGER))
        assert joined_channel(tx, incident, who(tx, STRANGER)) is False
    assert case.events()[-2:] == ["incident.member_joined", "incident.member_joined"]


def test_the_channel_is_recorded_once(case: Case) -> None:
    for _ in range(2):
        with case.work() as (tx, incident):
            channel_failed(tx, incident, error="restricted_action")
    for _ in range(2):
        with case.work() as (tx, incident):
            channel_made(tx, incident, channel_id="C0NEW")
    assert case.events()[-2:] == ["incident.channel_failed", "incident.channel_ready"]
    with case.work() as (tx, _incident):
        found = incident_by_ref(tx.session, "inc-2026-0001")
        assert found is not None
        assert (found.channel_id, found.channel_error) == ("C0NEW", "")


def test_an_incident_is_a_world_of_its_own(case: Case) -> None:
    with case.work() as (tx, _incident):
        opened(tx, title="Another one")
    assert entries_of(case.store, "INC-2026-0002")[:2] == ["log.opened", "incident.opened"]
    assert "Another" not in " ".join(case.events())
