"""One guest's order as the scenarios tell it: over HTTP, with the sandbox as Stripe, and the worker by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any, TypeVar
from uuid import UUID

from django.test import Client

from codepop.core.models import InboxMessage, InboxState
from codepop.inventory.selectors import discrepancies
from codepop.kit.clock import frozen, now
from codepop.ordering import services as ordering
from codepop.ordering.models import Order, OrderTransition
from codepop.ordering.tests.factories import Shop, make_line, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import Account, LedgerEntry, LedgerTransaction, Payment
from tests.stripe_side import (
    GOOD_CARD,
    SECURE_CARD,
    answer_bank,
    confirm,
    events_of,
    post_event,
    run_jobs,
    sdk,
)

T = TypeVar("T")
MEET_SECONDS = 1.5


def meeting(parties: int = 2) -> Callable[[], None]:
    """Return a point at which threads wait for each other, and go on alone when the others can't come."""
    barrier = Barrier(parties)

    def meet() -> None:
        try:
            barrier.wait(MEET_SECONDS)
        except BrokenBarrierError:
            pass

    return meet


@contextmanager
def before(owner: Any, name: str, act: Callable[[], None]) -> Iterator[None]:
    """Run `act` before each call of `owner.name`: to place a thread at the point where a race is lost or won."""
    real = getattr(owner, name)

    def first(*args: Any, **kwargs: Any) -> Any:
        act()
        return real(*args, **kwargs)

    setattr(owner, name, first)
    try:
        yield
    finally:
        setattr(owner, name, real)


def must(says: str, act: Callable[[], T]) -> T:
    """Do what has to work: an error on the way is the defect `says`."""
    try:
        return act()
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{says}: {type(error).__name__}: {error}") from error


class Story:
    """An order and its payment; every look reads anew."""

    def __init__(self, *, shop: Shop | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.shop = shop or make_shop()
        self.shopper = Shopper(self.client)
        self.intent_id = ""

    # --- what people do -------------------------------------------------------------------------------------------

    def place(self, *, key: str | None = None, **more: object) -> dict[str, Any]:
        """Quote and order one drink."""
        quote = self.shopper.quote(self.shop, [make_line(self.shop.menu)])
        placed = self.shopper.place(quote["id"], key=key, **more)
        assert self.shopper.last == 201, f"placing was answered {self.shopper.last}"
        return placed

    def ready_to_pay(self, **more: object) -> "Story":
        """Order, and make the order payable."""
        self.place(**more)
        self.intent_id = self.ask_to_pay()
        return self

    def ask_to_pay(self) -> str:
        """Ask for what the card form needs, as each open tab does; returns the intent's id."""
        answer = self.shopper.pay()
        assert self.shopper.last == 200, f"getting ready to pay was answered {self.shopper.last}"
        return str(answer["client_secret"].split("_secret_")[0])

    def paid(self, **more: object) -> "Story":
        """Order and pay; the page has asked how it went."""
        self.ready_to_pay(**more)
        self.pay()
        self.refresh()
        return self

    def pay(self, card: str = GOOD_CARD) -> None:
        confirm(self.intent_id, card)

    def pay_by_redirect(self) -> None:
        """Pass the bank's page and never come back to ours."""
        answer_bank(confirm(self.intent_id, SECURE_CARD), "complete")

    def refresh(self) -> None:
        """Let the page ask how the payment went."""
        self.shopper.call("POST", f"/orders/{self.shopper.order_id}/payment/refresh", {})
        assert self.shopper.last == 200, f"the page that asks was answered {self.shopper.last}"

    def cancel(self) -> None:
        self.shopper.cancel()
        assert self.shopper.last == 200, f"cancelling was answered {self.shopper.last}"

    # --- what Stripe and the worker do ----------------------------------------------------------------------------

    def events(self) -> list[dict[str, Any]]:
        return events_of(self.intent_id)

    def deliver(self, *, times: int = 1) -> None:
        """Let every message of this payment arrive, each so many times."""
        for event in self.events():
            for _ in range(times):
                status = post_event(self.client, event)
                assert status == 200, f"{event['type']} was answered {status}"

    def work(self, *, also_later: bool = False) -> None:
        must("the worker failed", lambda: run_jobs(also_later=also_later))
        failed = InboxMessage.objects.filter(state=InboxState.NEW, next_try_at__isnull=False)
        assert not failed.exists(), "the worker failed at a message"

    def expire(self) -> None:
        """Let the time to pay run out."""
        with frozen(now() + timedelta(minutes=16)):
            ordering.expire_stale_orders()

    # --- what is looked at ----------------------------------------------------------------------------------------

    @property
    def order_id(self) -> UUID:
        return UUID(self.shopper.order_id)

    @property
    def status(self) -> str:
        return Order.objects.values_list("status", flat=True).get(id=self.order_id)

    @property
    def total(self) -> int:
        return Order.objects.values_list("total_cents", flat=True).get(id=self.order_id)

    def payment(self) -> Payment:
        return Payment.objects.get(reference=self.order_id)

    def history(self) -> list[str]:
        moves = OrderTransition.objects.filter(order_id=self.order_id).order_by("id")
        return list(moves.values_list("to_status", flat=True))

    def booked(self, kind: str) -> int:
        """Return how often something of this kind stands in the books."""
        return LedgerTransaction.objects.filter(payment__reference=self.order_id, kind=kind).count()

    def intents(self) -> list[str]:
        """Return all intents that Stripe has for this order."""
        listed = sdk().v1.payment_intents.list({"limit": 100}).auto_paging_iter()
        return [one.id for one in listed if one.metadata.to_dict().get("order") == str(self.order_id)]

    def captured(self) -> int:
        return sum(sdk().v1.payment_intents.retrieve(one).amount_received for one in self.intents())

    def refunded(self) -> int:
        listed = (sdk().v1.refunds.list({"payment_intent": one, "limit": 100}).data for one in self.intents())
        return sum(refund.amount for refunds in listed for refund in refunds if refund.status != "failed")

    def books_agree(self) -> None:
        """Compare our ledger with Stripe's own books."""
        entries = LedgerEntry.objects.filter(
            transaction__payment__reference=self.order_id, account=Account.STRIPE_RECEIVABLE
        )
        ours, theirs = sum(entries.values_list("amount_cents", flat=True)), self.captured() - self.refunded()
        assert ours == theirs, f"the books disagree: ours say {ours}, Stripe's {theirs}"
        assert discrepancies() == [], "the stock does not add up"
