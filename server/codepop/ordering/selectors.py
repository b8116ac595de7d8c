"""Queries on quotes and orders."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from codepop.core.errors import NotFound
from codepop.core.statements import fetch_one
from codepop.kit.clock import now
from codepop.ordering.documents import WITH_CODE, OrderDocument, Step, Surroundings, order_document
from codepop.ordering.machine import NOT_MADE_YET, PAID_FOR, Status
from codepop.ordering.models import Order, OrderLine, OrderTransition
from codepop.ordering.waiting import Wait
from codepop.payments import selectors as payments

PAGE = 20
_MAY_HAVE_REFUND = frozenset(Status) - {Status.PAYMENT_PENDING, Status.PAID, Status.QUEUED}
_IN_LINE = (Status.QUEUED.value, Status.PREPARING.value)


@dataclass(frozen=True)
class OrderAccess:
    """What decides who may see an order."""

    order_id: UUID
    customer_id: UUID | None
    token_hash: bytes
    store_id: UUID
    region_id: UUID
    status: Status
    wait: Wait


@dataclass(frozen=True)
class MakingLine:
    """A line as it was bought; `quantity` equal drinks."""

    name: str
    size: str
    quantity: int
    recipe: dict[str, Any]
    allergens: tuple[str, ...]


@dataclass(frozen=True)
class MakingView:
    """What fulfilment needs of an order to have it made."""

    order_id: UUID
    code: str
    store_id: UUID
    lines: tuple[MakingLine, ...]


@dataclass(frozen=True)
class OrderLabel:
    """What a staff screen calls an order: `A-1042`, `Canyon Sunset + 2`."""

    order_id: UUID
    code: str
    title: str
    status: str
    step_text: str
    drinks: int


# Plain SQL, since a quote and every call about an order ask them (docs/decisions/0014).
_ACCESS = """
    SELECT o.customer_id, coalesce(first.token_hash, o.token_hash), o.store_id, s.region_id, o.status, o.wait
    FROM ordering_order AS o JOIN stores_store AS s ON s.id = o.store_id
    LEFT JOIN ordering_order AS first ON first.id = o.remake_of_id WHERE o.id = %s
"""
_QUEUE_SECONDS = """
    SELECT coalesce(sum(make_seconds), 0) FROM ordering_order
    WHERE store_id = %s AND status IN ('queued', 'preparing')
"""


def order_access(order_id: UUID) -> OrderAccess:
    """Return whose an order is; raises NotFound."""
    row = fetch_one(_ACCESS, (order_id,))
    if row is None:
        raise NotFound
    return OrderAccess(order_id, row[0], bytes(row[1]), row[2], row[3], Status(row[4]), Wait(row[5]))


def get_order(order_id: UUID) -> OrderDocument:
    """Return an order's document as it stands; raises NotFound."""
    order = Order.objects.select_related("store").filter(id=order_id).first()
    if order is None:
        raise NotFound
    return document_of(order)


def document_of(order: Order) -> OrderDocument:
    """Return the document of a row at hand (with its store)."""
    status = Status(order.status)
    around = Surroundings(
        now=now(),
        store=order.store,
        pickup_key=base64.b64decode(order.store.pickup_key) if status in WITH_CODE else None,
        payment=payments.payment_for(order.id),
        refunds=payments.refunds_for([order.id]).get(order.id, ()) if status in _MAY_HAVE_REFUND else (),
        remakes=_remakes(order.id) if status in _MAY_HAVE_REFUND else (),
        ahead=orders_ahead(order) if status == Status.QUEUED else 0,
        history=_history(order.id),
    )
    return order_document(order, OrderLine.objects.filter(order_id=order.id).order_by("position"), around)


def _remakes(order_id: UUID) -> list[UUID]:
    return list(Order.objects.filter(remake_of=order_id).order_by("id").values_list("id", flat=True))


def _history(order_id: UUID) -> list[Step]:
    rows = OrderTransition.objects.filter(order_id=order_id).order_by("id")
    return [Step(*row) for row in rows.values_list("from_status", "to_status", "at")]


def orders_ahead(order: Order) -> int:
    """Count the queued orders of the store that were released before this one."""
    earlier = Q(release_at__lt=order.release_at) | Q(release_at=order.release_at, id__lt=order.id)
    return Order.objects.filter(earlier, store_id=order.store_id, status=Status.QUEUED).count()


