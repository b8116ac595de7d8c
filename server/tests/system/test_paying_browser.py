"""How people pay on the page: while the provider is away, with saved cards, and in several tabs at once."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from server.tests.patience import eventually
from server.tests.system.browser import DESK, PHONE, Person, person
from server.tests.system.guest import Guest
from tools.system import System

pytestmark = pytest.mark.browser
TOLD = "Payment system temporarily unavailable. Please try again in a few minutes."
GOOD, DECLINED, DECLINED_LATER = "4242424242424242", "4000000000000002", "4000000000000341"
FORM = "iframe[title='Secure card payment input frame']"


@pytest.fixture
def faults(system: System) -> Iterator[str]:
    """The address of the sandbox's fault switches; afterwards all are off, and the provider is known to be back."""
    address = f"{system.addresses['sandbox']}/_sandbox/faults"
    yield address
    httpx.delete(address, timeout=10)
    guest = Guest(system)
    guest.order()
    assert eventually(guest.may_pay, 90)
    guest.close()


def _to_checkout(someone: Person, base: str) -> None:
    page = someone.page
    page.goto(f"{base}/s/logan-campus")
    page.get_by_role("link", name="Canyon Sunset").first.click()
    page.get_by_role("button", name=re.compile("^Add, ready")).click()
    page.get_by_role("button", name=re.compile("cart, 1 drink|drink in your cart|^View cart", re.IGNORECASE)).click()
    page.get_by_role("button", name=re.compile("^Check out")).click()


def _order_as_guest(someone: Person, base: str) -> None:
    _to_checkout(someone, base)
    someone.page.get_by_label("E-mail").fill("canary.guest@example.org")
    someone.page.get_by_role("button", name=re.compile("^Continue to pay")).click()


def _type_card(someone: Person, number: str = GOOD) -> None:
    form = someone.page.frame_locator(FORM)
    form.get_by_label("Card number").fill(number)
    form.get_by_label("Expiry").fill("12/30")
    form.get_by_label("CVC").fill("123")
    form.get_by_label("ZIP").fill("84321")


def _sign_in(someone: Person, base: str, email: str) -> None:
    page = someone.page
    page.goto(f"{base}/account")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("codepop-demo")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Payment methods").wait_for()


