"""What payments know of a person: ids at the provider, disputes, and hashes of the guard against card testing."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from codepop.core.personal import DataClass, Holder, Person, Place, Retention, of_orders, of_user, table_rows
from codepop.payments.models import (
    OPEN_DISPUTES,
    Dispute,
    GuardAlert,
    GuardKind,
    GuardMark,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from codepop.payments.services.guard import ALERTS_KEPT, MARKS_KEPT, digest, forget_alerts, forget_marks, forget_source
from codepop.payments.services.saved import delete_payer, forget_payer


def _of_orders(person: Person) -> Q | None:
    return Q(payment__reference__in=person.order_ids) if person.order_ids else None


def _marks(person: Person) -> Iterable[Any]:
    return [*_of_person(GuardMark, person), *_of_person(GuardAlert, person)]


def _of_person(model: Any, person: Person) -> Iterable[Any]:
    if person.user_id is None:
        return []
    return list(model.objects.filter(kind=GuardKind.PERSON, key_hash=digest(GuardKind.PERSON, str(person.user_id))))


def _unfinished(person: Person) -> Sequence[str]:
    """Money on its way must arrive first: a refund needs its charge, a dispute its evidence."""
    theirs = _of_orders(person)
    if theirs is None:
        return []
    waits = []
    if Payment.objects.filter(reference__in=person.order_ids, status=PaymentStatus.PROCESSING).exists():
        waits.append("a payment is being made")
    if Refund.objects.filter(theirs, status__in=[RefundStatus.REQUESTED, RefundStatus.PENDING]).exists():
        waits.append("a refund is under way")
    if Dispute.objects.filter(theirs, state__in=OPEN_DISPUTES).exists():
        waits.append("a dispute is open")
    return waits


def _begin(person: Person) -> None:
    if person.user_id is not None:
        forget_payer(user_id=person.user_id)


def _outside(person: Person) -> bool:
    if person.user_id is not None:
        delete_payer(user_id=person.user_id)
    return True


def _erase(person: Person) -> None:
    """The books stay as they are: amounts, taxes and the provider's transaction ids tell nothing of a person (C19)."""
    if theirs := _of_orders(person):
        Dispute.objects.filter(theirs).update(evidence="")
        Payment.objects.filter(reference__in=person.order_ids).update(client_secret="")
        if person.user_id is not None:
            Refund.objects.filter(theirs, actor=f"user:{person.user_id}").update(actor="customer")
    for mark in _of_person(GuardMark, person):
        mark.delete()
    for alert in _of_person(GuardAlert, person):
        forget_source(alert)


HOLDER = Holder(
    feature="payments",
    places=[
        Place(
            "payments.Payer",
            "Saved cards, kept by the payment provider",
            DataClass.PAYMENT,
            ["customer_id", "default_method_id", "created_at"],
            of_user("payments.Payer", "user"),
            links=["user"],
        ),
        Place(
            "payments.Payment",
            "Payments",
            DataClass.PAYMENT,
            ["description", "amount_cents", "currency", "status", "succeeded_at", "intent_id", "failure_message"],
            of_orders("payments.Payment", "reference"),
            links=["client_secret", "reference"],
        ),
        Place(
            "payments.Refund",
            "Refunds",
            DataClass.PAYMENT,
            ["amount_cents", "status", "created_at", "settled_at"],
            table_rows("payments.Refund", _of_orders),
        ),
        Place(
            "payments.Dispute",
            "Disputes",
            DataClass.PAYMENT,
            ["reason", "amount_cents", "state", "opened_at", "evidence"],
            table_rows("payments.Dispute", _of_orders),
        ),
        Place("payments.GuardMark", "Guard against card testing", DataClass.TECHNICAL, ["kind"], _marks),
    ],
    unfinished=_unfinished,
    begin=_begin,
    outside=_outside,
    erase=_erase,
    retention=[
        Retention("marks of the guard against card testing", DataClass.TECHNICAL, MARKS_KEPT, forget_marks),
        Retention("alerts of the guard against card testing", DataClass.TECHNICAL, ALERTS_KEPT, forget_alerts),
    ],
)
