"""What CodePop needs of a payment provider, in CodePop's words: one small protocol in a module for each concern.

Amounts are integers in the currency's minor unit. Every command takes a `key`: the same key never has a second
effect at the provider. Commands raise `Unavailable`, `Refused` or `Unknown`; queries only the first two.
"""

from typing import Protocol

from codepop.gateways.errors import GatewayError, Refused, Unavailable, Unknown
from codepop.gateways.payments.charges import ChargeGateway, ProviderCharge
from codepop.gateways.payments.disputes import (
    DisputeGateway,
    DisputeStatus,
    Evidence,
    FundsMovement,
    ProviderDispute,
)
from codepop.gateways.payments.intents import Intent, IntentGateway, IntentRequest, IntentStatus
from codepop.gateways.payments.listings import ListingGateway, Page
from codepop.gateways.payments.methods import CustomerGone, MethodGateway, SavedMethod, Saving
from codepop.gateways.payments.payouts import PayoutGateway, PayoutMovement, ProviderPayout
from codepop.gateways.payments.refunds import ProviderRefund, ProviderRefundStatus, RefundGateway
from codepop.gateways.payments.webhooks import EventKind, ProviderEvent, WebhookGateway, WebhookRefused

__all__ = [
    "ChargeGateway",
    "CustomerGone",
    "DisputeGateway",
    "DisputeStatus",
    "EventKind",
    "Evidence",
    "FundsMovement",
    "GatewayError",
    "Intent",
    "IntentGateway",
    "IntentRequest",
    "IntentStatus",
    "ListingGateway",
    "MethodGateway",
    "Page",
    "PaymentGateway",
    "PayoutGateway",
    "PayoutMovement",
    "ProviderCharge",
    "ProviderDispute",
    "ProviderEvent",
    "ProviderPayout",
    "ProviderRefund",
    "ProviderRefundStatus",
    "RefundGateway",
    "Refused",
    "SavedMethod",
    "Saving",
    "Unavailable",
    "Unknown",
    "WebhookGateway",
    "WebhookRefused",
]


class PaymentGateway(
    IntentGateway,
    MethodGateway,
    RefundGateway,
    ChargeGateway,
    DisputeGateway,
    PayoutGateway,
    ListingGateway,
    WebhookGateway,
    Protocol,
):
    """All that a payment provider's gateway can do."""
