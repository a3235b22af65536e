"""Two versions of a notice side by side.

Renders both from what they were made of, under the number and date of the second: what a notice
says of itself (its version, the day on which it was made) isn't a change of its text. The
comparison itself is `bot.domain.redline`. Reads only.
"""

from dataclasses import dataclass

from sqlmodel import Session

from bot.documents.html import render_notice
from bot.domain.incident import IncidentError
from bot.domain.redline import Redline, redline
from bot.services.editions import template_of_version
from bot.services.notice_papers import facts_as_of_version
from bot.services.notices import marking_of
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import facts_of, notice_versions
from bot.store.tables import Incident
from bot.store.unit_of_work import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What changed from one version of a notice to a later one."""

    before: NoticeVersion
    after: NoticeVersion
    redline: Redline


def compare_versions(
    session: Session,
    store: Store,
    incident: Incident,
    notice: NoticeRow,
    *,
    before: int,
    after: int,
) -> Comparison:
    """Compare two versions; raises `IncidentError` for a version that there isn't."""
    versions = {one.version: one for one in notice_versions(session, notice)}
    for wanted in (before, after):
        if wanted not in versions:
            raise IncidentError(
                f"N-{notice.number} has no version {wanted}; it has 1 to {max(versions)}."
            )
    first, second = versions[before], versions[after]
    return Comparison(
        before=first,
        after=second,
        redline=redline(
            _text(session, store, incident, notice, first, under=second),
            _text(session, store, incident, notice, second, under=second),
        ),
    )


def _text(
    session: Session,
    store: Store,
    incident: Incident,
    notice: NoticeRow,
    version: NoticeVersion,
    *,
    under: NoticeVersion,
) -> str:
    """Return what a version says, one paragraph a line, with the number and date of `under`.

    Raises `IncidentError` if the template isn't there any more.
    """
    template = template_of_version(session, store.rules, notice, version)
    if template is None:
        raise IncidentError(
            f"The template {notice.template_id} isn't in notification_templates/ any more. Ask the "
            f"people who run Tocsin to bring it back."
        )
    return render_notice(
        template,
        facts_as_of_version(facts_of(session, incident), version, template),
        marking=marking_of(notice, incident),
        notice_ref=f"{incident.ref} / N-{notice.number}",
        version=under.version,
        now=under.made_at,
        overrides=version.wording,
    ).text
