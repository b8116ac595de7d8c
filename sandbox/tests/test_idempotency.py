"""Idempotency keys: one key, one effect, one answer."""

import threading
from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.running import Sandbox, make_client, wait_until

PARAMS: Any = {"amount": 650, "currency": "usd", "metadata": {"order": "A-1"}}


def _count(sandbox: Sandbox) -> int:
    return int(sandbox.control("GET", "state")["stripe"]["payment_intent"])


def test_same_key_gives_the_same_answer(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    before = _count(sandbox)
    first, second = (client.v1.payment_intents.create(PARAMS, {"idempotency_key": "same-1"}) for _ in range(2))
    assert first.to_dict() == second.to_dict()
    assert _count(sandbox) == before + 1
    told: Any = (first.last_response, second.last_response)
    assert told[1].headers["Idempotent-Replayed"] == "true"
    assert told[1].headers["Original-Request"] == told[0].headers["Request-Id"] != told[1].headers["Request-Id"]


def test_replay_shows_the_first_answer_not_the_present(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "same-2"})
    client.v1.payment_intents.cancel(intent.id)
    again = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "same-2"})
    assert again.status == "requires_payment_method"


def test_same_key_with_other_parameters_is_refused(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    client.v1.payment_intents.create(PARAMS, {"idempotency_key": "other-1"})
    before = _count(sandbox)
    with pytest.raises(stripe.IdempotencyError) as refusal:
        client.v1.payment_intents.create({"amount": 651, "currency": "usd"}, {"idempotency_key": "other-1"})
    assert refusal.value.http_status == 400
    assert _count(sandbox) == before


def test_failed_validation_is_not_kept(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": 1, "currency": "usd"}, {"idempotency_key": "invalid-1"})
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "invalid-1"}).amount == 650


def test_decline_is_kept(sandbox: Sandbox, client: stripe.StripeClient, new_intent: Any) -> None:
    intent = new_intent()
    params: Any = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": "https://shop.test"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.confirm(intent.id, params, {"idempotency_key": f"decline-{intent.id}"})
    book = next(item for item in sandbox.control("GET", "stripe/books")["intents"] if item["id"] == intent.id)
    assert book["charges_failed"] == 1


def test_parallel_requests_with_one_key_conflict(sandbox: Sandbox) -> None:
    sandbox.fault("latency", delay_ms=600, remaining=1)
    before = _count(sandbox)
    statuses: list[int] = []

    def send() -> None:
        headers = {"Authorization": "Bearer sk_test_tests", "Idempotency-Key": "parallel-1"}
        data = {"amount": "650", "currency": "usd"}
        reply = httpx.post(f"{sandbox.url}/v1/payment_intents", data=data, headers=headers, timeout=10)
        statuses.append(reply.status_code)
        if reply.status_code == 409:
            assert reply.json()["error"]["code"] == "idempotency_key_in_use"
            assert reply.headers["stripe-should-retry"] == "true"

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    assert _count(sandbox) == before + 1


def test_sdk_retries_a_conflict_until_the_answer_is_there(sandbox: Sandbox) -> None:
    patient, slow = make_client(sandbox, retries=3), make_client(sandbox)
    sandbox.fault("latency", delay_ms=300, remaining=1)
    found: list[str] = []

    def send(client: stripe.StripeClient) -> None:
        found.append(client.v1.payment_intents.create(PARAMS, {"idempotency_key": "conflict-2"}).id)

    first = threading.Thread(target=send, args=(slow,))
    first.start()
    wait_until(lambda: sandbox.control("GET", "faults")["faults"] == [], 3, "the first request to arrive")
    send(patient)
    first.join()
    assert len(set(found)) == 1


def test_key_is_forgotten_after_a_day(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    first = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "day-1"})
    sandbox.control("POST", "clock", advance_seconds=86401)
    second = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "day-1"})
    assert first.id != second.id


def test_too_long_key_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k" * 256})


@pytest.mark.parametrize("kind", ["fail_after", "timeout_after"])
def test_lost_answer_is_found_again_by_its_key(sandbox: Sandbox, kind: str) -> None:
    """The answer gets lost after the work was done: the SDK's own retry must not do it twice."""
    client = make_client(sandbox, retries=2, timeout=1)
    sandbox.fault(kind, remaining=1, delay_ms=3000)
    before = _count(sandbox)
    intent = client.v1.payment_intents.create(PARAMS, {"idempotency_key": f"lost-{kind}"})
    assert intent.status == "requires_payment_method"
    assert _count(sandbox) == before + 1


def test_reply_cut_in_the_middle_is_asked_for_again(sandbox: Sandbox) -> None:
    """The SDK doesn't retry a reply that breaks off, so the caller has to, with the same key."""
    client = make_client(sandbox, retries=2)
    sandbox.fault("cut", remaining=1)
    before = _count(sandbox)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.create(PARAMS, {"idempotency_key": "cut-1"})
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "cut-1"}).amount == 650
    assert _count(sandbox) == before + 1


def test_a_500_stored_before_anything_is_done_is_replayed_until_another_key_comes(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.fault("stored_before", remaining=1)
    before = _count(sandbox)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.payment_intents.create(PARAMS, {"idempotency_key": "stored-before"})
    assert _count(sandbox) == before
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "stored-after"}).amount == 650


def test_stored_500_is_replayed(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("stored_500", remaining=1)
    before = _count(sandbox)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.payment_intents.create(PARAMS, {"idempotency_key": "stored-1"})
    assert _count(sandbox) == before + 1
