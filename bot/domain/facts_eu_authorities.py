"""Facts that only the forms of European authorities ask for: ICO, NIS2, DORA, phases of Art. 33.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import FactType

FACTS: tuple[FactType, ...] = ()
