"""Faults on requests: what they do to the caller, what they do to the books, and that a seed repeats them."""

from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.running import Sandbox, make_client

PARAMS: Any = {"amount": 650, "currency": "usd"}


def _count(sandbox: Sandbox) -> int:
    return int(sandbox.control("GET", "state")["stripe"]["payment_intent"])


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        ("outage", stripe.APIError, 0),
        ("refuse_before", stripe.APIError, 0),
        ("rate_limit", stripe.RateLimitError, 0),
        ("hang_up", stripe.APIConnectionError, 0),
        ("hang_up_after", stripe.APIConnectionError, 1),
        ("fail_after", stripe.APIError, 1),
        ("cut", stripe.APIConnectionError, 1),
        ("html", stripe.APIError, 1),
    ],
)
def test_fault_on_a_request(
    sandbox: Sandbox, client: stripe.StripeClient, kind: str, error: type[stripe.StripeError], done: int
) -> None:
    sandbox.fault(kind, remaining=1)
    before = _count(sandbox)
    with pytest.raises(error):
        client.v1.payment_intents.create(PARAMS)
    assert _count(sandbox) == before + done
    assert client.v1.payment_intents.create(PARAMS).amount == 650


def test_timeout_after_the_work(sandbox: Sandbox) -> None:
    sandbox.fault("timeout_after", remaining=1, delay_ms=1500)
    before = _count(sandbox)
    with pytest.raises(stripe.APIConnectionError):
        make_client(sandbox, timeout=0.4).v1.payment_intents.create(PARAMS)
    assert _count(sandbox) == before + 1


def test_rate_limit_says_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", remaining=2, retry_after=7)
    reply = sandbox.post_form("refunds", key="sk_test_tests")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert reply.json()["error"]["code"] == "rate_limit"


@pytest.mark.req("PAY-19")
def test_bucket_takes_so_many_a_second_at_each_endpoint(sandbox: Sandbox) -> None:
    """As Stripe's 25 a second: counted by endpoint, filled again by the clock."""
    headers = {"Authorization": "Bearer sk_test_tests"}
    sandbox.control("POST", "clock", held=True)
    sandbox.fault("rate_bucket", per_second=5)

    def taken(path: str) -> int:
        answers = [httpx.get(f"{sandbox.url}/v1/{path}", headers=headers).status_code for _ in range(8)]
        assert set(answers) <= {200, 404, 429}
        return sum(answer != 429 for answer in answers)

    try:
        assert taken("refunds") == 5
        assert taken("refunds") == 0
        assert (taken("charges"), taken("refunds/re_1")) == (5, 5)
        sandbox.control("POST", "clock", advance_seconds=0.6)
        assert taken("refunds") == 3
    finally:
        sandbox.control("POST", "clock", held=False)


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 0.75])
def test_reply_is_cut_at_a_share_of_its_body(sandbox: Sandbox, share: float) -> None:
    sandbox.fault("cut", share=share, remaining=1)
    headers = {"Authorization": "Bearer sk_test_tests"}
    arrived: list[bytes] = []
    with httpx.stream("GET", f"{sandbox.url}/v1/refunds", headers=headers) as reply:
        whole = int(reply.headers["content-length"])
        with pytest.raises(httpx.RemoteProtocolError):
            arrived.extend(reply.iter_raw())
    assert len(b"".join(arrived)) == int(whole * share)


def test_fault_may_choose_its_status(sandbox: Sandbox) -> None:
    for kind in ("outage", "refuse_before", "fail_after", "html"):
        sandbox.fault(kind, status=504, remaining=1)
        reply = sandbox.post_form("customers", key="sk_test_tests")
        assert reply.status_code == 504, kind


