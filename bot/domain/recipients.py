"""Recipients of a print run: what a row of the list must hold, and why a row comes back.

Decides row by row, from the row and from where letters may go, without any law of its own. How
files are read is `recipient_file`'s, which letter a person gets is `recipient_routes`'s.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.domain.iso_places import COUNTRIES, is_place, nearest_places
from bot.domain.place_names import PLACE_NAMES
from bot.domain.places import PLACE_GROUPS
from bot.domain.recipient_memory import Seen
from bot.domain.recipient_routes import Letters, belongs_to

ADULT = 18
"""Years. Who counts as a child can differ by place; counsel decides, and the list can say so."""
WINDOW_COLUMNS = 38
"""Characters of one line in an envelope's window, at the usual size of type."""
MAX_PRINTED_LINES = 7
"""Lines that the window shows at the smaller size, with the name and what stands above it."""

REASONS: Mapping[str, str] = {
    "name": "the name is missing",
    "address": "the address is missing",
    "city": "the city is missing",
    "postcode": "the postcode is missing",
    "country": "the country isn’t known; write its ISO code, such as DE or US",
    "state": "the state is missing: this letter differs by state; write US-CA and the like",
    "jurisdiction": "the jurisdiction isn’t known; write an ISO code such as US-CA or DE",
    "birth_date": "the birth date can’t be read; write it as 2011-04-30",
    "flag": "minor and deceased are yes or no",
    "no_guardian": "a minor, and no guardian is named",
    "no_representative": "deceased, and no representative is named",
    "no_estate_letter": "deceased: this letter speaks to the person; write to the representative "
    "by hand",
    "adult": "not a minor: this letter is for parents and guardians",
    "living": "not deceased: this letter is for representatives",
    "outside": "this letter is only for people of other places",
    "other_letter": "belongs to another notice",
    "characters": "has characters that no bundled font can print",
    "window": "the address takes more lines than an envelope’s window shows",
    "cells": "the row has more cells than the heading has columns",
    "duplicate": "the same name and address stand in an earlier row",
}
"""Why a row comes back, by the word under which it is counted."""

_WITH_POSTCODE = PLACE_GROUPS["EU_EEA"].countries | {"AU", "CA", "CH", "GB", "US"}
"""Where a postcode is asked for; elsewhere the cell may be empty."""
_POSTCODE_LAST = frozenset({"AU", "CA", "GB", "IE", "US"})

