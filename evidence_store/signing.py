"""The key that signs checkpoints.

Decides how a local key is kept: one file, readable by its owner alone, in the C2SP private key
form, and how one file takes another's place. Remote keys (KMS, HSM) fit the same Protocol. What is
signed is decided in notes and writer, and when a key is rotated in rotation.
"""

import base64
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence_store import notes

_PREFIX = "PRIVATE+KEY+"
_SEED_BYTES = 32


class KeyFileError(ValueError):
    """The key file can't be used; the message says how to mend it."""


class Signer(Protocol):
    """What signs a checkpoint: a name with a public key, and a signature over bytes."""

    @property
    def vkey(self) -> str:
        """The verifying key in C2SP form, to be handed to those who verify."""
        ...

    @property
    def key_id(self) -> str:
        """The 4-byte key id in hex (c2sp.org/signed-note), to be printed beside a root."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message` (RFC 8032)."""
        ...


class FileSigner:
    """A Signer whose Ed25519 key lies in a local file."""

    def __init__(self, *, name: str, seed: bytes, path: Path | None = None) -> None:
        self.path = path
        self._take(name=name, seed=seed)

    def _take(self, *, name: str, seed: bytes) -> None:
        key = Ed25519PrivateKey.from_private_bytes(seed)
        public = key.public_key().public_bytes_raw()
        self.verifying_key = notes.VerifyingKey(name=notes.check_key_name(name), key=public)
        self._vkey, self._key_id = str(self.verifying_key), self.verifying_key.key_id
        self._key = key

    @property
    def vkey(self) -> str:
        """The verifying key in C2SP form."""
        return self._vkey

    @property
    def key_id(self) -> str:
        """The 4-byte key id in hex."""
        return self._key_id.hex()

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over `message`."""
        return self._key.sign(message)

    def settle(self, vkey: str) -> None:
        """Become the key `vkey` if the files beside ours hold it; the database says which signs.

        So a rotation that another process made, or that broke off after its commit, is followed
        without a restart. Nothing happens if `vkey` is ours, or nowhere to be found.
        """
        if vkey == self._vkey or self.path is None:
            return
        name = self.verifying_key.name
        if vkey == _vkey_at(next_path(self.path), name=name):
            promote(self.path)
        if vkey == _vkey_at(self.path, name=name):
            self._take(name=name, seed=_read_seed(self.path, name=name))

    @classmethod
    def load_or_create(cls, path: Path, *, name: str) -> "FileSigner":
        """Read the key at `path`, or make one there (mode 0600) if there is none.

        Safe when two processes start at once: both end with the same key.

        Raises:
            KeyFileError: when others may read the file, it holds something else, or the key in it
                has another name.
        """
        notes.check_key_name(name)
        if not path.exists():
            _create(path, name=name)
        return cls(name=name, seed=_read_seed(path, name=name), path=path)


def settle(signer: Signer, vkey: str) -> None:
    """Let a signer whose key lies in a file follow a rotation; others are left as they are."""
    if isinstance(signer, FileSigner):
        signer.settle(vkey)


def signature(signer: Signer, message: bytes) -> notes.Signature:
    """Return the signature line of `signer` over `message`."""
    name = signer.vkey.partition("+")[0]
    key_id = bytes.fromhex(signer.key_id)
    return notes.Signature(name=name, key_id=key_id, signature=signer.sign(message))


def next_path(path: Path) -> Path:
    """Return where the key lies that a rotation is about to bring in."""
    return path.with_name(f"{path.name}.next")


def retired_path(path: Path, key_id: str) -> Path:
    """Return where a key is kept that signs no more; `key_id` in hex."""
    return path.with_name(f"retired-{key_id}.key")


def prepare_next(path: Path, *, name: str) -> FileSigner:
    """Return the key that a rotation brings in, made beside `path` (mode 0600) if it isn't there.

    It lies on the disk before any log names it, so that no crash leaves a log without its key.
    """
    return FileSigner.load_or_create(next_path(path), name=name)


def promote(path: Path) -> None:
    """Put the next key in the place of the old one, which is kept as `retired-<key id>.key`.

    Only after the logs name the new key. Safe to repeat, and when two processes do it at once.
    """
    with _locked(path.parent) as folder:
        if not next_path(path).exists():
            return
        name = key_name(path) or ""
        old = FileSigner(name=name, seed=_read_seed(path, name=name))
        with suppress(FileExistsError):
            os.link(path, retired_path(path, old.key_id))
        next_path(path).replace(path)
        os.fsync(folder)


def destroy_retired(path: Path, key_id: str) -> None:
    """Unlink a retired key; nothing happens if it isn't there.

    On most disks, and in every backup, that isn't the end of its bytes.
    """
    retired_path(path, key_id).unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _vkey_at(path: Path, *, name: str) -> str | None:
    try:
        return FileSigner(name=name, seed=_read_seed(path, name=name)).vkey
    except FileNotFoundError:
        return None


def key_name(path: Path) -> str | None:
    """Return the name of the key at `path`, None if there is no key yet.

    A log keeps its key's name for ever; ask here before deriving a name from anything that changes.
    """
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as file:
        return file.read(4096).strip().removeprefix(_PREFIX).partition("+")[0]


def _create(path: Path, *, name: str) -> None:
    seed = os.urandom(_SEED_BYTES)
    key = FileSigner(name=name, seed=seed).verifying_key
    data = base64.b64encode(b"\x01" + seed).decode()
    line = f"{_PREFIX}{name}+{key.key_id.hex()}+{data}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        # link() refuses to replace, so that the key of whoever came first stays.
        os.link(temporary, path)
        with _locked(path.parent) as folder:
            os.fsync(folder)
    except FileExistsError:
        return
    finally:
        temporary.unlink()


def _read_seed(path: Path, *, name: str) -> bytes:
    with path.open(encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyFileError(
                f"{path}: others may read this signing key (mode {mode:04o}); "
                f"run: chmod 600 {path}, and consider whether the key was copied"
            )
        line = file.read(4096).strip()
    found, _, rest = line.removeprefix(_PREFIX).partition("+")
    try:
        seed = base64.b64decode(rest.partition("+")[2], validate=True)[1:]
    except ValueError:
        seed = b""
    if not line.startswith(_PREFIX) or len(seed) != _SEED_BYTES:
        raise KeyFileError(f"{path}: not a signing key; move it away to have a new one made")
    if found != name:
        raise KeyFileError(f"{path}: the key is named {found!a}, expected {name!a}")
    return seed
