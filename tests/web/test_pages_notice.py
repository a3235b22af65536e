"""The notice desk: what it shows, who may take which step, and what is bound by an approval."""

import hashlib
import re
from html import unescape

import pytest
from pages_kit import LETTER, NOW, Looker, Site

from bot.documents.pdf_text import text_of_pages
from bot.domain.fact_dictionary import FACT_TYPES
from bot.services.notices import reword_notice, submit_notice
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import incident_by_ref, notice_of, notice_versions
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of, log_of

pytestmark = pytest.mark.slow
"""Each test tells a whole story first: facts, clocks and three drafted notices."""


def notice(site: Site, ref: str) -> tuple[NoticeRow, list[NoticeVersion]]:
    """Read N-1 and its versions."""
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        row = notice_of(session, incident, 1)
        assert row is not None
        return row, list(notice_versions(session, row))


def content_hash(page: str) -> str:
    """Return the hash that the page's approval form carries."""
    found = re.search(r'name="content_sha256" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def flat(page: str) -> str:
    """Return a page's words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def desk(site: Site, ref: str) -> str:
    """The address of N-1, the notification to the authority, complete and in draft."""
    site.record(ref, FARID, LETTER)
    return f"/incidents/{ref}/notices/1"


@pytest.fixture
def reviewed(site: Site, ref: str, desk: str) -> str:
    """The same notice, handed to Legal by Chris."""
    site.act(ref, CHRIS, lambda tx, one, chris: submit_notice(tx, one, 1, actor=chris))
    return desk


def approve(lena: Looker, desk: str) -> None:
    """Read the notice and approve it."""
    page = lena.get(desk).text
    answer = lena.post(f"{desk}/approve", {"content_sha256": content_hash(page)})
    assert answer.status_code == 303, flat(answer.text)
    assert answer.headers["location"] == f"{desk}?done=approved"


def test_the_desk_shows_state_duty_checklist_and_versions(site: Site, desk: str) -> None:
    words = flat(site.as_(LENA).get(desk).text)
    assert "Notification of a personal data breach" in words
    assert "Draft" in words
    assert "Regulation (EU) 2016/679 Art. 33(1) 2 d 22 h left" in words
    assert "Thu" not in words.split("Duties and deadlines")[0]
    assert "Tue 24 Nov 2026, 10:00 CET (24 Nov 09:00 UTC)" in words
    assert "Fulfilled: Likely consequences of the breach Art. 33(3)(c) GDPR" in words
    assert "by Tocsin: drafted from the facts" in words
    assert notice_hash_shown(site, desk) in words


def notice_hash_shown(site: Site, desk: str) -> str:
    """Return the short content hash of N-1's newest version."""
    _, versions = notice(site, desk.split("/")[2])
    return versions[-1].content_sha256[:12]


def test_an_unknown_notice_is_not_found(site: Site, desk: str) -> None:
    lena = site.as_(LENA)
    for path in ("", "/preview", "/pdf"):
        assert lena.get(desk.replace("/1", "/9") + path).status_code == 404


def test_the_preview_is_the_letter_in_a_cage_of_its_own(site: Site, desk: str) -> None:
    lena = site.as_(LENA)
    answer = lena.get(f"{desk}/preview")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; font-src 'self'")
    assert "frame-ancestors 'self'" in policy
    assert policy.endswith("sandbox allow-top-navigation-by-user-activation")
    fact = f'target="_parent" href="{desk}#fact-'
    assert fact in answer.text, "each number and date leads to its source"
    assert 'id="fact-affected_total"' in lena.get(desk).text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "An intruder copied claims files" in answer.text
    assert "DRAFT – not approved" in answer.text
    assert "bundled:" not in answer.text
    assert "<script" not in answer.text
    page = lena.get(desk).text
    assert f'<iframe src="{desk}/preview" sandbox="allow-top-navigation-by-user-activation"' in page


def test_what_is_missing_is_asked_and_recorded(site: Site, ref: str) -> None:
    missing = {"measures_taken", "breach_ended_at"}
    site.record(ref, FARID, {key: text for key, text in LETTER.items() if key not in missing})
    desk, chris = f"/incidents/{ref}/notices/1", site.as_(CHRIS)
    page = flat(chris.get(desk).text)
    assert "Missing 2" in page
    assert FACT_TYPES["measures_taken"].label in page
    form = {
        "value:measures_taken": "Account closed.",
        "unknown:breach_ended_at": "yes",
        "confidence": "estimated",
        "source": "Farid",
    }
    assert chris.post(f"{desk}/facts", form).headers["location"] == f"{desk}?done=fact"
    row, versions = notice(site, ref)
    assert row.version == 2
    assert versions[-1].facts["measures_taken"]["confidence"] == "estimated"
    assert versions[-1].facts["breach_ended_at"]["value"] is None
    after = flat(chris.get(desk).text)
    assert "Missing" not in after


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"value:breach_ended_at": "soon", "source": "Farid"}, "isn't a time"),
        ({"value:breach_ended_at": "2027-01-01 10:00", "source": "Farid"}, "in the future"),
        ({"value:breach_ended_at": "10:00"}, "Say how you know it"),
        ({"source": "Farid"}, "Nothing is filled in"),
        (
            {"value:breach_ended_at": "10:00", "unknown:breach_ended_at": "yes", "source": "Farid"},
            "keep one of the two",
        ),
    ],
)
def test_a_wrong_answer_stays_where_it_was_typed(
    site: Site, ref: str, form: dict[str, str], says: str
) -> None:
    site.record(ref, FARID, {k: text for k, text in LETTER.items() if k != "breach_ended_at"})
    before = entries_of(site.store, ref)
    answer = site.as_(CHRIS).post(f"/incidents/{ref}/notices/1/facts", form)
    assert answer.status_code == 422
    assert says in flat(answer.text)
    for name in ("value:breach_ended_at", "source"):
        assert f'name="{name}" value="{form.get(name, "")}"' in answer.text
    assert entries_of(site.store, ref) == before


