"""Which time zones there are. What a zone is used for is decided where it is used."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> frozenset[str]:
    """Return every IANA name of this computer; the folders of tzdata are read once a process."""
    return frozenset(available_timezones())
