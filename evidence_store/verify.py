"""Verify an evidence bundle, alone: Python 3.9 or later, standard library only.

    python3 verify.py . --vkey 'NAME+ID+KEY' [--known-checkpoint FILE] [--tsa-ca ROOT.pem]

Decides whether the bundle is what the log's key signed, whole and in order, and says in plain
words what it couldn't check. Believes nothing inside the bundle that the bundle could have made
up: the key and the time stamp roots must come from outside. Repairs nothing, writes nothing (but
a temporary folder for openssl), and needs no network. The format: docs/evidence-format.md.

This is one long file on purpose: it travels inside every bundle and must run without us in ten
years. It shares no code with the package that writes bundles, also on purpose: a mistake in one
shows against the other. Memory doesn't grow with the number of entries, only with the number of
files and erasures.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

VERIFIED, FAILED, SELF_CONSISTENT = "VERIFIED", "FAILED", "SELF_CONSISTENT"
PARTIAL, UNREADABLE = "PARTIAL", "UNREADABLE"
EXIT_CODES = {VERIFIED: 0, FAILED: 1, SELF_CONSISTENT: 2, PARTIAL: 3, UNREADABLE: 4}

# Reason codes are part of the format: they keep their meaning, tests assert them.
REASONS: dict[str, str] = {
    "bag-declaration": "bagit.txt isn't the BagIt 1.0 declaration",
    "bag-fetch": "fetch.txt is present; a bundle holds its files itself",
    "bag-unsafe-name": "a file name could leave the bundle or mean two things",
    "bag-symlink": "a symbolic link stands where a file should be",
    "bag-special-file": "something that is neither file nor folder",
    "bag-manifest-malformed": "a manifest isn't in the form that sha256sum reads",
    "bag-manifest-duplicate": "a manifest names a file twice",
    "bag-file-missing": "a file that must be there isn't",
    "bag-file-extra": "a file that no manifest names, or in a place where none belongs",
    "bag-file-changed": "a file doesn't have the digest that the manifest gives",
    "bag-oxum": "Payload-Oxum in bag-info.txt doesn't fit the payload",
    "log-empty": "there are no entries",
    "entry-too-long": "an entry exceeds 65,535 bytes",
    "entry-truncated": "the last line has no end",
    "json-syntax": "a line isn't JSON in UTF-8",
    "json-duplicate-key": "a key stands twice in one object",
    "json-number": "a number isn't an integer below 2^53",
    "json-depth": "values are nested too deep",
    "json-not-canonical": "a line isn't in the canonical form of RFC 8785",
    "entry-keys": "an entry lacks a required key or has an unknown one",
    "entry-value": "a value in an entry has the wrong type or form",
    "entry-time": "ts isn't a time of the form YYYY-MM-DDTHH:MM:SS.ffffffZ",
    "entry-event-unknown": "the event isn't in the vocabulary",
    "entry-log": "an entry of another log",
    "seq-mismatch": "sequence numbers don't run 0, 1, 2 …",
    "prev-mismatch": "an entry doesn't link to the one before",
    "genesis-missing": "the first entry isn't log.opened",
    "genesis-repeated": "log.opened stands twice",
    "genesis-invalid": "log.opened lacks what the rest depends on",
    "origin-unexpected": "this is another log than the one asked for",
    "proof-malformed": "a proof isn't in the form of C2SP tlog-proof, or not for this checkpoint",
    "proof-invalid": "the proof doesn't lead from the entry to the signed root: it was changed",
    "proof-without-entry": "a proof without its entry",
    "known-checkpoint-elsewhere": "the known checkpoint covers another number of entries",
    "checkpoint-missing": "there is no checkpoint",
    "checkpoint-size": "a checkpoint's file name and its size differ",
    "checkpoint-origin": "a checkpoint of another log",
    "checkpoint-beyond-log": "a checkpoint covers more entries than there are: the tail was cut",
    "unsigned-tail": "entries stand after the last checkpoint",
    "note-malformed": "a signed note isn't in the C2SP form",
    "root-mismatch": "the entries don't give the signed root: something was changed",
    "signature-bad": "the signature of a known key is wrong",
    "signature-untrusted": "no trusted key signed",
    "log-cut": "the log is shorter than it is known to have been",
    "known-checkpoint-mismatch": "the log isn't the one that the known checkpoint covered",
    "artifact-missing": "an artifact of the log isn't in the bundle",
    "artifact-extra": "an artifact that the log doesn't know",
    "artifact-name": "a file among the artifacts that isn't named by a digest",
    "artifact-digest": "an artifact isn't the content that its digest names",
    "artifact-size": "an artifact doesn't have the size that the log gives",
    "opening-malformed": "a line of openings.jsonl has the wrong form",
    "opening-order": "openings are doubled or out of order",
    "opening-without-commitment": "an opening for which the log has no commitment",
    "opening-mismatch": "an opened value isn't the one that was committed to",
    "opening-erased": "a value that the log says was erased",
    "erasure-unknown": "an erasure of something that was never recorded",
    "token-without-checkpoint": "a time stamp without its checkpoint",
    "token-invalid": "a time stamp doesn't verify",
    "token-weak-hash": "a time stamp over a hash that is no longer safe",
    "time-after-token": "an entry claims a time after the stamp that covers it",
    "time-before-token": "an entry claims a time before a stamp that doesn't cover it yet",
    "time-late": "entries were stamped later than the log promises",
    "no-trusted-time": "there are no time stamps",
    "time-tail": "the last entries are not covered by a time stamp",
    "no-tsa-ca": "no root certificate for the time stamps was given",
    "no-openssl": "openssl isn't installed, so time stamps couldn't be checked",
    "token-unreadable": "openssl couldn't read a time stamp",
    "no-outside-key": "no verifying key from outside was given",
    "not-found": "there is no bundle at this path",
    "not-a-bundle": "this isn't an evidence bundle",
    "zip-unsafe": "the ZIP has doubled, linked, compressed or overlapping members",
    "format-unsupported": "a newer format than this verifier knows",
    "argument-invalid": "an argument can't be used",
    "io-error": "a file can't be read",
    "database-mismatch": "a column of the database doesn't fit the entry (with --live only)",
}

# Vocabulary 3. A copy of evidence_store.events, because this file runs alone.
_WORDS = """
log.opened
incident.opened incident.severity_changed incident.status_changed incident.contained
incident.recovered incident.closed incident.renamed incident.channel_ready
incident.channel_failed incident.member_joined incident.member_left
role.assigned role.claimed role.handed_over role.released role.deputy_named
role.deputy_released
task.created task.assigned task.completed task.reopened task.skipped
fact.recorded fact.corrected
clock.started clock.waiting clock.due_changed clock.met clock.missed clock.not_applicable
clock.waived clock.tolled clock.extended clock.resumed clock.overruled
clock.lateness_explained obligations.assessed calendar.feed_made calendar.feed_revoked
reminder.sent reminder.acknowledged reminder.snoozed reminder.escalated reminder.digest
message.preserved
evidence.collected evidence.sealed evidence.transferred evidence.accessed evidence.copied
evidence.analysed evidence.derived evidence.returned evidence.disposed evidence.verified
hold.placed hold.released
notice.drafted notice.revised notice.submitted notice.changes_requested notice.approved
notice.reopened notice.released notice.sent notice.superseded notice.withdrawn
notice.downloaded notice.assigned notice.commented notice.comment_resolved
notice.privilege_marked notice.privilege_cleared notice.read
print_run.checked print_run.proof_approved print_run.started print_run.finished
print_run.stopped print_run.handed_over print_run.compared
print_run.erasure_asked print_run.erasure_refused print_run.list_erased
exercise.started exercise.held exercise.resumed exercise.jumped exercise.ended
exercise.aborted exercise.real_world_called exercise.branch_taken
exercise.inject_delivered exercise.inject_held exercise.inject_released
exercise.inject_skipped exercise.inject_added exercise.decision_recorded
exercise.expectation_met exercise.expectation_missed exercise.rated exercise.observed
exercise.feedback_given exercise.report_made exercise.report_locked
corrective_action.assigned corrective_action.done corrective_action.reopened
outbound.granted outbound.captured outbound.refused outbound.retracted
partner.called decision.recorded note.recorded personal_data.erased
log.anchored log.anchor_failed key.rotated bundle.exported checkpoint.recorded
"""
VOCABULARY = frozenset(_WORDS.split())
ERASING = frozenset(("evidence.disposed", "personal_data.erased", "print_run.list_erased"))
# Entries that only tell of anchoring and export may follow the last time stamp.
UNANCHORED_TAIL = frozenset(("log.anchored", "log.anchor_failed", "bundle.exported"))

ENTRIES = "data/log/entries.jsonl"
OPENINGS = "data/private/openings.jsonl"
ARTIFACTS = "data/artifacts/"
CHECKPOINTS = "data/log/checkpoints/"
DISCLOSED = "data/disclosed/"
MANIFEST, TAGMANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SEAL_TOKEN = TAGMANIFEST + ".tsr"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MAX_ENTRY_BYTES = 65_535
MAX_OPENING_BYTES = 1 << 20
MAX_MANIFEST_BYTES = 1 << 28
MAX_NOTE_BYTES = 16_384
MAX_TOKEN_BYTES = 1 << 20
MAX_SIGNATURES = 16
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
MAX_TEXT = 200
SHOWN = 10  # warnings of one kind
SKEW = timedelta(seconds=60)
CHUNK = 1 << 20
LONG = 1 << 24  # files below this are read before anyone asks how far it is
KEY_BYTES = HASH_BYTES = 32
SIGNATURE_BYTES = 64
REQUIRED_KEYS = frozenset(("v", "log", "seq", "prev", "ts", "event", "actor"))
OPTIONAL_KEYS = frozenset(("data", "pd", "artifacts"))
OPENING_KEYS = frozenset(("seq", "name", "salt", "value"))

_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}"
_SAFE_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT}){{0,9}}")
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_PD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# An entry as nearly all are: plain text, nothing nested in its data, and no artifacts.
_COMMITMENT = r'"[a-z][a-z0-9_]{0,63}":"[0-9a-f]{64}"'
_PLAIN_ENTRY = re.compile(
    r'\{"actor":"([ !#-\[\]-~]{1,200})",(?:"data":(\{[ -Z^-z|~]+\}),)?"event":"([a-z_.]+)",'
    r'"log":"([A-Za-z0-9./_-]{1,200})",'
    rf'(?:"pd":(\{{{_COMMITMENT}(?:,{_COMMITMENT})*\}}),)?'
    r'"prev":"([0-9a-f]{64})","seq":(0|[1-9][0-9]{0,11}),"ts":"([ !#-\[\]-~]+)","v":1\}'
)
_TS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_SIZE = re.compile(r"[1-9][0-9]{0,11}")
_CHECKPOINT_NAME = re.compile(r"data/log/checkpoints/([0-9]{12})\.(txt|tsr)")
_DISCLOSED_NAME = re.compile(r"data/disclosed/([0-9]{12})\.(json|tlog-proof)")
_PROOF_HEAD = "c2sp.org/tlog-proof@v1"
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_TOKEN_TIME = re.compile(
    r"^Time stamp: ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9:]{8})(\.[0-9]{1,6})?[0-9]* ([0-9]{4}) GMT$",
    re.MULTILINE,
)
_TOKEN_HASH = re.compile(r"^Hash Algorithm: (\S+)$", re.MULTILINE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class FailedError(Exception):
    """The bundle is not what it claims to be: a reason code, a place, and what was found."""

    def __init__(self, code: str, place: str, found: str = "") -> None:
        super().__init__(code, place, found)
        self.code, self.place, self.found = code, place, found


class UnreadableError(FailedError):
    """Nothing can be said about the bundle, good or bad."""


@dataclass
class Report:
    """What was found. `place` and `detail` are set when the verdict is FAILED or UNREADABLE."""

    verdict: str = UNREADABLE
    code: str = ""
    place: str = ""
    detail: str = ""
    origin: str = ""
    entries: int = 0
    root: str = ""
    checked: list[str] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    not_proven: list[str] = field(default_factory=list)
    disclosed: int = 0
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None

    def cannot_check(self, code: str, what: str) -> None:
        """Remember something that keeps the verdict from being VERIFIED."""
        self.unchecked.append((code, what))

    @property
    def exit_code(self) -> int:
        """0 verified, 1 failed, 2 self-consistent, 3 partial, 4 unreadable."""
        return EXIT_CODES[self.verdict]

    def headline(self) -> str:
        """Return the verdict in one line."""
        if self.verdict in (FAILED, UNREADABLE):
            found = f" ({self.detail})" if self.detail else ""
            return f"{self.verdict} {self.code} at {self.place}: {REASONS[self.code]}{found}"
        if self.verdict == PARTIAL:
            codes = ", ".join(sorted({code for code, _ in self.unchecked}))
            return f"{PARTIAL} {codes}: signed and unchanged, but not everything could be checked"
        if self.verdict == SELF_CONSISTENT:
            return f"{SELF_CONSISTENT} no-outside-key: agrees with itself; says nothing about who"
        if self.disclosed:
            return f"{VERIFIED}: the disclosed entries stand in the log, unchanged, signed, stamped"
        return f"{VERIFIED}: complete, in order, unchanged, signed, and at the times it says"

    def text(self) -> str:
        """Return the report in plain words, the verdict first."""
        lines = [self.headline(), ""]
        if self.origin:
            lines += [f"Log:     {self.origin}", f"Entries: {self.entries}"]
            lines += [f"Root:    {self.root}", ""]
        blocks = (
            ("Checked:", self.checked),
            ("Could not be checked:", [f"{code}: {words}" for code, words in self.unchecked]),
            ("Worth knowing:", self.warnings),
            ("Not proven:", self.not_proven),
        )
        for title, items in blocks:
            if items:
                lines += [title, *(f"  - {item}" for item in items), ""]
        return "\n".join(lines)

    def to_json(self) -> str:
        """Return the report as JSON."""
        names = ("verdict", "code", "place", "detail", "origin", "entries", "root", "checked")
        body: dict[str, Any] = {name: getattr(self, name) for name in names}
        body["exit_code"] = self.exit_code
        body["unchecked"] = [{"code": code, "what": words} for code, words in self.unchecked]
        body["warnings"], body["not_proven"] = self.warnings, self.not_proven
        return json.dumps(body, indent=2)


@dataclass(frozen=True)
class Outside:
    """What the verifying person brings along, from outside the bundle."""

    trusted: list[Key]
    known: Note | None = None
    min_size: int | None = None
    tsa_ca: Path | None = None
    origin: str | None = None
    strict: bool = False


# --- The bundle as a set of files ------------------------------------------------------------


class Source(Protocol):
    """The files of a bundle, by name, with their sizes."""

    files: dict[str, int]

    def open(self, name: str) -> BinaryIO:
        """Open one of `files`."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class Folder:
    """A bundle in a folder. Names are checked, links refused, before anything is opened."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, int] = {}
        self._scan(str(root), "")
        _no_case_twins(self.files)

    def _scan(self, folder: str, prefix: str) -> None:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
        for item in items:
            name = prefix + item.name
            if item.is_symlink():
                raise FailedError("bag-symlink", ascii(name))
            _safe_name(name)
            if item.is_dir(follow_symlinks=False):
                self._scan(item.path, name + "/")
            elif item.is_file(follow_symlinks=False):
                self.files[name] = item.stat(follow_symlinks=False).st_size
            else:
                raise FailedError("bag-special-file", name)

    def open(self, name: str) -> BinaryIO:
        """Open one of `files`."""
        return (self.root / name).open("rb")

    def close(self) -> None:
        """Nothing stays open."""


class StoredZip:
    """A bundle in a ZIP without compression, read in place and never extracted."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise UnreadableError("not-a-bundle", ascii(path.name), str(error)) from error
        self.files: dict[str, int] = {}
        self.prefix = ""
        for item in self.archive.infolist():
            self._add(item)
        # Stored members can't add up to more than the file, unless some of them overlap.
        if sum(self.files.values()) > path.stat().st_size:
            raise FailedError("zip-unsafe", ascii(path.name), "members overlap")
        tops = {name.partition("/")[0] for name in self.files}
        if "bagit.txt" not in self.files and len(tops) == 1:
            self.prefix = tops.pop() + "/"
            size = len(self.prefix)
            self.files = {name[size:]: length for name, length in self.files.items()}
        _no_case_twins(self.files)

    def _add(self, item: zipfile.ZipInfo) -> None:
        name, mode = item.filename, item.external_attr >> 16
        if item.orig_filename != name:
            raise FailedError("bag-unsafe-name", ascii(item.orig_filename))
        if item.is_dir():
            _safe_name(name[:-1])
            return
        _safe_name(name)
        if stat.S_ISLNK(mode):
            raise FailedError("bag-symlink", name)
        if name in self.files:
            raise FailedError("zip-unsafe", name, "two members of one name")
        stored = item.compress_type == zipfile.ZIP_STORED and not item.flag_bits & 1
        if not stored or item.compress_size != item.file_size:
            raise FailedError("zip-unsafe", name, "compressed, encrypted, or of two sizes")
        self.files[name] = item.file_size

    def open(self, name: str) -> BinaryIO:
        """Open one of `files`."""
        handle: Any = self.archive.open(self.prefix + name)
        opened: BinaryIO = handle
        return opened

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()


