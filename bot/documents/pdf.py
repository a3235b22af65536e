"""HTML to PDF with WeasyPrint: tagged, repeatable, from bundled fonts, without any fetching.

Decides how bytes come out of a page: only the assets in `notification_templates/base` are read, a
character that no bundled font has is an error rather than a box, the same input gives the same
bytes, and no page lacks its mark. It doesn't decide what the page says.
"""

import gc
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text import ffi
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from bot.documents.marks import APPROVED, Marking, page_style
from bot.documents.pdf_environment import env_id
from bot.documents.pdf_finish import claim_accessibility, finish
from bot.documents.pdf_text import text_of_pages

SCHEME = "bundled:"
"""Addresses of bundled assets: `bundled:fonts/SourceSans3-Regular.ttf`."""

BOTH = "pdf/a-3a"
"""For archives (ISO 19005-3) and for screen readers (ISO 14289-1) in one file."""

VARIANTS = (BOTH, "pdf/ua-1", "pdf/a-3b")
"""Both; for screen readers only; for archives only, without tags."""

_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".ttf": "font/ttf", ".png": "image/png"}

# WeasyPrint and Pango work on one document at a time per font configuration, and Python's own
# lock lets only one run anyway, so that a lock costs nothing.
_one_at_a_time = threading.Lock()


class DocumentError(Exception):
    """A page that can't become a sound PDF; the message says what to mend."""


class ForbiddenFetchError(DocumentError):
    """A page refers to something that isn't a bundled asset."""


class MissingGlyphError(DocumentError):
    """No bundled font has a character of the text."""

    def __init__(self, characters: str) -> None:
        named = ", ".join(f"“{one}” (U+{ord(one):04X})" for one in characters)
        super().__init__(
            f"No bundled font can print {named}. Write the word in Latin, Greek or Cyrillic "
            f"letters, or add a font for this script to notification_templates/base/fonts."
        )
        self.characters = characters


class MarkMissingError(DocumentError):
    """A page of a draft, a privileged paper or an exercise lacks its mark; no file came out."""

    def __init__(self, words: str, *, page: int) -> None:
        super().__init__(
            f"Page {page} came out without its mark “{words}”, so no file was made. The template's "
            f"style hides it: take what it says about @page and the top margin out."
        )


def harfbuzz_subset_available() -> bool:
    """Say whether libharfbuzz-subset is installed.

    It makes letters about five times faster, and without it two renderings differ in their bytes
    (the other subsetter stamps the time). Debian: `apt-get install libharfbuzz-subset0`.
    """
    return ffi.harfbuzz_subset is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """A file inside the PDF: data from which the page was made. `at` is its date."""

    name: str
    description: str
    content: bytes
    at: datetime


def render_pdf(
    html: str,
    *,
    assets: Path,
    variant: str = "pdf/a-3a",
    identifier: bytes | None = None,
    marking: Marking = APPROVED,
    mark_pt: float = 8.5,
    attached: Attached | None = None,
) -> bytes:
    """Make the PDF of a page; the same arguments give the same bytes on the same installation.

    The default is PDF/A-3a and PDF/UA-1 in one. `assets` is `notification_templates/base`.
    `identifier` becomes the file's identifier; the notice's content hash is a good one. Dates in
    the file are those that the page itself states. `marking` is drawn on each page, its words
    `mark_pt` points high, and looked for afterwards.

    Raises:
        ForbiddenFetchError: the page wants to fetch something; nothing was fetched.
        MissingGlyphError: a character can't be printed with the bundled fonts.
        MarkMissingError: a page came out without its marks.
        DocumentError: WeasyPrint warned of anything else; a legal document has no small faults.
    """
    if variant not in VARIANTS:
        raise DocumentError(f"“{variant}” isn't a PDF variant we make: {', '.join(VARIANTS)}.")
    fetcher = _BundledAssets(assets)
    style = page_style(marking, size_pt=mark_pt)
    with _one_at_a_time, _no_collecting(), _warnings_of_weasyprint() as warnings:
        pdf = _written(
            html,
            fetcher,
            style=style,
            variant=variant,
            identifier=identifier,
            attached=attached,
            titled=marking.titled,
        )
    _check_sound(fetcher, warnings)
    check_marks(pdf, marking)
    return pdf


def _written(
    html: str,
    fetcher: "_BundledAssets",
    *,
    style: str,
    variant: str,
    identifier: bytes | None,
    attached: Attached | None,
    titled: Callable[[str], str],
) -> bytes:
    """Lay the page out and write it; nothing of the layout is left when this returns."""
    fonts = _font_configuration(os.getpid(), fetcher.folder)
    target = BytesIO()
    try:
        document = _lay_out(html, fetcher, fonts, style)
        metadata = document.metadata
        metadata.title = titled(metadata.title or "")
        metadata.generator = f"Tocsin, environment {env_id(fetcher.folder)}"
        if variant == BOTH:
            claim_accessibility(metadata)
        document.write_pdf(
            target,
            finisher=finish,
            pdf_variant=variant,
            pdf_identifier=identifier,
            attachments=[_attachment(attached)] if attached else None,
        )
    except FatalURLFetchingError as error:
        raise ForbiddenFetchError(str(error.__cause__ or error)) from error
    return target.getvalue()


