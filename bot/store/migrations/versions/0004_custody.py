"""Custody of items: who holds them, transfers, holds, retention and disposal."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_columns()
    _add_transfers()
    _add_holds()
    _add_disposals()


def _add_columns() -> None:
    # Columns are added in place: SQLite would make a table anew, and others may refer to it.
    for name, target in (("parent_id", "evidence_item.id"), ("custodian_id", "person.id")):
        op.add_column(
            "evidence_item",
            sa.Column(name, sa.Integer(), sa.ForeignKey(target), nullable=True),
            inline_references=True,
        )
    op.add_column("evidence_item", sa.Column("volatility", sa.Integer(), nullable=True))
    op.add_column(
        "evidence_item", sa.Column("retention", sa.String(), nullable=False, server_default="")
    )
    op.add_column("evidence_item", sa.Column("keep_until", AT, nullable=True))
    op.add_column("evidence_item", sa.Column("disposed_at", AT, nullable=True))
    op.create_index(
        op.f("ix_evidence_item_keep_until"), "evidence_item", ["keep_until"], unique=False
    )


def _add_transfers() -> None:
    op.create_table(
        "custody_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("released_at", AT, nullable=False),
        sa.Column("answered_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["evidence_item.id"]),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", "number"),
    )
    for name in ("incident_id", "item_id", "to_id"):
        op.create_index(op.f(f"ix_custody_transfer_{name}"), "custody_transfer", [name])


def _add_holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_at", AT, nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=False),
        sa.Column("released_at", AT, nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["released_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id", "number"),
    )
    op.create_index(op.f("ix_legal_hold_incident_id"), "legal_hold", ["incident_id"])


def _add_disposals() -> None:
    op.create_table(
        "disposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["evidence_item.id"]),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("incident_id", "item_id", "state"):
        op.create_index(op.f(f"ix_disposal_{name}"), "disposal", [name])
