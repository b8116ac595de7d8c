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


def test_fault_strikes_only_its_endpoints(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("outage", endpoints=["POST /v1/refunds*"])
    assert client.v1.payment_intents.create(PARAMS).amount == 650
    with pytest.raises(stripe.APIError):
        client.v1.refunds.create({"payment_intent": "pi_x"})


def test_fault_ends_by_itself(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("outage", seconds=0)
    assert client.v1.payment_intents.create(PARAMS).amount == 650
    assert sandbox.control("GET", "state")["faults"] == []


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
