"""Time stamps (RFC 3161), with a real authority made of openssl on this machine.

An authority stamps with the system's clock, so the recorded story is laid around that time.
"""

import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evidence_store import bundle as bundles
from evidence_store import log, tables, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    ORIGIN,
    SIGNER,
    append,
    rebag,
    sqlite_engine,
    write_story,
)

pytestmark = pytest.mark.slow

CHECKPOINTS = "data/log/checkpoints/"
CONFIG = """
[authority]
serial = serial
default_policy = 1.2.3.4.1
digests = sha1, sha256, sha384, sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A time stamp authority in a folder."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def now(self) -> datetime:
        """Return the time of the machine, which is the authority's."""
        probe = self.folder / "probe"
        probe.write_bytes(b"")
        return datetime.fromtimestamp(probe.stat().st_mtime, UTC)

    def stamp(self, path: Path, *, algorithm: str = "sha256") -> None:
        """Write the time stamp of `path` beside it, as `.tsr`."""
        out = path.with_suffix(".tsr") if path.parent.name == "checkpoints" else Path(f"{path}.tsr")
        self._run("-query", "-data", path, f"-{algorithm}", "-cert", "-out", "query")
        signer = ("-signer", "signer.pem", "-inkey", "signer.key")
        config = ("-config", "authority.cnf", "-section", "authority")
        self._run("-reply", "-queryfile", "query", *signer, *config, "-out", out)

    def _run(self, *args: str | Path) -> None:
        command = ["openssl", "ts", *args]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def make_authority(folder: Path, *, valid: timedelta = timedelta(days=1)) -> Authority:
    folder.mkdir()
    authority = Authority(folder=folder)
    (folder / "authority.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    now = authority.now()
    root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    signer_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "time stamps")])

    def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        start = x509.CertificateBuilder(issuer_name=root_name, subject_name=subject)
        start = start.public_key(key.public_key()).serial_number(x509.random_serial_number())
        start = start.not_valid_before(now - timedelta(days=1))
        return start.not_valid_after(now + valid)

    ca = x509.BasicConstraints(ca=True, path_length=None)
    root = builder(root_name, root_key).add_extension(ca, critical=True)
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    signer = builder(signer_name, signer_key).add_extension(stamping, critical=True)
    pem = serialization.Encoding.PEM
    for name, certificate in (("root", root), ("signer", signer)):
        made = certificate.sign(root_key, hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
    form = serialization.PrivateFormat.PKCS8
    key = signer_key.private_bytes(pem, form, serialization.NoEncryption())
    (folder / "signer.key").write_bytes(key)
    return authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "authority")


def story(
    folder: Path,
    *,
    start: datetime,
    step: timedelta = timedelta(seconds=5),
    more: tuple[str, ...] = (),
) -> Path:
    """Export the story, begun at `start`, with checkpoints at 4, 9 and the end."""
    store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
    engine = sqlite_engine(folder / "log.sqlite")
    out = folder / "bundle"
    with engine.begin() as connection:
        tables.create_all(connection)
        write_story(connection, store, start=start, step=step)
        for number, event in enumerate(more):
            append(connection, Draft(event=event, actor="system"), now=start + (7 + number) * step)
        bundles.export_bundle(
            connection, origin=ORIGIN, artifacts=store, out=out, now=start, vkey=SIGNER.vkey
        )
        nine = log.checkpoint(connection, origin=ORIGIN, size=9)
    (out / CHECKPOINTS / "000000000009.txt").write_bytes(nine)
    engine.dispose()
    return out


def stamped(bundle: Path, authority: Authority, *sizes: int, **how: Any) -> None:
    for size in sizes:
        authority.stamp(bundle / f"{CHECKPOINTS}{size:012d}.txt", **how)
    rebag(bundle)


def check(bundle: Path, authority: Authority, **options: Any) -> verify.Report:
    return verify.verify(bundle, vkeys=[SIGNER.vkey], tsa_ca=authority.root, **options)


def outcome(report: verify.Report) -> tuple[str, str, str]:
    return report.verdict, report.code, report.place


def unchecked(report: verify.Report) -> tuple[str, list[str]]:
    return report.verdict, [code for code, _ in report.unchecked]