def _open_source(path: Path) -> Source:
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return StoredZip(path)
    raise UnreadableError("not-found", ascii(str(path)))


def _safe_name(name: str) -> str:
    if not _SAFE_NAME.fullmatch(name):
        raise FailedError("bag-unsafe-name", ascii(name))
    return name


def _no_case_twins(names: dict[str, int]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise FailedError("bag-unsafe-name", name, "differs from another name only in case")
        seen.add(name.lower())


def _read(source: Source, name: str, limit: int, code: str) -> bytes:
    if name not in source.files:
        raise FailedError("bag-file-missing", name)
    with source.open(name) as handle:
        data = handle.read(limit + 1)
    if len(data) > limit:
        raise FailedError(code, name, f"more than {limit} bytes")
    return data


def _digest(source: Source, name: str, report: Report) -> str:
    digest, done = hashlib.sha256(), 0
    with source.open(name) as handle:
        chunk = handle.read(CHUNK)
        while chunk:
            digest.update(chunk)
            done += len(chunk)
            report.progress(name, done, source.files[name])
            chunk = handle.read(CHUNK)
    return digest.hexdigest()


# --- BagIt (RFC 8493) ------------------------------------------------------------------------


def _check_bag(source: Source, report: Report) -> dict[str, str]:
    """Every file is named by a manifest, has its digest, and stands where the format allows.

    Return the digests of the payload, which are true from here on.
    """
    if "bagit.txt" not in source.files:
        raise UnreadableError("not-a-bundle", "bagit.txt", "no such file")
    if "fetch.txt" in source.files:
        raise FailedError("bag-fetch", "fetch.txt")
    if _read(source, "bagit.txt", 1024, "bag-declaration") != DECLARATION:
        raise FailedError("bag-declaration", "bagit.txt")
    payload = _manifest(source, MANIFEST)
    tags = _manifest(source, TAGMANIFEST)
    outside = {TAGMANIFEST, SEAL_TOKEN}
    _compare(payload, {name for name in source.files if name.startswith("data/")})
    _compare(tags, {name for name in source.files if not name.startswith("data/")} - outside)
    for name in sorted(payload):
        _check_place(name)
    for name, digest in sorted({**tags, **payload}.items()):
        if _digest(source, name, report) != digest:
            raise FailedError("bag-file-changed", name)
    _check_oxum(source, payload)
    report.checked.append(f"{len(payload) + len(tags)} files have the digests of the manifests")
    return payload


def _manifest(source: Source, manifest: str) -> dict[str, str]:
    data = _read(source, manifest, MAX_MANIFEST_BYTES, "bag-manifest-malformed")
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise FailedError("bag-manifest-malformed", manifest, "not ASCII") from error
    if "\r" in text or not text.endswith("\n"):
        raise FailedError("bag-manifest-malformed", manifest, "line ends")
    digests: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        match = _MANIFEST_LINE.fullmatch(line)
        if not match:
            raise FailedError("bag-manifest-malformed", f"{manifest} line {number}")
        digest, name = match.groups()
        _safe_name(name)
        if name in digests:
            raise FailedError("bag-manifest-duplicate", f"{manifest} line {number}", name)
        digests[name] = digest
    return digests


def _compare(listed: dict[str, str], present: set[str]) -> None:
    for name in sorted(listed):
        if name not in present:
            raise FailedError("bag-file-missing", name)
    for name in sorted(present):
        if name not in listed:
            raise FailedError("bag-file-extra", name)


def _check_place(name: str) -> None:
    """Refuse files in data/log, data/artifacts and data/private that the format doesn't know."""
    if name.startswith(ARTIFACTS):
        if not _HEX64.fullmatch(name[len(ARTIFACTS) :]):
            raise FailedError("artifact-name", name)
        return
    known = name in (ENTRIES, OPENINGS) or _CHECKPOINT_NAME.fullmatch(name)
    known = known or _DISCLOSED_NAME.fullmatch(name)
    if name.startswith(("data/log/", "data/private/", DISCLOSED)) and not known:
        raise FailedError("bag-file-extra", name)


def _check_oxum(source: Source, payload: dict[str, str]) -> None:
    info = _read(source, "bag-info.txt", 1 << 16, "bag-oxum").decode("utf-8", "replace")
    octets = sum(source.files[name] for name in payload)
    if f"Payload-Oxum: {octets}.{len(payload)}" not in info.split("\n"):
        raise FailedError("bag-oxum", "bag-info.txt", f"counted {octets}.{len(payload)}")


# --- Strict JSON -----------------------------------------------------------------------------


class _JsonError(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _JsonError("json-duplicate-key")
    if not all(key.isascii() and key.isprintable() for key in value):
        raise _JsonError("json-not-canonical")
    return value


def _no_number(_text: str) -> NoReturn:
    raise _JsonError("json-number")


@lru_cache(maxsize=256)
def _integer(text: str) -> int:
    # The length first: turning 5,000 digits into an int is itself an attack.
    if len(text) > len(str(-MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise _JsonError("json-number")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_no_number, parse_constant=_no_number, parse_int=_integer
)
_PLAIN_DECODER = json.JSONDecoder(
    parse_float=_no_number, parse_constant=_no_number, parse_int=_integer
)
# What was decoded from a line can't hold itself, so nobody needs to look for that.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


def _decode(line: bytes, place: str) -> Any:
    """Return the value of a canonical line; anything else fails with its own reason."""
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        # A line with few brackets can't be deep; counting them is cheap.
        brackets = line.count(b"[") + line.count(b"{")
        deep = _depth(value) > MAX_DEPTH if brackets > MAX_DEPTH else False
        same = _ENCODER.encode(value).encode("utf-8") == line
    except _JsonError as error:
        raise FailedError(error.code, place) from error
    except RecursionError as error:
        raise FailedError("json-depth", place) from error
    except ValueError as error:
        raise FailedError("json-syntax", place) from error
    if deep or not same:
        raise FailedError("json-depth" if deep else "json-not-canonical", place)
    return value


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(item) for item in value), default=0)
    return 0


def _lines(source: Source, name: str, limit: int, code: str) -> Iterator[tuple[str, bytes]]:
    """Yield place and line (without newline), one in memory at a time."""
    with source.open(name) as handle:
        number = 0
        while True:
            line = handle.readline(limit + 2)
            if not line:
                return
            number += 1
            place = f"{name} line {number}"
            content = line.rstrip(b"\n")
            if len(content) > limit:
                raise FailedError(code, place)
            if len(content) == len(line):
                raise FailedError("entry-truncated", place)
            yield place, content


# --- Ed25519 (RFC 8032 section 5.1), signed notes (C2SP) -------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _recover_x(y: int, sign: int) -> int | None:
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _decompress(data: bytes) -> _Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _recover_x(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _recover_x(_BASE_Y, 0) or 0
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def ed25519_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is valid: encode([S]B - [h]A) == R, with S below the order."""
    point = _decompress(key) if len(key) == KEY_BYTES else None
    if point is None or len(signature) != SIGNATURE_BYTES:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(digest, "little") % _ORDER
    minus = (_P - point[0], point[1], 1, _P - point[3])
    both = _add(_BASE, minus)
    total: _Point = (0, 1, 1, 0)
    for bit in range(255, -1, -1):
        total = _add(total, total)
        pair = (scalar >> bit & 1, factor >> bit & 1)
        if pair != (0, 0):
            total = _add(total, both if pair == (1, 1) else _BASE if pair[0] else minus)
    inverse = pow(total[2], _P - 2, _P)
    x, y = total[0] * inverse % _P, total[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


@dataclass(frozen=True)
class Key:
    """An Ed25519 verifying key with its name."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name LF 0x01 key)."""
        text = self.name.encode() + b"\n\x01" + self.public
        return hashlib.sha256(text).digest()[:4]


def _parse_key(text: Any) -> Key | None:
    parts = text.strip().split("+", 2) if isinstance(text, str) else []
    if len(parts) != 3 or not _KEY_NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name+id+key
        return None
    data = _base64(parts[2])
    key = Key(parts[0], data[1:])
    if len(data) != 1 + KEY_BYTES or data[:1] != b"\x01" or key.key_id.hex() != parts[1]:
        return None
    return key


def _base64(text: str) -> bytes:
    """Decode canonical base64; empty bytes when it isn't."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if base64.b64encode(data).decode() == text else b""


@dataclass(frozen=True)
class Note:
    """A checkpoint: origin, size, root, the signed bytes, and its signature lines."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signers(self, keys: Sequence[Key], place: str) -> list[Key]:
        """Return the keys that signed; a bad signature of a known key fails the whole note."""
        signed = []
        for name, key_id, signature in self.signatures:
            for key in keys:
                if (key.name, key.key_id) != (name, key_id):
                    continue
                if not ed25519_verify(key.public, self.text, signature):
                    raise FailedError("signature-bad", place, f"key {name!a}")
                signed.append(key)
        return signed


def _parse_note(data: bytes, place: str, *, unsigned: bool = False) -> Note:
    """Read a note: three lines, a blank line, signature lines; or only the three lines."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FailedError("note-malformed", place, "not UTF-8") from error
    if len(data) > MAX_NOTE_BYTES or re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise FailedError("note-malformed", place, "too large, or a control character")
    head, gap, tail = text.partition("\n\n")
    if not gap and unsigned:
        head = text.rstrip("\n")
    elif not tail.endswith("\n"):
        raise FailedError("note-malformed", place, "no signature lines, or no final newline")
    lines = head.split("\n")
    if len(lines) != 3 or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004 - origin, size, root
        raise FailedError("note-malformed", place, "not the lines origin, size, root")
    root = _base64(lines[2])
    if len(root) != HASH_BYTES or not lines[0]:
        raise FailedError("note-malformed", place, "origin or root")
    signatures = [_parse_signature(line, place) for line in tail[:-1].split("\n") if gap]
    if len(signatures) > MAX_SIGNATURES:
        raise FailedError("note-malformed", place, f"more than {MAX_SIGNATURES} signatures")
    signed = (head + "\n").encode()
    return Note(lines[0], int(lines[1]), root, signed, tuple(signatures))


def _parse_signature(line: str, place: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = _base64(encoded)
    if dash != "\u2014" or not _KEY_NAME.fullmatch(name) or len(data) <= 4:  # noqa: PLR2004
        raise FailedError("note-malformed", place, "signature line")
    return name, data[:4], data[4:]


# --- Entries ---------------------------------------------------------------------------------


@dataclass
class Segment:
    """Earliest and latest time between two time stamps, and where they stand."""

    first: tuple[datetime, int] = (datetime.max, 0)  # noqa: DTZ901 - UTC, naive
    last: tuple[datetime, int] = (datetime.min, 0)  # noqa: DTZ901 - UTC, naive
    plain: bool = True

    def add(self, ts: datetime, seq: int, event: str) -> None:
        """Take one entry in."""
        if ts < self.first[0]:
            self.first = (ts, seq)
        if ts > self.last[0]:
            self.last = (ts, seq)
        self.plain = self.plain and event in UNANCHORED_TAIL


@dataclass
class Log:
    """What is kept of the entries while they stream by."""

    wanted: set[int]
    cuts: list[int]
    origin: str = ""
    size: int = 0
    prev: str = "0" * 64
    stack: list[bytes] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    keys: list[tuple[int, Key]] = field(default_factory=list)
    max_lag: timedelta = timedelta(0)
    artifacts: dict[str, tuple[int, bool]] = field(default_factory=dict)
    erased: dict[tuple[int, str], int] = field(default_factory=dict)
    commitments: int = 0
    segments: list[Segment] = field(default_factory=list)
    latest: datetime | None = None
    backward: list[int] = field(default_factory=list)
    steps_back: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    against_hold: list[tuple[int, str]] = field(default_factory=list)

    def root(self) -> bytes:
        """Return the Merkle root over all entries so far (RFC 6962)."""
        node = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node

    def push(self, leaf: bytes) -> None:
        """Append a leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = hashlib.sha256(b"\x01" + self.stack.pop() + node).digest()
            size >>= 1
        self.stack.append(node)
        self.size += 1
        self.prev = leaf.hex()
        if self.size in self.wanted:
            self.roots[self.size] = self.root()


def _read_entries(source: Source, log: Log, report: Report) -> None:
    log.segments = [Segment() for _ in range(len(log.cuts) + 1)]
    if ENTRIES not in source.files:
        raise FailedError("bag-file-missing", ENTRIES)
    done = 0
    for place, line in _lines(source, ENTRIES, MAX_ENTRY_BYTES, "entry-too-long"):
        entry = _plain_entry(line)
        if entry is None:
            entry = _decode(line, place)
            _check_form(entry, place)
        _check_links(entry, log, place)
        _take_content(entry, log, place)
        ts = _time(entry["ts"], place)
        if log.latest is not None and ts < log.latest:
            log.backward += [log.size] if log.steps_back < SHOWN else []
            log.steps_back += 1
        log.latest = ts
        log.segments[bisect_right(log.cuts, log.size)].add(ts, log.size, entry["event"])
        log.push(hashlib.sha256(b"\x00" + line).digest())
        done += len(line) + 1
        if not log.size & 1023:
            report.progress("entries", done, source.files[ENTRIES])
    if not log.size:
        raise FailedError("log-empty", ENTRIES)


def _plain_entry(line: bytes) -> dict[str, Any] | None:
    """Return the entry if one look shows its form to be right; None if it takes a closer one.

    Where it returns an entry, `_decode` and `_check_form` would have passed the same; they take
    three times as long.
    """
    match = _PLAIN_ENTRY.fullmatch(line.decode("utf-8", "replace"))
    if match is None:
        return None
    actor, data, event, origin, pd, prev, seq, ts = match.groups()
    if event not in VOCABULARY or not _is_origin(origin):
        return None
    entry = {
        "v": 1,
        "log": origin,
        "seq": int(seq),
        "prev": prev,
        "ts": ts,
        "event": event,
        "actor": actor,
    }
    for name, text in (("data", data), ("pd", pd)):
        if text is not None:
            entry[name] = _plain_object(text)
            if entry[name] is None:
                return None
    return entry


def _plain_object(text: str) -> Any:
    """Return the value of `text`, which has no odd characters; None if it isn't canonical.

    A key that stands twice would be missing from what is encoded again.
    """
    try:
        value = _PLAIN_DECODER.raw_decode(text)[0]
    except ValueError:
        return None
    if _ENCODER.encode(value) != text:
        return None
    return value


def _check_form(entry: Any, place: str) -> None:
    """Keys, types and formats of one entry."""
    if not isinstance(entry, dict):
        raise FailedError("entry-keys", place, "not an object")
    keys = set(entry)
    if not REQUIRED_KEYS <= keys <= REQUIRED_KEYS | OPTIONAL_KEYS:
        odd = sorted((REQUIRED_KEYS - keys) | (keys - REQUIRED_KEYS - OPTIONAL_KEYS))
        raise FailedError("entry-keys", place, ", ".join(ascii(key[:40]) for key in odd))
    right = {
        "v": type(entry["v"]) is int and entry["v"] == 1,
        "log": _is_text(entry["log"]) and _is_origin(entry["log"]),
        "seq": type(entry["seq"]) is int and entry["seq"] >= 0,
        "prev": _is_hex(entry["prev"]),
        "event": isinstance(entry["event"], str),
        "actor": _is_text(entry["actor"]),
        "data": _is_filled(entry.get("data", {"": 0}), dict),
        "pd": _is_filled(entry.get("pd", {"": 0}), dict),
        "artifacts": _is_filled(entry.get("artifacts", [0]), list),
    }
    for key, good in right.items():
        if not good:
            raise FailedError("entry-value", place, key)
    for name, commitment in entry.get("pd", {}).items():
        if not _PD_NAME.fullmatch(name) or not _is_hex(commitment):
            raise FailedError("entry-value", place, "pd")
    if not all(_is_artifact(item) for item in entry.get("artifacts", ())):
        raise FailedError("entry-value", place, "artifacts")
    if entry["event"] not in VOCABULARY:
        raise FailedError("entry-event-unknown", place, ascii(entry["event"][:80]))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


@lru_cache(maxsize=16)
def _is_origin(text: str) -> bool:
    return bool(_ORIGIN.fullmatch(text))


def _is_hex(value: Any) -> bool:
    return isinstance(value, str) and bool(_HEX64.fullmatch(value))


def _is_filled(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and bool(value)


def _is_artifact(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and set(item) == {"sha256", "size"}
        and _is_hex(item["sha256"])
        and type(item["size"]) is int
        and item["size"] >= 0
    )


def _time(text: Any, place: str) -> datetime:
    """Read a ts as a naive UTC datetime; :60 and February 30 are refused."""
    if not isinstance(text, str) or not _TS.fullmatch(text):
        raise FailedError("entry-time", place)
    try:
        return datetime.fromisoformat(text[:-1])
    except ValueError as error:
        raise FailedError("entry-time", place, str(error)) from error


def _check_links(entry: dict[str, Any], log: Log, place: str) -> None:
    """Number, chain, log, and log.opened first and only there."""
    if entry["seq"] != log.size:
        raise FailedError("seq-mismatch", place, f"found {entry['seq']}, expected {log.size}")
    if log.size == 0:
        log.origin = entry["log"]
    if entry["log"] != log.origin:
        raise FailedError("entry-log", place, entry["log"])
    if entry["prev"] != log.prev:
        raise FailedError("prev-mismatch", place)
    if log.size == 0 and entry["event"] != "log.opened":
        raise FailedError("genesis-missing", place)
    if log.size > 0 and entry["event"] == "log.opened":
        raise FailedError("genesis-repeated", place)


def _take_content(entry: dict[str, Any], log: Log, place: str) -> None:
    """Remember keys, artifacts and erasures; read the settings of the log from its first entry."""
    event, data = entry["event"], entry.get("data", {})
    if event == "log.opened":
        _take_genesis(data, log, place)
    elif event == "key.rotated":
        key = _parse_key(data.get("vkey"))
        if key is None:
            raise FailedError("entry-value", place, "vkey")
        log.keys.append((log.size, key))
    elif event == "personal_data.erased":
        _take_erasure(data, log, place)
    elif event in ("hold.placed", "hold.released"):
        log.holds[str(data.get("hold", ""))] = int(event == "hold.placed")
    if event in ERASING and any(log.holds.values()):
        log.against_hold += [(log.size, event)] if len(log.against_hold) < SHOWN else []
    log.commitments += len(entry.get("pd", ()))
    for item in entry.get("artifacts", ()):
        size = log.artifacts.get(item["sha256"], (item["size"], False))[0]
        if size != item["size"]:
            raise FailedError("artifact-size", place, "two sizes for one digest")
        # The last entry that lists an artifact decides whether it must still be there.
        log.artifacts[item["sha256"]] = (size, event == "evidence.disposed")


def _take_genesis(data: dict[str, Any], log: Log, place: str) -> None:
    known: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("hash", ("sha-256",)),
        ("profile", (1,)),
        ("vocabulary", (1, 2, 3)),
    )
    for name, values in known:
        if name not in data:
            raise FailedError("genesis-invalid", place, name)
        if data[name] not in values or type(data[name]) is not type(values[0]):
            raise UnreadableError("format-unsupported", place, f"{name} {ascii(data[name])[:40]}")
    lag, key = data.get("max_lag_seconds"), _parse_key(data.get("vkey"))
    if type(lag) is not int or not 0 < lag <= 10**9:
        raise FailedError("genesis-invalid", place, "max_lag_seconds")
    if key is None:
        raise FailedError("genesis-invalid", place, "vkey")
    if not isinstance(data.get("tsa"), list):
        raise FailedError("genesis-invalid", place, "tsa")
    log.max_lag = timedelta(seconds=lag)
    log.keys.append((0, key))


def _take_erasure(data: dict[str, Any], log: Log, place: str) -> None:
    seq, names = data.get("seq"), data.get("names")
    good = type(seq) is int and 0 <= seq < log.size and _is_filled(names, list)
    if not good or not all(isinstance(name, str) for name in names or ()):
        raise FailedError("erasure-unknown", place)
    for name in names or ():
        log.erased[(int(seq or 0), name)] = log.size


# --- Checkpoints -----------------------------------------------------------------------------


def _read_checkpoints(source: Source) -> dict[int, Note]:
    notes: dict[int, Note] = {}
    for name in sorted(source.files):
        match = _CHECKPOINT_NAME.fullmatch(name)
        if match and match.group(2) == "txt":
            note = _parse_note(_read(source, name, MAX_NOTE_BYTES, "note-malformed"), name)
            if note.size != int(match.group(1)):
                raise FailedError("checkpoint-size", name, f"holds size {note.size}")
            notes[note.size] = note
        elif match and name[:-4] + ".txt" not in source.files:
            raise FailedError("token-without-checkpoint", name)
    if not notes:
        raise FailedError("checkpoint-missing", CHECKPOINTS)
    return notes


def _check_checkpoints(log: Log, notes: dict[int, Note], trusted: list[Key]) -> None:
    """Root and signatures of every checkpoint; trust moves forward through key.rotated only."""
    place = ""
    signed_by_trusted = False
    for size, note in sorted(notes.items()):
        place = f"{CHECKPOINTS}{size:012d}.txt"
        if note.origin != log.origin:
            raise FailedError("checkpoint-origin", place, ascii(note.origin[:MAX_TEXT]))
        if size > log.size:
            found = f"covers {size} entries, there are {log.size}"
            raise FailedError("checkpoint-beyond-log", place, found)
        if log.roots[size] != note.root:
            raise FailedError("root-mismatch", place)
        declared = [key for seq, key in log.keys if seq < size]
        signers = note.signers(list(dict.fromkeys(trusted + declared)), place)
        if not signers:
            raise FailedError("signature-untrusted", place, "no known key signed")
        signed_by_trusted = any(key in trusted for key in signers)
        if signed_by_trusted:
            trusted.extend(key for key in declared[1:] if key not in trusted)
    if max(notes) < log.size:
        found = f"{log.size - max(notes)} entries after {place}"
        raise FailedError("unsigned-tail", ENTRIES, found)
    if trusted and not signed_by_trusted:
        raise FailedError("signature-untrusted", place, "not signed by the key given")


def _check_known(log: Log, outside: Outside) -> None:
    """The log is at least as long as it was known to be, and begins with what was known."""
    known, least = outside.known, outside.min_size
    if least is not None and log.size < least:
        raise FailedError("log-cut", ENTRIES, f"{log.size} entries, known to have {least}")
    if known is None:
        return
    place = "known checkpoint"
    known.signers(outside.trusted, place)
    if known.origin != log.origin:
        raise FailedError("checkpoint-origin", place, ascii(known.origin[:MAX_TEXT]))
    if known.size > log.size:
        raise FailedError("log-cut", ENTRIES, f"{log.size} entries, known to have {known.size}")
    if log.roots[known.size] != known.root:
        raise FailedError("known-checkpoint-mismatch", place)


# --- Artifacts and openings ------------------------------------------------------------------


def _check_artifacts(source: Source, payload: dict[str, str], log: Log, report: Report) -> None:
    """Each artifact is there, whole, and known to the log. `payload` holds the true digests."""
    present = {name[len(ARTIFACTS) :] for name in source.files if name.startswith(ARTIFACTS)}
    for digest in sorted(present):
        if digest not in log.artifacts:
            raise FailedError("artifact-extra", ARTIFACTS + digest)
    disposed = 0
    for digest, (size, gone) in sorted(log.artifacts.items()):
        name = ARTIFACTS + digest
        if digest not in present:
            if not gone:
                raise FailedError("artifact-missing", name)
            disposed += 1
            continue
        if source.files[name] != size:
            raise FailedError("artifact-size", name, f"{source.files[name]}, logged {size}")
        if payload[name] != digest:
            raise FailedError("artifact-digest", name)
    report.checked.append(f"{len(present)} artifacts are the content that the log names")
    if disposed:
        report.warnings.append(f"{disposed} artifacts were disposed of, as the log records")


def _check_openings(source: Source, log: Log, report: Report) -> None:
    """Second pass over the entries, beside the openings: both are in order of seq."""
    opened = 0
    erased = dict(log.erased)
    openings = _openings(source, log)
    current = next(openings, None)
    if current is not None or erased:
        for _, line in _lines(source, ENTRIES, MAX_ENTRY_BYTES, "entry-too-long"):
            if b'"pd":{' not in line:
                continue
            entry = json.loads(line)
            seq, commitments = entry["seq"], entry.get("pd", {})
            for name in commitments:
                erased.pop((seq, name), None)
            while current is not None and current[1] == seq:
                _check_opening(current, commitments)
                opened += 1
                current = next(openings, None)
            if current is not None and current[1] < seq:
                break
    if current is not None:
        raise FailedError("opening-without-commitment", current[0])
    for (seq, name), by in sorted(erased.items()):
        raise FailedError("erasure-unknown", f"{ENTRIES} line {by + 1}", f"{seq} {name[:64]!a}")
    report.checked.append(
        f"{opened} of {log.commitments} personal values are disclosed and fit their commitments; "
        f"{len(log.erased)} were erased on record"
    )


_Opening = tuple[str, int, str, str, bytes]


def _openings(source: Source, log: Log) -> Iterator[_Opening]:
    """Yield place, seq, name, salt and canonical value, strictly ascending and never erased."""
    if OPENINGS not in source.files:
        return
    before = (-1, "")
    for place, line in _lines(source, OPENINGS, MAX_OPENING_BYTES, "opening-malformed"):
        item = _decode(line, place)
        if not isinstance(item, dict) or set(item) != OPENING_KEYS:
            raise FailedError("opening-malformed", place)
        seq, name = item["seq"], item["name"]
        if type(seq) is not int or not isinstance(name, str) or not _is_hex(item["salt"]):
            raise FailedError("opening-malformed", place)
        if (seq, name) <= before:
            raise FailedError("opening-order", place)
        if (seq, name) in log.erased:
            raise FailedError("opening-erased", place)
        before = (seq, name)
        yield place, seq, name, item["salt"], _ENCODER.encode(item["value"]).encode("utf-8")


def _check_opening(opening: _Opening, commitments: dict[str, str]) -> None:
    place, _, name, salt, value = opening
    if name not in commitments:
        raise FailedError("opening-without-commitment", place)
    digest = hashlib.sha256(b"pd1\x00" + bytes.fromhex(salt) + value).hexdigest()
    if digest != commitments[name]:
        raise FailedError("opening-mismatch", place)


# --- Time (RFC 3161) -------------------------------------------------------------------------


class _TokenUnreadableError(ValueError):
    pass


@dataclass(frozen=True)
class _Openssl:
    """The openssl program, and the roots to trust."""

    program: str
    roots: Path

    def run(self, args: list[str], work: Path) -> subprocess.CompletedProcess[bytes]:
        command = [self.program, "ts", *args]
        return subprocess.run(  # noqa: S603 - a fixed command, no shell
            command, cwd=work, capture_output=True, check=False, timeout=60
        )


def _check_time(source: Source, log: Log, outside: Outside, report: Report) -> None:
    """Verify the time stamps and hold the entries' times against them (the time sandwich)."""
    program, count = shutil.which("openssl"), len(log.cuts)
    if not count:
        what = "there are no time stamps; every time is the word of the recording system"
        return report.cannot_check("no-trusted-time", what)
    if outside.tsa_ca is None:
        what = f"{count} time stamps: give the authorities' root certificates with --tsa-ca"
        return report.cannot_check("no-tsa-ca", what)
    if program is None:
        return report.cannot_check("no-openssl", f"{count} time stamps: install openssl")
    openssl = _Openssl(program, outside.tsa_ca.resolve())
    times: list[tuple[int, datetime]] = []
    for size in log.cuts:
        name = f"{CHECKPOINTS}{size:012d}"
        time = _token_time(source, f"{name}.txt", f"{name}.tsr", openssl, report)
        if time is not None:
            times.append((size, time))
    if SEAL_TOKEN in source.files:
        _token_time(source, TAGMANIFEST, SEAL_TOKEN, openssl, report)
    _check_pauses(log, times, report)
    return _sandwich(log, times, strict=outside.strict, report=report)


def _token_time(
    source: Source, name: str, token: str, openssl: _Openssl, report: Report
) -> datetime | None:
    """Return the time of a good token; None, and a line in the report, if it can't be read."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        work = Path(folder)
        (work / "data").write_bytes(_read(source, name, MAX_MANIFEST_BYTES, "note-malformed"))
        (work / "reply").write_bytes(_read(source, token, MAX_TOKEN_BYTES, "token-invalid"))
        try:
            time, algorithm = _token_content(work, openssl)
        except ValueError:
            report.cannot_check("token-unreadable", f"openssl can't read {token}")
            return None
        if algorithm not in ("sha256", "sha384", "sha512"):
            raise FailedError("token-weak-hash", token, ascii(algorithm[:40]))
        # At the time of the stamp, because authorities' certificates expire and stamps must not.
        at = str(int(time.replace(tzinfo=timezone.utc).timestamp()))  # noqa: UP017 - Python 3.9
        args = ["-verify", "-in", "reply", "-data", "data", "-CAfile", str(openssl.roots)]
        done = openssl.run([*args, "-attime", at], work)
        if done.returncode != 0:
            lines = done.stderr.decode("ascii", "replace").strip().splitlines() or [""]
            raise FailedError("token-invalid", token, ascii(lines[-1][-120:]))
    return time


def _token_content(work: Path, openssl: _Openssl) -> tuple[datetime, str]:
    """Return time and hash algorithm of the signed part.

    The reply's status text isn't signed and could imitate the printed fields, so the token is
    taken out first, and every field must be printed exactly once.
    """
    openssl.run(["-reply", "-in", "reply", "-token_out", "-out", "token"], work)
    shown = openssl.run(["-reply", "-in", "token", "-token_in", "-text"], work)
    text = shown.stdout.decode("ascii", "replace")
    times, hashes = _TOKEN_TIME.findall(text), _TOKEN_HASH.findall(text)
    if (len(times), len(hashes)) != (1, 1):
        raise _TokenUnreadableError
    month, day, clock, fraction, year = times[0]
    number = _MONTHS.index(month) + 1
    stamp = f"{year}-{number:02d}-{int(day):02d}T{clock}.{(fraction or '.0')[1:]:0<6}"
    return datetime.fromisoformat(stamp), hashes[0]


def _sandwich(log: Log, times: list[tuple[int, datetime]], *, strict: bool, report: Report) -> None:
    """Entries before size N were made by its time G, those from N on not before, none late."""
    before = done = 0
    for size, time in times:
        stamp = f"{CHECKPOINTS}{size:012d}.tsr"
        covered = log.segments[: log.cuts.index(size) + 1]
        for part in covered:
            if part.last[0] > time + SKEW:
                raise FailedError("time-after-token", f"{ENTRIES} line {part.last[1] + 1}", stamp)
        for part in log.segments[len(covered) :]:
            if part.first[0] < time - SKEW:
                raise FailedError("time-before-token", f"{ENTRIES} line {part.first[1] + 1}", stamp)
        for part in covered[done:]:
            if part.first[0] < time - log.max_lag:
                _late(log, part.first[1], stamp, strict=strict, report=report)
        before, done = size, len(covered)
    if not times:
        report.cannot_check("no-trusted-time", "no time stamp could be read")
        return
    report.checked.append(f"{len(times)} time stamps verify; the times of entries fit between them")
    if any(not part.plain for part in log.segments[done:]):
        words = f"the {log.size - before} entries after the last time stamp have no trusted time"
        report.cannot_check("time-tail", words)


def _check_pauses(log: Log, times: list[tuple[int, datetime]], report: Report) -> None:
    """Warn of a silence between stamps: a log that is alive is stamped even when idle."""
    for (_, earlier), (size, later) in zip(times, times[1:]):  # noqa: B905, RUF007 - Python 3.9
        if later - earlier > log.max_lag:
            hours = f"{(later - earlier).total_seconds() / 3600:.1f} h"
            report.warnings.append(f"no time stamp for {hours} before {CHECKPOINTS}{size:012d}.tsr")


def _late(log: Log, seq: int, stamp: str, *, strict: bool, report: Report) -> None:
    hours = f"{log.max_lag.total_seconds() / 3600:g} h"
    place = f"{ENTRIES} line {seq + 1}"
    if strict:
        raise FailedError("time-late", place, f"stamped more than {hours} later by {stamp}")
    words = f"{place} was first stamped more than {hours} later, by {stamp}"
    report.cannot_check("time-late", words)


# --- Disclosure: single entries with their proofs (C2SP tlog-proof) ---------------------------


def _verify_disclosure(
    source: Source, payload: dict[str, str], outside: Outside, report: Report
) -> None:
    """Entries that are shown alone stand, exactly so, in the log that the checkpoint signs."""
    notes = _read_checkpoints(source)
    if len(notes) != 1:
        raise FailedError("proof-malformed", CHECKPOINTS, "not one checkpoint")
    (note,) = notes.values()
    name = f"{CHECKPOINTS}{note.size:012d}"
    report.origin, report.entries, report.root = note.origin, note.size, note.root.hex()
    _check_outside(note, f"{name}.txt", outside, report)
    log = Log(wanted=set(), cuts=[])
    shown = _read_disclosed(source, note, log)
    report.disclosed = len(shown)
    report.checked.append(f"{len(shown)} entries lead to the signed root by their proofs")
    _check_disclosed_files(source, payload, log, shown, report)
    time = _time_of_checkpoint(source, name, outside, report)
    for seq, entry in shown.items():
        place = f"{DISCLOSED}{seq:012d}.json"
        recorded = _time(entry["ts"], place)
        if time is not None and recorded > time + SKEW:
            raise FailedError("time-after-token", place, f"{name}.tsr")
    report.not_proven.append(
        f"what the other {note.size - len(shown)} entries say, and what was recorded later"
    )
    report.not_proven.append("that what was recorded was true, or that everything was recorded")
    report.verdict = PARTIAL if report.unchecked else VERIFIED
    if not outside.trusted:
        report.verdict, report.code = SELF_CONSISTENT, "no-outside-key"
        report.not_proven.append("who signed: give the verifying key with --vkey, from outside")


def _check_outside(note: Note, place: str, outside: Outside, report: Report) -> None:
    """The one checkpoint is signed by a key given, and isn't against what was known before."""
    signed = note.signers(outside.trusted, place)
    if outside.trusted and not signed:
        raise FailedError("signature-untrusted", place, "not signed by the key given")
    if outside.origin not in (None, note.origin):
        raise FailedError("origin-unexpected", place, ascii(note.origin[:MAX_TEXT]))
    if outside.min_size is not None and note.size < outside.min_size:
        found = f"{note.size} entries, known to have {outside.min_size}"
        raise FailedError("log-cut", place, found)
    known = outside.known
    if known is None:
        return
    known.signers(outside.trusted, "known checkpoint")
    if known.origin != note.origin:
        raise FailedError("checkpoint-origin", "known checkpoint", ascii(known.origin[:MAX_TEXT]))
    if known.size != note.size:
        what = f"the receipt is over {known.size} entries, the proofs over {note.size}"
        report.cannot_check("known-checkpoint-elsewhere", what)
    elif known.root != note.root:
        raise FailedError("known-checkpoint-mismatch", "known checkpoint")


def _read_disclosed(source: Source, note: Note, log: Log) -> dict[int, dict[str, Any]]:
    """Return the disclosed entries by number, each checked against its proof."""
    shown: dict[int, dict[str, Any]] = {}
    prev: tuple[int, str] | None = None
    for name in sorted(name for name in source.files if name.startswith(DISCLOSED)):
        stem = name.rpartition(".")[0]
        if name.endswith(".tlog-proof"):
            if f"{stem}.json" not in source.files:
                raise FailedError("proof-without-entry", name)
            continue
        line = _read(source, name, MAX_ENTRY_BYTES + 1, "entry-too-long")
        if not line.endswith(b"\n"):
            raise FailedError("entry-truncated", name)
        entry = _decode(line[:-1], name)
        _check_form(entry, name)
        seq, leaf = int(stem[-12:]), hashlib.sha256(b"\x00" + line[:-1]).digest()
        if entry["seq"] != seq:
            raise FailedError("seq-mismatch", name, f"found {entry['seq']}")
        if entry["log"] != note.origin:
            raise FailedError("entry-log", name, entry["log"])
        _check_proof(source, f"{stem}.tlog-proof", note, seq, leaf)
        if prev and prev[0] == seq - 1 and entry["prev"] != prev[1]:
            raise FailedError("prev-mismatch", name)
        log.size, prev = seq, (seq, leaf.hex())
        _take_content(entry, log, name)
        shown[seq] = entry
    return shown


def _check_proof(source: Source, name: str, note: Note, seq: int, leaf: bytes) -> None:
    """RFC 9162 section 2.1.3.2, for a proof that carries the very checkpoint of the bundle."""
    data = _read(source, name, 2 * MAX_NOTE_BYTES, "proof-malformed")
    checkpoint = f"{CHECKPOINTS}{note.size:012d}.txt"
    head, _, carried = data.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    path = [_base64(line) for line in lines[2:]]
    good = lines[:2] == [_PROOF_HEAD, f"index {seq}"] and seq < note.size
    if not good or not all(len(node) == HASH_BYTES for node in path):
        raise FailedError("proof-malformed", name)
    if carried != _read(source, checkpoint, MAX_NOTE_BYTES, "note-malformed"):
        raise FailedError("proof-malformed", name, "another checkpoint than the bundle's")
    index, last, node = seq, note.size - 1, leaf
    for other in path:
        if last == 0:
            raise FailedError("proof-invalid", name, "too long")
        if index & 1 or index == last:
            node = hashlib.sha256(b"\x01" + other + node).digest()
            while not index & 1:  # index is last here, and above 0
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + other).digest()
        index, last = index >> 1, last >> 1
    if last or node != note.root:
        raise FailedError("proof-invalid", name)


def _check_disclosed_files(
    source: Source,
    payload: dict[str, str],
    log: Log,
    shown: dict[int, dict[str, Any]],
    report: Report,
) -> None:
    """Artifacts and openings that come along belong to the disclosed entries, and fit."""
    present = sorted(name for name in source.files if name.startswith(ARTIFACTS))
    for name in present:
        digest = name[len(ARTIFACTS) :]
        if digest not in log.artifacts:
            raise FailedError("artifact-extra", name)
        if source.files[name] != log.artifacts[digest][0]:
            raise FailedError("artifact-size", name, f"logged {log.artifacts[digest][0]}")
        if payload[name] != digest:
            raise FailedError("artifact-digest", name)
    opened = 0
    for opening in _openings(source, log):
        _check_opening(opening, shown.get(opening[1], {}).get("pd", {}))
        opened += 1
    report.checked.append(
        f"{len(present)} of {len(log.artifacts)} artifacts and {opened} of {log.commitments} "
        "personal values of these entries are disclosed and fit"
    )


def _time_of_checkpoint(
    source: Source, name: str, outside: Outside, report: Report
) -> datetime | None:
    """Return the time of the checkpoint's stamp; None, and a line in the report, without one."""
    program = shutil.which("openssl")
    if f"{name}.tsr" not in source.files:
        what = "there is no time stamp; every time is the word of the recording system"
        report.cannot_check("no-trusted-time", what)
    elif outside.tsa_ca is None:
        what = "give the authority's root certificates with --tsa-ca"
        report.cannot_check("no-tsa-ca", what)
    elif program is None:
        report.cannot_check("no-openssl", "install openssl to check the time stamp")
    else:
        openssl = _Openssl(program, outside.tsa_ca.resolve())
        time = _token_time(source, f"{name}.txt", f"{name}.tsr", openssl, report)
        if SEAL_TOKEN in source.files:
            _token_time(source, TAGMANIFEST, SEAL_TOKEN, openssl, report)
        if time is not None:
            report.checked.append(f"the entries existed at {time.isoformat()}Z, as stamped")
        return time
    return None


# --- The whole -------------------------------------------------------------------------------


def verify(
    path: str | Path,
    *,
    vkeys: Sequence[str] = (),
    known_checkpoint: bytes | None = None,
    min_size: int | None = None,
    tsa_ca: Path | None = None,
    origin: str | None = None,
    strict: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Verify the bundle at `path` (a folder, or a ZIP without compression). Never raises.

    `vkeys` are verifying keys in C2SP form, from outside the bundle; `known_checkpoint` is a note
    (or its first three lines) from an earlier receipt, `min_size` a number of entries known to
    exist; `tsa_ca` is a PEM file with the roots of the time stamp authorities; `origin` is the
    log that is expected. `strict` makes late time stamps fail. `progress` is told what is being
    read, how many bytes of it are done, and how many there are.
    """
    report = Report()
    if progress is not None:
        report.progress = progress
    with judging(report, ascii(str(path))):
        outside = Outside(
            trusted=[argument_key(text) for text in vkeys],
            known=None if known_checkpoint is None else argument_note(known_checkpoint),
            min_size=min_size,
            tsa_ca=tsa_ca,
            origin=origin,
            strict=strict,
        )
        if tsa_ca is not None and not tsa_ca.is_file():
            raise UnreadableError("argument-invalid", "--tsa-ca", "no such file")
        with contextlib.closing(_open_source(Path(path))) as source:
            _verify(source, outside, report)
    return report


@contextlib.contextmanager
def judging(report: Report, place: str) -> Iterator[None]:
    """Turn what fails inside into the verdict of the report."""
    try:
        yield
    except FailedError as error:
        report.verdict = UNREADABLE if isinstance(error, UnreadableError) else FAILED
        report.code, report.place, report.detail = error.code, error.place, error.found
    except (OSError, EOFError, zipfile.BadZipFile, subprocess.TimeoutExpired) as error:
        report.verdict, report.code = UNREADABLE, "io-error"
        filename = getattr(error, "filename", None)
        report.place = place if filename is None else ascii(str(filename))
        report.detail = ascii(str(error))


def _verify(source: Source, outside: Outside, report: Report) -> None:
    payload = _check_bag(source, report)
    if ENTRIES not in source.files and any(name.startswith(DISCLOSED) for name in source.files):
        return _verify_disclosure(source, payload, outside, report)
    return verify_log(source, outside, report, lambda _: payload)


def verify_log(
    source: Source, outside: Outside, report: Report, payload: Callable[[Log], dict[str, str]]
) -> None:
    """Verify a log; `payload` gives the true digests of its artifacts once the entries are read.

    Raises:
        FailedError: with the reason; UnreadableError when nothing can be said.
    """
    notes = _read_checkpoints(source)
    cuts = sorted(size for size in notes if f"{CHECKPOINTS}{size:012d}.tsr" in source.files)
    log = Log(wanted=set(notes), cuts=cuts)
    if outside.known is not None:
        log.wanted.add(outside.known.size)
    _read_entries(source, log, report)
    report.origin, report.entries, report.root = log.origin, log.size, log.root().hex()
    if outside.origin not in (None, log.origin):
        raise FailedError("origin-unexpected", ENTRIES, log.origin)
    _check_checkpoints(log, notes, list(outside.trusted))
    _check_known(log, outside)
    report.checked += [
        f"{log.size} entries are canonical, numbered, linked and of known kinds",
        f"{len(notes)} checkpoints have the entries' root and a good signature",
    ]
    _check_artifacts(source, payload(log), log, report)
    _check_openings(source, log, report)
    _check_time(source, log, outside, report)
    return _conclude(source, log, outside, report)


def argument_key(text: str) -> Key:
    """Read a verifying key that a person gave."""
    key = _parse_key(text)
    if key is None:
        raise UnreadableError("argument-invalid", "--vkey", "not NAME+ID+KEY of an Ed25519 key")
    return key


def argument_note(data: bytes) -> Note:
    """Read a checkpoint that a person gave: the whole note, or its three lines."""
    try:
        return _parse_note(data, "--known-checkpoint", unsigned=True)
    except FailedError as error:
        raise UnreadableError("argument-invalid", error.place, error.found) from error


def _conclude(source: Source, log: Log, outside: Outside, report: Report) -> None:
    """Give the verdict, and say what even a good verdict doesn't prove."""
    report.verdict = PARTIAL if report.unchecked else VERIFIED
    if not outside.trusted:
        report.verdict, report.code = SELF_CONSISTENT, "no-outside-key"
        report.not_proven.append(
            "who made this bundle: anyone can make one that agrees with itself; "
            "give the verifying key with --vkey, from outside"
        )
    for seq in log.backward:
        report.warnings.append(f"the clock stepped back at entry {seq}")
    if log.steps_back > SHOWN:
        report.warnings.append(f"the clock stepped back {log.steps_back} times in all")
    for seq, event in log.against_hold:
        report.warnings.append(f"entry {seq} is {event} while a legal hold was in force")
    if outside.known is None and outside.min_size is None:
        report.not_proven.append(
            f"that nothing was recorded after entry {log.size - 1}: compare an outside receipt "
            "with --known-checkpoint or --min-size"
        )
    places = ("data/log/", ARTIFACTS, "data/private/")
    copies = [n for n in source.files if n.startswith("data/") and not n.startswith(places)]
    if copies:
        report.not_proven.append(
            f"{len(copies)} files outside data/log, data/artifacts and data/private: "
            "copies for reading, not signed"
        )
    report.not_proven.append("that what was recorded was true, or that everything was recorded")


class _Parser(argparse.ArgumentParser):
    """Exit 4 on wrong arguments, because 2 is a verdict."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_CODES[UNREADABLE], f"UNREADABLE argument-invalid: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="verify.py",
        description="Verify an evidence bundle.",
        epilog="exit: 0 VERIFIED, 1 FAILED, 2 SELF_CONSISTENT, 3 PARTIAL, 4 UNREADABLE",
    )
    parser.add_argument("bundle", help="folder, or ZIP without compression")
    parser.add_argument(
        "--vkey",
        action="append",
        default=[],
        metavar="NAME+ID+KEY",
        help="verifying key, from outside the bundle; may be repeated",
    )
    parser.add_argument(
        "--known-checkpoint",
        type=Path,
        metavar="FILE",
        help="checkpoint from an earlier receipt: finds a cut tail",
    )
    parser.add_argument(
        "--min-size", type=int, metavar="N", help="number of entries known to exist"
    )
    parser.add_argument(
        "--tsa-ca", type=Path, metavar="PEM", help="root certificates of the time stamp authorities"
    )
    parser.add_argument("--origin", help="the log that is expected")
    parser.add_argument("--strict", action="store_true", help="late time stamps fail")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--progress", action="store_true", help="show progress even without a terminal"
    )
    return parser


class Progress:
    """Writes to standard error how far a long file is read, in steps of ten per cent."""

    def __init__(self) -> None:
        self.at = ("", 0)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note that `done` of `total` bytes of `what` are read."""
        at = (what, 10 * done // max(total, 1))
        if total >= LONG and at != self.at:
            sys.stderr.write(f"{what}: {10 * at[1]} %\n")
            sys.stderr.flush()
        self.at = at


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    args = _parser().parse_args(argv)
    known = None
    if args.known_checkpoint is not None:
        try:
            known = args.known_checkpoint.read_bytes()
        except OSError as error:
            sys.stderr.write(f"UNREADABLE argument-invalid at --known-checkpoint: {error}\n")
            return EXIT_CODES[UNREADABLE]
    report = verify(
        args.bundle,
        vkeys=args.vkey,
        known_checkpoint=known,
        min_size=args.min_size,
        tsa_ca=args.tsa_ca,
        origin=args.origin,
        strict=args.strict,
        progress=Progress() if args.progress or sys.stderr.isatty() else None,
    )
    text = report.to_json() + "\n" if args.json else report.text()
    # Bytes, because a terminal of another encoding must not turn a verdict into a crash.
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
