"""The browser part as people use it: a shop's page of another origin loads the script, a person types a card."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from sandbox.tests.axe import violations
from sandbox.tests.running import Sandbox
from tools.browser import ensure

pytestmark = pytest.mark.browser

SHOP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>Pay</h1>
<div id="form"></div><button id="pay">Pay</button><button id="next">Continue</button><p id="out" role="status"></p>
</main><script src="{url}/stripe/stripe.js"></script><script src="/shop.js"></script></body></html>"""
# What a shop does after @stripe/stripe-js has taken the window.Stripe it found.
SCRIPT = """
const query = new URLSearchParams(location.search);
const secret = query.get('secret');
const out = document.getElementById('out');
const stripe = Stripe('pk_test_tests');
stripe._registerWrapper({ name: 'stripe-js', version: '9.17.0', startTime: Date.now() });
window.stripe = stripe;
window.changes = [];
const elements = stripe.elements({ clientSecret: secret, appearance: { theme: query.get('theme') || 'stripe' } });
window.elements = elements;
const type = query.get('type') || 'payment';
const element = elements.create(type);
element.on('ready', () => { out.textContent = 'ready'; });
element.on('change', (event) => window.changes.push(event));
element.mount('#form');
element.on('confirm', async (event) => {
  window.wallet = event;
  const confirmParams = { return_url: `${location.origin}/back` };
  show(await stripe.confirmPayment({ elements, clientSecret: secret, confirmParams, redirect: 'if_required' }));
});
element.on('cancel', () => { out.textContent = 'cancelled'; });
const show = (result) => {
  const intent = result.paymentIntent || result.setupIntent;
  const error = result.error;
  out.textContent = error ? `${error.type} ${error.decline_code || error.code}` : intent.status;
};
document.getElementById('pay').onclick = async () => {
  out.textContent = 'working';
  if (type === 'card') {
    show(await stripe.confirmCardPayment(secret, { payment_method: { card: element } }));
    return;
  }
  const checked = await elements.submit();
  if (checked.error) { show(checked); return; }
  const confirmParams = { return_url: `${location.origin}/back` };
  const options = { elements, confirmParams, redirect: query.get('redirect') || 'if_required' };
  show(secret.startsWith('seti_') ? await stripe.confirmSetup(options) : await stripe.confirmPayment(options));
};
document.getElementById('next').onclick = async () => show(await stripe.handleNextAction({ clientSecret: secret }));
"""


