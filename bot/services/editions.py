"""The template that a version of a notice was made with, also after a release changed it.

Reads only. Editions are kept by `notice_versions.add_version`.
"""

from sqlmodel import Session

from bot.content.editions import EditionError, template_from_edition
from bot.domain.notices import NoticeTemplate
from bot.domain.rulebook import Rulebook
from bot.store.notice_tables import NoticeRow, NoticeVersion, TemplateEdition


def template_of_version(
    session: Session, rules: Rulebook, notice: NoticeRow, version: NoticeVersion
) -> NoticeTemplate | None:
    """Return the template exactly as the version used it; today's if that edition wasn't kept.

    None if there is neither: the template is gone, and its edition can't be read.
    """
    today = rules.notices.get(notice.template_id)
    if today is not None and today.sha256 == version.template_sha256:
        return today
    kept = session.get(TemplateEdition, version.template_sha256)
    some = today or next(iter(rules.notices.values()), None)
    if kept is None or some is None:
        return today
    try:
        return template_from_edition(
            kept.files,
            template_id=notice.template_id,
            sha256=kept.sha256,
            root=some.folder.parent,
        )
    except EditionError:
        return today
