"""The system clock. Nothing else in the project may read it.

Edges call `utc_now` once per request and pass the value down; a build for tests or for the
72-hour story passes another callable of the same shape.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A callable that answers the present instant as an aware UTC datetime."""


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may
