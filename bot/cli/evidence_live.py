"""`tocsin evidence verify --live`: checks the database against what is held outside it.

Decides which logs are checked and how the findings are told. What must hold is decided by the
verifier (docs/evidence-format.md); its exit codes are used, the worst of several logs.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.cli.terminal import settings_from_environment

_WORST_FIRST = ("FAILED", "UNREADABLE", "SELF_CONSISTENT", "PARTIAL", "VERIFIED")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tocsin evidence verify --live",
        description="Verify the logs in the database, and the stored artifacts.",
        epilog="exit: 0 VERIFIED, 1 FAILED, 2 SELF_CONSISTENT, 3 PARTIAL, 4 UNREADABLE",
    )
    parser.add_argument("ref", nargs="?", metavar="INC-…", help="without it, all logs")
    parser.add_argument(
        "--vkey",
        action="append",
        default=[],
        metavar="NAME+ID+KEY",
        help="verifying key, from outside this server; may be repeated",
    )
    parser.add_argument(
        "--known-checkpoint",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="last checkpoint that is held outside; may be repeated, one for each log",
    )
    parser.add_argument("--tsa-ca", type=Path, metavar="PEM", help="roots of the authorities")
    parser.add_argument("--strict", action="store_true", help="late time stamps fail")
    parser.add_argument("--progress", action="store_true", help="show progress")
    return parser


def run_live(words: Sequence[str]) -> int:
    """Verify one log or all; print a report for each, and return the worst exit code."""
    from bot.app import build_store
    from evidence_store import live, verify

    args = _parser().parse_args(words)
    if args.tsa_ca is not None and not args.tsa_ca.is_file():
        sys.stderr.write(f"tocsin evidence verify --live: there is no file {args.tsa_ca}\n")
        return verify.EXIT_CODES[verify.UNREADABLE]
    known = {data.partition(b"\n")[0].decode("utf-8", "replace"): data for data in _read(args)}
    store = build_store(settings_from_environment())
    try:
        wanted = sorted({*live.origins(store.engine), *known})
        if args.ref is not None:
            wanted = [one for one in wanted if one.endswith("/" + args.ref.strip().upper())]
        if not wanted:
            sys.stderr.write("tocsin evidence verify --live: there is no such log\n")
            return verify.EXIT_CODES[verify.UNREADABLE]
        verdicts = set()
        for origin in wanted:
            report = live.verify_live(
                store.engine,
                origin=origin,
                artifacts=store.artifacts,
                vkeys=args.vkey,
                known_checkpoint=known.get(origin),
                tsa_ca=args.tsa_ca,
                strict=args.strict,
                progress=verify.Progress() if args.progress or sys.stderr.isatty() else None,
            )
            sys.stdout.write(f"{origin}\n{report.text()}\n")
            verdicts.add(report.verdict)
    finally:
        store.outbox.close()
        store.engine.dispose()
    return verify.EXIT_CODES[min(verdicts, key=_WORST_FIRST.index)]


def _read(args: argparse.Namespace) -> list[bytes]:
    return [path.read_bytes() for path in args.known_checkpoint]
