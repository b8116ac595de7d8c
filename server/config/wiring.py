"""Who hears which event: the whole flow of the shop on one page.

`Inside(handler)` runs at once, in the transaction that published the event; it only touches the database.
`After(task)` becomes a job row of the same commit; it may use the network or take long.
"""

from collections.abc import Sequence

from codepop.core.events import After, Event, Inside
from codepop.fulfilment import events as fulfilment_events
from codepop.fulfilment import handlers as fulfilment
from codepop.inventory import events as inventory
from codepop.ordering import events as orders
from codepop.ordering import handlers as ordering
from codepop.payments import events as payments
from codepop.stores import events as stores

EVENTS: dict[type[Event], Sequence[Inside | After]] = {
    # money
    payments.PaymentSucceeded: [Inside(ordering.payment_succeeded)],
    payments.PaymentFailed: [Inside(ordering.payment_changed)],
    payments.PaymentNeedsAction: [Inside(ordering.payment_changed)],
    payments.RefundSettled: [Inside(ordering.refund_settled)],
    # orders
    orders.OrderPlaced: [],
    orders.OrderPaid: [],
    orders.OrderReleased: [Inside(fulfilment.queue_released_order)],
    orders.OrderWithdrawn: [Inside(fulfilment.withdraw_order)],
    orders.OrderCancelled: [Inside(fulfilment.withdraw_order)],
    orders.OrderExpired: [],
    orders.OrderReady: [],
    orders.OrderPickedUp: [],
    orders.OrderFailed: [],
    orders.OrderDiscarded: [],
    # machines and stock
    fulfilment_events.DrinkMakingFailed: [],
    fulfilment_events.DoorOverdue: [],
    stores.RobotStatusChanged: [Inside(fulfilment.wake_store)],
    stores.StoreChanged: [Inside(fulfilment.wake_store)],
    inventory.StockChanged: [Inside(fulfilment.show_stock)],
}
