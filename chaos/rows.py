"""What the invariants see of our database: one statement, one moment, plain rows."""

from dataclasses import dataclass, field
from typing import Any

SNAPSHOT = """
    SELECT json_build_object(
        'orders', (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'status', status, 'total', total_cents, 'currency', currency, 'quote', quote_id,
            'remake_of', remake_of_id,
            'release_at', release_at, 'mode', pickup_mode) ORDER BY id), '[]') FROM ordering_order),
        'moves', (SELECT coalesce(json_agg(json_build_array(order_id, from_status, to_status) ORDER BY id), '[]')
            FROM ordering_ordertransition),
        'payments', (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'order', reference, 'status', status, 'amount', amount_cents, 'currency', currency,
            'intent', intent_id, 'store', store_id,
            'charge', last_charge_id, 'refunding', refunding_cents, 'sent', sent_at IS NOT NULL,
            'cancel_asked', cancel_asked_at IS NOT NULL) ORDER BY id), '[]') FROM payments_payment),
        'refunds', (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'payment', payment_id, 'reason', reason_key, 'amount', amount_cents, 'status', status,
            'provider_id', provider_refund_id, 'failure', failure_code) ORDER BY id), '[]') FROM payments_refund),
        'ledger', (SELECT coalesce(json_agg(json_build_object(
            'key', key, 'payment', payment_id, 'store', store_id, 'day', day, 'sum', sum, 'receivable', receivable,
            'disputed', disputed, 'losses', losses, 'fees', fees, 'currencies', currencies)), '[]')
            FROM (SELECT t.key, t.payment_id, t.store_id, (t.happened_at AT TIME ZONE 'UTC')::date AS day,
                    coalesce(sum(e.amount_cents), 0) AS sum,
                    coalesce(sum(e.amount_cents) FILTER (WHERE e.account = 'stripe_receivable'), 0) AS receivable,
                    coalesce(sum(e.amount_cents) FILTER (WHERE e.account = 'disputed'), 0) AS disputed,
                    coalesce(sum(e.amount_cents) FILTER (WHERE e.account = 'dispute_losses'), 0) AS losses,
                    coalesce(sum(e.amount_cents) FILTER (WHERE e.account = 'provider_fees'), 0) AS fees,
                    count(DISTINCT e.currency) AS currencies
                FROM payments_ledgertransaction t LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
                GROUP BY t.id) booked),
        'messages', (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'event', external_id, 'kind', kind, 'subject', subject, 'state', state) ORDER BY id), '[]')
            FROM core_inboxmessage),
        'jobs', (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'task', task_name, 'args', args, 'status', status) ORDER BY id), '[]') FROM procrastinate_jobs),
        'levels', (SELECT coalesce(json_agg(json_build_object(
            'ingredient', l.ingredient_id, 'on_hand', l.on_hand, 'reserved', l.reserved,
            'moved', (SELECT coalesce(sum(m.amount), 0) FROM inventory_stockmovement m
                WHERE m.store_id = l.store_id AND m.ingredient_id = l.ingredient_id))), '[]')
            FROM inventory_stocklevel l),
        'reservations', (SELECT coalesce(json_agg(json_build_object(
            'order', reference, 'status', status, 'amounts', amounts)), '[]') FROM inventory_reservation),
        'tickets', (SELECT coalesce(json_agg(json_build_object('order', order_id, 'status', status)), '[]')
            FROM fulfilment_ticket),
        'doors', (SELECT coalesce(json_agg(json_build_object(
            'order', t.order_id, 'door', u.door_id, 'state', u.state)), '[]')
            FROM fulfilment_dooruse u JOIN fulfilment_ticket t ON t.id = u.ticket_id),
        'notices', (SELECT coalesce(json_agg(json_build_object('key', key, 'channel', channel) ORDER BY id), '[]')
            FROM notifications_message),
        'amends', (SELECT coalesce(json_agg(json_build_object(
            'order', order_id, 'remake', remake_id, 'kind', kind, 'state', state) ORDER BY id), '[]')
            FROM aftersales_amends),
        'keys', (SELECT count(*) FROM core_idempotencykey)
    )
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """The rows, by table; ids are texts."""

    orders: list[Row] = field(default_factory=list)
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    levels: list[Row] = field(default_factory=list)
    reservations: list[Row] = field(default_factory=list)
    tickets: list[Row] = field(default_factory=list)
    doors: list[Row] = field(default_factory=list)
    notices: list[Row] = field(default_factory=list)
    amends: list[Row] = field(default_factory=list)

    def order(self, order_id: str) -> Row | None:
        """Find an order."""
        return next((one for one in self.orders if one["id"] == order_id), None)

    def payment_of(self, order_id: str) -> Row | None:
        """Find the payment of an order."""
        return next((one for one in self.payments if one["order"] == order_id), None)


def read_rows(found: Row) -> Rows:
    """Make rows of the statement's answer."""
    found.pop("keys")
    moves = [(one[0], one[1], one[2]) for one in found.pop("moves")]
    return Rows(moves=moves, **found)
