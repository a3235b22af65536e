"""`tocsin evidence export --master`: the bundle of the log that remembers all other logs."""

import argparse
import sys

from bot.cli.evidence_export import beside, settle
from bot.cli.terminal import say, settings_from_environment


def run_export_master(args: argparse.Namespace) -> int:
    """Write the master log's bundle, brought up to date, and record that in the master log."""
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.jobs.anchor import anchor_log
    from bot.jobs.master import record_grown_logs
    from bot.services.evidence_export import export_master
    from bot.store.engine import writing_session
    from evidence_store.artifacts import ArtifactError
    from evidence_store.bundle import BundleError, check_free
    from evidence_store.log import LogError
    from evidence_store.master import master_origin

    store = build_store(settings_from_environment())
    try:
        check_free(args.out)
        record_grown_logs(store, utc_now())
        anchor_log(store, utc_now, master_origin(store.organisation))
        with beside(args.out) as folder:
            with writing_session(store.engine) as session:
                made = export_master(session, store, folder / args.out.name, now=utc_now())
                session.commit()
            settle(store, made.path, args.out)
    except (BundleError, ArtifactError, LogError) as error:
        sys.stderr.write(f"tocsin evidence export --master: {error}\n")
        return 1
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(f"{made.entries} entries of the master log are in {args.out}.")
    say(f"Our key, to be given to the verifier by another way: {store.signer.vkey}")
    return 0
