"""One of the writers of `benchmarks.evidence`: warms up, says ready, waits for a line, appends."""

import sys

from sqlalchemy import Connection

from benchmarks.evidence_kit import DRAFT, ORIGIN, SIGNER, T0
from bot.store.engine import WRITES, make_engine
from evidence_store import log


def main(url: str, warm_up: int, count: int) -> None:
    """Append `count` entries after the warm-up, each in a transaction of its own."""
    engine = make_engine(url).execution_options(**{WRITES: True})
    with engine.connect() as connection:
        append(connection, warm_up)
        print("ready", flush=True)
        sys.stdin.readline()
        append(connection, count)
        print("done", flush=True)
    engine.dispose()


def append(connection: Connection, count: int) -> None:
    """Append one entry after another."""
    for _ in range(count):
        with connection.begin():
            log.append(connection, origin=ORIGIN, drafts=[DRAFT], signer=SIGNER, now=T0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
