"""The foot of each page: which paper this is, and where anybody can check that it is genuine.

Decides the address of the check and its QR code. The page behind the address is the web's.
"""

from dataclasses import dataclass

import segno

VERIFY_DIGITS = 16
"""Hexadecimal digits of the content hash in the address: short to type, long enough to be one."""

QR_DOTS = 8
"""Dots of the picture for each square of the code: about 450 an inch as printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Footer:
    """What a page's foot shows beside the notice's reference; empty without an address of ours."""

    verify_url: str = ""
    """`https://tocsin.example.com/verify/0123456789abcdef`."""
    verify_shown: str = ""
    """The same without `https://`, as it is printed."""
    qr: str = ""
    """The address as a QR code, as a `data:` address of a picture."""
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
        # Points, not lines: a drawing of the same code costs a tenth of the whole letter's time.
        qr=code.png_data_uri(border=0, dark="#16191d", scale=QR_DOTS),
        exercise=said,
    )
