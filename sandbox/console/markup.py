"""Small building blocks of the console's HTML. Every value that isn't markup goes through `esc`."""

import hashlib
import html
import time
from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.store import Json

NAVIGATION = (
    ("/", "Payments"),
    ("/disputes", "Disputes"),
    ("/payouts", "Payouts"),
    ("/events", "Events"),
    ("/deliveries", "Deliveries"),
    ("/requests", "Requests"),
    ("/mailbox", "Mailbox"),
    ("/cards", "Cards"),
    ("/clock", "Clock"),
    ("/faults", "Faults"),
)
# Where the pages of one thing lie, when not below the list's own address.
BELOW = {"/": "/payments/", "/mailbox": "/mailbox/"}
GOOD, BAD, OPEN, NEUTRAL = "ok", "bad", "warn", "plain"
TONES = {
    "succeeded": GOOD,
    "delivered": GOOD,
    "won": GOOD,
    "paid": GOOD,
    "in_transit": OPEN,
    "under_review": OPEN,
    "warning_needs_response": OPEN,
    "held": OPEN,
    "requires_action": OPEN,
    "requires_confirmation": OPEN,
    "requires_capture": OPEN,
    "processing": OPEN,
    "pending": OPEN,
    "needs_response": OPEN,
    "failed": BAD,
    "lost": BAD,
}
WORDS = {
    "requires_payment_method": "waits for a card",
    "requires_action": "3-D Secure open",
    "requires_confirmation": "not confirmed",
    "requires_capture": "held",
    "needs_response": "disputed",
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry under review",
    "warning_closed": "inquiry closed",
}
BRANDS = {"amex": "American Express", "jcb": "JCB", "unionpay": "UnionPay", "diners": "Diners Club"}
REFERENCE_KEYS = ("order", "order_id", "reference")


def esc(value: Any) -> str:
    return html.escape(str(value))


def money(amount: int, currency: str) -> str:
    return f"${amount / 100:,.2f}" if currency == "usd" else f"{amount / 100:,.2f} {esc(currency.upper())}"


def moment(stamp: float) -> str:
    """A time element; the page's script turns it into the reader's own time."""
    exact = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stamp))
    return f'<time datetime="{exact}">{exact[11:19]} UTC</time>'


def chip(word: str, tone: str | None = None) -> str:
    return (
        f'<span class="chip {tone or TONES.get(word, NEUTRAL)}">{esc(WORDS.get(word, word.replace("_", " ")))}</span>'
    )


def brand(name: str) -> str:
    """A card brand as people write it."""
    return esc(BRANDS.get(name, name.title()))


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def reference(item: Json) -> str:
    """What an intent is for, as a person would say it: order code, description, else the order's id; or nothing."""
    metadata = item.get("metadata") or {}
    spoken = metadata.get("order_code") or item.get("description")
    if spoken:
        return str(spoken)
    return next((str(metadata[key]) for key in REFERENCE_KEYS if metadata.get(key)), "")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, label: str) -> str:
    """A table of ready cells, scrolling sideways where it must; the first cell of a row names it."""
    head = "".join(f'<th scope="col">{esc(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{esc(name)}">{cell}</td>' for name, cell in zip(headings, row, strict=True))
        + "</tr>"
        for row in rows
    )
    caption = f'<caption class="unseen">{esc(label)}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<div><dt>{esc(name)}</dt><dd>{value}</dd></div>" for name, value in pairs) + "</dl>"


def empty(headline: str, words: str) -> str:
    return f'<div class="empty"><p class="empty-headline">{esc(headline)}</p><p>{esc(words)}</p></div>'


def page(*, title: str, path: str, live: str, fixed: str = "", below: str = "", faults: int = 0) -> str:
    """A whole page. `live` is what the script refreshes; `fixed` (filters, forms) above it and `below` stay."""
    links = "".join(_link(address, name, path, faults) for address, name in NAVIGATION)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{esc(title)} - CodePop sandbox</title><link rel="stylesheet" href="/console/console.css">'
        '<link rel="icon" href="/console/icon.svg" type="image/svg+xml"></head><body>'
        '<a class="skip" href="#main">Skip to content</a>'
        f'<header class="side"><a class="brand" href="/">CodePop <span>sandbox</span></a><nav'
        f' aria-label="Console">{links}</nav>'
        '<p class="side-note">Test money only. Nothing here reaches a bank.</p></header>'
        f'<main id="main" tabindex="-1"><h1>{esc(title)}</h1>{fixed}'
        f'<p id="announce" class="unseen" role="status"></p><div id="live" data-version="{version(live)}">{live}</div>'
        f"{below}</main>"
        '<script src="/console/console.js" defer></script></body></html>'
    )


def version(live: str) -> str:
    """Names a state of the live part, so that the script can tell whether it has changed."""
    return hashlib.sha256(live.encode()).hexdigest()[:16]


def _link(address: str, name: str, path: str, faults: int) -> str:
    current = ' aria-current="page"' if address == path or path.startswith(BELOW.get(address, "//")) else ""
    note = f' <span class="count">{faults}<span> on</span></span>' if address == "/faults" and faults else ""
    return f'<a href="{address}"{current}>{name}{note}</a>'
