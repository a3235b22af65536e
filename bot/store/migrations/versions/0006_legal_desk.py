"""The legal desk: assignment, release, privilege, comments, filings, template editions, print runs;
and sessions of people who are signed in to the pages."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _key(name: str, to: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{to}.id"), nullable=nullable)


def upgrade() -> None:
    _add_to_notices()
    _add_templates_and_comments()
    _add_filings()
    _add_print_runs()
    _add_sessions()


def _add_to_notices() -> None:
    for column in (_key("assigned_to", "person", nullable=True), _key("released_by", "person", nullable=True)):
        op.add_column("notice", column, inline_references=True)
    op.add_column(
        "notice", sa.Column("privileged", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("notice", _at("released_at", nullable=True))


def _add_templates_and_comments() -> None:
    op.create_table(
        "template_edition",
        sa.Column("sha256", sa.String(), primary_key=True),
        _text("template_id"),
        sa.Column("files", sa.JSON(), nullable=False),
        _at("first_used_at"),
    )
    op.create_table(
        "notice_comment",
        sa.Column("id", sa.Integer(), primary_key=True),
        _key("incident_id", "incident"),
        _key("notice_id", "notice"),
        _count("number"),
        _count("version"),
        _text("quote"),
        _text("text"),
        sa.Column("counsel_only", sa.Boolean(), nullable=False),
        _key("author_id", "person"),
        _at("made_at"),
        _at("resolved_at", nullable=True),
        _key("resolved_by", "person", nullable=True),
        sa.UniqueConstraint("notice_id", "number"),
    )
    op.create_index(op.f("ix_notice_comment_incident_id"), "notice_comment", ["incident_id"])
    op.create_index(op.f("ix_notice_comment_notice_id"), "notice_comment", ["notice_id"])


def _add_filings() -> None:
    op.create_table(
        "filing",
        sa.Column("id", sa.Integer(), primary_key=True),
        _key("incident_id", "incident"),
        _key("notice_id", "notice"),
        _count("version"),
        _text("portal"),
        _text("reference"),
        _text("note"),
        sa.Column("answers", sa.JSON(), nullable=False),
        _at("filed_at"),
        _key("filed_by", "person"),
        _text("screenshot_sha256"),
        _count("screenshot_size"),
    )
    op.create_index(op.f("ix_filing_incident_id"), "filing", ["incident_id"])
    op.create_index(op.f("ix_filing_notice_id"), "filing", ["notice_id"])


def _add_print_runs() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        _key("incident_id", "incident"),
        _key("notice_id", "notice"),
        _count("version"),
        _count("number"),
        _text("state"),
        _text("file_name"),
        _text("recipients_sha256"),
        _count("recipients_size"),
        _count("rows_total"),
        _count("rows_good"),
        _count("rows_bad"),
        sa.Column("summary", sa.JSON(), nullable=False),
        _key("asked_by", "person"),
        _at("asked_at"),
        _key("proof_by", "person", nullable=True),
        _at("proof_at", nullable=True),
        _at("finished_at", nullable=True),
        _text("problem"),
        sa.UniqueConstraint("incident_id", "number"),
    )
    op.create_index(op.f("ix_print_run_incident_id"), "print_run", ["incident_id"])
    op.create_index(op.f("ix_print_run_notice_id"), "print_run", ["notice_id"])
    op.create_table(
        "printed_letter",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("print_run.id"), primary_key=True),
        sa.Column("row", sa.Integer(), primary_key=True),
        _text("row_sha256"),
        _text("pdf_sha256"),
        _count("pages"),
    )
    op.create_index(op.f("ix_printed_letter_pdf_sha256"), "printed_letter", ["pdf_sha256"])


def _add_sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("id_sha256", sa.String(), primary_key=True),
        _key("person_id", "person"),
        _at("started_at"),
        _at("last_seen_at"),
        _at("ended_at", nullable=True),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"])
    op.create_index(op.f("ix_web_session_started_at"), "web_session", ["started_at"])
