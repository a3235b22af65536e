"""An expert with a bundle, an empty folder and no network follows README-VERIFY line by line."""

import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from evidence_store import bundle as bundles
from evidence_store import disclosure, log, tables, verify
from evidence_store.artifacts import FolderArtifacts
from tests.evidence_store.evidence_authority import Authority, make_authority
from tests.evidence_store.evidence_expert import commands, follow, said
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, STRANGER, sqlite_engine, write_story

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "authority")


def export(folder: Path, authority: Authority, name: str, *, stamped: bool = True) -> Path:
    """Write the story's bundle with a stamp over its last checkpoint, made by a real authority."""
    folder.mkdir()
    store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
    engine = sqlite_engine(folder / "log.sqlite")
    start = authority.now() - timedelta(minutes=10)
    with engine.begin() as connection:
        tables.create_all(connection)
        write_story(connection, store, start=start, step=timedelta(seconds=5))
        note = folder / "note"
        note.write_bytes(log.checkpoint(connection, origin=ORIGIN, size=9))
        authority.stamp(note)
        tokens = {9: Path(f"{note}.tsr").read_bytes()} if stamped else {}
        bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=store,
            out=folder / name,
            now=start,
            vkey=SIGNER.vkey,
            tokens=tokens,
            trust={"roots.pem": authority.root.read_bytes()},
        )
    engine.dispose()
    return folder / name


@pytest.mark.parametrize("readme", ["README-VERIFY.txt", "README-PRUEFEN.txt"])
def test_the_printed_commands_verify_the_bundle(
    tmp_path: Path, authority: Authority, readme: str
) -> None:
    made = export(tmp_path / "made", authority, "bundle.zip")
    alone = tmp_path / "alone"
    with zipfile.ZipFile(made) as archive:
        archive.extractall(alone)
    assert [one.name for one in alone.iterdir()] == ["bundle"]
    # The database, the artifact store and the bundle's place are gone.
    shutil.rmtree(made.parent)
    bundle = alone / "bundle"
    before = sorted(str(one) for one in bundle.rglob("*"))
    steps = follow(bundle, readme, vkey=SIGNER.vkey, roots=authority.root, folder=tmp_path)
    assert [step for step in steps if step.code] == []
    assert len(steps) == len(commands(bundle / readme))
    assert [step.said for step in steps if step.command.startswith("sha256sum")] == ["", ""]
    assert "is valid" in said(steps, "bagit.py").said
    assert said(steps, "pkeyutl").said == "Signature Verified Successfully\n"
    assert "Verification: OK" in said(steps, "stamped data/log").said
    assert said(steps, "verify.py").said.startswith("VERIFIED: complete, in order, unchanged")
    assert sorted(str(one) for one in bundle.rglob("*")) == before


def test_an_unstamped_bundle_asks_for_no_stamps(tmp_path: Path, authority: Authority) -> None:
    bundle = export(tmp_path / "made", authority, "bundle", stamped=False)
    assert "No time stamps lie beside" in (bundle / "README-VERIFY.txt").read_text()
    steps = follow(
        bundle, "README-VERIFY.txt", vkey=SIGNER.vkey, roots=authority.root, folder=tmp_path
    )
    assert [(step.command, step.code) for step in steps if step.code] == [
        ('python3 verify.py . --vkey "$VKEY"', 3)
    ]
    assert said(steps, "verify.py").said.startswith("PARTIAL no-trusted-time")


def test_each_step_notices_its_own_forgery(tmp_path: Path, authority: Authority) -> None:
    bundle = export(tmp_path / "made", authority, "bundle")
    other = make_authority(tmp_path / "other")
    (tmp_path / "a").mkdir()
    steps = follow(
        bundle, "README-VERIFY.txt", vkey=STRANGER.vkey, roots=other.root, folder=tmp_path / "a"
    )
    assert said(steps, "pkeyutl").code != 0
    assert said(steps, "stamped data/log").code != 0
    assert "signature-untrusted" in said(steps, "verify.py").said
    (bundle / "bag-info.txt").write_text("Payload-Oxum: 1.1\n")
    next((bundle / "data/artifacts").iterdir()).write_bytes(b"other")
    (tmp_path / "b").mkdir()
    steps = follow(
        bundle, "README-VERIFY.txt", vkey=SIGNER.vkey, roots=authority.root, folder=tmp_path / "b"
    )
    assert [bool(step.code) for step in steps if "sha256sum" in step.command] == [True, True]
    assert said(steps, "bagit.py").code != 0
    assert "bag-file-changed" in said(steps, "verify.py").said


def test_both_languages_give_the_same_commands(exported: Path) -> None:
    english, german = (commands(exported / f"README-{one}.txt") for one in ("VERIFY", "PRUEFEN"))
    assert english == german


@pytest.mark.parametrize("readme", ["README-VERIFY.txt", "README-PRUEFEN.txt"])
@pytest.mark.parametrize("stamped", [True, False])
def test_the_printed_commands_verify_a_disclosure(
    tmp_path: Path, authority: Authority, readme: str, *, stamped: bool
) -> None:
    out = disclosed(tmp_path / "made", authority, stamped=stamped)
    steps = follow(out, readme, vkey=SIGNER.vkey, roots=authority.root, folder=tmp_path)
    assert len(steps) == len(commands(out / readme))
    assert said(steps, "pkeyutl").said == "Signature Verified Successfully\n"
    last = steps.pop()
    assert [step for step in steps if step.code] == []
    if stamped:
        assert "Verification: OK" in said(steps, "openssl ts -verify").said
        assert (last.code, last.said.split(":")[0]) == (0, "VERIFIED")
    else:
        assert (last.code, last.said.split(":")[0]) == (3, "PARTIAL no-trusted-time")


def test_a_disclosed_entry_from_the_future_is_found(tmp_path: Path, authority: Authority) -> None:
    out = disclosed(tmp_path / "made", authority, stamped=True, ahead=timedelta(hours=1))
    report = verify.verify(out, vkeys=[SIGNER.vkey], tsa_ca=authority.root)
    place = "data/disclosed/000000000004.json"
    assert (report.verdict, report.code, report.place) == ("FAILED", "time-after-token", place)
    report = verify.verify(out, vkeys=[SIGNER.vkey])
    assert [code for code, _ in report.unchecked] == ["no-tsa-ca"]


def disclosed(
    folder: Path, authority: Authority, *, stamped: bool, ahead: timedelta = timedelta(minutes=-10)
) -> Path:
    """Disclose entry 4 of the story, with a stamp over the last checkpoint."""
    folder.mkdir()
    engine = sqlite_engine(folder / "log.sqlite")
    start = authority.now() + ahead
    with engine.begin() as connection:
        tables.create_all(connection)
        store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
        write_story(connection, store, start=start, step=timedelta(seconds=5))
        note = folder / "note"
        note.write_bytes(log.checkpoint(connection, origin=ORIGIN, size=9))
        authority.stamp(note)
        disclosure.disclose(
            connection,
            origin=ORIGIN,
            seqs=[4],
            out=folder / "out",
            now=start,
            vkey=SIGNER.vkey,
            tokens={9: Path(f"{note}.tsr").read_bytes()} if stamped else None,
        )
    engine.dispose()
    return folder / "out"
