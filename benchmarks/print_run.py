"""How fast the letters of a print run are made, beside WeasyPrint alone in the same run.

Bare WeasyPrint lays out and writes the same page, in as many processes, with one font configuration
each; ours adds the template, the marks, the attachment, the accessibility and the hash.
Measure while nothing else runs: two processes need two cores.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from weasyprint import HTML

from bot.cli.notice import read_facts
from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.yaml_source import load_yaml
from bot.documents.html import Addressee, render_notice
from bot.documents.marks import APPROVED
from bot.documents.pdf import _BundledAssets, _font_configuration
from bot.documents.print_letters import WORKERS, Letter, Sheet, letter_press
from bot.domain.letterhead import House

Result = tuple[str, str, bool]

LETTERS = 60 if "--quick" in sys.argv else 600
AT_ONCE = 10
LEAST_PER_SECOND = 25.0
TEMPLATE = "gdpr_art34_person"
_NOW = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
_FACTS = Path(__file__).parents[1] / "tests" / "documents" / "facts" / "complete.yaml"


def bench_print_run() -> list[Result]:
    """Make some hundred letters in the way of a print run, and as many with WeasyPrint alone.

    Letters a second by the clock, once the processes have started: run it with nothing else.
    """
    sheet = _sheet()
    ours, bare = _ours(sheet), _bare(sheet)
    words = (
        f"{ours:.1f} letters/s on {WORKERS} cores (at least {LEAST_PER_SECOND:g}), "
        f"{ours / bare:.2f} of bare WeasyPrint ({bare:.1f}/s)"
    )
    return [("print run, letters", words, ours >= LEAST_PER_SECOND)]


def _sheet() -> Sheet:
    root = find_roots().notification_templates
    return Sheet(
        template=load_notice_templates(root)[TEMPLATE],
        facts=read_facts(load_yaml(_FACTS), now=_NOW),
        wording={},
        ref="INC-2026-0001 / N-2",
        version=1,
        on=_NOW,
        marking=APPROVED,
        house=House(base_url="https://tocsin.example.com"),
    )


def _to(number: int) -> Addressee:
    return Addressee(name=f"Ana Example {number}", address=("Example Street 1", "20457 Hamburg"))


def _ours(sheet: Sheet) -> float:
    letters = [Letter(row=n, row_sha256="", to=_to(n)) for n in range(LETTERS)]
    with letter_press(sheet) as press:
        _all(press.make(letters[n : n + 1]) for n in range(2 * WORKERS))
        begun = time.perf_counter()
        done = [press.make(letters[n : n + AT_ONCE]) for n in range(0, LETTERS, AT_ONCE)]
        _all(done)
        return LETTERS / (time.perf_counter() - begun)


def _bare(sheet: Sheet) -> float:
    html = render_notice(
        sheet.template,
        sheet.facts,
        marking=sheet.marking,
        notice_ref=sheet.ref,
        version=sheet.version,
        now=sheet.on,
        addressee=_to(0),
        house=sheet.house,
    ).html
    assets = sheet.template.folder.parent / "base"
    pages = [html.replace("Ana Example 0", f"Ana Example {n}") for n in range(LETTERS)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=WORKERS, mp_context=context) as pool:
        _all(pool.submit(_write, pages[n : n + 1], assets) for n in range(2 * WORKERS))
        begun = time.perf_counter()
        _all(
            [
                pool.submit(_write, pages[n : n + AT_ONCE], assets)
                for n in range(0, LETTERS, AT_ONCE)
            ]
        )
        return LETTERS / (time.perf_counter() - begun)


def _write(pages: Sequence[str], assets: Path) -> int:
    fonts = _font_configuration(multiprocessing.current_process().pid or 0, assets.resolve())
    size = 0
    for html in pages:
        target = BytesIO()
        HTML(string=html, url_fetcher=_BundledAssets(assets)).write_pdf(
            target, font_config=fonts, pdf_variant="pdf/a-3a"
        )
        size += target.tell()
    return size


def _all(futures: Iterable[Future[Any]]) -> None:
    for one in list(futures):
        one.result()


if __name__ == "__main__":
    for name, said, held in bench_print_run():
        print(f"{'✓' if held else '✗'} {name}  {said}")
