"""The notice desk: one notice, what it lacks, and what can be done with it."""

from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from bot.documents.html import NoticeRenderError
from bot.documents.plain_language import PLAIN_FOR, hints
from bot.documents.plain_language import reading as reading_of
from bot.domain.redline import Redline
from bot.domain.roles import Action
from bot.services.notice_review import record_reading
from bot.services.notices import is_released
from bot.services.situation import person_view
from bot.store.queries import notice_of
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.desk import Visit, VisitDep, enter, find
from bot.web.pages.fact_forms import FactField, FactForm, field_for
from bot.web.pages.notice_sequel import meets_lines, news_lines
from bot.web.pages.notice_view import (
    EDITABLE,
    LIVE,
    NoticeFile,
    comment_lines,
    fact_lines,
    open_notice,
    version_lines,
    wording_fields,
)
from bot.web.pages.preview import preview_page
from bot.web.pages.render import bare_page, page

DONE = {
    "fact": "Recorded. The notice follows the facts; look at the new version.",
    "reworded": "The notice has its own words now, and you are the author of this version.",
    "submitted": "The notice is with Legal for review.",
    "changes": "The notice is a draft again, with your comment on the record.",
    "approved": "Approved. The file is stored and its hash stands in the evidence log.",
    "assigned": "Assigned. They are told by direct message.",
    "commented": "Your comment is on the record.",
    "resolved": "The comment is settled.",
    "released": "Released: two people stand behind it. Legal files or sends it now.",
    "privileged": "Marked as privileged: only Legal and whom Legal assigns it to can read it.",
    "unprivileged": "The mark is taken off; the working roles can read it again.",
    "mailed": "It is on its way to the mail server. Reload in a moment: the proof stands here.",
    "caught": "Nothing has left: it lies in the sandbox mailbox of the exercise.",
    "sent": "Recorded as sent, with your proof.",
    "met": "The clock is met, with this notice as the proof.",
    "withdrawn": "Withdrawn, with your reason on the record.",
}
"""What the page says after a step; the address carries only the word."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskState:
    """What a person has typed and what was refused, to be shown again."""

    problem: str = ""
    reasons: tuple[str, ...] = ()
    form: FactForm | None = None
    comment: str = ""
    proof: str = ""
    reason: str = ""
    clock: str = ""
    """The clock that was to be marked as met, and why it was late."""
    why_late: str = ""
    remark: str = ""
    wording: dict[str, str] = field(default_factory=dict)
    changed: Redline | None = None
    """What the page that was read didn't show yet."""


def gap_fields(file: NoticeFile, *, now: datetime) -> list[FactField]:
    """Make an input for each fact that the notice lacks."""
    return [
        field_for(gap.fact, place=gap.place, where=gap.where)
        for gap in file.gaps(now=now)
        # What lacks only words in the notice's language is worded, not recorded.
        if not gap.words_in
    ]


@router.get("/incidents/{ref}/notices/{number}")
def show(visit: VisitDep, ref: str, number: int, done: str = "") -> HTMLResponse:
    """Show a notice to a member of its incident; of a privileged one, each look is recorded."""
    with unit_of_work(visit.store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        row = notice_of(tx.session, seen.incident, number)
        if row is not None and row.privileged:
            record_reading(tx, seen.incident, number, actor=seen.person)
    return notice_page(visit, ref, number, said=DONE.get(done, ""))


def notice_page(
    visit: Visit,
    ref: str,
    number: int,
    *,
    said: str = "",
    state: DeskState | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with a notice's page, and with a refusal at its top if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
    state = state or DeskState()
    form = state.form or FactForm(fields=tuple(gap_fields(file, now=visit.now)))
    return page(
        visit,
        "notice.html.j2",
        zone=seen.zone,
        status=status,
        said=said,
        state=state,
        form=form,
        ref=seen.incident.ref,
        incident_title=seen.incident.title,
        file=file,
        notice=file.notice,
        template=file.template,
        same_template=file.template is not None
        and file.template.sha256 == file.latest.template_sha256,
        checklist=file.checklist(now=visit.now),
        versions=version_lines(file),
        wording=wording_fields(file),
        facts_told=fact_lines(file),
        wordless=[gap.label for gap in file.gaps(now=visit.now) if gap.words_in],
        comments=comment_lines(file),
        news=news_lines(file),
        meets=meets_lines(file, visit.store.rules.obligations),
        members=[(one.slack_id, one.name or one.slack_id) for one in file.members],
        assigned=person_view(file.people.get(file.notice.assigned_to or 0)).name
        if file.notice.assigned_to
        else "",
        released=is_released(file.notice, sender=seen.person),
        live=file.state in LIVE,
        editable=file.state in EDITABLE,
        my_roles=[role.title() for role in sorted(seen.roles)],
        why_not={action.name.lower(): seen.why_not(action) for action in Action},
        **_ways_out(file, visit),
        **_judged(file, visit),
    )


def _ways_out(file: NoticeFile, visit: Visit) -> dict[str, object]:
    """Say how it can leave: by e-mail, by a web form field by field."""
    has_sheet = file.notice.template_id in visit.store.rules.worksheets
    return {"mails": visit.store.mails, "has_sheet": has_sheet}


_UNJUDGED: dict[str, object] = {
    "findings": [],
    "obstacles": (),
    "broken": "",
    "paragraphs": [],
    "hints": (),
    "reading": None,
}


def _judged(file: NoticeFile, visit: Visit) -> dict[str, object]:
    """Render the notice as it would go out now, and say what stands in its way."""
    if file.state not in LIVE:
        return _UNJUDGED
    try:
        text = file.render(now=visit.now).text
        findings = file.forbidden(text)
        approver = file.seen.person.actor
        obstacles = file.obstacles(text, approver=approver, now=visit.now)
    except NoticeRenderError as error:
        return {**_UNJUDGED, "broken": str(error)}
    plain = file.template is not None and file.template.audience in PLAIN_FOR
    language = file.template.language if file.template else "en-GB"
    return {
        "hints": hints(text, language) if plain else (),
        "reading": reading_of(text, language) if plain else None,
        "findings": findings,
        "obstacles": obstacles,
        "broken": "",
        "paragraphs": text.splitlines(),
    }


@router.get("/incidents/{ref}/notices/{number}/preview")
def preview(visit: VisitDep, ref: str, number: int) -> Response:
    """Show the notice as it looks on paper, for the frame on its page."""
    with reading(visit.store) as session:
        file = open_notice(session, visit, find(session, visit, ref), number)
    try:
        rendered = file.render(linked=True)
    except NoticeRenderError as error:
        return bare_page(
            "problem.html.j2",
            practice=False,
            status=409,
            title="The preview can't be shown",
            message=str(error),
        )
    home = f"/incidents/{file.seen.incident.ref}/notices/{number}"
    return preview_page(rendered, home=home)
