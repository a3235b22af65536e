"""What an obligation is: one legal duty to one recipient, as read from `playbooks/obligations`.

Decides the words and shapes only. Whether a duty applies is `applicability`'s, by when it is due
`deadlines`'s, what its clock does `regulatory_clocks`'s; the law itself stands in the YAML files.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from bot.domain.conditions import Condition


class ObligationType(StrEnum):
    """What kind of rule it is. Signposts and duplicates never run as clocks."""

    DEADLINE = "deadline"
    SOFT_LIMIT = "soft_limit"
    """The authority's guidance, not the statute, gives the number."""
    ASSESSMENT_LIMIT = "assessment_limit"
    """A limit on our own assessment, after which the duty to notify begins."""
    EMBARGO = "embargo"
    """The earliest time at which someone may be told, not the latest."""
    SIGNPOST = "signpost"
    """Points to other rules; nothing can be counted."""
    DUPLICATE = "duplicate"
    """The same duty as another, which is the one that runs."""


class Unit(StrEnum):
    """What a period is counted in. Each one has a counter in `counting`."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    YEARS = "years"
    NONE = "none"
    """The law gives no number: without undue delay, or together with another event."""


class Relation(StrEnum):
    """How the deadline lies to the event that the trigger names."""

    AFTER = "after"
    NOT_LATER_THAN = "not_later_than"
    BEFORE = "before"


class Pick(StrEnum):
    """Which of several events counts. `latest` waits until all of them have happened."""

    EARLIEST = "earliest"
    LATEST = "latest"


class RecipientKind(StrEnum):
    """Who is told."""

    REGULATOR = "regulator"
    INDIVIDUALS = "individuals"
    ATTORNEY_GENERAL = "attorney_general"
    SEC_FILING = "sec_filing"
    CONSUMER_REPORTING_AGENCIES = "consumer_reporting_agencies"
    CSIRT = "csirt"
    CONTROLLER = "controller"
    MEDIA = "media"
    INTERNAL_ASSESSMENT = "internal_assessment"
    CONTRACT_PARTNER = "contract_partner"
    """A customer, insurer, works council or card scheme to whom we promised it ourselves."""


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
    """The event that starts (or bounds) a period; `words` are the statute's.

    `of` are the ids of the duties whose fulfilment is that event.
    """

    events: tuple[str, ...]
    words: str
    pick: Pick = Pick.EARLIEST
    of: tuple[str, ...] = ()
    caveat: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """How long. `number` is None exactly if the unit is `none`; business days have a calendar."""

    number: int | None
    unit: Unit
    calendar: str = ""
    relation: Relation = Relation.AFTER
    first_day_included: bool = False
    """Whether the day of the event is day 1, as Japan's guidelines count."""
    from_year_end: bool = False
    """Whether it runs from the end of the calendar year of the event."""

    def __str__(self) -> str:
        if self.relation is Relation.BEFORE:
            return "before the event"
        if self.relation is Relation.NOT_LATER_THAN:
            return "together with the event"
        if self.number is None:
            return "no number: without undue delay"
        unit = self.unit.value.replace("_", " ")
        words = f"{self.number} {unit.removesuffix('s') if self.number == 1 else unit}"
        return f"{words} after the end of the year" if self.from_year_end else words


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A further limb; of all limbs that can be counted the earliest is the deadline.

    Either a trigger with a period of its own, or `deadline_of` another duty. `lapses`: it doesn't
    count if it ended before the main trigger. `replaces`: it counts alone if the main period had
    ended before this limb's event (DORA, Del. Reg. (EU) 2025/301 Art. 5(2)).
    """

    words: str
    trigger: Trigger | None = None
    period: Period | None = None
    deadline_of: str = ""
    lapses: bool = False
    replaces: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollover:
    """What happens if the last day isn't a business day of the calendar.

    `at` is the local time on the next business day; None means its end. `lenient`: relief that is
    shown beside the deadline and doesn't move it. `unless` names those who don't have the relief.
    """

    calendar: str
    words: str
    at: time | None = None
    unless: Condition | None = None
    lenient: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneRule:
    """Whose local time counts. The fact, if it names a zone with one of the prefixes, wins."""

    name: str
    rule: str
    fact: str = ""
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """More time that the law gives on a condition, after the period and in `unit`."""

    number: int
    unit: Unit
    condition: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolling:
    """Delay that the law allows at the request of law enforcement.

    `after` is what runs from the clearance; None: the law gives no number for it.
    """

    text: str
    after: Period | None = None


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
    own: bool = False
    """Whether the organisation wrote the rule itself, in its own folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """One duty to one recipient under one regime."""

    id: str
    jurisdiction: str
    regime: str
    citation: str
    recipient: Recipient
    duty: str
    trigger: Trigger
    period: Period
    zone: ZoneRule
    counting: str
    """The counting rule in words."""
    applies_if: Condition
    source: str
    confidence: LegalConfidence
    verified_on: date
    """When deadline, trigger and threshold were last checked."""
    role: str
    """Id of the role that is responsible."""
    origin: Origin
    type: ObligationType = ObligationType.DEADLINE
    disabled: str = ""
    """Why it doesn't run although it is in the pack; empty for a rule in force."""
    duplicate_of: str = ""
    limits: tuple[Limit, ...] = ()
    rollover: Rollover | None = None
    lenient: str = ""
    """`eu_1182_71`: the reading of Regulation 1182/71 is shown beside the strict deadline."""
    cutoff_local: time | None = None
    """Time of the last day after which it counts as the next; None means the end of the day."""
    extension: Extension | None = None
    tolling: Tolling | None = None
    must_arrive: bool = False
    """Whether the notice must have been received by then, not only sent."""
    threshold: str = ""
    applies_to: str = ""
    exemptions: tuple[Exemption, ...] = ()
    late_reasons: str = ""
    """What the law wants said about a late notice; empty if nothing."""
    follow_up: tuple[str, ...] = ()
    contents: Contents | None = None
    """None: the material lists none."""
    mitigation: tuple[Mitigation, ...] = ()
    portal: str = ""
    notices: tuple[str, ...] = ()
    """Ids of the notice templates that serve this duty."""
    effective_from: date | None = None
    """None: the source gives no date."""
    effective_until: date | None = None
    caveats: tuple[str, ...] = ()
    """Shown with every deadline of this duty."""

    @property
    def confirm_with_counsel(self) -> bool:
        """Whether the rule must be shown with “confirm with counsel”."""
        return self.confidence is not LegalConfidence.HIGH

    @property
    def runs(self) -> bool:
        """Whether the rule ever becomes a clock."""
        return not self.disabled and self.type in _RUNNING

    def in_force(self, today: date) -> bool:
        """Say whether the rule counts on that date; a rule without dates does."""
        begun = self.effective_from is None or self.effective_from <= today
        return begun and (self.effective_until is None or today <= self.effective_until)


_RUNNING = {
    ObligationType.DEADLINE,
    ObligationType.SOFT_LIMIT,
    ObligationType.ASSESSMENT_LIMIT,
    ObligationType.EMBARGO,
}


def duties_named(obligation: Obligation) -> tuple[str, ...]:
    """Name the other duties whose fulfilment or deadline this one is counted from."""
    triggers = [obligation.trigger, *(one.trigger for one in obligation.limits if one.trigger)]
    named = [key for trigger in triggers for key in trigger.of]
    named += [one.deadline_of for one in obligation.limits if one.deadline_of]
    return tuple(dict.fromkeys(named))


def events_named(obligation: Obligation) -> tuple[str, ...]:
    """Name every event that can start or bound the period."""
    triggers = [obligation.trigger, *(one.trigger for one in obligation.limits if one.trigger)]
    return tuple(dict.fromkeys(event for trigger in triggers for event in trigger.events))
