"""The bundle as written: layout, standard tools, and never half of one."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence_store import bundle as bundles
from evidence_store import log, notes, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import ArtifactRef, Draft
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


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def written(sqlite: Engine, artifacts: FolderArtifacts) -> Engine:
    with sqlite.begin() as connection:
        write_story(connection, artifacts)
    return sqlite


def export(
    engine: Engine,
    artifacts: FolderArtifacts,
    out: Path,
    *,
    redact: bool = False,
    documents: dict[str, bytes] | None = None,
) -> bundles.BundleSummary:
    with engine.connect() as connection:
        return bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=artifacts,
            out=out,
            now=T0,
            vkey=SIGNER.vkey,
            redact=redact,
            documents=documents,
        )


def test_layout(exported: Path, artifacts: FolderArtifacts) -> None:
    held = sorted(artifacts.store([content]).sha256 for content in (MEMORY, LETTER))
    assert names(exported) == [
        "README-PRUEFEN.txt",
        "README-VERIFY.txt",
        "bag-info.txt",
        "bagit.txt",
        *(f"data/artifacts/{sha256}" for sha256 in held),
        "data/case.jsonld",
        "data/documents/timeline.txt",
        "data/log/checkpoints/000000000001.txt",
        "data/log/checkpoints/000000000003.txt",
        "data/log/checkpoints/000000000004.txt",
        "data/log/checkpoints/000000000008.txt",
        "data/log/checkpoints/000000000009.txt",
        "data/log/entries.jsonl",
        "data/private/openings.jsonl",
        "data/trust-INFORMATIONAL/keys.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "verify.py",
    ]
    assert (exported / "verify.py").read_bytes() == Path(verify.__file__).read_bytes()
    assert ORIGIN in (exported / "README-VERIFY.txt").read_text()
    assert SIGNER.vkey in (exported / "data/trust-INFORMATIONAL/keys.txt").read_text()


@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_reads_the_manifests(exported: Path, manifest: str) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", manifest]
    done = subprocess.run(command, cwd=exported, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_summary_is_what_the_verifier_finds(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    summary = export(written, artifacts, tmp_path / "out", documents={"a.pdf": b"x"})
    report = verify.verify(summary.path, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.origin) == ("PARTIAL", ORIGIN)
    assert (summary.entries, summary.root) == (9, report.root)
    assert (summary.artifacts, summary.redacted) == (2, False)
    info = (summary.path / "bag-info.txt").read_text()
    assert f"Payload-Oxum: {summary.payload_bytes}." in info
    assert "Bagging-Date: 2026-11-21\n" in info


def test_redacted_leaves_the_openings_out_and_still_verifies(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    summary = export(written, artifacts, tmp_path / "out", redact=True)
    assert not (summary.path / "data/private").exists()
    assert "two hosts" not in "".join(
        path.read_text("latin-1") for path in summary.path.rglob("*") if path.is_file()
    )
    report = verify.verify(summary.path, vkeys=[SIGNER.vkey])
    assert report.verdict == "PARTIAL"
    assert any(line.startswith("0 of 5 personal values are disclosed") for line in report.checked)


def test_what_is_there_is_never_overwritten(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    export(written, artifacts, out)
    before = (out / "bag-info.txt").stat().st_mtime_ns
    with pytest.raises(bundles.BundleExistsError, match="never overwritten"):
        export(written, artifacts, out)
    assert (out / "bag-info.txt").stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_artifact_stops_the_export_and_leaves_nothing(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path, damage: str
) -> None:
    path = artifacts.path(artifacts.store([MEMORY]).sha256)
    path.unlink()
    if damage == "changed":
        path.write_bytes(MEMORY[::-1])
    words = {"missing": "restore it from the backup", "changed": "was changed since it was stored"}
    out = tmp_path / "exports" / "out"
    with pytest.raises(bundles.BundleError, match=words[damage]):
        export(written, artifacts, out)
    assert list(out.parent.iterdir()) == []


def test_a_disposed_artifact_need_not_be_there(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    ref = artifacts.store([MEMORY])
    artifacts.path(ref.sha256).unlink()
    gone = Draft(
        event="evidence.disposed",
        actor="U0FARID",
        artifacts=[ArtifactRef(sha256=ref.sha256, size=ref.size)],
    )
    with written.begin() as connection:
        append(connection, gone, now=at(9))
    summary = export(written, artifacts, tmp_path / "out")
    report = verify.verify(summary.path, vkeys=[SIGNER.vkey])
    assert (summary.artifacts, report.verdict) == (1, "PARTIAL")
    assert report.warnings == ["1 artifacts were disposed of, as the log records"]


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "ä.pdf", "", "a\nb"])
def test_an_unsafe_document_name_is_refused(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path, name: str
) -> None:
    with pytest.raises(bundles.BundleError, match="document name"):
        export(written, artifacts, tmp_path / "out", documents={name: b""})
    assert not (tmp_path / "out").exists()


def test_an_unknown_log_leaves_nothing(
    sqlite: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    with pytest.raises(log.UnknownLogError):
        export(sqlite, artifacts, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([1], [1]),
        ([1, 2, 3], [1, 2]),
        (list(range(1, 101)), [1, 2, 4, 8, 16, 32, 64]),
        ([1, 50, 60, 70, 100], [1, 50, 70]),
    ],
)
def test_sparse_checkpoints(sizes: list[int], kept: list[int]) -> None:
    def first_from(least: int) -> int | None:
        return next((size for size in sizes if size >= least), None)

    assert bundles.sparse_sizes(first_from) == kept


def test_postgresql_and_sqlite_export_the_same_form(
    engine: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        write_story(connection, artifacts)
    summary = export(engine, artifacts, tmp_path / "out")
    report = verify.verify(summary.path, vkeys=[SIGNER.vkey], min_size=9, origin=ORIGIN)
    assert (report.verdict, report.headline()) == (
        "PARTIAL",
        "PARTIAL no-trusted-time: signed and unchanged, but not everything could be checked",
    )
    note = (summary.path / "data/log/checkpoints/000000000009.txt").read_bytes()
    assert notes.parse(note)[0].root.hex() == report.root
