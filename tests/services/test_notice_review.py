"""Work on a notice: assigned, remarked on, marked as privileged, released by a second person."""

import pytest

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services import notice_review, notices
from bot.services.facts import record_facts
from bot.services.legal_desk import read_legal_desk
from bot.services.redlines import compare_versions
from bot.store.notice_queries import comments_on
from bot.store.queries import notice_of
from bot.store.unit_of_work import reading
from tests.kit import (
    ANA,
    CHRIS,
    FARID,
    LENA,
    REF,
    SAM,
    STRANGER,
    Case,
    jobs_of,
    new_facts,
    texts_of,
    who,
)
from tests.services.test_notices import STATEMENT, approve, notice

pytestmark = pytest.mark.slow


@pytest.fixture
def reviewed(case: Case) -> Case:
    """A holding statement without gaps as N-1, written by Chris and handed to Legal."""
    with case.work() as (tx, incident):
        record_facts(tx, incident, new_facts(STATEMENT), actor=who(tx, CHRIS))
        notices.draft_notice(tx, incident, "holding_statement", actor=who(tx, CHRIS))
        notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
    return case


def test_an_assigned_member_is_told_and_a_stranger_isn_t_assigned(reviewed: Case) -> None:
    before = jobs_of(reviewed.store)
    with reviewed.work() as (tx, incident):
        notice_review.assign_notice(tx, incident, 1, who(tx, SAM), actor=who(tx, LENA))
    assert jobs_of(reviewed.store) == before + 1
    assert reviewed.events()[-1] == "notice.assigned"
    with reviewed.work() as (tx, incident):
        with pytest.raises(IncidentError, match="isn't in INC-2026-0001"):
            notice_review.assign_notice(tx, incident, 1, who(tx, STRANGER), actor=who(tx, LENA))
        assert notice_of(tx.session, incident, 1).assigned_to == who(tx, SAM).id  # type: ignore[union-attr]


def test_what_was_remarked_stands_behind_commitments(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notice_review.comment_on(
            tx, incident, 1, text="Too long.", quote="An intruder …", actor=who(tx, FARID)
        )
    entry = reviewed.log()[-1]
    assert (entry.event, entry.data["comment"], entry.data["counsel_only"]) == (
        "notice.commented",
        1,
        False,
    )
    assert "Too long" not in entry.line.decode()
    assert texts_of(reviewed.store, REF, entry.seq) == {
        "text": "Too long.",
        "quote": "An intruder …",
    }


def test_counsel_s_own_remarks_are_read_and_settled_by_counsel_only(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notice_review.comment_on(
            tx, incident, 1, text="Risk of a claim.", counsel_only=True, actor=who(tx, LENA)
        )
        row = notice_of(tx.session, incident, 1)
        assert row is not None
        assert [one.text for one in comments_on(tx.session, row, counsel=True)] == [
            "Risk of a claim."
        ]
        assert comments_on(tx.session, row, counsel=False) == []
        with pytest.raises(IncidentError, match="has no comment 1"):
            notice_review.resolve_comment(tx, incident, 1, 1, actor=who(tx, CHRIS))
        notice_review.resolve_comment(tx, incident, 1, 1, actor=who(tx, LENA))
        with pytest.raises(IncidentError, match="settled already"):
            notice_review.resolve_comment(tx, incident, 1, 1, actor=who(tx, LENA))


@pytest.mark.parametrize(("text", "says"), [(" ", "Write the comment"), ("x" * 2_001, "2000 fit")])
def test_a_remark_has_words_and_not_too_many(reviewed: Case, text: str, says: str) -> None:
    with reviewed.work() as (tx, incident), pytest.raises(IncidentError, match=says):
        notice_review.comment_on(tx, incident, 1, text=text, actor=who(tx, LENA))


def test_a_privileged_draft_is_for_legal_and_its_assignee(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=who(tx, LENA))
        with pytest.raises(NotAllowedError, match="marked as privileged"):
            notice_review.record_reading(tx, incident, 1, actor=who(tx, CHRIS))
        with pytest.raises(NotAllowedError, match="marked as privileged"):
            notices.ask_for_paper(tx, incident, 1, actor=who(tx, ANA))
        with pytest.raises(NotAllowedError, match="marked as privileged"):
            notice_review.assign_notice(tx, incident, 1, who(tx, FARID), actor=who(tx, ANA))
        with pytest.raises(NotAllowedError, match="marked as privileged"):
            notices.reword_notice(tx, incident, 1, {"summary": "Unseen."}, actor=who(tx, CHRIS))
        notice_review.record_reading(tx, incident, 1, actor=who(tx, LENA))
    assert reviewed.events()[-2:] == ["notice.privilege_marked", "notice.read"]
    with reviewed.work() as (tx, incident):
        rules = reviewed.store.rules
        assert read_legal_desk(tx.session, rules, who(tx, CHRIS), now=tx.now).lines == ()
        assert len(read_legal_desk(tx.session, rules, who(tx, LENA), now=tx.now).lines) == 1


def test_nobody_hands_in_a_privileged_draft_unread(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notices.request_changes(tx, incident, 1, comment="Shorter.", actor=who(tx, LENA))
        notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=who(tx, LENA))
        with pytest.raises(NotAllowedError, match="marked as privileged"):
            notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
        notice_review.assign_notice(tx, incident, 1, who(tx, CHRIS), actor=who(tx, LENA))
        notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))