@pytest.mark.parametrize("kind", ["wrong_amount", "wrong_currency"])
def test_provider_that_lies_keeps_true_books(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, kind: str
) -> None:
    intent = pay()
    sandbox.fault(kind, remaining=1)
    told = client.v1.payment_intents.retrieve(intent.id)
    assert ((told.amount, told.amount_received), told.currency) == (
        ((651, 651), "usd") if kind == "wrong_amount" else ((650, 650), "cad")
    )
    true = client.v1.payment_intents.retrieve(intent.id)
    assert (true.amount, true.amount_received, true.currency) == (650, 650, "usd")


def test_fault_about_one_order_spares_the_others(
    sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any, mark: str
) -> None:
    """By the metadata of the payment, by the key of the request, by the metadata that is sent."""
    mine, other = new_intent(metadata={"order_id": f"{mark}-1"}), new_intent(metadata={"order_id": "other"})
    marked: Any = {**PARAMS, "metadata": {"order_id": mark}}
    sandbox.fault("outage", about=mark)
    assert client.v1.payment_intents.retrieve(other.id).id == other.id
    for call in (
        lambda: client.v1.payment_intents.retrieve(mine.id),
        lambda: client.v1.refunds.create({"payment_intent": mine.id}),
        lambda: client.v1.payment_intents.create(PARAMS, {"idempotency_key": f"{mark}:pay"}),
        lambda: client.v1.payment_intents.create(marked),
    ):
        with pytest.raises(stripe.APIError):
            call()
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": f"other-{mark}"}).amount == 650


def test_fault_strikes_only_its_endpoints(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("outage", endpoints=["POST /v1/refunds*"])
    assert client.v1.payment_intents.create(PARAMS).amount == 650
    with pytest.raises(stripe.APIError):
        client.v1.refunds.create({"payment_intent": "pi_x"})


def test_fault_ends_by_itself(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("outage", seconds=0)
    assert client.v1.payment_intents.create(PARAMS).amount == 650
    assert sandbox.control("GET", "state")["faults"] == []


def test_what_a_fault_struck_is_known_after_its_end(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    before = sandbox.control("GET", "faults")["struck"].get("outage", 0)
    sandbox.fault("outage", remaining=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.payment_intents.create(PARAMS)
    assert client.v1.payment_intents.create(PARAMS).amount == 650
    told = sandbox.control("GET", "faults")
    assert (told["faults"], told["struck"]["outage"]) == ([], before + 2)


def test_seed_repeats_the_same_faults(sandbox: Sandbox) -> None:
    def pattern() -> list[int]:
        sandbox.control("DELETE", "faults")
        sandbox.fault("outage", probability=0.5, seed=42)
        headers = {"Authorization": "Bearer sk_test_tests"}
        return [httpx.get(f"{sandbox.url}/v1/refunds", headers=headers).status_code for _ in range(12)]

    first = pattern()
    assert first == pattern()
    assert set(first) == {200, 503}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"kind": "earthquake"}, "kind must be one of"),
        ({"kind": "outage", "probability": 2}, "probability must be between 0 and 1"),
        ({"kind": "outage", "colour": "red"}, "colour: unknown"),
        ({"kind": "latency", "delay_ms": "long"}, "delay_ms must be a number"),
        ({"kind": "cut", "share": 2}, "share must be between 0 and 1"),
        ({"kind": "rate_bucket", "per_second": 0}, "per_second must be above 0"),
    ],
)
def test_wrong_fault_is_refused_with_the_reason(sandbox: Sandbox, wish: dict[str, Any], words: str) -> None:
    reply = httpx.post(f"{sandbox.url}/_sandbox/faults", json=wish)
    assert reply.status_code == 400
    assert words in reply.json()["error"]["message"]


def test_control_calls_need_json(sandbox: Sandbox) -> None:
    """A form of another site's page must not be able to switch faults or wipe the books."""
    for path in ("faults", "reset", "clock"):
        assert httpx.post(f"{sandbox.url}/_sandbox/{path}", data={"kind": "outage"}).status_code == 400
    assert sandbox.control("GET", "state")["faults"] == []
