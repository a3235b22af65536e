"""What tests of several rooms share: opening incidents, waiting, and verifying every log."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session, select

from bot.domain.incident import Severity
from bot.domain.roles import Role
from bot.services.access import person_for
from bot.services.incidents import OpenIncident, open_incident
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx, origin_of, reading
from evidence_store.bundle import export_bundle
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


def who(tx: Tx, slack_id: str) -> Person:
    """The person behind a Slack id."""
    return person_for(tx, slack_id)


def entries_of(store: Store, ref: str) -> list[str]:
    """The events of an incident's log, in order."""
    from evidence_store.log import entries

    with reading(store) as session:
        found = entries(session.connection(), origin=origin_of(store, ref))
        return [entry.event for entry in found]


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
