"""Everything that is policy, loaded once at start and passed down: playbooks, duties, notices.

Only holds values; loading and checking is `bot.content`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter

from bot.domain.letterhead import Letterhead
from bot.domain.notices import NoticeTemplate
from bot.domain.obligations import Obligation, duties_named
from bot.domain.playbook import Playbook
from bot.domain.regulatory_clocks import facts_that_move
from bot.domain.retention import RetentionClass
from bot.domain.scenario import Scenario
from bot.domain.worksheets import Worksheet


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The policy files in force, by id. `organisation` is what is true of us in every incident."""

    playbooks: Mapping[str, Playbook]
    obligations: Mapping[str, Obligation]
    notices: Mapping[str, NoticeTemplate]
    organisation: Mapping[str, object]
    organisation_sha256: str
    retention: Mapping[str, RetentionClass] = field(default_factory=dict)
    letterhead: Letterhead = field(default_factory=Letterhead)
    worksheets: Mapping[str, Worksheet] = field(default_factory=dict)
    """Authorities' web forms, by the id of the notice that they take."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)

    @cached_property
    def duties(self) -> tuple[Obligation, ...]:
        """The obligations that run as clocks, each after those that it is counted from."""
        running = {key: one for key, one in self.obligations.items() if one.runs}
        graph = {
            key: [k for k in duties_named(one) if k in running] for key, one in running.items()
        }
        return tuple(running[key] for key in TopologicalSorter(graph).static_order())

    @cached_property
    def moved_by(self) -> Mapping[str, frozenset[str]]:
        """By name of fact: the ids of the running obligations whose clocks it can move."""
        return _inverted({one.id: facts_that_move(one) for one in self.duties})

    @cached_property
    def counted_from(self) -> Mapping[str, frozenset[str]]:
        """By id of a duty: the ids of those that are counted from its fulfilment or deadline."""
        return _inverted({one.id: duties_named(one) for one in self.duties})

    @cached_property
    def notices_for(self) -> Mapping[str, tuple[str, ...]]:
        """By id of an obligation: the templates that serve it, in the order of their ids.

        A template names the duties that it serves; an own obligation may also name a template.
        """
        found: dict[str, set[str]] = {}
        for template in self.notices.values():
            for key in template.obligations:
                found.setdefault(key, set()).add(template.id)
        for one in self.obligations.values():
            found.setdefault(one.id, set()).update(
                key for key in one.notices if key in self.notices
            )
        return {key: tuple(sorted(ids)) for key, ids in found.items()}


def _inverted(named: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, names in named.items():
        for name in names:
            found.setdefault(name, set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}
