"""Time stamps and keys of the evidence logs: the key that signs now, and the master log's mark."""

import sqlalchemy as sa
from alembic import op

from evidence_store import tables as evidence_tables

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # A database made just now has them already: the first migration makes the tables of today.
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("evidence_log")}
    if "vkey" not in there:
        op.add_column(
            "evidence_log", sa.Column("vkey", sa.String(300), nullable=False, server_default="")
        )
        op.add_column(
            "evidence_log",
            sa.Column("recorded_size", sa.BigInteger(), nullable=False, server_default="0"),
        )
    # Tables and triggers that came after the first migration; those that are there stay.
    evidence_tables.create_all(op.get_bind())
    # Logs without time stamps are due at once, should there be an authority to ask.
    op.execute(
        "INSERT INTO evidence_anchoring (origin, due_ts, failures) "
        "SELECT origin, created_ts, 0 FROM evidence_log "
        "WHERE origin NOT IN (SELECT origin FROM evidence_anchoring)"
    )
