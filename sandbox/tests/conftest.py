"""Fixtures of the sandbox's tests: one sandbox process per test session, judged clients, a webhook receiver."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from sandbox.tests.oracle import judge
from sandbox.tests.running import Receiver, Sandbox, make_client

# Waits pass this many times faster: the first retry of a webhook comes after half a second instead of five minutes.
CLOCK_FACTOR = "600"


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()
    spoilt = (b"\xff", b"of_tomorrow")
    told = [delivery.event for delivery in receiver.received if not any(mark in delivery.body for mark in spoilt)]
    assert [problem for event in told for problem in judge(event)] == []


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("own-sandbox")
    sandbox = Sandbox(folder, SANDBOX_WEBHOOK_URL=receiver.url, SANDBOX_CLOCK_FACTOR=CLOCK_FACTOR)
    stripe.enable_telemetry = False
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running: Sandbox, receiver: Receiver) -> Iterator[Sandbox]:
    """The running sandbox without faults, before and after."""
    receiver.refusals.clear()
    running.control("DELETE", "faults")
    yield running
    running.control("DELETE", "faults")


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return make_client(sandbox)


@pytest.fixture
def mark() -> str:
    """A word that no other test uses, to tell this test's objects from others."""
    return f"M-{time.monotonic_ns()}"


@pytest.fixture
def new_intent(client: stripe.StripeClient) -> Any:
    """Make an intent: `new_intent(amount=650, ...)`."""

    def make(**values: Any) -> stripe.PaymentIntent:
        params: Any = {"amount": 650, "currency": "usd", **values}
        return client.v1.payment_intents.create(params)

    return make


@pytest.fixture
def pay(client: stripe.StripeClient) -> Any:
    """Make and confirm an intent on the server: `pay("pm_card_visa", amount=650, ...)`."""

    def make(token: str = "pm_card_visa", **values: Any) -> stripe.PaymentIntent:
        methods = {"enabled": True, "allow_redirects": "never"}
        params: Any = {
            "amount": 650,
            "currency": "usd",
            "confirm": True,
            "payment_method": token,
            "automatic_payment_methods": methods,
            **values,
        }
        return client.v1.payment_intents.create(params)

    return make
