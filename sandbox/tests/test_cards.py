"""The published test cards and their outcomes (docs.stripe.com/testing): by token from a server, by number from a
browser.
"""

from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.oracle import judge
from sandbox.tests.running import Sandbox

PAYS = [
    ("4242424242424242", "pm_card_visa", "visa"),
    ("4000056655665556", "pm_card_visa_debit", "visa"),
    ("5555555555554444", "pm_card_mastercard", "mastercard"),
    ("378282246310005", "pm_card_amex", "amex"),
    ("6011111111111117", "pm_card_discover", "discover"),
    ("4000000000000101", "pm_card_cvcCheckFail", "visa"),
    ("4000000000000036", "pm_card_avsZipFail", "visa"),
    ("4000000000003055", "pm_card_threeDSecureOptional", "visa"),
    ("4000000000009235", "pm_card_riskLevelElevated", "visa"),
    ("4000000000007726", "pm_card_pendingRefund", "visa"),
    ("4000000000005126", "pm_card_refundFail", "visa"),
    ("4000000000000259", "pm_card_createDispute", "visa"),
    ("4000000000002685", "pm_card_createDisputeProductNotReceived", "visa"),
    ("4000000000001976", "pm_card_createDisputeInquiry", "visa"),
]
DECLINED = [
    ("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
    ("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ("4100000000000019", "pm_card_radarBlock", "card_declined", "fraudulent"),
    ("4000008400001280", "pm_card_threeDSecureRequiredProcessingError", "card_declined", "generic_decline"),
]
SECURE = [
    ("4000000000003220", "pm_card_threeDSecure2Required", "succeeded"),
    ("4000002500003155", "pm_card_authenticationRequiredOnSetup", "succeeded"),
    ("4000002760003184", "pm_card_authenticationRequired", "succeeded"),
    ("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", "succeeded"),
    ("4000008400001629", "pm_card_threeDSecureRequiredChargeDeclined", "requires_payment_method"),
]


def card_fields(number: str, prefix: str = "payment_method_data", **changes: str) -> dict[str, str]:
    cvc = "1234" if number.startswith("37") else "123"
    card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": cvc, **changes}
    return {f"{prefix}[type]": "card", **{f"{prefix}[card][{name}]": value for name, value in card.items()}}


def confirm_in_browser(sandbox: Sandbox, intent: Any, number: str, **changes: str) -> Any:
    """As Stripe.js confirms: card data with the publishable key and the client secret."""
    fields = card_fields(number, **changes)
    reply = sandbox.post_form(
        f"payment_intents/{intent.id}/confirm", client_secret=intent.client_secret, use_stripe_sdk="true", **fields
    )
    return reply


@pytest.mark.parametrize(("number", "token", "brand"), PAYS)
def test_card_pays(
    sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any, pay: Any, number: str, token: str, brand: str
) -> None:
    typed = new_intent()
    assert confirm_in_browser(sandbox, typed, number).json()["status"] == "succeeded"
    for intent in (typed, pay(token)):
        found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
        assert (found.status, found.amount_received) == ("succeeded", 650)
        card = found.latest_charge.payment_method_details.card
        assert (card.brand, card.last4) == (brand, number[-4:])


@pytest.mark.parametrize(("number", "token", "code", "decline_code"), DECLINED)
def test_card_is_declined(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    new_intent: Any,
    pay: Any,
    number: str,
    token: str,
    code: str,
    decline_code: str,
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay(token)
    error: Any = refusal.value.error
    assert (refusal.value.http_status, error.type, error.code, error.decline_code) == (
        402,
        "card_error",
        code,
        decline_code,
    )
    intent: Any = client.v1.payment_intents.retrieve(error.payment_intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.payment_method, intent.amount_received) == ("requires_payment_method", None, 0)
    assert intent.last_payment_error.decline_code == decline_code
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert intent.latest_charge.outcome.type == ("blocked" if decline_code == "fraudulent" else "issuer_declined")
    reply = confirm_in_browser(sandbox, new_intent(), number)
    assert (reply.status_code, reply.json()["error"]["decline_code"]) == (402, decline_code)
    assert "metadata" not in reply.json()["error"]["payment_intent"]


def test_declined_intent_can_be_paid_with_another_card(
    client: stripe.StripeClient, sandbox: Sandbox, new_intent: Any
) -> None:
    intent = new_intent()
    assert confirm_in_browser(sandbox, intent, "4000000000000002").status_code == 402
    assert confirm_in_browser(sandbox, intent, "4242424242424242").json()["status"] == "succeeded"
    books = sandbox.control("GET", "stripe/books")
    book = next(item for item in books["intents"] if item["id"] == intent.id)
    assert (book["charges_succeeded"], book["charges_failed"], book["amount_captured"]) == (1, 1, 650)


def test_the_error_of_a_decline_is_gone_with_the_next_change(
    client: stripe.StripeClient, sandbox: Sandbox, new_intent: Any
) -> None:
    for change in (
        lambda intent: client.v1.payment_intents.update(intent.id, {"metadata": {"tried": "once"}}),
        lambda intent: confirm_in_browser(sandbox, intent, "4000002500003155"),
    ):
        intent = new_intent()
        assert confirm_in_browser(sandbox, intent, "4000000000000002").status_code == 402
        assert client.v1.payment_intents.retrieve(intent.id).last_payment_error
        change(intent)
        found = client.v1.payment_intents.retrieve(intent.id)
        assert (found.last_payment_error, bool(found.latest_charge)) == (None, True)


@pytest.mark.parametrize(("number", "token", "end"), SECURE)
@pytest.mark.parametrize("passed", [True, False])
def test_three_d_secure(
    sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any, number: str, token: str, end: str, passed: bool
) -> None:
    intent = new_intent()
    waiting = confirm_in_browser(sandbox, intent, number).json()
    assert (waiting["status"], waiting["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    answer(sandbox, waiting["next_action"]["use_stripe_sdk"]["stripe_js"], passed)
    found: Any = client.v1.payment_intents.retrieve(intent.id)
    assert found.status == (end if passed else "requires_payment_method")
    assert found.next_action is None
    if not passed:
        assert found.last_payment_error.code == "payment_intent_authentication_failure"
        assert found.payment_method is None


def answer(sandbox: Sandbox, url: str, passed: bool) -> Any:
    """What the payer's click on the challenge page sends."""
    assert url.startswith(sandbox.url)
    return httpx.post(url, data={"outcome": "complete" if passed else "fail"}, timeout=10)


def test_three_d_secure_by_redirect_returns_to_the_shop(
    sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any
) -> None:
    intent: Any = client.v1.payment_intents.confirm(
        new_intent().id,
        {"payment_method": "pm_card_threeDSecure2Required", "return_url": "https://shop.test/back?order=1"},
    )
    assert intent.next_action.type == "redirect_to_url"
    reply = answer(sandbox, intent.next_action.redirect_to_url.url, True)
    assert reply.status_code == 303
    location = httpx.URL(reply.headers["location"])
    assert (location.host, location.path) == ("shop.test", "/back")
    assert location.params["order"] == "1"
    assert location.params["payment_intent"] == intent.id
    assert location.params["payment_intent_client_secret"] == intent.client_secret
    assert location.params["redirect_status"] == "succeeded"


def test_challenge_is_answered_once(sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any) -> None:
    intent = new_intent()
    waiting = confirm_in_browser(sandbox, intent, "4000000000003220").json()
    url = waiting["next_action"]["use_stripe_sdk"]["stripe_js"]
    answer(sandbox, url, False)
    answer(sandbox, url, True)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_off_session_needs_a_card_that_was_set_up(client: stripe.StripeClient, pay: Any) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay("pm_card_authenticationRequired", off_session=True)
    assert refusal.value.code == "authentication_required"
    assert pay("pm_card_authenticationRequiredSetupForOffSession", off_session=True).status == "succeeded"


def test_asked_for_authentication_of_an_optional_card(pay: Any) -> None:
    options = {"card": {"request_three_d_secure": "any"}}
    intent = pay("pm_card_threeDSecureOptional", payment_method_options=options, return_url="https://shop.test")
    assert intent.status == "requires_action"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "42424242"}, "incorrect_number", "number"),
        ({"exp_month": "13"}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": "2019"}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "99"}, "invalid_cvc", "cvc"),
        ({"cvc": "1234"}, "invalid_cvc", "cvc"),
    ],
)
def test_impossible_card_data(
    sandbox: Sandbox, new_intent: Any, changes: dict[str, str], code: str, param: str
) -> None:
    number = changes.pop("number", "4242424242424242")
    reply = confirm_in_browser(sandbox, new_intent(), number, **changes)
    assert reply.status_code == 402
    assert judge(reply.json()) == []
    assert (reply.json()["error"]["code"], reply.json()["error"]["param"]) == (code, param)


def test_real_card_is_refused(sandbox: Sandbox, new_intent: Any) -> None:
    reply = confirm_in_browser(sandbox, new_intent(), "4539578763621486")
    assert (reply.status_code, reply.json()["error"]["decline_code"]) == (402, "live_mode_test_card")


def test_server_may_not_send_card_numbers(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="generally unsafe"):
        client.v1.payment_methods.create(
            {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034}}
        )


def test_checks_of_code_and_postal_code_show(sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any) -> None:
    intent = new_intent()
    fields = card_fields("4000000000000036") | {"payment_method_data[billing_details][address][postal_code]": "02128"}
    sandbox.post_form(
        f"payment_intents/{intent.id}/confirm", client_secret=intent.client_secret, use_stripe_sdk="true", **fields
    )
    found: Any = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    checks = found.latest_charge.payment_method_details.card.checks
    assert (checks.address_postal_code_check, checks.cvc_check) == ("fail", "pass")


def test_number_and_code_are_kept_nowhere(sandbox: Sandbox, new_intent: Any) -> None:
    number = "5200828282828210"
    reply = confirm_in_browser(sandbox, new_intent(), number, cvc="987")
    assert reply.json()["status"] == "succeeded"
    assert number not in reply.text
    requests = sandbox.control("GET", "stripe/requests")["requests"]
    card = next(item for item in requests if item["path"].endswith("/confirm"))["params"]["payment_method_data"]["card"]
    assert (card["number"], card["cvc"]) == ("[card ending 8210]", "[not kept]")
    for path in sandbox.folder.iterdir():
        written = path.read_bytes()
        assert number.encode() not in written
        assert b'"cvc": "987"' not in written
