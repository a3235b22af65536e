"""How a bundle is forged: small steps, put together by the tables of the tests.

A test that only asked "was it refused?" would pass for the wrong reason, so each case names the
reason code and the place. Cases with `rebag` are forgers who also rewrite the manifests.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence_store import merkle, verify
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    MEMORY,
    OPENINGS,
    SIGNER,
    edit,
    read_lines,
    rebag,
    relink,
    sign,
    signed_note,
    write_lines,
)

CHECKPOINTS = "data/log/checkpoints/"
LAST = CHECKPOINTS + "000000000009.txt"
Lines = list[bytes]


def line(number: int) -> str:
    return f"{ENTRIES} line {number}"


@dataclass(kw_only=True)
class Case:
    """One forgery, and what the verifier must say."""

    name: str
    forge: Callable[[Path], Any]
    code: str
    place: str
    rebag: bool = True
    options: dict[str, Any] = field(default_factory=dict)


def on_lines(change: Callable[[Lines], Lines], name: str = ENTRIES) -> Callable[[Path], None]:
    return lambda bundle: write_lines(bundle, change(read_lines(bundle, name)), name)


def changed(number: int, **changes: Any) -> Callable[[Path], None]:
    """Edit entry `number` and leave everything else."""
    return on_lines(lambda ls: [edit(x, **changes) if i == number else x for i, x in enumerate(ls)])


def raw(
    number: int, change: Callable[[bytes], bytes], name: str = ENTRIES
) -> Callable[[Path], None]:
    return on_lines(lambda ls: [change(x) if i == number else x for i, x in enumerate(ls)], name)


def resigned(change: Callable[[Lines], Lines], **how: Any) -> Callable[[Path], None]:
    """Change, relink, and sign the whole anew: only who holds the key can do that."""

    def forge(bundle: Path) -> None:
        write_lines(bundle, relink(change(read_lines(bundle))))
        sign(bundle, **how)

    return forge


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        data = (bundle / name).read_bytes()
        assert old in data
        (bundle / name).write_bytes(data.replace(old, new, 1))

    return forge


def swapped(ls: Lines) -> Lines:
    return [*ls[:4], ls[5], ls[4], *ls[6:]]


def renumbered_insert(ls: Lines) -> Lines:
    later = [edit(item, seq=seq) for seq, item in enumerate(ls[4:], 5)]
    return [*ls[:4], edit(ls[4], actor="U0EVE"), *later]


def artifact(bundle: Path, content: bytes) -> Path:
    found = [p for p in (bundle / "data/artifacts").iterdir() if p.read_bytes() == content]
    return found[0]


def drop_checkpoints_after(size: int) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        for path in (bundle / CHECKPOINTS).iterdir():
            if int(path.stem) > size:
                path.unlink()

    return forge


def cut_to(size: int) -> Callable[[Path], None]:
    """Cut entries, checkpoints, openings and artifacts so that all fits again."""

    def forge(bundle: Path) -> None:
        write_lines(bundle, read_lines(bundle)[:size])
        drop_checkpoints_after(size)(bundle)
        kept = [x for x in read_lines(bundle, OPENINGS) if json.loads(x)["seq"] < size]
        write_lines(bundle, kept, OPENINGS)
        artifact(bundle, MEMORY).unlink()

    return forge


def write(name: str, data: bytes) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        (bundle / name).parent.mkdir(exist_ok=True)
        (bundle / name).write_bytes(data)

    return forge


def both(*steps: Callable[[Path], Any]) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        for step in steps:
            step(bundle)

    return forge


def opened(number: int, **changes: Any) -> Callable[[Path], None]:
    return raw(number, lambda x: edit(x, **changes), OPENINGS)


def link_away(bundle: Path) -> None:
    path = bundle / ENTRIES
    shutil.move(path, bundle.parent / "elsewhere.jsonl")
    path.symlink_to(bundle.parent / "elsewhere.jsonl")


def other_note(**how: Any) -> Callable[[Path], None]:
    """Put another note in the place of the last checkpoint."""

    def forge(bundle: Path) -> None:
        leaves = [merkle.leaf_hash(item) for item in read_lines(bundle)]
        good: dict[str, Any] = {"signer": SIGNER, "size": 9, "root": merkle.tree_root(leaves)}
        (bundle / LAST).write_bytes(signed_note(**good | how))

    return forge


def known(bundle_size: int = 9, **how: Any) -> bytes:
    return signed_note(how.pop("signer", SIGNER), size=bundle_size, **{"root": bytes(32)} | how)


GENESIS = {"hash": "sha-256", "profile": 1, "vocabulary": 1, "tsa": [], "max_lag_seconds": 9}
NOTE = b'{"actor":"U","event":"note.recorded","log":"halden-mutual/incident/INC-7","v":1}'


def assert_found(bundle: Path, case: Case) -> None:
    """Commit the forgery, and hold the verifier's words against what they must be."""
    memory = artifact(bundle, MEMORY).name
    case.forge(bundle)
    if case.rebag:
        rebag(bundle)
    report = verify.verify(bundle, **{"vkeys": [SIGNER.vkey]} | case.options)
    place = case.place.replace("artifacts/memory", f"artifacts/{memory}")
    found = (report.verdict, report.code, report.place)
    assert found == ("FAILED", case.code, place), report.detail
    assert report.exit_code == 1
    assert report.headline().startswith(f"FAILED {case.code} at {place}: ")
