"""The account's balance: one line for every cent that moves, available after two days, paid out once a day."""

from sandbox.store import Json
from sandbox.stripe import objects
from sandbox.stripe.account import Account

# Stripe's standard settlement in the United States: two business days (docs.stripe.com/payouts, as of 2026).
SETTLE_DAYS = 2
OWN_MOVES = ("payout", "payout_failure")


def book(account: Account, *, kind: str, source: Json, amount: int, fee: int = 0, words: str | None = None) -> Json:
    """Write a line: `amount` is signed, `fee` is kept by the provider. Counted for a payout when it is available."""
    line = objects.balance_transaction(
        account.new_id("txn"), kind=kind, source=source, amount=amount, fee=fee, created=account.now()
    )
    if words is not None:
        line["description"] = words
    line["_payable"] = account.clock.waited() + (0 if kind in OWN_MOVES else SETTLE_DAYS * objects.DAY)
    line["_payout"] = None
    return account.put("balance_transaction", line)


def refresh(account: Account) -> None:
    """Turn lines available whose days are over. They come due in the order they were written."""
    now = account.clock.waited()
    for line in account.store.newest_first("balance_transaction"):
        if line["status"] == "pending" and line.get("_payable", 0.0) <= now:
            line["status"] = "available"
            account.put("balance_transaction", line)
        elif line["status"] == "available" and line["type"] not in OWN_MOVES:
            return


def unpaid(account: Account) -> list[Json]:
    """The lines that no payout has taken yet, oldest first."""
    refresh(account)
    return [line for line in account.store.all("balance_transaction").values() if line.get("_payout") is None]


def balance(account: Account) -> Json:
    """The balance object: what could be paid out now and what still waits, by currency."""
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for line in unpaid(account):
        place = sums[line["status"]]
        place[line["currency"]] = place.get(line["currency"], 0) + line["net"]
    currencies = sorted(set(sums["available"]) | set(sums["pending"])) or ["usd"]
    parts = {
        name: [
            {
                "amount": amounts.get(currency, 0),
                "currency": currency,
                "source_types": {"card": amounts.get(currency, 0)},
            }
            for currency in currencies
        ]
        for name, amounts in sums.items()
    }
    return {
        "object": "balance",
        **parts,
        "livemode": False,
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    }
