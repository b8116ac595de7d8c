"""The parameters each operation takes, compared with the official SDK's own lists."""

import importlib
from typing import Any

import pytest
import stripe.params

from sandbox.stripe.wire import OPERATIONS

# What the SDK's lists hold besides the parameters themselves: options of the request.
OPTIONS = {
    "api_key",
    "stripe_version",
    "stripe_account",
    "stripe_context",
    "max_network_retries",
    "idempotency_key",
    "content_type",
    "headers",
    "expand",
}
NAMES = {
    ("POST", "payment_intents"): "PaymentIntentCreate",
    ("GET", "payment_intents"): "PaymentIntentList",
    ("GET", "payment_intents/search"): "PaymentIntentSearch",
    ("GET", "payment_intents/*"): "PaymentIntentRetrieve",
    ("POST", "payment_intents/*"): "PaymentIntentUpdate",
    ("POST", "payment_intents/*/confirm"): "PaymentIntentConfirm",
    ("POST", "payment_intents/*/capture"): "PaymentIntentCapture",
    ("POST", "payment_intents/*/cancel"): "PaymentIntentCancel",
    ("POST", "refunds"): "RefundCreate",
    ("GET", "refunds"): "RefundList",
    ("GET", "refunds/*"): "RefundRetrieve",
    ("POST", "refunds/*"): "RefundUpdate",
    ("POST", "refunds/*/cancel"): "RefundCancel",
    ("GET", "charges"): "ChargeList",
    ("GET", "charges/search"): "ChargeSearch",
    ("GET", "charges/*"): "ChargeRetrieve",
    ("POST", "charges/*"): "ChargeUpdate",
    ("GET", "balance_transactions"): "BalanceTransactionList",
    ("GET", "balance_transactions/*"): "BalanceTransactionRetrieve",
    ("GET", "disputes"): "DisputeList",
    ("GET", "disputes/*"): "DisputeRetrieve",
    ("POST", "disputes/*"): "DisputeUpdate",
    ("POST", "disputes/*/close"): "DisputeClose",
    ("POST", "customers"): "CustomerCreate",
    ("GET", "customers"): "CustomerList",
    ("GET", "customers/search"): "CustomerSearch",
    ("GET", "customers/*"): "CustomerRetrieve",
    ("POST", "customers/*"): "CustomerUpdate",
    ("DELETE", "customers/*"): "CustomerDelete",
    ("GET", "customers/*/payment_methods"): "CustomerPaymentMethodList",
    ("POST", "customer_sessions"): "CustomerSessionCreate",
    ("POST", "ephemeral_keys"): "EphemeralKeyCreate",
    ("POST", "payment_methods"): "PaymentMethodCreate",
    ("GET", "payment_methods"): "PaymentMethodList",
    ("GET", "payment_methods/*"): "PaymentMethodRetrieve",
    ("POST", "payment_methods/*"): "PaymentMethodUpdate",
    ("POST", "payment_methods/*/attach"): "PaymentMethodAttach",
    ("POST", "payment_methods/*/detach"): "PaymentMethodDetach",
    ("POST", "setup_intents"): "SetupIntentCreate",
    ("GET", "setup_intents"): "SetupIntentList",
    ("GET", "setup_intents/*"): "SetupIntentRetrieve",
    ("POST", "setup_intents/*"): "SetupIntentUpdate",
    ("POST", "setup_intents/*/confirm"): "SetupIntentConfirm",
    ("POST", "setup_intents/*/cancel"): "SetupIntentCancel",
    ("GET", "events"): "EventList",
    ("GET", "events/*"): "EventRetrieve",
    ("POST", "webhook_endpoints"): "WebhookEndpointCreate",
    ("GET", "webhook_endpoints"): "WebhookEndpointList",
    ("GET", "webhook_endpoints/*"): "WebhookEndpointRetrieve",
    ("POST", "webhook_endpoints/*"): "WebhookEndpointUpdate",
    ("DELETE", "webhook_endpoints/*"): "WebhookEndpointDelete",
}
# Sent by browsers with the publishable key; the server-side SDK has no need of it.
BROWSER_ONLY = {
    ("POST", "payment_intents/*/confirm"): {"client_secret"},
    ("POST", "setup_intents/*/confirm"): {"client_secret"},
}
# Stripe makes an ephemeral key for other things too, the sandbox only for a customer; an attachment needs one.
STRICTER = {
    ("POST", "ephemeral_keys"): {"customer"},
    ("POST", "customer_sessions"): {"customer"},
    ("POST", "payment_methods/*/attach"): {"customer"},
    ("POST", "payment_methods"): {"type"},
}


def _keys(name: str) -> tuple[set[str], set[str]]:
    params: Any = getattr(importlib.import_module("stripe.params"), f"{name}Params")
    required, optional = set(params.__required_keys__), set(params.__optional_keys__)
    return required - OPTIONS, (required | optional) - OPTIONS


def test_every_operation_is_compared() -> None:
    assert set(NAMES) == set(OPERATIONS)
    assert stripe.params.__name__ == "stripe.params"


@pytest.mark.parametrize("operation", sorted(NAMES), ids=" ".join)
def test_parameters_are_the_sdks(operation: tuple[str, str]) -> None:
    required, known = _keys(NAMES[operation])
    schema = OPERATIONS[operation].schema
    ours = set(schema.fields) | set(schema.unsupported)
    assert ours - BROWSER_ONLY.get(operation, set()) == known
    assert set(schema.required) - STRICTER.get(operation, set()) == required
    assert not set(schema.fields) & set(schema.unsupported)
