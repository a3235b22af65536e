"""Reading a submitted form: Slack's state as plain values, and errors that belong to one field."""

from datetime import UTC, datetime
from typing import Any


class FieldError(ValueError):
    """An answer that doesn't fit; `field` is the block id at which Slack shows the message."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def answers(view: dict[str, Any]) -> dict[str, Any]:
    """Flatten Slack's state: block id → the one value of that block, None where left empty."""
    found: dict[str, Any] = {}
    for block_id, elements in view["state"]["values"].items():
        for element in elements.values():
            found[block_id] = _value(element)
    return found


def _value(element: dict[str, Any]) -> Any:
    if "selected_options" in element:
        return [one["value"] for one in element["selected_options"] or []]
    if element.get("selected_option"):
        return element["selected_option"]["value"]
    for name in ("value", "selected_user", "selected_date_time", "selected_date"):
        if element.get(name) is not None:
            return element[name]
    return None


def instant(value: Any) -> datetime | None:
    """Read the seconds of a date and time picker as an aware instant; None where left empty."""
    return None if value is None else datetime.fromtimestamp(int(value), UTC)