def _lay_out(
    html: str, fetcher: "_BundledAssets", fonts: FontConfiguration, style: str
) -> Document:
    """Lay a page out; `style` draws its marks and comes last.

    Parsing styles is a tenth of a letter's work, and they are the same on thousands of letters, so
    they are parsed once and handed in as the user's sheets, as the marks are.
    """
    head, end, body = html.partition("</head>")
    styles = [one for one in _STYLE.findall(head) if _ranks_below_marks(one)]
    head = _STYLE.sub(lambda one: "" if _ranks_below_marks(one[1]) else one[0], head)
    sheets = [
        _parsed(os.getpid(), fetcher.folder, one)
        for one in (_MARKERS, *styles, *([style] if style else []))
    ]
    page = HTML(string=head + end + body, url_fetcher=fetcher)
    return page.render(font_config=fonts, stylesheets=sheets)


_MARKERS = "::marker { font-variant-numeric: normal }"
"""WeasyPrint's own style asks for a font feature here, and it keeps a little memory each time it
lays out text with one: 2 KB a letter, 200 MB over a print run of a hundred thousand."""

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def _ranks_below_marks(style: str) -> bool:
    """Say whether nothing in a user's sheet could outrank the marks; else it stays the page's."""
    return "!" not in style


@lru_cache(maxsize=64)
def _parsed(pid: int, assets: Path, style: str) -> CSS:
    """Parse a style sheet once a process; its fonts are those of this process's configuration.

    One that WeasyPrint warns of isn't kept: it is refused for the next page too.
    """
    fetcher = _BundledAssets(assets)
    with _warnings_of_weasyprint() as warnings:
        sheet = CSS(string=style, url_fetcher=fetcher, font_config=_font_configuration(pid, assets))
    _check_sound(fetcher, warnings)
    return sheet


def _attachment(attached: Attached) -> Attachment:
    return Attachment(
        file_obj=BytesIO(attached.content),
        name=attached.name,
        description=attached.description,
        created=attached.at.astimezone(UTC),
        modified=attached.at.astimezone(UTC),
        relationship="Data",
    )


def _check_sound(fetcher: "_BundledAssets", warnings: list[logging.LogRecord]) -> None:
    """Raise what WeasyPrint only warned of."""
    if fetcher.refused:
        raise ForbiddenFetchError(fetcher.refused[0])
    missing = "".join(dict.fromkeys(one for record in warnings for one in _missing_in(record)))
    if missing:
        raise MissingGlyphError(missing)
    if warnings:
        raise DocumentError(f"The page can't be laid out as written: {warnings[0].getMessage()}")


def check_marks(pdf: bytes, marking: Marking) -> None:
    """Read every page back and raise `MarkMissingError` if one lacks a word of its marks."""
    if marking.plain:
        return
    for number, text in enumerate(text_of_pages(pdf), 1):
        for words in marking.words:
            if words not in text:
                raise MarkMissingError(words, page=number)


def _missing_in(record: logging.LogRecord) -> str:
    message = record.getMessage()
    found = re.search(r"\(U\+([0-9A-F]+)\)$", message)
    if not message.startswith(".notdef glyph rendered") or found is None:
        return ""
    return chr(int(found.group(1), 16))


@contextmanager
def _warnings_of_weasyprint() -> Iterator[list[logging.LogRecord]]:
    """Collect what WeasyPrint warns of; it reports missing glyphs in no other way."""
    collector = _Collector(level=logging.WARNING)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        yield collector.records
    finally:
        logger.removeHandler(collector)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Let Python not look for garbage meanwhile: all that makes up a page lives until it is done.

    It would look dozens of times, in vain; a twelfth of the time of ten pages.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class _Collector(logging.Handler):
    def __init__(self, *, level: int) -> None:
        super().__init__(level)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)


@cache
def _font_configuration(pid: int, assets: Path) -> FontConfiguration:  # noqa: ARG001 - cache key
    """Make the one font configuration of this process; it knows no font but the bundled ones.

    One per document would leak about 0.3 MB each. A forked worker makes its own: the parent's
    removes its folder of fonts when it goes. Fontconfig reads the variable at this moment only.
    """
    variable = "FONTCONFIG_FILE"
    before = os.environ.get(variable)
    os.environ[variable] = str(assets / "fonts" / "fonts.conf")
    try:
        return FontConfiguration()
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


class _BundledAssets(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Serves files of one folder under `bundled:`, and `data:`; refuses everything else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(fail_on_errors=True, allowed_protocols=("data",), allow_redirects=False)
        self.folder = folder.resolve()
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Serve a bundled asset or a data: address, or raise `ForbiddenFetchError`."""
        if url.startswith("data:"):
            return super().fetch(url, headers)
        file = (self.folder / unquote(url.removeprefix(SCHEME))).resolve()
        inside = file.is_relative_to(self.folder) and file.suffix in _TYPES and file.is_file()
        if not url.startswith(SCHEME) or not inside:
            # WeasyPrint passes over some failures in silence, so it is noted here too.
            self.refused.append(
                f"The page refers to {url[:200]!r}; only files bundled in "
                f"{self.folder.name}/ may be used, as bundled:NAME. Nothing was fetched."
            )
            raise ForbiddenFetchError(self.refused[-1])
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": _TYPES[file.suffix]})
