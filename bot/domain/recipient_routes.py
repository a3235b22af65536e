"""Which letter a person gets: the notice's own, or that of a state, for a guardian, a translation.

Decides from the templates' own data (which places want another letter) and from what is known of
the person. Knows no law of its own, and no template by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """The letters to others than the person themselves, by template; empty where there are none."""

    minors: str = ""
    estates: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letters:
    """The letter of a print run, and where people belong who need another one.

    `instead` holds for each template the places whose people get another letter: place → template.
    """

    id: str
    kin: Kin = Kin()
    instead: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    translations: Mapping[str, str] = field(default_factory=dict)
    """Language, such as `de`, → the template that says the same in it."""
    by_state: bool = False
    """Whether the letter differs by state, so that the state must be known."""
    extra_lines: int = 0
    """Lines that the letter prints above the name."""

    @property
    def only_in(self) -> frozenset[str]:
        """The places that this letter is for; empty: all."""
        return frozenset(
            place
            for template, places in self.instead.items()
            for place, other in places.items()
            if other == self.id and template != self.id
        )

    @property
    def is_for_kin(self) -> bool:
        """Whether this very letter is for guardians or representatives."""
        return self.id in {self.kin.minors, self.kin.estates}


def belongs_to(
    letters: Letters, *, jurisdiction: str, language: str, minor: bool, deceased: bool
) -> tuple[str, str]:
    """Return the template whose letter a person gets, and why they can't get this one, if so.

    The second is a word of `recipients.REASONS`; the first is empty where we have no letter.
    """
    kin = letters.kin
    if deceased:
        base = kin.estates
        if not base:
            return "", "no_estate_letter"
    else:
        base = (kin.minors if minor else "") or letters.id
    if base == letters.id and letters.is_for_kin and not (minor or deceased):
        return "", "adult" if letters.id == kin.minors else "living"
    letter = letters.instead.get(base, {}).get(jurisdiction, base)
    if letter != letters.id:
        return letter, ""
    if deceased and letters.id != kin.estates:
        return "", "no_estate_letter"
    if letters.only_in and jurisdiction not in letters.only_in:
        return "", "outside"
    if language and not letters.is_for_kin:
        return letters.translations.get(language, letter), ""
    return letter, ""
