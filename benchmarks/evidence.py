"""`make bench-evidence`: what the evidence store promises, beside the raw limit of the same run.

Absolute times differ between machines and hours, so read the ratios; each raw limit is measured
in turns with ours. Exit code 0 if every promise holds. `--quick` takes smaller sizes.
"""

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine

from benchmarks.evidence_bare import bare_commit, bare_commit_of_four, bare_postgres, bare_sqlite
from benchmarks.evidence_bundle import CONTENT, make_bundle
from benchmarks.evidence_kit import DRAFT, ORIGIN, SIGNER, T0, opened, percentile, postgres
from bot.store.engine import WRITES, fold_log, make_engine
from evidence_store import log, merkle, notes

Result = tuple[str, str, bool]
"""What was measured, in words, and whether the promise holds."""

QUICK = "--quick" in sys.argv
ROUNDS, BLOCK = 15, 100
WRITERS = 8
WARM_UP = 20
EACH = 100 if QUICK else 400
LONG = 200_000 if QUICK else 1_000_000
FILE_MB = 256 if QUICK else 2_000
PROMISES = {
    "append_p99_ms": 5.0,
    "append_of_bare": 0.5,
    "writers_per_s": 1000.0,
    "verify_per_s": 40_000.0,
    "verify_growth_mb": 8.0,
    "ingest_of_copy": 0.5,
    "ingest_mb": 64.0,
}


def main() -> int:
    """Measure everything; 0 if every promise holds."""
    parts: tuple[Callable[[Path], list[Result]], ...] = (
        bench_append,
        bench_writers,
        bench_verify,
        bench_ingest,
    )
    results: list[Result] = []
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-", dir=Path.cwd()) as folder:
            for name, words, held in part(Path(folder)):
                print(f"{'✓' if held else '✗'} {name.ljust(34)}  {words}", flush=True)
                results.append((name, words, held))
    return 0 if all(held for _, _, held in results) else 1


def bench_append(folder: Path) -> list[Result]:
    """One signed entry per durable commit, against one row per durable commit of bare SQLite.

    In turns of a hundred, so that a slow moment of the disk hits both. Each side has one open
    connection with the settings of the product, and its write-ahead log is folded in between turns,
    as the tick does.
    """
    engine = make_engine(f"sqlite:///{folder}/log.db").execution_options(**{WRITES: True})
    opened(engine)
    bare = bare_sqlite(folder / "bare.db")
    ours: list[float] = []
    raw: list[float] = []
    four: list[float] = []
    with engine.connect() as connection:
        for turn in range(ROUNDS + 1):
            new_raw = [_timed(lambda: bare_commit(bare)) for _ in range(BLOCK)]
            new_four = [_timed(lambda: bare_commit_of_four(bare)) for _ in range(BLOCK)]
            new_ours = [_timed(lambda: append_one(connection)) for _ in range(BLOCK)]
            fold_log(engine)
            bare.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
            if turn:  # the first warms up
                raw += new_raw
                four += new_four
                ours += new_ours
    bare.close()
    engine.dispose()
    share = sum(raw) / sum(ours)
    p99 = percentile(ours, 99) * 1000
    words = (
        f"{len(ours) / sum(ours):,.0f}/s = {share:.0%} of bare single-row commits "
        f"({len(raw) / sum(raw):,.0f}/s), {sum(four) / sum(ours):.0%} of bare commits of as many "
        f"rows as ours; p99 {p99:.2f} ms; one open connection each"
    )
    held = share >= PROMISES["append_of_bare"] and p99 < PROMISES["append_p99_ms"]
    return [("append, signed, durable", words, held)]


def append_one(connection: Connection) -> None:
    """Append one entry in a transaction of its own."""
    with connection.begin():
        log.append(connection, origin=ORIGIN, drafts=[DRAFT], signer=SIGNER, now=T0)


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def bench_writers(folder: Path) -> list[Result]:
    """Eight processes on one log, on both databases; then the chain and every checkpoint.

    The raw limit are eight bare processes that lock, read the last row, add one and commit.
    """
    raw = _rate(_start("bare", f"sqlite:///{folder}/bare.db"))[0]
    found = [_writers("SQLite", f"sqlite:///{folder}/log.db", raw)]
    with postgres() as url, bare_postgres(url):
        raw = _rate(_start("bare", url))[0]
        found.append(_writers("PostgreSQL", url, raw))
    return found


