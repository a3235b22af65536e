"""A list of recipients as it comes from a spreadsheet: its encoding, its delimiter, its columns.

Decides how bytes become rows, a piece at a time, so that a million rows need no more memory than
ten. What a row must hold is decided in `recipients`.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_LINE = 60_000
"""Characters of one row; more is a quotation mark that was never closed."""
_DELIMITERS = (",", ";", "\t")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full name", "recipient"),
    "address": ("address", "address 1", "address line 1", "street", "strasse", "straße"),
    "address_2": ("address 2", "address line 2"),
    "address_3": ("address 3", "address line 3"),
    "postcode": ("postcode", "postal code", "zip", "zip code", "plz"),
    "city": ("city", "town", "place", "ort"),
    "state": ("state", "region", "province"),
    "country": ("country", "land"),
    "jurisdiction": ("jurisdiction", "residence"),
    "language": ("language", "sprache"),
    "birth_date": ("birth date", "date of birth", "dob", "geburtsdatum"),
    "minor": ("minor", "child"),
    "guardian": ("guardian", "parent", "parent or guardian"),
    "deceased": ("deceased",),
    "representative": ("representative", "personal representative", "next of kin"),
}
"""Our columns, and the headings under which each is found; `_` and `-` count as spaces."""

REQUIRED = ("name", "address", "postcode", "city", "country")


class RecipientsFileError(ValueError):
    """A file that can't be read as a list of recipients; the message says what to mend."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoding:
    """How the file's characters are written; `doubt` says what to look at, if it was guessed."""

    codec: str
    words: str
    doubt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientTable:
    """A file that is ready to be read: where each of our columns stands, and its rows."""

    delimiter: str
    places: Mapping[str, int]
    heading: Sequence[str]
    rows: Iterator[tuple[int, list[str]]]
    """Row number as a spreadsheet counts (the heading is row 1), and its cells."""

    @property
    def passed_over(self) -> int:
        """How many columns of the file aren't ours."""
        return len(self.heading) - len(self.places)


def find_encoding(chunks: Iterable[bytes]) -> Encoding:
    """Find out how a file's characters are written; reads it once.

    A byte order mark decides. Without one it is UTF-8 if all of it can be, else Windows-1252.
    Raises `RecipientsFileError` for what is neither.
    """
    pieces = iter(chunks)
    first = next(pieces, b"")
    if first.startswith(b"\xef\xbb\xbf"):
        return Encoding(codec="utf-8-sig", words="UTF-8 with a byte order mark")
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding(codec="utf-16", words="UTF-16")
    if first[:4].startswith(b"PK\x03\x04") or first.startswith(b"\xd0\xcf\x11\xe0"):
        raise RecipientsFileError(
            "This is a spreadsheet, not a CSV file. Save it as “CSV UTF-8” and choose that file."
        )
    if b"\0" in first:
        raise RecipientsFileError(
            "This isn't a text file: it has zero bytes. Save the list as “CSV UTF-8”."
        )
    utf8 = codecs.getincrementaldecoder("utf-8")()
    other = codecs.getincrementaldecoder("cp1252")()
    is_utf8 = is_other = True
    for piece in _all(first, pieces):
        is_utf8 = is_utf8 and _takes(utf8, piece)
        is_other = is_other and _takes(other, piece)
        if not (is_utf8 or is_other):
            raise RecipientsFileError(
                "The file is neither UTF-8 nor Windows-1252, so names could come out wrong. Save "
                "it as “CSV UTF-8”."
            )
    if is_utf8 and _takes(utf8, b"", final=True):
        return Encoding(codec="utf-8", words="UTF-8")
    return Encoding(
        codec="cp1252",
        words="Windows-1252",
        doubt="The file isn't UTF-8; it was read as Windows-1252, as older programs write it. Look "
        "at names with accents in the proofs. Better: save it as “CSV UTF-8” and check it again.",
    )


def _all(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _takes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def open_table(chunks: Iterable[bytes], encoding: Encoding) -> RecipientTable:
    """Find delimiter and columns in the first line, and make the rest ready to be read.

    Raises `RecipientsFileError` for a file without a heading, and naming the columns it lacks; and
    while its rows are read, for one that can't be taken apart.
    """
    lines = text_lines(chunks, encoding.codec)
    head = next(lines, "")
    if not head.strip():
        raise RecipientsFileError("The file is empty. Its first row names the columns.")
    delimiter, heading = _best(head)
    places = _places(heading)
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        raise RecipientsFileError(
            f"The first row must name the columns, and {_and(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. Take the example file, or rename "
            f"your columns."
        )
    doubled = _doubled(heading)
    if doubled:
        raise RecipientsFileError(
            f"There are two columns for {_and(doubled)}. Keep one of them in the file."
        )
    return RecipientTable(
        delimiter=delimiter, places=places, heading=heading, rows=_rows(lines, delimiter)
    )


def _best(head: str) -> tuple[str, list[str]]:
    """Take the delimiter under which most columns are known."""
    cut = {one: next(csv.reader([head], delimiter=one), []) for one in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda one: len(_places(cut[one])))
    return best, cut[best]


def _places(heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(heading):
        name = _column(text)
        if name and name not in found:
            found[name] = place
    return found


def _column(text: str) -> str:
    plain = " ".join(re.sub(r"[_\-]+", " ", text.casefold()).split())
    return next((name for name, known in COLUMNS.items() if plain in known), "")


def _doubled(heading: Sequence[str]) -> list[str]:
    named = [name for text in heading if (name := _column(text))]
    return sorted({name for name in named if named.count(name) > 1})


def _and(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            number += 1
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise RecipientsFileError(
            f"The file can't be read after row {number}: probably a quotation mark is never "
            f"closed. Mend that row and choose the file again."
        ) from error


def text_lines(chunks: Iterable[bytes], codec: str) -> Iterator[str]:
    """Decode a stream and cut it into lines that end in a line feed."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    rest = ""
    try:
        for chunk in chunks:
            *whole, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (f"{line}\n" for line in whole)
            if len(rest) > MAX_LINE:
                raise RecipientsFileError(
                    f"One line has more than {MAX_LINE:,} characters. This isn't a list of "
                    f"recipients, or its lines don't end."
                )
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise RecipientsFileError(
            "Characters of the file can't be read. Save it as “CSV UTF-8”."
        ) from error
    if rest:
        yield rest
