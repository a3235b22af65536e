"""Which programs and fonts made a PDF: the same text from others may differ in its bytes.

Decides what counts: the renderer, the libraries that shape and cut fonts, and the bundled fonts.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

from weasyprint.text import ffi

_DIGITS = 16


@cache
def environment_of(assets: Path) -> dict[str, str]:
    """Name the versions and the fonts; `assets` is `notification_templates/base`."""
    return {
        "weasyprint": version("weasyprint"),
        "pydyf": version("pydyf"),
        "pango": _dotted(ffi.pango.pango_version()),
        "harfbuzz": _harfbuzz(),
        "harfbuzz_subset": "yes" if ffi.harfbuzz_subset is not None else "no",
        "fonts": _fonts(assets / "fonts"),
    }


@cache
def env_id(assets: Path) -> str:
    """Give the short name of what made the PDF: 16 hexadecimal digits of a SHA-256."""
    text = json.dumps(environment_of(assets), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _dotted(number: int) -> str:
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _harfbuzz() -> str:
    """Ask the loaded library for its version; it only answers whether it is at least one."""
    at_least = ffi.harfbuzz.hb_version_atleast
    major = sum(1 for _ in takewhile(lambda n: at_least(n, 0, 0), range(1, 100)))
    minor = sum(1 for _ in takewhile(lambda n: at_least(major, n, 0), range(1, 100)))
    micro = sum(1 for _ in takewhile(lambda n: at_least(major, minor, n), range(1, 100)))
    return f"{major}.{minor}.{micro}"


def _fonts(folder: Path) -> str:
    """Hash the fonts with their names."""
    lines = (
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(folder.glob("*.ttf"))
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
