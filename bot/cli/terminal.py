"""What all commands share: talking to the person at the terminal, and the settings."""

import os

from bot.content.roots import ContentRootError
from bot.content.yaml_source import ContentError
from bot.domain.incident import IncidentError
from bot.settings import Settings, SettingsError, read_settings
from evidence_store.signing import KeyFileError
from evidence_store.timestamps import RootsError

EXPECTED = (
    SettingsError,
    ContentError,
    ContentRootError,
    IncidentError,
    KeyFileError,
    RootsError,
    OSError,
)
"""Errors whose message is enough; anything else is a fault and shows its traceback."""


def say(text: str) -> None:
    """Print a line for the person at the terminal."""
    # At once, also into a pipe: `make demo | tee log` must show the address.
    print(text, flush=True)  # noqa: T201 - a command talks to a person


def settings_from_environment() -> Settings:
    """Read the settings of this process; raise `SettingsError` for one that can't be used."""
    return read_settings(os.environ)
