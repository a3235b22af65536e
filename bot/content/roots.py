"""Finds the folders of policy files: `playbooks/` and `notification_templates/`.

Decides where they are looked for: a folder that the caller names, else inside the installed
package (`bot/packaged`), else at the root of the checkout; and which folder holds an organisation's
own obligations. Doesn't read what is in them.
"""

from dataclasses import dataclass
from pathlib import Path

import bot


class ContentRootError(Exception):
    """The policy folders can't be found; the message names the folder and what it lacks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentRoots:
    """Where each kind of policy file lies."""

    playbooks: Path
    notification_templates: Path

    @property
    def incidents(self) -> Path:
        """Folder of the incident playbooks."""
        return self.playbooks / "incidents"

    @property
    def obligations(self) -> Path:
        """Folder of the legal regimes."""
        return self.playbooks / "obligations"

    @property
    def exercises(self) -> Path:
        """Folder of the scenarios; there may be none."""
        return self.playbooks / "exercises"

    @property
    def organisation(self) -> Path:
        """File that says who we are."""
        return self.playbooks / "organisation.yaml"

    @property
    def retention(self) -> Path:
        """File that says how long records are kept; there may be none."""
        return self.playbooks / "retention.yaml"


def find_roots(explicit: Path | None = None) -> ContentRoots:
    """Find the policy folders; an `explicit` folder must hold both, and nothing else is tried.

    Raises:
        ContentRootError: a folder is missing.
    """
    package = Path(bot.__file__).resolve().parent
    packaged = package / "packaged"
    base = explicit or (packaged if packaged.is_dir() else package.parent)
    missing = [n for n in ("playbooks", "notification_templates") if not (base / n).is_dir()]
    if missing:
        raise ContentRootError(
            f"{base} has no folder {' and no folder '.join(missing)}: name a folder that holds "
            f"playbooks/ and notification_templates/, or install tocsin again."
        )
    return ContentRoots(
        playbooks=base / "playbooks", notification_templates=base / "notification_templates"
    )


def own_obligations(folder: Path | None) -> Path | None:
    """Find the folder of an organisation's own obligations: `obligations/` in it, else itself.

    None if no folder is named.

    Raises:
        ContentRootError: the folder isn't there.
    """
    if folder is None:
        return None
    if not folder.is_dir():
        raise ContentRootError(
            f"{folder} is no folder: name the one that holds your own obligations (*.yaml), or "
            f"leave TOCSIN_PLAYBOOKS_DIR empty."
        )
    inner = folder / "obligations"
    return inner if inner.is_dir() else folder
