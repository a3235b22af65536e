"""Everything that is policy, loaded once at start and passed down: playbooks, duties, notices.

Only holds values; loading and checking is `bot.content`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.domain.clocks import facts_that_move
from bot.domain.notices import NoticeTemplate
from bot.domain.obligations import Obligation
from bot.domain.playbook import Playbook


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The policy files in force, by id. `organisation` is what is true of us in every incident."""

    playbooks: Mapping[str, Playbook]
    obligations: Mapping[str, Obligation]
    notices: Mapping[str, NoticeTemplate]
    organisation: Mapping[str, object]
    organisation_sha256: str

    @cached_property
    def moved_by(self) -> Mapping[str, frozenset[str]]:
        """By name of fact: the ids of the obligations whose clocks it can move."""
        found: dict[str, set[str]] = {}
        for obligation in self.obligations.values():
            for name in facts_that_move(obligation):
                found.setdefault(name, set()).add(obligation.id)
        return {name: frozenset(ids) for name, ids in found.items()}