def test_legal_gives_a_privileged_draft_to_somebody_who_reads_it_then(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=who(tx, LENA))
        notice_review.assign_notice(tx, incident, 1, who(tx, CHRIS), actor=who(tx, LENA))
        notice_review.record_reading(tx, incident, 1, actor=who(tx, CHRIS))
        with pytest.raises(NotAllowedError, match="Legal assigns it"):
            notice_review.assign_notice(tx, incident, 1, who(tx, FARID), actor=who(tx, CHRIS))


def test_what_is_privileged_can_t_be_approved(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=who(tx, LENA))
        with pytest.raises(IncidentError, match="Take the mark off"):
            approve(tx, incident, 1)
        notice_review.mark_privileged(tx, incident, 1, privileged=False, actor=who(tx, LENA))
        approve(tx, incident, 1)
        with pytest.raises(IncidentError, match="only a draft"):
            notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=who(tx, LENA))


def test_two_people_stand_behind_what_leaves(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        with pytest.raises(IncidentError, match="only an approved notice"):
            notice_review.release_notice(tx, incident, 1, actor=who(tx, ANA))
        approve(tx, incident, 1)
        with pytest.raises(IncidentError, match="needs a second person"):
            notices.mark_sent(tx, incident, 1, proof="R-1", actor=who(tx, LENA))
        with pytest.raises(IncidentError, match="You approved N-1"):
            notice_review.release_notice(tx, incident, 1, actor=who(tx, LENA))
        notice_review.release_notice(tx, incident, 1, actor=who(tx, ANA))
        with pytest.raises(IncidentError, match="released already"):
            notice_review.release_notice(tx, incident, 1, actor=who(tx, CHRIS))
        notices.mark_sent(tx, incident, 1, proof="R-1", actor=who(tx, LENA))
    assert notice(reviewed).state == "sent"


def test_a_new_fact_takes_the_release_back_too(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        approve(tx, incident, 1)
        notice_review.release_notice(tx, incident, 1, actor=who(tx, ANA))
    reviewed.learn({"what_happened": "More is known."})
    row = notice(reviewed)
    assert (row.state, row.approved_by, row.released_by) == ("draft", None, None)


def test_a_redline_tells_the_words_that_changed(reviewed: Case) -> None:
    reviewed.learn({"what_happened": "An intruder copied letters of our claims system."})
    with reading(reviewed.store) as session:
        from bot.store.queries import incident_by_ref  # noqa: PLC0415

        incident = incident_by_ref(session, REF)
        assert incident is not None
        row = notice_of(session, incident, 1)
        assert row is not None
        found = compare_versions(session, reviewed.store, incident, row, before=1, after=2)
        with pytest.raises(IncidentError, match="no version 9; it has 1 to 2"):
            compare_versions(session, reviewed.store, incident, row, before=1, after=9)
    changed = [one for one in found.redline.paragraphs if one.change == "reworded"]
    assert [(one.change.value, one.text) for one in changed[0].words if one.change != "kept"] == [
        ("deleted", "files "),
        ("inserted", "letters "),
    ]


def test_number_and_date_of_a_version_are_no_change_of_its_text(case: Case) -> None:
    words = {"what_happened": "An intruder copied files.", "affected_total": 1450}
    with case.work() as (tx, incident):
        record_facts(tx, incident, new_facts(words), actor=who(tx, CHRIS))
        notices.draft_notice(tx, incident, "gdpr_art33_authority", actor=who(tx, CHRIS))
    case.clock.move(days=1)
    case.learn({"affected_total": 1450})
    case.learn({"affected_total": 1520})
    with case.work() as (tx, incident):
        row = notice_of(tx.session, incident, 1)
        assert row is not None
        same, other = (
            compare_versions(tx.session, case.store, incident, row, before=1, after=after).redline
            for after in (2, 3)
        )
    assert row.version == 3
    assert "version 2" in "".join(part.text for one in same.paragraphs for part in one.words)
    assert same.changes == 0
    assert [
        (part.change.value, part.text)
        for one in other.paragraphs
        for part in one.words
        if one.change != "kept" and part.change != "kept"
    ] == [("deleted", "1,450 "), ("inserted", "1,520 ")]


def test_the_desk_shows_what_is_missing_and_what_has_no_notice(case: Case) -> None:
    with case.work() as (tx, incident):
        notices.draft_notice(tx, incident, "gdpr_art34_person", actor=who(tx, CHRIS))
        notice_review.assign_notice(tx, incident, 1, who(tx, CHRIS), actor=who(tx, LENA))
        desk = read_legal_desk(tx.session, case.store.rules, who(tx, CHRIS), now=tx.now)
        assert (
            read_legal_desk(tx.session, case.store.rules, who(tx, STRANGER), now=tx.now).lines == ()
        )
    line = desk.lines[0]
    assert (line.number, line.mine, line.state, line.live) == (1, True, "draft", True)
    assert line.gaps > 0
    assert 0 < line.items_open <= line.items
    case.learn({"aware_at": case.clock(), "entity_types": ("dora_financial_entity",)})
    with case.work() as (tx, _incident):
        desk = read_legal_desk(tx.session, case.store.rules, who(tx, LENA), now=tx.now)
    assert desk.lines[0].title == "Notification of a personal data breach"
    assert all(not one.template_ids for one in desk.unserved)
