"""Objects on their way out: expansion, lists with cursors, and the narrower view a publishable key gets."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.store import Json
from sandbox.stripe.account import EXPANDABLE, KIND_OF_PREFIX, Account, public
from sandbox.stripe.errors import invalid, missing_object

MAX_DEPTH = 4
BROWSER_FIELDS = {
    "payment_intent": frozenset(
        [
            "id",
            "object",
            "amount",
            "amount_details",
            "automatic_payment_methods",
            "canceled_at",
            "cancellation_reason",
            "capture_method",
            "client_secret",
            "confirmation_method",
            "created",
            "currency",
            "description",
            "last_payment_error",
            "livemode",
            "next_action",
            "payment_method",
            "payment_method_configuration_details",
            "payment_method_types",
            "processing",
            "receipt_email",
            "setup_future_usage",
            "shipping",
            "source",
            "status",
        ]
    ),
    "setup_intent": frozenset(
        [
            "id",
            "object",
            "automatic_payment_methods",
            "cancellation_reason",
            "client_secret",
            "created",
            "description",
            "last_setup_error",
            "livemode",
            "next_action",
            "payment_method",
            "payment_method_configuration_details",
            "payment_method_types",
            "status",
            "usage",
        ]
    ),
}


def render(account: Account, item: Json, expand: Iterable[str] = (), *, publishable: bool = False) -> Json:
    """The object as this caller may see it, with the asked fields expanded."""
    shown = public(item)
    if publishable and item["object"] in BROWSER_FIELDS:
        return browser_view(shown)
    for path in expand:
        _expand(account, shown, path.split("."), path)
    return shown


def browser_view(intent: Json) -> Json:
    """What a publishable key may see of an intent."""
    allowed = BROWSER_FIELDS[intent["object"]]
    return {name: value for name, value in intent.items() if name in allowed}


def _expand(account: Account, shown: Json, parts: list[str], path: str) -> None:
    name = parts[0]
    if len(parts) > MAX_DEPTH:
        raise invalid(f"You cannot expand more than {MAX_DEPTH} levels of a property ({path}).", param="expand")
    if shown["object"] == "charge" and name == "refunds":
        shown["refunds"] = _refunds_of(account, shown["id"])
        return
    if name not in EXPANDABLE.get(shown["object"], ()):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    value = shown[name]
    if isinstance(value, str):
        target = account.store.get(KIND_OF_PREFIX[value.split("_")[0]], value)
        value = shown[name] = public(target) if target else value
    if len(parts) > 1 and isinstance(value, dict):
        shown[name] = value = dict(value)
        _expand(account, value, parts[1:], path)


def _refunds_of(account: Account, charge_id: str) -> Json:
    refunds = [public(item) for item in account.store.newest_first("refund") if item["charge"] == charge_id]
    return {
        "object": "list",
        "data": refunds[:10],
        "has_more": len(refunds) > 10,
        "url": f"/v1/charges/{charge_id}/refunds",
    }


def page(
    account: Account,
    kind: str,
    url: str,
    params: dict[str, Any],
    keep: Callable[[Json], bool] = lambda item: True,
    limit: int = 10,
) -> Json:
    """A list in Stripe's shape, newest first, from the cursors in `params`."""
    after, before, size = params.get("starting_after"), params.get("ending_before"), params.get("limit", limit)
    for name in ("starting_after", "ending_before"):
        if params.get(name) and account.store.get(kind, params[name]) is None:
            raise missing_object(kind, params[name], name)
    if before:
        return _page_before(account, kind, url, params, keep, size)
    found: list[Json] = []
    skipping = after is not None
    for item in account.store.newest_first(kind):
        if skipping:
            skipping = item["id"] != after
            continue
        if not item.get("deleted") and keep(item):
            found.append(item)
            if len(found) > size:
                break
    return _list(account, found[:size], url, params, has_more=len(found) > size)


def _page_before(
    account: Account, kind: str, url: str, params: dict[str, Any], keep: Callable[[Json], bool], size: int
) -> Json:
    found: list[Json] = []
    skipping = True
    for item in account.store.all(kind).values():
        if skipping:
            skipping = item["id"] != params["ending_before"]
            continue
        if not item.get("deleted") and keep(item):
            found.append(item)
            if len(found) > size:
                break
    return _list(account, list(reversed(found[:size])), url, params, has_more=len(found) > size)


def _list(account: Account, items: list[Json], url: str, params: dict[str, Any], *, has_more: bool) -> Json:
    return {
        "object": "list",
        "data": [render(account, item, data_expand(params["expand"])) for item in items],
        "has_more": has_more,
        "url": url,
    }


def data_expand(paths: Iterable[str]) -> list[str]:
    """The expansions of a list's items: each must begin with `data.`."""
    inner = []
    for path in paths:
        if not path.startswith("data."):
            raise invalid(
                f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.",
                param="expand",
            )
        inner.append(path.removeprefix("data."))
    return inner
