"""What an entry of the fact dictionary is made of: kind, group, question, example, choices."""

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """The shape of a fact's value."""

    INSTANT = "instant"
    DATE = "date"
    COUNT = "count"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"


class FactGroup(StrEnum):
    """Where the fact stands in forms, in this order."""

    TIMES = "Times"
    PEOPLE = "People and data"
    STORY = "What happened and what we do"
    LAW = "Decisions of law"
    SERVICES = "Help for people"
    PARTNERS = "Partners, insurers and staff"
    ORGANISATION = "Our organisation"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactType:
    """One entry of the dictionary. `label` is the question that a person is asked."""

    name: str
    kind: FactKind
    group: FactGroup
    label: str
    example: str
    choices: tuple[str, ...] = ()
    per_jurisdiction: bool = False
    may_be_none: bool = False
    """Whether “none of them” is an answer; it is stored as an empty list."""
    personal: bool = False
    """Free text or a name: kept behind a commitment in the evidence log, so it can be erased."""
    reads_alike: bool = False
    """A name, an address or a number: its text is the same in every language."""


def text(
    name: str, group: FactGroup, label: str, example: str, *, reads_alike: bool | None = None
) -> FactType:
    """Make an entry for a text; what isn't about our organisation may hold personal data.

    What is about our organisation is mostly a name or an address: it reads alike in every
    language unless `reads_alike` says otherwise. Other texts need words of their own there.
    """
    return FactType(
        name=name,
        kind=FactKind.TEXT,
        group=group,
        label=label,
        example=example,
        personal=group is not FactGroup.ORGANISATION,
        reads_alike=group is FactGroup.ORGANISATION if reads_alike is None else reads_alike,
    )


def count(name: str, group: FactGroup, label: str, example: str) -> FactType:
    """Make an entry for a whole number."""
    return FactType(name=name, kind=FactKind.COUNT, group=group, label=label, example=example)


def yes_no(name: str, group: FactGroup, label: str) -> FactType:
    """Make an entry for a question that is answered with yes or no."""
    return FactType(name=name, kind=FactKind.YES_NO, group=group, label=label, example="no")


def instant(name: str, group: FactGroup, label: str) -> FactType:
    """Make an entry for a point in time."""
    return FactType(
        name=name, kind=FactKind.INSTANT, group=group, label=label, example="2026-03-02 10:00"
    )


def choices(
    name: str, group: FactGroup, label: str, words: tuple[str, ...], *, several: bool = True
) -> FactType:
    """Make an entry whose answers are words of a list: one of them, or several."""
    return FactType(
        name=name,
        kind=FactKind.CHOICES if several else FactKind.CHOICE,
        group=group,
        label=label,
        example=words[0],
        choices=words,
    )
