"""Money by the keyboard alone: the customer's cards; and the staff's money pages with something on them."""

import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from server.tests.system.browser import DESK, SMALL_PHONE, Person, person
from server.tests.system.guest import Guest
from server.tests.system.keyboard import Keyboard
from server.tests.system.staff_sign_in import sign_in_staff
from tools.system import System

pytestmark = pytest.mark.browser
FORM = "Secure card payment input frame"


def _type_card(keyboard: Keyboard, number: str) -> None:
    keyboard.page.frame_locator(f"iframe[title='{FORM}']").get_by_label("Card number").wait_for()
    for label, text in (("Card number", number), ("Expiry", "1230"), ("CVC", "123"), ("ZIP", "84321")):
        keyboard.write_in_frame(FORM, label, text)


@pytest.mark.req("DOM-51", "PAY-09")
def test_cards_are_added_put_first_and_removed_by_the_keyboard(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page, keyboard, base = someone.page, Keyboard(someone.page), system.addresses["web"]
        page.goto(f"{base}/account")
        page.get_by_label("E-mail").wait_for()
        keyboard.write("E-mail", "chloe.customer@codepop.example")
        keyboard.write("Password", "codepop-demo")
        keyboard.press("Sign in")
        page.get_by_role("link", name="Payment methods").wait_for()
        keyboard.press("Payment methods")
        page.wait_for_url("**/cards")
        for button, number in (("Add a card", "4242424242424242"), ("Add another card", "5555555555554444")):
            page.get_by_role("button", name=button).wait_for()
            keyboard.press(button)
            keyboard.still_somewhere()
            _type_card(keyboard, number)
            keyboard.press("Save the card")
            expect(page.get_by_role("button", name=re.compile(f"Remove .*{' '.join(number[-4:])}"))).to_be_visible()
            keyboard.still_somewhere()
        first = page.get_by_role("button", name=re.compile("Use .* first"))
        named = first.get_attribute("aria-label") or ""
        keyboard.press("Use .* first", "Space")
        expect(page.get_by_role("button", name=named)).to_be_hidden()
        keyboard.still_somewhere()
        keyboard.press("Remove .*4 2 4 2")
        page.get_by_role("dialog").wait_for()
        keyboard.press("Keep it")
        expect(page.get_by_role("dialog")).to_be_hidden()
        keyboard.still_somewhere()
        keyboard.press("Remove .*4 2 4 2")
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        for last in ("4 2 4 2", "4 4 4 4"):
            keyboard.press(f"Remove .*{last}")
            keyboard.press("Remove the card", "Space")
            expect(page.get_by_role("button", name=re.compile(f"Remove .*{last}"))).to_be_hidden()
            keyboard.still_somewhere()


@pytest.mark.req("DOM-51", "PAY-03")
def test_an_order_is_paid_by_the_keyboard_also_after_a_declined_card(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page, keyboard, base = someone.page, Keyboard(someone.page), system.addresses["web"]
        _order(keyboard, base)
        _type_card(keyboard, "4000000000000002")
        keyboard.press("Pay")
        expect(page.get_by_text(re.compile("declined", re.IGNORECASE)).first).to_be_visible()
        keyboard.still_somewhere()
        _clear_card(keyboard)
        _type_card(keyboard, "4242424242424242")
        keyboard.press("Pay")
        page.wait_for_url(re.compile(r"/o/[0-9a-f-]+$"))
        page.get_by_role("heading", level=1).wait_for()
        keyboard.still_somewhere()


@pytest.mark.req("DOM-51", "PAY-04")
def test_the_banks_question_and_the_cancel_sheet_are_answered_by_the_keyboard(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page, keyboard = someone.page, Keyboard(someone.page)
        _order(keyboard, system.addresses["web"])
        keyboard.press("Back to the order")
        page.wait_for_url(re.compile(r"/o/[0-9a-f-]+$"))
        keyboard.press("Cancel the order")
        page.get_by_role("dialog").wait_for()
        keyboard.press("Keep it")
        expect(page.get_by_role("dialog")).to_be_hidden()
        keyboard.still_somewhere()
        keyboard.press("Pay now")
        page.wait_for_url("**/pay")
        keyboard.still_somewhere()
        _type_card(keyboard, "4000002500003155")
        keyboard.press("Pay")
        bank = page.frame_locator("iframe[src*='/stripe/3ds/']")
        keyboard.to_in_frame(bank.get_by_role("button", name="Complete authentication"))
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/o/[0-9a-f-]+$"))
        page.get_by_role("heading", level=1).wait_for()
        keyboard.still_somewhere()


def _order(keyboard: Keyboard, base: str) -> None:
    """Choose a drink, check out as a guest, and come to the card form."""
    page = keyboard.page
    page.goto(f"{base}/s/logan-campus")
    page.get_by_role("link", name="Canyon Sunset").first.wait_for()
    keyboard.press("Canyon Sunset")
    for button in ("Add, ready", ".*(cart, 1 drink|drink in your cart)", "Check out"):
        expect(page.get_by_role("button", name=re.compile(f"^{button}", re.IGNORECASE))).to_be_enabled()
        keyboard.press(button)
        keyboard.still_somewhere()
    page.get_by_label("E-mail").wait_for()
    keyboard.write("E-mail", "keyboard.guest@example.org")
    expect(page.get_by_role("button", name=re.compile("^Continue to pay"))).to_be_enabled()
    keyboard.press("Continue to pay")
    page.wait_for_url("**/pay")
    keyboard.still_somewhere()


def _clear_card(keyboard: Keyboard) -> None:
    """Empty the fields, as somebody does who types another card."""
    for label in ("Card number", "Expiry", "CVC", "ZIP"):
        keyboard.write_in_frame(FORM, label, "")
        for keys in ("Control+a", "Delete"):
            keyboard.page.keyboard.press(keys)


def _sign_in(someone: Person, system: System, target: str, role: str) -> Keyboard:
    sign_in_staff(someone.page, system, target, role=role)
    return Keyboard(someone.page)


@pytest.fixture(scope="module")
def fetched(system: System) -> str:
    """An order of more drinks than a manager may pay back alone; returns its id."""
    return _fetched_order(system, quantity=8)


@pytest.fixture(scope="module")
def disputed(system: System) -> str:
    """An order whose charge is disputed, as our own books show it; returns its id."""
    with closing(Guest(system)) as guest:
        guest.order()
        guest.pay("4000000000000259")
        guest.fetch()
        return guest.order_id


@pytest.mark.req("DOM-51", "PAY-31", "OBS-13")
@pytest.mark.parametrize(("viewport", "dark"), [(DESK, False), (SMALL_PHONE, True), (SMALL_PHONE, False), (DESK, True)])
def test_money_pages_with_something_on_them_pass_axe_and_fit(
    browser: Browser, system: System, fetched: str, disputed: str, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        keyboard = _sign_in(someone, system, "/staff/disputes", "super_admin")
        page, base = someone.page, system.addresses["web"]
        until = time.monotonic() + 120
        while not page.get_by_role("link", name=re.compile("fraud", re.IGNORECASE)).count():
            assert time.monotonic() < until, "the dispute never comes to the staff"
            page.wait_for_timeout(1000)
            page.reload()
        someone.see("disputes-filled")
        page.locator("tbody a").first.click()
        page.get_by_role("heading", level=1).wait_for()
        someone.see("dispute-filled")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
        _plan_batch(someone, base)
        someone.see("batch-filled")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
        for name in ("batches", "attention", "revenue", "payments", "disputes"):
            page.goto(f"{base}/staff/{name}")
            page.get_by_role("heading", level=1).wait_for()
            someone.see(f"{name}-filled")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"], name
            here = page.locator(".rail [aria-current]").bounding_box()
            assert here, name
            assert here["x"] >= 0, name
            assert here["x"] + here["width"] <= viewport["width"], name
        page.goto(f"{base}/staff/attention")
        expect(page.get_by_role("link", name=re.compile("fraudulent", re.IGNORECASE)).first).to_be_visible()
        keyboard.press("Revenue")
        page.wait_for_url("**/staff/revenue*")


@pytest.mark.req("DOM-51", "PAY-11", "PAY-31")
def test_what_is_above_ones_limit_is_approved_by_a_second_person_by_the_keyboard(
    browser: Browser, system: System
) -> None:
    order_id = _fetched_order(system, quantity=8)
    with person(browser) as manager, person(browser) as chief:
        code, keyboard = _open_payment(manager, system, order_id)
        keyboard.to("These drinks")
        manager.page.keyboard.press("ArrowUp")  # the last choice: all that is left
        keyboard.write("Why", "Goodwill")
        keyboard.press("Give back")
        expect(manager.page.get_by_text("Waits for somebody else")).to_be_visible()
        manager.see("refund-waits")
        _sign_in(chief, system, "/staff/attention", "super_admin").press(f"Approve {code}")
        expect(chief.page.get_by_role("button", name=f"Approve {code}")).to_have_count(0)
        manager.page.reload()
        expect(manager.page.locator("#refunds")).to_contain_text("paid back", timeout=30_000)


@pytest.mark.req("DOM-51", "PAY-31")
def test_a_drink_is_made_again_by_the_keyboard(browser: Browser, system: System) -> None:
    with person(browser) as manager:
        _, keyboard = _open_payment(manager, system, _fetched_order(system))
        keyboard.to("Give back")
        keyboard.write(r".*of \d+ ×", "1")
        keyboard.write("Why", "Drink was f")
        keyboard.press("Make again")
        expect(manager.page.get_by_role("link", name="The new order")).to_be_visible()
        manager.see("remake")


def _fetched_order(system: System, quantity: int = 1) -> str:
    with closing(Guest(system)) as guest:
        guest.order(quantity=quantity)
        guest.pay()
        guest.fetch()
        return guest.order_id


def _open_payment(someone: Person, system: System, order_id: str) -> tuple[str, Keyboard]:
    """Find the payment of an order as its store's manager; return the order's code and the keyboard."""
    keyboard = _sign_in(someone, system, f"/staff/payments?text={order_id}", "manager")
    keyboard.press(r"[A-Z]-\d{4}")
    heading = someone.page.get_by_role("heading", name=re.compile("Payment of"))
    heading.wait_for()
    return heading.inner_text().split()[-1], keyboard


def _plan_batch(someone: Person, base: str) -> None:
    page = someone.page
    page.goto(f"{base}/staff/batches")
    page.locator("select[name='store']").select_option("logan-campus")
    today = datetime.now(UTC)
    for name, days in (("since", -2), ("until", 2)):
        page.locator(f"input[name='{name}']").fill(f"{today + timedelta(days=days):%Y-%m-%dT%H:%M}")
    page.locator("select[name='cause']").select_option(index=1)
    page.get_by_role("button", name="See what it comes to").click()
    page.wait_for_url("**/staff/batches/*")
    page.get_by_role("heading", level=1).wait_for()
