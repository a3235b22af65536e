"""The languages in which notices can be written; templates name theirs by its BCP 47 tag."""

from types import MappingProxyType

from bot.documents.wordings.english import ENGLISH, US_ENGLISH
from bot.documents.wordings.french import FRENCH
from bot.documents.wordings.german import GERMAN
from bot.documents.wordings.spanish import SPANISH

WORDINGS = MappingProxyType(
    {one.language: one for one in (ENGLISH, US_ENGLISH, GERMAN, FRENCH, SPANISH)}
)
"""Every language in which notices can be written, by BCP 47 tag."""
