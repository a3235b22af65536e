"""What changed between two versions of a notice, as its page tells it."""

import re

import pytest
from notice_page_kit import flat
from pages_kit import LETTER, Site

from tests.kit import FARID, LENA

pytestmark = pytest.mark.slow


def test_versions_with_the_same_text_have_no_difference(site: Site, ref: str) -> None:
    site.record(ref, FARID, LETTER)
    site.hands.wait(days=1)
    site.record(ref, FARID, {"affected_total": LETTER["affected_total"]})
    site.record(ref, FARID, {"affected_total": "1520"})
    lena, home = site.as_(LENA), f"/incidents/{ref}/notices/1"
    page = lena.get(f"{home}/redline?before=1&after=2").text
    assert "There is no difference in the text." in flat(page)
    assert "facts changed: affected_total" in flat(page)
    assert not re.search(r"<(ins|del)>", page)
    assert "version 2" in flat(page).split("The whole text")[1], "the whole text is shown still"
    page = lena.get(f"{home}/redline?before=1&after=3").text
    assert "1 paragraph changed." in flat(page)
    assert flat(page).count("[deleted:") == flat(page).count("[inserted:") == 2, "twice: the list"


def test_a_page_that_is_out_of_date_by_a_source_only_says_so(site: Site, ref: str) -> None:
    site.record(ref, FARID, LETTER)
    lena, home = site.as_(LENA), f"/incidents/{ref}/notices/1"
    lena.post(f"{home}/submit")
    read = re.findall(r'name="content_sha256" value="([0-9a-f]+)"', lena.get(home).text)[0]
    site.hands.wait(hours=1)
    site.record(ref, FARID, {"affected_total": LETTER["affected_total"]})
    refused = lena.post(f"{home}/approve", {"content_sha256": read})
    assert refused.status_code == 409
    assert "No difference in the text. Version 2 was made because of this: facts" in flat(
        refused.text
    )
