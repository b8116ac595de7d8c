"""Revenue by store and day from the ledger, and Stripe's payouts beside it. Each figure is one SQL statement.

A day is one of the store's own calendar; amounts are minor units of the store's currency and are never added across
currencies. docs/money.md says what each column holds.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection

LONGEST_DAYS: Final = 400


@dataclass(frozen=True)
class DayRow:
    """A store's money of one day. `sales_cents` and `refunds_cents` are without tax; `tax_cents` is what stays owed."""

    store_id: UUID
    day: date
    currency: str
    orders: int
    gross_cents: int
    sales_cents: int
    refunds_cents: int
    tax_cents: int
    disputes_cents: int
    fees_cents: int

    @property
    def net_cents(self) -> int:
        """Return what is left: sales less refunds, lost or held disputes and their fees; tax is not ours."""
        return self.sales_cents - self.refunds_cents - self.disputes_cents - self.fees_cents


@dataclass(frozen=True)
class PayoutRow:
    """A payout, and the part of it that comes from the stores its reader sees."""

    provider_id: str
    arrives_on: date
    status: str
    currency: str
    amount_cents: int
    complete: bool
    charged_cents: int
    returned_cents: int
    fees_cents: int
    net_cents: int
    unknown: int
    moved_cents: int
    """What these movements are to the ledger: fees of charges are not in it, those of disputes are."""
    ledger_cents: int
    """What the ledger booked for the very same movements."""

    @property
    def agrees(self) -> bool:
        """Say whether the provider and the ledger tell the same, and every movement is known."""
        return self.complete and not self.unknown and self.moved_cents == self.ledger_cents


def by_day(store_ids: Sequence[UUID], *, first: date, last: date) -> list[DayRow]:
    """Return each store's days with any booking from `first` to `last`, newest first."""
    values = {"stores": list(store_ids), "first": first, "last": last}
    return [DayRow(*row) for row in _rows(_BY_DAY, values)]


# The window in UTC is a day wider at both ends, so that the index on the booking's time is used for any time zone.
_BY_DAY: Final = """
    SELECT booked.store_id, (booked.happened_at AT TIME ZONE store.timezone)::date AS day, entry.currency,
           count(DISTINCT booked.id) FILTER (WHERE booked.kind = 'charge')::int,
           coalesce(sum(entry.amount_cents) FILTER (
               WHERE booked.kind = 'charge' AND entry.account = 'stripe_receivable'), 0)::bigint,
           coalesce(-sum(entry.amount_cents) FILTER (WHERE entry.account = 'sales'), 0)::bigint,
           coalesce(sum(entry.amount_cents) FILTER (WHERE entry.account = 'refunds'), 0)::bigint,
           coalesce(-sum(entry.amount_cents) FILTER (WHERE entry.account = 'tax_payable'), 0)::bigint,
           coalesce(sum(entry.amount_cents) FILTER (WHERE entry.account IN ('disputed', 'dispute_losses')), 0)::bigint,
           coalesce(sum(entry.amount_cents) FILTER (WHERE entry.account = 'provider_fees'), 0)::bigint
    FROM payments_ledgertransaction booked
    JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id
    JOIN stores_store store ON store.id = booked.store_id
    WHERE booked.store_id = ANY(%(stores)s)
      AND booked.happened_at >= %(first)s::date - interval '1 day'
      AND booked.happened_at < %(last)s::date + interval '2 days'
      AND (booked.happened_at AT TIME ZONE store.timezone)::date BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2, 3 ORDER BY 2 DESC, 1, 3"""


def payouts(store_ids: Sequence[UUID], *, whole: bool, first: date, last: date) -> list[PayoutRow]:
    """Return the payouts that hold anything of these stores, newest first; `whole` shows all of them.

    Whoever doesn't see the whole chain gets no amount of the whole payout, only their stores' part.
    """
    values = {"stores": list(store_ids), "whole": whole, "first": first, "last": last}
    return [PayoutRow(*row) for row in _rows(_PAYOUTS, values)]


_PAYOUTS: Final = """
    SELECT payout.provider_payout_id, payout.arrives_on, payout.status, payout.currency,
           CASE WHEN %(whole)s THEN payout.amount_cents ELSE 0 END, payout.complete,
           coalesce(sum(line.amount_cents) FILTER (WHERE mine AND line.amount_cents > 0), 0)::bigint,
           coalesce(sum(line.amount_cents) FILTER (WHERE mine AND line.amount_cents < 0), 0)::bigint,
           coalesce(sum(line.fee_cents) FILTER (WHERE mine), 0)::bigint,
           coalesce(sum(line.net_cents) FILTER (WHERE mine), 0)::bigint,
           count(*) FILTER (WHERE %(whole)s AND line.id IS NOT NULL AND line.store_id IS NULL)::int,
           coalesce(sum(CASE WHEN line.kind IN ('charge', 'payment', 'refund', 'payment_refund', 'refund_failure')
                             THEN line.amount_cents ELSE line.net_cents END) FILTER (WHERE mine), 0)::bigint,
           coalesce(sum(booked.cents) FILTER (WHERE mine), 0)::bigint
    FROM payments_payout payout
    LEFT JOIN LATERAL (
        SELECT l.*, l.store_id = ANY(%(stores)s) AS mine FROM payments_payoutline l WHERE l.payout_id = payout.id
    ) line ON TRUE
    LEFT JOIN LATERAL (
        SELECT sum(entry.amount_cents) AS cents
        FROM payments_ledgertransaction t
        JOIN payments_ledgerentry entry ON entry.transaction_id = t.id AND entry.account = 'stripe_receivable'
        LEFT JOIN payments_refund refund ON refund.provider_refund_id = line.source
        WHERE t.payment_id = line.payment_id AND t.key = CASE
            WHEN line.kind IN ('charge', 'payment') THEN 'charge:' || line.payment_id
            WHEN line.kind IN ('refund', 'payment_refund') THEN 'refund:' || refund.id
            WHEN line.kind = 'refund_failure' THEN 'refund_failed:' || refund.id
            ELSE left('dispute:' || line.source || ':' || line.provider_id, 80) END
    ) booked ON TRUE
    WHERE payout.arrives_on BETWEEN %(first)s AND %(last)s
    GROUP BY payout.id
    HAVING %(whole)s OR bool_or(mine)
    ORDER BY payout.arrives_on DESC, payout.provider_payout_id"""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV that a spreadsheet shows and never computes: a leading `= + - @` gets an apostrophe.

    Plain numbers stay numbers, also negative ones.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: object) -> str:
    text = str(cell)
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    whole, _, rest = text.removeprefix("-").partition(".")
    return whole.isdecimal() and (not rest or rest.isdecimal())


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
