"""The other side of a payment in tests: the customer's card form, Stripe's messages, and our worker.

Everything goes through the real sandbox by the official SDK, as in production.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, cast

import httpx
import stripe
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from codepop.core import inbox
from codepop.core.models import WAITING, InboxMessage, InboxState

GOOD_CARD = "pm_card_visa"
DECLINED_CARD = "pm_card_visa_chargeDeclined"
SECURE_CARD = "pm_card_threeDSecure2Required"


def sdk() -> stripe.StripeClient:
    """Return the official client against the sandbox, with the account's secret key."""
    base: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), settings.CODEPOP.stripe.base_url)
    return stripe.StripeClient(settings.CODEPOP.stripe.secret_key, base_addresses=base, max_network_retries=0)


def confirm(intent_id: str, card: str = GOOD_CARD) -> stripe.PaymentIntent | None:
    """Confirm like the payment form; None when the card is declined."""
    try:
        return sdk().v1.payment_intents.confirm(
            intent_id, {"payment_method": card, "return_url": "http://127.0.0.1/done"}
        )
    except stripe.CardError:
        return None


def answer_bank(waiting: stripe.PaymentIntent | None, outcome: str) -> None:
    """Follow the bank's page of a 3-D Secure check and press its button: `complete` or `fail`."""
    assert waiting is not None
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    page = waiting.next_action.redirect_to_url.url or ""
    httpx.post(page, data={"outcome": outcome}, timeout=10)


def events_of(intent_id: str) -> list[dict[str, Any]]:
    """Return what Stripe has to say about an intent, its charges and refunds, oldest first."""
    found = [event.to_dict() for event in sdk().v1.events.list({"limit": 100}).auto_paging_iter()]
    mine = [e for e in found if intent_id in (e["data"]["object"]["id"], e["data"]["object"].get("payment_intent"))]
    return mine[::-1]


def post_event(client: Client, event: dict[str, Any], *, secret: str = "whsec_sandbox") -> int:
    """Deliver an event, signed now by the SDK's own signer; returns the status of our answer."""
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret)
    response = client.post(
        "/webhooks/stripe", data=body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return response.status_code


def deliver(client: Client, intent_id: str) -> list[str]:
    """Deliver all events of an intent; returns their types."""
    events = events_of(intent_id)
    for event in events:
        assert post_event(client, event) == 200
    return [event["type"] for event in events]


def empty_queue() -> None:
    """Forget jobs of earlier tests: the queue's tables are not Django's, so its test case does not empty them."""
    ProcrastinateJob.objects.filter(status="todo")._raw_delete("default")


def run_jobs(*, only: Iterable[str] = (), also_later: bool = False) -> int:
    """Do the worker's work until nothing is left to do now; a job's error is raised.

    Returns the number of jobs and messages. `only` names jobs to do, and leaves messages alone.
    """
    done = 0
    if also_later:
        InboxMessage.objects.filter(state__in=WAITING).update(next_try_at=None)
    while True:
        if not only and (messages := _drain(also_later=also_later)):
            done += messages
            continue
        jobs = ProcrastinateJob.objects.filter(status="todo")
        if only:
            jobs = jobs.filter(task_name__in=list(only))
        if not also_later:
            jobs = jobs.filter(scheduled_at=None)
        job = jobs.order_by("-priority", "id").first()
        if job is None:
            return done
        task = app.tasks[job.task_name]
        cast("Callable[..., None]", task.func)(**job.args)
        _finish(job.id)
        done += 1


def _drain(*, also_later: bool) -> int:
    if also_later:
        InboxMessage.objects.filter(state=InboxState.PARKED).update(next_try_at=None)
    return inbox.drain()


def _finish(job_id: int) -> None:
    # procrastinate's own model is read-only: the row leaves as the worker would make it leave.
    ProcrastinateJob.objects.filter(id=job_id)._raw_delete("default")


def sandbox(path: str, body: dict[str, Any] | None = None, *, method: str = "POST") -> Any:
    """Call the sandbox's control API."""
    answer = httpx.request(method, f"{settings.CODEPOP.sandbox_url}{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()
