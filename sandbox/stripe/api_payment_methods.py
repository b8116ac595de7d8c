"""/v1/payment_methods"""

from sandbox.store import Json
from sandbox.stripe import methods
from sandbox.stripe.api_payment_intents import BILLING, CARD_DATA
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, choice, group, integer, merge_metadata, metadata, schema, text
from sandbox.stripe.render import page, render

OTHER_TYPES = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik"
    " boleto cashapp crypto"
    " custom customer_balance eps fpx giropay grabpay ideal interac_present kakao_pay klarna konbini kr_card link"
    " mb_way mobilepay"
    " multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix promptpay"
    " revolut_pay samsung_pay"
    " satispay scalapay sepa_debit sequra sofort sunbit swish twint upi us_bank_account wechat_pay zip"
)
REDISPLAY = choice("always", "limited", "unspecified")
CREATE = schema(
    ("type",),
    OTHER_TYPES + " customer payment_method radar_options",
    type=text(clearable=False),
    card=CARD_DATA,
    billing_details=BILLING,
    metadata=metadata,
    allow_redisplay=REDISPLAY,
)
UPDATE = schema(
    (),
    "us_bank_account",
    allow_redisplay=REDISPLAY,
    billing_details=BILLING,
    card=group(exp_month=integer(1, 12), exp_year=integer()),
    metadata=metadata,
)
LIST = schema((), "customer_account", customer=text(), type=text(), allow_redisplay=REDISPLAY, **PAGE)


def _find(call: Call) -> Json:
    return methods.resolve(call.account, call.key)


def _create(call: Call) -> Json:
    call.params["metadata"] = merge_metadata({}, call.params.get("metadata"))
    method = methods.from_data(call.account, call.params, publishable=call.publishable)
    return render(call.account, method, call.params["expand"])


def _retrieve(call: Call) -> Json:
    return render(call.account, _find(call), call.params["expand"])


def _update(call: Call) -> Json:
    method, params = _find(call), call.params
    if "metadata" in params:
        method["metadata"] = merge_metadata(method["metadata"], params["metadata"])
    if params.get("billing_details"):
        method["billing_details"] = {**method["billing_details"], **params["billing_details"]}
    if params.get("card"):
        method["card"] = {**method["card"], **params["card"]}
    if "allow_redisplay" in params:
        method["allow_redisplay"] = params["allow_redisplay"]
    call.account.put("payment_method", method)
    call.account.emit("payment_method.updated", method)
    return render(call.account, method, params["expand"])


def _attach(call: Call) -> Json:
    return render(
        call.account, methods.attach(call.account, _find(call), call.params["customer"]), call.params["expand"]
    )


def _detach(call: Call) -> Json:
    return render(call.account, methods.detach(call.account, _find(call)), call.params["expand"])


def _list(call: Call) -> Json:
    customer, kind, redisplay = (call.params.get(name) for name in ("customer", "type", "allow_redisplay"))
    if customer:
        call.account.get("customer", customer, param="customer")
    return page(
        call.account,
        "payment_method",
        "/v1/payment_methods",
        call.params,
        lambda item: (
            (item["customer"] == customer if customer else item["customer"] is not None)
            and kind in (None, item["type"])
            and redisplay in (None, item["allow_redisplay"])
        ),
    )


OPERATIONS: Operations = {
    ("POST", "payment_methods"): Operation(CREATE, _create, browser=True),
    ("GET", "payment_methods"): Operation(LIST, _list),
    ("GET", "payment_methods/*"): Operation(schema(), _retrieve),
    ("POST", "payment_methods/*"): Operation(UPDATE, _update),
    ("POST", "payment_methods/*/attach"): Operation(
        schema(("customer",), "customer_account", customer=text(clearable=False)), _attach
    ),
    ("POST", "payment_methods/*/detach"): Operation(schema(), _detach),
}
