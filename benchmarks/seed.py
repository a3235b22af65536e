"""Fills a database for the measurements: one incident opened for real, then many copies of it.

Copies are made with SQL, rows of every table that belongs to an incident; the evidence logs of the
copies are left out, since a log is only ever read for its own incident.
"""

import os
import time

from sqlalchemy import Connection, Engine, text

from bot.practice import Practice

TABLES = ("member", "roleholding", "task", "fact", "clock")


def seed_one(pair: Practice) -> str:
    """Open an incident as Ana and return its channel."""
    ana = pair.box.person("U0ANA")
    security = pair.box.channel_id("security")
    ana.slash("/incident", "open data_breach SEV2 The first of many", channel=security)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for name, channel in ana.channels().items():
            if name.startswith("inc-") and not pair.tocsin.store.outbox.pending():
                return str(channel)
        time.sleep(0.05)
    raise TimeoutError("the first incident's channel didn't come")


def multiply(engine: Engine, total: int) -> None:
    """Copy the first incident until there are `total`."""
    with engine.connect() as connection:
        connection.execute(text("COMMIT"))
        connection.execute(text("BEGIN IMMEDIATE"))
        have = connection.execute(text("SELECT max(id) FROM incident")).scalar_one()
        columns = _columns(connection, "incident", without={"id", "ref", "channel_id"})
        connection.execute(
            text(
                _NUMBERS
                + f"""
            INSERT INTO incident (id, ref, {columns})
            SELECT n, 'INC-2020-' || printf('%06d', n), {columns} FROM numbers, incident
            WHERE incident.id = 1"""
            ),
            {"first": have + 1, "last": total},
        )
        for table in TABLES:
            _copy(connection, table, first=have + 1, last=total)
        connection.execute(text("COMMIT"))
        # What a night's pause does anyway: the copies go from the write-ahead log into the file.
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        connection.execute(text("ANALYZE"))
    os.sync()  # else the disk still writes the copies while the commands are measured


_NUMBERS = """
    WITH RECURSIVE numbers(n) AS (
        SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"""


def _columns(connection: Connection, table: str, *, without: set[str]) -> str:
    rows = connection.execute(text(f"PRAGMA table_info({table})")).all()
    return ", ".join(row[1] for row in rows if row[1] not in without)


def _copy(connection: Connection, table: str, *, first: int, last: int) -> None:
    columns = _columns(connection, table, without={"id", "incident_id"})
    connection.execute(
        text(
            _NUMBERS + f" INSERT INTO {table} (incident_id, {columns}) "
            f"SELECT n, {columns} FROM numbers, {table} WHERE {table}.incident_id = 1"
        ),
        {"first": first, "last": last},
    )
