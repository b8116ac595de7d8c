"""Payouts and what they are made of."""

from datetime import UTC, datetime
from typing import Any

import stripe

from codepop.gateways.payments.listings import Page
from codepop.gateways.payments.payouts import PayoutMovement, ProviderPayout
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import PAGE, id_of, unix


class Payouts:
    """PayoutGateway over Stripe."""

    _stripe: Connection

    def list_payouts(self, *, since: datetime) -> list[ProviderPayout]:
        def walk(client: stripe.StripeClient) -> list[stripe.Payout]:
            page = client.v1.payouts.list({"created": {"gte": unix(since)}, "limit": PAGE})
            return list(page.auto_paging_iter())

        return [_payout(one) for one in self._stripe.query("list_payouts", walk)]

    def page_of_movements(
        self, *, since: datetime | None = None, until: datetime | None = None, source: str = "", after: str = ""
    ) -> Page[PayoutMovement]:
        params: Any = {"limit": PAGE, **({"source": source} if source else {})}
        if since and until:
            params["created"] = {"gte": unix(since), "lt": unix(until)}
        if after:
            params["starting_after"] = after
        found = self._stripe.query("page_of_movements", lambda client: client.v1.balance_transactions.list(params))
        moved = [_movement(one) for one in found.data if one.type not in ("payout", "payout_failure")]
        return Page(moved, found.data[-1].id if found.has_more else "")

    def list_payout_movements(self, *, payout_id: str) -> list[PayoutMovement]:
        def walk(client: stripe.StripeClient) -> list[stripe.BalanceTransaction]:
            page = client.v1.balance_transactions.list({"payout": payout_id, "limit": PAGE})
            return [one for one in page.auto_paging_iter() if one.type != "payout"]

        return [_movement(one) for one in self._stripe.query("list_payout_movements", walk)]


def _payout(found: stripe.Payout) -> ProviderPayout:
    return ProviderPayout(
        id=found.id,
        status=found.status,
        amount_cents=found.amount,
        currency=found.currency,
        arrives_on=datetime.fromtimestamp(found.arrival_date, UTC).date(),
        created_at=datetime.fromtimestamp(found.created, UTC),
    )


def _movement(found: stripe.BalanceTransaction) -> PayoutMovement:
    return PayoutMovement(
        id=found.id,
        kind=found.type,
        source=id_of(found.source),
        amount_cents=found.amount,
        fee_cents=found.fee,
        net_cents=found.net,
        currency=found.currency,
        created_at=datetime.fromtimestamp(found.created, UTC),
    )
