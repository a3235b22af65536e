"""`make bench-notices`: what a letter costs beside bare WeasyPrint on the same page, in one run.

Times are the processor's, so that other work on the machine doesn't count; they still differ
between machines, so read the ratios. Bare WeasyPrint is measured in turns with ours, with the same
font configuration for both. Exit code 0 if every promise holds.
`--quick` renders fewer letters. A further measure is one more function in `PARTS`.
"""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

import psutil
from pypdf import PdfReader
from weasyprint import HTML

from benchmarks.desk import bench_desk, bench_redline
from benchmarks.print_run import bench_print_run
from bot.cli.notice import read_facts
from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.yaml_source import load_yaml
from bot.documents.html import RenderedNotice, render_notice
from bot.documents.marks import APPROVED, DRAFT, Marking
from bot.documents.notice_pdf import notice_pdf
from bot.documents.pdf import _BundledAssets, _font_configuration, harfbuzz_subset_available
from bot.domain.facts import Fact, parse_key
from bot.domain.letterhead import House
from bot.domain.notices import NoticeTemplate

Result = tuple[str, str, bool]
"""What was measured, in words, and whether the promise holds."""

QUICK = "--quick" in sys.argv
ROUNDS = 15 if QUICK else 40
LETTERS = 400 if QUICK else 2_000
SETTLED = 200 if QUICK else 500
"""Letters before those: by then the allocator has the room that letters take."""
PROMISES = {
    "warm_of_bare": 1.3,
    "ten_pages_ms": 600.0,
    "first_letter_s": 1.2,
    "growth_mb": 3.0,
}
NOW = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
ROOT = find_roots().notification_templates
ASSETS = ROOT / "base"
FACTS = ROOT.parent / "tests" / "documents" / "facts" / "complete.yaml"
LETTER = "gdpr_art34_person"
HOUSE = House(base_url="https://tocsin.example.com")


def main() -> int:
    """Measure everything; 0 if every promise holds."""
    if not harfbuzz_subset_available():
        print("libharfbuzz-subset isn't installed; letters take five times as long without it.")
    results: list[Result] = []
    for part in PARTS:
        for name, words, held in part():
            print(f"{'✓' if held else '✗'} {name.ljust(34)}  {words}", flush=True)
            results.append((name, words, held))
    return 0 if all(held for _, _, held in results) else 1


@cache
def template() -> NoticeTemplate:
    """Load the letter that is measured."""
    return load_notice_templates(ROOT)[LETTER]


def facts(**changed: str) -> dict[str, Fact]:
    """Read the story's facts, some with another text."""
    told = read_facts(load_yaml(FACTS), now=NOW)
    for name, text in changed.items():
        told[name] = Fact(
            key=parse_key(name),
            value=text,
            confidence=told[name].confidence,
            source="benchmark",
            as_of=NOW,
        )
    return told


def letter(
    told: dict[str, Fact], *, marking: Marking = APPROVED, ref: str = "N-1"
) -> RenderedNotice:
    """Fill the letter."""
    return render_notice(
        template(), told, marking=marking, notice_ref=ref, version=1, now=NOW, house=HOUSE
    )


def bare(html: str) -> bytes:
    """Make the PDF of a page with WeasyPrint alone: the same variant, fonts and pictures."""
    fonts = _font_configuration(os.getpid(), ASSETS.resolve())
    target = BytesIO()
    page = HTML(string=html, url_fetcher=_BundledAssets(ASSETS))
    page.write_pdf(target, font_config=fonts, pdf_variant="pdf/a-3a")
    return target.getvalue()


