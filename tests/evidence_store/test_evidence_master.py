"""The master log: what it remembers of other logs, and what that shows."""

from collections.abc import Iterable

import pytest
from sqlalchemy import Connection, Engine

from evidence_store import log, master, merkle, notes
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, T0, append, at, open_story_log

ORGANISATION = "halden-mutual"
MASTER = f"{ORGANISATION}/master"
OTHER = f"{ORGANISATION}/exercise/EX-1"
NOTE = log.Draft(event="note.recorded", actor="U0ANA")


def record(connection: Connection, *origins: str, minutes: int = 1) -> list[log.Entry]:
    return master.record(
        connection,
        organisation=ORGANISATION,
        origins=origins,
        signer=SIGNER,
        actor="tocsin",
        now=at(minutes),
    )


def told(connection: Connection) -> list[master.Recorded]:
    return master.recorded(log.entries(connection, origin=MASTER))


def check(connection: Connection, lines: Iterable[master.Recorded], *, size: int = 99) -> int:
    """Hold the log, cut to `size` entries, against the master log."""
    found = [bytes.fromhex(e.leaf) for e in log.entries(connection, origin=ORIGIN, limit=size)]
    return master.check(
        lines,
        origin=ORIGIN,
        size=len(found),
        root_at=lambda upto: merkle.tree_root(found[:upto]),
    )


def test_checkpoints_are_recorded_with_size_and_root(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        append(connection, NOTE, now=at(1))
        (made,) = record(connection, ORIGIN)
        latest, _ = notes.parse(log.checkpoint(connection, origin=ORIGIN))
        assert (made.origin, made.event, made.seq) == (MASTER, "checkpoint.recorded", 1)
        assert told(connection) == [master.Recorded(log=ORIGIN, size=2, root=latest.root, ts=at(1))]


def test_what_did_not_grow_is_not_recorded_again(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        open_story_log(connection, origin=OTHER)
        assert master.unrecorded(connection, organisation=ORGANISATION) == [OTHER, ORIGIN]
        assert len(record(connection, ORIGIN, OTHER)) == 2
        assert record(connection, ORIGIN, OTHER) == []
        assert master.unrecorded(connection, organisation=ORGANISATION) == []
        append(connection, NOTE, now=at(2))
        assert master.unrecorded(connection, organisation=ORGANISATION) == [ORIGIN]
        assert [made.data["size"] for made in record(connection, ORIGIN, OTHER, MASTER)] == [2]


def test_the_logs_of_another_organisation_are_not_ours(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection, origin=f"{ORGANISATION}-north/incident/INC-7")
        assert master.unrecorded(connection, organisation=ORGANISATION) == []


def test_an_honest_log_passes_and_an_unknown_one_proves_nothing(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        for minute in range(3):
            append(connection, NOTE, now=at(minute))
            record(connection, ORIGIN)
        assert check(connection, told(connection)) == 3
        assert check(connection, []) == 0


def test_a_log_that_was_cut_is_noticed(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        append(connection, NOTE, now=at(1))
        record(connection, ORIGIN)
        with pytest.raises(master.MasterLogError, match=r"has 1 entries, and .* recorded 2 at"):
            check(connection, told(connection), size=1)


def test_a_log_that_was_written_anew_is_noticed(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        record(connection, ORIGIN)
        (line,) = told(connection)
        other = master.Recorded(log=ORIGIN, size=1, root=bytes(32), ts=T0)
        with pytest.raises(master.MasterLogError, match="its first 1 entries differ"):
            check(connection, [line, other])


def test_a_log_that_vanished_whole_is_noticed(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        open_story_log(connection)
        open_story_log(connection, origin=OTHER)
        record(connection, ORIGIN, OTHER)
        assert master.vanished(connection, organisation=ORGANISATION) == []
        for name in ("entry", "checkpoint"):
            connection.exec_driver_sql(f"DROP TRIGGER evidence_{name}_no_delete")
        for name in ("entry", "checkpoint", "log"):
            connection.exec_driver_sql(
                f"DELETE FROM evidence_{name} WHERE origin = '{OTHER}'"  # noqa: S608
            )
        assert master.vanished(connection, organisation=ORGANISATION) == [OTHER]


def test_the_record_stands_or_falls_with_what_it_records(engine: Engine) -> None:
    with engine.connect() as connection:
        open_story_log(connection)
        record(connection, ORIGIN)
        connection.rollback()
    with engine.connect() as connection:
        assert list(log.entries(connection, origin=MASTER)) == []
