"""What a notice template says of itself, and how a notice moves from draft to sent.

Decides the states of a notice and the changes between them. What a text lacks, or may not say, is
in `notice_checks`; templates are loaded by `bot.content.notices`, text and PDF made by
`bot.documents`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.domain.facts import Facts, value_of
from bot.domain.us_states import NO_STATES, RESIDENTS, StatesOfNotice

BUILT_IN_VARIABLES = frozenset({"notice", "recipient"})
"""What every template may print beside the facts that it declares."""

STATES_VARIABLE = "states"
"""What a template with `us_states` may print too: the parts for single states."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SENT = "sent"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


_ENDS = {NoticeState.SUPERSEDED, NoticeState.WITHDRAWN}

TRANSITIONS: Mapping[NoticeState, frozenset[NoticeState]] = MappingProxyType(
    {
        NoticeState.DRAFT: frozenset({NoticeState.IN_REVIEW, *_ENDS}),
        # Back to draft: changes were requested.
        NoticeState.IN_REVIEW: frozenset({NoticeState.DRAFT, NoticeState.APPROVED, *_ENDS}),
        # Back to draft: a fact that the approved text rests on has changed.
        NoticeState.APPROVED: frozenset({NoticeState.DRAFT, NoticeState.SENT, *_ENDS}),
        # What was sent can't be unsent; a later notice may correct it.
        NoticeState.SENT: frozenset({NoticeState.SUPERSEDED}),
        NoticeState.SUPERSEDED: frozenset(),
        NoticeState.WITHDRAWN: frozenset(),
    }
)
"""Every change of state that is allowed."""


class NoticeStateError(ValueError):
    """A change of state that isn't allowed; the message names the states that are."""


class Audience(StrEnum):
    """For whom the text is written."""

    REGULATOR = "regulator"
    PERSON = "person"
    PUBLIC = "public"
    PARTNER = "partner"
    INTERNAL = "internal"


class Stage(StrEnum):
    """Where a notice stands in a series to one recipient, such as NIS2's three."""

    EARLY_WARNING = "early_warning"
    INITIAL = "initial"
    INTERMEDIATE = "intermediate"
    FOLLOW_UP = "follow_up"
    FINAL = "final"


class Checked(StrEnum):
    """How far somebody has held a notice's contents against their source."""

    READ = "read"
    SPOT_CHECKED = "spot_checked"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeSource:
    """Where the contents of a notice are taken from; `verified_on` is empty if nobody looked."""

    title: str
    checked: Checked
    url: str = ""
    verified_on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslationOf:
    """The template that was translated, and the version of it."""

    id: str
    version: int


class Need(StrEnum):
    """Whether a notice can go out without a fact."""

    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """When something applies. One of the four tests is set; the loader sees to that."""

    fact: str
    includes: frozenset[str] = frozenset()
    """The fact (a choice or choices) includes at least one of these. Of a fact that is counted per
    place, such as residents: at least one of these places has a count above 0."""
    equals: bool | str | None = None
    known: bool | None = None
    """The fact is recorded with a value (True), or isn't (False)."""
    hours_ago: int | None = None
    """The fact is an instant, and more than so many elapsed hours have passed since."""
    also: "Condition | None" = None
    """Holds only if this one does too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Minimum:
    """A count that a law wants under a condition; the fact is required then."""

    number: int
    when: Condition
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotFor:
    """A case in which the notice may not be used, and what to use in its place."""

    when: Condition
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedFact:
    """A fact that the template may print."""

    key: str
    need: Need
    where: str
    """The section of the notice in which a reader finds it."""
    when: Condition | None = None
    """A required fact is required only when this holds; otherwise it is optional."""
    not_yet_known: str = ""
    """What the notice says if the fact is recorded as unknown and the format allows that."""
    at_least: int = 0
    """The law wants a count of at least so much, such as months of credit monitoring."""
    minimums: tuple[Minimum, ...] = ()
    places: tuple[str, ...] = ()
    """Of a fact that is counted per place: the only places whose counts are this notice's. If it
    is one place, the template prints its count as any other fact; if several, one is enough."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StatutoryItem:
    """One thing that the law wants in the notice, and the facts that together provide it."""

    item: str
    citation: str
    section: str
    facts: tuple[str, ...] = ()
    says: str = ""
    """Fixed words of the template that provide it; the loader checks that they are there."""
    when: Condition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatRules:
    """What the law or good practice says about the form of the text."""

    min_font_pt: float = 0.0
    title: str = ""
    headings: tuple[str, ...] = ()
    forbidden_words: tuple[str, ...] = ()
    """Beginnings of words, or phrases, that must not stand in the text; case doesn't matter."""
    forbidden_patterns: tuple[str, ...] = ()
    """Regular expressions that must not match the text; case doesn't matter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeTemplate:
    """One notice as data; its text lies in `folder`."""

    id: str
    version: int
    title: str
    recipient_kind: str
    recipient_name: str
    audience: Audience
    law: str
    citation: str
    language: str
    obligations: tuple[str, ...]
    page_size: str
    zone: str
    """`home` for the organisation's own zone (fact `home_zone`), else an IANA name."""
    facts: Mapping[str, UsedFact]
    forbidden_facts: tuple[str, ...]
    contents: tuple[StatutoryItem, ...]
    rules: FormatRules
    next_update_hours: int
    """The notice promises its next update within so many hours; 0 where it promises none."""
    verify_before_sending: tuple[str, ...]
    """What a person must check against its source on the day the notice goes out."""
    folder: Path
    sha256: str
    """Over every file of the template and of `base`: it names the exact version."""
    stage: Stage | None = None
    after: str = ""
    """Id of the notice that this one adds to: drafted only once that one was sent."""
    by_hand: bool = False
    """Drafted only when a person asks for it, not when a clock begins to run."""
    translation_of: TranslationOf | None = None
    channels: tuple[str, ...] = ()
    sources: tuple[NoticeSource, ...] = ()
    not_for: tuple[NotFor, ...] = ()
    states: StatesOfNotice = NO_STATES
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The text files that it is filled from, by path: as they were when `sha256` was taken."""

    @property
    def fact_names(self) -> frozenset[str]:
        """The facts it uses: those it may print, and the counts by which it chooses its parts."""
        counted = {RESIDENTS} if self.states.states else set()
        return frozenset({*self.facts, *counted})

    @property
    def spot_checked_only(self) -> bool:
        """Whether nobody has read the contents against their source in full."""
        return not self.sources or any(one.checked is not Checked.READ for one in self.sources)


def check_move(*, state: NoticeState, to: NoticeState) -> None:
    """Raise `NoticeStateError` unless a notice may go from `state` to `to`."""
    if to in TRANSITIONS[state]:
        return
    following = ", ".join(sorted(TRANSITIONS[state])) or "nothing: it is final"
    raise NoticeStateError(f"A notice that is {state} can't become {to}; allowed: {following}.")


def zone_of(template: NoticeTemplate, facts: Facts) -> ZoneInfo:
    """Return the zone in which the notice's times are told; UTC if ours isn't recorded."""
    home = str(value_of(facts, "home_zone") or "UTC")
    return ZoneInfo(home if template.zone == "home" else template.zone)


def is_stale(template: NoticeTemplate, templates: Mapping[str, NoticeTemplate]) -> bool:
    """Say whether a translation's source has changed since it was translated."""
    if template.translation_of is None:
        return False
    source = templates.get(template.translation_of.id)
    return source is None or source.version != template.translation_of.version
