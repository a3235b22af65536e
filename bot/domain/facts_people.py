"""Facts that only letters to people and notices to the public tell.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import FactType

FACTS: tuple[FactType, ...] = ()
