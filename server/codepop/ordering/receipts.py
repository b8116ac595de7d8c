"""What a receipt says of an order: a query of its own, for whoever writes to its buyer."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from codepop.catalog.selectors import size_text
from codepop.core.errors import NotFound
from codepop.ordering.models import Order, OrderLine


@dataclass(frozen=True)
class ReceiptLine:
    """A line as it was paid for."""

    name: str
    size: str
    quantity: int
    unit_price_cents: int
    total_cents: int


@dataclass(frozen=True)
class ReceiptView:
    """What a receipt says; the contact address is a guest's."""

    order_id: UUID
    code: str
    status: str
    customer_id: UUID | None
    contact_email: str
    placed_text: str
    store_name: str
    store_address: str
    lines: tuple[ReceiptLine, ...]
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int


def receipt_of(order_id: UUID) -> ReceiptView:
    """Return what a receipt says of an order; raises NotFound."""
    order = Order.objects.select_related("store").filter(id=order_id).first()
    if order is None:
        raise NotFound
    store, lines = order.store, OrderLine.objects.filter(order_id=order_id).order_by("position")
    placed = order.created_at.astimezone(ZoneInfo(store.timezone))
    return ReceiptView(
        order_id=order.id,
        code=order.code,
        status=order.status,
        customer_id=order.customer_id,
        contact_email=order.contact_email,
        placed_text=f"{placed:%B} {placed.day}, {placed:%Y}, {placed.hour % 12 or 12}:{placed:%M} {placed:%p}",
        store_name=store.name,
        store_address=f"{store.address}, {store.city}",
        lines=tuple(
            ReceiptLine(line.name, size_text(line.size), line.quantity, line.unit_price_cents, line.total_cents)
            for line in lines
        ),
        currency=order.currency,
        subtotal_cents=order.subtotal_cents,
        tax_cents=order.tax_cents,
        total_cents=order.total_cents,
    )
