"""`tocsin evidence export | disclose`: the bundle of an incident, or single entries with proofs.

What is written gets its place only once the record of it is committed: a command that is killed may
leave a record without a bundle, never a bundle that the log doesn't know of.
"""

import argparse
import glob
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli.terminal import say, settings_from_environment

if TYPE_CHECKING:
    from bot.services.evidence_export import Exporting
    from bot.store.tables import Incident
    from bot.store.unit_of_work import Store, Tx
    from evidence_store.timestamps import Authorities

    Write = Callable[[Exporting, Incident, Path], Any]
    Record = Callable[[Tx, Incident, Any], None]


def add_disclose(commands: Any) -> None:
    """Add `evidence disclose`."""
    parser = commands.add_parser(
        "disclose", help="write single entries with proofs, the others unseen"
    )
    parser.add_argument("ref", metavar="INC-…")
    parser.add_argument("seqs", metavar="SEQ", type=int, nargs="+", help="numbers, from 0")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="PLACE", help="a folder, or NAME.zip for a ZIP"
    )
    parser.add_argument(
        "--open",
        dest="opened",
        action="append",
        default=[],
        metavar="NAME",
        help="personal value or free text to go along (title, note …); may be repeated",
    )
    parser.add_argument("--files", action="store_true", help="the entries' files go along")
    parser.add_argument(
        "--size", type=int, metavar="N", help="prove it to the checkpoint of N entries"
    )
    parser.set_defaults(run=run_disclose)


def run_export(args: argparse.Namespace) -> int:
    """Write the bundle and record that it was written; say how to verify it."""
    from bot.services.evidence_export import record_export, write_bundle
    from bot.store.unit_of_work import SYSTEM_ACTOR
    from bot.web.pages.custody_forms import custody_forms

    return _hand_out(
        args,
        write=lambda work, incident, out: write_bundle(
            work,
            incident,
            out,
            redact=args.redact,
            forms=lambda: custody_forms(work, incident, by="tocsin", zone=ZoneInfo("UTC")),
        ),
        record=lambda tx, incident, made: record_export(tx, incident, made, actor=SYSTEM_ACTOR),
        words=lambda made: f"{made.entries} entries are in {args.out}.",
    )


def run_disclose(args: argparse.Namespace) -> int:
    """Write single entries with their proofs and record that; say how to verify them."""
    from bot.services.evidence_export import disclose_entries, record_disclosure
    from bot.store.unit_of_work import SYSTEM_ACTOR

    return _hand_out(
        args,
        write=lambda work, incident, out: disclose_entries(
            work,
            incident,
            out,
            seqs=args.seqs,
            opened=args.opened,
            with_files=args.files,
            size=args.size,
        ),
        record=lambda tx, incident, made: record_disclosure(tx, incident, made, actor=SYSTEM_ACTOR),
        words=lambda made: (
            f"{len(made.seqs)} of {made.size} entries are in {args.out}; "
            f"values disclosed: {', '.join(made.opened) or 'none'}; files: {made.artifacts}."
        ),
    )


def _hand_out(
    args: argparse.Namespace, *, write: "Write", record: "Record", words: Callable[[Any], str]
) -> int:
    from bot.app import build_store
    from evidence_store.artifacts import ArtifactError
    from evidence_store.bundle import BundleError, check_free
    from evidence_store.log import LogError

    store = build_store(settings_from_environment())
    try:
        check_free(args.out)
        with beside(args.out) as folder:
            made = _write_and_record(store, args.ref, folder / args.out.name, write, record)
            if made is None:
                say(f"There is no incident {args.ref}.")
                return 1
            settle(store, made.path, args.out)
    except (BundleError, ArtifactError, LogError) as error:
        sys.stderr.write(f"tocsin evidence {args.evidence_command}: {error}\n")
        return 1
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(words(made))
    say(f"Our key, to be given to the verifier by another way: {store.signer.vkey}")
    verifier = f"python3 {args.out}/verify.py" if args.out.is_dir() else "tocsin evidence verify"
    say(f"Verify: {verifier} {args.out} --vkey '{store.signer.vkey}'")
    return 0


def _write_and_record(
    store: "Store", ref: str, out: Path, write: "Write", record: "Record"
) -> Any | None:
    """Write in a reading session, so that others can work meanwhile; then record it.

    Before, the log's end is stamped if it isn't yet, so that the bundle's last entries have a time.
    """
    from bot.clock import utc_now
    from bot.jobs.anchor import anchor_log
    from bot.services.evidence_export import Exporting
    from bot.store.queries import incident_by_ref
    from bot.store.unit_of_work import origin_of, reading, unit_of_work

    with reading(store) as session:
        incident = incident_by_ref(session, ref)
    if incident is None:
        return None
    anchor_log(store, utc_now, origin_of(store, ref))
    with reading(store) as session:
        made = write(Exporting(session=session, store=store, now=utc_now()), incident, out)
    with unit_of_work(store, now=utc_now()) as tx:
        incident = incident_by_ref(tx.session, ref)
        if incident is not None:
            record(tx, incident, made)
    return made


def settle(store: "Store", made: Path, out: Path) -> None:
    """Have the whole stamped, if an authority answers, and give it its place."""
    from evidence_store.artifacts import sync_folder

    if store.authorities is not None:
        _stamp(store.authorities, made)
    made.rename(out)
    sync_folder(out.parent)


def _stamp(authorities: "Authorities", made: Path) -> None:
    from bot.clock import utc_now
    from evidence_store.bundle_papers import add_stamp, tag_manifest
    from evidence_store.timestamps import TimestampError, request

    for url in authorities.urls:
        try:
            token = request(url, tag_manifest(made), authorities=authorities)
        except TimestampError as error:
            sys.stderr.write(f"no time stamp over the whole: {error}\n")
            continue
        add_stamp(made, token.reply, now=utc_now())
        say(f"The whole was stamped at {token.gen_time:%Y-%m-%d %H:%M:%S} UTC.")
        return


@contextmanager
def beside(out: Path) -> Iterator[Path]:
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
