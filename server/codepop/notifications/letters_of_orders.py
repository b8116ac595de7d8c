"""Letters about an order. Amounts are those of the order, added up nowhere else."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from codepop.notifications.letters import Letter, Row
from codepop.ordering.receipts import ReceiptView
from codepop.ordering.texts import money_text
from codepop.payments.selectors import RefundView


def receipt(*, order: ReceiptView, statement_text: str, refunds: Sequence[RefundView]) -> Letter:
    """Return the receipt as things stand: what was given back since is said."""
    return Letter(
        subject=_("Your receipt for order %(code)s") % {"code": order.code},
        headline=_("Thank you. Order %(code)s is paid.") % {"code": order.code},
        paragraphs=[],
        rows=[
            _row(line.name, line.size, line.quantity, line.unit_price_cents, line.total_cents, order.currency)
            for line in order.lines
        ],
        sums=_sums(order),
        facts=_facts(order, statement_text),
        closing=[_refund_note(refund, order.currency) for refund in refunds],
    )


def refunded(*, order: ReceiptView, refund: RefundView, statement_text: str) -> Letter:
    amount = money_text(refund.amount_cents, order.currency)
    whole = refund.amount_cents == order.total_cents
    return Letter(
        subject=_("Refund for order %(code)s") % {"code": order.code},
        headline=_("%(amount)s is on its way back") % {"amount": amount},
        paragraphs=[
            _("We gave back all of order %(code)s.") % {"code": order.code}
            if whole
            else _("We gave back a part of order %(code)s.") % {"code": order.code},
            _("It goes to the card you paid with. Most banks show it within 5 to 10 days."),
        ],
        sums=[*_sums(order), (_("Given back"), amount)],
        facts=_facts(order, statement_text),
    )


def refund_returned(*, order: ReceiptView, refund: RefundView, statement_text: str) -> Letter:
    """Correct what `refunded` said: the bank did not take the money for that card."""
    amount = money_text(refund.amount_cents, order.currency)
    return Letter(
        subject=_("Your bank returned the refund for order %(code)s") % {"code": order.code},
        headline=_("%(amount)s came back to us") % {"amount": amount},
        paragraphs=[
            _("We sent it to the card you paid with, and the bank returned it. Perhaps that card is closed."),
            _("It is still yours. We are on it; there is nothing you have to do."),
        ],
        facts=_facts(order, statement_text),
    )


def ready(*, order: ReceiptView) -> Letter:
    """Say that the drinks wait; the code stays in the app, since mail is read on many screens."""
    return Letter(
        subject=_("Order %(code)s is ready") % {"code": order.code},
        headline=_("Your drinks are ready"),
        paragraphs=[
            _("Order %(code)s waits behind its door at %(store)s.") % {"code": order.code, "store": order.store_name},
            _("Open it with the code on your order's page."),
        ],
        facts=[(_("Store"), f"{order.store_name}, {order.store_address}")],
    )


def _row(name: str, size: str, quantity: int, unit_cents: int, total_cents: int, currency: str) -> Row:
    note = f"{size}, {quantity} × {money_text(unit_cents, currency)}" if quantity > 1 else size
    return Row(name=name, note=note, amount=money_text(total_cents, currency))


def _sums(order: ReceiptView) -> list[tuple[str, str]]:
    return [
        (_("Subtotal"), money_text(order.subtotal_cents, order.currency)),
        (_("Sales tax"), money_text(order.tax_cents, order.currency)),
        (_("Total"), money_text(order.total_cents, order.currency)),
    ]


def _facts(order: ReceiptView, statement_text: str) -> list[tuple[str, str]]:
    return [
        (_("Order"), order.code),
        (_("Store"), f"{order.store_name}, {order.store_address}"),
        (_("Ordered"), order.placed_text),
        (_("On your card statement"), statement_text),
    ]


def _refund_note(refund: RefundView, currency: str) -> str:
    amount = money_text(refund.amount_cents, currency)
    if refund.status == "succeeded":
        return _("%(amount)s of this was given back.") % {"amount": amount}
    return _("%(amount)s of this is being given back.") % {"amount": amount}
