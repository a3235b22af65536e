"""Legal's approval of a notice in a test: rendered for real, its PDF among the artifacts."""

from bot.domain.notices import NoticeState
from bot.services import notices
from bot.store.queries import facts_of, notice_versions
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx


def approve(tx: Tx, incident: Incident, number: int, *, actor: Person) -> None:
    """Approve the latest version of a notice that is in review."""
    row = notices.find_notice(tx, incident, number)
    ready = notices.prepare_notice(
        tx.rules.notices[row.template_id],
        facts_of(tx.session, incident),
        row,
        notice_versions(tx.session, row)[-1],
        ref=incident.ref,
        marking=notices.marking_of(row, incident, state=NoticeState.APPROVED),
        on=tx.now,
        house=tx.store.house,
    )
    pdf = tx.store.artifacts.store([ready.pdf])
    notices.approve_notice(tx, incident, number, prepared=ready, pdf=pdf, actor=actor)
