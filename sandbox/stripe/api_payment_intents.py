"""/v1/payment_intents"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import intents, methods, search
from sandbox.stripe.account import Account, public
from sandbox.stripe.errors import invalid, unexpected_state
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import (
    ADDRESS,
    PAGE,
    SHIPPING,
    array,
    choice,
    flag,
    flag_or_word,
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

BILLING = group(address=ADDRESS, email=text(), name=text(), phone=text(), tax_id=text())
CARD_DATA = group(
    number=text(), exp_month=integer(), exp_year=integer(), cvc=text(), token=text(), networks=group(preferred=text())
)
METHOD_DATA = group(
    ("type",),
    type=text(),
    card=CARD_DATA,
    billing_details=BILLING,
    metadata=metadata,
    allow_redisplay=choice("always", "limited", "unspecified"),
)
CARD_OPTIONS = group(
    card=group(
        clearable=True,
        request_three_d_secure=choice("any", "automatic", "challenge"),
        setup_future_usage=choice("none", "off_session", "on_session", clearable=True),
    )
)
AUTOMATIC = group(("enabled",), enabled=flag(), allow_redirects=choice("always", "never"))
MANDATE_DATA = group(
    clearable=True,
    customer_acceptance=group(
        type=text(),
        accepted_at=integer(),
        offline=group(),
        online=group(infer_from_client=flag(), ip_address=text(), user_agent=text()),
    ),
)
USAGE = choice("off_session", "on_session", clearable=True)
DESCRIPTION: dict[str, Any] = {
    "description": text(1000),
    "metadata": metadata,
    "receipt_email": text(800),
    "shipping": SHIPPING,
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}
CONFIRM: dict[str, Any] = {
    "payment_method": text(),
    "payment_method_data": METHOD_DATA,
    "payment_method_options": CARD_OPTIONS,
    "return_url": text(),
    "off_session": flag_or_word("one_off", "recurring"),
    "use_stripe_sdk": flag(),
    "error_on_requires_action": flag(),
    "setup_future_usage": USAGE,
    "mandate_data": MANDATE_DATA,
}
CREATE = schema(
    ("amount", "currency"),
    "amount_details application_fee_amount confirmation_token customer_account excluded_payment_method_types"
    " hooks mandate on_behalf_of payment_details payment_method_configuration radar_options transfer_data",
    amount=integer(1),
    currency=text(3, clearable=False),
    automatic_payment_methods=AUTOMATIC,
    capture_method=choice("automatic", "automatic_async", "manual"),
    confirm=flag(),
    confirmation_method=choice("automatic", "manual"),
    customer=text(),
    allowed_payment_method_types=array(choice("card")),
    **DESCRIPTION,
    **CONFIRM,
)
UPDATE = schema(
    (),
    "amount_details application_fee_amount customer_account excluded_payment_method_types hooks payment_details"
    " payment_method_configuration transfer_data",
    amount=integer(1),
    currency=text(3, clearable=False),
    capture_method=choice("automatic", "automatic_async", "manual"),
    customer=text(),
    payment_method=text(),
    payment_method_data=METHOD_DATA,
    payment_method_options=CARD_OPTIONS,
    allowed_payment_method_types=array(choice("card")),
    setup_future_usage=USAGE,
    **DESCRIPTION,
)
CONFIRM_SCHEMA = schema(
    (),
    "amount_details amount_to_confirm confirmation_token excluded_payment_method_types hooks mandate"
    " payment_details radar_options",
    capture_method=choice("automatic", "automatic_async", "manual"),
    allowed_payment_method_types=array(choice("card")),
    client_secret=text(),
    receipt_email=text(800),
    shipping=SHIPPING,
    **CONFIRM,
)
CAPTURE = schema(
    (),
    "amount_details application_fee_amount hooks payment_details transfer_data",
    amount_to_capture=integer(1),
    final_capture=flag(),
    metadata=metadata,
    statement_descriptor=text(22),
    statement_descriptor_suffix=text(22),
)
CANCEL = schema(cancellation_reason=choice("duplicate", "fraudulent", "requested_by_customer", "abandoned"))
LIST = schema((), "customer_account", created=span, customer=text(), **PAGE)
RETRIEVE = schema(client_secret=text())
SEARCH = schema(("query",), query=text(clearable=False), limit=integer(1, 100), page=text())


def find_intent(call: Call, kind: str = "payment_intent") -> Json:
    """The intent in the address. A browser must show its client secret, else it doesn't exist for it."""
    intent = call.account.get(kind, call.key, param="intent")
    secret = call.params.get("client_secret")
    if call.publishable and secret is None:
        raise invalid("Missing required param: client_secret.", code="parameter_missing", param="client_secret")
    if secret is not None and secret != intent["client_secret"]:
        message = "The client_secret provided does not match the client_secret associated with this object."
        raise invalid(
            message, code=f"{kind}_invalid_parameter" if kind == "payment_intent" else None, param="client_secret"
        )
    return intent


def given_method(account: Account, params: dict[str, Any], *, publishable: bool) -> Json | None:
    """The payment method named or described by the parameters, if any."""
    if params.get("payment_method"):
        return methods.resolve(account, params["payment_method"])
    if params.get("payment_method_data"):
        return methods.from_data(account, params["payment_method_data"], publishable=publishable)
    return None


