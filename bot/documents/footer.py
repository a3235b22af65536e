"""The foot of each page: which paper this is, and where anybody can check that it is genuine.

Decides the address of the check and its QR code. The page behind the address is the web's.
"""

from dataclasses import dataclass

import segno

VERIFY_DIGITS = 16
"""Hexadecimal digits of the content hash in the address: short to type, long enough to be one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Footer:
    """What a page's foot shows beside the notice's reference; empty without an address of ours."""

    verify_url: str = ""
    """`https://tocsin.example.com/verify/0123456789abcdef`."""
    verify_shown: str = ""
    """The same without `https://`, as it is printed."""
    qr: str = ""
    """The address as a QR code, as a `data:` address of an SVG."""
    exercise: str = ""
    """The words that say that this is an exercise; empty in earnest."""


def footer_of(
    *, base_url: str, content_sha256: str, exercise: str, word: str = "EXERCISE"
) -> Footer:
    """Make the foot of a notice; `base_url` is where people reach our pages, or empty.

    `word` says “exercise” in the notice's language.
    """
    said = f"{word} {exercise}" if exercise else ""
    if not base_url:
        return Footer(exercise=said)
    url = f"{base_url.rstrip('/')}/verify/{content_sha256[:VERIFY_DIGITS]}"
    code = segno.make_qr(url, error="m")
    return Footer(
        verify_url=url,
        verify_shown=url.removeprefix("https://").removeprefix("http://"),
        # No size of its own: the style gives one. Dark on nothing, for any paper.
        qr=code.svg_data_uri(border=0, dark="#16191d", omitsize=True),
        exercise=said,
    )
