"""The defects of comparable systems as changes of our product, put in for the length of a test and never anywhere else.

Each is the smallest change that makes our code wrong in the way that theirs was, and says with which words its story
must fail.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models import QuerySet

import codepop.core.inbox as core_inbox
import codepop.inventory.services.stock as stock
import codepop.ordering.services as ordering
import codepop.ordering.services.clock as ordering_clock
import codepop.ordering.services.customer as ordering_customer
import codepop.ordering.services.money as ordering_money
import codepop.ordering.services.placing as ordering_placing
import codepop.payments.api as payments_api
import codepop.payments.services.inbox as payments_inbox
import codepop.payments.services.intents as intents
import codepop.payments.services.refunds as refunds
from codepop.core.db import transaction
from codepop.core.errors import Conflict
from codepop.core.events import Inside, publish
from codepop.core.idempotency import IdempotentCall
from codepop.core.models import IdempotencyKey, InboxMessage, InboxState
from codepop.gateways.payments.stripe import gateway
from codepop.ordering.events import OrderPaid
from codepop.ordering.machine import Move
from codepop.ordering.models import Order, OrderTransition
from codepop.ordering.services.moves import locked_order, move
from codepop.payments import ledger
from codepop.payments import services as payments
from codepop.payments.events import PaymentSucceeded
from codepop.payments.models import Payment, Refund
from config.wiring import EVENTS
from tests.database_role import as_owner


@contextmanager
def instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Put `value` in the place of `owner.name`."""
    real = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, real)


@dataclass(frozen=True)
class Mutation:
    """A defect: what is changed, and the words with which the story of the same name must fail."""

    fails_with: str
    changes: Callable[[], Sequence[Any]]

    @contextmanager
    def put_in(self) -> Iterator[None]:
        """Make the product wrong for a moment."""
        with ExitStack() as stack:
            for change in self.changes():
                stack.enter_context(change)
            yield


# --- applying what the provider shows -------------------------------------------------------------------------------


def _applied_every_time() -> Sequence[Any]:
    """A success is applied whenever somebody sees it, under a new key of the books each time."""

    def book(real: Any, **facts: Any) -> None:
        real(**{**facts, "key": f"{facts['key']}:{uuid4().hex[:8]}"})

    return [instead(intents, "FINAL_STATUSES", ()), instead(ledger, "_book", partial(book, ledger._book))]


def _waits_for_the_customer() -> Sequence[Any]:
    def receive(*, body: bytes, headers: Mapping[str, str]) -> bool:
        event = gateway().verify_webhook(body=body, headers=headers)
        if not IdempotencyKey.objects.filter(key=event.subject).exists():
            raise Conflict
        return payments.receive_webhook(body=body, headers=headers)

    return [instead(payments_api, "receive_webhook", receive)]


def _makes_the_row_again() -> Sequence[Any]:
    def take_payment(real: Any, *, order_id: Any) -> None:
        order = Order.objects.get(id=order_id)
        payments.open_payment(charge=ordering_placing._charge(order))
        real(order_id=order_id)

    return [instead(ordering, "take_payment", partial(take_payment, ordering.take_payment))]


