"""Rows of print runs: the runs of a notice, and the digests of the letters made so far."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, func, or_, select, update

from bot.store.notice_tables import NoticeRow, NoticeVersion, PrintedLetter, PrintRun
from bot.store.tables import Incident

_AT_ONCE = 1_000


def runs_of(session: Session, notice: NoticeRow) -> Sequence[PrintRun]:
    """List the print runs of a notice, the newest first."""
    query = (
        select(PrintRun)
        .where(PrintRun.notice_id == notice.id)
        .order_by(col(PrintRun.number).desc())
    )
    return session.exec(query).all()


def run_of(session: Session, incident: Incident, number: int) -> PrintRun | None:
    """Find a print run of the incident by its number."""
    query = select(PrintRun).where(PrintRun.incident_id == incident.id, PrintRun.number == number)
    return session.exec(query).first()


def runs_in(session: Session, incident: Incident) -> Sequence[PrintRun]:
    """List the print runs of all notices of an incident, oldest first."""
    query = (
        select(PrintRun).where(PrintRun.incident_id == incident.id).order_by(col(PrintRun.number))
    )
    return session.exec(query).all()


def runs_with(session: Session, sha256: str) -> Sequence[PrintRun]:
    """List the runs of all incidents whose list, or what was made of it, are these bytes.

    They stay as they are until the transaction ends: of two whose lists are erased at once, in two
    incidents, the second sees that it is the last.
    """
    summary = col(PrintRun.summary)
    query = (
        select(PrintRun)
        .where(
            or_(
                col(PrintRun.recipients_sha256) == sha256,
                summary["letters"]["sha256"].as_string() == sha256,
                summary["returned"]["sha256"].as_string() == sha256,
            )
        )
        .order_by(col(PrintRun.id))
        .with_for_update()
    )
    return session.exec(query).all()


def forget_rows(session: Session, run: PrintRun) -> None:
    """Drop the digest of each row of a run: with name and address guessed, it would confirm them.

    What stays is the digest of each letter's file.
    """
    session.exec(
        update(PrintedLetter).where(col(PrintedLetter.run_id) == run.id).values(row_sha256="")
    )


def next_run_number(session: Session, incident: Incident) -> int:
    """Return the number of the incident's next print run."""
    query = select(func.max(PrintRun.number)).where(PrintRun.incident_id == incident.id)
    return (session.exec(query).one() or 0) + 1


def printed_so_far(session: Session, run: PrintRun) -> tuple[int, int, int]:
    """Return how many letters are made, how many pages they have, and the last one's row."""
    query = select(func.count(), func.sum(PrintedLetter.pages), func.max(PrintedLetter.row)).where(
        PrintedLetter.run_id == run.id
    )
    letters, pages, last = session.exec(query).one()
    return letters, pages or 0, last or 0


def printed_rows(session: Session, run: PrintRun, rows: Sequence[int]) -> dict[int, PrintedLetter]:
    """Return those of these rows whose letters are made, by row."""
    query = select(PrintedLetter).where(
        PrintedLetter.run_id == run.id, col(PrintedLetter.row).in_(rows)
    )
    return {one.row: one for one in session.exec(query).all()}


def printed_letters(session: Session, run: PrintRun) -> Iterator[PrintedLetter]:
    """Yield all letters of a run by row, a thousand at a time."""
    after = 0
    while True:
        query = (
            select(PrintedLetter)
            .where(PrintedLetter.run_id == run.id, col(PrintedLetter.row) > after)
            .order_by(col(PrintedLetter.row))
            .limit(_AT_ONCE)
        )
        found = session.exec(query).all()
        if not found:
            return
        after = found[-1].row
        yield from found


def version_of_letter(session: Session, pdf_sha256: str) -> NoticeVersion | None:
    """Find the version of which a letter with this digest was printed."""
    query = (
        select(NoticeVersion)
        .join(PrintRun, col(PrintRun.notice_id) == col(NoticeVersion.notice_id))
        .join(PrintedLetter, col(PrintedLetter.run_id) == col(PrintRun.id))
        .where(
            PrintedLetter.pdf_sha256 == pdf_sha256,
            col(NoticeVersion.version) == col(PrintRun.version),
        )
        .limit(1)
    )
    return session.exec(query).first()


def approved_versions(
    session: Session, *, pdf_sha256: str = "", content: str = ""
) -> Sequence[NoticeVersion]:
    """Find versions that were approved, by their file's digest or how their content hash begins.

    A version that nobody ever approved has no file, and isn't found.
    """
    query = select(NoticeVersion).where(NoticeVersion.pdf_sha256 != "")
    if pdf_sha256:
        query = query.where(NoticeVersion.pdf_sha256 == pdf_sha256)
    else:
        # Hexadecimal digits only, so that nothing in it is a wildcard.
        query = query.where(col(NoticeVersion.content_sha256).startswith(content))
    return session.exec(query.order_by(col(NoticeVersion.id).desc()).limit(50)).all()
