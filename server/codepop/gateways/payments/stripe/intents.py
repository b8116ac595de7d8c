"""PaymentIntents, and why a card was refused.

The two calls that every order needs use the SDK's `raw_request`, which answers with plain JSON: building its objects
costs the SDK as much as everything else that it does for a call.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import stripe
from stripe.params import PaymentIntentCreateParams

from codepop.gateways.errors import Refused
from codepop.gateways.payments.intents import Intent, IntentRequest, IntentStatus
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import PAGE, id_of, metadata_id, unix

_PATH: Final = "/v1/payment_intents"
_INTENT_STATUS: Final[dict[str, IntentStatus]] = {
    "requires_payment_method": IntentStatus.REQUIRES_METHOD,
    "requires_confirmation": IntentStatus.REQUIRES_METHOD,
    "requires_action": IntentStatus.REQUIRES_ACTION,
    "processing": IntentStatus.PROCESSING,
    "requires_capture": IntentStatus.PROCESSING,
    "succeeded": IntentStatus.SUCCEEDED,
    "canceled": IntentStatus.CANCELLED,
}
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


class Intents:
    """IntentGateway over Stripe."""

    _stripe: Connection

    def create_intent(self, *, request: IntentRequest, key: str) -> Intent:
        asked: PaymentIntentCreateParams = {
            "amount": request.amount_cents,
            "currency": request.currency,
            "automatic_payment_methods": {"enabled": True},
            "description": request.description,
            "statement_descriptor_suffix": request.statement_suffix,
            "metadata": {"payment": str(request.payment_id), "order": str(request.reference)},
        }
        if request.customer_id:
            asked["customer"] = request.customer_id
        created = self._stripe.command(
            "create_intent", lambda client: client.raw_request("post", _PATH, idempotency_key=key, **asked)
        )
        return read_intent(created.data)

    def fetch_intent(self, *, intent_id: str) -> Intent:
        path = f"{_PATH}/{quote(intent_id, safe='')}"
        found = self._stripe.query("fetch_intent", lambda client: client.raw_request("get", path))
        return self._counted(read_intent(found.data))

    def find_intent(self, *, payment_id: UUID, since: datetime) -> Intent | None:
        """Walk the list, newest first: Stripe's search index lags by up to a minute, its list does not."""

        def walk(client: stripe.StripeClient) -> stripe.PaymentIntent | None:
            page = client.v1.payment_intents.list({"created": {"gte": unix(since)}, "limit": PAGE})
            for found in page.auto_paging_iter():
                if metadata_id(found.metadata, "payment") == payment_id:
                    return found
            return None

        found = self._stripe.query("find_intent", walk)
        return self._counted(read_intent(found.to_dict())) if found else None

    def cancel_intent(self, *, intent_id: str, key: str) -> Intent:
        try:
            return read_intent(
                self._stripe.command(
                    "cancel_intent",
                    lambda client: client.v1.payment_intents.cancel(intent_id, {}, {"idempotency_key": key}),
                ).to_dict()
            )
        except Refused as error:
            if error.code != "payment_intent_unexpected_state":
                raise
        return self.fetch_intent(intent_id=intent_id)

    def _counted(self, intent: Intent) -> Intent:
        """Count the declined cards of an intent with a charge that did not succeed: one request more, for only those.

        By its charge, since Stripe forgets the error with the next update. One page is beyond every limit of ours.
        """
        if not intent.last_charge_id or intent.status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
            return intent
        charges = self._stripe.query(
            "count_failed_charges",
            lambda client: client.v1.charges.list({"payment_intent": intent.id, "limit": PAGE}),
        )
        return replace(intent, declines=sum(one.status == "failed" for one in charges.data))


def read_intent(found: Mapping[str, Any]) -> Intent:
    """Return an intent of Stripe's in our words."""
    problem = found.get("last_payment_error") or {}
    code = problem.get("decline_code") or problem.get("code") or ""
    if code == "generic_decline" or (problem and not code):
        code = "card_declined"
    return Intent(
        id=found["id"],
        status=_INTENT_STATUS[found["status"]],
        amount_cents=found["amount"],
        captured_cents=found["amount_received"],
        currency=found["currency"],
        payment_id=metadata_id(found["metadata"], "payment"),
        client_secret=found.get("client_secret") or "",
        last_charge_id=id_of(found.get("latest_charge")),
        failure_code=code,
        failure_message=_DECLINES.get(code, _DECLINED) if code else "",
    )
