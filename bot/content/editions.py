"""The text files of one exact version of a notice template, and the template made of them again.

Decides which files belong to an edition: the template's own texts, every shared text that these
refer to, and what single US states want. Fonts aren't among them; they lie in the release.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from bot.content.notices_build import build_notice
from bot.content.us_states import US_STATES, read_us_states
from bot.content.yaml_source import ContentError, parse_yaml
from bot.domain.notices import NoticeTemplate

NOTICE = "notice.yaml"
BASE_STATES = f"base/{US_STATES}"


class EditionError(Exception):
    """A stored edition that this release can't make a template of; the message says why."""


def edition_files(template: NoticeTemplate) -> dict[str, str]:
    """Give the texts of a loaded template as they were when it was loaded, by path.

    Paths are those under `notification_templates/`: `gdpr_art34_person/body.html.j2`.
    """
    return dict(template.texts)


def template_from_edition(
    files: Mapping[str, str], *, template_id: str, sha256: str, root: Path
) -> NoticeTemplate:
    """Make a template of the texts of an edition; `root` is where today's fonts are looked for.

    It isn't checked again: it was sound when it was stored. Raises `EditionError` if this release
    doesn't understand it.
    """
    try:
        notice = files[f"{template_id}/{NOTICE}"]
        loaded = parse_yaml(notice.encode(), file=f"edition {sha256[:12]}")
        states = files.get(BASE_STATES)
        us_states = None
        if states is not None:
            us_states = read_us_states(parse_yaml(states.encode(), file=BASE_STATES))
        built = build_notice(loaded.data, root / template_id, sha256, us_states)
    except (ContentError, KeyError, TypeError, ValueError) as error:
        raise EditionError(
            f"The edition {sha256[:12]} of {template_id} can't be read by this release: {error!r}."
        ) from error
    return replace(built, texts=MappingProxyType(dict(files)))
