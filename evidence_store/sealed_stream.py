"""Encryption of one artifact, chunk by chunk, under a key of its own.

Decides the bytes of an encrypted artifact; who keeps the keys is in `artifact_keys`. The form is
STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: “Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance”, CRYPTO 2015) with AES-256-GCM, in the layout that age uses:

    header    the 18 bytes "evidence-sealed-1" and a newline
    chunk 0   65,536 bytes encrypted, and the 16 bytes of its tag
    …
    last      0 to 65,536 bytes encrypted, and its tag

Nonce (12 bytes): the chunk's number, 11 bytes big-endian, then 01 for the last chunk and 00 for all
others. The header is the associated data of every chunk. A key encrypts one artifact only, so no
nonce is ever used twice; chunks can't be swapped, cut off or added without being found.
"""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence_store.artifacts import ArtifactError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEADER = b"evidence-sealed-1\n"
CHUNK_BYTES = 1 << 16
TAG_BYTES = 16
KEY_BYTES = 32
_COUNTER_BYTES = 11
_SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES


class SealedStreamError(ArtifactError):
    """The bytes aren't what was encrypted under this key: changed, cut, or another file's."""


def encrypt(chunks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Yield the encrypted form of a stream; `key` has 32 bytes and is never used again."""
    cipher = AESGCM(key)
    yield HEADER
    number = 0
    waiting = b""
    for block in _blocks(chunks):
        # A full block is held back until it is known whether another follows: the last is marked.
        if waiting:
            yield cipher.encrypt(_nonce(number, last=False), waiting, HEADER)
            number += 1
        waiting = block
    yield cipher.encrypt(_nonce(number, last=True), waiting, HEADER)


def sealed_size(size: int) -> int:
    """Return how many bytes the encrypted form of `size` bytes has."""
    chunks = max(1, -(-size // CHUNK_BYTES))
    return len(HEADER) + size + chunks * TAG_BYTES


def open_sealed(source: BinaryIO, key: bytes) -> BinaryIO:
    """Return a reader of what was encrypted; it closes `source` when it is closed.

    Reading raises `SealedStreamError` at the first chunk that isn't what was written; what was
    read before that is true, but may not be all.
    """
    return io.BufferedReader(_Reader(source, key), CHUNK_BYTES)


class _Reader(io.RawIOBase):
    """Decrypts as it is read; holds one chunk."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._source = source
        self._cipher = AESGCM(key)
        self._number = 0
        self._ended = False
        self._plain = memoryview(b"")
        self._next = b""
        if _exactly(source, len(HEADER)) != HEADER:
            source.close()
            raise SealedStreamError("the file doesn't begin as an encrypted artifact does")
        self._next = _exactly(source, _SEALED_CHUNK)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        if not self._plain and not self._ended:
            self._plain = memoryview(self._chunk())
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._plain))
        view[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def close(self) -> None:
        """Close the source too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _chunk(self) -> bytes:
        sealed, self._next = self._next, b""
        if len(sealed) == _SEALED_CHUNK:
            self._next = _exactly(self._source, _SEALED_CHUNK)
        self._ended = not self._next
        nonce = _nonce(self._number, last=self._ended)
        try:
            plain = self._cipher.decrypt(nonce, sealed, HEADER)
        except (InvalidTag, ValueError) as error:
            raise SealedStreamError(
                f"chunk {self._number} isn't what was encrypted: it was changed, moved or cut"
            ) from error
        self._number += 1
        return plain


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + (b"\x01" if last else b"\x00")


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into blocks of CHUNK_BYTES; the last may be shorter, and none is empty."""
    rest = b""
    for chunk in chunks:
        view = memoryview(chunk)
        if rest:
            need = CHUNK_BYTES - len(rest)
            rest += view[:need]
            view = view[need:]
            if len(rest) < CHUNK_BYTES:
                continue
            yield rest
            rest = b""
        whole = len(view) - len(view) % CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            yield bytes(view[start : start + CHUNK_BYTES])
        rest = bytes(view[whole:])
    if rest:
        yield rest


def _exactly(source: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, or fewer at the end; a raw stream may return less at a time."""
    parts = bytearray()
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return bytes(parts)
