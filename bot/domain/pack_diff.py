"""What changed between two packs of obligations, told so that counsel can judge each change.

Decides which parts of a rule are compared and how a change is worded: in the rule's own words, as
`rule_parts` says them everywhere. A change of the file alone (another name, other line breaks) is
none. Loads nothing and judges nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.obligations import Obligation
from bot.domain.rule_parts import RULE_PARTS, Words


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One part of a rule that says something else. `old` and `new` are its texts; none: empty."""

    field: str
    label: str
    old: Words
    new: Words

    @property
    def removed(self) -> Words:
        """The texts that aren't there any more."""
        return tuple(one for one in self.old if one not in self.new)

    @property
    def added(self) -> Words:
        """The texts that are new."""
        return tuple(one for one in self.new if one not in self.old)

    @property
    def told(self) -> str:
        """The change in one sentence."""
        if not self.old:
            return f"{self.label}: added {_quoted(self.new)}."
        if not self.new:
            return f"{self.label}: removed; was {_quoted(self.old)}."
        if len(self.old) == len(self.new) == 1:
            return f"{self.label}: was {_quoted(self.old)}, is {_quoted(self.new)}."
        if not self.removed and not self.added:
            return f"{self.label}: the same, in another order."
        parts = [f"added {_quoted(self.added)}"] if self.added else []
        parts += [f"removed {_quoted(self.removed)}"] if self.removed else []
        return f"{self.label}: {'; '.join(parts)}."


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyChange:
    """One duty whose rule changed; both versions, and every part that differs."""

    old: Obligation
    new: Obligation
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PackDiff:
    """What differs between two packs, each part in the order of the new pack (removed: the old).

    A duty that was disabled or enabled stands in `changed` too if anything else about it changed.
    """

    added: tuple[Obligation, ...]
    removed: tuple[Obligation, ...]
    disabled: tuple[Obligation, ...]
    enabled: tuple[Obligation, ...]
    changed: tuple[DutyChange, ...]

    @property
    def nothing(self) -> bool:
        """Whether both packs say the same."""
        return not (self.added or self.removed or self.disabled or self.enabled or self.changed)


def diff_packs(old: Mapping[str, Obligation], new: Mapping[str, Obligation]) -> PackDiff:
    """Compare two packs, by obligation id."""
    both = [(old[key], new[key]) for key in new if key in old]
    changed = [
        DutyChange(old=before, new=after, fields=fields)
        for before, after in both
        if (fields := _fields(before, after))
    ]
    return PackDiff(
        added=tuple(one for key, one in new.items() if key not in old),
        removed=tuple(one for key, one in old.items() if key not in new),
        disabled=tuple(after for before, after in both if after.disabled and not before.disabled),
        enabled=tuple(after for before, after in both if before.disabled and not after.disabled),
        changed=tuple(changed),
    )


def _fields(old: Obligation, new: Obligation) -> tuple[FieldChange, ...]:
    switched = bool(old.disabled) != bool(new.disabled)
    return tuple(
        FieldChange(field=part.field, label=part.label, old=before, new=after)
        for part in RULE_PARTS
        if (before := part.read(old)) != (after := part.read(new))
        # That a rule was disabled or enabled is told by itself.
        and not (switched and part.field == "disabled")
    )


def _quoted(texts: Words) -> str:
    return ", ".join(f"“{one.rstrip('.')}”" for one in texts)
