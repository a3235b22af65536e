"""Signed notes and keys: the C2SP example, every malformed form, and the verifier's own Ed25519."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_store import notes, verify
from evidence_store.signing import FileSigner, KeyFileError
from tests.evidence_store.evidence_kit import SIGNER, STRANGER, b64, signed_note

# The example of c2sp.org/signed-note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
)
SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
ROOT = bytes(range(32))
KEY = SIGNER.verifying_key


def test_the_example_of_the_specification_verifies_both_ways() -> None:
    key = notes.VerifyingKey.parse(VKEY)
    blob = notes._base64(SIGNATURE)
    assert str(key) == VKEY
    assert blob[:4] == key.key_id
    assert key.verifies(TEXT, blob[4:])
    assert verify.ed25519_verify(key.key, TEXT, blob[4:])
    assert not verify.ed25519_verify(key.key, TEXT + b"x", blob[4:])


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=99), st.integers(0, 511))
def test_pure_python_ed25519_agrees_with_the_library(seed: bytes, text: bytes, bit: int) -> None:
    signer = FileSigner(name="k", seed=seed)
    signature = signer.sign(text)
    key = signer.verifying_key
    assert verify.ed25519_verify(key.key, text, signature)
    bad = bytearray(signature)
    bad[bit // 8] ^= 1 << bit % 8
    assert verify.ed25519_verify(key.key, text, bytes(bad)) == key.verifies(text, bytes(bad))


def test_ed25519_refuses_a_scalar_beyond_the_order() -> None:
    signature = SIGNER.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + verify._ORDER
    forged = signature[:32] + scalar.to_bytes(32, "little")
    assert not verify.ed25519_verify(KEY.key, b"x", forged)
    assert not verify.ed25519_verify(KEY.key[:31], b"x", signature)
    assert not verify.ed25519_verify(b"\xff" * 32, b"x", signature)


def test_a_checkpoint_comes_back_with_its_signer() -> None:
    data = signed_note(SIGNER, size=7, root=ROOT)
    checkpoint, signed = notes.verify(data, keys=[STRANGER.verifying_key, KEY])
    assert (checkpoint.size, checkpoint.root, signed) == (7, ROOT, [KEY])


def test_unknown_signature_lines_are_ignored() -> None:
    line = f"— someone {b64(bytes(4) + bytes(99))}\n".encode()
    data = signed_note(SIGNER, size=7, root=ROOT) + line
    assert notes.verify(data, keys=[KEY])[1] == [KEY]


def test_a_bad_signature_of_a_known_key_rejects_even_beside_a_good_one() -> None:
    good = signed_note(SIGNER, size=7, root=ROOT)
    bad = signed_note(SIGNER, size=7, root=ROOT, flip=True).splitlines(keepends=True)[-1]
    with pytest.raises(notes.NoteError, match="bad signature of known key 'halden-mutual-log'"):
        notes.verify(good + bad, keys=[KEY])


def test_a_note_signed_by_nobody_known_is_refused() -> None:
    with pytest.raises(notes.NoteError, match="no known key signed"):
        notes.verify(signed_note(STRANGER, size=7, root=ROOT), keys=[KEY])


GOOD = signed_note(SIGNER, size=7, root=ROOT)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD[:-1], id="no final newline"),
        pytest.param(GOOD.replace(b"\n7\n", b"\n07\n"), id="leading zero"),
        pytest.param(GOOD.replace(b"\n7\n", b"\n-7\n"), id="negative size"),
        pytest.param(GOOD.replace(b"\n7\n", b"\n7\nextra\n"), id="extension line"),
        pytest.param(GOOD.replace(b"\n\n", b"\n"), id="no blank line"),
        pytest.param(GOOD.replace(b"AAECAwQ", b"AAECAwR", 1)[:-3] + b"\n", id="cut signature"),
        pytest.param(
            GOOD.replace(b64(ROOT).encode(), b64(ROOT)[:-2].encode() + b"9="), id="base64"
        ),
        pytest.param(GOOD.replace(b64(ROOT).encode(), b64(ROOT[:-1]).encode()), id="short root"),
        pytest.param(GOOD.replace(b"halden", b"\thalden", 1), id="control character"),
        pytest.param(GOOD.replace("—".encode(), b"-"), id="wrong dash"),
        pytest.param(GOOD + GOOD.splitlines(keepends=True)[-1] * 16, id="17 signatures"),
        pytest.param(GOOD + b"x" * 20_000 + b"\n", id="too large"),
        pytest.param(b"\xff" + GOOD, id="not utf-8"),
        pytest.param(b"\n" + GOOD.split(b"\n", 1)[1], id="no origin"),
    ],
)
def test_writer_and_verifier_refuse_the_same_notes(data: bytes) -> None:
    with pytest.raises(notes.NoteError):
        notes.parse(data)
    with pytest.raises(verify.FailedError) as caught:
        verify._parse_note(data, "here")
    assert caught.value.code == "note-malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY.replace("PeterNeumann", ""),
        VKEY.replace("+ARpc", "+BRpc"),
        VKEY + "AAAA",
    ],
)
def test_writer_and_verifier_refuse_the_same_keys(text: str) -> None:
    with pytest.raises(notes.NoteError):
        notes.VerifyingKey.parse(text)
    assert verify._parse_key(text) is None


def test_a_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    made = FileSigner.load_or_create(path, name="halden")
    again = FileSigner.load_or_create(path, name="halden")
    assert made.vkey == again.vkey
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["log.key"]
    assert notes.VerifyingKey.parse(made.vkey).verifies(b"x", again.sign(b"x"))


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    FileSigner.load_or_create(path, name="halden")
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        FileSigner.load_or_create(path, name="halden")


def test_a_key_file_of_another_name_or_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    FileSigner.load_or_create(path, name="halden")
    with pytest.raises(KeyFileError, match="named 'halden', expected 'other'"):
        FileSigner.load_or_create(path, name="other")
    path.write_text("nonsense\n")
    with pytest.raises(KeyFileError, match="not a signing key"):
        FileSigner.load_or_create(path, name="halden")


def test_a_signer_name_with_a_space_is_refused(tmp_path: Path) -> None:
    with pytest.raises(notes.NoteError, match="without space or plus"):
        FileSigner.load_or_create(tmp_path / "log.key", name="Halden Mutual")
    assert list(tmp_path.iterdir()) == []
