"""What happened to comparable systems, told as stories of ours: each raises AssertionError when the defect is there.

The numbers are those of the list of real defects; each names the system and its issue. `test_defects.py` runs every
story twice: as the product is, and with the defect put back by its mutation.
"""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection
from django.db.models import F
from django.test import Client

import codepop.ordering.services.customer as ordering_customer
import codepop.ordering.services.money as ordering_money
import codepop.payments.services.intents as intents
from codepop.catalog.tests.factories import make_ingredient
from codepop.core.db import transaction
from codepop.core.models import InboxMessage, InboxState
from codepop.gateways.payments.stripe import gateway
from codepop.inventory import services as inventory
from codepop.inventory.tests.factories import stock_store
from codepop.kit.clock import frozen, now
from codepop.ordering.models import OrderLine
from codepop.ordering.tests.factories import make_line
from codepop.ordering.tests.http import Shopper
from codepop.payments import ledger
from codepop.payments import services as payments
from codepop.payments.models import Payment, Refund
from codepop.payments.services.intents import apply_intent
from codepop.stores.tests.factories import make_store
from tests.database_role import as_owner
from tests.defects.story import Story, before, meeting, must
from tests.racing import at_once
from tests.stripe_side import DECLINED_CARD, post_event, run_jobs, sandbox, sdk


def d01_page_and_message_both_finish_the_payment() -> None:
    """medusajs/medusa 13301: both paths complete, captured twice."""
    story = Story().ready_to_pay(pickup={"mode": "now"})
    story.pay()
    story.refresh()
    story.deliver()
    story.work()
    story.refresh()
    assert story.booked("charge") == 1, "one charge is in the books twice"
    assert story.history() == ["payment_pending", "paid", "queued"], "the order was paid twice"
    story.books_agree()


def d02_redirect_without_return() -> None:
    """medusajs/medusa 3871: the message's key is not known, 409, no order for redirect payments."""
    story = Story().ready_to_pay()
    story.pay_by_redirect()
    story.deliver()
    story.work()
    assert story.status == "paid", "the bank said yes and the order is not paid"


def d03_success_meets_its_own_row() -> None:
    """medusajs/medusa 4798: payment_intent.succeeded answered 409, unique cart id violated."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    story.work()
    assert story.status == "paid", "the order is not paid"


def d04_page_and_message_at_the_same_moment() -> None:
    """medusajs/medusa 2948: a serialization failure when message and client complete together."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    meet = meeting()
    with before(ledger, "book_charge", meet):
        at_once([story.refresh, story.work])
    assert story.booked("charge") == 1, "one charge is in the books twice"
    assert story.status == "paid", "the order is not paid"


def d05_nothing_is_paid_by_asking() -> None:
    """medusajs/medusa 14205: the cart was completed when the intent was made."""
    story = Story().ready_to_pay(pickup={"mode": "now"})
    story.work()
    assert story.status == "payment_pending", "paid before anything was charged"
    assert story.booked("charge") == 0, "booked before anything was charged"


