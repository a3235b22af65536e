"""Block Kit limits, with the words Slack uses when they are broken.

Decides: whether blocks, a modal or a Home tab would be accepted. Doesn't decide: how they look.
Source: https://docs.slack.dev/reference/block-kit (blocks, block elements, composition objects)
and https://docs.slack.dev/reference/views, as of 2026. Messages carry a JSON pointer, as Slack's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ID_LENGTH = 255
OPTIONS = 100
CHOICE_OPTIONS = 10  # radio buttons, checkboxes
OVERFLOW_OPTIONS = 5
PRIVATE_METADATA = 3000

# block type -> where it may stand
BLOCK_HOMES: dict[str, frozenset[str]] = {
    "section": frozenset({"message", "modal", "home"}),
    "divider": frozenset({"message", "modal", "home"}),
    "image": frozenset({"message", "modal", "home"}),
    "actions": frozenset({"message", "modal", "home"}),
    "context": frozenset({"message", "modal", "home"}),
    "header": frozenset({"message", "modal", "home"}),
    "rich_text": frozenset({"message", "modal", "home"}),
    "video": frozenset({"message", "modal", "home"}),
    "input": frozenset({"message", "modal", "home"}),
    "markdown": frozenset({"message"}),
    "file": frozenset({"message"}),
}
INPUT_ELEMENTS = frozenset(
    {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "static_select",
        "multi_static_select",
        "users_select",
        "multi_users_select",
        "conversations_select",
        "multi_conversations_select",
        "channels_select",
        "radio_buttons",
        "checkboxes",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "file_input",
        "rich_text_input",
    }
)
ELEMENTS = INPUT_ELEMENTS | {"button", "overflow", "image", "workflow_button"}


@dataclass(slots=True)
class _Findings:
    lines: list[str] = field(default_factory=list)

    def add(self, text: str, pointer: str) -> None:
        self.lines.append(f"{text} [json-pointer:{pointer}]")

    def length(self, value: object, pointer: str, *, most: int, least: int = 0) -> None:
        if not isinstance(value, str):
            self.add("must be a string", pointer)
        elif len(value) > most:
            self.add(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            self.add(f"must be more than {least - 1} characters", pointer)

    def count(self, value: object, pointer: str, *, most: int, least: int = 1) -> list[Any]:
        if not isinstance(value, list):
            self.add("must be an array", pointer)
            return []
        if len(value) > most:
            self.add(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            self.add(f"no fewer than {least} items allowed", pointer)
        return value


def message_findings(blocks: object) -> list[str]:
    """Return what is wrong with a message's blocks, in Slack's words; empty means accepted."""
    found = _Findings()
    items = found.count(blocks, "/blocks", most=MESSAGE_BLOCKS, least=0)
    _blocks(found, items, "/blocks", home="message")
    return found.lines


def view_findings(view: object) -> list[str]:
    """Return what is wrong with a modal or Home tab, in Slack's words; empty means accepted."""
    found = _Findings()
    if not isinstance(view, dict):
        return ["must be an object [json-pointer:/view]"]
    kind = view.get("type")
    if kind not in ("modal", "home"):
        found.add("must be one of: modal, home", "/view/type")
        return found.lines
    if kind == "modal":
        for name in ("title", "submit", "close"):
            if name in view or name == "title":
                _plain(found, view.get(name), f"/view/{name}", most=24)
        has_input = any(b.get("type") == "input" for b in view.get("blocks") or [])
        if has_input and not view.get("submit"):
            found.add("missing required field: submit", "/view")
    found.length(
        view.get("private_metadata") or "", "/view/private_metadata", most=PRIVATE_METADATA
    )
    found.length(view.get("callback_id") or "", "/view/callback_id", most=ID_LENGTH)
    items = found.count(view.get("blocks"), "/view/blocks", most=VIEW_BLOCKS, least=0)
    _blocks(found, items, "/view/blocks", home=str(kind))
    return found.lines


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the interactive elements of one block, wherever they hang."""
    if block.get("type") == "input":
        yield block["element"]
    elif block.get("type") == "actions":
        yield from block["elements"]
    elif block.get("type") == "section" and block.get("accessory"):
        yield block["accessory"]


def _blocks(found: _Findings, blocks: list[Any], pointer: str, *, home: str) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        place = f"{pointer}/{index}"
        if not isinstance(block, dict):
            found.add("must be an object", place)
            continue
        kind = str(block.get("type"))
        if home not in BLOCK_HOMES.get(kind, frozenset()):
            found.add(f"unsupported type: {kind}", f"{place}/type")
            continue
        block_id = block.get("block_id")
        if block_id is not None:
            found.length(block_id, f"{place}/block_id", most=ID_LENGTH)
            if block_id in seen:
                found.add(f"duplicate block_id: {block_id}", f"{place}/block_id")
            seen.add(str(block_id))
        _CHECKS.get(kind, _nothing)(found, block, place)
        _unique_actions(found, block, place)


def _unique_actions(found: _Findings, block: Json, place: str) -> None:
    if block.get("type") != "actions" or not isinstance(block.get("elements"), list):
        return
    seen: set[str] = set()
    for index, element in enumerate(block["elements"]):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and action_id in seen:
            found.add(
                f"`action_id` {action_id} already exists",
                f"{place}/elements/{index}/action_id",
            )
        seen.add(str(action_id))


def _nothing(_found: _Findings, _block: Json, _place: str) -> None:
    return


def _text(found: _Findings, value: object, place: str, *, most: int) -> None:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        found.add("failed to match all allowed schemas", place)
        return
    found.length(value.get("text"), f"{place}/text", most=most, least=1)


def _plain(found: _Findings, value: object, place: str, *, most: int) -> None:
    if not isinstance(value, dict):
        found.add("missing required field", place)
        return
    if value.get("type") != "plain_text":
        found.add("must be plain_text", f"{place}/type")
    found.length(value.get("text"), f"{place}/text", most=most, least=1)


def _section(found: _Findings, block: Json, place: str) -> None:
    if "text" not in block and "fields" not in block:
        found.add("missing required field: text", place)
    if "text" in block:
        _text(found, block["text"], f"{place}/text", most=3000)
    if "fields" in block:
        for index, value in enumerate(found.count(block["fields"], f"{place}/fields", most=10)):
            _text(found, value, f"{place}/fields/{index}", most=2000)
    if block.get("accessory") is not None:
        _element(found, block["accessory"], f"{place}/accessory")


def _header(found: _Findings, block: Json, place: str) -> None:
    _plain(found, block.get("text"), f"{place}/text", most=150)


def _actions(found: _Findings, block: Json, place: str) -> None:
    for index, value in enumerate(found.count(block.get("elements"), f"{place}/elements", most=25)):
        _element(found, value, f"{place}/elements/{index}")


def _context(found: _Findings, block: Json, place: str) -> None:
    for index, value in enumerate(found.count(block.get("elements"), f"{place}/elements", most=10)):
        if isinstance(value, dict) and value.get("type") == "image":
            _image(found, value, f"{place}/elements/{index}")
        else:
            _text(found, value, f"{place}/elements/{index}", most=3000)


def _image(found: _Findings, block: Json, place: str) -> None:
    if not (block.get("image_url") or block.get("slack_file")):
        found.add("missing required field: image_url", place)
    found.length(block.get("alt_text"), f"{place}/alt_text", most=2000)


def _input(found: _Findings, block: Json, place: str) -> None:
    _plain(found, block.get("label"), f"{place}/label", most=2000)
    if block.get("hint") is not None:
        _plain(found, block["hint"], f"{place}/hint", most=2000)
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") not in INPUT_ELEMENTS:
        found.add("failed to match all allowed schemas", f"{place}/element")
        return
    _element(found, element, f"{place}/element")


def _element(found: _Findings, element: object, place: str) -> None:
    if not isinstance(element, dict) or element.get("type") not in ELEMENTS:
        found.add("failed to match all allowed schemas", place)
        return
    kind = str(element["type"])
    if element.get("action_id") is not None:
        found.length(element["action_id"], f"{place}/action_id", most=ID_LENGTH, least=1)
    if element.get("placeholder") is not None:
        _plain(found, element["placeholder"], f"{place}/placeholder", most=150)
    if kind == "button":
        _button(found, element, place)
    if kind in ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"):
        _options(found, element, place)
    if element.get("confirm") is not None:
        _confirm(found, element["confirm"], f"{place}/confirm")
    if kind == "image":
        _image(found, element, place)


def _button(found: _Findings, element: Json, place: str) -> None:
    _plain(found, element.get("text"), f"{place}/text", most=75)
    if element.get("value") is not None:
        found.length(element["value"], f"{place}/value", most=2000)
    if element.get("url") is not None:
        found.length(element["url"], f"{place}/url", most=3000)
    if element.get("style") not in (None, "primary", "danger"):
        found.add("must be one of: primary, danger", f"{place}/style")


def _options(found: _Findings, element: Json, place: str) -> None:
    kind = element["type"]
    most = {"overflow": OVERFLOW_OPTIONS, "radio_buttons": CHOICE_OPTIONS}.get(kind, OPTIONS)
    if kind == "checkboxes":
        most = CHOICE_OPTIONS
    if "option_groups" in element:
        groups = found.count(element["option_groups"], f"{place}/option_groups", most=OPTIONS)
        lists = [(g.get("options"), f"{place}/option_groups/{i}") for i, g in enumerate(groups)]
    else:
        lists = [(element.get("options"), place)]
    for options, where in lists:
        for index, option in enumerate(found.count(options, f"{where}/options", most=most)):
            spot = f"{where}/options/{index}"
            if not isinstance(option, dict):
                found.add("must be an object", spot)
                continue
            _text(found, option.get("text"), f"{spot}/text", most=75)
            found.length(option.get("value"), f"{spot}/value", most=150, least=1)


def _confirm(found: _Findings, confirm: object, place: str) -> None:
    if not isinstance(confirm, dict):
        found.add("must be an object", place)
        return
    _plain(found, confirm.get("title"), f"{place}/title", most=100)
    _text(found, confirm.get("text"), f"{place}/text", most=300)
    for name in ("confirm", "deny"):
        if confirm.get(name) is not None:
            _plain(found, confirm[name], f"{place}/{name}", most=30)


_CHECKS = {
    "section": _section,
    "header": _header,
    "actions": _actions,
    "context": _context,
    "image": _image,
    "input": _input,
}
