"""Keys: Ed25519 as RFC 8032 has it, and a rotation that breaks off at any step."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence_store import log, notes, rotation, signing, verify
from evidence_store.log import Draft
from evidence_store.signing import FileSigner
from tests.evidence_store.evidence_kit import T0, at

ORGANISATION = "halden-mutual"
NAMES = [f"{ORGANISATION}/incident/INC-{number}" for number in (1, 2)]
NOTE = Draft(event="note.recorded", actor="U0ANA")

# RFC 8032 section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    pytest.param(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
        id="TEST 1",
    ),
    pytest.param(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
        id="TEST 2",
    ),
    pytest.param(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
        id="TEST 3",
    ),
    pytest.param(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
        id="TEST SHA(abc)",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_signatures_are_those_of_rfc_8032(
    secret: str, public: str, message: str, signature: str
) -> None:
    signer = FileSigner(name="k", seed=bytes.fromhex(secret))
    key, text, good = (bytes.fromhex(part) for part in (public, message, signature))
    assert signer.verifying_key.key == key
    assert signer.sign(text) == good
    assert verify.ed25519_verify(key, text, good)
    assert not verify.ed25519_verify(key, text + b"x", good)


class Keys:
    """A key file, the logs that it signs, and the signer of a process that started long ago."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.path = folder / "evidence.key"
        self.engine = engine
        self.signer = FileSigner.load_or_create(self.path, name=ORGANISATION)
        self.old = self.signer.verifying_key
        with engine.begin() as connection:
            for origin in NAMES:
                log.open_log(connection, origin=origin, actor="s", signer=self.signer, now=T0)

    def rotate(self, *, stop_after: int = 3, keep: bool = True) -> list[str]:
        """Rotate as a process of its own would, up to a step."""
        done: list[str] = []
        old = FileSigner.load_or_create(self.path, name=ORGANISATION)
        new = rotation.next_key(self.path)
        if stop_after >= 2:
            with self.engine.begin() as connection:
                done = rotation.rotate_keys(
                    connection,
                    organisation=ORGANISATION,
                    signer=old,
                    successor=new,
                    actor="U0LENA",
                    now=at(1),
                )
        if stop_after >= 3:
            rotation.finish(self.path, old_key_id=old.key_id, keep=keep)
        return done

    def write(self, signer: FileSigner) -> list[notes.VerifyingKey]:
        """Append to each log; return who signed the last."""
        with self.engine.begin() as connection:
            for origin in NAMES:
                log.append(connection, origin=origin, drafts=[NOTE], signer=signer, now=at(2))
            note = log.checkpoint(connection, origin=NAMES[1])
        return notes.verify(note, keys=list({self.old, signer.verifying_key}))[1]

    def names(self) -> set[str]:
        return {path.name for path in self.path.parent.iterdir() if "key" in path.name}


@pytest.fixture
def keys(tmp_path: Path, sqlite: Engine) -> Keys:
    return Keys(tmp_path, sqlite)


def test_a_rotation_is_signed_by_both_keys_in_every_log(tmp_path: Path, engine: Engine) -> None:
    keys = Keys(tmp_path, engine)
    assert keys.rotate() == NAMES
    new = FileSigner.load_or_create(keys.path, name=ORGANISATION)
    for origin in NAMES:
        with engine.connect() as connection:
            *_, last = log.entries(connection, origin=origin)
            note = log.checkpoint(connection, origin=origin, size=2)
        assert (last.event, last.data) == ("key.rotated", {"vkey": new.vkey})
        assert notes.verify(note, keys=[keys.old])[1] == [keys.old]
        assert notes.verify(note, keys=[new.verifying_key])[1] == [new.verifying_key]
    assert keys.write(new) == [new.verifying_key]
    assert keys.names() == {"evidence.key", f"retired-{keys.old.key_id.hex()}.key"}
    assert all(
        stat.S_IMODE((keys.path.parent / name).stat().st_mode) == 0o600 for name in keys.names()
    )


