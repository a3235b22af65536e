"""The plain text of a page: what a reader sees, one block a line, without heads and feet."""

from html.parser import HTMLParser

from markupsafe import Markup

_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "li", "tr", "table", "section", "header", "br", "ul", "ol"}
)
_UNREAD = frozenset({"style", "title", "head"})
_VOID = frozenset({"br", "meta", "link", "img", "hr"})


class _TextReader(HTMLParser):
    """Collects what a reader sees, without running headers and footers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block; begin to skip at what isn't text."""
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")
        if tag in _VOID:
            return
        hidden = tag in _UNREAD or "running" in (dict(attrs).get("class") or "").split()
        if self._hidden or hidden:
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        """End a line at a block; end skipping where it began."""
        if self._hidden and tag not in _VOID:
            self._hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the text, with line breaks of the source as spaces."""
        if not self._hidden:
            self.parts.append(" ".join(f"x{data}x".split())[1:-1])


def text_of(html: str | Markup) -> str:
    """Return the plain text of a rendered notice, one block a line."""
    reader = _TextReader()
    reader.feed(str(html))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
