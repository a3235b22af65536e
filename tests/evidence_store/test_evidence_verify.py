"""The verifier on honest bundles, alone, and its laws."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from evidence_store import __main__, canonical, entry, events, log, merkle, verify
from evidence_store.signing import FileSigner
from tests.evidence_store import (
    test_evidence_disclosure,
    test_evidence_verify_bag,
    test_evidence_verify_entries,
    test_evidence_verify_signed,
)
from tests.evidence_store.evidence_forgery import (
    CHECKPOINTS,
    GENESIS,
    LAST,
    Lines,
    cut_to,
    resigned,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    OPENINGS,
    ORIGIN,
    SIGNER,
    STRANGER,
    edit,
    open_story_log,
    read_lines,
    rebag,
    relink,
    sign,
    signed_note,
    write_lines,
)

# --- Controls: honest bundles, and what can't be known offline --------------------------------


def test_a_good_bundle_is_partial_without_trusted_time(bundle: Path) -> None:
    report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.exit_code, report.code) == ("PARTIAL", 3, "")
    assert [code for code, _ in report.unchecked] == ["no-trusted-time"]
    assert (report.entries, report.origin, report.warnings) == (9, ORIGIN, [])
    assert "4 of 5 personal values are disclosed" in report.text()
    assert "that nothing was recorded after entry 8" in report.text()


def test_without_a_key_it_is_only_consistent_with_itself(bundle: Path) -> None:
    report = verify.verify(bundle)
    assert (report.verdict, report.exit_code) == ("SELF_CONSISTENT", 2)
    assert report.code == "no-outside-key"


def test_a_forger_with_an_own_key_is_only_consistent_with_himself(bundle: Path) -> None:
    genesis = GENESIS | {"vkey": STRANGER.vkey}
    resigned(lambda ls: [edit(ls[0], data=genesis), *ls[1:]], signer=STRANGER)(bundle)
    rebag(bundle)
    report = verify.verify(bundle)
    assert (report.verdict, report.code) == ("SELF_CONSISTENT", "no-outside-key")


def test_a_rotated_key_is_trusted_through_the_old_one(bundle: Path) -> None:
    new = FileSigner(name="halden-mutual-2027", seed=b"n" * 32)

    def rotate(ls: Lines) -> Lines:
        return [*ls, edit(ls[5], event="key.rotated", data={"vkey": new.vkey})]

    resigned(rotate)(bundle)
    path = bundle / CHECKPOINTS / "000000000010.txt"
    between = path.read_bytes()
    lines = relink([*read_lines(bundle), read_lines(bundle)[-2]])
    write_lines(bundle, lines)
    sign(bundle, signer=new)
    path.write_bytes(between)
    rebag(bundle)
    assert verify.verify(bundle, vkeys=[SIGNER.vkey]).verdict == "PARTIAL"
    assert verify.verify(bundle, vkeys=[new.vkey]).verdict == "PARTIAL"
    path.unlink()
    rebag(bundle)
    report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.code) == ("FAILED", "signature-untrusted")


def test_a_cut_tail_is_invisible_without_an_outside_copy(bundle: Path) -> None:
    """A documented limit: this is why receipts print size and root."""
    cut_to(4)(bundle)
    rebag(bundle)
    report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.entries) == ("PARTIAL", 4)
    assert "that nothing was recorded after entry 3" in report.text()


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_an_honest_receipt_of_any_size_agrees(bundle: Path, size: int) -> None:
    leaves = [merkle.leaf_hash(item) for item in read_lines(bundle)[:size]]
    note = signed_note(SIGNER, size=size, root=merkle.tree_root(leaves))
    for receipt in (note, note.partition(b"\n\n")[0] + b"\n"):
        report = verify.verify(bundle, vkeys=[SIGNER.vkey], known_checkpoint=receipt)
        assert report.verdict == "PARTIAL"
        assert "nothing was recorded after" not in report.text()


def test_openings_may_be_left_out(bundle: Path) -> None:
    (bundle / OPENINGS).unlink()
    rebag(bundle)
    assert verify.verify(bundle, vkeys=[SIGNER.vkey]).verdict == "PARTIAL"


def test_a_clock_that_steps_back_is_a_warning(bundle: Path) -> None:
    earlier = "2026-11-21T10:02:58.000000Z"
    resigned(lambda ls: [*ls[:8], edit(ls[8], ts=earlier)])(bundle)
    rebag(bundle)
    report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    assert (report.verdict, report.warnings) == ("PARTIAL", ["the clock stepped back at entry 8"])


# --- Laws -------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_byte_of_a_bundle_can_be_flipped_unseen(bundle: Path, data: st.DataObject) -> None:
    names = sorted(str(p.relative_to(bundle)) for p in bundle.rglob("*") if p.is_file())
    path = bundle / data.draw(st.sampled_from(names))
    good = path.read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(bad))
    try:
        report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    finally:
        path.write_bytes(good)
    assert report.verdict == "FAILED", (path, place)


@pytest.mark.slow
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_byte_of_log_or_artifacts_can_be_flipped_even_with_new_manifests(
    bundle: Path, data: st.DataObject
) -> None:
    folders = ("data/log", "data/artifacts", "data/private")
    names = sorted(str(p) for f in folders for p in (bundle / f).rglob("*") if p.is_file())
    path = Path(data.draw(st.sampled_from(names)))
    good = path.read_bytes()
    bad = bytearray(good)
    bad[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(bad))
    rebag(bundle)
    try:
        report = verify.verify(bundle, vkeys=[SIGNER.vkey])
    finally:
        path.write_bytes(good)
    # Of the byte that says which format it is, docs/evidence-format.md promises UNREADABLE.
    assert report.verdict == "FAILED" or report.code == "format-unsupported", path


# --- Alone ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ([], 2, "SELF_CONSISTENT no-outside-key"),
        (["--vkey", SIGNER.vkey], 3, "PARTIAL no-trusted-time"),
        (["--vkey", STRANGER.vkey], 1, f"FAILED signature-untrusted at {LAST}"),
        (["--vkey", SIGNER.vkey, "--min-size", "10"], 1, f"FAILED log-cut at {ENTRIES}"),
        (["--vkey", "x"], 4, "UNREADABLE argument-invalid at --vkey"),
        (["--unknown"], 4, ""),
        (["--known-checkpoint", "missing.txt"], 4, ""),
    ],
)
def test_the_exported_verifier_runs_alone(
    exported: Path, args: list[str], code: int, words: str
) -> None:
    command = [sys.executable, "-I", "-S", "verify.py", ".", *args]
    done = subprocess.run(command, cwd=exported, capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode().startswith(words)) == (code, True)
    assert (b"UNREADABLE" in done.stderr) == (words == "")


@pytest.mark.slow
def test_the_package_runs_the_same_verifier(exported: Path) -> None:
    command = [sys.executable, "-m", "evidence_store", "verify", str(exported), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"], report["exit_code"]) == (2, "SELF_CONSISTENT", 2)
    assert report == json.loads(verify.verify(exported).to_json())


def test_the_command_line_asks_for_its_sub_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["check"]) == 4
    assert "usage: python -m evidence_store verify BUNDLE" in capsys.readouterr().err


def test_the_verifier_needs_nothing_but_the_standard_library_of_python_3_9() -> None:
    import ast  # noqa: PLC0415

    source = Path(verify.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {str(name).partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Match)]


def test_every_reason_is_documented() -> None:
    root = Path(verify.__file__).parents[1]
    text = (root / "docs/evidence-format.md").read_text()
    assert [code for code in verify.REASONS if f"`{code}`" not in text] == []


def test_every_reason_has_a_case_or_is_about_time() -> None:
    """A check that no test notices could be removed unseen."""
    cases = [
        *test_evidence_verify_entries.CASES,
        *test_evidence_verify_signed.CASES,
        *test_evidence_verify_bag.CASES,
    ]
    reached = {case.code for case in cases} | {"json-depth"}  # depth: test_evidence_canonical
    outside = {
        "not-found",
        "not-a-bundle",
        "zip-unsafe",
        "argument-invalid",
        "io-error",
        "database-mismatch",
    }
    outside |= {"format-unsupported", "no-outside-key", "no-openssl"}  # below
    outside |= {case[2] for case in test_evidence_disclosure.FORGERIES}
    outside |= {"known-checkpoint-elsewhere"}  # test_evidence_disclosure
    time = {code for code in verify.REASONS if code.startswith(("time-", "token-", "no-t"))}
    assert set(verify.REASONS) == reached | outside | time


def test_the_example_in_the_documentation_is_true(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        (first,) = log.entries(connection, origin=ORIGIN)
        note = log.checkpoint(connection, origin=ORIGIN)
    value = canonical.encode("two hosts")
    text = (Path(verify.__file__).parents[1] / "docs/evidence-format.md").read_text()
    for part in (
        f"\n{SIGNER.vkey}\n",
        f"\n{first.line.decode()}\n{first.leaf}\n",
        f"\n{note.decode()}",
        f"\n{entry.commitment(value, salt=bytes(range(32)))}\n",
        f"\n{events._WORDS.strip()}\n",
    ):
        assert part in text