def d06_cancelled_while_the_message_pays() -> None:
    """saleor/saleor 12652: one path writes what the other has just ended."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    meet = meeting()
    with before(ordering_customer, "move", meet), before(ordering_money, "publish", meet):
        at_once([story.cancel, story.work])
    story.work()
    assert story.status == "cancelled", "the cancellation was lost"
    assert story.refunded() == story.captured(), "cancelled, and the money was kept"
    story.books_agree()


def d07_success_told_again_while_a_refund_is_under_way() -> None:
    """saleor/saleor 9504: late capture notice during a refund, captured amount doubled."""
    story = Story().paid()
    story.cancel()
    story.deliver()
    again = next(event for event in story.events() if event["type"] == "payment_intent.succeeded")
    assert post_event(story.client, {**again, "id": f"evt_{uuid4().hex}"}) == 200
    story.work()
    assert story.booked("charge") == 1, "the captured amount was doubled"
    assert Refund.objects.filter(payment=story.payment()).count() == 1, "a second refund was begun"
    assert story.status == "cancelled", "the order came back to life"
    story.books_agree()


def d08_one_step_one_row() -> None:
    """saleor/saleor 13542: too many order events for one completion."""
    story = Story().ready_to_pay(pickup={"mode": "now"})
    story.pay()
    story.deliver(times=3)
    story.work()
    story.refresh()
    assert story.history() == ["payment_pending", "paid", "queued"], "a step is in the history more than once"


def d09_a_part_given_back() -> None:
    """pretix/pretix 343: a refund of a part ends an order that is still paid."""
    story = Story().paid(pickup={"mode": "now"})
    sdk().v1.refunds.create({"payment_intent": story.intent_id, "amount": 50})
    story.deliver()
    story.work()
    assert story.status == "queued", "a part given back ended the order"
    story.books_agree()


def d10_failure_shown_after_the_success() -> None:
    """pretix/pretix 1233: a failure is shown, the success comes seconds later, people buy again."""
    story = Story().ready_to_pay()
    began = now()
    story.pay(DECLINED_CARD)
    old = gateway().fetch_intent(intent_id=story.intent_id)
    story.pay()
    story.refresh()

    def the_old_look_arrives() -> None:
        with transaction():
            apply_intent(payment_id=story.payment().id, intent=old, seen_at=began)

    must("an old failure undid the success", the_old_look_arrives)
    shown = story.shopper.order()
    assert (shown["payment"]["status"], shown["can_pay"]) == ("succeeded", False), (
        "a failure is shown after the success"
    )


def d11_message_told_again() -> None:
    """dj-stripe/dj-stripe 1239: a duplicate message violates a unique key, 500."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver(times=2)


def d12_message_told_five_times_at_once() -> None:
    """dj-stripe/dj-stripe 409 and 429: get-or-create is not atomic under simultaneous events."""
    story = Story().ready_to_pay()
    story.pay()
    event = story.events()[-1]
    answers = at_once([lambda: post_event(story.client, event)] * 5)
    assert answers == [200] * 5, f"the same message at once was answered {sorted(answers)}"
    story.work()
    assert story.status == "paid", "the order is not paid"


def d13_refund_told_while_somebody_cancels() -> None:
    """dj-stripe/dj-stripe 1267: deadlocks while two paths take the same rows in different order."""
    story = Story().paid()
    sdk().v1.refunds.create({"payment_intent": story.intent_id, "amount": 50})
    story.deliver()
    meet = meeting()

    def take_all() -> None:
        for message in InboxMessage.objects.filter(state=InboxState.NEW, kind="refund"):
            payments.take_message(message_id=message.id)

    with before(ledger, "book_refund", meet), before(ordering_customer, "move", meet):
        at_once([partial(must, "two who worked at once blocked each other", take_all), story.cancel])
    story.work()
    assert story.refunded() == story.total, "cancelled, and not all was given back"
    story.books_agree()


def d14_order_numbers_come_again() -> None:
    """django-oscar/django-oscar 4246: "There is already an order with number": paid, and not recorded."""
    first = Story().paid()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT setval('ordering_order_number', currval('ordering_order_number') + 216000 - 1)")
    second = Story(shop=first.shop).ready_to_pay()
    assert second.shopper.order()["code"] == first.shopper.order()["code"], "the story's numbers do not meet"
    second.pay()
    second.deliver()
    second.work()
    assert second.status == "paid", "paid, and the order is not"


