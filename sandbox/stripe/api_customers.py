"""/v1/customers, /v1/customer_sessions and /v1/ephemeral_keys"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import methods, objects, search
from sandbox.stripe.account import random_text
from sandbox.stripe.errors import invalid
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import (
    ADDRESS,
    PAGE,
    SHIPPING,
    array,
    choice,
    flag,
    group,
    integer,
    merge_metadata,
    metadata,
    schema,
    span,
    text,
    within,
)
from sandbox.stripe.render import page, render

UNSUPPORTED = (
    "balance business_name cash_balance individual_name invoice_prefix next_invoice_sequence source tax"
    " tax_exempt validate"
)
PERSON: dict[str, Any] = {
    "address": ADDRESS,
    "description": text(),
    "email": text(512),
    "metadata": metadata,
    "name": text(256),
    "phone": text(20),
    "preferred_locales": array(text()),
    "shipping": SHIPPING,
    "invoice_settings": group(default_payment_method=text()),
}
CREATE = schema((), UNSUPPORTED + " tax_id_data test_clock", payment_method=text(), **PERSON)
UPDATE = schema((), UNSUPPORTED + " default_source", **PERSON)
LIST = schema((), "test_clock", created=span, email=text(), **PAGE)
SEARCH = schema(("query",), query=text(clearable=False), limit=integer(1, 100), page=text())
METHODS = schema(type=text(), allow_redisplay=choice("always", "limited", "unspecified"), **PAGE)
SESSION_SECONDS = 1800
KEY_SECONDS = 3600


def _find(call: Call) -> Json:
    return call.account.get("customer", call.key, param="id")


def _create(call: Call) -> Json:
    account, params = call.account, call.params
    params["metadata"] = merge_metadata({}, params.get("metadata"))
    customer = objects.customer(
        account.new_id("cus"),
        created=account.now(),
        values={**params, "invoice_settings": None},
        prefix=random_text(8).upper(),
    )
    account.put("customer", customer)
    account.emit("customer.created", customer)
    if params.get("payment_method"):
        methods.attach(account, methods.resolve(account, params["payment_method"]), customer["id"])
    _set_default(call, customer)
    return render(account, customer, params["expand"])


def _set_default(call: Call, customer: Json) -> None:
    settings = call.params.get("invoice_settings")
    if settings is None or "default_payment_method" not in settings:
        return
    chosen = settings["default_payment_method"]
    if chosen:
        method = methods.resolve(call.account, chosen, param="invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            message = (
                "The customer does not have a payment method with the ID given. The payment method must be"
                " attached to the customer."
            )
            raise invalid(
                message, code="resource_missing", param="invoice_settings[default_payment_method]", stored=True
            )
        chosen = method["id"]
    customer["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": chosen}
    call.account.put("customer", customer)


def _retrieve(call: Call) -> Json:
    gone = call.account.store.get("customer", call.key)
    if gone and gone.get("deleted"):
        return {"id": gone["id"], "object": "customer", "deleted": True}
    return render(call.account, _find(call), call.params["expand"])


def _update(call: Call) -> Json:
    account, params = call.account, call.params
    customer = _find(call)
    if "metadata" in params:
        params["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    changed = {name: params[name] for name in PERSON if name in params and name != "invoice_settings"}
    previous = {name: customer[name] for name in changed}
    customer.update(changed)
    account.put("customer", customer)
    _set_default(call, customer)
    account.emit("customer.updated", customer, previous)
    return render(account, customer, params["expand"])


def _delete(call: Call) -> Json:
    customer = _find(call)
    for method in call.account.store.all("payment_method").values():
        if method["customer"] == customer["id"]:
            methods.detach(call.account, method)
    call.account.emit("customer.deleted", customer)
    sequence = customer["_seq"]
    customer.clear()
    customer.update({"id": call.key, "object": "customer", "deleted": True, "_seq": sequence})
    call.account.put("customer", customer)
    return {"id": call.key, "object": "customer", "deleted": True}


def _list(call: Call) -> Json:
    email, bounds = call.params.get("email"), call.params.get("created")
    return page(
        call.account,
        "customer",
        "/v1/customers",
        call.params,
        lambda item: (email is None or item["email"] == email) and within(item["created"], bounds),
    )


def _search(call: Call) -> Json:
    return search.results(call.account, "customer", "/v1/customers/search", call.params)


def _methods(call: Call) -> Json:
    customer, kind = _find(call), call.params.get("type")
    redisplay = call.params.get("allow_redisplay")
    return page(
        call.account,
        "payment_method",
        f"/v1/customers/{customer['id']}/payment_methods",
        call.params,
        lambda item: (
            item["customer"] == customer["id"]
            and kind in (None, item["type"])
            and redisplay in (None, item["allow_redisplay"])
        ),
    )


def _session(call: Call) -> Json:
    customer = call.account.get("customer", call.params["customer"], param="customer")
    now = call.account.now()
    asked = call.params["components"]
    components: Json = {}
    for name in COMPONENTS:
        components[name] = {"enabled": bool((asked.get(name) or {}).get("enabled"))}
        if name in WITH_FEATURES:
            components[name]["features"] = None
    return {
        "object": "customer_session",
        "client_secret": f"cuss_secret_{random_text(40)}",
        "components": components,
        "created": now,
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": now + SESSION_SECONDS,
        "livemode": False,
    }


def _ephemeral(call: Call) -> Json:
    call.account.get("customer", call.params["customer"], param="customer")
    now = call.account.now()
    return {
        "id": f"ephkey_{random_text(24)}",
        "object": "ephemeral_key",
        "created": now,
        "expires": now + KEY_SECONDS,
        "livemode": False,
        "secret": f"ek_test_{random_text(40)}",
    }


COMPONENTS = (
    "active_entitlements",
    "buy_button",
    "customer_portal",
    "customer_sheet",
    "mobile_payment_element",
    "payment_element",
    "pricing_table",
)
WITH_FEATURES = ("customer_sheet", "mobile_payment_element", "payment_element")
COMPONENT = group(enabled=flag(), features=lambda value, name: value)
COMPONENT_FIELDS: dict[str, Any] = dict.fromkeys(COMPONENTS, COMPONENT)
OPERATIONS: Operations = {
    ("POST", "customers"): Operation(CREATE, _create),
    ("GET", "customers"): Operation(LIST, _list),
    ("GET", "customers/search"): Operation(SEARCH, _search),
    ("GET", "customers/*"): Operation(schema(), _retrieve),
    ("POST", "customers/*"): Operation(UPDATE, _update),
    ("DELETE", "customers/*"): Operation(schema(), _delete),
    ("GET", "customers/*/payment_methods"): Operation(METHODS, _methods),
    ("POST", "customer_sessions"): Operation(
        schema(
            ("components", "customer"),
            "customer_account",
            customer=text(),
            components=group(**COMPONENT_FIELDS),
        ),
        _session,
    ),
    ("POST", "ephemeral_keys"): Operation(
        schema(("customer",), "issuing_card nonce verification_session", customer=text()), _ephemeral
    ),
}
