"""What else a bundle can be and carry: a ZIP, stamps, papers, keys that changed; flat memory."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence_store import bundle as bundles
from evidence_store import bundle_papers, log, rotation, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.bundle_sinks import read_file
from evidence_store.log import Draft
from evidence_store.signing import FileSigner
from tests.evidence_store.evidence_kit import (
    LETTER,
    MEMORY,
    ORIGIN,
    SIGNER,
    T0,
    append,
    at,
    write_story,
)


@pytest.fixture
def written(sqlite: Engine, artifacts: FolderArtifacts) -> Engine:
    with sqlite.begin() as connection:
        write_story(connection, artifacts)
    return sqlite


def export(engine: Engine, artifacts: FolderArtifacts, out: Path) -> bundles.BundleSummary:
    with engine.connect() as connection:
        return bundles.export_bundle(
            connection, origin=ORIGIN, artifacts=artifacts, out=out, now=T0, vkey=SIGNER.vkey
        )


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_zip_holds_the_same_bag_and_verifies_in_place(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    folder = export(written, artifacts, tmp_path / "folder")
    packed = export(written, artifacts, tmp_path / "INC-7.zip")
    assert (packed.seal, packed.payload_bytes) == (folder.seal, folder.payload_bytes)
    with zipfile.ZipFile(packed.path) as archive:
        members = archive.infolist()
        held = {one.filename: archive.read(one) for one in members}
    assert {one.compress_type for one in members} == {zipfile.ZIP_STORED}
    assert held == {f"INC-7/{n}": (folder.path / n).read_bytes() for n in names(folder.path)}
    report = verify.verify(packed.path, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.root) == ("PARTIAL", folder.root)


def test_a_zip_is_whole_or_not_there(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    artifacts.path(artifacts.store([MEMORY]).sha256).unlink()
    out = tmp_path / "exports" / "out.zip"
    with pytest.raises(bundles.BundleError, match="restore it from the backup"):
        export(written, artifacts, out)
    assert list(out.parent.iterdir()) == []
    out.write_bytes(b"mine")
    with pytest.raises(bundles.BundleExistsError):
        export(written, artifacts, out)
    assert out.read_bytes() == b"mine"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["out", "out.zip"])
def test_memory_stays_flat_over_large_files(written: Engine, tmp_path: Path, form: str) -> None:
    large = FolderArtifacts(tmp_path / "large", max_bytes=1 << 30)
    for content in (MEMORY, LETTER):
        large.store([content])
    ref = large.store(bytes(1 << 20) for _ in range(160))
    with written.begin() as connection:
        append(
            connection,
            Draft(event="evidence.collected", actor="U0FARID", artifacts=[ref]),
            now=at(9),
        )
    tracemalloc.start()
    try:
        summary = export(written, large, tmp_path / form)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20
    assert summary.payload_bytes > 160 << 20
    assert verify.verify(summary.path, vkeys=[SIGNER.vkey]).verdict == "PARTIAL"


def test_stamps_go_along_with_their_checkpoints(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    with written.connect() as connection:
        summary = bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=artifacts,
            out=tmp_path / "out",
            now=T0,
            vkey=SIGNER.vkey,
            tokens={6: b"six", 9: b"nine"},
            trust={"tsa-roots.pem": b"roots"},
        )
        six = log.checkpoint(connection, origin=ORIGIN, size=6)
    folder = summary.path / "data/log/checkpoints"
    assert sorted(one.name for one in folder.glob("*.tsr")) == [
        "000000000006.tsr",
        "000000000009.tsr",
    ]
    assert (folder / "000000000006.txt").read_bytes() == six
    assert (folder / "000000000006.tsr").read_bytes() == b"six"
    assert (summary.path / "data/trust-INFORMATIONAL/tsa-roots.pem").read_bytes() == b"roots"
    report = verify.verify(summary.path, vkeys=[SIGNER.vkey])
    assert [code for code, _ in report.unchecked] == ["no-tsa-ca"]


def test_papers_are_asked_for_when_all_is_known(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    asked: list[bundles.BundleContents] = []

    def papers(contents: bundles.BundleContents) -> dict[str, bytes]:
        asked.append(contents)
        return {"custody-form.pdf": b"%PDF"}

    with written.connect() as connection:
        summary = bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=artifacts,
            out=tmp_path / "out",
            now=T0,
            vkey=SIGNER.vkey,
            papers=papers,
            redact=True,
        )
    (contents,) = asked
    assert (contents.checkpoint.root.hex(), contents.checkpoint.size) == (summary.root, 9)
    assert sorted(contents.artifacts.values()) == sorted([len(LETTER), len(MEMORY)])
    assert (contents.vkeys, contents.stamped, contents.redacted) == ((SIGNER.vkey,), (), True)
    assert (summary.path / "data/custody-form.pdf").read_bytes() == b"%PDF"


@pytest.mark.parametrize("name", ["log", "Private", "case.jsonld", "../x", "a/b"])
def test_a_paper_takes_no_place_of_the_bundle(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path, name: str
) -> None:
    with written.connect() as connection, pytest.raises(bundles.BundleError, match="document name"):
        bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=artifacts,
            out=tmp_path / "out",
            now=T0,
            vkey=SIGNER.vkey,
            papers=lambda _: {name: b""},
        )
    assert not (tmp_path / "out").exists()


def test_a_stamp_is_added_to_a_finished_bag(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    for form in ("out", "out.zip"):
        out = export(written, artifacts, tmp_path / form).path
        tags = bundle_papers.tag_manifest(out)
        assert b"  manifest-sha256.txt\n" in tags
        bundle_papers.add_stamp(out, b"stamp", now=T0)
        assert read_file(out, "tagmanifest-sha256.txt.tsr") == b"stamp"
        # Named by no manifest, and no reason to doubt the rest.
        assert verify.verify(out, vkeys=[SIGNER.vkey]).verdict == "PARTIAL"


def test_after_a_rotation_the_bundle_verifies_with_either_key(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    after = FileSigner(name="halden-mutual-log", seed=bytes(range(1, 33)))
    with written.begin() as connection:
        rotation.rotate_keys(
            connection,
            organisation="halden-mutual",
            signer=SIGNER,
            successor=after,
            actor="system",
            now=at(9),
        )
        for minute in range(10, 14):
            note = Draft(event="note.recorded", actor="U0ANA")
            log.append(connection, origin=ORIGIN, drafts=[note], signer=after, now=at(minute))
    out = export(written, artifacts, tmp_path / "out").path
    # 10 entries with the rotation; it is no power of two, and not the last.
    assert (out / "data/log/checkpoints/000000000010.txt").exists()
    for key in (SIGNER, after):
        assert verify.verify(out, vkeys=[key.vkey]).verdict == "PARTIAL"
    keys = (out / "data/trust-INFORMATIONAL/keys.txt").read_text().splitlines()[1:]
    assert keys == [SIGNER.vkey, after.vkey]