@contextmanager
def _isolation_without_a_second_try() -> Iterator[None]:
    def set_level(sender: object, connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")

    connection.close_pool()
    connection_created.connect(set_level)
    try:
        yield
    finally:
        connection_created.disconnect(set_level)
        connection.close()
        connection.close_pool()


def _paid_when_asked() -> Sequence[Any]:
    def record(real: Any, payment: Payment, *rest: Any) -> bool:
        recorded = bool(real(payment, *rest))
        with transaction():
            publish(PaymentSucceeded(payment_id=payment.id, reference=payment.reference))
        return recorded

    return [instead(intents, "_record_new", partial(record, intents._record_new))]


def _orders_not_locked() -> Sequence[Any]:
    def read(order_id: Any) -> Order:
        return Order.objects.get(id=order_id)

    return [instead(ordering_customer, "locked_order", read), instead(ordering_money, "locked_order", read)]


def _each_step_twice() -> Sequence[Any]:
    def twice(real: Any, order: Order, *args: Any, **kwargs: Any) -> Order:
        moved: Order = real(order, *args, **kwargs)
        OrderTransition.objects.create(
            order=moved, from_status="paid", to_status="paid", at=moved.status_at, actor="stripe", reason=""
        )
        return moved

    return [instead(ordering_money, "move", partial(twice, ordering_money.move))]


def _any_refund_ends_the_order() -> Sequence[Any]:
    def end(*, order_id: Any) -> None:
        move(locked_order(order_id), Move.CANCEL, actor="stripe")

    return [instead(ordering, "note_payment_change", end)]


def _last_look_wins() -> Sequence[Any]:
    return [instead(intents, "FINAL_STATUSES", ()), instead(intents, "_is_stale", lambda *_: False)]


# --- messages -------------------------------------------------------------------------------------------------------


def _inserted_without_asking() -> Sequence[Any]:
    plain = core_inbox._INSERT.replace("ON CONFLICT (provider, external_id) DO NOTHING", "")
    return [instead(core_inbox, "_INSERT", plain)]


def _checked_then_inserted() -> Sequence[Any]:
    def receive(real: Any, message: core_inbox.Message) -> bool:
        if InboxMessage.objects.filter(external_id=message.external_id).exists():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return bool(real(message))

    late = partial(receive, payments_inbox.receive)
    return [*_inserted_without_asking(), instead(payments_inbox, "receive", late)]


def _stronger_lock() -> Sequence[Any]:
    def lock(real: Any, query: Any, **options: Any) -> Any:
        return real(query, **{**options, "no_key": options.get("no_key", False) and query.model is not Payment})

    real = QuerySet.select_for_update

    def select_for_update(query: Any, **options: Any) -> Any:
        return lock(real, query, **options)

    return [instead(QuerySet, "select_for_update", select_for_update)]


def _unknown_is_forgotten() -> Sequence[Any]:
    def forget(messages: Sequence[InboxMessage], note: str) -> InboxState:
        with transaction():
            return core_inbox.close(messages, InboxState.IGNORED, note)

    return [instead(payments_inbox, "_park", forget)]


def _break_down_is_swallowed() -> Sequence[Any]:
    def close_first(real: Any, subject: str) -> Any:
        InboxMessage.objects.filter(subject=subject).update(state=InboxState.DONE)
        return real(subject)

    looks = {kind: partial(close_first, look) for kind, look in payments_inbox._LOOKS.items()}
    return [instead(payments_inbox, "_LOOKS", looks)]


def _refund_of_unknown_is_ignored() -> Sequence[Any]:
    def known(intent_id: str) -> None:
        if not Payment.objects.filter(intent_id=intent_id, status="succeeded").exists():
            raise payments_inbox._NotOurs("no such charge")

    return [instead(payments_inbox, "_require_known", known)]


# --- placing --------------------------------------------------------------------------------------------------------


def _number_must_be_new() -> Sequence[Any]:
    def settle(real: Any, *, order_id: Any) -> None:
        order = Order.objects.get(id=order_id)
        if any(one.code == order.code for one in Order.objects.exclude(id=order_id)):
            raise ValueError(f"There is already an order with number {order.code}")
        real(order_id=order_id)

    return [instead(ordering, "take_payment", partial(settle, ordering.take_payment))]


@contextmanager
def _mail_inside_the_transaction() -> Iterator[None]:
    def send(_event: OrderPaid) -> None:
        raise ConnectionRefusedError("no mail server")

    real = EVENTS[OrderPaid]
    EVENTS[OrderPaid] = [*real, Inside(send)]
    try:
        yield
    finally:
        EVENTS[OrderPaid] = real


@contextmanager
def _lines_may_go() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE %s", ["pgtrigger_sold_stays_%"])
        (trigger,) = cursor.fetchone()
        with as_owner():
            cursor.execute(f"ALTER TABLE ordering_orderline DISABLE TRIGGER {trigger}")
        try:
            yield
        finally:
            with as_owner():
                cursor.execute(f"ALTER TABLE ordering_orderline ENABLE TRIGGER {trigger}")


def _quote_not_marked() -> Sequence[Any]:
    return [instead(ordering_placing, "_TAKE", ordering_placing._TAKE.replace("AND used_at IS NULL", ""))]


def _locked_in_the_carts_order() -> Sequence[Any]:
    own = stock._RESERVE.replace(
        "ORDER BY level.ingredient_id", "ORDER BY array_position(%(ids)s::uuid[], level.ingredient_id)"
    )
    return [instead(stock, "_RESERVE", own)]


def _clicks_are_strangers() -> Sequence[Any]:
    return [instead(IdempotentCall, "replay", lambda call: None), instead(IdempotentCall, "keep", _not_kept)]


def _not_kept(call: IdempotentCall, status: int, body: Mapping[str, Any]) -> Any:
    return IdempotentCall.keep_first(
        IdempotentCall(caller=call.caller, key=uuid4().hex, fingerprint=call.fingerprint), status, body
    )


# --- asking the provider --------------------------------------------------------------------------------------------


def _new_key_for_each_try() -> Sequence[Any]:
    def ask(payment: Payment, customer_id: str) -> Any:
        return gateway().create_intent(request=intents._request(payment, customer_id), key=f"try:{uuid4()}")

    return [instead(intents, "_ask_for_intent", ask)]


def _random_key() -> Sequence[Any]:
    return [instead(intents, "_key", lambda *_: f"codepop:intent:{uuid4()}")]


def _new_intent_for_each_tab() -> Sequence[Any]:
    def create(*, reference: Any, customer_id: str) -> Payment:
        payment = Payment.objects.get(reference=reference)
        intent = gateway().create_intent(request=intents._request(payment, customer_id), key=f"tab:{uuid4()}")
        payment.intent_id, payment.client_secret = intent.id, intent.client_secret
        payment.save(update_fields=["intent_id", "client_secret"])
        return payment

    return [instead(ordering_customer.payments, "create_intent", create)]


def _refund_sent_each_time() -> Sequence[Any]:
    def send(payment: Payment, refund: Refund) -> Any:
        return gateway().refund(
            intent_id=payment.intent_id or "",
            refund_id=refund.id,
            amount_cents=refund.wanted_cents or 0,
            key=f"run:{uuid4()}",
        )

    return [
        instead(refunds, "_SETTLED", ()),
        instead(refunds, "_find", lambda *_: None),
        instead(refunds, "_send", send),
        instead(refunds, "_send_again", lambda payment, refund, _looked_at: send(payment, refund)),
    ]


def _reason_not_unique() -> Sequence[Any]:
    def request(real: Any, *, reason: str, **rest: Any) -> Any:
        return real(reason=f"{reason}:{uuid4().hex[:8]}", **rest)

    return [instead(payments, "request_refund", partial(request, payments.request_refund))]


def _no_key_for_refunds() -> Sequence[Any]:
    real = refunds._send

    def send(payment: Payment, refund: Refund) -> Any:
        with instead(refunds, "gateway", partial(_Keyless, gateway())):
            return real(payment, refund)

    return [instead(refunds, "_send", send)]


class _Keyless:
    """The gateway with its refunds sent under a key of the moment."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def refund(self, **facts: Any) -> Any:
        return self._real.refund(**{**facts, "key": str(uuid4())})


def _closed_without_asking() -> Sequence[Any]:
    def cancel(*, reference: Any) -> Payment:
        payment = Payment.objects.get(reference=reference)
        payment.status = "cancelled"
        return payment

    return [instead(ordering_clock.payments, "cancel_intent", cancel)]


def _never_looked_up() -> Sequence[Any]:
    return [instead(refunds, "_find", lambda *_: None)]


def _late_money_is_kept() -> Sequence[Any]:
    return [instead(ordering_money, "_OVER_UNPAID", ())]


ALL: dict[str, Mutation] = {
    "d01_page_and_message_both_finish_the_payment": Mutation(
        "in the books twice|was paid twice|the worker failed", _applied_every_time
    ),
    "d02_redirect_without_return": Mutation("was answered 409", _waits_for_the_customer),
    "d03_success_meets_its_own_row": Mutation("the worker failed", _makes_the_row_again),
    "d04_page_and_message_at_the_same_moment": Mutation(
        "the worker failed|was answered 50", lambda: [_isolation_without_a_second_try()]
    ),
    "d05_nothing_is_paid_by_asking": Mutation("paid before anything was charged", _paid_when_asked),
    "d06_cancelled_while_the_message_pays": Mutation("and the money was kept", _orders_not_locked),
    "d07_success_told_again_while_a_refund_is_under_way": Mutation("amount was doubled", _applied_every_time),
    "d08_one_step_one_row": Mutation("in the history more than once", _each_step_twice),
    "d09_a_part_given_back": Mutation("a part given back ended the order", _any_refund_ends_the_order),
    "d10_failure_shown_after_the_success": Mutation("an old failure undid the success", _last_look_wins),
    "d11_message_told_again": Mutation("was answered 500", _inserted_without_asking),
    "d12_message_told_five_times_at_once": Mutation("the same message at once was answered", _checked_then_inserted),
    "d13_refund_told_while_somebody_cancels": Mutation("blocked each other|was answered 503", _stronger_lock),
    "d14_order_numbers_come_again": Mutation("the worker failed", _number_must_be_new),
    "d15_mail_is_down": Mutation("the worker failed", lambda: [_mail_inside_the_transaction()]),
    "d16_one_quote_two_orders": Mutation("one quote was answered", _quote_not_marked),
    "d17_carts_in_any_order": Mutation("two carts blocked each other", _locked_in_the_carts_order),
    "d18_lines_of_a_placed_order": Mutation("a line of a placed order is gone", lambda: [_lines_may_go()]),
    "d19_time_out_after_the_effect": Mutation("two intents for one order", _new_key_for_each_try),
    "d20_two_tries_one_key": Mutation("two intents for one order", _random_key),
    "d21_every_job_twice": Mutation("the work was done twice|failed when repeated", _refund_sent_each_time),
    "d22_one_reason_one_refund": Mutation("refunded twice for one reason", _reason_not_unique),
    "d23_every_command_has_our_key": Mutation("without a key of ours", _no_key_for_refunds),
    "d24_no_message_ever_comes": Mutation("charged, and the order was closed", _closed_without_asking),
    "d25_one_intent_for_an_order": Mutation("got another intent", _new_intent_for_each_tab),
    "d26_two_tabs_two_cards": Mutation("charged twice", _new_intent_for_each_tab),
    "d27_days_later": Mutation("refunded again days later|failed when repeated", _never_looked_up),
    "d28_double_click": Mutation("the second click", _clicks_are_strangers),
    "d29_message_before_the_row": Mutation("the message was forgotten", _unknown_is_forgotten),
    "d30_the_worker_breaks_down": Mutation("was gone after the break-down", _break_down_is_swallowed),
    "d31_refund_told_before_its_charge": Mutation("the books disagree", _refund_of_unknown_is_ignored),
    "d32_paid_when_it_was_over": Mutation("for a closed order was kept", _late_money_is_kept),
}
