"""/v1/refunds"""

from sandbox.store import Json
from sandbox.stripe import refunds
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, choice, integer, merge_metadata, metadata, schema, span, text, within
from sandbox.stripe.render import page, render

CREATE = schema(
    (),
    "currency customer instructions_email origin refund_application_fee reverse_transfer",
    amount=integer(1),
    charge=text(),
    payment_intent=text(),
    metadata=metadata,
    reason=choice("duplicate", "fraudulent", "requested_by_customer"),
)
UPDATE = schema(metadata=metadata)
LIST = schema(charge=text(), payment_intent=text(), created=span, **PAGE)


def _create(call: Call) -> Json:
    if isinstance(call.params.get("metadata"), dict):
        call.params["metadata"] = merge_metadata({}, call.params["metadata"])
    return render(call.account, refunds.create(call.account, call.params), call.params["expand"])


def _find(call: Call) -> Json:
    return call.account.get("refund", call.key, param="refund")


def _retrieve(call: Call) -> Json:
    return render(call.account, _find(call), call.params["expand"])


def _update(call: Call) -> Json:
    refund = _find(call)
    if "metadata" in call.params:
        refund["metadata"] = merge_metadata(refund["metadata"], call.params["metadata"])
        call.account.put("refund", refund)
        call.account.emit("refund.updated", refund)
    return render(call.account, refund, call.params["expand"])


def _cancel(call: Call) -> Json:
    return render(call.account, refunds.cancel(call.account, _find(call)), call.params["expand"])


def _list(call: Call) -> Json:
    charge, intent, bounds = call.params.get("charge"), call.params.get("payment_intent"), call.params.get("created")

    def keep(refund: Json) -> bool:
        return (
            (charge is None or refund["charge"] == charge)
            and (intent is None or refund["payment_intent"] == intent)
            and within(refund["created"], bounds)
        )

    return page(call.account, "refund", "/v1/refunds", call.params, keep)


OPERATIONS: Operations = {
    ("POST", "refunds"): Operation(CREATE, _create),
    ("GET", "refunds"): Operation(LIST, _list),
    ("GET", "refunds/*"): Operation(schema(), _retrieve),
    ("POST", "refunds/*"): Operation(UPDATE, _update),
    ("POST", "refunds/*/cancel"): Operation(schema(), _cancel),
}
