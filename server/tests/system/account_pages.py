"""What tests of the account's screens do again and again on them."""

from playwright.sync_api import Locator, Page, expect

from server.tests.system.browser import DESK, PHONE, Person
from server.tests.system.member import PASSWORD, Member

SIZES = [(PHONE, False), (DESK, True)]


def button(page: Page, name: str) -> Locator:
    """Find a button by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


def heading(page: Page, name: str) -> Locator:
    """Find a heading."""
    return page.get_by_role("heading", name=name)


def sign_in(page: Page, base: str, member: Member, password: str = PASSWORD) -> None:
    """Fill in the sign-in and send it."""
    page.goto(f"{base}/account")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(password)
    button(page, "Sign in").click()


def signed_in(page: Page) -> None:
    """Wait until the account's own screen is there."""
    expect(page.get_by_role("link", name="Payment methods")).to_be_visible()


def confirm(page: Page, password: str = PASSWORD) -> None:
    """Say again who one is, where the page asks."""
    page.get_by_label("Your password").fill(password)
    button(page, "Confirm").click()


def fits(someone: Person) -> None:
    """Hold that the page does not scroll sideways."""
    page = someone.page
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= page.evaluate("() => window.innerWidth"), f"{page.url} scrolls sideways"
