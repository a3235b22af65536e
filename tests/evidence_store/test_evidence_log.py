"""The log in both databases: order, links, signatures, erasure, and two writers at once."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from evidence_store import canonical, entry, events, log, merkle, notes, tables, verify
from evidence_store.artifacts import ArtifactRef, FolderArtifacts
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import (
    ORIGIN,
    SIGNER,
    STRANGER,
    T0,
    append,
    at,
    open_story_log,
    write_story,
)

NOTE = Draft(event="note.recorded", actor="U0ANA")


def test_the_verifier_knows_the_same_words() -> None:
    assert verify.VOCABULARY == events.EVENTS
    assert len(events.EVENTS) == len(events._WORDS.split())


def test_the_first_entry_names_key_hash_and_versions(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        (first,) = log.entries(connection, origin=ORIGIN)
    assert (first.seq, first.event, first.prev, first.ts) == (0, "log.opened", "0" * 64, T0)
    assert first.data == {
        "vkey": SIGNER.vkey,
        "hash": "sha-256",
        "profile": 1,
        "vocabulary": 3,
        "max_lag_seconds": 86_400,
        "tsa": [],
        "tool": "test 1",
    }


def test_entries_link_and_every_append_is_signed(
    engine: Engine, artifacts: FolderArtifacts
) -> None:
    with engine.begin() as connection:
        write_story(connection, artifacts)
        written = list(log.entries(connection, origin=ORIGIN))
        assert log.checkpoint_sizes(connection, origin=ORIGIN) == [1, 3, 4, 6, 7, 8, 9]
        assert [item.seq for item in written] == list(range(9))
        assert [item.prev for item in written[1:]] == [item.leaf for item in written[:-1]]
        for size in (1, 6, 9):
            note = log.checkpoint(connection, origin=ORIGIN, size=size)
            found, signed = notes.verify(note, keys=[SIGNER.verifying_key])
            leaves = [merkle.leaf_hash(item.line) for item in written[:size]]
            assert (found.origin, found.size, found.root) == (
                ORIGIN,
                size,
                merkle.tree_root(leaves),
            )
            assert signed == [SIGNER.verifying_key]
        latest = log.checkpoint(connection, origin=ORIGIN)
    assert notes.parse(latest)[0].size == 9


def test_a_log_goes_on_in_another_transaction(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
    for number in range(4):
        with engine.begin() as connection:
            (made,) = append(connection, NOTE, now=at(number))
            assert made.seq == number + 1
    with engine.connect() as connection:
        assert [e.seq for e in log.entries(connection, origin=ORIGIN, after=1, limit=2)] == [2, 3]


def test_append_never_commits(engine: Engine) -> None:
    with engine.connect() as connection:
        open_story_log(connection)
        append(connection, NOTE, now=at(1))
        connection.rollback()
    with engine.connect() as connection:
        assert list(log.entries(connection, origin=ORIGIN)) == []


@pytest.mark.parametrize("table", ["evidence_entry", "evidence_checkpoint"])
@pytest.mark.parametrize("change", ["UPDATE {} SET origin = origin", "DELETE FROM {}"])
def test_change_is_refused_by_the_database(engine: Engine, table: str, change: str) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
    with (
        pytest.raises(DatabaseError, match=f"{table} is append-only"),
        engine.begin() as connection,
    ):
        connection.execute(text(change.format(table)))


@pytest.mark.parametrize("table", ["evidence_entry", "evidence_checkpoint"])
def test_sqlite_refuses_replace_too(sqlite: Engine, table: str) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
    with (
        pytest.raises(IntegrityError, match=f"{table} is append-only"),
        sqlite.begin() as connection,
    ):
        connection.execute(text(f"REPLACE INTO {table} SELECT * FROM {table}"))  # noqa: S608


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("table", ["evidence_entry", "evidence_checkpoint"])
def test_postgresql_refuses_truncate_too(postgres: Engine, table: str) -> None:
    with (
        pytest.raises(DatabaseError, match=f"{table} is append-only"),
        postgres.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


def test_tables_can_be_installed_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        tables.create_all(connection)
        tables.install(connection)


def test_other_databases_are_refused() -> None:
    with pytest.raises(tables.UnsupportedDatabaseError, match="use SQLite or PostgreSQL"):
        tables.trigger_ddl("mysql")


@pytest.mark.slow
def test_writers_at_the_same_time_make_one_chain(engine: Engine) -> None:
    """Four threads, 15 appends each, every one in its own transaction: no fork, nothing lost."""
    with engine.begin() as connection:
        open_story_log(connection)
    errors: list[Exception] = []

    def write(actor: str) -> None:
        try:
            for number in range(15):
                draft = Draft(event="note.recorded", actor=actor, data={"n": number})
                with engine.begin() as connection:
                    append(connection, draft, now=at(1))
        except Exception as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    threads = [threading.Thread(target=write, args=(f"U{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with engine.connect() as connection:
        found = list(log.entries(connection, origin=ORIGIN))
        sizes = log.checkpoint_sizes(connection, origin=ORIGIN)
    assert [item.seq for item in found] == list(range(61))
    assert [item.prev for item in found[1:]] == [item.leaf for item in found[:-1]]
    assert sizes == list(range(1, 62))
    for actor in ("U0", "U1", "U2", "U3"):
        assert [e.data["n"] for e in found if e.actor == actor] == list(range(15))


def test_personal_data_stands_behind_a_commitment(engine: Engine) -> None:
    secret = {"text": "line one\nline two", "who": ["Ana"]}
    draft = Draft(event="note.recorded", actor="U0ANA", pd={"text": secret, "name": "Ana"})
    with engine.begin() as connection:
        open_story_log(connection)
        (made,) = append(connection, draft, now=at(1))
        behind = list(log.openings(connection, origin=ORIGIN, seq=1))
    assert b"Ana" not in made.line
    assert [(item.seq, item.name, item.decoded()) for item in behind] == [
        (1, "name", "Ana"),
        (1, "text", secret),
    ]
    for item in behind:
        digest = hashlib.sha256(b"pd1\x00" + item.salt + item.value).hexdigest()
        assert (len(item.salt), made.pd[item.name]) == (32, digest)
    assert behind[0].salt != behind[1].salt


def test_openings_come_in_the_order_of_code_points(engine: Engine) -> None:
    names = ["ab", "a_b", "a1", "b"]
    with engine.begin() as connection:
        open_story_log(connection)
        for _ in range(2):
            draft = Draft(event="note.recorded", actor="U", pd=dict.fromkeys(names, 0))
            append(connection, draft, now=at(1))
        found = [(o.seq, o.name) for o in log.openings(connection, origin=ORIGIN)]
    assert found == [(seq, name) for seq in (1, 2) for name in ("a1", "a_b", "ab", "b")]


def test_erasing_takes_value_and_salt_and_is_recorded(engine: Engine) -> None:
    draft = Draft(event="note.recorded", actor="U0ANA", pd={"a": "x", "b": "y"})
    with engine.begin() as connection:
        open_story_log(connection)
        append(connection, draft, now=at(1))
        erased = erase(connection, names=["a"])
        left = [(o.seq, o.name) for o in log.openings(connection, origin=ORIGIN)]
    assert (erased.event, erased.data) == ("personal_data.erased", {"seq": 1, "names": ["a"]})
    assert left == [(1, "b"), (2, "reason")]


def erase(connection: Connection, *, names: list[str]) -> log.Entry:
    return log.erase_personal_data(
        connection,
        origin=ORIGIN,
        seq=1,
        names=names,
        actor="U0LENA",
        signer=SIGNER,
        now=at(2),
        reason="asked for",
    )


@pytest.mark.parametrize("names", [["other"], ["a", "other"], []])
def test_erasing_what_is_not_there_changes_nothing(sqlite: Engine, names: list[str]) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        append(connection, Draft(event="note.recorded", actor="U", pd={"a": 1}), now=at(1))
        with pytest.raises(log.NothingToEraseError, match="entry 1: nothing to erase"):
            erase(connection, names=names)
        assert len(list(log.entries(connection, origin=ORIGIN))) == 2
        assert len(list(log.openings(connection, origin=ORIGIN))) == 1


def test_a_legal_hold_blocks_erasing_until_it_is_released(sqlite: Engine) -> None:
    placed = Draft(event="hold.placed", actor="U0LENA", data={"hold": "H1"})
    released = Draft(event="hold.released", actor="U0LENA", data={"hold": "H1"})
    with sqlite.begin() as connection:
        open_story_log(connection)
        append(connection, Draft(event="note.recorded", actor="U", pd={"a": 1}), now=at(1))
        append(connection, placed, now=at(1))
        with pytest.raises(log.LegalHoldError, match="H1 is in force"):
            erase(connection, names=["a"])
        append(connection, released, now=at(1))
        assert erase(connection, names=["a"]).seq == 4


def test_a_clock_that_steps_back_is_written_as_it_is(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        append(connection, NOTE, now=at(5))
        (back,) = append(connection, NOTE, now=at(4))
    assert back.ts == at(4)


def test_times_are_written_in_utc_with_microseconds(sqlite: Engine) -> None:
    berlin = datetime(2026, 11, 21, 12, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    with sqlite.begin() as connection:
        open_story_log(connection)
        (made,) = append(connection, NOTE, now=berlin)
        row = connection.execute(select(tables.evidence_entry).filter_by(seq=1)).one()
    assert b'"ts":"2026-11-21T11:00:00.000007Z"' in made.line
    assert row.ts == "2026-11-21T11:00:00.000007Z"
    assert made.ts == datetime(2026, 11, 21, 11, 0, 0, 7, tzinfo=UTC)


def test_a_log_is_opened_once_and_must_be_open(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        with pytest.raises(log.UnknownLogError, match="no log of origin"):
            append(connection, NOTE, now=T0)
        with pytest.raises(log.UnknownLogError, match="has no checkpoint"):
            log.checkpoint(connection, origin=ORIGIN)
        open_story_log(connection)
        with pytest.raises(log.LogExistsError, match="already open"):
            open_story_log(connection)


def test_opening_data_can_not_replace_what_the_log_sets(sqlite: Engine) -> None:
    with sqlite.begin() as connection, pytest.raises(log.LogError, match="vkey are set by the log"):
        log.open_log(
            connection, origin=ORIGIN, actor="x", signer=SIGNER, now=T0, data={"vkey": "mine"}
        )


def refused(draft: dict[str, Any], error: type[Exception], words: str, name: str) -> Any:
    return pytest.param(draft, error, words, id=name)


REFUSED = [
    refused(
        {"event": "incident.exploded"}, events.UnknownEventError, "not in vocabulary 3", "word"
    ),
    refused({"event": "log.opened"}, log.LogError, "first entry", "second genesis"),
    refused({"data": {"x": 0.5}}, entry.EntryError, "$.data.x: floats", "float"),
    refused({"data": {"x": "a\nb"}}, entry.EntryError, "$.data.x: string holds", "newline"),
    refused({"data": {"x": "y" * 65_535}}, entry.EntryError, "at most 65535", "too long"),
    refused({"pd": {"x": "y" * 262_143}}, entry.EntryError, "at most 262144", "long value"),
    refused({"pd": {"x": 1.5}}, entry.EntryError, "personal data x: $[0]: floats", "pd float"),
    refused({"pd": {"X y": 1}}, entry.EntryError, "'X y' must be a lower-case word", "pd name"),
    refused({"actor": ""}, entry.EntryError, "actor must be", "no actor"),
]


@pytest.mark.parametrize(("changes", "error", "words"), REFUSED)
def test_a_bad_draft_is_refused(
    sqlite: Engine, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        with pytest.raises(error) as caught:
            append(connection, Draft(**{"event": "note.recorded", "actor": "U"} | changes), now=T0)
        assert words in str(caught.value)
        assert len(list(log.entries(connection, origin=ORIGIN))) == 1


def test_the_longest_entry_fits(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        (short,) = append(
            connection, Draft(event="note.recorded", actor="U", data={"x": ""}), now=T0
        )
        fill = entry.MAX_ENTRY_BYTES - len(short.line)
        draft = Draft(event="note.recorded", actor="U", data={"x": "y" * fill})
        (longest,) = append(connection, draft, now=T0)
        assert len(longest.line) == 65_535
        longer = Draft(event="note.recorded", actor="U", data={"x": "y" * (fill + 1)})
        with pytest.raises(entry.EntryError, match="has 65536 bytes"):
            append(connection, longer, now=T0)


def test_nothing_and_naive_times_are_refused(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        with pytest.raises(log.LogError, match="at least one draft"):
            append(connection, now=T0)
        with pytest.raises(entry.EntryError, match="aware"):
            append(connection, NOTE, now=T0.replace(tzinfo=None))


@pytest.mark.parametrize("origin", ["", "INC-7", "a/b c", "../a", "a//b", "a/" + "b" * 199])
def test_an_origin_that_is_no_name_is_refused(sqlite: Engine, origin: str) -> None:
    with sqlite.begin() as connection, pytest.raises(entry.EntryError, match="must look like"):
        open_story_log(connection, origin=origin)


def test_an_entry_is_read_back_from_its_bytes(sqlite: Engine) -> None:
    ref = ArtifactRef(sha256="0" * 64, size=0)
    draft = Draft(event="evidence.sealed", actor="U", data={"seal": "S-1"}, artifacts=[ref])
    with sqlite.begin() as connection:
        open_story_log(connection)
        (made,) = append(connection, draft, now=T0)
    assert entry.read(made.line) == made
    assert made.artifacts == (ref,)
    assert canonical.encode(canonical.decode(made.line)) == made.line


def test_logs_do_not_touch_each_other(sqlite: Engine) -> None:
    other = "halden-mutual/exercise/EX-1"
    with sqlite.begin() as connection:
        open_story_log(connection)
        open_story_log(connection, origin=other)
        append(connection, NOTE, now=T0, origin=other)
        append(connection, NOTE, NOTE, now=T0)
        assert [e.seq for e in log.entries(connection, origin=ORIGIN)] == [0, 1, 2]
        assert [e.seq for e in log.entries(connection, origin=other)] == [0, 1]


def test_the_right_lock_is_missing_and_the_size_still_guards(sqlite: Engine) -> None:
    """A head row that another writer moved between reading and writing is noticed."""
    with sqlite.begin() as connection:
        open_story_log(connection)

        connection.exec_driver_sql(
            "CREATE TRIGGER other_writer AFTER INSERT ON evidence_checkpoint "
            "BEGIN UPDATE evidence_log SET size = 9; END"
        )
    with sqlite.begin() as connection, pytest.raises(log.ConcurrentAppendError, match="try again"):
        append(connection, NOTE, now=T0)


def test_another_signer_can_take_over_only_by_saying_so() -> None:
    """Keys of one name and different content have different ids."""
    assert SIGNER.verifying_key.name == STRANGER.verifying_key.name
    assert SIGNER.verifying_key.key_id != STRANGER.verifying_key.key_id
