"""Somebody without a mouse: Tab, Enter, Space and letters; the focus is always somewhere and always seen."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

MOST_STEPS = 90
_WHERE = """
() => {
    let part = document.activeElement;
    if (!part || part === document.body || part === document.documentElement) return null;
    const name = part.getAttribute("aria-label")
        || (part.labels && part.labels[0] && part.labels[0].innerText) || part.title || part.innerText || "";
    const look = getComputedStyle(part), around = getComputedStyle(part.parentElement || part);
    const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const box = part.getBoundingClientRect();
    return {
        name: name.replace(/\\s+/g, " ").trim(),
        frame: part.tagName === "IFRAME",
        seen: outlined(look) || parseFloat(around.borderTopWidth) >= 2 || part.tagName === "IFRAME",
        inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        covered: ![[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([right, down]) => {
            const top = document.elementFromPoint(box.left + right * box.width, box.top + down * box.height);
            return top && (part.contains(top) || top.contains(part));
        }),
    };
}
"""

_RESTS = """
() => {
    const lost = !document.activeElement || document.activeElement === document.body;
    window.codepopRested = lost ? 0 : (window.codepopRested || 0) + 1;
    return window.codepopRested > 25 && !(window.codepopRested = 0);
}
"""


@dataclass
class Keyboard:
    """Walks a page by Tab; a step that loses the focus, or on which it can't be seen, fails."""

    page: Page

    def to(self, name: str) -> None:
        """Press Tab until something of this name (a pattern for its beginning) has the focus."""
        walked = []
        for _ in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            where = self.page.evaluate(_WHERE)
            if where is None:  # past the last part, in the browser's own bar
                continue
            walked.append(where["name"])
            assert where["seen"], f"the focus on {where['name']!r} is not seen"
            assert where["inside"], f"the focus on {where['name']!r} is out of sight"
            assert not where["covered"], f"something lies over {where['name']!r}, which has the focus"
            if re.match(name, where["name"], re.IGNORECASE):
                return
        raise AssertionError(f"Tab never comes to {name!r}, only to {walked}")

    def press(self, name: str, key: str = "Enter") -> None:
        """Go to something and press it."""
        self.to(name)
        self.page.keyboard.press(key)

    def write(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.to(name)
        self.page.keyboard.type(text)

    def to_in_frame(self, part: Locator) -> None:
        """Press Tab until something within a frame has the focus."""
        for _ in range(MOST_STEPS):
            if part.evaluate("part => part === part.ownerDocument.activeElement && document.hasFocus()"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {part!r}")

    def write_in_frame(self, title: str, label: str, text: str) -> None:
        """Press Tab until a field within a frame has the focus, and type."""
        self.to_in_frame(self.page.frame_locator(f"iframe[title='{title}']").get_by_label(label))
        self.page.keyboard.type(text)

    def still_somewhere(self) -> None:
        """Hold that the focus, once the page has changed, stays on a part for a while and not on its beginning."""
        self.page.wait_for_function(_RESTS)
