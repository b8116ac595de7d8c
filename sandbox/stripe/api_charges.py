"""/v1/charges and /v1/disputes"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe import disputes, search
from sandbox.stripe.objects import EVIDENCE_FIELDS
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import (
    PAGE,
    SHIPPING,
    flag,
    group,
    integer,
    merge_metadata,
    metadata,
    schema,
    span,
    text,
    unbuilt,
    within,
)
from sandbox.stripe.render import page, render

LIST = schema((), "transfer_group", created=span, customer=text(), payment_intent=text(), **PAGE)
UPDATE = schema(
    (),
    "customer fraud_details transfer_group",
    description=text(),
    metadata=metadata,
    receipt_email=text(),
    shipping=SHIPPING,
)
SEARCH = schema(("query",), query=text(clearable=False), limit=integer(1, 100), page=text())
EVIDENCE: dict[str, Any] = {name: text(20000) for name in EVIDENCE_FIELDS} | {"enhanced_evidence": unbuilt}
DISPUTE_UPDATE = schema((), "intended_submission_method", evidence=group(**EVIDENCE), metadata=metadata, submit=flag())


def _matches(item: Json, params: dict[str, Any], *names: str) -> bool:
    return within(item["created"], params.get("created")) and all(
        params.get(name) in (None, item[name]) for name in names
    )


def _list_charges(call: Call) -> Json:
    return page(
        call.account,
        "charge",
        "/v1/charges",
        call.params,
        lambda item: _matches(item, call.params, "customer", "payment_intent"),
    )


def _retrieve_charge(call: Call) -> Json:
    return render(call.account, call.account.get("charge", call.key, param="id"), call.params["expand"])


def _update_charge(call: Call) -> Json:
    charge = call.account.get("charge", call.key, param="id")
    if "metadata" in call.params:
        call.params["metadata"] = merge_metadata(charge["metadata"], call.params["metadata"])
    charge.update(
        {
            name: call.params[name]
            for name in ("description", "metadata", "receipt_email", "shipping")
            if name in call.params
        }
    )
    call.account.put("charge", charge)
    call.account.emit("charge.updated", charge)
    return render(call.account, charge, call.params["expand"])


def _search(call: Call) -> Json:
    return search.results(call.account, "charge", "/v1/charges/search", call.params)


def _list_disputes(call: Call) -> Json:
    return page(
        call.account,
        "dispute",
        "/v1/disputes",
        call.params,
        lambda item: _matches(item, call.params, "charge", "payment_intent"),
    )


def _find_dispute(call: Call) -> Json:
    return call.account.get("dispute", call.key, param="dispute")


def _retrieve_dispute(call: Call) -> Json:
    return render(call.account, _find_dispute(call), call.params["expand"])


def _update_dispute(call: Call) -> Json:
    return render(call.account, disputes.submit(call.account, _find_dispute(call), call.params), call.params["expand"])


def _close_dispute(call: Call) -> Json:
    return render(call.account, disputes.close(call.account, _find_dispute(call), won=False), call.params["expand"])


OPERATIONS: Operations = {
    ("GET", "charges"): Operation(LIST, _list_charges),
    ("GET", "charges/search"): Operation(SEARCH, _search),
    ("GET", "charges/*"): Operation(schema(), _retrieve_charge),
    ("POST", "charges/*"): Operation(UPDATE, _update_charge),
    ("GET", "disputes"): Operation(schema(charge=text(), payment_intent=text(), created=span, **PAGE), _list_disputes),
    ("GET", "disputes/*"): Operation(schema(), _retrieve_dispute),
    ("POST", "disputes/*"): Operation(DISPUTE_UPDATE, _update_dispute),
    ("POST", "disputes/*/close"): Operation(schema(), _close_dispute),
}
