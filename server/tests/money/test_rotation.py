"""The drill of docs/keys.md while money flows: both API keys and both webhook secrets change, and nothing is lost."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from django.conf import settings
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from codepop.core.models import InboxMessage, SecretUse
from codepop.gateways.errors import GatewayError
from codepop.gateways.payments import IntentRequest
from codepop.gateways.payments.stripe import gateway
from codepop.gateways.secret_use import fingerprint
from codepop.kit.ids import uuid7
from tests.stripe_side import GOOD_CARD, sandbox

PATIENCE_SECONDS = 60
OLD_KEY, NEW_KEY, CARD_FORMS_KEY = "sk_test_old", "sk_test_new", "sk_test_cardform"


def _customers() -> stripe.StripeClient:
    """Return a client with a key of its own, which is not part of the drill: it stands for the card form."""
    base: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), settings.CODEPOP.stripe.base_url)
    return stripe.StripeClient(CARD_FORMS_KEY, base_addresses=base, max_network_retries=0)


class _Traffic:
    """Charges without a pause, on two threads, by the product's own gateway."""

    def __init__(self) -> None:
        self.charged: list[str] = []
        self.errors: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(2)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        forms = _customers()
        try:
            while not self._stop.is_set():
                self._charge(forms)
        finally:
            connection.close()

    def _charge(self, forms: stripe.StripeClient) -> None:
        request = IntentRequest(
            payment_id=uuid7(),
            reference=uuid7(),
            amount_cents=720,
            currency="usd",
            description="CodePop order A-1042",
            statement_suffix="A-1042",
        )
        try:
            intent = gateway().create_intent(request=request, key=f"codepop:test:{request.payment_id}")
            forms.v1.payment_intents.confirm(
                intent.id, {"payment_method": GOOD_CARD, "return_url": "http://127.0.0.1/done"}
            )
            gateway().fetch_intent(intent_id=intent.id)
            self.charged.append(intent.id)
        except (GatewayError, stripe.StripeError) as error:
            self.errors.append(str(error))

    def goes_on(self, charges: int = 4) -> None:
        """Wait until some more charges went through."""
        wanted = len(self.charged) + charges
        _wait(lambda: len(self.charged) >= wanted or bool(self.errors), "no traffic")
        assert self.errors == []


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def deploy() -> Iterator[Callable[[tuple[str, ...], tuple[str, ...]], None]]:
    """Give the running product other secrets, as new settings and a restart would."""
    before = settings.CODEPOP
    # Other tests move the sandbox's clock on; what is signed days ahead is rightly refused.
    sandbox("/_sandbox/reset", {})

    def to(keys: tuple[str, ...], webhook_secrets: tuple[str, ...]) -> None:
        stripe_now = replace(before.stripe, secret_keys=keys, webhook_secrets=webhook_secrets)
        settings.CODEPOP = replace(before, stripe=stripe_now)
        gateway.cache_clear()

    try:
        yield to
    finally:
        settings.CODEPOP = before
        gateway.cache_clear()
        for key in (OLD_KEY, NEW_KEY):
            sandbox("/_sandbox/stripe/keys", {"restore": key})


@pytest.mark.req("PAY-26", "KEY-02")
def test_keys_and_secrets_change_under_traffic_and_nothing_is_lost(
    live_server: LiveServer, deploy: Callable[[tuple[str, ...], tuple[str, ...]], None]
) -> None:
    forms = _customers()
    endpoint = forms.v1.webhook_endpoints.create(
        {"url": f"{live_server.url}/webhooks/stripe", "enabled_events": ["payment_intent.succeeded"]}
    )
    old_secret = endpoint.secret or ""
    deploy((OLD_KEY,), (old_secret,))
    traffic = _Traffic()
    traffic.start()
    try:
        traffic.goes_on()
        # The provider signs with both from now on; we still know the old one only.
        rolled = sandbox(f"/_sandbox/stripe/webhook_endpoints/{endpoint.id}/roll", {"secret": "whsec_drill"})
        assert rolled["live_secrets"] == 2
        traffic.goes_on()
        deploy((OLD_KEY, NEW_KEY), ("whsec_drill", old_secret))
        traffic.goes_on()
        # The old key is revoked before every process has the new settings; the old secret ends.
        sandbox("/_sandbox/stripe/keys", {"revoke": OLD_KEY})
        sandbox(f"/_sandbox/stripe/webhook_endpoints/{endpoint.id}/roll", {"secret": "whsec_drill", "keep_seconds": 0})
        traffic.goes_on()
        # What the old secret alone signed is on its way for seconds at most; the drill waits a day.
        on_their_way = {one["id"] for one in _deliveries(endpoint.id) if not one["attempts"]}
        _wait(
            lambda: not any(one["id"] in on_their_way and not one["attempts"] for one in _deliveries(endpoint.id)),
            "messages signed with the old secret still wait",
        )
        deploy((NEW_KEY,), ("whsec_drill",))
        traffic.goes_on()
    finally:
        traffic.stop()
    assert traffic.errors == []
    _every_message_was_taken_at_once(endpoint.id, traffic.charged)
    helped = SecretUse.objects.get(variable="STRIPE_SECRET_KEYS", fingerprint=fingerprint(NEW_KEY))
    assert helped.fallbacks >= 1
    forms.v1.webhook_endpoints.delete(endpoint.id)


def _deliveries(endpoint_id: str) -> list[dict[str, Any]]:
    listed = sandbox("/_sandbox/stripe/deliveries?limit=2000", method="GET")["deliveries"]
    return [one for one in listed if one["endpoint"] == endpoint_id]


def _every_message_was_taken_at_once(endpoint_id: str, charged: list[str]) -> None:
    _wait(lambda: all(one["attempts"] for one in _deliveries(endpoint_id)), "deliveries still wait")
    answers = [attempt["status"] for one in _deliveries(endpoint_id) for attempt in one["attempts"]]
    assert answers == [200] * len(charged)
    assert set(InboxMessage.objects.values_list("subject", flat=True)) == set(charged)


@pytest.mark.req("PAY-26")
def test_with_every_key_refused_the_call_is_left_for_later(
    deploy: Callable[[tuple[str, ...], tuple[str, ...]], None],
) -> None:
    deploy((OLD_KEY, NEW_KEY), ("whsec_sandbox",))
    for key in (OLD_KEY, NEW_KEY):
        sandbox("/_sandbox/stripe/keys", {"revoke": key})
    with pytest.raises(GatewayError) as failed:
        gateway().find_intent(payment_id=uuid7(), since=datetime.now(UTC))
    assert type(failed.value).__name__ == "Unavailable"
    assert not SecretUse.objects.exists()
