"""What privacy itself keeps of a person, and how long the shop's books stay."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from codepop.core.personal import DataClass, Holder, Person, Place, Retention, of_user, table_rows
from codepop.privacy.models import OPEN_ERASURES, Erasure, ErasureState, Export
from codepop.privacy.services.retention import BOOKS_KEPT, cut_ledger, cut_orders

TOMBSTONES_KEPT: Final = timedelta(days=400)
"""Longer than any backup of the database is kept (docs/privacy.md)."""


def _asked(person: Person) -> Q | None:
    """An erasure that is done leads to nobody: it holds the ids of what is not there any more."""
    open_ones = Q(state__in=[*OPEN_ERASURES, ErasureState.WITHDRAWN])
    return open_ones & Q(person_id=person.user_id) if person.user_id else None


def _erase(person: Person) -> None:
    """Consents and files go with the account, by the foreign keys. Earlier changes of mind go here."""
    if person.user_id is not None:
        Erasure.objects.filter(person_id=person.user_id, state=ErasureState.WITHDRAWN).delete()


def _cut_exports(before: datetime) -> int:
    return Export.objects.filter(expires_at__lt=before).delete()[0]


def _cut_tombstones(before: datetime) -> int:
    old = Erasure.objects.filter(state=ErasureState.DONE, done_at__lt=before)
    return old.delete()[0]


HOLDER = Holder(
    feature="privacy",
    places=[
        Place(
            "privacy.Consent",
            "What you agreed to",
            DataClass.CONSENT,
            ["purpose", "version", "given", "source", "at"],
            of_user("privacy.Consent", "user"),
            links=["user"],
        ),
        Place(
            "privacy.Export",
            "Files of your data",
            DataClass.TECHNICAL,
            ["state", "asked_at", "expires_at"],
            of_user("privacy.Export", "user"),
            links=["user", "content"],
        ),
        Place(
            "privacy.Erasure",
            "Your wishes to be erased",
            DataClass.TECHNICAL,
            ["state", "asked_at", "due_at"],
            table_rows("privacy.Erasure", _asked),
            links=["email", "person_id"],
        ),
    ],
    erase=_erase,
    retention=[
        Retention("files of people's data", DataClass.TECHNICAL, timedelta(0), _cut_exports),
        Retention("tombstones of the erased", DataClass.TECHNICAL, TOMBSTONES_KEPT, _cut_tombstones),
        Retention("orders", DataClass.ORDER, BOOKS_KEPT, cut_orders),
        Retention("revenue", DataClass.REVENUE, BOOKS_KEPT, cut_ledger),
    ],
)
