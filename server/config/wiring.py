"""Who hears which event: the whole flow of the shop on one page.

`Inside(handler)` runs at once, in the transaction that published the event; it only touches the database.
`After(task)` becomes a job row of the same commit; it may use the network or take long.
"""

from collections.abc import Mapping, Sequence

from codepop.accounts import events as accounts
from codepop.accounts import personal as accounts_personal
from codepop.aftersales import events as aftersales_events
from codepop.aftersales import handlers as aftersales
from codepop.aftersales import personal as aftersales_personal
from codepop.core import holder as core_holder
from codepop.core.events import After, Event, Inside
from codepop.core.inbox import Handler
from codepop.core.personal import Holder
from codepop.fulfilment import events as fulfilment_events
from codepop.fulfilment import handlers as fulfilment
from codepop.fulfilment import personal as fulfilment_personal
from codepop.inventory import events as inventory
from codepop.notifications import handlers as notifications
from codepop.notifications import personal as notifications_personal
from codepop.ordering import events as orders
from codepop.ordering import handlers as ordering
from codepop.ordering import personal as ordering_personal
from codepop.payments import events as payments
from codepop.payments import personal as payments_personal
from codepop.payments import services as payment_services
from codepop.privacy import events as privacy
from codepop.privacy import personal as privacy_personal
from codepop.profile import handlers as profile
from codepop.profile import personal as profile_personal
from codepop.stores import events as stores
from codepop.stores import personal as stores_personal

EVENTS: dict[type[Event], Sequence[Inside | After]] = {
    # people
    accounts.AccountMailWanted: [Inside(notifications.account_mail_wanted)],
    accounts.AddressConfirmed: [Inside(notifications.address_confirmed)],
    privacy.ConsentWithdrawn: [Inside(notifications.consent_withdrawn), Inside(profile.consent_withdrawn)],
    # money
    payments.PaymentSucceeded: [Inside(ordering.payment_succeeded)],
    payments.PaymentFailed: [Inside(ordering.payment_changed)],
    payments.PaymentNeedsAction: [Inside(ordering.payment_changed)],
    payments.PaymentCancelled: [Inside(ordering.payment_changed)],
    payments.RefundSettled: [Inside(ordering.refund_settled), Inside(notifications.refund_settled)],
    payments.CardTestingSuspected: [Inside(notifications.card_testing_suspected)],
    payments.DisputeOpened: [Inside(notifications.dispute_opened)],
    payments.DisputeDueSoon: [Inside(notifications.dispute_due_soon)],
    payments.DisputeClosed: [],
    # orders
    orders.OrderPlaced: [],
    orders.OrderPayable: [],
    orders.OrderPaid: [Inside(notifications.order_paid)],
    orders.OrderReleased: [Inside(fulfilment.queue_released_order)],
    orders.OrderWithdrawn: [Inside(fulfilment.withdraw_order)],
    orders.OrderCancelled: [Inside(fulfilment.withdraw_order), Inside(aftersales.remake_ended)],
    orders.OrderExpired: [],
    orders.OrderReady: [Inside(notifications.order_ready)],
    orders.OrderPickedUp: [],
    orders.OrderFailed: [Inside(aftersales.remake_ended)],
    orders.OrderDiscarded: [],
    # making good
    aftersales_events.AmendsGranted: [],
    aftersales_events.AmendsWaiting: [Inside(notifications.amends_waiting)],
    # machines and stock
    fulfilment_events.DrinkMakingFailed: [],
    fulfilment_events.DoorOverdue: [],
    stores.RobotStatusChanged: [Inside(fulfilment.wake_store)],
    stores.StoreChanged: [Inside(fulfilment.wake_store)],
    inventory.StockChanged: [Inside(fulfilment.show_stock)],
}

INBOX: Mapping[str, Handler] = {"stripe": payment_services.take_messages}
"""Whose messages go where; each handler gets messages of one kind about one object, in a worker's thread."""

PERSONAL: Sequence[Holder] = (
    notifications_personal.HOLDER,
    aftersales_personal.HOLDER,
    fulfilment_personal.HOLDER,
    ordering_personal.HOLDER,
    profile_personal.HOLDER,
    payments_personal.HOLDER,
    stores_personal.HOLDER,
    privacy_personal.HOLDER,
    core_holder.HOLDER,
    accounts_personal.HOLDER,
)
"""Who knows something about people, in the order in which somebody is erased (docs/privacy.md)."""
