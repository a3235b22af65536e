"""The tables of the legal desk: notices, versions, comments, filings, print runs.

Rows that belong to an incident follow the rule of `tables`: they change together with an evidence
entry, or not at all.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from bot.store.row import Row, incident_key, instant, json_column


class NoticeRow(Row, table=True):
    """One notice to one kind of recipient."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    number: int
    template_id: str
    title: str
    obligations: list[str] = json_column()
    state: str
    due_at: datetime | None = instant(nullable=True)
    version: int = 1
    approved_version: int | None = None
    approved_at: datetime | None = instant(nullable=True)
    approved_by: int | None = Field(default=None, foreign_key="person.id")
    sent_at: datetime | None = instant(nullable=True)
    sent_note: str = ""
    # Who works on it, and whether counsel marked it as privileged.
    assigned_to: int | None = Field(default=None, foreign_key="person.id")
    privileged: bool = False
    # The second person, who agreed that it may leave.
    released_at: datetime | None = instant(nullable=True)
    released_by: int | None = Field(default=None, foreign_key="person.id")


class NoticeVersion(Row, table=True):
    """One version of a notice, kept for ever: what it said and what it was made from."""

    __tablename__ = "notice_version"
    __table_args__ = (UniqueConstraint("notice_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    notice_id: int = Field(foreign_key="notice.id", index=True)
    version: int
    template_sha256: str
    content_sha256: str
    facts: dict[str, Any] = json_column()
    wording: dict[str, str] = json_column()
    author_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    made_at: datetime = instant()
    pdf_sha256: str = ""


class TemplateEdition(Row, table=True):
    """The text files of one exact version of a template, so that what it made can be made again.

    `files` holds the template's folder and the shared layouts by path, without fonts and pictures:
    those are named by the hash too, but live in the release.
    """

    __tablename__ = "template_edition"
    bookkeeping: ClassVar[bool] = True
    sha256: str = Field(primary_key=True)
    template_id: str
    files: dict[str, str] = json_column()
    first_used_at: datetime = instant()


class NoticeComment(Row, table=True):
    """A remark on one paragraph of a version. `quote` is the paragraph's text, cut short.

    `counsel_only`: only who holds the role Legal reads it.
    """

    __tablename__ = "notice_comment"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    notice_id: int = Field(foreign_key="notice.id", index=True)
    number: int
    version: int
    quote: str
    text: str
    counsel_only: bool = False
    author_id: int = Field(foreign_key="person.id")
    made_at: datetime = instant()
    resolved_at: datetime | None = instant(nullable=True)
    resolved_by: int | None = Field(default=None, foreign_key="person.id")


class Filing(Row, table=True):
    """A notice that a person handed in: where, under which reference, with which screenshot.

    `answers` is what the worksheet of a portal showed at that moment, field by field.
    """

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    notice_id: int = Field(foreign_key="notice.id", index=True)
    version: int
    portal: str
    reference: str
    note: str = ""
    answers: dict[str, Any] = json_column()
    filed_at: datetime = instant()
    filed_by: int = Field(foreign_key="person.id")
    screenshot_sha256: str = ""
    screenshot_size: int = 0


class PrintRun(Row, table=True):
    """Letters of one approved notice to many recipients.

    `state` is checking, checked, proofed, printing, done or stopped. The recipients lie encrypted
    in the artifact store by `recipients_sha256`.
    """

    __tablename__ = "print_run"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    notice_id: int = Field(foreign_key="notice.id", index=True)
    version: int
    number: int
    state: str
    file_name: str
    recipients_sha256: str
    recipients_size: int
    rows_total: int = 0
    rows_good: int = 0
    rows_bad: int = 0
    summary: dict[str, Any] = json_column()
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = instant()
    proof_by: int | None = Field(default=None, foreign_key="person.id")
    proof_at: datetime | None = instant(nullable=True)
    finished_at: datetime | None = instant(nullable=True)
    problem: str = ""

    @property
    def erasure(self) -> dict[str, Any]:
        """What became of the wish to erase the list; its `state` is asked, refused or erased."""
        return dict(self.summary.get("erasure") or {})


class PrintedLetter(Row, table=True):
    """One letter of a print run: which row, and the digest of its file. The file isn't kept."""

    __tablename__ = "printed_letter"
    bookkeeping: ClassVar[bool] = True
    run_id: int = Field(foreign_key="print_run.id", primary_key=True)
    row: int = Field(primary_key=True)
    row_sha256: str
    pdf_sha256: str = Field(index=True)
    pages: int
