"""Webhooks: signed as the official verifier wants, retried, doubled, lost, late, and found again in the events list."""

import time
from typing import Any

import pytest
import stripe

from sandbox.tests.oracle import judge
from sandbox.tests.running import SECRET, Delivery, Receiver, Sandbox, wait_until


def verify(delivery: Delivery, secret: str = SECRET, tolerance: int = 300) -> None:
    """The official check. The sandbox's clock may have been moved forward by a test; the age check only looks back."""
    stripe.WebhookSignature.verify_header(delivery.body.decode(), delivery.signature, secret, tolerance)


def test_success_is_told_once_signed_and_complete(pay: Any, receiver: Receiver) -> None:
    started = time.time()
    intent = pay(metadata={"order": "A-7"})
    delivery = receiver.wait_for(intent.id, "payment_intent.succeeded")[0]
    verify(delivery)
    event = delivery.event
    assert judge(event) == []
    assert event["data"]["object"]["metadata"] == {"order": "A-7"}
    assert (event["api_version"], event["pending_webhooks"]) == (stripe.api_version, 1)
    assert event["request"]["id"].startswith("req_")
    time.sleep(0.1)
    assert len(receiver.about(intent.id)) == 1
    assert delivery.at - started < 2


def test_signature_is_the_official_signers(pay: Any, receiver: Receiver) -> None:
    delivery = receiver.wait_for(pay().id, "payment_intent.succeeded")[0]
    stamp = int(delivery.signature.split(",")[0].removeprefix("t="))
    official = stripe.WebhookSignature.generate_signature_header(delivery.body.decode(), SECRET, stamp)
    assert delivery.signature == official


def test_changed_body_or_other_secret_fails(pay: Any, receiver: Receiver) -> None:
    delivery = receiver.wait_for(pay().id, "payment_intent.succeeded")[0]
    with pytest.raises(stripe.SignatureVerificationError):
        verify(delivery, secret="whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        verify(Delivery(delivery.body.replace(b"650", b"651"), delivery.signature, 0))


def test_sequences_of_events(client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    paid = pay()
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 100})
    with pytest.raises(stripe.CardError) as refusal:
        pay("pm_card_visa_chargeDeclined")
    error: Any = refusal.value.error
    assert _told(client, paid.id) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]
    assert _told(client, error.payment_intent.id) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]
    receiver.wait_for(paid.id, "charge.refunded")
    receiver.wait_for(error.payment_intent.id, "payment_intent.payment_failed")
    receiver.wait_for(error.payment_intent.id, "charge.failed")


def _told(client: stripe.StripeClient, intent: str) -> list[Any]:
    """The types of an intent's events, oldest first; the later booking of the balance left out."""
    found: list[Any] = []
    for event in client.v1.events.list({"limit": 100}).auto_paging_iter():
        item: Any = event.data.object.to_dict()
        if intent in (item["id"], item.get("payment_intent")) and event.type != "charge.updated":
            found.append(event.type)
    return found[::-1]


def test_refused_delivery_is_retried_until_it_is_taken(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver, mark: str
) -> None:
    receiver.refuse(mark, 500, 301)
    intent = pay(metadata={"order": mark})
    deliveries = receiver.wait_for(intent.id, "payment_intent.succeeded", count=2)
    assert deliveries[0].body == deliveries[1].body
    assert deliveries[1].at - deliveries[0].at >= 0.4
    sandbox.control("POST", "clock", advance_seconds=3600)
    receiver.wait_for(intent.id, "payment_intent.succeeded", count=3)
    event = deliveries[0].event["id"]
    wait_until(lambda: client.v1.events.retrieve(event).pending_webhooks == 0, 3, "the event to be delivered")
    tries = sandbox.control("GET", f"stripe/deliveries?event={event}")["deliveries"][0]["attempts"]
    assert [attempt["status"] for attempt in tries] == [500, 301, 200]


def test_receiver_that_never_takes_it_ends_the_retries(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver, mark: str
) -> None:
    receiver.refuse(mark, *[503] * 4)
    intent = pay(metadata={"order": mark})
    for count in range(1, 5):
        receiver.wait_for(intent.id, "payment_intent.succeeded", count=count)
        sandbox.control("POST", "clock", advance_seconds=7201)
    event = receiver.about(intent.id)[0].event["id"]
    path = f"stripe/deliveries?event={event}"
    wait_until(
        lambda: sandbox.control("GET", path)["deliveries"][0]["status"] == "failed", 3, "the delivery to be given up"
    )
    failed = client.v1.events.list({"delivery_success": False, "types": ["payment_intent.succeeded"], "limit": 100})
    assert event in [item.id for item in failed.data]
    assert client.v1.events.retrieve(event).pending_webhooks == 1


