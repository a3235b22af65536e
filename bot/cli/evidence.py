"""`tocsin evidence export | verify`: the bundle for an outside expert, and its verification."""

import argparse
import glob
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.cli.terminal import say, settings_from_environment


def add_parser(commands: Any) -> None:
    """Add `evidence export` and `evidence verify`."""
    parser = commands.add_parser("evidence", help="export and verify the chain of custody")
    inner = parser.add_subparsers(dest="evidence_command", required=True)
    out = inner.add_parser("export", help="write the bundle of an incident")
    out.add_argument("ref", metavar="INC-…")
    out.add_argument("--out", required=True, type=Path, metavar="DIR")
    out.set_defaults(run=run_export)
    check = inner.add_parser(
        "verify",
        help="verify a bundle: 0 verified, 1 failed, 2 only consistent with itself, 3 partial, "
        "4 unreadable",
    )
    check.add_argument("bundle", help="its options are those of the bundle's own verify.py")


def run_export(args: argparse.Namespace) -> int:
    """Write the bundle and record that it was written; say how to verify it.

    It gets its place only once the record of it is committed: a command that is killed may leave a
    record without a bundle, never a bundle that the log doesn't know of.
    """
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.services.evidence import export
    from bot.store.queries import incident_by_ref
    from bot.store.unit_of_work import SYSTEM_ACTOR, unit_of_work
    from evidence_store.artifacts import ArtifactError, sync_folder
    from evidence_store.bundle import BundleError, check_free

    store = build_store(settings_from_environment())
    try:
        check_free(args.out)
        with _beside(args.out) as folder:
            with unit_of_work(store, now=utc_now()) as tx:
                incident = incident_by_ref(tx.session, args.ref)
                if incident is None:
                    say(f"There is no incident {args.ref}.")
                    return 1
                summary = export(tx, incident, folder / args.out.name, actor=SYSTEM_ACTOR)
            summary.path.rename(args.out)
            sync_folder(args.out.parent)
    except (BundleError, ArtifactError) as error:
        sys.stderr.write(f"tocsin evidence export: {error}\n")
        return 1
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(f"{summary.entries} entries are in {args.out}.")
    say(f"Our key, to be given to the verifier by another way: {store.signer.vkey}")
    say(f"Verify: python3 {args.out}/verify.py {args.out} --vkey '{store.signer.vkey}'")
    return 0


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """Make a folder on the same file system, to write in; point out what a killed export left."""
    out.parent.mkdir(parents=True, exist_ok=True)
    for left in sorted(out.parent.glob(f".{glob.escape(out.name)}.*.partial")):
        sys.stderr.write(
            f"tocsin evidence export: {left} is left of an export that was broken off and holds "
            f"copies of evidence; delete it unless another export is running.\n"
        )
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_verify(words: list[str]) -> int:
    """Verify a bundle; the same code, and the same words, as the bundle's own verify.py."""
    from evidence_store import verify as verifier

    return verifier.main(words)
