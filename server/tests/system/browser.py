"""A person's browser for the tests: phone or desk, light or dark, and axe to judge each screen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).parents[3]
AXE = ROOT / "app" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE_MS = 60_000
MOST_SHOWN = 1500
"""So many characters of each tab are told with a failure."""
POLICY = "Content Security Policy"
"""What a browser says in its console when a page tries what its policy forbids."""

_FIND = """
async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(v => ({id: v.id, impact: v.impact, where: v.nodes.map(n => n.target.join(" "))}));
}
"""


@contextmanager
def chromium(program: Path) -> Iterator[Browser]:
    """Start a headless Chromium; it reaches nothing but this machine."""
    # What a test expects may come late where many tests share the processors; the library alone would wait 5 seconds.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody in front of a page; collects what the page complained about."""

    page: Page
    look: str
    errors: list[str]

    def another_tab(self) -> "Person":
        """Open one more tab of the same browser: same storage, same sign-in."""
        page = self.page.context.new_page()
        _listen(page, self.errors)
        return Person(page, self.look, self.errors)

    def see(self, name: str) -> None:
        """Judge the present screen by axe, and keep a picture when SCREENSHOTS names a folder."""
        self.page.wait_for_timeout(400)
        if not self.page.evaluate("() => typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text())
        violations = self.page.evaluate(_FIND)
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}-{self.look}.png")
        assert violations == [], f"{name}: {violations}"


def _listen(page: Page, errors: list[str]) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if POLICY in said.text else None)


@contextmanager
def person(browser: Browser, *, viewport: dict[str, int] | None = None, dark: bool = False) -> Iterator[Person]:
    """Open a fresh browser profile at the given size.

    Uncaught errors of the page, and what its own security policy refuses it, fail the test at the end. What fails on
    the way tells with its error what each tab showed.
    """
    options: dict[str, Any] = {"viewport": viewport or PHONE, "color_scheme": "dark" if dark else "light"}
    context = browser.new_context(**options, reduced_motion="reduce")
    page = context.new_page()
    someone = Person(page, f"{options['viewport']['width']}{'-dark' if dark else ''}", [])
    _listen(page, someone.errors)
    try:
        yield someone
    except (AssertionError, PlaywrightError) as failure:
        for shown in context.pages:
            failure.add_note(f"{shown.url} showed:\n{shown.locator('body').inner_text()[:MOST_SHOWN]}")
        raise
    context.close()
    assert someone.errors == []


def virtual_authenticator(page: Page) -> None:
    """A phone's own authenticator, whose owner always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options: dict[str, Any] = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    answers = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, **answers}})
