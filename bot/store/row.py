"""What every table is made of: the base class, and the shapes of columns that come again."""

from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey
from sqlmodel import Field, SQLModel

from bot.store.instants import UtcDateTime


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """Make a column for an instant: aware, UTC."""
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable, index=index)


def incident_key() -> Any:
    """Make the column that ties a row to its incident."""
    return Field(sa_column=Column(ForeignKey("incident.id"), nullable=False, index=True))


def json_column() -> Any:
    """Make a column for a JSON value."""
    return Field(sa_column=Column(JSON, nullable=False))


class Row(SQLModel):
    """Base of all tables."""

    bookkeeping: ClassVar[bool] = False
