"""The tables: what is stored about incidents, people, clocks and evidence items.

Rows that belong to an incident carry `incident_id`; changing one without recording an evidence
entry in the same transaction raises (`unit_of_work`). Notices and what belongs to them are in
`notice_tables`. Rows marked `bookkeeping` are ours alone
(delivery keys, posted messages) and aren't part of the incident's record. The evidence log's own
tables belong to `evidence_store`.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from bot.store.row import Row, incident_key, instant, json_column


class Person(Row, table=True):
    """A person as Slack knows them. The log holds only `actor`; erasing the row unlinks it."""

    bookkeeping: ClassVar[bool] = True
    id: int | None = Field(default=None, primary_key=True)
    actor: str = Field(unique=True)
    slack_id: str = Field(unique=True)
    name: str = ""
    zone: str = ""
    learned_at: datetime | None = instant(nullable=True)


class Incident(Row, table=True):
    """One incident. `kind`, live or exercise, is fixed at its creation by the database."""

    # What may leave, and what may not, refers to the incident together with its kind.
    __table_args__ = (Index("uq_incident_id_kind", "id", "kind", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    kind: str = "live"
    title: str
    severity: str
    status: str = Field(index=True)
    playbook_id: str
    playbook_version: int
    playbook_sha256: str
    opened_at: datetime = instant()
    opened_by: int = Field(foreign_key="person.id")
    contained_at: datetime | None = instant(nullable=True)
    recovered_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    channel_name: str
    channel_id: str | None = Field(default=None, unique=True)
    channel_error: str = ""


class Member(Row, table=True):
    """A person who may see the incident: in its channel, or invited to it."""

    __table_args__ = (
        UniqueConstraint("incident_id", "person_id"),
        Index("ix_member_of", "person_id", "incident_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    person_id: int = Field(foreign_key="person.id")
    joined_at: datetime = instant()


class RoleHolding(Row, table=True):
    """Who held a role from when until when; `until_at` is empty for the present holder.

    A `deputy` is told when the holder doesn't answer. They don't hold the role: every question
    about holders leaves them out.
    """

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    role: str
    person_id: int = Field(foreign_key="person.id", index=True)
    since_at: datetime = instant()
    until_at: datetime | None = instant(nullable=True)
    note: str = ""
    deputy: bool = False


class TaskRow(Row, table=True):
    """One task of the incident, made from the playbook or added by hand."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    number: int
    key: str
    phase: str
    title: str
    how: str = ""
    owner_role: str
    due_at: datetime | None = instant(nullable=True)
    expected_evidence: list[str] = json_column()
    assignee_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    done_at: datetime | None = instant(nullable=True)
    done_by: int | None = Field(default=None, foreign_key="person.id")
    note: str = ""


class FactRow(Row, table=True):
    """One recorded fact; the newest of a key is in force, older ones stay."""

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_key", "incident_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    key: str
    value: Any = Field(sa_column=Column(JSON, nullable=True))
    confidence: str
    source: str
    as_of: datetime = instant()
    recorded_at: datetime = instant()
    recorded_by: int | None = Field(default=None, foreign_key="person.id")


