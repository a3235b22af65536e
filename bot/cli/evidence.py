"""`tocsin evidence add | export | disclose | verify`: what each takes, and the verification."""

import argparse
from pathlib import Path
from typing import Any

from bot.cli import evidence_add, evidence_erase, evidence_export, evidence_keys, evidence_master


def add_parser(commands: Any) -> None:
    """Add the commands about evidence."""
    parser = commands.add_parser("evidence", help="export and verify the chain of custody")
    inner = parser.add_subparsers(dest="evidence_command", required=True)
    evidence_add.add_parser(inner)
    out = inner.add_parser("export", help="write the bundle of an incident")
    which = out.add_mutually_exclusive_group(required=True)
    which.add_argument("ref", metavar="INC-…", nargs="?")
    which.add_argument(
        "--master", action="store_true", help="the log that remembers how far all others had come"
    )
    out.add_argument(
        "--out", required=True, type=Path, metavar="PLACE", help="a folder, or NAME.zip for a ZIP"
    )
    out.add_argument(
        "--redact",
        action="store_true",
        help="leave out personal data and free text; preserved files stay whole",
    )
    out.set_defaults(run=_run_export)
    evidence_export.add_disclose(inner)
    evidence_keys.add_parser(inner)
    evidence_erase.add_erase(inner)
    check = inner.add_parser(
        "verify",
        help="verify a bundle: 0 verified, 1 failed, 2 only consistent with itself, 3 partial, "
        "4 unreadable",
    )
    check.add_argument(
        "bundle",
        help="its options are those of the bundle's own verify.py; with --live (and INC-…, or "
        "nothing for all) the database itself is verified",
    )


def _run_export(args: argparse.Namespace) -> int:
    if args.master:
        return evidence_master.run_export_master(args)
    return evidence_export.run_export(args)


def run_verify(words: list[str]) -> int:
    """Verify a bundle; the same code, and the same words, as the bundle's own verify.py."""
    if "--live" in words:
        from bot.cli.evidence_live import run_live

        return run_live([word for word in words if word != "--live"])
    from evidence_store import verify as verifier

    return verifier.main(words)
