"""A real time stamp authority (RFC 3161), made of openssl on this machine, and a story for it.

An authority stamps with the system's clock, so the recorded story is laid around that time.
"""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evidence_store import bundle as bundles
from evidence_store import log, tables
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import (
    ORIGIN,
    SIGNER,
    append,
    rebag,
    sqlite_engine,
    write_story,
)

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

    def sign_again(self, path: Path, *, signer: str, extra: str = "") -> None:
        """Sign what the time stamp of `path` says anew, with any certificate of this folder.

        An authority's own tool refuses certificates that aren't for time stamps; a forger doesn't.
        """
        self.stamp(path)
        out = path.with_suffix(".tsr")
        self._run("-reply", "-in", out, "-token_out", "-out", "token")
        said = ["-noverify", "-inform", "DER", "-in", "token", "-out", "said"]
        self._run("-verify", *said, tool="cms")
        form = ["-binary", "-nodetach", "-nosmimecap", "-cades", "-md", "sha256", "-outform", "DER"]
        keys = ["-signer", f"{signer}.pem", "-inkey", f"{signer}.key"]
        keys += ["-certfile", f"{extra}.pem"] if extra else []
        kind = ["-econtent_type", "id-smime-ct-TSTInfo"]
        self._run("-sign", "-in", "said", *form, *kind, *keys, "-out", "token", tool="cms")
        out.write_bytes(sequence(sequence(b"\x02\x01\x00") + (self.folder / "token").read_bytes()))

    def _run(self, *args: str | Path, tool: str = "ts") -> None:
        command = ["openssl", tool, *args]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def sequence(content: bytes) -> bytes:
    """Wrap in a DER SEQUENCE."""
    size = len(content)
    if size < 128:
        return bytes([0x30, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x30, 0x80 | len(length)]) + length + content


def make_authority(
    folder: Path,
    *,
    valid: timedelta = timedelta(days=1),
    since: timedelta = timedelta(days=1),
) -> Authority:
    """Make root (root.pem), time stamp certificate (signer.pem), and one for the web (web.pem)."""
    folder.mkdir()
    authority = Authority(folder=folder)
    (folder / "authority.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    now = authority.now()
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    uses = {
        "root": None,
        "signer": ExtendedKeyUsageOID.TIME_STAMPING,
        "web": ExtendedKeyUsageOID.SERVER_AUTH,
    }
    for name, use in uses.items():
        key = ec.generate_private_key(ec.SECP256R1()) if use else root_key
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(
            issuer_name=root_name, subject_name=subject if use else root_name
        )
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - since).not_valid_after(now + valid)
        if use is None:
            ca = x509.BasicConstraints(ca=True, path_length=None)
            builder = builder.add_extension(ca, critical=True)
        else:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        made = builder.sign(root_key, hashes.SHA256())
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
        private = key.private_bytes(pem, form, serialization.NoEncryption())
        (folder / f"{name}.key").write_bytes(private)
    return authority


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
