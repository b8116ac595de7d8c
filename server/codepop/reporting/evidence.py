"""The evidence pack of a dispute: what our own records say of the order, in words a bank's reader understands.

Nothing about the person goes into it that the bank doesn't have: no name, no address, no location, no account, and no
name they gave a drink, which may say anything. Times are the store's own, with the zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from codepop.catalog.selectors import size_text
from codepop.gateways.payments import Evidence
from codepop.reporting.figures import money
from codepop.reporting.records import PaymentRecord
from codepop.reporting.selectors import OrderFacts
from codepop.stores.selectors import StoreView

TEXT_LIMIT: Final = 15_000
"""Stripe takes 20,000 characters a field and 150,000 in all."""

REFUND_POLICY: Final = (
    "CodePop refunds an order in full when it is cancelled before a robot starts and when our machines can't make it. "
    "Faulty, wrong or missing drinks are refunded or made again by the store's staff."
)
_SPOKEN: Final[Mapping[str, str]] = {
    "payment_pending": "Order placed",
    "paid": "Payment confirmed",
    "queued": "Sent to the robots",
    "preparing": "A robot started making it",
    "ready": "Finished and put behind its cooler door",
    "picked_up": "Picked up: the door was opened with the customer's code",
    "cancelled": "Cancelled",
    "failed": "Could not be made",
    "discarded": "Not picked up in time, discarded",
}
_DEVICES: Final[Mapping[str, str]] = {
    "started": "Robot reports: started",
    "loaded": "Robot reports: drinks behind the door",
    "failed": "Robot reports: failed",
    "door_opened": "Door controller reports: opened",
    "door_closed": "Door controller reports: closed",
    "discarded": "Door controller reports: emptied",
}


@dataclass(frozen=True)
class Pack:
    """The evidence, and what a person should know before it is sent."""

    evidence: Evidence
    delivered: bool
    """Our records show that the drinks were fetched; without that the bank will hardly decide for us."""
    warnings: tuple[str, ...]


def make_pack(record: PaymentRecord, order: OrderFacts, store: StoreView) -> Pack:
    """Build the pack from the order's lines, history, machines' reports and refunds; two statements."""
    zone = ZoneInfo(store.timezone)
    events = [(one.at, _SPOKEN.get(one.status, one.status)) for one in order.history]
    door, telemetry = _machines(record.record.order_id)
    activity = sorted(events + telemetry)
    delivered = order.row.status == "picked_up"
    served = next((one.at for one in order.history if one.status == "picked_up"), record.record.at)
    return Pack(
        evidence=Evidence(
            product=_product(order, store)[:TEXT_LIMIT],
            served_on=f"{served.astimezone(zone):%B} {served.astimezone(zone).day}, {served.astimezone(zone).year}",
            activity="\n".join(f"{_at(at, zone)}  {text}" for at, text in activity)[:TEXT_LIMIT],
            refund_policy=REFUND_POLICY,
            refusal=_refusal(record, delivered=delivered, door=door),
            summary=_summary(record, order, store, zone)[:TEXT_LIMIT],
        ),
        delivered=delivered,
        warnings=_warnings(record, order, delivered=delivered),
    )


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _product(order: OrderFacts, store: StoreView) -> str:
    drinks = "\n".join(f"{line.quantity} x {line.menu_name} ({size_text(line.size)})" for line in order.lines)
    return (
        f"Freshly made soft drinks, ordered and paid in the CodePop app, made by robots and picked up from a locked "
        f"cooler door at {store.name}, {store.address}, {store.city}, {store.state}:\n{drinks}"
    )


def _refusal(record: PaymentRecord, *, delivered: bool, door: int | None) -> str:
    refunded = record.record.refunded_cents
    given = f" {money(refunded, record.record.currency)} was refunded already." if refunded else ""
    if not delivered:
        return f"Our records of this order are in the activity log.{given}"
    where = f" door {door}" if door else " its door"
    return (
        f"The drinks were made and{where} was opened with the one-time code that only the buyer's order page "
        f"shows.{given}"
    )


def _summary(record: PaymentRecord, order: OrderFacts, store: StoreView, zone: ZoneInfo) -> str:
    currency = record.record.currency
    lines = "\n".join(
        f"{line.quantity} x {line.menu_name}: {money(line.total_cents, currency)}" for line in order.lines
    )
    return (
        f"Receipt of order {record.record.code}, {_at(record.record.at, zone)}, {store.name}\n{lines}\n"
        f"Drinks: {money(order.subtotal_cents, currency)}\nTax: {money(order.tax_cents, currency)}\n"
        f"Charged: {money(record.record.amount_cents, currency)}\n"
        f"Text on the statement: {record.statement_suffix}\nCharge: {record.charge_id}"
    )


def _warnings(record: PaymentRecord, order: OrderFacts, *, delivered: bool) -> tuple[str, ...]:
    found = []
    if not delivered:
        found.append("Our records don't show that these drinks were picked up: losing is likely.")
    if record.record.refunded_cents >= record.record.amount_cents:
        found.append("All of this charge was refunded: say so, and the bank should close the dispute.")
    elif record.record.refunded_cents:
        found.append("A part of this charge was refunded already.")
    if order.row.status in ("failed", "discarded", "cancelled"):
        found.append("This order did not reach its customer.")
    return tuple(found)


def _machines(order_id: UUID) -> tuple[int | None, list[tuple[datetime, str]]]:
    """Return the door that was opened for an order, and what its machines reported, in words."""
    rows = _rows(_DOORS, {"order": order_id})
    moments = []
    door = None
    for number, loaded_at, opened_at in rows:
        if loaded_at:
            moments.append((loaded_at, f"Cooler door {number} holds the drinks"))
        if opened_at:
            door = number
            moments.append((opened_at, f"Cooler door {number} opened"))
    reports = _rows(_REPORTS, {"order": order_id})
    moments += [(at, _DEVICES[kind]) for at, kind in reports if kind in _DEVICES]
    return door, moments


_DOORS: Final = """
    SELECT door.number, used.loaded_at, used.opened_at
    FROM fulfilment_dooruse used
    JOIN fulfilment_ticket ticket ON ticket.id = used.ticket_id
    JOIN stores_coolerdoor door ON door.id = used.door_id
    WHERE ticket.order_id = %(order)s ORDER BY used.held_at"""
_REPORTS: Final = """
    SELECT event.at, event.type FROM fulfilment_deviceevent event
    JOIN fulfilment_ticket ticket ON ticket.id = event.ticket_id
    WHERE ticket.order_id = %(order)s ORDER BY event.at LIMIT 200"""


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
