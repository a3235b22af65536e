"""What a sent notice meets: its clock is marked from its page, with the notice as the proof."""

import pytest
from notice_page_kit import flat, released_notice, sent
from pages_kit import Site, incident

from bot.services.clock_marks import meet_clock
from bot.store.queries import clock_of
from bot.store.tables import ClockRow
from bot.store.unit_of_work import reading
from tests.kit import CHRIS, LENA, entries_of, log_of, texts_of

pytestmark = pytest.mark.slow
KEY = "EU-GDPR-33-SA"


def clock(site: Site, ref: str) -> ClockRow:
    """Read the clock of the notification to the authority."""
    with reading(site.store) as session:
        row = clock_of(session, incident(site, ref), KEY)
    assert row is not None
    return row


@pytest.fixture
def released(site: Site, ref: str) -> str:
    """The address of N-1, approved by Lena and released by Chris."""
    return released_notice(site, ref)


def test_the_clock_is_met_from_the_notice_that_was_sent(
    site: Site, ref: str, released: str
) -> None:
    early = site.as_(LENA).post(f"{released}/meets", {"clock": KEY})
    assert (early.status_code, "isn't sent yet" in flat(early.text)) == (409, True)
    lena = sent(site, released)
    sent_at = site.hands.now
    site.hands.wait(hours=2)
    page = lena.get(released).text
    assert "due Tue 24 Nov 2026, 10:00 CET (24 Nov 09:00 UTC) ." in flat(page)
    assert f'<form method="post" action="/incidents/{ref}/evidence/export">' in page
    answer = lena.post(f"{released}/meets", {"clock": KEY})
    assert answer.headers["location"] == f"{released}?done=met"
    row = clock(site, ref)
    assert (row.state, row.met_at, row.proof) == ("met", sent_at, "N-1, HH-2026-77")
    entry = next(one for one in reversed(log_of(site.store, ref)) if one.event == "clock.met")
    assert texts_of(site.store, ref, entry.seq)["reason"] == "N-1, HH-2026-77"
    after = flat(lena.get(released).text)
    assert "is met as of 21 Nov 2026, 12:00 : N-1, HH-2026-77" in after
    assert "Mark as met" not in after
    again = lena.post(f"{released}/meets", {"clock": KEY})
    assert (again.status_code, "already met" in again.text) == (409, True)


def test_only_legal_marks_and_only_what_the_notice_serves(
    site: Site, ref: str, released: str
) -> None:
    lena, chris = sent(site, released), site.as_(CHRIS)
    assert "Only Legal may mark a regulatory clock as met." in flat(chris.get(released).text)
    assert chris.post(f"{released}/meets", {"clock": KEY}).status_code == 403
    other = lena.post(f"{released}/meets", {"clock": "US-CA-IND"})
    assert (other.status_code, "isn't made for" in flat(other.text)) == (409, True)
    assert lena.send(f"{released}/meets", {"clock": KEY}).status_code == 403
    assert "clock.met" not in entries_of(site.store, ref)


def test_a_late_notice_says_why_on_the_same_page(site: Site, ref: str, released: str) -> None:
    site.hands.wait(days=4)
    lena = sent(site, released)
    words = flat(lena.get(released).text)
    assert "It was sent after that. Why was it late?" in words, "it told no reasons itself"
    refused = lena.post(f"{released}/meets", {"clock": KEY, "why_late": " "})
    assert (refused.status_code, "wants the reasons" in refused.text) == (409, True)
    form = {"clock": KEY, "why_late": "the scope was unclear"}
    assert lena.post(f"{released}/meets", form).status_code == 303
    assert clock(site, ref).lateness == "the scope was unclear"
    assert ", late: N-1, HH-2026-77" in flat(lena.get(released).text)


def test_a_clock_that_was_met_before_is_told_with_its_proof(
    site: Site, ref: str, released: str
) -> None:
    lena = sent(site, released)
    site.act(ref, LENA, lambda tx, one, her: meet_clock(tx, one, KEY, proof="fax", actor=her))
    words = flat(lena.get(released).text)
    assert "is met as of 21 Nov 2026, 12:00 : fax" in words
    assert f"{released}/meets" not in lena.get(released).text
