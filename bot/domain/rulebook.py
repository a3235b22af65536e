"""Everything that is policy, loaded once at start and passed down: playbooks, duties, notices.

Only holds values; loading and checking is `bot.content`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.notices import NoticeTemplate
from bot.domain.obligations import Obligation
from bot.domain.playbook import Playbook


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulebook:
    """The policy files in force, by id. `organisation` is what is true of us in every incident."""

    playbooks: Mapping[str, Playbook]
    obligations: Mapping[str, Obligation]
    notices: Mapping[str, NoticeTemplate]
    organisation: Mapping[str, object]
    organisation_sha256: str