def test_a_process_that_started_before_follows_by_itself(keys: Keys) -> None:
    keys.rotate()
    assert keys.write(keys.signer) != [keys.old]
    assert keys.signer.vkey == FileSigner.load_or_create(keys.path, name=ORGANISATION).vkey


def test_a_rotation_that_broke_off_before_the_commit_changed_nothing(keys: Keys) -> None:
    keys.rotate(stop_after=1)
    assert keys.write(keys.signer) == [keys.old]
    assert keys.rotate() == NAMES


def test_a_rotation_that_broke_off_after_the_commit_is_finished_by_the_next_writer(
    keys: Keys,
) -> None:
    keys.rotate(stop_after=2)
    assert "evidence.key.next" in keys.names()
    restarted = FileSigner.load_or_create(keys.path, name=ORGANISATION)
    assert restarted.verifying_key == keys.old
    assert keys.write(restarted) == [restarted.verifying_key]
    assert restarted.verifying_key != keys.old
    assert keys.names() == {"evidence.key", f"retired-{keys.old.key_id.hex()}.key"}


def test_a_rotation_that_broke_off_after_the_commit_is_finished_by_repeating_it(
    keys: Keys,
) -> None:
    keys.rotate(stop_after=2)
    new = signing.next_path(keys.path).read_text()
    assert keys.rotate() == []
    assert keys.path.read_text() == new
    assert not signing.next_path(keys.path).exists()


def test_the_old_key_can_be_destroyed(keys: Keys) -> None:
    keys.rotate(keep=False)
    assert keys.names() == {"evidence.key"}


def test_the_old_key_signs_no_more(keys: Keys) -> None:
    """Where the new key isn't at hand, nothing is signed with the old one."""
    elsewhere = FileSigner(name=ORGANISATION, seed=signing._read_seed(keys.path, name=ORGANISATION))
    keys.rotate()
    with pytest.raises(log.WrongKeyError, match=f"holds key {keys.old.key_id.hex()}"):
        keys.write(elsewhere)


def test_a_key_that_the_logs_do_not_know_can_not_rotate_them(keys: Keys) -> None:
    stranger = FileSigner(name=ORGANISATION, seed=bytes(32))
    with keys.engine.begin() as connection, pytest.raises(log.WrongKeyError):
        rotation.rotate_keys(
            connection,
            organisation=ORGANISATION,
            signer=stranger,
            successor=FileSigner(name=ORGANISATION, seed=bytes(range(32))),
            actor="x",
            now=T0,
        )


def test_another_name_and_a_rotation_by_hand_are_refused(keys: Keys) -> None:
    other = FileSigner(name="other", seed=bytes(32))
    with keys.engine.begin() as connection:
        with pytest.raises(log.LogError, match="must have the name"):
            rotation.rotate_keys(
                connection,
                organisation=ORGANISATION,
                signer=keys.signer,
                successor=other,
                actor="x",
                now=T0,
            )
        by_hand = Draft(event="key.rotated", actor="x", data={"vkey": other.vkey})
        with pytest.raises(log.LogError, match="rotation alone"):
            log.append(connection, origin=NAMES[0], drafts=[by_hand], signer=keys.signer, now=T0)


def test_there_must_be_a_key_to_rotate(tmp_path: Path) -> None:
    with pytest.raises(log.LogError, match="no key yet"):
        rotation.next_key(tmp_path / "evidence.key")


def test_a_log_of_another_organisation_is_left_alone(keys: Keys) -> None:
    other = f"{ORGANISATION}-north/incident/INC-1"
    with keys.engine.begin() as connection:
        log.open_log(connection, origin=other, actor="s", signer=keys.signer, now=T0)
    assert keys.rotate() == NAMES


def test_a_row_from_before_rotations_is_signed_by_its_first_key(keys: Keys) -> None:
    with keys.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE evidence_log SET vkey = ''")
    assert keys.write(keys.signer) == [keys.old]
    assert keys.rotate() == NAMES
