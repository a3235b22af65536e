"""A person's browser without a window: pages, forms with all their hidden fields, downloads.

It keeps its cookies while Tocsin is killed; a page that can't be reached is an empty one.
"""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx

from tests.web.pages_kit import NO_TLS

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE_S = 20.0


class Forms(HTMLParser):
    """Reads the forms of a page: what each would send if nobody typed anything."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, list[str]]] = {}
        self._fields: dict[str, list[str]] = {}
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a browser would send."""
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "form":
            address = (has.get("action") or "").partition("#")[0]
            self._fields = self.forms.setdefault(address, {})
        elif tag == "input" and name:
            if has.get("type") not in {"checkbox", "radio"} or "checked" in has:
                self._fields.setdefault(name, []).append(value)
        elif tag == "textarea":
            self._area = name
            self._fields[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in has or not self._chosen()):
            self._fields[self._select] = [value]

    def _chosen(self) -> bool:
        return self._select in self._fields

    def handle_data(self, data: str) -> None:
        """Take the text that stands in a text area."""
        if self._area:
            self._fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a field."""
        if tag == "form":
            self._fields = {}
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


class Browser:
    """One person's browser."""

    def __init__(self, who: str, *, base_url: Callable[[], str]) -> None:
        self.who = who
        self._base_url = base_url
        self.client = httpx.Client(timeout=PATIENCE_S, verify=NO_TLS, trust_env=False)

    def page(self, path: str) -> str:
        """Open a page, choosing to be this person if asked; empty if nobody answers."""
        answer = self._ask("GET", path)
        if answer is not None and answer.url.path == "/who":
            self._press(answer.text, "/who", {"person": self.who, "next": path})
            answer = self._ask("GET", path)
        return answer.text if answer is not None and answer.is_success else ""

    def send(
        self, path: str, action: str, typed: Mapping[str, str] | None = None
    ) -> httpx.Response | None:
        """Open a page, fill in its form of that address and send it, if the page has it."""
        return self._press(self.page(path), action, typed or {})

    def download(self, path: str) -> bytes | None:
        """Take a file, if all of it arrives."""
        answer = self._ask("GET", path)
        return attached(answer)

    def _press(self, page: str, action: str, typed: Mapping[str, str]) -> httpx.Response | None:
        fields = Forms(page).forms.get(action)
        if fields is None:
            return None
        body = urlencode({**fields, **typed}, doseq=True)
        return self._ask("POST", action, content=body, headers=FORM)

    def _ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        try:
            return self.client.request(
                method,
                self._base_url() + path,
                follow_redirects=method == "GET",
                **more,  # type: ignore[arg-type]
            )
        except httpx.TransportError:
            return None


def attached(answer: httpx.Response | None) -> bytes | None:
    """Return the file that an answer brought."""
    if answer is None or "attachment" not in answer.headers.get("Content-Disposition", ""):
        return None
    return answer.content
