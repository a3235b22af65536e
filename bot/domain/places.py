"""How places contain each other, and how many residents of one are known to be affected.

Decides from ISO 3166 codes alone: US-CA lies in US, DE in the EU/EEA. Knows no law.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from bot.domain.facts import Confidence, Facts

_RESIDENTS = "residents:"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceGroup:
    """Countries that a law treats as one; `code` counts residents of the whole group at once."""

    name: str
    code: str
    countries: frozenset[str]


_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EEA_ONLY = "IS LI NO"

PLACE_GROUPS = MappingProxyType(
    {
        "EU_EEA": PlaceGroup(
            name="the EU/EEA",
            code="EU",
            countries=frozenset(f"{_EU} {_EEA_ONLY}".split()),
        )
    }
)
"""`residents:EU` counts people in the whole EU/EEA, where nobody has split them by country."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidentBounds:
    """At least `low` residents, at most `high` (None: no limit known), from these facts."""

    low: int
    high: int | None
    facts: tuple[str, ...]


@lru_cache(maxsize=20_000)
def is_within(code: str, place: str) -> bool:
    """Say whether an ISO 3166 code lies in, or is, a place or group of places."""
    group = _group(place)
    if group:
        return _group(code) is group or code.partition("-")[0] in group.countries
    return code == place or code.startswith(f"{place}-")


def count_key(place: str) -> str:
    """Name the fact that counts the residents of a place or group of places."""
    return f"residents:{PLACE_GROUPS[place].code if place in PLACE_GROUPS else place}"


def resident_bounds(place: str, facts: Facts) -> ResidentBounds:
    """Work out how many residents of a place are affected, from every recorded count.

    Counts inside the place add up to a lower limit. An upper limit comes from the place's own
    count, from that of a place around it, or from a confirmed total of all people; of a confirmed
    one those counted elsewhere in it are taken off. An estimated total never rules residents out.
    """
    return residents_from(facts)(place)


def residents_from(facts: Facts) -> Callable[[str], ResidentBounds]:
    """Read the counts once for many places; each is asked as in `resident_bounds`."""
    total = facts.get("affected_total")
    sure = total is not None and total.confidence is Confidence.CONFIRMED
    everybody = total.value if total and sure and type(total.value) is int else None
    counted = _counted(facts)
    return lambda place: _bounds(place, counted, everybody)


_Counted = tuple[tuple[str, int, bool], ...]
"""Code, count, and whether it is confirmed, for every place that was counted."""


def _counted(facts: Facts) -> _Counted:
    return tuple(
        (key[len(_RESIDENTS) :], fact.value, fact.confidence is Confidence.CONFIRMED)
        for key, fact in facts.items()
        if key.startswith(_RESIDENTS) and type(fact.value) is int
    )


@lru_cache(maxsize=20_000)
def _bounds(place: str, counted: _Counted, everybody: int | None) -> ResidentBounds:
    """Remembered, because hundreds of duties ask it of the same few counts."""
    counts = {code: count for code, count, _ in counted}
    sure = {code for code, _, confirmed in counted if confirmed}
    own = count_key(place).partition(":")[2]
    inside = _outermost(code for code in counts if code != own and is_within(code, place))
    around = [code for code in counts if code != own and is_within(own, code)]
    used = [*inside, *([own] if own in counts else [])]
    low = max(counts.get(own, 0), sum(counts[code] for code in inside))
    # An estimate of a whole rules nobody out beyond itself.
    limits = [
        counts[code] - (_elsewhere(code, place, own, counts) if code in sure else 0)
        for code in around
    ]
    limits += [counts[own]] if own in counts else []
    keys = [f"{_RESIDENTS}{code}" for code in used]
    if own not in counts and everybody is not None:
        elsewhere = _outermost(c for c in counts if not is_within(c, place) and c not in around)
        limits.append(everybody - sum(counts[code] for code in elsewhere))
        keys.append("affected_total")
    keys.extend(f"{_RESIDENTS}{code}" for code in around)
    high = max(low, min(limits)) if limits else None
    return ResidentBounds(low=low, high=high, facts=tuple(keys))


def _elsewhere(whole: str, place: str, own: str, counts: Mapping[str, int]) -> int:
    """Count those of a whole who live in its other parts."""
    others = _outermost(
        code
        for code in counts
        if code != whole
        and is_within(code, whole)
        and not is_within(code, place)
        and not is_within(own, code)
    )
    return sum(counts[code] for code in others)


def _group(place: str) -> PlaceGroup | None:
    return next((g for n, g in PLACE_GROUPS.items() if place in {n, g.code}), None)


def resident_counts(facts: Facts) -> dict[str, int]:
    """Give every recorded count of residents, by code of the place."""
    return {code: count for code, count, _ in _counted(facts)}


def _outermost(codes: Iterable[str]) -> list[str]:
    """Drop places that lie in another one of the list, so that nobody is counted twice."""
    listed = list(codes)
    return [c for c in listed if not any(o != c and is_within(c, o) for o in listed)]