def test_own_words_make_a_version_whose_author_cannot_approve_it(
    site: Site, ref: str, reviewed: str
) -> None:
    lena = site.as_(LENA)
    answer = lena.post(f"{reviewed}/wording", {"words:what_happened": "Files were copied."})
    assert answer.headers["location"] == f"{reviewed}?done=reworded"
    assert "Files were copied." in lena.get(f"{reviewed}/preview").text
    page = lena.get(reviewed).text
    assert "Whoever wrote this version can't approve it" in flat(page)
    assert re.search(r'<button class="primary" disabled>Approve version 2</button>', page)
    refused = lena.post(f"{reviewed}/approve", {"content_sha256": content_hash(page)})
    assert refused.status_code == 409
    assert "This notice can't be approved yet." in flat(refused.text)
    assert "Whoever wrote this version can't approve it" in flat(refused.text)
    assert notice(site, ref)[0].state == "in_review"


def test_the_same_words_again_are_refused(site: Site, desk: str) -> None:
    answer = site.as_(CHRIS).post(f"{desk}/wording", {"words:what_happened": ""})
    assert answer.status_code == 409
    assert "The wording is the same as before" in answer.text


def test_only_text_facts_of_this_notice_can_be_reworded(site: Site, ref: str, desk: str) -> None:
    form = {"words:affected_total": "3", "words:helpline_phone": "0", "words:what_happened": "New."}
    assert site.as_(CHRIS).post(f"{desk}/wording", form).status_code == 303
    assert notice(site, ref)[1][-1].wording == {"what_happened": "New."}


def test_a_gap_blocks_approval_and_every_reason_is_told(site: Site, ref: str) -> None:
    missing = {"measures_taken", "likely_consequences"}
    site.record(ref, FARID, {key: text for key, text in LETTER.items() if key not in missing})
    desk, lena = f"/incidents/{ref}/notices/1", site.as_(LENA)
    assert lena.post(f"{desk}/submit").headers["location"] == f"{desk}?done=submitted"
    page = lena.get(desk).text
    assert "2 things stand in the way of your approval" in flat(page)
    refused = lena.post(f"{desk}/approve", {"content_sha256": content_hash(page)})
    assert refused.status_code == 409
    for name in missing:
        assert f"Not recorded: {FACT_TYPES[name].label}" in flat(refused.text)
    assert notice(site, ref)[0].state == "in_review"
    assert "notice.approved" not in entries_of(site.store, ref)


