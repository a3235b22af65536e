"""Papers of a print run: its sheet, the proof pack, and the parts that are handed to a printer.

Reads and renders; what is recorded of it is `print_runs`'s. A letter that is handed over is made
again, and must have the bytes whose digest was kept. How the printer's list is compared with ours
is in `printer_list`.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlmodel import Session

from bot.documents.html import Addressee
from bot.documents.marks import MarkState
from bot.documents.print_letters import Letter, Sheet, letter_press, make_letter
from bot.documents.spreadsheet import write_csv
from bot.domain.incident import IncidentError
from bot.domain.notices import NoticeState
from bot.domain.recipients import Recipient
from bot.services.editions import template_of_version
from bot.services.notice_papers import facts_as_of_version
from bot.services.notices import marking_of
from bot.services.print_lists import check_list_kept, stored_letters
from bot.services.print_runs import check_same
from bot.store.notice_tables import NoticeRow, PrintedLetter, PrintRun
from bot.store.print_queries import printed_rows
from bot.store.queries import facts_of, notice_versions
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, reading

PART = 500
"""Letters in one part that is handed over: 25 MB, and half a minute to make."""
_AT_ONCE = 10
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The same in every pack, so that the same letters give the same bytes."""
HEADING = ("row", "file", "pages", "sha256")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """A ZIP with some letters and their list."""

    name: str
    content: bytes
    letters: int
    pages: int

    @property
    def sha256(self) -> str:
        """The digest of the ZIP."""
        return hashlib.sha256(self.content).hexdigest()


def sheet_of(session: Session, store: Store, incident: Incident, run: PrintRun) -> Sheet:
    """Return what all letters of a run share, frozen as the approved version was made.

    Raises `IncidentError` if the template of that version isn't to be had any more, or the notice
    isn't approved any more.
    """
    notice = session.get_one(NoticeRow, run.notice_id)
    versions = notice_versions(session, notice)
    version = next(one for one in versions if one.version == run.version)
    template = template_of_version(session, store.rules, notice, version)
    if template is None or template.sha256 != version.template_sha256:
        raise IncidentError(
            f"The template of version {run.version} was changed, and what it was isn’t kept. Make "
            f"a new version of the notice, and have it approved."
        )
    if notice.approved_version != run.version or notice.approved_at is None:
        raise IncidentError(f"Version {run.version} isn’t the approved one any more.")
    return Sheet(
        template=template,
        facts=facts_as_of_version(facts_of(session, incident), version, template),
        wording=version.wording,
        ref=f"{incident.ref} / N-{notice.number}",
        version=run.version,
        on=notice.approved_at,
        marking=marking_of(notice, incident, state=NoticeState.APPROVED),
        house=store.house,
    )


def letters_of(store: Store, run: PrintRun, *, after: int = 0) -> Iterator[Letter]:
    """Yield the letters of a run in the list's order, those after a row; reads the list anew.

    Raises `IncidentError` if the list is erased.
    """
    check_list_kept(run)
    for one, digest in stored_letters(store, run.summary["letters"]["sha256"]):
        if one.row > after:
            yield Letter(row=one.row, row_sha256=digest, to=addressee(one))


def addressee(one: Recipient) -> Addressee:
    """Turn a recipient into what the letter prints."""
    return Addressee(name=one.name, address=one.address, jurisdiction=one.jurisdiction)


def proof_pack(store: Store, incident: Incident, run: PrintRun) -> Pack:
    """Make the letters of the sample, each page marked PROOF; the same run gives the same bytes."""
    with reading(store) as session:
        sheet = sheet_of(session, store, incident, run)
        number = session.get_one(NoticeRow, run.notice_id).number
    sheet = replace(sheet, marking=replace(sheet.marking, state=MarkState.PROOF))
    why = {one["row"]: one["why"] for one in run.summary["sample"]}
    made = [make_letter(sheet, one, keep=True) for one in letters_of(store, run) if one.row in why]
    names = [f"PROOF-row-{one.row}.pdf" for one in made]
    lines = [
        (str(one.row), name, str(one.pages), one.pdf_sha256, ", ".join(why[one.row]))
        for one, name in zip(made, names, strict=True)
    ]
    files = [("proofs.csv", write_csv((*HEADING, "stands for"), lines))]
    files += [(name, one.pdf) for one, name in zip(made, names, strict=True)]
    return Pack(
        name=f"{incident.ref}-N{number}-v{run.version}-run{run.number}-PROOF.zip",
        content=_zip(files),
        letters=len(made),
        pages=sum(one.pages for one in made),
    )


def parts_of(run: PrintRun) -> int:
    """Return in how many parts a run is handed over."""
    return -(-run.rows_good // PART)


def part_pack(store: Store, incident: Incident, run: PrintRun, part: int) -> Pack:
    """Make the letters of a part again, with their list; compared with the digests kept.

    Raises `LettersDifferError` if one came out with other bytes, `IncidentError` for a part that
    there isn't. Takes half a minute for a whole part.
    """
    if not 1 <= part <= parts_of(run):
        raise IncidentError(f"Print run {run.number} has the parts 1 to {parts_of(run)}.")
    with reading(store) as session:
        sheet = sheet_of(session, store, incident, run)
        number = session.get_one(NoticeRow, run.notice_id).number
    letters = list(islice(letters_of(store, run), (part - 1) * PART, part * PART))
    with letter_press(sheet) as press:
        waiting = [
            press.make(letters[at : at + _AT_ONCE], keep=True)
            for at in range(0, len(letters), _AT_ONCE)
        ]
        made = [one for done in waiting for one in done.result()]
    with reading(store) as session:
        check_same(printed_rows(session, run, [one.row for one in made]), made)
    names = [letter_name(incident, number, run, one.row) for one in made]
    lines = [
        (str(one.row), name, str(one.pages), one.pdf_sha256)
        for one, name in zip(made, names, strict=True)
    ]
    files = [("letters.csv", write_csv(HEADING, lines))]
    files += [(name, one.pdf) for one, name in zip(made, names, strict=True)]
    return Pack(
        name=f"{incident.ref}-N{number}-run{run.number}-part{part}of{parts_of(run)}.zip",
        content=_zip(files),
        letters=len(made),
        pages=sum(one.pages for one in made),
    )


def letter_name(incident: Incident, number: int, run: PrintRun, row: int) -> str:
    """Return the file name of a letter; it holds nothing of the person."""
    mark = "" if incident.kind == "live" else "EXERCISE-"
    return f"{mark}{incident.ref}-N{number}-run{run.number}-row{row:07d}.pdf"


def letters_csv_lines(
    incident: Incident, number: int, run: PrintRun, letters: Iterator[PrintedLetter]
) -> Iterator[Sequence[str]]:
    """Yield the lines of the list of all letters."""
    for one in letters:
        name = letter_name(incident, number, run, one.row)
        yield (str(one.row), name, str(one.pages), one.pdf_sha256)


def _zip(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Store files without compressing them: PDFs are compressed already."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_DATE), content)
    return out.getvalue()
