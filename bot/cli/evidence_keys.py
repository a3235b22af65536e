"""`tocsin evidence key rotate`: from now on another key signs every log."""

import argparse
from typing import Any

from bot.cli.terminal import say, settings_from_environment


def add_parser(commands: Any) -> None:
    """Add `evidence key rotate`."""
    keys = commands.add_parser("key", help="the key that signs the evidence logs")
    inner = keys.add_subparsers(dest="key_command", required=True)
    rotate = inner.add_parser("rotate", help="make a new key and let it sign every log from now on")
    rotate.add_argument(
        "--destroy",
        action="store_true",
        help="delete the old key's file instead of keeping it as retired-….key",
    )
    rotate.set_defaults(run=run_rotate)


def run_rotate(args: argparse.Namespace) -> int:
    """Rotate the key of every log; a server that runs meanwhile follows by itself."""
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.store.engine import WRITES
    from bot.store.unit_of_work import SYSTEM_ACTOR
    from evidence_store.rotation import finish, next_key, rotate_keys

    settings = settings_from_environment()
    store = build_store(settings)
    path = settings.data_dir / "evidence.key"
    try:
        old, new = store.signer, next_key(path)
        with store.engine.execution_options(**{WRITES: True}).begin() as connection:
            rotated = rotate_keys(
                connection,
                organisation=store.organisation,
                signer=old,
                successor=new,
                actor=SYSTEM_ACTOR,
                now=utc_now(),
            )
        finish(path, old_key_id=old.key_id, keep=not args.destroy)
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(f"{len(rotated)} logs are signed by the new key from now on.")
    say(f"The old key {old.key_id} is {'destroyed' if args.destroy else 'kept'}; back up the new.")
    say(f"Give the new key to those who verify, by another way than the bundle: {new.vkey}")
    say("Bundles verify with the old key as well: it signed the change.")
    return 0
