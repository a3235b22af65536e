"""What a bag carries for people and for BagIt tools: declaration, bag-info, READMEs, manifests.

Decides the words and the tag files (RFC 8493 section 2.2); the payload is written by others. The
READMEs' commands are lines of four spaces, a dollar sign and a space: a test runs every one of
them, so change both together.
"""

from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path

from evidence_store import notes
from evidence_store.bundle_sinks import Sink, add_file, read_file

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
    info = _bag_info(sink, checkpoint, now, description)
    sink.write("bagit.txt", [DECLARATION])
    sink.write("bag-info.txt", [info.encode()])
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
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        if octets >= 1000**power:
            return f"{octets / 1000**power:.1f} {unit}"
    return f"{octets} B"


def readmes(
    checkpoint: notes.Checkpoint,
    *,
    stamped: int | None,
    templates: Mapping[str, str] | None = None,
    **facts: str,
) -> dict[str, str]:
    """Return the instructions, name in the bag → text.

    `stamped` is the largest size that has a time stamp; without one the steps about stamps say so.
    `templates` maps names in the bag to files of this package, `facts` fill more places in them.
    """
    files = resources.files("evidence_store")
    values = {
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root": checkpoint.root.hex(),
        "last": f"{checkpoint.size:012d}",
        "stamped": f"{stamped or checkpoint.size:012d}",
    }
    names = templates or {name: name for name in READMES}
    texts = {name: files.joinpath(file).read_text("utf-8") for name, file in names.items()}
    return {
        name: _chosen(text, stamped=stamped is not None).format(**values | facts)
        for name, text in texts.items()
    }


def _chosen(text: str, *, stamped: bool) -> str:
    """Keep the lines that hold: some stand only in bags with time stamps, some only without."""
    keep = {"[[stamped]]": stamped, "[[unstamped]]": not stamped, "[[end]]": True}
    kept: list[str] = []
    here = True
    for line in text.splitlines():
        here = keep.get(line, here)
        if here and line not in keep:
            kept.append(line)
    return "\n".join([*kept, ""])


def tag_manifest(out: Path) -> bytes:
    """Return the tag manifest of a finished bag: what a stamp over the whole bag is asked for."""
    return read_file(out, TAGMANIFEST)


def add_stamp(out: Path, reply: bytes, *, now: datetime) -> None:
    """Put an RFC 3161 reply over the tag manifest into a finished bag; no manifest names it."""
    add_file(out, f"{TAGMANIFEST}.tsr", reply, now=now)
