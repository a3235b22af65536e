"""Facts that only notices to partners tell: controllers, insurers, card brands, employees.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import FactType

FACTS: tuple[FactType, ...] = ()
