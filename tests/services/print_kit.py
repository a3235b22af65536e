"""What the tests of print runs share: an approved and released letter, and lists of people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from slack_sdk import WebClient
from sqlmodel import select

from bot.cli.notice import read_facts
from bot.content.yaml_source import load_yaml
from bot.delivery.slack import SlackGateway
from bot.documents.print_letters import Made
from bot.domain.facts import FactValue
from bot.jobs.parts import Parts
from bot.jobs.print_run import print_run
from bot.services import notices
from bot.services.notice_review import release_notice
from bot.services.print_lists import CheckedList, check_list
from bot.services.print_runs import (
    add_run,
    approve_proof,
    finish_run,
    home_of,
    keep_letters,
    letters_for,
    note_proof,
    start_run,
)
from bot.store.notice_tables import NoticeRow, NoticeVersion, PrintedLetter, PrintRun
from bot.store.print_queries import printed_letters, run_of
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import reading
from tests.approval import approve
from tests.conftest import T0
from tests.kit import CHRIS, LENA, Case, who

LETTER = "gdpr_art34_person"
_FACTS = Path(__file__).parents[1] / "documents" / "facts" / "complete.yaml"
TOLD = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
HEAD = "name,address,postcode,city,country,minor,guardian"


def people(count: int, *more: str) -> bytes:
    """A list of so many people in Hamburg, and rows of one's own."""
    rows = [f"Ana Núñez {n},Beispielweg {n},20457,Hamburg,DE,," for n in range(1, count + 1)]
    return "\r\n".join([HEAD, *rows, *more, ""]).encode()


def letter_facts() -> Mapping[str, FactValue]:
    """All that the letter to people needs, from the story."""
    told = read_facts(load_yaml(_FACTS), now=TOLD)
    return {
        key: one.value
        for key, one in told.items()
        if not key.startswith("residents") and not isinstance(one.value, datetime)
    }


def release_letter(case: Case, *, release: bool = True) -> None:
    """Have the letter that the facts call for submitted by Chris, approved by Lena, released."""
    case.learn({**letter_facts(), "aware_at": T0, "breach_started_at": T0, "breach_ended_at": T0})
    approve_letter(case, number_of_letter(case), release=release)


def approve_letter(case: Case, number: int, *, release: bool = True) -> None:
    """Have Chris submit a letter, and release it once Lena has approved it."""
    with case.work() as (tx, incident):
        notices.submit_notice(tx, incident, number, actor=who(tx, CHRIS))
    with case.work() as (tx, incident):
        approve(tx, incident, number, actor=who(tx, LENA))
        if release:
            release_notice(tx, incident, number, actor=who(tx, CHRIS))


def number_of_letter(case: Case) -> int:
    """The number of the letter, which Tocsin drafted by itself."""
    with reading(case.store) as session:
        rows = session.exec(select(NoticeRow).where(NoticeRow.template_id == LETTER))
        return min(one.number for one in rows)


def check(case: Case, content: bytes) -> CheckedList:
    """Check a list as the page does."""
    store = case.store
    template = store.rules.notices[LETTER]
    source = store.artifacts.store([content])
    return check_list(
        store,
        source,
        letters_for(store.rules, template),
        today=T0.date(),
        home_country=home_of(store.rules, template),
    )


def bring(case: Case, content: bytes, *, by: str = CHRIS, notice: int = 0) -> PrintRun:
    """Bring a list for the letter, or for another notice like it."""
    checked = check(case, content)
    number = notice or number_of_letter(case)
    with case.work() as (tx, incident):
        run = add_run(
            tx, incident, number, checked=checked, file_name="people.csv", actor=who(tx, by)
        )
    case.store.artifacts.settled(checked.refs)
    return run


def prove(case: Case, number: int = 1, *, by: str = LENA) -> None:
    """Take the proof pack as Chris, and approve it."""
    with case.work() as (tx, incident):
        note_proof(tx, incident, number, sha256="p" * 64, letters=1, actor=who(tx, CHRIS))
    with case.work() as (tx, incident):
        approve_proof(tx, incident, number, proof_sha256="p" * 64, actor=who(tx, by))


def begin(case: Case, number: int = 1) -> None:
    with case.work() as (tx, incident):
        start_run(tx, incident, number, actor=who(tx, LENA))


def list_a_run(case: Case, content: bytes, *, notice: int = 0) -> int:
    """Finish a run whose letters' digests are made up: enough to compare lists. Return its number.

    The list has a letter in each of its rows 2 to 13.
    """
    number = bring(case, content, notice=notice).number
    prove(case, number)
    begin(case, number)
    with case.work() as (tx, incident):
        run = tx.session.get_one(PrintRun, the_run(case, number).id)
        made = [
            Made(row=row, row_sha256="r", pdf_sha256=f"{row:064x}", pages=2) for row in range(2, 14)
        ]
        keep_letters(tx, run, made)
        finish_run(tx, incident, run)
    return number


def parts_for(case: Case) -> Parts:
    """What the job needs; Slack is never called."""
    client = WebClient(token="xoxb-none")
    return Parts(
        store=case.store,
        slack=SlackGateway(client, client),
        clock=case.clock,
        base_url="",
        bot_token="",
        file_hosts=frozenset(),
    )


def make(case: Case, number: int = 1) -> PrintRun:
    """Do the job's work, in this process and its letter processes."""
    run = the_run(case, number)
    print_run(parts_for(case), {"incident_id": run.incident_id, "run_id": run.id})
    return the_run(case, number)


def the_run(case: Case, number: int = 1) -> PrintRun:
    with reading(case.store) as session:
        incident = incident_by_ref(session, case.ref)
        assert incident is not None
        found = run_of(session, incident, number)
    assert found is not None
    return found


def letters(case: Case, number: int = 1) -> list[PrintedLetter]:
    run = the_run(case, number)
    with reading(case.store) as session:
        return list(printed_letters(session, run))


def the_incident(case: Case) -> Incident:
    """Return the incident that the run belongs to."""
    with reading(case.store) as session:
        return session.exec(select(Incident).where(Incident.ref == case.ref)).one()


def versions(case: Case) -> list[NoticeVersion]:
    """Return the versions of the letter that is printed."""
    with reading(case.store) as session:
        return [
            one
            for one in session.exec(select(NoticeVersion)).all()
            if one.notice_id == the_run(case).notice_id
        ]
