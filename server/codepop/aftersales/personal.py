"""What making good knows of people: staff who asked and decided, and their words, which may name a customer."""

from collections.abc import Sequence

from django.db.models import Q

from codepop.aftersales.models import Amends, State
from codepop.core.personal import DataClass, Holder, Person, Place, of_user, table_rows


def _notes(person: Person) -> Q | None:
    return Q(order_id__in=person.order_ids) if person.order_ids else None


def _unfinished(person: Person) -> Sequence[str]:
    waiting = Amends.objects.filter(order_id__in=person.order_ids, state=State.WAITING).exists()
    return ["staff has not decided about money back"] if waiting else []


def _erase(person: Person) -> None:
    """Words about the customer go. Who of the staff decided goes with their account, by the foreign keys."""
    Amends.objects.filter(order_id__in=person.order_ids).update(note="")


HOLDER = Holder(
    feature="aftersales",
    places=[
        Place(
            "aftersales.Amends",
            "Money back and remakes for your orders",
            DataClass.ORDER,
            ["kind", "cause", "note", "amount_cents", "state", "created_at"],
            table_rows("aftersales.Amends", _notes),
        ),
        Place(
            "aftersales.Amends",
            "What you decided as staff",
            DataClass.STAFF,
            ["kind", "cause", "amount_cents", "state", "created_at"],
            of_user("aftersales.Amends", "asked_by", "decided_by"),
            links=["asked_by", "decided_by"],
        ),
        Place(
            "aftersales.Batch",
            "Refunds of many orders that you started as staff",
            DataClass.STAFF,
            ["cause", "total_cents", "state", "created_at"],
            of_user("aftersales.Batch", "asked_by", "started_by"),
            links=["asked_by", "started_by"],
        ),
    ],
    unfinished=_unfinished,
    erase=_erase,
)
