"""A notice on its way out of the house, for tests of what comes after; and a page's words."""

import re
from html import unescape

from pages_kit import LETTER, Looker, Site

from bot.services.notice_review import release_notice
from bot.services.notices import submit_notice
from tests.kit import CHRIS, FARID, LENA


def flat(page: str) -> str:
    """Return a page's words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def released_notice(site: Site, ref: str) -> str:
    """Have N-1, the notification to the authority, approved and released; return its address."""
    home, lena = f"/incidents/{ref}/notices/1", site.as_(LENA)
    site.record(ref, FARID, LETTER)
    site.act(ref, CHRIS, lambda tx, one, him: submit_notice(tx, one, 1, actor=him))
    found = re.search(r'name="content_sha256" value="(\w+)"', lena.get(home).text)
    assert found is not None
    assert lena.post(f"{home}/approve", {"content_sha256": found[1]}).status_code == 303
    site.act(ref, CHRIS, lambda tx, one, him: release_notice(tx, one, 1, actor=him))
    return home


def sent(site: Site, home: str) -> Looker:
    """Let Lena record it as sent."""
    lena = site.as_(LENA)
    assert lena.post(f"{home}/sent", {"proof": "HH-2026-77"}).status_code == 303
    return lena
