"""The whole path on the page that people use, at phone size: order, decline, another card, 3-D Secure, door."""

import re

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from server.tests.system.browser import DESK, PHONE, SMALL_PHONE, Person, person
from tools.system import System

pytestmark = pytest.mark.browser
STORE = "/s/logan-campus"
DECLINED, AUTHENTICATED, GOOD = "4000000000000002", "4000002760003184", "4242424242424242"


def _choose(someone: Person, base: str) -> None:
    someone.page.goto(base)
    someone.page.get_by_role("link", name="Logan, Campus").wait_for()
    someone.see("stores")
    someone.page.get_by_role("link", name="Logan, Campus").click()
    someone.page.get_by_role("link", name="Canyon Sunset").first.wait_for()
    someone.see("menu")
    someone.page.get_by_role("link", name="Canyon Sunset").first.click()
    someone.page.get_by_role("button", name=re.compile("^Add, ready")).wait_for()
    someone.see("builder")


def _to_payment(someone: Person) -> None:
    page = someone.page
    page.get_by_role("button", name=re.compile("^Add, ready")).click()
    page.get_by_role("button", name=re.compile("cart, 1 drink|drink in your cart|^View cart", re.IGNORECASE)).click()
    page.get_by_role("button", name=re.compile("^Check out")).wait_for()
    someone.see("cart")
    page.get_by_role("button", name=re.compile("^Check out")).click()
    page.get_by_label("E-mail").fill("canary.guest@example.org")
    someone.see("checkout")
    page.get_by_role("button", name=re.compile("^Continue to pay")).click()
    _card_form(someone).get_by_label("Card number").wait_for()
    someone.see("pay")


def _card_form(someone: Person) -> FrameLocator:
    return someone.page.frame_locator("iframe[title='Secure card payment input frame']")


def _pay_with(someone: Person, number: str) -> None:
    form = _card_form(someone)
    form.get_by_label("Card number").fill(number)
    form.get_by_label("Expiry").fill("12/30")
    form.get_by_label("CVC").fill("123")
    form.get_by_label("ZIP").fill("84321")
    someone.page.get_by_role("button", name=re.compile("^Pay")).click()


def _authenticate(someone: Person) -> None:
    challenge = someone.page.frame_locator("iframe[src*='/stripe/3ds/']")
    challenge.get_by_role("button", name="Complete authentication").click()


@pytest.mark.req("PAY-02", "PAY-04", "PAY-18", "DOM-26", "CORE-03", "CORE-14", "DOM-51", "DOM-04")
def test_a_guest_orders_has_a_card_declined_pays_with_another_and_opens_the_door(
    browser: Browser, system: System
) -> None:
    with person(browser, viewport=PHONE) as someone:
        page = someone.page
        _choose(someone, system.addresses["web"])
        _to_payment(someone)
        _pay_with(someone, DECLINED)
        expect(page.get_by_text("Nothing was charged")).to_be_visible()
        someone.see("declined")
        _pay_with(someone, AUTHENTICATED)
        _authenticate(someone)
        expect(page.get_by_role("heading", name=re.compile("Behind door"))).to_be_visible(timeout=90_000)
        someone.see("ready")
        page.goto(system.addresses["web"])
        page.get_by_role("link", name=re.compile("^Behind door")).wait_for()
        someone.see("menu-with-an-order")
        page.get_by_role("link", name=re.compile("^Behind door")).click()
        page.get_by_role("button", name="I’m here").click()
        someone.see("at-the-door")
        page.get_by_role("button", name=re.compile("^Open door")).click()
        expect(page.get_by_role("heading", name=re.compile("Picked up"))).to_be_visible()
        expect(page.get_by_text("Your drinks are ready behind their door.")).to_be_hidden()
        someone.see("picked-up")


@pytest.mark.req("DOM-51")
@pytest.mark.parametrize(("viewport", "dark"), [(SMALL_PHONE, True), (DESK, False), (DESK, True)])
def test_screens_pass_axe_at_other_sizes_and_in_the_dark(
    browser: Browser, system: System, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        _choose(someone, system.addresses["web"])
        _to_payment(someone)
        _pay_with(someone, GOOD)
        expect(someone.page.get_by_role("heading", name=re.compile("Behind door|Your code"))).to_be_visible(
            timeout=90_000
        )
        someone.see("ready")
        width = someone.page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= viewport["width"], "the page scrolls sideways"
