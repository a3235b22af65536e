"""Tampering with single entries that were disclosed with their proofs, and with their time."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence_store import disclosure, merkle, tables
from evidence_store.artifacts import FolderArtifacts
from tests.evidence_store.evidence_authority import Authority, make_authority
from tests.evidence_store.evidence_forgery import Case, known, prepare, write
from tests.evidence_store.evidence_kit import (
    ORIGIN,
    SIGNER,
    STRANGER,
    T0,
    b64,
    edit,
    rebag,
    signed_note,
    sqlite_engine,
    write_story,
)
from tests.evidence_store.test_evidence_disclosure import FORGERIES, FOUR, NINE, four, hashes

pytestmark = pytest.mark.slow

NO_TIME: dict[str, Any] = {"verdict": "PARTIAL", "unchecked": ("no-trusted-time",)}
OTHER = "halden-mutual/incident/INC-8"
TOKEN = NINE.replace(".txt", ".tsr")


def shown(
    forge: Callable[[Path], Any] = lambda _: None,
    *,
    seqs: tuple[int, ...] = (3, 4),
    ahead: timedelta | None = None,
    sealed: bool = False,
) -> Callable[[Path, Authority], Path]:
    """Disclose entries; with `ahead` of a story that begins so far ahead of now, and is stamped."""

    def stamp(folder: Path, authority: Authority) -> Path:
        store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
        engine = sqlite_engine(folder / "log.sqlite")
        start: datetime = T0 if ahead is None else authority.now() + ahead
        with engine.begin() as connection:
            tables.create_all(connection)
            write_story(connection, store, start=start)
            out = disclosure.disclose(
                connection,
                origin=ORIGIN,
                seqs=seqs,
                out=folder / "shown",
                now=T0,
                vkey=SIGNER.vkey,
                opened=["text"] if 3 in seqs else [],
                artifacts=store,
            ).path
        engine.dispose()
        if ahead is not None:
            authority.stamp(out / NINE)
        forge(out)
        rebag(out)
        if sealed:
            authority.stamp(out / "tagmanifest-sha256.txt")
        return out

    return stamp


def case(name: str, forge: Callable[[Path], Any] = lambda _: None, **what: Any) -> Case:
    how = {key: what.pop(key) for key in ("seqs", "ahead", "sealed") if key in what}
    return Case(name=f"disclosed: {name}", stamp=shown(forge, **how), **what)


def own_tree(
    entries: dict[int, dict[str, Any]],
    *,
    size: int,
    root: Callable[[list[bytes]], bytes],
    paths: Callable[[list[bytes]], list[list[bytes]]],
) -> Callable[[Path], None]:
    """Put entries and a tree of his own in the place of all others: the holder of the key."""

    def forge(out: Path) -> None:
        line = (out / f"{FOUR}.json").read_bytes()[:-1]
        lines = {seq: edit(line, seq=seq, **keys) for seq, keys in entries.items()}
        leaves = [merkle.leaf_hash(item) for item in lines.values()]
        for folder in ("disclosed", "log/checkpoints", "artifacts", "private"):
            shutil.rmtree(out / "data" / folder)
        note = signed_note(SIGNER, size=size, root=root(leaves))
        write(f"data/log/checkpoints/{size:012d}.txt", note)(out)
        for (seq, item), path in zip(lines.items(), paths(leaves), strict=True):
            name = f"data/disclosed/{seq:012d}"
            write(f"{name}.json", item + b"\n")(out)
            nodes = "".join(f"{b64(node)}\n" for node in path)
            head = f"c2sp.org/tlog-proof@v1\nindex {seq}\n{nodes}\n"
            write(f"{name}.tlog-proof", head.encode() + note)(out)

    return forge


ODD = bytes(32)
PAST = timedelta(minutes=-30)
OK: dict[str, Any] = {"verdict": "VERIFIED", "ahead": PAST}
CASES = [
    *(case(name, forge, code=code, place=place) for name, forge, code, place in FORGERIES),
    case(
        "entries and files",
        **NO_TIME,
        says=(
            "what the other 7 entries say, and what was recorded later",
            "that what was recorded was true, or that everything was recorded",
            "2 of 2 artifacts and 1 of 2 personal values",
        ),
    ),
    case(
        "no key given",
        options={"vkeys": []},
        verdict="SELF_CONSISTENT",
        code="no-outside-key",
        unchecked=("no-trusted-time",),
        says=("who signed: give the verifying key with --vkey",),
    ),
    case(
        "another key given",
        options={"vkeys": [STRANGER.vkey]},
        code="signature-untrusted",
        place=NINE,
    ),
    case(
        "another log than asked for",
        options={"origin": OTHER},
        code="origin-unexpected",
        place=NINE,
    ),
    case("the log that was asked for", options={"origin": ORIGIN}, **NO_TIME),
    case("size known, and kept", options={"min_size": 9}, **NO_TIME),
    case(
        "size known, and more than there is", options={"min_size": 10}, code="log-cut", place=NINE
    ),
    case(
        "receipt of another root",
        options={"known_checkpoint": known(9)},
        code="known-checkpoint-mismatch",
        place="known checkpoint",
    ),
    case(
        "receipt of another size",
        options={"known_checkpoint": known(8)},
        verdict="PARTIAL",
        unchecked=("known-checkpoint-elsewhere", "no-trusted-time"),
    ),
    case(
        "receipt of another log",
        options={"known_checkpoint": known(9, origin=OTHER)},
        code="checkpoint-origin",
        place="known checkpoint",
    ),
    case(
        "receipt with a bad signature",
        options={"known_checkpoint": known(9, flip=True)},
        code="signature-bad",
        place="known checkpoint",
    ),
    case("form broken", four(extra=1), code="entry-keys", place=f"{FOUR}.json"),
    case(
        "one hash too many",
        hashes(lambda ls: [*ls, *ls, *ls]),
        code="proof-invalid",
        place=f"{FOUR}.tlog-proof",
    ),
    case("no hashes", hashes(lambda _: []), code="proof-invalid", place=f"{FOUR}.tlog-proof"),
    case("two entries that aren't neighbours", seqs=(1, 3), **NO_TIME),
    case(
        "link broken, but signed",
        own_tree(
            {0: {"prev": "0" * 64}, 1: {"prev": "1" * 64}},
            size=2,
            root=merkle.tree_root,
            paths=lambda leaves: [[leaves[1]], [leaves[0]]],
        ),
        code="prev-mismatch",
        place="data/disclosed/000000000001.json",
    ),
    case(
        "number beyond the log, but signed",
        own_tree({1: {}}, size=1, root=lambda leaves: leaves[0], paths=lambda _: [[]]),
        code="proof-malformed",
        place="data/disclosed/000000000001.tlog-proof",
    ),
    case(
        "longer path than the log has, but signed",
        own_tree(
            {0: {}},
            size=1,
            root=lambda leaves: merkle.node_hash(ODD, leaves[0]),
            paths=lambda _: [[ODD]],
        ),
        code="proof-invalid",
        place="data/disclosed/000000000000.tlog-proof",
    ),
    case(
        "shorter path than the log has, but signed",
        own_tree({4: {}}, size=9, root=lambda leaves: leaves[0], paths=lambda _: [[]]),
        code="proof-invalid",
        place=f"{FOUR}.tlog-proof",
    ),
    *(case(f"entry {seq}", seqs=(seq,), **NO_TIME) for seq in range(9)),
    case("stamped", **OK, says=("the entries existed at ",)),
    case("stamped, and sealed", sealed=True, **OK),
    case(
        "stamped, no roots given",
        ahead=PAST,
        options={"tsa_ca": None},
        verdict="PARTIAL",
        unchecked=("no-tsa-ca",),
    ),
    case(
        "stamped, no openssl",
        ahead=PAST,
        openssl=False,
        verdict="PARTIAL",
        unchecked=("no-openssl",),
    ),
    case(
        "stamp unreadable",
        lambda out: (out / TOKEN).write_bytes(b"\x30\x00"),
        ahead=PAST,
        verdict="PARTIAL",
        unchecked=("token-unreadable",),
    ),
    case(
        "from the future",
        ahead=timedelta(minutes=30),
        code="time-after-token",
        place="data/disclosed/000000000003.json",
    ),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(
    exported: Path, tmp_path: Path, authority: Authority, case: Case
) -> None:
    problem = prepare(case, exported, tmp_path, lambda: authority).misjudged()
    assert not problem, problem
