"""Accounts as people use them on the page: made, in, locked out, back in, and changed."""

import re

import pytest
from playwright.sync_api import Browser, expect

from server.tests.system.account_pages import SIZES, button, confirm, fits, heading, sign_in, signed_in
from server.tests.system.browser import person
from server.tests.system.member import PASSWORD, bounce, link_to, new_email, sign_up
from tools.system import System

pytestmark = pytest.mark.browser
NEW_PASSWORD = "mango after midnight 9"


@pytest.mark.req("DOM-25", "DOM-21", "DOM-04")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_an_account_is_made_confirmed_by_mail_and_signed_in_to(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    email = new_email("sign-up")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page, sent = someone.page, []
        page.on("request", lambda asked: sent.append(asked.method) if asked.url.endswith("/auth/signup") else None)
        page.goto(f"{base}/account")
        button(page, "Make an account").click()
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill("short")
        expect(page.get_by_text("3 more to go.")).to_be_visible()
        expect(button(page, "Make an account")).to_be_disabled()
        page.get_by_label("Password").fill("password1")
        button(page, "Make an account").click()
        expect(page.get_by_text(re.compile("too common", re.IGNORECASE))).to_be_visible()
        someone.see("sign-up-refused")
        page.get_by_label("Password").fill(PASSWORD)
        button(page, "Make an account").dblclick()
        expect(heading(page, "Look into your mailbox")).to_be_visible()
        assert sent == ["POST"] * 2, "a double click is one press"
        expect(page.get_by_text(email)).to_be_visible()
        someone.see("mailbox")
        page.goto(base + link_to(system, email, "account/verify"))
        expect(page.get_by_text(email)).to_be_visible()
        someone.see("verify")
        button(page, "Yes, it’s mine").click()
        page.get_by_label("Password").or_(page.get_by_role("link", name="Payment methods")).first.wait_for()
        if page.get_by_label("Password").is_visible():
            expect(page.get_by_label("E-mail")).to_have_value(email)
            page.get_by_label("Password").fill(PASSWORD)
            button(page, "Sign in").click()
        signed_in(page)
        someone.see("account")
        fits(someone)


@pytest.mark.req("DOM-25")
def test_a_link_that_was_used_says_so_and_another_is_sent(browser: Browser, system: System, base: str) -> None:
    member = sign_up(system, "used-link")
    used = link_to(system, member.email, "account/verify")
    with person(browser) as someone:
        page = someone.page
        page.goto(base + used)
        expect(heading(page, "This link doesn’t work any more")).to_be_visible()
        someone.see("verify-used")
        button(page, "Send me another").click()
        page.get_by_label("E-mail").fill(new_email("nobody"))
        button(page, "Send it again").click()
        expect(page.get_by_text("Another mail is on its way")).to_be_visible()
        button(page, "Send it again").click()
        expect(page.get_by_text("Not sent again yet")).to_be_visible()
        someone.see("mailbox-too-soon")
        page.goto(f"{base}/account/reset/no-such-key")
        expect(heading(page, "This link doesn’t work any more")).to_be_visible()
        someone.see("reset-used")


@pytest.mark.req("SEC-10", "DOM-25")
def test_wrong_passwords_lock_and_a_new_one_by_mail_opens(browser: Browser, system: System, base: str) -> None:
    member = sign_up(system, "locked")
    with person(browser) as someone:
        page = someone.page
        for _ in range(5):
            sign_in(page, base, member, "not the password 1")
            expect(page.get_by_text(re.compile("not correct|wrong tries", re.IGNORECASE)).first).to_be_visible()
        sign_in(page, base, member)
        expect(page.get_by_text("Too many wrong tries")).to_be_visible()
        someone.see("locked-out")
        button(page, "Set a new one by mail").click()
        button(page, "Send the link").click()
        expect(page.get_by_text("Look into your mailbox")).to_be_visible()
        someone.see("forgot")
        page.goto(base + link_to(system, member.email, "account/reset/"))
        page.get_by_label("New password").fill(NEW_PASSWORD)
        someone.see("reset")
        button(page, "Set the password").click()
        expect(page.get_by_text("Your new password counts")).to_be_visible()
        sign_in(page, base, member, NEW_PASSWORD)
        signed_in(page)


@pytest.mark.req("SEC-08", "DOM-25", "MAIL-06")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_password_address_and_devices_are_changed_by_their_owner(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member, other = sign_up(system, "changes"), new_email("changed")
    with (
        person(browser, viewport=viewport, dark=dark) as someone,
        person(browser, viewport=viewport, dark=dark) as elsewhere,
    ):
        page = someone.page
        for one in (elsewhere.page, page):
            sign_in(one, base, member)
            signed_in(one)
        page.goto(f"{base}/account/devices")
        expect(page.get_by_role("list", name="Devices").get_by_role("listitem")).to_have_count(2)
        someone.see("devices")
        page.get_by_role("button", name=re.compile("^Sign out .* on ")).click()
        expect(page.get_by_text("No other device is signed in.")).to_be_visible()
        elsewhere.page.goto(f"{base}/account")
        expect(elsewhere.page.get_by_label("Password")).to_be_visible()
        page.goto(f"{base}/account/password")
        page.get_by_label("Password until now").fill("not the password 1")
        page.get_by_label("New password").fill(NEW_PASSWORD)
        button(page, "Change it").click()
        expect(page.locator("[aria-invalid=true]")).to_be_visible()
        page.get_by_label("Password until now").fill(PASSWORD)
        button(page, "Change it").click()
        expect(page.get_by_text("Your new password counts")).to_be_visible()
        someone.see("password-changed")
        bounce(system, member.email)
        page.goto(f"{base}/account")
        problem = button(page, "Give another address")
        for _ in range(30):
            if problem.is_visible():
                break
            page.wait_for_timeout(1000)
            page.reload()
            signed_in(page)
        someone.see("bounced")
        problem.click()
        page.get_by_label("New e-mail").fill(other)
        button(page, "Send the link").click()
        asked = page.get_by_label("Your password")
        asked.or_(page.get_by_text("waits for its link")).first.wait_for()
        if asked.is_visible():
            confirm(page, NEW_PASSWORD)
        expect(page.get_by_text("waits for its link")).to_be_visible()
        someone.see("email-waiting")
        page.goto(base + link_to(system, other, "account/verify"))
        button(page, "Yes, it’s mine").click()
        expect(page.get_by_text(other)).to_be_visible()
        page.goto(f"{base}/account")
        signed_in(page)
        expect(button(page, "Give another address")).to_have_count(0)