_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"})
_NO = frozenset({"", "no", "n", "false", "0", "nein", "non"})
_NO_WORD = re.compile(r"[^\w\n]|_")
_FORMULA = ("=", "+", "-", "@")
_SHOWN_CHARACTERS = 5
_COUNTRIES = COUNTRIES - {"EU"}
_COUNTRY_WORDS = {
    **{name.casefold(): code for code, name in PLACE_NAMES.items() if code in COUNTRIES},
    "usa": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "deutschland": "DE",
    "österreich": "AT",
    "schweiz": "CH",
    "españa": "ES",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Somebody to whom a letter goes, as it is printed. `row` is the row of the list."""

    row: int
    name: str
    address: tuple[str, ...]
    jurisdiction: str
    traits: tuple[str, ...]
    """What is particular about the letter: its place, its language, `minor`, `foreign` …"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a row comes back: a word of `REASONS`, and what to say of this row beside it."""

    code: str
    detail: str = ""

    @property
    def words(self) -> str:
        """The reason in words."""
        return f"{REASONS[self.code]} ({self.detail})" if self.detail else REASONS[self.code]


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """A row that comes back. `letter` is the template whose letter it needs, if there is one."""

    row: int
    problems: tuple[Problem, ...]
    letter: str = ""


@dataclass(kw_only=True, slots=True)
class RowChecker:
    """Checks the rows of one list in their order.

    `places` tells in which cell a column stands, `width` is the number of columns. `printable`
    holds the code points of the bundled fonts. `today` is the date on which a minor is one.
    `home_country` is where the letters are posted, as its ISO code.
    """

    letters: Letters
    places: Mapping[str, int]
    width: int
    printable: Container[int]
    seen: Seen
    today: date
    home_country: str = ""

    def check(self, row: int, cells: Sequence[str]) -> Recipient | Returned:
        """Check one row: it becomes a recipient, or comes back with every reason."""
        texts = {name: _clean(cells[at]) for name, at in self.places.items() if at < len(cells)}
        person = _Person(texts, today=self.today, home=self.home_country)
        problems = [*person.problems(self.letters)]
        if any(cell.strip() for cell in cells[self.width :]):
            problems.append(Problem(code="cells"))
        letter = ""
        if not problems:
            letter, refused = self._route(person)
            problems += refused
        if not letter or letter == self.letters.id:
            problems += person.paper_problems(self.printable, self.letters)
        if not problems and (earlier := self.seen.first(person.same_as, row)):
            problems.append(Problem(code="duplicate", detail=f"row {earlier}"))
        if problems:
            other = letter if letter != self.letters.id else ""
            return Returned(row=row, problems=tuple(problems), letter=other)
        formula = any(text.startswith(_FORMULA) for text in texts.values())
        return person.recipient(row, formula=formula)

    def _route(self, person: "_Person") -> tuple[str, list[Problem]]:
        letter, refused = belongs_to(
            self.letters,
            jurisdiction=person.jurisdiction,
            language=person.language,
            minor=person.minor,
            deceased=person.deceased,
        )
        if refused:
            return letter, [Problem(code=refused)]
        if letter != self.letters.id:
            return letter, [Problem(code="other_letter", detail=letter)]
        if person.minor and letter != self.letters.kin.minors and not person.text("guardian"):
            return letter, [Problem(code="no_guardian")]
        if person.deceased and not person.text("representative"):
            return letter, [Problem(code="no_representative")]
        return letter, []


class _Person:
    """One row, with its cells by column, as somebody who may get a letter.

    What is told of it is worked out once: a list has a million rows.
    """

    def __init__(self, texts: Mapping[str, str], *, today: date, home: str) -> None:
        self.texts = texts
        self.today = today
        self.home = home
        self._plain = {name: " ".join(text.split()) for name, text in texts.items()}

    def text(self, name: str) -> str:
        return self._plain.get(name, "")

    @cached_property
    def country(self) -> str:
        said = self.text("country")
        code = said.upper()
        return code if code in _COUNTRIES else _COUNTRY_WORDS.get(said.casefold(), "")

    @cached_property
    def jurisdiction(self) -> str:
        """Where they live, as an ISO code; empty if what was written is none."""
        said = (self.text("jurisdiction") or self.text("state")).upper()
        if not said:
            return self.country
        if is_place(said) and ("-" in said or self.text("jurisdiction")):
            return said
        part = f"{self.country}-{said}"
        if is_place(part):
            return part
        # A region of another country is part of the address and of no law that we know.
        return "" if self.text("jurisdiction") or self.country == "US" else self.country

    @cached_property
    def language(self) -> str:
        return self.text("language").casefold().replace("_", "-").partition("-")[0]

    @cached_property
    def born(self) -> date | None:
        said = self.text("birth_date")
        try:
            day, dot, rest = said.partition(".")
            month, _, year = rest.partition(".")
            return date(int(year), int(month), int(day)) if dot else date.fromisoformat(said)
        except ValueError:
            return None

    @cached_property
    def minor(self) -> bool:
        born = self.born
        if self.text("minor").casefold() in _YES:
            return True
        return born is not None and _years(born, self.today) < ADULT

    @cached_property
    def deceased(self) -> bool:
        return self.text("deceased").casefold() in _YES

    @cached_property
    def same_as(self) -> str:
        """What two rows share that mean the same person at the same place."""
        plain = unicodedata.normalize("NFKC", "\n".join((self.text("name"), *self.lines[1:])))
        return _NO_WORD.sub("", plain.casefold())

    def problems(self, letters: Letters) -> Iterator[Problem]:
        """Yield what is missing or can't be read."""
        for name in ("name", "address", "city"):
            if not self.text(name):
                yield Problem(code=name)
        if not self.country:
            yield Problem(code="country")
        elif not self.text("postcode") and self.country in _WITH_POSTCODE:
            yield Problem(code="postcode")
        if self.country and not self.jurisdiction:
            near = nearest_places(self.text("jurisdiction").upper() or "US")
            yield Problem(code="jurisdiction", detail=f"perhaps {near[0]}" if near else "")
        elif letters.by_state and self.jurisdiction == "US":
            yield Problem(code="state")
        if self.text("birth_date") and (self.born is None or self.born > self.today):
            yield Problem(code="birth_date")
        if any(self.text(one).casefold() not in _YES | _NO for one in ("minor", "deceased")):
            yield Problem(code="flag")

    def paper_problems(self, printable: Container[int], letters: Letters) -> Iterator[Problem]:
        """Yield what can't be printed, or isn't seen through the window."""
        lines = self.lines
        odd = sorted(
            {
                one
                for line in lines
                if not line.isascii()
                for one in line
                if ord(one) not in printable
            }
            | {one for line in lines for one in line if not one.isprintable() and one != "\xa0"}
        )
        if odd:
            named = ", ".join(f"U+{ord(one):04X}" for one in odd[:_SHOWN_CHARACTERS])
            yield Problem(code="characters", detail=named)
        printed = sum(-(-len(line) // WINDOW_COLUMNS) for line in lines) + letters.extra_lines
        if printed > MAX_PRINTED_LINES:
            yield Problem(code="window", detail=f"{printed}, and {MAX_PRINTED_LINES} fit")

    @cached_property
    def lines(self) -> list[str]:
        """Name and address as they are printed; the country only if letters cross a border."""
        care = self.text("guardian") if self.minor else ""
        care = self.text("representative") if self.deceased else care
        street = [
            " ".join(line.split())
            for name in ("address", "address_2", "address_3")
            for line in self.texts.get(name, "").splitlines()
        ]
        country = PLACE_NAMES.get(self.country, "").upper() if self.country != self.home else ""
        lines = (self.text("name"), care and f"c/o {care}", *street, *self._town(), country)
        first, *rest = lines
        return [first, *(line for line in rest if line)]

    def _town(self) -> tuple[str, ...]:
        city, code, state = self.text("city"), self.text("postcode"), self.text("state")
        if self.country == "US":
            state = state.upper().removeprefix("US-") or self.jurisdiction.partition("-")[2]
            return (f"{city}, {state} {code}".strip() if state else f"{city} {code}",)
        if self.country in _POSTCODE_LAST:
            return (f"{city} {state} {code}",) if self.country in {"AU", "CA"} else (city, code)
        return (f"{code} {city}".strip(),)

    def recipient(self, row: int, *, formula: bool) -> Recipient:
        name, *address = self.lines
        traits = [self.jurisdiction]
        traits += [f"language {self.language}"] if self.language else []
        for trait, held in (
            ("minor", self.minor),
            ("representative", self.deceased),
            ("foreign address", bool(self.home) and self.country != self.home),
            ("formula", formula),
        ):
            traits += [trait] if held else []
        return Recipient(
            row=row,
            name=name,
            address=tuple(address),
            jurisdiction=self.jurisdiction,
            traits=tuple(traits),
        )


def _clean(cell: str) -> str:
    """Compose accents, so that fonts have them; spaces at the ends go."""
    text = cell.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def posted_from(address: str, *, us_letter: bool) -> str:
    """Return the country from which letters are posted, by our own address; empty if unclear.

    `us_letter`: on American paper they are posted in the United States.
    """
    if us_letter:
        return "US"
    for part in address.replace("\n", ";").split(";"):
        code = _COUNTRY_WORDS.get(part.rpartition(",")[2].strip().casefold())
        if code:
            return code
    return ""
