"""Files on their way in, piece by piece, until they are whole and become artifacts.

Decides how a broken upload is taken up again: what counts is the pieces that lie here, whole and
synced. Each upload is encrypted under a key of its own, derived from the artifacts' master key and
the upload's random id, its description too: what a person broke off doesn't lie in the clear.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence_store.artifact_keys import MasterKey
from evidence_store.artifacts import sync_folder

PIECE_BYTES = 4 * 1024 * 1024
"""What is sent at a time; only the last piece may be smaller."""
MAX_OPEN = 5
"""How many uploads one person may have begun and not finished."""
KEPT_FOR = timedelta(hours=48)
"""How long a broken upload can be taken up again."""
_ID = re.compile(r"[0-9a-f]{32}")
_ABOUT = "about"
_ABOUT_NONCE = b"\xff" * 12


class UploadError(ValueError):
    """A piece or an upload that doesn't fit; the message says what to do."""


class UnknownUploadError(UploadError):
    """There is no such upload of this person in this incident; begin it anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that somebody began to send. `owner` is their Slack id, `size` is in bytes."""

    id: str
    owner: str
    ref: str
    name: str
    source: str
    form: str
    size: int


class UploadShelf:
    """A folder of broken and running uploads: `<root>/<id>/<number of the piece>`."""

    def __init__(self, root: Path, *, master: MasterKey) -> None:
        self.root = root
        self._master = master

    def start(
        self, *, owner: str, ref: str, name: str, source: str, form: str, size: int, now: datetime
    ) -> Upload:
        """Begin an upload; first drops those that were broken off more than 48 hours before `now`.

        Raises:
            UploadError: when this person has begun too many.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep(now)
        if len(self.begun_by(owner)) >= MAX_OPEN:
            raise UploadError(
                f"You have begun {MAX_OPEN} uploads and not finished them. Load this page again: "
                f"they stand below the form. Finish one or drop one, then choose the file again."
            )
        upload = Upload(
            id=secrets.token_hex(16),
            owner=owner,
            ref=ref,
            name=name,
            source=source,
            form=form,
            size=size,
        )
        about = json.dumps(asdict(upload)).encode()
        folder = self.root / upload.id
        folder.mkdir(mode=0o700)
        _write(folder / _ABOUT, self._cipher(upload.id).encrypt(_ABOUT_NONCE, about, None))
        sync_folder(self.root)
        return upload

    def find(self, upload_id: str, *, owner: str, ref: str) -> Upload:
        """Return an upload of this person in this incident.

        Raises:
            UnknownUploadError: for any other, in the same words whether it exists or not.
        """
        found = self._read(upload_id) if _ID.fullmatch(upload_id) else None
        if found is None or (found.owner, found.ref) != (owner, ref):
            raise UnknownUploadError("There is no such upload any more: choose the file again.")
        return found

    def begun_by(self, owner: str) -> list[Upload]:
        """List what a person began and hasn't finished, in every incident, the latest first."""
        if not self.root.is_dir():
            return []
        mine = [one for one in self._all() if one.owner == owner]
        return sorted(mine, key=self.kept_until, reverse=True)

    def kept_until(self, upload: Upload) -> datetime:
        """Return until when it can be taken up again: 48 hours after its last piece."""
        folder = self.root / upload.id
        try:
            last = folder.stat().st_mtime
        except FileNotFoundError:
            last = 0.0  # finished or dropped this moment
        return datetime.fromtimestamp(last, UTC) + KEPT_FOR

    def offset(self, upload: Upload) -> int:
        """Return how many bytes have arrived, from the beginning and without a gap."""
        folder, number = self.root / upload.id, 0
        while (folder / str(number)).exists():
            number += 1
        return min(number * PIECE_BYTES, upload.size)

    def put(self, upload: Upload, *, offset: int, piece: bytes) -> int:
        """Keep a piece and return the new offset; a piece that is there already is no fault.

        Raises:
            UploadError: when the piece isn't the next one, or isn't as long as it must be.
        """
        have = self.offset(upload)
        if (
            offset < 0
            or offset % PIECE_BYTES
            or len(piece) != min(PIECE_BYTES, upload.size - offset)
        ):
            raise UploadError("This piece of the file is cut wrongly: send it again.")
        if offset < have:
            return have
        if offset != have:
            raise UploadError(f"The file goes on at byte {have}, not at {offset}.")
        number = offset // PIECE_BYTES
        sealed = self._cipher(upload.id).encrypt(_nonce(number), piece, None)
        _write(self.root / upload.id / str(number), sealed)
        return self.offset(upload)

    def chunks(self, upload: Upload) -> Iterator[bytes]:
        """Yield the whole file.

        Raises:
            UploadError: when pieces are missing, or one isn't what was sent.
        """
        if self.offset(upload) != upload.size:
            raise UploadError("The file hasn't arrived in whole yet: go on with the upload.")
        cipher = self._cipher(upload.id)
        for number in range(-(-upload.size // PIECE_BYTES)):
            sealed = (self.root / upload.id / str(number)).read_bytes()
            try:
                yield cipher.decrypt(_nonce(number), sealed, None)
            except InvalidTag as error:
                raise UploadError(
                    "A piece of the file was changed here: upload it anew."
                ) from error

    def drop(self, upload: Upload) -> None:
        """Delete the upload with all its pieces."""
        shutil.rmtree(self.root / upload.id, ignore_errors=True)

    def _all(self) -> Iterator[Upload]:
        for folder in self.root.iterdir():
            if _ID.fullmatch(folder.name) and (found := self._read(folder.name)):
                yield found

    def _read(self, upload_id: str) -> Upload | None:
        try:
            sealed = (self.root / upload_id / _ABOUT).read_bytes()
            about = self._cipher(upload_id).decrypt(_ABOUT_NONCE, sealed, None)
        except (OSError, InvalidTag):
            return None
        return Upload(**json.loads(about))

    def _sweep(self, now: datetime) -> None:
        oldest = (now - KEPT_FOR).timestamp()
        for folder in self.root.iterdir():
            if _ID.fullmatch(folder.name) and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _cipher(self, upload_id: str) -> AESGCM:
        return AESGCM(self._master.derive(f"upload {upload_id}"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, and stays after a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
