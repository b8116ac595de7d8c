"""/v1/setup_intents"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import setups
from sandbox.stripe.api_payment_intents import (
    AUTOMATIC,
    CARD_OPTIONS,
    MANDATE_DATA,
    METHOD_DATA,
    confirmation,
    find_intent,
    given_method,
)
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, array, choice, flag, merge_metadata, metadata, schema, span, text, within
from sandbox.stripe.render import page, render

KIND = "setup_intent"
CONFIRM: dict[str, Any] = {
    "payment_method": text(),
    "payment_method_data": METHOD_DATA,
    "payment_method_options": CARD_OPTIONS,
    "allowed_payment_method_types": array(choice("card")),
    "return_url": text(),
    "use_stripe_sdk": flag(),
    "mandate_data": MANDATE_DATA,
}
CREATE = schema(
    (),
    "attach_to_self confirmation_token customer_account excluded_payment_method_types flow_directions on_behalf_of"
    " payment_method_configuration single_use",
    automatic_payment_methods=AUTOMATIC,
    confirm=flag(),
    customer=text(),
    description=text(1000),
    metadata=metadata,
    usage=choice("off_session", "on_session"),
    **CONFIRM,
)
UPDATE = schema(
    (),
    "attach_to_self customer_account excluded_payment_method_types flow_directions payment_method_configuration",
    customer=text(),
    description=text(1000),
    metadata=metadata,
    payment_method=text(),
    payment_method_data=METHOD_DATA,
    payment_method_options=CARD_OPTIONS,
    allowed_payment_method_types=array(choice("card")),
)
LIST = schema((), "attach_to_self customer_account", created=span, customer=text(), payment_method=text(), **PAGE)


def _create(call: Call) -> Json:
    account, params = call.account, call.params
    params["metadata"] = merge_metadata({}, params.get("metadata"))
    method = given_method(account, params, publishable=call.publishable)
    intent = setups.create(account, params)
    if method:
        setups.set_method(account, intent, method)
    if params.get("confirm"):
        setups.confirm(account, intent, method, confirmation(params))
    return render(account, intent, params["expand"])


def _retrieve(call: Call) -> Json:
    return render(call.account, find_intent(call, KIND), call.params["expand"], publishable=call.publishable)


def _update(call: Call) -> Json:
    account, params = call.account, call.params
    intent = find_intent(call, KIND)
    if params.get("customer"):
        account.get("customer", params["customer"], param="customer")
    if "metadata" in params:
        params["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    intent.update({name: params[name] for name in ("customer", "description", "metadata") if name in params})
    method = given_method(account, params, publishable=call.publishable)
    if method:
        setups.set_method(account, intent, method)
    account.put(KIND, intent)
    return render(account, intent, params["expand"])


def _confirm(call: Call) -> Json:
    intent = find_intent(call, KIND)
    method = given_method(call.account, call.params, publishable=call.publishable)
    setups.confirm(call.account, intent, method, confirmation(call.params))
    return render(call.account, intent, call.params["expand"], publishable=call.publishable)


def _cancel(call: Call) -> Json:
    intent = setups.cancel(call.account, find_intent(call, KIND), call.params.get("cancellation_reason"))
    return render(call.account, intent, call.params["expand"])


def _list(call: Call) -> Json:
    params = call.params
    return page(
        call.account,
        KIND,
        "/v1/setup_intents",
        params,
        lambda item: (
            within(item["created"], params.get("created"))
            and all(params.get(name) in (None, item[name]) for name in ("customer", "payment_method"))
        ),
    )


OPERATIONS: Operations = {
    ("POST", "setup_intents"): Operation(CREATE, _create),
    ("GET", "setup_intents"): Operation(LIST, _list),
    ("GET", "setup_intents/*"): Operation(schema(client_secret=text()), _retrieve, browser=True),
    ("POST", "setup_intents/*"): Operation(UPDATE, _update),
    ("POST", "setup_intents/*/confirm"): Operation(
        schema((), "confirmation_token", client_secret=text(), **CONFIRM), _confirm, browser=True
    ),
    ("POST", "setup_intents/*/cancel"): Operation(
        schema(cancellation_reason=choice("abandoned", "duplicate", "requested_by_customer")), _cancel
    ),
}
