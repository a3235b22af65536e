"""What became known since a report was sent: which facts are new, and which changed.

Pure. Decides what counts as news for the recipient; which report comes after which is said by the
templates, and when one is drafted by `bot.services.follow_ups`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OF_THE_REPORT = frozenset(
    {
        "dora_case_reference",
        "gdpr_case_reference",
        "gdpr_first_notified_at",
        "gdpr_last_report_at",
        "ico_case_reference",
        "initial_notified_at",
        "intermediate_reported_at",
        "nis2_case_reference",
        "nis2_notified_at",
        "sec_8k_filed_on",
    }
)
"""Facts that there are because a report was made, as its reference: no news for who received it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Keys of facts, in order: `new` weren't known when the report was sent, `changed` were."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.new or self.changed)

    @property
    def words(self) -> str:
        """The news in a line, by the facts' keys."""
        parts = (("new", self.new), ("changed", self.changed))
        return "; ".join(f"{word}: {', '.join(keys)}" for word, keys in parts if keys)


def news_since(then: Mapping[str, Any], now: Mapping[str, Any]) -> News:
    """Compare the facts' values when a report was sent with those in force (JSON form, by key).

    None and absent both mean unknown. A fact that is unknown now is news only if it was known.
    """
    moved = [
        key
        for key in sorted(now)
        if key.partition(":")[0] not in OF_THE_REPORT and now[key] != then.get(key)
    ]
    return News(
        new=tuple(key for key in moved if then.get(key) is None),
        changed=tuple(key for key in moved if then.get(key) is not None),
    )
