"""The parameters of the official SDK: which list belongs to which operation, and whether a request keeps to it."""

import importlib
import re
import sys
import types
import typing
from functools import cache
from typing import Any

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
    ("GET", "balance"): "BalanceRetrieve",
    ("GET", "payouts"): "PayoutList",
    ("GET", "payouts/*"): "PayoutRetrieve",
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
    ("GET", "setup_attempts"): "SetupAttemptList",
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
# Names that exist for type checkers only.
UNSEEN: dict[str, Any] = {"StripeContext": Any, "UntypedStripeObject": dict}


def name_of(method: str, path: str) -> str | None:
    """The SDK's list for `POST payment_intents/pi_1/confirm`; None for an address that it doesn't know."""
    exact = NAMES.get((method, path))
    parts = path.split("/")
    return exact or (NAMES.get((method, "/".join([parts[0], "*", *parts[2:]]))) if len(parts) > 1 else None)


def check_params(raw: dict[str, Any], name: str) -> list[str]:
    """What the SDK's types don't allow in a form-encoded request (nested, values as text)."""
    return _check_dict(raw, getattr(importlib.import_module("stripe.params"), f"{name}Params"), name)


@cache
def _fields_of(cls: type) -> dict[str, Any]:
    # get_type_hints would fail on the names that exist for type checkers only, and drop nothing we need.
    return {
        field: _resolved(annotation, cls)
        for field, annotation in cls.__annotations__.items()
        if field == "expand" or field not in OPTIONS
    }


def _resolved(annotation: Any, cls: type) -> Any:
    while typing.get_origin(annotation) in (typing.NotRequired, typing.Required):
        annotation = typing.get_args(annotation)[0]
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return eval(annotation, {**vars(typing), **UNSEEN, **vars(sys.modules[cls.__module__])})
    return annotation


def _check_dict(raw: Any, cls: Any, path: str) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{path}: not an object"]
    fields = _fields_of(cls)
    found = [f"{path}.{name}: unknown parameter" for name in raw if name not in fields]
    found += [f"{path}.{name}: missing" for name in cls.__required_keys__ if name not in raw]
    for name, value in raw.items():
        if name in fields:
            found += _check(value, fields[name], f"{path}.{name}", cls)
    return found


def _check(value: Any, annotation: Any, path: str, owner: type) -> list[str]:
    annotation = _resolved(annotation, owner)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any:
        return []
    if origin in (typing.Union, types.UnionType):
        words = [arm for arm in arguments if typing.get_origin(arm) is typing.Literal]
        # `Literal[...] | str` leaves room for words of the future, which we have no business sending.
        arms = [arm for arm in arguments if not (words and arm is str and words != [typing.Literal[""]])]
        if isinstance(value, dict):
            arms = [arm for arm in arms if typing.get_origin(arm) is not typing.Literal] or arms
        return min((_check(value, arm, path, owner) for arm in arms), key=len)
    if origin is typing.Literal:
        return [] if value in arguments else [f"{path}: unknown word {value!r}"]
    if origin is list:
        return _check_list(value, arguments[0], path, owner)
    if origin is dict:
        texts = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        return [] if texts else [f"{path}: not a mapping to texts"]
    # The SDK's are made by typing_extensions, which typing.is_typeddict doesn't know.
    if hasattr(annotation, "__required_keys__"):
        return _check_dict(value, annotation, path)
    return _check_plain(value, annotation, path)


def _check_list(value: Any, of: Any, path: str, owner: type) -> list[str]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        return [f"{path}: not a list"]
    return [problem for key, item in value.items() for problem in _check(item, of, f"{path}[{key}]", owner)]


PLAIN = {int: r"[+-]?\d+", bool: "true|false", float: r"[+-]?\d+(\.\d+)?", str: r"(?s).*", type(None): ""}


def _check_plain(value: Any, annotation: Any, path: str) -> list[str]:
    fits = isinstance(value, str) and re.fullmatch(PLAIN.get(annotation, "(?s).*"), value)
    return [] if fits else [f"{path}: {value!r} where {getattr(annotation, '__name__', annotation)} belongs"]
