"""Letters of a print run: one approved notice to many people, made in several processes at once.

Decides how a letter comes from sheet and addressee, and that the same two give the same bytes, in
whichever process. Files aren't kept: a letter is its digest, and is made again when it is needed.
Whom a run writes to, and when it stops, is decided in `bot.services.print_runs`.
"""

import copyreg
import hashlib
import multiprocessing
import os
import re
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fontTools.ttLib import TTFont

from bot.documents.html import Addressee, render_notice
from bot.documents.marks import Marking
from bot.documents.notice_pdf import notice_pdf
from bot.domain.facts import Facts
from bot.domain.letterhead import House
from bot.domain.notices import NoticeTemplate

WORKERS = 2
"""Processes that make letters; each needs a core and 90 MB."""

_PACKED = re.compile(rb"/Type\s*/ObjStm[^>]*>>\s*stream\r?\n")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")


def _proxy(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


# Templates hold some, and Python can't hand them to another process by itself.
copyreg.pickle(MappingProxyType, lambda proxy: (_proxy, (dict(proxy),)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What all letters of a run share: the frozen version of the notice. `on` is its date, UTC."""

    template: NoticeTemplate
    facts: Facts
    wording: Mapping[str, str]
    ref: str
    version: int
    on: datetime
    marking: Marking
    house: House


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One letter to be made: the row of the list that it is for, and the digest of that row."""

    row: int
    row_sha256: str
    to: Addressee


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One letter as it came out; `pdf` only if it was asked for."""

    row: int
    row_sha256: str
    pdf_sha256: str
    pages: int
    pdf: bytes = b""


def letter_pdf(sheet: Sheet, to: Addressee) -> bytes:
    """Make one letter; the same sheet and addressee give the same bytes on one installation.

    Raises what `render_notice` and `notice_pdf` raise.
    """
    rendered = render_notice(
        sheet.template,
        sheet.facts,
        marking=sheet.marking,
        notice_ref=sheet.ref,
        version=sheet.version,
        now=sheet.on,
        overrides=sheet.wording,
        addressee=to,
        house=sheet.house,
    )
    return notice_pdf(rendered, assets=sheet.template.folder.parent / "base")


def make_letter(sheet: Sheet, letter: Letter, *, keep: bool) -> Made:
    """Make one letter and say what came out; `keep` hands its bytes over too."""
    pdf = letter_pdf(sheet, letter.to)
    return Made(
        row=letter.row,
        row_sha256=letter.row_sha256,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        pages=count_pages(pdf),
        pdf=pdf if keep else b"",
    )


def count_pages(pdf: bytes) -> int:
    """Count the pages of one of our own PDFs, thirty times faster than by reading all of it.

    Raises `ValueError` for a PDF that packs its objects in another way.
    """
    packed = (
        zlib.decompressobj().decompress(memoryview(pdf)[found.end() :])
        for found in _PACKED.finditer(pdf)
    )
    pages = sum(len(_PAGE.findall(objects)) for objects in packed)
    if not pages:
        raise ValueError("this PDF wasn't made by this release: its pages can't be counted")
    return pages


class LetterPress:
    """Processes that make letters of one sheet. They are told the sheet once."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def make(self, letters: Sequence[Letter], *, keep: bool = False) -> Future[list[Made]]:
        """Have some letters made, in their order; `keep` hands their bytes over too."""
        return self._pool.submit(_make_all, letters, keep)


@contextmanager
def letter_press(sheet: Sheet, *, workers: int = WORKERS) -> Iterator[LetterPress]:
    """Start the processes, and end them with the block; what isn't begun by then isn't made.

    They are forked from a process that has this module and nothing else, no thread above all: ours
    has threads, whose locks a fork would copy shut. It stays for the next run, and ends with us.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=context,
        initializer=_keep_sheet,
        initargs=(_plain(sheet),),
    )
    try:
        yield LetterPress(pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_sheets: list[Sheet] = []
"""The one sheet of a worker process."""


def _keep_sheet(sheet: Sheet) -> None:
    _sheets[:] = [sheet]
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone.

    A killed process can't shut its pool, and a worker holds the other end of the very pipe that it
    waits at: it would wait for letters for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make_all(letters: Sequence[Letter], keep: bool) -> list[Made]:  # noqa: FBT001 - across processes
    return [make_letter(_sheets[0], one, keep=keep) for one in letters]


def _plain(sheet: Sheet) -> Sheet:
    """Leave out what no letter needs: of the facts only values, of mappings only plain ones."""
    return replace(sheet, facts=dict(sheet.facts), wording=dict(sheet.wording))


@cache
def printable_characters(assets: Path) -> frozenset[int]:
    """Return the code points that a bundled font has; `assets` is `notification_templates/base`."""
    found: set[int] = set()
    for file in sorted((assets / "fonts").glob("*.ttf")):
        with TTFont(file, lazy=True) as font:
            table: Any = font.getBestCmap()
            found |= set(table)
    return frozenset(found)
