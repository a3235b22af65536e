"""A breach with people in fourteen jurisdictions, and short ways to read the board's pages."""

import re
from html import unescape

from pages_kit import Looker, Site

from bot.services.board import Board, read_board
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import reading
from tests.kit import FARID

PLACES = {
    "DE": 4200,
    "FR": 900,
    "GB": 1300,
    "US-CA": 12000,
    "US-NY": 3400,
    "US-TX": 2600,
    "US-FL": 1500,
    "US-MA": 700,
    "BR": 350,
    "JP": 1200,
    "AU": 240,
    "SG": 80,
    "CH": 400,
    "CA-QC": 60,
}

BREACH = {
    "aware_at": "2026-11-21 09:00 UTC",
    "discovered_at": "2026-11-21 08:30 UTC",
    "data_elements": "name, ssn, financial_account, national_id, email",
    "encryption": "not_encrypted",
    "risk_to_people": "high",
    "misuse_likely": "yes",
    **{f"residents:{code}": str(number) for code, number in PLACES.items()},
}


def breach(site: Site, ref: str) -> str:
    """Record the breach as Farid, and give the address of the incident's pages."""
    site.record(ref, FARID, BREACH)
    return f"/incidents/{ref}"


def board_of(site: Site, ref: str) -> Board:
    """Read the board as it stands."""
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        return read_board(session, site.store.rules, incident, now=site.hands.now)


def text_of(page: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def section(page: str, name: str) -> str:
    """The part of a page that has this id."""
    begin = page.index(f'id="{name}"')
    return page[begin : page.index("</section>", begin)]


def keys_in_table(looker: Looker, path: str) -> list[str]:
    """The clocks in the board's table, from top to bottom."""
    table = section(looker.get(path).text, "clocks")
    return re.findall(r'<th scope="row"><a href="[^"]*/clocks/([^"]+)"', table)


def make(looker: Looker, path: str) -> str:
    """Make a calendar feed; give the address that the page shows once."""
    answer = looker.post(path)
    assert answer.status_code == 200, answer.text
    found = re.search(r'id="feed-address" readonly value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]
