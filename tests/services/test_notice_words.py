"""A notice's own words: a translation needs them, and they don't outlive the facts behind them."""

import re
from dataclasses import replace

import pytest

from bot.documents.html import render_notice
from bot.documents.marks import APPROVED
from bot.domain.facts import FactValue
from bot.domain.incident import IncidentError
from bot.domain.notices import NoticeTemplate
from bot.domain.rulebook import Rulebook
from bot.services import notices
from bot.services.notices import NotApprovableError, Prepared
from bot.store.notice_tables import NoticeRow
from bot.store.queries import facts_of, notice_of, notice_versions
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx
from tests.conftest import T0
from tests.kit import CHRIS, LENA, Case, who

GERMAN = "gdpr_art34_person_de"
FACTS: dict[str, FactValue] = {
    "aware_at": T0,
    "what_happened": "An intruder copied files.",
    "data_elements": ("name",),
    "likely_consequences": "Someone may misuse the data.",
    "measures_taken": "We closed the access.",
    "advice_to_people": "Change your password.",
}
WORDS = {
    "what_happened": "Ein Eindringling hat Dateien kopiert.",
    "likely_consequences": "Jemand könnte die Daten missbrauchen.",
    "measures_taken": "Wir haben den Zugang gesperrt.",
    "advice_to_people": "Ändern Sie Ihr Passwort.",
    "helpline_hours": "Montag bis Freitag, 9 bis 17 Uhr",
}


def approve(tx: Tx, incident: Incident, *, number: int) -> NoticeRow:
    notice = notice_of(tx.session, incident, number)
    assert notice is not None
    version = notice_versions(tx.session, notice)[-1]
    rendered = render_notice(
        tx.rules.notices[notice.template_id],
        facts_of(tx.session, incident),
        marking=APPROVED,
        notice_ref=f"{incident.ref} / N-{number}",
        version=version.version,
        now=tx.now,
        overrides=version.wording,
    )
    ready = Prepared(rendered=rendered, version=version.version, pdf=b"%PDF-1")
    pdf = tx.store.artifacts.store([ready.pdf])
    return notices.approve_notice(
        tx, incident, number, prepared=ready, pdf=pdf, actor=who(tx, LENA)
    )


NEEDS_WORDS = re.compile(r"(?: N|: n)eeds words in German\.")


def words_needed(given: tuple[str, ...]) -> set[str]:
    return {one[: found.start()] for one in given if (found := NEEDS_WORDS.search(one))}


def with_notices(case: Case, **notices: NoticeTemplate) -> Case:
    """The same case under a rulebook with other templates beside those of the tests."""
    rules = replace(case.store.rules, notices={**case.store.rules.notices, **notices})
    return replace(case, store=replace(case.store, rules=rules))


@pytest.fixture
def german(case: Case, every_rule: Rulebook) -> Case:
    """A letter in German as N-2 without its words, handed to Legal; the facts are in English."""
    case = with_notices(case, **{GERMAN: every_rule.notices[GERMAN]})
    case.learn(FACTS)
    with case.work() as (tx, incident):
        number = notices.draft_notice(tx, incident, GERMAN, actor=who(tx, CHRIS)).number
        assert number == 2, "the authority's own notice was drafted by its clock"
        notices.submit_notice(tx, incident, number, actor=who(tx, CHRIS))
    return case


def test_a_translation_is_never_drafted_by_itself(case: Case, every_rule: Rulebook) -> None:
    case = with_notices(case, **every_rule.notices)
    case.learn({**FACTS, "risk_to_people": "high", "residents:DE": 12})
    with case.work() as (tx, incident):
        made = {one.template_id for one in _all(tx, incident)}
    assert "gdpr_art34_person" in made
    assert not [one for one in made if one.endswith(("_de", "_fr", "_es"))]


def _all(tx: Tx, incident: Incident) -> list[NoticeRow]:
    found = [notice_of(tx.session, incident, number) for number in range(1, 12)]
    return [one for one in found if one is not None]


def test_a_translation_is_approved_only_in_its_own_words(german: Case) -> None:
    with german.work() as (tx, incident):
        with pytest.raises(NotApprovableError) as refused:
            approve(tx, incident, number=2)
        assert words_needed(refused.value.reasons) == {
            "What happened?",
            "What may it mean for people?",
            "What have we done?",
            "What should people do?",
            "Helpline hours",  # of our organisation, and still a text
        }
    with german.work() as (tx, incident):
        notices.reword_notice(tx, incident, 2, WORDS, actor=who(tx, CHRIS))
        assert approve(tx, incident, number=2).state == "approved"


def test_a_stale_translation_is_not_approved(german: Case) -> None:
    source = german.store.rules.notices["gdpr_art34_person"]
    later = with_notices(german, gdpr_art34_person=replace(source, version=source.version + 1))
    with later.work() as (tx, incident):
        notices.reword_notice(tx, incident, 2, WORDS, actor=who(tx, CHRIS))
        with pytest.raises(NotApprovableError, match="older version of gdpr_art34_person"):
            approve(tx, incident, number=2)


@pytest.fixture
def worded(case: Case) -> Case:
    """A holding statement as N-2 with counsel's words for what happened."""
    case.learn({**FACTS, "affected_total": None})
    with case.work() as (tx, incident):
        notice = notices.draft_notice(tx, incident, "holding_statement", actor=who(tx, CHRIS))
        words = {"what_happened": "Someone copied files from our archive."}
        notices.reword_notice(tx, incident, notice.number, words, actor=who(tx, CHRIS))
        notices.submit_notice(tx, incident, notice.number, actor=who(tx, CHRIS))
    return case


def test_words_that_a_changed_fact_left_behind_block_the_approval(worded: Case) -> None:
    worded.learn({"what_happened": "An intruder copied files and deleted them."})
    with worded.work() as (tx, incident):
        with pytest.raises(NotApprovableError) as refused:
            approve(tx, incident, number=2)
        assert len(refused.value.reasons) == 1
        assert "changed after its words for this notice: What happened?" in str(refused.value)


def test_words_are_saved_again_to_say_that_they_hold(worded: Case) -> None:
    words = {"what_happened": "Someone copied files from our archive."}
    with worded.work() as (tx, incident), pytest.raises(IncidentError, match="same as before"):
        notices.reword_notice(tx, incident, 2, words, actor=who(tx, CHRIS))
    worded.learn({"what_happened": "An intruder copied files from the archive."})
    with worded.work() as (tx, incident):
        notices.reword_notice(tx, incident, 2, words, actor=who(tx, CHRIS))
        notice = notice_of(tx.session, incident, 2)
        assert notice is not None
        latest = notice_versions(tx.session, notice)[-1]
        assert (latest.reason, latest.wording) == ("the words still hold", words)
        assert approve(tx, incident, number=2).state == "approved"


def test_new_words_follow_the_new_fact(worded: Case) -> None:
    worded.learn({"what_happened": "An intruder deleted files."})
    with worded.work() as (tx, incident):
        words = {"what_happened": "Someone deleted files in our archive."}
        notices.reword_notice(tx, incident, 2, words, actor=who(tx, CHRIS))
        assert approve(tx, incident, number=2).state == "approved"


def test_another_fact_leaves_the_words_alone(worded: Case) -> None:
    worded.learn({"measures_planned": "A firm will test the archive."})
    with worded.work() as (tx, incident):
        assert approve(tx, incident, number=2).state == "approved"
