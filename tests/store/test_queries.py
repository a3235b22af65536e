"""Questions over many incidents: who sees what, and how many questions a whole situation takes."""

from typing import Any

from sqlalchemy import event
from sqlmodel import select

from bot.domain.incident import Severity
from bot.domain.roles import Role
from bot.services.incidents import OpenIncident, open_incident
from bot.services.notices import draft_notice
from bot.services.situation import situation_of
from bot.services.tasks import assign_task, complete_task
from bot.store.queries import (
    incidents_of,
    next_clocks_for,
    open_tasks_for,
    person_by_slack_id,
    tasks_of,
)
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, reading
from tests.conftest import T0
from tests.kit import ANA, CHRIS, FARID, LENA, REF, SAM, STRANGER, Case, opened, who


def person(store: Store, slack_id: str) -> Person:
    with reading(store) as session:
        found = person_by_slack_id(session, slack_id)
    assert found is not None
    return found


def test_lists_show_a_person_only_their_own_incidents(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, _incident):
        request = OpenIncident(
            title="Ana's own",
            playbook_id="lost_device",
            severity=Severity.SEV4,
            roles={Role.COMMANDER: ANA},
        )
        open_incident(tx, request, actor=who(tx, ANA))
    ana, sam, stranger = (person(case.store, one) for one in (ANA, SAM, STRANGER))
    with reading(case.store) as session:
        assert [one.ref for one in incidents_of(session, ana)] == ["INC-2026-0002", REF]
        assert [one.ref for one in incidents_of(session, sam)] == [REF]
        assert incidents_of(session, stranger) == []
        assert {found.ref for _, found in next_clocks_for(session, sam)} == {REF}
        assert next_clocks_for(session, stranger) == []
        assert open_tasks_for(session, stranger) == []


def test_my_tasks_are_those_of_my_roles_and_those_given_to_me(case: Case) -> None:
    with case.work() as (tx, incident):
        mine = [one.number for one in tasks_of(tx.session, incident) if one.owner_role == "legal"]
        assign_task(tx, incident, mine[0], who(tx, SAM), actor=who(tx, LENA))
        complete_task(tx, incident, mine[1], note="", actor=who(tx, LENA))
    lena, sam = person(case.store, LENA), person(case.store, SAM)
    with reading(case.store) as session:
        assert {row.number for row in open_tasks_for(session, lena)} == set(mine[2:])
        assert [row.number for row in open_tasks_for(session, sam)] == [mine[0]]


def test_the_clocks_that_end_next_come_first(case: Case) -> None:
    case.learn({"aware_at": T0})
    farid = person(case.store, FARID)
    with reading(case.store) as session:
        keys = [row.key for row, _ in next_clocks_for(session, farid)]
    assert keys[:3] == ["triage", "escalation", "containment"]
    assert set(keys[3:]) == {"recovery", "EU-GDPR-33-SA"}


def count_questions(case: Case) -> int:
    """How many statements it takes to read the whole situation."""
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    with reading(case.store) as session:
        incident = session.exec(select(Incident).where(Incident.ref == REF)).one()
        event.listen(case.store.engine, "before_cursor_execute", listen)
        situation_of(session, incident, case.store.rules)
        event.remove(case.store.engine, "before_cursor_execute", listen)
    return len(asked)


def test_a_situation_takes_as_many_questions_with_much_in_it_as_with_little(case: Case) -> None:
    few = count_questions(case)
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        for template in ("holding_statement", "us_ca_individual", "us_ma_individual"):
            draft_notice(tx, incident, template, actor=who(tx, CHRIS))
        opened(tx, title="Another one")
    assert count_questions(case) == few == 10
