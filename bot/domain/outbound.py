"""Whether something may leave the house: independent barriers, each enough to keep an exercise in.

Pure. Decides refusals and their words. Every barrier looks at something else, so that a fault in
one of them lets nothing out: the tests take each away in turn.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.incident import IncidentKind, is_exercise_ref, names_exercise

MARK_WORD = "EXERCISE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Leave to send one approved notice once, as it is stored; only live incidents have any."""

    id: int
    kind: str
    incident_id: int
    notice_id: int
    version: int
    recipient_sha256: str
    content_sha256: str
    used: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What is about to leave, with all that the barriers look at."""

    ref: str
    kind: str
    incident_id: int
    notice_id: int
    notice_incident_id: int
    state: str
    version: int
    approved_by: int | None
    released_by: int | None
    content_sha256: str
    recipient_sha256: str
    subject: str
    body: str
    file_name: str
    file_text: str
    grant: Grant | None


def _kind(attempt: Attempt) -> str:
    return "" if attempt.kind == IncidentKind.LIVE else "the incident is an exercise"


def _reference(attempt: Attempt) -> str:
    return "the reference is an exercise's" if is_exercise_ref(attempt.ref) else ""


def _grant(attempt: Attempt) -> str:
    grant = attempt.grant
    if grant is None or grant.used:
        return "there is no live grant for it"
    fits = (
        grant.kind == IncidentKind.LIVE
        and grant.incident_id == attempt.incident_id
        and grant.notice_id == attempt.notice_id
        and grant.version == attempt.version
        and grant.recipient_sha256 == attempt.recipient_sha256
        and grant.content_sha256 == attempt.content_sha256
    )
    return "" if fits else "the grant is for something else"


def _two_people(attempt: Attempt) -> str:
    both = attempt.approved_by and attempt.released_by
    fine = both and attempt.approved_by != attempt.released_by and attempt.state == "approved"
    return "" if fine else "two people have to stand behind it: one approves, another releases"


def _own_notice(attempt: Attempt) -> str:
    same = attempt.notice_incident_id == attempt.incident_id
    return "" if same else "the notice belongs to another incident"


def _unmarked(attempt: Attempt) -> str:
    texts = (attempt.subject, attempt.body, attempt.file_name, attempt.file_text)
    marked = any(MARK_WORD in text or names_exercise(text) for text in texts)
    return "it bears the mark of an exercise" if marked else ""


BARRIERS: Mapping[str, Callable[[Attempt], str]] = MappingProxyType(
    {
        "kind": _kind,
        "reference": _reference,
        "grant": _grant,
        "two people": _two_people,
        "own notice": _own_notice,
        "no mark": _unmarked,
    }
)


def refusals(
    attempt: Attempt, *, barriers: Mapping[str, Callable[[Attempt], str]] = BARRIERS
) -> tuple[str, ...]:
    """Return every reason why it may not leave; empty means that it may."""
    return tuple(_found(attempt, barriers))


def _found(attempt: Attempt, barriers: Mapping[str, Callable[[Attempt], str]]) -> Iterator[str]:
    for barrier in barriers.values():
        if reason := barrier(attempt):
            yield reason
