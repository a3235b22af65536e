"""Tables for a spreadsheet: CSV (RFC 4180) that opens in Excel and runs nothing there.

UTF-8 with a byte order mark, lines end in CR LF. A cell that a spreadsheet would take for a formula
gets an apostrophe in front, which it shows as text (OWASP, “CSV Injection”).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

CONTENT_TYPE = "text/csv; charset=utf-8"
_PIECE = 60_000
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(head: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """Write a table with its head; every cell is text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for line in (head, *lines):
        writer.writerow([safe_cell(cell) for cell in line])
    return (_BOM + out.getvalue()).encode()


def csv_pieces(head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Write the same table piece by piece, for one too long to be held."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(_BOM)
    for line in chain([head], lines):
        writer.writerow([safe_cell(cell) for cell in line])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def safe_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
