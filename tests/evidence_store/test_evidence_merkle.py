"""Tree hashes and proofs, with the vectors of the Certificate Transparency reference code."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_store import merkle

# certificate-transparency/test vectors: the first eight leaves and the root after each.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_HASHES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]


@pytest.mark.parametrize("size", range(1, 9))
def test_root_is_the_published_one(size: int) -> None:
    assert merkle.tree_root(LEAF_HASHES[:size]).hex() == ROOTS[size - 1]


def test_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.CompactRange().root() == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", [0, 1, 2, 5, 7, 8])
def test_compact_range_survives_being_stored(size: int) -> None:
    tree = merkle.CompactRange()
    for leaf in LEAF_HASHES[:size]:
        tree = tree.append(leaf)
    again = merkle.CompactRange.from_bytes(tree.to_bytes(), size=size)
    assert again == tree
    assert len(tree.hashes) == size.bit_count()


def test_compact_range_refuses_a_size_that_does_not_fit() -> None:
    with pytest.raises(merkle.CompactRangeError, match="rebuild it from the entries"):
        merkle.CompactRange.from_bytes(bytes(32), size=3)


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.slow
def test_a_proof_shows_its_own_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 20))
    index = data.draw(st.integers(0, size - 1))
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = merkle.tree_root(leaves)
    proof = merkle.inclusion_proof(leaves, index=index)
    for other in range(size):
        found = merkle.verify_inclusion(
            leaf=leaves[index], index=other, size=size, proof=proof, root=root
        )
        assert found == (other == index)
    longer = [*proof, root]
    assert not merkle.verify_inclusion(
        leaf=leaves[index], index=index, size=size, proof=longer, root=root
    )
    assert not merkle.verify_inclusion(
        leaf=root, index=index, size=size + 1, proof=proof, root=root
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.slow
def test_any_prefix_is_consistent_and_another_root_is_not(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 20))
    old_size = data.draw(st.integers(1, size))
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    proof = merkle.consistency_proof(leaves, old_size=old_size)
    good = {
        "old_size": old_size,
        "old_root": merkle.tree_root(leaves[:old_size]),
        "size": size,
        "root": merkle.tree_root(leaves),
        "proof": proof,
    }
    assert merkle.verify_consistency(**good)  # type: ignore[arg-type]
    for key in ("old_root", "root"):
        assert not merkle.verify_consistency(**good | {key: bytes(32)})  # type: ignore[arg-type]


def test_proofs_refuse_what_is_not_there() -> None:
    with pytest.raises(IndexError, match="no leaf 8 in a tree of 8"):
        merkle.inclusion_proof(LEAF_HASHES, index=8)
    with pytest.raises(IndexError, match="no tree of size 9"):
        merkle.consistency_proof(LEAF_HASHES, old_size=9)
