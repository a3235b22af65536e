"""Facts that only the forms of US authorities ask for: HHS, SEC, attorneys general, banks.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import FactType

FACTS: tuple[FactType, ...] = ()