def test_lost_event_is_in_the_list_of_undelivered(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver
) -> None:
    sandbox.fault("webhook_lost", endpoints=["payment_intent.succeeded"], remaining=1)
    intent = pay()
    time.sleep(0.2)
    assert receiver.about(intent.id) == []
    lost = client.v1.events.list({"delivery_success": False, "type": "payment_intent.*", "limit": 100}).data
    event = next(item for item in lost if item.data.object["id"] == intent.id)
    sandbox.control("POST", f"stripe/events/{event.id}/resend")
    verify(receiver.wait_for(intent.id, "payment_intent.succeeded")[0])
    delivered = client.v1.events.list({"delivery_success": True, "type": "payment_intent.succeeded", "limit": 100})
    wait_until(lambda: event.id in [item.id for item in delivered.auto_paging_iter()], 3, "the event to be delivered")


def test_doubled_event_has_one_id(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    sandbox.fault("webhook_double", endpoints=["payment_intent.succeeded"], remaining=1)
    intent = pay()
    first, second = receiver.wait_for(intent.id, "payment_intent.succeeded", count=2)
    assert first.event["id"] == second.event["id"]


def test_late_event(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    sandbox.fault("webhook_late", endpoints=["payment_intent.succeeded"], delay_ms=600, remaining=1)
    started = time.time()
    intent = pay()
    assert receiver.wait_for(intent.id, "payment_intent.succeeded")[0].at - started >= 0.55


def test_reordered_events(sandbox: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver) -> None:
    sandbox.fault("webhook_reorder", endpoints=["payment_intent.succeeded"], remaining=1, delay_ms=5000)
    intent = pay()
    client.v1.refunds.create({"payment_intent": intent.id})
    receiver.wait_for(intent.id, "payment_intent.succeeded")
    order = [delivery.event["type"] for delivery in receiver.about(intent.id)]
    assert order.index("refund.created") < order.index("payment_intent.succeeded")


@pytest.mark.parametrize("times", [2, 3, 10])
def test_event_comes_so_many_times(sandbox: Sandbox, pay: Any, receiver: Receiver, times: int) -> None:
    sandbox.fault("webhook_double", endpoints=["payment_intent.succeeded"], remaining=1, times=times)
    intent = pay()
    found = receiver.wait_for(intent.id, "payment_intent.succeeded", count=times)
    assert len({delivery.event["id"] for delivery in found}) == 1


def test_event_comes_days_late_by_the_clock(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    """72 hours of the sandbox's clock, which a test lets pass at once."""
    sandbox.fault("webhook_late", endpoints=["payment_intent.succeeded"], wait_seconds=72 * 3600, remaining=1)
    intent = pay()
    sandbox.control("POST", "clock", advance_seconds=71 * 3600)
    assert receiver.about(intent.id, "payment_intent.succeeded") == []
    sandbox.control("POST", "clock", advance_seconds=3600)
    receiver.wait_for(intent.id, "payment_intent.succeeded")


def test_event_comes_before_the_answer(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    """The receiver hears of a payment that its own process has no answer about yet."""
    sandbox.fault("webhook_early", endpoints=["payment_intent.succeeded"], remaining=1)
    intent = pay()
    assert len(receiver.about(intent.id, "payment_intent.succeeded")) == 1


def test_fault_about_one_order_spares_the_others_messages(
    sandbox: Sandbox, pay: Any, receiver: Receiver, mark: str
) -> None:
    sandbox.fault("webhook_lost", about=mark)
    mine, other = pay(metadata={"order_id": f"{mark}-1"}), pay()
    receiver.wait_for(other.id, "payment_intent.succeeded")
    statuses = {item["status"] for item in sandbox.control("GET", f"stripe/deliveries?about={mine.id}")["deliveries"]}
    assert (statuses, receiver.about(mine.id)) == ({"lost"}, [])


SPOILT = [
    "webhook_bad_signature",
    "webhook_other_secret",
    "webhook_old_timestamp",
    "webhook_invalid_utf8",
]


@pytest.mark.parametrize("kind", SPOILT)
def test_spoilt_delivery_comes_again_intact(
    sandbox: Sandbox, pay: Any, receiver: Receiver, mark: str, kind: str
) -> None:
    sandbox.fault(kind, remaining=1, endpoints=["payment_intent.succeeded"])
    receiver.refuse(mark, 400)
    pay(metadata={"order": mark})
    spoilt, intact = receiver.wait_marked(mark, count=2)
    ahead = sandbox.control("GET", "state")["now"] - int(time.time())
    with pytest.raises((stripe.SignatureVerificationError, UnicodeDecodeError)):
        verify(spoilt, tolerance=300 - ahead)
    verify(intact)


@pytest.mark.parametrize("kind", ["webhook_wrong_amount", "webhook_wrong_account"])
def test_lying_delivery_is_signed_all_the_same(
    sandbox: Sandbox, pay: Any, receiver: Receiver, mark: str, kind: str
) -> None:
    sandbox.fault(kind, remaining=1, endpoints=["payment_intent.succeeded"])
    intent = pay(metadata={"order": mark})
    delivery = receiver.wait_marked(mark)[0]
    verify(delivery)
    item = delivery.event["data"]["object"]
    assert (item["amount"] != 650) == (kind == "webhook_wrong_amount")
    assert (item["id"] != intent.id) == (kind == "webhook_wrong_account")


def test_future_stamp_passes_the_official_check(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    """Which is why a receiver has to bound the future itself."""
    sandbox.fault("webhook_future_timestamp", remaining=1, endpoints=["payment_intent.succeeded"])
    delivery = receiver.wait_for(pay().id, "payment_intent.succeeded")[0]
    verify(delivery)
    now = sandbox.control("GET", "state")["now"]
    assert int(delivery.signature.split(",")[0].removeprefix("t=")) - now > 3500


def test_unknown_type_and_huge_body_are_signed(sandbox: Sandbox, pay: Any, receiver: Receiver, mark: str) -> None:
    sandbox.fault("webhook_unknown_type", remaining=1, endpoints=["payment_intent.succeeded"])
    sandbox.fault("webhook_huge_body", remaining=1, endpoints=["payment_intent.succeeded"], bytes=500_000)
    pay(metadata={"order": mark})
    delivery = receiver.wait_marked(mark)[0]
    verify(delivery)
    assert delivery.event["type"] == "sandbox.payment_intent.succeeded.of_tomorrow"
    assert len(delivery.body) > 500_000


def test_two_secrets_sign_while_one_is_rolled(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    sandbox.control("POST", "stripe/webhook_endpoints/we_sandbox/roll", secret="whsec_next", keep_seconds=60)
    delivery = receiver.wait_for(pay().id, "payment_intent.succeeded")[0]
    verify(delivery, secret=SECRET)
    verify(delivery, secret="whsec_next")
    sandbox.control("POST", "stripe/webhook_endpoints/we_sandbox/roll", secret=SECRET, keep_seconds=0)
    alone = receiver.wait_for(pay().id, "payment_intent.succeeded")[0]
    assert alone.signature.count("v1=") == 1
    verify(alone)


def test_endpoints_are_made_changed_disabled_and_deleted(
    client: stripe.StripeClient, receiver: Receiver, new_intent: Any
) -> None:
    service = client.v1.webhook_endpoints
    endpoint = service.create({"url": f"{receiver.url}/second", "enabled_events": ["payment_intent.created"]})
    secret = str(endpoint.secret)
    assert secret.startswith("whsec_")
    assert "secret" not in service.retrieve(endpoint.id).to_dict()
    verify(receiver.wait_for(new_intent().id, "payment_intent.created")[0], secret=secret)
    assert service.update(endpoint.id, {"disabled": True}).status == "disabled"
    quiet = new_intent()
    time.sleep(0.2)
    assert receiver.about(quiet.id) == []
    assert endpoint.id in [item.id for item in service.list().data]
    assert service.delete(endpoint.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        service.retrieve(endpoint.id)


def test_events_are_listed_by_type_and_time(client: stripe.StripeClient, pay: Any) -> None:
    intent = pay()
    found = client.v1.events.list({"types": ["payment_intent.succeeded", "charge.refunded"], "limit": 100}).data
    assert {item.type for item in found} <= {"payment_intent.succeeded", "charge.refunded"}
    assert intent.id in [item.data.object["id"] for item in found]
    assert client.v1.events.list({"created": {"gt": intent.created + 100_000}}).data == []
