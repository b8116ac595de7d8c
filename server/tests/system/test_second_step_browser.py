"""Second steps as people use them on the page: codes, recovery codes and passkeys, of customers and of staff."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from server.tests.system.account_pages import SIZES, button, confirm, fits, heading, sign_in, signed_in
from server.tests.system.browser import person, virtual_authenticator
from server.tests.system.member import sign_up
from server.tests.system.planted import invite
from tools.system import System
from tools.totp import totp

pytestmark = pytest.mark.browser
TRIES = 3


def _give_code(page: Page, label: str, press: str, secret: str, done: Locator) -> None:
    """Type the present code; once more when it grew old on the way."""
    asked, wrong = page.get_by_label("Your password"), page.locator("[aria-invalid=true]")
    for _ in range(TRIES):
        page.get_by_label(label).fill(totp(secret))
        button(page, press).click()
        done.or_(wrong).or_(asked).first.wait_for()
        if asked.is_visible():
            confirm(page)
            done.or_(wrong).first.wait_for()
        if done.is_visible():
            return
    raise AssertionError("no code was taken")


@pytest.mark.req("SEC-09")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_an_authenticator_app_is_set_up_asked_for_and_recovered_from(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "totp")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        sign_in(page, base, member)
        signed_in(page)
        page.goto(f"{base}/account/two-step")
        button(page, "Set up").click()
        key = page.get_by_label(re.compile("^Key: "))
        asked = page.get_by_label("Your password")
        key.or_(asked).first.wait_for()
        if asked.is_visible():
            confirm(page)
        secret = re.sub(r"\s", "", key.inner_text())
        someone.see("totp-setup")
        fits(someone)
        _give_code(page, "2. The code that it shows", "Turn it on", secret, page.get_by_text("Keep these codes now"))
        codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
        assert len(codes) == 10
        expect(button(page, "Done")).to_be_disabled()
        page.get_by_role("checkbox").click()
        someone.see("recovery-codes")
        button(page, "Done").click()
        expect(page.get_by_text("10 codes of 10 left")).to_be_visible()
        someone.see("two-step-on")
        page.goto(f"{base}/account")
        button(page, "Sign out").click()
        expect(page.get_by_text("You’re signed out")).to_be_visible()
        sign_in(page, base, member)
        expect(heading(page, "One more step")).to_be_visible()
        someone.see("second-step")
        page.get_by_label("Code from your authenticator app").fill("000000")
        button(page, "Continue").click()
        expect(page.locator("[aria-invalid=true]")).to_be_visible()
        button(page, "I lost it: use a recovery code").click()
        page.get_by_label("Recovery code").fill(codes[0])
        button(page, "Continue").click()
        signed_in(page)
        page.goto(f"{base}/account/two-step")
        expect(page.get_by_text("9 codes of 10 left")).to_be_visible()


@pytest.mark.req("SEC-09")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_a_passkey_is_made_and_signs_in_without_a_password(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "passkey")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        virtual_authenticator(page)
        sign_in(page, base, member)
        signed_in(page)
        _make_passkey(page, base)
        page.get_by_role("button", name=re.compile("^Rename ")).click()
        page.get_by_role("textbox", name="Name").fill("My phone")
        button(page, "Save").click()
        expect(page.get_by_text("My phone")).to_be_visible()
        someone.see("passkeys")
        page.goto(f"{base}/account")
        button(page, "Sign out").click()
        button(page, "Use a passkey").click()
        signed_in(page)


def _make_passkey(page: Page, base: str) -> None:
    page.goto(f"{base}/account/two-step")
    button(page, "Make a passkey").click()
    asked, made = page.get_by_label("Your password"), page.get_by_text("Keep these codes now")
    asked.or_(made).first.wait_for()
    if asked.is_visible():
        confirm(page)
    made.wait_for()
    page.get_by_role("checkbox").click()
    button(page, "Done").click()


@pytest.mark.req("SEC-09")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_staff_sign_in_with_a_passkey_alone(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "staff-passkey")
    invite(system, member.email)
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        virtual_authenticator(page)
        page.goto(f"{base}/staff/sign-in?next=/staff/attention")
        button(page, "Use a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("No passkey was given")
        someone.see("staff-sign-in-passkey")
        fits(someone)
        sign_in(page, base, member)
        signed_in(page)
        _make_passkey(page, base)
        page.goto(f"{base}/account")
        button(page, "Sign out").click()
        page.get_by_label("E-mail").wait_for()
        page.goto(f"{base}/staff/sign-in?next=/staff/attention")
        page.get_by_label("E-mail address").fill(member.email)
        page.get_by_label("Password").fill(member.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Press the button for passkeys")
        button(page, "Use a passkey").click()
        page.wait_for_url("**/staff/attention")
        button(page, "Sign out").wait_for()
