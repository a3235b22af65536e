"""What single US states want of a letter to their residents, and which of it one letter shows.

Pure. Decides for which states a letter has a part, and for whom a letter isn't meant. What each
state wants is data (`notification_templates/base/us_states.yaml`), loaded by
`bot.content.us_states`; how a part looks is the template's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.facts import Facts
from bot.domain.places import resident_bounds, residents_from

RESIDENTS = "residents"
"""The fact that counts affected people by place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StateOffice:
    """An office that helps residents. What isn't in our sources is empty, and not printed."""

    name: str
    address: str
    phone: str
    website: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StateService:
    """A service of identity protection that a state makes us offer, in months."""

    months: int
    elements: frozenset[str]
    """Kinds of data, one of which must be involved."""
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StateItem:
    """One thing that a state's law wants in the letter; as `notices.StatutoryItem`."""

    item: str
    citation: str
    facts: tuple[str, ...]
    says: str
    """Words of the letter, or of the state's own part of it, that provide it."""
    elements: frozenset[str]
    """Owed only if one of these kinds of data is involved; empty: always."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsState:
    """What one state wants, and how far somebody has checked it. Templates may read all of it."""

    code: str
    """ISO 3166-2, such as `US-MD`."""
    name: str
    residents: str
    """How its people are called after “for”: “Maryland residents”."""
    citation: str
    paragraphs: tuple[str, ...]
    offices: tuple[StateOffice, ...]
    tells_number: bool
    """Whether the letter must tell how many people are affected."""
    service: StateService | None
    contents: tuple[StateItem, ...]
    forbidden_patterns: tuple[str, ...]
    verify: tuple[str, ...]
    """What a person checks before a letter goes to this state."""
    checked: str
    """`read`, `spot_checked` or `not_checked`, as `notices.Checked`."""

    @property
    def has_part(self) -> bool:
        """Whether the letter says something that only this state's residents need."""
        return bool(self.paragraphs or self.offices or self.tells_number)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatesOfNotice:
    """The states for which one letter is made."""

    states: Mapping[str, UsState] = field(default_factory=dict)
    """By code, in the order of their names."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """By code of a state that wants a letter of its own: that letter's id."""


NO_STATES = StatesOfNotice()
"""For a notice that says nothing by state."""


def affected_states(notice: StatesOfNotice, facts: Facts) -> tuple[UsState, ...]:
    """Return the states of the letter in which somebody is known to be affected."""
    if not notice.states:
        return ()
    residents = residents_from(facts)
    return tuple(one for one in notice.states.values() if residents(one.code).low > 0)


def has_residents(facts: Facts, code: str) -> bool:
    """Say whether at least one resident of a place is recorded as affected."""
    return resident_bounds(code, facts).low > 0


def parts_to_print(
    notice: StatesOfNotice, facts: Facts, *, jurisdiction: str = ""
) -> tuple[UsState, ...]:
    """Return the states whose parts the letter shows.

    A letter to a person (`jurisdiction` is theirs, such as `US-MD`) shows only their own state's,
    whether or not its residents are counted yet; without one it shows those of all states in which
    somebody is affected.
    """
    if jurisdiction:
        own = notice.states.get(jurisdiction)
        return (own,) if own and own.has_part else ()
    return tuple(one for one in affected_states(notice, facts) if one.has_part)


def letter_instead(notice: StatesOfNotice, jurisdiction: str) -> str | None:
    """Return the id of the letter that a person of this place must get in place of this one."""
    return notice.instead.get(jurisdiction)


def to_verify(notice: StatesOfNotice, facts: Facts) -> Iterator[str]:
    """Yield what a person checks on the day of sending, for the states concerned."""
    for state in affected_states(notice, facts):
        for words in state.verify:
            yield f"{state.name}: {words}"
