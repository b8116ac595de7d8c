"""The console's webhook deliveries: what was sent where, how often, what the receiver said, what waits."""

from collections.abc import Iterator

from sandbox.console.markup import chip, empty, esc, moment, table
from sandbox.store import Json, Store

SHOWN = 100
STATUSES = ("pending", "held", "delivered", "failed", "lost", "stopped")


def filter_form(query: dict[str, str]) -> str:
    chosen = query.get("status")
    options = "".join(
        f'<option value="{status}"{" selected" if chosen == status else ""}>{status}</option>' for status in STATUSES
    )
    return (
        '<form class="filter" method="get" role="search"><div><label for="status">Status</label>'
        f'<select id="status" name="status"><option value="">all</option>{options}</select></div>'
        "<button>Show</button></form>"
    )


def delivery_table(store: Store, query: dict[str, str]) -> str:
    """The newest deliveries that match the filter."""
    rows = [_row(store, item) for item, _ in zip(_matching(store, query.get("status", "")), range(SHOWN), strict=False)]
    if not rows and not store.all("delivery"):
        return empty("No deliveries yet", "Each event makes one for every endpoint that asked for it.")
    if not rows:
        return empty("Nothing matches", "Choose another status to see more.")
    headings = ("Event", "Status", "Tries", "Last answer", "Endpoint", "Time")
    return f'<div class="card">{table(headings, rows, label="Deliveries, newest first")}</div>'


def _matching(store: Store, status: str) -> Iterator[Json]:
    return (item for item in store.newest_first("delivery") if status in ("", item["status"]))


def _row(store: Store, item: Json) -> tuple[str, ...]:
    endpoint = store.get("webhook_endpoint", item["endpoint"])
    last = item["attempts"][-1] if item["attempts"] else None
    said = esc(last["status"] or last["error"]) if last else '<span class="quiet">none yet</span>'
    return (
        f'<a href="/events#{esc(item["event"])}">{esc(item["type"])}</a>',
        chip(item["status"]),
        str(len(item["attempts"])),
        said,
        f'<span class="mono">{esc(endpoint["url"] if endpoint and not endpoint.get("deleted") else "gone")}</span>',
        moment(item["created"]),
    )
