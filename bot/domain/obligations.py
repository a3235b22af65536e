"""What an obligation is: one legal duty to one recipient, as read from `playbooks/obligations`.

Decides the words and shapes only. Whether a duty applies is `applicability`'s, by when it is due is
`deadlines`'s, what its clock does is `clocks`'s, and the law itself stands in the YAML files.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from bot.domain.business_days import BusinessCalendar
from bot.domain.conditions import Condition


class Unit(StrEnum):
    """What a period is counted in. Each one has a counter in `deadlines`."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    NONE = "none"
    """The law gives no number: without undue delay."""


class RecipientKind(StrEnum):
    """Who is told."""

    REGULATOR = "regulator"
    INDIVIDUALS = "individuals"
    ATTORNEY_GENERAL = "attorney_general"
    SEC_FILING = "sec_filing"


class LegalConfidence(StrEnum):
    """How well deadline, trigger and threshold were checked; it doesn't cover contents."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """The one to whom the duty is owed."""

    kind: RecipientKind
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """A fact that starts the period. `caveat` says why it is a fallback, or is empty."""

    fact: str
    event: str
    caveat: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """How long. `number` is None exactly if the unit is `none`; business days have a calendar."""

    number: int | None
    unit: Unit
    calendar: BusinessCalendar | None = None

    def __str__(self) -> str:
        if self.number is None:
            return "no number: without undue delay"
        unit = self.unit.value.replace("_", " ")
        return f"{self.number} {unit.removesuffix('s') if self.number == 1 else unit}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneRule:
    """Whose local time counts. The fact, if it names a zone with one of the prefixes, wins."""

    name: str
    rule: str
    fact: str = ""
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """More time that the law gives on a condition; `number` is in the period's own unit."""

    number: int
    condition: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """A reason not to notify. Without `when` only counsel can say that it holds."""

    text: str
    citation: str = ""
    when: Condition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mitigation:
    """A service that people must be offered, for at least so many months."""

    months: int
    text: str
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What the notice must (and must not) say, and how far that list was checked."""

    items: tuple[str, ...]
    checked: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The file that says so, with its digest, so that evidence can name the exact version."""

    file: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """One duty to one recipient under one regime."""

    id: str
    jurisdiction: str
    regime: str
    citation: str
    recipient: Recipient
    duty: str
    triggers: tuple[Trigger, ...]
    """In order: the first whose fact is recorded counts."""
    period: Period
    zone: ZoneRule
    counting: str
    """The counting rule in words."""
    applies_if: Condition
    effective_from: date
    source: str
    confidence: LegalConfidence
    verified_on: date
    """When deadline, trigger and threshold were last checked."""
    role: str
    """Id of the role that is responsible."""
    origin: Origin
    cutoff_local: time | None = None
    """Time of the last day after which it counts as the next; None means the end of the day."""
    extension: Extension | None = None
    exemptions: tuple[Exemption, ...] = ()
    follow_up: tuple[str, ...] = ()
    contents: Contents | None = None
    """None: the material lists none."""
    mitigation: tuple[Mitigation, ...] = ()
    portal: str = ""
    notices: tuple[str, ...] = ()
    """Ids of the notice templates that serve this duty."""
    effective_until: date | None = None
    caveats: tuple[str, ...] = ()
    """Shown with every deadline of this duty."""

    @property
    def confirm_with_counsel(self) -> bool:
        """Whether the rule must be shown with “confirm with counsel”."""
        return self.confidence is not LegalConfidence.HIGH
