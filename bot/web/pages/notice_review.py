"""Work on a notice beside its text: redline, comments, assignment, privilege, release."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from bot.domain.incident import IncidentError, IncidentKind
from bot.services import notice_review
from bot.services.access import person_for
from bot.services.notice_papers import paper_of
from bot.services.outbound import send_notice
from bot.services.redlines import compare_versions
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import PostedDep, Seen, VisitDep, find
from bot.web.pages.notice import DeskState
from bot.web.pages.notice_acts import act
from bot.web.pages.notice_view import open_notice
from bot.web.pages.render import page

router = APIRouter()


@router.get("/incidents/{ref}/notices/{number}/redline")
def show_redline(
    visit: VisitDep, ref: str, number: int, before: int = 0, after: int = 0
) -> HTMLResponse:
    """Show what changed between two versions; without numbers, between the last two."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
        after = after or file.latest.version
        before = before or max(1, after - 1)
        problem, found = "", None
        try:
            found = compare_versions(
                session, visit.store, seen.incident, file.notice, before=before, after=after
            )
        except IncidentError as error:
            problem = str(error)
    return page(
        visit,
        "redline.html.j2",
        zone=seen.zone,
        status=404 if problem else 200,
        problem=problem,
        found=found,
        ref=seen.incident.ref,
        notice=file.notice,
        numbers=[one.version for one in file.versions],
        before=before,
        after=after,
    )


@router.post("/incidents/{ref}/notices/{number}/assign")
def assign(posted: PostedDep, ref: str, number: int) -> Response:
    """Give the notice to a member."""

    def verb(tx: Tx, seen: Seen) -> None:
        slack_id = posted.text("person")
        if not slack_id:
            raise IncidentError("Choose who works on it.")
        notice_review.assign_notice(
            tx, seen.incident, number, person_for(tx, slack_id), actor=seen.person
        )

    return act(posted, ref, number, verb, done="assigned")


@router.post("/incidents/{ref}/notices/{number}/comments")
def comment(posted: PostedDep, ref: str, number: int) -> Response:
    """Remark on a paragraph, or on the whole."""

    def verb(tx: Tx, seen: Seen) -> None:
        notice_review.comment_on(
            tx,
            seen.incident,
            number,
            text=posted.text("text"),
            quote=posted.text("quote"),
            counsel_only=posted.text("counsel_only") == "yes",
            actor=seen.person,
        )

    state = DeskState(remark=posted.text("text"))
    return act(posted, ref, number, verb, done="commented", state=state, place="comments")


@router.post("/incidents/{ref}/notices/{number}/comments/{comment}/resolve")
def resolve(posted: PostedDep, ref: str, number: int, comment: int) -> Response:
    """Settle a comment."""
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: notice_review.resolve_comment(
            tx, seen.incident, number, comment, actor=seen.person
        ),
        done="resolved",
        place="comments",
    )


@router.post("/incidents/{ref}/notices/{number}/release")
def release(posted: PostedDep, ref: str, number: int) -> Response:
    """Agree as the second person that it may leave."""
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: notice_review.release_notice(tx, seen.incident, number, actor=seen.person),
        done="released",
    )


@router.post("/incidents/{ref}/notices/{number}/privilege")
def privilege(posted: PostedDep, ref: str, number: int) -> Response:
    """Mark it as privileged, or take the mark off."""
    wanted = posted.text("privileged") == "yes"
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: notice_review.mark_privileged(
            tx, seen.incident, number, privileged=wanted, actor=seen.person
        ),
        done="privileged" if wanted else "unprivileged",
    )


@router.post("/incidents/{ref}/notices/{number}/mail")
def mail(posted: PostedDep, ref: str, number: int) -> Response:
    """Send the approved notice by e-mail; in an exercise it lies in the sandbox mailbox."""
    visit = posted.visit
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        notice = open_notice(session, visit, seen, number).notice
        paper = paper_of(session, visit.store, seen.incident, notice)
        kind = seen.incident.kind
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: send_notice(
            tx,
            seen.incident,
            number,
            recipient=posted.text("recipient"),
            confirmed=posted.text("confirmed"),
            paper=paper,
            actor=seen.person,
        ),
        done="mailed" if kind == IncidentKind.LIVE else "caught",
    )
