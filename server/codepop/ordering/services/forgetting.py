"""Cutting the tie between orders and their person, whatever else is kept of them (C18, SEC-02)."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F

from codepop.catalog.selectors import drink_names
from codepop.core.db import transaction, transaction_required
from codepop.ordering.machine import FINAL
from codepop.ordering.models import Order, OrderLine, Quote

OWN_MIX: Final = "Own mix"
CUT: Final = ("customer", "contact_email", "token_hash", "status_reason", "cancel_note", "status_actor")
_BATCH: Final = 500


@transaction_required
def forget_orders(*, order_ids: Collection[UUID], person: UUID | None) -> None:
    """Leave of a person's orders what the books need: amounts, taxes, what was sold, when and where.

    The account, the address, the secret link and every word a person wrote go. May be called again.
    """
    orders = Order.objects.filter(id__in=order_ids)
    Quote.objects.filter(id__in=orders.values("quote_id")).delete()
    for order in orders:
        order.customer_id = None
        order.contact_email = ""
        order.token_hash = secrets.token_bytes(32)
        order.status_reason = ""
        order.cancel_note = ""
        if person is not None and order.status_actor == f"user:{person}":
            order.status_actor = "customer"
        order.save(update_fields=CUT)
    _forget_names(order_ids)
    with connection.cursor() as cursor:
        # Nobody can change the history; this function of the owner's blanks words of orders that are cut already.
        cursor.execute("SELECT ordering_forget_words(%s::uuid[], %s::uuid)", [list(order_ids), person])


def _forget_names(order_ids: Collection[UUID]) -> None:
    """A drink may bear what its buyer called it: it gets the menu's name back."""
    lines = list(OrderLine.objects.filter(order_id__in=order_ids))
    names = drink_names([line.drink_id for line in lines if line.drink_id])
    for line in lines:
        line.name = names.get(line.drink_id, OWN_MIX) if line.drink_id else OWN_MIX
    OrderLine.objects.bulk_update(lines, ["name"])


def forget_contacts(before: datetime) -> int:
    """Drop the addresses of guests whose order was over before this moment; returns how many."""
    done = 0
    while True:
        with transaction():
            old = Order.objects.filter(status__in=FINAL, status_at__lt=before).extra(where=["contact_email <> ''"])
            ids = list(old.values_list("id", flat=True)[:_BATCH])
            done += Order.objects.filter(id__in=ids).update(contact_email="", version=F("version"))
        if len(ids) < _BATCH:
            return done
