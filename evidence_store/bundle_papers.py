"""What a bag carries for people and for BagIt tools: declaration, bag-info, READMEs, manifests.

Decides the words and the tag files (RFC 8493 section 2.2); the payload is written by others. The
READMEs' commands are lines of four spaces, a dollar sign and a space: a test runs every one of
them, so change both together.
"""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from evidence_store import notes
from evidence_store.bundle_sinks import Sink

READMES = ("README-VERIFY.txt", "README-PRUEFEN.txt")
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAGMANIFEST = "tagmanifest-sha256.txt"
FORMAT_VERSION = 1


def write_tags(
    sink: Sink,
    *,
    checkpoint: notes.Checkpoint,
    now: datetime,
    description: str,
    readmes: Mapping[str, str],
) -> str:
    """Write every file outside data/ and return the SHA-256 of the tag manifest, the seal.

    `readmes` maps names to finished texts; `now` is aware UTC, of which the day is stated.
    """
    payload = sorted(sink.digests)
    sink.write("bagit.txt", [DECLARATION])
    sink.write("bag-info.txt", [_bag_info(sink, checkpoint, now, description).encode()])
    sink.write("manifest-sha256.txt", [sink.manifest(payload)])
    for name, text in readmes.items():
        sink.write(name, [text.encode()])
    sink.write("verify.py", [resources.files("evidence_store").joinpath("verify.py").read_bytes()])
    sink.write(TAGMANIFEST, [sink.manifest(sorted(set(sink.digests) - set(payload)))])
    return sink.digests[TAGMANIFEST]


def _bag_info(sink: Sink, checkpoint: notes.Checkpoint, now: datetime, description: str) -> str:
    octets = sum(sink.sizes.values())
    lines = {
        "Source-Organization": checkpoint.origin.partition("/")[0],
        "External-Description": description,
        "External-Identifier": checkpoint.origin,
        "Bagging-Date": f"{now:%Y-%m-%d}",
        "Bag-Size": _size(octets),
        "Payload-Oxum": f"{octets}.{len(sink.sizes)}",
        "Bag-Software-Agent": "evidence_store",
        "Internal-Sender-Description": "format: docs/evidence-format.md of the project",
        "Evidence-Format": str(FORMAT_VERSION),
        "Evidence-Entries": str(checkpoint.size),
        "Evidence-Root": checkpoint.root.hex(),
    }
    return "".join(f"{label}: {value}\n" for label, value in lines.items())


def _size(octets: int) -> str:
    """Return a size for people, in decimal units."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:  # noqa: PLR2004 - the next unit
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000  # type: ignore[assignment] # a count becomes a measure
    return f"{octets:.1f} TB"


def readmes(
    checkpoint: notes.Checkpoint, *, stamped: int | None, names: tuple[str, ...] = READMES
) -> dict[str, str]:
    """Return the instructions, name → text; `stamped` is the largest size with a time stamp."""
    files = resources.files("evidence_store")
    facts = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "last": f"{checkpoint.size:012d}",
        "stamped": f"{stamped or checkpoint.size:012d}",
    }
    return {name: files.joinpath(name).read_text("utf-8").format(**facts) for name in names}
