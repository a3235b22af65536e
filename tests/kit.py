"""What tests of several rooms share: opening incidents, waiting, and verifying every log."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.domain.facts import FactValue, parse_key
from bot.domain.incident import Severity
from bot.domain.roles import Role
from bot.services.access import person_for
from bot.services.facts import NewFact, record_facts
from bot.services.incidents import OpenIncident, add_member, open_incident
from bot.services.roles import give_role
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import Store, Tx, origin_of, reading, unit_of_work
from evidence_store.bundle import export_bundle
from evidence_store.entry import Entry
from evidence_store.log import entries, openings
from evidence_store.verify import verify

ANA, FARID, LENA, CHRIS, SAM = "U0ANA", "U0FARID", "U0LENA", "U0CHRIS", "U0SAM"
CAST = {Role.COMMANDER: ANA, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}

T = TypeVar("T")


def opened(
    tx: Tx, *, playbook: str = "data_breach", title: str = "Claims database copied"
) -> Incident:
    """Open an incident as Ana with the demo's cast in its roles; Sam isn't in it."""
    request = OpenIncident(title=title, playbook_id=playbook, severity=Severity.SEV2, roles=CAST)
    return open_incident(tx, request, actor=person_for(tx, ANA))


SCRIBE, OBSERVER, STRANGER = "U0SCRIBE", "U0OBSERVER", "U0STRANGER"
REF = "INC-2026-0001"


def cast(tx: Tx) -> Incident:
    """Open an incident in which somebody holds each role, and Sam is a member without one.

    `STRANGER` is known and no member.
    """
    incident = opened(tx)
    for role, slack_id in ((Role.SCRIBE, SCRIBE), (Role.OBSERVER, OBSERVER)):
        give_role(tx, incident, role, who(tx, slack_id), actor=who(tx, ANA), note="", tell=False)
    add_member(tx, incident, who(tx, SAM))
    who(tx, STRANGER)
    return incident


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """The incident of the `case` fixture, and the short ways to work on it."""

    store: Store
    clock: Any
    ref: str = REF

    @contextmanager
    def work(self) -> Iterator[tuple[Tx, Incident]]:
        """Open a unit of work at the clock's time and find the incident in it."""
        with unit_of_work(self.store, now=self.clock()) as tx:
            yield tx, tx.session.exec(select(Incident).where(Incident.ref == self.ref)).one()

    def learn(self, values: Mapping[str, FactValue], *, by: str = ANA) -> None:
        """Record facts in a transaction of their own."""
        with self.work() as (tx, incident):
            record_facts(tx, incident, new_facts(values), actor=who(tx, by))

    def events(self) -> list[str]:
        """The events logged so far."""
        return entries_of(self.store, self.ref)

    def log(self) -> list[Entry]:
        """The entries logged so far."""
        return log_of(self.store, self.ref)

    def clock_row(self, key: str) -> ClockRow:
        """A clock as it is stored."""
        with reading(self.store) as session:
            return session.exec(
                select(ClockRow)
                .join(Incident, col(Incident.id) == col(ClockRow.incident_id))
                .where(Incident.ref == self.ref, ClockRow.key == key)
            ).one()


def new_facts(values: Mapping[str, FactValue]) -> list[NewFact]:
    """Facts to record, by the text form of their keys."""
    return [
        NewFact(key=parse_key(key), value=value, source="told by the test")
        for key, value in values.items()
    ]


def jobs_of(store: Store) -> int:
    """How many jobs have been queued."""
    tables = {"sqlite": "workflow_status", "postgresql": "dbos.workflow_status"}
    with store.engine.connect() as connection:
        query = text(f"SELECT count(*) FROM {tables[store.engine.dialect.name]}")  # noqa: S608
        return int(connection.execute(query).scalar_one())


def who(tx: Tx, slack_id: str) -> Person:
    """The person behind a Slack id."""
    return person_for(tx, slack_id)


def entries_of(store: Store, ref: str) -> list[str]:
    """The events of an incident's log, in order."""
    return [entry.event for entry in log_of(store, ref)]


def log_of(store: Store, ref: str) -> list[Entry]:
    """The entries of an incident's log, in order."""
    with reading(store) as session:
        return list(entries(session.connection(), origin=origin_of(store, ref)))


def texts_of(store: Store, ref: str, seq: int) -> dict[str, Any]:
    """What stands behind the commitments of one entry."""
    with reading(store) as session:
        found = openings(session.connection(), origin=origin_of(store, ref), seq=seq)
        return {one.name: one.decoded() for one in found}


def verify_all(store: Store, folder: Path) -> None:
    """Export and verify the log of every incident; only the trusted time may be missing."""
    with Session(store.engine) as session:
        for ref in session.exec(select(Incident.ref)).all():
            out = folder / ref
            export_bundle(
                session.connection(),
                origin=origin_of(store, ref),
                artifacts=store.artifacts,
                out=out,
                now=session.exec(select(Incident.opened_at)).all()[-1],
                vkey=store.signer.vkey,
            )
            report = verify(out, vkeys=[store.signer.vkey])
            assert report.verdict == "PARTIAL", report


def until(ask: Callable[[], T | None], *, seconds: float = 10.0) -> T:
    """Ask until there is an answer that isn't empty; fail after `seconds`."""
    for _ in range(int(seconds / 0.02)):
        answer = ask()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing came of {ask} within {seconds} s")
