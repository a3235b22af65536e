"""Notices: drafted from facts, renewed with them, approved by another person, sent with proof."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.documents.html import RenderedNotice, render_notice
from bot.documents.marks import APPROVED
from bot.domain.facts import FactValue
from bot.domain.incident import IncidentError
from bot.domain.notices import NoticeStateError
from bot.services import notices
from bot.services.clock_marks import meet_clock
from bot.services.facts import record_facts
from bot.services.notice_review import release_notice
from bot.services.notices import NotApprovableError, Prepared
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import facts_of, notice_of, notice_versions, notices_of
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx, reading
from tests.conftest import T0
from tests.kit import CHRIS, LENA, REF, SAM, Case, jobs_of, new_facts, who

CALIFORNIANS: dict[str, FactValue] = {
    "residents:US-CA": 1200,
    "data_elements": ("name", "ssn"),
    "encryption": "not_encrypted",
    "discovered_at": T0,
}
STATEMENT: dict[str, FactValue] = {
    "data_elements": None,
    "affected_total": None,
    "what_happened": "An intruder copied files of our claims system.",
    "measures_taken": "We closed the access and reset every password.",
    "measures_planned": "An outside firm examines our systems.",
    "advice_to_people": "Watch your account statements.",
}


def prepared(tx: Tx, incident: Incident, number: int) -> Prepared:
    """Render a notice for approval as the pages do, the file being a few bytes."""
    notice = notice_of(tx.session, incident, number)
    assert notice is not None
    version = notice_versions(tx.session, notice)[-1]
    template = tx.rules.notices[notice.template_id]
    facts = facts_of(tx.session, incident)
    rendered = render_notice(
        template,
        facts,
        marking=APPROVED,
        notice_ref=f"{incident.ref} / N-{number}",
        version=version.version,
        now=tx.now,
        overrides=version.wording,
    )
    return Prepared(
        rendered=rendered, version=version.version, pdf=b"%PDF- " + str(number).encode()
    )


def approve(tx: Tx, incident: Incident, number: int, *, by: str = LENA) -> NoticeRow:
    ready = prepared(tx, incident, number)
    pdf = tx.store.artifacts.store([ready.pdf])
    return notices.approve_notice(tx, incident, number, prepared=ready, pdf=pdf, actor=who(tx, by))


def versions(case: Case, number: int = 1) -> list[NoticeVersion]:
    with reading(case.store) as session:
        query = select(NoticeVersion).join(NoticeRow).where(NoticeRow.number == number)
        return list(session.exec(query).all())


def notice(case: Case, number: int = 1) -> NoticeRow:
    with reading(case.store) as session:
        return session.exec(select(NoticeRow).where(NoticeRow.number == number)).one()


@pytest.fixture
def reviewed(case: Case) -> Case:
    """A holding statement without gaps as N-1, written by Chris and handed to Legal."""
    with case.work() as (tx, incident):
        record_facts(tx, incident, new_facts(STATEMENT), actor=who(tx, CHRIS))
        notices.draft_notice(tx, incident, "holding_statement", actor=who(tx, CHRIS))
        notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
    return case


@pytest.fixture
def approved(reviewed: Case) -> Case:
    with reviewed.work() as (tx, incident):
        approve(tx, incident, 1)
    return reviewed


def test_awareness_drafts_the_authority_s_notice(case: Case) -> None:
    case.learn({"aware_at": T0})
    row = notice(case)
    assert (row.template_id, row.state, row.version) == ("gdpr_art33_authority", "draft", 1)
    assert (row.due_at, row.obligations) == (T0 + timedelta(hours=72), ["EU-GDPR-33-SA"])
    entry = next(one for one in case.log() if one.event == "notice.drafted")
    first = versions(case)[0]
    assert entry.data == {
        "notice": 1,
        "template": "gdpr_art33_authority",
        "version": 1,
        "content_sha256": first.content_sha256,
        "template_sha256": case.store.rules.notices["gdpr_art33_authority"].sha256,
    }
    assert first.author_id is None, "Tocsin wrote it, so anybody of Legal may approve it"


def test_facts_about_californians_draft_their_letter(case: Case) -> None:
    case.learn(CALIFORNIANS)
    with case.work() as (tx, incident):
        found = [row.template_id for row in notices_of(tx.session, incident)]
    assert found == ["us_ca_individual"]


def test_a_changed_fact_makes_a_new_version_and_keeps_the_old(case: Case) -> None:
    case.learn({"aware_at": T0, "affected_total": 1200})
    case.learn({"affected_total": 1450})
    case.learn({"material": False})
    one, other = versions(case)
    assert (one.version, other.version) == (1, 2), "a fact that it doesn't use changes nothing"
    assert (one.facts["affected_total"]["value"], other.facts["affected_total"]["value"]) == (
        1200,
        1450,
    )
    assert other.reason == "facts changed: affected_total"
    revised = [one.data["content_sha256"] for one in case.log() if one.event == "notice.revised"]
    assert revised == [other.content_sha256]
    assert one.content_sha256 != other.content_sha256


def test_the_notice_s_deadline_follows_its_clock_both_ways(case: Case) -> None:
    case.learn({"aware_at": T0 - timedelta(hours=2)})
    assert notice(case).due_at == T0 + timedelta(hours=70)
    case.learn({"aware_at": T0})
    assert notice(case).due_at == T0 + timedelta(hours=72)
    case.learn({"personal_data_involved": False})
    assert (notice(case).due_at, notice(case).obligations) == (None, [])


def test_approval_binds_content_and_file(approved: Case) -> None:
    row, version = notice(approved), versions(approved)[-1]
    assert (row.state, row.approved_version, row.approved_at) == ("approved", 1, T0)
    entry = next(one for one in approved.log() if one.event == "notice.approved")
    assert entry.data["content_sha256"] == version.content_sha256
    assert entry.data["pdf_sha256"] == version.pdf_sha256 == entry.artifacts[0].sha256


def test_a_changed_fact_opens_an_approved_notice_again(approved: Case) -> None:
    approved.learn({"advice_to_people": "Change your passwords."})
    row = notice(approved)
    assert (row.state, row.version, row.approved_version, row.approved_by) == (
        "draft",
        2,
        None,
        None,
    )
    assert approved.events()[-2:] == ["notice.revised", "notice.reopened"]
    assert approved.log()[-1].data["why"] == ["advice_to_people"]


def test_changes_requested_after_approval_take_it_back(approved: Case) -> None:
    with approved.work() as (tx, incident):
        notices.request_changes(tx, incident, 1, comment="Shorter.", actor=who(tx, LENA))
    row = notice(approved)
    assert (row.state, row.approved_version, row.approved_at) == ("draft", None, None)


def test_an_author_can_t_approve_their_own_words(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        lena = who(tx, LENA)
        notices.reword_notice(tx, incident, 1, {"what_happened": "Files were copied."}, actor=lena)
        with pytest.raises(NotApprovableError) as caught:
            approve(tx, incident, 1)
    assert caught.value.reasons == (
        "whoever wrote this version can't approve it: ask another person with that right",
    )
    assert notice(reviewed).state == "in_review"


def test_gaps_block_approval_and_are_all_named(case: Case) -> None:
    with case.work() as (tx, incident):
        notices.draft_notice(tx, incident, "us_ca_individual", actor=who(tx, CHRIS))
        notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
        with pytest.raises(NotApprovableError) as caught:
            approve(tx, incident, 1)
    assert all(reason.startswith("not recorded: ") for reason in caught.value.reasons)
    assert any("What happened?" in reason for reason in caught.value.reasons)


def test_what_changed_since_it_was_opened_isn_t_approved(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        stale = prepared(tx, incident, 1)
    reviewed.learn({"advice_to_people": "Change your passwords."})
    reviewed.learn({"advice_to_people": STATEMENT["advice_to_people"]})
    with reviewed.work() as (tx, incident):
        pdf = tx.store.artifacts.store([stale.pdf])
        with pytest.raises(IncidentError, match="has changed since you opened it"):
            notices.approve_notice(tx, incident, 1, prepared=stale, pdf=pdf, actor=who(tx, LENA))
    assert notice(reviewed).version == 3, "the same words again, and another version number"


def test_another_file_than_the_prepared_one_isn_t_approved(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        pdf = tx.store.artifacts.store([b"something else"])
        with pytest.raises(IncidentError, match="isn't the one that was prepared"):
            notices.approve_notice(
                tx,
                incident,
                1,
                prepared=prepared(tx, incident, 1),
                pdf=pdf,
                actor=who(tx, LENA),
            )


def test_a_draft_isn_t_approved(case: Case) -> None:
    with case.work() as (tx, incident):
        notices.draft_notice(tx, incident, "holding_statement", actor=who(tx, CHRIS))
        with pytest.raises(NotApprovableError, match="only a notice in review"):
            approve(tx, incident, 1)


def test_rewording_makes_a_version_of_its_author(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        sent = {"what_happened": " Files were copied. ", "advice_to_people": " "}
        notices.reword_notice(tx, incident, 1, sent, actor=who(tx, CHRIS))
        with pytest.raises(IncidentError, match="same as before"):
            notices.reword_notice(
                tx, incident, 1, {"what_happened": "Files were copied."}, actor=who(tx, CHRIS)
            )
    assert versions(reviewed)[-1].wording == {"what_happened": "Files were copied."}
    for entry in reviewed.log():
        assert b"Files were copied" not in entry.line


@pytest.mark.parametrize("key", ["aware_at", "affected_total", "no_such_fact", "dpo_name"])
def test_only_text_of_this_notice_can_be_worded(reviewed: Case, key: str) -> None:
    with reviewed.work() as (tx, incident), pytest.raises(IncidentError, match="can't be worded"):
        notices.reword_notice(tx, incident, 1, {key: "words"}, actor=who(tx, CHRIS))


def test_an_approved_notice_isn_t_reworded(approved: Case) -> None:
    with approved.work() as (tx, incident), pytest.raises(IncidentError, match="only a draft"):
        notices.reword_notice(tx, incident, 1, {"what_happened": "Nothing."}, actor=who(tx, CHRIS))


def test_sent_needs_approval_and_proof(approved: Case) -> None:
    with approved.work() as (tx, incident):
        lena = who(tx, LENA)
        release_notice(tx, incident, 1, actor=who(tx, CHRIS))
        with pytest.raises(IncidentError, match="Give the proof"):
            notices.mark_sent(tx, incident, 1, proof=" ", actor=lena)
        notices.mark_sent(tx, incident, 1, proof="mailing 4711", actor=lena)
        with pytest.raises(NoticeStateError, match="can't become"):
            notices.withdraw_notice(tx, incident, 1, reason="too late", actor=lena)
    row = notice(approved)
    assert (row.state, row.sent_at, row.sent_note) == ("sent", T0, "mailing 4711")


def test_what_isn_t_approved_isn_t_sent(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident), pytest.raises(NoticeStateError):
        notices.mark_sent(tx, incident, 1, proof="mailing 4711", actor=who(tx, LENA))
    assert notice(reviewed).sent_note == ""


def test_a_withdrawn_notice_stays_withdrawn(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        with pytest.raises(IncidentError, match="Say why"):
            notices.withdraw_notice(tx, incident, 1, reason="", actor=lena)
        notices.withdraw_notice(tx, incident, 1, reason="outside counsel files it", actor=lena)
    case.learn({"affected_total": 7})
    with case.work() as (tx, incident):
        assert [row.state for row in notices_of(tx.session, incident)] == ["withdrawn"]


def test_a_duty_that_starts_anew_drafts_its_notice_anew(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        notices.withdraw_notice(tx, incident, 1, reason="not ours", actor=who(tx, LENA))
    case.learn({"personal_data_involved": False})
    case.learn({"personal_data_involved": True})
    with case.work() as (tx, incident):
        assert [row.state for row in notices_of(tx.session, incident)] == ["withdrawn", "draft"]


def test_a_met_duty_doesn_t_take_its_notice_away(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        meet_clock(tx, incident, "EU-GDPR-33-SA", proof="by telephone", actor=who(tx, LENA))
    case.learn({"affected_total": 9})
    assert (notice(case).obligations, notice(case).due_at) == (["EU-GDPR-33-SA"], None)


def test_the_same_notice_isn_t_drafted_twice(case: Case) -> None:
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident):
        with pytest.raises(IncidentError, match="N-1 of INC-2026-0001 is that notice already"):
            notices.draft_notice(tx, incident, "gdpr_art33_authority", actor=who(tx, CHRIS))
        with pytest.raises(IncidentError, match="There is no notice “x”"):
            notices.draft_notice(tx, incident, "x", actor=who(tx, CHRIS))


def test_changes_requested_come_with_a_comment(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        lena = who(tx, LENA)
        with pytest.raises(IncidentError, match="Say what has to change"):
            notices.request_changes(tx, incident, 1, comment="", actor=lena)
        notices.request_changes(tx, incident, 1, comment="Name the date.", actor=lena)
        assert not any("Name the date" in str(job) for job in tx.jobs)
    assert notice(reviewed).state == "draft"
    assert b"Name the date" not in reviewed.log()[-1].line


def test_a_download_is_recorded(approved: Case) -> None:
    before = jobs_of(approved.store)
    with approved.work() as (tx, incident):
        pdf = tx.store.artifacts.store([b"%PDF- 1"])
        notices.record_notice_download(tx, incident, 1, pdf=pdf, actor=who(tx, CHRIS))
    entry = approved.log()[-1]
    assert (entry.event, entry.data["pdf_sha256"]) == ("notice.downloaded", pdf.sha256)
    assert jobs_of(approved.store) == before


def test_a_notice_that_isn_t_there(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError, match="none is drafted yet"):
        notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
    case.learn({"aware_at": T0})
    with case.work() as (tx, incident), pytest.raises(IncidentError, match="it has N-1 to N-1"):
        notices.submit_notice(tx, incident, 2, actor=who(tx, CHRIS))


def test_a_fact_from_anybody_leaves_the_writer_the_writer(reviewed: Case) -> None:
    reviewed.learn({"advice_to_people": "Call us."}, by=SAM)
    with reviewed.work() as (tx, _incident):
        assert versions(reviewed)[-1].author_id == who(tx, CHRIS).id


@pytest.mark.slow
def test_a_prepared_notice_is_a_pdf_of_its_version(reviewed: Case) -> None:
    with reviewed.work() as (tx, incident):
        row = notice_of(tx.session, incident, 1)
        assert row is not None
        made = notices.prepare_notice(
            tx.rules.notices[row.template_id],
            facts_of(tx.session, incident),
            row,
            notice_versions(tx.session, row)[-1],
            ref=REF,
            marking=notices.marking_of(row, incident),
            on=tx.now,
        )
    assert isinstance(made.rendered, RenderedNotice)
    assert (made.version, made.pdf[:5]) == (1, b"%PDF-")
    assert "in review" in " ".join(made.rendered.marking.words)
