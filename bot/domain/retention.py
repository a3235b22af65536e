"""How long a class of record is kept. The classes are policy (`playbooks/retention.yaml`)."""

from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionClass:
    """One class of record: `days` or `years` are counted from when the item was collected."""

    id: str
    title: str
    days: int
    years: int
    basis: str
    """The law or rule that it rests on, or that it is our own."""

    def until(self, collected_at: datetime) -> datetime:
        """Return the instant (aware UTC) from which disposal may be asked for."""
        return collected_at + relativedelta(years=self.years, days=self.days)

    def words(self) -> str:
        """Say the period: `90 days`, `7 years`."""
        parts = [(self.years, "year"), (self.days, "day")]
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n)
