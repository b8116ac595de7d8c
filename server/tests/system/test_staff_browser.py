"""The staff's screens in a browser: each page judged by axe at desk, tablet and phone; live; by keyboard."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from server.tests.system.browser import DESK, SMALL_PHONE, Person, person
from server.tests.system.guest import Guest
from server.tests.system.keyboard import Keyboard
from server.tests.system.staff_sign_in import sign_in_staff
from tools.system import System

pytestmark = pytest.mark.browser
TABLET = {"width": 820, "height": 1180}
STORE = "/staff/stores/logan-campus"
DESKS = ("attention", "payments", "batches", "disputes", "revenue", "audit")
PAGES = {"store": "", "orders": "/orders", "money": "/money", "stock": "/stock", "machines": "/machines"}


def _sign_in(someone: Person, system: System, target: str, role: str = "manager") -> Page:
    sign_in_staff(someone.page, system, target, role=role)
    return someone.page


@pytest.mark.req("DOM-02", "DOM-03", "SEC-13")
@pytest.mark.parametrize(("viewport", "dark"), [(DESK, True), (SMALL_PHONE, False)])
def test_the_pages_about_people_pass_axe_and_looking_as_another_role_is_never_overlooked(
    browser: Browser, system: System, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = _sign_in(someone, system, "/staff/people", "super_admin")
        for name in ("people", "access", "audit"):
            page.goto(f"{system.addresses['web']}/staff/{name}")
            page.get_by_role("heading", level=1).wait_for()
            someone.see(f"staff-{name}-{viewport['width']}")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"], name
        page.goto(f"{system.addresses['web']}/staff/people")
        page.get_by_role("table").get_by_role("link").first.click()
        someone.see(f"staff-person-{viewport['width']}")
        page.goto(f"{system.addresses['web']}/staff/people")
        look = page.get_by_role("form", name="Look as another role")
        look.get_by_label("Why?").fill("A manager asked for help")
        look.get_by_role("button").click()
        banner = page.get_by_role("region", name="You look as another role")
        banner.wait_for()
        someone.see(f"staff-looking-{viewport['width']}")
        banner.get_by_role("button").click()
        expect(banner).to_have_count(0)


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
        for name in DESKS:
            page.goto(f"{system.addresses['web']}/staff/{name}")
            page.get_by_role("heading", level=1).wait_for()
            someone.see(f"staff-{name}-{viewport['width']}")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"], name
        page.goto(f"{system.addresses['web']}/staff/stores/no-such-store")
        someone.see("staff-missing")


@pytest.mark.req("OBS-13", "CORE-14")
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


@pytest.fixture(scope="module")
def paid(system: System) -> str:
    """An order that was charged and fetched; returns its id."""
    with closing(Guest(system)) as guest:
        guest.order()
        guest.pay()
        guest.fetch()
        return guest.order_id


@pytest.mark.req("PAY-11", "PAY-31", "DOM-51")
@pytest.mark.parametrize(("viewport", "dark"), [(DESK, False), (DESK, True), (SMALL_PHONE, False), (SMALL_PHONE, True)])
def test_a_payments_page_passes_axe_and_shows_what_stripe_says(
    browser: Browser, system: System, paid: str, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = _sign_in(someone, system, f"/staff/payments?text={paid}")
        someone.see("staff-payments-found")
        page.locator("tbody a").first.click()
        page.get_by_role("heading", name=re.compile("Payment of")).wait_for()
        expect(page.locator("#charge")).to_contain_text("ending in 5556")
        someone.see("staff-payment")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.req("PAY-31", "DOM-51")
def test_money_is_given_back_by_the_keyboard_alone_and_the_page_shows_it_arrive(
    browser: Browser, system: System, paid: str
) -> None:
    with person(browser, viewport=DESK) as someone:
        page = _sign_in(someone, system, "/staff/payments")
        keyboard = Keyboard(page)
        keyboard.write("Order code", paid)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("text="))
        keyboard.press(r"[A-Z]-\d{4}")
        page.get_by_role("heading", name=re.compile("Payment of")).wait_for()
        keyboard.to("These drinks")
        page.keyboard.press("ArrowDown")
        keyboard.write("Amount", "0.50")
        keyboard.write("Why", "Goodwill")
        keyboard.press("Give back")
        expect(page.locator("#refunds")).to_contain_text("$0.50")
        expect(page.locator("#refunds")).to_contain_text("paid back", timeout=30_000)
        someone.see("staff-payment-refunded")
