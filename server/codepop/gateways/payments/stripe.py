"""Stripe: the only file that imports its SDK.

The same code talks to Stripe and to the sandbox; keys and base address come from the settings. The SDK's own
retries are off, because only this file knows which failure is which: `Unavailable` calls are sent once more with the
same key, `Unknown` ones never.
"""

import functools
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypeVar
from urllib.request import getproxies
from uuid import UUID

import stripe
import urllib3
from django.conf import settings
from stripe import WebhookSignature

from codepop.core.http import refuse_in_transaction
from codepop.gateways.errors import GatewayError, Refused, Unavailable, Unknown
from codepop.gateways.payments import (
    EventKind,
    Intent,
    IntentRequest,
    IntentStatus,
    ProviderEvent,
    ProviderRefund,
    ProviderRefundStatus,
    WebhookRefused,
)

PROVIDER = "stripe"
API_VERSION = "2026-10-28.endive"
"""Pinned together with the SDK's version: its types fit only this one."""

CONNECT_SECONDS = 2.0
CONNECTIONS = 32
TRIES = 2
SIGNATURE_TOLERANCE_SECONDS = 300
_PAGE = 100

_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.SSLError,
)

T = TypeVar("T")

_INTENT_STATUS: Final[dict[str, IntentStatus]] = {
    "requires_payment_method": IntentStatus.REQUIRES_METHOD,
    "requires_confirmation": IntentStatus.REQUIRES_METHOD,
    "requires_action": IntentStatus.REQUIRES_ACTION,
    "processing": IntentStatus.PROCESSING,
    "requires_capture": IntentStatus.PROCESSING,
    "succeeded": IntentStatus.SUCCEEDED,
    "canceled": IntentStatus.CANCELLED,
}
_REFUND_STATUS: Final[dict[str, ProviderRefundStatus]] = {
    "pending": ProviderRefundStatus.PENDING,
    "requires_action": ProviderRefundStatus.PENDING,
    "succeeded": ProviderRefundStatus.SUCCEEDED,
    "failed": ProviderRefundStatus.FAILED,
    "canceled": ProviderRefundStatus.FAILED,
}
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
    "charge.dispute.created": (EventKind.DISPUTE, "payment_intent"),
    "charge.dispute.updated": (EventKind.DISPUTE, "payment_intent"),
    "charge.dispute.closed": (EventKind.DISPUTE, "payment_intent"),
}
WEBHOOK_EVENTS: Final = tuple(_EVENTS)
"""What the endpoint at Stripe must be subscribed to."""

# Why a card was refused, in words for its holder. Lost, stolen and fraud are told like any refusal (Stripe's advice).
_DECLINES: Final[dict[str, str]] = {
    "insufficient_funds": "Your bank says there are not enough funds on this card. Try another card.",
    "expired_card": "This card has expired. Try another card.",
    "incorrect_cvc": "The security code (CVC) is not right. Check it and try again.",
    "incorrect_number": "The card number is not right. Check it and try again.",
    "incorrect_zip": "The postal code does not match the card. Check it and try again.",
    "processing_error": "Your bank could not process the card just now. Try again in a moment, or use another card.",
    "card_velocity_exceeded": "This card has reached its limit. Try another card.",
    "authentication_required": "Your bank wants you to confirm this payment. Try again and follow its steps.",
    "payment_intent_authentication_failure": "Your bank could not confirm it was you. Try again or use another card.",
}
_DECLINED = "Your bank declined this card. Nothing was charged. Try another card."


