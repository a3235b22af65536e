"""Reads the text of a finished PDF, page by page, as it can be seen.

Decides nothing about what must stand there (`pdf.check_marks` does). Each draft is read back before
it is handed out, so the reader is PDFium, Chromium's, which is compiled.
"""

from threading import Lock

from pypdfium2 import PdfDocument

_one_at_a_time = Lock()
"""PDFium bears no two calls at a time in a process, not even on two documents (its own notes)."""


def text_of_pages(pdf: bytes) -> list[str]:
    """Return the words of each page in their order, with one space between them.

    Raises:
        pypdfium2.PdfiumError: these bytes are no PDF.
    """
    with _one_at_a_time, PdfDocument(pdf) as document:
        return [_text_of(document, number) for number in range(len(document))]


def _text_of(document: PdfDocument, number: int) -> str:
    page = document[number]
    words = page.get_textpage()
    try:
        return " ".join(words.get_text_bounded().split())
    finally:
        words.close()
        page.close()
