"""An old version of a notice is rendered with the template it was made with; and its marks."""

from dataclasses import replace

import pytest
from sqlmodel import select

from bot.documents.marks import Marking, MarkState
from bot.domain.notices import NoticeState
from bot.services import notices
from bot.services.editions import template_of_version
from bot.services.notice_papers import paper_name, paper_of
from bot.store.notice_tables import NoticeRow, NoticeVersion, TemplateEdition
from bot.store.queries import notice_of, notice_versions
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, reading
from tests.kit import CHRIS, LENA, Case, who

ID = "holding_statement"
BODY = f"{ID}/body.html.j2"


@pytest.fixture
def drafted(case: Case) -> Case:
    with case.work() as (tx, incident):
        notices.draft_notice(tx, incident, ID, actor=who(tx, CHRIS))
    return case


def after_a_release(store: Store, *, gone: bool = False) -> Store:
    """The store as it is after the template's text was changed, or the template removed."""
    shipped = store.rules.notices[ID]
    texts = {
        **shipped.texts,
        BODY: "{% extends 'base/page.html.j2' %}{% block main %}New{% endblock %}",
    }
    others = {key: one for key, one in store.rules.notices.items() if key != ID}
    changed = {} if gone else {ID: replace(shipped, texts=texts, sha256="f" * 64)}
    return replace(store, rules=replace(store.rules, notices={**others, **changed}))


def test_each_edition_is_kept_once(drafted: Case) -> None:
    with drafted.work() as (tx, incident):
        notices.withdraw_notice(tx, incident, 1, reason="Not needed.", actor=who(tx, LENA))
        notices.draft_notice(tx, incident, ID, actor=who(tx, CHRIS))
    with reading(drafted.store) as session:
        kept = session.exec(select(TemplateEdition)).all()
        versions = session.exec(select(NoticeVersion)).all()
    shipped = drafted.store.rules.notices[ID]
    assert len(versions) == 2
    assert [(one.sha256, one.template_id) for one in kept] == [(shipped.sha256, ID)]
    assert kept[0].files == dict(shipped.texts)


@pytest.mark.parametrize("gone", [False, True])
def test_a_version_has_the_template_it_was_made_with(drafted: Case, *, gone: bool) -> None:
    store = after_a_release(drafted.store, gone=gone)
    with reading(store) as session:
        row = session.exec(select(NoticeRow)).one()
        version = notice_versions(session, row)[0]
        found = template_of_version(session, store.rules, row, version)
    assert found == drafted.store.rules.notices[ID]


def test_without_its_edition_a_version_has_todays_template(drafted: Case) -> None:
    store = after_a_release(drafted.store)
    with drafted.work() as (tx, _incident):
        tx.session.delete(tx.session.exec(select(TemplateEdition)).one())
    with reading(store) as session:
        row = session.exec(select(NoticeRow)).one()
        version = notice_versions(session, row)[0]
        assert template_of_version(session, store.rules, row, version) == store.rules.notices[ID]


@pytest.mark.slow
def test_the_file_of_an_old_version_has_the_same_bytes_after_a_release(drafted: Case) -> None:
    papers = []
    for store in (drafted.store, after_a_release(drafted.store)):
        with reading(store) as session:
            incident = session.exec(select(Incident)).one()
            row = notice_of(session, incident, 1)
            assert row is not None
            papers.append(paper_of(session, store, incident, row).content)
    assert papers[0] == papers[1]


@pytest.mark.parametrize(
    ("state", "kind", "privileged", "marking"),
    [
        ("draft", "live", False, Marking(state=MarkState.DRAFT)),
        ("in_review", "live", True, Marking(state=MarkState.IN_REVIEW, privileged=True)),
        ("approved", "live", False, Marking(state=MarkState.APPROVED)),
        ("sent", "live", False, Marking(state=MarkState.APPROVED)),
        # What was given up never was approved, as far as a reader of the paper can tell.
        ("withdrawn", "live", False, Marking(state=MarkState.DRAFT)),
        ("sent", "exercise", False, Marking(state=MarkState.APPROVED, exercise="INC-2026-0001")),
        ("draft", "drill", False, Marking(state=MarkState.DRAFT, exercise="INC-2026-0001")),
    ],
)
def test_marks_of_a_notice(state: str, kind: str, *, privileged: bool, marking: Marking) -> None:
    row = NoticeRow(
        incident_id=1,
        number=1,
        template_id=ID,
        title="T",
        obligations=[],
        state=state,
        privileged=privileged,
    )
    incident = Incident(ref="INC-2026-0001", kind=kind)
    assert notices.marking_of(row, incident) == marking


def test_marks_that_an_approval_will_give() -> None:
    row = NoticeRow(
        incident_id=1, number=1, template_id=ID, title="T", obligations=[], state="in_review"
    )
    incident = Incident(ref="INC-2026-0001", kind="live")
    assert notices.marking_of(row, incident, state=NoticeState.APPROVED).plain


@pytest.mark.parametrize(
    ("ref", "state", "privileged", "name"),
    [
        ("INC-2026-0001", "in_review", True, "INC-2026-0001-N1-v2-DRAFT-PRIVILEGED.pdf"),
        ("INC-2026-0001", "sent", False, "INC-2026-0001-N1-v2.pdf"),
        ("EX-2026-0001", "sent", False, "EXERCISE-EX-2026-0001-N1-v2.pdf"),
    ],
)
def test_name_of_a_file_bears_its_marks(
    ref: str, state: str, *, privileged: bool, name: str
) -> None:
    row = NoticeRow(
        incident_id=1,
        number=1,
        template_id=ID,
        title="T",
        obligations=[],
        state=state,
        privileged=privileged,
    )
    assert paper_name(ref, row, NoticeVersion(version=2)) == name
