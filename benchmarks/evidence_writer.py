"""One of the writers of `benchmarks.evidence`: warms up, says ready, waits for a line, appends.

With the word `bare` it is one of the raw limit's writers instead.
"""

import sys
from collections.abc import Callable

from sqlalchemy import Connection

from benchmarks.evidence_bare import bare_writer
from benchmarks.evidence_kit import DRAFT, ORIGIN, SIGNER, T0
from bot.store.engine import WRITES, make_engine
from evidence_store import log


def main(kind: str, url: str, warm_up: int, count: int) -> None:
    """Append `count` entries after the warm-up, each in a transaction of its own."""
    if kind == "bare":
        commit = bare_writer(url)
        in_step(lambda times: [commit() for _ in range(times)], warm_up, count)
        return
    engine = make_engine(url).execution_options(**{WRITES: True})
    with engine.connect() as connection:
        in_step(lambda times: append(connection, times), warm_up, count)
    engine.dispose()


def in_step(act: Callable[[int], object], warm_up: int, count: int) -> None:
    """Warm up, wait for the others, then act."""
    act(warm_up)
    print("ready", flush=True)
    sys.stdin.readline()
    act(count)
    print("done", flush=True)


def append(connection: Connection, count: int) -> None:
    """Append one entry after another."""
    for _ in range(count):
        with connection.begin():
            log.append(connection, origin=ORIGIN, drafts=[DRAFT], signer=SIGNER, now=T0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
