"""A list of recipients becomes two files in the artifact store: who gets a letter, what came back.

Decides how a list is checked without holding it in memory, and what is counted. Both files are
encrypted like evidence. They aren't named as artifacts in the log, so that no bundle carries them:
the log holds counts and digests.
"""

import hashlib
import json
import secrets
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.documents.print_letters import printable_characters
from bot.documents.spreadsheet import csv_pieces
from bot.domain.incident import IncidentError
from bot.domain.proof_sample import ProofSample
from bot.domain.recipient_file import (
    Encoding,
    RecipientsFileError,
    RecipientTable,
    find_encoding,
    open_table,
)
from bot.domain.recipient_memory import Seen
from bot.domain.recipient_routes import Letters
from bot.domain.recipients import Problem, Recipient, Returned, RowChecker
from bot.store.notice_tables import PrintRun
from bot.store.unit_of_work import Store
from evidence_store.artifacts import ArtifactRef

_READ = 1 << 18
SHOWN_ROWS = 40
"""So many rows that came back are named on the page; all of them are in the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedList:
    """A list as it was checked. `returned` is the CSV of what came back, None if nothing did."""

    source: ArtifactRef
    letters: ArtifactRef
    returned: ArtifactRef | None
    total: int
    good: int
    summary: Mapping[str, Any]

    @property
    def refs(self) -> tuple[ArtifactRef, ...]:
        """Everything that was stored."""
        return tuple(one for one in (self.source, self.letters, self.returned) if one)


@dataclass(kw_only=True, slots=True)
class _Tally:
    """What is counted while a list is read once."""

    total: int = 0
    good: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    traits: Counter[str] = field(default_factory=Counter)
    shown: list[list[Any]] = field(default_factory=list)
    returned: "array[int]" = field(default_factory=lambda: array("L"))
    earlier: "array[int]" = field(default_factory=lambda: array("L"))
    """Of each row that came back the row that it repeats, or 0."""
    sample: ProofSample = field(default_factory=ProofSample)

    def take(self, found: Recipient | Returned) -> None:
        self.total += 1
        if isinstance(found, Recipient):
            self.good += 1
            self.places[found.jurisdiction] += 1
            self.traits.update(found.traits[1:])
            self.sample.take(found)
            return
        self.reasons.update(one.code for one in found.problems)
        if found.letter:
            self.elsewhere[found.letter] += 1
        elif len(self.shown) < SHOWN_ROWS:
            # Without what stands in the row: that is in the file that comes back.
            self.shown.append([found.row, [one.code for one in found.problems]])
        self.returned.append(found.row)
        self.earlier.append(
            next((int(p.detail.split()[-1]) for p in found.problems if p.code == "duplicate"), 0)
        )


def list_erased(run: PrintRun) -> bool:
    """Say whether the list of a run is erased; the bytes may still serve another run."""
    return bool(run.erasure.get("state") == "erased")


def check_list_kept(run: PrintRun) -> None:
    """Raise `IncidentError` if the list of a run is erased: nothing can be made of it any more."""
    if list_erased(run):
        raise IncidentError(
            f"The list of print run {run.number} is erased, so its letters can’t be made again. "
            f"What was printed can still be verified. For more letters, bring a list again."
        )


def check_list(
    store: Store, source: ArtifactRef, letters: Letters, *, today: date, home_country: str
) -> CheckedList:
    """Check a stored list, and store who gets a letter and what came back; slow for long lists.

    Reads the file two or three times rather than holding it. Raises `RecipientsFileError` for a
    file that is no list of recipients.
    """
    encoding = find_encoding(_pieces(store, source))
    reading = _Reading(
        store=store,
        source=source,
        encoding=encoding,
        letters=letters,
        today=today,
        home=home_country,
    )
    tally = _Tally()
    stored = store.artifacts.store(_good_lines(reading, tally))
    if not tally.total:
        raise RecipientsFileError("The file has a heading and no rows.")
    returned = store.artifacts.store(_returned_csv(reading, tally)) if tally.returned else None
    return CheckedList(
        source=source,
        letters=stored,
        returned=returned,
        total=tally.total,
        good=tally.good,
        summary=_summary(tally, reading.table(), encoding, stored, returned),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    """One list, and how it is read, as often as it is."""

    store: Store
    source: ArtifactRef
    encoding: Encoding
    letters: Letters
    today: date
    home: str

    def table(self) -> RecipientTable:
        return open_table(_pieces(self.store, self.source), self.encoding)

    def checker(self, table: RecipientTable) -> RowChecker:
        templates = self.store.rules.notices.values()
        return RowChecker(
            letters=self.letters,
            places=table.places,
            width=len(table.heading),
            printable=printable_characters(next(iter(templates)).folder.parent / "base"),
            seen=Seen(secrets.token_bytes(32)),
            today=self.today,
            home_country=self.home,
        )


def _pieces(store: Store, ref: ArtifactRef) -> Iterator[bytes]:
    with store.artifacts.open(ref.sha256) as file:
        while piece := file.read(_READ):
            yield piece


def _good_lines(reading: _Reading, tally: _Tally) -> Iterator[bytes]:
    table = reading.table()
    checker = reading.checker(table)
    for row, cells in table.rows:
        found = checker.check(row, cells)
        tally.take(found)
        if isinstance(found, Recipient):
            yield line_of(found)


def line_of(one: Recipient) -> bytes:
    """Write a recipient as the line that is stored; its SHA-256 names the row in the run."""
    values = {"a": one.address, "j": one.jurisdiction, "n": one.name, "r": one.row}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode()


def _returned_csv(reading: _Reading, tally: _Tally) -> Iterator[bytes]:
    """Write the rows that came back as they were, with the reasons before them."""
    table = reading.table()
    checker = reading.checker(table)

    def lines() -> Iterator[list[str]]:
        at = 0
        for row, cells in table.rows:
            if at == len(tally.returned):
                return
            if row != tally.returned[at]:
                continue
            earlier, at = tally.earlier[at], at + 1
            found = checker.check(row, cells)
            problems = found.problems if isinstance(found, Returned) else ()
            if earlier:
                problems = (Problem(code="duplicate", detail=f"row {earlier}"),)
            yield [str(row), "; ".join(one.words for one in problems), *cells]

    yield from csv_pieces(["row", "why it came back", *table.heading], lines())


def _summary(
    tally: _Tally,
    table: RecipientTable,
    encoding: Encoding,
    letters: ArtifactRef,
    returned: ArtifactRef | None,
) -> dict[str, Any]:
    chosen, left_out = tally.sample.choose()
    return {
        "letters": {"sha256": letters.sha256, "size": letters.size},
        "returned": {"sha256": returned.sha256, "size": returned.size} if returned else None,
        "encoding": encoding.words,
        "doubt": encoding.doubt,
        "delimiter": {",": "comma", ";": "semicolon", "\t": "tab"}[table.delimiter],
        "passed_over": table.passed_over,
        "reasons": dict(tally.reasons.most_common()),
        "elsewhere": dict(tally.elsewhere.most_common()),
        "places": dict(tally.places.most_common()),
        "traits": dict(tally.traits.most_common()),
        "shown": tally.shown,
        "sample": [{"row": row, "why": list(why)} for row, why in chosen],
        "left_out": list(left_out),
    }


def stored_letters(store: Store, sha256: str) -> Iterator[tuple[Recipient, str]]:
    """Yield who gets a letter, in the list's order, each with the SHA-256 of its line."""
    with store.artifacts.open(sha256) as file:
        rest = b""
        while piece := file.read(_READ):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                one = json.loads(line)
                digest = hashlib.sha256(line + b"\n").hexdigest()
                yield _recipient(one), digest


def _recipient(one: Mapping[str, Any]) -> Recipient:
    return Recipient(
        row=one["r"],
        name=one["n"],
        address=tuple(one["a"]),
        jurisdiction=one["j"],
        traits=(),
    )
