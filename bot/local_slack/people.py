"""Who is in the workspace in a box, and which app is installed there.

Decides: the values that describe people, the app, its command and shortcuts, and the cast of the
demo. Doesn't decide: what any of them may do (workspace.py) or how they are shown (page/).
"""

from dataclasses import dataclass, field

TEAM_ID = "T0DEMO"
TEAM_NAME = "Halden Mutual"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One member of the workspace; `tz` is an IANA zone name, `colour` the avatar's background."""

    id: str
    name: str
    real_name: str
    title: str
    tz: str = "Europe/Berlin"
    colour: str = "#3f6f8f"
    email: str = ""
    is_bot: bool = False
    guest: str = ""
    """`restricted` (several channels), `ultra_restricted` (one channel), or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A sub-command that the composer proposes while someone types a slash command."""

    text: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SlashCommand:
    """A slash command as the app registered it; `name` begins with a slash."""

    name: str
    description: str
    usage_hint: str = ""
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortcut:
    """A global or message shortcut as the app registered it."""

    callback_id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AppProfile:
    """The installed app: ids as Slack would give them, and what it registered."""

    app_id: str = "A0TOCSIN"
    bot_user_id: str = "U0TOCSIN"
    bot_id: str = "B0TOCSIN"
    name: str = "Tocsin"
    colour: str = "#8c2f39"
    commands: tuple[SlashCommand, ...] = field(
        default=(SlashCommand(name="/incident", description="Run an incident"),)
    )
    global_shortcuts: tuple[Shortcut, ...] = ()
    message_shortcuts: tuple[Shortcut, ...] = ()

    def as_person(self) -> Person:
        """Return the app's bot user as a member of the workspace."""
        return Person(
            id=self.bot_user_id,
            name=self.name.lower(),
            real_name=self.name,
            title="Incident response",
            tz="UTC",
            colour=self.colour,
            is_bot=True,
        )


DEMO_PEOPLE: tuple[Person, ...] = (
    Person(
        id="U0ANA",
        name="ana",
        real_name="Ana Brandt",
        title="Security on-call",
        colour="#2f6b5e",
        email="ana@halden.example",
    ),
    Person(
        id="U0FARID",
        name="farid",
        real_name="Farid Haddad",
        title="Forensics",
        colour="#35588c",
        email="farid@halden.example",
    ),
    Person(
        id="U0LENA",
        name="lena",
        real_name="Lena Okafor",
        title="Counsel",
        colour="#6b4a86",
        email="lena@halden.example",
    ),
    Person(
        id="U0CHRIS",
        name="chris",
        real_name="Chris Nakamura",
        title="Communications",
        tz="America/Los_Angeles",
        colour="#a2571f",
        email="chris@halden.example",
    ),
    Person(
        id="U0SAM",
        name="sam",
        real_name="Sam Reyes",
        title="Customer support",
        tz="America/Los_Angeles",
        colour="#7a6a1d",
        email="sam@halden.example",
    ),
)
