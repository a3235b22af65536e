"""Stores one large file, plain and encrypted; prints name, seconds, peak MB over idle by tabs."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from sqlalchemy import create_engine

from evidence_store import tables
from evidence_store.artifact_keys import MasterKey
from evidence_store.artifacts import ArtifactStore, FolderArtifacts
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import sealed_size

LIMIT = 10_000_000_000


def main(source: Path, folder: Path) -> None:
    """Measure both stores, one after the other."""
    engine = create_engine(f"sqlite:///{folder}/keys.db")
    with engine.begin() as connection:
        tables.create_all(connection)
    plain = FolderArtifacts(folder / "plain", max_bytes=LIMIT)
    below = FolderArtifacts(folder / "sealed", max_bytes=sealed_size(LIMIT))
    master = MasterKey.load_or_create(folder / "artifacts.key")
    sealed = SealedArtifacts(below, master=master, engine=engine, max_bytes=LIMIT)
    for store in (plain, sealed):
        store.store([b"warm"])
    measure("plain", plain, source)
    measure("encrypted", sealed, source)


def measure(name: str, store: ArtifactStore, source: Path) -> None:
    """Store the file and print what it took."""
    process = psutil.Process()
    idle = process.memory_info().rss
    peak, done = [idle], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    ref = store.store(chunks(source))
    span = time.perf_counter() - started
    done.set()
    watcher.join()
    assert ref.size == source.stat().st_size
    print(f"{name}\t{span:.6f}\t{(peak[0] - idle) / 1e6:.1f}", flush=True)


def chunks(source: Path) -> Iterator[bytes]:
    """Read the file as a stream."""
    with source.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
