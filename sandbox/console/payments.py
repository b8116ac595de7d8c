"""The console's payments: all of them with their figures, and one with everything that happened to it."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.console.markup import brand, chip, counted, empty, esc, facts, moment, money, reference, table
from sandbox.store import Json, Store
from sandbox.stripe.account import public

SHOWN = 100
STATUSES = (
    "succeeded",
    "requires_payment_method",
    "requires_action",
    "requires_confirmation",
    "requires_capture",
    "canceled",
)


def card_words(store: Store, intent: Json) -> str:
    """The card of the latest charge or of the chosen payment method."""
    charge = store.get("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    method = store.get("payment_method", intent["payment_method"]) if intent["payment_method"] else None
    card = charge["payment_method_details"]["card"] if charge else (method["card"] if method else None)
    return f"{brand(card['brand'])} {esc(card['last4'])}" if card else '<span class="quiet">none yet</span>'


def refunded(store: Store, intent_id: str) -> int:
    """What was given back, failed refunds not counted."""
    return sum(
        item["amount"]
        for item in store.all("refund").values()
        if item["payment_intent"] == intent_id and item["status"] not in ("failed", "canceled")
    )


def figures(store: Store) -> str:
    """Five figures that answer: do I have to do anything?"""
    intents, refunds = store.all("payment_intent").values(), store.all("refund").values()
    taken = sum(item["amount_received"] for item in intents)
    back = sum(item["amount"] for item in refunds if item["status"] not in ("failed", "canceled"))
    waiting = sum(item["status"] == "pending" for item in store.all("delivery").values())
    undelivered = sum(item["status"] in ("failed", "lost") for item in store.all("delivery").values())
    declined = sum(item["status"] == "failed" for item in store.all("charge").values())
    cells = (
        ("Payments", f"{len(intents):,}", f"{sum(item['status'] == 'succeeded' for item in intents):,} succeeded"),
        ("Taken", money(taken, "usd"), "captured on cards"),
        ("Given back", money(back, "usd"), counted(len(refunds), "refund", "refunds")),
        ("Declined", f"{declined:,}", "card attempts"),
        ("Webhooks waiting", f"{waiting:,}", f"{undelivered:,} never arrived"),
    )
    boxes = "".join(
        f"<li><span>{name}</span><strong>{value}</strong><small>{note}</small></li>" for name, value, note in cells
    )
    return f'<ul class="figures">{boxes}</ul>'


def filter_form(query: dict[str, str]) -> str:
    chosen = query.get("status")
    options = "".join(
        f'<option value="{status}"{" selected" if chosen == status else ""}>{status.replace("_", " ")}</option>'
        for status in STATUSES
    )
    return (
        '<form class="filter" method="get" role="search"><div><label for="q">Find</label>'
        f'<input id="q" name="q" type="search" value="{esc(query.get("q", ""))}" placeholder="order, id, last four'
        f' digits"></div>'
        f'<div><label for="status">Status</label><select id="status" name="status"><option'
        f' value="">all</option>{options}'
        "</select></div><button>Show</button></form>"
    )


def overview(store: Store, query: dict[str, str]) -> str:
    """Newest payments that match the filter."""
    found = list(_matching(store, query))
    shown = found[:SHOWN]
    if not shown and not store.all("payment_intent"):
        return figures(store) + empty("No payments yet", "Place an order in the shop and it shows up here by itself.")
    if not shown:
        return figures(store) + empty("Nothing matches", "Clear the filter to see all payments.")
    events = _event_counts(store, {item["id"] for item in shown})
    rows = [_row(store, intent, events.get(intent["id"], 0)) for intent in shown]
    more = (
        f'<p class="quiet">The newest {SHOWN} are shown. Use the filter to find older ones.</p>'
        if len(found) > SHOWN
        else ""
    )
    headings = ("Amount", "Status", "Order", "Card", "Time", "Events", "Payment")
    return (
        figures(store) + '<div class="card">' + table(headings, rows, label="Payments, newest first") + more + "</div>"
    )


def _matching(store: Store, query: dict[str, str]) -> Iterator[Json]:
    wanted, status = query.get("q", "").strip().lower(), query.get("status", "")
    count = 0
    for intent in store.newest_first("payment_intent"):
        if status and intent["status"] != status:
            continue
        if wanted and wanted not in _haystack(store, intent):
            continue
        yield intent
        count += 1
        if count > SHOWN:
            return


def _haystack(store: Store, intent: Json) -> str:
    return " ".join(
        (
            intent["id"],
            *map(str, intent["metadata"].values()),
            card_words(store, intent),
            f"{intent['amount'] / 100:.2f}",
        )
    ).lower()


def _event_counts(store: Store, intents: set[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for event in store.all("event").values():
        item = event["data"]["object"]
        key = item["id"] if item["object"] == "payment_intent" else item.get("payment_intent")
        if key in intents:
            counts[key] = counts.get(key, 0) + 1
    return counts


def _row(store: Store, intent: Json, events: int) -> tuple[str, ...]:
    back = refunded(store, intent["id"])
    amount = f"<strong>{money(intent['amount'], intent['currency'])}</strong>"
    if back:
        amount += f' <span class="quiet">{money(back, intent["currency"])} back</span>'
    link = f'<a class="mono" href="/payments/{intent["id"]}">{esc(intent["id"][:14])}...</a>'
    return (
        amount,
        chip(intent["status"]),
        esc(reference(intent)) or '<span class="quiet">none</span>',
        card_words(store, intent),
        moment(intent["created"]),
        str(events),
        link,
    )


def detail(store: Store, intent: Json) -> str:
    """One payment: facts, charges, refunds, its events with their deliveries, the requests that touched it."""
    charges = [item for item in store.all("charge").values() if item["payment_intent"] == intent["id"]]
    refunds = [item for item in store.all("refund").values() if item["payment_intent"] == intent["id"]]
    disputes = [item for item in store.all("dispute").values() if item["payment_intent"] == intent["id"]]
    subjects = {intent["id"], *(item["id"] for item in (*charges, *refunds, *disputes))}
    parts = [_summary(store, intent), _charges(charges), _refunds(refunds), _disputes(disputes)]
    events = [event for event in store.newest_first("event") if event["_subject"] in subjects]
    parts.append(section("Events", event_list(store, events)))
    requests = [item for item in store.newest_first("request") if item["object"] in subjects]
    parts.append(section("Requests", request_table(requests)))
    return "".join(parts)


def section(title: str, body: str) -> str:
    return f'<section class="card"><h2>{esc(title)}</h2>{body}</section>' if body else ""


def _summary(store: Store, intent: Json) -> str:
    problem = intent["last_payment_error"]
    pairs = [
        ("Amount", f"<strong>{money(intent['amount'], intent['currency'])}</strong>"),
        ("Status", chip(intent["status"])),
        ("Received", money(intent["amount_received"], intent["currency"])),
        ("Given back", money(refunded(store, intent["id"]), intent["currency"])),
        ("Card", card_words(store, intent)),
        ("Created", moment(intent["created"])),
        ("Id", f'<span class="mono">{esc(intent["id"])}</span>'),
    ]
    if problem:
        pairs.append(
            ("Last problem", esc(f"{problem['message']} ({problem.get('decline_code') or problem.get('code')})"))
        )
    pairs += [(f"metadata: {name}", esc(value)) for name, value in intent["metadata"].items()]
    return f'<section class="card"><h2 class="unseen">Summary</h2>{facts(pairs)}</section>'


def _charges(charges: list[Json]) -> str:
    rows = [
        (
            money(item["amount"], item["currency"]),
            chip(item["status"]),
            f"{brand(item['payment_method_details']['card']['brand'])}"
            f" {esc(item['payment_method_details']['card']['last4'])}",
            esc(item["failure_message"] or item["outcome"]["seller_message"]),
            moment(item["created"]),
        )
        for item in reversed(charges)
    ]
    return section(
        "Charges", table(("Amount", "Status", "Card", "Outcome", "Time"), rows, label="Charges") if rows else ""
    )


def _refunds(refunds: list[Json]) -> str:
    rows = [
        (
            money(item["amount"], item["currency"]),
            chip(item["status"]),
            esc((item["reason"] or "none given").replace("_", " ")),
            moment(item["created"]),
        )
        for item in reversed(refunds)
    ]
    return section("Refunds", table(("Amount", "Status", "Reason", "Time"), rows, label="Refunds") if rows else "")


def _disputes(disputes: list[Json]) -> str:
    rows = [
        (money(item["amount"], item["currency"]), chip(item["status"]), esc(item["reason"].replace("_", " ")))
        for item in disputes
    ]
    return section("Disputes", table(("Amount", "Status", "Reason"), rows, label="Disputes") if rows else "")


def event_list(store: Store, events: list[Json]) -> str:
    """Events with their deliveries, a button to send each again, and the body that was sent."""
    if not events:
        return empty("No events yet", "Each step of a payment makes one.")
    wanted = {event["id"] for event in events}
    deliveries: dict[str, list[Json]] = {}
    for item in store.all("delivery").values():
        if item["event"] in wanted:
            deliveries.setdefault(item["event"], []).append(item)
    return '<ol class="events">' + "".join(_event(event, deliveries.get(event["id"], [])) for event in events) + "</ol>"


def _event(event: Json, deliveries: list[Json]) -> str:
    told = "".join(f"<li>{_delivery(item)}</li>" for item in deliveries)
    sent = f'<ul class="deliveries">{told}</ul>' if told else '<p class="quiet">No endpoint asked for it.</p>'
    body = esc(json.dumps(public(event), indent=2))
    return (
        f'<li id="{event["id"]}"><div class="event-head"><strong>{esc(event["type"])}</strong>'
        f" {moment(event['created'])}"
        f'<button type="button" class="small" data-post="/_sandbox/stripe/events/{event["id"]}/resend"'
        f' data-done="Sent again" aria-label="Send again: {esc(event["type"])}">Send again</button></div>{sent}'
        f'<details data-key="{event["id"]}"><summary>Body <span class="mono">{esc(event["id"])}</span></summary>'
        f'<pre tabindex="0">{body}</pre></details></li>'
    )


def _delivery(item: Json) -> str:
    attempts: list[dict[str, Any]] = item["attempts"]
    words = chip(item["status"])
    if attempts:
        last = attempts[-1]
        answer = f"answered {last['status']}" if last["status"] else esc(last["error"])
        words += f" {len(attempts)} {'try' if len(attempts) == 1 else 'tries'}, last {answer} in {last['ms']} ms"
    struck = {kind for attempt in attempts for kind in attempt["faults"]} | set(item["faults"])
    if struck:
        words += " " + "".join(chip(kind.removeprefix("webhook_").replace("_", " "), "warn") for kind in sorted(struck))
    return words


def request_table(requests: list[Json]) -> str:
    """The request log as a table, without card data (the log has none)."""
    if not requests:
        return empty("No requests yet", "The log keeps the newest five thousand.")
    rows = [
        (
            f'<span class="mono">{esc(item["method"])} {esc(item["path"])}</span>',
            chip(str(item["status"]), "ok" if item["status"] < 400 else "bad")
            + (f" {esc(item['error'])}" if item["error"] else "")
            + (" replayed" if item["replayed"] else "")
            + "".join(" " + chip(kind.replace("_", " "), "warn") for kind in item["faults"]),
            f'<span class="nowrap">{item["ms"]} ms</span>',
            moment(item["at"]),
            f'<details data-key="{item["id"]}"><summary>{esc(item["id"])}</summary><pre'
            f' tabindex="0">{esc(_request_body(item))}</pre></details>',
        )
        for item in requests[:SHOWN]
    ]
    return table(("Request", "Answer", "Took", "Time", "Parameters"), rows, label="Requests, newest first")


def _request_body(item: Json) -> str:
    return json.dumps(
        {"key": item["key"], "idempotency_key": item["idempotency_key"], "params": item["params"]}, indent=2
    )