@pytest.fixture(scope="module")
def shop(running: Sandbox) -> Iterator[str]:
    """A shop of another origin, with a strict policy that allows the sandbox what the documentation says it needs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/shop.js"
            body = (SCRIPT if script else SHOP.format(url=running.url)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            policy = "default-src 'none'; script-src 'self' {0}; connect-src {0}; frame-src {0}; img-src 'self'"
            self.send_header("Content-Security-Policy", policy.format(running.url))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(ensure()), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_default_timeout(15_000)
    problems: list[Error] = []

    def note(problem: Error) -> None:
        problems.append(problem)

    page.on("pageerror", note)
    yield page
    assert problems == []
    page.close()


def open_shop(page: Page, shop: str, secret: str | None, **query: str) -> None:
    extra = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{shop}/?secret={secret}{extra}")
    expect(page.locator("#out")).to_have_text("ready", timeout=15_000)


def type_card(page: Page, number: str, expiry: str = "12 / 34", cvc: str = "123") -> None:
    frame = page.frame_locator("#form iframe")
    for label, value in (("Card number", number), ("Expiry", expiry), ("CVC", cvc), ("ZIP", "02128")):
        frame.get_by_label(label, exact=True).fill(value)


def pay_and_expect(page: Page, words: str) -> None:
    page.locator("#pay").click()
    expect(page.locator("#out")).to_have_text(words, timeout=15_000)


def test_card_pays_and_the_shop_never_sees_it(
    page: Page, shop: str, new_intent: Any, client: stripe.StripeClient
) -> None:
    intent = new_intent()
    open_shop(page, shop, intent.client_secret)
    type_card(page, "4242424242424242")
    pay_and_expect(page, "succeeded")
    changes = page.evaluate("JSON.stringify(window.changes)")
    assert "4242" not in changes
    assert page.evaluate("window.changes.at(-1).complete") is True
    assert page.evaluate("document.body.innerHTML.includes('4242')") is False
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 650


def test_missing_and_wrong_fields_are_named_beside_them(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret)
    pay_and_expect(page, "validation_error incomplete_number")
    frame = page.frame_locator("#form iframe")
    number = frame.get_by_label("Card number")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_be_focused()
    expect(frame.locator("#number-error")).to_have_text("Your card number is incomplete.")
    type_card(page, "4242424242424241", expiry="1319", cvc="12")
    pay_and_expect(page, "validation_error invalid_number")
    expect(frame.locator("#expiry-error")).to_have_text("Your card's expiration month is invalid.")
    expect(frame.locator("#cvc-error")).to_have_text("Your card's security code is incomplete.")


def test_declined_card_is_replaced(page: Page, shop: str, new_intent: Any, client: stripe.StripeClient) -> None:
    intent = new_intent()
    open_shop(page, shop, intent.client_secret)
    type_card(page, "4000000000009995")
    pay_and_expect(page, "card_error insufficient_funds")
    type_card(page, "5555555555554444")
    pay_and_expect(page, "succeeded")
    found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert found.latest_charge.payment_method_details.card.brand == "mastercard"


def test_refused_by_the_bank_shows_at_its_field(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret)
    type_card(page, "4000000000000127")
    pay_and_expect(page, "card_error incorrect_cvc")
    error = page.frame_locator("#form iframe").locator("#cvc-error")
    expect(error).to_have_text("Your card's security code is incorrect.")


def test_three_d_secure_completed(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret)
    type_card(page, "4000000000003220")
    page.locator("#pay").click()
    challenge = page.frame_locator("[role=dialog] iframe")
    expect(challenge.get_by_text("6.50 USD")).to_be_visible()
    challenge.get_by_role("button", name="Complete authentication").click()
    expect(page.locator("#out")).to_have_text("succeeded")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("how", ["button", "escape"])
def test_three_d_secure_failed(page: Page, shop: str, new_intent: Any, how: str) -> None:
    open_shop(page, shop, new_intent().client_secret)
    type_card(page, "4000002760003184")
    page.locator("#pay").click()
    fail = page.frame_locator("[role=dialog] iframe").get_by_role("button", name="Fail authentication")
    expect(fail).to_be_visible()
    if how == "button":
        fail.click()
    else:
        # The question takes the focus when its script runs; a key pressed before that is nobody's.
        first = page.frame_locator("[role=dialog] iframe").get_by_role("button", name="Complete authentication")
        expect(first).to_be_focused()
        page.keyboard.press("Escape")
    expect(page.locator("#out")).to_have_text("invalid_request_error payment_intent_authentication_failure")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#pay")).to_be_focused()


def test_focus_stays_in_the_challenge(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret)
    type_card(page, "4000000000003220")
    page.locator("#pay").click()
    challenge = page.frame_locator("[role=dialog] iframe")
    complete = challenge.get_by_role("button", name="Complete authentication")
    expect(complete).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    expect(challenge.get_by_role("button", name="Fail authentication")).to_be_focused()


def test_waiting_authentication_is_taken_up_again(
    page: Page, shop: str, new_intent: Any, client: stripe.StripeClient
) -> None:
    intent = new_intent()
    client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_threeDSecure2Required", "use_stripe_sdk": True}
    )
    open_shop(page, shop, intent.client_secret)
    page.locator("#next").click()
    page.frame_locator("[role=dialog] iframe").get_by_role("button", name="Complete authentication").click()
    expect(page.locator("#out")).to_have_text("succeeded")


def test_success_with_redirect_returns_to_the_shop(page: Page, shop: str, new_intent: Any) -> None:
    intent = new_intent()
    open_shop(page, shop, intent.client_secret, redirect="always")
    type_card(page, "4242424242424242")
    page.locator("#pay").click()
    page.wait_for_url(f"{shop}/back?*")
    assert f"payment_intent={intent.id}" in page.url
    assert "redirect_status=succeeded" in page.url


def test_card_element_confirms(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret, type="card")
    type_card(page, "4242424242424242")
    pay_and_expect(page, "succeeded")


def test_card_is_saved_for_later(page: Page, shop: str, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    setup = client.v1.setup_intents.create({"customer": customer.id})
    open_shop(page, shop, setup.client_secret)
    type_card(page, "4242424242424242")
    pay_and_expect(page, "succeeded")
    assert len(client.v1.customers.payment_methods.list(customer.id).data) == 1


def test_outage_is_told_not_hidden(page: Page, shop: str, new_intent: Any, sandbox: Sandbox) -> None:
    open_shop(page, shop, new_intent().client_secret)
    type_card(page, "4242424242424242")
    sandbox.fault("outage", endpoints=["POST /v1/payment_intents/*/confirm"], remaining=1)
    pay_and_expect(page, "api_error undefined")
    sandbox.fault("cut", endpoints=["POST /v1/payment_intents/*/confirm"], remaining=1)
    pay_and_expect(page, "api_connection_error undefined")


def test_older_wallet_interface_is_honestly_absent(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret)
    assert page.evaluate("stripe.paymentRequest({}).canMakePayment()") is None
    assert page.evaluate("Stripe.version") == "dahlia"


def press_wallet(page: Page, name: str) -> Any:
    page.frame_locator("#form iframe").get_by_role("button", name=name).click()
    return page.frame_locator("[role=dialog] iframe")


@pytest.mark.req("PAY-03")
@pytest.mark.parametrize(("name", "kind"), [("Apple Pay", "apple_pay"), ("Google Pay", "google_pay")])
def test_wallet_pays_the_same_intent(
    page: Page, shop: str, new_intent: Any, client: stripe.StripeClient, name: str, kind: str
) -> None:
    intent = new_intent()
    open_shop(page, shop, intent.client_secret, type="expressCheckout")
    sheet = press_wallet(page, name)
    expect(sheet.get_by_role("heading", name=name)).to_be_visible()
    expect(sheet.get_by_text("6.50 USD")).to_be_visible()
    sheet.get_by_role("button", name="Pay").click()
    expect(page.locator("#out")).to_have_text("succeeded")
    expect(page.get_by_role("dialog")).to_have_count(0)
    found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge", "payment_method"]})
    assert found.payment_method.card.wallet.type == kind
    assert found.latest_charge.payment_method_details.card.wallet.type == kind
    assert page.evaluate("window.wallet.expressPaymentType") == kind


def test_wallet_declined_then_cancelled_then_another_card(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret, type="expressCheckout")
    sheet = press_wallet(page, "Apple Pay")
    sheet.get_by_label("Visa, insufficient funds").check()
    sheet.get_by_role("button", name="Pay").click()
    expect(page.locator("#out")).to_have_text("card_error insufficient_funds")
    press_wallet(page, "Google Pay").get_by_role("button", name="Cancel").click()
    expect(page.locator("#out")).to_have_text("cancelled")
    press_wallet(page, "Google Pay").get_by_role("button", name="Pay").click()
    expect(page.locator("#out")).to_have_text("succeeded")


def test_wallet_sheet_closes_with_escape_and_gives_the_focus_back(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret, type="expressCheckout")
    sheet = press_wallet(page, "Apple Pay")
    expect(sheet.get_by_role("button", name="Pay")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#out")).to_have_text("cancelled")
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_wallets(page: Page, shop: str, new_intent: Any, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    open_shop(
        page, shop, new_intent().client_secret, type="expressCheckout", theme="night" if scheme == "dark" else "stripe"
    )
    assert violations(page.frames[1]) == []
    expect(press_wallet(page, "Apple Pay").get_by_role("button", name="Pay")).to_be_focused()
    assert violations(page.frames[2]) == []
    assert violations(page.main_frame) == []


def test_numbers_fill_the_form(page: Page, shop: str, new_intent: Any) -> None:
    open_shop(page, shop, new_intent().client_secret, theme="night")
    frame = page.frame_locator("#form iframe")
    expect(frame.get_by_text("Sandbox: test cards only, e.g. 4242 4242 4242 4242")).to_be_visible()
    frame.get_by_text("Cards to try").click()
    frame.get_by_role("button", name="4242 4242 4242 4242").click()
    pay_and_expect(page, "succeeded")


@pytest.mark.parametrize("theme", ["stripe", "night"])
def test_axe_finds_nothing(page: Page, shop: str, new_intent: Any, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "night" else "light")
    open_shop(page, shop, new_intent().client_secret, theme=theme)
    form = page.frames[1]
    backdrop = "#211737" if theme == "night" else "#ffffff"
    form.evaluate("(colour) => { document.documentElement.style.background = colour; }", backdrop)
    assert violations(form) == []
    pay_and_expect(page, "validation_error incomplete_number")
    assert violations(form) == []
    type_card(page, "4000000000003220")
    page.locator("#pay").click()
    expect(page.frame_locator("[role=dialog] iframe").get_by_role("button").first).to_be_visible()
    assert violations(page.frames[2]) == []
    assert violations(page.main_frame) == []


def test_messages_of_other_pages_are_ignored(
    page: Page, shop: str, new_intent: Any, client: stripe.StripeClient
) -> None:
    """A page that isn't the embedding one can't make the form confirm, nor claim an answer."""
    intent = new_intent()
    open_shop(page, shop, intent.client_secret)
    type_card(page, "4242424242424242")
    forged = {"to": "codepop-sandbox", "type": "confirm", "call": "x", "data": {"path": "payment_intents", "form": {}}}
    page.frames[1].evaluate("(message) => window.postMessage(message, '*')", forged)
    page.evaluate("window.postMessage({ from: 'codepop-sandbox', type: 'ready' }, '*')")
    page.wait_for_timeout(200)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
