"""The life of a PaymentIntent as the official SDK sees it: states, amounts, lists, search, expansion, refusals."""

import time
from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.running import Receiver, Sandbox, make_client

RETURN = "https://shop.test/back"


def test_intent_begins_without_a_card(new_intent: Any) -> None:
    intent = new_intent(metadata={"order": "A-1"}, description="Two drinks", statement_descriptor_suffix="A-1")
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.metadata["order"] == "A-1"
    assert intent.capture_method == "automatic_async"
    assert intent.automatic_payment_methods.enabled is True


def test_confirm_takes_the_money(client: stripe.StripeClient, new_intent: Any) -> None:
    intent = client.v1.payment_intents.confirm(
        new_intent().id, {"payment_method": "pm_card_visa", "return_url": RETURN, "expand": ["latest_charge"]}
    )
    charge: Any = intent.latest_charge
    assert (intent.status, intent.amount_received) == ("succeeded", 650)
    assert (charge.paid, charge.captured, charge.amount_captured, charge.refunded) == (True, True, 650, False)
    assert charge.payment_method_details.card.last4 == "4242"


def test_balance_follows_the_charge(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    intent = pay(amount=1000)
    end = time.monotonic() + 3
    line: Any = None
    while line is None and time.monotonic() < end:
        found = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
        line = found.latest_charge.balance_transaction  # type: ignore[union-attr]
    assert (line.amount, line.fee, line.net) == (1000, 59, 941)


def test_confirm_without_return_url_is_refused_where_redirects_may_happen(
    client: stripe.StripeClient, new_intent: Any
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.confirm(new_intent().id, {"payment_method": "pm_card_visa"})
    assert refusal.value.param == "return_url"


def test_manual_capture_of_a_part(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=1000, capture_method="manual")
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 1000, 0)
    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 700, "expand": ["latest_charge"]})
    charge: Any = captured.latest_charge
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 700, 0)
    assert (charge.amount_captured, charge.amount_refunded) == (700, 300)


def test_capture_above_the_hold_is_refused(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(amount=1000, capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1001})
    assert refusal.value.code == "amount_too_large"
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_cancel_lets_held_money_go(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(capture_method="manual")
    canceled = client.v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )
    charge: Any = canceled.latest_charge
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "requested_by_customer")
    assert (charge.refunded, charge.amount_captured) == (True, 0)


def test_hold_ends_after_seven_days(sandbox: Sandbox, client: stripe.StripeClient, pay: Any) -> None:
    intent = pay(capture_method="manual")
    sandbox.control("POST", "clock", advance_seconds=7 * 86400 + 5)
    end = time.monotonic() + 3
    while client.v1.payment_intents.retrieve(intent.id).status != "canceled":
        assert time.monotonic() < end
    assert client.v1.payment_intents.retrieve(intent.id).cancellation_reason == "automatic"


@pytest.mark.parametrize("action", ["confirm", "capture", "cancel", "update"])
@pytest.mark.parametrize("end", ["succeeded", "canceled"])
def test_finished_intent_refuses_everything(
    client: stripe.StripeClient, new_intent: Any, pay: Any, action: str, end: str
) -> None:
    intent = pay() if end == "succeeded" else client.v1.payment_intents.cancel(new_intent().id)
    service: Any = client.v1.payment_intents
    wishes: dict[str, Any] = {"confirm": {"payment_method": "pm_card_visa"}, "update": {"amount": 900}}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        getattr(service, action)(intent.id, wishes.get(action, {}))
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent.status == end  # type: ignore[union-attr]
    assert client.v1.payment_intents.retrieve(intent.id).amount == 650


def test_update_changes_amount_and_merges_metadata(client: stripe.StripeClient, new_intent: Any) -> None:
    intent = new_intent(metadata={"order": "A-1", "gone": "x"})
    updated = client.v1.payment_intents.update(intent.id, {"amount": 900, "metadata": {"gone": "", "new": "y"}})
    assert updated.amount == 900
    assert updated.metadata.to_dict() == {"order": "A-1", "new": "y"}


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": 500}, "parameter_missing", "currency"),
        ({"amount": 49, "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": 100_000_000, "currency": "usd"}, "amount_too_large", "amount"),
        ({"amount": "ten", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5, "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 500, "currency": "zzz"}, None, "currency"),
        ({"amount": 500, "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": 500, "currency": "usd", "shipping": {"planet": "x"}}, "parameter_unknown", "shipping[planet]"),
        ({"amount": 500, "currency": "usd", "capture_method": "later"}, None, "capture_method"),
        ({"amount": 500, "currency": "usd", "confirm": "maybe"}, None, "confirm"),
        ({"amount": 500, "currency": "usd", "transfer_group": "", "transfer_data": {}}, None, None),
        ({"amount": 500, "currency": "usd", "metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"amount": 500, "currency": "usd", "customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"amount": 500, "currency": "usd", "payment_method": "pm_none"}, "resource_missing", "payment_method"),
    ],
)
def test_wrong_parameters_are_named(
    client: stripe.StripeClient, params: Any, code: str | None, param: str | None
) -> None:
    if param is None:
        assert client.v1.payment_intents.create(params).id
        return
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create(params)
    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_parameter_that_the_sandbox_lacks_is_refused_honestly(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="sandbox doesn't know the parameter 'transfer_data'"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "transfer_data": {"destination": "acct_1"}})


