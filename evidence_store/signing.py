"""The key that signs checkpoints.

Decides how a local key is kept: one file, readable by its owner alone, in the C2SP private key
form. Remote keys (KMS, HSM) fit the same Protocol. What is signed is decided in notes and log.
"""

import base64
import os
import stat
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

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        ...


class FileSigner:
    """A Signer whose Ed25519 key lies in a local file."""

    def __init__(self, *, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.verifying_key = notes.VerifyingKey(name=notes.check_key_name(name), key=public)

    @property
    def vkey(self) -> str:
        """The verifying key in C2SP form."""
        return str(self.verifying_key)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over `message`."""
        return self._key.sign(message)

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
        return cls(name=name, seed=_read_seed(path, name=name))


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
