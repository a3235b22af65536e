"""How a bundle is forged: small steps, put together by the tables of the tests.

A test that only asked "was it refused?" would pass for the wrong reason, so each case names the
reason code and the place. Cases with `rebag` are forgers who also rewrite the manifests.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from evidence_store import merkle, verify
from tests.evidence_store.evidence_authority import Authority
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
    """One forgery, or one honest variant, and what the verifier must say.

    `forge` works on a copy of the exported bundle, and then `pack` may make a ZIP of it; or `stamp`
    makes a bundle of its own in an empty folder, with the help of a time stamp authority.
    """

    name: str
    forge: Callable[[Path], Any] = lambda _: None
    stamp: Callable[[Path, Authority], Path] | None = None
    pack: Callable[[Path], Path] | None = None
    code: str = ""
    place: str = ""
    verdict: str = verify.FAILED
    unchecked: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    warns: int = 0
    rebag: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    receipt: int = 0
    """Size of the honest checkpoint that the verifying person holds; 0 for none."""
    openssl: bool = True
    heavy: bool = False


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A case on disk."""

    case: Case
    path: Path
    place: str
    options: dict[str, Any]

    def misjudged(self, verifier: ModuleType = verify) -> str:
        """Return what the verifier said otherwise than it must; "" when all is right."""
        with pytest.MonkeyPatch.context() as patch:
            if not self.case.openssl:
                patch.setenv("PATH", "")
            report = verifier.verify(self.path, **self.options)
        case = self.case
        found = (report.verdict, report.code, report.place)
        unchecked = tuple(code for code, _ in report.unchecked)
        if found != (case.verdict, case.code, self.place) or unchecked != case.unchecked:
            return f"{found} {report.detail} {unchecked}"
        if report.exit_code != verifier.EXIT_CODES[case.verdict]:
            return f"exit {report.exit_code}"
        if len(report.warnings) != case.warns:
            return f"warns of {report.warnings}"
        text = report.text()
        missing = [words for words in case.says if words not in text]
        odd = [words for words in case.silent if words in text]
        return f"doesn't say {missing}, but {odd}" if missing or odd else ""


def prepare(case: Case, exported: Path, folder: Path, authority: Callable[[], Authority]) -> Sample:
    """Lay the case out below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle, place = folder / "bundle", case.place
    options: dict[str, Any] = {"vkeys": [SIGNER.vkey]} | case.options
    if case.receipt:
        leaves = [merkle.leaf_hash(item) for item in read_lines(exported)[: case.receipt]]
        note = signed_note(SIGNER, size=case.receipt, root=merkle.tree_root(leaves))
        options["known_checkpoint"] = note
    if case.stamp is not None:
        bundle = case.stamp(folder, authority())
    else:
        shutil.copytree(exported, bundle)
        place = place.replace("artifacts/memory", f"artifacts/{artifact(bundle, MEMORY).name}")
        case.forge(bundle)
        if case.rebag:
            rebag(bundle)
    path = bundle if case.pack is None else case.pack(bundle)
    place = place.replace("<path>", ascii(str(path)))
    place = place.replace("<first>", min(item.name for item in bundle.iterdir()))
    if case.stamp is not None:
        options.setdefault("tsa_ca", authority().root)
    return Sample(case=case, path=path, place=place, options=options)


def on_lines(change: Callable[[Lines], Lines], name: str = ENTRIES) -> Callable[[Path], None]:
    return lambda bundle: write_lines(bundle, change(read_lines(bundle, name)), name)


def changed(number: int, **changes: Any) -> Callable[[Path], None]:
    """Edit entry `number` and leave everything else."""
    return on_lines(lambda ls: [edit(x, **changes) if i == number else x for i, x in enumerate(ls)])


def raw(
    number: int, change: Callable[[bytes], bytes], name: str = ENTRIES
) -> Callable[[Path], None]:
    return on_lines(lambda ls: [change(x) if i == number else x for i, x in enumerate(ls)], name)


def resigned(
    change: Callable[[Lines], Lines], *, settle: bool = True, **how: Any
) -> Callable[[Path], None]:
    """Change, relink, and sign the whole anew: only who holds the key can do that.

    Entries after the ninth get the ninth's time, so that the clock doesn't step back.
    """

    def forge(bundle: Path) -> None:
        before = read_lines(bundle)
        lines, last = change(before), json.loads(before[-1])["ts"]
        later = [edit(item, ts=last) for item in lines[9:]] if settle else lines[9:]
        write_lines(bundle, relink([*lines[:9], *later]))
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
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
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


def _no_authority() -> Authority:
    raise AssertionError("this case needs no authority")


def assert_found(exported: Path, folder: Path, case: Case) -> None:
    """Commit the forgery, and hold the verifier's words against what they must be."""
    problem = prepare(case, exported, folder, _no_authority).misjudged()
    assert not problem, problem
