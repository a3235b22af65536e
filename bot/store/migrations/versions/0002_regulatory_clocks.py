"""Rulings and snoozes of clocks, acknowledged reminders, deputies, assessments, calendar feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _add_columns()
    _add_tables()


def _add_columns() -> None:
    # Columns are added in place: SQLite would make a table anew, and the clocks' is referred to.
    op.add_column("clock", sa.Column("rulings", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("clock", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("clock", sa.Column("lateness", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "roleholding",
        sa.Column("deputy", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("reminder", sa.Column("point_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "reminder", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "reminder",
        sa.Column("acknowledged_by", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("reminder", sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "reminder", sa.Column("escalation", sa.Integer(), nullable=False, server_default="0")
    )
    op.drop_index(op.f("ix_reminder_incident_id"), table_name="reminder")
    op.create_index("ix_reminder_of", "reminder", ["incident_id", "fired_at", "at"], unique=False)
    op.create_index(op.f("ix_reminder_escalate_at"), "reminder", ["escalate_at"], unique=False)


def _add_tables() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_sha256"),
    )
    op.create_index(
        op.f("ix_calendar_feed_incident_id"), "calendar_feed", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_calendar_feed_person_id"), "calendar_feed", ["person_id"], unique=False
    )