class ClockRow(Row, table=True):
    """One clock. `mark` is what a person decided (met, waived) and no fact change overrules.

    `rulings` are what counsel decided about it, oldest first; `lateness` the reasons that a statute
    asks for when the duty is late; `snoozed_until` says until when nobody wants to be reminded.
    """

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("incident_id", "key"),
        # "Which end next?" over all incidents reads the running ones in order and stops early.
        Index("ix_clock_next", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    kind: str
    key: str
    title: str
    state: str
    started_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    zone: str = "UTC"
    reason: str = ""
    detail: dict[str, Any] = json_column()
    met_at: datetime | None = instant(nullable=True)
    marked_by: int | None = Field(default=None, foreign_key="person.id")
    proof: str = ""
    rulings: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    snoozed_until: datetime | None = instant(nullable=True)
    lateness: str = ""


class ReminderRow(Row, table=True):
    """One planned reminder of a clock. `fired_at` empty: still to come.

    `at` is when the tick looks at it. `point_at` is the time that it stands for where that is
    another one: of a day with many reminders there is a digest, and the tick looks at its hour.
    `escalate_at` is when the next person is told unless somebody acknowledges; `escalation` says
    how far that went: 0 nobody, 1 the Commander, 2 the deputies.
    """

    __tablename__ = "reminder"
    bookkeeping: ClassVar[bool] = True
    __table_args__ = (
        UniqueConstraint("clock_id", "label", "at"),
        # The tick asks every few seconds for what wasn't fired yet; the fired ones pile up.
        Index("ix_reminder_due", "fired_at", "at"),
        # And then, of each incident, which; without reading those of all the others again.
        Index("ix_reminder_of", "incident_id", "fired_at", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    clock_id: int = Field(foreign_key="clock.id", index=True)
    label: str
    at: datetime = instant()
    point_at: datetime | None = instant(nullable=True)
    fired_at: datetime | None = instant(nullable=True)
    outcome: str = ""
    acknowledged_at: datetime | None = instant(nullable=True)
    acknowledged_by: int | None = Field(default=None, foreign_key="person.id")
    # Empty but for the few that wait for somebody; the tick asks for those that are due.
    escalate_at: datetime | None = instant(nullable=True, index=True)
    escalation: int = 0


class Assessment(Row, table=True):
    """Which duties apply, one row an incident: the last verdict on each, by obligation id.

    The reasons follow from the facts and are worked out where they are shown; every change of mind
    is in the evidence log.
    """

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(
        sa_column=Column(ForeignKey("incident.id"), unique=True, nullable=False)
    )
    standing: dict[str, str] = json_column()
    assessed_at: datetime = instant()


class CalendarFeed(Row, table=True):
    """A secret address under which a person's calendar reads deadlines, until it is revoked.

    Of one incident, or of all that the person may see where `incident_id` is empty. Only the
    digest of the secret is kept.
    """

    __tablename__ = "calendar_feed"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    secret_sha256: str = Field(unique=True)
    made_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class EvidenceItem(Row, table=True):
    """A preserved message or file, or a thing. Bytes lie in the artifact store by their digest.

    `state` is fetching, failed, collected (the bytes are stored), recorded (a thing, or bytes kept
    elsewhere), returned or disposed. `custodian_id` empty is whoever collected it. What else was
    said of it is in the log, where it can be erased.
    """

    __tablename__ = "evidence_item"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    number: int
    kind: str
    title: str
    source: str
    slack_file_id: str = ""
    state: str
    problem: str = ""
    sha256: str = ""
    size: int = 0
    collected_at: datetime = instant()
    collected_by: int = Field(foreign_key="person.id")
    sealed_at: datetime | None = instant(nullable=True)
    sealed_by: int | None = Field(default=None, foreign_key="person.id")
    parent_id: int | None = Field(default=None, foreign_key="evidence_item.id")
    custodian_id: int | None = Field(default=None, foreign_key="person.id")
    volatility: int | None = None
    retention: str = ""
    keep_until: datetime | None = instant(nullable=True, index=True)
    disposed_at: datetime | None = instant(nullable=True)


class CustodyTransfer(Row, table=True):
    """An item handed from one person to another: released, and then received or refused.

    `state` is pending, received, refused or withdrawn. What the two said is in the log.
    """

    __tablename__ = "custody_transfer"
    __table_args__ = (UniqueConstraint("item_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    item_id: int = Field(foreign_key="evidence_item.id", index=True)
    number: int
    from_id: int = Field(foreign_key="person.id")
    to_id: int = Field(foreign_key="person.id", index=True)
    state: str
    released_at: datetime = instant()
    answered_at: datetime | None = instant(nullable=True)


class LegalHold(Row, table=True):
    """An order that nothing of an incident may be erased or disposed of, until it is released."""

    __tablename__ = "legal_hold"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    number: int
    reason: str
    placed_at: datetime = instant()
    placed_by: int = Field(foreign_key="person.id")
    released_at: datetime | None = instant(nullable=True)
    released_by: int | None = Field(default=None, foreign_key="person.id")


class Disposal(Row, table=True):
    """The question whether an item may be destroyed, and Legal's answer.

    `state` is asked, approved, refused or done. `asked_by` is empty where its time to be kept ran
    out and Tocsin asks.
    """

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    item_id: int = Field(foreign_key="evidence_item.id", index=True)
    state: str = Field(index=True)
    reason: str
    asked_at: datetime = instant()
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(nullable=True)
    answered_by: int | None = Field(default=None, foreign_key="person.id")


class SlackMessage(Row, table=True):
    """A message that we post under a key, so that a retry finds it instead of posting again."""

    __tablename__ = "slack_message"
    bookkeeping: ClassVar[bool] = True
    key: str = Field(primary_key=True)
    channel: str
    tried_at: datetime = instant()
    ts: str = ""
    digest: str = ""


class InboundDelivery(Row, table=True):
    """A delivery from Slack that was acted on; the same key is never acted on twice."""

    __tablename__ = "inbound_delivery"
    bookkeeping: ClassVar[bool] = True
    key: str = Field(primary_key=True)
    seen_at: datetime = instant(index=True)


class Counter(Row, table=True):
    """Numbers for references, one row a name and year; updated under the write lock."""

    bookkeeping: ClassVar[bool] = True
    name: str = Field(primary_key=True)
    value: int
