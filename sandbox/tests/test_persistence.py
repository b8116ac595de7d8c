"""A restart, polite or not, keeps everything: objects, keys, promises, deliveries, clock."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.tests.running import Receiver, Sandbox, make_client, wait_until


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_restart_keeps_everything(tmp_path: Path, kill: bool) -> None:
    receiver = Receiver()
    receiver.start()
    sandbox = Sandbox(tmp_path, SANDBOX_WEBHOOK_URL=receiver.url, SANDBOX_CLOCK_FACTOR="60")
    sandbox.start()
    try:
        client = make_client(sandbox)
        receiver.refuse("restart-mark", 500, 500)
        params: Any = {
            "amount": 650,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_pendingRefund",
            "return_url": "https://shop.test",
            "metadata": {"order": "restart-mark"},
        }
        intent = client.v1.payment_intents.create(params, {"idempotency_key": "restart-1"})
        refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
        sandbox.control("POST", "clock", advance_seconds=86400 / 2)
        wait_until(lambda: len(receiver.received) >= 2, 5, "the two refused deliveries")
        books, now = sandbox.control("GET", "stripe/books"), sandbox.control("GET", "state")["now"]
        sandbox.stop(kill=kill)
        sandbox.start()
        assert sandbox.control("GET", "stripe/books") == books
        assert sandbox.control("GET", "state")["now"] >= now
        again = client.v1.payment_intents.create(params, {"idempotency_key": "restart-1"})
        assert again.id == intent.id
        wait_until(lambda: client.v1.refunds.retrieve(refund.id).status == "succeeded", 5, "the promised refund")
        receiver.wait_for(intent.id, "payment_intent.succeeded", count=2, seconds=10)
        listed = [item.id for item in client.v1.payment_intents.list().data]
        assert listed == [intent.id]
    finally:
        sandbox.stop()
        receiver.stop()


def test_reset_forgets_all_but_the_endpoint(tmp_path: Path, receiver: Receiver) -> None:
    sandbox = Sandbox(tmp_path, SANDBOX_WEBHOOK_URL=receiver.url)
    sandbox.start()
    try:
        client = make_client(sandbox)
        client.v1.payment_intents.create({"amount": 650, "currency": "usd"}, {"idempotency_key": "reset-1"})
        sandbox.fault("outage")
        sandbox.control("POST", "reset")
        assert client.v1.payment_intents.list().data == []
        assert [item.url for item in client.v1.webhook_endpoints.list().data] == [receiver.url]
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.events.retrieve("evt_gone")
    finally:
        sandbox.stop()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("SANDBOX_CLOCK_FACTOR", "fast", "must be a number"), ("SANDBOX_WEBHOOK_RETRIES", "often", "test or live")],
)
def test_wrong_environment_stops_the_start(tmp_path: Path, name: str, value: str, words: str) -> None:
    sandbox = Sandbox(tmp_path, **{name: value})
    with pytest.raises(AssertionError):
        sandbox.start()
    sandbox.stop(kill=True)
    assert words in (tmp_path / "log.txt").read_text()
