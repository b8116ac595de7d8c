"""The console's bank side: disputes with their decision, payouts with what they hold, and the clock that moves both."""

import json

from sandbox.clock import Clock
from sandbox.console.markup import chip, counted, empty, esc, facts, moment, money, table
from sandbox.store import Json, Store
from sandbox.stripe import balance
from sandbox.stripe.account import Account
from sandbox.stripe.disputes import ENDED

SHOWN = 100
STEPS = ((60, "1 minute"), (3600, "1 hour"), (86400, "1 day"), (3 * 86400, "3 days"), (14 * 86400, "14 days"))


def button(words: str, path: str, body: Json, *, done: str, name: str = "") -> str:
    """A button that sends a control call."""
    label = f' aria-label="{esc(name)}"' if name else ""
    return (
        f'<button type="button" class="small" data-post="{esc(path)}" data-body="{esc(json.dumps(body))}"'
        f' data-done="{esc(done)}"{label}>{esc(words)}</button>'
    )


def dispute_table(store: Store) -> str:
    """Disputes, newest first, open ones with the bank's two decisions."""
    newest = [item for item, _ in zip(store.newest_first("dispute"), range(SHOWN), strict=False)]
    if not newest:
        words = "Pay with 4000 0000 0000 0259, or open one at any payment's charge by the control API."
        return empty("No disputes yet", words)
    rows = [
        (
            f"<strong>{money(item['amount'], item['currency'])}</strong>",
            chip(item["status"]),
            esc(item["reason"].replace("_", " ")),
            _evidence(item),
            moment(item["evidence_details"]["due_by"]),
            f'<a class="mono" href="/payments/{esc(item["payment_intent"])}">{esc(item["payment_intent"][:14])}...</a>',
            _decisions(item),
        )
        for item in newest
    ]
    headings = ("Amount", "Status", "Reason", "Evidence", "Answer by", "Payment", "The bank decides")
    return f'<div class="card">{table(headings, rows, label="Disputes, newest first")}</div>'


def _evidence(dispute: Json) -> str:
    given = {name: value for name, value in dispute["evidence"].items() if isinstance(value, str)}
    if not given:
        return '<span class="quiet">none</span>'
    body = esc(json.dumps(given, indent=2))
    return (
        f'<details data-key="{dispute["id"]}"><summary>{counted(len(given), "field", "fields")}</summary>'
        f'<pre tabindex="0">{body}</pre></details>'
    )


def _decisions(dispute: Json) -> str:
    if dispute["status"] in ENDED:
        return '<span class="quiet">decided</span>'
    path, amount = f"/_sandbox/stripe/disputes/{dispute['id']}/decide", money(dispute["amount"], dispute["currency"])
    won = button("Won", path, {"won": True}, done="Decided: won", name=f"Won: dispute of {amount}")
    lost = button("Lost", path, {"won": False}, done="Decided: lost", name=f"Lost: dispute of {amount}")
    return f'<span class="buttons">{won}{lost}</span>'


def payout_page(account: Account) -> str:
    """What is in the balance, and the payouts that were made of it."""
    told = balance.balance(account)
    pairs = [
        (f"{name.title()}, {part['currency'].upper()}", f"<strong>{money(part['amount'], part['currency'])}</strong>")
        for name in ("available", "pending")
        for part in told[name]
    ]
    now = button("Pay out now", "/_sandbox/stripe/payouts", {}, done="Paid out what was available")
    newest = [item for item, _ in zip(account.store.newest_first("payout"), range(SHOWN), strict=False)]
    summary = f'<section class="card"><h2>Balance</h2>{facts(pairs)}<p class="after">{now}</p></section>'
    if not newest:
        return summary + empty("No payouts yet", "What was paid is available after two days and goes out once a day.")
    held: dict[str, int] = {}
    for line in account.store.all("balance_transaction").values():
        held[line.get("_payout") or ""] = held.get(line.get("_payout") or "", 0) + 1
    rows = [_payout(item, held.get(item["id"], 1) - 1) for item in newest]
    headings = ("Amount", "Status", "Holds", "Made", "Arrives", "Payout", "The bank")
    return f'{summary}<div class="card">{table(headings, rows, label="Payouts, newest first")}</div>'


def _payout(item: Json, lines: int) -> tuple[str, ...]:
    amount = money(item["amount"], item["currency"])
    back = button(
        "Send back", f"/_sandbox/stripe/payouts/{item['id']}/fail", {}, done="Sent back", name=f"Send back: {amount}"
    )
    return (
        f"<strong>{amount}</strong>",
        chip(item["status"]),
        counted(lines, "line", "lines"),
        moment(item["created"]),
        moment(item["arrival_date"]),
        f'<span class="mono">{esc(item["id"])}</span>',
        '<span class="quiet">sent it back</span>' if item["status"] == "failed" else back,
    )


def clock_page(clock: Clock, store: Store) -> str:
    """The sandbox's time, what waits for it, and buttons that let it pass."""
    waiting = sorted(store.all("task").values(), key=lambda task: task["due"])
    pairs = [
        ("Now", moment(clock.stamp())),
        ("Waits pass", f"{clock.factor:g} times as fast"),
        ("Runs", "stands still until it is moved" if clock.held_at is not None else "by itself"),
        ("Ahead of real time", counted(int(clock.offset), "second", "seconds")),
    ]
    steps = "".join(
        button(words, "/_sandbox/clock", {"advance_seconds": seconds}, done=f"{words} passed", name=f"Let {words} pass")
        for seconds, words in STEPS
    )
    rows = [
        (esc(task["kind"].replace("_", " ")), f'<span class="mono">{esc(task["subject"])}</span>', _wait(clock, task))
        for task in waiting[:SHOWN]
    ]
    promised = (
        table(("What", "About", "In"), rows, label="What waits for its time, soonest first")
        if rows
        else empty("Nothing waits", "Retries, payouts and late outcomes show up here.")
    )
    return (
        f'<section class="card"><h2>Time</h2>{facts(pairs)}<h3 class="after">Let time pass</h3>'
        f'<p class="buttons">{steps}</p></section><section class="card"><h2>Waiting</h2>{promised}</section>'
    )


def _wait(clock: Clock, task: Json) -> str:
    """How long until a task, coarse enough that the page doesn't change every second."""
    minutes = max(0, round((task["due"] - clock.waited()) / 60))
    for size, one, many in ((1440, "day", "days"), (60, "hour", "hours")):
        if minutes >= 2 * size:
            return counted(minutes // size, one, many)
    return counted(minutes, "minute", "minutes") if minutes else "a moment"