def bench_warm() -> list[Result]:
    """One letter in a warm process, and a draft of it, beside bare WeasyPrint."""
    told = facts()
    plain, draft = letter(told), letter(told, marking=DRAFT)
    times = in_turns(
        lambda: bare(plain.html),
        lambda: notice_pdf(plain, assets=ASSETS),
        lambda: notice_pdf(draft, assets=ASSETS),
        lambda: notice_pdf(letter(told), assets=ASSETS),
    )
    raw, ours, marked, filled = (statistics.median(one) * 1000 for one in times)
    pages = len(PdfReader(BytesIO(notice_pdf(plain, assets=ASSETS))).pages)
    ratio = ours / raw
    return [
        (
            "one letter, warm",
            f"{ours:.0f} ms for {pages} pages, {ratio:.2f}x bare WeasyPrint ({raw:.0f} ms)",
            ratio <= PROMISES["warm_of_bare"],
        ),
        ("with filling the template", f"{filled:.0f} ms, {filled / raw:.2f}x", True),
        ("a draft, marks read back", f"{marked:.0f} ms, {marked / raw:.2f}x", True),
    ]


def in_turns(*acts: Callable[[], object]) -> list[list[float]]:
    """Time each act in turns, after one run of each that doesn't count; in seconds."""
    times: list[list[float]] = [[] for _ in acts]
    for act in acts:
        act()
    for _ in range(ROUNDS):
        for place, act in enumerate(acts):
            began = time.process_time()
            act()
            times[place].append(time.process_time() - began)
    return times


def bench_ten_pages() -> list[Result]:
    """A letter of about ten pages."""
    text = "\n".join(f"Paragraph {n}: the investigators found one more server." for n in range(110))
    names = ("what_happened", "measures_taken", "likely_consequences", "advice_to_people")
    long = letter(facts(**dict.fromkeys(names, text)))
    pages = len(PdfReader(BytesIO(notice_pdf(long, assets=ASSETS))).pages)
    (raw, ours) = in_turns(lambda: bare(long.html), lambda: notice_pdf(long, assets=ASSETS))
    took = statistics.median(ours) * 1000
    ratio = took / (statistics.median(raw) * 1000)
    return [
        (
            f"{pages} pages, warm",
            f"{took:.0f} ms ({took / pages * 10:.0f} ms for ten), {ratio:.2f}x bare WeasyPrint",
            took / pages * 10 < PROMISES["ten_pages_ms"],
        )
    ]


_FIRST = """
import time
from benchmarks.notices import ASSETS, facts, letter, notice_pdf, template
template(); told = facts(); ready = time.process_time()
notice_pdf(letter(told), assets=ASSETS)
print(time.process_time(), time.process_time() - ready)
"""


def bench_first() -> list[Result]:
    """The first letter of a process, policy being loaded: fonts are read and templates compiled."""
    firsts, wholes = [], []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _FIRST], capture_output=True, text=True, check=True
        )
        whole, first = (float(one) for one in done.stdout.split())
        wholes.append(whole)
        firsts.append(first)
    took = min(firsts)
    return [
        (
            "first letter of a process",
            f"{took:.2f} s; {min(wholes):.2f} s with imports and loading all policy",
            took < PROMISES["first_letter_s"],
        )
    ]


def letters_in_a_row() -> None:
    """Render many different letters and print the growth of memory in MB: run in a process."""
    told = facts()
    process = psutil.Process()
    settled = 0
    for number in range(SETTLED + LETTERS):
        if number == SETTLED:
            gc.collect()
            settled = process.memory_info().rss
        notice_pdf(letter(told, ref=f"N-{number}"), assets=ASSETS)
    gc.collect()
    print((process.memory_info().rss - settled) / 1e6, process.memory_info().rss / 1e6)


def bench_memory() -> list[Result]:
    """A worker's memory over many letters."""
    program = "from benchmarks.notices import letters_in_a_row; letters_in_a_row()"
    done = subprocess.run(
        [sys.executable, "-c", program, *sys.argv[1:]], capture_output=True, text=True, check=True
    )
    growth, whole = (float(one) for one in done.stdout.split())
    return [
        (
            f"memory over {LETTERS:,} letters",
            f"{growth:+.1f} MB after {SETTLED} others; {whole:.0f} MB in all",
            growth < PROMISES["growth_mb"],
        )
    ]


PARTS: tuple[Callable[[], list[Result]], ...] = (
    bench_warm,
    bench_ten_pages,
    bench_first,
    bench_redline,
    bench_desk,
    bench_memory,
    bench_print_run,
)

if __name__ == "__main__":
    sys.exit(main())
