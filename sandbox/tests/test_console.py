"""The console: what it shows of a payment, that it refreshes by itself, its switches and its buttons."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.faults import KINDS
from sandbox.tests.axe import violations
from sandbox.tests.running import Receiver, Sandbox, wait_until
from tools.browser import ensure

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(ensure()), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(15_000)
    yield page
    page.close()


def test_new_payment_appears_by_itself(page: Page, sandbox: Sandbox, pay: Any, mark: str) -> None:
    page.goto(f"{sandbox.url}/?q={mark}")
    expect(page.get_by_text("Nothing matches").or_(page.get_by_text("No payments yet"))).to_be_visible()
    pay(amount=1234, metadata={"order_code": mark})
    row = page.get_by_role("row").filter(has_text=mark)
    expect(row).to_contain_text("$12.34", timeout=10_000)
    expect(row).to_contain_text("succeeded")
    expect(row).to_contain_text("Visa 4242")


def test_filter_by_status(page: Page, sandbox: Sandbox, pay: Any, new_intent: Any, mark: str) -> None:
    pay(metadata={"order": mark})
    new_intent(metadata={"order": mark})
    page.goto(f"{sandbox.url}/")
    page.get_by_label("Find").fill(mark)
    page.get_by_label("Status").select_option("succeeded")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_payment_shows_its_story_and_sends_again(
    page: Page, sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver, mark: str
) -> None:
    intent = pay(metadata={"order": mark})
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    receiver.wait_for(intent.id, "payment_intent.succeeded")
    page.goto(f"{sandbox.url}/payments/{intent.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Payment of $6.50 for {mark}")
    for title in ("Charges", "Refunds", "Events", "Requests"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.get_by_role("button", name="Send again: payment_intent.succeeded").click()
    wait_until(lambda: len(receiver.about(intent.id, "payment_intent.succeeded")) == 2, 5, "the event sent again")
    expect(page.get_by_text("2 tries, last answered 200")).to_be_visible(timeout=10_000)


def test_switch_turns_a_fault_on_and_off(page: Page, sandbox: Sandbox) -> None:
    page.goto(f"{sandbox.url}/faults")
    expect(page.get_by_role("switch")).to_have_count(len(KINDS))
    switch = page.get_by_role("switch", name="Outage")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert sandbox.post_form("refunds", key="sk_test_tests").status_code == 503
    expect(page.locator("form[data-kind=outage] [data-state]")).to_have_text("on, struck 1 time", timeout=10_000)
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert sandbox.post_form("refunds", key="sk_test_tests").status_code == 400


PAGES = ["/", "/disputes", "/payouts", "/events", "/deliveries", "/requests", "/mailbox", "/cards", "/clock", "/faults"]


@pytest.mark.parametrize("path", [*PAGES, "/payments/pi_none"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_their_width(page: Page, sandbox: Sandbox, pay: Any, path: str, width: int) -> None:
    pay()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{sandbox.url}{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dispute_is_decided_by_hand(page: Page, sandbox: Sandbox, client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=4321)
    sandbox.control("POST", f"stripe/charges/{intent.latest_charge}/dispute", reason="duplicate")
    page.goto(f"{sandbox.url}/disputes")
    row = page.get_by_role("row").filter(has_text="$43.21")
    expect(row).to_contain_text("disputed")
    row.get_by_role("button", name="Won: dispute of $43.21").click()
    expect(row).to_contain_text("decided", timeout=10_000)
    assert client.v1.disputes.list({"payment_intent": intent.id}).data[0].status == "won"


def test_time_passes_and_the_payout_is_made_and_sent_back(
    page: Page, sandbox: Sandbox, client: stripe.StripeClient, pay: Any
) -> None:
    before = {payout.id for payout in client.v1.payouts.list({"limit": 100}).data}
    pay(amount=123_400)
    page.goto(f"{sandbox.url}/clock")
    start = sandbox.control("GET", "state")["now"]
    page.get_by_role("button", name="Let 3 days pass").click()
    expect(page.get_by_role("status")).to_have_text("3 days passed")
    assert sandbox.control("GET", "state")["now"] - start >= 3 * 86400
    page.goto(f"{sandbox.url}/payouts")
    page.get_by_role("button", name="Pay out now").click()
    expect(page.get_by_role("status")).to_have_text("Paid out what was available")
    made = [payout for payout in client.v1.payouts.list({"limit": 100}).data if payout.id not in before]
    assert made
    row = page.get_by_role("row").filter(has_text=made[0].id)
    row.get_by_role("button", name="Send back").click()
    expect(row).to_contain_text("sent it back", timeout=10_000)
    assert client.v1.payouts.retrieve(made[0].id).status == "failed"


def test_deliveries_are_listed_by_status(page: Page, sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    sandbox.fault("webhook_lost", endpoints=["payment_intent.succeeded"], remaining=1)
    pay()
    page.goto(f"{sandbox.url}/deliveries?status=lost")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("payment_intent.succeeded")
    expect(row).to_contain_text("lost")


def test_markup_in_data_stays_text(page: Page, sandbox: Sandbox, new_intent: Any, mark: str) -> None:
    intent = new_intent(metadata={"order": f"{mark}<img src=x onerror=alert(1)>"})
    for path in (f"/?q={mark}", f"/payments/{intent.id}", "/events", "/requests"):
        page.goto(f"{sandbox.url}{path}")
        assert page.locator("main img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "payment", "/payments/pi_none"])
def test_axe_finds_nothing(browser: Browser, sandbox: Sandbox, pay: Any, path: str, scheme: Any) -> None:
    intent = pay()
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    page.goto(f"{sandbox.url}{f'/payments/{intent.id}' if path == 'payment' else path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page.main_frame) == []
    page.close()


def test_unknown_payment_is_404(sandbox: Sandbox) -> None:
    reply = httpx.get(f"{sandbox.url}/payments/pi_none")
    assert reply.status_code == 404
    assert "No such payment" in reply.text
