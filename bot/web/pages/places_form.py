"""Where the affected people live, typed into one form: a country's number, then its parts.

Decides how “CA 1200, TX 300” is read and when “nobody else” becomes a number: only if a person says
so, or if the parts add up to the country's own number. Codes of a country's block are its parts;
elsewhere they are ISO 3166 codes or the places' names.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.facts import FactError, FactKey, FactValue
from bot.domain.iso_places import is_place, nearest_places
from bot.domain.place_names import PLACE_NAMES, place_name
from bot.domain.questions import Question
from bot.web.pages.desk import Posted

_LISTED = re.compile(
    r"[\s,;]*(?P<place>[^\W\d_][^\d,;:=\n]*?)\s*[:=]?\s*"
    r"(?P<count>\d{1,3}(?:[,.'\u2019\u00a0\u202f]\d{3})+(?!\d)|\d+)\s*(?=[,;\n]|$)"
)
"""A place and its number: `CA 1200`, `US-TX: 1,200`, `New York = 300`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacesBlock:
    """One part of the form: a country with its parts, or (without a country) all other places."""

    country: str
    question: str
    parts: tuple[str, ...]
    """Codes that are asked for; those that nobody lives in get a nought if a person says so."""
    settles: int
    known: Mapping[str, int]
    """Counts that are recorded already, by code."""
    total: str = ""
    listed: str = ""
    nobody_else: bool = False
    problem: str = ""

    @property
    def slot(self) -> str:
        """What the names of its inputs end in."""
        return self.country or "other"

    @property
    def named(self) -> str:
        """The places that are asked for, by name."""
        return ", ".join(sorted(place_name(code) for code in self.parts))


def places_blocks(questions: Iterable[Question], known: Mapping[str, int]) -> list[PlacesBlock]:
    """Make the blocks that ask for residents: a country whose parts are many, then all others."""
    blocks, singles, settles = [], [], set[str]()
    for one in questions:
        name, _, code = one.key.partition(":")
        if name != "residents":
            continue
        if one.parts:
            blocks.append(
                PlacesBlock(
                    country=code,
                    question=one.label,
                    parts=tuple(part.partition(":")[2] for part in one.parts),
                    settles=len(one.decides),
                    known={c: n for c, n in known.items() if c.startswith(f"{code}-")},
                )
            )
        else:
            singles.append(code)
            settles |= set(one.decides)
    if singles:
        blocks.append(
            PlacesBlock(
                country="",
                question="How many of the affected people live in these other places?",
                parts=tuple(singles),
                settles=len(settles),
                known={},
            )
        )
    return blocks


def typed_places(block: PlacesBlock, posted: Posted) -> PlacesBlock:
    """Put into a block what was typed."""
    return replace(
        block,
        total=posted.text(f"total:{block.slot}"),
        listed=posted.text(f"parts:{block.slot}"),
        nobody_else=bool(posted.text(f"nobody:{block.slot}")),
    )


def read_places(block: PlacesBlock) -> dict[FactKey, FactValue]:
    """Read a block: empty if nothing was filled in.

    Raises:
        FactError: a place that nobody knows, a number that isn't one, or numbers that can't all be
            true; the message says what to change.
    """
    counts = _listed(block)
    total = _total(block)
    country = block.country
    together = sum((dict(block.known) | counts).values())
    if total is not None and total < together:
        raise FactError(
            f"The parts that are listed or recorded add up to {together:,}, more than {total:,} "
            f"in all of {place_name(country)}. Check both."
        )
    if block.nobody_else and total is not None and total > together:
        raise FactError(
            f"You say that nobody lives elsewhere in {place_name(country)}, but only {together:,} "
            f"of {total:,} are listed. List the rest, or take one of the two back."
        )
    complete = total is not None and (counts or block.known) and total == together
    if block.nobody_else or complete:
        counts |= {code: 0 for code in block.parts if code not in {**block.known, **counts}}
    if total is not None:
        counts[country] = total
    return {FactKey(name="residents", subject=code): number for code, number in counts.items()}


def _total(block: PlacesBlock) -> int | None:
    if not block.total:
        return None
    if not re.fullmatch(r"\d{1,3}([,.'\u2019 \u00a0\u202f]\d{3})+|\d+", block.total):
        raise FactError(f"“{block.total}” isn't a number of people: write 1500, or 0 for nobody.")
    return int(re.sub(r"\D", "", block.total))


def _listed(block: PlacesBlock) -> dict[str, int]:
    counts: dict[str, int] = {}
    at, text = 0, block.listed.strip()
    while text[at:].strip(" ,;\r\n\t"):
        found = _LISTED.match(text, at)
        if found is None:
            rest = text[at:].strip(" ,;\r\n\t")[:40]
            raise FactError(
                f"“{rest}” can't be read: write a place and its number, such as {_example(block)}."
            )
        code = _code(found["place"].strip(), block)
        if code in counts:
            raise FactError(f"{place_name(code)} is listed twice: keep one number.")
        counts[code] = int(re.sub(r"\D", "", found["count"]))
        at = found.end()
    return counts


def _code(word: str, block: PlacesBlock) -> str:
    """Find the place that a word means, by its code or its name."""
    country, upper = block.country, word.upper()
    if country and is_place(f"{country}-{upper}") and "-" not in upper:
        return f"{country}-{upper}"
    named = [
        code
        for code, name in PLACE_NAMES.items()
        if name.casefold() == word.casefold() and _inside(code, country)
    ]
    if named:
        # A territory has a code of its own and one as a part: the part is what laws name.
        return max(named, key=len)
    if is_place(upper) and _inside(upper, country):
        return upper
    where = f" in {place_name(country)}" if country else ""
    near = [code for code in nearest_places(upper) if _inside(code, country)]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise FactError(f"“{word}” isn't a place that we know{where}.{hint} Write {_example(block)}.")


def _inside(code: str, country: str) -> bool:
    return not country or code.startswith(f"{country}-")


def _example(block: PlacesBlock) -> str:
    return "CA 1200, TX 300" if block.country == "US" else "NZ 40, Kenya 12"
