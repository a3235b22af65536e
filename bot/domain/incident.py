"""What an incident is: its severities, statuses, reference and the moves that are allowed.

Decides which status may follow which. It doesn't decide who may move it (`roles`) nor what the
clocks do about it (`clocks`).
"""

import re
from enum import StrEnum


class IncidentKind(StrEnum):
    """Fixed when the incident is opened and never changed."""

    LIVE = "live"
    EXERCISE = "exercise"


class Severity(StrEnum):
    """SEV1 is the worst."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


SEVERITY_MEANING = {
    Severity.SEV1: "Critical: personal data or the business is at stake now",
    Severity.SEV2: "High: personal data may be affected",
    Severity.SEV3: "Moderate: limited, under control",
    Severity.SEV4: "Low: to be watched",
}


class Status(StrEnum):
    """Where the incident stands."""

    OPEN = "open"
    CONTAINED = "contained"
    RECOVERED = "recovered"
    CLOSED = "closed"


_NEXT = {
    Status.OPEN: (Status.CONTAINED, Status.RECOVERED, Status.CLOSED),
    Status.CONTAINED: (Status.OPEN, Status.RECOVERED, Status.CLOSED),
    Status.RECOVERED: (Status.OPEN, Status.CLOSED),
    Status.CLOSED: (),
}

MAX_TITLE = 120
REF = re.compile(r"(?:INC|EX)-(\d{4})-(\d{4,})")
_EXERCISE = re.compile(r"\bEX-\d{4}-\d{4,}")
_PREFIX = {IncidentKind.LIVE: "INC", IncidentKind.EXERCISE: "EX"}


class IncidentError(ValueError):
    """A change that the incident doesn't allow; the message says why and what to do."""


def ref_of(*, kind: IncidentKind, year: int, number: int) -> str:
    """Return the reference that people type: `INC-2026-0001`, of an exercise `EX-2026-0001`."""
    return f"{_PREFIX[kind]}-{year}-{number:04d}"


def is_exercise_ref(ref: str) -> bool:
    """Tell an exercise's reference from a live incident's: nobody may take one for the other."""
    return ref.startswith(f"{_PREFIX[IncidentKind.EXERCISE]}-")


def names_exercise(text: str) -> bool:
    """Tell whether a text names an exercise by its reference."""
    return _EXERCISE.search(text) is not None


def channel_name(*, ref: str, title: str) -> str:
    """Return the channel's name: the same for every try, so that a half-made channel is found.

    Slack allows lower-case letters, digits, hyphens and underscores, 80 characters at most
    (https://docs.slack.dev/reference/methods/conversations.create).
    """
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-")
    return f"{ref.lower()}-{slug}" if slug else ref.lower()


def check_title(title: str) -> str:
    """Return the title in one line, without what can't be printed.

    Raises `IncidentError` if it is empty or too long.
    """
    shown = (char for char in title if char.isprintable() or char.isspace())
    title = " ".join("".join(shown).split())
    if not title:
        raise IncidentError("The title is empty: say in a few words what happened.")
    if len(title) > MAX_TITLE:
        raise IncidentError(f"The title has {len(title)} characters; {MAX_TITLE} fit.")
    return title


def check_move(*, ref: str, old: Status, new: Status) -> None:
    """Raise `IncidentError` unless the status may go from `old` to `new`."""
    if old is Status.CLOSED:
        raise IncidentError(f"{ref} is closed; nothing in it can be changed any more.")
    if new is old:
        raise IncidentError(f"{ref} is already {old}.")
    if new not in _NEXT[old]:
        allowed = ", ".join(_NEXT[old])
        raise IncidentError(f"{ref} is {old}; from there it can become: {allowed}.")
