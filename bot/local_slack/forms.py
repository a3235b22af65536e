"""What a person types or chooses, as the state that Slack sends for each kind of element.

Decides: the conversion of plain Python values into element state, initial values, and what
Slack's own client refuses before the app hears of it (required, too long, not a number). Doesn't
decide: what the app thinks of the values (view_submission errors, interactions.py).
Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from bot.local_slack.block_rules import elements_of
from bot.local_slack.workspace import Json

TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
ONE_OPTION = frozenset({"static_select", "radio_buttons"})
MANY_OPTIONS = frozenset({"multi_static_select", "checkboxes"})
# element type -> (field in the state, field with the initial value)
PLAIN_FIELDS: dict[str, tuple[str, str]] = {
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
REQUIRED = "Please complete this required field."


class UnknownInputError(LookupError):
    """A value was given for a block, action or option that the view or message doesn't have."""


def options_of(element: Json) -> list[Json]:
    """Return an element's options, with its option groups laid flat."""
    groups = element.get("option_groups") or []
    grouped = [option for group in groups for option in group["options"]]
    return list(element.get("options") or []) + grouped


def _option(element: Json, wanted: object) -> Json:
    if isinstance(wanted, dict):
        wanted = wanted["value"]
    for option in options_of(element):
        if wanted in (option["value"], option["text"]["text"]):
            return {"text": option["text"], "value": option["value"]}
    known = ", ".join(option["value"] for option in options_of(element))
    raise UnknownInputError(
        f"no option {wanted!r} in {element.get('action_id')}; there are: {known}"
    )


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _plain(value: Any) -> Any:
    """Return dates and times in the form Slack uses; a datetime becomes seconds since 1970."""
    if isinstance(value, datetime):
        return int(value.astimezone(UTC).timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value


def state_of(element: Json, value: Any) -> Json:
    """Return the state of one element that holds `value` (None: empty).

    Options go by value or by visible text. Raises UnknownInputError for an option that isn't
    there.
    """
    kind = str(element["type"])
    state: Json = {"type": kind}
    if kind in TEXT_INPUTS:
        state["value"] = None if value is None or value == "" else str(value)
    elif kind in ONE_OPTION:
        state["selected_option"] = None if value in (None, "") else _option(element, value)
    elif kind in MANY_OPTIONS:
        state["selected_options"] = [_option(element, item) for item in _many(value)]
    elif kind in PLAIN_FIELDS:
        name = PLAIN_FIELDS[kind][0]
        if kind.startswith("multi_"):
            state[name] = _many(value)
        else:
            state[name] = _plain(value) if value != "" else None
        if kind == "datetimepicker" and state[name] is not None:
            state[name] = int(state[name])
    elif kind == "file_input":
        state["files"] = list(value or [])
    else:
        state["value"] = value
    return state


def initial_state(element: Json) -> Json:
    """Return the state an element has before anyone touches it."""
    kind = str(element["type"])
    if kind in TEXT_INPUTS:
        return state_of(element, element.get("initial_value"))
    if kind in ONE_OPTION:
        return state_of(element, element.get("initial_option"))
    if kind in MANY_OPTIONS:
        return state_of(element, element.get("initial_options"))
    if kind in PLAIN_FIELDS:
        return state_of(element, element.get(PLAIN_FIELDS[kind][1]))
    return state_of(element, None)


def _stateful(element: Json) -> bool:
    kind = element["type"]
    return (
        kind in TEXT_INPUTS | ONE_OPTION | MANY_OPTIONS
        or kind in PLAIN_FIELDS
        or kind in ("file_input", "rich_text_input")
    )


def state_values(blocks: list[Json], typed: Mapping[str, Json]) -> dict[str, Json]:
    """Return `state.values` of a view or message: initial values, then what was typed."""
    values: dict[str, Json] = {}
    for block in blocks:
        for element in elements_of(block):
            if not _stateful(element):
                continue
            held = typed.get(block["block_id"], {}).get(element["action_id"])
            values.setdefault(block["block_id"], {})[element["action_id"]] = (
                held if held is not None else initial_state(element)
            )
    return values


def typed_values(blocks: list[Json], values: Mapping[str, Any]) -> dict[str, Json]:
    """Return plain values as state by block and action.

    A key is a block id, an action id, or "block id/action id" where one alone would be ambiguous.
    Raises UnknownInputError when a key names nothing.
    """
    typed: dict[str, Json] = {}
    left = set(values)
    for block in blocks:
        for element in elements_of(block):
            block_id, action_id = block["block_id"], element["action_id"]
            names = [n for n in (f"{block_id}/{action_id}", block_id, action_id) if n in values]
            if names and _stateful(element):
                left.discard(names[0])
                typed.setdefault(block_id, {})[action_id] = state_of(element, values[names[0]])
    if left:
        known = ", ".join(b["block_id"] for b in blocks if any(map(_stateful, elements_of(b))))
        raise UnknownInputError(f"no input {', '.join(sorted(left))}; there are: {known}")
    return typed


def client_errors(blocks: list[Json], values: Mapping[str, Json]) -> dict[str, str]:
    """Return what Slack's own client refuses, by block id, before the app hears of it."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        problem = _problem(element, state, optional=bool(block.get("optional")))
        if problem:
            errors[block["block_id"]] = problem
    return errors


def _problem(element: Json, state: Json, *, optional: bool) -> str:
    held = next((v for k, v in state.items() if k != "type"), None)
    if held is None or held in ("", []):
        return "" if optional else REQUIRED
    if element["type"] == "number_input":
        return _number_problem(element, str(held))
    if element["type"] in TEXT_INPUTS:
        least, most = element.get("min_length") or 0, element.get("max_length") or 3000
        if len(held) < least:
            return f"Please use at least {least} characters."
        if len(held) > most:
            return f"Please use no more than {most} characters."
    return ""


def _number_problem(element: Json, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Please enter a number that is {low} or more."
    if high is not None and number > float(high):
        return f"Please enter a number that is {high} or less."
    return ""
