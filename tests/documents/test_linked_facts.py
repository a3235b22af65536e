"""The text with links to its facts, which the desk shows: the same text, never on paper."""

from html.parser import HTMLParser

import pytest
from notice_kit import ASSETS, IDS, NOW, fact, story_facts, templates

from bot.documents.html import RenderedNotice, render_notice
from bot.documents.marks import APPROVED
from bot.documents.notice_pdf import notice_pdf
from bot.documents.pdf import DocumentError
from bot.domain.facts import Fact

pytestmark = pytest.mark.slow


class Links(HTMLParser):
    """Collects the links of a page, and what is wrong with them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.wrong: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if "<" in (value or "") and name != "src":
                self.wrong.append(f"{tag} {name}={value}")
        if self._inside and tag in {"a", "p", "div", "li", "td", "table"}:
            self.wrong.append(f"{tag} inside a link")
        if tag == "a":
            self._inside = True
            self.found.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if '<a class="fact"' in data:
            self.wrong.append(f"a link as text: {data}")


def rendered_linked(template_id: str, facts: dict[str, Fact], *, linked: bool) -> RenderedNotice:
    return render_notice(
        templates()[template_id],
        facts,
        marking=APPROVED,
        notice_ref="N",
        version=1,
        now=NOW,
        linked=linked,
    )


@pytest.mark.parametrize("template_id", IDS)
@pytest.mark.parametrize("told", ["everything", "nothing"])
def test_links_change_neither_text_nor_hash(template_id: str, told: str) -> None:
    facts = story_facts() if told == "everything" else {}
    plain = rendered_linked(template_id, facts, linked=False)
    linked = rendered_linked(template_id, facts, linked=True)
    assert linked.text == plain.text
    assert linked.subject == plain.subject
    assert linked.content_sha256 == plain.content_sha256
    assert linked.gaps == plain.gaps
    assert 'class="fact"' not in plain.html
    page = Links()
    page.feed(linked.html)
    assert page.wrong == []
    assert page.found
    for one in page.found:
        assert one["class"] == "fact"
        assert (one["href"] or "").startswith("#fact-")


def test_link_says_source_confidence_and_date_and_escapes_them() -> None:
    facts = story_facts()
    facts["contact_name"] = fact("contact_name", 'Desk "A" <b>')
    page = Links()
    page.feed(rendered_linked("gdpr_art34_person", facts, linked=True).html)
    titles = {one["href"]: one["title"] for one in page.found}
    assert titles["#fact-contact_name"] == "test · confirmed · as of 3 Mar 2026, 11:30 CET"
    empty = Links()
    empty.feed(rendered_linked("gdpr_art34_person", {}, linked=True).html)
    assert {one["href"]: one["title"] for one in empty.found}["#fact-aware_at"] == "not recorded"


def test_text_with_links_never_becomes_paper() -> None:
    with pytest.raises(DocumentError, match="is for the desk"):
        notice_pdf(rendered_linked("gdpr_art34_person", story_facts(), linked=True), assets=ASSETS)
