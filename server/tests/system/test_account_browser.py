"""Accounts as people use them on the page: in, out, locked out, back in, and everything that is one's own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from server.tests.system.browser import DESK, PHONE, SMALL_PHONE, Person, chromium, person, virtual_authenticator
from server.tests.system.guest import Guest
from server.tests.system.member import PASSWORD, Member, bounce, link_to, new_email, sign_up
from server.tests.system.planted import invite
from tools.system import System
from tools.totp import totp

pytestmark = pytest.mark.browser
STORE = "logan-campus"
NEW_PASSWORD = "mango after midnight 9"
SIZES = [(PHONE, False), (DESK, True)]
LOOKS = [(PHONE, False), (SMALL_PHONE, True), (DESK, False), (DESK, True)]
TRIES = 3


@pytest.fixture(scope="module")
def browser(chromium_path: Path, app_export: Path) -> Iterator[Browser]:
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture(scope="module")
def base(system: System) -> str:
    """By name: a browser gives passkeys to names only, and takes this one for secure."""
    return system.addresses["web"].replace("127.0.0.1", "localhost")


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def _heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name)


def _sign_in(page: Page, base: str, member: Member, password: str = PASSWORD) -> None:
    page.goto(f"{base}/account")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(password)
    _button(page, "Sign in").click()


def _signed_in(page: Page) -> None:
    expect(page.get_by_role("link", name="Payment methods")).to_be_visible()


def _confirm(page: Page, password: str = PASSWORD) -> None:
    """Say again who one is, where the page asks."""
    page.get_by_label("Your password").fill(password)
    _button(page, "Confirm").click()


def _fits(someone: Person) -> None:
    page = someone.page
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= page.evaluate("() => window.innerWidth"), f"{page.url} scrolls sideways"


@pytest.mark.req("DOM-25", "DOM-21", "DOM-04")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_an_account_is_made_confirmed_by_mail_and_signed_in_to(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    email = new_email("sign-up")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        page.goto(f"{base}/account")
        _button(page, "Make an account").click()
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill("short")
        expect(page.get_by_text("3 more to go.")).to_be_visible()
        expect(_button(page, "Make an account")).to_be_disabled()
        page.get_by_label("Password").fill("password1")
        _button(page, "Make an account").click()
        expect(page.get_by_text(re.compile("too common", re.IGNORECASE))).to_be_visible()
        someone.see("sign-up-refused")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Password").press("Enter")
        expect(_heading(page, "Look into your mailbox")).to_be_visible()
        expect(page.get_by_text(email)).to_be_visible()
        someone.see("mailbox")
        page.goto(base + link_to(system, email, "account/verify"))
        expect(page.get_by_text(email)).to_be_visible()
        someone.see("verify")
        _button(page, "Yes, it’s mine").click()
        page.get_by_label("Password").or_(page.get_by_role("link", name="Payment methods")).first.wait_for()
        if page.get_by_label("Password").is_visible():
            expect(page.get_by_label("E-mail")).to_have_value(email)
            page.get_by_label("Password").fill(PASSWORD)
            _button(page, "Sign in").click()
        _signed_in(page)
        someone.see("account")
        _fits(someone)


@pytest.mark.req("DOM-25")
def test_a_link_that_was_used_says_so_and_another_is_sent(browser: Browser, system: System, base: str) -> None:
    member = sign_up(system, "used-link")
    used = link_to(system, member.email, "account/verify")
    with person(browser) as someone:
        page = someone.page
        page.goto(base + used)
        expect(_heading(page, "This link doesn’t work any more")).to_be_visible()
        someone.see("verify-used")
        _button(page, "Send me another").click()
        page.get_by_label("E-mail").fill(new_email("nobody"))
        _button(page, "Send it again").click()
        expect(page.get_by_text("Another mail is on its way")).to_be_visible()
        _button(page, "Send it again").click()
        expect(page.get_by_text("Not sent again yet")).to_be_visible()
        someone.see("mailbox-too-soon")
        page.goto(f"{base}/account/reset/no-such-key")
        expect(_heading(page, "This link doesn’t work any more")).to_be_visible()
        someone.see("reset-used")


@pytest.mark.req("SEC-10", "DOM-25")
def test_wrong_passwords_lock_and_a_new_one_by_mail_opens(browser: Browser, system: System, base: str) -> None:
    member = sign_up(system, "locked")
    with person(browser) as someone:
        page = someone.page
        for _ in range(5):
            _sign_in(page, base, member, "not the password 1")
            expect(page.get_by_text(re.compile("not correct|wrong tries", re.IGNORECASE)).first).to_be_visible()
        _sign_in(page, base, member)
        expect(page.get_by_text("Too many wrong tries")).to_be_visible()
        someone.see("locked-out")
        _button(page, "Set a new one by mail").click()
        _button(page, "Send the link").click()
        expect(page.get_by_text("Look into your mailbox")).to_be_visible()
        someone.see("forgot")
        page.goto(base + link_to(system, member.email, "account/reset/"))
        page.get_by_label("New password").fill(NEW_PASSWORD)
        someone.see("reset")
        _button(page, "Set the password").click()
        expect(page.get_by_text("Your new password counts")).to_be_visible()
        _sign_in(page, base, member, NEW_PASSWORD)
        _signed_in(page)


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
            _sign_in(one, base, member)
            _signed_in(one)
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
        _button(page, "Change it").click()
        expect(page.locator("[aria-invalid=true]")).to_be_visible()
        page.get_by_label("Password until now").fill(PASSWORD)
        _button(page, "Change it").click()
        expect(page.get_by_text("Your new password counts")).to_be_visible()
        someone.see("password-changed")
        bounce(system, member.email)
        page.goto(f"{base}/account")
        problem = _button(page, "Give another address")
        for _ in range(30):
            if problem.is_visible():
                break
            page.wait_for_timeout(1000)
            page.reload()
            _signed_in(page)
        someone.see("bounced")
        problem.click()
        page.get_by_label("New e-mail").fill(other)
        _button(page, "Send the link").click()
        asked = page.get_by_label("Your password")
        asked.or_(page.get_by_text("waits for its link")).first.wait_for()
        if asked.is_visible():
            _confirm(page, NEW_PASSWORD)
        expect(page.get_by_text("waits for its link")).to_be_visible()
        someone.see("email-waiting")
        page.goto(base + link_to(system, other, "account/verify"))
        _button(page, "Yes, it’s mine").click()
        expect(page.get_by_text(other)).to_be_visible()
        page.goto(f"{base}/account")
        _signed_in(page)
        expect(_button(page, "Give another address")).to_have_count(0)


def _give_code(page: Page, label: str, button: str, secret: str, done: Locator) -> None:
    """Type the present code; once more when it grew old on the way."""
    asked, wrong = page.get_by_label("Your password"), page.locator("[aria-invalid=true]")
    for _ in range(TRIES):
        page.get_by_label(label).fill(totp(secret))
        _button(page, button).click()
        done.or_(wrong).or_(asked).first.wait_for()
        if asked.is_visible():
            _confirm(page)
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
        _sign_in(page, base, member)
        _signed_in(page)
        page.goto(f"{base}/account/two-step")
        _button(page, "Set up").click()
        key = page.get_by_label(re.compile("^Key: "))
        asked = page.get_by_label("Your password")
        key.or_(asked).first.wait_for()
        if asked.is_visible():
            _confirm(page)
        secret = re.sub(r"\s", "", key.inner_text())
        someone.see("totp-setup")
        _fits(someone)
        _give_code(page, "2. The code that it shows", "Turn it on", secret, page.get_by_text("Keep these codes now"))
        codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
        assert len(codes) == 10
        expect(_button(page, "Done")).to_be_disabled()
        page.get_by_role("checkbox").click()
        someone.see("recovery-codes")
        _button(page, "Done").click()
        expect(page.get_by_text("10 codes of 10 left")).to_be_visible()
        someone.see("two-step-on")
        page.goto(f"{base}/account")
        _button(page, "Sign out").click()
        expect(page.get_by_text("You’re signed out")).to_be_visible()
        _sign_in(page, base, member)
        expect(_heading(page, "One more step")).to_be_visible()
        someone.see("second-step")
        page.get_by_label("Code from your authenticator app").fill("000000")
        _button(page, "Continue").click()
        expect(page.locator("[aria-invalid=true]")).to_be_visible()
        _button(page, "I lost it: use a recovery code").click()
        page.get_by_label("Recovery code").fill(codes[0])
        _button(page, "Continue").click()
        _signed_in(page)
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
        _sign_in(page, base, member)
        _signed_in(page)
        _make_passkey(page, base)
        page.get_by_role("button", name=re.compile("^Rename ")).click()
        page.get_by_role("textbox", name="Name").fill("My phone")
        _button(page, "Save").click()
        expect(page.get_by_text("My phone")).to_be_visible()
        someone.see("passkeys")
        page.goto(f"{base}/account")
        _button(page, "Sign out").click()
        _button(page, "Use a passkey").click()
        _signed_in(page)


def _make_passkey(page: Page, base: str) -> None:
    page.goto(f"{base}/account/two-step")
    _button(page, "Make a passkey").click()
    asked, made = page.get_by_label("Your password"), page.get_by_text("Keep these codes now")
    asked.or_(made).first.wait_for()
    if asked.is_visible():
        _confirm(page)
    made.wait_for()
    page.get_by_role("checkbox").click()
    _button(page, "Done").click()


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
        _button(page, "Use a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("You closed the question")
        someone.see("staff-sign-in-passkey")
        _fits(someone)
        _sign_in(page, base, member)
        _signed_in(page)
        _make_passkey(page, base)
        page.goto(f"{base}/account")
        _button(page, "Sign out").click()
        page.get_by_label("E-mail").wait_for()
        page.goto(f"{base}/staff/sign-in?next=/staff/attention")
        page.get_by_label("E-mail address").fill(member.email)
        page.get_by_label("Password").fill(member.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Press the button for passkeys")
        _button(page, "Use a passkey").click()
        page.wait_for_url("**/staff/attention")
        _button(page, "Sign out").wait_for()


@pytest.mark.req("DOM-18", "SEC-14")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_tastes_allergies_and_favourites_are_kept_and_ordered_again(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "taste")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        _sign_in(page, base, member)
        _signed_in(page)
        page.goto(f"{base}/s/{STORE}/canyon-sunset")
        _button(page, "Keep as a favourite").click()
        _button(page, "Kept: see your favourites").click()
        expect(_button(page, "Put Canyon Sunset into the cart")).to_be_visible()
        someone.see("favourites")
        page.goto(f"{base}/account/taste")
        page.get_by_role("radiogroup", name="How sweet?").get_by_role("radio", name="Less").click()
        page.get_by_role("switch", name=re.compile("^I like ")).first.click()
        _button(page, "Save my taste").click()
        expect(_button(page, "Saved")).to_be_visible()
        page.get_by_role("switch", name="milk", exact=True).click()
        expect(_button(page, "Keep my allergies and diet")).to_be_disabled()
        page.get_by_role("checkbox").click()
        _button(page, "Keep my allergies and diet").click()
        expect(_button(page, "Forget them now")).to_be_visible()
        someone.see("taste")
        _fits(someone)
        page.goto(f"{base}/favourites")
        expect(page.get_by_text("for you: milk")).to_be_visible()
        someone.see("favourites-warned")
        _fits(someone)
        _button(page, "Put Canyon Sunset into the cart").click()
        expect(page.get_by_role("button", name=re.compile("^Check out"))).to_be_visible()
        page.goto(f"{base}/account/taste")
        expect(page.get_by_role("radiogroup", name="How sweet?").get_by_role("radio", name="Less")).to_be_checked()
        _button(page, "Forget them now").click()
        expect(page.get_by_role("switch", name="milk", exact=True)).not_to_be_checked()


@pytest.mark.req("MAIL-10", "D16", "DB-16")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_messages_consents_a_copy_of_the_data_and_the_end_are_ones_own_choice(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "choices")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        _sign_in(page, base, member)
        _signed_in(page)
        page.goto(f"{base}/account/messages")
        news = page.get_by_role("switch", name="News, By e-mail")
        expect(news).not_to_be_checked()
        # The page shows the choice at once; it counts when the server has answered.
        with page.expect_response(lambda answer: answer.request.method == "PUT") as told:
            news.click()
        assert told.value.ok
        expect(news).to_be_checked()
        someone.see("messages")
        page.goto(f"{base}/account/privacy")
        expect(page.get_by_role("switch", name=re.compile("^News by e-mail"))).to_be_checked()
        page.get_by_role("switch", name=re.compile("^News by e-mail")).click()
        expect(page.get_by_role("switch", name=re.compile("^News by e-mail"))).not_to_be_checked()
        _button(page, "Put my data together").click()
        expect(_button(page, "Download")).to_be_visible()
        someone.see("privacy")
        _fits(someone)
        _button(page, "Download").click()
        someone.see("confirm-download")
        page.get_by_label("Your password", exact=True).fill(member.password)
        with page.expect_download() as download:
            _button(page, "Confirm").click()
        assert download.value.suggested_filename == "codepop-my-data.zip"
        _button(page, "Delete my account…").click()
        expect(_button(page, "Delete it")).to_be_disabled()
        page.get_by_role("checkbox").click()
        someone.see("delete-account")
        _button(page, "Delete it").click()
        expect(page.get_by_text(re.compile("^Your account goes on"))).to_be_visible()
        someone.see("account-going")
        _button(page, "Keep my account after all").click()
        expect(_button(page, "Delete my account…")).to_be_visible()
        page.goto(f"{base}/account/messages")
        expect(page.get_by_role("switch", name="News, By e-mail")).not_to_be_checked()


@pytest.mark.req("DOM-04", "DOM-18")
def test_orders_made_as_a_guest_come_into_the_account(browser: Browser, system: System, base: str) -> None:
    member, guest = sign_up(system, "claims"), Guest(system)
    guest.order()
    guest.close()
    with person(browser) as someone:
        page = someone.page
        page.goto(f"{base}/o/{guest.order_id}#{guest.secrets['order token']}")
        page.get_by_role("heading").first.wait_for()
        _sign_in(page, base, member)
        expect(page.get_by_text("1 order on this device was made as a guest")).to_be_visible()
        someone.see("claim")
        _button(page, "Put them into my account").click()
        expect(page.get_by_text("1 order is in your account now")).to_be_visible()
        assert guest.secrets["order token"] not in page.evaluate("() => JSON.stringify(localStorage)")
    with person(browser) as elsewhere:
        page = elsewhere.page
        _sign_in(page, base, member)
        _signed_in(page)
        page.goto(f"{base}/orders")
        expect(page.get_by_role("list", name="Orders").get_by_role("listitem")).to_have_count(1)


@pytest.mark.req("DOM-21")
def test_how_it_works_is_offered_once_and_can_be_skipped(browser: Browser, base: str) -> None:
    with person(browser) as someone:
        page = someone.page
        page.goto(f"{base}/stores")
        page.get_by_role("button", name=re.compile("^New here")).click()
        someone.see("welcome-1")
        _button(page, "Next").click()
        someone.see("welcome-2")
        _button(page, "Skip").click()
        expect(page.get_by_role("heading", name="Where do you pick up?")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^New here"))).to_have_count(0)
        page.reload()
        expect(page.get_by_role("link", name="Logan, Campus")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^New here"))).to_have_count(0)


@pytest.mark.req("DOM-51")
@pytest.mark.parametrize(("viewport", "dark"), LOOKS)
def test_every_account_screen_passes_axe_signed_out_in_and_offline(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "looks")
    pages = ("security", "password", "email", "two-step", "devices", "name", "taste", "messages", "privacy")
    paths = [*(f"account/{page}" for page in pages), "favourites", "welcome"]
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        page.goto(f"{base}/account")
        page.get_by_label("Password").wait_for()
        someone.see("sign-in")
        page.goto(f"{base}/account/taste")
        expect(page.get_by_role("heading", name="This belongs to an account")).to_be_visible()
        someone.see("members-only")
        _sign_in(page, base, member)
        _signed_in(page)
        for path in paths:
            page.goto(f"{base}/{path}")
            page.get_by_role("heading", level=1).wait_for()
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            someone.see(path.replace("/", "-"))
            _fits(someone)
        page.goto(f"{base}/account/security")
        page.get_by_role("link", name=re.compile("^Devices")).wait_for()
        page.context.set_offline(True)
        page.get_by_role("link", name=re.compile("^Password")).click()
        expect(page.get_by_text(re.compile("You’re offline")).first).to_be_visible()
        someone.see("offline")
        page.context.set_offline(False)