@pytest.mark.req("FAIL-01", "PAY-21", "C30")
@pytest.mark.parametrize(("viewport", "dark"), [(PHONE, False), (PHONE, True), (DESK, False), (DESK, True)])
def test_an_outage_is_told_in_the_specified_words_and_passes_by_itself(
    browser: Browser, system: System, faults: str, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        httpx.post(faults, json={"kind": "outage"}, timeout=10)
        _order_as_guest(someone, system.addresses["web"])
        expect(page.get_by_text(TOLD).first).to_be_visible()
        expect(page.get_by_text("nothing will be until you pay")).to_be_visible()
        someone.see("outage")
        page.get_by_role("button", name="I can wait an hour").click()
        page.get_by_role("button", name="Try again now").click()
        expect(page.get_by_text(TOLD).first).to_be_visible()
        httpx.delete(faults, timeout=10)
        page.frame_locator(FORM).get_by_label("Card number").wait_for(timeout=60_000)
        if viewport is PHONE and not dark:
            _type_card(someone)
            page.get_by_role("button", name=re.compile("^Pay")).click()
            expect(page.get_by_role("heading", name=re.compile("Behind door"))).to_be_visible(timeout=90_000)


@pytest.mark.req("FAIL-01")
def test_who_does_not_want_to_wait_cancels(browser: Browser, system: System, faults: str) -> None:
    with person(browser) as someone:
        httpx.post(faults, json={"kind": "outage"}, timeout=10)
        _order_as_guest(someone, system.addresses["web"])
        someone.page.get_by_role("button", name="Cancel the order").click()
        expect(someone.page.get_by_role("heading", name=re.compile("Nothing was charged"))).to_be_visible()


@pytest.mark.req("CORE-03")
def test_the_pay_page_of_an_order_that_one_may_not_see_says_what_it_takes(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        someone.page.goto(f"{system.addresses['web']}/o/01920000-0000-7000-8000-000000000000/pay")
        expect(someone.page.get_by_role("heading", name="This order isn’t on this device")).to_be_visible()
        someone.see("pay-not-ours")


@pytest.mark.req("FAIL-01", "PAY-13", "PAY-14")
def test_who_cancels_after_an_answer_was_lost_hears_of_the_money_when_it_is_known(
    browser: Browser, system: System, faults: str
) -> None:
    with person(browser) as someone:
        page = someone.page
        _order_as_guest(someone, system.addresses["web"])
        _type_card(someone)
        httpx.post(faults, json={"kind": "hang_up_after"}, timeout=10)
        page.get_by_role("button", name=re.compile("^Pay")).click()
        expect(page.get_by_text("your card may have been charged")).to_be_visible()
        expect(page.get_by_text("Nothing has been charged")).to_be_hidden()
        someone.see("outage-unheard")
        page.get_by_role("button", name="Cancel the order").click()
        expect(page.get_by_role("heading", name=re.compile("Should your card be charged after all"))).to_be_visible()
        httpx.delete(faults, timeout=10)
        expect(page.get_by_role("heading", name=re.compile("went back to your card"))).to_be_visible(timeout=180_000)


@pytest.mark.req("DOM-07", "DOM-09")
def test_the_time_chosen_is_in_view_and_the_question_ends_with_the_order(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page, base = someone.page, system.addresses["web"]
        _to_checkout(someone, base)
        page.get_by_role("radio", name="At a time").click()
        page.get_by_role("radio", name="Tomorrow").click()
        time = page.get_by_role("radiogroup", name="Time").get_by_role("radio").nth(40)
        chosen = time.inner_text()
        time.click()
        page.get_by_label("E-mail").fill("later.guest@example.org")
        page.get_by_role("button", name=re.compile("^Continue to pay")).click()
        _type_card(someone)
        page.get_by_role("button", name=re.compile("^Pay")).click()
        page.get_by_role("button", name="Choose a time").click()
        expect(page.get_by_role("radio", name=chosen, exact=True)).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name=f"Have it ready tomorrow, {chosen}")).to_be_visible()
        other = someone.another_tab().page
        other.goto(page.url)
        other.get_by_role("button", name="Cancel the order").click()
        other.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
        expect(page.get_by_role("heading", name=re.compile("^Cancelled"))).to_be_visible()
        expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.req("PAY-09", "PAY-18", "PAY-32")
@pytest.mark.parametrize(
    ("viewport", "dark", "email"),
    [(PHONE, False, "customer@codepop.example"), (DESK, True, "ana.customer@codepop.example")],
)
def test_cards_are_saved_used_and_removed(
    browser: Browser, system: System, faults: str, viewport: dict[str, int], dark: bool, email: str
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        page, base = someone.page, system.addresses["web"]
        _sign_in(someone, base, email)
        page.get_by_role("link", name="Payment methods").click()
        expect(page.get_by_text("No cards saved yet")).to_be_visible()
        someone.see("cards-empty")
        for number, button in ((DECLINED_LATER, "Add a card"), (GOOD, "Add another card")):
            page.get_by_role("button", name=button).click()
            _type_card(someone, number)
            page.get_by_role("button", name="Save the card").click()
            expect(page.get_by_role("button", name=re.compile(f"Remove .*{' '.join(number[-4:])}"))).to_be_visible()
        page.get_by_role("button", name=re.compile("Use .*4 2 4 2 first")).click()
        page.get_by_role("button", name=re.compile("Use .*0 3 4 1 first")).click()
        expect(page.get_by_role("button", name=re.compile("Use .*4 2 4 2 first"))).to_be_visible()
        someone.see("cards")
        _to_checkout(someone, base)
        page.get_by_role("button", name=re.compile("^Continue to pay")).click()
        expect(page.get_by_role("radio", name=re.compile("0 3 4 1"))).to_be_checked()
        someone.see("pay-saved")
        page.get_by_role("button", name=re.compile("^Pay")).click()
        expect(page.get_by_text("That card didn’t work")).to_be_visible()
        expect(page.get_by_role("radio", name=re.compile("4 2 4 2"))).to_be_checked()
        someone.see("pay-another")
        page.get_by_role("button", name=re.compile("^Pay")).click()
        expect(page.get_by_role("heading", name=re.compile("Behind door"))).to_be_visible(timeout=90_000)
        page.goto(f"{base}/cards")
        page.get_by_role("button", name=re.compile("Remove .*0 3 4 1")).click()
        someone.see("cards-remove")
        page.get_by_role("button", name="Remove the card").click()
        expect(page.get_by_role("button", name=re.compile("Remove .*0 3 4 1"))).to_be_hidden()
        httpx.post(faults, json={"kind": "outage"}, timeout=10)
        page.reload()
        expect(page.get_by_text("Your cards didn’t load")).to_be_visible()
        someone.see("cards-away")


@pytest.mark.req("PAY-09")
def test_a_form_that_declined_too_many_cards_gives_way_to_a_new_one(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page, base = someone.page, system.addresses["web"]
        _sign_in(someone, base, "ben.customer@codepop.example")
        page.goto(f"{base}/cards")
        page.get_by_role("button", name="Add a card").click()
        _type_card(someone, DECLINED)
        closed = page.get_by_text("This form takes no more cards")
        save = page.get_by_role("button", name="Save the card")

        def pressed_until_closed() -> bool:
            """One more try, if the form still takes one: how soon the worker hears of each is up to the machine."""
            if save.is_visible() and save.is_enabled():
                save.click()
            expect(page.get_by_text("Not saved").or_(closed)).to_be_visible()
            page.wait_for_timeout(500)
            return closed.is_visible()

        assert eventually(pressed_until_closed, 120)
        someone.see("cards-closed-form")
        page.get_by_role("button", name="New form").click()
        _type_card(someone)
        page.get_by_role("button", name="Save the card").click()
        expect(page.get_by_role("button", name=re.compile("Remove .*4 2 4 2"))).to_be_visible()


@pytest.mark.req("PAY-03")
def test_a_wallet_pays_the_same_order(browser: Browser, system: System) -> None:
    with person(browser) as someone:
        page = someone.page
        _order_as_guest(someone, system.addresses["web"])
        wallets = page.frame_locator("iframe[title='Secure express checkout frame']")
        wallets.get_by_role("button", name=re.compile("Google Pay|Apple Pay")).first.click()
        someone.see("wallet")
        sheet = page.frame_locator("iframe[src*='/stripe/wallet-sheet']")
        sheet.get_by_role("button", name=re.compile("^Pay|Confirm|Approve", re.IGNORECASE)).first.click()
        expect(page.get_by_role("heading", name=re.compile("Behind door"))).to_be_visible(timeout=90_000)


def _press_at_once(tabs: tuple[Person, ...], title: str, *, by: Person) -> None:
    """Press a button in all tabs at one moment: each can, and waits for the one word that another tab then says."""
    wait_for_word = """
    title => {
        new BroadcastChannel("press").onmessage = ({data}) => {
            const buttons = [...document.querySelectorAll("[role=button]")];
            if (data === title) buttons.find(one => one.innerText.startsWith(title)).click();
        };
    }
    """
    for tab in tabs:
        expect(tab.page.get_by_role("button", name=re.compile(f"^{title}"))).to_be_enabled()
        tab.page.evaluate(wait_for_word, title)
    by.page.evaluate("title => new BroadcastChannel('press').postMessage(title)", title)


def _charges(system: System) -> dict[str, int]:
    """Successful charges by the provider's books, by payment intent."""
    answer = httpx.get(f"{system.addresses['sandbox']}/_sandbox/stripe/books", timeout=30)
    return {one["id"]: one["charges_succeeded"] for one in answer.json()["intents"]}


@pytest.mark.req("PAY-15", "PAY-18", "DOM-26")
def test_two_tabs_that_order_and_pay_one_cart_at_once_pay_one_order_once(browser: Browser, system: System) -> None:
    with person(browser) as first:
        base, before = system.addresses["web"], _charges(system)
        _to_checkout(first, base)
        second, cart = first.another_tab(), first.another_tab()
        second.page.goto(f"{base}/checkout")
        cart.page.goto(f"{base}/cart")
        cart.page.get_by_role("button", name=re.compile("^Check out")).wait_for()
        for tab in (first, second):
            tab.page.get_by_label("E-mail").fill("canary.guest@example.org")
        _press_at_once((first, second), "Continue to pay", by=cart)
        for tab in (first, second):
            _type_card(tab)
        assert first.page.url == second.page.url
        expect(cart.page.get_by_text("You ordered this in another window")).to_be_visible()
        cart.see("cart-ordered-elsewhere")
        order_page = first.page.url.removesuffix("/pay")
        _press_at_once((first, second), "Pay", by=cart)
        for tab in (first, second):
            tab.page.wait_for_url(order_page)
            expect(tab.page.get_by_role("heading", name="Receipt")).to_be_visible()
        assert [made for intent, made in _charges(system).items() if intent not in before] == [1]


@pytest.mark.req("PAY-15")
def test_a_tab_left_at_checkout_is_led_to_the_order_that_another_one_made(browser: Browser, system: System) -> None:
    with person(browser) as first:
        base = system.addresses["web"]
        _to_checkout(first, base)
        left = first.another_tab()
        left.page.goto(f"{base}/checkout")
        left.page.get_by_role("button", name=re.compile("^Continue to pay")).wait_for()
        first.page.get_by_label("E-mail").fill("canary.guest@example.org")
        first.page.get_by_role("button", name=re.compile("^Continue to pay")).click()
        first.page.wait_for_url("**/pay")
        left.page.wait_for_url(first.page.url)
        left.page.goto(f"{base}/cart")
        expect(left.page.get_by_text("Your cart is empty")).to_be_visible()


@pytest.mark.req("PAY-30", "DOM-51")
@pytest.mark.parametrize(("viewport", "dark"), [(PHONE, False), (PHONE, True), (DESK, False), (DESK, True)])
def test_the_refund_policy_is_told_before_paying_and_readable_in_full(
    browser: Browser, system: System, viewport: dict[str, int], dark: bool
) -> None:
    with person(browser, viewport=viewport, dark=dark) as someone:
        page = someone.page
        _to_checkout(someone, system.addresses["web"])
        expect(page.get_by_text("Cancel before a robot starts and all of it goes back")).to_be_visible()
        someone.see("checkout-policy")
        page.get_by_role("link", name="How refunds work").click()
        expect(page.get_by_role("heading", name="Refunds", level=1)).to_be_visible()
        someone.see("refunds")
        page.get_by_role("button", name="Back").click()
        expect(page.get_by_role("button", name=re.compile("^Continue to pay"))).to_be_visible()
