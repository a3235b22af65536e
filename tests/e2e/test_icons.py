"""Every sign that our messages use has a picture in the practice workspace."""

import re
from pathlib import Path

import bot

ROOT = Path(bot.__file__).parent
SIGN = re.compile("[\u2190-\u21ff\u23e9-\u23ff\u25aa-\u27bf\U0001f000-\U0001faff]")
PLAIN = set("→↳⋯…–•·✓✗")
"""Signs that any text font has."""


def test_every_sign_of_our_messages_has_an_icon() -> None:
    icons = (ROOT / "local_slack" / "page" / "icons.js").read_text(encoding="utf-8")
    used = {
        sign
        for room in ("blocks", "listeners", "jobs", "services", "domain")
        for file in (ROOT / room).glob("*.py")
        for sign in SIGN.findall(file.read_text(encoding="utf-8"))
    }
    assert {"🚨", "⏳"} <= used
    assert sorted(sign for sign in used - PLAIN if f'"{sign}"' not in icons) == []
