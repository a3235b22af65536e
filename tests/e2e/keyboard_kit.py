"""A person without a mouse: Tab, Shift+Tab, Enter, Space, arrows and typing, nothing else.

What has the focus is asked of Chromium's own accessibility tree, so that a role and a name are what
a screen reader says.
"""

import re
from typing import Any

from playwright.sync_api import CDPSession, Page

MOST_STOPS = 140
"""Nobody presses Tab more often than that for one thing."""

SHOWN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2];
  const seen = document.elementFromPoint(x, y);
  return {
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: seen !== null && (one.contains(seen) || seen.contains(one)),
  };
}"""


class Keyboard:
    """Somebody's hands on the keys of one page; `stops` counts how often they pressed Tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0
        self._session: CDPSession = page.context.new_cdp_session(page)

    def focused(self) -> tuple[str, str]:
        """Return role and name of what has the focus."""
        found = self._session.send("Runtime.evaluate", {"expression": "document.activeElement"})
        tree = self._session.send(
            "Accessibility.getPartialAXTree",
            {"objectId": found["result"]["objectId"], "fetchRelatives": False},
        )
        node: dict[str, Any] = tree["nodes"][0]
        role, name = (node.get(part, {}).get("value", "") for part in ("role", "name"))
        return str(role), " ".join(str(name).split())

    def reach(self, role: str, name: str | re.Pattern[str], *, back: bool = False) -> None:
        """Press Tab until what has the focus bears this role and name, and is seen to have it."""
        passed: list[str] = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            self.stops += 1
            its_role, its_name = self.focused()
            matches = name == its_name if isinstance(name, str) else name.search(its_name)
            if its_role == role and matches:
                shown = self.page.evaluate(SHOWN)
                assert shown == {"ring": True, "seen": True}, f"{role} {its_name}: {shown}"
                return
            passed.append(f"{its_role} “{its_name}”")
        raise AssertionError(f"no {role} “{name}” among: " + ", ".join(passed))

    def follow(self, name: str | re.Pattern[str], *, back: bool = False) -> None:
        """Follow a link."""
        self.reach("link", name, back=back)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, name: str | re.Pattern[str]) -> None:
        """Send a form by the space bar on its button."""
        self.reach("button", name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Space")

    def unfold(self, name: str | re.Pattern[str]) -> None:
        """Open what is folded away."""
        self.reach("DisclosureTriangle", name)
        self.page.keyboard.press("Enter")

    def write(self, name: str | re.Pattern[str], text: str) -> None:
        """Go to a field and type in place of what stands there."""
        self.reach("textbox", name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, name: str | re.Pattern[str], starts: str) -> None:
        """Go to a list and pick an entry by the beginning of its words."""
        self.reach("combobox", name)
        self.page.keyboard.type(starts)
