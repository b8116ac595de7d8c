"""Customers, saved cards and SetupIntents."""

from typing import Any

import pytest
import stripe

from sandbox.tests.running import Sandbox
from sandbox.tests.test_cards import answer, card_fields


@pytest.fixture
def customer(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create({"email": "ana@shop.test", "name": "Ana", "metadata": {"user": "7"}})


def test_customer_is_changed_and_deleted(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    changed = client.v1.customers.update(customer.id, {"name": "Ana Lima", "metadata": {"user": "", "tier": "1"}})
    assert changed.name == "Ana Lima"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"tier": "1"}
    assert client.v1.customers.delete(customer.id).deleted is True
    assert client.v1.customers.retrieve(customer.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(customer.id, {"name": "Back"})


def test_customers_are_found(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    assert customer.id in [item.id for item in client.v1.customers.list({"email": "ana@shop.test", "limit": 100}).data]
    found = client.v1.customers.search({"query": "email:'ana@shop.test' AND metadata['user']:'7'", "limit": 100})
    assert customer.id in [item.id for item in found.data]


def test_card_is_saved_listed_made_default_and_detached(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert method.customer == customer.id
    assert [item.id for item in client.v1.customers.payment_methods.list(customer.id).data] == [method.id]
    assert [item.id for item in client.v1.payment_methods.list({"customer": customer.id}).data] == [method.id]
    settled: Any = client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    assert settled.invoice_settings.default_payment_method == method.id
    client.v1.payment_methods.detach(method.id)
    bare: Any = client.v1.customers.retrieve(customer.id)
    assert bare.invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(method.id, {"customer": customer.id})


def test_declined_card_cannot_be_saved(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert client.v1.customers.payment_methods.list(customer.id).data == []


def test_card_without_customer_is_used_once(client: stripe.StripeClient, sandbox: Sandbox, pay: Any) -> None:
    method = sandbox.post_form("payment_methods", **_flat(card_fields("4242424242424242"))).json()["id"]
    assert pay(method).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        pay(method)


def _flat(fields: dict[str, str]) -> dict[str, str]:
    """`payment_method_data[card][number]` as `card[number]`."""
    flat = {}
    for name, value in fields.items():
        inner = name.removeprefix("payment_method_data[")
        head, _, rest = inner.partition("]")
        flat[head + rest] = value
    return flat


def test_saved_card_of_someone_else_is_refused(
    client: stripe.StripeClient, customer: stripe.Customer, pay: Any
) -> None:
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    stranger = client.v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="different Customer"):
        pay(method.id, customer=stranger.id)
    with pytest.raises(stripe.InvalidRequestError, match="attached to a Customer"):
        pay(method.id)
    assert pay(method.id, customer=customer.id).status == "succeeded"


def test_payment_saves_its_card_when_asked(client: stripe.StripeClient, customer: stripe.Customer, pay: Any) -> None:
    pay("pm_card_mastercard", customer=customer.id, setup_future_usage="off_session")
    saved = client.v1.customers.payment_methods.list(customer.id).data
    assert len(saved) == 1
    assert pay(saved[0].id, customer=customer.id, off_session=True).status == "succeeded"


@pytest.mark.parametrize("passed", [True, False])
def test_setup_with_three_d_secure(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer, passed: bool
) -> None:
    setup = client.v1.setup_intents.create({"customer": customer.id, "metadata": {"for": "later"}})
    waiting = sandbox.post_form(
        f"setup_intents/{setup.id}/confirm",
        client_secret=str(setup.client_secret),
        use_stripe_sdk="true",
        **card_fields("4000002500003155"),
    ).json()
    assert waiting["status"] == "requires_action"
    answer(sandbox, waiting["next_action"]["use_stripe_sdk"]["stripe_js"], passed)
    found: Any = client.v1.setup_intents.retrieve(setup.id)
    saved = client.v1.customers.payment_methods.list(customer.id).data
    if passed:
        assert (found.status, len(saved)) == ("succeeded", 1)
    else:
        assert (found.status, saved) == ("requires_payment_method", [])
        assert found.last_setup_error.code == "setup_intent_authentication_failure"


def test_card_set_up_with_authentication_pays_without_the_payer(
    sandbox: Sandbox, client: stripe.StripeClient, customer: stripe.Customer, pay: Any
) -> None:
    setup: Any = client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://shop.test/back",
        }
    )
    answer(sandbox, setup.next_action.redirect_to_url.url, True)
    method = client.v1.customers.payment_methods.list(customer.id).data[0]
    assert pay(method.id, customer=customer.id, off_session=True).status == "succeeded"


def test_setup_of_a_declined_card_fails(client: stripe.StripeClient) -> None:
    methods: Any = {"enabled": True, "allow_redirects": "never"}
    with pytest.raises(stripe.CardError) as refusal:
        client.v1.setup_intents.create(
            {
                "payment_method": "pm_card_chargeDeclinedExpiredCard",
                "confirm": True,
                "automatic_payment_methods": methods,
            }
        )
    error: Any = refusal.value.error
    assert (error.code, error.setup_intent.status) == ("expired_card", "requires_payment_method")


def test_each_try_to_save_a_card_is_listed_with_how_it_ended(
    client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    setup = client.v1.setup_intents.create({"customer": customer.id})

    def confirm(card: str) -> None:
        client.v1.setup_intents.confirm(setup.id, {"payment_method": card, "return_url": "https://shop.test/back"})

    for card in ("pm_card_visa_chargeDeclined", "pm_card_chargeDeclinedExpiredCard"):
        with pytest.raises(stripe.CardError):
            confirm(card)
    for card in ("pm_card_authenticationRequiredOnSetup", "pm_card_visa"):
        confirm(card)
    tries = client.v1.setup_attempts.list({"setup_intent": setup.id, "limit": 3})
    assert [one.status for one in tries.auto_paging_iter()] == ["succeeded", "abandoned", "failed", "failed"]
    last = tries.data[-1]
    assert (last.customer, last.setup_error.code if last.setup_error else "") == (customer.id, "expired_card")
    found: Any = client.v1.setup_intents.retrieve(setup.id, {"expand": ["latest_attempt"]})
    assert found.latest_attempt.status == "succeeded"


def test_canceled_setup_stays_so(client: stripe.StripeClient) -> None:
    setup = client.v1.setup_intents.cancel(client.v1.setup_intents.create({}).id, {"cancellation_reason": "abandoned"})
    assert setup.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert refusal.value.code == "setup_intent_unexpected_state"


def test_keys_for_the_phone(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    session = client.v1.customer_sessions.create(
        {"customer": customer.id, "components": {"payment_element": {"enabled": True}}}
    )
    assert session.client_secret.startswith("cuss_secret_")
    assert session.components is not None
    assert session.components.payment_element.enabled is True
    key = client.v1.ephemeral_keys.create({"customer": customer.id}, {"stripe_version": stripe.api_version})
    assert str(key.secret).startswith("ek_test_")


@pytest.mark.req("PAY-03")
def test_wallet_card_says_which_wallet(client: stripe.StripeClient, pay: Any) -> None:
    for kind in ("apple_pay", "google_pay"):
        method: Any = client.v1.payment_methods.create({"type": "card", "card": {"token": f"tok_{kind}_visa"}})
        assert (method.card.wallet.type, method.card.last4) == (kind, "4242")
        assert pay(method.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="No such token"):
        client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_other_pay_visa"}})


def test_apple_pay_counts_as_authentication(client: stripe.StripeClient, pay: Any) -> None:
    """Google Pay may hand over the plain card, which its issuer then asks about."""
    cards = {
        kind: client.v1.payment_methods.create(
            {"type": "card", "card": {"token": f"tok_{kind}_threeDSecure2Required"}}
        ).id
        for kind in ("apple_pay", "google_pay")
    }
    assert pay(cards["apple_pay"]).status == "succeeded"
    assert pay(cards["google_pay"], return_url="https://shop.test").status == "requires_action"
