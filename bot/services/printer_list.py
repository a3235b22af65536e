"""What a printer sends back: its list of letters, compared with ours both ways.

Decides what counts as a difference: a letter that is missing, one that isn't ours, one named twice,
another digest, another number of pages; and what of a comparison stands in the log. Comparing only
reads, so that a long list doesn't hold the log; what came of it is recorded after.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.domain.recipient_file import RecipientsFileError, find_encoding, text_lines
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.print_runs import DONE, check_state, find_run, record_run
from bot.store.notice_tables import PrintedLetter, PrintRun
from bot.store.print_queries import printed_letters
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

SHOWN = 50
"""Differences that are named one by one; the rest is counted."""


@dataclass(kw_only=True, slots=True)
class Comparison:
    """The printer's list beside ours. Both hash totals are made in the same way."""

    ours: int = 0
    theirs: int = 0
    our_pages: int = 0
    their_pages: int = 0
    our_total: str = ""
    their_total: str = ""
    list_sha256: str = ""
    """Of the printer's file, as it came."""
    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.counts and self.our_total == self.their_total

    def differ(self, kind: str, words: str) -> None:
        """Count a difference and name it, as long as there is room."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.differences) < SHOWN:
            self.differences.append(words)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    sha256: str
    pages: int


def compare_with_printer(session: Session, run: PrintRun, content: bytes) -> Comparison:
    """Compare the printer's CSV with the letters of a run.

    It needs the columns row and sha256; pages are compared if they are there. Raises
    `RecipientsFileError` for a file without them.
    """
    found = Comparison()
    theirs = _read(content, found)
    total = hashlib.sha256()
    for one in printed_letters(session, run):
        found.ours += 1
        found.our_pages += one.pages
        _compare(found, one, theirs.get(one.row))
        if one.row in theirs:
            total.update(f"{one.row},{theirs.pop(one.row).sha256}\n".encode())
    for row in theirs:
        found.differ("not ours", f"row {row}: no letter of this run")
    for row, line in theirs.items():
        total.update(f"{row},{line.sha256}\n".encode())
    found.our_total = str(run.summary.get("total_sha256", ""))
    found.their_total = total.hexdigest()
    found.list_sha256 = hashlib.sha256(content).hexdigest()
    return found


def record_comparison(
    tx: Tx, incident: Incident, number: int, found: Comparison, *, actor: Person
) -> PrintRun:
    """Record what came of a comparison: counts and digests. The run remembers the last one."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    run = find_run(tx, incident, number)
    check_state(run, DONE)
    record_run(
        tx,
        incident,
        run,
        "print_run.compared",
        actor=actor.actor,
        data={
            "agrees": found.agrees,
            "letters": found.ours,
            "pages": found.our_pages,
            "total_sha256": found.our_total,
            "printer_letters": found.theirs,
            "printer_pages": found.their_pages,
            "printer_total_sha256": found.their_total,
            "printer_list_sha256": found.list_sha256,
            "differences": {kind.replace(" ", "_"): n for kind, n in found.counts.items()},
        },
    )
    last = {
        "at": tx.now.isoformat(),
        "by": actor.id,
        "agrees": found.agrees,
        "letters": found.theirs,
        "counts": dict(found.counts),
    }
    run.summary = {**run.summary, "compared": last}
    tx.session.add(run)
    return run


def _compare(found: Comparison, one: PrintedLetter, line: _Line | None) -> None:
    if line is None:
        found.differ("missing", f"row {one.row}: not in the printer’s list")
    elif line.sha256 != one.pdf_sha256:
        found.differ(
            "another file",
            f"row {one.row}: {line.sha256[:12] or 'no hash'}…, not {one.pdf_sha256[:12]}…",
        )
    elif line.pages not in {0, one.pages}:
        found.differ("pages", f"row {one.row}: {line.pages} pages, not {one.pages}")


def _read(content: bytes, found: Comparison) -> dict[int, _Line]:
    encoding = find_encoding([content])
    lines = text_lines([content], encoding.codec)
    head = next(lines, "")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    heading = [
        cell.strip().casefold() for cell in next(csv.reader([head], delimiter=delimiter), [])
    ]
    if "row" not in heading or "sha256" not in heading:
        raise RecipientsFileError(
            "The printer’s list needs the columns row and sha256, named in its first row: the same "
            "as in letters.csv."
        )
    read: dict[int, _Line] = {}
    for cells in _rows(lines, heading, delimiter):
        found.theirs += 1
        row, pages = _whole(cells.get("row", "")), _whole(cells.get("pages", ""))
        found.their_pages += pages
        if not row:
            found.differ("unreadable", f"line {found.theirs + 1}: has no row number")
        elif row in read:
            found.differ("twice", f"row {row}: named twice")
        else:
            read[row] = _Line(sha256=cells.get("sha256", "").casefold(), pages=pages)
    return read


def _rows(lines: Iterable[str], heading: list[str], delimiter: str) -> Iterator[Mapping[str, str]]:
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                plain = [cell.strip().lstrip("'") for cell in cells]
                yield dict(zip(heading, plain, strict=False))
    except csv.Error as error:
        raise RecipientsFileError("The printer’s list can’t be read as CSV.") from error


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - rows are far fewer