def test_a_forbidden_word_is_shown_and_blocks(site: Site, ref: str, reviewed: str) -> None:
    words = {"what_happened": "A sophisticated intruder came."}
    site.act(ref, CHRIS, lambda tx, one, chris: reword_notice(tx, one, 1, words, actor=chris))
    lena = site.as_(LENA)
    page = lena.get(reviewed).text
    assert "This may not stand in it: “sophisticated”" in flat(page)
    refused = lena.post(f"{reviewed}/approve", {"content_sha256": content_hash(page)})
    assert refused.status_code == 409
    assert "“sophisticated”" in refused.text


@pytest.mark.parametrize("stale", ["", "0" * 64])
def test_what_was_not_read_is_not_approved(site: Site, ref: str, reviewed: str, stale: str) -> None:
    refused = site.as_(LENA).post(f"{reviewed}/approve", {"content_sha256": stale})
    assert refused.status_code == 409
    assert "has changed since you opened it" in flat(refused.text)
    assert notice(site, ref)[0].state == "in_review"


def test_a_fact_that_came_meanwhile_makes_the_reading_stale(
    site: Site, ref: str, reviewed: str
) -> None:
    lena = site.as_(LENA)
    read = content_hash(lena.get(reviewed).text)
    site.record(ref, FARID, {"records_total": "4000"})
    refused = lena.post(f"{reviewed}/approve", {"content_sha256": read})
    assert refused.status_code == 409
    assert "Read version 2, shown here, then approve." in flat(refused.text)
    assert content_hash(refused.text) != read


def test_a_draft_is_not_approved_before_its_review(site: Site, ref: str, desk: str) -> None:
    _, versions = notice(site, ref)
    form = {"content_sha256": versions[-1].content_sha256}
    refused = site.as_(LENA).post(f"{desk}/approve", form)
    assert refused.status_code == 409
    assert "only a notice in review can be approved" in flat(refused.text)


@pytest.mark.parametrize("who", [ANA, FARID, CHRIS])
def test_only_legal_approves(site: Site, ref: str, reviewed: str, who: str) -> None:
    looker = site.as_(who)
    page = looker.get(reviewed).text
    assert "Only Legal may approve a notice or ask for changes." in flat(page)
    refused = looker.post(f"{reviewed}/approve", {"content_sha256": content_hash(page)})
    assert refused.status_code == 403
    assert notice(site, ref)[0].state == "in_review"


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [
        (FARID, "submit", 403),
        (FARID, "wording", 403),
        (CHRIS, "withdraw", 403),
        (SAM, "submit", 404),
        (CHRIS, "submit", 303),
        (ANA, "submit", 303),
        (LENA, "withdraw", 303),
        # A draft isn't in review, and what isn't approved can't have been sent.
        (LENA, "changes", 409),
        (LENA, "sent", 409),
    ],
)
def test_each_step_is_for_those_who_may(
    site: Site, desk: str, who: str, step: str, status: int
) -> None:
    form = {
        "reason": "not needed",
        "comment": "shorter",
        "proof": "ref",
        "words:what_happened": "x",
    }
    assert site.as_(who).post(f"{desk}/{step}", form).status_code == status


@pytest.mark.parametrize(
    ("step", "field", "says"),
    [
        ("changes", "comment", "Say what has to change"),
        ("withdraw", "reason", "Say why the notice"),
    ],
)
def test_a_step_wants_its_reason(
    site: Site, reviewed: str, step: str, field: str, says: str
) -> None:
    refused = site.as_(LENA).post(f"{reviewed}/{step}", {field: "  "})
    assert refused.status_code == 409
    assert says in flat(refused.text)


def test_changes_are_requested_with_a_comment(site: Site, ref: str, reviewed: str) -> None:
    lena = site.as_(LENA)
    answer = lena.post(f"{reviewed}/changes", {"comment": "Name the system."})
    assert answer.headers["location"] == f"{reviewed}?done=changes"
    assert notice(site, ref)[0].state == "draft"
    assert "Name the system." in lena.get(f"/incidents/{ref}").text


