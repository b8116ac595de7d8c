"""What orders know of a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from codepop.core.personal import DataClass, Holder, Person, Place, Retention, of_orders
from codepop.ordering.machine import FINAL
from codepop.ordering.models import Order
from codepop.ordering.services.forgetting import forget_contacts, forget_orders

CONTACTS_KEPT: Final = timedelta(days=120)
"""A guest's address: as long as a bank takes disputes, so that a refund or an answer still reaches them."""


def _know(person: Person) -> Person:
    """Name the orders of the account, those that guests placed with one of the addresses, and their remakes.

    Of orders named already only those stay that still lead to somebody.

    Guests' addresses are sealed at random, so that a dump does not even tell which orders belong together: to find
    them, those that still hold an address are all opened (some 300,000 a second).
    """
    named = Order.objects.filter(id__in=person.order_ids)
    mine = set(named.exclude(customer=None).values_list("id", flat=True))
    mine |= set(named.extra(where=["contact_email <> ''"]).values_list("id", flat=True))
    if person.user_id is not None:
        mine |= set(Order.objects.filter(customer_id=person.user_id).values_list("id", flat=True))
    if person.emails:
        guests = Order.objects.filter(customer=None).only("id", "contact_email")
        with_address = guests.extra(where=["contact_email <> ''"])
        for order in with_address.iterator(chunk_size=2000):
            if order.contact_email.lower() in person.emails:
                mine.add(order.id)
    mine |= set(Order.objects.filter(remake_of_id__in=mine).values_list("id", flat=True))
    return replace(person, order_ids=frozenset(mine))


def _unfinished(person: Person) -> Sequence[str]:
    open_ones = Order.objects.filter(id__in=person.order_ids).exclude(status__in=FINAL)
    return [f"order {order.code} is {order.status.replace('_', ' ')}" for order in open_ones]


def _erase(person: Person) -> None:
    forget_orders(order_ids=person.order_ids, person=person.user_id)


HOLDER = Holder(
    feature="ordering",
    know=_know,
    places=[
        Place(
            "ordering.Order",
            "Orders",
            DataClass.ORDER,
            [
                "code",
                "created_at",
                "store",
                "status",
                "status_at",
                "status_reason",
                "cancel_note",
                "contact_email",
                "currency",
                "subtotal_cents",
                "tax_cents",
                "total_cents",
                "pickup_mode",
                "pickup_at",
            ],
            of_orders("ordering.Order", "id"),
            links=["customer"],
        ),
        Place(
            "ordering.OrderLine",
            "Drinks of your orders",
            DataClass.ORDER,
            ["name", "size", "quantity", "unit_price_cents", "total_cents", "recipe", "allergens"],
            of_orders("ordering.OrderLine", "order_id"),
        ),
        Place(
            "ordering.OrderTransition",
            "What happened to your orders",
            DataClass.ORDER,
            ["at", "from_status", "to_status", "reason"],
            of_orders("ordering.OrderTransition", "order_id"),
        ),
    ],
    unfinished=_unfinished,
    erase=_erase,
    retention=[Retention("addresses of guests", DataClass.ADDRESS, CONTACTS_KEPT, forget_contacts)],
)
