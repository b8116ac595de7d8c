"""What can be done with orders: by customers, by the clock, and (inside fulfilment's transactions) by the machines."""

from codepop.ordering.services.aftercare import (
    Sold,
    SoldDrink,
    give_back,
    hold_order,
    lock_sold,
    pay_back,
    place_remake,
    withdraw_remake,
)
from codepop.ordering.services.clock import expire_stale_orders, forget_quotes, release_due_orders
from codepop.ordering.services.customer import (
    cancel_order,
    choose_pickup,
    pay_for_order,
    refresh_order,
    reorder_lines,
    use_own_cards,
)
from codepop.ordering.services.making import (
    fail_order,
    mark_discarded,
    mark_picked_up,
    mark_ready,
    record_progress,
    return_to_queue,
    start_preparation,
)
from codepop.ordering.services.money import note_payment_change, take_payment
from codepop.ordering.services.placing import Placing, place_order
from codepop.ordering.services.quotes import place_quote
from codepop.ordering.services.waiting import note_provider_away, take_waiting_payments, wait_for_payment

__all__ = [
    "Placing",
    "Sold",
    "SoldDrink",
    "cancel_order",
    "choose_pickup",
    "expire_stale_orders",
    "fail_order",
    "forget_quotes",
    "give_back",
    "hold_order",
    "lock_sold",
    "mark_discarded",
    "mark_picked_up",
    "mark_ready",
    "note_payment_change",
    "note_provider_away",
    "pay_back",
    "pay_for_order",
    "place_order",
    "place_quote",
    "place_remake",
    "record_progress",
    "refresh_order",
    "release_due_orders",
    "reorder_lines",
    "return_to_queue",
    "start_preparation",
    "take_payment",
    "take_waiting_payments",
    "use_own_cards",
    "wait_for_payment",
    "withdraw_remake",
]
