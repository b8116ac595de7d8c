"""Stripe's messages: which there are, and the proof that one is Stripe's."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import stripe
from stripe import WebhookSignature

from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import PAGE
from codepop.gateways.payments.webhooks import EventKind, ProviderEvent, WebhookRefused
from codepop.gateways.secret_use import SecretUses

SIGNATURE_TOLERANCE_SECONDS = 300

# Event name -> what it concerns, and where in the event's object the id of that stands.
_EVENTS: Final[dict[str, tuple[EventKind, Literal["id", "payment_intent"]]]] = {
    "payment_intent.succeeded": (EventKind.INTENT, "id"),
    "payment_intent.payment_failed": (EventKind.INTENT, "id"),
    "payment_intent.canceled": (EventKind.INTENT, "id"),
    "payment_intent.requires_action": (EventKind.INTENT, "id"),
    "payment_intent.processing": (EventKind.INTENT, "id"),
    "charge.failed": (EventKind.INTENT, "payment_intent"),
    "charge.refunded": (EventKind.INTENT_REFUNDS, "payment_intent"),
    "refund.created": (EventKind.REFUND, "id"),
    "refund.updated": (EventKind.REFUND, "id"),
    "refund.failed": (EventKind.REFUND, "id"),
    "setup_intent.setup_failed": (EventKind.SAVING, "id"),
    "charge.dispute.created": (EventKind.DISPUTE, "id"),
    "charge.dispute.updated": (EventKind.DISPUTE, "id"),
    "charge.dispute.closed": (EventKind.DISPUTE, "id"),
    "charge.dispute.funds_withdrawn": (EventKind.DISPUTE, "id"),
    "charge.dispute.funds_reinstated": (EventKind.DISPUTE, "id"),
}
WEBHOOK_EVENTS: Final = tuple(_EVENTS)
"""What the endpoint at Stripe must be subscribed to."""


class Webhooks:
    """WebhookGateway for Stripe's messages."""

    _stripe: Connection
    _webhook_secrets: Sequence[str]
    _webhook_secret_uses: SecretUses

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        self._verify_signature(body, headers.get("Stripe-Signature", ""))
        try:
            return read_event(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
            raise WebhookRefused("This is not an event of Stripe's.") from error

    def messages_not_sent_to(self, *, url: str) -> list[str]:
        def walk(client: stripe.StripeClient) -> list[stripe.WebhookEndpoint]:
            return list(client.v1.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter())

        found = self._stripe.query("list_endpoints", walk)
        sent = {name for one in found if (one.url, one.status) == (url, "enabled") for name in one.enabled_events}
        return [] if "*" in sent else [name for name in WEBHOOK_EVENTS if name not in sent]

    def _verify_signature(self, body: bytes, signature: str) -> None:
        """Accept a signature by any live secret; the SDK bounds the age, the future is bounded here."""
        signed_at = re.match(r"t=(\d{1,12}),", signature)
        if not signed_at or int(signed_at[1]) > time.time() + SIGNATURE_TOLERANCE_SECONDS:
            raise WebhookRefused
        for position, secret in enumerate(self._webhook_secrets):
            try:
                WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
            self._webhook_secret_uses.used(position)
            return
        raise WebhookRefused


def read_event(event: Mapping[str, Any]) -> ProviderEvent:
    """Return what an event is about. Raises one of several errors when it is none."""
    subject = event["data"]["object"]
    kind, field = _EVENTS.get(event["type"], (EventKind.OTHER, "id"))
    return ProviderEvent(
        id=_text(event["id"]),
        name=_text(event["type"]),
        kind=kind,
        subject=_text(subject.get(field) or ""),
        happened_at=datetime.fromtimestamp(int(event["created"]), UTC),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 255:
        raise TypeError("expected a text of at most 255 characters")
    return value