def test_the_approved_file_is_stored_and_handed_out_byte_for_byte(
    site: Site, ref: str, reviewed: str
) -> None:
    lena = site.as_(LENA)
    site.hands.wait(hours=1)
    approve(lena, reviewed)
    row, versions = notice(site, ref)
    assert (row.state, row.approved_version) == ("approved", 1)
    assert row.approved_at == site.hands.now
    with site.store.artifacts.open(versions[-1].pdf_sha256) as file:
        stored = file.read()
    site.hands.wait(hours=5)
    answer = lena.get(f"{reviewed}/pdf")
    assert answer.content == stored
    assert hashlib.sha256(answer.content).hexdigest() == versions[-1].pdf_sha256
    disposition = f'attachment; filename="{ref}-N1-v1.pdf"'
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    last = log_of(site.store, ref)[-1]
    assert (last.event, last.data["pdf_sha256"]) == (
        "notice.downloaded",
        versions[-1].pdf_sha256,
    )
    text = " ".join(text_of_pages(stored))
    assert "DRAFT" not in text
    assert "DRAFT" not in lena.get(f"{reviewed}/preview").text


def test_a_draft_says_so_in_name_and_on_the_page(site: Site, ref: str, desk: str) -> None:
    answer = site.as_(CHRIS).get(f"{desk}/pdf")
    assert f'filename="{ref}-N1-v1-DRAFT.pdf"' in answer.headers["Content-Disposition"]
    assert all("DRAFT" in page for page in text_of_pages(answer.content))
    assert entries_of(site.store, ref)[-1] == "notice.downloaded"


def test_a_pdf_is_for_commander_legal_and_comms(site: Site, ref: str, desk: str) -> None:
    farid = site.as_(FARID)
    assert "Only Commander or Legal or Comms may download" in flat(farid.get(desk).text)
    assert farid.get(f"{desk}/pdf").status_code == 403
    assert "notice.downloaded" not in entries_of(site.store, ref)


def test_from_approval_to_sent(site: Site, ref: str, reviewed: str) -> None:
    lena = site.as_(LENA)
    approve(lena, reviewed)
    page = flat(lena.get(reviewed).text)
    assert "Before it goes out, a person checks:" in page
    assert "An approved notice can't be reworded." in page
    assert "A second person has to release it before it leaves" in page
    alone = lena.post(f"{reviewed}/sent", {"proof": "HH-0"})
    assert alone.status_code == 409
    assert "needs a second person before it leaves" in flat(alone.text)
    assert lena.post(f"{reviewed}/release", {}).status_code == 409
    assert site.as_(CHRIS).post(f"{reviewed}/release", {}).status_code == 303
    refused = lena.post(f"{reviewed}/sent", {"proof": " "})
    assert refused.status_code == 409
    assert "Give the proof" in refused.text
    assert site.as_(CHRIS).post(f"{reviewed}/sent", {"proof": "HH-1"}).status_code == 403
    assert lena.post(f"{reviewed}/sent", {"proof": "HH-2026-77"}).status_code == 303
    after = flat(lena.get(reviewed).text)
    assert "Sent 21 Nov 2026, 12:00 : HH-2026-77" in after
    assert "This meets: " in after
    # What was sent stays what it was, whatever is learnt later.
    site.hands.wait(days=1)
    site.record(ref, FARID, {"affected_total": "1999"})
    preview = lena.get(f"{reviewed}/preview").text
    assert "1,999" not in preview
    assert "1,450" in preview


def test_a_new_fact_opens_an_approved_notice_again(site: Site, ref: str, reviewed: str) -> None:
    lena = site.as_(LENA)
    approve(lena, reviewed)
    site.record(ref, FARID, {"affected_total": "1520"})
    page = flat(lena.get(reviewed).text)
    assert "This is a draft." in page
    assert "facts changed: affected_total" in page
    assert "DRAFT" in lena.get(f"{reviewed}/preview").text


def test_a_letter_that_cannot_be_printed_is_refused_plainly(
    site: Site, ref: str, reviewed: str
) -> None:
    words = {"what_happened": "侵入者"}
    site.act(ref, CHRIS, lambda tx, one, chris: reword_notice(tx, one, 1, words, actor=chris))
    lena = site.as_(LENA)
    form = {"content_sha256": content_hash(lena.get(reviewed).text)}
    refused = lena.post(f"{reviewed}/approve", form)
    assert refused.status_code == 409
    assert "No bundled font can print" in flat(refused.text)
    assert notice(site, ref)[0].state == "in_review"


def test_the_site_starts_at_its_time(site: Site) -> None:
    assert site.hands.now == NOW
