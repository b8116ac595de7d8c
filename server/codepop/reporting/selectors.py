"""Figures over several features' tables, each one SQL statement. Nothing here writes.

Reports read the tables themselves, not the features' queries: a sum over a day must not cost a row of Python for each
order. What a single thing is right now (a door, a robot, a stock level) comes from its own feature's selectors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from codepop.reporting.figures import Promise, Sold, Use

PAGE = 40
USE_DAYS = 14
DAYS_SHOWN = 14

IN_PROGRESS = ("queued", "preparing", "ready")
FUTURE = ("payment_pending", "paid")
PAST = ("picked_up", "cancelled", "expired", "failed", "discarded")
GROUPS: Mapping[str, tuple[str, ...]] = {"in-progress": IN_PROGRESS, "future": FUTURE, "past": PAST}


@dataclass(frozen=True)
class OrderRow:
    """One order in a store's list; nothing in it says who the customer is."""

    id: UUID
    status: str
    placed_at: datetime
    status_at: datetime
    total_cents: int
    currency: str
    drinks: int
    pickup_at: datetime | None
    ready_estimate_at: datetime | None
    door_number: int | None
    robot_name: str


@dataclass(frozen=True)
class OrderPage:
    """Some orders, newest first, and where the next page starts."""

    rows: list[OrderRow]
    before: UUID | None


@dataclass(frozen=True)
class Line:
    """A line of an order as it was sold."""

    name: str
    size: str
    quantity: int
    total_cents: int
    allergens: list[str]
    menu_name: str
    """The preset's own name: `name` may be what the buyer wrote."""


@dataclass(frozen=True)
class Moment:
    """One row of an order's history."""

    at: datetime
    status: str
    actor: str
    reason: str


@dataclass(frozen=True)
class PaymentFacts:
    """What our books say of an order's payment."""

    status: str
    amount_cents: int
    failures: int
    failure_message: str
    refunded_cents: int
    refund_status: str


@dataclass(frozen=True)
class OrderFacts:
    """An order for its store's staff."""

    row: OrderRow
    subtotal_cents: int
    tax_cents: int
    has_account: bool
    lines: list[Line]
    history: list[Moment]
    payment: PaymentFacts | None


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def sold(store_id: UUID, *, since: datetime, until: datetime) -> Sold:
    """Return the store's sales and refunds by the ledger, without tax (credits are negative there)."""
    ((sales, refunds),) = _rows(_SOLD, {"store": store_id, "since": since, "until": until})
    return Sold(sales_cents=sales, refunds_cents=refunds)


_SOLD = """
    SELECT coalesce(-sum(entry.amount_cents) FILTER (WHERE entry.account = 'sales'), 0)::bigint,
           coalesce(sum(entry.amount_cents) FILTER (WHERE entry.account = 'refunds'), 0)::bigint
    FROM payments_ledgertransaction booked JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id
    WHERE booked.store_id = %(store)s AND booked.happened_at >= %(since)s AND booked.happened_at < %(until)s"""


@dataclass(frozen=True)
class Day:
    """A day's money of a store, in minor units; sales are without tax."""

    day: date
    orders: int
    sales_cents: int
    refunds_cents: int
    tax_cents: int


def sold_by_day(store_id: UUID, *, timezone: str, at: datetime) -> list[Day]:
    """Return the last DAYS_SHOWN days (of the store's own clock) that had any booking, newest first."""
    values = {"store": store_id, "zone": timezone, "since": at - timedelta(days=DAYS_SHOWN), "at": at}
    return [Day(*row) for row in _rows(_BY_DAY, values)]


_BY_DAY = """
    SELECT (booked.happened_at AT TIME ZONE %(zone)s)::date,
           count(DISTINCT booked.id) FILTER (WHERE booked.kind = 'charge'),
           coalesce(-sum(entry.amount_cents) FILTER (WHERE entry.account = 'sales'), 0)::bigint,
           coalesce(sum(entry.amount_cents) FILTER (WHERE entry.account = 'refunds'), 0)::bigint,
           coalesce(-sum(entry.amount_cents) FILTER (WHERE entry.account = 'tax_payable'), 0)::bigint
    FROM payments_ledgertransaction booked JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id
    WHERE booked.store_id = %(store)s AND booked.happened_at >= %(since)s AND booked.happened_at <= %(at)s
    GROUP BY 1 ORDER BY 1 DESC"""


