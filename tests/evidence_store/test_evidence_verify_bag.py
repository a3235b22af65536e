"""The verifier against tampering with the bag, in a folder and in a ZIP."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_store import verify
from tests.evidence_store.evidence_forgery import (
    GENESIS,
    Case,
    artifact,
    assert_found,
    both,
    link_away,
    on_lines,
    raw,
    replaced,
    resigned,
    write,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    MEMORY,
    OPENINGS,
    SIGNER,
    edit,
    rebag,
    retag,
)


def listed(name: str) -> Callable[[Path], None]:
    """Add a line of this name to the manifest."""
    line = b"0" * 64 + b"  " + name.encode()
    return on_lines(lambda lines: [line, *lines], "manifest-sha256.txt")


CASES = [
    # The bag.
    Case(
        name="file changed",
        forge=replaced(ENTRIES, b"U0ANA", b"U0EVE"),
        code="bag-file-changed",
        place=ENTRIES,
        rebag=False,
    ),
    Case(
        name="file added",
        forge=write("data/x.txt", b""),
        code="bag-file-extra",
        place="data/x.txt",
        rebag=False,
    ),
    Case(
        name="tag file added",
        forge=write("x.txt", b""),
        code="bag-file-extra",
        place="x.txt",
        rebag=False,
    ),
    Case(
        name="file removed",
        forge=lambda b: (b / OPENINGS).unlink(),
        code="bag-file-missing",
        place=OPENINGS,
        rebag=False,
    ),
    Case(
        name="file in the log's folder",
        forge=write("data/log/x.txt", b""),
        code="bag-file-extra",
        place="data/log/x.txt",
    ),
    Case(
        name="manifest line removed",
        forge=both(
            on_lines(
                lambda ls: [x for x in ls if OPENINGS.encode() not in x], "manifest-sha256.txt"
            ),
            retag,
        ),
        code="bag-file-extra",
        place=OPENINGS,
        rebag=False,
    ),
    Case(
        name="manifest line doubled",
        forge=both(on_lines(lambda ls: [ls[0], *ls], "manifest-sha256.txt"), retag),
        code="bag-manifest-duplicate",
        place="manifest-sha256.txt line 2",
        rebag=False,
    ),
    Case(
        name="manifest with crlf",
        forge=both(on_lines(lambda ls: [x + b"\r" for x in ls], "manifest-sha256.txt"), retag),
        code="bag-manifest-malformed",
        place="manifest-sha256.txt",
        rebag=False,
    ),
    Case(
        name="manifest not in ascii",
        forge=raw(0, lambda x: x + "ä".encode(), "manifest-sha256.txt"),
        code="bag-manifest-malformed",
        place="manifest-sha256.txt",
        rebag=False,
    ),
    Case(
        name="manifest in another form",
        forge=raw(0, lambda x: x.replace(b"  ", b" *"), "manifest-sha256.txt"),
        code="bag-manifest-malformed",
        place="manifest-sha256.txt line 1",
        rebag=False,
    ),
    *(
        Case(
            name=f"manifest names {name}",
            forge=listed(name),
            code="bag-unsafe-name",
            place=ascii(name),
            rebag=False,
        )
        for name in (
            "../x",
            "/etc/passwd",
            "data/../x",
            "data//x",
            "data\\x",
            "~/x",
            "C:x",
            "data/%0Ax",
        )
    ),
    Case(
        name="tag manifest removed",
        forge=lambda b: (b / "tagmanifest-sha256.txt").unlink(),
        code="bag-file-missing",
        place="tagmanifest-sha256.txt",
        rebag=False,
    ),
    Case(
        name="bag-info removed",
        forge=both(lambda b: (b / "bag-info.txt").unlink(), retag),
        code="bag-file-missing",
        place="bag-info.txt",
        rebag=False,
    ),
    Case(
        name="oxum",
        forge=both(replaced("bag-info.txt", b"Oxum: ", b"Oxum: 1"), retag),
        code="bag-oxum",
        place="bag-info.txt",
        rebag=False,
    ),
    Case(
        name="another bagit.txt",
        forge=replaced("bagit.txt", b"1.0", b"0.9"),
        code="bag-declaration",
        place="bagit.txt",
    ),
    Case(name="fetch.txt", forge=write("fetch.txt", b""), code="bag-fetch", place="fetch.txt"),
    Case(name="symlink", forge=link_away, code="bag-symlink", place=ascii(ENTRIES), rebag=False),
    Case(
        name="symlinked folder",
        forge=lambda b: (b / "data/more").symlink_to("/"),
        code="bag-symlink",
        place=ascii("data/more"),
        rebag=False,
    ),
    Case(
        name="fifo",
        forge=lambda b: os.mkfifo(b / "data/pipe"),
        code="bag-special-file",
        place="data/pipe",
        rebag=False,
    ),
    Case(
        name="file name with a space",
        forge=write("data/a b", b""),
        code="bag-unsafe-name",
        place=ascii("data/a b"),
    ),
    Case(
        name="hidden file",
        forge=write("data/.x", b""),
        code="bag-unsafe-name",
        place=ascii("data/.x"),
    ),
    Case(
        name="names that differ in case",
        forge=both(write("data/x", b""), write("data/X", b"")),
        code="bag-unsafe-name",
        place="data/x",
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)


# --- Input that can't be read -----------------------------------------------------------------


def unreadable(report: verify.Report) -> str:
    assert (report.verdict, report.exit_code) == ("UNREADABLE", 4)
    return report.code


def test_what_is_no_bundle_is_unreadable(bundle: Path, tmp_path: Path) -> None:
    assert unreadable(verify.verify(tmp_path / "nowhere")) == "not-found"
    (tmp_path / "empty").mkdir()
    assert unreadable(verify.verify(tmp_path / "empty")) == "not-a-bundle"
    assert unreadable(verify.verify(bundle / "verify.py")) == "not-a-bundle"


def test_wrong_arguments_are_unreadable(bundle: Path) -> None:
    assert unreadable(verify.verify(bundle, vkeys=["nonsense"])) == "argument-invalid"
    assert unreadable(verify.verify(bundle, known_checkpoint=b"x")) == "argument-invalid"
    assert unreadable(verify.verify(bundle, tsa_ca=bundle / "no.pem")) == "argument-invalid"


def test_a_newer_format_is_unreadable(bundle: Path) -> None:
    genesis = GENESIS | {"vkey": SIGNER.vkey, "vocabulary": 4}
    resigned(lambda ls: [edit(ls[0], data=genesis), *ls[1:]])(bundle)
    rebag(bundle)
    assert unreadable(verify.verify(bundle, vkeys=[SIGNER.vkey])) == "format-unsupported"


def test_an_unreadable_archive_member_is_an_io_error(bundle: Path, tmp_path: Path) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip")
    data = bytearray(archive.read_bytes())
    data[data.index(MEMORY)] ^= 1
    archive.write_bytes(data)
    assert unreadable(verify.verify(archive, vkeys=[SIGNER.vkey])) == "io-error"


# --- ZIP --------------------------------------------------------------------------------------


def zip_of(bundle: Path, out: Path, *, prefix: str = "", method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(out, "w", method) as archive:
        for path in sorted(bundle.rglob("*")):
            archive.write(path, prefix + str(path.relative_to(bundle)))
    return out


@pytest.mark.parametrize("prefix", ["", "INC-7/"])
def test_a_stored_zip_is_read_in_place(bundle: Path, tmp_path: Path, prefix: str) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip", prefix=prefix)
    report = verify.verify(archive, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.entries) == ("PARTIAL", 9)
    artifact(bundle, MEMORY).unlink()
    rebag(bundle)
    archive = zip_of(bundle, tmp_path / "y.zip", prefix=prefix)
    assert verify.verify(archive, vkeys=[SIGNER.vkey]).code == "artifact-missing"


def test_a_compressed_zip_is_refused(bundle: Path, tmp_path: Path) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip", method=zipfile.ZIP_DEFLATED)
    report = verify.verify(archive, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.code) == ("FAILED", "zip-unsafe")


@pytest.mark.parametrize(
    ("name", "code"),
    [("../x", "bag-unsafe-name"), ("C:\\x", "bag-unsafe-name"), ("/x", "bag-unsafe-name")],
)
def test_unsafe_names_in_a_zip_are_refused(
    bundle: Path, tmp_path: Path, name: str, code: str
) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip")
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(name, b"x")
    report = verify.verify(archive, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.code, report.place) == ("FAILED", code, ascii(name))


def test_links_and_twins_in_a_zip_are_refused(bundle: Path, tmp_path: Path) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip")
    link = zipfile.ZipInfo("data/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(link, b"/etc/passwd")
    assert verify.verify(archive).code == "bag-symlink"
    archive = zip_of(bundle, tmp_path / "y.zip")
    with zipfile.ZipFile(archive, "a") as more, pytest.warns(UserWarning, match="Duplicate name"):
        more.writestr(ENTRIES, b"")
    report = verify.verify(archive)
    assert (report.code, report.place) == ("zip-unsafe", ENTRIES)


def test_a_name_with_a_hidden_end_in_a_zip_is_refused(bundle: Path, tmp_path: Path) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip")
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("data/x@.exe", b"x")
    archive.write_bytes(archive.read_bytes().replace(b"data/x@.exe", b"data/x\x00.exe"))
    report = verify.verify(archive)
    assert (report.code, report.place) == ("bag-unsafe-name", ascii("data/x\x00.exe"))


def test_members_that_claim_more_than_the_file_holds_are_refused(
    bundle: Path, tmp_path: Path
) -> None:
    archive = zip_of(bundle, tmp_path / "x.zip")
    data = bytearray(archive.read_bytes())
    # Sizes in the first header of the central directory (APPNOTE 4.3.12).
    start = data.index(b"PK\x01\x02")
    data[start + 20 : start + 28] = (1 << 24).to_bytes(4, "little") * 2
    archive.write_bytes(data)
    assert verify.verify(archive).code == "zip-unsafe"
