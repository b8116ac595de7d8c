"""Charges, read for people."""

from datetime import UTC, datetime

import stripe

from codepop.gateways.payments.charges import ProviderCharge
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import id_of


class Charges:
    """ChargeGateway over Stripe."""

    _stripe: Connection

    def fetch_charge(self, *, charge_id: str) -> ProviderCharge:
        found = self._stripe.query(
            "fetch_charge",
            lambda client: client.v1.charges.retrieve(charge_id, {"expand": ["balance_transaction"]}),
        )
        return _charge(found)


def _charge(found: stripe.Charge) -> ProviderCharge:
    details = found.payment_method_details
    card = details.card if details else None
    settled = found.balance_transaction
    outcome = found.outcome
    return ProviderCharge(
        id=found.id,
        intent_id=id_of(found.payment_intent),
        status=found.status,
        amount_cents=found.amount,
        refunded_cents=found.amount_refunded,
        fee_cents=settled.fee if isinstance(settled, stripe.BalanceTransaction) else None,
        currency=found.currency,
        disputed=found.disputed,
        card_brand=(card.brand or "") if card else "",
        card_last4=(card.last4 or "") if card else "",
        wallet=card.wallet.type if card and card.wallet else "",
        outcome=(outcome.seller_message or "") if outcome else "",
        risk=(outcome.risk_level or "") if outcome else "",
        created_at=datetime.fromtimestamp(found.created, UTC),
    )