def d15_mail_is_down() -> None:
    """django-oscar/django-oscar 3768: a mail that fails after placing takes the order back."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    story.work()
    assert story.status == "paid", "paid, and the order is not"


def d16_one_quote_two_orders() -> None:
    """django-oscar/django-oscar 2101: a one-use voucher used twice at once."""
    story = Story()
    quote = story.shopper.quote(story.shop, [make_line(story.shop.menu)])

    def place() -> int:
        shopper = Shopper(Client())
        shopper.place(quote["id"])
        return shopper.last

    answers = sorted(at_once([place] * 4))
    assert answers == [201, 409, 409, 409], f"one quote was answered {answers}"


def d17_carts_in_any_order() -> None:
    """django-oscar/django-oscar 4594: stock locked in the order of each cart, deadlock."""
    store = make_store()
    syrups = [make_ingredient(kind="syrup") for _ in range(40)]
    stock_store(store=store, ingredients=syrups, on_hand=1_000_000)
    ids = [one.id for one in syrups]

    def reserve(cart: list[UUID]) -> None:
        for _ in range(40):
            with transaction():
                inventory.reserve(store_id=store.id, reference=uuid4(), amounts=dict.fromkeys(cart, 1))

    turns = [partial(reserve, ids), partial(reserve, ids[::-1])] * 2
    at_once([partial(must, "two carts blocked each other", turn) for turn in turns])


def d18_lines_of_a_placed_order() -> None:
    """django-oscar/django-oscar 4566: a line can be taken out of a frozen basket."""
    story = Story().ready_to_pay()
    lines = OrderLine.objects.filter(order_id=story.order_id)
    with pytest.raises(ProgrammingError, match="Cannot update"):
        lines.update(quantity=2, total_cents=2 * F("unit_price_cents"))
    try:
        lines.delete()
    except ProgrammingError:  # the database's own word
        pass
    assert lines.count() == 1, "a line of a placed order is gone"


def d19_time_out_after_the_effect() -> None:
    """woocommerce/woocommerce-gateway-stripe 3638: time-out after the charge, the shopper tries again."""
    story = Story()
    story.place()
    sandbox("/_sandbox/faults", {"kind": "cut", "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    story.shopper.pay()
    story.intent_id = story.ask_to_pay()
    assert story.intents() == [story.intent_id], "Stripe has two intents for one order"


def d20_two_tries_one_key() -> None:
    """woocommerce/woocommerce-gateway-stripe 2339 and 2477: the keys of two tries differ."""
    story = Story()
    story.place()
    with before(intents, "_ask_for_intent", meeting()):
        at_once([story.shopper.pay] * 2)
    story.intent_id = story.ask_to_pay()
    assert story.intents() == [story.intent_id], "Stripe has two intents for one order"


def d21_every_job_twice() -> None:
    """woocommerce/woocommerce-gateway-stripe 2474: a release did all work a second time."""
    story = Story().paid()
    payment = story.payment()
    with transaction():
        payments.request_refund(reference=story.order_id, amount_cents=50, reason="spilled", actor="user:staff")
    for _ in range(2):
        must("the job failed when repeated", lambda: payments.run_refund(payment_id=payment.id, reason="spilled"))
    assert story.refunded() == 50, "the work was done twice"
    story.books_agree()


def d22_one_reason_one_refund() -> None:
    """woocommerce/woocommerce-gateway-stripe 838: refunded twice."""
    story = Story().paid()
    for _ in range(2):
        with transaction():
            payments.request_refund(reference=story.order_id, amount_cents=50, reason="spilled", actor="user:staff")
    story.work()
    assert story.refunded() == 50, "refunded twice for one reason"


def d23_every_command_has_our_key() -> None:
    """woocommerce/woocommerce-gateway-stripe 3912: the keys are missing on a new path."""
    begin = len(_posts())
    story = Story().paid()
    story.cancel()
    story.work()
    unpaid = Story(shop=story.shop).ready_to_pay()
    unpaid.cancel()
    unpaid.work()
    keys = [one["idempotency_key"] or "" for one in _posts()[begin:] if "confirm" not in one["path"]]
    assert len(keys) >= 4, "the story sent too little"
    assert all(key.startswith("codepop:") for key in keys), "a command was sent without a key of ours"


def _posts() -> list[dict[str, str]]:
    listed = sandbox("/_sandbox/stripe/requests?limit=1000", method="GET")["requests"]
    return [one for one in reversed(listed) if one["method"] == "POST"]


def d24_no_message_ever_comes() -> None:
    """woocommerce/woocommerce-gateway-stripe 5691: paid, the message was of no use, the order was closed."""
    story = Story().ready_to_pay()
    story.pay()
    story.expire()
    assert story.status == "paid", "charged, and the order was closed"


def d25_one_intent_for_an_order() -> None:
    """Automattic/woocommerce-payments 3998 and 3783: two intents for an order."""
    story = Story().ready_to_pay()
    assert story.ask_to_pay() == story.intent_id, "a second tab got another intent"
    assert story.intents() == [story.intent_id], "Stripe has two intents for one order"


def d26_two_tabs_two_cards() -> None:
    """solidusio/solidus_stripe 44: two charges for an order."""
    story = Story().ready_to_pay()
    other_tab = story.ask_to_pay()
    story.pay()
    if other_tab != story.intent_id:
        sdk().v1.payment_intents.confirm(
            other_tab, {"payment_method": "pm_card_visa", "return_url": "http://127.0.0.1/"}
        )
    assert story.captured() == story.total, "charged twice"


def d27_days_later() -> None:
    """spree/spree 8540: done again days later, when the provider has forgotten the key."""
    story = Story().paid()
    payment = story.payment()
    with transaction():
        payments.request_refund(reference=story.order_id, amount_cents=50, reason="spilled", actor="user:staff")
    sandbox("/_sandbox/faults", {"kind": "cut", "endpoints": ["POST /v1/refunds"], "remaining": 1})
    try:
        payments.run_refund(payment_id=payment.id, reason="spilled")
    except Exception:  # the answer was cut: nobody knows what became of it
        pass
    sandbox("/_sandbox/clock", {"advance_seconds": 50 * 3600})
    with frozen(now() + timedelta(hours=50)):
        must("the refund failed when repeated", lambda: payments.run_refund(payment_id=payment.id, reason="spilled"))
    assert story.refunded() == 50, "refunded again days later"
    story.books_agree()


def d28_double_click() -> None:
    """openfoodfoundation/openfoodnetwork 2690: a double click is two checkouts."""
    story = Story()
    quote = story.shopper.quote(story.shop, [make_line(story.shop.menu)])
    key = str(uuid4())

    def place() -> tuple[int, str]:
        shopper = Shopper(Client())
        shopper.place(quote["id"], key=key)
        return shopper.last, shopper.order_id

    answers = at_once([place] * 2)
    assert {status for status, _ in answers} == {201}, "the second click was refused"
    assert len(set(answers)) == 1, "the second click made an order of its own"


def d29_message_before_the_row() -> None:
    """duncanmcclean/statamic-cargo 191: the message came before the row, was answered 200 and forgotten."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    payment = story.payment()
    Payment.objects.filter(id=payment.id)._raw_delete("default")  # as the message finds it when our commit is late
    story.work()
    payment.save(force_insert=True)
    story.work(also_later=True)
    assert story.status == "paid", "the message was forgotten"


