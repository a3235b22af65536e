"""Remembers a million names and addresses in a few megabytes, to find those that come twice.

Decides nothing of what a duplicate is. Keeps 64 bits of a keyed hash and the row, in two arrays:
a million rows take 24 MB, where a dictionary takes over 100. That two different ones share a hash
happens once in some tens of millions of lists of that length; a row would come back then.
"""

from array import array
from hashlib import blake2b

_FIRST = 1 << 12


class Seen:
    """A table with open addressing, twice as large as it needs to be."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0
        self._make(_FIRST)

    def _make(self, size: int) -> None:
        self._hashes = array("Q", bytes(8 * size))
        self._rows = array("L", bytes(array("L").itemsize * size))

    def first(self, text: str, row: int) -> int:
        """Return the row in which the text was met before; 0 if now for the first time."""
        digest = blake2b(text.encode(), digest_size=8, key=self._key).digest()
        # 0 marks an empty place.
        value = int.from_bytes(digest, "little") or 1
        at = self._place(value)
        if self._hashes[at]:
            return self._rows[at]
        self._hashes[at], self._rows[at] = value, row
        self._count += 1
        if 2 * self._count > len(self._hashes):
            self._grow()
        return 0

    def _place(self, value: int) -> int:
        hashes = self._hashes
        last = len(hashes) - 1
        at = value & last
        while hashes[at] not in (0, value):
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._make(2 * len(hashes))
        for value, row in zip(hashes, rows, strict=True):
            if value:
                at = self._place(value)
                self._hashes[at], self._rows[at] = value, row