def promise(store_id: UUID, *, since: datetime, until: datetime) -> Promise:
    """Return how many orders became ready in the period, and how many by the time their customer was promised.

    That is the chosen time, or for an order started at once its quote's own number of seconds after its release.
    """
    ((ready, kept),) = _rows(_PROMISE, {"store": store_id, "since": since, "until": until})
    return Promise(ready=ready, kept=kept)


_PROMISE = """
    SELECT count(*), count(*) FILTER (
        WHERE ticket.loaded_at <= coalesce(ordered.pickup_at, ticket.release_at + (quote.ready_at - quote.created_at)))
    FROM fulfilment_ticket ticket
    JOIN ordering_order ordered ON ordered.id = ticket.order_id
    LEFT JOIN ordering_quote quote ON quote.id = ordered.quote_id
    WHERE ticket.store_id = %(store)s AND ticket.loaded_at >= %(since)s AND ticket.loaded_at < %(until)s
      AND (ordered.pickup_at IS NOT NULL OR quote.id IS NOT NULL)"""


def released_by_quarter(store_id: UUID, *, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Return how many orders went to the robots in each quarter hour that had any."""
    return [(at, count) for at, count in _rows(_QUARTERS, {"store": store_id, "since": since, "until": until})]


_QUARTERS = """
    SELECT date_bin('15 minutes', release_at, 'epoch'::timestamptz) AS quarter, count(*)
    FROM fulfilment_ticket
    WHERE store_id = %(store)s AND release_at >= %(since)s AND release_at < %(until)s AND status <> 'cancelled'
    GROUP BY 1 ORDER BY 1"""


def seconds_per_order(store_id: UUID, *, since: datetime) -> float | None:
    """Return the average planned making time of the orders released since, None when there were none."""
    ((seconds,),) = _rows(_SECONDS, {"store": store_id, "since": since})
    return float(seconds) if seconds is not None else None


_SECONDS = """
    SELECT avg(make_seconds) FROM fulfilment_ticket
    WHERE store_id = %(store)s AND release_at >= %(since)s AND make_seconds > 0"""


def stock_use(store_id: UUID, *, at: datetime) -> dict[UUID, Use]:
    """Return each ingredient's use: level after its last delivery, and units used on each of the last USE_DAYS days."""
    values = {"store": store_id, "since": at - timedelta(days=USE_DAYS), "at": at, "days": USE_DAYS}
    return {
        ingredient: Use(after_delivery=after, daily=tuple(daily)) for ingredient, after, daily in _rows(_USE, values)
    }


# Day 1 is the oldest; a day is 24 hours back from now, so that no time zone is needed and the last bar is whole.
_USE = """
    WITH used AS (
        SELECT ingredient_id, width_bucket(at, ARRAY(
                   SELECT %(since)s::timestamptz + interval '1 day' * n FROM generate_series(0, %(days)s - 1) AS n
               )) AS day, -sum(amount) AS units
        FROM inventory_stockmovement
        WHERE store_id = %(store)s AND kind = 'used' AND at >= %(since)s AND at <= %(at)s
        GROUP BY 1, 2
    ),
    delivered AS (
        SELECT ingredient_id, max(id) AS id FROM inventory_stockmovement
        WHERE store_id = %(store)s AND kind = 'received' GROUP BY 1
    )
    SELECT level.ingredient_id,
           level.on_hand - coalesce((
               SELECT sum(moved.amount) FROM inventory_stockmovement moved
               WHERE moved.store_id = %(store)s AND moved.ingredient_id = level.ingredient_id
                 AND moved.id > delivered.id
           ), 0)::int,
           ARRAY(
               SELECT coalesce(used.units, 0)::int FROM generate_series(1, %(days)s) AS n
               LEFT JOIN used ON used.ingredient_id = level.ingredient_id AND used.day = n ORDER BY n
           )
    FROM inventory_stocklevel level LEFT JOIN delivered USING (ingredient_id)
    WHERE level.store_id = %(store)s"""


def store_orders(store_id: UUID, *, group: str, before: UUID | None) -> OrderPage:
    """Return a page of a store's orders of a group (a key of GROUPS), newest first."""
    values = {"store": store_id, "statuses": list(GROUPS[group]), "before": before, "limit": PAGE + 1}
    rows = [OrderRow(*row) for row in _rows(_ORDERS, values)]
    return OrderPage(rows=rows[:PAGE], before=rows[PAGE - 1].id if len(rows) > PAGE else None)


_ORDER_COLUMNS = """
    id, status, created_at, status_at, total_cents, currency, drinks, pickup_at, ready_estimate_at, door_number,
    robot_name"""
_ORDERS = f"""
    SELECT {_ORDER_COLUMNS} FROM ordering_order
    WHERE store_id = %(store)s AND status = ANY(%(statuses)s) AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    ORDER BY id DESC LIMIT %(limit)s"""


def count_orders(store_id: UUID) -> dict[str, int]:
    """Return how many orders of the store are in progress and in the future."""
    ((in_progress, future),) = _rows(
        _COUNTS, {"store": store_id, "in_progress": list(IN_PROGRESS), "future": list(FUTURE)}
    )
    return {"in-progress": in_progress, "future": future}


_COUNTS = """
    SELECT count(*) FILTER (WHERE status = ANY(%(in_progress)s)), count(*) FILTER (WHERE status = ANY(%(future)s))
    FROM ordering_order
    WHERE store_id = %(store)s AND status IN ('payment_pending', 'paid', 'queued', 'preparing', 'ready')"""


def find_order(store_id: UUID, order_id: UUID) -> OrderFacts | None:
    """Return an order of this very store with its lines, history and payment; None when the store has none such."""
    found = _rows(_ORDER, {"store": store_id, "order": order_id})
    if not found:
        return None
    *columns, subtotal, tax, has_account = found[0]
    key = {"order": order_id}
    return OrderFacts(
        row=OrderRow(*columns),
        subtotal_cents=subtotal,
        tax_cents=tax,
        has_account=has_account,
        lines=[Line(*row) for row in _rows(_LINES, key)],
        history=[Moment(*row) for row in _rows(_HISTORY, key)],
        payment=next((PaymentFacts(*row) for row in _rows(_PAYMENT, key)), None),
    )


_ORDER = f"""
    SELECT {_ORDER_COLUMNS}, subtotal_cents, tax_cents, customer_id IS NOT NULL
    FROM ordering_order WHERE store_id = %(store)s AND id = %(order)s"""
_LINES = """
    SELECT line.name, line.size, line.quantity, line.total_cents,
           ARRAY(SELECT jsonb_array_elements_text(line.allergens)), coalesce(drink.name, 'Own mix')
    FROM ordering_orderline line LEFT JOIN catalog_drink drink ON drink.id = line.drink_id
    WHERE line.order_id = %(order)s ORDER BY line.position"""
_HISTORY = """
    SELECT at, to_status, actor, reason FROM ordering_ordertransition WHERE order_id = %(order)s ORDER BY id"""
_PAYMENT = """
    SELECT payment.status, payment.amount_cents, payment.failures, payment.failure_message,
           coalesce(sum(refund.amount_cents) FILTER (WHERE refund.status = 'succeeded'), 0)::bigint,
           coalesce((array_agg(refund.status ORDER BY refund.id DESC) FILTER (WHERE refund.id IS NOT NULL))[1], '')
    FROM payments_payment payment LEFT JOIN payments_refund refund ON refund.payment_id = payment.id
    WHERE payment.reference = %(order)s GROUP BY payment.id"""


@dataclass(frozen=True)
class Glance:
    """A store's state in a list of stores."""

    in_progress: int
    doors_taken: int
    robots_working: int
    robots: int
    stock_low: int


def glances(store_ids: list[UUID]) -> dict[UUID, Glance]:
    """Return the state of several stores at a glance, in one statement."""
    return {row[0]: Glance(*row[1:]) for row in _rows(_GLANCES, {"stores": store_ids})}


_GLANCES = """
    SELECT store.id,
        (SELECT count(*) FROM ordering_order ordered WHERE ordered.store_id = store.id
            AND ordered.status IN ('queued', 'preparing')),
        (SELECT count(*) FROM fulfilment_dooruse taken WHERE taken.store_id = store.id AND taken.state <> 'closed'),
        (SELECT count(*) FROM stores_robot robot WHERE robot.store_id = store.id
            AND robot.status NOT IN ('repair_start', 'out_of_order')),
        (SELECT count(*) FROM stores_robot robot WHERE robot.store_id = store.id),
        (SELECT count(*) FROM inventory_stocklevel level WHERE level.store_id = store.id
            AND level.on_hand - level.reserved <= level.low_threshold)
    FROM stores_store store WHERE store.id = ANY(%(stores)s)"""