class _Transport(stripe.HTTPClient):
    """Kept-alive connections for all threads; refuses to send while a database transaction is open.

    Straight on urllib3, which the SDK's own client reaches through requests at nearly twice the processor time.
    """

    name = "urllib3"

    def __init__(self, *, timeout_seconds: float, base_url: str | None) -> None:
        super().__init__()
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout_seconds)
        proxy = None if base_url else getproxies().get("https")
        options: dict[str, Any] = {
            "maxsize": CONNECTIONS,
            "retries": False,
            "cert_reqs": "CERT_REQUIRED",
            "ca_certs": stripe.ca_bundle_path,
        }
        self._pool = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)

    def request(  # type: ignore[override]  # bytes instead of text, as in the SDK's own clients
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        refuse_in_transaction()
        try:
            answer = self._pool.request(
                method, url, body=post_data, headers=headers, timeout=self._timeout, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            message = f"{type(error).__name__} on {method} {url}"
            raise stripe.APIConnectionError(message) from error  # type: ignore[no-untyped-call]  # the SDK has no types here
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        self._pool.clear()


class StripeGateway:
    """PaymentGateway over Stripe. Thread-safe; made once a process by `gateway()`."""

    def __init__(
        self, *, secret_key: str, webhook_secrets: tuple[str, ...], base_url: str | None, timeout_seconds: float
    ) -> None:
        stripe.enable_telemetry = False
        addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), base_url) if base_url else None
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses=addresses,
            max_network_retries=0,
            http_client=_Transport(timeout_seconds=timeout_seconds, base_url=base_url),
        )
        self._webhook_secrets = webhook_secrets

    def create_intent(self, *, request: IntentRequest, key: str) -> Intent:
        created = _keyed(
            lambda: self._client.v1.payment_intents.create(
                {
                    "amount": request.amount_cents,
                    "currency": request.currency,
                    "automatic_payment_methods": {"enabled": True},
                    "description": request.description,
                    "statement_descriptor_suffix": request.statement_suffix,
                    "metadata": {"payment": str(request.payment_id), "order": str(request.reference)},
                },
                {"idempotency_key": key},
            )
        )
        return _intent(created)

    def fetch_intent(self, *, intent_id: str) -> Intent:
        return _intent(_query(lambda: self._client.v1.payment_intents.retrieve(intent_id)))

    def find_intent(self, *, payment_id: UUID, since: datetime) -> Intent | None:
        """Walk the list, newest first: Stripe's search index lags by up to a minute, its list does not."""

        def walk() -> stripe.PaymentIntent | None:
            page = self._client.v1.payment_intents.list({"created": {"gte": _unix(since)}, "limit": _PAGE})
            for found in page.auto_paging_iter():
                if _metadata_id(found.metadata, "payment") == payment_id:
                    return found
            return None

        found = _query(walk)
        return _intent(found) if found else None

    def cancel_intent(self, *, intent_id: str, key: str) -> Intent:
        try:
            return _intent(
                _keyed(lambda: self._client.v1.payment_intents.cancel(intent_id, {}, {"idempotency_key": key}))
            )
        except Refused as error:
            if error.code != "payment_intent_unexpected_state":
                raise
        return self.fetch_intent(intent_id=intent_id)

    def refund(self, *, intent_id: str, refund_id: UUID, amount_cents: int, key: str) -> ProviderRefund:
        created = _keyed(
            lambda: self._client.v1.refunds.create(
                {"payment_intent": intent_id, "amount": amount_cents, "metadata": {"refund": str(refund_id)}},
                {"idempotency_key": key},
            )
        )
        return _refund(created)

    def fetch_refund(self, *, provider_refund_id: str) -> ProviderRefund:
        return _refund(_query(lambda: self._client.v1.refunds.retrieve(provider_refund_id)))

    def list_refunds(self, *, intent_id: str) -> list[ProviderRefund]:
        def walk() -> list[stripe.Refund]:
            page = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": _PAGE})
            return list(page.auto_paging_iter())

        return [_refund(one) for one in _query(walk)]

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        self._verify_signature(body, headers.get("Stripe-Signature", ""))
        try:
            event = json.loads(body)
            subject = event["data"]["object"]
            kind, field = _EVENTS.get(event["type"], (EventKind.OTHER, "id"))
            return ProviderEvent(
                id=_text(event["id"]),
                name=_text(event["type"]),
                kind=kind,
                subject=_text(subject.get(field) or ""),
                happened_at=datetime.fromtimestamp(int(event["created"]), UTC),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
            raise WebhookRefused("This is not an event of Stripe's.") from error

    def _verify_signature(self, body: bytes, signature: str) -> None:
        """Accept a signature by any live secret; the SDK bounds the age, the future is bounded here."""
        signed_at = re.match(r"t=(\d{1,12}),", signature)
        if not signed_at or int(signed_at[1]) > time.time() + SIGNATURE_TOLERANCE_SECONDS:
            raise WebhookRefused
        for secret in self._webhook_secrets:
            try:
                WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
            return
        raise WebhookRefused


@functools.cache
def gateway() -> StripeGateway:
    """Return the process's gateway, as the settings say."""
    configured = settings.CODEPOP.stripe
    return StripeGateway(
        secret_key=configured.secret_key,
        webhook_secrets=configured.webhook_secrets,
        base_url=configured.base_url,
        timeout_seconds=configured.timeout_seconds,
    )


def _query(call: Callable[[], T]) -> T:
    """Run a read: it has no effect, so whatever is not a refusal may be tried again."""
    for attempt in range(1, TRIES + 1):
        try:
            return call()
        except stripe.StripeError as error:
            failure = _failure(error)
            if isinstance(failure, Refused):
                raise failure from error
            if attempt == TRIES:
                raise Unavailable(PROVIDER, "no answer", code=failure.code, request_id=failure.request_id) from error
            _pause(attempt)
    raise AssertionError("unreachable")


def _keyed(call: Callable[[], T]) -> T:
    """Run a keyed command: again only when nothing was taken (same key), never when the outcome is unknown."""
    for attempt in range(1, TRIES + 1):
        try:
            return call()
        except stripe.StripeError as error:
            failure = _failure(error)
            if attempt == TRIES or not isinstance(failure, Unavailable):
                raise failure from error
            _pause(attempt)
    raise AssertionError("unreachable")


def _pause(attempt: int) -> None:
    time.sleep(0.1 * 2**attempt * (0.5 + random.random() / 2))


def _failure(error: stripe.StripeError) -> GatewayError:
    """Sort an SDK error into the three kinds (providers' table of measured behaviour)."""
    code = (error.error.code if error.error else None) or error.code or ""
    status = error.http_status or 0
    kind: type[GatewayError]
    if isinstance(error, stripe.APIConnectionError):
        kind = Unavailable if _never_sent(error) else Unknown
    elif isinstance(error, stripe.RateLimitError) or status == 409:
        kind = Unavailable
    elif status >= 500 or isinstance(error, stripe.APIError):
        kind = Unknown
    else:
        kind = Refused
        code = code or type(error).__name__
    return kind(PROVIDER, type(error).__name__, code=code, request_id=error.request_id)


def _never_sent(error: stripe.APIConnectionError) -> bool:
    """Say whether the connection was never made: then the request can't have had an effect."""
    cause = error.__cause__
    if isinstance(cause, urllib3.exceptions.ProxyError):
        cause = cause.original_error
    return isinstance(cause, _NEVER_SENT)


def _intent(found: stripe.PaymentIntent) -> Intent:
    problem = found.last_payment_error
    code = (getattr(problem, "decline_code", None) or getattr(problem, "code", None) or "") if problem else ""
    if code == "generic_decline" or (problem and not code):
        code = "card_declined"
    return Intent(
        id=found.id,
        status=_INTENT_STATUS[found.status],
        amount_cents=found.amount,
        captured_cents=found.amount_received,
        currency=found.currency,
        payment_id=_metadata_id(found.metadata, "payment"),
        client_secret=found.client_secret or "",
        last_charge_id=_id_of(found.latest_charge),
        failure_code=code,
        failure_message=_DECLINES.get(code, _DECLINED) if code else "",
    )


def _refund(found: stripe.Refund) -> ProviderRefund:
    return ProviderRefund(
        id=found.id,
        intent_id=_id_of(found.payment_intent),
        refund_id=_metadata_id(found.metadata, "refund"),
        status=_REFUND_STATUS.get(found.status or "", ProviderRefundStatus.PENDING),
        amount_cents=found.amount,
        currency=found.currency,
        failure_code=getattr(found, "failure_reason", None) or "",
    )


def _id_of(link: Any) -> str:
    """Return the id of an object that Stripe gives as an id, as a whole object, or not at all."""
    return link if isinstance(link, str) else (link.id if link else "")


def _metadata_id(metadata: Any, name: str) -> UUID | None:
    try:
        return UUID(metadata[name]) if metadata else None
    except (KeyError, ValueError, TypeError):
        return None


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 255:
        raise TypeError("expected a text of at most 255 characters")
    return value


def _unix(at: datetime) -> int:
    """Stripe's clock may differ from ours: look a little further back."""
    return int((at - timedelta(minutes=10)).timestamp())
