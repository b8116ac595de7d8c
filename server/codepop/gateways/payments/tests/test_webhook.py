"""Only what Stripe signed lately, with a secret that is live, is a message."""

import json
import time

import pytest
from stripe import WebhookSignature

from codepop.gateways.payments import EventKind, WebhookRefused
from codepop.gateways.payments.stripe import WEBHOOK_EVENTS, StripeGateway

pytestmark = pytest.mark.django_db
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1_790_000_000,
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "payment_intent": "pi_of_charge"}},
}


def _gateway(*secrets: str) -> StripeGateway:
    return StripeGateway(secret_keys=("sk_test_x",), webhook_secrets=secrets, base_url="http://127.0.0.1:9")


def _signed(body: str, *, secret: str = "whsec_new", at: int | None = None) -> dict[str, str]:
    return {"Stripe-Signature": WebhookSignature.generate_signature_header(body, secret, at)}


@pytest.mark.req("PAY-13")
@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_each_live_secret_is_accepted(secret: str) -> None:
    body = json.dumps(EVENT)
    event = _gateway("whsec_new", "whsec_old").verify_webhook(body=body.encode(), headers=_signed(body, secret=secret))
    assert (event.id, event.name) == ("evt_1", "payment_intent.succeeded")
    assert (event.kind, event.subject) == (EventKind.INTENT, "pi_1")


@pytest.mark.req("PAY-13")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Stripe-Signature": ""},
        {"Stripe-Signature": "nonsense"},
        {"Stripe-Signature": "t=abc,v1=00"},
        {"Stripe-Signature": "t=1790000000"},
        _signed(json.dumps(EVENT), secret="whsec_gone"),
        _signed(json.dumps(EVENT) + " "),
        _signed(json.dumps(EVENT), at=int(time.time()) - 301),
        _signed(json.dumps(EVENT), at=int(time.time()) + 3600),
    ],
    ids=["none", "empty", "nonsense", "no number", "no signature", "old secret", "other body", "too old", "future"],
)
def test_everything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused):
        _gateway("whsec_new").verify_webhook(body=json.dumps(EVENT).encode(), headers=headers)


@pytest.mark.req("PAY-13")
def test_without_a_secret_the_door_is_shut() -> None:
    body = json.dumps(EVENT)
    for secrets in ((), ("",), (" ",)):
        with pytest.raises(WebhookRefused):
            _gateway(*secrets).verify_webhook(body=body.encode(), headers=_signed(body, secret=(secrets or ("",))[0]))


def test_a_body_that_is_not_text_is_refused() -> None:
    header = {"Stripe-Signature": f"t={int(time.time())},v1={'0' * 64}"}
    with pytest.raises(WebhookRefused):
        _gateway("whsec_new").verify_webhook(body=b"\xff\xfe", headers=header)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '"text"',
        json.dumps({**EVENT, "data": None}),
        json.dumps({**EVENT, "created": "soon"}),
        json.dumps({**EVENT, "created": 10**30}),
        json.dumps({**EVENT, "id": "x" * 300}),
        json.dumps({**EVENT, "id": 5}),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(WebhookRefused):
        _gateway("whsec_new").verify_webhook(body=body.encode(), headers=_signed(body))


@pytest.mark.req("PAY-12")
def test_the_events_of_a_payment_are_known_and_point_at_what_to_fetch() -> None:
    kinds = {}
    for name in (*WEBHOOK_EVENTS, "invoice.paid"):
        body = json.dumps({**EVENT, "type": name})
        event = _gateway("whsec_new").verify_webhook(body=body.encode(), headers=_signed(body))
        kinds[name] = (event.kind, event.subject)
    assert kinds["payment_intent.payment_failed"] == (EventKind.INTENT, "pi_1")
    assert kinds["payment_intent.canceled"] == (EventKind.INTENT, "pi_1")
    assert kinds["charge.failed"] == (EventKind.INTENT, "pi_of_charge")
    assert kinds["charge.refunded"] == (EventKind.INTENT_REFUNDS, "pi_of_charge")
    assert kinds["refund.failed"] == (EventKind.REFUND, "pi_1")
    assert kinds["charge.dispute.created"] == (EventKind.DISPUTE, "pi_1")
    assert kinds["invoice.paid"][0] == EventKind.OTHER
