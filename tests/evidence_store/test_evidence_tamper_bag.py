"""More tampering with the bag and with ZIPs, and honest variants of them."""

import base64
import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.evidence_store.evidence_forgery import (
    CHECKPOINTS,
    Case,
    artifact,
    assert_found,
    both,
    on_lines,
    write,
)
from tests.evidence_store.evidence_kit import ENTRIES, MEMORY, ORIGIN, SIGNER, rebag, retag
from tests.evidence_store.test_evidence_verify_bag import listed, zip_of

NO_TIME: dict[str, Any] = {"verdict": "PARTIAL", "unchecked": ("no-trusted-time",)}
MANIFEST = "manifest-sha256.txt"
GIBIBYTE = 1 << 30


def zipped(
    change: Callable[[zipfile.ZipFile], Any] = lambda _: None, **how: Any
) -> Callable[[Path], Path]:
    """Pack into x.zip beside the bundle, and add to the archive."""

    def pack(bundle: Path) -> Path:
        out = zip_of(bundle, bundle.parent / "x.zip", **how)
        with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            change(archive)
        return out

    return pack


def patched(change: Callable[[bytearray], Any]) -> Callable[[Path], Path]:
    """Pack, and change bytes of the archive."""

    def pack(bundle: Path) -> Path:
        out = zip_of(bundle, bundle.parent / "x.zip")
        data = bytearray(out.read_bytes())
        change(data)
        out.write_bytes(data)
        return out

    return pack


def central(data: bytearray, offset: int, new: bytes) -> None:
    """Write into the first header of the central directory (APPNOTE 4.3.12)."""
    start = data.index(b"PK\x01\x02") + offset
    data[start : start + len(new)] = new


def member(name: str, content: bytes = b"x", *, mode: int = 0) -> Callable[[zipfile.ZipFile], None]:
    def add(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)

    return add


def only_declaration(bundle: Path) -> Path:
    out = bundle.parent / "x.zip"
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(bundle / "bagit.txt", "bagit.txt")
    return out


def inner_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil", b"\x00" * 1_000_000)
    return out.getvalue()


def zeros(archive: zipfile.ZipFile) -> None:
    archive.writestr("data/zeros", bytes(5_000_000), zipfile.ZIP_DEFLATED)


def unzipped(bundle: Path) -> Path:
    return bundle / "verify.py"


def flipped_artifact(data: bytearray) -> None:
    data[data.index(MEMORY)] ^= 1


def sparse(bundle: Path) -> None:
    """Change the last byte of an artifact of more than 4 GiB, which takes no room on disk."""
    path = artifact(bundle, MEMORY)
    with path.open("r+b") as file:
        file.truncate(4 * GIBIBYTE + 1)


def same(bundle: Path) -> Path:
    return bundle.parent / "nowhere"


def unsafe(name: str) -> Case:
    return Case(
        name=f"file name {name!a}",
        forge=write(f"data/{name}", b""),
        code="bag-unsafe-name",
        place=ascii(f"data/{name}"),
    )


def unsafe_line(name: str) -> Case:
    return Case(
        name=f"manifest line {name!a}",
        forge=listed(name),
        code="bag-unsafe-name",
        place=ascii(name),
        rebag=False,
    )


def argument(name: str, place: str, **options: Any) -> Case:
    return Case(
        name=f"argument: {name}",
        options=options,
        verdict="UNREADABLE",
        code="argument-invalid",
        place=place,
    )


