"""A small recorded incident, and the tools to tamper with its bundle."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from evidence_store import canonical, log, merkle, notes
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import Draft
from evidence_store.signing import FileSigner

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ORIGIN = "halden-mutual/incident/INC-7"
SIGNER = FileSigner(name="halden-mutual-log", seed=bytes(range(32)))
STRANGER = FileSigner(name="halden-mutual-log", seed=bytes(32))
ENTRIES = "data/log/entries.jsonl"
OPENINGS = "data/private/openings.jsonl"
MEMORY = b"memory image\x00" * 50
LETTER = b"%PDF-1.7 a letter"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def sqlite_engine(path: Path) -> Engine:
    """Return an engine that begins as evidence_store.log asks for."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 20})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def open_story_log(connection: Connection, *, origin: str = ORIGIN, now: datetime = T0) -> None:
    log.open_log(
        connection, origin=origin, actor="system", signer=SIGNER, now=now, data={"tool": "test 1"}
    )


def append(
    connection: Connection, *drafts: Draft, now: datetime, origin: str = ORIGIN
) -> list[log.Entry]:
    return log.append(connection, origin=origin, drafts=drafts, signer=SIGNER, now=now)


def write_story(
    connection: Connection,
    artifacts: FolderArtifacts,
    *,
    start: datetime = T0,
    step: timedelta = timedelta(minutes=1),
) -> None:
    """Write nine entries in seven appends (checkpoints at 1, 3, 4, 6, 7, 8, 9)."""

    def now(number: int) -> datetime:
        return start + number * step

    memory = artifacts.store([MEMORY])
    letter = artifacts.store([LETTER])
    open_story_log(connection, now=start)
    opened = Draft(
        event="incident.opened", actor="U0ANA", data={"severity": "SEV1"}, pd={"title": "Häck"}
    )
    assigned = Draft(event="role.assigned", actor="U0ANA", data={"role": "legal", "to": "U0LENA"})
    append(connection, opened, assigned, now=now(1))
    message = {"text": "we see\ntwo hosts", "channel": "C1"}
    kept = Draft(
        event="message.preserved", actor="U0FARID", pd=message, artifacts=[letter], data={"n": 1}
    )
    append(connection, kept, now=now(2))
    collected = Draft(event="evidence.collected", actor="U0FARID", artifacts=[memory])
    fact = Draft(event="fact.recorded", actor="U0ANA", data={"fact": "affected", "value": 1200})
    append(connection, collected, fact, now=now(3))
    log.erase_personal_data(
        connection,
        origin=ORIGIN,
        seq=1,
        names=["title"],
        actor="U0LENA",
        signer=SIGNER,
        now=now(4),
        reason="asked for by the person",
    )
    append(connection, Draft(event="note.recorded", actor="U0ANA", pd={"text": "ok"}), now=now(5))
    append(connection, Draft(event="incident.closed", actor="U0ANA"), now=now(6))


# --- Tampering -------------------------------------------------------------------------------


def read_lines(bundle: Path, name: str = ENTRIES) -> list[bytes]:
    return (bundle / name).read_bytes().splitlines()


def write_lines(bundle: Path, lines: Iterable[bytes], name: str = ENTRIES) -> None:
    (bundle / name).write_bytes(b"".join(line + b"\n" for line in lines))


def edit(line: bytes, **changes: Any) -> bytes:
    """Return the line with keys replaced, canonical again."""
    return canonical.encode(json.loads(line) | changes, free_text=True)


def relink(lines: list[bytes]) -> list[bytes]:
    """Give every line its number and link anew, as a forger would."""
    linked: list[bytes] = []
    prev = "0" * 64
    for seq, line in enumerate(lines):
        linked.append(edit(line, seq=seq, prev=prev))
        prev = merkle.leaf_hash(linked[-1]).hex()
    return linked


def sign(bundle: Path, *, signer: FileSigner = SIGNER, origin: str = ORIGIN) -> None:
    """Replace all checkpoints by one over the whole log, signed by `signer`."""
    folder = bundle / "data/log/checkpoints"
    for old in folder.iterdir():
        old.unlink()
    leaves = [merkle.leaf_hash(line) for line in read_lines(bundle)]
    note = signed_note(signer, origin=origin, size=len(leaves), root=merkle.tree_root(leaves))
    (folder / f"{len(leaves):012d}.txt").write_bytes(note)


def signed_note(
    signer: FileSigner, *, size: int, root: bytes, origin: str = ORIGIN, flip: bool = False
) -> bytes:
    checkpoint = notes.Checkpoint(origin=origin, size=size, root=root)
    signature = bytearray(signer.sign(checkpoint.text()))
    signature[0] ^= flip
    key = signer.verifying_key
    line = notes.Signature(name=key.name, key_id=key.key_id, signature=bytes(signature))
    return notes.note(checkpoint, [line])


def rebag(bundle: Path) -> None:
    """Write oxum and manifests anew, as a forger would."""
    payload = _files(bundle, lambda name: name.startswith("data/"))
    octets = sum((bundle / name).stat().st_size for name in payload)
    info = (bundle / "bag-info.txt").read_text().splitlines()
    kept = [line for line in info if not line.startswith("Payload-Oxum")]
    text = "\n".join([*kept, f"Payload-Oxum: {octets}.{len(payload)}", ""])
    (bundle / "bag-info.txt").write_text(text)
    _manifest(bundle, "manifest-sha256.txt", payload)
    retag(bundle)


def retag(bundle: Path) -> None:
    tags = _files(bundle, lambda name: not name.startswith(("data/", "tagmanifest-")))
    _manifest(bundle, "tagmanifest-sha256.txt", tags)


def _files(bundle: Path, wanted: Callable[[str], bool]) -> list[str]:
    names = [str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()]
    return sorted(name for name in names if wanted(name))


def _manifest(bundle: Path, manifest: str, names: list[str]) -> None:
    def digest(name: str) -> str:
        return hashlib.sha256((bundle / name).read_bytes()).hexdigest()

    (bundle / manifest).write_text("".join(f"{digest(name)}  {name}\n" for name in names))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
