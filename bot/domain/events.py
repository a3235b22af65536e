"""The events that start, end or bound a legal period, and the facts that record them.

Decides the vocabulary of triggers (the words of `regulatory_clocks`: discovery, determination …)
and which recorded instant stands for an event. An event that is itself the fulfilment of another
duty (the letters were sent) is known when that duty is met. Counts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType

Instant = datetime | date
"""An aware instant; or a local date where nobody knows the time of day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One kind of event. `stands_in` are facts that count while `fact` isn't recorded."""

    name: str
    fact: str
    words: str
    stands_in: tuple[str, ...] = ()
    from_duty: bool = False
    """Whether meeting another duty brings this event about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What has happened, as far as known.

    `facts` are instants by name of fact; `met` those at which duties were met, by obligation id;
    `due` deadlines of other duties, by obligation id. Instants are aware.
    """

    facts: Mapping[str, Instant] = field(default_factory=dict)
    met: Mapping[str, Instant] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """When an event happened, and which fact or met duty says so."""

    at: Instant
    by: str
    caveat: str = ""


def _event(name: str, fact: str, words: str, *stands_in: str, from_duty: bool = False) -> Event:
    return Event(name=name, fact=fact, words=words, stands_in=stands_in, from_duty=from_duty)


EVENTS = MappingProxyType(
    {
        one.name: one
        for one in (
            _event("awareness", "aware_at", "becoming aware"),
            _event("discovery", "discovered_at", "discovery", "aware_at"),
            _event("detection", "detected_at", "detection", "discovered_at", "aware_at"),
            _event("identification", "identified_at", "identification", "detected_at", "aware_at"),
            _event("determination", "determined_at", "determination"),
            _event("confirmation", "confirmed_at", "confirmation", "determined_at"),
            _event("suspicion", "suspected_at", "suspicion", "aware_at"),
            _event("reasonable_belief", "believed_at", "reasonable belief", "aware_at"),
            _event("assessment", "assessed_at", "assessment"),
            _event("classification", "classified_major_at", "classification as major"),
            _event("vulnerability_awareness", "vulnerability_aware_at", "awareness of the exploit"),
            _event("corrective_measure_available", "corrective_measure_at", "the fix"),
            _event("materiality_determination", "materiality_determined_at", "materiality"),
            _event("information_available", "information_available_at", "the missing information"),
            _event("public_disclosure", "publicly_disclosed_at", "public disclosure"),
            _event("ransom_payment", "ransom_paid_at", "payment"),
            _event("failure_of_protection", "protection_failed_at", "the failure", "aware_at"),
            _event("occurrence_or_awareness", "aware_at", "occurrence or awareness"),
            _event("incident_handling_completed", "handling_completed_at", "handling completed"),
            _event("no_harm_determination", "no_harm_determined_at", "the no-harm determination"),
            _event("hhs_notification", "hhs_notified_at", "notice to HHS", from_duty=True),
            _event("individual_notice", "individuals_notified_at", "the letters", from_duty=True),
            _event("regulator_notice", "regulator_notified_at", "the notice", from_duty=True),
            _event("initial_notification", "initial_notified_at", "first report", from_duty=True),
            _event(
                "intermediate_report", "intermediate_reported_at", "interim report", from_duty=True
            ),
            _event("law_enforcement_clearance", "law_enforcement_cleared_at", "clearance"),
        )
    }
)
"""Every event that a trigger can name. The words are those of our research, and of `due --event`.

Only an event that comes no later stands in for another (awareness for discovery): counted from it
the deadline is the same or earlier, which is the safe side. Nothing stands in for a decision, such
as a determination, that may never be taken.
"""


def happened(event: str, of: tuple[str, ...], known: Known, *, latest: bool) -> Happened | None:
    """Say when an event happened, or None while nobody recorded it.

    The fulfilment of the duties `of` counts before the fact, which is one for the whole incident.
    """
    kind = EVENTS[event]
    met = [(known.met[key], key) for key in of if key in known.met]
    if met:
        at, by = (max if latest else min)(met, key=lambda one: _sortable(one[0]))
        return Happened(at=at, by=by)
    if kind.fact in known.facts:
        return Happened(at=known.facts[kind.fact], by=kind.fact)
    for name in kind.stands_in:
        if name in known.facts:
            caveat = f"{_spoken(kind.fact)} isn't recorded: counted from {_spoken(name)}."
            return Happened(at=known.facts[name], by=name, caveat=caveat[0].upper() + caveat[1:])
    return None


def facts_of_event(event: str) -> tuple[str, ...]:
    """Name the facts that can tell of an event, the best first."""
    return (EVENTS[event].fact, *EVENTS[event].stands_in)


def _spoken(fact: str) -> str:
    return f"the time “{fact.removesuffix('_at').replace('_', ' ')}”"


def _sortable(at: Instant) -> tuple[date, float]:
    """Order instants and dates together: a date alone counts as the end of its day."""
    if isinstance(at, datetime):
        return (at.astimezone(UTC).date(), at.timestamp())
    return (at, float("inf"))