def list_orders(*, customer_id: UUID, before: UUID | None, limit: int = PAGE) -> tuple[list[OrderDocument], str | None]:
    """Return a person's orders, newest first, and the cursor of the next page (None at the end).

    Six queries whatever the number of orders; the history is left out.
    """
    orders = Order.objects.select_related("store").filter(customer_id=customer_id)
    if before:
        orders = orders.filter(id__lt=before)
    page = list(orders.order_by("-id")[: limit + 1])
    shown, ids = page[:limit], [order.id for order in page[:limit]]
    lines: dict[UUID, list[OrderLine]] = {one: [] for one in ids}
    for line in OrderLine.objects.filter(order_id__in=ids).order_by("position"):
        lines[line.order_id].append(line)
    paid, refunded = payments.payments_for(ids), payments.refunds_for(ids)
    moment = now()
    documents = [
        order_document(
            order,
            lines[order.id],
            Surroundings(
                now=moment,
                store=order.store,
                pickup_key=base64.b64decode(order.store.pickup_key),
                payment=paid.get(order.id),
                refunds=refunded.get(order.id, ()),
                ahead=orders_ahead(order) if order.status == Status.QUEUED else 0,
            ),
        )
        for order in shown
    ]
    return documents, str(ids[-1]) if len(page) > limit else None


def queue_seconds(store_id: UUID) -> int:
    """Return the make time of all orders that are in line or being made at a store."""
    row = fetch_one(_QUEUE_SECONDS, (store_id,))
    return int(row[0]) if row else 0


def queue_seconds_of(store_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return `queue_seconds` of several stores in one query; stores without a queue are left out."""
    rows = Order.objects.filter(store_id__in=store_ids, status__in=_IN_LINE).values_list("store_id")
    return dict(rows.annotate(total=Sum("make_seconds")))


def to_make(order_id: UUID) -> MakingView:
    """Return what has to be made for an order; raises NotFound."""
    order = Order.objects.filter(id=order_id).first()
    if order is None:
        raise NotFound
    lines = OrderLine.objects.filter(order_id=order_id).order_by("position")
    return MakingView(
        order_id=order.id,
        code=order.code,
        store_id=order.store_id,
        lines=tuple(
            MakingLine(line.name, line.size, line.quantity, line.recipe, tuple(line.allergens)) for line in lines
        ),
    )


def remakes_under_way(order_id: UUID) -> dict[UUID, str]:
    """Return the codes of an order's free remakes that are not made yet, by id, oldest first."""
    remakes = Order.objects.filter(remake_of_id=order_id, status__in=NOT_MADE_YET).order_by("id")
    return {one.id: one.code for one in remakes}


def sold_between(store_id: UUID, *, since: datetime, until: datetime) -> list[tuple[UUID, int]]:
    """Return the ids and totals of a store's charged orders that were placed in a time, without remakes."""
    rows = Order.objects.filter(
        store_id=store_id, created_at__gte=since, created_at__lt=until, status__in=PAID_FOR, remake_of=None
    )
    return list(rows.order_by("id").values_list("id", "total_cents"))


def line_ids(order_id: UUID) -> list[tuple[UUID, int]]:
    """Return the ids and positions of an order's lines, in their order."""
    return list(OrderLine.objects.filter(order_id=order_id).order_by("position").values_list("id", "position"))


def order_labels(order_ids: Iterable[UUID]) -> dict[UUID, OrderLabel]:
    """Return what the staff's screens call some orders: code, first drink and number of drinks; two queries."""
    ids = list(order_ids)
    names = dict(OrderLine.objects.filter(order_id__in=ids, position=0).values_list("order_id", "name"))
    labels = {}
    for order in Order.objects.filter(id__in=ids):
        others = f" + {order.drinks - 1}" if order.drinks > 1 else ""
        title = f"{names.get(order.id, '')}{others}"
        labels[order.id] = OrderLabel(order.id, order.code, title, order.status, order.step_text, order.drinks)
    return labels


def cancel_note(order_id: UUID) -> str:
    """Return why an order's person cancelled it, in their own words; empty when they said nothing."""
    return Order.objects.values_list("cancel_note", flat=True).get(id=order_id)
