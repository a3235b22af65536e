"""Reading for the legal desk: comments, filings."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.store.notice_tables import Filing, NoticeComment, NoticeRow


def comments_on(session: Session, notice: NoticeRow, *, counsel: bool) -> Sequence[NoticeComment]:
    """List the remarks on a notice in their order; counsel's own ones for counsel only."""
    query = (
        select(NoticeComment)
        .where(NoticeComment.notice_id == notice.id)
        .order_by(col(NoticeComment.number))
    )
    if not counsel:
        query = query.where(col(NoticeComment.counsel_only).is_(False))
    return session.exec(query).all()


def filings_of(session: Session, notice: NoticeRow) -> Sequence[Filing]:
    """List when and where a notice was handed in, the first filing first."""
    query = select(Filing).where(Filing.notice_id == notice.id).order_by(col(Filing.id))
    return session.exec(query).all()
