"""Signed notes and checkpoints as C2SP defines them (c2sp.org/signed-note, tlog-checkpoint).

Decides the text of a checkpoint, the form of a verifying key and when a note counts as signed.
Holds no private key (see signing) and doesn't know what the tree contains.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_NOTE_BYTES = 16_384
MAX_SIGNATURES = 16
_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_KEY_BYTES = 32
_ROOT_BYTES = 32


class NoteError(ValueError):
    """A note or a verifying key is malformed, or carries a bad signature of a known key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyingKey:
    """An Ed25519 public key with the name it signs under."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key), c2sp.org/signed-note."""
        text = self.name.encode() + b"\n" + _ED25519 + self.key
        return hashlib.sha256(text).digest()[:4]

    def __str__(self) -> str:
        """Return the vkey form: name, key id in hex and typed key in base64, joined by plus."""
        data = base64.b64encode(_ED25519 + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{data}"

    @classmethod
    def parse(cls, text: str) -> "VerifyingKey":
        """Read the vkey form.

        Raises:
            NoteError: when it is malformed or its key id doesn't fit the key.
        """
        name, *rest = text.strip().split("+", 2)
        data = _base64(rest[-1]) if len(rest) == 2 else b""  # noqa: PLR2004 - name+id+key
        if len(data) != 1 + _KEY_BYTES or data[:1] != _ED25519:
            raise NoteError(f"{text[:80]!a} is not an Ed25519 verifying key (name+id+base64)")
        found = cls(name=check_key_name(name), key=data[1:])
        if rest[0] != found.key_id.hex():
            raise NoteError(f"verifying key {name!a}: key id {rest[0]!a} doesn't fit the key")
        return found

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Say whether `signature` is this key's Ed25519 signature over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line without its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """How large a log was, and its tree hash then."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """Return the three lines that are signed (c2sp.org/tlog-checkpoint)."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n".encode()


def check_key_name(name: str) -> str:
    """Return `name` if it may name a key: not empty, no white space, no plus."""
    if not _KEY_NAME.fullmatch(name):
        raise NoteError(f"key name {name!a} must be 1 to 200 characters without space or plus")
    return name


def note(checkpoint: Checkpoint, signatures: Sequence[Signature]) -> bytes:
    """Return the signed note: the text, a blank line, a line per signature."""
    lines = "".join(f"{signature.line()}\n" for signature in signatures)
    return checkpoint.text() + b"\n" + lines.encode()


def parse(data: bytes) -> tuple[Checkpoint, list[Signature]]:
    """Read a checkpoint note without verifying it.

    Raises:
        NoteError: when it isn't exactly three text lines, a blank line and 1 to 16 signatures.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"note of {len(data)} bytes is larger than {MAX_NOTE_BYTES}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError(f"note is not UTF-8: {error}") from error
    head, gap, tail = text.partition("\n\n")
    fields = head.split("\n")
    if any(ord(char) < ord(" ") and char != "\n" for char in text):
        raise NoteError("note holds a control character")
    if not gap or not tail.endswith("\n") or len(fields) != 3:  # noqa: PLR2004 - three lines
        raise NoteError("note must be origin, size and root, a blank line, then signature lines")
    origin, size, encoded_root = fields
    root = _base64(encoded_root)
    if not origin or not _SIZE.fullmatch(size) or len(root) != _ROOT_BYTES:
        raise NoteError("note's origin, size or root is malformed")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"note has {len(lines)} signature lines; at most {MAX_SIGNATURES}")
    signatures = [_signature(line) for line in lines]
    return Checkpoint(origin=origin, size=int(size), root=root), signatures


def verify(data: bytes, *, keys: Sequence[VerifyingKey]) -> tuple[Checkpoint, list[VerifyingKey]]:
    """Read a note and return it with the keys that signed it.

    Lines of unknown keys are ignored. Raises NoteError when the note is malformed, when a line
    that claims a known key doesn't verify, or when no known key signed.
    """
    checkpoint, signatures = parse(data)
    signed = []
    for line in signatures:
        for key in keys:
            if (line.name, line.key_id) != (key.name, key.key_id):
                continue
            if not key.verifies(checkpoint.text(), line.signature):
                raise NoteError(f"bad signature of known key {key.name!a}")
            signed.append(key)
    if not signed:
        raise NoteError("no known key signed this note")
    return checkpoint, signed


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    data = _base64(encoded)
    # Other algorithms may have longer signatures; a line must only hold a key id and something.
    if not line.startswith(_DASH) or not space or len(data) <= 4:  # noqa: PLR2004 - key id
        raise NoteError(f"malformed signature line {line[:80]!a}")
    return Signature(name=check_key_name(name), key_id=data[:4], signature=data[4:])


def _base64(text: str) -> bytes:
    """Decode canonical base64; empty bytes when it isn't."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if base64.b64encode(data).decode() == text else b""
