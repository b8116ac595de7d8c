"""Lists of a span of time, for reconciliation."""

from datetime import UTC, datetime
from typing import Any

import stripe

from codepop.gateways.payments.intents import Intent
from codepop.gateways.payments.listings import Page
from codepop.gateways.payments.refunds import ProviderRefund
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.intents import read_intent
from codepop.gateways.payments.stripe.reading import PAGE, unix
from codepop.gateways.payments.stripe.refunds import read_refund
from codepop.gateways.payments.stripe.webhooks import read_event
from codepop.gateways.payments.webhooks import ProviderEvent


class Listings:
    """ListingGateway over Stripe."""

    _stripe: Connection

    def page_of_intents(self, *, since: datetime, until: datetime, after: str = "") -> Page[Intent]:
        params = _span(since, until, after)
        found = self._stripe.query("page_of_intents", lambda client: client.v1.payment_intents.list(params))
        return Page([read_intent(one.to_dict()) for one in found.data], found.data[-1].id if found.has_more else "")

    def page_of_refunds(self, *, since: datetime, until: datetime, after: str = "") -> Page[ProviderRefund]:
        params = _span(since, until, after)
        found = self._stripe.query("page_of_refunds", lambda client: client.v1.refunds.list(params))
        return Page([read_refund(one) for one in found.data], found.data[-1].id if found.has_more else "")

    def undelivered_events(self, *, since: datetime) -> list[ProviderEvent]:
        def walk(client: stripe.StripeClient) -> list[stripe.Event]:
            page = client.v1.events.list({"delivery_success": False, "created": {"gte": unix(since)}, "limit": PAGE})
            return list(page.auto_paging_iter())

        return [read_event(event.to_dict()) for event in self._stripe.query("undelivered_events", walk)]


def _span(since: datetime, until: datetime, after: str) -> Any:
    span = {"created": {"gte": unix(since), "lte": int(until.astimezone(UTC).timestamp()) + 60}, "limit": PAGE}
    return {**span, "starting_after": after} if after else span
