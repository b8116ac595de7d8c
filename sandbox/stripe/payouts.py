"""Payouts to the shop's bank: once a day, what is available, in each currency; arrived a day later, or come back."""

from sandbox.store import Json
from sandbox.stripe import balance, objects
from sandbox.stripe.account import Account

EVERY_SECONDS = objects.DAY
ARRIVAL_SECONDS = objects.DAY
TASK, ONLY = "daily_payout", "account"


def ensure_task(account: Account) -> None:
    """Promise the next daily payout unless it is promised already."""
    if not any(task["kind"] == TASK for task in account.store.all("task").values()):
        account.later(TASK, ONLY, EVERY_SECONDS)


def run_daily(account: Account) -> list[Json]:
    """Pay out what is available, and promise tomorrow's."""
    ensure_task(account)
    by_currency: dict[str, list[Json]] = {}
    for line in balance.unpaid(account):
        if line["status"] == "available":
            by_currency.setdefault(line["currency"], []).append(line)
    # What is owed to the provider stays in the balance until newer payments outweigh it.
    return [
        _pay(account, currency, lines)
        for currency, lines in by_currency.items()
        if sum(line["net"] for line in lines) > 0
    ]


def _pay(account: Account, currency: str, lines: list[Json]) -> Json:
    total = sum(line["net"] for line in lines)
    arrival = account.now() + ARRIVAL_SECONDS
    payout = objects.payout(
        account.new_id("po"), amount=total, currency=currency, created=account.now(), arrival=arrival
    )
    own = balance.book(account, kind="payout", source=payout, amount=-total, words="STRIPE PAYOUT")
    payout["balance_transaction"] = own["id"]
    for line in (*lines, own):
        line["_payout"] = payout["id"]
        account.put("balance_transaction", line)
    account.put("payout", payout)
    account.emit("payout.created", payout)
    account.emit("payout.reconciliation_completed", payout)
    account.later("finish_payout", payout["id"], ARRIVAL_SECONDS)
    return payout


def finish(account: Account, payout: Json) -> None:
    """The money has arrived at the bank."""
    if payout["status"] == "in_transit":
        payout["status"] = "paid"
        account.put("payout", payout)
        account.emit("payout.paid", payout)


def fail(account: Account, payout: Json) -> None:
    """The bank sent the money back: it is in the balance again and goes with the next payout. Paid ones fail too."""
    if payout["status"] in ("failed", "canceled"):
        return
    payout["status"], payout["failure_code"] = "failed", "account_closed"
    payout["failure_message"] = "The bank account has been closed."
    back = balance.book(account, kind="payout_failure", source=payout, amount=payout["amount"], words="PAYOUT FAILURE")
    payout["failure_balance_transaction"] = back["id"]
    account.put("payout", payout)
    account.emit("payout.failed", payout)
