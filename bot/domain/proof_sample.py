"""Which letters of a print run counsel sees as proofs: one of each kind, twenty at most.

Decides the sample while the list is read once: the first letter of every place, language and
particular case, the longest name and the longest address. Doesn't keep names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.recipients import Recipient

MAX_PROOFS = 20
_LONGEST_NAME, _LONGEST_ADDRESS = "longest name", "longest address"
_RARE = ("minor", "representative", "formula", "foreign address")


@dataclass(kw_only=True, slots=True)
class ProofSample:
    """What was met so far: of each trait the first row, and how many there are."""

    rows: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    longest: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, one: Recipient) -> None:
        """Look at one more recipient."""
        for trait in one.traits:
            self.rows.setdefault(trait, one.row)
            self.counts[trait] = self.counts.get(trait, 0) + 1
        lengths = ((_LONGEST_NAME, len(one.name)), (_LONGEST_ADDRESS, sum(map(len, one.address))))
        for trait, length in lengths:
            if length > self.longest.get(trait, (0, 0))[0]:
                self.longest[trait] = (length, one.row)

    def choose(self) -> tuple[Sequence[tuple[int, Sequence[str]]], Sequence[str]]:
        """Return the rows to show, each with what it stands for; and the traits left out.

        Particular cases come first, then places and languages with most people.
        """
        chosen: dict[int, list[str]] = {}
        left_out: list[str] = []
        for trait, (_, row) in sorted(self.longest.items()):
            chosen.setdefault(row, []).append(trait)
        order = sorted(
            self.rows, key=lambda trait: (trait not in _RARE, -self.counts[trait], trait)
        )
        for trait in order:
            row = self.rows[trait]
            if row in chosen or len(chosen) < MAX_PROOFS:
                chosen.setdefault(row, []).append(trait)
            else:
                left_out.append(trait)
        return [(row, tuple(chosen[row])) for row in sorted(chosen)], tuple(left_out)
