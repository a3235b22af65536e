"""A draft of the certificate of Fed. R. Evid. 902(13) and 902(14), for a human to complete.

Decides the layout only. What the log shows is filled in; whatever a witness must know from her own
knowledge is a blank. The file says on every page that it is a draft and not legal advice.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.documents.pdf import MissingGlyphError, render_pdf

SHOWN = 200
"""Digests that are printed; a longer list is named and stands in the bundle."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CertifiedFile:
    """A file of the bundle: exhibit as in E-3 (or empty), SHA-256 in hex, size in bytes."""

    exhibit: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateFacts:
    """What is filled in; all of it can be read from the bundle. Times are words, in UTC."""

    ref: str
    organisation: str
    origin: str
    entries: int
    root: str
    key_id: str
    began: str
    ended: str
    made: str
    made_at: str
    """ISO 8601, UTC: the date that the file carries."""
    tool: str
    stamps: int
    redacted: bool
    files: tuple[CertifiedFile, ...]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", followlinks=False),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render_certificate(facts: CertificateFacts, *, assets: Path) -> bytes:
    """Make the PDF; `assets` is `notification_templates/base`, where the fonts lie.

    A character that no bundled font has (in the organisation's name) becomes a question mark.
    """
    template = _environment().get_template("certificate.html.j2")
    html = template.render(
        facts=facts, files=facts.files[:SHOWN], more=max(0, len(facts.files) - SHOWN)
    )
    try:
        return render_pdf(html, assets=assets)
    except MissingGlyphError as error:
        plain = html.translate({ord(one): "?" for one in error.characters})
        return render_pdf(plain, assets=assets)
