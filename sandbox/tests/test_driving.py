"""What a driver of many histories needs: webhooks by hand, a clock that stands still, one order's books, forgetting."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from sandbox.tests.running import SECRET, Receiver, Sandbox, make_client


@pytest.fixture
def driven(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with nothing delivered by itself."""
    sandbox.control("POST", "stripe/delivery", mode="manual")
    yield sandbox
    sandbox.control("POST", "stripe/delivery", mode="automatic")


def held(sandbox: Sandbox, about: str) -> dict[str, str]:
    """The held deliveries about one payment, by event type."""
    found = sandbox.control("GET", f"stripe/deliveries?status=held&about={about}")["deliveries"]
    return {item["type"]: item["id"] for item in found}


def test_nothing_goes_out_by_itself_and_all_in_the_named_order(
    driven: Sandbox, client: stripe.StripeClient, pay: Any, receiver: Receiver
) -> None:
    intent = pay()
    client.v1.refunds.create({"payment_intent": intent.id})
    waiting = held(driven, intent.id)
    assert set(waiting) == {"payment_intent.succeeded", "refund.created", "charge.refunded"}
    assert receiver.about(intent.id) == []
    order = [waiting[name] for name in ("charge.refunded", "payment_intent.succeeded", "refund.created")]
    answers = driven.control("POST", "stripe/deliveries/deliver", ids=order, times=2)["answers"]
    assert [(answer["type"], answer["status"]) for answer in answers] == [
        ("charge.refunded", 200),
        ("charge.refunded", 200),
        ("payment_intent.succeeded", 200),
        ("payment_intent.succeeded", 200),
        ("refund.created", 200),
        ("refund.created", 200),
    ]
    assert [delivery.event["type"] for delivery in receiver.about(intent.id)] == [answer["type"] for answer in answers]
    assert held(driven, intent.id) == {}


def test_refused_delivery_is_held_again(driven: Sandbox, pay: Any, receiver: Receiver, mark: str) -> None:
    receiver.refuse(mark, 500)
    intent = pay(metadata={"order": mark})
    waiting = held(driven, intent.id)
    answers = driven.control("POST", "stripe/deliveries/deliver", ids=list(waiting.values()))["answers"]
    assert [answer["status"] for answer in answers] == [500]
    assert held(driven, intent.id) == waiting


def test_message_is_handed_out_signed_and_its_outcome_taken(driven: Sandbox, pay: Any, receiver: Receiver) -> None:
    """For a driver that carries messages itself, into a process that listens on no port."""
    intent = pay()
    (key,) = held(driven, intent.id).values()
    (message,) = driven.control("POST", "stripe/deliveries/take", ids=[key])["messages"]
    body = base64.b64decode(message["body"])
    stripe.WebhookSignature.verify_header(body.decode(), message["headers"]["Stripe-Signature"], SECRET, 0)
    (spoilt,) = driven.control("POST", "stripe/deliveries/take", ids=[key], faults=["webhook_bad_signature"])[
        "messages"
    ]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body.decode(), spoilt["headers"]["Stripe-Signature"], SECRET, 0)
    driven.control("POST", "stripe/deliveries/settle", statuses={key: None})
    assert held(driven, intent.id) != {}
    driven.control("POST", "stripe/deliveries/settle", statuses={key: 200})
    assert held(driven, intent.id) == {}
    assert receiver.about(intent.id) == []


def test_what_was_held_goes_out_when_the_mode_ends(sandbox: Sandbox, pay: Any, receiver: Receiver) -> None:
    sandbox.control("POST", "stripe/delivery", mode="manual")
    intent = pay()
    sandbox.control("POST", "stripe/delivery", mode="automatic")
    receiver.wait_for(intent.id, "payment_intent.succeeded")


def test_held_clock_moves_only_when_told(sandbox: Sandbox, client: stripe.StripeClient, pay: Any) -> None:
    """And what has come due is done before the call that let time pass is answered."""
    try:
        start = sandbox.control("POST", "clock", held=True)["now"]
        refund = client.v1.refunds.create({"payment_intent": pay("pm_card_pendingRefund").id})
        assert refund.created == start
        assert sandbox.control("GET", "state")["now"] == start
        sandbox.control("POST", "clock", advance_seconds=9)
        assert client.v1.refunds.retrieve(refund.id).status == "pending"
        sandbox.control("POST", "clock", advance_seconds=1)
        assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
        assert sandbox.control("POST", "clock", now=start + 500)["now"] == start + 500
        assert pay().created == start + 500
    finally:
        sandbox.control("POST", "clock", held=False)


def test_books_of_one_order(sandbox: Sandbox, pay: Any, mark: str) -> None:
    intent = pay(metadata={"order_id": f"{mark}-1"})
    pay(metadata={"order_id": "other"})
    books = sandbox.control("GET", f"stripe/books?about={mark}")
    assert [book["id"] for book in books["intents"]] == [intent.id]
    assert books["amount_captured"] == 650


def test_forgotten_payment_leaves_nothing_behind(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Any, mark: str
) -> None:
    other = pay(metadata={"order_id": "other"})
    before = sandbox.control("GET", "state")["stripe"]
    made = [pay(metadata={"order_id": f"{mark}-{number}"}).id for number in range(3)]
    for key in made:
        client.v1.refunds.create({"payment_intent": key}, {"idempotency_key": f"{mark}:{key}"})
    sandbox.control("POST", "stripe/forget", about=mark)
    after = sandbox.control("GET", "state")["stripe"]
    for kind in ("payment_intent", "charge", "refund", "payment_method", "event"):
        assert after[kind] <= before[kind], kind
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.retrieve(made[0])
    assert client.v1.payment_intents.retrieve(other.id).status == "succeeded"


def test_seed_gives_the_same_ids_again(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> None:
    sandbox = Sandbox(tmp_path_factory.mktemp("seeded"), SANDBOX_WEBHOOK_URL=receiver.url)
    sandbox.start()
    try:
        made = []
        for seed in (7, 7, 8):
            sandbox.control("POST", "reset", seed=seed)
            params: Any = {"amount": 650, "currency": "usd"}
            made.append(make_client(sandbox).v1.payment_intents.create(params).id)
        assert made[0] == made[1] != made[2]
    finally:
        sandbox.stop()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("stripe/delivery", {"mode": "sometimes"}, "mode must be automatic or manual"),
        ("stripe/deliveries/deliver", {"ids": "dlv_1"}, "ids must be a list of texts"),
        ("stripe/deliveries/deliver", {"ids": ["dlv_none"]}, "no such delivery"),
        ("stripe/deliveries/deliver", {"ids": [], "faults": ["outage"]}, "faults may hold webhook_lost"),
        ("stripe/deliveries/deliver", {"ids": [], "times": 99}, "times must be from 1 to 10"),
        ("stripe/forget", {"about": ""}, "about must say"),
        ("stripe/forget", {"everything": True}, "everything: unknown"),
        ("clock", {"factor": 0}, "factor must be a number above 0"),
    ],
)
def test_wrong_call_says_what_is_wrong(sandbox: Sandbox, path: str, body: dict[str, Any], words: str) -> None:
    reply = httpx.post(f"{sandbox.url}/_sandbox/{path}", json=body)
    assert reply.status_code == 400
    assert words in reply.json()["error"]["message"]
