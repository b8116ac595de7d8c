"""The staff's screens in a browser: each page judged by axe at desk, tablet and phone; live; by keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.tests.system.browser import DESK, SMALL_PHONE, Person, chromium, person
from tools.system import System

pytestmark = pytest.mark.browser
TABLET = {"width": 820, "height": 1180}
STORE = "/staff/stores/logan-campus"
PAGES = {"store": "", "orders": "/orders", "money": "/money", "stock": "/stock", "machines": "/machines"}


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with chromium(chromium_path) as running:
        yield running


def _sign_in(someone: Person, system: System, target: str) -> Page:
    login = next(one for one in system.logins if one["role"] == "manager")
    page = someone.page
    page.goto(f"{system.addresses['web']}{target}")
    page.get_by_label("E-mail address").fill(login["email"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


@pytest.mark.req("DOM-51", "OBS-13")
@pytest.mark.parametrize(("viewport", "dark"), [(DESK, False), (TABLET, True), (SMALL_PHONE, False)])
def test_every_staff_page_passes_axe_and_fits_its_screen(
    browser: Browser, system: System, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        someone.page.goto(f"{system.addresses['web']}/staff/sign-in")
        someone.see("staff-sign-in")
        page = _sign_in(someone, system, "/staff/?all")
        someone.see("staff-stores")
        for name, path in PAGES.items():
            page.goto(f"{system.addresses['web']}{STORE}{path}")
            page.get_by_role("heading", level=1).wait_for()
            someone.see(f"staff-{name}-{viewport['width']}")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"], name
        page.goto(f"{system.addresses['web']}/staff/stores/no-such-store")
        someone.see("staff-missing")


@pytest.mark.req("OBS-13")
def test_a_manager_pauses_orders_and_every_open_screen_shows_it(browser: Browser, system: System) -> None:
    with person(browser, viewport=DESK) as first, person(browser, viewport=DESK) as second:
        page, other = _sign_in(first, system, STORE), _sign_in(second, system, STORE)
        expect(other.get_by_text("live", exact=True)).to_be_visible()
        page.get_by_text("Pause orders").first.click()
        page.get_by_label(re.compile("Customers read this")).fill("Closed for a quick clean.")
        page.get_by_role("button", name="Pause orders").click()
        try:
            expect(page.get_by_text("“Closed for a quick clean.”")).to_be_visible()
            expect(other.locator("#state")).to_contain_text("orders paused", timeout=5_000)
        finally:
            page.get_by_role("button", name="Resume orders").click()
        expect(other.locator("#state")).not_to_contain_text("orders paused", timeout=5_000)


@pytest.mark.req("DOM-51")
def test_the_first_tab_skips_to_the_page(browser: Browser, system: System) -> None:
    with person(browser, viewport=DESK) as someone:
        page = _sign_in(someone, system, STORE)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
