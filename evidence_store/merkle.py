"""Merkle tree hashing and proofs (RFC 6962 section 2.1, RFC 9162 section 2.1).

Pure functions over bytes. A leaf hash is also the link of the entry chain, so that chain and tree
can't tell two stories. The compact range (the roots of the full subtrees from left to right) is
all that appending needs, and has at most 64 hashes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

HASH_SIZE = 32
_LEAF_PREFIX = b"\x00"
_NODE_PREFIX = b"\x01"


class CompactRangeError(ValueError):
    """Stored compact range and size don't belong together."""


def leaf_hash(line: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ line), RFC 6962 section 2.1."""
    return hashlib.sha256(_LEAF_PREFIX + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1."""
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class CompactRange:
    """The right edge of a tree: one hash per set bit of `size`, largest subtree first."""

    size: int = 0
    hashes: tuple[bytes, ...] = field(default=())

    def append(self, leaf: bytes) -> "CompactRange":
        """Return the range with one more leaf hash."""
        hashes = list(self.hashes)
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(hashes.pop(), node)
            size >>= 1
        return CompactRange(size=self.size + 1, hashes=(*hashes, node))

    def root(self) -> bytes:
        """Return the tree hash; SHA-256 of nothing for the empty tree."""
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        *rest, node = self.hashes
        for left in reversed(rest):
            node = node_hash(left, node)
        return node

    def to_bytes(self) -> bytes:
        """Return the hashes in a row, largest subtree first."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes, *, size: int) -> "CompactRange":
        """Read what `to_bytes` wrote.

        Raises:
            CompactRangeError: unless there is exactly one hash per set bit of `size`.
        """
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise CompactRangeError(
                f"compact range of {len(data)} bytes doesn't fit a log of {size} entries; "
                "the evidence_log row was damaged, rebuild it from the entries"
            )
        steps = range(0, len(data), HASH_SIZE)
        return cls(size=size, hashes=tuple(data[at : at + HASH_SIZE] for at in steps))


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree hash over leaf hashes (RFC 6962 section 2.1)."""
    tree = CompactRange()
    for leaf in leaves:
        tree = tree.append(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], *, index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (RFC 6962 section 2.1.1).

    Raises:
        IndexError: when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index=index), tree_root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index=index - split), tree_root(leaves[:split])]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether `proof` shows `leaf` at `index` under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or any(len(node) != HASH_SIZE for node in (leaf, root, *proof)):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def consistency_proof(leaves: Sequence[bytes], *, old_size: int) -> list[bytes]:
    """Return the proof that the tree of `old_size` is a prefix (RFC 6962 section 2.1.2).

    Raises:
        IndexError: unless 0 < old_size <= number of leaves.
    """
    if not 0 < old_size <= len(leaves):
        raise IndexError(f"no tree of size {old_size} inside one of {len(leaves)}")
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [tree_root(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        left = _subproof(leaves[:split], old_size, whole=whole)
        return [*left, tree_root(leaves[split:])]
    right = _subproof(leaves[split:], old_size - split, whole=False)
    return [*right, tree_root(leaves[:split])]


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether `proof` shows the old tree as a prefix (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= size or any(len(node) != HASH_SIZE for node in (old_root, root, *proof)):
        return False
    if old_size == size:
        return not proof and old_root == root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root


def _split(size: int) -> int:
    """Return the largest power of two below `size` (size > 1)."""
    return 1 << (size - 1).bit_length() - 1
