"""The schema oracle: judges a JSON object by the type annotations of the official stripe package.

The SDK's classes describe every field of the API version the SDK speaks: Optional means nullable or absent, Literal
names the known values, nested classes are sub-objects. That material is not ours, so it can judge what we wrote.
"""

import inspect
import os
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

import stripe

# The package loads its classes on first use, so they are looked up by the names of what the sandbox returns.
CLASSES: dict[str, type] = {
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "customer_session": stripe.CustomerSession,
    "dispute": stripe.Dispute,
    "ephemeral_key": stripe.EphemeralKey,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "setup_attempt": stripe.SetupAttempt,
    "setup_intent": stripe.SetupIntent,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
# Stripe's own example objects, which aren't part of the repository: they check the judge where they are at hand.
EXAMPLES = Path(
    os.environ.get("STRIPE_EXAMPLES")
    or Path(__file__).resolve().parents[3] / "shared" / "data" / "stripe" / "fixtures3.json"
)
LISTS = ("list", "search_result")
DELETED = {"id", "object", "deleted"}


def judge(data: Any) -> list[str]:
    """Everything in a reply that the SDK's types don't allow; empty when all is well."""
    if isinstance(data, dict) and "error" in data:
        return check_object(data["error"], stripe.ErrorObject, "error")
    name = data.get("object") if isinstance(data, dict) else None
    if name in LISTS:
        return _check_list(data)
    if name not in CLASSES:
        return [f"unknown object {name!r}"]
    if data.get("deleted"):
        return [] if set(data) == DELETED else [f"a deleted {name} has {sorted(data)}"]
    found = check_object(data, CLASSES[name], name)
    if name == "event":
        found += [f"event.data.object: {problem}" for problem in judge(data["data"]["object"])]
    return found


def _check_list(data: dict[str, Any]) -> list[str]:
    expected = {"object", "data", "has_more", "url"} | ({"next_page"} if data["object"] == "search_result" else set())
    found = [] if set(data) == expected else [f"a {data['object']} has {sorted(data)}"]
    for item in data["data"]:
        found += judge(item)
    return found


def check_object(data: Any, cls: type, path: str) -> list[str]:
    """Judge one object by one class."""
    if not isinstance(data, dict):
        return [f"{path}: not an object but {type(data).__name__}"]
    fields = fields_of(cls)
    found = [f"{path}.{name}: unknown field" for name in data if name not in fields]
    for name, annotation in fields.items():
        if name in data:
            found += check_value(data[name], annotation, f"{path}.{name}")
        elif not may_be_none(annotation):
            found.append(f"{path}.{name}: missing")
    return found


@cache
def fields_of(cls: type) -> dict[str, Any]:
    """Annotations of the class itself. get_type_hints would fail on names that exist only for type checkers."""
    return {
        name: annotation
        for name, annotation in inspect.get_annotations(cls).items()
        if "ClassVar" not in str(typing.get_origin(annotation)) and not name.startswith("_")
    }


def may_be_none(annotation: Any) -> bool:
    return annotation is Any or type(None) in typing.get_args(annotation)


def check_value(value: Any, annotation: Any, path: str) -> list[str]:
    """Judge a value by an annotation of any kind."""
    origin = typing.get_origin(annotation)
    if annotation is Any:
        return []
    if origin in (typing.Union, types.UnionType):
        return _check_union(value, typing.get_args(annotation), path)
    if origin is typing.Literal:
        return [] if value in typing.get_args(annotation) else [f"{path}: unknown value {value!r}"]
    if origin is list:
        return _check_items(value, typing.get_args(annotation)[0], path)
    if isinstance(origin, type):
        return _check_generic(value, origin, typing.get_args(annotation), path)
    if isinstance(annotation, typing.ForwardRef | str):
        return _check_reference(value, annotation, path)
    return _check_plain(value, annotation, path)


def _check_union(value: Any, arms: tuple[Any, ...], path: str) -> list[str]:
    if value is None:
        return [] if type(None) in arms else [f"{path}: null is not allowed"]
    literals = [arm for arm in arms if typing.get_origin(arm) is typing.Literal]
    if literals:
        # `Literal[...] | str` keeps the SDK open for values of the future; the sandbox has to stay with the known ones.
        arms = tuple(arm for arm in arms if arm is not str)
    verdicts = [check_value(value, arm, path) for arm in arms if arm is not type(None)]
    return min(verdicts, key=len)


def _check_items(value: Any, annotation: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: not a list but {type(value).__name__}"]
    return [problem for at, item in enumerate(value) for problem in check_value(item, annotation, f"{path}[{at}]")]


def _check_generic(value: Any, origin: type, arguments: tuple[Any, ...], path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: not an object but {type(value).__name__}"]
    if issubclass(origin, stripe.ListObject):
        found = [] if value.get("object") == "list" else [f"{path}: not a list object"]
        return found + _check_items(value.get("data"), arguments[0], f"{path}.data")
    return [problem for name, item in value.items() for problem in check_value(item, arguments[0], f"{path}.{name}")]


def _check_reference(value: Any, annotation: Any, path: str) -> list[str]:
    name = annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation
    cls = getattr(stripe, name, None)
    if not isinstance(cls, type):
        return [] if isinstance(value, dict) else [f"{path}: not an object"]
    return check_object(value, cls, path)


def _check_plain(value: Any, annotation: Any, path: str) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject):
        return check_object(value, annotation, path)
    if annotation is float and isinstance(value, int):
        return []
    exact = type(value) is annotation
    return [] if exact else [f"{path}: {type(value).__name__} where {annotation} belongs"]
