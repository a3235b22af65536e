"""Artifacts in S3, each under its own SHA-256, held by Object Lock where that is asked for.

Decides how bytes get to the server and how we know that they did: hashed on the way into a
temporary file, sent with their SHA-256, read back as the version that was made, and hashed again.
S3's own ETag is no digest of the content and is never relied on. Needs the extra `s3` (boto3).

Object Lock (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html): COMPLIANCE
lets nobody delete a version before its date, GOVERNANCE those with a special right. A version
that is held can be hidden by a delete marker, but not from us: we ask for it by its id.
"""

import base64
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from evidence_store.artifacts import (
    ArtifactError,
    ArtifactMissingError,
    ArtifactRef,
    check_digest,
    too_large,
)

MODES = ("COMPLIANCE", "GOVERNANCE")
MAX_PUT = 5_000_000_000
"""Bytes that S3 takes in one piece (5 GB)."""
_OPTIONS = frozenset({"mode", "days", "endpoint", "region"})
_GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})
_HELD = frozenset({"AccessDenied", "403", "InvalidRetentionPeriod", "ObjectLocked"})
_CHUNK = 1 << 20


class ArtifactStoreAwayError(ArtifactError):
    """The server doesn't answer, or refuses; nothing is recorded as stored."""


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Place:
    """Where in S3, and how long each artifact is held.

    Without `mode` the bucket's own default applies. `days` are days of 24 hours from storing.
    Credentials are boto3's matter: environment, profile or role, never the URL.
    """

    bucket: str
    prefix: str = ""
    mode: str = ""
    days: int = 0
    endpoint: str = ""
    region: str = ""

    @classmethod
    def parse(cls, url: str) -> "S3Place":
        """Read `s3://bucket/prefix?mode=compliance&days=2555&endpoint=…&region=…`.

        Raises:
            ArtifactError: for any other form; the message says what to write.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        mode, days = options.get("mode", "").upper(), options.get("days", "")
        wrong = parts.scheme != "s3" or not parts.hostname or "@" in parts.netloc
        if wrong or parts.fragment or set(options) - _OPTIONS:
            raise ArtifactError(
                "write s3://bucket/prefix, and after a question mark mode, days, endpoint, region; "
                "credentials stand in boto3's own settings, never here"
            )
        if (mode and mode not in MODES) or bool(mode) != bool(days):
            raise ArtifactError("mode is compliance or governance, and needs days, as in &days=365")
        if days and not (days.isdecimal() and int(days) > 0):
            raise ArtifactError(f"days is {days!a}: write a whole number of days")
        prefix = parts.path.strip("/")
        return cls(
            bucket=parts.netloc,
            prefix=f"{prefix}/" if prefix else "",
            mode=mode,
            days=int(days or 0),
            endpoint=options.get("endpoint", ""),
            region=options.get("region", ""),
        )


class S3Artifacts:
    """An `ArtifactStore` in a bucket. `spool` holds what is on its way; `clock` gives UTC.

    What lies in `spool` for a while is what is stored: put `SealedArtifacts` above it.
    """

    def __init__(
        self, place: S3Place, *, max_bytes: int, spool: Path, clock: Callable[[], datetime]
    ) -> None:
        self.max_bytes = min(max_bytes, MAX_PUT)
        self._place = place
        self._spool = spool
        self._clock = clock

    @cached_property
    def _client(self) -> Any:
        """Made at its first use, because looking for credentials may ask the network."""
        return boto3.client(
            "s3",
            endpoint_url=self._place.endpoint or None,
            region_name=self._place.region or None,
            config=Config(
                connect_timeout=10,
                read_timeout=60,
                retries={"max_attempts": 3, "mode": "standard"},
            ),
        )

    @property
    def place(self) -> str:
        """Bucket and prefix."""
        return f"s3://{self._place.bucket}/{self._place.prefix}"

    def store(self, chunks: Iterable[bytes]) -> ArtifactRef:
        """Store a stream, read it back, and return its digest, size and version.

        Raises:
            ArtifactTooLargeError: above `max_bytes`; nothing was sent.
            ArtifactStoreAwayError: when the server can't be reached or refuses.
            ArtifactError: when what was read back isn't what was sent.
        """
        self._spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._spool) as file:
            digest, size = hashlib.sha256(), 0
            for chunk in chunks:
                size += len(chunk)
                if size > self.max_bytes:
                    raise too_large(self.max_bytes)
                digest.update(chunk)
                file.write(chunk)
            file.seek(0)
            version = self._put(file, digest=digest.digest(), size=size)
        sha256 = digest.hexdigest()
        if (found := self._digest(sha256, version)) != sha256:
            raise ArtifactError(
                f"{self.place}{sha256} was stored, but reads back as {found}; nothing is recorded. "
                "Don't use this store before it is known why"
            )
        return ArtifactRef(sha256=sha256, size=size, version_id=version)

    def has(self, sha256: str, *, version_id: str | None = None) -> bool:
        """Say whether the artifact is stored, in this version if one is named."""
        try:
            with _answers():
                self._client.head_object(**self._named(sha256, version_id))
        except ArtifactMissingError:
            return False
        return True

    def open(self, sha256: str, *, version_id: str | None = None) -> BinaryIO:
        """Open the artifact for reading, in this version if one is named.

        Raises:
            ArtifactMissingError: when there is none.
            ArtifactStoreAwayError: when the server can't be reached or refuses.
        """
        with _answers():
            answer = self._client.get_object(**self._named(sha256, version_id))
        return cast("BinaryIO", answer["Body"])

    def delete(self, sha256: str) -> bool:
        """Delete every version; False if Object Lock holds one of them."""
        key = self._key(sha256)
        with _answers():
            found = self._client.list_object_versions(Bucket=self._place.bucket, Prefix=key)
        every = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        free = True
        for one in every:
            free = self._delete_version(key, one["VersionId"]) and free
        return free

    def _delete_version(self, key: str, version: str) -> bool:
        try:
            self._client.delete_object(Bucket=self._place.bucket, Key=key, VersionId=version)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code")) in _HELD:
                return False
            raise _away(error) from error
        except BotoCoreError as error:
            raise _away(error) from error
        return True

    def _put(self, file: BinaryIO, *, digest: bytes, size: int) -> str | None:
        held: dict[str, Any] = {}
        if self._place.mode:
            until = self._clock() + timedelta(days=self._place.days)
            held = {"ObjectLockMode": self._place.mode, "ObjectLockRetainUntilDate": until}
        with _answers():
            answer = self._client.put_object(
                Bucket=self._place.bucket,
                Key=self._key(digest.hex()),
                Body=file,
                ContentLength=size,
                ContentType="application/octet-stream",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(digest).decode(),
                Metadata={"sha256": digest.hex()},
                **held,
            )
        version = answer.get("VersionId")
        return None if version in {None, "null"} else str(version)

    def _digest(self, sha256: str, version: str | None) -> str:
        digest = hashlib.sha256()
        with _answers(), self.open(sha256, version_id=version) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _named(self, sha256: str, version_id: str | None) -> dict[str, str]:
        name = {"Bucket": self._place.bucket, "Key": self._key(sha256)}
        return name | ({"VersionId": version_id} if version_id else {})

    def _key(self, sha256: str) -> str:
        return self._place.prefix + check_digest(sha256)


@contextmanager
def _answers() -> Iterator[None]:
    """Turn boto3's errors into ours."""
    try:
        yield
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in _GONE:
            raise ArtifactMissingError("the artifact isn't in the bucket") from error
        raise _away(error) from error
    except (BotoCoreError, OSError) as error:
        raise _away(error) from error


def _away(error: Exception) -> ArtifactStoreAwayError:
    code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
    return ArtifactStoreAwayError(
        f"the artifact store in S3 refused or doesn't answer ({code}); nothing was stored. "
        "Look at its address and the rights of its key, then try again"
    )
