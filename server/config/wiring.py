"""Who hears which event: the whole flow of the shop on one page.

`Inside(handler)` runs at once, in the transaction that published the event; it only touches the database.
`After(task)` becomes a job row of the same commit; it may use the network or take long.
"""

from collections.abc import Sequence

from codepop.core.events import After, Event, Inside
from codepop.ordering import events as orders
from codepop.ordering import handlers as ordering
from codepop.payments import events as payments

EVENTS: dict[type[Event], Sequence[Inside | After]] = {
    # money
    payments.PaymentSucceeded: [Inside(ordering.payment_succeeded)],
    payments.PaymentFailed: [Inside(ordering.payment_changed)],
    payments.PaymentNeedsAction: [Inside(ordering.payment_changed)],
    payments.RefundSettled: [Inside(ordering.refund_settled)],
    # orders
    orders.OrderPlaced: [],
    orders.OrderPaid: [],
    orders.OrderReleased: [],
    orders.OrderWithdrawn: [],
    orders.OrderCancelled: [],
    orders.OrderExpired: [],
    orders.OrderReady: [],
    orders.OrderPickedUp: [],
    orders.OrderFailed: [],
    orders.OrderDiscarded: [],
}