def test_unknown_intent_is_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.retrieve("pi_nothing")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_unknown_address_is_404(sandbox: Sandbox) -> None:
    reply = sandbox.post_form("spaceships", key="sk_test_tests")
    assert reply.status_code == 404
    assert "Unrecognized request URL (POST: /v1/spaceships)" in reply.json()["error"]["message"]


@pytest.mark.parametrize("key", ["sk_live_0123456789abcdef", "rubbish", "sk_test_"])
def test_wrong_key_is_401(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        make_client(sandbox, key=key).v1.payment_intents.list()


def test_no_key_is_401_and_basic_auth_works(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.url}/v1/refunds").status_code == 401
    assert httpx.get(f"{sandbox.url}/v1/refunds", auth=("sk_test_tests", "")).status_code == 200


def test_publishable_key_sees_only_its_intent(sandbox: Sandbox, new_intent: Any) -> None:
    intent = new_intent(metadata={"order": "A-1"})
    browser = {"Authorization": "Bearer pk_test_tests"}
    address = f"{sandbox.url}/v1/payment_intents/{intent.id}"
    assert httpx.get(f"{sandbox.url}/v1/payment_intents", headers=browser).status_code == 401
    assert httpx.get(address, headers=browser).status_code == 400
    assert httpx.get(address, headers=browser, params={"client_secret": "wrong"}).status_code == 400
    seen = httpx.get(address, headers=browser, params={"client_secret": intent.client_secret}).json()
    assert seen["id"] == intent.id
    assert "metadata" not in seen
    assert "customer" not in seen


def test_revoked_key_stops_working(sandbox: Sandbox) -> None:
    rolled = make_client(sandbox, key="sk_test_old")
    rolled.v1.refunds.list()
    sandbox.control("POST", "stripe/keys", revoke="sk_test_old")
    with pytest.raises(stripe.AuthenticationError):
        rolled.v1.refunds.list()
    sandbox.control("POST", "stripe/keys", restore="sk_test_old")
    rolled.v1.refunds.list()


def test_other_api_version_is_refused(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client.v1.refunds.list({}, {"stripe_version": "2020-03-02"})


def test_lists_page_forwards_and_backwards(client: stripe.StripeClient, new_intent: Any) -> None:
    customer = client.v1.customers.create({"email": "list@shop.test"})
    made = [new_intent(customer=customer.id).id for _ in range(5)]
    first = client.v1.payment_intents.list({"customer": customer.id, "limit": 2})
    assert ([item.id for item in first.data], first.has_more) == ([made[4], made[3]], True)
    everything = client.v1.payment_intents.list({"customer": customer.id, "limit": 2})
    assert [item.id for item in everything.auto_paging_iter()] == made[::-1]
    back = client.v1.payment_intents.list({"customer": customer.id, "limit": 2, "ending_before": made[0]})
    assert ([item.id for item in back.data], back.has_more) == ([made[2], made[1]], True)


def test_list_by_creation_time(client: stripe.StripeClient, new_intent: Any) -> None:
    intent = new_intent()
    found = client.v1.payment_intents.list({"created": {"gte": intent.created, "lte": intent.created}, "limit": 100})
    assert intent.id in [item.id for item in found.data]
    assert client.v1.payment_intents.list({"created": {"gt": intent.created + 1000}}).data == []


def test_search_by_metadata(client: stripe.StripeClient, pay: Any, new_intent: Any) -> None:
    word = f"A-{time.monotonic_ns()}"
    open_one, paid = new_intent(metadata={"order": word}), pay(metadata={"order": word})
    found = client.v1.payment_intents.search({"query": f"metadata['order']:'{word}'"})
    assert [item.id for item in found.data] == [paid.id, open_one.id]
    narrowed = client.v1.payment_intents.search({"query": f"metadata['order']:'{word}' AND status:'succeeded'"})
    assert [item.id for item in narrowed.data] == [paid.id]
    others = client.v1.payment_intents.search({"query": f"metadata['order']:'{word}' AND -status:'succeeded'"})
    assert [item.id for item in others.data] == [open_one.id]


@pytest.mark.parametrize("query", ["", "colour:'red'", "status~", "status:'a' AND amount>1 OR amount<5"])
def test_search_refuses_what_it_cannot_read(client: stripe.StripeClient, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.search({"query": query})


def test_search_lag_hides_the_young(sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any) -> None:
    word = f"L-{time.monotonic_ns()}"
    new_intent(metadata={"order": word})
    sandbox.fault("search_lag", delay_ms=60_000, remaining=1)
    assert client.v1.payment_intents.search({"query": f"metadata['order']:'{word}'"}).data == []
    assert len(client.v1.payment_intents.search({"query": f"metadata['order']:'{word}'"}).data) == 1


def test_expansion_of_what_cannot_be_expanded(client: stripe.StripeClient, new_intent: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(new_intent().id, {"expand": ["amount"]})


def test_every_reply_carries_its_headers(client: stripe.StripeClient, new_intent: Any) -> None:
    intent: Any = client.v1.payment_intents.create({"amount": 650, "currency": "usd"}, {"idempotency_key": "headers-1"})
    headers = intent.last_response.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == stripe.api_version
    assert headers["Idempotency-Key"] == "headers-1"
