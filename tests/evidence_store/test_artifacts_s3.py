"""Artifacts in a real S3 server process on loopback (moto's, with Object Lock)."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sqlalchemy import Engine

from evidence_store.artifact_keys import ArtifactErasedError, MasterKey
from evidence_store.artifacts import ArtifactError, ArtifactMissingError, ArtifactTooLargeError
from evidence_store.artifacts_s3 import ArtifactStoreAwayError, S3Artifacts, S3Place
from evidence_store.sealed_artifacts import SealedArtifacts

CHUNKS = [b"claims ", b"of ", b"Jane Doe"]
DIGEST = hashlib.sha256(b"".join(CHUNKS)).hexdigest()
pytestmark = pytest.mark.slow


def now() -> datetime:
    """The server compares with the machine's clock, so tests do too."""
    return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as process:
        try:
            _await(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _await(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the S3 server didn't start within 30 s")


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        client = boto3.client("s3", endpoint_url=server)
        client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        client.create_bucket(Bucket="plain")
        yield client
        client.close()


@pytest.fixture
def s3(client: Any, server: str, tmp_path: Path) -> S3Artifacts:
    del client
    prefix = tmp_path.name
    return made(f"s3://locked/{prefix}?mode=compliance&days=30&endpoint={server}", tmp_path)


def made(url: str, folder: Path, *, max_bytes: int = 1_000_000) -> S3Artifacts:
    return S3Artifacts(S3Place.parse(url), max_bytes=max_bytes, spool=folder / "spool", clock=now)


def key_of(s3: S3Artifacts, sha256: str) -> str:
    return s3.place.removeprefix("s3://locked/") + sha256


def test_an_artifact_is_stored_held_and_read_back(
    s3: S3Artifacts, client: Any, tmp_path: Path
) -> None:
    ref = s3.store(CHUNKS)
    assert (ref.sha256, ref.size) == (DIGEST, 18)
    assert ref.version_id
    head = client.head_object(Bucket="locked", Key=key_of(s3, DIGEST), VersionId=ref.version_id)
    assert head["ObjectLockMode"] == "COMPLIANCE"
    left = head["ObjectLockRetainUntilDate"] - now()
    assert timedelta(days=29, hours=23) < left < timedelta(days=30, hours=1)
    assert head["Metadata"] == {"sha256": DIGEST}
    with s3.open(DIGEST) as file:
        assert file.read() == b"".join(CHUNKS)
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_is_held_can_t_be_deleted_nor_hidden(s3: S3Artifacts, client: Any) -> None:
    ref = s3.store(CHUNKS)
    assert not s3.delete(DIGEST)
    client.delete_object(Bucket="locked", Key=key_of(s3, DIGEST))
    assert not s3.has(DIGEST), "a delete marker hides it from who asks without a version"
    assert s3.has(DIGEST, version_id=ref.version_id)
    with s3.open(DIGEST, version_id=ref.version_id) as file:
        assert file.read() == b"".join(CHUNKS)


def test_what_isn_t_held_is_deleted_in_every_version(
    client: Any, server: str, tmp_path: Path
) -> None:
    del client
    plain = made(f"s3://plain/{tmp_path.name}?endpoint={server}", tmp_path)
    assert plain.store(CHUNKS).version_id is None
    assert plain.delete(DIGEST)
    assert not plain.has(DIGEST)
    with pytest.raises(ArtifactMissingError):
        plain.open(DIGEST)
    assert plain.delete(DIGEST), "nothing happens if it is gone"


def test_an_overwritten_object_is_found(s3: S3Artifacts, client: Any, sqlite: Engine) -> None:
    """Who puts other bytes under the name makes a new version; ours is read all the same."""
    sealed = SealedArtifacts(s3, master=MasterKey(bytes(32)), engine=sqlite, max_bytes=1_000)
    ref = sealed.store(CHUNKS)
    said = sealed.stored_as(ref.sha256)
    client.put_object(Bucket="locked", Key=key_of(s3, said["stored_sha256"]), Body=b"forged")
    assert said["stored_version"]
    with sealed.open(ref.sha256) as file:
        assert file.read() == b"".join(CHUNKS)


def test_erasing_the_key_erases_under_the_lock(
    s3: S3Artifacts, client: Any, sqlite: Engine
) -> None:
    sealed = SealedArtifacts(s3, master=MasterKey(bytes(32)), engine=sqlite, max_bytes=1_000)
    ref = sealed.store(CHUNKS)
    with sqlite.begin() as connection:
        sealed.keep(connection, [ref])
    sealed.settled([ref])
    with sqlite.begin() as connection:
        [stored] = sealed.erase(connection, ref, now=now())
    assert not sealed.delete(stored), "the bytes must stay"
    body = client.get_object(Bucket="locked", Key=key_of(s3, stored))["Body"].read()
    assert b"Jane" not in body
    with pytest.raises(ArtifactErasedError):
        sealed.open(ref.sha256)


def test_governance_is_set_and_erasing_the_key_erases_under_it(
    client: Any, server: str, sqlite: Engine, tmp_path: Path
) -> None:
    """Whoever has the special right may delete the bytes; we don't use it, and needn't."""
    url = f"s3://locked/{tmp_path.name}?mode=governance&days=90&endpoint={server}"
    s3 = made(url, tmp_path)
    sealed = SealedArtifacts(s3, master=MasterKey(bytes(32)), engine=sqlite, max_bytes=1_000)
    ref = sealed.store(CHUNKS)
    with sqlite.begin() as connection:
        sealed.keep(connection, [ref])
    sealed.settled([ref])
    said = sealed.stored_as(ref.sha256)
    name = {"Bucket": "locked", "Key": key_of(s3, said["stored_sha256"])}
    version = {"VersionId": said["stored_version"]}
    head = client.head_object(**name, **version)
    assert head["ObjectLockMode"] == "GOVERNANCE"
    left = head["ObjectLockRetainUntilDate"] - now()
    assert timedelta(days=89, hours=23) < left < timedelta(days=90, hours=1)
    with sqlite.begin() as connection:
        [stored] = sealed.erase(connection, ref, now=now())
    assert not sealed.delete(stored), "held, as we don't ask to get around it"
    assert b"Jane" not in client.get_object(**name)["Body"].read()
    with pytest.raises(ArtifactErasedError):
        sealed.open(ref.sha256)
    client.delete_object(**name, **version, BypassGovernanceRetention=True)
    assert not s3.has(stored), "compliance would have refused even that"


def test_compliance_refuses_even_the_special_right(s3: S3Artifacts, client: Any) -> None:
    ref = s3.store(CHUNKS)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(
            Bucket="locked",
            Key=key_of(s3, DIGEST),
            VersionId=ref.version_id,
            BypassGovernanceRetention=True,
        )
    assert s3.has(DIGEST, version_id=ref.version_id)


def test_too_much_is_never_sent(s3: S3Artifacts, client: Any, server: str, tmp_path: Path) -> None:
    small = made(f"s3://locked/{tmp_path.name}?endpoint={server}", tmp_path, max_bytes=10)
    with pytest.raises(ArtifactTooLargeError):
        small.store(CHUNKS)
    found = client.list_object_versions(Bucket="locked", Prefix=tmp_path.name)
    assert "Versions" not in found
    assert not s3.has(DIGEST)


def test_a_server_that_refuses_is_said(client: Any, server: str, tmp_path: Path) -> None:
    del client
    nowhere = made(f"s3://no-such-bucket/?endpoint={server}", tmp_path)
    with pytest.raises(ArtifactStoreAwayError, match=r"\(NoSuchBucket\); nothing was stored"):
        nowhere.store(CHUNKS)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://bucket/", "write s3://bucket/prefix"),
        ("s3:///prefix", "write s3://bucket/prefix"),
        ("s3://key:secret@bucket/", "never here"),
        ("s3://bucket/?colour=red", "mode, days, endpoint, region"),
        ("s3://bucket/?mode=forever&days=1", "compliance or governance"),
        ("s3://bucket/?mode=compliance", "needs days"),
        ("s3://bucket/?days=3", "needs days"),
        ("s3://bucket/?mode=governance&days=-1", "whole number"),
    ],
)
def test_an_address_that_can_t_be_used(url: str, words: str) -> None:
    with pytest.raises(ArtifactError, match=words) as caught:
        S3Place.parse(url)
    assert "secret" not in str(caught.value)


def test_an_address() -> None:
    place = S3Place.parse("s3://b/a/b/?mode=governance&days=90&region=eu-central-1")
    assert place == S3Place(
        bucket="b", prefix="a/b/", mode="GOVERNANCE", days=90, region="eu-central-1"
    )
