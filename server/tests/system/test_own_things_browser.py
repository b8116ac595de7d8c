"""What is one's own, on the page: tastes, favourites, messages, one's data and their end; each screen judged by axe."""

import re

import pytest
from playwright.sync_api import Browser, expect

from server.tests.system.account_pages import SIZES, button, fits, sign_in, signed_in
from server.tests.system.browser import DESK, PHONE, SMALL_PHONE, person
from server.tests.system.guest import Guest
from server.tests.system.keyboard import Keyboard
from server.tests.system.member import sign_up
from tools.system import System

pytestmark = pytest.mark.browser
STORE = "logan-campus"
LOOKS = [(PHONE, False), (SMALL_PHONE, True), (DESK, False), (DESK, True)]


@pytest.mark.req("DOM-18", "SEC-14")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_tastes_allergies_and_favourites_are_kept_and_ordered_again(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "taste")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        sign_in(page, base, member)
        signed_in(page)
        page.goto(f"{base}/s/{STORE}/canyon-sunset")
        button(page, "Keep as a favourite").click()
        button(page, "Kept: see your favourites").click()
        expect(button(page, "Put Canyon Sunset into the cart")).to_be_visible()
        someone.see("favourites")
        page.goto(f"{base}/account/taste")
        page.get_by_role("radiogroup", name="How sweet?").get_by_role("radio", name="Less").click()
        page.get_by_role("switch", name=re.compile("^I like ")).first.click()
        button(page, "Save my taste").click()
        expect(button(page, "Saved")).to_be_visible()
        page.get_by_role("switch", name="milk", exact=True).click()
        expect(button(page, "Keep my allergies and diet")).to_be_disabled()
        page.get_by_role("checkbox").click()
        button(page, "Keep my allergies and diet").click()
        expect(button(page, "Forget them now")).to_be_visible()
        someone.see("taste")
        fits(someone)
        page.goto(f"{base}/favourites")
        expect(page.get_by_text("for you: milk")).to_be_visible()
        someone.see("favourites-warned")
        fits(someone)
        button(page, "Put Canyon Sunset into the cart").click()
        expect(page.get_by_role("button", name=re.compile("^Check out"))).to_be_visible()
        page.goto(f"{base}/account/taste")
        expect(page.get_by_role("radiogroup", name="How sweet?").get_by_role("radio", name="Less")).to_be_checked()
        button(page, "Forget them now").click()
        expect(page.get_by_role("switch", name="milk", exact=True)).not_to_be_checked()


@pytest.mark.req("MAIL-10", "D16", "DB-16")
@pytest.mark.parametrize(("viewport", "dark"), SIZES)
def test_messages_consents_a_copy_of_the_data_and_the_end_are_ones_own_choice(
    browser: Browser, system: System, base: str, viewport: dict[str, int], dark: bool
) -> None:
    member = sign_up(system, "choices")
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        sign_in(page, base, member)
        signed_in(page)
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
        button(page, "Put my data together").click()
        expect(button(page, "Download")).to_be_visible()
        someone.see("privacy")
        fits(someone)
        button(page, "Download").click()
        someone.see("confirm-download")
        page.get_by_label("Your password", exact=True).fill(member.password)
        with page.expect_download() as download:
            button(page, "Confirm").click()
        assert download.value.suggested_filename == "codepop-my-data.zip"
        button(page, "Delete my account…").click()
        expect(button(page, "Delete it")).to_be_disabled()
        page.get_by_role("checkbox").click()
        someone.see("delete-account")
        button(page, "Delete it").click()
        expect(page.get_by_text(re.compile("^Your account goes on"))).to_be_visible()
        someone.see("account-going")
        button(page, "Keep my account after all").click()
        expect(button(page, "Delete my account…")).to_be_visible()
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
        sign_in(page, base, member)
        expect(page.get_by_text("1 order on this device was made as a guest")).to_be_visible()
        someone.see("claim")
        button(page, "Put them into my account").click()
        expect(page.get_by_text("1 order is in your account now")).to_be_visible()
        assert guest.secrets["order token"] not in page.evaluate("() => JSON.stringify(localStorage)")
    with person(browser) as elsewhere:
        page = elsewhere.page
        sign_in(page, base, member)
        signed_in(page)
        page.goto(f"{base}/orders")
        expect(page.get_by_role("list", name="Orders").get_by_role("listitem")).to_have_count(1)


