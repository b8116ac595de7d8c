"""Asking every feature about a person: `config/wiring.py` lists who is asked (PERSONAL)."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from codepop.core.personal import Holder, Person


@dataclass(frozen=True)
class Found:
    """A table in which a person is, and how often."""

    table: str
    title: str
    holds: str
    rows: int


@functools.cache
def holders() -> Sequence[Holder]:
    """Return what every feature says about people, in the order in which they are erased: accounts go last."""
    listed: Sequence[Holder] = import_string(settings.PERSONAL_WIRING)
    return tuple(listed)


def known(*, email: str = "", user_id: UUID | None = None, order_ids: frozenset[UUID] = frozenset()) -> Person:
    """Return all that the features know of whose this is: account, addresses, orders. Reads, changes nothing."""
    person = Person(frozenset({email.strip().lower()} if email else ()), user_id, order_ids)
    for holder in reversed(holders()):
        person = holder.know(person)
    return person


def find(person: Person) -> list[Found]:
    """List the tables in which the person is."""
    found = []
    for holder in holders():
        for place in holder.places:
            if rows := len(list(place.rows(person))):
                found.append(Found(place.table, place.title, place.holds.value, rows))
    return found


def unfinished(person: Person) -> list[str]:
    """Say in words what must end before the person can be erased."""
    return [reason for holder in holders() for reason in holder.unfinished(person)]
