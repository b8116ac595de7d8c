"""Reading our database for the closing checks; never writes."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from simulator.customers.books import OrderRow, Ours

_ORDERS = """
    SELECT ordered.id::text, ordered.status, ordered.total_cents,
        (SELECT array_agg(moved.from_status || '>' || moved.to_status ORDER BY moved.id)
         FROM ordering_ordertransition moved WHERE moved.order_id = ordered.id),
        (SELECT coalesce(sum(entry.amount_cents), 0)
         FROM payments_payment payment
         JOIN payments_ledgertransaction booked ON booked.payment_id = payment.id
         JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id AND entry.account = 'stripe_receivable'
         WHERE payment.reference = ordered.id),
        (SELECT coalesce(sum(entry.amount_cents), 0)
         FROM payments_payment payment
         JOIN payments_ledgertransaction booked ON booked.payment_id = payment.id
         JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id
            AND entry.account IN ('disputed', 'dispute_losses')
         WHERE payment.reference = ordered.id),
        (SELECT coalesce(sum(entry.amount_cents), 0)
         FROM payments_payment payment
         JOIN payments_ledgertransaction booked ON booked.payment_id = payment.id
         JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id AND entry.account = 'provider_fees'
         WHERE payment.reference = ordered.id),
        (SELECT count(*) FROM payments_payment payment JOIN payments_refund refund ON refund.payment_id = payment.id
         WHERE payment.reference = ordered.id AND refund.status IN ('requested', 'pending'))
    FROM ordering_order ordered"""

_UNBALANCED = """
    SELECT count(*) FROM (
        SELECT transaction_id FROM payments_ledgerentry GROUP BY 1 HAVING sum(amount_cents) <> 0) AS bad"""

_STOCK = """
    WITH moved AS (
        SELECT store_id, ingredient_id, sum(amount) AS amount FROM inventory_stockmovement GROUP BY 1, 2
    ), held AS (
        SELECT store_id, item.key::uuid AS ingredient_id, sum(item.value::bigint) AS amount
        FROM inventory_reservation, jsonb_each_text(amounts) AS item WHERE status = 'active' GROUP BY 1, 2
    )
    SELECT store.slug, ingredient.slug, level.on_hand, coalesce(moved.amount, 0)::bigint, level.reserved,
           coalesce(held.amount, 0)::bigint
    FROM inventory_stocklevel level
    JOIN stores_store store ON store.id = level.store_id
    JOIN catalog_ingredient ingredient ON ingredient.id = level.ingredient_id
    LEFT JOIN moved ON moved.store_id = level.store_id AND moved.ingredient_id = level.ingredient_id
    LEFT JOIN held ON held.store_id = level.store_id AND held.ingredient_id = level.ingredient_id
    WHERE level.on_hand <> coalesce(moved.amount, 0) OR level.reserved <> coalesce(held.amount, 0)
       OR level.reserved > level.on_hand"""

# A reservation lives as long as its order can still be made, and is used up exactly when it was begun to be made.
_RESERVATIONS = """
    SELECT ordered.id::text, ordered.status, coalesce(held.status, 'none')
    FROM ordering_order ordered LEFT JOIN inventory_reservation held ON held.reference = ordered.id
    WHERE coalesce(held.status, 'none') <> CASE
        WHEN ordered.status IN ('payment_pending', 'paid', 'queued') THEN 'active'
        WHEN ordered.status IN ('preparing', 'ready', 'picked_up', 'discarded') THEN 'consumed'
        WHEN ordered.status IN ('cancelled', 'expired') THEN 'released'
        ELSE coalesce(held.status, 'none') END"""

_DOORS = """
    SELECT store.slug, door.number, used.state, ordered.status
    FROM fulfilment_dooruse used
    JOIN stores_coolerdoor door ON door.id = used.door_id
    JOIN stores_store store ON store.id = used.store_id
    JOIN fulfilment_ticket ticket ON ticket.id = used.ticket_id
    JOIN ordering_order ordered ON ordered.id = ticket.order_id
    WHERE used.state <> 'closed' AND (ordered.status NOT IN ('preparing', 'ready')
       OR (SELECT count(*) FROM fulfilment_dooruse other
           WHERE other.door_id = used.door_id AND other.state <> 'closed') > 1)"""

# A job that failed during the run, that nobody takes, or that somebody took long ago.
_JOBS = """
    SELECT job.task_name, job.status::text, count(*) FROM procrastinate_jobs job
    WHERE (job.status = 'failed' AND EXISTS (
           SELECT 1 FROM procrastinate_events event
           WHERE event.job_id = job.id AND event.type = 'failed' AND event.at >= %s))
       OR (job.status = 'todo' AND coalesce(job.scheduled_at, now()) < now() - interval '60 seconds')
       OR (job.status = 'doing' AND NOT EXISTS (
           SELECT 1 FROM procrastinate_events event
           WHERE event.job_id = job.id AND event.type = 'started' AND event.at > now() - interval '60 seconds'))
    GROUP BY 1, 2"""


class Database:
    """A read-only look at the platform's database."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url, autocommit=True) as connection:
            self._since = connection.execute("SELECT now()").fetchone()

    def read(self) -> Ours:
        """Return what the checks need, seen at one moment."""
        with psycopg.connect(self._url, autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            orders = [_order(row) for row in _all(connection, _ORDERS)]
            return Ours(
                orders={order.id: order for order in orders},
                stock=[*map(_stock_text, _all(connection, _STOCK)), *map(_held_text, _all(connection, _RESERVATIONS))],
                doors=[_door_text(row) for row in _all(connection, _DOORS)],
                jobs=[
                    f"{count} jobs {name} are {status}"
                    for name, status, count in connection.execute(_JOBS, self._since).fetchall()
                ],
                ledger_unbalanced=_all(connection, _UNBALANCED)[0][0],
            )

    def pay_until(self) -> dict[str, datetime]:
        """Return until when each order could or can be paid."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return dict(_all(connection, "SELECT id::text, pay_until FROM ordering_order"))

    def refunds_waiting(self, orders: Sequence[str]) -> int:
        """Return how many refunds of these orders are still under way."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute(_REFUNDS_WAITING, [list(orders)]).fetchone()
            return int(row[0]) if row else 0

    def wait_until_quiet(self, seconds: float) -> None:
        """Wait until no job and no refund is under way, at most so long."""
        end = time.monotonic() + seconds
        while self.waiting() and time.monotonic() < end:
            time.sleep(1)

    def waiting(self) -> int:
        """Return how many jobs and refunds are still under way."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return int(_all(connection, _WAITING)[0][0])


_WAITING = """
    SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queueing_lock IS NULL)
         + (SELECT count(*) FROM payments_refund WHERE status IN ('requested', 'pending'))"""

_REFUNDS_WAITING = """
    SELECT count(*) FROM payments_refund refund JOIN payments_payment payment ON payment.id = refund.payment_id
    WHERE refund.status IN ('requested', 'pending') AND payment.reference = ANY(%s::uuid[])"""


def _all(connection: psycopg.Connection[Any], statement: str) -> Sequence[tuple[Any, ...]]:
    return connection.execute(statement).fetchall()


def _order(row: tuple[Any, ...]) -> OrderRow:
    key, status, total, moves, ledger, disputed, fees, refunds_open = row
    history = [tuple(move.split(">", 1)) for move in moves or ()]
    return OrderRow(key, status, total, history, int(ledger), refunds_open, int(disputed), int(fees))


def _stock_text(row: tuple[Any, ...]) -> str:
    store, ingredient, on_hand, moved, reserved, held = row
    return f"stock {store}/{ingredient}: on hand {on_hand}, movements {moved}, reserved {reserved}, held {held}"


def _held_text(row: tuple[Any, ...]) -> str:
    order, status, held = row
    return f"order {order} is {status}, its stock reservation {held}"


def _door_text(row: tuple[Any, ...]) -> str:
    store, number, state, status = row
    return f"door {number} of {store} is {state} for an order that is {status}"
