"""A letter to people, approved and released on the site, and the letters of its print run made."""

import re
from html import unescape
from pathlib import Path

from pages_kit import NOW, Site, incident
from sqlmodel import select

from bot.cli.notice import read_facts
from bot.content.yaml_source import load_yaml
from bot.documents.print_letters import Made
from bot.jobs.print_run import print_run
from bot.services import notices
from bot.services.facts import NewFact, record_facts
from bot.services.notice_review import release_notice
from bot.services.print_runs import find_run, finish_run, keep_letters
from bot.store.notice_tables import NoticeRow, PrintRun
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx, reading
from tests.approval import approve
from tests.kit import CHRIS, FARID, LENA

TEMPLATE = "gdpr_art34_person"
FACTS = Path(__file__).parents[1] / "documents" / "facts" / "complete.yaml"
HEAD = "name;address;postcode;city;country;minor;guardian"


def people(count: int, *more: str) -> bytes:
    rows = [f"Ana Núñez {n};Beispielweg {n};20457;Hamburg;DE;;" for n in range(1, count + 1)]
    return "\r\n".join([HEAD, *rows, *more, ""]).encode()


def released_letter(site: Site, ref: str) -> int:
    """Tell the story's facts; approve and release the letter that follows; return its number."""
    told = read_facts(load_yaml(FACTS), now=NOW)
    new = [NewFact(key=one.key, value=one.value, source="story") for one in told.values()]
    site.act(ref, FARID, lambda tx, one, who: record_facts(tx, one, new, actor=who))
    with reading(site.store) as session:
        rows = session.exec(
            select(NoticeRow).where(
                NoticeRow.template_id == TEMPLATE,
                NoticeRow.incident_id == incident(site, ref).id,
            )
        )
        number = rows.one().number
    site.act(ref, CHRIS, lambda tx, one, chris: notices.submit_notice(tx, one, number, actor=chris))

    site.act(ref, LENA, lambda tx, one, lena: approve(tx, one, number, actor=lena))
    site.act(ref, CHRIS, lambda tx, one, chris: release_notice(tx, one, number, actor=chris))
    return number


def make_letters(site: Site, ref: str, number: int = 1) -> None:
    """Do the job's work: on this site jobs stay queued."""
    one = incident(site, ref)
    with reading(site.store) as session:
        run = session.exec(
            select(PrintRun).where(PrintRun.incident_id == one.id, PrintRun.number == number)
        ).one()
    print_run(site.tocsin.parts, {"incident_id": one.id, "run_id": run.id})


def list_letters(site: Site, ref: str, number: int = 1) -> None:
    """Finish a run whose letters' digests are made up; its list has them in rows 2 to 13."""

    def finish(tx: Tx, one: Incident, _lena: Person) -> None:
        run = find_run(tx, one, number)
        made = [
            Made(row=row, row_sha256="r", pdf_sha256=f"{row:064x}", pages=2) for row in range(2, 14)
        ]
        keep_letters(tx, run, made)
        finish_run(tx, one, run)

    site.act(ref, LENA, finish)


def flat(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def proof_hash(page: str) -> str:
    found = re.search(r'name="proof_sha256" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]
