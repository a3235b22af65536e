"""Time stamps (RFC 3161), with a real authority made of openssl on this machine."""

import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence_store import verify
from tests.evidence_store.evidence_authority import (
    CHECKPOINTS,
    Authority,
    make_authority,
    stamped,
    story,
)
from tests.evidence_store.evidence_kit import ENTRIES, SIGNER, rebag

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "authority")


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
