"""How long a class of record is kept. The classes are policy (`playbooks/retention.yaml`)."""

from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta

UNCHECKED = "unchecked: confirm with counsel"


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionClass:
    """One class of record: `days` or `years` are counted from when the item was collected."""

    id: str
    title: str
    days: int
    years: int
    basis: str
    """The law or rule that it rests on, or that it is our own."""
    source: str
    """Where the basis can be read; empty for a rule of our own."""
    verified_on: str
    """The day on which somebody read it there, `YYYY-MM-DD`; empty if nobody has."""
    caveat: str
    """What is to be told wherever the class is shown; empty only for one that was verified."""

    def until(self, collected_at: datetime) -> datetime:
        """Return the instant (aware UTC) from which disposal may be asked for."""
        return collected_at + relativedelta(years=self.years, days=self.days)

    def words(self) -> str:
        """Say the period: `90 days`, `7 years`."""
        parts = [(self.years, "year"), (self.days, "day")]
        return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n)

    @property
    def doubt(self) -> str:
        """What nobody may overlook in a list: that the period is unchecked; else empty."""
        return "" if self.verified_on else UNCHECKED

    def short(self) -> str:
        """Name it in a line of a list: `Call recordings: 90 days (unchecked: confirm …)`."""
        return f"{self.title}: {self.words()}" + (f" ({self.doubt})" if self.doubt else "")

    def told(self) -> str:
        """Say all of it where one class is shown: period, basis, and how far it was checked."""
        checked = f"Checked on {self.verified_on}: {self.source}." if self.verified_on else ""
        said = [f"{self.title}: {self.words()}.", f"{self.basis}.", checked]
        caveat = f"{self.caveat[:1].upper()}{self.caveat[1:]}." if self.caveat else ""
        return " ".join(one for one in [*said, caveat] if one)
