"""Customers and their saved cards."""

from datetime import datetime
from typing import Any
from uuid import UUID

import stripe

from codepop.gateways.errors import Refused
from codepop.gateways.payments.intents import Intent
from codepop.gateways.payments.methods import SavedMethod, Saving
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.intents import read_intent
from codepop.gateways.payments.stripe.reading import PAGE, metadata_id, unix

_GONE = ("resource_missing", "payment_method_not_attached")


_SHEET: Any = {
    "payment_method_save": "enabled",
    "payment_method_redisplay": "enabled",
    "payment_method_remove": "enabled",
}
"""What a person may do with their cards in a phone's payment sheet."""


class Methods:
    """MethodGateway over Stripe."""

    _stripe: Connection

    def create_customer(self, *, payer_id: UUID, key: str) -> str:
        created = self._stripe.command(
            "create_customer",
            lambda client: client.v1.customers.create({"metadata": {"payer": str(payer_id)}}, {"idempotency_key": key}),
        )
        return created.id

    def find_customer(self, *, payer_id: UUID, since: datetime) -> str | None:
        def walk(client: stripe.StripeClient) -> str | None:
            page = client.v1.customers.list({"created": {"gte": unix(since)}, "limit": PAGE})
            for found in page.auto_paging_iter():
                if metadata_id(found.metadata, "payer") == payer_id:
                    return found.id
            return None

        return self._stripe.query("find_customer", walk)

    def delete_customer(self, *, customer_id: str) -> None:
        # A deletion has the same effect however often it is sent, so it may be repeated like a read.
        try:
            self._stripe.query("delete_customer", lambda client: client.v1.customers.delete(customer_id))
        except Refused as error:
            if error.code not in _GONE:
                raise

    def list_methods(self, *, customer_id: str) -> list[SavedMethod]:
        def walk(client: stripe.StripeClient) -> list[stripe.PaymentMethod]:
            page = client.v1.customers.payment_methods.list(customer_id, {"type": "card", "limit": PAGE})
            return list(page.auto_paging_iter())

        return [_method(one) for one in self._stripe.query("list_methods", walk)]

    def detach_method(self, *, method_id: str, key: str) -> None:
        try:
            self._stripe.command(
                "detach_method",
                lambda client: client.v1.payment_methods.detach(method_id, {}, {"idempotency_key": key}),
            )
        except Refused as error:
            if error.code not in _GONE and "not attached" not in str(error.__cause__):
                raise

    def start_saving(self, *, customer_id: str, key: str) -> Saving:
        created = self._stripe.command(
            "start_saving",
            lambda client: client.v1.setup_intents.create(
                {"customer": customer_id, "usage": "off_session", "automatic_payment_methods": {"enabled": True}},
                {"idempotency_key": key},
            ),
        )
        return Saving(created.id, created.client_secret or "")

    def count_declines(self, *, saving_id: str) -> int:
        def walk(client: stripe.StripeClient) -> int:
            page = client.v1.setup_attempts.list({"setup_intent": saving_id, "limit": PAGE})
            return sum(one.status == "failed" for one in page.auto_paging_iter())

        return self._stripe.query("count_declines", walk)

    def cancel_saving(self, *, saving_id: str, key: str) -> None:
        try:
            self._stripe.command(
                "cancel_saving",
                lambda client: client.v1.setup_intents.cancel(saving_id, {}, {"idempotency_key": key}),
            )
        except Refused as error:
            if error.code not in ("setup_intent_unexpected_state", "resource_missing"):
                raise

    def open_sheet(self, *, customer_id: str, key: str) -> str:
        created = self._stripe.command(
            "open_sheet",
            lambda client: client.v1.customer_sessions.create(
                {
                    "customer": customer_id,
                    "components": {"mobile_payment_element": {"enabled": True, "features": _SHEET}},
                },
                {"idempotency_key": key},
            ),
        )
        return created.client_secret

    def attach_customer(self, *, intent_id: str, customer_id: str, save: bool, key: str) -> Intent:
        updated = self._stripe.command(
            "attach_customer",
            lambda client: client.v1.payment_intents.update(
                intent_id,
                {"customer": customer_id, "setup_future_usage": "off_session" if save else ""},
                {"idempotency_key": key},
            ),
        )
        return read_intent(updated.to_dict())

    def charge_saved(self, *, intent_id: str, method_id: str, key: str) -> Intent:
        confirmed = self._stripe.command(
            "charge_saved",
            lambda client: client.v1.payment_intents.confirm(
                intent_id, {"payment_method": method_id, "off_session": True}, {"idempotency_key": key}
            ),
        )
        return read_intent(confirmed.to_dict())


def _method(found: stripe.PaymentMethod) -> SavedMethod:
    card = found.card
    assert card is not None, "only cards are asked for"
    wallet = card.wallet
    return SavedMethod(
        id=found.id,
        brand=card.display_brand or card.brand,
        last4=card.last4 or "",
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        wallet=wallet.type if wallet else "",
    )