def test_stamped_to_the_end_is_verified(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    report = check(bundle, authority)
    assert (report.verdict, report.exit_code, report.unchecked) == ("VERIFIED", 0, [])
    assert report.text().startswith("VERIFIED: complete, in order, unchanged, signed")


def test_the_exported_file_says_verified_too(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    command = ["python3", "-I", "-S", "verify.py", ".", "--vkey", SIGNER.vkey]
    done = subprocess.run(
        [*command, "--tsa-ca", str(authority.root)], cwd=bundle, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.split(b":")[0]) == (0, b"VERIFIED")


def test_several_stamps_enclose_the_entries(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(seconds=20))
    stamped(bundle, authority, 4, 9, algorithm="sha512")
    assert check(bundle, authority).verdict == "VERIFIED"


def test_only_notes_about_anchoring_may_follow_the_last_stamp(
    tmp_path: Path, authority: Authority
) -> None:
    start = authority.now() - timedelta(seconds=20)
    (tmp_path / "a").mkdir()
    bundle = story(tmp_path / "a", start=start, more=("log.anchored", "bundle.exported"))
    stamped(bundle, authority, 9)
    assert check(bundle, authority).verdict == "VERIFIED"
    (tmp_path / "b").mkdir()
    bundle = story(tmp_path / "b", start=start, more=("log.anchored", "note.recorded"))
    stamped(bundle, authority, 9)
    assert unchecked(check(bundle, authority)) == ("PARTIAL", ["time-tail"])


def test_without_roots_or_openssl_time_is_unchecked(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    assert unchecked(report) == ("PARTIAL", ["no-tsa-ca"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert unchecked(check(bundle, authority)) == ("PARTIAL", ["no-openssl"])


def test_without_a_key_stamps_do_not_help(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    assert verify.verify(bundle, tsa_ca=authority.root).verdict == "SELF_CONSISTENT"


def test_a_stamp_of_another_authority_is_refused(tmp_path: Path, authority: Authority) -> None:
    other = make_authority(tmp_path / "other")
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, other, 9)
    place = CHECKPOINTS + "000000000009.tsr"
    assert outcome(check(bundle, authority)) == ("FAILED", "token-invalid", place)
    assert check(bundle, other).verdict == "VERIFIED"


def test_a_stamp_of_another_checkpoint_is_refused(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(seconds=20))
    stamped(bundle, authority, 4)
    token = bundle / CHECKPOINTS / "000000000004.tsr"
    token.rename(token.with_name("000000000009.tsr"))
    rebag(bundle)
    place = CHECKPOINTS + "000000000009.tsr"
    assert outcome(check(bundle, authority)) == ("FAILED", "token-invalid", place)


def test_a_forged_stamp_is_refused_and_a_broken_one_is_unchecked(
    tmp_path: Path, authority: Authority
) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    token = bundle / CHECKPOINTS / "000000000009.tsr"
    good = token.read_bytes()
    token.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    rebag(bundle)
    assert check(bundle, authority).code == "token-invalid"
    token.write_bytes(good[:200])
    rebag(bundle)
    expected = ("PARTIAL", ["token-unreadable", "no-trusted-time"])
    assert unchecked(check(bundle, authority)) == expected


def test_a_stamp_over_sha1_is_refused(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9, algorithm="sha1")
    assert check(bundle, authority).code == "token-weak-hash"


def test_a_stamp_outlives_the_certificate_of_its_authority(tmp_path: Path) -> None:
    brief = make_authority(tmp_path / "brief", valid=timedelta(seconds=2))
    bundle = story(tmp_path, start=brief.now() - timedelta(minutes=10))
    stamped(bundle, brief, 9)
    time.sleep(2.5)
    assert check(bundle, brief).verdict == "VERIFIED"


def test_an_entry_from_the_future_is_refused(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now(), step=timedelta(seconds=50))
    stamped(bundle, authority, 9)
    report = check(bundle, authority)
    assert (report.verdict, report.code) == ("FAILED", "time-after-token")
    assert report.place == f"{ENTRIES} line 9"


def test_an_entry_dated_back_behind_a_stamp_is_refused(
    tmp_path: Path, authority: Authority
) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 4, 9)
    expected = ("FAILED", "time-before-token", f"{ENTRIES} line 5")
    assert outcome(check(bundle, authority)) == expected


def test_history_rewritten_later_is_late(tmp_path: Path, authority: Authority) -> None:
    """Who holds database, key and authority still can't get a stamp of last month."""
    bundle = story(tmp_path, start=authority.now() - timedelta(days=30))
    stamped(bundle, authority, 9)
    assert unchecked(check(bundle, authority)) == ("PARTIAL", ["time-late"])
    strict = check(bundle, authority, strict=True)
    assert outcome(strict) == ("FAILED", "time-late", f"{ENTRIES} line 1")


def test_max_lag_is_kept_to_the_hour(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "in").mkdir()
    bundle = story(
        tmp_path / "in", start=authority.now() - timedelta(hours=24) + timedelta(minutes=1)
    )
    stamped(bundle, authority, 9)
    assert check(bundle, authority, strict=True).verdict == "VERIFIED"
    (tmp_path / "out").mkdir()
    bundle = story(tmp_path / "out", start=authority.now() - timedelta(hours=24, minutes=1))
    stamped(bundle, authority, 9)
    assert check(bundle, authority, strict=True).code == "time-late"


def test_the_seal_of_the_whole_bundle_is_checked(tmp_path: Path, authority: Authority) -> None:
    bundle = story(tmp_path, start=authority.now() - timedelta(minutes=10))
    stamped(bundle, authority, 9)
    authority.stamp(bundle / "tagmanifest-sha256.txt")
    assert check(bundle, authority).verdict == "VERIFIED"
    (bundle / "bag-info.txt").write_text((bundle / "bag-info.txt").read_text() + "Note: x\n")
    rebag(bundle)
    expected = ("FAILED", "token-invalid", "tagmanifest-sha256.txt.tsr")
    assert outcome(check(bundle, authority)) == expected
