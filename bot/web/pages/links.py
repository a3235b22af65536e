"""Links that are meant for one person, as Slack hands them out: `/d/…`.

A link opens nothing to whoever merely has it. The person must be signed in as the very one, the
rights are asked again, and what is taken is recorded as from the page.
"""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.services.personal_links import NOTICE, BadLinkError, LinkExpiredError, PersonalLink
from bot.store.queries import person_by_slack_id
from bot.store.unit_of_work import reading
from bot.web.pages.desk import Visit, VisitDep
from bot.web.pages.problems import problem_page

GONE = 410
FORBIDDEN = 403
NOT_FOUND = 404

router = APIRouter()


@router.get("/d/{token}")
def fetch(visit: VisitDep, token: str) -> Response:
    """Lead the person that the link is for to the download, where their rights are asked."""
    try:
        link = visit.desk.links.read(token, now=visit.wall)
    except BadLinkError:
        return problem_page(
            visit,
            "",
            NOT_FOUND,
            "This link isn't whole",
            "A part of it is missing or was changed. Open it from Slack again, or type "
            "`/incident notice link 1` there for a new one.",
        )
    except LinkExpiredError as error:
        return problem_page(visit, "", GONE, "This link has expired", str(error))
    if not _is_for(visit, link):
        return problem_page(
            visit,
            "",
            FORBIDDEN,
            "This link is for somebody else",
            f"It was made for one person, and you are signed in as {visit.visitor.name}. Nothing "
            f"was handed out. If that isn't you, sign out first. For a link of your own type "
            f"`/incident notice link 1` in Slack.",
        )
    return RedirectResponse(f"/incidents/{link.ref}/notices/{link.number}/pdf", status_code=303)


def _is_for(visit: Visit, link: PersonalLink) -> bool:
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
    return link.kind == NOTICE and person is not None and person.actor == link.actor
