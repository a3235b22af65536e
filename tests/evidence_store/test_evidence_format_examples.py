"""The worked example in docs/evidence-format.md is true, byte for byte."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from evidence_store import canonical, entry, events, merkle, notes, verify
from evidence_store.signing import FileSigner
from tests.evidence_store.evidence_kit import ORIGIN, rebag

PAGE = Path(verify.__file__).parents[1] / "docs/evidence-format.md"
ARTIFACT = b"hello\n"
SALT = bytes(range(32))
NAMES = [
    "seed",
    "public-key",
    "key-id-input",
    "vkey",
    "commitment-input",
    "commitment",
    "opening",
    "entry-0",
    "entry-1",
    "entry-2",
    "node-0-1",
    "root-3",
    "checkpoint-3",
    "signed-3",
    "signature-3",
    "blob-3",
    "proof-1",
]


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def blocks(page: str) -> dict[str, str]:
    """Return the named blocks of the example, each with its last LF."""
    section = page.partition("\n## 13. ")[2].partition("\n## 14. ")[0]
    found = re.findall(r"^```([a-z0-9-]+)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in found] == NAMES
    return dict(found)


@pytest.fixture(scope="module")
def signer(blocks: dict[str, str]) -> FileSigner:
    return FileSigner(name="halden-mutual-log", seed=bytes.fromhex(blocks["seed"]))


@pytest.fixture(scope="module")
def lines(blocks: dict[str, str]) -> list[bytes]:
    return [blocks[f"entry-{number}"].split("\n")[0].encode() for number in range(3)]


@pytest.fixture(scope="module")
def leaves(lines: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(line) for line in lines]


def note_of(page: str, size: int) -> str:
    found: list[str] = re.findall(
        rf"^```[a-z0-9-]*\n({ORIGIN}\n{size}\n.*?)^```$", page, re.MULTILINE | re.DOTALL
    )
    return found[0]


def signed(signer: FileSigner, leaves: list[bytes]) -> tuple[notes.Checkpoint, notes.Signature]:
    checkpoint = notes.Checkpoint(origin=ORIGIN, size=len(leaves), root=merkle.tree_root(leaves))
    key = signer.verifying_key
    signature = signer.sign(checkpoint.text())
    return checkpoint, notes.Signature(name=key.name, key_id=key.key_id, signature=signature)


def test_the_key(blocks: dict[str, str], signer: FileSigner, page: str) -> None:
    key = signer.verifying_key
    hashed = bytes.fromhex(blocks["key-id-input"])
    assert blocks["public-key"] == key.key.hex() + "\n"
    assert hashed == key.name.encode() + b"\n\x01" + key.key
    assert hashlib.sha256(hashed).digest()[:4] == key.key_id
    assert f"are `{key.key_id.hex()}`." in page
    assert blocks["vkey"] == f"{signer.vkey}\n" == f"{notes.VerifyingKey.parse(signer.vkey)}\n"


def test_the_commitment_and_its_opening(blocks: dict[str, str], lines: list[bytes]) -> None:
    value = canonical.encode("two hosts")
    commitment = entry.commitment(value, salt=SALT)
    hashed = bytes.fromhex(blocks["commitment-input"])
    assert hashed == b"pd1\x00" + SALT + value
    assert blocks["commitment"] == f"{commitment}\n" == hashlib.sha256(hashed).hexdigest() + "\n"
    assert entry.read(lines[1]).pd == {"title": commitment}
    opening = {"seq": 1, "name": "title", "salt": SALT.hex(), "value": "two hosts"}
    assert blocks["opening"].encode() == canonical.encode(opening) + b"\n"


def test_the_entries(
    blocks: dict[str, str], lines: list[bytes], leaves: list[bytes], signer: FileSigner, page: str
) -> None:
    prev = "0" * 64
    for number, (line, leaf) in enumerate(zip(lines, leaves, strict=True)):
        found = entry.read(line)
        assert blocks[f"entry-{number}"] == f"{line.decode()}\n{leaf.hex()}\n"
        assert leaf == hashlib.sha256(b"\x00" + line).digest()
        assert canonical.encode(canonical.decode(line)) == line
        assert (found.seq, found.prev, found.origin) == (number, prev, ORIGIN)
        prev = leaf.hex()
    first, _, last = (entry.read(line) for line in lines)
    assert (first.data["vkey"], first.data["vocabulary"]) == (
        signer.vkey,
        events.VOCABULARY_VERSION,
    )
    [ref] = last.artifacts
    assert (ref.sha256, ref.size) == (hashlib.sha256(ARTIFACT).hexdigest(), len(ARTIFACT))
    hashed = b"\x00" + lines[0]
    for part in (hashed[:10], hashed[-6:], ARTIFACT, "ü".encode()):
        assert f"`{part.hex(' ')}`" in page
    assert "Zürich".encode() in lines[2]


def test_the_tree(blocks: dict[str, str], leaves: list[bytes]) -> None:
    node = merkle.node_hash(leaves[0], leaves[1])
    for name, left, right in (("node-0-1", leaves[0], leaves[1]), ("root-3", node, leaves[2])):
        hashed, digest = (bytes.fromhex(text) for text in blocks[name].split())
        assert hashed == b"\x01" + left + right
        assert digest == merkle.node_hash(left, right) == hashlib.sha256(hashed).digest()
    assert digest == merkle.tree_root(leaves)


@pytest.mark.parametrize("size", [1, 3])
def test_the_checkpoints(page: str, signer: FileSigner, leaves: list[bytes], size: int) -> None:
    checkpoint, signature = signed(signer, leaves[:size])
    note = note_of(page, size)
    assert notes.note(checkpoint, [signature]).decode() == note
    assert notes.verify(note.encode(), keys=[signer.verifying_key])[0] == checkpoint


def test_what_is_signed(blocks: dict[str, str], signer: FileSigner, leaves: list[bytes]) -> None:
    checkpoint, signature = signed(signer, leaves)
    blob = signature.key_id + signature.signature
    assert bytes.fromhex(blocks["signed-3"]) == checkpoint.text()
    assert bytes.fromhex(blocks["signature-3"]) == signature.signature
    assert bytes.fromhex(blocks["blob-3"]) == blob
    assert blocks["checkpoint-3"].endswith(f" {base64.b64encode(blob).decode()}\n")


def test_the_proof(blocks: dict[str, str], leaves: list[bytes]) -> None:
    head, _, note = blocks["proof-1"].partition("\n\n")
    first, index, *path = head.split("\n")
    proof = merkle.inclusion_proof(leaves, index=1)
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 1")
    assert [base64.b64decode(text) for text in path] == proof
    assert note == blocks["checkpoint-3"]
    assert merkle.verify_inclusion(
        leaf=leaves[1], index=1, size=3, proof=proof, root=merkle.tree_root(leaves)
    )


@pytest.mark.parametrize("alone", [False, True])
def test_the_verifier_accepts_the_example(
    blocks: dict[str, str], page: str, tmp_path: Path, signer: FileSigner, *, alone: bool
) -> None:
    """Put into a bag, whole or as one entry with its proof, it is what the page says."""
    files = {
        "bagit.txt": verify.DECLARATION.decode(),
        "bag-info.txt": "",
        "data/log/checkpoints/000000000003.txt": blocks["checkpoint-3"],
        "data/private/openings.jsonl": blocks["opening"],
    }
    entries = [blocks[f"entry-{number}"].split("\n")[0] + "\n" for number in range(3)]
    if alone:
        files["data/disclosed/000000000001.json"] = entries[1]
        files["data/disclosed/000000000001.tlog-proof"] = blocks["proof-1"]
    else:
        files["data/log/entries.jsonl"] = "".join(entries)
        files["data/log/checkpoints/000000000001.txt"] = note_of(page, 1)
        files["data/artifacts/" + hashlib.sha256(ARTIFACT).hexdigest()] = ARTIFACT.decode()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    rebag(tmp_path)
    report = verify.verify(tmp_path, vkeys=[signer.vkey])
    assert (report.verdict, report.entries) == ("PARTIAL", 3), report.headline()
    assert [code for code, _ in report.unchecked] == ["no-trusted-time"]
