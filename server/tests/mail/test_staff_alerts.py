"""What of money needs a person reaches one by mail: the staff of that store in a role that can act, and nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff
from codepop.aftersales import services as aftersales
from codepop.aftersales.limits import Staff
from codepop.aftersales.tests.factories import make_ask
from codepop.core.db import transaction
from codepop.core.events import publish
from codepop.kit.clock import frozen
from codepop.kit.ids import uuid7
from codepop.notifications import services
from codepop.notifications.models import Message
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.events import CardTestingSuspected
from codepop.payments.models import Dispute, Payment
from codepop.stores.tests.factories import make_store
from tests.mail_side import mailbox
from tests.stripe_side import confirm, deliver, run_jobs, sandbox

PAGE = "/staff/attention"


def _people(shop: Shop) -> dict[str, User]:
    """Somebody in each role: of this store, of another store, of its region, of the chain."""
    store, other = shop.store, make_store()
    return {
        "manager": make_staff(role=Role.MANAGER, scope_id=store.id),
        "logistics": make_staff(role=Role.LOGISTICS, scope_id=store.id),
        "repair": make_staff(role=Role.REPAIR, scope_id=store.id),
        "elsewhere": make_staff(role=Role.MANAGER, scope_id=other.id),
        "region": make_staff(role=Role.ADMIN, scope_kind=ScopeKind.REGION, scope_id=store.region_id),
        "foreign region": make_staff(role=Role.ADMIN, scope_kind=ScopeKind.REGION, scope_id=other.region_id),
        "chain": make_staff(role=Role.SUPER_ADMIN),
    }


def _told(people: dict[str, User], subject: str) -> set[str]:
    services.deliver_due()
    found = {}
    for name, person in people.items():
        mails = [mail for mail in mailbox(person.email) if mail["subject"].startswith(subject)]
        assert len(mails) <= 1, name
        found |= {name: mails[0]} if mails else {}
    for mail in found.values():
        assert PAGE in mail["text"]
        assert "guest@example.com" not in mail["text"]
    return set(found)


def _charged(shop: Shop, card: str) -> tuple[Order, Payment]:
    order = make_order(shop=shop).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "", card)
    return order, payments.refresh(payment_id=payment.id)


@pytest.mark.req("PAY-12", "D6")
def test_a_dispute_and_its_deadline_are_told_to_who_can_answer(client: Client) -> None:
    shop = make_shop()
    people = _people(shop)
    _, payment = _charged(shop, "pm_card_createDispute")
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    for _ in range(2):
        deliver(client, payment.intent_id or "")
        run_jobs()
        payments.look_at_disputes()
    assert _told(people, "A charge is disputed") == {"manager", "region", "chain"}
    dispute = Dispute.objects.get()
    assert dispute.due_at is not None
    with frozen(dispute.due_at - timedelta(hours=71)):
        payments.warn_of_deadlines()
        payments.warn_of_deadlines()
        assert _told(people, "A dispute is lost soon") == {"manager", "region", "chain"}


@pytest.mark.req("PAY-27")
def test_card_testing_is_told_to_the_stores_staff_once() -> None:
    shop = make_shop()
    people, alert_id = _people(shop), uuid7()
    for _ in range(2):
        with transaction():
            publish(CardTestingSuspected(alert_id=alert_id, kind="address", store_id=shop.store.id))
    assert _told(people, "Somebody tries card after card") == {"manager", "region", "chain"}


@pytest.mark.req("PAY-31")
@pytest.mark.parametrize(
    ("asker", "role", "told"), [("manager", Role.MANAGER, {"region", "chain"}), ("region", Role.ADMIN, {"chain"})]
)
def test_what_needs_a_second_person_is_told_to_who_may_decide_but_not_to_who_asked(
    asker: str, role: Role, told: set[str]
) -> None:
    shop = make_shop()
    people = _people(shop)
    order, _ = _charged(shop, "pm_card_visa")
    for status in (Status.QUEUED, Status.PREPARING):
        more = {"door_number": 1, "code_nonce": 1} if status == Status.PREPARING else {}
        Order.objects.filter(id=order.id).update(status=status.value, **more)
    ask = make_ask(order, amount_cents=100)
    with_no_limit_left = {"manager": (0, 0), "admin": (0, 0)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.REFUND_LIMITS", with_no_limit_left)
        aftersales.ask_refund(ask=ask, by=Staff(people[asker].id, role))
    assert _told(people, "Your yes is needed") == told


@pytest.mark.req("PAY-12", "DOM-44")
def test_no_row_about_staff_mail_holds_an_address() -> None:
    shop = make_shop()
    make_staff(role=Role.MANAGER, scope_id=shop.store.id)
    with transaction():
        publish(CardTestingSuspected(alert_id=uuid7(), kind="address", store_id=shop.store.id))
    assert set(Message.objects.values_list("address", flat=True)) == {""}
