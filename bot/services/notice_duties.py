"""A notice that was sent is the proof that a duty is done: its clock is marked as met by it.

Decides which clocks a notice can meet, as of when, and how it is named as the proof. Who may, and
what a law wants besides, is asked by `clock_marks.meet_clock`, as in Slack.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incident import IncidentError
from bot.domain.notices import NoticeState
from bot.services.clock_marks import meet_clock
from bot.services.notice_access import check_readable
from bot.services.notices import find_notice
from bot.store.notice_queries import filings_of
from bot.store.notice_tables import Filing, NoticeRow
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import Tx

WENT_OUT = frozenset({NoticeState.SENT, NoticeState.SUPERSEDED})
"""States of a notice that has left the house."""


def handed_in_at(notice: NoticeRow, filings: Sequence[Filing]) -> datetime | None:
    """Return when a notice that was sent was handed in: at its first filing, else when sent."""
    return filings[0].filed_at if filings else notice.sent_at


def meet_by_notice(
    tx: Tx, incident: Incident, number: int, key: str, *, why_late: str = "", actor: Person
) -> ClockRow:
    """Mark a clock of the notice as met, as of when the notice was handed in.

    Raises `IncidentError` for a notice that wasn't sent and for a clock that isn't one of its
    own, and as `meet_clock` does.
    """
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    if notice.state not in WENT_OUT:
        raise IncidentError(f"N-{number} isn't sent yet; a duty is met once it is.")
    if key not in notice.obligations:
        raise IncidentError(f"N-{number} isn't made for “{key}”. Mark it on the clock's own page.")
    return meet_clock(
        tx,
        incident,
        key,
        proof=f"N-{number}, {notice.sent_note}",
        at=handed_in_at(notice, filings_of(tx.session, notice)),
        why_late=why_late,
        actor=actor,
    )
