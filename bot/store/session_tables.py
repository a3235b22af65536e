"""The table of who is signed in to the pages."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from bot.store.row import Row, instant


class WebSession(Row, table=True):
    """One browser that is signed in. Only the SHA-256 of the cookie's value is kept."""

    __tablename__ = "web_session"
    bookkeeping: ClassVar[bool] = True
    id_sha256: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    started_at: datetime = instant(index=True)
    last_seen_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
