"""Makes a long bundle quickly: the lines are written straight, without a database."""

import hashlib
from importlib import resources
from pathlib import Path

from benchmarks.evidence_kit import DRAFT, ORIGIN, SIGNER, T0
from evidence_store import entry, merkle, notes, signing
from evidence_store.entry import Draft

CONTENT = bytes(range(250)) * 4000
"""A megabyte (10^6 bytes), the unit of the figures."""


def make_bundle(folder: Path, size: int) -> Path:
    """Write a bundle of `size` entries with one checkpoint; no artifacts, no time stamps."""
    (folder / "data/log/checkpoints").mkdir(parents=True)
    tree = _write_entries(folder / "data/log/entries.jsonl", size)
    checkpoint = notes.Checkpoint(origin=ORIGIN, size=size, root=tree.root())
    note = notes.note(checkpoint, [signing.signature(SIGNER, checkpoint.text())])
    (folder / f"data/log/checkpoints/{size:012d}.txt").write_bytes(note)
    code = resources.files("evidence_store").joinpath("verify.py").read_bytes()
    (folder / "verify.py").write_bytes(code)
    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    octets = sum(path.stat().st_size for path in payload)
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_text(f"Payload-Oxum: {octets}.{len(payload)}\n")
    _manifest(folder, "manifest-sha256.txt", payload)
    tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py"]
    _manifest(folder, "tagmanifest-sha256.txt", [folder / name for name in tags])
    return folder


def _write_entries(path: Path, size: int) -> merkle.CompactRange:
    genesis = {
        "vkey": SIGNER.vkey,
        "hash": "sha-256",
        "profile": 1,
        "vocabulary": 2,
        "max_lag_seconds": 86_400,
        "tsa": [],
    }
    first = Draft(event="log.opened", actor="bench", data=genesis)
    opened = entry.build(first, origin=ORIGIN, seq=0, prev="0" * 64, now=T0, openings=[])
    # All lines but the first differ in number and link alone, so a template does for them.
    sample = entry.build(DRAFT, origin=ORIGIN, seq=1, prev="0" * 64, now=T0, openings=[])
    before, after = sample.line.split(b'"prev":"' + b"0" * 64 + b'","seq":1,')
    tree = merkle.CompactRange().append(bytes.fromhex(opened.leaf))
    leaf = bytes.fromhex(opened.leaf)
    with path.open("wb") as file:
        file.write(opened.line + b"\n")
        for seq in range(1, size):
            link = leaf.hex().encode()
            line = b'%b"prev":"%b","seq":%d,%b' % (before, link, seq, after)
            leaf = merkle.leaf_hash(line)
            tree = tree.append(leaf)
            file.write(line + b"\n")
    return tree


def _manifest(folder: Path, name: str, files: list[Path]) -> None:
    lines = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder)}\n")
    (folder / name).write_text("".join(lines))
