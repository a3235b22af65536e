"""The database itself, verified against what is held outside: tampering by who owns it."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from evidence_store import live, log, merkle, verify
from evidence_store.artifacts import FolderArtifacts
from tests.evidence_store.evidence_kit import (
    MEMORY,
    ORIGIN,
    SIGNER,
    STRANGER,
    at,
    edit,
    relink,
    signed_note,
    write_story,
)


@pytest.fixture
def written(engine: Engine, artifacts: FolderArtifacts) -> Engine:
    with engine.begin() as connection:
        write_story(connection, artifacts)
    return engine


def outside(engine: Engine) -> bytes:
    with engine.connect() as connection:
        return log.checkpoint(connection, origin=ORIGIN)


def check(engine: Engine, artifacts: FolderArtifacts, **how: Any) -> verify.Report:
    how = {"vkeys": [SIGNER.vkey]} | how
    return live.verify_live(engine, origin=ORIGIN, artifacts=artifacts, **how)


def unguarded(engine: Engine, change: Callable[[Connection], Any]) -> None:
    """Change rows as the owner of the database can: without the triggers."""
    with engine.begin() as connection:
        for table in ("evidence_entry", "evidence_checkpoint"):
            if engine.dialect.name == "sqlite":
                for verb in ("update", "delete", "replace"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
            else:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        change(connection)


def sql(statement: str, **values: object) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(text(statement), values)


def lines_of(connection: Connection) -> list[bytes]:
    found = connection.execute(text("SELECT line FROM evidence_entry ORDER BY seq"))
    return [bytes(line) for line in found.scalars()]


def rewritten(change: Callable[[list[bytes]], list[bytes]], signer: Any) -> Callable[..., None]:
    """Write another history, with leaves, head and last checkpoint that fit it."""

    def rewrite(connection: Connection) -> None:
        lines = relink(change(lines_of(connection)))
        connection.execute(text("DELETE FROM evidence_checkpoint"))
        tree = merkle.CompactRange()
        for seq, line in enumerate(lines):
            leaf = merkle.leaf_hash(line)
            tree = tree.append(leaf)
            values = {"leaf": leaf, "line": line, "seq": seq}
            connection.execute(
                text("UPDATE evidence_entry SET leaf = :leaf, line = :line WHERE seq = :seq"),
                values,
            )
        note = signed_note(signer, size=tree.size, root=tree.root())
        row = {"origin": ORIGIN, "size": tree.size, "note": note}
        insert = (
            "INSERT INTO evidence_checkpoint (origin, size, note) VALUES (:origin, :size, :note)"
        )
        connection.execute(text(insert), row)
        values = {"head": merkle.leaf_hash(lines[-1]), "range": tree.to_bytes()}
        head = "UPDATE evidence_log SET head = :head, compact_range = :range"
        connection.execute(text(head), values)

    return rewrite


def actor_changed(lines: list[bytes]) -> list[bytes]:
    return [*lines[:5], edit(lines[5], actor="U0EVE"), *lines[6:]]


def cut(connection: Connection) -> None:
    """Cut the end off and mend head and checkpoints, with no key."""
    lines = lines_of(connection)[:4]
    tree = merkle.CompactRange()
    for line in lines:
        tree = tree.append(merkle.leaf_hash(line))
    for statement in (
        "DELETE FROM evidence_opening WHERE seq >= 4",
        "DELETE FROM evidence_checkpoint WHERE size > 4",
        "DELETE FROM evidence_entry WHERE seq >= 4",
    ):
        connection.execute(text(statement))
    values = {"head": merkle.leaf_hash(lines[-1]), "range": tree.to_bytes()}
    head = "UPDATE evidence_log SET size = 4, head = :head, compact_range = :range"
    connection.execute(text(head), values)


def test_an_honest_database_agrees(written: Engine, artifacts: FolderArtifacts) -> None:
    report = check(written, artifacts, known_checkpoint=outside(written))
    assert (report.verdict, [code for code, _ in report.unchecked]) == (
        "PARTIAL",
        ["no-trusted-time"],
    )
    assert (report.entries, report.warnings) == (9, [])
    assert "2 artifacts are the content that the log names" in report.checked
    assert live.origins(written) == [ORIGIN]
    assert check(written, artifacts, vkeys=[]).verdict == "SELF_CONSISTENT"


Change = Callable[[Connection], Any]
TAMPERED: dict[str, tuple[Change, str]] = {
    "column event": (
        sql("UPDATE evidence_entry SET event = 'x' WHERE seq = 2"),
        "database-mismatch",
    ),
    "column ts": (sql("UPDATE evidence_entry SET ts = 'x' WHERE seq = 2"), "database-mismatch"),
    "column leaf": (
        sql("UPDATE evidence_entry SET leaf = :x WHERE seq = 2", x=bytes(32)),
        "database-mismatch",
    ),
    "line": (
        sql("UPDATE evidence_entry SET line = :x WHERE seq = 8", x=b"{}"),
        "database-mismatch",
    ),
    "line and leaf": (
        sql(
            "UPDATE evidence_entry SET line = :x, leaf = :y WHERE seq = 8",
            x=b"{}",
            y=hashlib.sha256(b"\x00{}").digest(),
        ),
        "database-mismatch",
    ),
    "line that isn't JSON": (
        sql(
            "UPDATE evidence_entry SET line = :x, leaf = :y WHERE seq = 8",
            x=b"{",
            y=hashlib.sha256(b"\x00{").digest(),
        ),
        "json-syntax",
    ),
    "entry deleted": (sql("DELETE FROM evidence_entry WHERE seq = 8"), "checkpoint-beyond-log"),
    "checkpoints deleted": (sql("DELETE FROM evidence_checkpoint"), "checkpoint-missing"),
    "newest checkpoint deleted": (
        sql("DELETE FROM evidence_checkpoint WHERE size = 9"),
        "unsigned-tail",
    ),
    "size of the head": (sql("UPDATE evidence_log SET size = 8"), "database-mismatch"),
    "head": (sql("UPDATE evidence_log SET head = :x", x=bytes(32)), "database-mismatch"),
    "compact range": (
        sql("UPDATE evidence_log SET compact_range = :x", x=bytes(64)),
        "database-mismatch",
    ),
    "opening changed": (
        sql("UPDATE evidence_opening SET salt = :x WHERE seq = 3", x=bytes(32)),
        "opening-mismatch",
    ),
    "history rewritten without the key": (
        rewritten(actor_changed, STRANGER),
        "signature-untrusted",
    ),
    "history rewritten with the key": (
        rewritten(actor_changed, SIGNER),
        "known-checkpoint-mismatch",
    ),
    "tail cut": (cut, "log-cut"),
}


@pytest.mark.parametrize("name", list(TAMPERED))
def test_tampering_in_the_database_is_found_for_its_reason(
    written: Engine, artifacts: FolderArtifacts, name: str
) -> None:
    change, code = TAMPERED[name]
    known = outside(written)
    with written.begin() as connection:
        # Deleting entries needs their openings gone; the keys of the tables stay in force.
        if name == "entry deleted":
            connection.execute(text("DELETE FROM evidence_opening WHERE seq = 8"))
    unguarded(written, change)
    report = check(written, artifacts, known_checkpoint=known)
    assert (report.verdict, report.code) == ("FAILED", code), (report.place, report.detail)


def test_a_log_that_vanished_is_missed_by_its_receipt(
    written: Engine, artifacts: FolderArtifacts
) -> None:
    report = live.verify_live(
        written,
        origin="halden-mutual/incident/INC-8",
        artifacts=artifacts,
        vkeys=[SIGNER.vkey],
        known_checkpoint=signed_note(
            SIGNER, size=3, root=bytes(32), origin="halden-mutual/incident/INC-8"
        ),
    )
    assert (report.verdict, report.code) == ("FAILED", "log-cut")


def test_a_changed_or_lost_artifact_is_found(written: Engine, artifacts: FolderArtifacts) -> None:
    path = artifacts.path(hashlib.sha256(MEMORY).hexdigest())
    path.chmod(0o600)
    path.write_bytes(MEMORY[::-1])
    assert check(written, artifacts).code == "artifact-digest"
    path.write_bytes(MEMORY[:-1])
    assert check(written, artifacts).code == "artifact-size"
    path.unlink()
    assert check(written, artifacts).code == "artifact-missing"


def test_what_is_appended_meanwhile_is_left_for_the_next_time(
    written: Engine, artifacts: FolderArtifacts
) -> None:
    source = live.LiveLog(written, ORIGIN)
    before = source.open(verify.ENTRIES).read()
    with written.begin() as connection:
        log.append(
            connection,
            origin=ORIGIN,
            drafts=[log.Draft(event="note.recorded", actor="U0ANA")],
            signer=SIGNER,
            now=at(90),
        )
    assert source.open(verify.ENTRIES).read() == before
    assert check(written, artifacts).entries == 10
