"""`tocsin evidence erase`: erases personal data behind an entry; the chain stays whole.

For whoever operates the machine, on a decision that was made elsewhere (a data subject's request).
Decides the words of the command line. A legal hold stands in the way; files are erased by disposal.
"""

import argparse
import sys
from typing import Any

from bot.cli.terminal import say, settings_from_environment

EXIT_OK, EXIT_REFUSED = 0, 1


def add_erase(inner: Any) -> None:
    """Add `evidence erase`."""
    parser = inner.add_parser(
        "erase", help="erase personal data behind an entry; the log still verifies"
    )
    parser.add_argument("ref", metavar="INC-…")
    parser.add_argument("seq", type=int, help="number of the entry, as the timeline shows it")
    parser.add_argument("names", nargs="+", metavar="NAME", help="what: title, note, text …")
    parser.add_argument("--reason", required=True, help="why; kept behind a commitment itself")
    parser.add_argument("--yes", action="store_true", help="don't ask once more")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Erase, record it, and say what else may hold the same words."""
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.store.engine import writing_session
    from bot.store.unit_of_work import SYSTEM_ACTOR, origin_of
    from evidence_store.log import LogError, erase_personal_data

    what = f"{', '.join(args.names)} of entry {args.seq} of {args.ref}"
    if not args.yes and input(f"Erase {what} for ever? Type ERASE: ") != "ERASE":
        say("Nothing was erased.")
        return EXIT_REFUSED
    store = build_store(settings_from_environment())
    try:
        with writing_session(store.engine) as session:
            erase_personal_data(
                session.connection(),
                origin=origin_of(store, args.ref.upper()),
                seq=args.seq,
                names=args.names,
                actor=SYSTEM_ACTOR,
                signer=store.signer,
                now=utc_now(),
                reason=args.reason,
            )
            session.commit()
    except LogError as error:
        sys.stderr.write(f"tocsin evidence erase: {error}\nNothing was erased.\n")
        return EXIT_REFUSED
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(f"Erased: {what}. The erasure is in the log, and the log still verifies.")
    say(
        "The incident's own tables, Slack, bundles that were handed out and backups may hold the "
        "same words: docs/operations.md, “A data subject asks to be erased”."
    )
    return EXIT_OK