def _writers(name: str, url: str, raw: float) -> Result:
    engine = make_engine(url).execution_options(**{WRITES: True})
    opened(engine)
    rate, done = _rate(_start("ours", url))
    whole = done and _is_one_chain(engine, WRITERS * (WARM_UP + EACH) + 1)
    engine.dispose()
    words = (
        f"{rate:,.0f}/s by {WRITERS} processes, warmed up, one open connection each; "
        f"{'no fork' if whole else 'NOT ONE CHAIN'}; {rate / raw:.0%} of as many bare processes "
        f"that lock, read the last row and add one ({raw:,.0f}/s)"
    )
    return f"writers on one log, {name}", words, whole and rate >= PROMISES["writers_per_s"]


def _start(kind: str, url: str) -> "list[subprocess.Popen[str]]":
    program = [sys.executable, "-m", "benchmarks.evidence_writer"]
    command = [*program, kind, url, str(WARM_UP), str(EACH)]
    return [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WRITERS)
    ]


def _rate(writers: "list[subprocess.Popen[str]]") -> tuple[float, bool]:
    """Measure from the word “go” until the last writer has committed; say whether all did."""
    for writer in writers:
        assert _line_from(writer) == "ready"
    started = time.perf_counter()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    done = [_line_from(writer) for writer in writers]
    span = time.perf_counter() - started
    codes = [writer.wait() for writer in writers]
    for writer in writers:
        writer.communicate()
    return WRITERS * EACH / span, done == ["done"] * WRITERS and not any(codes)


def _line_from(writer: "subprocess.Popen[str]") -> str:
    assert writer.stdout is not None
    return writer.stdout.readline().strip()


def _is_one_chain(engine: Engine, size: int) -> bool:
    """Say whether all entries are there, linked, and each checkpoint is signed over its tree."""
    tree, prev = merkle.CompactRange(), "0" * 64
    with engine.connect() as connection:
        checkpoints = log.checkpoint_sizes(connection, origin=ORIGIN)
        for seq, found in enumerate(log.entries(connection, origin=ORIGIN)):
            if (found.seq, found.prev) != (seq, prev):
                return False
            prev, tree = found.leaf, tree.append(bytes.fromhex(found.leaf))
            note = log.checkpoint(connection, origin=ORIGIN, size=tree.size)
            if notes.verify(note, keys=[SIGNER.verifying_key])[0].root != tree.root():
                return False
    return tree.size == size and checkpoints == list(range(1, size + 1))


def bench_verify(folder: Path) -> list[Result]:
    """The bundle's own verifier, in pure standard library, on a long log and on a very long one."""
    some, many = LONG // 10, LONG
    _, small = _verify(make_bundle(folder / "small", some))
    span, large = _verify(make_bundle(folder / "large", many))
    rate, growth = many / span, large - small
    words = (
        f"{many:,} entries at {rate:,.0f}/s; peak {large:.0f} MB, {growth:+.1f} MB against "
        f"{some:,} entries"
    )
    held = rate >= PROMISES["verify_per_s"] and growth <= PROMISES["verify_growth_mb"]
    return [("verify, pure Python", words, held)]


def _verify(bundle: Path) -> tuple[float, float]:
    """Return seconds, and the peak of the verifier's memory in MB."""
    command = [sys.executable, "-I", str(bundle / "verify.py"), str(bundle)]
    command += ["--vkey", SIGNER.vkey]
    started = time.perf_counter()
    # Its peak is asked for by a parent of its own, as the largest among its children.
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=2); "
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
    )
    span = time.perf_counter() - started
    returned, peak_kib = map(int, done.stdout.split())
    assert returned == 3, done.stderr  # PARTIAL: these bundles have no time stamps
    return span, peak_kib * 1024 / 1e6


def bench_ingest(folder: Path) -> list[Result]:
    """A large file into the store, plain and encrypted, against copying and hashing it."""
    source = folder / "image.raw"
    with source.open("wb") as file:
        for number in range(FILE_MB):
            file.write(CONTENT[:-8] + number.to_bytes(8, "big"))
    raw = _timed(lambda: _copy_and_hash(source, folder / "copy.raw"))
    (folder / "copy.raw").unlink()
    command = [sys.executable, "-m", "benchmarks.evidence_ingest", str(source), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[Result] = []
    for line in done.stdout.splitlines():
        name, seconds, peak_mb = line.split("\t")
        share, over = raw / float(seconds), float(peak_mb)
        words = (
            f"{FILE_MB / float(seconds):,.0f} MB/s = {share:.0%} of copy + SHA-256 "
            f"({FILE_MB / raw:,.0f} MB/s); {over:.0f} MB over idle"
        )
        held = share >= PROMISES["ingest_of_copy"] and over < PROMISES["ingest_mb"]
        found.append((f"ingest of {FILE_MB:,} MB, {name}", words, held))
    return found


def _copy_and_hash(source: Path, target: Path) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as file, target.open("wb") as copy:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            copy.write(chunk)


if __name__ == "__main__":
    sys.exit(main())
