"""What messages know of a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from codepop.core.personal import DataClass, Holder, Person, Place, Retention, of_user, table_rows
from codepop.notifications.kinds import RULES, Category
from codepop.notifications.models import OPEN, FlawedAddress, Message, State
from codepop.notifications.services.choices import forget_person

LOG_KEPT: Final = timedelta(days=365)
FLAWS_KEPT: Final = timedelta(days=365)
"""Mailboxes come back, and addresses get other owners."""
_NEEDED: Final = [kind for kind, rule in RULES.items() if rule.category == Category.TRANSACTION]


def _messages(person: Person) -> QuerySet[Message]:
    mine = Q(user_id=person.user_id) if person.user_id else Q(pk__in=[])
    addressed = Message.objects.only("id", "address").extra(where=["address <> ''"]).iterator(chunk_size=2000)
    mine |= Q(pk__in=[row.pk for row in addressed if row.address.lower() in person.emails])
    mine |= Q(order_id__in=person.order_ids)
    return Message.objects.filter(mine)


def _of_person(person: Person) -> Iterable[Any]:
    return list(_messages(person).order_by("pk"))


def _unfinished(person: Person) -> Sequence[str]:
    """Receipts, refund notes and the last mail itself go out first; after five days one is given up."""
    waiting = _messages(person).filter(state__in=OPEN, kind__in=_NEEDED).count()
    return [f"{waiting} mails are on their way"] if waiting else []


def _erase(person: Person) -> None:
    forget_person(user_id=person.user_id, messages=[row.pk for row in _messages(person)])
    FlawedAddress.objects.filter(email__in=person.emails).delete()


def _cut_log(before: datetime) -> int:
    closed = Message.objects.filter(created_at__lt=before).exclude(state__in=OPEN)
    return closed.delete()[0]


def _cut_flaws(before: datetime) -> int:
    return FlawedAddress.objects.filter(at__lt=before).delete()[0]


def _cut_dead_addresses(before: datetime) -> int:
    """A mail that was given up keeps its address only as long as an operator may try again."""
    dead = Message.objects.filter(state=State.DEAD, done_at__lt=before).extra(where=["address <> ''"])
    return dead.update(address="")


HOLDER = Holder(
    feature="notifications",
    places=[
        Place(
            "notifications.Message",
            "Messages we sent, without their content",
            DataClass.MESSAGE,
            ["kind", "channel", "state", "created_at", "done_at", "seen_at"],
            _of_person,
            links=["user", "address"],
        ),
        Place(
            "notifications.Choice",
            "What you want to hear about",
            DataClass.CONSENT,
            ["category", "channel", "allowed", "source", "at"],
            of_user("notifications.Choice", "user"),
            links=["user"],
        ),
        Place(
            "notifications.FlawedAddress",
            "Addresses that mail does not reach",
            DataClass.ADDRESS,
            ["email", "flaw", "at"],
            table_rows("notifications.FlawedAddress", lambda person: Q(email__in=person.emails)),
        ),
    ],
    unfinished=_unfinished,
    erase=_erase,
    retention=[
        Retention("log of messages", DataClass.MESSAGE, LOG_KEPT, _cut_log),
        Retention("addresses that mail does not reach", DataClass.ADDRESS, FLAWS_KEPT, _cut_flaws),
        Retention("addresses of mail that was given up", DataClass.ADDRESS, timedelta(days=30), _cut_dead_addresses),
    ],
)
