"""How the organisation's own paper looks: its logo and the small lines of a letter.

Values only. They come from `playbooks/organisation.yaml` (`letterhead`), are no facts of an
incident, and change no notice's content.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Letterhead:
    """What a letter shows beside the facts. Everything may be empty."""

    return_line: str = ""
    """The sender in one line, printed small above the address, where a window shows both."""
    contact_lines: tuple[str, ...] = ()
    """Small lines beneath the organisation's address, such as the data protection officer."""
    logo: str = ""
    """The picture as a `data:` address."""
    logo_alt: str = ""
    """What the logo shows, for people who don't see it."""
    sha256: str = ""
    """Of the logo's file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Whose paper it is: its letterhead, and where our pages are (empty: no address is printed)."""

    letterhead: Letterhead = Letterhead()
    base_url: str = ""


PLAIN = House()
"""No logo, no lines of its own, no address to check a paper at."""