def info(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        path = bundle / "bag-info.txt"
        path.write_bytes(change(path.read_bytes()))
        retag(bundle)

    return forge


NO_BUNDLE: dict[str, Any] = {"verdict": "UNREADABLE", "code": "not-a-bundle"}

CASES = [
    *(unsafe(name) for name in ("a\u202efdp.exe", "caf\u00e9", "a\nb", "-x", "a:b", "a" * 201)),
    Case(
        name="file 11 folders deep",
        forge=write("data/" + "/".join("abcdefghij"), b""),
        code="bag-unsafe-name",
        place=ascii("data/" + "/".join("abcdefghij")),
    ),
    *(unsafe_line(name) for name in ("data/./x", "data/", "data/x\x00", "data/x ", ".", "-x")),
    Case(
        name="manifest without a final newline",
        forge=lambda b: (b / MANIFEST).write_bytes((b / MANIFEST).read_bytes()[:-1]),
        code="bag-manifest-malformed",
        place=MANIFEST,
        rebag=False,
    ),
    Case(
        name="manifest digest in upper case",
        forge=on_lines(lambda ls: [ls[0][:64].upper() + ls[0][64:], *ls[1:]], MANIFEST),
        code="bag-manifest-malformed",
        place=f"{MANIFEST} line 1",
        rebag=False,
    ),
    Case(
        name="manifest empty",
        forge=write(MANIFEST, b""),
        code="bag-manifest-malformed",
        place=MANIFEST,
        rebag=False,
    ),
    Case(
        name="tag file changed",
        forge=write("README-VERIFY.txt", b"All is well. No need to check."),
        code="bag-file-changed",
        place="README-VERIFY.txt",
        rebag=False,
    ),
    Case(
        name="verify.py replaced by one that always agrees",
        forge=write("verify.py", b"print('VERIFIED')"),
        code="bag-file-changed",
        place="verify.py",
        rebag=False,
    ),
    Case(
        name="a third manifest",
        forge=write("manifest-md5.txt", b""),
        code="bag-file-extra",
        place="manifest-md5.txt",
        rebag=False,
    ),
    Case(
        name="payload removed with its manifest line: entries",
        forge=lambda b: (b / ENTRIES).unlink(),
        code="bag-file-missing",
        place=ENTRIES,
    ),
    Case(
        name="file among the private values",
        forge=write("data/private/more.jsonl", b""),
        code="bag-file-extra",
        place="data/private/more.jsonl",
    ),
    Case(
        name="checkpoint of another name",
        forge=write(f"{CHECKPOINTS}9.txt", b""),
        code="bag-file-extra",
        place=f"{CHECKPOINTS}9.txt",
    ),
    Case(
        name="bag-info too large",
        forge=info(lambda good: good + b"X: " + b"y" * 70_000 + b"\n"),
        code="bag-oxum",
        place="bag-info.txt",
        rebag=False,
    ),
    Case(
        name="oxum: files miscounted",
        forge=info(lambda good: good.replace(b"\n", b"0\n") if good.endswith(b"\n") else good),
        code="bag-oxum",
        place="bag-info.txt",
        rebag=False,
    ),
    Case(
        name="bagit.txt of 2 kB",
        forge=write("bagit.txt", b"BagIt-Version: 1.0\n" * 200),
        code="bag-declaration",
        place="bagit.txt",
    ),
    Case(
        name="bagit.txt removed",
        forge=both(lambda b: (b / "bagit.txt").unlink(), retag),
        place="bagit.txt",
        rebag=False,
        **NO_BUNDLE,
    ),
    Case(name="empty folders", forge=lambda b: (b / "data/empty").mkdir(), **NO_TIME),
    Case(
        name="a document more, listed (says that it isn't signed)",
        forge=write("data/documents/letter.txt", b"Dear court"),
        says=("4 files outside data/log, data/artifacts and data/private: copies for reading",),
        **NO_TIME,
    ),
    Case(
        name="a disclosed entry beside the whole log (says that it isn't signed)",
        forge=write("data/disclosed/000000000004.json", b"{}"),
        says=("4 files outside data/log, data/artifacts and data/private: copies for reading",),
        **NO_TIME,
    ),
    Case(
        name="artifact of more than 4 GiB, sparse",
        forge=sparse,
        code="bag-file-changed",
        place="data/artifacts/memory",
        rebag=False,
        heavy=True,
    ),
    # ZIP.
    Case(
        name="zip: stored",
        pack=zipped(),
        says=(
            "that what was recorded was true, or that everything was recorded",
            "that nothing was recorded after entry 8",
        ),
        **NO_TIME,
    ),
    Case(name="zip: in its only folder", pack=zipped(prefix="INC-7/"), **NO_TIME),
    Case(
        name="zip: in one of two folders",
        pack=zipped(member("OTHER/x"), prefix="INC-7/"),
        place="bagit.txt",
        **NO_BUNDLE,
    ),
    Case(
        name="zip: compressed",
        pack=zipped(method=zipfile.ZIP_DEFLATED),
        code="zip-unsafe",
        place="<first>",
    ),
    Case(name="zip: a bomb", pack=zipped(zeros), code="zip-unsafe", place="data/zeros"),
    Case(
        name="zip: another zip inside, untouched",
        forge=write("data/documents/inner.zip", inner_zip()),
        pack=zipped(),
        **NO_TIME,
    ),
    *(
        Case(
            name=f"zip: member {name}",
            pack=zipped(member(name)),
            code="bag-unsafe-name",
            place=ascii(name),
        )
        for name in ("../x", "/x", "C:\\x", "data/../../x", "data\\x")
    ),
    Case(
        name="zip: folder with an unsafe name",
        pack=zipped(member("../up/", b"")),
        code="bag-unsafe-name",
        place=ascii("../up"),
    ),
    Case(
        name="zip: link",
        pack=zipped(member("data/link", b"/etc/passwd", mode=0o120777)),
        code="bag-symlink",
        place="data/link",
    ),
    Case(
        name="zip: two members of one name",
        pack=zipped(member(ENTRIES, b"")),
        code="zip-unsafe",
        place=ENTRIES,
    ),
    Case(
        name="zip: names that differ in case",
        pack=zipped(member("README-verify.txt")),
        code="bag-unsafe-name",
        place="README-verify.txt",
    ),
    Case(
        name="zip: a name with a hidden end",
        forge=lambda b: (b / "x@y").write_bytes(b""),
        pack=patched(lambda data: data.__setitem__(slice(None), data.replace(b"x@y", b"x\x00y"))),
        code="bag-unsafe-name",
        place=ascii("x\x00y"),
    ),
    Case(
        name="zip: members claim more than there is",
        pack=patched(lambda data: central(data, 20, (1 << 24).to_bytes(4, "little") * 2)),
        code="zip-unsafe",
        place=ascii("x.zip"),
    ),
    Case(
        name="zip: two sizes of one member",
        pack=patched(lambda data: central(data, 24, (1 << 20).to_bytes(4, "little"))),
        code="zip-unsafe",
        place="<first>",
    ),
    Case(
        name="zip: member of two minds about compression",
        pack=patched(lambda data: central(data, 10, b"\x08")),
        code="zip-unsafe",
        place="<first>",
    ),
    Case(
        name="zip: nothing but bagit.txt",
        pack=only_declaration,
        code="bag-file-missing",
        place=MANIFEST,
    ),
    Case(
        name="zip: encrypted member",
        pack=patched(lambda data: central(data, 8, b"\x01")),
        code="zip-unsafe",
        place="<first>",
    ),
    Case(
        name="zip: member changed in the archive",
        pack=patched(flipped_artifact),
        verdict="UNREADABLE",
        code="io-error",
        place="<path>",
    ),
    Case(
        name="zip: artifact missing",
        forge=lambda b: artifact(b, MEMORY).unlink(),
        pack=zipped(),
        code="artifact-missing",
        place="data/artifacts/memory",
    ),
    Case(name="nothing there", pack=same, verdict="UNREADABLE", code="not-found", place="<path>"),
    Case(name="not a zip", pack=unzipped, place=ascii("verify.py"), **NO_BUNDLE),
    # What can't be read, and what can't be used.
    argument("key is nonsense", "--vkey", vkeys=["nonsense"]),
    argument("key with another id", "--vkey", vkeys=[SIGNER.vkey.replace("+d", "+e", 1)]),
    argument("known checkpoint is nonsense", "--known-checkpoint", known_checkpoint=b"x"),
    argument("known checkpoint isn't UTF-8", "--known-checkpoint", known_checkpoint=b"\xff"),
    argument(
        "known checkpoint of other lines",
        "--known-checkpoint",
        known_checkpoint=f"{ORIGIN}\n9\n".encode(),
    ),
    argument(
        "known checkpoint of 17 kB",
        "--known-checkpoint",
        known_checkpoint=b"x/" + b"y" * 17_000 + b"\n9\n" + base64.b64encode(bytes(32)) + b"\n",
    ),
    argument("no such file of roots", "--tsa-ca", tsa_ca=Path("/nonexistent/roots.pem")),
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.heavy else [])
        for case in CASES
    ],
)
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)


def test_a_bag_made_anew_around_the_same_payload_agrees(exported: Path, tmp_path: Path) -> None:
    case = Case(name="", forge=rebag, **NO_TIME)
    assert_found(exported, tmp_path, case)
