"""Reads what people type after `/incident clock`: times, proofs, rulings and their reasons.

A small, fixed grammar: `because` begins the reason, `at` and `due` a time that is clear to
everybody. What a ruling does is decided in the services.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.facts import FactError, read_instant
from bot.listeners.desk import UsageError

DUE = "2026-03-02T17:00Z"
"""The time that examples show."""

_BECAUSE = re.compile(r"(?:^|\s)because\b[\s:,]*", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:it\s+)?(?:"
    r"(?P<no>does(?:n't|nt|\s+not)\s+apply|not\s+applicable)|(?P<yes>applies)|"
    r"(?P<back>withdraw[a-z]*)|(?P<due>due))\b[\s,]*(?:and\s+)?(?:is\s+)?",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(r"(?:evidence\s+)?(?:e-?)?(?P<number>\d{1,9})\b\s*", re.IGNORECASE)
_SEVERAL = re.compile(
    r"(?:[ECMP][SD]?T|CES?T|WES?T|EES?T|BST|IST|[JKS]GT|[JK]ST|HKT|A[CEW][SD]T|NZ[SD]T|"
    r"[A-Z][A-Za-z]+/\w+)"
)
"""Names of zones that people write after a time; most abbreviations name several zones."""
_MOST_WORDS = 4
"""A time has at most so many words: `2026-03-02 at 10:00 UTC`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """That a duty is done: when (None: now), the proof, and why it was late."""

    at: datetime | None
    proof: str
    why_late: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """Counsel's answer; neither `applies` nor `due_at` withdraws an earlier one."""

    applies: bool | None
    due_at: datetime | None
    reason: str


def read_met(words: str, *, now: datetime, zone: ZoneInfo) -> Met:
    """Read `at 2026-03-02T10:00Z REF-1 because the portal was down`; all but the proof may lack."""
    at = None
    said, why_late = split_because(words)
    match = re.match(r"at\s+(?=\d|today\b|yesterday\b)", said, re.IGNORECASE)
    if match:
        at, said = take_time(said[match.end() :], now=now, zone=zone)
    return Met(at=at, proof=said.strip(), why_late=why_late)


def read_ruling(words: str, *, key: str, now: datetime, zone: ZoneInfo) -> Ruling:
    """Read `applies because …`, `doesn't apply …`, `due 2026-03-02T17:00Z …`, `withdraw …`.

    Raises `UsageError` for another answer, `FactError` for a time that isn't clear.
    """
    rest = words.replace("’", "'").strip()
    applies: bool | None = None
    due_at: datetime | None = None
    withdrawn = False
    while match := _ANSWER.match(rest):
        rest = rest[match.end() :]
        if match["due"]:
            due_at, rest = _take_due(rest, now=now, zone=zone)
        elif match["back"]:
            withdrawn = True
        else:
            applies = match["yes"] is not None
    if (applies, due_at, withdrawn) == (None, None, False):
        said = f"“{rest.partition(' ')[0]}” isn't a ruling. " if rest else ""
        raise UsageError(
            f"{said}Write `/incident clock overrule {key} applies because …`, "
            f"`… doesn't apply because …`, `… due {DUE} because …` or `… withdraw because …`."
        )
    if withdrawn:
        applies = due_at = None
    head, reason = split_because(rest)
    why = f"{head.strip(' .,:;')} {reason}".strip()
    return Ruling(applies=applies, due_at=due_at, reason=why)


def read_hold(words: str, *, key: str) -> tuple[int, str]:
    """Read `evidence 3 because the prosecutor asks`: the document's number and the reason."""
    match = _EVIDENCE.match(words.strip())
    if match is None:
        raise UsageError(
            f"Name the document in which law enforcement asks: `/incident clock toll {key} "
            f"evidence 3 because …`. `/incident evidence` lists what is preserved."
        )
    return int(match["number"]), plain_reason(words.strip()[match.end() :])


def plain_reason(words: str) -> str:
    """Read a reason that may begin with `because`."""
    return (
        _BECAUSE.sub("", words.strip(), count=1) if _BECAUSE.match(words.strip()) else words.strip()
    )


def split_because(words: str) -> tuple[str, str]:
    """Part what is said from its reason, at the first `because`."""
    found = _BECAUSE.search(words)
    if found is None:
        return words.strip(), ""
    return words[: found.start()].strip(), words[found.end() :].strip()


def take_time(words: str, *, now: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """Take a time off the front; a time without a zone is meant in `zone`.

    Raises `FactError` where no clear time stands there.
    """
    several = words.split()
    for count in range(min(_MOST_WORDS, len(several)), 0, -1):
        try:
            at = read_instant(" ".join(several[:count]), now=now, zone=zone)
        except FactError:
            if count == 1:
                raise
            continue
        rest = several[count:]
        if rest and _SEVERAL.fullmatch(rest[0]):
            raise FactError(
                f"“{rest[0]}” isn't a zone that can stand there: write an offset, such as "
                f"2026-03-02T10:00-05:00, or UTC as 2026-03-02T15:00Z."
            )
        return at, " ".join(rest)
    raise FactError(f"The time is missing: write {DUE}.")


def _take_due(words: str, *, now: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """Take a deadline, which may lie ahead, so that its date has to be written."""
    if not re.match(r"\d{4}-\d{2}-\d{2}[t ,]+(?:at\s+)?\d", words, re.IGNORECASE):
        said = words.partition(" ")[0]
        raise FactError(f"“{said}” isn't a clear deadline: write date and time, as in due {DUE}.")
    return take_time(words, now=now, zone=zone)
