"""/v1/balance, /v1/balance_transactions and /v1/payouts"""

from sandbox.store import Json
from sandbox.stripe import balance
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, schema, span, text, within
from sandbox.stripe.render import page, render

LINES = schema(created=span, currency=text(), payout=text(), source=text(), type=text(), **PAGE)
PAYOUTS = schema(arrival_date=span, created=span, destination=text(), status=text(), **PAGE)


def _balance(call: Call) -> Json:
    return balance.balance(call.account)


def _list_lines(call: Call) -> Json:
    account, params = call.account, call.params
    payout = params.get("payout")
    if payout:
        account.get("payout", payout, param="payout")
    balance.refresh(account)
    return page(
        account,
        "balance_transaction",
        "/v1/balance_transactions",
        params,
        lambda item: (
            within(item["created"], params.get("created"))
            and all(params.get(name) in (None, item[name]) for name in ("currency", "source", "type"))
            and payout in (None, item.get("_payout"))
        ),
    )


def _retrieve_line(call: Call) -> Json:
    balance.refresh(call.account)
    return render(call.account, call.account.get("balance_transaction", call.key, param="id"), call.params["expand"])


def _list_payouts(call: Call) -> Json:
    params = call.params
    return page(
        call.account,
        "payout",
        "/v1/payouts",
        params,
        lambda item: (
            within(item["created"], params.get("created"))
            and within(item["arrival_date"], params.get("arrival_date"))
            and all(params.get(name) in (None, item[name]) for name in ("destination", "status"))
        ),
    )


def _retrieve_payout(call: Call) -> Json:
    return render(call.account, call.account.get("payout", call.key, param="payout"), call.params["expand"])


OPERATIONS: Operations = {
    ("GET", "balance"): Operation(schema(), _balance),
    ("GET", "balance_transactions"): Operation(LINES, _list_lines),
    ("GET", "balance_transactions/*"): Operation(schema(), _retrieve_line),
    ("GET", "payouts"): Operation(PAYOUTS, _list_payouts),
    ("GET", "payouts/*"): Operation(schema(), _retrieve_payout),
}
