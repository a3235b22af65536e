"""A follow-up: drafted when there is news since the one that was sent, and what is news."""

import pytest
from notice_page_kit import flat, released_notice, sent
from pages_kit import LETTER, Site, incident

from bot.services.notices import withdraw_notice
from bot.store.notice_tables import NoticeRow
from bot.store.queries import notice_versions, notices_of
from bot.store.unit_of_work import reading
from tests.kit import FARID, LENA

pytestmark = pytest.mark.slow
FOLLOW_UP = "gdpr_art33_followup"


def further(site: Site, ref: str) -> list[tuple[NoticeRow, str]]:
    """List the follow-ups with the reason of each one's first version."""
    with reading(site.store) as session:
        return [
            (one, notice_versions(session, one)[0].reason)
            for one in notices_of(session, incident(site, ref))
            if one.template_id == FOLLOW_UP
        ]


@pytest.fixture
def reported(site: Site, ref: str) -> str:
    """The address of the notification, sent; an hour has passed since."""
    home = released_notice(site, ref)
    sent(site, home)
    site.hands.wait(hours=1)
    return home


@pytest.mark.parametrize(
    ("learnt", "reason"),
    [
        # Optional in the first report and absent from it.
        ({"how_discovered": "An alarm of the storage."}, "since N-1: new: how_discovered"),
        # Only the follow-up tells it.
        ({"root_cause": "A forgotten key."}, "since N-1: new: root_cause"),
        (
            {"affected_total": "1520", "residents:FR": "12"},
            "since N-1: new: residents:FR; changed: affected_total",
        ),
    ],
)
def test_news_since_the_first_report_calls_for_a_further_one(
    site: Site, ref: str, reported: str, learnt: dict[str, str], reason: str
) -> None:
    assert reported.startswith(f"/incidents/{ref}/")
    assert further(site, ref) == []
    site.record(ref, FARID, learnt)
    assert [why for _, why in further(site, ref)] == [reason]


def test_what_comes_of_the_report_itself_is_no_news(site: Site, ref: str, reported: str) -> None:
    assert reported.endswith("/1")
    site.record(ref, FARID, {"gdpr_case_reference": "HH-2026-77", "how_discovered": "unknown"})
    site.record(ref, FARID, {"affected_total": LETTER["affected_total"]})
    assert further(site, ref) == []


def test_what_was_known_when_the_report_went_out_is_no_news(site: Site, ref: str) -> None:
    site.record(ref, FARID, {"root_cause": "A forgotten key."})
    sent(site, released_notice(site, ref))
    site.hands.wait(hours=1)
    site.record(ref, FARID, {"gdpr_first_notified_at": "2026-11-21 11:00 UTC"})
    assert further(site, ref) == []
    site.record(ref, FARID, {"root_cause": "A key in a public repository."})
    assert [why for _, why in further(site, ref)] == ["since N-1: changed: root_cause"]


def test_the_page_tells_what_is_new_and_what_changed(site: Site, ref: str, reported: str) -> None:
    site.record(ref, FARID, {"affected_total": "1520", "root_cause": "A forgotten key."})
    [(row, _)] = further(site, ref)
    lena = site.as_(LENA)
    page = lena.get(f"/incidents/{ref}/notices/{row.number}").text
    told = flat(page).split("Since N-1 was sent 2 ")[1].split("Preview")[0]
    assert "new A forgotten key." in told
    assert "changed 1,450 → 1,520" in told
    assert f'href="{reported}">N-1</a> was sent' in page
    assert 'id="news"' not in lena.get(reported).text


def test_one_that_was_withdrawn_comes_again_only_with_more_news(
    site: Site, ref: str, reported: str
) -> None:
    assert reported.endswith("/1")
    site.record(ref, FARID, {"affected_total": "1520"})
    [(row, _)] = further(site, ref)
    site.act(
        ref,
        LENA,
        lambda tx, one, her: withdraw_notice(tx, one, row.number, reason="told", actor=her),
    )
    site.record(ref, FARID, {"gdpr_case_reference": "HH-2026-77"})
    assert len(further(site, ref)) == 1
    site.record(ref, FARID, {"affected_total": "1600"})
    assert len(further(site, ref)) == 2
