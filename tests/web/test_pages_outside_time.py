"""An incident's page says since when outside time is missing, and stops saying so."""

from datetime import timedelta

from pages_kit import NOW, Site

from bot.store.unit_of_work import origin_of, unit_of_work
from evidence_store import anchors
from tests.kit import LENA

WORDS = "Outside time is missing since"


def test_an_outage_of_the_authorities_stands_on_the_page(site: Site, ref: str) -> None:
    assert WORDS not in site.as_(LENA).get(f"/incidents/{ref}").text
    origin = origin_of(site.store, ref)
    with unit_of_work(site.store, now=NOW) as tx:
        anchors.fail(
            tx.session.connection(),
            origin=origin,
            retry=NOW + timedelta(minutes=1),
            missing_since=NOW,
            told=NOW,
            failures=1,
        )
    page = site.as_(LENA).get(f"/incidents/{ref}").text
    assert WORDS in page
    assert "tocsin doctor" in page
    with unit_of_work(site.store, now=NOW) as tx:
        anchors.settle(tx.session.connection(), origin=origin, due=None)
    assert WORDS not in site.as_(LENA).get(f"/incidents/{ref}").text