def confirmation(params: dict[str, Any]) -> intents.Confirmation:
    return intents.Confirmation(
        off_session=bool(params.get("off_session")),
        return_url=params.get("return_url"),
        use_stripe_sdk=bool(params.get("use_stripe_sdk")),
        error_on_requires_action=bool(params.get("error_on_requires_action")),
    )


def _create(call: Call) -> Json:
    params = call.params
    params["currency"] = params["currency"].lower()
    if params.get("automatic_payment_methods", {}).get("enabled") and params.get("allowed_payment_method_types"):
        message = (
            "You may only specify one of these parameters: automatic_payment_methods, allowed_payment_method_types."
        )
        raise invalid(message, param="automatic_payment_methods")
    _refuse_stray(params, confirming=bool(params.get("confirm")))
    if isinstance(params.get("metadata"), dict):
        params["metadata"] = merge_metadata({}, params["metadata"])
    intents.check_amount(params["amount"], params["currency"])
    method = given_method(call.account, params, publishable=call.publishable)
    intent = intents.create(call.account, params)
    if method:
        intents.set_method(call.account, intent, method)
    if params.get("confirm"):
        intents.confirm(call.account, intent, method, confirmation(params))
    return render(call.account, intent, params["expand"])


def _refuse_stray(params: dict[str, Any], *, confirming: bool) -> None:
    if confirming:
        return
    for name in ("off_session", "return_url", "error_on_requires_action", "mandate_data"):
        if params.get(name):
            raise invalid(
                f"The parameter '{name}' cannot be passed when creating a PaymentIntent unless confirm is set to true.",
                param=name,
            )


def _retrieve(call: Call) -> Json:
    return render(call.account, find_intent(call), call.params["expand"], publishable=call.publishable)


def _update(call: Call) -> Json:
    account, params = call.account, call.params
    intent = find_intent(call)
    open_states = ("requires_payment_method", "requires_confirmation", "requires_action")
    fixed = [name for name in ("amount", "currency", "customer", "payment_method", "capture_method") if name in params]
    if intent["status"] not in open_states and fixed:
        message = f"This PaymentIntent's {fixed[0]} could not be updated because it has a status of {intent['status']}."
        raise unexpected_state(public(intent), message)
    if "amount" in params or "currency" in params:
        params["currency"] = (params.get("currency") or intent["currency"]).lower()
        params.setdefault("amount", intent["amount"])
        intents.check_amount(params["amount"], params["currency"])
    if params.get("customer"):
        account.get("customer", params["customer"], param="customer")
    method = given_method(account, params, publishable=call.publishable)
    if "metadata" in params:
        params["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    plain = (
        "amount",
        "currency",
        "customer",
        "capture_method",
        "setup_future_usage",
        "allowed_payment_method_types",
        *DESCRIPTION,
    )
    intent.update({name: params[name] for name in plain if name in params})
    intent["last_payment_error"] = None
    _apply_options(intent, params)
    if method:
        intents.set_method(account, intent, method)
    account.put("payment_intent", intent)
    return render(account, intent, params["expand"])


def _apply_options(intent: Json, params: dict[str, Any]) -> None:
    card = (params.get("payment_method_options") or {}).get("card") or {}
    if card.get("request_three_d_secure"):
        options = {**intent["payment_method_options"]["card"], "request_three_d_secure": card["request_three_d_secure"]}
        intent["payment_method_options"] = {**intent["payment_method_options"], "card": options}


def _confirm(call: Call) -> Json:
    account, params = call.account, call.params
    intent = find_intent(call)
    if intent["status"] not in intents.CONFIRMABLE:
        intents.confirm(account, intent, None, confirmation(params))
    method = given_method(account, params, publishable=call.publishable)
    intent.update(
        {
            name: params[name]
            for name in ("receipt_email", "shipping", "setup_future_usage", "capture_method")
            if name in params
        }
    )
    _apply_options(intent, params)
    intents.confirm(account, intent, method, confirmation(params))
    return render(account, intent, params["expand"], publishable=call.publishable)


def _capture(call: Call) -> Json:
    account, params = call.account, call.params
    intent = find_intent(call)
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    intents.capture(account, intent, params.get("amount_to_capture"))
    return render(account, intent, params["expand"])


def _cancel(call: Call) -> Json:
    intent = find_intent(call)
    intents.cancel(call.account, intent, call.params.get("cancellation_reason"))
    return render(call.account, intent, call.params["expand"])


def _list(call: Call) -> Json:
    bounds, customer = call.params.get("created"), call.params.get("customer")

    def keep(intent: Json) -> bool:
        return within(intent["created"], bounds) and (customer is None or intent["customer"] == customer)

    return page(call.account, "payment_intent", "/v1/payment_intents", call.params, keep)


def _search(call: Call) -> Json:
    return search.results(call.account, "payment_intent", "/v1/payment_intents/search", call.params)


OPERATIONS: Operations = {
    ("POST", "payment_intents"): Operation(CREATE, _create),
    ("GET", "payment_intents"): Operation(LIST, _list),
    ("GET", "payment_intents/search"): Operation(SEARCH, _search),
    ("GET", "payment_intents/*"): Operation(RETRIEVE, _retrieve, browser=True),
    ("POST", "payment_intents/*"): Operation(UPDATE, _update),
    ("POST", "payment_intents/*/confirm"): Operation(CONFIRM_SCHEMA, _confirm, browser=True),
    ("POST", "payment_intents/*/capture"): Operation(CAPTURE, _capture),
    ("POST", "payment_intents/*/cancel"): Operation(CANCEL, _cancel),
}