def d30_the_worker_breaks_down() -> None:
    """PrestaShopCorp/ps_checkout 1546: the handler broke, the message was gone, the customer ordered again."""
    story = Story().ready_to_pay()
    story.pay()
    story.deliver()
    broken = iter([True])

    def breaks_once() -> None:
        if next(broken, False):
            raise ConnectionError("the power went")

    with before(ledger, "book_charge", breaks_once):
        try:
            run_jobs()
        except ConnectionError:
            pass
    story.work(also_later=True)
    assert story.status == "paid", "the message was gone after the break-down"


def d31_refund_told_before_its_charge() -> None:
    """stripe/stripe-cli 418: events come out of order."""
    story = Story().ready_to_pay()
    story.pay()
    sdk().v1.refunds.create({"payment_intent": story.intent_id, "amount": 50})
    for event in reversed(story.events()):
        assert post_event(story.client, event) == 200
        story.work()
    story.work(also_later=True)
    assert story.status == "paid", "the order is not paid"
    story.books_agree()


def d32_paid_when_it_was_over() -> None:
    """openedx-unsupported/ecommerce 1338: charged for what was closed, without the product."""
    story = Story().ready_to_pay()
    story.cancel()
    story.pay()
    story.deliver()
    story.work()
    assert story.refunded() == story.captured(), "the money for a closed order was kept"
    assert story.status == "cancelled", "the order came back to life"
    story.books_agree()


ALL = {name: story for name, story in sorted(globals().items()) if re.match(r"d\d\d_", name)}
