"""One of the writers of `benchmarks.evidence`: says it is ready, waits for a line, appends."""

import sys

from benchmarks.evidence_kit import DRAFT, ORIGIN, SIGNER, T0
from bot.store.engine import WRITES, make_engine
from evidence_store import log


def main(url: str, count: int) -> None:
    """Append `count` entries, each in a transaction of its own."""
    engine = make_engine(url).execution_options(**{WRITES: True})
    with engine.connect():
        print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(count):
        with engine.begin() as connection:
            log.append(connection, origin=ORIGIN, drafts=[DRAFT], signer=SIGNER, now=T0)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