@pytest.mark.req("SEC-08", "DOM-18")
def test_what_an_account_ordered_is_not_on_the_device_after_signing_out(
    browser: Browser, system: System, base: str
) -> None:
    member = sign_up(system, "leaves")
    with person(browser) as someone:
        page = someone.page
        sign_in(page, base, member)
        signed_in(page)
        page.goto(f"{base}/s/{STORE}/canyon-sunset")
        page.get_by_role("button", name=re.compile("^Add, ready")).click()
        page.goto(f"{base}/checkout")
        page.get_by_role("button", name=re.compile("^Continue to pay")).click()
        page.wait_for_url(re.compile("/o/.+/pay"))
        order = page.url.split("/o/")[1].partition("/")[0]
        page.goto(f"{base}/account")
        signed_in(page)
        expect(page.get_by_text("made as a guest")).to_have_count(0)
        page.goto(f"{base}/o/{order}")
        expect(button(page, "Copy the link to this order. It’s secret: it opens the door")).to_be_visible()
        page.goto(f"{base}/account")
        button(page, "Sign out").click()
        expect(page.get_by_label("Password")).to_be_visible()
        page.goto(f"{base}/orders")
        expect(page.get_by_text("No orders yet")).to_be_visible()
        assert order not in page.evaluate("() => localStorage.getItem('codepop.secret.orders') ?? ''")


@pytest.mark.req("DOM-21")
def test_how_it_works_is_offered_once_and_can_be_skipped(browser: Browser, base: str) -> None:
    with person(browser) as someone:
        page = someone.page
        page.goto(f"{base}/stores")
        page.get_by_role("button", name=re.compile("^New here")).click()
        someone.see("welcome-1")
        button(page, "Next").click()
        someone.see("welcome-2")
        button(page, "Skip").click()
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
        sign_in(page, base, member)
        signed_in(page)
        for path in paths:
            page.goto(f"{base}/{path}")
            page.get_by_role("heading", level=1).wait_for()
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            someone.see(path.replace("/", "-"))
            fits(someone)
        page.goto(f"{base}/account/security")
        page.get_by_role("link", name=re.compile("^Devices")).wait_for()
        page.context.set_offline(True)
        page.get_by_role("link", name=re.compile("^Password")).click()
        expect(page.get_by_text(re.compile("You’re offline")).first).to_be_visible()
        someone.see("offline")
        page.context.set_offline(False)


@pytest.mark.req("DOM-51", "D16")
def test_choices_are_made_and_an_account_is_ended_by_the_keyboard(browser: Browser, system: System, base: str) -> None:
    member = sign_up(system, "keyboard")
    with person(browser, viewport=DESK) as someone:
        page, keyboard = someone.page, Keyboard(someone.page)
        page.goto(f"{base}/s/{STORE}")
        page.get_by_role("link", name="Canyon Sunset").first.wait_for()
        keyboard.press("Canyon Sunset")
        size = page.get_by_role("radiogroup", name=re.compile("size", re.IGNORECASE)).get_by_role("radio")
        size.first.focus()
        page.keyboard.press("Space")
        expect(size.first).to_be_checked()
        sign_in(page, base, member)
        signed_in(page)
        page.goto(f"{base}/account/privacy")
        news = page.get_by_role("switch", name=re.compile("^News by e-mail"))
        news.wait_for()
        keyboard.press("News by e-mail", "Space")
        expect(news).to_be_checked()
        keyboard.press("Delete my account")
        page.get_by_role("dialog").wait_for()
        keyboard.press("Yes, delete everything", "Space")
        expect(page.get_by_role("checkbox")).to_be_checked()
        keyboard.press("Delete it")
        expect(page.get_by_label("Your password", exact=True)).to_be_focused()
        page.keyboard.type(member.password)
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile("^Your account goes on"))).to_be_visible()
        keyboard.still_somewhere()
