"""Where the files of a bag go: a folder, or one ZIP without compression; never half of either.

Decides how files come to rest under a temporary name beside the place, and get the place at the
very end. Which files a bag has, and in which order, is in bundle and disclosure. Memory doesn't
grow with the size of a file.
"""

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from evidence_store.artifacts import sync_folder

CHUNK = 1 << 20
_TOP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_ZIP = ".zip"
_PLAIN_FILE = 0o100644 << 16


class BundleError(Exception):
    """The bundle can't be written; nothing was left at its place."""


class BundleExistsError(BundleError):
    """There is something at the place of the bundle."""


class _Form(Protocol):
    """Takes files; `settle` makes them durable and gives them their place."""

    def add(self, name: str, chunks: Iterable[bytes], *, size: int | None) -> None: ...

    def settle(self, out: Path) -> None: ...

    def drop(self) -> None: ...


class Sink:
    """A bag that is being written. Remembers digest and size of each file, in its order."""

    def __init__(self, form: _Form) -> None:
        self._form = form
        self.digests: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    def write(self, name: str, chunks: Iterable[bytes], *, size: int | None = None) -> None:
        """Write one file from a stream; `size` in bytes, where it is known before."""
        digest, written = hashlib.sha256(), 0

        def watched() -> Iterator[bytes]:
            nonlocal written
            for chunk in chunks:
                digest.update(chunk)
                written += len(chunk)
                yield chunk

        self._form.add(name, watched(), size=size)
        self.digests[name], self.sizes[name] = digest.hexdigest(), written

    def manifest(self, names: Iterable[str]) -> bytes:
        """Return the lines that `sha256sum --check` reads, in the order of `names`."""
        return "".join(f"{self.digests[name]}  {name}\n" for name in names).encode()


class _Folder:
    def __init__(self, staging: Path) -> None:
        self._staging = staging
        staging.mkdir()

    def add(self, name: str, chunks: Iterable[bytes], *, size: int | None) -> None:
        """Write one file; `size` doesn't matter here."""
        del size
        target = self._staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def settle(self, out: Path) -> None:
        """Give the folder its place; an empty folder there gives way."""
        for folder, _, _ in os.walk(self._staging):
            sync_folder(Path(folder))
        self._staging.rename(out)

    def drop(self) -> None:
        """Remove what is left."""
        shutil.rmtree(self._staging, ignore_errors=True)


class _Zip:
    """Members lie in one folder named like the file, as people expect when they unpack it."""

    def __init__(self, staging: Path, *, top: str, now: datetime) -> None:
        self._staging = staging
        self._top = top
        self._time = _time(now)
        self._file: BinaryIO = staging.open("xb")
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, chunks: Iterable[bytes], *, size: int | None) -> None:
        """Write one member. Where the size isn't known, its header leaves room for any."""
        info = zipfile.ZipInfo(f"{self._top}/{name}", self._time)
        info.external_attr = _PLAIN_FILE
        info.file_size = size or 0
        with self._archive.open(info, "w", force_zip64=size is None) as member:
            for chunk in chunks:
                member.write(chunk)

    def settle(self, out: Path) -> None:
        """Write the directory of the ZIP, sync, and give the file its place."""
        self._archive.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        check_free(out)
        self._staging.rename(out)

    def drop(self) -> None:
        """Remove what is left."""
        with suppress(OSError, ValueError):
            self._archive.close()
        self._file.close()
        self._staging.unlink(missing_ok=True)


@contextmanager
def open_sink(out: Path, *, now: datetime) -> Iterator[Sink]:
    """Open a sink for the place `out`: a ZIP if its name ends in `.zip`, else a folder.

    The place is taken at the end and only if nothing was raised; otherwise nothing is left.
    `now` (UTC) is the time that a ZIP states for its members.

    Raises:
        BundleExistsError: when something is there already.
    """
    check_free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    # A sibling, because a rename is atomic only inside one file system.
    staging = out.with_name(f".{out.name}.{os.urandom(6).hex()}.partial")
    form: _Form = _Zip(staging, top=_top(out), now=now) if is_zip(out) else _Folder(staging)
    try:
        yield Sink(form)
        form.settle(out)
        sync_folder(out.parent)
    finally:
        form.drop()


def is_zip(out: Path) -> bool:
    """Say whether the place asks for a ZIP."""
    return out.suffix.lower() == _ZIP


def _top(out: Path) -> str:
    return out.stem if _TOP.fullmatch(out.stem) else "bundle"


def check_free(out: Path) -> None:
    """Raise `BundleExistsError` when `out` exists; for a folder, an empty one may."""
    empty = out.is_dir() and not is_zip(out) and not any(out.iterdir())
    if out.is_symlink() or (out.exists() and not empty):
        raise BundleExistsError(f"{out} exists; choose a new place, bundles are never overwritten")


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield what is in an open file, 1 MiB at a time."""
    return iter(lambda: file.read(CHUNK), b"")


def add_file(out: Path, name: str, content: bytes, *, now: datetime) -> None:
    """Add one file to a finished bag: only the stamp over its tag manifest is ever added."""
    if not is_zip(out):
        (out / name).write_bytes(content)
        sync_folder(out)
        return
    with out.open("r+b") as file, zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        info = zipfile.ZipInfo(f"{archive.namelist()[0].partition('/')[0]}/{name}", _time(now))
        info.external_attr = _PLAIN_FILE
        archive.writestr(info, content)
        file.flush()
        os.fsync(file.fileno())


def read_file(out: Path, name: str) -> bytes:
    """Return the content of one small file of a finished bag."""
    if not is_zip(out):
        return (out / name).read_bytes()
    with zipfile.ZipFile(out) as archive:
        return archive.read(f"{archive.namelist()[0].partition('/')[0]}/{name}")


def _time(now: datetime) -> tuple[int, int, int, int, int, int]:
    return now.year, now.month, now.day, now.hour, now.minute, now.second
