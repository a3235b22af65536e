"""Which ISO 3166 codes may name a jurisdiction, and what a wrong one probably meant.

The names stand in `place_names`, what lies in what in `places`. A code of a part is checked where
we know all parts of the country; elsewhere a well-formed one is taken, since no rule tells those
parts apart.
"""

import re
from difflib import get_close_matches
from types import MappingProxyType

from bot.domain.place_names import PLACE_NAMES

_PARTS = MappingProxyType(
    {
        country: codes.split()
        for country, codes in {
            "US": "AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN "
            "MO MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA "
            "WI WV WY",
            "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
            "AE": "AJ AZ DU FU RK SH UQ",
            "AU": "ACT NSW NT QLD SA TAS VIC WA",
            "DE": "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH",
        }.items()
    }
)
"""ISO 3166-2: the countries whose parts are checked one by one."""

_MEANT = MappingProxyType(
    {
        "UK": "GB",
        "EL": "GR",
        **{code: f"US-{code}" for code in ("AS", "GU", "MP", "PR", "UM", "VI")},
    }
)
"""Codes that aren't counted here, and the one that is meant. The territories of the United States
have ISO codes of their own; US breach laws name them as its parts."""

COUNTRIES = frozenset({code for code in PLACE_NAMES if "-" not in code} | {"XK"}) - set(_MEANT)
"""ISO 3166-1, with Kosovo's code in use; `EU` counts the EU and EEA together."""

_PART = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")


def is_place(code: str) -> bool:
    """Tell whether an ISO 3166 code names a place that there is."""
    part = _PART.fullmatch(code)
    if part is None:
        return code in COUNTRIES
    country, name = part.groups()
    return country in COUNTRIES - {"EU"} and name in _PARTS.get(country, (name,))


def nearest_places(code: str) -> list[str]:
    """Suggest the codes that a wrong one probably meant, the likeliest first; perhaps none."""
    country, _, part = code.partition("-")
    meant = _MEANT.get(code) or _MEANT.get(country)
    if meant:
        return [meant]
    if country in _PARTS:
        near = get_close_matches(part, _PARTS[country], n=3, cutoff=0.4)
        return [f"{country}-{one}" for one in near] or [country]
    if country in COUNTRIES:
        return [country]
    return get_close_matches(country, sorted(COUNTRIES), n=3, cutoff=0.4)
